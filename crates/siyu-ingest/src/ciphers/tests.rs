//! Bodies that node's crypto encrypted, and bodies that no key opens.

use std::path::Path;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rand::SeedableRng;
use rsa::PrivateKey;
use serde_json::Value as Json;
use siyu_govern::Govern;
use siyu_govern::keys::KeyKind;
use siyu_govern::sealing::Keyring;
use siyu_types::{Clock, ProjectId, Viewer};

use super::model::Envelope;
use super::{Ciphers, rules, unreadable};
use crate::frame::{Frame, ProtocolId, Terms};
use crate::protocols::{INFLATED_BYTES_MAX, ReasonCode, decode, sensors_envelopes};
use crate::receive::tests::{Fixed, govern_options};

const PRIVATE: &str = include_str!("../../../../testdata/ciphers/private.b64");
const PKCS1: &str = include_str!("../../../../testdata/ciphers/private-pkcs1.pem");
const OTHER: &str = include_str!("../../../../testdata/ciphers/other.b64");
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
    let mut left = INFLATED_BYTES_MAX;
    let open = |envelope| {
        rules::symmetric(key, envelope).iter().find_map(|key| rules::open(envelope, key, &mut left))
    };
    envelopes.iter().map(open).collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}

#[test]
fn what_a_phone_encrypts_is_opened_with_the_private_key_alone() {
    let armoured = format!("-----BEGIN {0}-----\n{PRIVATE}-----END {0}-----\n", "PRIVATE KEY");
    let bare: String = PKCS1.lines().filter(|line| !line.starts_with('-')).collect();
    for text in [PRIVATE, &armoured, PKCS1, &bare] {
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
    let sent = sensors_envelopes(&frame(EVENTS)).expect("encrypted").remove(0);
    let secret = rules::symmetric(&key, &sent).remove(0);
    let opens = |envelope: &Envelope, mut left: usize| rules::open(envelope, &secret, &mut left).is_some();
    assert!(opens(&sent, INFLATED_BYTES_MAX) && !opens(&sent, 100), "larger than what is left");

    let payload = |text: &str| Envelope { payloads: vec![text.to_owned()], ..sent.clone() };
    let good = STANDARD.decode(&sent.payloads[0]).expect("base64");
    let torn = |bytes: &[u8]| payload(&STANDARD.encode(bytes));
    let mut flipped = good.clone();
    flipped[good.len() - 1] ^= 1;
    let cases = [
        payload(""),
        payload("no base64!"),
        torn(&good[..16]),
        torn(&good[..15]),
        torn(&good[..good.len() - 1]),
        torn(&good[..good.len() - 16]),
        torn(&flipped),
        torn(&[0; 64]),
    ];
    for case in &cases {
        assert!(!opens(case, INFLATED_BYTES_MAX), "{case:?}");
    }
    for secret in [&b""[..], &secret[1..], &[7; 16], &[7; 32], &[7; 300]] {
        assert_eq!(rules::open(&sent, secret, &mut INFLATED_BYTES_MAX.clone()), None);
    }
}

#[test]
fn a_forged_key_is_answered_like_any_other() {
    let key = rules::parse(PRIVATE).expect("a private key");
    let sent = sensors_envelopes(&frame(EVENTS)).expect("encrypted").remove(0);
    let forged = |bytes: &[u8]| Envelope { key: STANDARD.encode(bytes), ..sent.clone() };
    let good = STANDARD.decode(&sent.key).expect("base64");
    let mut flipped = good.clone();
    flipped[100] ^= 1;
    let cases = [&[][..], &[0; 256], &[0xff; 256], &[1; 255], &[1; 257], &good[1..], &flipped];
    for case in cases {
        let envelope = forged(case);
        let found = rules::symmetric(&key, &envelope);
        let mut left = INFLATED_BYTES_MAX;
        assert!(found.iter().all(|secret| rules::open(&envelope, secret, &mut left).is_none()), "{case:?}");
        assert_eq!(rules::symmetric(&key, &envelope), found, "the same each time");
    }
    // Wrong padding gives something to go on with, as right padding does.
    assert!(key.pkcs1v15_decrypt(&flipped).is_ok());
}

#[test]
fn what_is_not_an_envelope_is_left_to_the_protocol() {
    let plain = [
        "",
        "data_list=W10%3D",
        "[]",
        "{\"ekey\":1}",
        "gzip=9",
        "gzip=9&data_list=%5B%5D",
        "gzip=9&data_list=!!",
        r#"{"ekey":"AA==","payloads":[]}"#,
        r#"{"ekey":"AA==","payloads":[1]}"#,
        r#"[{"ekey":"AA==","payload":"AA=="},{"type":"track"}]"#,
        r#"{"key_id":1,"key_hash":"x","nc":1,"payload":"AA=="}"#,
    ];
    for body in plain {
        assert_eq!(sensors_envelopes(&frame(body)), None, "{body}");
    }
    let one = sensors_envelopes(&frame(r#"{"ekey":"AA==","payload":"BB=="}"#)).expect("encrypted");
    assert_eq!(one[0].payloads, ["BB=="]);
    // None of an elliptic curve or of SM2 is opened; as all that is encrypted it stays whole.
    for body in [EVENTS, SINGLE, plain[9], plain[10], r#"{"ekey":"EC:AA==","pkv":2,"payloads":["AA=="]}"#] {
        let decoded = decode(&frame(body));
        assert_eq!((decoded.records.len(), decoded.refusals.len()), (0, 1), "{body}");
        assert_eq!(decoded.refusals[0].reason.code, ReasonCode::NoKey, "{body}");
    }
}

/// The keys of a file with these first bytes; the first key seals.
fn keyring(folder: &Path, keys: &[u8]) -> Arc<Keyring> {
    let lines = keys.iter().map(|key| format!("1 0{key} {}\n", STANDARD.encode([*key; 32])));
    let path = folder.join("siyu.key");
    std::fs::write(&path, lines.collect::<String>()).expect("writes");
    Arc::new(Keyring::read(&path, SeedableRng::seed_from_u64(1)).expect("reads").expect("is there"))
}

#[tokio::test]
async fn a_private_key_is_stored_sealed_and_sealed_anew_with_the_current_key() {
    siyu_testkit::databases::both(async |db| {
        let clock: Arc<dyn Clock> = Arc::new(Fixed);
        let govern = Govern::new(db.clone(), Arc::clone(&clock), govern_options());
        let project = govern.create_project("店", "Asia/Shanghai", "CNY").await.expect("a project").id;
        let viewer = Viewer::system(project);
        let key = govern.create_key(&viewer, KeyKind::Write, "app", None).await.expect("a key").0.id;
        let folder = tempfile::tempdir().expect("a temporary folder");
        let ciphers = Ciphers::new(db.clone(), Arc::clone(&clock), keyring(folder.path(), &[1]));
        let (made, name) = ciphers.register(&viewer, key, PRIVATE).await.expect("is stored");
        assert_eq!((made.fingerprint.as_str(), made.bits, name.as_str()), (FINGERPRINT, 2048, "app"));
        assert!(made.sealed.starts_with("sealed:1:01:") && !made.sealed.contains("MII"));
        assert_eq!(ciphers.list(project).await.expect("reads"), [(made.clone(), name)]);
        assert!(ciphers.opened(project, Some(key), &frame(EVENTS)).await.expect("works").is_some());
        assert!(ciphers.opened(project, None, &frame(EVENTS)).await.expect("works").is_some());
        let (other, nobody) = (ProjectId(project.0 + 1), Some(key + 1));
        assert_eq!(ciphers.opened(project, nobody, &frame(EVENTS)).await.expect("works"), None);
        assert_eq!(ciphers.opened(other, None, &frame(EVENTS)).await.expect("works"), None);

        // The key file got a newer key, then loses the older one.
        let newer = keyring(folder.path(), &[2, 1]);
        let ciphers = Ciphers::open(db.clone(), Arc::clone(&clock), newer).await.expect("seals");
        let (current, former) = (keyring(folder.path(), &[2]), keyring(folder.path(), &[1]));
        assert_eq!(unreadable(&db, Some(&current)).await.expect("reads"), Vec::<String>::new());
        let place = format!("ciphers/{}/{FINGERPRINT}", project.0);
        assert_eq!(unreadable(&db, Some(&former)).await.expect("reads"), std::slice::from_ref(&place));
        assert_eq!(unreadable(&db, None).await.expect("reads"), [place]);
        // With a key that opens it no longer, bodies wait instead of being lost.
        let closed = Ciphers::new(db.clone(), Arc::clone(&clock), former);
        assert_eq!(closed.opened(project, None, &frame(EVENTS)).await.expect("works"), None);

        ciphers.remove(&viewer, made.id).await.expect("is there");
        assert!(ciphers.remove(&viewer, made.id).await.is_err(), "only once");
        assert_eq!(ciphers.opened(project, None, &frame(EVENTS)).await.expect("works"), None);
    })
    .await;
}
