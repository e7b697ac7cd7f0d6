//! Days of the week and hours of a zone, by arithmetic between its changes of clocks.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use siyu_types::analysis::HOURS;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;

use super::CELLS;

const HOUR: i64 = 3_600_000;
const WEEK: i64 = HOUR * CELLS as i64;
/// 1970-01-01 was a Thursday.
const THURSDAY: i64 = 3 * HOURS as i64 * HOUR;

/// From when on a zone is so far ahead of UTC.
#[derive(Clone, Copy)]
struct Offset {
    from: Millis,
    millis: i64,
}

pub(super) struct LocalHours {
    /// Ascending; the first one holds from the beginning of the range.
    offsets: Vec<Offset>,
}

impl LocalHours {
    pub(super) fn new(range: InstantRange, zone: &TimeZone) -> LocalHours {
        let instant = |at: Millis| {
            Timestamp::from_millisecond(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX })
        };
        let start = instant(range.from);
        let millis = |offset: jiff::tz::Offset| i64::from(offset.seconds()) * 1_000;
        let mut offsets = vec![Offset { from: range.from, millis: millis(zone.to_offset(start)) }];
        for change in zone.following(start) {
            let from = change.timestamp().as_millisecond();
            if from >= range.to {
                break;
            }
            offsets.push(Offset { from, millis: millis(change.offset()) });
        }
        LocalHours { offsets }
    }

    /// Day of the week, Monday first, times 24, and the hour, of an instant in the range.
    #[inline]
    pub(super) fn cell(&self, at: Millis) -> usize {
        let later = self.offsets.iter().rposition(|offset| offset.from <= at).unwrap_or(0);
        cell_of(at + self.offsets[later].millis)
    }

    /// How many hours of a range each cell has.
    pub(super) fn lengths(&self, range: InstantRange) -> Vec<f64> {
        let mut millis = vec![0i64; CELLS];
        for (at, offset) in self.offsets.iter().enumerate() {
            let end = self.offsets.get(at + 1).map_or(range.to, |next| next.from.min(range.to));
            let (mut from, to) = (offset.from.max(range.from) + offset.millis, end + offset.millis);
            let weeks = (to - from).max(0) / WEEK;
            millis.iter_mut().for_each(|cell| *cell += weeks * HOUR);
            from += weeks * WEEK;
            while from < to {
                let next = (from.div_euclid(HOUR) + 1) * HOUR;
                millis[cell_of(from)] += next.min(to) - from;
                from = next;
            }
        }
        millis.into_iter().map(|millis| millis as f64 / HOUR as f64).collect()
    }
}

/// Of a local time, in milliseconds since the beginning of 1970.
#[inline]
fn cell_of(local: i64) -> usize {
    ((local + THURSDAY).rem_euclid(WEEK) / HOUR) as usize
}

#[cfg(test)]
mod tests {
    use siyu_types::calendar::{day_start, zone};

    use super::*;

    #[test]
    fn every_quarter_of_an_hour_has_its_local_cell() {
        let cases = [
            ("America/New_York", "2026-03-01", "2026-11-15"),
            ("Africa/Cairo", "2025-04-20", "2025-11-05"),
            ("Pacific/Apia", "2011-12-20", "2012-01-10"),
            ("Asia/Shanghai", "1990-04-01", "1991-10-01"),
            ("Asia/Kathmandu", "2026-01-01", "2026-01-20"),
        ];
        for (name, from, to) in cases {
            let zone = zone(name).expect("a known zone");
            let start = |date: &str| day_start(date.parse().expect("a date"), &zone);
            let range = InstantRange { from: start(from), to: start(to) };
            let hours = LocalHours::new(range, &zone);
            let mut lengths = vec![0.0; CELLS];
            for at in (range.from..range.to).step_by(900_000) {
                let local = Timestamp::from_millisecond(at).expect("in range").to_zoned(zone.clone());
                let day = local.date().weekday().to_monday_zero_offset() as usize;
                let cell = day * HOURS + local.hour() as usize;
                assert_eq!(hours.cell(at), cell, "{name} {local}");
                lengths[cell] += 0.25;
            }
            assert_eq!(hours.lengths(range), lengths, "{name}");
        }
    }
}
