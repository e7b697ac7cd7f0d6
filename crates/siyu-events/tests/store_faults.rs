//! The store on a failing disk: a checkpoint that fails loses nothing and leaves
//! nothing behind.

use fail::FailScenario;
use siyu_events::{EventRow, EventStore, StoreOptions, TimelinePage};
use siyu_types::{ErrorCode, PersonNo, Props};

fn row(seq: u64) -> EventRow {
    EventRow {
        person: PersonNo((seq % 3 * 70_000) as u32),
        time: seq as i64,
        seq,
        name: "view".into(),
        props: Props::new(),
        ids: Vec::new(),
        source: "test".into(),
        received_at: 5,
    }
}

fn timeline(store: &EventStore) -> Vec<u64> {
    let page = TimelinePage { before: None, limit: 100 };
    store.person(&[0, 70_000, 140_000], page).expect("reads").into_iter().map(|row| row.seq).collect()
}

#[test]
fn a_failed_checkpoint_or_compaction_changes_nothing() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().expect("temp");
    let files = || std::fs::read_dir(dir.path()).expect("readable").count();
    let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
    store.append((0..9).map(row).collect()).expect("appends");
    let expected = |count: u64| (0..count).rev().collect::<Vec<_>>();
    for (action, code) in [("return(full)", ErrorCode::DiskFull), ("return", ErrorCode::Internal)] {
        fail::cfg("store::sync", action).expect("valid action");
        assert_eq!(store.checkpoint().expect_err("the disk fails").code, code);
        assert_eq!(files(), 0, "room is given back");
        assert_eq!(timeline(&store), expected(9));
    }
    fail::remove("store::sync");
    store.checkpoint().expect("writes");
    store.append((9..18).map(row).collect()).expect("appends");
    let state = store.checkpoint().expect("writes");
    assert_eq!(files(), 6);
    fail::cfg("store::sync", "return(full)").expect("valid action");
    assert_eq!(store.compact().expect_err("the disk fails").code, ErrorCode::DiskFull);
    assert_eq!(files(), 6);
    fail::remove("store::sync");
    assert_eq!(timeline(&store), expected(18));
    store.compact().expect("merges");
    assert_eq!(timeline(&store), expected(18));
    drop(store);
    let store = EventStore::open(dir.path(), StoreOptions::default(), Some(&state)).expect("opens");
    assert_eq!((timeline(&store), files()), (expected(18), 6));
    scenario.teardown();
}
