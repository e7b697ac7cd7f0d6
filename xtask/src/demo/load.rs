//! Imports the tables as a person would in the console, and shows how far it is.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::Outcome;
use crate::http::Client;
use crate::server::pause;

const LOOK_EVERY: Duration = Duration::from_millis(500);
/// When nothing is applied for so long, nothing more will be.
const STANDSTILL_MAX: Duration = Duration::from_secs(20);
const SHOW_EVERY: Duration = Duration::from_secs(10);

/// Imports every table that `tables.json` lists, in its order.
pub fn all(api: &Client, folder: &Path) -> Outcome {
    let began = Instant::now();
    let project = json!({"name": "示例超市", "zone": "America/New_York", "currency": "USD"});
    api.send("PATCH", "/api/v1/project", "application/json", project.to_string().as_bytes())?.json()?;
    let list =
        fs::read_to_string(folder.join("tables.json")).map_err(|e| format!("read tables.json: {e}"))?;
    let tables: Vec<Value> = serde_json::from_str(&list).map_err(|e| format!("read tables.json: {e}"))?;
    let rows: u64 = tables.iter().filter_map(|table| table["rows"].as_u64()).sum();
    println!("[3/3] importing {} tables with {rows} rows", tables.len());
    for table in &tables {
        one(api, folder, table)?;
    }
    let is_event = |table: &&Value| table["mapping"]["kind"] == "events";
    wait_until_applied(api, tables.iter().filter(is_event).filter_map(|table| table["rows"].as_u64()).sum())?;
    let seconds = began.elapsed().as_secs_f64();
    println!("      {rows} rows in {seconds:.0} s ({:.0} per second)", rows as f64 / seconds);
    Ok(())
}

/// What was accepted is applied a little later; tags and segments need all of it.
fn wait_until_applied(api: &Client, events: u64) -> Outcome {
    let (mut seen, mut since) = (0, Instant::now());
    loop {
        let overview = api.get("/api/v1/overview")?;
        let applied = overview["events_total"].as_u64().unwrap_or(0);
        if applied >= events {
            return Ok(());
        }
        if applied > seen {
            (seen, since) = (applied, Instant::now());
        }
        if since.elapsed() > STANDSTILL_MAX {
            return Err(format!("only {applied} of {events} events were applied; nothing moves any more"));
        }
        pause(LOOK_EVERY);
    }
}

fn one(api: &Client, folder: &Path, table: &Value) -> Outcome {
    let file = table["file"].as_str().ok_or("a table has no file")?;
    let title = table["title"].as_str().unwrap_or(file);
    let bytes = fs::read(folder.join(file)).map_err(|e| format!("read {file}: {e}"))?;
    let import = api
        .upload("/api/v1/imports", (file, &bytes), ("mapping", &table["mapping"].to_string()))
        .map_err(|e| format!("import {file}: {e}"))?;
    let job = wait(api, &import["job_id"], title)?;
    let import = api.get(&format!("/api/v1/imports/{}", import["id"]))?;
    if job["state"] != "done" || import["rejected"].as_u64() != Some(0) {
        return Err(format!("import {file}: {job}\n{import}"));
    }
    println!("      {title}: {} rows", import["accepted"]);
    Ok(())
}

/// Waits for a job and answers its last state.
pub fn wait(api: &Client, id: &Value, title: &str) -> Outcome<Value> {
    let mut shown = Instant::now();
    loop {
        let job = api.get(&format!("/api/v1/jobs/{}", id.as_str().map_or(id.to_string(), str::to_owned)))?;
        if !matches!(job["state"].as_str(), Some("queued" | "running")) {
            return Ok(job);
        }
        if shown.elapsed() > SHOW_EVERY {
            println!("      {title}: {} of {}", job["done"], job["total"]);
            shown = Instant::now();
        }
        pause(LOOK_EVERY);
    }
}
