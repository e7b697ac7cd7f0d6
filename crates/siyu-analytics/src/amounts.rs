//! Amounts as whole numbers: read from properties, and shared out so that the parts are the whole.

/// A number in parts of which `unit` are one; what is no number is 0. Beyond what a whole number
/// can hold it is the largest one.
pub(crate) fn amount(number: f64, unit: i64) -> i64 {
    if number.is_nan() { 0 } else { (number * unit as f64).round() as i64 }
}

/// As many as fit.
pub(crate) fn fitting(amount: i128) -> i64 {
    i64::try_from(amount).unwrap_or(if amount < 0 { i64::MIN } else { i64::MAX })
}

/// Fine parts as whole ones of `scale` fine parts each, by the method of largest remainders: all
/// are rounded down, and what is missing goes one by one to those that lost most, the earlier
/// first. Their sum is that of the fine parts, rounded down.
pub(crate) fn whole_parts(fine: &[i128], scale: i128) -> Vec<i64> {
    let mut parts: Vec<i128> = fine.iter().map(|part| part.div_euclid(scale)).collect();
    let missing = fine.iter().sum::<i128>().div_euclid(scale) - parts.iter().sum::<i128>();
    let mut order: Vec<usize> = (0..fine.len()).collect();
    order.sort_by_key(|&part| std::cmp::Reverse(fine[part].rem_euclid(scale)));
    for &part in order.iter().take(missing as usize) {
        parts[part] += 1;
    }
    parts.into_iter().map(fitting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_the_whole() {
        let cases: [(&[i128], i128, &[i64]); 6] = [
            (&[], 10, &[]),
            (&[10, 20], 10, &[1, 2]),
            (&[33, 33, 34], 100, &[0, 0, 1]),
            (&[50, 50], 100, &[1, 0]),
            (&[-5, 15], 10, &[0, 1]),
            (&[7, 7, 7, 9], 10, &[1, 1, 0, 1]),
        ];
        for (fine, scale, expected) in cases {
            assert_eq!(whole_parts(fine, scale), expected, "{fine:?}");
        }
    }

    #[test]
    fn numbers_become_amounts() {
        for (number, unit, expected) in [
            (1.5, 10_000, 15_000),
            (1_999.6, 1, 2_000),
            (f64::NAN, 1, 0),
            (1e300, 1, i64::MAX),
            (-2.0, 1, -2),
        ] {
            assert_eq!(amount(number, unit), expected, "{number}");
        }
    }
}
