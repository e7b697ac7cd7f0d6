//! From everybody's returns to the numbers that are shown.

use siyu_types::analysis::{Group, RetentionCohort, RetentionCount, RetentionGroup, RetentionMean};

use super::outcome::{Joined, Retention};
use crate::outcomes::Tally;

/// Per cohort: started, back in the same interval, back in each column.
#[derive(Clone)]
pub(super) struct Counts {
    counts: Vec<u64>,
    stride: usize,
}

const FIXED: usize = 2;

impl Counts {
    pub(super) fn new(kind: &Retention<'_>) -> Counts {
        let stride = kind.columns.len() + FIXED;
        Counts { counts: vec![0; kind.cohorts.len() * stride], stride }
    }

    pub(super) fn into_group(self, group: Group, kind: &Retention<'_>) -> RetentionGroup {
        let cohorts: Vec<_> = self
            .counts
            .chunks_exact(self.stride)
            .enumerate()
            .map(|(cohort, counts)| RetentionCohort {
                bucket: kind.cohorts.bucket(cohort),
                size: counts[0],
                same: RetentionCount { people: counts[1], complete: kind.cohorts.is_over(cohort, 0) },
                back: (counts[FIXED..].iter().enumerate())
                    .map(|(column, people)| RetentionCount {
                        people: *people,
                        complete: kind.cohorts.is_over(cohort, kind.horizon(column)),
                    })
                    .collect(),
            })
            .collect();
        RetentionGroup {
            group,
            size: cohorts.iter().map(|cohort| cohort.size).sum(),
            means: (0..kind.columns.len()).map(|column| mean(&cohorts, column)).collect(),
            cohorts,
        }
    }
}

/// Over cohorts whose cell is complete and that have anybody (R6).
fn mean(cohorts: &[RetentionCohort], column: usize) -> RetentionMean {
    let counted = || cohorts.iter().filter(|cohort| cohort.back[column].complete && cohort.size > 0);
    let number = counted().count();
    if number == 0 {
        return RetentionMean { weighted: None, simple: None };
    }
    let size: u64 = counted().map(|cohort| cohort.size).sum();
    let back: u64 = counted().map(|cohort| cohort.back[column].people).sum();
    let shares: f64 = counted().map(|cohort| cohort.back[column].people as f64 / cohort.size as f64).sum();
    RetentionMean { weighted: Some(back as f64 / size as f64), simple: Some(shares / number as f64) }
}

impl Tally<Retention<'_>> for Counts {
    fn add(&mut self, _: u32, joined: &Joined) {
        let base = joined.cohort * self.stride;
        let own = &mut self.counts[base..base + self.stride];
        own[0] += 1;
        own[1] += u64::from(joined.same);
        let mut rest = joined.back;
        while rest != 0 {
            own[FIXED + rest.trailing_zeros() as usize] += 1;
            rest &= rest - 1;
        }
    }

    fn merge(&mut self, other: Counts) {
        self.counts.iter_mut().zip(other.counts).for_each(|(own, more)| *own += more);
    }
}
