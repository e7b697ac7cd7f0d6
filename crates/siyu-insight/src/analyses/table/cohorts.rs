//! Tables with a row per cohort and a column per interval after its start.

use siyu_types::analysis::{
    Gain, Interval, RetentionCount, RetentionQuery, RetentionResult, RevenueQuery, RevenueResult,
};

use super::said::{Amounts, Said};
use super::{Cell, Column, Table, share, words};

/// First a row of means, which leave out what may still rise, then the cohorts. Cells that may
/// still rise say what they are by now.
pub(super) fn retention(query: &RetentionQuery, result: &RetentionResult, said: &Said<'_>) -> Table {
    let several = result.groups.len() > 1;
    let later: Vec<_> =
        result.columns.iter().map(|(first, last)| said.after(query.interval, *first, *last)).collect();
    let people = said.word(words::PEOPLE);
    let mut columns = head(said, several);
    columns.push(Column::share(said.word(words::SAME)));
    columns.extend(later.iter().map(|title| Column::share(title.as_str())));
    columns.push(Column::number(format!("{} · {people}", said.word(words::SAME))));
    columns.extend(later.iter().map(|title| Column::number(format!("{title} · {people}"))));
    let mut table = Table::new(columns);
    for group in &result.groups {
        let name = || several.then(|| Cell::from(said.group(&group.group)));
        let means = group.means.iter().map(|mean| Cell::from(mean.weighted));
        let mean = Cell::from(said.word(words::MEAN));
        let mut row: Vec<Cell> =
            name().into_iter().chain([mean, group.size.into(), Cell::Nothing]).chain(means).collect();
        row.resize(table.columns.len(), Cell::Nothing);
        table.rows.push(row);
        for cohort in &group.cohorts {
            let counts = || std::iter::once(&cohort.same).chain(&cohort.back);
            // Nobody can have come back to what has not begun.
            let begun = |count: &RetentionCount| count.complete || count.people > 0;
            let shares = counts().map(|count| match begun(count) {
                true => share(count.people, cohort.size),
                false => Cell::Nothing,
            });
            let numbers = counts().map(|count| begun(count).then_some(count.people).into());
            let start = Cell::from(cohort.bucket.start.as_str());
            let row = name().into_iter().chain([start, cohort.size.into()]).chain(shares);
            table.push(row.chain(numbers));
        }
    }
    table
}

fn head(said: &Said<'_>, several: bool) -> Vec<Column> {
    let group = several.then(|| Column::text(said.word(words::GROUP)));
    let own = [Column::text(said.word(words::COHORT)), Column::number(said.word(words::PEOPLE))];
    group.into_iter().chain(own).collect()
}

/// What cohorts have brought so far.
pub(super) fn revenue(query: &RevenueQuery, result: &RevenueResult, said: &Said<'_>) -> Table {
    let several = result.groups.len() > 1;
    let worth = match &query.gain {
        Gain::Event { worth, .. } => worth.as_deref(),
        Gain::Orders { .. } => None,
    };
    let amounts = Amounts::of(worth, result.value_unit);
    let mut columns = head(said, several);
    let periods = result.groups.first().map_or(0, |group| group.means.len());
    columns.extend((0..periods).map(|at| {
        let title = interval_title(said, query.interval, at);
        Column::new(format!("{title} · {}", said.word(words::SO_FAR)), amounts.kind)
    }));
    let mut table = Table::new(columns);
    for group in &result.groups {
        for cohort in &group.cohorts {
            let name = several.then(|| said.group(&group.group).into());
            let begun = cohort.columns.iter().map(|column| {
                let known = column.complete || column.value_so_far != 0;
                if known { amounts.cell(column.value_so_far) } else { Cell::Nothing }
            });
            let start = Cell::from(cohort.bucket.start.as_str());
            table.push(name.into_iter().chain([start, cohort.size.into()]).chain(begun));
        }
    }
    table
}

fn interval_title(said: &Said<'_>, interval: Interval, at: usize) -> String {
    match at {
        0 => said.word(words::SAME).to_owned(),
        at => said.after(interval, at as u32, at as u32),
    }
}
