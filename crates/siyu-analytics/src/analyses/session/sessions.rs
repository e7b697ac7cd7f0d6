//! Cutting a person's events into sessions.

use std::ops::Range;

use siyu_types::clock::Millis;

/// Where sessions end.
#[derive(Clone, Copy)]
pub(crate) struct Cut {
    /// A break of so many milliseconds or more ends a session; `None`: nothing does.
    pub(crate) gap: Option<i64>,
    /// An event later than so long after the first begins a new one.
    pub(crate) longest: Option<i64>,
}

impl Cut {
    pub(crate) fn new(gap_seconds: Option<u32>, longest_seconds: Option<u32>) -> Cut {
        let millis = |seconds: u32| i64::from(seconds) * 1_000;
        Cut { gap: gap_seconds.map(millis), longest: longest_seconds.map(millis) }
    }

    /// Calls `see` with the positions of each session in ascending times.
    #[inline]
    pub(crate) fn each(&self, times: &[Millis], mut see: impl FnMut(Range<usize>)) {
        // A limit that is never reached stands for none, so that the loop has one shape.
        let (gap, longest) = (self.gap.unwrap_or(Millis::MAX), self.longest.unwrap_or(Millis::MAX));
        let mut first = 0;
        for (at, pair) in times.windows(2).enumerate() {
            if pair[1] - pair[0] >= gap || pair[1] - times[first] > longest {
                see(first..at + 1);
                first = at + 1;
            }
        }
        if first < times.len() {
            see(first..times.len());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_break_as_long_as_the_gap_cuts() {
        type Case = (&'static [i64], Option<u32>, Option<u32>, &'static [usize]);
        let cases: [Case; 7] = [
            (&[], Some(30), None, &[]),
            (&[5_000], Some(30), None, &[1]),
            (&[0, 29_999, 59_999, 60_000], Some(30), None, &[2, 2]),
            (&[0, 29_999, 59_998], Some(30), None, &[3]),
            (&[0, 0, 100_000], None, None, &[3]),
            (&[0, 10_000, 20_000, 20_001], Some(30), Some(20), &[3, 1]),
            (&[0, 10_000, 20_001, 40_000], Some(30), Some(20), &[2, 2]),
        ];
        for (times, gap, longest, expected) in cases {
            let mut lengths = Vec::new();
            Cut::new(gap, longest).each(times, |range| lengths.push(range.len()));
            assert_eq!(lengths, expected, "{times:?}");
        }
    }
}
