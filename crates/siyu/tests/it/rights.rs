//! The rights desk, whole: somebody asks on their page, the team answers, and what they
//! get is everything that was collected, nothing of others.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use siyu_types::Role;
use tower::ServiceExt;

use crate::support::{Client, TestApp};

/// Alice in every corner of the product, and Bob, who is none of her business.
async fn town() -> (TestApp, Client, Client, u64) {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let site = Client::bearer(&app.write_key("网站").await);
    let batch = json!({ "batch": [
        { "type": "identify", "id": "i-b", "login": "bob", "identifiers": { "phone": "13700137000" },
          "properties": { "name": "鲍勃" } },
        { "type": "track", "id": "e-0", "device": "d-alice-phone", "event": "page_view",
          "properties": { "url": "https://shop.example/茶" } },
        { "type": "identify", "id": "i-a", "login": "alice", "device": "d-alice-phone", "time": "2026-11-20T08:00:00Z",
          "identifiers": { "email": "alice@example.com", "phone": "13800138000" },
          "properties": { "name": "爱丽丝", "city": "苏州", "motto": "<script>alert(1)</script>" } },
        { "type": "profile_set", "id": "p-1", "login": "alice", "time": "2026-11-20T09:00:00Z",
          "properties": { "city": "杭州" } },
        { "type": "track", "id": "o-1", "login": "alice", "event": "order_paid",
          "properties": { "order_id": "A1", "amount_minor": 9900 } },
        { "type": "track", "id": "e-1", "login": "alice", "event": "joined",
          "properties": { "inviter_id": "bob", "contact": "13700137000", "own": "13800138000" } },
        { "type": "consent", "id": "c-1", "login": "alice", "purpose": "marketing", "channel": "email",
          "state": "granted", "version": 1, "page": "https://shop.example/settings" },
    ]});
    site.post(&app, "/api/v1/collect", batch).await.ok();
    app.drain().await;
    app.app.parts.consents.run_due().await.expect("writes");
    let alice = number(&app, &owner, "alice").await;
    (app, owner, site, alice)
}

async fn number(app: &TestApp, owner: &Client, login: &str) -> u64 {
    let found = owner.get(app, &format!("/api/v1/people?query={login}")).await.ok();
    found["items"][0]["person"].as_u64().unwrap_or_else(|| panic!("{login}: {found}"))
}

/// Status, headers and bytes of an answer that is no JSON.
async fn raw(app: &TestApp, request: Request<Body>) -> (u16, axum::http::HeaderMap, Vec<u8>) {
    let response = app.app.router.clone().oneshot(request).await.expect("infallible");
    let (parts, body) = response.into_parts();
    (parts.status.as_u16(), parts.headers, to_bytes(body, usize::MAX).await.expect("a body").to_vec())
}

async fn file(app: &TestApp, client: &Client, path: &str) -> (u16, Vec<u8>) {
    let mut request = Request::builder().uri(path);
    for (name, value) in &client.headers {
        request = request.header(*name, value);
    }
    let (status, _, bytes) = raw(app, request.body(Body::empty()).expect("a request")).await;
    (status, bytes)
}

/// The files of a copy.
fn unpacked(bytes: Vec<u8>) -> BTreeMap<String, String> {
    let mut zip = zip::ZipArchive::new(Cursor::new(bytes)).expect("a ZIP");
    let mut files = BTreeMap::new();
    for at in 0..zip.len() {
        let mut entry = zip.by_index(at).expect("an entry");
        let mut text = String::new();
        entry.read_to_string(&mut text).expect("text");
        files.insert(entry.name().expect("a name").into_owned(), text);
    }
    files
}

fn list(files: &BTreeMap<String, String>, area: &str) -> Vec<Value> {
    let text =
        files.get(&format!("{area}.json")).unwrap_or_else(|| panic!("no {area} in {:?}", files.keys()));
    serde_json::from_str(text).expect("a list")
}

/// Takes a request over and notes who it is.
async fn taken(app: &TestApp, owner: &Client, request: &Value) {
    let path = format!("/api/v1/rights/requests/{request}");
    owner.post(app, &format!("{path}/take"), json!({})).await.ok();
    let verified = json!({ "how": "call_back", "note": "回拨预留手机，核对了生日" });
    owner.post(app, &format!("{path}/verify"), verified).await.ok();
}

async fn copy_of(app: &TestApp, owner: &Client, person: u64, body: Value) -> Value {
    let made = owner.post(app, &format!("/api/v1/people/{person}/copies"), body).await.ok();
    assert_eq!(made["state"], "making");
    app.run_jobs().await;
    let copy = owner.get(app, &format!("/api/v1/rights/copies/{}", made["id"])).await.ok();
    assert_eq!(copy["state"], "ready", "{copy}");
    copy
}

async fn more_of_alice(app: &TestApp, owner: &Client, site: &Client, alice: u64) {
    // More events than are read at once.
    for batch in 0..5 {
        let event = |at: usize| {
            let time = format!("2026-11-{:02}T10:{:02}:{:02}Z", 1 + batch * 3, at / 60 % 60, at % 60);
            json!({ "type": "track", "id": format!("n-{batch}-{at}"), "login": "alice", "event": "page_view",
                "time": time, "properties": { "n": batch * 1_000 + at } })
        };
        let events: Vec<Value> = (0..900).map(event).collect();
        site.post(app, "/api/v1/collect", json!({ "batch": events })).await.ok();
    }
    // Held back because its time is unlikely.
    let late = json!({ "type": "track", "id": "q-1", "login": "alice", "event": "from_the_future",
        "time": "2031-01-01T00:00:00Z", "properties": { "marker": "搁置" } });
    site.post(app, "/api/v1/collect", json!({ "batch": [late] })).await.ok();
    app.drain().await;
    let note = json!({ "text": "喜欢龙井；朋友 13700137000 介绍来的" });
    owner.post(app, &format!("/api/v1/people/{alice}/notes"), note).await.ok();
    let city = json!({ "kind": "attribute", "name": "city", "test": { "op": "is", "values": ["杭州"] } });
    let segment = json!({ "name": "杭州客户", "kind": "dynamic", "condition": city });
    owner.post(app, "/api/v1/segments", segment).await.ok();
    let rule = json!({ "kind": "rule", "values": [{ "value": "买过", "condition": {
        "kind": "event", "event": "order_paid", "window": { "kind": "last_days", "days": 90 },
        "measure": { "kind": "count" }, "compare": "at_least", "value": 1 } }] });
    let tag = json!({ "name": "buyer", "display": "购买情况", "definition": rule });
    owner.post(app, "/api/v1/tags", tag).await.ok();
    app.run_jobs().await;
}

/// Every event that the API shows of a person.
async fn events_of(app: &TestApp, owner: &Client, person: u64) -> Vec<(String, String, Value)> {
    let (mut all, mut before) = (Vec::new(), String::new());
    loop {
        let page = owner.get(app, &format!("/api/v1/people/{person}/events?limit=200{before}")).await.ok();
        for event in page["items"].as_array().expect("items") {
            let text = |name: &str| event[name].as_str().expect("a text").to_owned();
            all.push((text("time"), text("event"), event["props"].clone()));
        }
        match page["next_cursor"].as_str() {
            Some(cursor) => before = format!("&before={cursor}"),
            None => return all,
        }
    }
}

#[tokio::test]
async fn a_copy_holds_everything_and_nothing_of_others() {
    let (app, owner, site, alice) = town().await;
    more_of_alice(&app, &owner, &site, alice).await;
    let copy = copy_of(&app, &owner, alice, json!({ "language": "zh" })).await;
    let (status, bytes) = file(&app, &owner, &format!("/api/v1/rights/copies/{}/file", copy["id"])).await;
    assert_eq!((status, bytes.len() as u64), (200, copy["bytes"].as_u64().expect("a size")));
    let files = unpacked(bytes);

    let events = list(&files, "events");
    let shown = events_of(&app, &owner, alice).await;
    assert!(events.len() > 4_500, "{}", events.len());
    assert_eq!(events.len(), shown.len(), "every event");
    for (event, (time, name, props)) in events.iter().zip(&shown) {
        assert_eq!(
            (event["at"].as_str(), event["event"].as_str()),
            (Some(time.as_str()), Some(name.as_str()))
        );
        if name != "joined" {
            assert_eq!(&event["properties"], props);
        }
    }
    let joined = events.iter().find(|event| event["event"] == "joined").expect("is there");
    assert_eq!(joined["properties"]["own"], "13800138000");
    assert!(joined["properties"]["inviter_id"].as_str().expect("a text").contains("他人信息"), "{joined}");

    let profile = list(&files, "profile");
    let city = profile.iter().find(|one| one["attribute"] == "city").expect("is there");
    assert_eq!((&city["value"], &city["source"]), (&json!("杭州"), &json!("网站")));
    let before: Vec<&Value> =
        city["history"].as_array().expect("a history").iter().map(|c| &c["value"]).collect();
    assert_eq!(before, ["杭州", "苏州"]);
    let values: Vec<String> = list(&files, "identifiers")
        .iter()
        .map(|id| id["value"].as_str().expect("a text").to_owned())
        .collect();
    for own in ["alice", "alice@example.com", "+8613800138000", "d-alice-phone"] {
        assert!(values.iter().any(|value| value == own), "{own} in {values:?}");
    }
    assert_eq!(list(&files, "orders")[0]["paid_minor"], 9_900);
    assert_eq!(list(&files, "segments")[0]["segment"], "杭州客户");
    assert_eq!(list(&files, "tags")[0]["value"], "买过");
    let consent = &list(&files, "consents")[0];
    assert_eq!(
        (&consent["state"], &consent["source"]),
        (&json!("granted"), &json!("https://shop.example/settings"))
    );
    assert!(consent["text_zh"].as_str().is_some_and(|text| !text.is_empty()), "the text that was agreed to");
    assert!(list(&files, "notes")[0]["text"].as_str().expect("a text").starts_with("喜欢龙井；"));
    let aside = list(&files, "set_aside");
    assert_eq!(aside[0]["content"]["event"]["props"]["marker"], "搁置", "{aside:?}");
    let decisions = list(&files, "decisions");
    let tag = decisions.iter().find(|one| one["kind"] == "tag").expect("is there");
    assert_eq!(tag["outcome"]["zh"], "买过");
    assert!(tag["why"]["en"].as_str().expect("a text").contains("in the last 90 days"), "{tag}");

    let about: Value = serde_json::from_str(&files["about.json"]).expect("JSON");
    assert_eq!((&about["format"], &about["person"]), (&json!(1), &json!(alice)));
    let all = files.values().cloned().collect::<String>();
    for foreign in ["13700137000", "鲍勃", "wk_", "sk_"] {
        assert!(!all.contains(foreign), "{foreign}");
    }
    let report = &files["report.html"];
    assert!(
        report.contains("个人信息副本") && report.contains("杭州") && report.contains("全部见 events.json")
    );
    assert!(
        report.contains("&lt;script&gt;") && !report.contains("<script"),
        "what people typed is only text"
    );
}

/// A copy is a file with personal values that leaves like any other: registered, looked at,
/// and known again wherever a piece of it is found.
#[tokio::test]
async fn a_copy_stands_in_the_register_of_exports_and_among_the_looks() {
    let (app, owner, _, alice) = town().await;
    let copy = copy_of(&app, &owner, alice, json!({ "language": "zh" })).await;
    let code = copy["export_code"].as_str().expect("a code").to_owned();
    let (_, bytes) = file(&app, &owner, &format!("/api/v1/rights/copies/{}/file", copy["id"])).await;
    let files = unpacked(bytes);
    assert!(files.values().all(|text| text.contains(&code) || text.trim() == "[\n]"), "in every file");
    assert!(list(&files, "identifiers").iter().all(|item| item["siyu_export"] == json!(code)));

    let register = owner.get(&app, "/api/v1/personal/exports").await.ok();
    let row = &register["items"][0];
    let all: u64 =
        copy["contents"].as_array().expect("areas").iter().filter_map(|area| area["count"].as_u64()).sum();
    assert_eq!((&row["code"], &row["what"]), (&json!(code), &json!("rights_copy")), "{row}");
    assert_eq!((&row["title"], &row["rows"]), (&json!(format!("#{}", copy["id"])), &json!(all)), "{row}");

    // Ordering it was a look, and taking the file another.
    let looks = owner.get(&app, "/api/v1/personal/looks?what=exported").await.ok();
    let details: Vec<&str> =
        looks["items"].as_array().expect("looks").iter().filter_map(|look| look["detail"].as_str()).collect();
    let mark = format!("{code} #{}", copy["id"]);
    assert_eq!(details, [mark.as_str(); 2], "{looks}");

    let piece = list(&files, "identifiers")[0].to_string();
    let found = owner.post(&app, "/api/v1/personal/exports/trace", json!({ "text": piece })).await.ok();
    assert_eq!(found["items"][0]["export"]["code"], json!(code), "{found}");
}

#[tokio::test]
async fn refused_rows_and_messages_are_in_the_copy_and_the_report_speaks_english() {
    let (app, owner, _, alice) = town().await;
    let csv = "login,phone,time,event\nalice,13800138000,not a time,visit\nbob,13700137000,never,visit\n";
    let mapping = json!({ "kind": "events", "columns": {
        "login": { "to": "login" }, "time": { "to": "time" }, "event": { "to": "event" } } });
    import(&app, &owner, csv, &mapping).await;
    app.run_jobs().await;
    let condition = json!({ "kind": "all", "of": [] });
    let segment = json!({ "name": "全部", "kind": "dynamic", "condition": condition });
    let segment = owner.post(&app, "/api/v1/segments", segment).await.ok();
    let settings = json!({ "host": "127.0.0.1", "port": 1, "security": "none", "from": "a@b.cn" });
    owner.put(&app, "/api/v1/channels/email", settings).await.ok();
    let campaign = json!({ "name": "秋茶", "channel": "email", "segment_id": segment["id"], "control_percent": 0.0,
        "content": { "subject": "秋茶", "html": "<p>秋茶</p>" } });
    let campaign = owner.post(&app, "/api/v1/campaigns", campaign).await.ok();
    owner.post(&app, &format!("/api/v1/campaigns/{}/start", campaign["id"]), json!({})).await.ok();
    app.run_jobs().await;
    let copy = copy_of(&app, &owner, alice, json!({ "language": "en" })).await;
    let (_, bytes) = file(&app, &owner, &format!("/api/v1/rights/copies/{}/file", copy["id"])).await;
    let files = unpacked(bytes);
    let messages = list(&files, "messages");
    assert_eq!((&messages[0]["campaign"], &messages[0]["channel"]), (&json!("秋茶"), &json!("email")));
    let rows = list(&files, "refused_rows");
    assert_eq!(rows.len(), 1, "bob's row is bob's: {rows:?}");
    assert_eq!(rows[0]["cells"]["phone"], "13800138000");
    let report = &files["report.html"];
    assert!(report.contains("A copy of your personal information") && report.contains("What is not in here"));
    assert!(report.contains("<html lang=\"en\">"));
}

async fn import(app: &TestApp, owner: &Client, csv: &str, mapping: &Value) {
    let mut form = String::new();
    for (name, more, content) in
        [("file", "; filename=\"rows.csv\"", csv), ("mapping", "", &mapping.to_string())]
    {
        form += &format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{content}\r\n");
    }
    form += "--x--\r\n";
    let mut request = Request::builder().method("POST").uri("/api/v1/imports");
    for (name, value) in &owner.headers {
        request = request.header(*name, value);
    }
    let request = request.header("content-type", "multipart/form-data; boundary=x").body(Body::from(form));
    app.send(request.expect("a request")).await.ok();
}

/// What the person sees on their page.
async fn page(app: &TestApp, link: &str, language: &str) -> String {
    let request = Request::builder().uri(format!("{link}?lang={language}"));
    let (status, _, bytes) = raw(app, request.body(Body::empty()).expect("a request")).await;
    let text = String::from_utf8(bytes).expect("text");
    assert_eq!(status, 200, "{text}");
    text
}

async fn tap(app: &TestApp, link: &str, form: &str) -> (u16, axum::http::HeaderMap, Vec<u8>) {
    let request = Request::builder().method("POST").uri(link);
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    raw(app, request.body(Body::from(form.to_owned())).expect("a request")).await
}

#[tokio::test]
async fn a_customer_asks_on_the_phone_and_fetches_the_answer() {
    let (app, owner, _, alice) = town().await;
    let made = owner.post(&app, &format!("/api/v1/people/{alice}/consent/link"), json!({})).await.ok();
    let url = made["url"].as_str().expect("a link");
    let link = url[url.find("/preferences/").expect("a path")..].to_owned();
    assert_eq!(tap(&app, &link, "request=access&lang=en").await.0, 303);
    let open = owner.get(&app, "/api/v1/rights/requests").await.ok();
    let request = open["items"][0].clone();
    assert_eq!(
        (&request["kind"], &request["state"], &request["person"], &request["language"]),
        (&json!("access"), &json!("open"), &json!(alice), &json!("en"))
    );
    let path = format!("/api/v1/rights/requests/{}", request["id"]);
    let copies = format!("/api/v1/people/{alice}/copies");
    let body = json!({ "request": request["id"], "language": "en" });
    owner.post(&app, &copies, body.clone()).await.refused(StatusCode::CONFLICT, "wrong_state");
    owner.post(&app, &format!("{path}/take"), json!({})).await.ok();
    assert!(page(&app, &link, "en").await.contains("We are working on your request “Ask for my data”"));
    let copy = copy_of(&app, &owner, alice, body).await;
    let hand_out = format!("/api/v1/rights/copies/{}/hand_out", copy["id"]);
    owner.post(&app, &hand_out, json!({})).await.refused(StatusCode::CONFLICT, "not_verified");
    let end = json!({ "state": "done", "answer": "Your copy is ready below." });
    owner.post(&app, &format!("{path}/end"), end.clone()).await.refused(StatusCode::CONFLICT, "not_verified");
    taken(&app, &owner, &request["id"]).await;
    let code = owner.post(&app, &hand_out, json!({})).await.ok()["code"].as_str().expect("a code").to_owned();
    owner.post(&app, &format!("{path}/end"), end.clone()).await.ok();
    owner.post(&app, &format!("{path}/end"), end).await.refused(StatusCode::CONFLICT, "wrong_state");

    let shown = page(&app, &link, "en").await;
    assert!(shown.contains("Your copy is ready below.") && shown.contains("name=\"code\""), "{shown}");
    assert!(page(&app, &link, "zh").await.contains("已答复“索取我的数据”"));
    let id = &copy["id"];
    let (status, headers, _) = tap(&app, &link, &format!("copy={id}&code=22222-22222&lang=en")).await;
    assert!(status == 303 && headers["location"].to_str().expect("text").contains("wrong=1"));
    let (status, headers, bytes) = tap(&app, &link, &format!("copy={id}&code={}", code.to_lowercase())).await;
    assert_eq!((status, headers["content-type"].as_bytes()), (200, b"application/zip".as_slice()));
    assert!(unpacked(bytes)["report.html"].contains("爱丽丝"));

    // Bob's link does not open Alice's copy, whatever the code.
    let bob = number(&app, &owner, "bob").await;
    let made = owner.post(&app, &format!("/api/v1/people/{bob}/consent/link"), json!({})).await.ok();
    let url = made["url"].as_str().expect("a link");
    let bobs = url[url.find("/preferences/").expect("a path")..].to_owned();
    assert_eq!(tap(&app, &bobs, &format!("copy={id}&code={code}")).await.0, 404);

    let whole = owner.get(&app, &path).await.ok();
    let steps: Vec<&str> =
        whole["steps"].as_array().expect("steps").iter().filter_map(|s| s["kind"].as_str()).collect();
    assert_eq!(
        steps,
        ["fetched", "done", "handed_out", "verified", "taken", "copied", "taken", "asked"],
        "every step, latest first"
    );
    let audit = owner.get(&app, "/api/v1/audit").await.ok();
    let actions: Vec<&str> =
        audit["items"].as_array().expect("rows").iter().filter_map(|row| row["action"].as_str()).collect();
    for action in ["rights.fetch", "rights.hand_out", "rights.verified", "rights.copy"] {
        assert!(actions.contains(&action), "{action} in {actions:?}");
    }
    // After its time the file is gone.
    app.clock.advance(15 * 86_400_000);
    app.run_jobs().await;
    let owner = app.user(Role::Owner).await;
    let gone = owner.get(&app, &format!("/api/v1/rights/copies/{id}/file")).await;
    gone.refused(StatusCode::GONE, "copy_gone");
    assert!(!page(&app, &link, "en").await.contains("name=\"code\""));
}

#[tokio::test]
async fn somebody_known_only_by_an_address_is_answered_too() {
    let (app, owner, _, alice) = town().await;
    let contact = json!({ "namespace": "email", "value": "Stranger@Example.com" });
    let new = json!({ "contact": contact, "kind": "access", "source": "邮件", "note": "想要一份副本" });
    let id = owner.post(&app, "/api/v1/rights/requests", new.clone()).await.ok()["id"].clone();
    assert_eq!(owner.post(&app, "/api/v1/rights/requests", new).await.ok()["id"], id, "one at a time");
    let found = owner.post(&app, "/api/v1/rights/find", json!({ "text": "stranger@example.com" })).await.ok();
    assert_eq!((&found["people"], &found["requests"]), (&json!([]), &json!([id])));
    let path = format!("/api/v1/rights/requests/{id}");
    owner.post(&app, &format!("{path}/take"), json!({})).await.ok();
    // It turns out to be Alice, who is to be verified like anybody.
    owner.post(&app, &format!("{path}/person"), json!({ "person": alice })).await.ok();
    let end = json!({ "state": "done", "answer": "已处理" });
    owner.post(&app, &format!("{path}/end"), end).await.refused(StatusCode::CONFLICT, "not_verified");
    let end = json!({ "state": "refused", "answer": "未能核实身份" });
    owner.post(&app, &format!("{path}/end"), end).await.ok();
    let ended = owner.get(&app, "/api/v1/rights/requests?ended=true").await.ok();
    assert_eq!(ended["items"][0]["answer"], "未能核实身份");
    let hers = owner.get(&app, &format!("/api/v1/people/{alice}/requests")).await.ok();
    assert_eq!((&hers["items"][0]["id"], &hers["total"]), (&id, &json!(1)), "{hers}");
    let summary = owner.get(&app, "/api/v1/rights/summary").await.ok();
    assert_eq!(summary, json!({ "open": 0, "due_soon": 0, "overdue": 0, "mine": 0 }));
}

#[tokio::test]
async fn a_correction_survives_a_crash_and_what_sources_say() {
    let (app, owner, site, alice) = town().await;
    let new = json!({ "person": alice, "kind": "correct", "source": "热线", "note": "城市写错了" });
    let id = owner.post(&app, "/api/v1/rights/requests", new).await.ok()["id"].clone();
    let body =
        json!({ "request": id, "reason": "本人来电更正", "attribute": { "name": "city", "value": "宁波" } });
    let corrections = format!("/api/v1/people/{alice}/corrections");
    owner.post(&app, &corrections, body.clone()).await.refused(StatusCode::CONFLICT, "wrong_state");
    taken(&app, &owner, &id).await;
    let made = owner.post(&app, &corrections, body).await.ok();
    let again = json!({ "type": "profile_set", "id": "p-9", "login": "alice", "time": "2026-11-21T09:00:00Z",
        "properties": { "city": "苏州" } });
    site.post(&app, "/api/v1/collect", json!({ "batch": [again] })).await.ok();
    app.drain().await;
    let city = async |app: &TestApp| {
        owner.get(app, &format!("/api/v1/people/{alice}")).await.ok()["attributes"]["city"].clone()
    };
    assert_eq!(city(&app).await, "宁波");
    // Columns agree: segments are chosen by what is right.
    let test = json!({ "op": "is", "values": ["宁波"] });
    let count = json!({ "condition": { "kind": "attribute", "name": "city", "test": test } });
    assert_eq!(owner.post(&app, "/api/v1/segments/count", count).await.ok()["count"], 1);
    let app = app.crash().await;
    app.drain().await;
    assert_eq!(city(&app).await, "宁波", "it stands in the log");
    let app = app.restart().await;
    assert_eq!(city(&app).await, "宁波", "and in the snapshot");
    let undo = format!("/api/v1/rights/corrections/{}/undo", made["id"]);
    owner.post(&app, &undo, json!({ "reason": "还是原来的对" })).await.ok();
    assert_eq!(city(&app).await, "苏州");
    let whole = owner.get(&app, &format!("/api/v1/rights/requests/{id}")).await.ok();
    let kinds: Vec<&str> =
        whole["steps"].as_array().expect("steps").iter().filter_map(|s| s["kind"].as_str()).collect();
    assert_eq!(kinds[..2], ["correction_undone", "corrected"]);
}
