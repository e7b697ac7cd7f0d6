//! Rounds.

use siyu_types::Value;

use crate::beside::{Kept, Made};
use crate::block::Block;
use crate::remap::Remap;
use crate::store::{EventRow, EventStore, ScanRequest, StoreOptions};

fn append(store: &EventStore, person: u32, seq: u64) {
    store.append(vec![EventRow::bare(person, 5, seq, "open")]).expect("appends");
}

#[test]
fn a_round_works_only_for_rows_and_columns_that_somebody_wants() {
    let dir = tempfile::tempdir().expect("temp");
    let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
    let append = |person: u32, seq: u64| append(&store, person, seq);
    let remap = Remap::default();
    let rows = || {
        let request = ScanRequest { columns: &[], events: None, from: None, to: None, remap: &remap };
        let blocks = store.scan(&request).expect("scans").blocks;
        blocks.iter().flat_map(|block| block.runs()).map(|(_, rows)| rows.len()).sum::<usize>()
    };
    let round = || store.keep_ready(|with| with(&remap)).expect("a round");
    append(1, 1);
    store.checkpoint().expect("writes");
    assert!(!round(), "nobody asked yet");
    assert_eq!(rows(), 1);
    assert!(round(), "somebody asked, and a row had come");
    assert!(!round(), "no row came since");
    append(1, 2);
    append(2, 3);
    assert!(round());
    assert_eq!(rows(), 3);
    for _ in 0..super::ROUNDS {
        round();
    }
    append(1, 4);
    assert!(!round(), "nobody has asked for long");
    assert_eq!(rows(), 4);
}

#[test]
fn segments_are_joined_by_a_round_and_not_by_a_question() {
    let dir = tempfile::tempdir().expect("temp");
    let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
    let remap = Remap::default();
    let rows = || {
        let request = ScanRequest { columns: &[], events: None, from: None, to: None, remap: &remap };
        let blocks = store.scan(&request).expect("scans").blocks;
        blocks.iter().map(|block| block.block.rows()).collect::<Vec<_>>()
    };
    let round = || store.keep_ready(|with| with(&remap)).expect("a round");
    let checkpoint = |seqs: std::ops::Range<u64>| {
        seqs.for_each(|seq| append(&store, seq as u32 % 50, seq));
        store.checkpoint().expect("writes");
    };
    checkpoint(0..100);
    checkpoint(100..110);
    assert_eq!(rows(), [110], "nobody asked before");
    checkpoint(110..120);
    assert_eq!(rows(), [110, 30], "ten people are put together beside what is in memory");
    assert!(round());
    assert_eq!(rows(), [120]);
    assert!(!round(), "they are joined");
    checkpoint(120..123);
    round();
    assert_eq!(rows(), [120, 9], "too few to be joined");
}

/// Else each second all of a partition would be read from disk again for a few people.
#[test]
fn who_was_merged_is_put_together_by_a_round_where_that_stays_in_memory() {
    // Memory, what of it is left for segments, whether a round does anything, and whether it does that.
    for (cache_bytes, left, is_due, are_together) in
        [(1 << 20, 1 << 20, true, true), (10_000, 0, true, false), (0, 0, false, false)]
    {
        let dir = tempfile::tempdir().expect("temp");
        let options = StoreOptions { cache_bytes, ..StoreOptions::default() };
        let store = EventStore::open(dir.path(), options, None).expect("opens");
        let mut remap = Remap::alone(50);
        (0..100).for_each(|seq| append(&store, seq as u32 % 50, seq));
        store.checkpoint().expect("writes");
        rows_of(&store, None, &remap);
        let round = |remap: &Remap| store.keep_ready(|with| with(remap)).expect("a round");
        round(&remap);
        remap.join(&[1, 7]);
        store.cache.limit(left);
        assert_eq!(round(&remap), is_due, "{cache_bytes}");
        assert_eq!(store.overlays.bytes() > 0, are_together, "{cache_bytes}");
        assert!(rows_of(&store, None, &remap).contains(&(1, 4)));
    }
}

#[test]
fn a_round_makes_ready_what_fits_into_half_of_the_memory_what_was_asked_for_last_first() {
    let dir = tempfile::tempdir().expect("temp");
    // A hundred rows of 24 bytes, and a number of eight.
    let options = StoreOptions { cache_bytes: 2 * 100 * (24 + 8), ..StoreOptions::default() };
    let store = EventStore::open(dir.path(), options, None).expect("opens");
    let props = || ["a", "b"].map(|name| (name.to_owned(), Value::Number(1.0))).into();
    let row = |seq: u64| EventRow { props: props(), ..EventRow::bare(seq as u32 % 50, 5, seq, "open") };
    store.append((0..100).map(row).collect()).expect("appends");
    store.checkpoint().expect("writes");
    let names = ["a".to_owned(), "b".to_owned()];
    assert_eq!(store.affordable(&names), Some(vec!["a"]));
    assert_eq!(store.affordable(&["b".to_owned(), "a".to_owned()]), Some(vec!["b"]));
    for columns in [["b"], ["a"]] {
        store.ready.note(&columns);
    }
    assert_eq!(store.ready.round(100).expect("somebody asked").0, names);
    store.append((100..134).map(row).collect()).expect("appends");
    store.checkpoint().expect("writes");
    assert_eq!(store.affordable(&names), None);
}

/// Everybody's rows, by person.
fn rows_of(store: &EventStore, events: Option<&[&str]>, remap: &Remap) -> Vec<(u32, usize)> {
    let request = ScanRequest { columns: &[], events, from: None, to: None, remap };
    let scan = store.scan(&request).expect("scans");
    let runs = scan.blocks.iter().flat_map(|block| block.runs());
    let mut rows: Vec<(u32, usize)> = runs.map(|(person, rows)| (person, rows.len())).collect();
    rows.sort_unstable();
    rows
}

/// A later tier may have the same people, and then be left out of a scan that has fewer sources.
#[test]
fn first_tiers_are_whole_without_the_later_ones() {
    for by_merge in [false, true] {
        let dir = tempfile::tempdir().expect("temp");
        let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
        let mut remap = Remap::alone(70_001);
        let segment = |rows: Vec<EventRow>, remap: &Remap| {
            store.append(rows).expect("appends");
            store.checkpoint().expect("writes");
            rows_of(&store, None, remap);
        };
        let open = |person: u32, seq: u64| EventRow::bare(person, 5, seq, "open");
        let mut first: Vec<EventRow> = (0..40).map(|person| open(person, u64::from(person))).collect();
        first.push(open(70_000, 40));
        segment(first, &remap);
        segment(vec![open(1, 41)], &remap);
        segment(vec![open(2, 42)], &remap);
        if by_merge {
            remap.join(&[1, 70_000]);
            rows_of(&store, None, &remap);
            remap.part(1);
        } else {
            segment(vec![EventRow::bare(1, 5, 43, "other")], &remap);
        }
        let found = rows_of(&store, Some(&["open"]), &remap);
        let opened: usize = found.iter().map(|(_, rows)| rows).sum();
        assert_eq!((found[1], found[2], opened), ((1, 2), (2, 2), 43), "{by_merge}");
    }
}

/// How many rows a block has.
struct Rows;

impl Kept for Rows {
    fn make(block: &Block, _: &Made, _: usize) -> Option<(Rows, usize)> {
        Some((Rows, block.rows()))
    }
}

/// Of a thousand bytes.
struct Bytes;

impl Kept for Bytes {
    fn make(_: &Block, _: &Made, _: usize) -> Option<(Bytes, usize)> {
        Some((Bytes, 1_000))
    }
}

#[test]
fn what_is_kept_beside_a_segment_is_made_beside_what_comes_late() {
    let dir = tempfile::tempdir().expect("temp");
    let store = EventStore::open(dir.path(), StoreOptions::default(), None).expect("opens");
    for seq in 0..10 {
        append(&store, seq as u32 % 5, seq);
    }
    store.checkpoint().expect("writes");
    let remap = Remap::default();
    let blocks = || {
        let request = ScanRequest { columns: &[], events: None, from: None, to: None, remap: &remap };
        store.scan(&request).expect("scans").blocks
    };
    let made = Made { events: [0].into(), zone: "UTC".to_owned(), column: None };
    blocks()[0].block.kept::<Rows>(made).expect("a place");
    append(&store, 1, 10);
    assert!(store.keep_ready(|with| with(&remap)).expect("a round"));
    let made = || -> Vec<(usize, usize)> {
        let blocks = blocks().into_iter().map(|block| block.block);
        blocks.map(|block| (block.rows(), block.beside.recipes().len())).collect()
    };
    assert_eq!(made(), [(10, 1), (3, 1)], "the segment as it was, and all rows of somebody who came late");
    let overlays = || store.overlays.bytes();
    let before = overlays();
    let more = Made { events: [0].into(), zone: "Asia/Shanghai".to_owned(), column: None };
    assert!(blocks()[1].block.kept::<Bytes>(more).is_some());
    blocks();
    assert_eq!(overlays(), before + 1_000, "what is kept beside what is put together counts");
    append(&store, 2, 11);
    assert!(store.keep_ready(|with| with(&remap)).expect("a round"));
    assert_eq!(made(), [(12, 1)], "of two of five people everybody is put together");
}
