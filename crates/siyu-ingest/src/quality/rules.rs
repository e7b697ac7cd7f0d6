//! Whether what arrives is what is expected. Pure.

use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use super::cells::HOUR;
use super::counters::Counters;
use super::model::{Rule, RuleDraft, RuleKind, RuleState, Verdict};
use super::report::chosen;

const WEEK_HOURS: i64 = 7 * 24;
/// Weeks an hour is compared with.
const WEEKS: i64 = 4;
/// An average of fewer records says nothing: one more or less would be a sensation.
const EXPECTED_MIN: f64 = 10.0;
pub const NAME_CHARS_MAX: usize = 200;
const PERCENT_MAX: i64 = 10_000;
const MINUTES_MAX: i64 = 60 * 24 * 30;

pub fn check(draft: &RuleDraft) -> Result<()> {
    for (field, text) in [("source", &draft.source), ("event", &draft.event)] {
        if text.chars().count() > NAME_CHARS_MAX {
            return Err(Error::invalid(field, "is too long"));
        }
    }
    let fits = match draft.kind {
        RuleKind::Below => (1..=99).contains(&draft.threshold),
        RuleKind::Above => (101..=PERCENT_MAX).contains(&draft.threshold),
        RuleKind::Silent => (1..=MINUTES_MAX).contains(&draft.threshold),
    };
    if fits { Ok(()) } else { Err(Error::invalid("threshold", "is out of range for this kind of rule")) }
}

/// What a rule says of the counters now.
pub fn evaluate(rule: &Rule, counters: &Counters, now: Millis) -> Verdict {
    let draft = &rule.draft;
    if !draft.enabled {
        return Verdict { state: RuleState::Pending, observed: None, expected: None };
    }
    match draft.kind {
        RuleKind::Silent => silent(rule, counters, now),
        RuleKind::Below | RuleKind::Above => compared(draft, counters, now),
    }
}

/// Silence counts from the last record, or from the rule where there never was one.
fn silent(rule: &Rule, counters: &Counters, now: Millis) -> Verdict {
    const MINUTE: Millis = 60_000;
    let last = chosen(counters, &rule.draft.source, &rule.draft.event).map(|series| series.last_seen).max();
    let quiet = (now - last.unwrap_or(rule.created_at)).max(0) / MINUTE;
    let state = if quiet >= rule.draft.threshold { RuleState::Firing } else { RuleState::Ok };
    Verdict { state, observed: Some(quiet as f64), expected: Some(rule.draft.threshold as f64) }
}

/// The last whole hour against the same hour of the weeks before, as far back as
/// anything of the kind was known.
fn compared(draft: &RuleDraft, counters: &Counters, now: Millis) -> Verdict {
    let hour = now.div_euclid(HOUR) - 1;
    let first = chosen(counters, &draft.source, &draft.event).map(|series| series.first_seen).min();
    let records = |hour: i64| -> u64 {
        let cells = chosen(counters, &draft.source, &draft.event).filter_map(|series| {
            let place = series.hours.binary_search_by_key(&hour, |cell| cell.at).ok()?;
            Some(series.hours[place].counts.records)
        });
        cells.sum()
    };
    let observed = records(hour);
    let before: Vec<u64> = (1..=WEEKS)
        .map(|week| hour - week * WEEK_HOURS)
        .filter(|hour| first.is_some_and(|first| first <= hour * HOUR))
        .map(records)
        .collect();
    let expected = before.iter().sum::<u64>() as f64 / before.len().max(1) as f64;
    if before.is_empty() || expected < EXPECTED_MIN {
        let expected = (!before.is_empty()).then_some(expected);
        return Verdict { state: RuleState::TooLittle, observed: Some(observed as f64), expected };
    }
    let bound = expected * draft.threshold as f64 / 100.0;
    let observed = observed as f64;
    let firing = if draft.kind == RuleKind::Below { observed < bound } else { observed > bound };
    let state = if firing { RuleState::Firing } else { RuleState::Ok };
    Verdict { state, observed: Some(observed), expected: Some(expected) }
}
