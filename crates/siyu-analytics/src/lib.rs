//! Pure functions over columns: conditions, analyses and per-person measures.
//! No I/O, no clock: everything is asked *as of* an instant given in [`Context`].

mod aggregate;
mod amounts;
pub mod analyses;
mod bits;
mod boundaries;
mod buckets;
mod cohorts;
pub mod conditions;
mod days;
mod gains;
mod groups;
pub mod items;
mod keys;
mod left_out;
mod masks;
pub mod measures;
pub mod names;
pub mod orders;
mod outcomes;
mod pass;
pub mod people;
mod roles;
mod slots;
mod summary;
#[cfg(test)]
mod testing;
mod values;
mod wanted;

use std::borrow::Cow;

use jiff::tz::TimeZone;
use roaring::RoaringBitmap;
use siyu_events::Scan;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, Result};

pub use items::{ItemColumn, ItemTable, ItemValue};
pub use pass::THREADS_MAX;
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

impl<'a> Context<'a> {
    /// The part of a range that is known as of now.
    pub(crate) fn known(&self, range: InstantRange) -> InstantRange {
        InstantRange { from: range.from, to: range.to.min(self.as_of.saturating_add(1)) }
    }

    /// The people an analysis looks at: living, of the segment if one is named,
    /// and within the caller's choice.
    pub(crate) fn chosen(
        &self,
        segment: Option<i64>,
        within: Option<&RoaringBitmap>,
    ) -> Result<Cow<'a, RoaringBitmap>> {
        let mut chosen = Cow::Borrowed(self.people.universe());
        if let Some(within) = within {
            *chosen.to_mut() &= within;
        }
        if let Some(id) = segment {
            let members = self.people.segment(id).ok_or_else(|| unknown("segment", id).at("segment"))?;
            *chosen.to_mut() &= members;
        }
        Ok(chosen)
    }
}

/// The error for a name that stands for nothing.
pub(crate) fn unknown(what: &str, name: impl std::fmt::Display) -> Error {
    Error::new(ErrorCode::UnknownName, format!("there is no {what} {name}"))
        .with("what", what)
        .with("name", name.to_string())
}
