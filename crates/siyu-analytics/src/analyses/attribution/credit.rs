//! How one conversion is shared by the touches before it.

use siyu_types::analysis::{AttributionModel, CREDIT_UNIT};
use siyu_types::clock::Millis;

/// Fine parts of one part of credit or value. Sharing loses less than one of them per touch, and
/// that goes to a touch of the same conversion.
pub(super) const FINE: i128 = 1_000_000;
/// One conversion in fine parts.
pub(super) const CONVERSION: i128 = CREDIT_UNIT as i128 * FINE;
/// The weight of a whole share.
pub(super) const FULL: f64 = (1u64 << 40) as f64;

/// A touch on the way to a conversion.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) time: Millis,
    pub(super) slot: u32,
    pub(super) direct: bool,
}

/// Fills `weights` with what each touch of a path has, in relation to the others. The Markov model
/// does not look at single conversions; who touched has some.
pub(super) fn weigh(model: AttributionModel, path: &[Step], weights: &mut Vec<u64>) {
    weights.clear();
    weights.resize(path.len(), 0);
    let Some(last) = path.len().checked_sub(1) else { return };
    match model {
        AttributionModel::First | AttributionModel::Last | AttributionModel::LastNonDirect => {
            sole(model, path).into_iter().for_each(|at| weights[at] = 1);
        }
        AttributionModel::Linear | AttributionModel::Markov => weights.fill(1),
        AttributionModel::Position { first, last: end } => position(weights, first.into(), end.into()),
        AttributionModel::TimeDecay { half_life_seconds } => {
            // Ages from the last touch on: only their differences matter.
            let half_life = f64::from(half_life_seconds) * 1_000.0;
            for (weight, step) in weights.iter_mut().zip(path) {
                let age = (path[last].time - step.time) as f64;
                *weight = ((-age / half_life).exp2() * FULL) as u64;
            }
        }
        AttributionModel::Shapley => {
            let mut seen = 0u64;
            for (weight, step) in weights.iter_mut().zip(path) {
                *weight = u64::from(seen >> step.slot & 1 == 0);
                seen |= 1 << step.slot;
            }
        }
    }
}

/// The touch that a model gives everything to, if it is one of those that never share. Of a path
/// with touches.
pub(super) fn sole(model: AttributionModel, path: &[Step]) -> Option<usize> {
    let last = path.len().checked_sub(1)?;
    match model {
        AttributionModel::First => Some(0),
        AttributionModel::Last => Some(last),
        AttributionModel::LastNonDirect => Some(path.iter().rposition(|step| !step.direct).unwrap_or(last)),
        _ => None,
    }
}

fn position(weights: &mut [u64], first: u64, last: u64) {
    let between = 100 - first - last;
    match weights {
        [] => {}
        [only] => *only = 1,
        [a, b] if first + last == 0 => (*a, *b) = (1, 1),
        [a, b] => (*a, *b) = (first, last),
        [a, middle @ .., b] => {
            let count = middle.len() as u64;
            (*a, *b) = (first * count, last * count);
            middle.fill(between);
        }
    }
}

/// Shares a total by weights, rounded down; what is left goes to the last one that has any weight.
/// The parts are the total, if there is any weight.
pub(super) fn share(total: i128, weights: &[u64], mut give: impl FnMut(usize, i128)) {
    let Some(last) = weights.iter().rposition(|weight| *weight > 0) else { return };
    let sum: i128 = weights.iter().map(|weight| i128::from(*weight)).sum();
    let mut left = total;
    for (at, &weight) in weights[..last].iter().enumerate().filter(|(_, weight)| **weight > 0) {
        let part = total * i128::from(weight) / sum;
        left -= part;
        give(at, part);
    }
    give(last, left);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of four touches an hour apart: `a`, direct `d`, `b`, direct `d`.
    fn path(count: usize) -> Vec<Step> {
        let step =
            |at: usize| Step { time: at as i64 * 3_600_000, slot: [2, 3, 4, 3][at], direct: at % 2 == 1 };
        (0..count).map(step).collect()
    }

    #[test]
    fn models_share_as_they_say() {
        let position = AttributionModel::Position { first: 40, last: 40 };
        let decay = AttributionModel::TimeDecay { half_life_seconds: 3_600 };
        let cases: [(AttributionModel, usize, &[u64]); 13] = [
            (AttributionModel::First, 4, &[1, 0, 0, 0]),
            (AttributionModel::Last, 4, &[0, 0, 0, 1]),
            (AttributionModel::LastNonDirect, 4, &[0, 0, 1, 0]),
            (AttributionModel::LastNonDirect, 2, &[1, 0]),
            (AttributionModel::Linear, 3, &[1, 1, 1]),
            (position, 1, &[1]),
            (position, 2, &[40, 40]),
            (position, 3, &[40, 20, 40]),
            (position, 4, &[80, 20, 20, 80]),
            (AttributionModel::Position { first: 0, last: 0 }, 2, &[1, 1]),
            (AttributionModel::Position { first: 0, last: 0 }, 3, &[0, 100, 0]),
            (decay, 3, &[1 << 38, 1 << 39, 1 << 40]),
            (AttributionModel::Shapley, 4, &[1, 1, 1, 0]),
        ];
        let mut weights = Vec::new();
        for (model, count, expected) in cases {
            weigh(model, &path(count), &mut weights);
            assert_eq!(weights, expected, "{model:?} of {count}");
        }
        let direct = [Step { time: 0, slot: 2, direct: true }; 2];
        weigh(AttributionModel::LastNonDirect, &direct, &mut weights);
        assert_eq!(weights, [0, 1]);
    }

    #[test]
    fn shares_are_the_total() {
        let cases: [(i128, &[u64], &[i128]); 5] = [
            (10, &[1, 1, 1], &[3, 3, 4]),
            (10, &[1, 1, 1, 0], &[3, 3, 4, 0]),
            (-10, &[1, 2], &[-3, -7]),
            (10, &[0, 0], &[0, 0]),
            (10, &[], &[]),
        ];
        for (total, weights, expected) in cases {
            let mut parts = vec![0; weights.len()];
            share(total, weights, |at, part| parts[at] += part);
            assert_eq!(parts, expected, "{weights:?}");
        }
    }
}
