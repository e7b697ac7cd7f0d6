//! The history of a segment's size.

use siyu_types::clock::Millis;

/// Sizes kept.
pub const HISTORY_MAX: usize = 200;
/// An unchanged size is written down at most so often.
const UNCHANGED_MILLIS: i64 = 3_600_000;
/// A count older than this is made anew when a segment is looked at.
pub const STALE_MILLIS: i64 = 60_000;

/// Adds a size; a size that did not change since a short while is not repeated.
pub fn remember(history: &mut Vec<(Millis, u64)>, at: Millis, count: u64) {
    if let Some((last, known)) = history.last()
        && *known == count
        && at - *last < UNCHANGED_MILLIS
    {
        return;
    }
    history.push((at, count));
    if history.len() > HISTORY_MAX {
        history.drain(..history.len() - HISTORY_MAX);
    }
}
