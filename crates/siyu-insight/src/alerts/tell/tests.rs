//! Telling through the API and the queue, on both databases.

use http::{Method, StatusCode};
use serde_json::{Value as Json, json};
use siyu_db::Db;
use siyu_testkit::databases;
use siyu_types::telling::{Receiver, Told};
use siyu_types::{Error, ErrorCode, Role};

use super::{rules, store};
use crate::testing::Setup;

const DAY: i64 = 86_400_000;
const HOUR: i64 = 3_600_000;
const MINUTE: i64 = 60_000;

/// Noon of the 21st; `seen` twice on the 20th and once on the 21st.
async fn shop(db: &Db) -> Setup {
    let setup = Setup::new(db).await;
    setup.person("u1", "13800138001", "上海");
    for time in ["2026-11-20T09:00:00+08:00", "2026-11-20T10:00:00+08:00", "2026-11-21T09:00:00+08:00"] {
        setup.event("u1", time, "seen", json!({}));
    }
    setup
}

fn mail() -> Json {
    json!({"kind": "email", "to": "ops@shop.example"})
}

fn hook() -> Json {
    json!({"kind": "webhook", "url": "https://shop.example/hook"})
}

/// Fires while `seen` happens more than once a day.
fn alert(tell: Json) -> Json {
    json!({"name": "浏览太多", "measure": "number", "tell": tell,
        "cell": {"kind": "trend",
            "query": {"series": [{"event": "seen", "measure": {"kind": "count"}}], "interval": "day",
                "range": {"kind": "last_days", "days": 7}},
            "cell": {"series": 0, "bucket": "2026-11-20", "group": {"kind": "whole"}}},
        "rule": {"kind": "above", "number": 1.0}, "rhythm": {"kind": "hourly"}})
}

impl Setup {
    /// The tellings of the latest change.
    async fn latest(&self, id: &Json) -> Json {
        self.detail(Role::Owner, id).await["changes"][0]["tellings"].clone()
    }

    async fn detail(&self, role: Role, id: &Json) -> Json {
        let path = format!("/alerts/{id}");
        self.call(self.viewer(role), Method::GET, &path, Json::Null).await.1
    }
}

fn outcomes(tellings: &Json) -> Vec<&str> {
    let all = tellings.as_array().expect("tellings").iter();
    all.map(|telling| telling["outcome"].as_str().expect("an outcome")).collect()
}

#[tokio::test]
async fn every_receiver_is_told_once_of_every_change() {
    databases::both(async |db| {
        let shop = shop(&db).await;
        let (status, made) = shop.post("/alerts", alert(json!([mail(), hook()]))).await;
        assert_eq!((status, &made["tell"]), (StatusCode::CREATED, &json!([mail(), hook()])), "{made}");
        assert_eq!(outcomes(&shop.latest(&made["id"]).await), ["queued", "queued"]);
        assert!(shop.heard.take().is_empty(), "not while the alert is being looked at");
        shop.run_jobs().await;
        let told = shop.latest(&made["id"]).await;
        assert_eq!(outcomes(&told), ["sent", "sent"]);
        assert_eq!((&told[0]["receiver"], &told[1]["receiver"]), (&mail(), &hook()));
        let fired = shop.heard.take();
        assert_eq!(fired.len(), 2);
        assert_ne!(fired[0].1.send_id, fired[1].1.send_id);
        assert!(fired.iter().all(|(_, message)| message.body.contains("\"state\":\"firing\"")), "{fired:?}");

        shop.clock.advance(HOUR);
        assert_eq!(shop.watch.check(shop.project.id).await.expect("looks"), 1);
        shop.run_jobs().await;
        assert!(shop.heard.take().is_empty(), "nothing has changed");

        // It ends, and two processes look at the same time.
        shop.clock.advance(DAY);
        let look = || shop.watch.check(shop.project.id);
        let (one, other) = tokio::join!(look(), look());
        one.and(other).expect("look");
        shop.run_jobs().await;
        let ended = shop.heard.take();
        assert_eq!(ended.len(), 2, "{ended:?}");
        assert!(ended.iter().all(|(_, message)| message.text.contains("OK again")), "{ended:?}");
        assert!(ended.iter().all(|(_, message)| !message.again));
        assert_ne!(ended[0].1.send_id, fired[0].1.send_id);
        assert_eq!(outcomes(&shop.latest(&made["id"]).await), ["sent", "sent"]);

        // The next day nobody looks at the page: that is as well as before.
        shop.clock.advance(DAY);
        shop.watch.check(shop.project.id).await.expect("looks");
        shop.run_jobs().await;
        assert!(shop.heard.take().is_empty());
    })
    .await;
}

#[tokio::test]
async fn what_was_not_taken_is_tried_again_for_a_while() {
    databases::both(async |db| {
        let shop = shop(&db).await;
        let later =
            || Ok(Told::Transient { code: ErrorCode::ProviderRefused, reason: "451 try later".to_owned() });
        shop.heard.answer([later(), later()]);
        let (_, made) = shop.post("/alerts", alert(json!([mail()]))).await;
        shop.run_jobs().await;
        let waits = shop.latest(&made["id"]).await;
        assert_eq!(outcomes(&waits), ["queued"]);
        let why = (&waits[0]["code"], &waits[0]["reason"]);
        assert_eq!(why, (&json!("provider_refused"), &json!("451 try later")), "{waits}");
        shop.run_jobs().await;
        assert_eq!(shop.heard.take().len(), 1, "not before its time");
        for _ in 0..3 {
            shop.clock.advance(MINUTE);
            shop.run_jobs().await;
        }
        let told = shop.latest(&made["id"]).await;
        assert_eq!((outcomes(&told), &told[0]["code"]), (vec!["sent"], &Json::Null), "{told}");
        let tries = shop.heard.take();
        assert_eq!(tries.len(), 2);
        assert_eq!(tries[0].1.send_id, tries[1].1.send_id);

        // It is paused, and fires anew for somebody who is never reached.
        let path = format!("/alerts/{}", made["id"]);
        let owner = || shop.viewer(Role::Owner);
        shop.call(owner(), Method::PATCH, &path, json!({"enabled": false})).await;
        shop.heard.answer(std::iter::repeat_with(later).take(20));
        shop.call(owner(), Method::PATCH, &path, json!({"enabled": true})).await;
        for _ in 0..10 {
            shop.run_jobs().await;
            shop.clock.advance(HOUR);
        }
        assert_eq!(outcomes(&shop.latest(&made["id"]).await), ["failed"]);
        assert_eq!(shop.heard.take().len(), 1 + super::jobs::WAITS_MILLIS.len());
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_or_unknown_is_kept_with_its_reason() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let other = json!({"kind": "email", "to": "boss@shop.example"});
    let third = json!({"kind": "email", "to": "team@shop.example"});
    shop.heard.answer([
        Ok(Told::Refused { reason: "550 nobody".to_owned() }),
        Ok(Told::Unknown { reason: "lost".to_owned(), repeatable: false }),
        Err(Error::new(ErrorCode::SecretUnreadable, "no key")),
        Ok(Told::Unknown { reason: "500".to_owned(), repeatable: true }),
    ]);
    let (_, made) = shop.post("/alerts", alert(json!([mail(), other, third, hook()]))).await;
    shop.run_jobs().await;
    let told = shop.latest(&made["id"]).await;
    assert_eq!(outcomes(&told), ["failed", "unknown", "failed", "queued"], "{told}");
    assert_eq!((&told[0]["code"], &told[0]["reason"]), (&json!("provider_refused"), &json!("550 nobody")));
    assert_eq!(told[2]["code"], json!("secret_unreadable"));
    assert_eq!(shop.heard.take().len(), 4);
    shop.clock.advance(MINUTE);
    shop.run_jobs().await;
    assert_eq!(outcomes(&shop.latest(&made["id"]).await), ["failed", "unknown", "failed", "sent"]);
    let again = shop.heard.take();
    let hooked = again.iter().map(|(receiver, _)| receiver.channel()).collect::<Vec<_>>();
    assert_eq!(hooked, ["webhook"], "only what recognises repetitions");
}

/// The process ended between the call and the note of its outcome.
#[tokio::test]
async fn a_call_that_was_cut_off_is_told_apart() {
    databases::both(async |db| {
        let shop = shop(&db).await;
        let (_, made) = shop.post("/alerts", alert(json!([mail()]))).await;
        let waiting = store::waiting(&db, shop.project.id, 1).await.expect("reads").expect("waits");
        let mut tx = db.begin().await.expect("begins");
        assert!(store::begin(&mut tx, shop.project.id, &waiting).await.expect("notes"));
        assert!(!store::begin(&mut tx, shop.project.id, &waiting).await.expect("notes"), "once");
        tx.commit().await.expect("commits");
        shop.heard.answer([Ok(Told::Unknown { reason: "cut off".to_owned(), repeatable: false })]);
        shop.run_jobs().await;
        let told = shop.heard.take();
        assert!(told.len() == 1 && told[0].1.again, "{told:?}");
        assert_eq!(outcomes(&shop.latest(&made["id"]).await), ["unknown"]);

        // The first call was only slow: what it knows is better.
        let next = rules::after(Ok(Told::Accepted), false, false);
        let mut tx = db.begin().await.expect("begins");
        store::end(&mut tx, shop.project.id, &waiting, &next, 1).await.expect("notes");
        tx.commit().await.expect("commits");
        assert_eq!(outcomes(&shop.latest(&made["id"]).await), ["sent"]);
    })
    .await;
}

#[tokio::test]
async fn who_can_be_told_is_checked_when_it_is_saved() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let typed = json!({"kind": "email", "to": " ops@shop.example "});
    let (_, made) = shop.post("/alerts", alert(json!([typed]))).await;
    assert_eq!(made["tell"], json!([mail()]), "without what was typed around it");
    let path = format!("/alerts/{}", made["id"]);
    let many: Vec<Json> =
        (0..11).map(|n| json!({"kind": "email", "to": format!("u{n}@shop.example")})).collect();
    let unset = json!({"kind": "webhook", "url": "https://unset.example"});
    for (tell, code, field) in [
        (json!([mail(), {"kind": "email", "to": "ops"}]), "invalid_input", "tell[1].to"),
        (json!([unset]), "channel_not_configured", "tell[0].url"),
        (json!([mail(), typed]), "invalid_input", "tell[1].to"),
        (json!(many), "invalid_input", "tell"),
    ] {
        let (_, refused) = shop.post("/alerts", alert(tell.clone())).await;
        let edit = json!({"tell": tell});
        let (_, edited) = shop.call(shop.viewer(Role::Owner), Method::PATCH, &path, edit).await;
        for answer in [refused, edited] {
            let error = &answer["error"];
            assert_eq!((&error["code"], &error["field"]), (&json!(code), &json!(field)), "{answer}");
        }
    }
    let edit = json!({"tell": [hook()]});
    let (_, edited) = shop.call(shop.viewer(Role::Owner), Method::PATCH, &path, edit).await;
    assert_eq!(edited["tell"], json!([hook()]));
    let (_, renamed) =
        shop.call(shop.viewer(Role::Owner), Method::PATCH, &path, json!({"name": "另一个"})).await;
    assert_eq!(renamed["tell"], json!([hook()]), "what is absent stays");
}

#[tokio::test]
async fn who_may_not_change_it_sees_no_address() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    shop.heard.answer([Ok(Told::Refused { reason: "550 nobody <ops@shop.example>".to_owned() })]);
    let (_, made) = shop.post("/alerts", alert(json!([mail()]))).await;
    shop.run_jobs().await;
    for (role, to, reason) in [
        (Role::Owner, "ops@shop.example", json!("550 nobody <ops@shop.example>")),
        (Role::Viewer, "o…@shop.example", Json::Null),
    ] {
        let seen = shop.detail(role, &made["id"]).await;
        assert_eq!(seen["alert"]["tell"][0]["to"], json!(to));
        let told = &seen["changes"][0]["tellings"][0];
        assert_eq!((&told["receiver"]["to"], &told["reason"]), (&json!(to), &reason), "{seen}");
    }
}

#[tokio::test]
async fn nobody_is_told_of_an_alert_that_is_gone() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let (_, made) = shop.post("/alerts", alert(json!([mail()]))).await;
    let path = format!("/alerts/{}", made["id"]);
    shop.call(shop.viewer(Role::Owner), Method::DELETE, &path, Json::Null).await;
    shop.run_jobs().await;
    assert!(shop.heard.take().is_empty());
}

#[tokio::test]
async fn a_test_tells_everybody_now_and_is_kept_nowhere() {
    let database = databases::sqlite().await;
    let shop = shop(&database.db).await;
    let (_, made) = shop.post("/alerts", alert(json!([mail(), hook()]))).await;
    shop.run_jobs().await;
    shop.heard.take();
    let path = format!("/alerts/{}/tell", made["id"]);
    let (status, _) = shop.call(shop.viewer(Role::Viewer), Method::POST, &path, Json::Null).await;
    assert_eq!(status, StatusCode::FORBIDDEN);
    let (status, _) = shop.call(shop.stranger(), Method::POST, &path, Json::Null).await;
    assert_eq!(status, StatusCode::NOT_FOUND);
    let (status, told) = shop.post(&path, Json::Null).await;
    assert_eq!((status, outcomes(&told["items"])), (StatusCode::OK, vec!["sent", "sent"]), "{told}");
    let heard = shop.heard.take();
    assert!(heard.iter().all(|(_, message)| message.subject.contains("试发")), "{heard:?}");
    let hooked = |receiver: &Receiver| matches!(receiver, Receiver::Webhook { .. });
    assert!(
        heard.iter().any(|(receiver, message)| hooked(receiver) && message.body.contains("\"test\":true"))
    );
    assert_eq!(outcomes(&shop.latest(&made["id"]).await).len(), 2, "the change was told before, and no more");
    shop.heard.answer([Ok(Told::Transient { code: ErrorCode::ProviderTimeout, reason: "slow".to_owned() })]);
    let (_, told) = shop.post(&path, Json::Null).await;
    let mut found = outcomes(&told["items"]);
    found.sort_unstable();
    assert_eq!(found, ["failed", "sent"], "a test is not tried again");
    shop.run_jobs().await;
    let (_, silent) = shop.post("/alerts", alert(json!([]))).await;
    let (status, answer) = shop.post(&format!("/alerts/{}/tell", silent["id"]), Json::Null).await;
    assert_eq!((status.as_u16(), &answer["error"]["field"]), (422, &json!("tell")), "{answer}");
}
