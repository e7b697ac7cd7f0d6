//! Local days, weeks and months as ascending instants, so that kernels find the
//! bucket of a time by a shift, a look into a table and a step, not through the
//! zone database and without a division.

use jiff::civil::Date;
use jiff::tz::TimeZone;
use siyu_types::analysis::Interval;
use siyu_types::calendar::{InstantRange, bucket_date, day_start, local_date, next_bucket};
use siyu_types::clock::Millis;

/// Most cells the covered time is cut into; small enough for the second cache. Of days there are
/// mostly so few that the first one holds them.
const CELLS_MAX: i64 = 1 << 15;

/// Bucket `i` is `edges[i]..edges[i + 1]`.
pub(crate) struct Boundaries {
    edges: Vec<Millis>,
    /// First local day of each bucket.
    pub(crate) dates: Vec<Date>,
    /// The bucket in which each cell of `1 << shift` milliseconds begins.
    cells: Vec<u16>,
    shift: u32,
    /// No cell touches more than two buckets.
    narrow: bool,
}

impl Boundaries {
    /// The buckets that touch a range. Stops after `limit` buckets.
    pub(crate) fn covering(
        range: InstantRange,
        interval: Interval,
        zone: &TimeZone,
        limit: usize,
    ) -> Boundaries {
        let mut date = bucket_date(local_date(range.from, zone), interval);
        let mut edges = vec![day_start(date, zone)];
        let mut dates = Vec::new();
        let mut edge = edges[0];
        while edge < range.to && dates.len() < limit {
            dates.push(date);
            date = next_bucket(date, interval);
            edge = day_start(date, zone);
            edges.push(edge);
        }
        let span = edges[edges.len() - 1].saturating_sub(edges[0]).max(1);
        let shortest = edges.windows(2).map(|edge| edge[1] - edge[0]).filter(|length| *length > 0).min();
        let fits = shortest.unwrap_or(1).ilog2();
        let shift = (fits..63).find(|shift| span >> shift < CELLS_MAX).unwrap_or(63);
        let mut bucket = 0;
        let cells = (0..=span >> shift).map(|cell| {
            let start = edges[0].saturating_add(cell << shift);
            // A date that a zone skipped has no length: its edge equals the next one.
            while bucket + 1 < dates.len() && edges[bucket + 1] <= start {
                bucket += 1;
            }
            // Callers bound the number of buckets far below.
            bucket as u16
        });
        let cells = cells.collect();
        let narrow = shift == fits && edges.is_sorted_by(|a, b| a < b);
        Boundaries { edges, dates, cells, shift, narrow }
    }

    pub(crate) fn len(&self) -> usize {
        self.dates.len()
    }

    /// The bucket of an instant that lies in the covered range.
    // Every row of every trend asks; as a call it costs more than what it does.
    #[inline(always)]
    pub(crate) fn index(&self, at: Millis) -> usize {
        let cell = ((at - self.edges[0]).max(0) >> self.shift) as usize;
        let mut index = usize::from(self.cells[cell.min(self.cells.len() - 1)]);
        if self.narrow && index + 1 < self.dates.len() {
            // Without a branch: which side of the edge a time lies on cannot be foretold.
            return index + usize::from(self.edges[index + 1] <= at);
        }
        while index + 1 < self.dates.len() && self.edges[index + 1] <= at {
            index += 1;
        }
        index
    }

    /// Where bucket `index` starts; past the last covered bucket, never.
    #[inline]
    pub(crate) fn start(&self, index: usize) -> Millis {
        self.edges.get(index).copied().unwrap_or(Millis::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use siyu_types::calendar::zone;

    #[test]
    fn every_hour_falls_into_its_local_bucket() {
        let cases = [
            ("America/New_York", "2026-03-01", "2026-11-15"),
            ("Africa/Cairo", "2025-04-20", "2025-05-02"),
            ("Pacific/Apia", "2011-12-27", "2012-01-03"),
            ("Asia/Shanghai", "2026-11-01", "2026-12-31"),
            ("Europe/London", "2026-03-27", "2026-04-01"),
        ];
        for (name, from, to) in cases {
            let zone = zone(name).expect("known zone");
            let from = day_start(from.parse().expect("a date"), &zone);
            let to = day_start(to.parse().expect("a date"), &zone);
            for interval in [Interval::Day, Interval::Week, Interval::Month] {
                let buckets = Boundaries::covering(InstantRange { from, to }, interval, &zone, 10_000);
                for at in (from..to).step_by(1_800_000) {
                    let date = bucket_date(local_date(at, &zone), interval);
                    assert_eq!(buckets.dates[buckets.index(at)], date, "{name} {interval:?} {at}");
                }
            }
        }
    }
}
