//! An import that is cut short at any chunk goes on and ends as one that was not.

use std::sync::Mutex;

use serde_json::{Value as Json, json};
use siyu_govern::sealing::StoredFile;
use siyu_types::ports::PortFuture;
use siyu_types::{Error, ErrorCode};

use super::super::*;
use super::{PROJECT, events, file, ingest};

/// Stops the import after some chunks and keeps the last position, as the job does.
struct Cut {
    left: Mutex<usize>,
    position: Mutex<ImportPosition>,
}

impl ImportWatcher for Cut {
    fn progress(&self, progress: ImportProgress) -> PortFuture<'_, siyu_types::Result<()>> {
        Box::pin(async move {
            *self.position.lock().expect("free") = progress.position;
            let mut left = self.left.lock().expect("free");
            if *left == 0 {
                return Err(Error::new(ErrorCode::WrongState, "the machine stopped"));
            }
            *left -= 1;
            Ok(())
        })
    }
}

/// Runs until it is through, cut short after one more chunk each time.
async fn in_pieces(ingest: &Ingest, file: &ImportFile) -> (ImportReport, usize) {
    let mut file = file.clone();
    for round in 0..100 {
        let cut = Cut { left: Mutex::new(round % 2), position: Mutex::new(file.from.clone()) };
        let result = ingest.import_file(PROJECT, &file, &cut).await;
        file.from = cut.position.into_inner().expect("free");
        match result {
            Ok(report) => return (report, round),
            Err(error) => assert_eq!(error.code, ErrorCode::WrongState, "{error}"),
        }
    }
    panic!("it never ended");
}

fn mapping(kind: &str) -> Json {
    match kind {
        "people" => {
            json!({"kind": "people", "columns": {"who": {"to": "login"}, "item": {"to": "property"}}})
        }
        "events" => json!({"kind": "events", "event": "visit", "columns": {
            "who": {"to": "login"}, "at": {"to": "time"}, "item": {"to": "property"}}}),
        _ => json!({"kind": "orders", "columns": {"who": {"to": "login"}, "at": {"to": "time"},
            "order": {"to": "order_id"}, "item": {"to": "item_id"}, "amount": {"to": "amount"}}}),
    }
}

/// Lines with refused ones among them, and orders whose lines stand far apart.
fn table(rows: usize, json_lines: bool) -> String {
    let mut table = String::new();
    if !json_lines {
        table.push_str("who,at,order,item,amount\n");
    }
    for row in 0..rows {
        let who = if row % 1_000 == 7 { String::new() } else { format!("p{}", row % 500) };
        let (order, item) = (row % 3_000, row % 7);
        if json_lines {
            table += &json!({"who": who, "at": "2026-10-01T00:00:00Z", "order": order.to_string(),
                "item": item.to_string(), "amount": "1.5"})
            .to_string();
            table.push('\n');
        } else {
            table += &format!("{who},2026-10-01,{order},{item},1.5\n");
        }
    }
    table
}

#[tokio::test]
async fn wherever_it_stops_the_outcome_is_the_same() {
    for (kind, json_lines) in [("people", false), ("people", true), ("events", false), ("orders", false)] {
        let dir = tempfile::tempdir().expect("temporary folder");
        let text = table(13_000, json_lines);
        let mut whole = file(dir.path(), "file", text.as_bytes(), mapping(kind));
        whole.rejects = Some(StoredFile::plain(dir.path().join("whole.rejects")));
        let once = ingest(&dir.path().join("once"));
        let expected = once.import_file(PROJECT, &whole, &()).await.expect("imported");

        let twice = ingest(&dir.path().join("pieces"));
        let rejects = dir.path().join("pieces.rejects");
        let cut = ImportFile { rejects: Some(StoredFile::plain(&rejects)), ..whole.clone() };
        let (report, rounds) = in_pieces(&twice, &cut).await;
        assert!(rounds >= 2, "{kind} was cut {rounds} times");
        assert_eq!(
            (report.rows, report.accepted, report.rejected, &report.codes, report.records),
            (expected.rows, expected.accepted, expected.rejected, &expected.codes, expected.records),
            "{kind}"
        );
        assert_eq!(events(&twice), events(&once), "{kind}");
        let kept = |path: &std::path::Path| std::fs::read_to_string(path).expect("kept");
        assert_eq!(kept(&rejects), kept(&dir.path().join("whole.rejects")), "{kind}");
        assert_eq!(kept(&rejects).lines().count() as u64, expected.rejected);
    }
}
