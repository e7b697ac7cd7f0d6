//! What is known of the clocks of devices, and the correction of times by it
//! (reference/01 §7.5).
//!
//! A request says when it was sent by the device's clock; the receipt is that
//! instant by ours, plus the way through the network, which is never negative. So
//! the smallest difference over several requests is the nearest to the error of the
//! clock. Small errors are left alone, every record of a device in one request is
//! moved alike, and the whole depends on the log only.

use std::collections::hash_map::Entry;
use std::path::Path;

use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::record::Body;
use siyu_types::{Error, Record, Result, Value};

use crate::safe::Safe;
use xxhash_rust::xxh3::Xxh3;

use crate::protocols::SKEW_MIN;

/// Devices remembered: those of this generation and of the one before, 24 bytes each.
/// What the file is tied to if it is sealed.
const PART: &str = "clocks";
const GENERATION_DEVICES: usize = 100_000;
/// Property of an event whose time was corrected: by how many milliseconds.
pub const SHIFT_PROPERTY: &str = "$clock_shift";
const BYTES: usize = 24;
const NONE: Millis = Millis::MIN;

/// What is known of one clock: how far ours is ahead of it, and a difference that
/// was clearly larger, seen once. If it is seen again the clock was changed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Estimate {
    ahead: Millis,
    candidate: Millis,
}

impl Estimate {
    fn first(difference: Millis) -> Estimate {
        Estimate { ahead: difference, candidate: NONE }
    }

    /// Takes in the difference of one more request.
    fn observe(&mut self, difference: Millis) {
        if difference.saturating_sub(self.ahead) < SKEW_MIN {
            // The way was shorter, or the clock was put forward: neither can be feigned.
            *self = Estimate::first(self.ahead.min(difference));
        } else if self.candidate != NONE && difference.abs_diff(self.candidate) < SKEW_MIN.unsigned_abs() {
            *self = Estimate::first(self.candidate.min(difference));
        } else {
            // Put back, or one request that lay somewhere for long: the next one tells.
            self.candidate = difference;
        }
    }

    /// What is added to the device's times.
    fn shift(self) -> Millis {
        if self.ahead.saturating_abs() < SKEW_MIN { 0 } else { self.ahead }
    }
}

#[derive(Default)]
pub struct Clocks {
    young: FxHashMap<u64, Estimate>,
    old: FxHashMap<u64, Estimate>,
    next_file: u64,
    /// The file that holds all this, if nothing was changed since.
    saved: Option<String>,
    /// Of the request at hand: record and device, and the smallest difference of each.
    of: Vec<(usize, u64)>,
    seen: FxHashMap<u64, Millis>,
}

/// Names the file in the manifest.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
pub struct ClocksState {
    pub file: Option<String>,
    pub next_file: u64,
}

impl Clocks {
    /// Corrects the times of one request. `sent` holds, in the order of the items,
    /// those with a time of the client's own and when it says it sent them.
    pub fn correct(
        &mut self,
        source: &str,
        received_at: Millis,
        sent: &[(usize, Millis)],
        records: &mut [(usize, Record)],
    ) {
        if sent.is_empty() {
            return;
        }
        self.of.clear();
        self.seen.clear();
        let mut sent = sent.iter().peekable();
        for (place, (item, record)) in records.iter().enumerate() {
            while sent.next_if(|(other, _)| other < item).is_some() {}
            let (Some((_, at)), Some(device)) =
                (sent.peek().filter(|(other, _)| other == item), device(source, record))
            else {
                continue;
            };
            let difference = received_at.saturating_sub(*at);
            self.seen.entry(device).and_modify(|least| *least = difference.min(*least)).or_insert(difference);
            self.of.push((place, device));
        }
        self.observe();
        for (place, device) in &self.of {
            let shift = self.seen.get(device).copied().unwrap_or_default();
            if shift != 0 {
                move_by(&mut records[*place].1, shift);
            }
        }
    }

    /// Turns the differences of the request into the shifts to use.
    fn observe(&mut self) {
        for (device, value) in &mut self.seen {
            let estimate = match self.young.entry(*device) {
                Entry::Occupied(known) => {
                    let known = known.into_mut();
                    known.observe(*value);
                    *known
                }
                Entry::Vacant(vacant) => {
                    let estimate = match self.old.get(device) {
                        Some(known) => {
                            let mut known = *known;
                            known.observe(*value);
                            known
                        }
                        None => Estimate::first(*value),
                    };
                    *vacant.insert(estimate)
                }
            };
            *value = estimate.shift();
        }
        self.saved = None;
        if self.young.len() >= GENERATION_DEVICES {
            self.old = std::mem::take(&mut self.young);
        }
    }

    /// The next snapshot writes them anew, whether they changed or not.
    pub fn renew(&mut self) {
        self.saved = None;
    }

    pub fn snapshot(&mut self, dir: &Path, safe: &Safe) -> Result<ClocksState> {
        if self.saved.is_none() && !self.young.is_empty() {
            std::fs::create_dir_all(dir)?;
            self.next_file += 1;
            let name = format!("{:012}.clocks", self.next_file);
            let mut bytes = Vec::with_capacity((self.young.len() + self.old.len()) * BYTES + 8);
            bytes.extend((self.young.len() as u64).to_le_bytes());
            for (device, Estimate { ahead, candidate }) in self.young.iter().chain(&self.old) {
                bytes.extend(device.to_le_bytes());
                bytes.extend(ahead.to_le_bytes());
                bytes.extend(candidate.to_le_bytes());
            }
            safe.write(&dir.join(&name), PART, bytes)?;
            self.saved = Some(name);
        }
        Ok(ClocksState { file: self.saved.clone(), next_file: self.next_file })
    }

    pub fn load(dir: &Path, state: &ClocksState, safe: &Safe) -> Result<Clocks> {
        let mut clocks =
            Clocks { next_file: state.next_file, saved: state.file.clone(), ..Clocks::default() };
        let Some(file) = &state.file else { return Ok(clocks) };
        let bytes = safe.read(&dir.join(file), PART)?;
        let damaged = || Error::internal(format!("clock file {file} is damaged"));
        let (young, rest) = bytes.split_first_chunk::<8>().ok_or_else(damaged)?;
        let (devices, rest) = rest.as_chunks::<BYTES>();
        if !rest.is_empty() {
            return Err(damaged());
        }
        for (index, bytes) in devices.iter().enumerate() {
            let (numbers, _) = bytes.as_chunks::<8>();
            let [device, ahead, candidate] = numbers else { return Err(damaged()) };
            let estimate = Estimate {
                ahead: Millis::from_le_bytes(*ahead),
                candidate: Millis::from_le_bytes(*candidate),
            };
            let young = (index as u64) < u64::from_le_bytes(*young);
            let generation = if young { &mut clocks.young } else { &mut clocks.old };
            generation.insert(u64::from_le_bytes(*device), estimate);
        }
        Ok(clocks)
    }
}

/// The device of a record within its source: its device identifier, else the most
/// trusted one it has.
fn device(source: &str, record: &Record) -> Option<u64> {
    let id = record.ids.iter().find(|id| id.namespace == "device").or_else(|| record.ids.first())?;
    let mut hasher = Xxh3::new();
    for part in [source, &id.namespace, &id.value] {
        hasher.update(part.as_bytes());
        hasher.update(&[0]);
    }
    Some(hasher.digest())
}

fn move_by(record: &mut Record, shift: Millis) {
    record.time = record.time.saturating_add(shift);
    if let Body::Event { props, .. } = &mut record.body {
        // Said once: what a client sends under this name is not believed.
        props.insert(SHIFT_PROPERTY.to_owned(), Value::Number(shift as f64));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use siyu_types::record::Evidence;
    use siyu_types::{Identifier, Props};

    const HOUR: Millis = 60 * 60 * 1000;
    const NOW: Millis = 1_795_304_200_000;

    fn record(device: &str, time: Millis) -> Record {
        Record {
            key: 0,
            time,
            received_at: NOW,
            ids: vec![Identifier::new("login", "u"), Identifier::new("device", device)],
            evidence: Evidence::Weak,
            body: Body::Event { name: "e".to_owned(), props: Props::new() },
            source: "web".to_owned(),
        }
    }

    /// Sends one request of a device whose clock is `behind` by that much; answers
    /// the times it ends up with.
    fn send(
        clocks: &mut Clocks,
        device: &str,
        at: Millis,
        behind: Millis,
        delay: Millis,
        ages: &[Millis],
    ) -> Vec<Millis> {
        let mut records: Vec<_> =
            ages.iter().enumerate().map(|(item, age)| (item, record(device, at - behind - age))).collect();
        let sent: Vec<_> = ages.iter().enumerate().map(|(item, _)| (item, at - behind)).collect();
        clocks.correct("web", at + delay, &sent, &mut records);
        records.into_iter().map(|(_, record)| record.time).collect()
    }

    #[test]
    fn clocks_that_are_wrong_change_and_stall() {
        let mut clocks = Clocks::default();
        let mut shift = |behind, delay| NOW - behind - send(&mut clocks, "d", NOW, behind, delay, &[0])[0];
        // (clock behind, way) → what was added, as a negative number
        let steps = [
            ("a good clock", 0, 800, 0),
            ("a small error and a slow way", 60_000, 90_000, 0),
            ("one request that lay in a queue", 0, 3 * HOUR, 0),
            ("good again", 0, 500, 0),
            ("put forward by two hours: believed at once", -2 * HOUR, 400, 2 * HOUR - 400),
            ("a shorter way is nearer to the truth", -2 * HOUR, 0, 2 * HOUR),
            ("put right: the first request could have been a slow one", 0, 0, 2 * HOUR),
            ("the second says so too", 0, 0, 0),
        ];
        for (what, behind, delay, expected) in steps {
            assert_eq!(shift(behind, delay), expected, "{what}");
        }
    }

    #[test]
    fn a_time_after_the_sending_is_no_skew_and_a_shift_is_told() {
        let mut clocks = Clocks::default();
        let mut records = vec![(0, record("d", NOW + 1)), (1, record("e", NOW - 2 * HOUR))];
        clocks.correct("web", NOW, &[(0, NOW), (1, NOW - 2 * HOUR)], &mut records);
        assert_eq!((records[0].1.time, records[1].1.time), (NOW + 1, NOW));
        let told = |record: &Record| match &record.body {
            Body::Event { props, .. } => props.get(SHIFT_PROPERTY).cloned(),
            _ => None,
        };
        assert_eq!(told(&records[0].1), None);
        assert_eq!(told(&records[1].1), Some(Value::Number((2 * HOUR) as f64)));
    }

    #[test]
    fn memory_is_bounded_and_those_in_use_stay() {
        let mut clocks = Clocks::default();
        for number in 0..3 * GENERATION_DEVICES {
            send(&mut clocks, &format!("d{number}"), NOW, 0, 0, &[0]);
            if number % 10_000 == 0 {
                send(&mut clocks, "kept", NOW, 0, 0, &[0]);
            }
        }
        assert!(clocks.young.len() + clocks.old.len() <= 2 * GENERATION_DEVICES);
        let slow = send(&mut clocks, "kept", NOW, 0, 3 * HOUR, &[0]);
        assert_eq!(slow, [NOW], "a known clock is not judged by one slow request");
    }

    proptest! {
        /// A constant error is corrected exactly if nothing delays the request, else
        /// to within the shortest delay so far; the order inside a request is kept.
        #[test]
        fn constant_skew_is_undone_and_order_is_kept(
            behind in prop_oneof![-72 * HOUR..-HOUR, HOUR..72 * HOUR],
            requests in proptest::collection::vec(
                (prop_oneof![Just(0), 0..20_000_i64], proptest::collection::vec(0..HOUR, 1..6)), 1..8),
        ) {
            let (mut clocks, mut least) = (Clocks::default(), Millis::MAX);
            for (number, (delay, ages)) in requests.iter().enumerate() {
                let at = NOW + number as Millis * HOUR;
                let times = send(&mut clocks, "d", at, behind, *delay, ages);
                least = least.min(*delay);
                for (time, age) in times.iter().zip(ages) {
                    prop_assert_eq!(*time, at - age + least);
                }
            }
        }

        /// A twin that is saved and loaded between requests decides alike.
        #[test]
        fn reopened_clocks_decide_alike(
            steps in proptest::collection::vec((0..4_u8, -3..3_i64, 0..3_i64, any::<bool>()), 1..40),
        ) {
            let dir = tempfile::tempdir().expect("temporary folder");
            let (mut plain, mut saved) = (Clocks::default(), Clocks::default());
            for (device, behind, delay, reopen) in steps {
                let device = format!("d{device}");
                let args = (NOW, behind * HOUR, delay * HOUR);
                prop_assert_eq!(
                    send(&mut plain, &device, args.0, args.1, args.2, &[0]),
                    send(&mut saved, &device, args.0, args.1, args.2, &[0])
                );
                if reopen {
                    let safe = Safe::default();
                    let state = saved.snapshot(dir.path(), &safe).expect("written");
                    saved = Clocks::load(dir.path(), &state, &safe).expect("read");
                }
            }
        }
    }
}
