//! The usual marks of a set of numbers.

use siyu_types::analysis::Summary;

/// Of ascending numbers; `None` without any.
pub(crate) fn summary(values: &[f64]) -> Option<Summary> {
    let (min, max) = (*values.first()?, *values.last()?);
    Some(Summary {
        min,
        p25: quantile(values, 0.25),
        median: quantile(values, 0.5),
        p75: quantile(values, 0.75),
        p90: quantile(values, 0.9),
        max,
        mean: values.iter().sum::<f64>() / values.len() as f64,
    })
}

/// Of ascending numbers, of which there is at least one; between two of them it is read on the
/// straight line (the usual definition of spreadsheets, type 7 of Hyndman and Fan).
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    let at = share * (values.len().saturating_sub(1)) as f64;
    let below = at.floor() as usize;
    let (low, high) = (values[below], values[(below + 1).min(values.len() - 1)]);
    low + (high - low) * (at - at.floor())
}

/// As [`summary`], of times in any order, without sorting them all.
pub(crate) fn of_times(times: &mut [i64]) -> Option<Summary> {
    let (min, max) = (*times.iter().min()?, *times.iter().max()?);
    let sum: i128 = times.iter().map(|time| i128::from(*time)).sum();
    let count = times.len();
    // Each quantile leaves what is below it in front, where the next smaller one is.
    let mut rest = &mut times[..];
    let mut marks = [0.0; 4];
    for (mark, share) in marks.iter_mut().zip([0.9, 0.75, 0.5, 0.25]) {
        let at = share * (count - 1) as f64;
        let below = at.floor() as usize;
        rest.select_nth_unstable(below);
        let next = (below + 1..rest.len()).min_by_key(|index| rest[*index]);
        if let Some(next) = next {
            rest.swap(below + 1, next);
        }
        let low = rest[below] as f64;
        let high = rest.get(below + 1).map_or(low, |high| *high as f64);
        *mark = low + (high - low) * (at - at.floor());
        let kept = (below + 2).min(rest.len());
        rest = &mut rest[..kept];
    }
    let [p90, p75, median, p25] = marks;
    let (min, max) = (min as f64, max as f64);
    Some(Summary { min, p25, median, p75, p90, max, mean: sum as f64 / count as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_not_be_sorted() {
        for count in 0..40i64 {
            let mut times: Vec<i64> = (0..count).map(|index| index * index * 7 % 31).collect();
            let mut sorted: Vec<f64> = times.iter().map(|time| *time as f64).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            assert_eq!(of_times(&mut times), summary(&sorted), "{count}");
        }
    }

    #[test]
    fn quantiles_lie_between_their_neighbours() {
        let cases: [(&[f64], f64, f64); 6] = [
            (&[7.0], 0.25, 7.0),
            (&[1.0, 2.0], 0.5, 1.5),
            (&[1.0, 2.0, 3.0, 4.0], 0.25, 1.75),
            (&[1.0, 2.0, 3.0, 4.0], 0.9, 3.7),
            (&[1.0, 2.0, 3.0, 4.0, 5.0], 0.75, 4.0),
            (&[0.0, 10.0], 1.0, 10.0),
        ];
        for (values, share, expected) in cases {
            assert!((quantile(values, share) - expected).abs() < 1e-12, "{share} of {values:?}");
        }
        assert_eq!(summary(&[]), None);
        assert_eq!(summary(&[1.0, 2.0, 6.0]).map(|summary| summary.mean), Some(3.0));
    }
}
