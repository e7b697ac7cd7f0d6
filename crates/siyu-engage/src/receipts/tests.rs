//! Receipts, the whole way: from a report to lists, consent, events and the
//! campaign's numbers.

use serde_json::{Value as Json, json};
use siyu_connect::mail_catcher::{Fault, FaultRule};
use siyu_db::Db;
use siyu_testkit::databases;
use siyu_types::permission::Actor;
use siyu_types::{ProjectId, Role, Viewer};

use super::rules::SOFT_BOUNCES_MAX;
use crate::delivery::{Bounce, SendRow, SendState, of_campaign, send_id};
use crate::testing::{PROJECT, Town, content};

/// A town with one finished campaign.
async fn sent(db: Db, people: u32) -> (Town, i64) {
    let town = Town::open(db, people).await;
    let campaign = send(&town).await;
    (town, campaign)
}

async fn send(town: &Town) -> i64 {
    let campaign = town.draft(content(), 0.0, None).await;
    town.start(campaign).await;
    town.engage.delivery.run_due().await.expect("works");
    campaign
}

fn id(campaign: i64, person: u32) -> String {
    send_id(PROJECT, campaign, person)
}

async fn receipts(town: &Town, items: Json) -> Vec<String> {
    let answer = town.ok("POST", "/api/v1/receipts", json!({ "items": items })).await;
    town.engage.delivery.run_due().await.expect("works");
    let items = answer["items"].as_array().expect("items").clone();
    items.iter().map(|item| item["verdict"].as_str().expect("a verdict").to_owned()).collect()
}

/// A report from `testdata/returned` about this send.
fn sample(name: &str, send_id: &str) -> String {
    let path = format!("{}/../../testdata/returned/{name}.eml", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    text.replace("00000000000000000000000000005e4d", send_id)
}

async fn pipe(town: &Town, mail: String) -> Json {
    let request = http::Request::builder().method("POST").uri("/api/v1/receipts/mail");
    let mut request = request.body(axum::body::Body::from(mail)).expect("a request");
    request.extensions_mut().insert(Viewer::system(PROJECT));
    let (status, bytes, _) = town.send(request).await;
    assert_eq!(status, 200, "{}", String::from_utf8_lossy(&bytes));
    town.engage.delivery.run_due().await.expect("works");
    serde_json::from_slice(&bytes).expect("JSON")
}

async fn row(town: &Town, campaign: i64, person: u32) -> SendRow {
    let after = i64::from(person) - 1;
    of_campaign(&town.db, campaign, None, after, 1).await.expect("readable").remove(0)
}

async fn lists(town: &Town) -> Vec<(String, String)> {
    let list = town.ok("GET", "/api/v1/suppressions", Json::Null).await;
    let items = list["items"].as_array().expect("items").iter();
    let mut items: Vec<(String, String)> = items
        .map(|item| {
            let who = item["address"].as_str().map_or_else(|| item["person"].to_string(), str::to_owned);
            (who, item["reason"].as_str().expect("a reason").to_owned())
        })
        .collect();
    items.sort();
    items
}

#[tokio::test]
async fn every_item_has_its_verdict_and_counts_once() {
    databases::both(async |db: Db| {
        let (town, campaign) = sent(db, 6).await;
        let mail = town.catcher.parsed(town.catcher.mails()[0].id).expect("kept");
        let about = |person: u32, kind: &str| json!({ "send_id": id(campaign, person), "kind": kind });
        let items = json!([
            about(0, "delivered"),
            about(0, "delivered"),
            { "message_id": mail.message_id, "kind": "delayed", "reason": "later" },
            { "send_id": id(campaign, 1), "kind": "bounced", "permanent": true, "reason": "no p1@example.cn" },
            about(1, "delivered"),
            about(2, "failed"),
            { "send_id": id(campaign, 99), "kind": "delivered" },
            { "kind": "delivered" },
            { "send_id": id(campaign, 3), "provider_id": "x", "kind": "delivered" },
        ]);
        let expected = [
            "applied",
            "duplicate",
            "noted",
            "applied",
            "outdated",
            "applied",
            "unknown_message",
            "invalid",
            "invalid",
        ];
        assert_eq!(receipts(&town, items.clone()).await, expected);
        let events = town.sink.counts();
        let count = |name: &str| events.get(name).copied().unwrap_or(0);
        assert_eq!(
            [count("message_delivered"), count("message_bounced"), count("message_failed")],
            [1, 1, 1],
            "{events:?}"
        );
        // All of it again: no number and no event changes.
        let again = receipts(&town, items).await;
        assert!(!again.contains(&"applied".to_owned()), "{again:?}");
        assert_eq!(town.sink.counts(), events);
        let bounced = row(&town, campaign, 1).await;
        assert_eq!((bounced.state, bounced.bounce), (SendState::Sent, Bounce::Hard));
        assert_eq!(bounced.error.as_deref(), Some("no …"), "the address is not kept");
        // Somebody else's project does not know these messages.
        let stranger = Viewer::system(ProjectId(2));
        let body = json!({ "items": [about(4, "delivered")] });
        let (_, answer) = town.call(&stranger, "POST", "/api/v1/receipts", body).await;
        assert_eq!(answer["items"][0]["verdict"], "unknown_message");
        let analyst =
            Viewer::new(Actor::User { id: 1, name: "a".into() }, PROJECT, Role::Analyst);
        let (status, _) = town.call(&analyst, "POST", "/api/v1/receipts", json!({ "items": [] })).await;
        assert_eq!(status, 403);
    })
    .await;
}

#[tokio::test]
async fn a_dead_address_is_listed_and_a_full_mailbox_only_in_the_end() {
    databases::both(async |db: Db| {
        let (town, first) = sent(db, 3).await;
        let answer = pipe(&town, sample("postfix-unknown", &id(first, 0))).await;
        assert_eq!(answer["items"][0]["verdict"], "applied", "{answer}");
        assert_eq!(lists(&town).await, [("p**@example.cn".to_owned(), "bounced".to_owned())]);
        let mut campaign = first;
        for round in 1..=SOFT_BOUNCES_MAX {
            pipe(&town, sample("postfix-full", &id(campaign, 1))).await;
            // The same report again is the same return.
            pipe(&town, sample("postfix-full", &id(campaign, 1))).await;
            let listed = lists(&town).await.len();
            assert_eq!(listed, if round < SOFT_BOUNCES_MAX { 1 } else { 2 }, "after {round} returns");
            town.clock.advance(86_400_000);
            campaign = send(&town).await;
        }
        let states = town.states(campaign).await;
        assert_eq!((states["suppressed"], states["sent"]), (2, 1), "{states:?}");
    })
    .await;
}

#[tokio::test]
async fn a_complaint_is_an_unsubscribe() {
    databases::both(async |db: Db| {
        let (town, campaign) = sent(db, 2).await;
        for _ in 0..2 {
            pipe(&town, sample("arf-abuse", &id(campaign, 1))).await;
        }
        let complaint = "complaint".to_owned();
        assert_eq!(
            lists(&town).await,
            [("1".to_owned(), complaint.clone()), ("p**@example.cn".to_owned(), complaint)]
        );
        assert_eq!(town.sink.counts()["message_complained"], 1);
        let report = town.ok("GET", &format!("/api/v1/campaigns/{campaign}/report"), Json::Null).await;
        assert_eq!((&report["complained"], &report["sent"]), (&json!(1), &json!(2)));
        // The list can be cleared; the consent stays withdrawn.
        let list = town.ok("GET", "/api/v1/suppressions", Json::Null).await;
        for item in list["items"].as_array().expect("items") {
            town.ok("DELETE", &format!("/api/v1/suppressions/{}", item["id"]), Json::Null).await;
        }
        let next = send(&town).await;
        assert_eq!(row(&town, next, 1).await.reason.as_deref(), Some("consent_withdrawn"));
    })
    .await;
}

#[tokio::test]
async fn an_unknown_outcome_is_resolved() {
    databases::both(async |db: Db| {
        let town = Town::open(db, 3).await;
        town.catcher.inject(FaultRule { to: None, fault: Fault::DropAfterData, times: Some(2) });
        let campaign = send(&town).await;
        let unknown = of_campaign(&town.db, campaign, Some(SendState::Unknown), -1, 9).await.expect("read");
        assert_eq!(unknown.len(), 2);
        pipe(&town, sample("postfix-delivered", &unknown[0].send_id)).await;
        pipe(&town, sample("exchange", &unknown[1].send_id)).await;
        assert_eq!(town.states(campaign).await["sent"], 3);
        let events = town.sink.counts();
        assert_eq!((events["message_sent"], events["message_unknown"]), (3, 2), "{events:?}");
        assert_eq!((events["message_delivered"], events["message_bounced"]), (1, 1), "{events:?}");
    })
    .await;
}

/// The receiver may be faster than our own commit: the receipt wins over whatever
/// our own call says afterwards, and nothing is sent again.
#[tokio::test]
async fn a_receipt_before_our_own_result_is_not_lost() {
    databases::both(async |db: Db| {
        let town = Town::open(db, 1).await;
        let campaign = town.draft(content(), 0.0, None).await;
        town.start(campaign).await;
        town.catcher.inject(FaultRule { to: None, fault: Fault::HangAfterData, times: Some(1) });
        let engage = std::sync::Arc::clone(&town.engage);
        let working = tokio::spawn(async move { engage.delivery.run_due().await });
        while town.catcher.count() == 0 {
            tokio::task::yield_now().await;
        }
        assert_eq!(row(&town, campaign, 0).await.state, SendState::Attempting);
        let body = json!({ "items": [{ "send_id": id(campaign, 0), "kind": "delivered" }] });
        let answer = town.ok("POST", "/api/v1/receipts", body).await;
        assert_eq!(answer["items"][0]["verdict"], "applied");
        working.await.expect("ends").expect("works");
        town.engage.delivery.run_due().await.expect("works");
        let last = row(&town, campaign, 0).await;
        assert_eq!((last.state, last.delivered_at.is_some()), (SendState::Sent, true));
        assert_eq!(town.catcher.count(), 1);
        let events = town.sink.counts();
        assert_eq!((events["message_sent"], events["message_delivered"]), (1, 1), "{events:?}");
        assert!(!events.contains_key("message_unknown"), "{events:?}");
    })
    .await;
}

#[tokio::test]
async fn a_receipt_by_provider_id_waits_for_its_message() {
    databases::both(async |db: Db| {
        let (town, first) = sent(db, 1).await;
        let known = row(&town, first, 0).await.provider_id.expect("the catcher tells one");
        let number: u64 = known.trim_start_matches(|c: char| !c.is_ascii_digit()).parse().expect("a number");
        let next = known.replace(&number.to_string(), &(number + 1).to_string());
        let item = |id: &str, kind: &str| json!([{ "provider_id": id, "kind": kind }]);
        assert_eq!(receipts(&town, item(&known, "delivered")).await, ["applied"]);
        assert_eq!(receipts(&town, item(&next, "delivered")).await, ["waiting"]);
        assert_eq!(receipts(&town, item(&next, "delivered")).await, ["waiting"]);
        let second = send(&town).await;
        town.engage.delivery.run_due().await.expect("works");
        let late = row(&town, second, 0).await;
        assert_eq!(late.provider_id.as_deref(), Some(next.as_str()));
        assert!(late.delivered_at.is_some());
        assert_eq!(town.sink.counts()["message_delivered"], 2);
        assert_eq!(receipts(&town, item(&next, "delivered")).await, ["duplicate"]);
    })
    .await;
}

/// Every number of the report opens as many people as it says, before and after
/// the first receipt that says "delivered".
#[tokio::test]
async fn numbers_and_people_agree() {
    databases::both(async |db: Db| {
        let town = Town::open(db, 12).await;
        let refuse = Fault::RefuseRecipient { code: 550, words: "5.1.1 nobody".into() };
        town.catcher.inject(FaultRule { to: Some("p0@example.cn".into()), fault: refuse, times: None });
        let campaign = send(&town).await;
        let path = format!("/api/v1/campaigns/{campaign}");
        // Receipts that come, how delivery is known then, and the number delivered.
        type Step = (&'static [(u32, &'static str)], &'static str, u64);
        let steps: [Step; 3] = [
            (&[], "sent_less_bounced", 11),
            (&[(1, "bounced"), (2, "complained"), (3, "failed")], "sent_less_bounced", 9),
            (&[(4, "delivered"), (5, "delivered"), (1, "delivered")], "receipts", 2),
        ];
        for (items, by, delivered) in steps {
            let items: Vec<Json> = items
                .iter()
                .map(|(person, kind)| json!({ "send_id": id(campaign, *person), "kind": kind }))
                .collect();
            receipts(&town, json!(items)).await;
            let report = town.ok("GET", &format!("{path}/report"), Json::Null).await;
            assert_eq!((&report["delivered_by"], &report["delivered"]), (&json!(by), &json!(delivered)));
            for metric in ["sent", "delivered", "bounced", "complained", "failed", "unknown"] {
                let people = town.ok("GET", &format!("{path}/people?metric={metric}"), Json::Null).await;
                let behind = people["items"].as_array().expect("items").len();
                assert_eq!(report[metric], json!(behind), "{metric} with {by}");
            }
        }
        let sends = town.ok("GET", &format!("{path}/sends"), Json::Null).await;
        let bounces: Vec<&str> = sends["items"].as_array().expect("items")[..3]
            .iter()
            .map(|send| send["bounce"].as_str().expect("told"))
            .collect();
        assert_eq!(bounces, ["hard", "soft", "none"]);
    })
    .await;
}

#[tokio::test]
async fn webhooks_have_receipts_too() {
    let database = databases::sqlite().await;
    let town = Town::open(database.db.clone(), 1).await;
    town.ok("PUT", "/api/v1/channels/webhook", json!({ "secret": "sixteen-letters!" })).await;
    let (url, served) = crate::testing::receiver(&[200]).await;
    let body = json!({ "name": "{{ person.name }}" });
    let content = crate::content::WebhookTemplate { url, method: "POST".into(), body, coupon: None };
    let campaign = town.draft(crate::content::Content::Webhook(content), 0.0, None).await;
    town.start(campaign).await;
    town.engage.delivery.run_due().await.expect("works");
    // The receiver answers with the key that it got.
    let key = served.await.expect("served").remove(0);
    let items = json!([
        { "send_id": key, "kind": "delivered" },
        { "send_id": key, "kind": "bounced", "permanent": true, "reason": "no such user there" },
    ]);
    assert_eq!(receipts(&town, items).await, ["applied", "applied"]);
    let events = town.sink.counts();
    assert_eq!((events["message_delivered"], events["message_bounced"]), (1, 1), "{events:?}");
    // There is no address that could be listed.
    assert_eq!(lists(&town).await, []);
}

#[tokio::test]
async fn mail_that_reports_nothing_changes_nothing() {
    let database = databases::sqlite().await;
    let (town, campaign) = sent(database.db.clone(), 1).await;
    for name in ["away", "answer", "arf-not-spam"] {
        let answer = pipe(&town, sample(name, &id(campaign, 0))).await;
        assert_eq!(answer, json!({ "recognised": false, "items": [] }), "{name}");
    }
    let answer = pipe(&town, sample("postfix-unknown", &id(campaign, 7))).await;
    assert_eq!(answer["items"][0]["verdict"], "unknown_message", "{answer}");
    assert_eq!(row(&town, campaign, 0).await.bounce, Bounce::None);
}
