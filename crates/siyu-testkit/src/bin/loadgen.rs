//! Sends events over HTTP: `loadgen <address> <protocol> <write key> <events>
//! <connections> <events per request> <seed> [events per second]`.
//!
//! Without a rate every connection sends as fast as it is answered. With one, requests
//! are due at fixed times and an answer's time counts from when its request was due, so
//! that a server that stands still is not spared the requests it kept from being sent.
//! `loadgen hook-mapping` prints what a webhook's source needs to be read.
//! Bodies are made before the clock starts. Prints one line of JSON.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use siyu_testkit::load::{Load, Speech, hook_mapping};
use siyu_types::{Clock, SystemClock};

const PEOPLE: u64 = 1_000_000;
const USAGE: &str = "loadgen <address> <own|sensors|segment|webhook> <write key> <events> <connections> \
                     <events per request> <seed> [events per second]";

/// One whole request, ready to be written.
struct Ready {
    bytes: Vec<u8>,
    again: bool,
}

/// What one connection saw.
#[derive(Default)]
struct Seen {
    accepted: u64,
    /// Of the accepted ones, those that were sent for the first time.
    unique: u64,
    refused: u64,
    bytes: u64,
    /// Microseconds from the first byte sent, or due, to the last received.
    answers_micros: Vec<u64>,
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match run(&words) {
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

fn run(words: &[String]) -> Result<String, String> {
    if words == ["hook-mapping"] {
        return Ok(hook_mapping().to_string());
    }
    let [address, speech, key, numbers @ ..] = words else { return Err(USAGE.to_owned()) };
    let speech = Speech::named(speech).ok_or(USAGE)?;
    let numbers: Vec<u64> =
        numbers.iter().map(|word| word.parse().map_err(|_| USAGE)).collect::<Result<_, _>>()?;
    let (events, connections, batch, seed, rate) = match numbers[..] {
        [events, connections, batch, seed] => (events, connections, batch, seed, None),
        [events, connections, batch, seed, rate] => (events, connections, batch, seed, Some(rate)),
        _ => return Err(USAGE.to_owned()),
    };
    let now = SystemClock.now();
    let load = Load { speech, people: PEOPLE, events_per_request: batch, seed, now };
    let mut requests: Vec<Vec<Ready>> = (0..connections).map(|_| Vec::new()).collect();
    for number in 0..events / batch {
        requests[(number % connections) as usize].push(ready(address, &load, number, key));
    }
    // Of each connection; they begin one after another, so that requests are due evenly.
    let every = rate.map(|rate| Duration::from_secs_f64((batch * connections) as f64 / rate as f64));
    let began = Instant::now();
    let workers: Vec<_> = requests
        .into_iter()
        .enumerate()
        .map(|(index, requests)| {
            let address = address.clone();
            let pace = every.map(|every| (began + every.mul_f64(index as f64 / connections as f64), every));
            std::thread::spawn(move || send_all(&address, &requests, pace))
        })
        .collect();
    let mut all = Seen::default();
    for worker in workers {
        let seen = worker.join().map_err(|_| "a connection's thread failed".to_owned())??;
        all.accepted += seen.accepted;
        all.unique += seen.unique;
        all.refused += seen.refused;
        all.bytes += seen.bytes;
        all.answers_micros.extend(seen.answers_micros);
    }
    Ok(report(all, began.elapsed().as_secs_f64(), batch))
}

fn report(mut all: Seen, seconds: f64, batch: u64) -> String {
    all.answers_micros.sort_unstable();
    let quantile = |share: f64| {
        let at = (all.answers_micros.len() as f64 * share) as usize;
        let micros = all.answers_micros.get(at.min(all.answers_micros.len().saturating_sub(1)));
        micros.copied().unwrap_or(0) as f64 / 1e3
    };
    let events = all.accepted * batch;
    serde_json::json!({
        "events": events,
        "unique": all.unique * batch,
        "refused_requests": all.refused,
        "bytes": all.bytes,
        "seconds": seconds,
        "events_per_second": (events as f64 / seconds).round(),
        "answer_millis": {"p50": quantile(0.5), "p99": quantile(0.99), "max": quantile(1.0)},
    })
    .to_string()
}

fn ready(address: &str, load: &Load, number: u64, key: &str) -> Ready {
    let request = load.request(number, key);
    let headers: String =
        request.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let (target, length) = (&request.target, request.body.len());
    let mut bytes =
        format!("POST {target} HTTP/1.1\r\nhost: {address}\r\n{headers}content-length: {length}\r\n\r\n")
            .into_bytes();
    bytes.extend_from_slice(&request.body);
    Ready { bytes, again: request.again }
}

/// `pace`: when the first is due, and the time between two.
fn send_all(address: &str, requests: &[Ready], pace: Option<(Instant, Duration)>) -> Result<Seen, String> {
    let failed = |e: std::io::Error| format!("send to {address}: {e}");
    let mut stream = TcpStream::connect(address).map_err(failed)?;
    stream.set_nodelay(true).map_err(failed)?;
    let mut seen = Seen::default();
    let mut buffer = Vec::with_capacity(4096);
    for (index, request) in requests.iter().enumerate() {
        let due = pace.map(|(first, every)| first + every.mul_f64(index as f64));
        if let Some(due) = due {
            wait_until(due);
        }
        let began = due.unwrap_or_else(Instant::now);
        stream.write_all(&request.bytes).map_err(failed)?;
        let status = read_answer(&mut stream, &mut buffer).map_err(failed)?;
        seen.answers_micros.push(began.elapsed().as_micros() as u64);
        seen.bytes += request.bytes.len() as u64;
        if status == 200 {
            seen.accepted += 1;
            seen.unique += u64::from(!request.again);
        } else {
            seen.refused += 1;
        }
    }
    Ok(seen)
}

#[expect(clippy::disallowed_methods, reason = "requests are due at times, which nothing tells but the clock")]
fn wait_until(due: Instant) {
    std::thread::sleep(due.saturating_duration_since(Instant::now()));
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
