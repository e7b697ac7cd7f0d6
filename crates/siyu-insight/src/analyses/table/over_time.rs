//! Tables with a row per day, week or month.

use siyu_types::analysis::{
    Bucket, LifecycleResult, Measure, SequenceResult, SessionCounts, SessionResult, TrendLine, TrendQuery,
    TrendResult,
};

use super::said::{Said, is_money};
use super::{Cell, Column, ColumnKind, Table, share, words};

/// A column per line, as in the console's table, and a last row of what is counted over all
/// days; it is no sum where people are counted.
pub(super) fn trend(query: &TrendQuery, result: &TrendResult, said: &Said<'_>) -> Table {
    let compared = !result.earlier_buckets.is_empty();
    let mut columns = vec![Column::text(said.word(words::DATE))];
    for line in &result.lines {
        let column = trend_column(query, line, said);
        let earlier = line.earlier.as_ref().map(|_| {
            let title = format!("{} ({})", column.title, said.word(words::EARLIER));
            Column::new(title, column.kind)
        });
        columns.push(column);
        columns.extend(earlier);
    }
    if compared {
        columns.push(Column::text(said.word(words::EARLIER_DATE)));
    }
    columns.push(Column::text(said.word(words::COMPLETE)));
    let mut table = Table::new(columns);
    for (at, bucket) in result.buckets.iter().enumerate() {
        let mut row = vec![Cell::from(bucket.start.as_str())];
        for line in &result.lines {
            row.push(value_at(&line.values, at));
            row.extend(line.earlier.as_ref().map(|line| value_at(&line.values, at)));
        }
        if compared {
            row.push(result.earlier_buckets.get(at).map(|bucket| bucket.start.as_str()).into());
        }
        row.push(complete(bucket, said));
        table.rows.push(row);
    }
    let mut totals = vec![Cell::from(said.word(words::TOTAL))];
    for line in &result.lines {
        totals.push(Cell::from(line.total));
        totals.extend(line.earlier.as_ref().map(|earlier| Cell::from(earlier.total)));
    }
    totals.resize(table.columns.len(), Cell::Nothing);
    table.rows.push(totals);
    table
}

fn value_at(values: &[Option<f64>], at: usize) -> Cell {
    values.get(at).copied().flatten().into()
}

fn trend_column(query: &TrendQuery, line: &TrendLine, said: &Said<'_>) -> Column {
    let several = query.series.len() + query.formulas.len() > 1;
    let mark = if several { format!("{} ", letter(line.series)) } else { String::new() };
    let whole = line.group == siyu_types::analysis::Group::Whole;
    match query.series.get(line.series) {
        Some(series) => {
            let name = if whole { said.name(&series.event.event) } else { said.group(&line.group) };
            let money = money_of(&series.measure);
            let kind = if money { ColumnKind::Money } else { ColumnKind::Number };
            Column::new(format!("{mark}{name}"), kind)
        }
        None => {
            let formula = query.formulas.get(line.series - query.series.len()).map_or("", String::as_str);
            let group = if whole { String::new() } else { format!(" · {}", said.group(&line.group)) };
            Column::number(format!("{mark}{formula}{group}"))
        }
    }
}

/// A, B, C … as the formulas call them.
fn letter(index: usize) -> char {
    char::from(b'A' + (index % 26) as u8)
}

/// A number of different values is not in the unit of the values.
fn money_of(measure: &Measure) -> bool {
    match measure {
        Measure::Sum { property }
        | Measure::Avg { property }
        | Measure::Min { property }
        | Measure::Max { property }
        | Measure::Quantile { property, .. } => is_money(property),
        _ => false,
    }
}

fn complete(bucket: &Bucket, said: &Said<'_>) -> Cell {
    said.word(if bucket.complete { words::YES } else { words::NO }).into()
}

fn by_bucket(said: &Said<'_>, groups: usize, columns: impl IntoIterator<Item = Column>) -> Table {
    let group = (groups > 1).then(|| Column::text(said.word(words::GROUP)));
    let date = Column::text(said.word(words::DATE));
    let complete = Column::text(said.word(words::COMPLETE));
    Table::new(group.into_iter().chain([date]).chain(columns).chain([complete]).collect())
}

pub(super) fn lifecycle(result: &LifecycleResult, said: &Said<'_>) -> Table {
    let states = [words::NEW, words::RETURNING, words::RESURRECTING, words::DORMANT];
    let columns = states.map(|state| Column::number(said.word(state)));
    let mut table = by_bucket(said, result.groups.len(), columns);
    for group in &result.groups {
        let states = [&group.new, &group.returning, &group.resurrecting, &group.dormant];
        for (at, bucket) in result.buckets.iter().enumerate() {
            let name = (result.groups.len() > 1).then(|| said.group(&group.group).into());
            let counts = states.iter().map(|state| state.get(at).copied().into());
            let date = Cell::from(bucket.start.as_str());
            table.push(name.into_iter().chain([date]).chain(counts).chain([complete(bucket, said)]));
        }
    }
    table
}

pub(super) fn session(result: &SessionResult, said: &Said<'_>) -> Table {
    let columns = [
        Column::number(said.word(words::SESSIONS)),
        Column::number(said.word(words::PEOPLE)),
        Column::number(said.word(words::DEPTH)),
        Column::new(said.word(words::LENGTH), ColumnKind::Millis),
        Column::share(said.word(words::BOUNCE)),
    ];
    let mut table = by_bucket(said, result.groups.len(), columns);
    for group in &result.groups {
        let name = || (result.groups.len() > 1).then(|| Cell::from(said.group(&group.group)));
        for (bucket, counts) in result.buckets.iter().zip(&group.buckets) {
            let date = Cell::from(bucket.start.as_str());
            let row = name().into_iter().chain([date]).chain(of_sessions(counts));
            table.push(row.chain([complete(bucket, said)]));
        }
        let total = Cell::from(said.word(words::TOTAL));
        table.push(name().into_iter().chain([total]).chain(of_sessions(&group.total)).chain([Cell::Nothing]));
    }
    table
}

fn of_sessions(counts: &SessionCounts) -> [Cell; 5] {
    let each = |whole: f64| match counts.sessions {
        0 => Cell::Nothing,
        sessions => Cell::Number(whole / sessions as f64),
    };
    [
        counts.sessions.into(),
        counts.people.into(),
        each(counts.events as f64),
        each(counts.duration_millis as f64),
        share(counts.bounces, counts.sessions),
    ]
}

pub(super) fn sequence(result: &SequenceResult, said: &Said<'_>) -> Table {
    let titles = [words::PEOPLE, words::FIRST_TIME, words::TIMES];
    let columns = titles.map(|title| Column::number(said.word(title)));
    let mut table = by_bucket(said, result.groups.len(), columns);
    for group in &result.groups {
        for (bucket, counts) in result.buckets.iter().zip(&group.buckets) {
            let name = (result.groups.len() > 1).then(|| said.group(&group.group).into());
            let date = Cell::from(bucket.start.as_str());
            let numbers = [counts.people, counts.first, counts.matches].map(Cell::from);
            table.push(name.into_iter().chain([date]).chain(numbers).chain([complete(bucket, said)]));
        }
    }
    table
}
