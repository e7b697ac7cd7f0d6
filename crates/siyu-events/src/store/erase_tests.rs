//! Forgetting against a store that never knew: in memory, in files, and half and half.

use roaring::RoaringBitmap;
use siyu_types::{Identifier, PersonNo, Props, Value};

use super::{EventRow, EventStore, Forgotten, ScanRequest, StoreOptions, TimelinePage};
use crate::parallel::Begin;
use crate::remap::Remap;

const GONE: [u32; 2] = [3, 70_000];

fn row(seq: u64) -> EventRow {
    let person = [1, 3, 8, 70_000, 70_001][seq as usize % 5];
    let word = if GONE.contains(&person) { format!("secret-{seq}") } else { format!("word-{}", seq % 7) };
    let mut ids = vec![Identifier::new("login", format!("u{person}"))];
    if person == 8 && seq.is_multiple_of(2) {
        ids.push(Identifier::new("phone", "of-3"));
    }
    EventRow {
        person: PersonNo(person),
        time: 1_000 + (seq as i64 * 37) % 500,
        seq,
        name: if seq.is_multiple_of(3) { "viewed" } else { "paid" }.to_owned(),
        props: Props::from([
            ("word".to_owned(), Value::Text(word)),
            ("n".to_owned(), Value::Number(seq as f64)),
        ]),
        ids,
        source: "test".to_owned(),
        received_at: 2_000,
    }
}

fn of(store: &EventStore, person: u32) -> Vec<EventRow> {
    store.person(&[person], TimelinePage { before: None, limit: 1_000 }).expect("reads")
}

/// Everybody a scan sees, with how much of them.
fn seen(store: &EventStore) -> Vec<(u32, usize)> {
    let remap = Remap::alone(70_002);
    let scan = store
        .scan(&ScanRequest { columns: &["word"], events: None, from: None, to: None, remap: &remap })
        .expect("scans");
    let mut seen: Vec<(u32, usize)> = scan
        .blocks
        .iter()
        .flat_map(|block| block.runs().map(|(person, rows)| (person, rows.len())).collect::<Vec<_>>())
        .collect();
    seen.sort_unstable();
    seen
}

fn without_phone(ids: &[Identifier], _: i64) -> Option<Vec<Identifier>> {
    let left: Vec<Identifier> = ids.iter().filter(|id| id.value != "of-3").cloned().collect();
    (left.len() < ids.len()).then_some(left)
}

#[test]
fn what_is_forgotten_is_as_if_it_had_never_been() {
    let options = || StoreOptions { group_rows: 16, ..StoreOptions::default() };
    for written in [0, 60, 100] {
        let dir = tempfile::tempdir().expect("temp");
        let store = EventStore::open(dir.path(), options(), None).expect("opens");
        let never = tempfile::tempdir().expect("temp");
        let other = EventStore::open(never.path(), options(), None).expect("opens");
        for seq in 0..100 {
            if seq == written && seq > 0 {
                store.checkpoint().expect("writes");
            }
            store.append(vec![row(seq)]).expect("appends");
            let kept = row(seq);
            if !GONE.contains(&kept.person.0) {
                let ids = without_phone(&kept.ids, 0).unwrap_or(kept.ids.clone());
                other.append(vec![EventRow { ids, ..kept }]).expect("appends");
            }
        }
        if written == 100 {
            store.checkpoint().expect("writes");
        }
        let numbers: RoaringBitmap = GONE.into_iter().collect();
        store.hide(&numbers);
        assert_eq!(seen(&store), seen(&other), "hidden at once, {written} written");
        assert!(GONE.iter().all(|person| of(&store, *person).is_empty()));
        assert_eq!(
            store.values("paid", "word", "", 100).expect("reads"),
            other.values("paid", "word", "", 100).expect("reads"),
        );
        // It stays hidden over a restart that comes before the rows are gone.
        let state = store.checkpoint().expect("writes");
        drop(store);
        let store = EventStore::open(dir.path(), options(), Some(&state)).expect("opens");
        assert_eq!(seen(&store), seen(&other), "after a restart, {written} written");
        for round in 0..2 {
            let forgotten = Forgotten { numbers: &numbers, ids: &without_phone };
            let report = store.forget(forgotten).expect("forgets");
            let expected = if round == 0 { (40, 10) } else { (0, 0) };
            assert_eq!((report.rows, report.rows_changed), expected, "{written} written");
        }
        let state = store.checkpoint().expect("writes");
        store.retire(&state).expect("retires");
        store.unhide(&numbers);
        drop(store);
        let store = EventStore::open(dir.path(), options(), Some(&state)).expect("opens");
        assert_eq!(seen(&store), seen(&other));
        for person in [1, 8, 70_001] {
            assert_eq!(of(&store, person), of(&other, person), "{person}");
        }
        let names = |store: &EventStore| {
            store.event_names().into_iter().map(|name| (name.name, name.count)).collect::<Vec<_>>()
        };
        assert_eq!(names(&store), names(&other));
        assert_eq!(store.properties("paid"), other.properties("paid"));
        for entry in std::fs::read_dir(dir.path()).expect("readable") {
            let path = entry.expect("readable").path();
            let bytes = std::fs::read(&path).expect("readable");
            assert!(!bytes.windows(7).any(|window| window == b"secret-"), "{}", path.display());
        }
    }
}

#[test]
fn nothing_of_the_forgotten_stays_in_memory() {
    let dir = tempfile::tempdir().expect("temp");
    let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
    // 3 and 70,000 are one person, put together for the other partition as well.
    let mut remap = Remap::alone(70_002);
    remap.join(&[3, 70_000]);
    let request = ScanRequest { columns: &["word"], events: None, from: None, to: None, remap: &remap };
    store.append((0..40).map(row).collect()).expect("appends");
    store.checkpoint().expect("writes");
    store.append((40..60).map(row).collect()).expect("appends");
    store.scan(&request).expect("scans");
    assert!(store.overlays.bytes() > 0);
    let began_before = store.snapshot(&request).expect("looks");
    let numbers: RoaringBitmap = GONE.into_iter().collect();
    store.forget(Forgotten { numbers: &numbers, ids: &without_phone }).expect("forgets");
    assert_eq!(store.overlays.bytes(), 0);
    let plan = store.plan(&remap);
    store.scan_of(&plan, began_before, Begin::AtOnce).expect("ends");
    assert_eq!(store.overlays.bytes(), 0, "what began before is not kept");
    store.scan(&request).expect("scans");
    assert!(store.overlays.bytes() > 0, "others still are");
}
