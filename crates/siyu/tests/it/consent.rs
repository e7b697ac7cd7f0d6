//! Consent, through every door: what clients collect, what the team writes down, what
//! the page says; and that whatever acts asks the ledger.

use axum::http::StatusCode;
use serde_json::{Value, json};
use siyu_types::Role;

use crate::support::{Client, TestApp};

/// Three customers with an address; `m` is a child.
async fn town() -> (TestApp, Client, Client) {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let site = Client::bearer(&app.write_key("网站").await);
    let person = |login: &str, birthday: &str| {
        json!({
            "type": "identify", "id": format!("i-{login}"), "login": login, "time": "2026-11-20T08:00:00Z",
            "identifiers": { "email": format!("{login}@example.com") }, "properties": { "birthday": birthday },
        })
    };
    let batch =
        json!({ "batch": [person("a", "1990-01-01"), person("b", "1985-05-05"), person("m", "2015-03-04")] });
    site.post(&app, "/api/v1/collect", batch).await.ok();
    app.drain().await;
    (app, owner, site)
}

async fn number(app: &TestApp, owner: &Client, login: &str) -> u64 {
    let found = owner.get(app, &format!("/api/v1/people?query={login}@example.com")).await.ok();
    found["items"][0]["person"].as_u64().unwrap_or_else(|| panic!("{login}: {found}"))
}

async fn position(app: &TestApp, owner: &Client, login: &str, purpose: &str) -> Value {
    let person = number(app, owner, login).await;
    let consents = owner.get(app, &format!("/api/v1/people/{person}/consent")).await.ok();
    let positions = consents["positions"].as_array().expect("positions");
    positions.iter().find(|found| found["purpose"] == purpose).expect("is there").clone()
}

/// Whom a campaign with these settings would not reach, by reason.
async fn refused(app: &TestApp, owner: &Client, more: Value) -> Value {
    let condition = json!({ "kind": "all", "of": [] });
    let name = format!("全部 {}", named_for(&more));
    let segment = json!({ "name": name, "kind": "dynamic", "condition": condition });
    let segment = owner.post(app, "/api/v1/segments", segment).await.ok();
    let mut campaign = json!({
        "name": "通知", "channel": "email", "segment_id": segment["id"], "control_percent": 0.0,
        "content": { "subject": "新品", "html": "<p>新品</p>" },
    });
    campaign.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
    let made = owner.post(app, "/api/v1/campaigns", campaign).await.ok();
    let id = made["id"].as_i64().expect("an id");
    owner.post(app, &format!("/api/v1/campaigns/{id}/audience"), json!({})).await.ok()["suppressed_by_reason"]
        .clone()
}

fn named_for(more: &Value) -> String {
    format!("{:x}", siyu_types::record::key_of(&[more.to_string().as_bytes()]))
}

#[tokio::test]
async fn what_clients_collect_is_taken_over_once() {
    let (app, owner, site) = town().await;
    let said = |id: &str, state: &str, time: &str| {
        json!({
            "type": "consent", "id": id, "login": "a", "purpose": "marketing", "channel": "email", "state": state,
            "version": 1, "page": "https://shop.example/settings?member=13800000001", "time": time,
        })
    };
    let batch = json!({ "batch": [
        said("c-1", "granted", "2026-11-21T06:00:00Z"),
        said("c-2", "withdrawn", "2026-11-21T07:00:00Z"),
        said("c-3", "perhaps", "2026-11-21T07:30:00Z"),
    ]});
    site.post(&app, "/api/v1/collect", batch.clone()).await.ok();
    app.drain().await;
    assert_eq!(app.app.parts.consents.run_due().await.expect("writes"), 2, "nonsense is no statement");
    site.post(&app, "/api/v1/collect", batch).await.ok();
    app.drain().await;
    assert_eq!(app.app.parts.consents.run_due().await.expect("writes"), 0);
    let position = position(&app, &owner, "a", "marketing").await;
    assert_eq!(
        (&position["state"], &position["allowed"]),
        (&json!("withdrawn"), &json!(false)),
        "{position}"
    );
    assert_eq!(position["proof"]["source"], "https://shop.example/settings", "no personal data in addresses");
    let aside = owner.get(&app, "/api/v1/plan/quarantine").await.ok();
    assert_eq!(aside["items"][0]["field"], "state", "{aside}");

    // A power cut before anything was written: the log is read again, the ledger is not doubled.
    let person = number(&app, &owner, "a").await;
    site.post(&app, "/api/v1/collect", json!({ "batch": [said("c-4", "granted", "2026-11-21T07:45:00Z")] }))
        .await
        .ok();
    app.drain().await;
    let app = app.crash().await;
    app.drain().await;
    assert_eq!(
        app.app.parts.consents.run_due().await.expect("writes"),
        1,
        "what waited in memory is found again"
    );
    let history = owner.get(&app, &format!("/api/v1/people/{person}/consent/history")).await.ok();
    let states: Vec<&Value> =
        history["items"].as_array().expect("entries").iter().map(|entry| &entry["state"]).collect();
    assert_eq!(states, ["granted", "withdrawn", "granted"], "{history}");
}

#[tokio::test]
async fn a_strict_plan_does_not_hold_a_withdrawal_back() {
    let (app, owner, site) = town().await;
    owner.put(&app, "/api/v1/plan/mode", json!({ "mode": "strict" })).await.ok();
    let said = json!({ "type": "consent", "login": "a", "purpose": "marketing", "state": "withdrawn" });
    site.post(&app, "/api/v1/collect", json!({ "batch": [said] })).await.ok();
    app.drain().await;
    assert_eq!(app.app.parts.consents.run_due().await.expect("writes"), 1);
}

#[tokio::test]
async fn the_team_writes_down_many_statements_each_by_itself() {
    let (app, owner, _) = town().await;
    let by_mail = |login: &str| json!({ "namespace": "email", "value": format!("{login}@example.com") });
    let item = |id: &str, who: Value, purpose: &str| {
        json!({
            "id": id, "identifier": who, "purpose": purpose, "channel": "email", "state": "withdrawn",
            "source": "旧系统", "how": "import", "at": "2026-11-01T00:00:00Z",
        })
    };
    let body = json!({ "items": [
        item("1", by_mail("a"), "marketing"),
        item("2", by_mail("nobody"), "marketing"),
        item("3", by_mail("b"), "nothing"),
        item("4", by_mail("b"), "service"),
        item("5", by_mail("b"), "automated"),
    ]});
    let answer = owner.post(&app, "/api/v1/consent/records", body.clone()).await.ok();
    assert_eq!(answer["recorded"], 2, "{answer}");
    let fields: Vec<&Value> =
        answer["items"].as_array().expect("results").iter().map(|item| &item["error"]["field"]).collect();
    assert_eq!(
        fields,
        [&Value::Null, &json!("identifier"), &json!("purpose"), &json!("purpose"), &Value::Null]
    );
    let again = owner.post(&app, "/api/v1/consent/records", body).await.ok();
    assert_eq!((&again["recorded"], &again["items"][0]["repeated"]), (&json!(0), &json!(true)), "{again}");
    let position = position(&app, &owner, "a", "marketing").await;
    assert_eq!(position["proof"]["identifier"], "email:**@example.com", "{position}");
    assert_eq!(position["proof"]["how"], "import");
    let late = json!({ "items": [{
        "person": 0, "purpose": "marketing", "state": "granted", "source": "x", "how": "staff", "at": "2027-01-01T00:00:00Z",
    }]});
    let answer = owner.post(&app, "/api/v1/consent/records", late).await.ok();
    assert_eq!(answer["items"][0]["error"]["field"], "at", "nobody speaks from the future: {answer}");
}

#[tokio::test]
async fn campaigns_reach_only_whom_their_purpose_allows() {
    let (app, owner, _) = town().await;
    let reasons = |answer: &Value| {
        let rows = answer.as_array().expect("reasons").iter();
        rows.map(|row| {
            (row["reason"].as_str().unwrap_or_default().to_owned(), row["people"].as_u64().unwrap_or(0))
        })
        .collect::<Vec<_>>()
    };
    let of = |name: &str, people: u64| vec![(name.to_owned(), people)];
    assert_eq!(reasons(&refused(&app, &owner, json!({})).await), [], "silence is a yes as shipped");
    // Minors, once it is known who they are.
    let minors = json!({ "minors": { "attribute": "birthday", "kind": "birthday" } });
    owner.put(&app, "/api/v1/consent/settings", minors).await.ok();
    assert_eq!(reasons(&refused(&app, &owner, json!({ "name": "2" })).await), of("minor", 1));
    let child = number(&app, &owner, "m").await;
    assert_eq!(owner.get(&app, &format!("/api/v1/people/{child}/consent")).await.ok()["minor"], true);
    let say = async |person: u64, purpose: &str, state: &str| {
        let item = json!({
            "person": person, "purpose": purpose, "state": state, "source": "电话", "how": "verbal", "version": 1,
        });
        let answer = owner.post(&app, "/api/v1/consent/records", json!({ "items": [item] })).await.ok();
        assert_eq!(answer["recorded"], 1, "{answer}");
    };
    say(child, "guardian", "granted").await;
    assert_eq!(reasons(&refused(&app, &owner, json!({ "name": "3" })).await), []);
    // Automated decisions: declared, or found in the segment.
    let a = number(&app, &owner, "a").await;
    say(a, "automated", "withdrawn").await;
    assert_eq!(reasons(&refused(&app, &owner, json!({ "name": "4" })).await), []);
    let declared = json!({ "name": "5", "automated": true });
    assert_eq!(reasons(&refused(&app, &owner, declared).await), of("automated_refused", 1));
    // What is sensitive is never agreed to by silence; what is essential is not asked.
    let shared = json!({ "name": "6", "purpose": "sharing" });
    assert_eq!(reasons(&refused(&app, &owner, shared.clone()).await), of("consent_missing", 3));
    say(a, "sharing", "granted").await;
    let shared = json!({ "name": "7", "purpose": "sharing" });
    assert_eq!(reasons(&refused(&app, &owner, shared).await), of("consent_missing", 2));
    assert_eq!(reasons(&refused(&app, &owner, json!({ "name": "8", "purpose": "service" })).await), []);
    let unknown = json!({
        "name": "9", "channel": "email", "purpose": "nothing", "content": { "subject": "x", "html": "x" },
    });
    owner
        .post(&app, "/api/v1/campaigns", unknown)
        .await
        .refused(StatusCode::UNPROCESSABLE_ENTITY, "unknown_name");
}

#[tokio::test]
async fn a_segment_by_scores_is_an_automated_decision() {
    let (app, owner, site) = town().await;
    let order = json!({
        "type": "track", "id": "o-1", "login": "a", "event": "order_paid", "time": "2026-11-20T09:00:00Z",
        "properties": { "order_id": "1", "amount_minor": 9_900 },
    });
    site.post(&app, "/api/v1/collect", json!({ "batch": [order] })).await.ok();
    app.drain().await;
    let kinds = owner.get(&app, "/api/v1/tags/kinds").await.ok();
    let rfm = kinds["items"]
        .as_array()
        .expect("kinds")
        .iter()
        .find(|kind| kind["kind"] == "rfm")
        .expect("is there");
    let tag = json!({ "name": "value", "display": "价值", "definition": rfm["example"] });
    let tag = owner.post(&app, "/api/v1/tags", tag).await.ok();
    app.run_jobs().await;
    let scored = json!({ "kind": "tag", "tag": tag["id"], "test": { "op": "is_present" } });
    let inner = json!({ "name": "有价值", "kind": "dynamic", "condition": scored });
    let inner = owner.post(&app, "/api/v1/segments", inner).await.ok();
    let outer = json!({ "name": "外层", "kind": "dynamic", "condition": { "kind": "segment", "segment": inner["id"] } });
    let outer = owner.post(&app, "/api/v1/segments", outer).await.ok();
    let campaign = json!({
        "name": "高价值", "channel": "email", "segment_id": outer["id"],
        "content": { "subject": "x", "html": "<p>x</p>" },
    });
    let campaign = owner.post(&app, "/api/v1/campaigns", campaign).await.ok();
    let path = format!("/api/v1/campaigns/{}/audience", campaign["id"]);
    let before = owner.post(&app, &path, json!({})).await.ok();
    assert_eq!((&before["automated"], &before["reachable"]), (&json!(true), &json!(1)), "{before}");
    let person = number(&app, &owner, "a").await;
    let no = json!({ "person": person, "purpose": "automated", "state": "withdrawn", "source": "电话", "how": "verbal" });
    owner.post(&app, "/api/v1/consent/records", json!({ "items": [no] })).await.ok();
    let after = owner.post(&app, &path, json!({})).await.ok();
    assert_eq!(
        after["suppressed_by_reason"],
        json!([{ "reason": "automated_refused", "people": 1 }]),
        "{after}"
    );
}

#[tokio::test]
async fn a_new_text_can_ask_everybody_again() {
    let (app, owner, _) = town().await;
    let all = owner.get(&app, "/api/v1/consent/purposes").await.ok();
    let mut marketing = all["items"]
        .as_array()
        .expect("purposes")
        .iter()
        .find(|p| p["id"] == "marketing")
        .expect("is there")
        .clone();
    let object = marketing.as_object_mut().expect("an object");
    let texts = ["text_zh", "text_en"].map(|name| object.remove(name).expect("a text"));
    for name in ["id", "version", "renew_from", "updated_at"] {
        object.remove(name);
    }
    let yes = json!({ "items": [{
        "identifier": { "namespace": "login", "value": "a" }, "purpose": "marketing", "channel": "email",
        "state": "granted", "version": 1, "source": "柜台", "how": "paper", "evidence": "表单 7",
    }]});
    owner.post(&app, "/api/v1/consent/records", yes).await.ok();
    let path = "/api/v1/consent/purposes/marketing";
    let same = json!({ "definition": marketing, "text_zh": texts[0], "text_en": texts[1] });
    assert_eq!(owner.put(&app, path, same).await.ok()["version"], 1, "the same text is no new version");
    let new = json!({ "definition": marketing, "text_zh": "新文本", "text_en": "A new text", "renew": true });
    let changed = owner.put(&app, path, new).await.ok();
    assert_eq!((&changed["version"], &changed["renew_from"]), (&json!(2), &json!(2)), "{changed}");
    let position = position(&app, &owner, "a", "marketing").await;
    assert_eq!((&position["state"], &position["allowed"]), (&json!("expired"), &json!(false)), "{position}");
    let texts = owner.get(&app, &format!("{path}/texts")).await.ok();
    let versions: Vec<&Value> =
        texts["items"].as_array().expect("texts").iter().map(|text| &text["version"]).collect();
    assert_eq!(versions, [2, 1], "what version 1 said can still be shown");
    let sensitive = json!({ "definition": { "sensitive": true }, "text_zh": "x", "text_en": "x" });
    assert!(owner.put(&app, path, sensitive).await.status >= 400);
}
