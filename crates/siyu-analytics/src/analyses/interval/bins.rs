//! The bins of a histogram of times: lengths that people speak of.

const SECOND: i64 = 1_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

const LADDER: [i64; 20] = [
    SECOND,
    5 * SECOND,
    10 * SECOND,
    30 * SECOND,
    MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    HOUR,
    3 * HOUR,
    6 * HOUR,
    12 * HOUR,
    DAY,
    3 * DAY,
    7 * DAY,
    14 * DAY,
    30 * DAY,
    90 * DAY,
    180 * DAY,
    365 * DAY,
];

/// Upper ends, the last not below the longest.
pub(crate) fn up_to(longest: i64) -> Vec<i64> {
    let below = LADDER.partition_point(|end| *end <= longest);
    let mut bins = LADDER[..below].to_vec();
    bins.push(LADDER.get(below).copied().unwrap_or_else(|| longest.saturating_add(1)));
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_bin_holds_the_longest() {
        assert_eq!(up_to(0), [SECOND]);
        assert_eq!(up_to(SECOND), [SECOND, 5 * SECOND]);
        assert_eq!(up_to(DAY - 1).last(), Some(&DAY));
        assert_eq!(up_to(1_000 * DAY), [&LADDER[..], &[1_000 * DAY + 1]].concat());
    }
}
