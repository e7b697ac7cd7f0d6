//! The tracking plan over HTTP: learned, declared, strict, set aside, given back.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use siyu_types::Role;

use crate::support::{Answer, Client, TestApp};

struct Site {
    app: TestApp,
    owner: Client,
    site: Client,
}

impl Site {
    async fn start() -> Site {
        let app = TestApp::start().await;
        let owner = app.user(Role::Owner).await;
        let site = Client::bearer(&app.write_key("网站").await);
        Site { app, owner, site }
    }

    async fn track(&self, id: &str, event: &str, properties: Value) {
        let item = json!({"type": "track", "id": id, "event": event, "login": "u1",
            "time": "2026-11-21T07:00:00Z", "properties": properties});
        self.site.post(&self.app, "/api/v1/collect", json!({"batch": [item]})).await.ok();
        self.app.drain().await;
    }

    async fn get(&self, path: &str) -> Value {
        self.owner.get(&self.app, path).await.ok()
    }

    async fn open(&self) -> Vec<Value> {
        let page = self.get("/api/v1/plan/quarantine?state=open").await;
        page["items"].as_array().expect("items").clone()
    }

    /// Runs a replay and answers what became of the records.
    async fn replay(&self, body: Value) -> Value {
        let answer = self.owner.post(&self.app, "/api/v1/plan/quarantine/replay", body).await;
        assert_eq!(answer.status, 202, "{}", answer.body);
        let job = answer.ok()["job_id"].clone();
        self.app.run_jobs().await;
        let job = self.get(&format!("/api/v1/jobs/{job}")).await;
        assert_eq!(job["state"], "done", "{job}");
        job["result"].clone()
    }

    /// The events of the one person, without their order.
    async fn events(&self) -> Vec<(String, Value)> {
        let page = self.get("/api/v1/people/0/events").await;
        let rows = page["items"].as_array().expect("items").iter();
        let mut rows: Vec<_> = rows
            .map(|row| (row["event"].as_str().expect("a name").to_owned(), row["props"].clone()))
            .collect();
        rows.sort_by_key(|(name, props)| format!("{name}{props}"));
        rows
    }

    async fn upload(&self, bytes: &[u8], apply: bool) -> Answer {
        let mut body = Vec::new();
        let part = |name: &str| format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"");
        body.extend(format!("{}; filename=\"plan\"\r\n\r\n", part("file")).bytes());
        body.extend(bytes);
        body.extend(format!("\r\n{}\r\n\r\n{apply}\r\n--x--\r\n", part("apply")).bytes());
        let mut request = Request::post("/api/v1/plan/import");
        for (name, value) in &self.owner.headers {
            request = request.header(*name, value);
        }
        let request =
            request.header("content-type", "multipart/form-data; boundary=x").body(Body::from(body));
        self.app.send(request.expect("a request")).await
    }
}

#[tokio::test]
async fn what_arrives_is_learned_and_can_be_declared_and_named() {
    let site = Site::start().await;
    site.track("1", "paid", json!({"amount": 12, "city": "杭州"})).await;
    site.track("2", "paid", json!({"amount": "13元", "$lib": "js", "$lib_version": "1.2"})).await;
    let list = site.get("/api/v1/plan/subjects?query=PAI").await;
    assert_eq!((&list["total"], &list["items"][0]["status"]), (&json!(1), &json!("learned")));
    assert_eq!((&list["items"][0]["count"], &list["items"][0]["drifting"]), (&json!(2), &json!(1)));
    let detail = site.get("/api/v1/plan/subject?kind=event&name=paid").await;
    let property = |name: &str| {
        let items = detail["items"].as_array().expect("items");
        items.iter().find(|item| item["name"] == name).expect("known").clone()
    };
    let amount = property("amount");
    assert_eq!(
        (&amount["value_type"], &amount["inferred"], &amount["drifting"]),
        (&json!("number"), &json!(true), &json!(1))
    );
    let drift = &amount["drift"][0];
    assert_eq!(
        (&drift["example"], &drift["library"], &drift["source"]),
        (&json!("99字"), &json!("js 1.2"), &json!("网站"))
    );

    let paid = json!({"kind": "event", "name": "paid", "status": "verified", "display_zh": "支付", "owner": "小王",
        "properties": [{"name": "amount", "status": "planned", "display_zh": "金额", "value_type": "text"}]});
    site.owner.put(&site.app, "/api/v1/plan/subjects", paid).await.ok();
    let names = site.get("/api/v1/plan/names").await;
    assert_eq!(names["events"][0], json!({"name": "paid", "display_zh": "支付", "display_en": ""}));
    assert_eq!(names["properties"][0]["display_zh"], "金额");
    let declared = site.owner.post(&site.app, "/api/v1/plan/declare", json!({})).await.ok();
    assert_eq!(
        (&declared["subjects"], &declared["properties"]),
        (&json!(1), &json!(1)),
        "city only: {declared}"
    );
    let plan = site.get("/api/v1/plan").await;
    assert_eq!((&plan["mode"], &plan["statuses"]["verified"]), (&json!("lenient"), &json!(1)));
    assert_eq!(plan["revision"], plan["in_force"]);
    let audit = site.get("/api/v1/audit").await.to_string();
    assert!(audit.contains("plan.put") && audit.contains("plan.declare"), "{audit}");

    let remove = json!({"kind": "event", "subject": "paid", "property": "nobody said this"});
    site.owner
        .post(&site.app, "/api/v1/plan/remove", remove)
        .await
        .refused(StatusCode::NOT_FOUND, "not_found");
    for wrong in [
        json!({"kind": "event", "name": "", "status": "planned"}),
        json!({"kind": "people", "name": "x", "status": "planned"}),
        json!({"kind": "event", "name": "a\u{7}", "status": "planned"}),
        json!({"kind": "item", "name": "sku", "status": "planned", "properties": [{"name": "a", "status": "planned", "required": true}]}),
    ] {
        let answer = site.owner.put(&site.app, "/api/v1/plan/subjects", wrong).await;
        answer.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid_input");
    }
}

#[tokio::test]
async fn strict_mode_sets_aside_and_everything_comes_back_once() {
    let site = Site::start().await;
    site.track("0", "paid", json!({"amount": 1, "old": true})).await;
    let paid = json!({"kind": "event", "name": "paid", "status": "verified", "properties": [
        {"name": "amount", "status": "verified", "value_type": "number", "required": true}]});
    site.owner.put(&site.app, "/api/v1/plan/subjects", paid).await.ok();
    let preview = site.get("/api/v1/plan/preview").await;
    assert_eq!(
        (&preview["records"], &preview["aside"], &preview["without_keys"]),
        (&json!(1), &json!(0), &json!(1))
    );
    site.owner.put(&site.app, "/api/v1/plan/mode", json!({"mode": "strict"})).await.ok();

    site.track("1", "paid", json!({"amount": "5", "coupon": "A1"})).await;
    site.track("2", "payed", json!({"amount": 6})).await;
    site.track("3", "paid", json!({"amount": "7元"})).await;
    site.track("3", "paid", json!({"amount": "7元"})).await;
    site.track("4", "paid", json!({})).await;
    let reasons: Vec<String> = site
        .open()
        .await
        .iter()
        .rev()
        .map(|row| {
            format!("{} {}", row["reason"].as_str().unwrap_or(""), row["field"].as_str().unwrap_or(""))
        })
        .collect();
    assert_eq!(
        reasons,
        ["key_undeclared coupon", "event_undeclared ", "type_mismatch amount", "property_missing amount"]
    );
    let found = site.get("/api/v1/plan/quarantine?query=A1").await;
    assert_eq!(
        (found["items"].as_array().expect("items").len(), &found["items"][0]["whole"]),
        (1, &json!(false))
    );
    // Without the right to see personal values: the reason, but not the record, and no search within.
    let viewer = site.app.user(Role::Viewer).await;
    let seen = viewer.get(&site.app, "/api/v1/plan/quarantine?query=nothing").await.ok();
    assert_eq!(
        (seen["items"].as_array().expect("items").len(), &seen["items"][0]["record"]),
        (4, &Value::Null)
    );

    // A power cut forgets nothing and sets nothing aside again.
    let Site { app, owner, site: client } = site;
    let site = Site { app: app.crash().await, owner, site: client };
    assert_eq!(site.open().await.len(), 4);
    assert_eq!(site.get("/api/v1/plan").await["mode"], "strict");

    let report = site
        .replay(json!({"filter": {"subject": "payed"}, "fixes": [{"kind": "rename_event", "to": "paid"}]}))
        .await;
    assert_eq!(
        (&report["tried"], &report["replayed"], &report["refused"]),
        (&json!(1), &json!(1), &json!(0))
    );
    let coupon =
        json!({"kind": "event", "subject": "paid", "property": {"name": "coupon", "status": "planned"}});
    site.owner.put(&site.app, "/api/v1/plan/properties", coupon).await.ok();
    let all = json!({"filter": {}, "fixes": [{"kind": "cast", "key": "amount", "to": "number"}]});
    let report = site.replay(all.clone()).await;
    assert_eq!((&report["replayed"], &report["refused"]), (&json!(2), &json!(1)), "{report}");
    let report = site.replay(all).await;
    assert_eq!((&report["replayed"], &report["refused"]), (&json!(0), &json!(1)), "{report}");
    let report = site.replay(json!({"filter": {}, "discard": true})).await;
    assert_eq!(report["discarded"], 1);
    site.track("2", "payed", json!({"amount": 6})).await;
    assert_eq!(site.open().await.len(), 0, "the client's own retry is known");

    let paid = |props: Value| ("paid".to_owned(), props);
    let mut expected = vec![
        paid(json!({"amount": 1.0, "old": true})),
        paid(json!({"amount": 5.0, "coupon": "A1"})),
        paid(json!({"amount": 6.0})),
        paid(json!({"amount": 7.0})),
    ];
    expected.sort_by_key(|(name, props)| format!("{name}{props}"));
    assert_eq!(site.events().await, expected);
    let Site { app, owner, site: client } = site;
    let site = Site { app: app.restart().await, owner, site: client };
    assert_eq!(site.events().await, expected);
    let names = site.get("/api/v1/events/properties?event=paid").await.to_string();
    assert!(names.contains("coupon"), "the returned property can be asked for: {names}");

    // With nothing in its way any more, what was given back is still known when it is sent again.
    site.owner.put(&site.app, "/api/v1/plan/mode", json!({"mode": "lenient"})).await.ok();
    site.track("2", "payed", json!({"amount": 6})).await;
    assert_eq!(site.events().await, expected);
}

#[tokio::test]
async fn the_plan_travels_as_a_file() {
    let site = Site::start().await;
    let paid = json!({"kind": "event", "name": "paid", "status": "verified", "display_zh": "支付", "description": "一行\n两行",
        "properties": [{"name": "=amount", "status": "planned", "value_type": "money", "required": true, "unit": "分"}]});
    site.owner.put(&site.app, "/api/v1/plan/subjects", paid).await.ok();
    let city = json!({"kind": "people", "subject": "", "property": {"name": "city", "status": "verified"}});
    site.owner.put(&site.app, "/api/v1/plan/properties", city).await.ok();
    let before = site.get("/api/v1/plan/export.json").await;
    let mut request = Request::get("/api/v1/plan/export.xlsx");
    for (name, value) in &site.owner.headers {
        request = request.header(*name, value);
    }
    let response = tower::ServiceExt::oneshot(
        site.app.app.router.clone(),
        request.body(Body::empty()).expect("a request"),
    );
    let body = response.await.expect("answers").into_body();
    let xlsx = axum::body::to_bytes(body, usize::MAX).await.expect("a body");
    for file in [before.to_string().as_bytes(), &xlsx] {
        let same = site.upload(file, true).await.ok();
        assert_eq!(
            (&same["changes_total"], &same["errors"], &same["applied"]),
            (&json!(0), &json!([]), &json!(false))
        );
    }
    for (kind, subject) in [("event", "paid"), ("people", "")] {
        site.owner
            .post(&site.app, "/api/v1/plan/remove", json!({"kind": kind, "subject": subject}))
            .await
            .ok();
    }
    assert_eq!(site.get("/api/v1/plan/export.json").await["subjects"], json!([]));
    let shown = site.upload(&xlsx, false).await.ok();
    assert_eq!((&shown["changes_total"], &shown["applied"]), (&json!(4), &json!(false)), "{shown}");
    assert_eq!(site.get("/api/v1/plan/export.json").await["subjects"], json!([]), "only shown");
    assert_eq!(site.upload(&xlsx, true).await.ok()["applied"], true);
    assert_eq!(site.get("/api/v1/plan/export.json").await, before);
    let changed = before.to_string().replace("支付", "付款");
    let shown = site.upload(changed.as_bytes(), false).await.ok();
    assert_eq!(shown["changes"][0]["fields"], json!(["display_zh"]));
    let broken = site.upload(b"{\"version\": 1,\n \"subjects\": 7}", true).await.ok();
    assert_eq!((&broken["errors"][0]["row"], &broken["applied"]), (&json!(2), &json!(false)));
    site.upload(b"PK\x03\x04 not a zip", true)
        .await
        .refused(StatusCode::UNPROCESSABLE_ENTITY, "unsupported_file");
}

#[tokio::test]
async fn what_cannot_be_read_stands_in_the_same_list_and_is_read_again_or_discarded() {
    let site = Site::start().await;
    let items = json!([{"type": "dance", "login": "secret-of-u1"}, {"type": "track", "login": "u1"}]);
    site.site.post(&site.app, "/api/v1/collect", json!({"batch": items})).await.ok();
    let held = json!({"type": "track", "event": "paid", "login": "u1", "time": "2046-11-21T07:00:00Z"});
    site.site.post(&site.app, "/api/v1/collect", json!({"batch": [held]})).await.ok();
    site.app.drain().await;
    let open = site.open().await;
    let reasons: Vec<_> = open.iter().map(|item| item["reason"].as_str().expect("a reason")).collect();
    assert_eq!(reasons, ["future_time", "missing_field", "unknown_type"], "newest first");
    assert!(open[2]["excerpt"].as_str().expect("shown").contains("secret-of-u1"));
    assert!(open.iter().all(|item| item["replayable"] == true && item["protocol"] == "own"), "{open:?}");
    let viewer = site.app.user(Role::Viewer).await;
    let seen = viewer.get(&site.app, "/api/v1/plan/quarantine?reason=unknown_type").await.ok();
    assert_eq!(
        (seen["items"].as_array().map(Vec::len), &seen["items"][0]["excerpt"]),
        (Some(1), &Value::Null)
    );
    let found = site.get("/api/v1/plan/quarantine?query=secret-of").await;
    assert_eq!(found["items"].as_array().map(Vec::len), Some(1));

    // Nothing has changed, so nothing can be read, and nobody said that the time is meant.
    let result = site.replay(json!({"filter": {}, "fixes": []})).await;
    assert_eq!((&result["replayed"], &result["refused"]), (&json!(0), &json!(3)));
    let accepted = json!({"filter": {"reason": "future_time"}, "fixes": [{"kind": "time", "to": "client"}]});
    assert_eq!(site.replay(accepted).await["replayed"], 1);
    assert_eq!(site.replay(json!({"filter": {}, "fixes": [], "discard": true})).await["discarded"], 2);
    assert_eq!((site.open().await.len(), site.events().await.len()), (0, 1));
}
