//! Orders of all people, found in their events.

use siyu_analytics::orders::{self, OrderPlace, OrderQuery, OrderTotals, PlacedOrder};
use siyu_types::analysis::DateRange;
use siyu_types::calendar::{InstantRange, parse_date, resolve};
use siyu_types::clock::Millis;
use siyu_types::condition::{PropertyFilter, Test};
use siyu_types::{Error, OrderState, PersonNo, Result, Value};

use super::model::Order;
use crate::evaluation::{Needs, ask};
use crate::projects::Project;

/// People whose orders have one number, of which one is looked for.
const NAMESAKES_MAX: usize = 20;

/// Which orders are meant; whatever is absent does not matter.
#[derive(Clone, Default, Debug)]
pub(super) struct Wanted {
    pub range: Option<DateRange>,
    pub states: Vec<OrderState>,
    pub filters: Vec<PropertyFilter>,
}

impl Wanted {
    pub fn is(&mut self, property: &str, value: Option<String>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            let test = Test::Is { values: vec![Value::Text(value)] };
            self.filters.push(PropertyFilter::of(property, test));
        }
    }
}

/// A range of local days, of which either end may be open.
pub(super) fn range(from: Option<String>, to: Option<String>) -> Result<Option<DateRange>> {
    if from.is_none() && to.is_none() {
        return Ok(None);
    }
    let from = from.unwrap_or_else(|| "1970-01-01".to_owned());
    let to = to.unwrap_or_else(|| "9998-12-31".to_owned());
    for (field, day) in [("from", &from), ("to", &to)] {
        parse_date(day).map_err(|error| error.at(field))?;
    }
    Ok(Some(DateRange::Between { from, to }))
}

fn needs(filters: &[PropertyFilter]) -> Needs {
    let mut needs = Needs::default();
    needs.events(orders::events_needed(), orders::columns_needed(filters));
    needs
}

fn instants(wanted: &Wanted, now: Millis, zone: &jiff::tz::TimeZone) -> Result<InstantRange> {
    resolve(wanted.range.as_ref().unwrap_or(&DateRange::All), now, zone)
}

/// At most `limit` orders after a place, newest first, and how many there are of all.
pub(super) fn page(
    project: &Project,
    wanted: &Wanted,
    after: Option<OrderPlace>,
    limit: usize,
    now: Millis,
) -> Result<(Vec<PlacedOrder>, u64)> {
    ask(project, needs(&wanted.filters), now, |context| {
        let range = instants(wanted, now, context.zone)?;
        let query = OrderQuery { filters: &wanted.filters, states: &wanted.states, range };
        let page = orders::page(&query, after, limit, context);
        Ok((page.orders, page.total))
    })
}

/// What all of them come to.
pub(super) fn totals(project: &Project, wanted: &Wanted, now: Millis) -> Result<OrderTotals> {
    ask(project, needs(&wanted.filters), now, |context| {
        let range = instants(wanted, now, context.zone)?;
        let query = OrderQuery { filters: &wanted.filters, states: &wanted.states, range };
        Ok(orders::totals(&query, context))
    })
}

/// Reads orders whole, each from its person's timeline. One that changed since it was
/// found, because its person was merged, is left out.
pub(super) fn read(project: &Project, found: &[PlacedOrder]) -> Result<Vec<(PersonNo, Order)>> {
    let mut read: Vec<Option<(PersonNo, Order)>> = found.iter().map(|_| None).collect();
    let mut by_person: Vec<usize> = (0..found.len()).collect();
    by_person.sort_by_key(|at| found[*at].place.person);
    for same in by_person.chunk_by(|a, b| found[*a].place.person == found[*b].place.person) {
        let person = PersonNo(found[same[0]].place.person);
        let numbers = project.people.read().numbers(person);
        let mut orders = super::of_timeline(&project.events.timeline(&numbers)?)?;
        for at in same {
            let wanted = &found[*at];
            let numbered = !wanted.order_id.is_empty();
            let fits =
                |order: &Order| order.order_id == wanted.order_id && (numbered || order.sum == wanted.sum);
            // Taken out, so that two unnumbered orders alike are not one order twice.
            if let Some(place) = orders.iter().position(fits) {
                read[*at] = Some((person, orders.remove(place)));
            }
        }
    }
    Ok(read.into_iter().flatten().collect())
}

/// The order with a number: of several people's the one that was paid, and of those the
/// newest.
pub(super) fn one(
    project: &Project,
    order_id: &str,
    person: Option<u32>,
    now: Millis,
) -> Result<(PersonNo, Order)> {
    let mut wanted = Wanted::default();
    wanted.is("order_id", Some(order_id.to_owned()));
    let (mut found, _) = page(project, &wanted, None, NAMESAKES_MAX, now)?;
    found.retain(|order| person.is_none_or(|person| order.place.person == person));
    found.sort_by_key(|order| (!order.sum.state.was_paid(), order.place));
    found.truncate(1);
    read(project, &found)?.into_iter().next().ok_or_else(|| Error::not_found("order", order_id))
}
