//! Who is meant: the condition language over columns and over one person.

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use siyu_types::clock::Millis;
use siyu_types::condition::Condition;
use siyu_types::{Error, Result};

use crate::Context;
use crate::people::PersonRow;

/// The event properties a scan must bring to evaluate the condition; sorted, no duplicates.
pub fn columns_needed(condition: &Condition) -> Vec<String> {
    let _ = condition;
    Vec::new()
}

/// The events the condition speaks of; a scan may leave out all others. Sorted, no duplicates.
pub fn events_needed(condition: &Condition) -> Vec<String> {
    let _ = condition;
    Vec::new()
}

/// Whether the condition needs events at all; if not, an empty scan will do.
pub fn names_events(condition: &Condition) -> bool {
    let _ = condition;
    true
}

/// The living people for whom the condition holds.
pub fn evaluate(condition: &Condition, context: &Context<'_>) -> Result<RoaringBitmap> {
    let _ = (condition, context);
    Err(Error::internal("conditions are not evaluated yet"))
}

/// Whether the condition holds for one (living) person.
pub fn holds(condition: &Condition, person: &dyn PersonRow, as_of: Millis, zone: &TimeZone) -> Result<bool> {
    let _ = (condition, person, as_of, zone);
    Err(Error::internal("conditions are not evaluated yet"))
}
