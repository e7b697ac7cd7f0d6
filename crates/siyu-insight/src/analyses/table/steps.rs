//! A funnel as a table: a row per step, group by group.

use siyu_types::analysis::{FunnelOrder, FunnelQuery, FunnelResult};

use super::said::Said;
use super::{Cell, Column, ColumnKind, Table, share, words};

pub(super) fn funnel(query: &FunnelQuery, result: &FunnelResult, said: &Said<'_>) -> Table {
    let several = result.groups.len() > 1;
    let group = several.then(|| Column::text(said.word(words::GROUP)));
    let columns = [
        Column::number(said.word(words::STEP)),
        Column::text(said.word(words::STEP_NAME)),
        Column::number(said.word(words::PEOPLE)),
        Column::share(said.word(words::SINCE_BEFORE)),
        Column::share(said.word(words::SINCE_FIRST)),
        Column::new(said.word(words::MEDIAN_TIME), ColumnKind::Millis),
    ];
    let mut table = Table::new(group.into_iter().chain(columns).collect());
    for group in &result.groups {
        let first = group.steps.first().map_or(0, |step| step.people);
        let mut before = None;
        for (index, step) in group.steps.iter().enumerate() {
            let name = several.then(|| said.group(&group.group).into());
            table.push(name.into_iter().chain([
                (index as u64 + 1).into(),
                step_name(query, index, said).into(),
                step.people.into(),
                before.map_or(Cell::Nothing, |before| share(step.people, before)),
                share(step.people, first),
                step.since_before.as_ref().map(|since| since.median).into(),
            ]));
            before = Some(step.people);
        }
    }
    table
}

fn step_name(query: &FunnelQuery, index: usize, said: &Said<'_>) -> String {
    if query.order == FunnelOrder::Any {
        return format!("{} {}", said.word(words::STEPS_DONE), index + 1);
    }
    let Some(step) = query.steps.get(index) else { return String::new() };
    let events = std::iter::once(&step.event).chain(&step.or);
    events.map(|event| said.name(&event.event)).collect::<Vec<_>>().join(" / ")
}
