//! The log against torn files, flipped bits, many threads and a plain `Vec`.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::mpsc;

use bytes::Bytes;
use proptest::prelude::*;
use siyu_types::{ErrorCode, Result};

use super::{Log, LogOptions, LogPosition};

fn options(segment_bytes: u64) -> LogOptions {
    LogOptions { segment_bytes, ..LogOptions::default() }
}

fn payload(number: usize) -> Bytes {
    Bytes::from(format!("record {number} {}", "x".repeat(number % 13)))
}

fn all(log: &Log, max_bytes: usize) -> Result<Vec<Bytes>> {
    let mut next = log.start();
    let mut records = Vec::new();
    while next < log.end() {
        for (position, bytes) in log.read(next, max_bytes)? {
            assert_eq!(position, next, "positions are dense");
            next = position.next();
            records.push(bytes);
        }
    }
    Ok(records)
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(dir).expect("readable").map(|entry| entry.expect("readable").path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|e| e == "log")).collect();
    files.sort();
    files
}

/// A log with the given groups in one file.
fn written(dir: &Path, groups: &[usize]) -> PathBuf {
    let log = Log::open(dir, options(1 << 20)).expect("opens");
    let mut number = 0;
    for &size in groups {
        log.append_and_wait((number..number + size).map(payload).collect()).expect("appends");
        number += size;
    }
    drop(log);
    files(dir).pop().expect("one file")
}

#[test]
fn one_at_a_time_and_closed_means_closed() {
    let dir = tempfile::tempdir().expect("temp");
    let log = Log::open(dir.path(), options(1 << 20)).expect("opens");
    let second = Log::open(dir.path(), options(1 << 20)).map(drop).expect_err("is open");
    assert!(second.message.contains("is open in another process"), "{second}");
    // As somebody has it who is between fork and exec.
    let inherited = log.lock.try_clone().expect("a second handle");
    drop(log);
    Log::open(dir.path(), options(1 << 20)).expect("opens although a handle of the lock is left");
    drop(inherited);
}

#[test]
fn a_tail_torn_anywhere_loses_only_the_torn_records() {
    let source = tempfile::tempdir().expect("temp");
    let whole = std::fs::read(written(source.path(), &[3, 3])).expect("readable");
    let lengths: Vec<usize> = (0..6).map(|number| 16 + payload(number).len()).collect();
    for cut in 24..whole.len() {
        let dir = tempfile::tempdir().expect("temp");
        std::fs::write(dir.path().join(format!("{:020}.log", 0)), &whole[..cut]).expect("writes");
        let log = Log::open(dir.path(), options(1 << 20)).expect("a torn tail is not an error");
        let mut end = 24;
        let survivors = lengths
            .iter()
            .take_while(|&&length| {
                end += length;
                end <= cut
            })
            .count();
        assert_eq!(
            all(&log, 1 << 20).expect("reads"),
            (0..survivors).map(payload).collect::<Vec<_>>(),
            "{cut}"
        );
        let position = log.append_and_wait(vec![payload(survivors)]).expect("goes on");
        assert_eq!(position, LogPosition(survivors as u64));
        drop(log);
        let log = Log::open(dir.path(), options(1 << 20)).expect("opens again");
        assert_eq!(all(&log, 40).expect("reads").len(), survivors + 1);
    }
}

#[test]
fn a_flipped_bit_is_cut_in_the_last_group_and_reported_before_it() {
    let source = tempfile::tempdir().expect("temp");
    let whole = std::fs::read(written(source.path(), &[2, 2])).expect("readable");
    let second_group = 24 + (0..2).map(|number| 16 + payload(number).len()).sum::<usize>();
    for at in 0..whole.len() {
        for bit in 0..8 {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            let dir = tempfile::tempdir().expect("temp");
            std::fs::write(dir.path().join(format!("{:020}.log", 0)), &bytes).expect("writes");
            match Log::open(dir.path(), options(1 << 20)) {
                Ok(log) => {
                    assert!(at >= second_group, "byte {at} bit {bit} was synced and silently cut");
                    let kept = all(&log, 1 << 20).expect("reads");
                    assert!(kept.len() < 4, "byte {at} bit {bit} went unnoticed");
                    assert_eq!(kept, (0..kept.len()).map(payload).collect::<Vec<_>>());
                }
                Err(error) => {
                    assert!(at < second_group, "byte {at} bit {bit}: {error}");
                    assert_eq!(error.code, ErrorCode::Internal);
                }
            }
        }
    }
}

#[test]
fn damage_in_a_sealed_segment_is_reported_when_read() {
    let dir = tempfile::tempdir().expect("temp");
    let log = Log::open(dir.path(), options(60)).expect("opens");
    for number in 0..6 {
        log.append_and_wait(vec![payload(number)]).expect("appends");
    }
    drop(log);
    let sealed = files(dir.path());
    assert!(sealed.len() > 3, "{sealed:?}");
    let mut bytes = std::fs::read(&sealed[1]).expect("readable");
    *bytes.last_mut().expect("not empty") ^= 1;
    std::fs::write(&sealed[1], bytes).expect("writes");
    let log = Log::open(dir.path(), options(60)).expect("opens");
    let error = all(&log, 1 << 20).expect_err("the damage is in the way");
    assert!(error.message.contains("damaged at record"), "{error}");
}

#[test]
fn groups_of_many_threads_are_all_there_and_in_each_threads_order() {
    let dir = tempfile::tempdir().expect("temp");
    let log = Arc::new(Log::open(dir.path(), options(4096)).expect("opens"));
    let (sender, receiver) = mpsc::channel();
    std::thread::scope(|scope| {
        for thread in 0..8u32 {
            let (log, sender) = (Arc::clone(&log), sender.clone());
            scope.spawn(move || {
                for number in 0..50u32 {
                    let text = Bytes::from(format!("{thread}:{number}"));
                    let sender = sender.clone();
                    log.append(vec![text.clone(), text], move |answer| {
                        sender.send((thread, number, answer.expect("appends"))).expect("listened to");
                    });
                }
            });
        }
    });
    drop(sender);
    let answers: Vec<_> = receiver.iter().collect();
    assert_eq!(answers.len(), 400);
    let records = all(&log, 1000).expect("reads");
    assert_eq!(records.len(), 800);
    for (thread, number, position) in answers {
        let text = Bytes::from(format!("{thread}:{number}"));
        assert_eq!(records[position.0 as usize], text);
        assert_eq!(records[position.0 as usize - 1], text);
    }
    for thread in 0..8 {
        let prefix = format!("{thread}:");
        let mine: Vec<u32> = records
            .iter()
            .filter_map(|record| std::str::from_utf8(record).ok()?.strip_prefix(&prefix)?.parse().ok())
            .collect();
        assert!(mine.is_sorted(), "thread {thread}");
    }
}

#[test]
fn refusals() {
    let dir = tempfile::tempdir().expect("temp");
    let limits = LogOptions { record_bytes_max: 10, ..LogOptions::default() };
    let log = Log::open(dir.path(), limits).expect("opens");
    assert!(Log::open(dir.path(), LogOptions::default()).is_err(), "one process at a time");
    let code = |payloads| log.append_and_wait(payloads).expect_err("refused").code;
    assert_eq!(code(vec![]), ErrorCode::InvalidInput);
    assert_eq!(code(vec![Bytes::from_static(b"elevenbytes")]), ErrorCode::TooLarge);
    log.close();
    assert_eq!(code(vec![Bytes::from_static(b"late")]), ErrorCode::Overloaded);
    assert!(!log.wait_for(LogPosition(0), &AtomicBool::new(false)), "closed");
}

#[test]
fn a_full_queue_refuses_and_an_empty_one_takes_anything() {
    let dir = tempfile::tempdir().expect("temp");
    let limits = LogOptions { queue_appends_max: 2, queue_bytes_max: 8, ..LogOptions::default() };
    let log = Log::open(dir.path(), limits).expect("opens");
    let (hold, held) = mpsc::channel::<()>();
    let (entered, inside) = mpsc::channel();
    // The writer is kept inside the first answer while the queue fills.
    log.append(vec![Bytes::from_static(b"longer than the queue")], move |answer| {
        answer.expect("appends");
        entered.send(()).expect("listened to");
        held.recv().expect("released");
    });
    inside.recv().expect("writer answers");
    let (sender, receiver) = mpsc::channel();
    let append = |text: &'static str| {
        let sender = sender.clone();
        log.append(vec![Bytes::from_static(text.as_bytes())], move |answer| {
            sender.send((text, answer.map_err(|error| error.code))).expect("listened to");
        });
    };
    append("one");
    append("too many bytes");
    append("two");
    append("3");
    assert_eq!(receiver.recv(), Ok(("too many bytes", Err(ErrorCode::Overloaded))));
    assert_eq!(receiver.recv(), Ok(("3", Err(ErrorCode::Overloaded))));
    hold.send(()).expect("writer waits");
    assert_eq!(receiver.recv(), Ok(("one", Ok(LogPosition(1)))));
    assert_eq!(receiver.recv(), Ok(("two", Ok(LogPosition(2)))));
}

#[test]
fn waiting_ends_with_a_record_or_a_stop() {
    let dir = tempfile::tempdir().expect("temp");
    let log = Log::open(dir.path(), LogOptions::default()).expect("opens");
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| log.wait_for(LogPosition(0), &stop));
        log.append_and_wait(vec![payload(0)]).expect("appends");
        assert!(waiting.join().expect("no panic"));
        let waiting = scope.spawn(|| log.wait_for(LogPosition(1), &stop));
        stop.store(true, std::sync::atomic::Ordering::Release);
        log.wake();
        assert!(!waiting.join().expect("no panic"));
    });
}

#[derive(Clone, Debug)]
enum Step {
    Append(usize),
    Reopen,
    Trim(u8),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (1usize..6).prop_map(Step::Append),
        1 => Just(Step::Reopen),
        1 => any::<u8>().prop_map(Step::Trim),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn behaves_like_a_vec(steps in prop::collection::vec(step(), 1..25), segment in 40u64..300, page in 1usize..200) {
        let dir = tempfile::tempdir().expect("temp");
        let mut log = Log::open(dir.path(), options(segment)).expect("opens");
        let mut model: Vec<Bytes> = Vec::new();
        let mut trimmed = 0;
        for step in steps {
            match step {
                Step::Append(count) => {
                    let records: Vec<Bytes> = (model.len()..model.len() + count).map(payload).collect();
                    model.extend(records.iter().cloned());
                    let position = log.append_and_wait(records).expect("appends");
                    prop_assert_eq!(position, LogPosition(model.len() as u64 - 1));
                }
                Step::Reopen => {
                    drop(log);
                    log = Log::open(dir.path(), options(segment)).expect("opens");
                }
                Step::Trim(share) => {
                    let before = model.len() * usize::from(share) / 255;
                    log.trim(LogPosition(before as u64)).expect("trims");
                    trimmed = trimmed.max(before);
                }
            }
            let start = log.start().0 as usize;
            prop_assert!(start <= trimmed, "kept what was not trimmed");
            prop_assert_eq!(log.end(), LogPosition(model.len() as u64));
            prop_assert_eq!(&all(&log, page).expect("reads")[..], &model[start..]);
            if start > 0 {
                prop_assert!(log.read(LogPosition(start as u64 - 1), 1).is_err());
            }
        }
    }
}
