//! What a batch leaves behind besides the changed people, until it is stored and told.

use siyu_events::{Amendment, EventRow};
use siyu_types::clock::Millis;
use siyu_types::ports::AppliedEvent;
use siyu_types::{Identifier, PersonNo};

/// What a batch leaves behind besides the changed people.
#[derive(Default)]
pub struct Outcome {
    pub listened: bool,
    pub rows: Vec<EventRow>,
    pub events: Vec<AppliedEvent>,
    /// Values that stored events get back.
    pub amendments: Vec<Amendment>,
    pub records: u64,
    pub duplicates: u64,
    /// Numbers of people who were erased in it.
    pub erased: Vec<u32>,
}

impl Outcome {
    /// Brings what rows are identified by into another form, where there is one.
    pub fn keep(&mut self, keep: impl Fn(&mut [Identifier]) -> bool) {
        for row in &mut self.rows {
            keep(&mut row.ids);
        }
        for event in &mut self.events {
            keep(&mut event.record.ids);
        }
    }

    /// What belongs to these numbers is not stored, nor told to anybody; the identifiers that
    /// go are taken off the rows of others.
    pub fn forget(
        &mut self,
        numbers: &[u32],
        without: impl Fn(&[Identifier], Millis) -> Option<Vec<Identifier>>,
    ) {
        let theirs = |person: &PersonNo| numbers.contains(&person.0);
        self.rows.retain(|row| !theirs(&row.person));
        for row in &mut self.rows {
            if let Some(left) = without(&row.ids, row.time) {
                row.ids = left;
            }
        }
        self.events.retain(|event| !theirs(&event.person));
        self.amendments.retain(|amendment| !theirs(&amendment.person));
    }
}
