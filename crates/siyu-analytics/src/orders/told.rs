//! What the events of orders say besides money: where an order was made, and its lines. The
//! rules are those of the page of a person: the last event that says something counts.

use rustc_hash::FxHashMap;
use siyu_events::block::{BOOL_MISSING, TEXT_MISSING};
use siyu_events::{Block, Column};
use siyu_types::Value;
use siyu_types::clock::Millis;
use siyu_types::record::names::ORDER_EVENTS;

use super::fold::OrderKind;
use crate::Context;

/// The properties of events that [`places`] and [`lines`] read.
pub const TOLD_PROPERTIES: [&str; 12] = [
    "order_id",
    "channel",
    "store_id",
    "staff_id",
    "line_id",
    "item_id",
    "item_type",
    "item_name",
    "name",
    "title",
    "quantity",
    "amount_minor",
];

/// Where an order was made; empty texts where nobody said.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct OrderMadeAt {
    pub channel: String,
    pub store_id: String,
    pub staff_id: String,
}

/// One line of an order.
#[derive(Clone, PartialEq, Debug)]
pub struct ToldLine {
    pub person: u32,
    pub at: Millis,
    /// Empty if the event did not say; so are the texts below.
    pub order_id: String,
    pub line_id: String,
    pub item_id: String,
    pub item_type: String,
    pub name: String,
    pub quantity: Option<f64>,
    pub amount_minor: Option<i64>,
}

/// Where the numbered orders of each person were made.
pub fn places(context: &Context<'_>) -> FxHashMap<(u32, String), OrderMadeAt> {
    let mut places: FxHashMap<(u32, String), OrderMadeAt> = FxHashMap::default();
    each_event(context, |person, kind, block, row| {
        let order_id = text(block, "order_id", row);
        if !kind.describes() || order_id.is_empty() {
            return;
        }
        let place = places.entry((person, order_id)).or_default();
        for (held, property) in [
            (&mut place.channel, "channel"),
            (&mut place.store_id, "store_id"),
            (&mut place.staff_id, "staff_id"),
        ] {
            let said = text(block, property, row);
            if !said.is_empty() {
                *held = said;
            }
        }
    });
    places
}

/// The lines of all orders, person by person, in the order in which they were told. Of lines
/// of an order with one number the last counts.
pub fn lines(context: &Context<'_>) -> Vec<ToldLine> {
    let mut lines: Vec<ToldLine> = Vec::new();
    let mut numbered: FxHashMap<(u32, String, String), usize> = FxHashMap::default();
    each_event(context, |person, kind, block, row| {
        if kind != OrderKind::Line {
            return;
        }
        let said = |property: &str| text(block, property, row);
        let named = ["item_name", "name", "title"].into_iter().map(said).find(|name| !name.is_empty());
        let line = ToldLine {
            person,
            at: block.times[row],
            order_id: said("order_id"),
            line_id: said("line_id"),
            item_id: said("item_id"),
            item_type: said("item_type"),
            name: named.unwrap_or_default(),
            quantity: value(block, "quantity", row).and_then(|value| value.as_number()),
            // `as` saturates; an amount beyond 90 quadrillion is not one.
            amount_minor: value(block, "amount_minor", row)
                .and_then(|value| value.as_number())
                .map(|amount| amount.round() as i64),
        };
        let known = (!line.line_id.is_empty() && !line.order_id.is_empty())
            .then(|| (person, line.order_id.clone(), line.line_id.clone()));
        match known.as_ref().and_then(|key| numbered.get(key)) {
            Some(place) => lines[*place] = line,
            None => {
                if let Some(key) = known {
                    numbered.insert(key, lines.len());
                }
                lines.push(line);
            }
        }
    });
    lines
}

/// The order events of living people that are known by the context's instant, each person's
/// in the order of time.
fn each_event(context: &Context<'_>, mut see: impl FnMut(u32, OrderKind, &Block, usize)) {
    let kinds: FxHashMap<u16, OrderKind> = ORDER_EVENTS
        .into_iter()
        .filter_map(|name| Some((context.scan.event_code(name)?, OrderKind::of(name)?)))
        .collect();
    for scanned in &context.scan.blocks {
        let block = &*scanned.block;
        for (person, rows) in scanned.runs().filter(|(person, _)| context.people.universe().contains(*person))
        {
            for row in rows.filter(|row| block.times[*row] <= context.as_of) {
                if let Some(kind) = kinds.get(&block.events[row]) {
                    see(person, *kind, block, row);
                }
            }
        }
    }
}

fn text(block: &Block, property: &str, row: usize) -> String {
    value(block, property, row).map(|value| value.display()).unwrap_or_default()
}

fn value(block: &Block, property: &str, row: usize) -> Option<Value> {
    Some(match block.columns.get(property)? {
        Column::Number(numbers) => Value::Number(Some(numbers[row]).filter(|number| !number.is_nan())?),
        Column::Bool(flags) => Value::Bool(Some(flags[row]).filter(|flag| *flag != BOOL_MISSING)? == 1),
        Column::Text { codes, dictionary, .. } => {
            let code = Some(codes[row]).filter(|code| *code != TEXT_MISSING)?;
            Value::Text(dictionary.get(code as usize)?.to_string())
        }
    })
}
