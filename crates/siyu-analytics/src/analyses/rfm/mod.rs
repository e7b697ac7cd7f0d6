//! RFM: people by how lately, how often and for how much they bought. Reference/05 §5.1.
//!
//! - Only people with a purchase in the range are scored; nobody else is "worst". A purchase that
//!   is worth nothing is none, and of an order counts what refunds left of it.
//! - Several purchases of one local day may count as one, for how often only.
//! - Recency is in whole days of 24 hours, back from the end of the range, or from now.
//! - Equal numbers have equal scores, so parts of a quantile may be of different sizes, or empty.
//!   "Better than the mean" is decided in whole numbers.

#[cfg(test)]
mod naive;
mod scores;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use roaring::RoaringBitmap;
use siyu_types::Result;
use siyu_types::analysis::{
    Interval, Question as _, RfmCell, RfmClass, RfmMonetary, RfmOften, RfmPeople, RfmQuery, RfmResult,
    RfmScored,
};
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;

use crate::Context;
use crate::amounts::fitting;
use crate::boundaries::Boundaries;
use crate::buckets::asked;
use crate::gains::{self, Gains};
use crate::pass::{People, over_parts, time_bounds};
use scores::Scores;

const DAY: Millis = 86_400_000;

/// Answers the query, over all living people or those `within`.
pub fn run(query: &RfmQuery, context: &Context<'_>, within: Option<&RoaringBitmap>) -> Result<RfmResult> {
    let kind = Rfm::new(query, context, within)?;
    // By scores, of which there are few; of millions of people a map would be asked as often.
    let best = kind.scores.each_ref().map(|scores| scores.best as usize);
    let mut sums = vec![Sum::default(); best.iter().product()];
    for (at, buyer) in kind.buyers.iter().enumerate() {
        let place =
            kind.scores_of(at).iter().zip(best).fold(0, |at, (own, best)| at * best + *own as usize - 1);
        sums[place].add(buyer);
    }
    let scores_at = |place: usize| {
        [place / best[2] / best[1], place / best[2] % best[1], place % best[2]].map(|own| own as u32 + 1)
    };
    let mut classes = BTreeMap::<RfmClass, Sum>::new();
    let mut total = Sum::default();
    let mut combined = Vec::new();
    for (place, sum) in sums.iter().enumerate().rev().filter(|(_, sum)| sum.people > 0) {
        let scores @ [recency, frequency, monetary] = scores_at(place);
        classes.entry(kind.class(scores)).or_default().merge(sum);
        total.merge(sum);
        combined.push(RfmScored { recency, frequency, monetary, people: sum.people() });
    }
    let [recency, frequency, monetary] = kind.scores.each_ref().map(Scores::described);
    Ok(RfmResult {
        classes: RfmClass::ALL
            .iter()
            .map(|class| classes.get(class).copied().unwrap_or_default().people())
            .collect(),
        scored: combined,
        recency,
        frequency,
        monetary,
        total: total.people(),
        value_unit: query.gain.unit(),
        counted_from: kind.counted_from,
        complete: context.as_of >= kind.end,
        as_of: context.as_of,
    })
}

/// The people behind one cell of the answer.
pub fn people(
    query: &RfmQuery,
    cell: &RfmCell,
    context: &Context<'_>,
    within: Option<&RoaringBitmap>,
) -> Result<RoaringBitmap> {
    let kind = Rfm::new(query, context, within)?;
    let wanted = [cell.recency, cell.frequency, cell.monetary];
    let belongs = |at: &usize| {
        let scores = kind.scores_of(*at);
        cell.class.is_none_or(|class| class == kind.class(scores))
            && wanted.iter().zip(scores).all(|(wanted, score)| wanted.is_none_or(|wanted| wanted == score))
    };
    Ok((0..kind.buyers.len()).filter(belongs).map(|at| kind.buyers[at].person).collect())
}

/// What one person bought.
#[derive(Clone, Copy, Debug)]
struct Buyer {
    person: u32,
    /// Since the last purchase.
    days: i64,
    /// Purchases.
    count: i64,
    /// What they are scored by for how often.
    often: i64,
    value: i64,
}

#[derive(Clone, Copy, Default)]
struct Sum {
    people: u64,
    count: u64,
    value: i128,
}

impl Sum {
    fn add(&mut self, buyer: &Buyer) {
        self.people += 1;
        self.count += buyer.count as u64;
        self.value += i128::from(buyer.value);
    }

    fn merge(&mut self, other: &Sum) {
        self.people += other.people;
        self.count += other.count;
        self.value += other.value;
    }

    fn people(self) -> RfmPeople {
        RfmPeople { people: self.people, count: self.count, value: fitting(self.value) }
    }
}

/// Everybody who bought, and how they are scored.
struct Rfm<'q> {
    query: &'q RfmQuery,
    buyers: Vec<Buyer>,
    scores: [Scores; 3],
    counted_from: Millis,
    /// Where the range ends, known or not.
    end: Millis,
}

impl<'q> Rfm<'q> {
    fn new(query: &'q RfmQuery, context: &Context<'q>, within: Option<&RoaringBitmap>) -> Result<Rfm<'q>> {
        query.validate()?;
        let chosen = People::of(&*context.chosen(query.segment, within)?);
        let events = gains::events(&query.gain);
        let asked = asked(&query.range, &events.iter().collect::<Vec<_>>(), context, &chosen)?;
        let counted_from = asked.to.min(context.as_of);
        let known = context.known(asked);
        let days = (query.often == RfmOften::Days).then(|| {
            // A range may be of centuries; days are needed where there are events.
            let (first, last) = time_bounds(context.scan).unwrap_or((known.from, known.from));
            let from = known.from.max(first);
            let seen = InstantRange { from, to: known.to.min(last.saturating_add(1)) };
            Boundaries::covering(seen, Interval::Day, context.zone, usize::MAX)
        });
        let gains = Gains::new(&query.gain, context);
        let buyers = buyers(&gains, known, counted_from, days.as_ref(), context, &chosen);
        let numbers = |of: fn(&Buyer) -> i64| buyers.iter().map(of).collect::<Vec<i64>>();
        let money = match query.money {
            RfmMonetary::Total => numbers(|buyer| buyer.value),
            RfmMonetary::Average => numbers(average),
        };
        // Fewer days are better; cuts of money are in ones, not in parts.
        let scores = [
            Scores::new(&query.recency, numbers(|buyer| buyer.days), true, 1),
            Scores::new(&query.frequency, numbers(|buyer| buyer.often), false, 1),
            Scores::new(&query.monetary, money, false, query.gain.unit()),
        ];
        Ok(Rfm { query, buyers, scores, counted_from, end: asked.to })
    }

    /// Of recency, frequency and money.
    fn scores_of(&self, at: usize) -> [u32; 3] {
        self.scores.each_ref().map(|scores| scores.of(at))
    }

    fn class(&self, [recency, frequency, monetary]: [u32; 3]) -> RfmClass {
        RfmClass::of(
            self.query.recency.is_high(recency),
            self.query.frequency.is_high(frequency),
            self.query.monetary.is_high(monetary),
        )
    }
}

/// Per purchase, half a part going up.
fn average(buyer: &Buyer) -> i64 {
    buyer.value.saturating_add(buyer.count / 2).div_euclid(buyer.count)
}

fn buyers(
    gains: &Gains<'_>,
    range: InstantRange,
    counted_from: Millis,
    days: Option<&Boundaries>,
    context: &Context<'_>,
    chosen: &People,
) -> Vec<Buyer> {
    let parts = over_parts(context.scan, |pieces| {
        let (mut found, mut gained) = (Vec::new(), Vec::new());
        for piece in pieces {
            let mut on = gains.on(piece.block);
            piece.each_person(gains.wanted(), chosen, |person, rows| {
                on.read(rows, &mut gained);
                let bought = gained.iter().filter(|gained| {
                    gained.counts && gained.amount > 0 && range.from <= gained.time && gained.time < range.to
                });
                let (mut count, mut value, mut last) = (0i64, 0i64, range.from);
                let (mut on_days, mut day) = (0, usize::MAX);
                for gained in bought {
                    count += 1;
                    // Times ascend, so a day that is not the last one is a new one.
                    let now = days.map_or(count as usize, |days| days.index(gained.time));
                    on_days += i64::from(std::mem::replace(&mut day, now) != now);
                    value = value.saturating_add(gained.amount);
                    last = gained.time;
                }
                if count > 0 {
                    let days = (counted_from - last).max(0) / DAY;
                    found.push(Buyer { person, days, count, often: on_days, value });
                }
            });
        }
        found
    });
    parts.into_iter().flatten().collect()
}
