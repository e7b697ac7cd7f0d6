//! Mappings: what they make of bodies, what is refused, and the door that uses them.

use http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use siyu_types::Viewer;
use siyu_types::record::{Body, ProfileChange};

use super::{Hook, HookMapping, Signature, rules, signs};
use crate::frame::{Frame, ProtocolId};
use crate::protocols::{Decoded, ReasonCode, decode};
use crate::receive::tests::doors;

const NOW: i64 = 1_795_304_200_000;

fn mapping(json: Json) -> HookMapping {
    serde_json::from_value(json).expect("a mapping")
}

fn read(mapping: &Json, body: &str) -> Decoded {
    let text = rules::check(&serde_json::from_value(mapping.clone()).expect("a mapping")).expect("valid");
    decode(&Frame {
        terms: crate::frame::Terms::default(),
        protocol: ProtocolId::Webhook,
        received_at: NOW,
        source: "店",
        route: "",
        query: &text,
        body: body.as_bytes(),
    })
}

fn orders() -> Json {
    json!({
        "list": "/data/orders",
        "event": {"always": "order_paid"},
        "time": {"at": "/pay_time"},
        "zone": "Asia/Shanghai",
        "id": {"at": "/no"},
        "identifiers": {"phone": {"at": "/buyer/mobile"}, "login": {"at": "/buyer/id"}},
        "properties": {
            "amount_minor": {"take": {"at": "/total"}, "read": "money"},
            "order_id": {"take": {"at": "/no"}, "read": "text"},
            "shop": {"take": {"body": "/shop/name"}},
            "platform": {"take": {"always": "有赞"}},
            "missing": {"take": {"at": "/nothing/here"}},
        },
    })
}

#[test]
fn a_batch_of_orders_with_money_local_times_and_values_beside_the_list() {
    let body = json!({"shop": {"name": "西湖店"}, "data": {"orders": [
        {"no": 9007199254740993_i64, "pay_time": "2026-11-21 20:00:00", "total": "1,234.50",
         "buyer": {"id": "u1", "mobile": "13800000000"}},
        {"no": "B2", "pay_time": 1795302808, "total": 12.5, "buyer": {"mobile": "13900000000"}},
        {"no": "B3", "pay_time": "soon", "total": "1", "buyer": {"id": "u3"}},
        {"no": "B4", "total": "an arm and a leg", "buyer": {"id": "u4"}},
        {"no": "B5", "total": "1"},
    ]}});
    let decoded = read(&orders(), &body.to_string());
    assert_eq!((decoded.items, decoded.records.len()), (5, 2));
    let refused: Vec<_> =
        decoded.refusals.iter().map(|refusal| (refusal.index, refusal.reason.code)).collect();
    let expected = [(2, ReasonCode::BadTime), (3, ReasonCode::WrongType), (4, ReasonCode::NoIdentifier)];
    assert_eq!(refused, expected);
    let first = &decoded.records[0].1;
    assert_eq!(first.time, 1_795_262_400_000, "eight in the evening in Shanghai");
    let ids: Vec<_> = first.ids.iter().map(|id| format!("{}:{}", id.namespace, id.value)).collect();
    assert_eq!(ids, ["login:u1", "phone:13800000000"]);
    let Body::Event { name, props } = &first.body else { panic!("an event") };
    assert_eq!(name, "order_paid");
    assert_eq!(
        serde_json::to_value(props).expect("JSON"),
        json!({"amount_minor": 123450.0, "order_id": "9007199254740993", "shop": "西湖店", "platform": "有赞"})
    );
    assert_eq!(decoded.records[1].1.time, 1_795_302_808_000);
    // A repeated delivery has the same keys, whatever else stands around it.
    let again = read(&orders(), &body.to_string().replace("西湖店", "别的店"));
    assert_eq!(again.records[0].1.key, first.key);
}

#[test]
fn one_item_a_list_and_attributes() {
    let simple = json!({"event": {"at": "/type"}, "identifiers": {"login": {"at": "/user"}}, "rest": true});
    for (body, records) in [
        (r#"{"type":"a","user":"u","n":1,"o":{"x":2},"z":null}"#, 1),
        (r#"[{"type":"a","user":"u"},{"type":"b","user":"u"}]"#, 2),
        ("[]", 0),
    ] {
        let decoded = read(&simple, body);
        assert_eq!((decoded.records.len(), decoded.refusals.len()), (records, 0), "{body}");
    }
    let Body::Event { props, .. } =
        &read(&simple, r#"{"type":"a","user":"u","n":1,"z":null}"#).records[0].1.body
    else {
        panic!("an event")
    };
    assert_eq!(props.keys().collect::<Vec<_>>(), ["n", "type", "user"]);
    let profile = json!({"kind": "profile", "identifiers": {"email": {"at": "/e"}},
        "properties": {"level": {"take": {"at": "/l"}, "read": "number"}}});
    let decoded = read(&profile, r#"{"e":"a@example.com","l":"3"}"#);
    let Body::Profile { change: ProfileChange::Set(props) } = &decoded.records[0].1.body else {
        panic!("attributes")
    };
    assert_eq!(props["level"].as_number(), Some(3.0));
    for (body, code) in [
        ("not json", ReasonCode::NotJson),
        (r#"{"user":"u"}"#, ReasonCode::MissingField),
        (r#"{"type":{},"user":"u"}"#, ReasonCode::MissingField),
        ("7", ReasonCode::NoIdentifier),
    ] {
        assert_eq!(read(&simple, body).refusals[0].reason.code, code, "{body}");
    }
    assert_eq!(read(&orders(), "{}").refusals[0].reason.field, "/data/orders");
    assert_eq!(read(&orders(), r#"{"data":{"orders":5}}"#).refusals[0].reason.code, ReasonCode::WrongType);
}

#[test]
fn mappings_that_cannot_work_are_refused_with_the_field() {
    let with = |name: &str, value: Json| {
        let mut json = json!({"event": {"at": "/e"}, "identifiers": {"login": {"at": "/u"}}});
        json[name] = value;
        json
    };
    for (json, field) in [
        (with("identifiers", json!({})), "mapping.identifiers"),
        (with("event", json!(null)), "mapping.event"),
        (with("event", json!({"at": "e"})), "mapping.event"),
        (with("list", json!("data")), "mapping.list"),
        (with("zone", json!("Mars/Base")), "mapping.zone"),
        (with("money_places", json!(9)), "mapping.money_places"),
        (with("id", json!({"always": {"a": 1}})), "mapping.id"),
        (with("properties", json!({"p": {"take": {"at": "x"}}})), "mapping.properties.p"),
        (with("properties", json!({"p": {"take": {"always": "x".repeat(17_000)}}})), "mapping"),
    ] {
        let error = rules::check(&mapping(json)).expect_err(field);
        assert_eq!(error.field.as_deref(), Some(field));
    }
}

#[test]
fn signatures_in_every_usual_spelling() {
    // RFC 4231, test case 2.
    let signature = Signature { header: "x-signature".into(), secret: "Jefe".into() };
    let body = b"what do ya want for nothing?";
    let hex = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    let base64 = "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=";
    for given in [hex.to_owned(), hex.to_uppercase(), format!("sha256={hex}"), base64.to_owned()] {
        assert!(signs(&signature, body, &given), "{given}");
        assert!(!signs(&signature, b"something else", &given), "{given}");
    }
    for given in ["", "sha256=", &hex[..63], "sha1=00", "%%%"] {
        assert!(!signs(&signature, body, given), "{given}");
    }
}

#[tokio::test]
async fn from_the_address_to_the_event() {
    let doors = doors().await;
    let viewer = Viewer::system(doors.project);
    let address = format!("/hook/{}", doors.key);
    let body = r#"{"e":"signed_up","u":"u1","id":"d-1"}"#;
    // Before there is a mapping, what comes is set aside to make one from.
    assert_eq!(doors.send(Method::POST, &address, &[], body).await.status, StatusCode::OK);
    assert_eq!((doors.events().await, doors.ingest.stats(doors.project).expect("open").rejected), (0, 1));

    let json = json!({"event": {"at": "/e"}, "id": {"at": "/id"}, "identifiers": {"login": {"at": "/u"}}});
    let hook = |signature, answer: &str| Hook {
        key: 1,
        mapping: mapping(json.clone()),
        version: 0,
        signature,
        answer: answer.to_owned(),
        updated_at: 0,
    };
    doors.hooks.put(&viewer, hook(None, "")).await.expect("stored");
    for _ in 0..2 {
        let answer = doors.send(Method::POST, &address, &[], body).await;
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (StatusCode::OK, b"{\"success\":true}".as_slice())
        );
    }
    assert_eq!(doors.events().await, 1, "a repeated delivery counts once");

    let secret = || Some(Signature { header: "x-sign".into(), secret: "Jefe".into() });
    let (stored, _) = doors.hooks.put(&viewer, hook(secret(), "success")).await.expect("stored");
    assert_eq!(stored.version, 2);
    let unsigned = doors.send(Method::POST, &address, &[], body).await;
    assert_eq!(unsigned.status, StatusCode::UNAUTHORIZED);
    let body = "what do ya want for nothing?";
    let sign = [("x-sign", "W9zBRr9gdU5qBCQmCJV1x1oAPwidJzmDnexYuWTsOEM=")];
    let answer = doors.send(Method::POST, &address, &sign, body).await;
    assert_eq!((answer.status, answer.body.as_slice()), (StatusCode::OK, b"success".as_slice()));
    assert!(answer.headers["content-type"].to_str().expect("text").starts_with("text/plain"));
    // A secret that is left out is kept; without any there is nothing to keep.
    let kept = || Some(Signature { header: "x-other".into(), secret: String::new() });
    doors.hooks.put(&viewer, hook(kept(), "")).await.expect("stored");
    let answer = doors.send(Method::POST, &address, &[("x-other", sign[0].1)], body).await;
    assert_eq!(answer.status, StatusCode::OK);
    doors.hooks.remove(&viewer, 1).await.expect("removed");
    let error = doors.hooks.put(&viewer, hook(kept(), "")).await.expect_err("no secret");
    assert_eq!(error.field.as_deref(), Some("signature.secret"));

    assert_eq!(doors.send(Method::POST, "/hook/wk_wrong", &[], body).await.status, StatusCode::UNAUTHORIZED);
    assert!(doors.hooks.put(&viewer, Hook { key: 99, ..hook(None, "") }).await.is_err(), "no such key");
}
