//! When an alert fires, when it is looked at next, and what it must fulfil.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use siyu_types::analysis::{AnalysisCell, Group, Measure, RetentionWhat, RevenueWhat, TrendQuery};
use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use super::model::{AlertDirection, AlertError, AlertMeasure, AlertRhythm, AlertRule, AlertState, Watched};
use super::periods;

const PERCENT_MAX: f64 = 100_000.0;

/// Checks what can be told without asking.
pub(super) fn check(watched: &Watched) -> Result<()> {
    let trend = matches!(watched.cell, AnalysisCell::Trend { .. });
    let fits = match watched.measure {
        AlertMeasure::Number => trend,
        AlertMeasure::People => !trend,
        AlertMeasure::Share => whole_of(&watched.cell).is_some(),
    };
    if !fits {
        return Err(Error::invalid("measure", "the cell has no such number"));
    }
    if let AnalysisCell::Trend { query, cell } = &watched.cell
        && cell.series >= query.series.len() + query.formulas.len()
    {
        return Err(Error::invalid("cell.cell.series", "the answer has no such series"));
    }
    // Refuses questions that are never complete.
    periods::judged(&watched.cell, jiff::civil::Date::constant(2026, 1, 1)).map(|_| ())
}

pub(super) fn check_rule(rule: AlertRule) -> Result<()> {
    match rule {
        AlertRule::Above { number } | AlertRule::Below { number } if !number.is_finite() => {
            Err(Error::invalid("rule.number", "must be a number"))
        }
        AlertRule::Changes { percent, .. } if !(percent > 0.0 && percent <= PERCENT_MAX) => {
            Err(Error::invalid("rule.percent", format!("must be above 0, at most {PERCENT_MAX}")))
        }
        _ => Ok(()),
    }
}

pub(super) fn check_rhythm(rhythm: AlertRhythm) -> Result<()> {
    let (weekday, hour) = match rhythm {
        AlertRhythm::Hourly => return Ok(()),
        AlertRhythm::Daily { hour } => (1, hour),
        AlertRhythm::Weekly { weekday, hour } => (weekday, hour),
    };
    if !(1..=7).contains(&weekday) {
        return Err(Error::invalid("rhythm.weekday", "1 to 7, Monday first"));
    }
    match (0..=23).contains(&hour) {
        true => Ok(()),
        false => Err(Error::invalid("rhythm.hour", "0 to 23")),
    }
}

/// Everybody of whom the people behind a cell are a part; none if it is no part of anything.
pub(super) fn whole_of(cell: &AnalysisCell) -> Option<AnalysisCell> {
    let mut whole = cell.clone();
    match &mut whole {
        AnalysisCell::Funnel { cell, .. } => {
            (cell.step, cell.dropped) = (0, false);
            (cell.at_least, cell.less_than) = (None, None);
        }
        AnalysisCell::Retention { cell, .. } => cell.what = RetentionWhat::Started,
        AnalysisCell::Revenue { cell, .. } => cell.what = RevenueWhat::Started,
        _ => return None,
    }
    Some(whole)
}

/// What a line that is not there stands for: nothing happened, or nothing is known. Of a trend
/// whose smaller groups are summed as *other*, the group may be among those.
pub(super) fn of_absent(query: &TrendQuery, series: usize, summed: bool) -> Option<f64> {
    let adds = query.series.get(series).is_some_and(|series| {
        matches!(
            series.measure,
            Measure::Count
                | Measure::People
                | Measure::TrailingPeople { .. }
                | Measure::Sum { .. }
                | Measure::Distinct { .. }
        )
    });
    (adds && !summed).then_some(0.0)
}

/// Groups whose lines a larger number of groups does not change.
pub(super) fn stands_alone(group: &Group) -> bool {
    matches!(group, Group::Value { .. } | Group::Several { .. })
}

pub(super) fn verdict(rule: AlertRule, value: Option<f64>, compared: Option<f64>) -> AlertState {
    let fires = match (rule, value, compared) {
        (AlertRule::Above { number }, Some(value), _) => value > number,
        (AlertRule::Below { number }, Some(value), _) => value < number,
        (AlertRule::Changes { .. }, Some(0.0), Some(0.0)) => false,
        // From nothing, every change is infinitely large.
        (AlertRule::Changes { .. }, _, Some(0.0)) => return AlertState::TooLittle,
        (AlertRule::Changes { percent, direction, .. }, Some(value), Some(before)) => {
            let change = (value - before) / before.abs() * 100.0;
            match direction {
                AlertDirection::Up => change > percent,
                AlertDirection::Down => -change > percent,
                AlertDirection::Either => change.abs() > percent,
            }
        }
        _ => return AlertState::TooLittle,
    };
    if fires { AlertState::Firing } else { AlertState::Ok }
}

/// The first instant after now at which an alert is to be looked at.
pub(super) fn next(rhythm: AlertRhythm, now: Millis, zone: &TimeZone) -> Millis {
    const HOUR: i64 = 3_600_000;
    let hour_on = now.saturating_add(HOUR);
    let Ok(local) = Timestamp::from_millisecond(now).map(|at| at.to_zoned(zone.clone())) else {
        return hour_on;
    };
    let (weekday, hour) = match rhythm {
        // By the clock of the zone, which may be half an hour off that of UTC.
        AlertRhythm::Hourly => {
            let into = i64::from(local.minute()) * 60_000 + i64::from(local.second()) * 1_000;
            return hour_on - into - now.rem_euclid(1_000);
        }
        AlertRhythm::Daily { hour } => (None, hour),
        AlertRhythm::Weekly { weekday, hour } => (Some(weekday), hour),
    };
    let today = local.date();
    let days = (0..=7).map(|ahead: i64| today.saturating_add(ahead.days()));
    let fitting =
        days.filter(|day| weekday.is_none_or(|wanted| day.weekday().to_monday_one_offset() == wanted));
    let mut instants = fitting.filter_map(|day| zone.to_zoned(day.at(hour, 0, 0, 0)).ok());
    instants
        .find(|at| at.timestamp().as_millisecond() > now)
        .map_or(hour_on, |at| at.timestamp().as_millisecond())
}

/// What is kept of an error. That of a fault of ours is for the log alone.
pub(super) fn kept(error: &Error) -> AlertError {
    let internal = error.code == siyu_types::ErrorCode::Internal;
    let message = if internal { "something broke on our side".to_owned() } else { error.message.clone() };
    AlertError { code: error.code, message, params: error.params.clone() }
}

#[cfg(test)]
mod tests {
    use siyu_types::analysis::TrendCompare;
    use siyu_types::calendar;

    use super::*;

    #[test]
    fn verdicts() {
        let changes =
            |percent, direction| AlertRule::Changes { percent, direction, against: TrendCompare::Week };
        let (either, up, down) = (AlertDirection::Either, AlertDirection::Up, AlertDirection::Down);
        for (rule, value, compared, state) in [
            (AlertRule::Above { number: 10.0 }, Some(10.0), None, AlertState::Ok),
            (AlertRule::Above { number: 10.0 }, Some(10.5), None, AlertState::Firing),
            (AlertRule::Below { number: 10.0 }, Some(0.0), None, AlertState::Firing),
            (AlertRule::Below { number: 10.0 }, None, None, AlertState::TooLittle),
            (changes(20.0, either), Some(120.0), Some(100.0), AlertState::Ok),
            (changes(20.0, either), Some(121.0), Some(100.0), AlertState::Firing),
            (changes(20.0, either), Some(79.0), Some(100.0), AlertState::Firing),
            (changes(20.0, up), Some(79.0), Some(100.0), AlertState::Ok),
            (changes(20.0, down), Some(121.0), Some(100.0), AlertState::Ok),
            (changes(20.0, down), Some(-130.0), Some(-100.0), AlertState::Firing),
            (changes(20.0, either), Some(5.0), Some(0.0), AlertState::TooLittle),
            (changes(20.0, either), Some(0.0), Some(0.0), AlertState::Ok),
            (changes(20.0, either), Some(5.0), None, AlertState::TooLittle),
            (changes(20.0, either), None, Some(5.0), AlertState::TooLittle),
        ] {
            assert_eq!(verdict(rule, value, compared), state, "{rule:?} {value:?} {compared:?}");
        }
    }

    #[test]
    fn looks_follow_the_zone() {
        let at = |text: &str| text.parse::<Timestamp>().expect("an instant").as_millisecond();
        for (zone, rhythm, now, wanted) in [
            ("Asia/Shanghai", AlertRhythm::Hourly, "2026-11-21T04:00:00Z", "2026-11-21T05:00:00Z"),
            ("Asia/Kolkata", AlertRhythm::Hourly, "2026-11-21T04:00:01.5Z", "2026-11-21T04:30:00Z"),
            ("Asia/Shanghai", AlertRhythm::Daily { hour: 8 }, "2026-11-21T00:00:00Z", "2026-11-22T00:00:00Z"),
            ("Asia/Shanghai", AlertRhythm::Daily { hour: 8 }, "2026-11-20T23:59:00Z", "2026-11-21T00:00:00Z"),
            (
                "Asia/Shanghai",
                AlertRhythm::Weekly { weekday: 6, hour: 9 },
                "2026-11-21T01:00:00Z",
                "2026-11-28T01:00:00Z",
            ),
            (
                "Asia/Shanghai",
                AlertRhythm::Weekly { weekday: 1, hour: 9 },
                "2026-11-21T01:00:00Z",
                "2026-11-23T01:00:00Z",
            ),
            // The hour is skipped on that day: it is looked at as soon as it would have been over.
            (
                "America/New_York",
                AlertRhythm::Daily { hour: 2 },
                "2026-03-08T05:00:00Z",
                "2026-03-08T07:00:00Z",
            ),
        ] {
            let zone = calendar::zone(zone).expect("a known zone");
            assert_eq!(next(rhythm, at(now), &zone), at(wanted), "{rhythm:?} {now}");
        }
    }
}
