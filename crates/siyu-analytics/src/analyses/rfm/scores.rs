//! From numbers to scores.

use siyu_types::analysis::{RfmScale, RfmScore};

/// The score of each of many numbers.
pub(super) struct Scores {
    numbers: Vec<i64>,
    scores: Vec<u32>,
    pub(super) best: u32,
}

impl Scores {
    /// `fewer`: fewer are better. Cuts are given in ones, of which each has `unit` parts.
    pub(super) fn new(scale: &RfmScale, numbers: Vec<i64>, fewer: bool, unit: i64) -> Scores {
        // Turned around, more is better for all.
        let turn = |number: i64| if fewer { -number } else { number };
        let turned = || numbers.iter().map(|number| turn(*number)).collect::<Vec<i64>>();
        let scored = |score: &dyn Fn(i64) -> u32| numbers.iter().map(|number| score(*number)).collect();
        let scores = match scale {
            RfmScale::Quantile { parts } => {
                let parts = *parts as usize;
                // Of `count` numbers the part is how many are below, times the parts, by the count;
                // so it is reached by what is more than the number before that place.
                let count = numbers.len();
                let places = (1..parts).map(|part| (part * count).div_ceil(parts).saturating_sub(1));
                let edges = placed(&mut turned(), &places.collect::<Vec<_>>());
                scored(&|number| {
                    let number = turn(number);
                    edges.iter().fold(1, |score, edge| score + u32::from(*edge < number))
                })
            }
            RfmScale::Cuts { cuts } => scored(&|number| {
                let reaches = |cut: &&f64| match fewer {
                    true => number as f64 <= **cut,
                    false => number as f64 >= **cut * unit as f64,
                };
                cuts.iter().filter(reaches).count() as u32 + 1
            }),
            RfmScale::Mean => {
                let count = numbers.len() as i128;
                let sum: i128 = numbers.iter().map(|number| i128::from(turn(*number))).sum();
                scored(&|number| 1 + u32::from(i128::from(turn(number)) * count > sum))
            }
            RfmScale::Median => {
                let last = numbers.len().saturating_sub(1);
                let middle = placed(&mut turned(), &[last / 2, numbers.len() / 2]);
                let twice: i128 = middle.iter().map(|number| i128::from(*number)).sum();
                scored(&|number| 1 + u32::from(2 * i128::from(turn(number)) > twice))
            }
        };
        Scores { scores, best: scale.best(), numbers }
    }

    pub(super) fn of(&self, at: usize) -> u32 {
        self.scores[at]
    }

    /// Every score of the scale, from 1.
    pub(super) fn described(&self) -> Vec<RfmScore> {
        let empty = |score: u32| RfmScore { score, people: 0, least: None, most: None };
        let mut all: Vec<RfmScore> = (1..=self.best).map(empty).collect();
        for (&score, &number) in self.scores.iter().zip(&self.numbers) {
            let own = &mut all[score as usize - 1];
            own.people += 1;
            own.least = Some(own.least.map_or(number, |least| least.min(number)));
            own.most = own.most.max(Some(number));
        }
        all
    }
}

/// What would stand at ascending places if the numbers were sorted, which takes much longer.
fn placed(numbers: &mut [i64], places: &[usize]) -> Vec<i64> {
    let (mut rest, mut gone) = (numbers, 0);
    let mut found: Vec<i64> = Vec::with_capacity(places.len());
    for &place in places {
        // The place before, again.
        if place < gone {
            found.extend(found.last().copied());
            continue;
        }
        if place - gone >= rest.len() {
            break;
        }
        let (_, number, after) = rest.select_nth_unstable(place - gone);
        found.push(*number);
        (rest, gone) = (after, place + 1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_scored() {
        let quintiles = || RfmScale::Quantile { parts: 5 };
        let cuts = |cuts: &[f64]| RfmScale::Cuts { cuts: cuts.to_vec() };
        type Case<'a> = (RfmScale, &'a [i64], bool, i64, &'a [u32]);
        let cases: [Case<'_>; 12] = [
            (quintiles(), &[], false, 1, &[]),
            (RfmScale::Median, &[4], false, 1, &[1]),
            // Half of them are equal: one score, and the others keep their share.
            (quintiles(), &[1, 1, 1, 1, 1, 2, 3, 4, 5, 6], false, 1, &[1, 1, 1, 1, 1, 3, 4, 4, 5, 5]),
            (quintiles(), &[1, 2, 3, 4, 5], false, 1, &[1, 2, 3, 4, 5]),
            (quintiles(), &[1, 2, 3, 4, 5], true, 1, &[5, 4, 3, 2, 1]),
            (quintiles(), &[7], false, 1, &[1]),
            (cuts(&[30.0, 60.0, 90.0]), &[0, 30, 31, 90, 91], true, 1, &[4, 4, 3, 2, 1]),
            (cuts(&[2.0, 5.0]), &[1, 2, 5, 9], false, 1, &[1, 2, 3, 3]),
            (cuts(&[1.5]), &[14_999, 15_000], false, 10_000, &[1, 2]),
            (RfmScale::Mean, &[1, 2, 3, 10], false, 1, &[1, 1, 1, 2]),
            (RfmScale::Mean, &[1, 2, 3], true, 1, &[2, 1, 1]),
            (RfmScale::Median, &[1, 2, 3, 10], false, 1, &[1, 1, 2, 2]),
        ];
        for (scale, numbers, fewer, unit, expected) in cases {
            let scores = Scores::new(&scale, numbers.to_vec(), fewer, unit);
            assert_eq!(scores.scores, expected, "{scale:?} of {numbers:?}");
            let described = scores.described();
            assert_eq!(described.len() as u32, scale.best());
            assert_eq!(described.iter().map(|score| score.people).sum::<u64>(), numbers.len() as u64);
        }
    }
}
