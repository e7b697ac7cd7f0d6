//! By when a request is to be answered, and the moves between its states.

use jiff::ToSpan;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;
use siyu_types::calendar;
use siyu_types::clock::Millis;
use siyu_types::error::{Error, ErrorCode, Result};

use super::model::{Request, RequestState};

/// Days of work to answer in (GB/T 35273 and the rules of the app stores).
pub const WORKING_DAYS: u32 = 15;

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

/// An ended request stays ended; whoever refuses says why.
pub fn moved(request: &Request, to: RequestState, answer: &str) -> Result<()> {
    if request.state.is_ended() {
        return Err(Error::new(ErrorCode::WrongState, "the request is ended")
            .with("state", request.state.as_str())
            .with("action", to.as_str()));
    }
    if to == RequestState::Refused && answer.trim().is_empty() {
        return Err(Error::invalid("answer", "say why: the person has a right to know"));
    }
    Ok(())
}
