//! Tables that are grids already: cross tables, classes, hours by days.

use siyu_types::analysis::{CrosstabKey, CrosstabResult, Gain, HeatmapResult, RfmQuery, RfmResult};

use super::said::{Amounts, Said};
use super::{Cell, Column, Table, share, words};

/// Totals count everybody once, so they are no sums.
pub(super) fn crosstab(result: &CrosstabResult, said: &Said<'_>) -> Table {
    let total = said.word(words::TOTAL);
    let titles = result.columns.iter().map(|column| Column::number(key(column, said)));
    let columns = std::iter::once(Column::text("")).chain(titles).chain([Column::number(total)]);
    let mut table = Table::new(columns.collect());
    for ((row, cells), sum) in result.rows.iter().zip(&result.cells).zip(&result.row_totals) {
        let cells = cells.iter().map(|cell| Cell::from(*cell));
        table.push(std::iter::once(key(row, said).into()).chain(cells).chain([(*sum).into()]));
    }
    let sums = result.column_totals.iter().map(|sum| Cell::from(*sum));
    table.push(std::iter::once(total.into()).chain(sums).chain([result.total.into()]));
    table
}

fn key(key: &CrosstabKey, said: &Said<'_>) -> String {
    match key {
        CrosstabKey::Value { value } => said.value(value),
        CrosstabKey::Bin { from, to } => {
            said.between(from.map(|number| number.to_string()), to.map(|number| number.to_string()))
        }
        CrosstabKey::Segment { segment } => said.segment(*segment),
        CrosstabKey::Missing => said.word(words::MISSING).to_owned(),
        CrosstabKey::Other => said.word(words::OTHER).to_owned(),
    }
}

pub(super) fn rfm(query: &RfmQuery, result: &RfmResult, said: &Said<'_>) -> Table {
    let worth = match &query.gain {
        Gain::Event { worth, .. } => worth.as_deref(),
        Gain::Orders { .. } => None,
    };
    let amounts = Amounts::of(worth, result.value_unit);
    let mut table = Table::new(vec![
        Column::text(said.word(words::CLASS)),
        Column::number(said.word(words::PEOPLE)),
        Column::share(said.word(words::SHARE)),
        Column::number(said.word(words::PURCHASES)),
        Column::new(said.word(words::VALUE), amounts.kind),
        Column::share(said.word(words::VALUE_SHARE)),
        Column::new(said.word(words::PER_PERSON), amounts.kind),
    ]);
    for ((_, name), class) in words::CLASSES.into_iter().zip(&result.classes) {
        let of_value = match result.total.value {
            0 => Cell::Nothing,
            value => Cell::Number(class.value as f64 / value as f64),
        };
        table.push([
            said.word(name).into(),
            class.people.into(),
            share(class.people, result.total.people),
            class.count.into(),
            amounts.cell(class.value),
            of_value,
            amounts.per(class.value, class.people),
        ]);
    }
    table
}

/// How often, by hour and day of the week.
pub(super) fn heatmap(result: &HeatmapResult, said: &Said<'_>) -> Table {
    let several = result.groups.len() > 1;
    let group = several.then(|| Column::text(said.word(words::GROUP)));
    let days = words::WEEKDAYS.map(|day| Column::number(said.word(day)));
    let hour = Column::text(said.word(words::HOUR));
    let total = Column::number(said.word(words::WHOLE));
    let columns = group.into_iter().chain([hour]).chain(days).chain([total]);
    let mut table = Table::new(columns.collect());
    for group in &result.groups {
        for (hour, sum) in group.hours.iter().enumerate() {
            let name = several.then(|| said.group(&group.group).into());
            let days = group.cells.iter().map(|day| day.get(hour).map(|counts| counts.count).into());
            let title = Cell::from(format!("{hour:02}:00"));
            table.push(name.into_iter().chain([title]).chain(days).chain([sum.count.into()]));
        }
    }
    table
}
