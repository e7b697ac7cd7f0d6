//! Protection of personal data over the whole app: nothing that is masked leaves by any
//! way of reading, single values are revealed with a reason, and looks and exports are
//! kept.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use serde_json::{Value, json};
use siyu_types::Role;

use crate::support::{Answer, Client, TestApp};

/// What is planted, and what no masked answer may hold.
const PHONE: &str = "13987654321";
const NAME: &str = "欧阳锦瑟";
const EMAIL: &str = "jinse.ouyang@example.com";
const ID_CARD: &str = "11010519491231002X";
const CARD: &str = "6222021234567890128";
const PLANTED: [&str; 5] = [PHONE, NAME, EMAIL, ID_CARD, "622202123456789012"];

struct Planted {
    app: TestApp,
    owner: Client,
    person: i64,
    segment: i64,
    campaign: i64,
    analysis: i64,
    tag: i64,
    import: i64,
}

async fn collect(app: &TestApp, batch: Value) {
    let site = Client::bearer(&app.write_key("网站").await);
    site.post(app, "/api/v1/collect", json!({ "batch": batch })).await.ok();
    app.drain().await;
}

/// A file with a good and a refused row, both with personal values.
async fn import(app: &TestApp, owner: &Client) -> i64 {
    let mapping = json!({"kind": "people", "columns": {
        "会员号": {"to": "login"}, "手机号": {"to": "phone"}, "姓名": {"to": "property", "name": "name"},
        "生日": {"to": "property", "name": "birthday", "type": "time"},
    }});
    let csv = format!("会员号,手机号,姓名,生日\nm1,{PHONE},{NAME},1990-03-07\nm2,{PHONE},{NAME},不是日期\n");
    let body = format!(
        "--edge\r\nContent-Disposition: form-data; name=\"mapping\"\r\n\r\n{mapping}\r\n\
         --edge\r\nContent-Disposition: form-data; name=\"file\"; filename=\"m.csv\"\r\n\
         Content-Type: text/csv\r\n\r\n{csv}\r\n--edge--\r\n"
    );
    let mut request = Request::builder().method("POST").uri("/api/v1/imports");
    for (name, value) in &owner.headers {
        request = request.header(*name, value);
    }
    let request = request.header("content-type", "multipart/form-data; boundary=edge");
    let made = app.send(request.body(Body::from(body)).expect("a request")).await.ok();
    app.run_jobs().await;
    app.drain().await;
    made["id"].as_i64().expect("an id")
}

impl Planted {
    async fn start() -> Planted {
        let app = TestApp::start().await;
        let owner = app.user(Role::Owner).await;
        let ids = json!({ "phone": PHONE, "email": EMAIL });
        let about = json!({ "name": NAME, "id_card": ID_CARD, "remark": format!("电话 {PHONE}"), "mobile2": PHONE, "mobile": PHONE });
        let bought = json!({
            "order_id": "o1", "amount_minor": 1600, "receiver": NAME, "mobile": PHONE, "paid_with": CARD,
        });
        let batch = json!([
            {"type": "identify", "id": "i1", "login": "vip1", "identifiers": ids, "properties": about},
            {"type": "track", "id": "t1", "login": "vip1", "event": "order_paid", "properties": bought},
            {"type": "identify", "id": "i2", "login": "plain", "properties": {"city": "杭州"}},
            {"type": "track", "id": "bad", "event": 7, "login": "bad1", "properties": {"name": NAME}},
        ]);
        collect(&app, batch).await;
        let found = owner.get(&app, &format!("/api/v1/people?query={PHONE}")).await.ok();
        let person = found["items"][0]["person"].as_i64().expect("somebody");
        let import = import(&app, &owner).await;
        let note = json!({ "text": format!("{NAME} 说打 {PHONE} 找她，证件 {ID_CARD}") });
        owner.post(&app, &format!("/api/v1/people/{person}/notes"), note).await.ok();
        let everybody = json!({ "name": "全部", "condition": { "kind": "all", "of": [] } });
        let segment = owner.post(&app, "/api/v1/segments", everybody).await.ok()["id"].as_i64().expect("id");
        let campaign = json!({
            "name": "回访", "channel": "email", "segment_id": segment,
            "content": { "subject": "{{ person.name }}", "html": "<p>{{ person.mobile2 }}</p>" },
        });
        let campaign = owner.post(&app, "/api/v1/campaigns", campaign).await.ok()["id"].as_i64().expect("id");
        let query = json!({ "kind": "trend", "series": [{ "event": "order_paid", "measure": { "kind": "count" } }],
            "range": { "kind": "last_days", "days": 7 }, "interval": "day" });
        let analysis = json!({ "name": "订单", "query": query });
        let analysis = owner.post(&app, "/api/v1/analyses", analysis).await.ok()["id"].as_i64().expect("id");
        let tag = json!({ "name": "city", "definition": { "kind": "attribute", "attribute": "city" } });
        let tag = owner.post(&app, "/api/v1/tags", tag).await.ok()["id"].as_i64().expect("id");
        app.run_jobs().await;
        Planted { app, owner, person, segment, campaign, analysis, tag, import }
    }

    /// An address with everything filled in, several where one does not say enough.
    fn addresses(&self, path: &str) -> Vec<String> {
        let id = match path.split('/').nth(3) {
            Some("segments") => self.segment,
            Some("campaigns") => self.campaign,
            Some("analyses") => self.analysis,
            Some("tags") => self.tag,
            Some("imports") => self.import,
            _ => 1,
        };
        let path = path.replace("{no}", &self.person.to_string()).replace("{id}", &id.to_string());
        let named = |name: &str| path.replace("{name}", name);
        let mut all = match path.contains("{name}") {
            true => ["phone", "name", "remark", "mobile2", "id_card"].map(named).to_vec(),
            false => vec![path.clone()],
        };
        match path.as_str() {
            "/api/v1/people" => all.extend(["vip1", "4321"].map(|text| format!("{path}?query={text}"))),
            "/api/v1/events/properties" | "/api/v1/plan/subject" => {
                all = vec![format!("{path}?event=order_paid&kind=event&subject=order_paid")];
            }
            "/api/v1/events/values" => {
                let of = |name: &str| format!("{path}?event=order_paid&property={name}");
                all = ["receiver", "mobile", "paid_with"].map(of).to_vec();
            }
            "/api/v1/quality/trace" => {
                all = [PHONE, "vip1", EMAIL].map(|id| format!("{path}?identifier={id}")).to_vec();
            }
            _ => {}
        }
        all
    }
}

/// What was planted and is in an answer.
fn leaks(answer: &Answer) -> Vec<&'static str> {
    let text = answer.body.to_string();
    PLANTED.into_iter().filter(|planted| text.contains(planted)).collect()
}

/// Questions that are asked by `post`, of those that read.
fn questions(planted: &Planted) -> Vec<(String, Value)> {
    let trend = |extra: Value| {
        let mut query = json!({ "kind": "trend", "series": [{ "event": "order_paid", "measure": { "kind": "count" } }],
            "range": { "kind": "last_days", "days": 7 }, "interval": "day" });
        query.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        query
    };
    let by = |kind: &str, name: &str| trend(json!({ "breakdown": { "kind": kind, "name": name } }));
    let cell = json!({ "series": 0, "bucket": null, "group": { "kind": "whole" } });
    let funnel = json!({ "kind": "funnel", "steps": [{ "event": "order_paid" }, { "event": "order_paid" }], "range": { "kind": "last_days", "days": 7 },
        "window": { "kind": "days", "days": 3 }, "breakdown": { "kind": "property", "name": "mobile" } });
    let path = |split: &str| {
        json!({ "kind": "path", "events": [{ "event": "order_paid" }], "anchor": { "kind": "beginning" },
            "range": { "kind": "last_days", "days": 7 }, "split": split, "steps": 3, "nodes": 5 })
    };
    let asks = json!({ "kind": "attribute", "name": "phone", "test": { "op": "contains", "value": "139" } });
    let preview = json!({ "person": planted.person });
    vec![
        ("/api/v1/analyses/answer".into(), by("property", "receiver")),
        ("/api/v1/analyses/answer".into(), by("property", "paid_with")),
        ("/api/v1/analyses/answer".into(), by("attribute", "name")),
        ("/api/v1/analyses/answer".into(), by("attribute", "remark")),
        (
            "/api/v1/analyses/people".into(),
            json!({ "kind": "trend", "query": trend(json!({})), "cell": cell }),
        ),
        ("/api/v1/analyses/answer".into(), funnel),
        ("/api/v1/analyses/answer".into(), path("receiver")),
        ("/api/v1/analyses/answer".into(), path("paid_with")),
        ("/api/v1/segments/count".into(), json!({ "condition": asks })),
        (
            "/api/v1/tags/preview".into(),
            json!({ "definition": { "kind": "attribute", "attribute": "mobile2" } }),
        ),
        (format!("/api/v1/campaigns/{}/preview", planted.campaign), preview),
        (format!("/api/v1/people/{}/merge/preview", planted.person), json!({ "with": planted.person + 1 })),
    ]
}

#[tokio::test]
async fn nothing_masked_leaves_by_any_way_of_reading() {
    let planted = Planted::start().await;
    let app = &planted.app;
    // Operators see everything as shipped; here they see as little as the others.
    let mut settings = planted.owner.get(app, "/api/v1/personal").await.ok();
    for one in settings["exposures"].as_array_mut().expect("exposures") {
        if one["role"] == "operator" {
            one["exposure"] = json!("masked");
        }
    }
    planted.owner.put(app, "/api/v1/personal", settings).await.ok();
    let document = Client::default().get(app, "/api/openapi.json").await.ok();
    let (mut leaked, mut seen_by_owner) = (Vec::new(), 0);
    for role in [Role::Viewer, Role::Analyst, Role::Operator] {
        let reader = app.user(role).await;
        for (path, item) in document["paths"].as_object().expect("paths") {
            if item.get("get").is_none() {
                continue;
            }
            for address in planted.addresses(path) {
                let answer = reader.get(app, &address).await;
                assert_ne!(answer.status, 500, "{address}");
                leaked.extend(leaks(&answer).iter().map(|what| format!("{role:?} {address}: {what}")));
                if role == Role::Viewer {
                    seen_by_owner += leaks(&planted.owner.get(app, &address).await).len();
                }
            }
        }
        for (address, body) in questions(&planted) {
            let answer = reader.post(app, &address, body).await;
            assert!(matches!(answer.status, 200 | 403), "{address}: {} {}", answer.status, answer.body);
            leaked.extend(leaks(&answer).iter().map(|what| format!("{role:?} {address}: {what}")));
        }
    }
    assert!(leaked.is_empty(), "{}", leaked.join("\n"));
    // Otherwise the walk would have looked where nothing is.
    assert!(seen_by_owner > 30, "the owner saw only {seen_by_owner}");
}

#[tokio::test]
async fn questions_about_masked_values_are_refused() {
    let planted = Planted::start().await;
    let app = &planted.app;
    let analyst = app.user(Role::Analyst).await;
    let count = |test: Value| json!({ "condition": { "kind": "attribute", "name": "mobile", "test": test } });
    let guess =
        analyst.post(app, "/api/v1/segments/count", count(json!({ "op": "contains", "value": "1398" })));
    guess.await.refused(StatusCode::FORBIDDEN, "forbidden");
    analyst.post(app, "/api/v1/segments/count", count(json!({ "op": "is_present" }))).await.ok();
    let found = async |query: &str| {
        let page = analyst.get(app, &format!("/api/v1/people?query={query}")).await.ok();
        page["items"].as_array().expect("items").len()
    };
    assert_eq!(found(PHONE).await, 1, "who knows a number finds its person");
    assert_eq!(found("4321").await, 1, "the tail is shown");
    assert_eq!(found("54321").await, 0, "one digit more than is shown");
    assert_eq!(found("%E6%AC%A7%E9%98%B3").await, 0, "a part of a name");
    assert_eq!(found("%E6%AC%A7%E9%98%B3%E9%94%A6%E7%91%9F").await, 2, "the whole name of two people");
}

#[tokio::test]
async fn a_value_is_revealed_with_a_reason_and_within_limits() {
    let planted = Planted::start().await;
    let app = &planted.app;
    let mut settings = planted.owner.get(app, "/api/v1/personal").await.ok();
    settings["reveals_per_hour"] = json!(3);
    planted.owner.put(app, "/api/v1/personal", settings).await.ok();
    let analyst = app.user(Role::Analyst).await;
    let path = format!("/api/v1/people/{}", planted.person);
    let shown = analyst.get(app, &path).await.ok();
    assert_eq!(shown["attributes"]["name"], "欧阳**");
    assert!(shown["masked_attributes"].as_array().expect("names").contains(&json!("name")), "{shown}");
    assert!(shown["masked_identifiers"].as_array().expect("names").contains(&json!("phone")), "{shown}");
    let timeline = analyst.get(app, &format!("{path}/timeline?kinds=order")).await.ok();
    let event = &timeline["items"][0]["event"];
    assert!(event["masked"].as_array().expect("names").contains(&json!("paid_with")), "{event}");
    let reveal = format!("{path}/reveal");
    let ask = |kind: &str, name: &str| json!({ "kind": kind, "name": name, "reason": "核对收货电话" });
    let mut of_event = ask("property", "mobile");
    of_event["event"] = event["seq"].clone();
    for (body, value, left) in [
        (ask("attribute", "name"), NAME.to_owned(), 2),
        (ask("identifier", "phone"), format!("+86{PHONE}"), 1),
        (of_event, PHONE.to_owned(), 0),
    ] {
        let answer = analyst.post(app, &reveal, body).await.ok();
        assert_eq!((&answer["value"], &answer["left"]), (&json!(value), &json!(left)));
    }
    let more = analyst.post(app, &reveal, ask("attribute", "id_card")).await;
    more.refused(StatusCode::TOO_MANY_REQUESTS, "reveals_used_up");
    let viewer = app.user(Role::Viewer).await;
    viewer.post(app, &reveal, ask("attribute", "name")).await.refused(StatusCode::FORBIDDEN, "forbidden");
    let unsaid = json!({ "kind": "attribute", "name": "name", "reason": " " });
    analyst.post(app, &reveal, unsaid).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid_input");

    // What was revealed survives a power cut right after the answer.
    let Planted { app, owner, person, .. } = planted;
    let app = app.crash().await;
    let looks = owner.get(&app, &format!("/api/v1/people/{person}/looks")).await.ok();
    let revealed = looks["items"].as_array().expect("items").iter().filter(|look| look["what"] == "revealed");
    let revealed: Vec<_> = revealed.map(|look| (&look["detail"], &look["reason"])).collect();
    assert_eq!(revealed.len(), 3, "{looks}");
    assert!(revealed.contains(&(&json!("identifier:phone"), &json!("核对收货电话"))), "{looks}");
    assert!(!looks.to_string().contains(PHONE), "the log holds what was revealed");
}

#[tokio::test]
async fn who_looked_at_whom_is_kept() {
    let planted = Planted::start().await;
    let app = &planted.app;
    let (viewer, program) = (app.user(Role::Viewer).await, app.program(Role::Operator).await);
    let document = Client::default().get(app, "/api/openapi.json").await.ok();
    for path in document["paths"].as_object().expect("paths").keys() {
        if path.starts_with("/api/v1/people/{no}") && document["paths"][path].get("get").is_some() {
            for address in planted.addresses(path) {
                viewer.get(app, &address).await;
            }
        }
    }
    program.get(app, &format!("/api/v1/segments/{}/people", planted.segment)).await.ok();
    program.get(app, "/api/v1/people/987654").await.refused(StatusCode::NOT_FOUND, "not_found");
    let looks = planted.owner.get(app, &format!("/api/v1/people/{}/looks", planted.person)).await.ok();
    let of = |what: &str, actor: &str| {
        let all = looks["items"].as_array().expect("items").iter();
        let own = all
            .filter(|look| look["what"] == what && look["actor"].as_str().unwrap_or("").starts_with(actor));
        own.cloned().collect::<Vec<_>>()
    };
    let opened: Vec<_> = of("opened", "user:").into_iter().filter(|look| look["clear"] == false).collect();
    assert_eq!(opened.len(), 1, "one look, however many parts: {looks}");
    for part in ["page", "timeline", "orders", "notes", "identity", "consent", "messages"] {
        assert!(
            opened[0]["detail"].as_str().expect("text").split(',').any(|p| p == part),
            "{part}: {opened:?}"
        );
    }
    let listed = of("listed", "key:");
    assert_eq!((listed.len(), &listed[0]["detail"]), (1, &json!("segment")), "{looks}");
    let path = format!("/api/v1/people/{}/looks?what=listed", planted.person);
    let only = planted.owner.get(app, &path).await.ok();
    assert!(only["items"].as_array().expect("items").iter().all(|look| look["what"] == "listed"), "{only}");
    assert!(only["items"].as_array().expect("items").contains(&listed[0]), "{only}");
    let viewers = planted.owner.get(app, "/api/v1/personal/viewers").await.ok();
    assert!(viewers["items"].as_array().expect("items").len() >= 2, "{viewers}");
    let key = listed[0]["actor"].as_str().expect("text");
    let by_key =
        planted.owner.get(app, &format!("/api/v1/personal/looks?actor={key}&what=listed")).await.ok();
    assert_eq!(by_key["items"].as_array().expect("items").len(), 1, "{by_key}");
    // A clean stop writes what waits.
    viewer.get(app, &format!("/api/v1/people/{}", planted.person + 1)).await.ok();
    let Planted { app, owner, person, .. } = planted;
    let app = app.restart().await;
    let other = owner.get(&app, &format!("/api/v1/people/{}/looks", person + 1)).await.ok();
    assert!(other["items"].as_array().expect("items").iter().any(|look| look["what"] == "opened"), "{other}");
}

#[tokio::test]
async fn a_leaked_file_names_its_export() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let people = (0..60).map(|n| {
        json!({"type": "identify", "id": format!("i{n}"), "login": format!("u{n}"),
            "identifiers": { "phone": format!("138000010{n:02}") }, "properties": { "name": format!("=客户{n}") }})
    });
    collect(&app, people.collect()).await;
    let everybody = json!({ "name": "全部", "condition": { "kind": "all", "of": [] } });
    let segment = owner.post(&app, "/api/v1/segments", everybody).await.ok()["id"].clone();
    let path = format!("/api/v1/segments/{segment}/people.csv");
    app.user(Role::Analyst).await.get(&app, &path).await.refused(StatusCode::FORBIDDEN, "forbidden");
    let operator = app.user(Role::Operator).await;
    let mut files = Vec::new();
    for client in [&owner, &operator, &operator] {
        let answer = client.get(&app, &path).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        files.push(answer.body.as_str().expect("a table").to_owned());
    }
    assert_eq!(files[1].lines().count(), 61);
    assert!(files[1].contains("'=客户1"), "formulas are quoted");
    let register = owner.get(&app, "/api/v1/personal/exports").await.ok();
    let code = |at: usize| register["items"][at]["code"].as_str().expect("text").to_owned();
    assert_eq!(register["items"][1]["rows"], 60, "{register}");
    // Newest first: the second file is the middle one.
    let (codes, second) = ([code(2), code(1), code(0)], code(1));
    let trace = async |text: String| {
        let found = owner.post(&app, "/api/v1/personal/exports/trace", json!({ "text": text })).await.ok();
        let items = found["items"].as_array().expect("items").iter();
        items.map(|one| (one["by"].clone(), one["export"]["code"].clone())).collect::<Vec<_>>()
    };
    let (by_code, by_order) = ((json!("code"), json!(second)), (json!("order"), json!(second)));
    assert_eq!(trace(files[1].clone()).await, [by_code, by_order.clone()]);
    // Without the column that says it, and without every fifth row.
    let cut: Vec<String> = files[1]
        .lines()
        .enumerate()
        .filter(|(at, _)| at % 5 != 3)
        .map(|(_, line)| line.rsplit_once(',').expect("cells").0.to_owned())
        .collect();
    assert!(codes.iter().all(|code| !cut.join("\n").contains(code)));
    assert_eq!(trace(cut.join("\n")).await, std::slice::from_ref(&by_order));
    // Only the phone numbers are left.
    let title: Vec<&str> = cut[0].split(',').collect();
    let phone = title.iter().position(|name| *name == "phone").expect("a column");
    let phones = cut.iter().map(|line| line.split(',').nth(phone).unwrap_or_default().to_owned());
    assert_eq!(trace(phones.collect::<Vec<_>>().join("\n")).await, [by_order]);
    let mut sorted = cut;
    sorted.sort();
    assert!(trace(sorted.join("\n")).await.is_empty(), "what was sorted again tells nothing");
}

#[tokio::test]
async fn fields_are_suggested_by_their_values_and_declared() {
    let app = TestApp::start().await;
    let owner = app.user(Role::Owner).await;
    let people = (0..5).map(|n| {
        let about = json!({ "backup_line": format!("1380000100{n}"), "sku": format!("100{n}") });
        json!({"type": "identify", "id": format!("i{n}"), "login": format!("u{n}"), "properties": about})
    });
    collect(&app, people.collect()).await;
    let suggested = owner.get(&app, "/api/v1/personal/suggestions").await.ok();
    let found = suggested["items"].as_array().expect("items");
    assert_eq!(
        (found.len(), &found[0]["name"], &found[0]["class"]),
        (1, &json!("backup_line"), &json!("phone"))
    );
    let viewer = app.user(Role::Viewer).await;
    let path = "/api/v1/personal/fields/attribute/backup_line";
    let declaration = json!({ "class": "phone", "sensitive": true });
    viewer.put(&app, path, declaration.clone()).await.refused(StatusCode::FORBIDDEN, "forbidden");
    assert_eq!(owner.put(&app, path, declaration).await.status, 204);
    let values = "/api/v1/attributes/backup_line/values";
    viewer.get(&app, values).await.refused(StatusCode::FORBIDDEN, "forbidden");
    let fields = owner.get(&app, "/api/v1/personal/fields").await.ok();
    let one = fields["items"].as_array().expect("items").iter().find(|field| field["name"] == "backup_line");
    let one = one.expect("is listed");
    assert_eq!(
        (&one["class"], &one["sensitive"], &one["declared"]),
        (&json!("phone"), &json!(true), &json!(true))
    );
    assert!(
        owner.get(&app, "/api/v1/personal/suggestions").await.ok()["items"]
            .as_array()
            .expect("items")
            .is_empty()
    );
    // Declared harmless, it is shown, however it looks.
    owner.put(&app, path, json!({ "class": null })).await;
    viewer.get(&app, values).await.ok();
    assert_eq!(owner.delete(&app, path).await.status, 204);
    let tag = json!({ "name": "t", "definition": { "kind": "attribute", "attribute": "phone" } });
    owner.post(&app, "/api/v1/tags", tag).await.refused(StatusCode::UNPROCESSABLE_ENTITY, "invalid_input");
}
