//! How fast compaction writes. What it makes better is needed some time, while what arrives and what is asked
//! needs the disk and a core now; so it keeps to a number of bytes a second, and to nobody else's work.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use siyu_types::{Error, Result};

use super::chunk::Chunk;
use super::compact::Change;

/// Who wants what of a compaction that may be pausing.
#[derive(Default)]
pub(crate) struct Pace {
    wishes: Mutex<Wishes>,
    changed: Condvar,
}

#[derive(Default)]
struct Wishes {
    /// Others that wait until it is done: it does not pause for as long as there are any.
    hurried: u32,
    /// It ends at the next row group, with nothing done.
    halted: bool,
    /// It pauses now.
    #[cfg(test)]
    pausing: bool,
}

impl Pace {
    /// Does something for which a compaction under way must be done, and does not let it pause meanwhile.
    pub fn hurried<T>(&self, wait: impl FnOnce() -> T) -> T {
        self.wish(|wishes| wishes.hurried += 1);
        let waited = wait();
        self.wish(|wishes| wishes.hurried -= 1);
        waited
    }

    pub fn halt(&self) {
        self.wish(|wishes| wishes.halted = true);
    }

    pub fn is_halted(&self) -> bool {
        self.wishes.lock().halted
    }

    fn wish(&self, change: impl FnOnce(&mut Wishes)) {
        change(&mut self.wishes.lock());
        self.changed.notify_all();
    }

    /// Waits for its time to come, if nobody is in a hurry. False when it is to end.
    fn pause(&self, until: Instant) -> bool {
        let mut wishes = self.wishes.lock();
        #[cfg(test)]
        {
            wishes.pausing = true;
            self.changed.notify_all();
        }
        while !wishes.halted
            && wishes.hurried == 0
            && !self.changed.wait_until(&mut wishes, until).timed_out()
        {}
        #[cfg(test)]
        {
            wishes.pausing = false;
        }
        !wishes.halted
    }

    /// Waits until a compaction pauses.
    #[cfg(test)]
    pub fn until_pausing(&self) {
        let mut wishes = self.wishes.lock();
        self.changed.wait_while(&mut wishes, |wishes| !wishes.pausing);
    }
}

/// When the next bytes may be written. Slower writing saves nothing up: a burst afterwards is what the
/// bound is there against.
#[derive(Clone, Copy, PartialEq, Debug)]
struct Schedule {
    bytes_per_second: u64,
    due: Instant,
}

impl Schedule {
    /// Bytes of which the writing began then.
    fn wrote(&mut self, began: Instant, bytes: u64) {
        let nanos = u128::from(bytes) * 1_000_000_000 / u128::from(self.bytes_per_second.max(1));
        let takes = Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX));
        let begins = self.due.max(began);
        // Whoever would wait for centuries waits for a day at a time.
        self.due = begins.checked_add(takes).unwrap_or(begins + Duration::from_hours(24));
    }
}

/// A compaction as a change of segments: it changes nothing, and takes its time.
pub(crate) struct Unhurried<'a> {
    pace: &'a Pace,
    schedule: Mutex<Schedule>,
}

impl<'a> Unhurried<'a> {
    pub fn new(pace: &'a Pace, bytes_per_second: u64) -> Unhurried<'a> {
        Unhurried { pace, schedule: Mutex::new(Schedule { bytes_per_second, due: Instant::now() }) }
    }
}

impl Change for Unhurried<'_> {
    fn apply(&self, _: &mut Chunk) -> Result<()> {
        Ok(())
    }

    fn columns(&self) -> Vec<u16> {
        Vec::new()
    }

    fn wrote(&self, bytes: u64) -> Result<()> {
        let mut schedule = self.schedule.lock();
        let began = schedule.due;
        schedule.wrote(began, bytes);
        if !self.pace.pause(schedule.due) {
            return Err(Error::internal("merging segments was told to end"));
        }
        // What comes next begins now: what was written in a hurry is not waited for afterwards.
        schedule.due = Instant::now();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use roaring::RoaringBitmap;

    use super::*;
    use crate::store::{CompactReport, EventRow, EventStore, Forgotten, StoreOptions};

    /// When the writing of each began, in milliseconds, and how many bytes.
    type Written = &'static [(u64, u64)];

    #[test]
    fn bytes_take_their_time_and_slowness_saves_nothing_up() {
        let start = Instant::now();
        let at = |millis: u64| start + Duration::from_millis(millis);
        // Bytes a second; when writing each began and how many bytes; when the next may be written.
        let cases: [(u64, Written, u64); 7] = [
            (1_000, &[], 0),
            (1_000, &[(0, 500)], 500),
            (1_000, &[(0, 500), (500, 250)], 750),
            // What follows too early waits for what was before it.
            (1_000, &[(0, 500), (100, 500)], 1_000),
            // A pause of ten seconds is not made up for.
            (1_000, &[(0, 500), (10_000, 500)], 10_500),
            (1 << 30, &[(0, 1 << 30), (1_000, 1 << 29)], 1_500),
            (0, &[(0, 2)], 2_000),
        ];
        for (bytes_per_second, written, due) in cases {
            let mut schedule = Schedule { bytes_per_second, due: start };
            for &(began, bytes) in written {
                schedule.wrote(at(began), bytes);
            }
            assert_eq!(schedule.due, at(due), "{bytes_per_second} a second, {written:?}");
        }
        let mut schedule = Schedule { bytes_per_second: 1, due: start };
        schedule.wrote(start, u64::MAX);
        assert!(schedule.due >= at(86_400_000), "too many bytes to say when");
    }

    fn rows(person: u32, from: u64) -> Vec<EventRow> {
        (from..from + 10).map(|seq| EventRow::bare(person, 5, seq, "open")).collect()
    }

    /// A store with two segments to be merged, at a byte a second.
    fn slow(dir: &Path, group_rows: usize) -> EventStore {
        let options = StoreOptions { group_rows, compaction_bytes_per_second: 1, ..StoreOptions::default() };
        let store = EventStore::open(dir, options, None).expect("opens");
        for from in [0, 10] {
            store.append(rows(1, from)).expect("appends");
            store.checkpoint().expect("writes");
        }
        store
    }

    #[test]
    fn who_waits_for_a_compaction_that_pauses_does_not_wait_for_its_pauses() {
        let dir = tempfile::tempdir().expect("temp");
        let store = slow(dir.path(), 4);
        let numbers = RoaringBitmap::from([2]);
        std::thread::scope(|scope| {
            let compaction = scope.spawn(|| store.compact().expect("merges"));
            store.pace.until_pausing();
            // What arrives and is written does not wait for it at all.
            store.append(rows(2, 20)).expect("appends");
            assert_eq!(store.checkpoint().expect("writes").segments.len(), 3);
            assert!(!compaction.is_finished());
            let forgotten =
                store.forget(Forgotten { numbers: &numbers, ids: &|_, _| None }).expect("forgets");
            assert_eq!(forgotten.rows, 10);
            assert_eq!(compaction.join().expect("ends").rows, 20);
        });
        assert_eq!(store.checkpoint().expect("writes").segments.iter().map(|s| s.rows).sum::<u64>(), 20);
    }

    #[test]
    fn merges_of_less_than_a_row_group_keep_to_the_bound_too() {
        let dir = tempfile::tempdir().expect("temp");
        let store = slow(dir.path(), StoreOptions::default().group_rows);
        std::thread::scope(|scope| {
            let compaction = scope.spawn(|| store.compact().expect("is no failure"));
            store.pace.until_pausing();
            assert!(!compaction.is_finished());
            store.halt_compaction();
        });
    }

    #[test]
    fn a_compaction_that_pauses_is_given_up_with_nothing_lost() {
        let dir = tempfile::tempdir().expect("temp");
        let store = slow(dir.path(), 4);
        let before = store.checkpoint().expect("writes");
        std::thread::scope(|scope| {
            let compaction = scope.spawn(|| store.compact().expect("is no failure"));
            store.pace.until_pausing();
            store.halt_compaction();
            assert_eq!(compaction.join().expect("ends"), CompactReport::default());
        });
        assert_eq!(store.compact().expect("is over"), CompactReport::default());
        let after = store.checkpoint().expect("writes");
        assert_eq!(after.segments, before.segments);
        let files = std::fs::read_dir(dir.path()).expect("lists").count();
        assert_eq!(files, before.segments.len(), "its file is gone");
    }
}
