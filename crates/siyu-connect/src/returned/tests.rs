//! Reports as servers write them, from `testdata/returned`.

use super::ReturnedKind::{Complained, Dead, Delivered, Refused, Returned as ReturnedOnly, Underway};
use super::*;

const SEND: &str = "00000000000000000000000000005e4d";

fn sample(name: &str) -> Vec<u8> {
    let path = format!("{}/../../testdata/returned/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn reports_are_understood() {
    // file, what it says, a piece of the server's words
    let cases = [
        ("postfix-unknown", Dead, "User unknown in virtual mailbox table"),
        ("postfix-full", ReturnedOnly, "Over quota"),
        ("postfix-expired", ReturnedOnly, "Connection timed out"),
        ("postfix-delayed", Underway, "Connection timed out"),
        ("postfix-delivered", Delivered, "queued as 9AbC"),
        ("postfix-policy", Refused, "blocked using bl.example.net"),
        ("return-path-only", Dead, "User unknown"),
        ("exim-report", Dead, "User does not exist"),
        ("exim-plain", Dead, "No such user here"),
        ("exchange", Dead, "RecipientNotFound"),
        ("qq-style", Dead, "Mailbox not found"),
        ("qmail", Dead, "no mailbox here"),
        ("arf-abuse", Complained, "abuse"),
    ];
    for (name, kind, words) in cases {
        let found = read(&sample(name));
        assert_eq!(found.len(), 1, "{name}: {found:?}");
        assert_eq!(found[0].kind, kind, "{name}: {}", found[0].reason);
        assert_eq!(found[0].send_ids, [SEND], "{name}");
        assert!(found[0].reason.contains(words), "{name}: {}", found[0].reason);
        // 2026-11-21 in China, within the hour.
        let minutes = (found[0].at.expect("has a date") - 1_795_226_400_000) / 60_000;
        assert!((0..60).contains(&minutes), "{name}: {minutes}");
    }
}

#[test]
fn what_is_no_report_says_nothing() {
    for name in ["away", "answer", "arf-not-spam"] {
        assert_eq!(read(&sample(name)), [], "{name}");
    }
    for raw in ["", "\r\n", "x", "From: a@b.cn\r\n\r\nhello", "\u{0}\u{1}"] {
        assert_eq!(read(raw.as_bytes()), [], "{raw:?}");
    }
}

#[test]
fn the_words_do_not_repeat_the_address() {
    for name in ["postfix-unknown", "postfix-full", "exim-report", "exchange", "qq-style", "qmail"] {
        let reason = &read(&sample(name))[0].reason;
        assert!(!reason.contains('@'), "{name}: {reason}");
    }
    let cases = [
        ("<li@example.cn>: no", "<…>: no"),
        ("地址(a.b+c@x.cn)不存在", "地址(…)不存在"),
        ("a@b.cn and c@d.cn\n2", "… and … 2"),
        ("@", "…"),
        ("plain", "plain"),
    ];
    for (words, expected) in cases {
        assert_eq!(without_addresses(words), expected);
    }
}

/// A report cut anywhere, or with a byte changed, is never a panic, and never says
/// something final about a message that it does not name.
#[test]
fn broken_reports_do_no_harm() {
    for name in ["postfix-unknown", "exchange", "qq-style", "arf-abuse"] {
        let whole = sample(name);
        for cut in (0..whole.len()).step_by(37) {
            for one in read(&whole[..cut]) {
                assert!(one.send_ids.iter().all(|id| id == SEND), "{name} cut at {cut}: {one:?}");
            }
            let mut changed = whole.clone();
            changed[cut] ^= 0x5a;
            let _ = read(&changed);
        }
    }
}

/// Found by fuzzing: the parser of mail panics on it.
#[test]
fn mail_that_is_torn_within_its_parts_is_no_report() {
    assert_eq!(read(include_bytes!("../../../../testdata/returned/torn-parts.eml")), []);
}
