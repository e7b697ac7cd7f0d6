//! The usual marks of a set of numbers.

use siyu_types::analysis::Summary;

/// Of ascending numbers; `None` without any.
pub(crate) fn summary(values: &[f64]) -> Option<Summary> {
    let sum = values.iter().sum::<f64>();
    of_ranks(values.len(), |rank| values[rank], sum)
}

/// From how many numbers there are, those that would stand somewhere if all were sorted, and the sum.
fn of_ranks(count: usize, value: impl Fn(usize) -> f64, sum: f64) -> Option<Summary> {
    let last = count.checked_sub(1)?;
    let at = |share: f64| between(count, &value, share);
    Some(Summary {
        min: value(0),
        p25: at(0.25),
        median: at(0.5),
        p75: at(0.75),
        p90: at(0.9),
        max: value(last),
        mean: sum / count as f64,
    })
}

/// Of ascending numbers, of which there is at least one; between two of them it is read on the
/// straight line (the usual definition of spreadsheets, type 7 of Hyndman and Fan).
pub(crate) fn quantile(values: &[f64], share: f64) -> f64 {
    between(values.len(), &|rank| values[rank], share)
}

fn between(count: usize, value: &impl Fn(usize) -> f64, share: f64) -> f64 {
    let at = share * (count.saturating_sub(1)) as f64;
    let below = at.floor() as usize;
    let (low, high) = (value(below), value((below + 1).min(count - 1)));
    low + (high - low) * (at - at.floor())
}

/// Whole numbers below this are counted, others kept one by one.
const COUNTED: usize = 4_096;

/// Numbers in any order, of which most are small and whole, as how often somebody did something.
#[derive(Clone, Default)]
pub(crate) struct Numbers {
    /// By number, how often it came.
    counted: Vec<u64>,
    others: Vec<f64>,
}

impl Numbers {
    #[inline]
    pub(crate) fn add(&mut self, number: f64) {
        let place = number as usize;
        if place >= COUNTED || place as f64 != number || number.is_sign_negative() {
            self.others.push(number);
            return;
        }
        if self.counted.len() <= place {
            self.counted.resize(place + 1, 0);
        }
        self.counted[place] += 1;
    }

    pub(crate) fn merge(&mut self, other: Numbers) {
        self.counted.resize(self.counted.len().max(other.counted.len()), 0);
        self.counted.iter_mut().zip(other.counted).for_each(|(own, more)| *own += more);
        self.others.extend(other.others);
    }

    pub(crate) fn ascending(mut self) -> Ascending {
        self.others.sort_unstable_by(f64::total_cmp);
        let exact = self.others.is_empty();
        let counted = self.counted.iter().enumerate().map(|(number, count)| (number as f64, *count as usize));
        let mut all: Vec<(f64, usize)> = counted.filter(|(_, count)| *count > 0).collect();
        all.extend(self.others.into_iter().map(|number| (number, 1)));
        if !exact {
            all.sort_by(|a, b| a.0.total_cmp(&b.0));
        }
        let mut end = 0;
        for (_, count) in &mut all {
            end += *count;
            *count = end;
        }
        Ascending { runs: all, exact }
    }
}

/// Numbers in order: each with where its run ends.
pub(crate) struct Ascending {
    runs: Vec<(f64, usize)>,
    /// All are so small and whole that they add up exactly in any order.
    exact: bool,
}

impl Ascending {
    pub(crate) fn len(&self) -> usize {
        self.runs.last().map_or(0, |(_, end)| *end)
    }

    fn value(&self, rank: usize) -> f64 {
        let run = self.runs.partition_point(|(_, end)| *end <= rank);
        self.runs.get(run).map_or(f64::NAN, |(number, _)| *number)
    }

    /// How many are less.
    pub(crate) fn below(&self, edge: f64) -> usize {
        let run = self.runs.partition_point(|(number, _)| *number < edge);
        run.checked_sub(1).map_or(0, |last| self.runs[last].1)
    }

    /// The least and the greatest.
    pub(crate) fn ends(&self) -> Option<(f64, f64)> {
        Some((self.runs.first()?.0, self.runs.last()?.0))
    }

    /// Each number once.
    pub(crate) fn different(&self) -> Vec<f64> {
        let mut all: Vec<f64> = self.runs.iter().map(|(number, _)| *number).collect();
        all.dedup();
        all
    }

    /// As [`quantile`].
    pub(crate) fn quantile(&self, share: f64) -> f64 {
        between(self.len(), &|rank| self.value(rank), share)
    }

    pub(crate) fn summary(&self) -> Option<Summary> {
        let mut before = 0;
        let runs = self.runs.iter().map(|(number, end)| {
            let count = end - before;
            before = *end;
            (*number, count)
        });
        let sum = match self.exact {
            true => runs.map(|(number, count)| number * count as f64).sum(),
            // One by one, as of numbers that stand in a list.
            false => runs.flat_map(|(number, count)| std::iter::repeat_n(number, count)).sum(),
        };
        of_ranks(self.len(), |rank| self.value(rank), sum)
    }
}

/// Quantiles of a summary, from the last to the first.
const SHARES: [f64; 4] = [0.9, 0.75, 0.5, 0.25];
/// Of more times it pays to count first in which cell of so many they lie.
const CELLS: usize = 1 << 12;

/// As [`summary`], of times in any order in several lists, without sorting them all.
pub(crate) fn of_times(times: &[&[i64]]) -> Option<Summary> {
    let all = || times.iter().copied().flatten();
    let (min, max) = (*all().min()?, *all().max()?);
    let sum: i128 = all().map(|time| i128::from(*time)).sum();
    let count = times.iter().map(|times| times.len()).sum();
    let marks = match count < 4 * CELLS {
        true => by_selection(&mut times.concat()),
        false => by_cells(times, min, max, count),
    };
    let [p90, p75, median, p25] = marks;
    let (min, max) = (min as f64, max as f64);
    Some(Summary { min, p25, median, p75, p90, max, mean: sum as f64 / count as f64 })
}

fn by_selection(times: &mut [i64]) -> [f64; 4] {
    let count = times.len();
    // Each quantile leaves what is below it in front, where the next smaller one is.
    let mut rest = times;
    SHARES.map(|share| {
        let at = share * (count - 1) as f64;
        let below = at.floor() as usize;
        rest.select_nth_unstable(below);
        let next = (below + 1..rest.len()).min_by_key(|index| rest[*index]);
        if let Some(next) = next {
            rest.swap(below + 1, next);
        }
        let low = rest[below] as f64;
        let high = rest.get(below + 1).map_or(low, |high| *high as f64);
        let kept = (below + 2).min(rest.len());
        rest = &mut std::mem::take(&mut rest)[..kept];
        low + (high - low) * (at - at.floor())
    })
}

/// Counts how many times lie in each cell between the least and the greatest, and sorts only the
/// cells in which the quantiles are.
fn by_cells(times: &[&[i64]], min: i64, max: i64, count: usize) -> [f64; 4] {
    let span = max.abs_diff(min);
    let shift = (0..64).find(|shift| span >> shift < CELLS as u64).unwrap_or(63);
    let cell = |time: i64| (time.abs_diff(min) >> shift) as usize;
    let mut counts = [0usize; CELLS];
    times.iter().copied().flatten().for_each(|time| counts[cell(*time)] += 1);
    let mut end = 0;
    let ends = counts.map(|count| {
        end += count;
        end
    });
    let of_rank = |rank: usize| ends.partition_point(|end| *end <= rank);
    let last = count - 1;
    let ranks = SHARES.map(|share| (share * last as f64).floor() as usize);
    let ranks = ranks.map(|rank| [rank, (rank + 1).min(last)]);
    let mut sorted: Vec<(usize, Vec<i64>)> = Vec::new();
    for cell in ranks.iter().flatten().map(|rank| of_rank(*rank)) {
        if sorted.iter().all(|(known, _)| *known != cell) {
            sorted.push((cell, Vec::with_capacity(counts[cell])));
        }
    }
    let mut wanted = [false; CELLS];
    sorted.iter().for_each(|(cell, _)| wanted[*cell] = true);
    for &time in times.iter().copied().flatten().filter(|time| wanted[cell(**time)]) {
        let at = cell(time);
        sorted.iter_mut().filter(|(cell, _)| *cell == at).for_each(|(_, own)| own.push(time));
    }
    sorted.iter_mut().for_each(|(_, own)| own.sort_unstable());
    let value = |rank: usize| {
        let at = of_rank(rank);
        let own = sorted.iter().find(|(cell, _)| *cell == at);
        own.map_or(f64::NAN, |(_, own)| own[rank - (ends[at] - own.len())] as f64)
    };
    let mut shares = SHARES.iter();
    ranks.map(|[below, next]| {
        let at = shares.next().map_or(0.0, |share| share * last as f64);
        let (low, high) = (value(below), value(next));
        low + (high - low) * (at - at.floor())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_need_not_be_sorted() {
        for count in 0..40i64 {
            let times: Vec<i64> = (0..count).map(|index| index * index * 7 % 31).collect();
            let mut sorted: Vec<f64> = times.iter().map(|time| *time as f64).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let (some, others) = times.split_at(times.len() / 3);
            assert_eq!(of_times(&[some, others]), summary(&sorted), "{count}");
        }
        // Enough for cells, of which one has nearly all, and of which all have some.
        for spread in [1, 1_000, 1_000_000_007] {
            let mut times: Vec<i64> =
                (0..20_000i64).map(|index| index * index % 7_919 * spread - 5).collect();
            times.push(i64::from(i32::MAX) * 1_000);
            let mut sorted: Vec<f64> = times.iter().map(|time| *time as f64).collect();
            sorted.sort_unstable_by(f64::total_cmp);
            let (some, others) = times.split_at(times.len() / 3);
            let (own, expected) = (of_times(&[some, &[], others]), summary(&sorted));
            let marks = |of: Option<Summary>| of.map(|s| [s.min, s.p25, s.median, s.p75, s.p90, s.max]);
            assert_eq!(marks(own), marks(expected), "{spread}");
        }
    }

    #[test]
    fn numbers_in_runs_are_numbers_in_a_list() {
        let lists: [&[f64]; 6] = [
            &[],
            &[3.0],
            &[2.0, 0.0, 2.0, 5.0, 2.0],
            &[1.5, 2.0, -1.0, 2.0, 1.5, 4_095.0, 4_096.0, 1e300],
            &[0.1, 0.2, 0.3, 1.0, 1.0, 7.0],
            &[f64::INFINITY, 3.0, f64::NEG_INFINITY, 0.0],
        ];
        for list in lists {
            let mut halves = [Numbers::default(), Numbers::default()];
            list.iter().enumerate().for_each(|(at, number)| halves[at % 2].add(*number));
            let [mut all, other] = halves;
            all.merge(other);
            let all = all.ascending();
            let mut sorted = list.to_vec();
            sorted.sort_unstable_by(f64::total_cmp);
            let same = |a: Option<Summary>, b: Option<Summary>| format!("{a:?}") == format!("{b:?}");
            assert!(same(all.summary(), summary(&sorted)), "{list:?}");
            assert_eq!(all.len(), list.len());
            for edge in [-2.0, 0.0, 1.5, 2.0, 4_096.0] {
                let below = list.iter().filter(|number| **number < edge).count();
                assert_eq!(all.below(edge), below, "{edge} in {list:?}");
            }
            sorted.dedup();
            assert_eq!(all.different(), sorted);
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
