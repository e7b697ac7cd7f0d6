//! A small shop in which somebody left traces by every door, among others.

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use siyu_connect::mail_catcher::MailCatcher;
use siyu_types::{Role, Viewer};

use crate::support::{Client, TestApp};

/// Her identifiers, and a word that only she said.
pub const NEEDLES: &[&str] =
    &["zoe-7731", "13877317731", "zoe7731@example.net", "d-7731-9f3c2a", "MARKZQ7731"];
const NOW: i64 = 1_795_248_000_000;
const HOUR: i64 = 3_600_000;

pub struct Scene {
    pub app: TestApp,
    pub owner: Client,
    pub mailbox: MailCatcher,
    /// The person, and all her numbers.
    pub zoe: u64,
    pub numbers: Vec<u64>,
    pub request: i64,
    /// Somebody else's.
    pub other_request: i64,
    key: String,
    trend_of: Vec<&'static str>,
    /// Of everybody who looked at something, kept up to date.
    segment: Value,
}

impl Scene {
    pub async fn start() -> Scene {
        Scene::start_sealing("nothing").await
    }

    pub async fn start_sealing(with: &str) -> Scene {
        let app = TestApp::start_sealing(with).await;
        let owner = app.user(Role::Owner).await;
        let key = app.write_key("网站").await;
        let mailbox =
            MailCatcher::start("127.0.0.1:0".parse().expect("an address"), None).await.expect("listens");
        let settings = json!({
            "host": "127.0.0.1", "port": mailbox.address().port(), "security": "none",
            "from": "咖啡 <news@example.com>",
        });
        owner.put(&app, "/api/v1/channels/email", settings).await.ok();
        let trend_of = vec!["own_view", "sa_view", "seg_view", "order_paid"];
        let mut scene = Scene {
            app,
            owner,
            mailbox,
            zoe: 0,
            numbers: Vec::new(),
            request: 0,
            other_request: 0,
            key,
            trend_of,
            segment: Value::Null,
        };
        scene.own().await;
        scene.sensors("sa_view", NOW - HOUR).await;
        scene.segment("seg_view", NOW - HOUR).await;
        scene.file().await;
        scene.by_hand().await;
        scene
    }

    pub fn embedded(&self) -> bool {
        !std::env::var("SIYU_TEST_DATABASE").is_ok_and(|name| name == "postgres")
    }

    pub async fn collect(&self, batch: Value) {
        let site = Client::bearer(&self.key);
        let answer = site.post(&self.app, "/api/v1/collect", json!({ "batch": batch })).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
        self.app.drain().await;
    }

    async fn raw(&self, path: &str, headers: &[(&str, String)], body: Vec<u8>) {
        let mut request = Request::builder().method("POST").uri(path);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = self.app.send(request.body(Body::from(body)).expect("a request")).await;
        assert!(answer.status < 300, "{path}: {} {}", answer.status, answer.body);
        self.app.drain().await;
    }

    /// By siyu's own protocol: her beside others in one request; one record from the future,
    /// one nobody can read, one for an unknown key.
    async fn own(&self) {
        let view = |id: &str, who: Value, note: &str| {
            let mut record = json!({"type": "track", "id": id, "event": "own_view", "time": NOW - 2 * HOUR,
                "properties": {"note": note, "amount_minor": 5}});
            record.as_object_mut().expect("an object").extend(who.as_object().expect("an object").clone());
            record
        };
        self.collect(json!([
            view("o1", json!({"device": "d-7731-9f3c2a"}), "MARKZQ7731 own"),
            view("o2", json!({"login": "bob"}), "plain"),
            view("o3", json!({"login": "carol"}), "plain too"),
            {"type": "identify", "id": "o4", "login": "zoe-7731", "device": "d-7731-9f3c2a", "time": NOW - 2 * HOUR,
             "identifiers": {"phone": "138 7731 7731", "email": "Zoe7731@example.net"},
             "properties": {"name": "MARKZQ7731", "city": "杭州"}},
            {"type": "identify", "id": "o5", "login": "bob", "time": NOW - 2 * HOUR,
             "identifiers": {"email": "bob@example.net"}, "properties": {"name": "Bob", "city": "北京"}},
            {"type": "identify", "id": "o6", "login": "carol", "time": NOW - 2 * HOUR,
             "identifiers": {"email": "carol@example.net"}, "properties": {"name": "Carol", "city": "上海"}},
            {"type": "track", "id": "o7", "login": "zoe-7731", "event": "order_paid", "time": NOW - HOUR,
             "properties": {"order_id": "z-1", "amount_minor": 900, "note": "MARKZQ7731"}},
            {"type": "track", "id": "o8", "login": "bob", "event": "order_paid", "time": NOW - HOUR,
             "properties": {"order_id": "b-1", "amount_minor": 700}},
        ]))
        .await;
        // Others say that they have to do with her, and she with them; two of them with each other.
        let tie = |id: &str, kind: &str, who: &str, other: &str| {
            json!({"type": "relation", "id": id, "relation": kind, "time": NOW - HOUR, "login": who,
                "other": {"login": other}})
        };
        self.collect(json!([
            tie("r1", "inviter", "bob", "zoe-7731"),
            tie("r2", "household", "zoe-7731", "carol"),
            tie("r3", "staff", "bob", "carol"),
            tie("r4", "inviter", "zoe-7731", "bob"),
        ]))
        .await;
        // Of another person's record that names her beside it.
        self.collect(
            json!([{"type": "track", "id": "o9", "login": "carol", "event": "own_view", "time": NOW - HOUR,
            "identifiers": {"phone": "+8613877317731"}, "properties": {"note": "from her phone"}}]),
        )
        .await;
        self.collect(json!([
            {"type": "track", "id": "o10", "login": "zoe-7731", "event": "own_view", "time": NOW + 90 * 24 * HOUR,
             "properties": {"note": "MARKZQ7731 from the future"}},
            {"type": "dance", "id": "o11", "login": "zoe-7731", "note": "MARKZQ7731"},
            {"type": "track", "id": "o12", "login": "bob", "event": "own_view", "time": NOW + 90 * 24 * HOUR},
        ]))
        .await;
        let stray = json!({"batch": [{"type": "track", "event": "own_view", "userId": "zoe-7731", "messageId": "o13"}]});
        let answer = Client::bearer("wk_wrong").post(&self.app, "/v1/batch", stray).await;
        assert_eq!(answer.status, 200, "{:?}", answer.body);
    }

    /// By Sensors' protocol, compressed and encoded as its clients do.
    async fn sensors(&self, event: &str, time: i64) {
        let record = |who: &str, note: &str| {
            json!({"type": "track", "event": event, "distinct_id": who, "time": time, "_track_id": note.len() + 71,
                "properties": {"$is_login_id": true, "note": note}})
        };
        let list = json!([record("zoe-7731", "MARKZQ7731 sensors"), record("bob", "plain sensors")]);
        let mut writer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        std::io::Write::write_all(&mut writer, list.to_string().as_bytes()).expect("memory");
        let data = STANDARD.encode(writer.finish().expect("memory"));
        let escaped = data.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        let headers = [("content-type", "application/x-www-form-urlencoded".to_owned())];
        let body = format!("data_list={escaped}&gzip=1");
        self.raw(&format!("/sa?project=default&token={}", self.key), &headers, body.into_bytes()).await;
    }

    async fn segment(&self, event: &str, time: i64) {
        let at = jiff_of(time);
        let record = |who: &str, note: &str| {
            json!({"type": "track", "event": event, "userId": who, "messageId": format!("m-{event}-{who}"),
                "timestamp": at, "properties": {"note": note}})
        };
        let body =
            json!({"batch": [record("zoe-7731", "MARKZQ7731 segment"), record("carol", "plain segment")]});
        let headers = [
            ("content-type", "application/json".to_owned()),
            ("authorization", format!("Basic {}", STANDARD.encode(format!("{}:", self.key)))),
        ];
        self.raw("/v1/batch", &headers, body.to_string().into_bytes()).await;
    }

    /// A file that was imported, with a row that was refused, and one that waits.
    async fn file(&self) {
        let mapping = json!({"kind": "people", "columns": {"会员号": {"to": "login"}, "邮箱": {"to": "email"},
            "备注": {"to": "property", "name": "note"}}});
        let rows = "会员号,邮箱,备注\r\nzoe-7731,zoe7731@example.net,MARKZQ7731 file\r\n\
            bob,bob@example.net,plain file\r\n,,MARKZQ7731 zoe-7731 nobody\r\n";
        self.import(&mapping, rows).await;
        let waiting = "login,city\nzoe-7731,MARKZQ7731\n";
        let new = json!({"name": "later.csv", "bytes": waiting.len()});
        let made = self.owner.post(&self.app, "/api/v1/imports/uploads", new).await.ok();
        let mut request =
            Request::builder().method("PUT").uri(format!("/api/v1/imports/uploads/{}/content", made["id"]));
        for (name, value) in &self.owner.headers {
            request = request.header(*name, value);
        }
        request = request
            .header("content-type", "application/octet-stream")
            .header("content-range", format!("bytes 0-{}/{}", waiting.len() - 1, waiting.len()));
        self.app.send(request.body(Body::from(waiting)).expect("a request")).await.ok();
    }

    async fn import(&self, mapping: &Value, rows: &str) {
        let part = |name: &str, more: &str, text: &str| {
            format!("--x\r\ncontent-disposition: form-data; name=\"{name}\"{more}\r\n\r\n{text}\r\n")
        };
        let body = part("mapping", "", &mapping.to_string())
            + &part("file", "; filename=\"members.csv\"", rows)
            + "--x--\r\n";
        let mut headers = self.owner.headers.clone();
        headers.push(("content-type", "multipart/form-data; boundary=x".to_owned()));
        self.raw("/api/v1/imports", &headers, body.into_bytes()).await;
        self.app.run_jobs().await;
        self.app.drain().await;
    }

    /// What colleagues did: merged, noted, tagged, listed, wrote to her, took requests down.
    async fn by_hand(&mut self) {
        let tag = json!({"name": "city", "display": "城市", "directory": "", "definition":
            {"kind": "attribute", "attribute": "city"}});
        self.owner.post(&self.app, "/api/v1/tags", tag).await.ok();
        self.collect(json!([{"type": "identify", "id": "h1", "login": "zoe-other-7731", "time": NOW - HOUR,
            "properties": {"nick": "MARKZQ7731"}}]))
            .await;
        let (zoe, other) =
            (self.find("zoe-7731").await.expect("her"), self.find("zoe-other-7731").await.expect("her"));
        // One log-in is a person's only one, so the other becomes a former value.
        let identity = self.get(&format!("/api/v1/people/{other}/identity")).await;
        let node = identity["identifiers"][0]["node"].clone();
        let merge = json!({"with": other, "reason": "same as zoe-7731 MARKZQ7731", "former": [node]});
        let merged = self.owner.post(&self.app, &format!("/api/v1/people/{zoe}/merge"), merge).await.ok();
        self.zoe = merged["people"][0].as_u64().expect("a person");
        let person = self.get(&format!("/api/v1/people/{}", self.zoe)).await;
        self.numbers =
            person["members"].as_array().expect("numbers").iter().filter_map(Value::as_u64).collect();
        let carol = self.find("carol").await.expect("her");
        let tie =
            json!({"kind": "staff", "side": "to", "other": carol, "reason": "MARKZQ7731 asked for her"});
        self.owner.post(&self.app, &format!("/api/v1/people/{}/relations", self.zoe), tie).await.ok();
        let seen = json!({"kind": "event", "event": "own_view", "window": {"kind": "last_days", "days": 7},
            "measure": {"kind": "count"}, "compare": "at_least", "value": 1});
        let segment = json!({"name": "看过", "kind": "dynamic", "condition": seen});
        self.segment = self.owner.post(&self.app, "/api/v1/segments", segment).await.ok()["id"].clone();
        let note = json!({"text": "MARKZQ7731: rang from 13877317731", "pinned": true});
        self.owner.post(&self.app, &format!("/api/v1/people/{}/notes", self.zoe), note).await.ok();
        let campaign = self.campaign_to_all("你好").await;
        self.owner.post(&self.app, &format!("/api/v1/campaigns/{campaign}/start"), json!({})).await.ok();
        self.app.run_jobs().await;
        self.app.deliver().await;
        self.app.deliver().await;
        let said = json!({"items": [{"id": "crm-1", "identifier": {"namespace": "login", "value": "zoe-7731"},
            "purpose": "marketing", "channel": "email", "state": "granted", "version": 1, "source": "shop", "how": "paper",
            "at": "2026-11-01T10:00:00Z", "evidence": "MARKZQ7731 form"}]});
        self.owner.post(&self.app, "/api/v1/consent/records", said).await.ok();
        let bob = self.find("bob").await.expect("him");
        let ask = |person: u64| json!({"person": person, "kind": "erase", "source": "phone", "note": "MARKZQ7731 asks"});
        let made = self.owner.post(&self.app, "/api/v1/rights/requests", ask(self.zoe)).await.ok();
        self.request = made["id"].as_i64().expect("an id");
        let mut of_bob = ask(bob);
        of_bob["note"] = json!("he asks");
        let made = self.owner.post(&self.app, "/api/v1/rights/requests", of_bob).await.ok();
        self.other_request = made["id"].as_i64().expect("an id");
        // Something was put right about her, and a copy made of everything.
        let right = json!({"attribute": {"name": "nick", "value": "MARKZQ7731 right"}, "reason": "MARKZQ7731 said so"});
        self.owner.post(&self.app, &format!("/api/v1/people/{}/corrections", self.zoe), right).await.ok();
        let copies = format!("/api/v1/people/{}/copies", self.zoe);
        self.owner.post(&self.app, &copies, json!({"language": "zh"})).await.ok();
        self.app.run_jobs().await;
        let made = self.get(&copies).await;
        assert_eq!(made["items"][0]["state"], "ready", "{made}");
        let (db, viewer) = (&self.app.app.parts.db, Viewer::system(self.app.project));
        let mut tx = db.begin().await.expect("begins");
        let detail = json!({"said": "zoe-7731 MARKZQ7731"});
        siyu_govern::audit(&mut tx, &viewer, "test.said", "nothing", detail, NOW).await.expect("writes");
        tx.commit().await.expect("commits");
    }

    /// A campaign to everybody in the town, by a list.
    pub async fn campaign_to_all(&self, subject: &str) -> i64 {
        let condition = json!({"kind": "event", "event": "own_view", "window": {"kind": "last_days", "days": 7},
            "measure": {"kind": "count"}, "compare": "at_least", "value": 1});
        let segment = json!({"name": subject, "kind": "snapshot", "condition": condition});
        let segment = self.owner.post(&self.app, "/api/v1/segments", segment).await.ok();
        let campaign = json!({"name": subject, "channel": "email", "segment_id": segment["id"], "control_percent": 0.0,
            "content": {"subject": subject, "html": "<p>{{ person.name }}</p>"}});
        let made = self.owner.post(&self.app, "/api/v1/campaigns", campaign).await.ok();
        made["id"].as_i64().expect("an id")
    }

    pub async fn get(&self, path: &str) -> Value {
        self.owner.get(&self.app, path).await.ok()
    }

    pub async fn find(&self, query: &str) -> Option<u64> {
        let found = self.get(&format!("/api/v1/people?query={query}")).await;
        found["items"][0]["person"].as_u64()
    }

    pub async fn checkpoint(&self) {
        let (ingest, project) = (self.app.app.parts.ingest.clone(), self.app.project);
        let done = tokio::task::spawn_blocking(move || ingest.checkpoint(project));
        done.await.expect("no panic").expect("writes");
    }

    pub async fn erase(&self) -> i64 {
        let body = json!({"reason": "本人要求", "request_id": self.request});
        let path = format!("/api/v1/people/{}/erasure", self.zoe);
        let ordered = self.owner.post(&self.app, &path, body).await.ok();
        assert_eq!(ordered["state"], "removing", "{ordered}");
        ordered["id"].as_i64().expect("an id")
    }

    /// No reading of any kind knows her.
    pub async fn is_nobody(&self) {
        for number in &self.numbers {
            for part in
                ["", "/events", "/timeline", "/notes", "/messages", "/consent", "/identity", "/relations"]
            {
                let answer = self.owner.get(&self.app, &format!("/api/v1/people/{number}{part}")).await;
                assert_eq!(
                    (answer.status, answer.code()),
                    (404, "not_found"),
                    "{number}{part}: {}",
                    answer.body
                );
            }
        }
        for query in ["zoe-7731", "13877317731", "zoe7731@example.net", "MARKZQ7731", "7731"] {
            assert_eq!(self.find(query).await, None, "{query}");
        }
        for path in [
            "/api/v1/events/live",
            "/api/v1/people",
            "/api/v1/plan/quarantine",
            "/api/v1/identity/conflicts",
            "/api/v1/relations/conflicts",
            "/api/v1/attributes/name/values",
            "/api/v1/events/values?event=own_view&property=note",
        ] {
            let said = self.get(path).await.to_string();
            let named =
                path != "/api/v1/plan/quarantine" && NEEDLES.iter().any(|needle| said.contains(needle));
            assert!(!named, "{path}: {said}");
        }
    }

    /// Nobody is related with her, and others are with each other as before; no step of a
    /// segment knows her.
    pub async fn is_unrelated(&self) {
        let (bob, carol) = (self.find("bob").await.expect("him"), self.find("carol").await.expect("her"));
        for (person, other) in [(bob, carol), (carol, bob)] {
            let said = self.get(&format!("/api/v1/people/{person}/relations")).await;
            let groups = said["groups"].as_array().expect("groups");
            let others: Vec<&Value> = groups
                .iter()
                .flat_map(|group| group["items"].as_array().expect("items"))
                .map(|item| &item["other"]["person"])
                .collect();
            assert_eq!(others, [&json!(other)], "{said}");
            assert_eq!((&said["past_total"], &said["conflicts"]), (&json!(0), &json!([])), "{said}");
        }
        let flow = self.get(&format!("/api/v1/segments/{}/flow", self.segment)).await;
        for step in flow["items"].as_array().expect("steps") {
            for side in ["joined", "left"] {
                let at = step["at"].as_str().expect("a time");
                let path = format!("/api/v1/segments/{}/flow/people?at={at}&side={side}", self.segment);
                let said = self.get(&path).await;
                let people = said["items"].as_array().expect("people").iter();
                let people: Vec<u64> = people.filter_map(|item| item["person"].as_u64()).collect();
                assert!(!people.iter().any(|number| self.numbers.contains(number)), "{said}");
            }
        }
        let kinds = self.get("/api/v1/relations/kinds").await;
        let ties: u64 =
            kinds["items"].as_array().expect("kinds").iter().filter_map(|kind| kind["ties"].as_u64()).sum();
        assert_eq!(ties, 1, "{kinds}");
    }

    /// Everything the API says of the others.
    pub async fn others(&self) -> Value {
        let mut said = Vec::new();
        for who in ["bob", "carol"] {
            let person = self.find(who).await.expect("known");
            let mut all = self.get(&format!("/api/v1/people/{person}")).await;
            // Who was seen where is counted anew now and then.
            all["segments"] = Value::Null;
            let mut events = self.get(&format!("/api/v1/people/{person}/events")).await;
            for event in events["items"].as_array_mut().expect("events") {
                // Her identifier beside theirs is hers.
                event["ids"] = Value::Null;
                event["identifiers"] = Value::Null;
            }
            said.push(json!({"person": all, "events": events}));
        }
        for event in &self.trend_of {
            let query = json!({"kind": "trend", "series": [{"event": event, "measure": {"kind": "count"}}],
                "range": {"kind": "last_days", "days": 7}, "interval": "day",
                "breakdown": {"kind": "attribute", "name": "city"}});
            let trend = self.owner.post(&self.app, "/api/v1/analyses/answer", query).await.ok();
            let lines = trend["result"]["lines"].as_array().cloned().expect("lines");
            let others: Vec<Value> =
                lines.into_iter().filter(|line| !line["group"].to_string().contains("杭州")).collect();
            said.push(json!({"event": event, "lines": others}));
        }
        json!(said)
    }

    pub async fn is_certified(&self, id: i64) {
        let certificate = self.get(&format!("/api/v1/erasures/{id}/certificate")).await;
        let text = certificate.to_string();
        assert!(!NEEDLES.iter().any(|needle| text.contains(needle)), "{text}");
        let counts: std::collections::BTreeMap<&str, u64> = certificate["steps"]
            .as_array()
            .expect("steps")
            .iter()
            .flat_map(|step| step["removed"].as_array().expect("counts"))
            .map(|one| (one["what"].as_str().expect("text"), one["count"].as_u64().expect("a number")))
            .collect();
        for (what, least) in [
            ("identifiers", 5),
            ("numbers", 2),
            ("events", 5),
            ("events_of_others_changed", 1),
            ("log_records", 8),
            ("quarantine_entries", 2),
            ("unassigned_requests", 1),
            ("uploads", 1),
            ("refused_rows", 1),
            ("notes", 1),
            ("lists", 1),
            ("segment_steps", 1),
            ("kept_sends_without_address", 1),
            ("kept_statements_without_identifiers", 1),
            ("kept_requests_without_words", 1),
            ("audit_details", 1),
            ("copies", 1),
        ] {
            assert!(counts.get(what).is_some_and(|count| *count >= least), "{what}: {counts:?}");
        }
        assert_eq!(certificate["request_id"], self.request);
        assert_eq!(certificate["identifiers_digest"].as_str().map(str::len), Some(64));
        let all = self.get("/api/v1/rights/requests?ended=true").await;
        let request = all["items"].as_array().expect("requests").iter().find(|one| one["id"] == self.request);
        assert_eq!(request.expect("hers")["state"], "done");
    }

    /// What was on its way when she was erased, by every door. Answers whose of it was kept.
    pub async fn late(&self) -> Vec<&'static str> {
        let before = self.app.app.parts.ingest.stats(self.app.project).expect("open").events;
        self.collect(json!([
            {"type": "track", "id": "l1", "login": "zoe-7731", "event": "own_view", "time": NOW - 3 * HOUR,
             "properties": {"note": "MARKZQ7731 late"}},
            {"type": "identify", "id": "l2", "login": "zoe-7731", "time": NOW - 3 * HOUR,
             "identifiers": {"phone": "13877317731"}, "properties": {"name": "MARKZQ7731"}},
            {"type": "relation", "id": "l3", "relation": "responsible", "login": "bob", "time": NOW - 3 * HOUR,
             "other": {"login": "zoe-7731"}},
            {"type": "relation", "id": "l4", "relation": "responsible", "login": "zoe-7731", "time": NOW - 3 * HOUR,
             "other": {"login": "bob"}},
        ]))
        .await;
        let traced = self.get("/api/v1/quality/trace?identifier=zoe-7731").await;
        let stages =
            traced["items"][0]["stages"].as_array().expect("found").last().cloned().unwrap_or_default();
        assert_eq!((&stages["code"], &stages["verdict"]), (&json!("erased"), &json!("stopped")), "{traced}");
        self.sensors("sa_late", NOW - 3 * HOUR).await;
        let mapping = json!({"kind": "events", "columns": {"login": {"to": "login"}, "event": {"to": "event"},
            "when": {"to": "time"}, "note": {"to": "property"}}});
        self.import(
            &mapping,
            "login,event,when,note\r\nzoe-7731,file_late,2026-11-20 10:00:00,MARKZQ7731\r\n",
        )
        .await;
        let after = self.app.app.parts.ingest.stats(self.app.project).expect("open").events;
        let series = self.get("/api/v1/quality/series?by=day").await;
        assert!(series["reasons"].to_string().contains("erased"), "{series}");
        let bob = self.find("bob").await.expect("him");
        let events = self.get(&format!("/api/v1/people/{bob}/events")).await.to_string();
        assert!(events.contains("sa_late"), "{events}");
        if after - before == 1 { vec!["bob"] } else { vec!["too many", "or too few"] }
    }

    pub async fn restart(self) -> Scene {
        let app = self.app.restart().await;
        Scene { app, ..self }
    }

    pub async fn restart_sealing(self, with: &str) -> Scene {
        let app = self.app.restart_sealing(with).await;
        Scene { app, ..self }
    }

    pub async fn crash(self) -> Scene {
        let app = self.app.crash().await;
        Scene { app, ..self }
    }
}

/// RFC 3339.
fn jiff_of(millis: i64) -> String {
    let hours = (NOW - millis) / HOUR;
    format!("2026-11-21T{:02}:00:00Z", 8 - hours)
}
