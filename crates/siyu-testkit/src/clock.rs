//! A clock that stands still until it is told to move.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use siyu_types::Clock;
use siyu_types::clock::Millis;

/// Starts at a named instant; clones show the same time.
#[derive(Clone, Debug)]
pub struct MockClock(Arc<AtomicI64>);

impl MockClock {
    /// `2026-11-21T16:00:00+08:00`, or in UTC with a `Z`.
    pub fn at(rfc3339: &str) -> MockClock {
        let at: jiff::Timestamp = rfc3339.parse().expect("an RFC 3339 instant");
        MockClock(Arc::new(AtomicI64::new(at.as_millisecond())))
    }

    /// Moves forward, or back with a negative number.
    pub fn advance(&self, millis: Millis) {
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub fn set(&self, at: Millis) {
        self.0.store(at, Ordering::SeqCst);
    }

    pub fn shared(&self) -> Arc<dyn Clock> {
        Arc::new(self.clone())
    }
}

impl Clock for MockClock {
    fn now(&self) -> Millis {
        self.0.load(Ordering::SeqCst)
    }
}
