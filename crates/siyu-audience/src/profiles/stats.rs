//! When somebody was seen and how much they did, kept per number so that splits are exact.
//! What they bought is not counted here: orders are put together from their events.

use siyu_types::clock::Millis;

use super::cell::When;

/// First and last time with their sources, and how many events.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Activity {
    pub first: Millis,
    pub last: Millis,
    pub events: u64,
    /// Codes of the sources of the first and the last event.
    pub first_source: u16,
    pub last_source: u16,
}

impl Default for Activity {
    fn default() -> Activity {
        Activity { first: Millis::MAX, last: Millis::MIN, events: 0, first_source: 0, last_source: 0 }
    }
}

impl Activity {
    pub(super) fn note(&mut self, when: When) {
        self.span(when, when);
        self.events += 1;
    }

    pub fn add(&mut self, other: &Activity) {
        let first = When { time: other.first, source: other.first_source };
        self.span(first, When { time: other.last, source: other.last_source });
        self.events += other.events;
    }

    /// Of events at one instant the source with the lower code stands, in whatever
    /// order they come.
    fn span(&mut self, first: When, last: When) {
        let (known_first, known_last) = (self.first_when(), self.last_when());
        if first < known_first {
            (self.first, self.first_source) = (first.time, first.source);
        }
        if last.time > known_last.time || (last.time == known_last.time && last.source < known_last.source) {
            (self.last, self.last_source) = (last.time, last.source);
        }
    }

    fn first_when(&self) -> When {
        When { time: self.first, source: self.first_source }
    }

    fn last_when(&self) -> When {
        When { time: self.last, source: self.last_source }
    }

    /// Absent for somebody of whom only a profile is known and never an instant.
    pub fn first_seen(&self) -> Option<Millis> {
        (self.first != Millis::MAX).then_some(self.first)
    }

    pub fn last_seen(&self) -> Option<Millis> {
        (self.last != Millis::MIN).then_some(self.last)
    }
}
