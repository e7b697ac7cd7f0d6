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

#[cfg(test)]
mod tests {
    use super::*;

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
