//! Pure functions over columns: conditions, analyses and per-person measures.
//! No I/O, no clock: everything is asked *as of* an instant given in [`Context`].

pub mod analyses;
pub mod conditions;
pub mod measures;
pub mod names;
pub mod people;

use jiff::tz::TimeZone;
use siyu_events::Scan;
use siyu_types::clock::Millis;

pub use people::{AttributeColumn, PersonColumns, PersonRow};

/// What a question is asked of.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub people: &'a dyn PersonColumns,
    pub scan: &'a Scan,
    /// Events after this instant are ignored; windows of days end with its local day.
    pub as_of: Millis,
    pub zone: &'a TimeZone,
}
