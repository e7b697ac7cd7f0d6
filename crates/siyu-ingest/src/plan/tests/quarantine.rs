//! The quarantine against crashes and its limits.

use siyu_types::record::{Body, Evidence};
use siyu_types::{Props, Record};

use super::super::entry::{Aside, EntryState, Held, Why};
use super::super::model::PlanReason;
use super::super::quarantine::{BYTES_MAX, Quarantine, QuarantineState};
use super::super::shelf::read;
use crate::safe::Safe;

fn record(key: u128) -> Record {
    Record {
        key,
        time: 1,
        received_at: 2,
        ids: Vec::new(),
        evidence: Evidence::Weak,
        body: Body::Event { name: "paid".into(), props: Props::new() },
        source: "web".into(),
    }
}

fn held(key: u128) -> Held {
    Held { record: Some(record(key)), raw: None }
}

fn push(quarantine: &mut Quarantine, key: u128) {
    let record = record(key);
    let why =
        Why { reason: PlanReason::EventUndeclared.into(), field: String::new(), message: String::new() };
    let aside = Aside { why, protocol: "own", record: &record, event: None, whole: true };
    quarantine.push(aside).expect("kept");
}

#[test]
fn it_survives_as_of_the_checkpoint_and_settles_once() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let mut quarantine =
        Quarantine::open(dir.path(), &QuarantineState::default(), Safe::default()).expect("empty");
    (0..5).for_each(|key| push(&mut quarantine, key));
    assert!(quarantine.settle(1, EntryState::Replayed, 9));
    let state = quarantine.snapshot().expect("written");
    assert_eq!(quarantine.snapshot().expect("unchanged"), state);
    push(&mut quarantine, 77);
    drop(quarantine);
    let mut back = Quarantine::open(dir.path(), &state, Safe::default()).expect("read");
    assert_eq!((back.entries().len(), back.knows(0), back.knows(1), back.knows(77)), (5, true, false, false));
    assert!(!back.settle(1, EntryState::Discarded, 9) && !back.settle(9, EntryState::Discarded, 9));
    push(&mut back, 78);
    back.flush().expect("written");
    let last = back.entry(5).expect("the replayed one").clone();
    assert_eq!(read(&back.shelf(), &last).expect("readable"), Some(held(78)));
    let state = back.snapshot().expect("written");
    back.retire(&state).expect("removed");
    assert_eq!(std::fs::read_dir(dir.path()).expect("folder").count(), 2);
}

#[test]
fn what_cannot_be_written_waits_and_is_written_later() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let folder = dir.path().join("quarantine");
    let mut quarantine =
        Quarantine::open(&folder, &QuarantineState::default(), Safe::default()).expect("empty");
    push(&mut quarantine, 1);
    quarantine.flush().expect("written");
    // A folder that is a file takes nothing, as little as a full disk does.
    std::fs::rename(&folder, dir.path().join("away")).expect("moved");
    std::fs::write(&folder, "").expect("in its place");
    quarantine.cut_writer();
    push(&mut quarantine, 2);
    quarantine.flush().expect_err("nowhere to write");
    quarantine.snapshot().expect_err("nor is there a checkpoint without it");
    assert_eq!((quarantine.unwritten(), quarantine.knows(2)), (1, true));
    std::fs::remove_file(&folder).expect("removed");
    std::fs::rename(dir.path().join("away"), &folder).expect("back");
    push(&mut quarantine, 3);
    quarantine.flush().expect("written");
    let kept: Vec<_> = quarantine
        .entries()
        .iter()
        .map(|entry| read(&quarantine.shelf(), entry).expect("readable"))
        .collect();
    assert_eq!(kept, [Some(held(1)), Some(held(2)), Some(held(3))]);
}

#[test]
fn the_oldest_make_room_and_are_counted() {
    let dir = tempfile::tempdir().expect("temporary folder");
    let mut quarantine =
        Quarantine::open(dir.path(), &QuarantineState::default(), Safe::default()).expect("empty");
    (0..10).for_each(|key| push(&mut quarantine, key));
    quarantine.settle(0, EntryState::Discarded, 9);
    let first = quarantine.entry(3).expect("there").clone();
    quarantine.make_room(5, BYTES_MAX);
    assert_eq!((quarantine.entries().len(), quarantine.dropped(), quarantine.bytes()), (0, 9, 0));
    assert!(!quarantine.knows(3), "it may arrive again");
    push(&mut quarantine, 50);
    let state = quarantine.snapshot().expect("written");
    quarantine.retire(&state).expect("removed");
    assert_eq!(read(&quarantine.shelf(), &first).expect("no error"), None);
    assert_eq!(Quarantine::open(dir.path(), &state, Safe::default()).expect("read").dropped(), 9);
}
