//! Days, weeks and months of a project's time zone. Local days are computed
//! through the zone database, never as `start + n * 86_400_000` (reference/03 §2.9).

use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

use crate::analysis::{DateRange, Interval};
use crate::clock::Millis;
use crate::error::{Error, ErrorCode, Result};

/// Resolves an IANA zone name such as `Asia/Shanghai`.
pub fn zone(name: &str) -> Result<TimeZone> {
    TimeZone::get(name).map_err(|_| {
        Error::new(ErrorCode::InvalidTimeZone, format!("unknown time zone {name:?}")).with("zone", name)
    })
}

/// The local date of an instant. Instants outside the supported years
/// (−9999 to 9999) saturate.
pub fn local_date(at: Millis, zone: &TimeZone) -> Date {
    let timestamp =
        Timestamp::from_millisecond(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX });
    timestamp.to_zoned(zone.clone()).date()
}

/// The first instant of a local date; where midnight does not exist (a change
/// to summer time at 00:00) it is the first instant that does.
pub fn day_start(date: Date, zone: &TimeZone) -> Millis {
    zone.to_zoned(date.at(0, 0, 0, 0))
        .map_or(if date.year() < 0 { i64::MIN } else { i64::MAX }, |z| z.timestamp().as_millisecond())
}

/// First day of the bucket that holds `date`.
pub fn bucket_date(date: Date, interval: Interval) -> Date {
    match interval {
        Interval::Day => date,
        Interval::Week => date - (i64::from(date.weekday().to_monday_zero_offset())).days(),
        Interval::SundayWeek => date - (i64::from(date.weekday().to_sunday_zero_offset())).days(),
        Interval::Month => date.first_of_month(),
    }
}

/// First day of the bucket after the one that starts at `date`.
pub fn next_bucket(date: Date, interval: Interval) -> Date {
    let span = match interval {
        Interval::Day => 1.day(),
        Interval::Week | Interval::SundayWeek => 1.week(),
        Interval::Month => 1.month(),
    };
    date.saturating_add(span)
}

/// A half-open instant range `[from, to)`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InstantRange {
    pub from: Millis,
    pub to: Millis,
}

/// Resolves a range of local days to instants. `last_days = n` means the n
/// local days that end with, and include, the day of `as_of`.
pub fn resolve(range: &DateRange, as_of: Millis, zone: &TimeZone) -> Result<InstantRange> {
    let (from, to) = resolve_dates(range, as_of, zone)?;
    Ok(InstantRange { from: day_start(from, zone), to: day_start(to.saturating_add(1.day()), zone) })
}

/// As [`resolve`], as inclusive local dates.
pub fn resolve_dates(range: &DateRange, as_of: Millis, zone: &TimeZone) -> Result<(Date, Date)> {
    let today = local_date(as_of, zone);
    let (from, to) = match range {
        DateRange::LastDays { days } => {
            let back = i64::from(days.saturating_sub(1));
            (today.saturating_sub(back.days()), today)
        }
        DateRange::Between { from, to } => (parse_date(from)?, parse_date(to)?),
        // 1970 is the first day a client clock can reasonably report.
        DateRange::All => (Date::constant(1970, 1, 1), today.saturating_add(1.day())),
    };
    if from > to {
        return Err(Error::new(ErrorCode::InvalidRange, "the range ends before it starts")
            .with("from", from.to_string())
            .with("to", to.to_string()));
    }
    Ok((from, to))
}

/// Parses `2026-11-21`.
pub fn parse_date(text: &str) -> Result<Date> {
    text.parse().map_err(|_| {
        Error::new(ErrorCode::InvalidDate, format!("{text:?} is not a date like 2026-11-21"))
            .with("value", text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Millis {
        text.parse::<Timestamp>().expect("valid").as_millisecond()
    }

    #[test]
    fn local_days_follow_the_zone() {
        let cases = [
            ("Asia/Shanghai", "2026-11-21T16:00:00Z", "2026-11-22"),
            ("Asia/Shanghai", "2026-11-21T15:59:59.999Z", "2026-11-21"),
            ("Africa/Cairo", "2025-04-24T22:30:00Z", "2025-04-25"),
            ("America/New_York", "2026-03-08T06:59:59Z", "2026-03-08"),
        ];
        for (name, instant, date) in cases {
            let zone = zone(name).expect("known zone");
            assert_eq!(local_date(at(instant), &zone).to_string(), date, "{name} {instant}");
        }
    }

    #[test]
    fn a_day_may_start_at_one() {
        // Cairo skips 00:00–01:00 on 2025-04-25.
        let zone = zone("Africa/Cairo").expect("known zone");
        assert_eq!(day_start(Date::constant(2025, 4, 25), &zone), at("2025-04-24T22:00:00Z"));
    }

    #[test]
    fn buckets() {
        let sunday = Date::constant(2026, 11, 22);
        assert_eq!(bucket_date(sunday, Interval::Week), Date::constant(2026, 11, 16));
        assert_eq!(bucket_date(sunday, Interval::SundayWeek), sunday);
        assert_eq!(
            bucket_date(Date::constant(2026, 11, 21), Interval::SundayWeek),
            Date::constant(2026, 11, 15)
        );
        assert_eq!(bucket_date(sunday, Interval::Month), Date::constant(2026, 11, 1));
        assert_eq!(next_bucket(Date::constant(2026, 12, 1), Interval::Month), Date::constant(2027, 1, 1));
    }

    #[test]
    fn ranges() {
        let zone = zone("Asia/Shanghai").expect("known zone");
        let now = at("2026-11-22T02:00:00Z");
        let range = resolve(&DateRange::LastDays { days: 1 }, now, &zone).expect("valid");
        assert_eq!(range, InstantRange { from: at("2026-11-21T16:00:00Z"), to: at("2026-11-22T16:00:00Z") });
        let bad = DateRange::Between { from: "2026-11-22".into(), to: "2026-11-21".into() };
        assert_eq!(resolve(&bad, now, &zone).expect_err("reversed").code, ErrorCode::InvalidRange);
        let worse = DateRange::Between { from: "22/11/2026".into(), to: "2026-11-21".into() };
        assert_eq!(resolve(&worse, now, &zone).expect_err("not a date").code, ErrorCode::InvalidDate);
    }
}
