//! RFM by looking at every person alone and at all others, for tests.

use std::collections::{BTreeMap, BTreeSet};

use siyu_types::analysis::{RfmMonetary, RfmOften, RfmQuery, RfmScale};
use siyu_types::calendar::{day_start, local_date};

use crate::testing::{World, orders, plain};

#[derive(Clone, Copy, Debug)]
pub(super) struct Buyer {
    pub(super) days: i64,
    pub(super) count: i64,
    pub(super) often: i64,
    /// In ones.
    pub(super) value: f64,
    pub(super) scores: [u32; 3],
}

pub(super) fn buyers(query: &RfmQuery, world: &World) -> BTreeMap<u32, Buyer> {
    let people = plain::chosen(world, query.segment);
    let events = crate::gains::events(&query.gain);
    let days = events.iter().map(|event| plain::days(world, &query.range, &people, event));
    let (from, to) = days.reduce(|a, b| (a.0.min(b.0), a.1)).expect("a purchase");
    let start = day_start(from, &world.zone);
    let end = day_start(to.tomorrow().expect("in the calendar"), &world.zone);
    let unit = query.gain.unit() as f64;
    let mut buyers = BTreeMap::new();
    for person in people {
        let mut bought = orders::gained(world, &query.gain, person);
        bought.retain(|(time, _, amount, counts)| {
            *counts && (amount * unit).round() > 0.0 && start <= *time && *time < end
        });
        let Some(last) = bought.iter().map(|(time, ..)| *time).max() else { continue };
        let days = (end.min(world.as_of) - last).max(0) / 86_400_000;
        let value = bought.iter().map(|(_, _, amount, _)| amount).sum();
        let dates: BTreeSet<_> = bought.iter().map(|(time, ..)| local_date(*time, &world.zone)).collect();
        let count = bought.len() as i64;
        let often = match query.often {
            RfmOften::Purchases => count,
            RfmOften::Days => dates.len() as i64,
        };
        buyers.insert(person, Buyer { days, count, often, value, scores: [0; 3] });
    }
    let all: Vec<Buyer> = buyers.values().copied().collect();
    let money = |buyer: &Buyer| match query.money {
        RfmMonetary::Total => buyer.value,
        RfmMonetary::Average => (buyer.value * unit / buyer.count as f64 + 0.5).floor() / unit,
    };
    for buyer in buyers.values_mut() {
        let numbers = |of: &dyn Fn(&Buyer) -> f64| all.iter().map(of).collect::<Vec<f64>>();
        buyer.scores = [
            score(&query.recency, -(buyer.days as f64), &numbers(&|buyer| -(buyer.days as f64)), true),
            score(&query.frequency, buyer.often as f64, &numbers(&|buyer| buyer.often as f64), false),
            score(&query.monetary, money(buyer), &numbers(&money), false),
        ];
    }
    buyers
}

/// More is better; days are turned around.
fn score(scale: &RfmScale, number: f64, all: &[f64], turned: bool) -> u32 {
    let count = all.len() as f64;
    match scale {
        RfmScale::Quantile { parts } => {
            let below = all.iter().filter(|other| **other < number).count();
            (below * *parts as usize / all.len()) as u32 + 1
        }
        RfmScale::Cuts { cuts } => {
            let reached = cuts.iter().filter(|cut| if turned { -number <= **cut } else { number >= **cut });
            reached.count() as u32 + 1
        }
        // Small whole multiples of a ten-thousandth: exact enough to compare.
        RfmScale::Mean => 1 + u32::from(number - all.iter().sum::<f64>() / count > 1e-9),
        RfmScale::Median => {
            let mut sorted = all.to_vec();
            sorted.sort_by(f64::total_cmp);
            let middle = (sorted[(sorted.len() - 1) / 2] + sorted[sorted.len() / 2]) / 2.0;
            1 + u32::from(number - middle > 1e-9)
        }
    }
}
