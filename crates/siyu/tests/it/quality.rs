//! Data quality over the whole app: a verdict for every stage of a record's way,
//! expectations with their alerts, and what those without the right may not find out.

use serde_json::{Value, json};
use siyu_types::Role;

use crate::support::{Client, TestApp};

const NOW: i64 = 1_795_248_000_000;
const DAY: i64 = 86_400_000;

/// Sends one request by siyu's own protocol.
async fn collect(app: &TestApp, key: &str, batch: Value, sent_at: Option<i64>) {
    let body = json!({ "batch": batch, "sent_at": sent_at });
    let answer = Client::bearer(key).post(app, "/api/v1/collect", body).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
}

async fn trace(app: &TestApp, client: &Client, query: &str) -> Value {
    client.get(app, &format!("/api/v1/quality/trace?{query}")).await.ok()
}

/// `stage:verdict:code` of the newest record found.
fn stages(answer: &Value) -> Vec<String> {
    let text = |stage: &Value, field: &str| stage[field].as_str().expect("text").to_owned();
    let all = answer["items"][0]["stages"].as_array().expect("found").iter();
    all.map(|s| format!("{}:{}:{}", text(s, "stage"), text(s, "verdict"), text(s, "code"))).collect()
}

fn track(device: &str, id: &str, time: i64) -> Value {
    json!({"type": "track", "event": "paid", "device": device, "id": id, "time": time, "properties": {"n": 1}})
}

/// Who or what is looked for, and the stages found.
const CASES: &[(&str, &[&str])] = &[
    (
        "identifier=fine&message=m-fine",
        &["received:passed:received", "decoded:passed:decoded", "unique:stopped:duplicate"],
    ),
    ("message=m-fine", &["received:passed:received", "decoded:passed:decoded", "unique:stopped:duplicate"]),
    (
        "message=m-slow",
        &[
            "received:passed:received",
            "decoded:passed:decoded",
            "unique:passed:first_time",
            "time:changed:time_corrected",
            "identified:passed:person",
            "stored:passed:in_analyses",
        ],
    ),
    (
        "identifier=early",
        &[
            "received:passed:received",
            "decoded:passed:decoded",
            "unique:passed:first_time",
            "time:stopped:time_parked",
        ],
    ),
    (
        "identifier=old",
        &[
            "received:passed:received",
            "decoded:passed:decoded",
            "unique:passed:first_time",
            "time:stopped:time_parked",
        ],
    ),
    ("message=m-bad", &["received:passed:received", "decoded:stopped:refused"]),
    ("identifier=bad", &["received:passed:received", "decoded:stopped:refused"]),
    (
        "message=m-nobody",
        &[
            "received:passed:received",
            "decoded:passed:decoded",
            "unique:passed:first_time",
            "time:passed:time_kept",
            "identified:stopped:nobody",
        ],
    ),
    (
        "message=m-points",
        &[
            "received:passed:received",
            "decoded:passed:decoded",
            "unique:passed:first_time",
            "time:passed:time_kept",
            "identified:passed:person",
            "stored:passed:profile_changed",
        ],
    ),
    (
        "identifier=blocked",
        &[
            "received:passed:received",
            "decoded:passed:decoded",
            "time:passed:time_kept",
            "plan:stopped:quarantined",
        ],
    ),
    ("identifier=lost", &["received:stopped:unknown_key"]),
];

/// One request for every way a record can go.
async fn send_everything(app: &TestApp, key: &str) {
    collect(app, key, json!([track("fine", "m-fine", NOW - 1000)]), Some(NOW)).await;
    collect(app, key, json!([track("slow", "m-slow", NOW - 2 * 3_600_000)]), Some(NOW - 2 * 3_600_000)).await;
    collect(app, key, json!([track("early", "m-early", NOW + 3 * DAY)]), None).await;
    collect(app, key, json!([track("old", "m-old", NOW - 4000 * DAY)]), None).await;
    collect(app, key, json!([{"type": "dance", "device": "bad", "id": "m-bad"}]), None).await;
    collect(app, key, json!([track("undefined", "m-nobody", NOW)]), None).await;
    let change =
        json!({"type": "profile_increment", "device": "fine", "id": "m-points", "properties": {"points": 1}});
    collect(app, key, json!([change]), None).await;
    let blocked = json!([{"type": "track", "event": "blocked", "device": "blocked", "time": NOW}]);
    collect(app, key, blocked, None).await;
    app.clock.advance(60_000);
    collect(app, key, json!([track("fine", "m-fine", NOW - 1000)]), Some(NOW + 60_000)).await;
    let stray =
        json!({"batch": [{"type": "track", "event": "e", "anonymousId": "lost", "messageId": "m-lost"}]});
    let answer = Client::bearer("wk_wrong").post(app, "/v1/batch", stray).await;
    assert_eq!(answer.status, 200);
}

#[tokio::test]
async fn every_stage_says_what_it_decided() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let key = app.write_key("网站").await;
    let block = json!({"kind": "event", "name": "blocked", "status": "blocked"});
    owner.put(&app, "/api/v1/plan/subjects", block).await.ok();
    send_everything(&app, &key).await;
    app.drain().await;

    for (query, expected) in CASES {
        assert_eq!(stages(&trace(&app, &owner, query).await), *expected, "{query}");
    }

    let fine = trace(&app, &owner, "identifier=fine").await;
    let seen: Vec<_> = fine["items"]
        .as_array()
        .expect("list")
        .iter()
        .map(|item| item["stages"].as_array().expect("list").last().expect("one")["code"].clone())
        .collect();
    assert_eq!(seen, ["duplicate", "profile_changed", "in_analyses"], "newest first");
    assert_eq!(
        (fine["frames"].as_u64(), fine["more"].is_null()),
        (Some(10), true),
        "everything that is kept"
    );
    assert!(fine["person"].is_u64());
    let nothing = trace(&app, &owner, "identifier=never").await;
    assert_eq!((nothing["items"].as_array().map(Vec::len), nothing["frames"].as_u64()), (Some(0), Some(10)));
    let missing = owner.get(&app, "/api/v1/quality/trace").await;
    assert_eq!(missing.status, 422, "{:?}", missing.body);

    let_in(app, owner).await;
}

/// What was held back is let in, over a crash, once.
async fn let_in(app: TestApp, owner: Client) {
    let number = trace(&app, &owner, "identifier=early").await["items"][0]["stages"][3]["number"].clone();
    let fixes = [json!([]), json!([{"kind": "time", "to": "received"}]), json!([])];
    for (fixes, expected) in fixes.into_iter().zip([(0, 1), (1, 0), (0, 0)]) {
        let body = json!({"filter": {"entries": [number]}, "fixes": fixes});
        let started = owner.post(&app, "/api/v1/plan/quarantine/replay", body).await.ok();
        app.run_jobs().await;
        let job = owner.get(&app, &format!("/api/v1/jobs/{}", started["job_id"])).await.ok();
        let result = &job["result"];
        let counts = (result["replayed"].as_u64(), result["refused"].as_u64());
        assert_eq!(counts, (Some(expected.0), Some(expected.1)), "{job}");
    }
    let app = app.crash().await;
    app.drain().await;
    let owner = app.user(Role::Owner).await;
    let early = trace(&app, &owner, "identifier=early").await;
    assert_eq!(
        stages(&early).last().map(String::as_str),
        Some("stored:passed:in_analyses"),
        "the record let in"
    );
    assert_eq!(early["items"][0]["stages"][3]["code"], "time_released");
    let live = owner.get(&app, "/api/v1/events/live?identifier=early").await.ok();
    assert_eq!(live["items"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn those_who_see_values_masked_cannot_find_them_by_searching() {
    let app = TestApp::start().await;
    let key = app.write_key("site").await;
    let item = json!({"type": "track", "event": "paid", "device": "d1", "id": "m1",
        "identifiers": {"phone": "13800005678"}, "properties": {"name": "王小明"}});
    collect(&app, &key, json!([item, {"type": "dance", "device": "13800005678"}]), None).await;
    app.drain().await;
    let (owner, viewer) = (app.user(Role::Owner).await, app.user(Role::Viewer).await);
    let found = |answer: Value| answer["items"].as_array().expect("list").len();
    assert_eq!(found(trace(&app, &owner, "identifier=13800005678").await), 2);
    let hidden = trace(&app, &viewer, "identifier=13800005678").await;
    assert!(hidden["person"].is_null());
    assert_eq!(found(hidden), 0);
    let by_device = trace(&app, &viewer, "identifier=d1").await;
    assert_eq!(found(by_device.clone()), 1);
    let text = by_device.to_string();
    assert!(!text.contains("13800005678") && !text.contains("王小明"), "{text}");
    let live = |client: Client| {
        let app = &app;
        async move { client.get(app, "/api/v1/events/live?identifier=13800005678").await.ok() }
    };
    assert_eq!((found(live(owner).await), found(live(viewer).await)), (1, 0));
}

#[tokio::test]
async fn a_source_that_falls_silent_raises_an_alert_and_ends_it() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let key = app.write_key("site").await;
    collect(&app, &key, json!([track("d", "m1", NOW)]), None).await;
    app.drain().await;
    let rule = json!({"source": "site", "event": "paid", "kind": "silent", "threshold": 30, "enabled": true});
    let made = owner.post(&app, "/api/v1/quality/rules", rule.clone()).await;
    assert_eq!(made.status, 201, "{:?}", made.body);
    let id = made.body["id"].as_i64().expect("a number");
    app.app.parts.quality.start(app.project).await.expect("queued");

    let open = async || {
        let answer = owner.get(&app, "/api/v1/quality/alerts?open=true").await.ok();
        answer["items"].as_array().expect("list").len()
    };
    app.clock.advance(10 * 60_000);
    app.run_jobs().await;
    assert_eq!(open().await, 0);
    app.clock.advance(25 * 60_000);
    app.run_jobs().await;
    assert_eq!(open().await, 1);
    app.clock.advance(5 * 60_000);
    app.run_jobs().await;
    assert_eq!(open().await, 1, "one alert, however often it is looked at");
    collect(&app, &key, json!([track("d", "m2", NOW)]), None).await;
    app.drain().await;
    app.clock.advance(5 * 60_000);
    app.run_jobs().await;
    assert_eq!(open().await, 0);
    let all = owner.get(&app, "/api/v1/quality/alerts").await.ok();
    assert!(all["items"][0]["ended_at"].is_string(), "{all}");
    let audit = owner.get(&app, "/api/v1/audit").await.ok().to_string();
    for action in ["quality.rule_create", "quality.alert", "quality.alert_end"] {
        assert!(audit.contains(action), "{action}");
    }

    let mut wrong = rule.clone();
    wrong["threshold"] = json!(0);
    let refused = owner.put(&app, &format!("/api/v1/quality/rules/{id}"), wrong).await;
    assert_eq!((refused.status, refused.body["error"]["field"].as_str()), (422, Some("threshold")));
    assert_eq!(owner.delete(&app, &format!("/api/v1/quality/rules/{id}")).await.status, 204);
    assert_eq!(
        owner.get(&app, "/api/v1/quality/rules").await.ok()["items"].as_array().map(Vec::len),
        Some(0)
    );
}

#[tokio::test]
async fn the_summary_counts_and_a_source_can_be_trusted() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let key = app.write_key("history").await;
    let keys = owner.get(&app, "/api/v1/keys").await.ok();
    let id = keys["items"]
        .as_array()
        .expect("list")
        .iter()
        .find(|key| key["name"] == "history")
        .expect("made")["id"]
        .clone();
    let trusted = owner
        .patch(&app, &format!("/api/v1/keys/{id}"), json!({"trust_time": true, "oldest_days": null}))
        .await
        .ok();
    assert_eq!(trusted["trust_time"], true);
    let hours = owner.patch(&app, "/api/v1/project", json!({"dedupe_hours": 72})).await.ok();
    assert_eq!(hours["dedupe_hours"], 72);
    assert_eq!(owner.patch(&app, "/api/v1/project", json!({"dedupe_hours": 0})).await.status, 422);
    // Sent by a clock that is wrong by two hours, about something of ten years ago.
    let batch =
        json!([track("d", "m1", NOW - 4000 * DAY), track("d", "m1", NOW - 4000 * DAY), {"type": "dance"}]);
    collect(&app, &key, batch, Some(NOW - 7_200_000)).await;
    app.drain().await;
    let check = async |app: &TestApp, owner: &Client| {
        let summary = owner.get(app, "/api/v1/quality/summary").await.ok();
        let of = |event: &str| {
            let all = summary["series"].as_array().expect("list").iter();
            all.clone().find(|series| series["event"] == event).expect("counted").clone()
        };
        assert_eq!((of("paid")["records"].as_u64(), of("paid")["duplicates"].as_u64()), (Some(1), Some(1)));
        assert_eq!(of("(unreadable)")["rejected"], 1);
        assert!(of("paid")["late_p50"]["at_most_ms"].is_null() && of("paid")["late_p50"].is_object());
        assert_eq!(summary["dedupe"]["window_hours"], 72);
        let detail = owner.get(app, "/api/v1/quality/series?source=history&event=paid&by=hour").await.ok();
        assert_eq!(
            (detail["properties"][0]["name"].as_str(), detail["looked_at"].as_u64()),
            (Some("n"), Some(1))
        );
        let people = owner.get(app, "/api/v1/events/live").await.ok();
        assert_eq!(
            people["items"].as_array().map(Vec::len),
            Some(1),
            "the live view is there after a restart"
        );
    };
    check(&app, &owner).await;
    let app = app.restart().await;
    let owner = app.user(Role::Owner).await;
    check(&app, &owner).await;
}
