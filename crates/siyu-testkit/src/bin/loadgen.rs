//! Sends events over HTTP as fast as they are answered:
//! `loadgen <address> <write key> <events> <connections> <events per request>`.
//! Bodies are made before the clock starts. Prints one line of JSON.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::Instant;

use siyu_testkit::scale::{ScaleEvent, ScaleOptions, scale};
use siyu_types::{Clock, SystemClock};

const DAYS: i64 = 90;

/// What one connection saw.
#[derive(Default)]
struct Seen {
    accepted: u64,
    refused: u64,
    /// Microseconds from the first byte sent to the last received.
    answers_micros: Vec<u64>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words[..] {
        [address, key, events, connections, batch] => {
            match (events.parse(), connections.parse(), batch.parse()) {
                (Ok(events), Ok(connections), Ok(batch)) => run(address, key, events, connections, batch),
                _ => Err("events, connections and events per request are numbers".to_owned()),
            }
        }
        _ => Err("loadgen <address> <write key> <events> <connections> <events per request>".to_owned()),
    };
    match outcome {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(reason) => {
            eprintln!("{reason}");
            ExitCode::FAILURE
        }
    }
}

fn run(address: &str, key: &str, events: u64, connections: usize, batch: usize) -> Result<String, String> {
    let from = SystemClock.now() - DAYS * 86_400_000;
    // Duplicates would be counted as accepted but not be found later.
    let mut last = None;
    let rows = scale(ScaleOptions::of_events(events * 11 / 10, from))
        .filter(|row| last.replace(row.key) != Some(row.key))
        .take(events as usize);
    let mut requests: Vec<Vec<Vec<u8>>> = vec![Vec::new(); connections];
    let mut waiting: Vec<ScaleEvent> = Vec::with_capacity(batch);
    let mut made = 0;
    for row in rows {
        waiting.push(row);
        if waiting.len() == batch {
            requests[made % connections].push(request(address, key, &waiting));
            waiting.clear();
            made += 1;
        }
    }
    let began = Instant::now();
    let workers: Vec<_> = requests
        .into_iter()
        .map(|requests| {
            let address = address.to_owned();
            std::thread::spawn(move || send_all(&address, &requests))
        })
        .collect();
    let mut all = Seen::default();
    for worker in workers {
        let seen = worker.join().map_err(|_| "a connection's thread failed".to_owned())??;
        all.accepted += seen.accepted;
        all.refused += seen.refused;
        all.answers_micros.extend(seen.answers_micros);
    }
    Ok(report(all, began.elapsed().as_secs_f64(), batch as u64))
}

fn report(mut all: Seen, seconds: f64, batch: u64) -> String {
    all.answers_micros.sort_unstable();
    let quantile = |share: f64| {
        let at = (all.answers_micros.len() as f64 * share) as usize;
        all.answers_micros.get(at.min(all.answers_micros.len().saturating_sub(1))).copied().unwrap_or(0)
            as f64
            / 1e3
    };
    let events = all.accepted * batch;
    serde_json::json!({
        "events": events,
        "refused_requests": all.refused,
        "seconds": seconds,
        "events_per_second": (events as f64 / seconds).round(),
        "answer_millis": {"p50": quantile(0.5), "p99": quantile(0.99), "max": quantile(1.0)},
    })
    .to_string()
}

/// One whole request, ready to be written.
fn request(address: &str, key: &str, rows: &[ScaleEvent]) -> Vec<u8> {
    let items: Vec<serde_json::Value> = rows
        .iter()
        .map(|row| {
            let props = serde_json::json!({
                "channel": format!("channel_{}", row.channel),
                "path": format!("/p/{}", row.page),
                "amount_minor": row.amount_minor,
            });
            serde_json::json!({
                "type": "track", "id": format!("{:016x}", row.key), "event": row.event_name(),
                "time": row.time, "login": row.login(), "properties": props,
            })
        })
        .collect();
    let body = serde_json::json!({ "batch": items }).to_string();
    let mut request = format!(
        "POST /api/v1/collect HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body.as_bytes());
    request
}

fn send_all(address: &str, requests: &[Vec<u8>]) -> Result<Seen, String> {
    let failed = |e: std::io::Error| format!("send to {address}: {e}");
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let mut seen = Seen::default();
    let mut buffer = Vec::with_capacity(4096);
    for request in requests {
        let began = Instant::now();
        stream.write_all(request).map_err(failed)?;
        let status = read_answer(&mut stream, &mut buffer).map_err(failed)?;
        seen.answers_micros.push(began.elapsed().as_micros() as u64);
        if status == 200 {
            seen.accepted += 1;
        } else {
            seen.refused += 1;
        }
    }
    Ok(seen)
}

/// Reads one answer of known length and returns its status.
fn read_answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> std::io::Result<u16> {
    buffer.clear();
    let mut part = [0u8; 4096];
    loop {
        let read = stream.read(&mut part)?;
        if read == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        buffer.extend_from_slice(&part[..read]);
        let Some(end) = buffer.windows(4).position(|w| w == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&buffer[..end]).to_ascii_lowercase();
        let length = head.split("content-length:").nth(1).and_then(|rest| rest.split("\r\n").next());
        let length: usize = length.and_then(|text| text.trim().parse().ok()).unwrap_or(0);
        if buffer.len() >= end + 4 + length {
            let status = head.split(' ').nth(1).and_then(|text| text.parse().ok());
            return Ok(status.unwrap_or(0));
        }
    }
}
