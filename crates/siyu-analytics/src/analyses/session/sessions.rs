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
    pub(crate) fn each(
        &self,
        count: usize,
        time: impl Fn(usize) -> Millis,
        mut see: impl FnMut(Range<usize>),
    ) {
        let mut first = 0;
        for at in 1..count {
            let now = time(at);
            let broken = self.gap.is_some_and(|gap| now - time(at - 1) >= gap);
            if broken || self.longest.is_some_and(|longest| now - time(first) > longest) {
                see(first..at);
                first = at;
            }
        }
        if first < count {
            see(first..count);
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
            Cut::new(gap, longest).each(times.len(), |at| times[at], |range| lengths.push(range.len()));
            assert_eq!(lengths, expected, "{times:?}");
        }
    }
}
