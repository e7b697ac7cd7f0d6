//! Writes the demo's tables: `demo-data journey <parquet folder> <visits.csv.gz> <out>`
//! from public data, or `demo-data generated <out>` from the seeded shop.

use std::path::Path;
use std::process::ExitCode;

use jiff::tz::TimeZone;
use siyu_testkit::demo::{self, Tables};
use siyu_testkit::shop::{ShopOptions, shop};
use siyu_types::{Clock, SystemClock};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        ["journey", data, visits, out] => journey(data, visits, out),
        ["generated", out] => generated(out),
        _ => Err("demo-data journey <parquet folder> <visits.csv.gz> <out> | generated <out>".to_owned()),
    };
    match outcome {
        Ok(tables) => {
            let rows: u64 = tables.iter().map(|table| table.rows).sum();
            println!("{} tables with {rows} rows", tables.len());
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn journey(data: &str, visits: &str, out: &str) -> demo::Result<Vec<demo::Table>> {
    let yesterday = demo::yesterday(SystemClock.now())?;
    let mut tables = Tables::in_folder(Path::new(out))?;
    demo::complete_journey(Path::new(data), yesterday, &mut tables)?;
    demo::clickstream(Path::new(visits), yesterday, &mut tables)?;
    tables.finish()
}

fn generated(out: &str) -> demo::Result<Vec<demo::Table>> {
    let zone = TimeZone::get(demo::ZONE).map_err(|e| e.to_string())?;
    let options = ShopOptions { members: 5_000, ..ShopOptions::small(SystemClock.now(), zone) };
    let mut tables = Tables::in_folder(Path::new(out))?;
    demo::generated(&shop(&options), &mut tables)?;
    tables.finish()
}
