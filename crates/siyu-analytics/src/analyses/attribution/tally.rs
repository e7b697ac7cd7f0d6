//! From everybody's journeys to the rows that are shown.

use siyu_types::analysis::{
    AttributionCredit, AttributionKey, AttributionModel, AttributionRow, CREDIT_UNIT,
};

use super::credit::{CONVERSION, FINE, FULL, Step, share, sole, weigh};
use super::journeys::{Journeys, Names, Person};
use super::markov::Chain;
use crate::amounts::{fitting, whole_parts};
use crate::outcomes::Tally;

// Slots are bits of one word.
const _: () = assert!(siyu_types::analysis::TOUCHES_MAX + siyu_types::analysis::GROUPS_MAX + 2 <= 64);

#[derive(Clone, Copy, Default)]
struct Counts {
    touches: u64,
    direct: u64,
    people: u64,
    conversions: u64,
}

/// Fine parts.
#[derive(Clone, Copy, Default)]
struct Credit {
    conversions: i128,
    value: i128,
}

/// What all journeys come to.
#[derive(Clone)]
pub(super) struct Credits {
    models: Vec<AttributionModel>,
    slots: Vec<Counts>,
    /// Per model and slot.
    credits: Vec<Vec<Credit>>,
    chain: Option<Chain>,
    pub(super) conversions: u64,
    pub(super) people: u64,
    pub(super) value: i128,
    pub(super) unconverted: u64,
    /// Without a touch.
    bare: Counts,
    bare_value: i128,
    weights: Vec<u64>,
}

fn bits(path: &[Step]) -> u64 {
    path.iter().fold(0, |bits, step| bits | 1 << step.slot)
}

impl Credits {
    pub(super) fn new(models: &[AttributionModel], slots: usize) -> Credits {
        let markov = models.contains(&AttributionModel::Markov);
        Credits {
            models: models.to_vec(),
            slots: vec![Counts::default(); slots],
            credits: vec![vec![Credit::default(); slots]; models.len()],
            chain: markov.then(|| Chain::new(slots)),
            conversions: 0,
            people: 0,
            value: 0,
            unconverted: 0,
            bare: Counts::default(),
            bare_value: 0,
            weights: Vec::new(),
        }
    }

    fn each(&mut self, bits: u64, add: impl Fn(&mut Counts)) {
        let mut rest = bits;
        while rest != 0 {
            add(&mut self.slots[rest.trailing_zeros() as usize]);
            rest &= rest - 1;
        }
    }

    fn credit(&mut self, path: &[Step], value: i64) {
        let value = i128::from(value) * FINE;
        for (model, credits) in self.models.iter().zip(&mut self.credits) {
            if *model == AttributionModel::Markov {
                continue;
            }
            if let Some(sole) = sole(*model, path) {
                let own = &mut credits[path[sole].slot as usize];
                own.conversions += CONVERSION;
                own.value += value;
                continue;
            }
            weigh(*model, path, &mut self.weights);
            share(CONVERSION, &self.weights, |at, part| credits[path[at].slot as usize].conversions += part);
            share(value, &self.weights, |at, part| credits[path[at].slot as usize].value += part);
        }
        if let Some(chain) = &mut self.chain {
            chain.add(path.iter().map(|step| step.slot), true);
        }
    }

    /// Shares what was converted after touches by what would be lost without each.
    fn share_by_removal(&mut self, effects: &[f64]) {
        let sum: f64 = effects.iter().sum();
        let weights: Vec<u64> = effects.iter().map(|effect| (effect / sum * FULL).round() as u64).collect();
        let conversions = i128::from(self.conversions - self.bare.conversions) * CONVERSION;
        let value = (self.value - self.bare_value) * FINE;
        for (_, credits) in
            self.models.iter().zip(&mut self.credits).filter(|(model, _)| **model == AttributionModel::Markov)
        {
            share(conversions, &weights, |slot, part| credits[slot].conversions += part);
            share(value, &weights, |slot, part| credits[slot].value += part);
        }
    }

    pub(super) fn into_rows(mut self, names: &Names) -> Vec<AttributionRow> {
        let effects = self.chain.as_ref().map(Chain::removal_effects);
        if let Some(effects) = &effects {
            self.share_by_removal(effects);
        }
        let mut shown: Vec<usize> =
            (0..self.slots.len()).filter(|slot| self.slots[*slot].touches > 0).collect();
        shown.sort_by_cached_key(|&slot| {
            let key = names.key(slot);
            let last = key >= AttributionKey::Missing;
            (last, if last { 0 } else { u64::MAX - self.slots[slot].touches }, key)
        });
        let whole = |of: fn(&Credit) -> i128| -> Vec<Vec<i64>> {
            let fine = |credits: &Vec<Credit>| {
                let fine: Vec<i128> = shown.iter().map(|slot| of(&credits[*slot])).collect();
                whole_parts(&fine, FINE)
            };
            self.credits.iter().map(fine).collect()
        };
        let (conversions, values) = (whole(|credit| credit.conversions), whole(|credit| credit.value));
        let row = |(at, &slot): (usize, &usize)| {
            let counts = self.slots[slot];
            let credit = |model: usize| AttributionCredit {
                conversions: conversions[model][at],
                value: values[model][at],
            };
            AttributionRow {
                key: names.key(slot),
                direct: counts.direct == counts.touches,
                touches: counts.touches,
                people: counts.people,
                conversions: counts.conversions,
                credits: (0..self.models.len()).map(credit).collect(),
                removal_effect: effects.as_ref().map(|effects| effects[slot]),
            }
        };
        let mut rows: Vec<AttributionRow> = shown.iter().enumerate().map(row).collect();
        if self.bare.conversions > 0 {
            rows.push(self.bare_row(effects.is_some()));
        }
        rows
    }

    fn bare_row(&self, effect: bool) -> AttributionRow {
        let conversions = fitting(i128::from(self.bare.conversions) * i128::from(CREDIT_UNIT));
        let credit = AttributionCredit { conversions, value: fitting(self.bare_value) };
        AttributionRow {
            key: AttributionKey::None,
            direct: false,
            touches: 0,
            people: self.bare.people,
            conversions: self.bare.conversions,
            credits: vec![credit; self.models.len()],
            removal_effect: effect.then_some(0.0),
        }
    }
}

fn join(own: &mut Counts, more: &Counts) {
    own.touches += more.touches;
    own.direct += more.direct;
    own.people += more.people;
    own.conversions += more.conversions;
}

impl Tally<Journeys<'_>> for Credits {
    fn add(&mut self, _: u32, person: &&Person) {
        let mut touched = 0;
        for touch in person.touches.iter().filter(|touch| touch.counted) {
            touched |= 1 << touch.slot;
            let counts = &mut self.slots[touch.slot as usize];
            counts.touches += 1;
            counts.direct += u64::from(touch.direct);
        }
        self.each(touched, |counts| counts.people += 1);
        let mut bare = 0;
        for one in &person.conversions {
            let path = &person.path[one.path.clone()];
            self.conversions += 1;
            self.value += i128::from(one.value);
            if path.is_empty() {
                bare += 1;
                self.bare_value += i128::from(one.value);
                continue;
            }
            self.each(bits(path), |counts| counts.conversions += 1);
            self.credit(path, one.value);
        }
        self.people += u64::from(!person.conversions.is_empty());
        self.bare.conversions += bare;
        self.bare.people += u64::from(bare > 0);
        self.unconverted += person.unconverted.len() as u64;
        if let Some(chain) = &mut self.chain {
            for journey in &person.unconverted {
                chain.add(person.path[journey.clone()].iter().map(|step| step.slot), false);
            }
        }
    }

    fn merge(&mut self, other: Credits) {
        self.slots.iter_mut().zip(&other.slots).for_each(|(own, more)| join(own, more));
        for (own, more) in self.credits.iter_mut().flatten().zip(other.credits.iter().flatten()) {
            own.conversions += more.conversions;
            own.value += more.value;
        }
        if let (Some(own), Some(more)) = (&mut self.chain, &other.chain) {
            own.merge(more);
        }
        self.conversions += other.conversions;
        self.people += other.people;
        self.value += other.value;
        self.unconverted += other.unconverted;
        join(&mut self.bare, &other.bare);
        self.bare_value += other.bare_value;
    }
}
