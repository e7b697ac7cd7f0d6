//! The latest events of a project, kept in memory to be watched as they arrive.

use std::collections::VecDeque;

use siyu_events::EventRow;

pub const LIVE_MAX: usize = 500;

#[derive(Default)]
pub struct Live {
    ring: VecDeque<EventRow>,
}

impl Live {
    /// Takes copies of the last of these rows.
    pub fn push(&mut self, rows: &[EventRow]) {
        for row in &rows[rows.len().saturating_sub(LIVE_MAX)..] {
            if self.ring.len() == LIVE_MAX {
                self.ring.pop_front();
            }
            self.ring.push_back(row.clone());
        }
    }

    /// The newest rows that match, newest first.
    pub fn newest(&self, limit: usize, matches: impl Fn(&EventRow) -> bool) -> Vec<EventRow> {
        self.ring.iter().rev().filter(|row| matches(row)).take(limit).cloned().collect()
    }
}
