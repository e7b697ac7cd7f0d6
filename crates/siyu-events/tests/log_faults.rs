//! The log on a failing disk: what could not be synced is never acknowledged and
//! never read, and the log goes on when the disk does.

use bytes::Bytes;
use fail::FailScenario;
use siyu_events::{Log, LogOptions, LogPosition};
use siyu_types::ErrorCode;

fn append(log: &Log, text: &'static str) -> Result<LogPosition, ErrorCode> {
    log.append_and_wait(vec![Bytes::from_static(text.as_bytes())]).map_err(|error| error.code)
}

fn texts(log: &Log) -> Vec<String> {
    let records = log.read(log.start(), usize::MAX).expect("reads");
    records.into_iter().map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()).collect()
}

#[test]
fn a_fault_refuses_the_group_and_nothing_else() {
    let cases = [
        ("log::write", "1*return(full)", ErrorCode::DiskFull),
        ("log::write", "1*return", ErrorCode::Internal),
        ("log::sync", "1*return", ErrorCode::Internal),
        ("log::sync", "1*return(full)", ErrorCode::DiskFull),
    ];
    for (point, action, code) in cases {
        // Before any record and after one: an empty file is replaced, a used one sealed.
        for before in [&[][..], &["first"]] {
            let scenario = FailScenario::setup();
            let dir = tempfile::tempdir().expect("temp");
            let log = Log::open(dir.path(), LogOptions::default()).expect("opens");
            let mut expected: Vec<String> = Vec::new();
            for text in before {
                append(&log, text).expect("appends");
                expected.push((*text).to_owned());
            }
            fail::cfg(point, action).expect("valid action");
            assert_eq!(append(&log, "refused"), Err(code), "{point} {action}");
            assert_eq!(log.end(), LogPosition(expected.len() as u64));
            assert_eq!(texts(&log), expected, "{point} {action}");
            assert_eq!(append(&log, "after"), Ok(LogPosition(expected.len() as u64)));
            expected.push("after".to_owned());
            assert_eq!(texts(&log), expected, "{point} {action}");
            drop(log);
            let log = Log::open(dir.path(), LogOptions::default()).expect("opens");
            assert_eq!(texts(&log), expected, "{point} {action}, opened again");
            scenario.teardown();
        }
    }
}

#[test]
fn while_the_refused_group_cannot_be_removed_nothing_is_accepted() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().expect("temp");
    let log = Log::open(dir.path(), LogOptions::default()).expect("opens");
    append(&log, "first").expect("appends");
    fail::cfg("log::sync", "1*return").expect("valid action");
    fail::cfg("log::repair", "return(full)").expect("valid action");
    assert_eq!(append(&log, "refused"), Err(ErrorCode::Internal));
    // The sync would succeed now, but the file still holds the refused group.
    assert_eq!(append(&log, "refused too"), Err(ErrorCode::DiskFull));
    assert_eq!(texts(&log), ["first"]);
    fail::remove("log::repair");
    assert_eq!(append(&log, "second"), Ok(LogPosition(1)));
    drop(log);
    let log = Log::open(dir.path(), LogOptions::default()).expect("opens");
    assert_eq!(texts(&log), ["first", "second"]);
    scenario.teardown();
}

#[test]
fn a_segment_that_cannot_be_begun_leaves_the_old_one_usable() {
    let scenario = FailScenario::setup();
    let dir = tempfile::tempdir().expect("temp");
    let options = LogOptions { segment_bytes: 30, ..LogOptions::default() };
    let log = Log::open(dir.path(), options.clone()).expect("opens");
    append(&log, "first").expect("appends");
    fail::cfg("log::rename", "1*return(full)").expect("valid action");
    assert_eq!(append(&log, "refused"), Err(ErrorCode::DiskFull));
    assert_eq!(append(&log, "second"), Ok(LogPosition(1)));
    drop(log);
    let log = Log::open(dir.path(), options).expect("opens");
    assert_eq!(texts(&log), ["first", "second"]);
    scenario.teardown();
}
