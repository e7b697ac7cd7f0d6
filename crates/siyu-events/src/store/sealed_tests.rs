//! Sealed files against open ones: the same answers, nothing to be read in them, and what was
//! written before is sealed when it is asked for.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bytes::Bytes;
use siyu_types::ports::Vault;
use siyu_types::{Error, ErrorCode, Identifier, PersonNo, Props, Result, Value};

use super::{EventRow, EventStore, ScanRequest, StoreOptions, StoreState, TimelinePage};
use crate::log::{Log, LogOptions, LogPosition};
use crate::remap::Remap;

/// Not a cipher: it changes every byte by a key and a count, and knows its place.
#[derive(Debug)]
struct Mixer {
    key: u8,
    seals: bool,
    count: AtomicU32,
}

impl Vault for Mixer {
    fn seals(&self) -> bool {
        self.seals
    }

    fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>> {
        let count = self.count.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        let mark = xxhash_rust::xxh3::xxh3_64(place.as_bytes()).to_le_bytes();
        let mixed = plain.iter().map(|byte| byte ^ self.key ^ 0x80);
        Ok([&[0xF9, b'm', b'x', self.key][..], &count, &mark].concat().into_iter().chain(mixed).collect())
    }

    fn is_sealed(&self, stored: &[u8]) -> bool {
        stored.starts_with(&[0xF9, b'm', b'x'])
    }

    fn marks(&self, _: &str, _: &str) -> Vec<String> {
        Vec::new()
    }

    fn open(&self, place: &str, stored: &[u8]) -> Result<Option<Vec<u8>>> {
        if !self.is_sealed(stored) {
            return Ok(None);
        }
        let mark = xxhash_rust::xxh3::xxh3_64(place.as_bytes()).to_le_bytes();
        if stored[3] != self.key || stored[8..16] != mark {
            return Err(Error::new(ErrorCode::SecretUnreadable, "no key"));
        }
        Ok(Some(stored[16..].iter().map(|byte| byte ^ self.key ^ 0x80).collect()))
    }
}

fn vault(key: u8, seals: bool) -> Option<Arc<dyn Vault>> {
    Some(Arc::new(Mixer { key, seals, count: AtomicU32::new(0) }))
}

fn options(vault: Option<Arc<dyn Vault>>) -> StoreOptions {
    StoreOptions { group_rows: 1_000, vault, place: "events/1".to_owned(), ..StoreOptions::default() }
}

fn row(seq: u64) -> EventRow {
    EventRow {
        person: PersonNo([1, 3, 8, 70_000][seq as usize % 4]),
        time: 1_000 + (seq as i64 * 37) % 500,
        seq,
        name: if seq.is_multiple_of(3) { "viewed" } else { "paid" }.to_owned(),
        props: Props::from([
            // Unlike each other, so that a file has more than one piece.
            (
                "word".to_owned(),
                Value::Text(format!("planted-{:016x}", xxhash_rust::xxh3::xxh3_64(&seq.to_le_bytes()))),
            ),
            ("n".to_owned(), Value::Number(seq as f64)),
        ]),
        ids: vec![Identifier::new("login", format!("planted-user-{}", seq % 4))],
        source: "test".to_owned(),
        received_at: 2_000,
    }
}

/// Everything the store says.
fn said(store: &EventStore) -> String {
    let remap = Remap::alone(70_001);
    let request = ScanRequest { columns: &["word", "n"], events: None, from: None, to: None, remap: &remap };
    let scan = store.scan(&request).expect("scans");
    let mut seen: Vec<(u32, usize)> = scan
        .blocks
        .iter()
        .flat_map(|block| block.runs().map(|(person, rows)| (person, rows.len())).collect::<Vec<_>>())
        .collect();
    seen.sort_unstable();
    let pages = [1, 3, 8, 70_000]
        .map(|person| store.person(&[person], TimelinePage { before: None, limit: 10_000 }).expect("reads"));
    format!("{seen:?} {pages:?} {:?}", store.values("paid", "n", "", 5).expect("reads"))
}

fn planted(dir: &std::path::Path) -> bool {
    std::fs::read_dir(dir).expect("readable").any(|entry| {
        let bytes = std::fs::read(entry.expect("readable").path()).unwrap_or_default();
        bytes.windows(4).any(|window| window == b"PAR1")
            || bytes.windows(7).any(|window| window == b"planted")
    })
}

fn filled(options: StoreOptions) -> (tempfile::TempDir, StoreState, String) {
    let dir = tempfile::tempdir().expect("temp");
    let store = EventStore::open(dir.path(), options, None).expect("opens");
    for part in 0..3 {
        store.append((part * 4_000..(part + 1) * 4_000).map(row).collect()).expect("appends");
        store.checkpoint().expect("writes");
    }
    let state = store.checkpoint().expect("writes");
    let said = said(&store);
    (dir, state, said)
}

#[test]
fn a_sealed_store_answers_as_an_open_one() {
    let (open, _, expected) = filled(options(None));
    let (sealed, state, said_at_once) = filled(options(vault(5, true)));
    assert_eq!(said_at_once, expected);
    assert!(planted(open.path()) && !planted(sealed.path()));
    // Opened again, also where nothing more is sealed; merged into others.
    for seals in [true, false] {
        let store = EventStore::open(sealed.path(), options(vault(5, seals)), Some(&state)).expect("opens");
        assert_eq!(said(&store), expected);
    }
    let store = EventStore::open(sealed.path(), options(vault(5, true)), Some(&state)).expect("opens");
    store.compact().expect("merges");
    let state = store.checkpoint().expect("writes");
    store.retire(&state).expect("retires");
    assert_eq!(said(&store), expected);
    assert!(!planted(sealed.path()));
    drop(store);
    let error =
        EventStore::open(sealed.path(), options(vault(6, true)), Some(&state)).err().expect("refuses");
    assert_eq!(error.code, ErrorCode::SecretUnreadable, "another key");
    let elsewhere = StoreOptions { place: "events/2".to_owned(), ..options(vault(5, true)) };
    let error = EventStore::open(sealed.path(), elsewhere, Some(&state)).err().expect("refuses");
    assert_eq!(error.code, ErrorCode::SecretUnreadable, "another project");
}

#[test]
fn what_was_open_is_sealed_when_it_is_asked_for() {
    let (dir, state, expected) = filled(options(None));
    let store = EventStore::open(dir.path(), options(vault(5, true)), Some(&state)).expect("opens");
    assert_eq!(said(&store), expected, "before");
    assert!(store.unsealed_files() > 0);
    let mut told = Vec::new();
    let files = store.seal_stored(&mut |done, all| told.push((done, all))).expect("seals");
    assert_eq!((told.last(), store.unsealed_files()), (Some(&(files, files)), 0));
    assert_eq!(store.seal_stored(&mut |_, _| {}).expect("nothing more"), 0);
    let state = store.checkpoint().expect("writes");
    store.retire(&state).expect("retires");
    assert_eq!(said(&store), expected, "after");
    assert!(!planted(dir.path()));
    drop(store);
    let store = EventStore::open(dir.path(), options(vault(5, true)), Some(&state)).expect("opens");
    assert_eq!(said(&store), expected, "opened again");
}

#[test]
fn records_of_the_log_that_were_open_are_sealed_under_their_number() {
    let dir = tempfile::tempdir().expect("temp");
    let log = |vault| {
        let options =
            LogOptions { vault, place: "log/1".to_owned(), segment_bytes: 4_096, ..LogOptions::default() };
        Log::open(dir.path(), options).expect("opens")
    };
    let record = |number: u64| Bytes::from(format!("planted record {number}"));
    let open = log(None);
    for number in 0..300 {
        open.append_and_wait(vec![record(number)]).expect("appends");
    }
    drop(open);
    let sealed = log(vault(5, true));
    for number in 300..310 {
        sealed.append_and_wait(vec![record(number)]).expect("appends");
    }
    let mut told = (0, 0);
    assert_eq!(sealed.seal_stored(&mut |done, all| told = (done, all)).expect("seals"), 300);
    assert!(told.0 > 1 && told.0 == told.1, "{told:?}");
    assert_eq!(sealed.seal_stored(&mut |_, _| {}).expect("nothing more"), 0);
    let all = sealed.read(LogPosition(0), usize::MAX).expect("reads");
    assert_eq!(all.len(), 310);
    assert!(all.iter().all(|(position, bytes)| *bytes == record(position.0)), "as they were");
    assert!(!planted(dir.path()));
    sealed.append_and_wait(vec![record(310)]).expect("goes on");
    drop(sealed);
    assert_eq!(log(vault(5, true)).end(), LogPosition(311));
}
