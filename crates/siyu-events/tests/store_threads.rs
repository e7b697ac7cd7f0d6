//! Appending, checkpoints, compaction and reading at the same time: every scan
//! sees whole batches, and never fewer than the one before.

use std::sync::atomic::{AtomicBool, Ordering};

use siyu_events::{EventRow, EventStore, Remap, ScanRequest, StoreOptions, TimelinePage};
use siyu_types::{PersonNo, Props};

/// In two partitions; the last belongs to the first.
const PEOPLE: [u32; 4] = [0, 7, 70_000, 70_001];
const BATCHES: u64 = 60;

fn batch(number: u64) -> Vec<EventRow> {
    let row = |(index, &person): (usize, &u32)| EventRow {
        person: PersonNo(person),
        time: (number * 7919 % 31) as i64,
        seq: number * PEOPLE.len() as u64 + index as u64,
        name: format!("event {}", number % 5),
        props: Props::new(),
        ids: Vec::new(),
        source: "test".into(),
        received_at: 0,
    };
    PEOPLE.iter().enumerate().map(row).collect()
}

/// Batches seen, after checking that everybody has each of them.
fn whole_batches(store: &EventStore, remap: &Remap) -> usize {
    let request = ScanRequest { columns: &[], events: None, from: None, to: None, remap };
    let scan = store.scan(&request).expect("scans");
    let mut counts = std::collections::BTreeMap::new();
    for block in &scan.blocks {
        for (person, rows) in block.runs() {
            assert!(block.block.times[rows.clone()].is_sorted(), "person {person}");
            assert!(counts.insert(person, rows.len()).is_none(), "person {person} twice");
        }
    }
    let batches = counts.get(&7).copied().unwrap_or(0);
    let expected: Vec<(u32, usize)> = match batches {
        0 => Vec::new(),
        _ => vec![(0, 2 * batches), (7, batches), (70_000, batches)],
    };
    assert_eq!(counts.into_iter().collect::<Vec<_>>(), expected);
    batches
}

#[test]
fn readers_see_whole_batches_whatever_the_writers_do() {
    let dir = tempfile::tempdir().expect("temp");
    let options = StoreOptions { group_rows: 16, segments_max: 2, ..StoreOptions::default() };
    let store = EventStore::open(dir.path(), options.clone(), None).expect("opens");
    let mut remap = Remap::alone(70_002);
    remap.join(&[0, 70_001]);
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..BATCHES {
                store.append(batch(number)).expect("appends");
                if number % 3 == 2 {
                    let state = store.checkpoint().expect("writes");
                    store.retire(&state).expect("removes");
                }
            }
            done.store(true, Ordering::Release);
        });
        scope.spawn(|| {
            while !done.load(Ordering::Acquire) {
                store.compact().expect("merges");
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let mut seen = 0;
                while !done.load(Ordering::Acquire) {
                    let now = whole_batches(&store, &remap);
                    assert!(now >= seen, "{now} after {seen}");
                    seen = now;
                    let page = TimelinePage { before: None, limit: 1000 };
                    let rows = store.person(&[0, 70_001], page).expect("reads").len();
                    assert!(rows >= 2 * seen && rows.is_multiple_of(2), "{rows} rows after {seen} batches");
                }
            });
        }
    });
    let state = store.checkpoint().expect("writes");
    assert_eq!(whole_batches(&store, &remap), BATCHES as usize);
    drop(store);
    let store = EventStore::open(dir.path(), options, Some(&state)).expect("opens");
    assert_eq!(whole_batches(&store, &remap), BATCHES as usize);
}
