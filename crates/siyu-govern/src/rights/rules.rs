//! By when a request is to be answered, and what may be done with it in which state.

use jiff::ToSpan;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use siyu_types::clock::Millis;
use siyu_types::error::{Error, ErrorCode, Result};
use siyu_types::{Identifier, calendar};

use super::model::{Request, RequestState};

/// Days of work to answer in (GB/T 35273 and the rules of the app stores).
pub const WORKING_DAYS: u32 = 15;
/// A request that is due within so many days is due soon.
pub const SOON_DAYS: i64 = 5;
/// Longest note, reason or answer, in characters.
pub const TEXT_CHARS_MAX: usize = 2_000;

const DAY_MILLIS: i64 = 86_400_000;

/// The end of the fifteenth working day after the day of the request. Saturdays and
/// Sundays do not count; public holidays do, so the true deadline is never before it.
pub fn due(asked_at: Millis, zone: &TimeZone) -> Millis {
    let mut day = calendar::local_date(asked_at, zone);
    let mut left = WORKING_DAYS;
    while left > 0 {
        day = day.saturating_add(1.day());
        if !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            left -= 1;
        }
    }
    calendar::day_start(day.saturating_add(1.day()), zone) - 1
}

/// What is due until then is due soon.
pub fn soon(now: Millis) -> Millis {
    now + SOON_DAYS * DAY_MILLIS
}

pub fn is_overdue(request: &Request, now: Millis) -> bool {
    !request.state.is_ended() && request.due_at < now
}

/// An ended request stays ended.
pub fn require_open(request: &Request, action: &str) -> Result<()> {
    if !request.state.is_ended() {
        return Ok(());
    }
    Err(wrong_state(request, action, "the request is ended"))
}

/// What is done about a request is done by whoever took it over.
pub fn require_taken(request: &Request, action: &str) -> Result<()> {
    require_open(request, action)?;
    if request.state == RequestState::Working {
        return Ok(());
    }
    Err(wrong_state(request, action, "take the request over first"))
}

/// Nothing is handed to, or changed for, somebody who may be somebody else. Of
/// a stranger nothing is known that could be.
pub fn require_verified(request: &Request) -> Result<()> {
    if request.person.is_none() || request.verified.is_some() {
        return Ok(());
    }
    Err(Error::new(ErrorCode::NotVerified, "note first how you made sure that it is the person who asks"))
}

/// Whether a request may end so. Everybody who asks is told what was done, or why not (art. 50).
pub fn require_end(request: &Request, to: RequestState, answer: &str) -> Result<()> {
    require_taken(request, to.as_str())?;
    if !to.is_ended() {
        return Err(Error::invalid("state", "is not an end"));
    }
    if answer.trim().is_empty() {
        return Err(Error::invalid(
            "answer",
            "say what was done, or why not: the person has a right to know",
        ));
    }
    if to == RequestState::Done { require_verified(request) } else { Ok(()) }
}

/// As contacts are kept, so that the same address is the same contact.
pub fn contact(id: Identifier) -> Identifier {
    let value = id.value.trim();
    let value = if id.namespace == "email" { value.to_lowercase() } else { value.to_owned() };
    Identifier { value, ..id }
}

pub fn require_text(field: &str, text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(field, "must not be empty"));
    }
    limit_text(field, text)
}

pub fn limit_text(field: &str, text: &str) -> Result<String> {
    if text.chars().count() > TEXT_CHARS_MAX {
        return Err(Error::invalid(field, format!("at most {TEXT_CHARS_MAX} characters")));
    }
    Ok(text.trim().to_owned())
}

fn wrong_state(request: &Request, action: &str, message: &str) -> Error {
    Error::new(ErrorCode::WrongState, message).with("state", request.state.as_str()).with("action", action)
}
