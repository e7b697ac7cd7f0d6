//! What each person brought, in the order of time: events with their numbers, or orders.

use siyu_events::Block;
use siyu_types::analysis::{EventMatch, Gain};
use siyu_types::clock::Millis;
use siyu_types::record::names::ORDER_EVENTS;

use crate::Context;
use crate::amounts::amount;
use crate::masks::{EventTest, Numbers};
use crate::orders::{OrderReader, OrderTests};
use crate::roles::{Roles, RolesOn};
use crate::wanted::Wanted;

/// One event or order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Gained {
    pub(crate) time: Millis,
    /// Of the event; orders have none.
    pub(crate) row: Option<u32>,
    /// In parts of which [`Gain::unit`] are one.
    pub(crate) amount: i64,
    /// Worth counting. Of orders that were given back, and of refunds of unknown orders, there
    /// is only an amount.
    pub(crate) counts: bool,
}

/// Gains, prepared for one scan.
pub(crate) enum Gains<'q> {
    Events { roles: Roles<'q>, worth: Option<&'q str>, unit: i64, as_of: Millis },
    Orders(OrderTests<'q>),
}

impl<'q> Gains<'q> {
    pub(crate) fn new(gain: &'q Gain, context: &Context<'q>) -> Gains<'q> {
        match gain {
            Gain::Event { event, worth } => Gains::Events {
                roles: Roles::new(vec![EventTest::new(&event.event, &event.filters, context)]),
                worth: worth.as_deref(),
                unit: gain.unit(),
                as_of: context.as_of,
            },
            Gain::Orders { filters } => Gains::Orders(OrderTests::new(&[filters], context)),
        }
    }

    pub(crate) fn wanted(&self) -> &Wanted {
        match self {
            Gains::Events { roles, .. } => &roles.wanted,
            Gains::Orders(tests) => &tests.wanted,
        }
    }

    pub(crate) fn on<'a>(&'a self, block: &'a Block) -> GainsOn<'a> {
        match self {
            Gains::Events { roles, worth, unit, as_of } => GainsOn::Events {
                on: roles.on(block),
                times: &block.times,
                numbers: worth.map(|property| Numbers::new(block.columns.get(property))),
                unit: *unit,
                as_of: *as_of,
            },
            Gains::Orders(tests) => GainsOn::Orders(tests.on(block)),
        }
    }
}

/// The events that a gain is found by, for the day on which a range of all time starts.
pub(crate) fn events(gain: &Gain) -> Vec<EventMatch> {
    match gain {
        Gain::Event { event, .. } => vec![event.clone()],
        Gain::Orders { .. } => ORDER_EVENTS
            .iter()
            .map(|event| EventMatch { event: (*event).to_owned(), filters: Vec::new() })
            .collect(),
    }
}

/// Gains, prepared for one block.
pub(crate) enum GainsOn<'a> {
    Events { on: RolesOn<'a>, times: &'a [Millis], numbers: Option<Numbers<'a>>, unit: i64, as_of: Millis },
    Orders(OrderReader<'a>),
}

impl GainsOn<'_> {
    /// Fills `out` with what a person's rows brought, by time, of one time in the order they
    /// stand in. Rows of other events are passed over.
    pub(crate) fn read(&mut self, rows: &[u32], out: &mut Vec<Gained>) {
        out.clear();
        match self {
            GainsOn::Events { on, times, numbers, unit, as_of } => {
                for &row in rows {
                    let time = times[row as usize];
                    if time <= *as_of && on.of(row) != 0 {
                        let number = numbers.as_ref().map_or(f64::NAN, |numbers| numbers.at(row as usize));
                        out.push(Gained {
                            time,
                            row: Some(row),
                            amount: amount(number, *unit),
                            counts: true,
                        });
                    }
                }
            }
            GainsOn::Orders(orders) => {
                for order in orders.of(rows).iter().filter(|order| order.fits(0)) {
                    let (time, amount) = (order.sum.at, order.sum.net_minor());
                    out.push(Gained { time, row: None, amount, counts: order.sum.state.counts() });
                }
                out.sort_by_key(|gained| gained.time);
            }
        }
    }
}
