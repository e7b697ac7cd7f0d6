//! Bodies that node's crypto encrypted, and bodies that no key opens.

use rsa::PrivateKey;
use serde_json::Value as Json;

use super::rules;
use crate::frame::{Frame, ProtocolId, Terms};
use crate::protocols::sensors_envelopes;

const PRIVATE: &str = include_str!("../../../../testdata/ciphers/private.pem");
const PKCS1: &str = include_str!("../../../../testdata/ciphers/private-pkcs1.pem");
const OTHER: &str = include_str!("../../../../testdata/ciphers/other.pem");
/// As openssl and sha256sum say.
const FINGERPRINT: &str = include_str!("../../../../testdata/ciphers/fingerprint.txt");
const EVENTS: &str = include_str!("../../../../testdata/ciphers/events.body");
const SINGLE: &str = include_str!("../../../../testdata/ciphers/single.body");

fn frame(body: &str) -> Frame<'_> {
    let (protocol, terms) = (ProtocolId::Sensors, Terms::default());
    Frame { protocol, terms, received_at: 1, source: "app", route: "", query: "", body: body.as_bytes() }
}

/// The records of a body, if the key opens all of it.
fn opened(key: &PrivateKey, body: &str) -> Option<Vec<Json>> {
    let envelopes = sensors_envelopes(&frame(body))?;
    let open = |envelope| rules::symmetric(key, envelope).iter().find_map(|key| rules::open(envelope, key));
    envelopes.iter().map(open).collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}

#[test]
fn what_a_phone_encrypts_is_opened_with_the_private_key_alone() {
    let bare: String = PRIVATE.lines().filter(|line| !line.starts_with('-')).collect();
    for text in [PRIVATE, PKCS1, &bare] {
        let key = rules::parse(text).expect("a private key");
        assert_eq!(
            (rules::fingerprint(&key).expect("known").as_str(), rules::bits(&key)),
            (FINGERPRINT, 2048)
        );
        let records = opened(&key, EVENTS).expect("opens");
        let prices: Vec<_> = records.iter().map(|record| record["properties"]["price"].as_f64()).collect();
        assert_eq!(prices, [Some(12.5), None, Some(1.0), Some(2.0)]);
        assert_eq!(records[0]["properties"]["name"], "中文");
        assert_eq!(records[3]["_flush_time"], 1_795_302_809_000_i64, "of the envelope");
        assert_eq!(opened(&key, SINGLE).map(|records| records.len()), Some(1));
    }
    let other = rules::parse(OTHER).expect("a private key");
    assert_eq!(opened(&other, EVENTS), None);
    assert!(rules::parse("-----BEGIN PUBLIC KEY-----").is_err() && rules::parse("").is_err());
}

#[test]
fn a_body_that_was_changed_on_the_way_does_not_open() {
    let key = rules::parse(PRIVATE).expect("a private key");
    let json = sensors_envelopes(&frame(EVENTS)).expect("encrypted");
    let mut changed = json[0].clone();
    changed.payloads[0] = changed.payloads[1].chars().rev().collect();
    assert!(rules::symmetric(&key, &changed).iter().all(|secret| rules::open(&changed, secret).is_none()));
    for plain in ["", "data_list=W10%3D", "[]", "{\"ekey\":1}", "gzip=9", "gzip=9&data_list=%5B%5D"] {
        assert_eq!(sensors_envelopes(&frame(plain)), None, "{plain}");
    }
}
