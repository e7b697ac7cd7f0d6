//! Campaigns over the API, from draft to report, on both databases.

use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::permission::Actor;
use siyu_types::{Clock, Role, Viewer};

use super::model::CampaignState;
use super::rules::{Move, moved};
use crate::audience::GoalEvent;
use crate::testing::{PROJECT, SEGMENT, Town};

#[test]
fn moves_between_states() {
    use CampaignState::{Cancelled, Draft, Finished, Paused, Running};
    let allowed = [
        (Draft, Move::Start, Running),
        (Running, Move::Pause, Paused),
        (Paused, Move::Resume, Running),
        (Running, Move::Cancel, Cancelled),
        (Paused, Move::Cancel, Cancelled),
    ];
    for from in [Draft, Running, Paused, Finished, Cancelled] {
        for step in [Move::Start, Move::Pause, Move::Resume, Move::Cancel] {
            let expected = allowed.iter().find(|(f, s, _)| (*f, *s) == (from, step)).map(|(_, _, to)| *to);
            assert_eq!(moved(from, step).ok(), expected, "{from:?} {step:?}");
        }
    }
}

fn body() -> Json {
    json!({ "name": "秋季上新", "channel": "email", "segment_id": SEGMENT, "control_percent": 30.0,
        "content": { "subject": "{{ person.name }}", "html": "<p>{{ person.name }} {{ person.tier }}</p>" },
        "goal": { "event": { "event": "order_paid" }, "window_hours": 24 } })
}

#[tokio::test]
async fn from_draft_to_report() {
    databases::both(async |db| {
        let town = Town::open(db, 400).await;
        let draft = town.ok("POST", "/api/v1/campaigns", body()).await;
        let path = |rest: &str| format!("/api/v1/campaigns/{}{rest}", draft["id"]);
        assert_eq!(draft["state"], "draft");
        let preview = town.ok("POST", &path("/preview"), json!({ "person": 3 })).await;
        assert_eq!(preview["missing"], json!(["person.tier"]));
        assert_eq!(preview["variables"], json!(["person.name", "person.tier"]));
        assert!(preview["html"].as_str().expect("text").contains("客户3 ⟦person.tier⟧"), "{preview}");
        let fixed = json!({ "content": { "subject": "{{ person.name }}", "html": "<p>{{ person.name }}</p>" } });
        assert_eq!(town.ok("PATCH", &path(""), fixed).await["goal"]["window_hours"], 24, "kept");
        let estimate = town.ok("POST", &path("/audience"), json!(null)).await;
        assert_eq!(estimate["chosen"], 400);
        let sum = estimate["reachable"].as_u64().zip(estimate["control"].as_u64()).map(|(a, b)| a + b);
        assert_eq!(sum, Some(400));
        town.ok("POST", &path("/test"), json!({ "to": "boss@example.cn", "person": 3 })).await;
        let test = town.catcher.parsed(town.catcher.mails()[0].id).expect("kept");
        assert!(test.subject.starts_with("[测试] 客户3"), "{}", test.subject);

        town.ok("POST", &path("/start"), Json::Null).await;
        town.engage.jobs.run_pending(town.engage.handlers()).await.expect("expands");
        town.engage.delivery.run_due().await.expect("works");
        let (status, answer) = town.call(&Viewer::system(PROJECT), "PATCH", &path(""), json!({})).await;
        assert_eq!((status, &answer["error"]["code"]), (409, &json!("wrong_state")));
        let now = town.ok("GET", &path(""), Json::Null).await;
        assert_eq!(now["state"], "finished");
        assert_eq!(now["counts"]["chosen"], 400);
        assert_eq!(now["counts"]["control"], estimate["control"], "the estimate is the truth");
        report(&town, &path, estimate["control"].as_u64().expect("a number")).await;
    })
    .await;
}

/// Conversions: within the window, of both arms, and some that must not count.
async fn report(town: &Town, path: &impl Fn(&str) -> String, control: u64) {
    let page = town.ok("GET", &path("/people?metric=control&limit=200"), Json::Null).await;
    let held: Vec<u64> = page["items"].as_array().expect("list").iter().filter_map(|p| p["person"].as_u64()).collect();
    assert_eq!(held.len() as u64, control.min(200));
    let page = town.ok("GET", &path("/people?metric=sent&limit=200"), Json::Null).await;
    let sent: Vec<u64> = page["items"].as_array().expect("list").iter().filter_map(|p| p["person"].as_u64()).collect();
    let start = town.clock.now();
    let hour = 3_600_000;
    let goal = |person: u64, hours: i64| GoalEvent {
        person: person as u32,
        time: start + hours * hour,
        amount_minor: 1_000.0,
    };
    *town.audience.goals.lock().expect("sound") = vec![
        goal(sent[0], 1),
        goal(sent[0], 2),
        goal(sent[1], 23),
        goal(sent[2], 24),
        goal(sent[3], -1),
        goal(held[0], 5),
        goal(9_999, 5),
    ];
    town.clock.advance(30 * hour);
    let report = town.ok("GET", &path("/report"), Json::Null).await;
    assert_eq!((&report["chosen"], &report["control"]), (&json!(400), &json!(control)));
    assert_eq!((&report["sent"], &report["delivered"]), (&json!(400 - control), &json!(400 - control)));
    let goal = &report["goal"];
    let arm = |people, converted, revenue| json!({ "people": people, "converted": converted, "revenue_minor": revenue });
    assert_eq!(goal["treated"], arm(400 - control, 2, 3_000.0));
    assert_eq!(goal["control"], arm(control, 1, 1_000.0));
    assert_eq!((&goal["lift"]["enough"], &goal["lift"]["relative"]), (&json!(false), &Json::Null));
    assert_eq!(goal["complete"], true);
    assert_eq!(report["sample"]["mismatch"], false);
    let people = town.ok("GET", &path("/people?metric=converted_treated"), Json::Null).await;
    let converted: Vec<u64> = people["items"].as_array().expect("list").iter().filter_map(|p| p["person"].as_u64()).collect();
    assert_eq!(converted, [sent[0], sent[1]]);
    let (status, _) = town.call(&Viewer::system(PROJECT), "GET", &path("/people?metric=x"), Json::Null).await;
    assert_eq!(status, 422);
    let analyst = Viewer::new(Actor::User { id: 2, name: "a".into() }, PROJECT, Role::Analyst);
    let (_, masked) = town.call(&analyst, "GET", &path("/sends?state=sent&limit=1"), Json::Null).await;
    let email = masked["items"][0]["email"].as_str().expect("shown");
    assert!(email.contains('*') && email.ends_with("@example.cn"), "{masked}");
    let (_, clear) = town.call(&Viewer::system(PROJECT), "GET", &path("/sends?state=sent&limit=1"), Json::Null).await;
    assert!(!clear["items"][0]["email"].as_str().expect("shown").contains('*'), "{clear}");
}

#[tokio::test]
async fn what_is_refused() {
    let database = databases::sqlite().await;
    let town = Town::open(database.db.clone(), 3).await;
    let owner = Viewer::system(PROJECT);
    let with = |field: &str, value: Json| {
        let mut body = body();
        body[field] = value;
        body
    };
    let cases = [
        (with("name", json!(" ")), "name"),
        (with("channel", json!("fax")), "channel"),
        (with("channel", json!("webhook")), "content"),
        (with("control_percent", json!(91.0)), "control_percent"),
        (with("goal", json!({ "event": { "event": "" }, "window_hours": 1 })), "goal.event.event"),
        (with("goal", json!({ "event": { "event": "x" }, "window_hours": 0 })), "goal.window_hours"),
        (with("content", json!({ "subject": "s" })), "content"),
    ];
    for (body, field) in cases {
        let (status, answer) = town.call(&owner, "POST", "/api/v1/campaigns", body.clone()).await;
        assert_eq!((status, answer["error"]["field"].as_str()), (422, Some(field)), "{body} {answer}");
    }
    let broken = with("content", json!({ "subject": "s", "html": "{{ person.name" }));
    let id = town.ok("POST", "/api/v1/campaigns", broken).await["id"].clone();
    let start = format!("/api/v1/campaigns/{id}/start");
    let (status, answer) = town.call(&owner, "POST", &start, Json::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (422, &json!("template_syntax")));
    let webhook = json!({ "name": "w", "channel": "webhook", "segment_id": SEGMENT,
        "content": { "url": "https://example.com/", "body": { "n": "{{ person.name }}" } } });
    let id = town.ok("POST", "/api/v1/campaigns", webhook).await["id"].clone();
    let start = format!("/api/v1/campaigns/{id}/start");
    let (status, answer) = town.call(&owner, "POST", &start, Json::Null).await;
    assert_eq!((status, &answer["error"]["code"]), (409, &json!("channel_not_configured")));
    let viewer = Viewer::new(Actor::User { id: 2, name: "v".into() }, PROJECT, Role::Viewer);
    for (method, path) in [("POST", "/api/v1/campaigns".to_owned()), ("POST", start)] {
        assert_eq!(town.call(&viewer, method, &path, body()).await.0, 403, "{method} {path}");
    }
    let foreign = Viewer::system(siyu_types::ProjectId(2));
    assert_eq!(town.call(&foreign, "GET", &format!("/api/v1/campaigns/{id}"), Json::Null).await.0, 404);
    town.ok("DELETE", &format!("/api/v1/campaigns/{id}"), Json::Null).await;
    let protection = json!({ "cap": { "messages": 3, "days": 7 } });
    assert_eq!(town.ok("PUT", "/api/v1/protection", protection.clone()).await, protection);
    let entry = json!({ "channel": "email", "address": "P1@example.cn", "reason": "asked" });
    town.ok("POST", "/api/v1/suppressions", entry).await;
    let list = town.ok("GET", "/api/v1/suppressions", Json::Null).await;
    assert!(!list.to_string().contains("P1@"), "{list}");
}
