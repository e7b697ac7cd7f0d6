//! Which days of a question are judged. Only what cannot change any more is: the latest
//! bucket that is over, or, where a cell is of the entire range, as many whole days. Where
//! people have time to come further, that time has passed too.

use jiff::ToSpan;
use jiff::civil::Date;
use siyu_types::analysis::{
    AnalysisCell, DateRange, FunnelCell, FunnelQuery, FunnelWindow, Interval, RetentionClock, RetentionQuery,
    RetentionWhat, RevenueQuery, RevenueWhat, TrendCompare, TrendShape,
};
use siyu_types::{Error, Result, calendar};

use super::model::Days;

const DAY_SECONDS: i64 = 86_400;

/// The latest days of a cell that are complete on the morning of a day.
pub(super) fn judged(cell: &AnalysisCell, today: Date) -> Result<Days> {
    let after = today.saturating_sub(lag(cell).days());
    match interval(cell) {
        Some(interval) => {
            let next = calendar::bucket_date(after, interval);
            let last = next.saturating_sub(1.day());
            Ok(Days { first: calendar::bucket_date(last, interval), last })
        }
        None => {
            let last = after.saturating_sub(1.day());
            Ok(Days { first: last.saturating_sub((length(cell)? - 1).days()), last })
        }
    }
}

/// The days of an earlier period that such days are compared with.
pub(super) fn earlier(cell: &AnalysisCell, days: Days, against: TrendCompare) -> Days {
    let back = |date: Date| match against {
        TrendCompare::Previous => date,
        TrendCompare::Week => date.saturating_sub(1.week()),
        TrendCompare::Month => date.saturating_sub(1.month()),
        TrendCompare::Year => date.saturating_sub(1.year()),
    };
    match (interval(cell), against) {
        (Some(interval), TrendCompare::Previous) => {
            let last = days.first.saturating_sub(1.day());
            Days { first: calendar::bucket_date(last, interval), last }
        }
        (Some(interval), _) => {
            let first = calendar::bucket_date(back(days.first), interval);
            Days { first, last: calendar::next_bucket(first, interval).saturating_sub(1.day()) }
        }
        (None, TrendCompare::Previous) => {
            let length = i64::from(days.first.until(days.last).map_or(0, |span| span.get_days())) + 1;
            Days {
                first: days.first.saturating_sub(length.days()),
                last: days.last.saturating_sub(length.days()),
            }
        }
        (None, _) => Days { first: back(days.first), last: back(days.last) },
    }
}

/// The same cell, of those days.
pub(super) fn placed(cell: &AnalysisCell, days: Days) -> Result<AnalysisCell> {
    let mut cell = cell.clone();
    let first = chart_first(&cell, days)?;
    let start = days.first.to_string();
    match &mut cell {
        AnalysisCell::Trend { query, cell } => {
            query.compare = None;
            cell.earlier = false;
            cell.bucket = cell.bucket.as_ref().map(|_| start);
        }
        AnalysisCell::Funnel { cell, .. } => cell.bucket = cell.bucket.as_ref().map(|_| start),
        AnalysisCell::Retention { cell, .. } => cell.cohort = cell.cohort.as_ref().map(|_| start),
        AnalysisCell::Lifecycle { cell, .. } => cell.bucket = start,
        AnalysisCell::Interval { cell, .. } => cell.bucket = cell.bucket.as_ref().map(|_| start),
        AnalysisCell::Session { cell, .. } => cell.bucket = cell.bucket.as_ref().map(|_| start),
        AnalysisCell::Revenue { cell, .. } => cell.cohort = cell.cohort.as_ref().map(|_| start),
        _ => {}
    }
    *range_mut(&mut cell) = DateRange::Between { from: first.to_string(), to: days.last.to_string() };
    Ok(cell)
}

/// Where the range begins. A trend keeps the range of its chart, since its groups, its sums from
/// the beginning and its moving means depend on it; of other kinds the days alone are asked.
fn chart_first(cell: &AnalysisCell, days: Days) -> Result<Date> {
    let AnalysisCell::Trend { query, cell: wanted } = cell else { return Ok(days.first) };
    match query.range {
        _ if wanted.bucket.is_none() => Ok(days.first),
        DateRange::All if query.shape == TrendShape::Plain => Ok(days.first),
        _ => Ok(days.last.saturating_sub((length(cell)? - 1).days()).min(days.first)),
    }
}

/// How many days a question is about.
fn length(cell: &AnalysisCell) -> Result<i64> {
    let place = "cell.query.range";
    match range(cell) {
        DateRange::LastDays { days } => Ok(i64::from(*days).max(1)),
        DateRange::Between { from, to } => {
            let (from, to) = (calendar::parse_date(from), calendar::parse_date(to));
            let (from, to) = (from.map_err(|error| error.at(place))?, to.map_err(|error| error.at(place))?);
            Ok((i64::from(from.until(to).map_or(0, |span| span.get_days())) + 1).max(1))
        }
        DateRange::All => Err(Error::invalid(place, "an alert needs a question about some days, not all")),
    }
}

/// By what the cell's numbers follow one another; none if it is of the entire range.
pub(super) fn interval(cell: &AnalysisCell) -> Option<Interval> {
    match cell {
        AnalysisCell::Trend { query, cell } => cell.bucket.as_ref().map(|_| query.interval),
        AnalysisCell::Funnel { query, cell } => cell.bucket.as_ref().and(query.trend),
        AnalysisCell::Retention { query, cell } => cell.cohort.as_ref().map(|_| query.interval),
        AnalysisCell::Lifecycle { query, .. } => Some(query.interval),
        AnalysisCell::Interval { query, cell } => cell.bucket.as_ref().map(|_| query.interval),
        AnalysisCell::Session { query, cell } => cell.bucket.as_ref().map(|_| query.interval),
        AnalysisCell::Revenue { query, cell } => cell.cohort.as_ref().map(|_| query.interval),
        _ => None,
    }
}

/// Days after the last one until nobody can change the number any more.
fn lag(cell: &AnalysisCell) -> i64 {
    let by_bucket = interval(cell).is_some();
    match cell {
        AnalysisCell::Funnel { query, cell } => funnel_lag(query, cell),
        AnalysisCell::Retention { query, cell } => {
            let after = intervals_after(query, cell.what);
            cohort_lag((query.interval, query.clock), after, by_bucket)
        }
        AnalysisCell::Revenue { query, cell } => {
            let after = match cell.what {
                RevenueWhat::Started => None,
                RevenueWhat::Paid { column }
                | RevenueWhat::PaidSoFar { column }
                | RevenueWhat::NotYet { column } => Some(last_interval(query, column)),
            };
            cohort_lag((query.interval, query.clock), after, by_bucket)
        }
        AnalysisCell::Interval { query, .. } => whole_days(query.limit_seconds),
        _ => 0,
    }
}

fn funnel_lag(query: &FunnelQuery, cell: &FunnelCell) -> i64 {
    if query.clamp || (cell.step == 0 && !cell.dropped) {
        return 0;
    }
    match query.window {
        FunnelWindow::Elapsed { seconds } => whole_days(seconds),
        FunnelWindow::Days { days } => i64::from(days) - 1,
    }
}

fn whole_days(seconds: u32) -> i64 {
    (i64::from(seconds) + DAY_SECONDS - 1) / DAY_SECONDS
}

/// The last interval after the start that a number of a cohort looks at.
fn intervals_after(query: &RetentionQuery, what: RetentionWhat) -> Option<i64> {
    let columns = query.columns();
    let last = |column: usize| columns.get(column).map_or(0, |column| i64::from(column.1));
    match what {
        RetentionWhat::Started => None,
        RetentionWhat::Same => Some(0),
        // Back in this column or any later one.
        RetentionWhat::Back { .. } | RetentionWhat::Away { .. } if query.rolling => {
            Some(columns.last().map_or(0, |column| i64::from(column.1)))
        }
        RetentionWhat::Back { column } | RetentionWhat::Away { column } => Some(last(column)),
    }
}

/// The first column of revenue is the interval of the start itself.
fn last_interval(query: &RevenueQuery, column: usize) -> i64 {
    (column as i64).min(i64::from(query.periods))
}

fn cohort_lag((interval, clock): (Interval, RetentionClock), after: Option<i64>, by_bucket: bool) -> i64 {
    let Some(after) = after else { return 0 };
    let length = match interval {
        Interval::Day => 1,
        Interval::Week | Interval::SundayWeek => 7,
        Interval::Month => 31,
    };
    match clock {
        RetentionClock::Calendar if by_bucket => after * length,
        // Some begin on the first day of an interval that goes on after the range.
        RetentionClock::Calendar => (after + 1) * length - 1,
        RetentionClock::Elapsed => (after + 1) * length,
    }
}

fn range(cell: &AnalysisCell) -> &DateRange {
    use AnalysisCell as C;
    match cell {
        C::Trend { query, .. } => &query.range,
        C::Funnel { query, .. } => &query.range,
        C::Retention { query, .. } => &query.range,
        C::Lifecycle { query, .. } => &query.range,
        C::Stickiness { query, .. } => &query.range,
        C::Distribution { query, .. } => &query.range,
        C::Interval { query, .. } => &query.range,
        C::Session { query, .. } => &query.range,
        C::Path { query, .. } => &query.range,
        C::Attribution { query, .. } => &query.range,
        C::Revenue { query, .. } => &query.range,
        C::Crosstab { query, .. } => &query.range,
        C::Rfm { query, .. } => &query.range,
        C::Sequence { query, .. } => &query.range,
        C::Heatmap { query, .. } => &query.range,
    }
}

fn range_mut(cell: &mut AnalysisCell) -> &mut DateRange {
    use AnalysisCell as C;
    match cell {
        C::Trend { query, .. } => &mut query.range,
        C::Funnel { query, .. } => &mut query.range,
        C::Retention { query, .. } => &mut query.range,
        C::Lifecycle { query, .. } => &mut query.range,
        C::Stickiness { query, .. } => &mut query.range,
        C::Distribution { query, .. } => &mut query.range,
        C::Interval { query, .. } => &mut query.range,
        C::Session { query, .. } => &mut query.range,
        C::Path { query, .. } => &mut query.range,
        C::Attribution { query, .. } => &mut query.range,
        C::Revenue { query, .. } => &mut query.range,
        C::Crosstab { query, .. } => &mut query.range,
        C::Rfm { query, .. } => &mut query.range,
        C::Sequence { query, .. } => &mut query.range,
        C::Heatmap { query, .. } => &mut query.range,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value as Json, json};

    use super::*;

    fn cell(kind: &str, query: Json, cell: Json) -> AnalysisCell {
        serde_json::from_value(json!({"kind": kind, "query": query, "cell": cell})).expect("a cell")
    }

    fn trend(interval: &str, bucket: Option<&str>) -> AnalysisCell {
        let query = json!({"series": [{"event": "seen", "measure": {"kind": "count"}}], "interval": interval,
            "range": {"kind": "last_days", "days": 7}});
        cell("trend", query, json!({"series": 0, "bucket": bucket, "group": {"kind": "whole"}}))
    }

    fn funnel(window: Json, step: usize) -> AnalysisCell {
        let query = json!({"steps": [{"event": "seen"}, {"event": "paid"}], "window": window,
            "range": {"kind": "last_days", "days": 7}});
        cell("funnel", query, json!({"step": step, "group": {"kind": "whole"}}))
    }

    fn retention(interval: &str, clock: &str, cohort: Option<&str>, what: Json) -> AnalysisCell {
        let query = json!({"start": {"event": "seen"}, "back": {"event": "seen"}, "interval": interval,
            "clock": clock, "periods": 4, "range": {"kind": "between", "from": "2026-11-01", "to": "2026-11-10"}});
        cell("retention", query, json!({"cohort": cohort, "what": what, "group": {"kind": "whole"}}))
    }

    /// A Saturday.
    fn today() -> Date {
        Date::constant(2026, 11, 21)
    }

    fn text(days: Days) -> String {
        format!("{} {}", days.first, days.last)
    }

    #[test]
    fn only_what_is_over_is_judged() {
        let day = json!({"kind": "elapsed", "seconds": 86_400});
        let back = json!({"kind": "back", "column": 1});
        let started = json!({"kind": "started"});
        for (cell, days) in [
            (trend("day", Some("2026-11-21")), "2026-11-20 2026-11-20"),
            (trend("week", Some("2026-11-16")), "2026-11-09 2026-11-15"),
            (trend("sunday_week", Some("2026-11-15")), "2026-11-08 2026-11-14"),
            (trend("month", Some("2026-11-01")), "2026-10-01 2026-10-31"),
            (trend("day", None), "2026-11-14 2026-11-20"),
            (funnel(day.clone(), 0), "2026-11-14 2026-11-20"),
            (funnel(day, 1), "2026-11-13 2026-11-19"),
            (funnel(json!({"kind": "elapsed", "seconds": 86_401}), 1), "2026-11-12 2026-11-18"),
            (funnel(json!({"kind": "days", "days": 1}), 1), "2026-11-14 2026-11-20"),
            (retention("day", "calendar", Some("2026-11-01"), back.clone()), "2026-11-18 2026-11-18"),
            (retention("day", "elapsed", Some("2026-11-01"), back.clone()), "2026-11-17 2026-11-17"),
            (retention("week", "calendar", Some("2026-11-02"), back.clone()), "2026-10-26 2026-11-01"),
            (retention("week", "calendar", Some("2026-11-02"), started), "2026-11-09 2026-11-15"),
            (retention("day", "calendar", None, back), "2026-11-09 2026-11-18"),
        ] {
            assert_eq!(text(judged(&cell, today()).expect("days")), days, "{cell:?}");
        }
    }

    #[test]
    fn earlier_days_are_the_same_bucket() {
        for (cell, against, days) in [
            (trend("day", Some("x")), TrendCompare::Previous, "2026-11-19 2026-11-19"),
            (trend("day", Some("x")), TrendCompare::Week, "2026-11-13 2026-11-13"),
            (trend("day", Some("x")), TrendCompare::Month, "2026-10-20 2026-10-20"),
            (trend("week", Some("x")), TrendCompare::Previous, "2026-11-02 2026-11-08"),
            (trend("month", Some("x")), TrendCompare::Year, "2025-10-01 2025-10-31"),
            (trend("month", Some("x")), TrendCompare::Previous, "2026-09-01 2026-09-30"),
            (trend("day", None), TrendCompare::Previous, "2026-11-07 2026-11-13"),
            (trend("day", None), TrendCompare::Year, "2025-11-14 2025-11-20"),
        ] {
            let now = judged(&cell, today()).expect("days");
            assert_eq!(text(earlier(&cell, now, against)), days, "{against:?} {cell:?}");
        }
    }

    #[test]
    fn a_cell_is_asked_of_its_days() {
        let seen = |cell: AnalysisCell| {
            let days = judged(&cell, today()).expect("days");
            let placed = placed(&cell, days).expect("a cell");
            let cell = serde_json::to_value(&placed).expect("JSON");
            (cell["query"]["range"]["from"].clone(), cell["cell"]["bucket"].clone())
        };
        assert_eq!(seen(trend("day", Some("x"))), (json!("2026-11-14"), json!("2026-11-20")), "as its chart");
        assert_eq!(seen(trend("day", None)), (json!("2026-11-14"), Json::Null));
        assert_eq!(
            seen(trend("month", Some("x"))),
            (json!("2026-10-01"), json!("2026-10-01")),
            "at least all"
        );
        let all = json!({"steps": [{"event": "seen"}, {"event": "paid"}], "range": {"kind": "all"},
            "window": {"kind": "days", "days": 1}});
        let all = cell("funnel", all, json!({"step": 1, "group": {"kind": "whole"}}));
        let field = judged(&all, today()).expect_err("never complete").field;
        assert_eq!(field.as_deref(), Some("cell.query.range"));
    }
}
