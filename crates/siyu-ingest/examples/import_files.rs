//! How long the import of a large file takes and how much memory it needs.
//!
//! `import_files make <csv|xlsx|jsonl> <rows> <file>` writes a seeded file of orders;
//! `import_files run <file>` imports it into an empty folder and prints seconds, rows per
//! second and the highest resident memory of the process.

use std::error::Error;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use serde_json::json;
use siyu_audience::ProjectSettings;
use siyu_govern::sealing::Pseudonyms;
use siyu_ingest::{ImportFile, Ingest, IngestOptions};
use siyu_types::{Clock, ProjectId};

type Outcome = Result<(), Box<dyn Error>>;

const NOW: i64 = 1_795_304_200_000;
const TITLES: [&str; 8] = ["订单号", "会员号", "手机号", "实付金额", "付款时间", "订单状态", "门店", "商品"];

struct Fixed;

impl Clock for Fixed {
    fn now(&self) -> i64 {
        NOW
    }
}

#[tokio::main]
async fn main() -> Outcome {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["make", kind, rows, file] => make(kind, rows.parse()?, Path::new(file)),
        ["run", file] => run(Path::new(file)).await,
        _ => Err("make <csv|xlsx|jsonl> <rows> <file> | run <file>".into()),
    }
}

/// Orders of a quarter as many people as rows.
fn order(row: u64, people: u64, random: &mut StdRng) -> [String; 8] {
    let person = random.random_range(0..people.max(1));
    let (day, second) = (random.random_range(1..=28), random.random_range(0..86_400));
    let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
    [
        format!("SY{row:012}"),
        format!("M{person:09}"),
        format!("138{person:08}"),
        format!("{}.{:02}", random.random_range(5..900), random.random_range(0..100)),
        format!("2026-10-{day:02} {hour:02}:{minute:02}:{second:02}"),
        if random.random_bool(0.95) { "交易成功" } else { "交易关闭" }.to_owned(),
        format!("门店{:03}", random.random_range(0..200)),
        format!("商品 {:05}", random.random_range(0..20_000)),
    ]
}

fn make(kind: &str, rows: u64, path: &Path) -> Outcome {
    let mut random = StdRng::seed_from_u64(7);
    let orders = (0..rows).map(|row| order(row, rows / 4, &mut random));
    match kind {
        "xlsx" => {
            let mut book = rust_xlsxwriter::Workbook::new();
            let sheet = book.add_worksheet_with_constant_memory()?;
            for (column, title) in TITLES.iter().enumerate() {
                sheet.write(0, column as u16, *title)?;
            }
            for (row, order) in orders.enumerate() {
                for (column, cell) in order.iter().enumerate() {
                    match column {
                        3 => sheet.write(row as u32 + 1, 3, cell.parse::<f64>()?)?,
                        column => sheet.write(row as u32 + 1, column as u16, cell)?,
                    };
                }
            }
            book.save(path)?;
        }
        kind => {
            let mut out = BufWriter::new(File::create(path)?);
            let json = kind == "jsonl";
            if !json {
                writeln!(out, "{}", TITLES.join(","))?;
            }
            for order in orders {
                match json {
                    true => {
                        let object: serde_json::Map<_, _> =
                            TITLES.iter().map(|t| (*t).to_owned()).zip(order.map(Into::into)).collect();
                        writeln!(out, "{}", serde_json::Value::Object(object))?;
                    }
                    false => writeln!(out, "{}", order.join(","))?,
                }
            }
            out.into_inner()?.sync_all()?;
        }
    }
    println!("{} bytes", std::fs::metadata(path)?.len());
    Ok(())
}

async fn run(path: &Path) -> Outcome {
    let dir = tempfile::tempdir()?;
    let settings = |_| {
        let zone = siyu_types::calendar::zone("Asia/Shanghai")?;
        Ok(ProjectSettings { name: "bench".into(), zone, currency: "CNY".into() })
    };
    let pseudonyms = Pseudonyms::unkept(StdRng::seed_from_u64(1)).expect("a key");
    let options = IngestOptions::new(dir.path(), pseudonyms);
    let ingest = Ingest::start(options, Arc::new(Fixed), Box::new(settings));
    let mapping = json!({"kind": "orders", "states": {"交易成功": "paid", "交易关闭": "unpaid"}, "columns": {
        "订单号": {"to": "order_id"}, "会员号": {"to": "login"}, "手机号": {"to": "phone"},
        "实付金额": {"to": "amount"}, "付款时间": {"to": "time"}, "订单状态": {"to": "status"},
        "门店": {"to": "property", "name": "store"}, "商品": {"to": "property", "name": "title"}}});
    for dry_run in [true, false] {
        let file = ImportFile {
            path: siyu_govern::sealing::StoredFile::plain(path),
            mapping: serde_json::from_value(mapping.clone())?,
            source: "bench".into(),
            created_at: NOW,
            rejects: None,
            dry_run,
            from: Default::default(),
        };
        let started = Instant::now();
        let report = ingest.import_file(ProjectId(1), &file, &()).await?;
        let seconds = started.elapsed().as_secs_f64();
        let what = if dry_run { "checked" } else { "imported" };
        let rate = report.rows as f64 / seconds;
        println!(
            "{what}: {} rows ({} used, {} refused, {} unpaid) in {seconds:.1} s, {rate:.0}/s; peak {} MB",
            report.rows,
            report.accepted,
            report.rejected,
            report.skipped,
            peak_megabytes().unwrap_or_default()
        );
    }
    Ok(())
}

fn peak_megabytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1024)
}
