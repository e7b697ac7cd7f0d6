//! Paths, and to which touches conversions are owed.

use siyu_types::analysis::{
    AttributionKey, AttributionModel, AttributionQuery, AttributionResult, Gain, PathName, PathResult,
};

use super::said::{Amounts, Said};
use super::{Cell, Column, Table, words};

/// One conversion, in the parts in which credit is counted.
const CREDIT_UNIT: f64 = 10_000.0;

/// A row per way from one node to the next, and per node for the sessions that end there.
pub(super) fn path(result: &PathResult, said: &Said<'_>) -> Table {
    let name = |name: &PathName| match name {
        PathName::Event { event, value: Some(value) } => format!("{} {value}", said.name(event)),
        PathName::Event { event, value: None } => said.name(event),
        PathName::Other => said.word(words::OTHER).to_owned(),
    };
    let mut table = Table::new(vec![
        Column::number(said.word(words::STEP)),
        Column::text(said.word(words::FROM)),
        Column::text(said.word(words::TO)),
        Column::number(said.word(words::SESSIONS)),
    ]);
    for node in &result.nodes {
        let step = Cell::from(u64::from(node.step) + 1);
        for edge in result.edges.iter().filter(|edge| edge.step == node.step && edge.from == node.name) {
            table.push([step.clone(), name(&edge.from).into(), name(&edge.to).into(), edge.count.into()]);
        }
        if node.ends > 0 {
            let ends = said.word(words::ENDS);
            table.push([step, name(&node.name).into(), ends.into(), node.ends.into()]);
        }
    }
    table
}

pub(super) fn attribution(query: &AttributionQuery, result: &AttributionResult, said: &Said<'_>) -> Table {
    let (worth, valued) = match &query.target {
        Gain::Event { worth, .. } => (worth.as_deref(), worth.is_some()),
        Gain::Orders { .. } => (None, true),
    };
    let amounts = Amounts::of(worth, result.value_unit);
    let removal = result.rows.iter().any(|row| row.removal_effect.is_some());
    let models: Vec<_> = query.models.iter().map(|model| said.word(words::MODELS[place(model)])).collect();
    let mut columns = vec![
        Column::text(said.word(words::TOUCH)),
        Column::number(said.word(words::TOUCHES)),
        Column::number(said.word(words::PEOPLE)),
        Column::number(said.word(words::CONVERSIONS_AFTER)),
    ];
    let titled = |of: &str| models.iter().map(|model| format!("{model} · {of}")).collect::<Vec<_>>();
    columns.extend(titled(said.word(words::CONVERSIONS)).into_iter().map(Column::number));
    if valued {
        let titles = titled(said.word(words::VALUE)).into_iter();
        columns.extend(titles.map(|title| Column::new(title, amounts.kind)));
    }
    columns.extend(removal.then(|| Column::share(said.word(words::REMOVAL))));
    let mut table = Table::new(columns);
    for row in &result.rows {
        let mut cells = vec![
            key(query, &row.key, said).into(),
            row.touches.into(),
            row.people.into(),
            row.conversions.into(),
        ];
        cells.extend(row.credits.iter().map(|credit| Cell::Number(credit.conversions as f64 / CREDIT_UNIT)));
        if valued {
            cells.extend(row.credits.iter().map(|credit| amounts.cell(credit.value)));
        }
        cells.extend(removal.then(|| Cell::from(row.removal_effect)));
        table.rows.push(cells);
    }
    table
}

/// Into `words::MODELS`.
fn place(model: &AttributionModel) -> usize {
    match model {
        AttributionModel::First => 0,
        AttributionModel::Last => 1,
        AttributionModel::LastNonDirect => 2,
        AttributionModel::Linear => 3,
        AttributionModel::Position { .. } => 4,
        AttributionModel::TimeDecay { .. } => 5,
        AttributionModel::Markov => 6,
        AttributionModel::Shapley => 7,
    }
}

fn key(query: &AttributionQuery, key: &AttributionKey, said: &Said<'_>) -> String {
    match key {
        AttributionKey::Touch { touch } => {
            query.touches.get(*touch).map_or_else(String::new, |touch| said.name(&touch.event.event))
        }
        AttributionKey::Value { value } => said.value(value),
        AttributionKey::Missing => said.word(words::MISSING).to_owned(),
        AttributionKey::Other => said.word(words::OTHER).to_owned(),
        AttributionKey::None => said.word(words::NO_TOUCH).to_owned(),
    }
}
