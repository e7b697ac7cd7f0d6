//! Throws broken mail at the reader of returned mail for a while: `fuzz_mail <minutes>
//! [seed]`, started by `cargo xtask fuzz`. Mails are made from the kept ones, by changes of
//! bytes, lines and parts. It must never panic nor take long, and must say the same twice.

use std::error::Error;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::time::{Duration, Instant};

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use siyu_connect::returned::read;

const TIME_MAX: Duration = Duration::from_secs(5);
const BYTES_MAX: usize = 256 * 1024;
const SEED: u64 = 20_261_126;
const PIECES: &[&[u8]] = &[
    b"\r\n\r\n",
    b"\n",
    b"--",
    b"Content-Type: message/rfc822\r\n\r\n",
    b"Content-Type: message/delivery-status\r\n\r\n",
    b"Content-Type: multipart/report; boundary=\"x\"\r\n\r\n--x\r\n",
    b"Content-Transfer-Encoding: base64\r\n",
    b"Content-Transfer-Encoding: quoted-printable\r\n",
    b"=?gb18030?B?",
    b"=?utf-8?Q?=E4=B8?=",
    b"Action: failed\r\n",
    b"Status: 5.1.1\r\n",
    b"Final-Recipient: rfc822; a@b.example\r\n",
    b"\xff\xfe\x00",
    b"\xe4\xb8",
    b"<>",
    b"=",
    b";",
];

fn main() -> Result<(), Box<dyn Error>> {
    let mut words = std::env::args().skip(1);
    let minutes: u64 = words.next().ok_or("fuzz_mail <minutes> [seed]")?.parse()?;
    let seed = words.next().map_or(Ok(SEED), |word| word.parse())?;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/returned");
    let mut mails = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "eml") {
            mails.push(std::fs::read(path)?);
        }
    }
    mails.sort();
    let mut rng = StdRng::seed_from_u64(seed);
    let (began, mut inputs, mut slowest) = (Instant::now(), 0_u64, Duration::ZERO);
    while began.elapsed() < Duration::from_secs(60 * minutes) {
        let mut mail = mails[rng.random_range(0..mails.len())].clone();
        for _ in 0..rng.random_range(1..8) {
            change(&mut mail, &mails, &mut rng);
        }
        inputs += 1;
        slowest = slowest.max(check(&mail)?);
    }
    println!("mail       {minutes:6} min {inputs:9} inputs, slowest {slowest:.1?}, no finding");
    Ok(())
}

fn change(mail: &mut Vec<u8>, others: &[Vec<u8>], rng: &mut StdRng) {
    let at = rng.random_range(0..=mail.len());
    match rng.random_range(0..8) {
        0 => {
            if let Some(byte) = mail.get_mut(at) {
                *byte ^= 1 << rng.random_range(0..8);
            }
        }
        1 => mail.truncate(at),
        2 => {
            let end = rng.random_range(at..=mail.len()).min(at + 400);
            mail.drain(at..end);
        }
        3 => {
            // A line somewhere else.
            let lines: Vec<&[u8]> = mail.split_inclusive(|byte| *byte == b'\n').collect();
            let line =
                lines[rng.random_range(0..lines.len().max(1)).min(lines.len().saturating_sub(1))].to_vec();
            mail.splice(at..at, line);
        }
        4 => {
            let other = &others[rng.random_range(0..others.len())];
            let from = rng.random_range(0..=other.len());
            mail.splice(at..at, other[from..].iter().copied());
        }
        5 => {
            let end = rng.random_range(at..=mail.len()).min(at + 200);
            let again = mail[at..end].repeat(rng.random_range(1..60));
            mail.splice(at..at, again);
        }
        _ => {
            let piece = PIECES[rng.random_range(0..PIECES.len())];
            mail.splice(at..at, piece.iter().copied());
        }
    }
    mail.truncate(BYTES_MAX);
    if mail.is_empty() {
        mail.push(b'\n');
    }
}

/// Reads one mail; a finding is written to a file and ends the run.
fn check(mail: &[u8]) -> Result<Duration, Box<dyn Error>> {
    let began = Instant::now();
    let outcome = catch_unwind(AssertUnwindSafe(|| {
        let told = read(mail);
        assert!(told == read(mail), "reading twice gives two answers");
    }));
    let took = began.elapsed();
    if outcome.is_ok() && took <= TIME_MAX {
        return Ok(took);
    }
    let path = std::env::temp_dir().join("siyu-finding.eml");
    std::fs::write(&path, mail)?;
    Err(format!("panicked or took {took:.1?}; the input is {}", path.display()).into())
}
