//! What is held of segments, and what goes when memory is short.

use std::sync::{Arc, Barrier};

use siyu_types::Value;

use crate::block::Block;
use crate::remap::Remap;
use crate::store::{EventRow, EventStore, ScanRequest, StoreOptions};

/// One segment of ten people with properties `a` and `b`, who each opened, viewed, and left six times.
fn store(dir: &std::path::Path) -> EventStore {
    let options = StoreOptions { cache_bytes: 1 << 20, ..StoreOptions::default() };
    let store = EventStore::open(dir, options, None).expect("opens");
    let row = |person: u32, at: u64| {
        let name = ["open", "view"].get(at as usize).map_or("leave", |name| name);
        let props = ["a", "b"].map(|name| (name.to_owned(), Value::Number(f64::from(person)))).into();
        EventRow { props, ..EventRow::bare(person, at as i64, u64::from(person) * 8 + at, name) }
    };
    store
        .append((0..10).flat_map(|person| (0..8).map(move |at| row(person, at))).collect())
        .expect("appends");
    store.checkpoint().expect("writes");
    store
}

fn block(store: &EventStore, columns: &[&str], events: Option<&[&str]>) -> Arc<Block> {
    let remap = Remap::default();
    let request = ScanRequest { columns, events, from: None, to: None, remap: &remap };
    let scan = store.scan(&request).expect("scans");
    Arc::clone(&scan.blocks[0].block)
}

#[test]
fn questions_of_different_columns_hold_the_rows_once() {
    let dir = tempfile::tempdir().expect("temp");
    let store = store(dir.path());
    let of = |columns: &[&str]| block(&store, columns, None);
    let (none, a, b) = (of(&[]), of(&["a"]), of(&["b"]));
    assert!([&a, &b].iter().all(|other| other.times.as_ptr() == none.times.as_ptr()));
    assert_eq!((none.columns.len(), a.columns.len(), b.columns.len()), (0, 1, 2));
    // A column goes although somebody looks at the block: the rows are 880 bytes, each column 640.
    store.cache.limit(2_000);
    assert_eq!(store.cache.bytes(), 880 + 640);
    let again = of(&["b"]);
    assert_eq!((again.times.as_ptr(), again.columns.len()), (none.times.as_ptr(), 1));
    assert_eq!(b.columns.len(), 2, "who looks at it keeps it");
}

#[test]
fn where_memory_is_short_a_wider_part_serves() {
    let dir = tempfile::tempdir().expect("temp");
    let store = store(dir.path());
    let of = |events: &[&str]| block(&store, &["a"], Some(events));
    assert_eq!(of(&["open", "view"]).rows(), 20);
    store.cache.limit(store.cache.bytes() + 100);
    let (wide, narrow) = (of(&["open", "view"]), of(&["view"]));
    assert!(Arc::ptr_eq(&wide, &narrow), "{} rows", narrow.rows());
    assert!(store.warm(&["a"], &["view"]).expect("reads").is_none(), "nothing has to be read");
    assert_eq!(of(&["leave"]).rows(), 80, "those that are most are read where they stand");
    store.cache.limit(1 << 20);
    assert_eq!(of(&["view"]).rows(), 10);
    store.cache.limit(store.cache.bytes());
    assert_eq!(of(&["view"]).rows(), 10, "what is held stays");
}

#[test]
fn questions_that_come_at_the_same_time_read_once() {
    let dir = tempfile::tempdir().expect("temp");
    let store = store(dir.path());
    let (all, start) = (8, Barrier::new(8));
    let blocks: Vec<Arc<Block>> = std::thread::scope(|scope| {
        let ask = || {
            start.wait();
            block(&store, &["a"], None)
        };
        let asking: Vec<_> = (0..all).map(|_| scope.spawn(ask)).collect();
        asking.into_iter().map(|asked| asked.join().expect("answers")).collect()
    });
    assert!(blocks.iter().all(|block| Arc::ptr_eq(block, &blocks[0])));
}
