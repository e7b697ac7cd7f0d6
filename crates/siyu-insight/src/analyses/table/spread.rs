//! Tables with a row per bin: how many people have how much of something.

use siyu_types::analysis::{
    Bin, DistributionQuery, DistributionResult, Interval, IntervalResult, StickinessQuery, StickinessResult,
};

use siyu_types::condition::PersonMeasure;

use super::said::{Said, is_money};
use super::words::Word;
use super::{Cell, Column, Table, share, words};

fn bins(said: &Said<'_>, several: bool, first: Word, counted: Word) -> Table {
    let group = several.then(|| Column::text(said.word(words::GROUP)));
    let columns = [
        Column::text(said.word(first)),
        Column::number(said.word(counted)),
        Column::share(said.word(words::SHARE)),
    ];
    Table::new(group.into_iter().chain(columns).collect())
}

pub(super) fn distribution(query: &DistributionQuery, result: &DistributionResult, said: &Said<'_>) -> Table {
    let several = result.groups.len() > 1;
    let mut table = bins(said, several, words::RANGE, words::PEOPLE);
    for group in &result.groups {
        for (bin, people) in result.bins.iter().zip(&group.people) {
            let name = several.then(|| said.group(&group.group).into());
            let bin = Cell::from(bin_name(&query.measure, bin, said));
            table.push(name.into_iter().chain([bin, (*people).into(), share(*people, group.total)]));
        }
    }
    table
}

/// Of whole numbers, a bin of one number is called by it.
fn bin_name(measure: &PersonMeasure, bin: &Bin, said: &Said<'_>) -> String {
    let money = match measure {
        PersonMeasure::Sum { property }
        | PersonMeasure::Avg { property }
        | PersonMeasure::Min { property }
        | PersonMeasure::Max { property } => is_money(property),
        _ => false,
    };
    let whole =
        matches!(measure, PersonMeasure::Count | PersonMeasure::Days | PersonMeasure::Distinct { .. });
    let text = |number: f64| if money { said.amount(number) } else { number.to_string() };
    match (bin.from, bin.to) {
        (Some(from), Some(to)) if whole && to == from + 1.0 => text(from),
        (from, to) => said.between(from.map(text), to.map(text)),
    }
}

pub(super) fn stickiness(query: &StickinessQuery, result: &StickinessResult, said: &Said<'_>) -> Table {
    let several = result.groups.len() > 1;
    let mut table = bins(said, several, words::ACTIVE, words::PEOPLE);
    for group in &result.groups {
        for (people, intervals) in group.people.iter().zip(1u32..) {
            let name = several.then(|| said.group(&group.group).into());
            let title = Cell::from(active(query, intervals, said));
            table.push(name.into_iter().chain([title, (*people).into(), share(*people, group.total)]));
        }
    }
    table
}

fn active(query: &StickinessQuery, intervals: u32, said: &Said<'_>) -> String {
    let unit = match query.interval {
        Interval::Day => words::INTERVALS[0],
        Interval::Week | Interval::SundayWeek => words::INTERVALS[1],
        Interval::Month => words::INTERVALS[2],
    };
    format!("{intervals} {}", said.word(unit))
}

pub(super) fn interval(result: &IntervalResult, said: &Said<'_>) -> Table {
    let several = result.groups.len() > 1;
    let mut table = bins(said, several, words::RANGE, words::TIMES);
    for group in &result.groups {
        for (at, count) in group.histogram.iter().enumerate() {
            let name = several.then(|| said.group(&group.group).into());
            let edge = |at: Option<usize>| at.and_then(|at| result.bins.get(at)).map(|at| said.duration(*at));
            let bin = Cell::from(said.between(edge(at.checked_sub(1)), edge(Some(at))));
            table.push(name.into_iter().chain([bin, (*count).into(), share(*count, group.total.count)]));
        }
    }
    table
}
