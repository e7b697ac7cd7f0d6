//! Rewriting against a plain `Vec`, over restarts, beside writers and readers.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use proptest::prelude::*;

use super::{Log, LogOptions, LogPosition};

fn options(segment_bytes: u64) -> LogOptions {
    LogOptions { segment_bytes, ..LogOptions::default() }
}

fn payload(number: u64) -> Bytes {
    Bytes::from(format!("record {number} {}", "x".repeat(number as usize % 13)))
}

fn short(number: u64) -> Bytes {
    Bytes::from(format!("gone {number}"))
}

fn all(log: &Log) -> Vec<Bytes> {
    let mut next = log.start();
    let mut records = Vec::new();
    while next < log.end() {
        for (position, bytes) in log.read(next, 64).expect("reads") {
            assert_eq!(position, next, "positions are dense");
            next = position.next();
            records.push(bytes);
        }
    }
    records
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn what_was_chosen_is_replaced_and_nothing_else(
        count in 1u64..60, segment in 40u64..600, before in 0u64..70, chosen in prop::collection::btree_set(0u64..60, 0..12),
        by_place: bool, more in 0u64..10,
    ) {
        let dir = tempfile::tempdir().expect("temp");
        let mut log = Log::open(dir.path(), options(segment)).expect("opens");
        for number in 0..count {
            log.append_and_wait(vec![payload(number)]).expect("appends");
        }
        // Somebody has a place in a file that is about to be replaced.
        log.read(LogPosition(count / 2), 1).expect("reads");
        let mut model: Vec<Bytes> = (0..count).map(payload).collect();
        for number in chosen.iter().filter(|number| **number < count.min(before)) {
            model[*number as usize] = short(*number);
        }
        for round in 0..2 {
            let wanted: Option<&BTreeSet<u64>> = by_place.then_some(&chosen);
            let report = log.rewrite(LogPosition(before), wanted, &mut |position, bytes| {
                let new = short(position.0);
                Ok((chosen.contains(&position.0) && *bytes != new).then_some(new))
            }).expect("rewrites");
            let changed = chosen.iter().filter(|number| **number < count.min(before)).count() as u64;
            prop_assert_eq!(report.records_changed, if round == 0 { changed } else { 0 });
            prop_assert_eq!(&all(&log), &model);
        }
        for number in count..count + more {
            log.append_and_wait(vec![payload(number)]).expect("appends");
            model.push(payload(number));
        }
        prop_assert_eq!(&all(&log), &model);
        drop(log);
        // A file that was being written when the process died.
        std::fs::write(dir.path().join("rewrite.tmp"), b"half").expect("writable");
        log = Log::open(dir.path(), options(segment)).expect("opens");
        prop_assert_eq!(&all(&log), &model);
        prop_assert!(!dir.path().join("rewrite.tmp").exists());
        let bytes: Vec<u8> = std::fs::read_dir(dir.path()).expect("readable")
            .flat_map(|entry| std::fs::read(entry.expect("readable").path()).expect("readable")).collect();
        for number in chosen.iter().filter(|number| **number < count.min(before)) {
            let old = payload(*number);
            let still = model.iter().any(|record| record.windows(old.len()).any(|window| window == old));
            prop_assert!(still || !bytes.windows(old.len()).any(|window| window == old), "record {number}");
        }
    }
}

#[test]
fn writers_and_readers_go_on_meanwhile() {
    let dir = tempfile::tempdir().expect("temp");
    let log = Log::open(dir.path(), options(2_000)).expect("opens");
    let ended = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 0..2_000 {
                log.append_and_wait(vec![payload(number)]).expect("appends");
            }
            ended.store(true, Ordering::Release);
        });
        for _ in 0..2 {
            scope.spawn(|| {
                while !ended.load(Ordering::Acquire) {
                    for (number, record) in (0..).zip(all(&log)) {
                        assert!([payload(number), short(number)].contains(&record), "record {number}");
                    }
                }
            });
        }
        while !ended.load(Ordering::Acquire) {
            let before = log.end();
            let even = |position: LogPosition| position.0.is_multiple_of(2);
            log.rewrite(before, None, &mut |position, _| Ok(even(position).then(|| short(position.0))))
                .expect("rewrites");
        }
    });
    log.rewrite(log.end(), None, &mut |position, _| {
        Ok(position.0.is_multiple_of(2).then(|| short(position.0)))
    })
    .expect("rewrites");
    let expected: Vec<Bytes> =
        (0..2_000).map(|number| if number % 2 == 0 { short(number) } else { payload(number) }).collect();
    assert_eq!(all(&log), expected);
}
