//! RFM: how recently, how often and for how much somebody bought, as one of eight
//! classes. Who never bought has none.
//!
//! Money is net where that is well-defined: over `order_paid`, the amounts of
//! `order_refunded` within the same window are taken off, down to nothing. An order
//! that was refunded still happened, so recency and frequency count it. Other events
//! have no standard refund; their sums are as they are.

use std::collections::HashMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use siyu_analytics::Context;
use siyu_analytics::measures::{self, PersonSummary};
use siyu_types::analysis::{DateRange, EventMatch};
use siyu_types::calendar::{self, InstantRange};
use siyu_types::condition::PersonMeasure;
use siyu_types::record::names;
use siyu_types::{Error, Result};
use utoipa::ToSchema;

use crate::evaluation::{self, Needs};
use crate::people::TagColumn;
use crate::projects::Project;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RfmTag)]
pub struct Params {
    /// The event of one order.
    pub event: String,
    /// Its amount, in minor units.
    pub amount: String,
    #[schemars(with = "serde_json::Value")]
    pub window: DateRange,
    pub method: Method,
    /// Needed for the method `cut`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cuts: Option<Cuts>,
}

/// Where high begins.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RfmMethod)]
pub enum Method {
    /// Scores 1 to 5 by the share of buyers strictly below; equal values have equal
    /// scores. A score above the mean score of all buyers is high.
    Share,
    /// At the given cuts.
    Cut,
}

#[derive(Clone, Copy, PartialEq, Debug, Serialize, Deserialize, ToSchema, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RfmCuts)]
pub struct Cuts {
    /// Bought within so many days, today being 0.
    pub recency_days: f64,
    /// At least so many orders.
    pub frequency: f64,
    /// At least so much in all, in minor units.
    pub monetary: f64,
}

pub(super) const EXAMPLE: &str = r#"{"kind":"rfm","event":"order_paid","amount":"amount_minor",
    "window":{"kind":"last_days","days":365},"method":"cut",
    "cuts":{"recency_days":30,"frequency":3,"monetary":20000}}"#;

/// Classes by whether recency, frequency and money are high, `R·4 + F·2 + M`.
pub const CLASSES: [&str; 8] = [
    "general_retain",
    "important_retain",
    "general_keep",
    "important_keep",
    "general_develop",
    "important_develop",
    "general_value",
    "important_value",
];

/// One buyer, larger is better in each.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Buyer {
    person: u32,
    /// Whole local days since the last order, negated.
    recency: i64,
    frequency: i64,
    /// Minor units.
    monetary: i64,
}

impl Params {
    pub(super) fn check(&self, project: &Project, path: &str) -> Result<()> {
        let condition = siyu_types::condition::Condition::Event(siyu_types::condition::EventCondition {
            event: self.event.clone(),
            filters: Vec::new(),
            window: self.window.clone(),
            measure: PersonMeasure::Sum { property: self.amount.clone() },
            compare: siyu_types::condition::Compare::AtLeast,
            value: 0.0,
        });
        evaluation::check(project, &condition, path).map_err(|mut error| {
            error.field = error.field.map(|field| field.replace("measure.property", "amount"));
            error
        })?;
        calendar::resolve(&self.window, project.clock.now(), &project.zone())
            .map_err(|error| error.at(format!("{path}.window")))?;
        match (self.method, &self.cuts) {
            (Method::Share, _) => Ok(()),
            (Method::Cut, None) => Err(Error::invalid(format!("{path}.cuts"), "say where high begins")),
            (Method::Cut, Some(cuts)) => {
                let fits = [cuts.recency_days, cuts.frequency, cuts.monetary].iter().all(|c| *c >= 0.0);
                if fits {
                    Ok(())
                } else {
                    Err(Error::invalid(format!("{path}.cuts"), "must not be negative"))
                }
            }
        }
    }

    fn order(&self) -> (EventMatch, PersonMeasure) {
        let event = EventMatch { event: self.event.clone(), filters: Vec::new() };
        (event, PersonMeasure::Sum { property: self.amount.clone() })
    }

    /// What takes such an order back, if that is known.
    fn refund(&self) -> Option<EventMatch> {
        let event = names::ORDER_REFUNDED.to_owned();
        (self.event == names::ORDER_PAID).then_some(EventMatch { event, filters: Vec::new() })
    }

    fn refunded(&self, range: InstantRange, context: &Context<'_>) -> Result<HashMap<u32, f64>> {
        let Some(refund) = self.refund() else { return Ok(HashMap::new()) };
        let found = measures::summaries(&refund, Some(&self.amount), range, context)?;
        Ok(found.iter().map(|summary| (summary.person, summary.sum)).collect())
    }

    pub(super) fn needs(&self) -> Needs {
        let (event, measure) = self.order();
        let mut needs = Needs::default();
        let events = [Some(self.event.clone()), self.refund().map(|refund| refund.event)];
        needs.events(events.into_iter().flatten(), measures::columns_needed(&event, &measure));
        needs
    }

    pub(super) fn compute(&self, context: &Context<'_>) -> Result<TagColumn> {
        let range = calendar::resolve(&self.window, context.as_of, context.zone)?;
        let found = measures::summaries(&self.order().0, Some(&self.amount), range, context)?;
        let refunded = self.refunded(range, context)?;
        let back = |summary: &PersonSummary| refunded.get(&summary.person).copied().unwrap_or(0.0);
        let buyers: Vec<Buyer> = found.iter().map(|summary| buyer(summary, back(summary), context)).collect();
        let high = match (self.method, self.cuts) {
            (Method::Cut, Some(cuts)) => by_cuts(&buyers, cuts),
            (Method::Cut, None) => return Err(Error::invalid("definition.cuts", "say where high begins")),
            (Method::Share, _) => by_share(&buyers),
        };
        let mut tag = TagColumn::default();
        for (buyer, [recent, often, much]) in buyers.iter().zip(high) {
            let class = usize::from(recent) * 4 + usize::from(often) * 2 + usize::from(much);
            tag.put_text(buyer.person, CLASSES[class]);
        }
        Ok(tag)
    }
}

fn buyer(summary: &PersonSummary, refunded: f64, context: &Context<'_>) -> Buyer {
    let day = |at| calendar::local_date(at, context.zone);
    let since = day(summary.last).until(day(context.as_of)).map_or(0, |span| i64::from(span.get_days()));
    Buyer {
        person: summary.person,
        recency: -since,
        frequency: summary.count as i64,
        monetary: net(summary.sum, refunded),
    }
}

/// Never below nothing: a refund may be of an order before the window.
fn net(paid: f64, refunded: f64) -> i64 {
    (paid - refunded.max(0.0)).max(0.0).round() as i64
}

fn by_cuts(buyers: &[Buyer], cuts: Cuts) -> Vec<[bool; 3]> {
    let high = |buyer: &Buyer| {
        [
            -buyer.recency as f64 <= cuts.recency_days,
            buyer.frequency as f64 >= cuts.frequency,
            buyer.monetary as f64 >= cuts.monetary,
        ]
    };
    buyers.iter().map(high).collect()
}

fn by_share(buyers: &[Buyer]) -> Vec<[bool; 3]> {
    let columns: [Vec<bool>; 3] = [
        above_mean(&scores(buyers.iter().map(|b| b.recency).collect())),
        above_mean(&scores(buyers.iter().map(|b| b.frequency).collect())),
        above_mean(&scores(buyers.iter().map(|b| b.monetary).collect())),
    ];
    (0..buyers.len()).map(|index| [columns[0][index], columns[1][index], columns[2][index]]).collect()
}

/// `min(5, ⌊5 · share strictly below⌋ + 1)`, in integers.
pub(in crate::tags) fn scores(values: Vec<i64>) -> Vec<u8> {
    let mut sorted = values.clone();
    sorted.sort_unstable();
    let score = |value: i64| {
        let below = sorted.partition_point(|other| *other < value);
        ((5 * below / sorted.len()) + 1).min(5) as u8
    };
    values.into_iter().map(score).collect()
}

fn above_mean(scores: &[u8]) -> Vec<bool> {
    let sum: u64 = scores.iter().map(|score| u64::from(*score)).sum();
    scores.iter().map(|score| u64::from(*score) * scores.len() as u64 > sum).collect()
}
