//! The loop in one test: collect → identify → segment → campaign with a control
//! group → real mail → reactions → the report counts exactly what happened.

use axum::http::StatusCode;
use serde_json::{Value, json};
use siyu_connect::mail_catcher::{MailCatcher, ParsedMail};
use siyu_types::Role;

use crate::support::{Client, TestApp};

const BUYERS: u64 = 40;
const OTHERS: u64 = 15;

struct Loop {
    app: TestApp,
    owner: Client,
    site: Client,
    mailbox: MailCatcher,
}

impl Loop {
    async fn start() -> Loop {
        let app = TestApp::start().await;
        let owner = app.user(Role::Owner).await;
        let site = Client::bearer(&app.write_key("网站").await);
        let mailbox =
            MailCatcher::start("127.0.0.1:0".parse().expect("an address"), None).await.expect("listens");
        let settings = json!({
            "host": "127.0.0.1", "port": mailbox.address().port(), "security": "none",
            "from": "咖啡 <news@example.com>",
        });
        owner.put(&app, "/api/v1/channels/email", settings).await.ok();
        Loop { app, owner, site, mailbox }
    }

    async fn collect(&self, batch: Vec<Value>) {
        let count = batch.len();
        let answer = self.site.post(&self.app, "/api/v1/collect", json!({ "batch": batch })).await.ok();
        assert_eq!(answer["accepted"], count, "{answer}");
        self.app.drain().await;
    }

    /// People who left an address; the first ones bought something.
    async fn customers(&self) {
        let mut batch = Vec::new();
        for n in 0..BUYERS + OTHERS {
            let person = json!({
                "type": "identify", "id": format!("i{n}"), "login": format!("u{n}"),
                "identifiers": { "email": format!("u{n}@example.com") },
                "properties": { "name": format!("客户{n}") }, "time": "2026-11-20T08:00:00Z",
            });
            batch.push(person);
            if n < BUYERS {
                batch.push(order(n, 0, "2026-11-20T09:00:00Z"));
            }
        }
        self.collect(batch.clone()).await;
        // Clients repeat what they are not sure of; nothing may count twice.
        self.collect(batch).await;
    }

    async fn segment(&self) -> Value {
        let condition = json!({
            "kind": "event", "event": "order_paid", "window": { "kind": "last_days", "days": 7 },
            "measure": { "kind": "count" }, "compare": "at_least", "value": 1,
        });
        let counted = self
            .owner
            .post(&self.app, "/api/v1/segments/count", json!({ "condition": condition }))
            .await
            .ok();
        assert_eq!((&counted["count"], &counted["total"]), (&json!(BUYERS), &json!(BUYERS + OTHERS)));
        let segment = json!({ "name": "最近下单", "kind": "dynamic", "condition": condition });
        self.owner.post(&self.app, "/api/v1/segments", segment).await.ok()
    }

    async fn campaign(&self, segment: &Value) -> i64 {
        let campaign = json!({
            "name": "回购", "channel": "email", "segment_id": segment, "control_percent": 25.0,
            "content": {
                "subject": "{{ person.name }}，欢迎再来",
                "html": "<p>{{ person.name }}</p><p><a href=\"https://shop.example.com/new\">新品</a></p>",
            },
            "goal": { "event": { "event": "order_paid" }, "window_hours": 72 },
        });
        let made = self.owner.post(&self.app, "/api/v1/campaigns", campaign).await.ok();
        made["id"].as_i64().expect("an id")
    }

    async fn report(&self, id: i64) -> Value {
        self.owner.get(&self.app, &format!("/api/v1/campaigns/{id}/report")).await.ok()
    }

    /// Charts see the same events as the report.
    async fn charts_agree(&self, sent: u64) {
        let series = |event: &str, measure: &str| json!({ "event": event, "measure": { "kind": measure } });
        let query = json!({
            "kind": "trend", "series": [series("message_sent", "people"), series("order_paid", "count"), series("message_opened", "count")],
            "range": { "kind": "last_days", "days": 7 }, "interval": "day",
        });
        let trend = self.owner.post(&self.app, "/api/v1/analyses/answer", query).await.ok();
        let totals: Vec<Option<f64>> = trend["result"]["lines"]
            .as_array()
            .expect("lines")
            .iter()
            .map(|line| line["total"].as_f64())
            .collect();
        assert_eq!(totals, [Some(sent as f64), Some(BUYERS as f64 + 3.0), Some(1.0)], "{trend}");
        let step = |event: &str| json!({ "event": event });
        let funnel = json!({
            "kind": "funnel", "steps": [step("message_sent"), step("order_paid")], "range": { "kind": "last_days", "days": 7 },
            "window": { "kind": "days", "days": 3 },
        });
        let answer = self.owner.post(&self.app, "/api/v1/analyses/answer", funnel).await.ok();
        assert_eq!(answer["result"]["groups"][0]["steps"][0]["people"], sent, "{answer}");
        assert_eq!(answer["result"]["groups"][0]["steps"][1]["people"], 2, "{answer}");
        let overview = self.owner.get(&self.app, "/api/v1/overview").await.ok();
        assert_eq!(overview["people"], BUYERS + OTHERS, "{overview}");
    }

    async fn every_change_is_audited(&self) {
        let page = self.owner.get(&self.app, "/api/v1/audit").await.ok();
        let mut actions: Vec<&str> =
            page["items"].as_array().expect("rows").iter().filter_map(|row| row["action"].as_str()).collect();
        actions.reverse();
        let campaign = ["channels.change", "segments.create", "campaigns.create", "campaigns.start"];
        let at = actions.iter().position(|action| *action == campaign[0]).unwrap_or_default();
        assert_eq!(actions[at..], campaign, "{actions:?}");
        let broken =
            siyu_govern::audit::verify(&self.app.app.parts.db, self.app.project).await.expect("reads");
        assert_eq!(broken, None);
    }

    fn mails(&self) -> Vec<ParsedMail> {
        self.mailbox.mails().iter().filter_map(|mail| self.mailbox.parsed(mail.id)).collect()
    }
}

fn order(person: u64, nth: u64, time: &str) -> Value {
    json!({
        "type": "track", "id": format!("o{person}-{nth}"), "event": "order_paid", "login": format!("u{person}"),
        "time": time, "properties": { "order_id": format!("{person}-{nth}"), "amount_minor": 1_000 },
    })
}

/// The number in `u12@example.com`.
fn number(address: &str) -> u64 {
    let digits: String =
        address.chars().skip_while(|c| *c != 'u').skip(1).take_while(char::is_ascii_digit).collect();
    digits.parse().expect("one of ours")
}

/// The first link of this kind in a mail.
fn link<'a>(html: &'a str, kind: &str) -> &'a str {
    let start = html.find(kind).unwrap_or_else(|| panic!("no {kind} in {html}"));
    html[start..].split(['"', '\'', '<', ' ']).next().expect("a link")
}

#[tokio::test]
async fn from_an_event_to_a_measured_effect() {
    let world = Loop::start().await;
    let Loop { app, owner, .. } = &world;
    world.customers().await;
    let segment = world.segment().await;
    let id = world.campaign(&segment["id"]).await;

    let start = owner.post(app, &format!("/api/v1/campaigns/{id}/start"), json!({})).await;
    assert!(start.status < 300, "{}", start.body);
    app.run_jobs().await;
    app.deliver().await;
    app.deliver().await;

    let report = world.report(id).await;
    let (control, sent) =
        (report["control"].as_u64().expect("a number"), report["sent"].as_u64().expect("a number"));
    assert_eq!(report["chosen"], BUYERS);
    assert_eq!(control + sent, BUYERS, "{report}");
    assert!(control > 0 && sent > 0, "{report}");
    let mails = world.mails();
    assert_eq!(mails.len() as u64, sent);
    let mut reached: Vec<u64> = mails.iter().map(|mail| number(&mail.to)).collect();
    reached.sort_unstable();
    reached.dedup();
    assert_eq!(reached.len() as u64, sent, "somebody got it twice");
    for mail in &mails {
        assert_eq!(mail.subject, format!("客户{}，欢迎再来", number(&mail.to)));
    }

    let html = mails[0].html.clone().expect("an HTML mail");
    let reader = Client::default();
    reader.get(app, link(&html, "/t/o/")).await.ok();
    let click = reader.get(app, link(&html, "/t/c/")).await;
    assert_eq!(click.status, 302, "{}", click.body);
    assert!(click.headers["location"].to_str().expect("text").starts_with("https://shop.example.com/new"));
    let unsubscribe = link(mails[1].html.as_deref().expect("an HTML mail"), "/u/").to_owned();
    assert_eq!(reader.get(app, &unsubscribe).await.status, 200, "looking changes nothing");
    app.deliver().await;
    assert_eq!(world.report(id).await["unsubscribed"], 0);
    reader.post(app, &unsubscribe, json!({})).await.ok();
    app.deliver().await;

    app.clock.advance(3_600_000);
    let buyers = [reached[0], reached[1]];
    let withheld = (0..BUYERS).find(|n| !reached.contains(n)).expect("a control group");
    let orders = buyers.iter().chain([&withheld]).map(|n| order(*n, 1, "2026-11-21T08:30:00Z")).collect();
    world.collect(orders).await;

    let report = world.report(id).await;
    for (name, value) in [("opened", 1), ("clicked", 1), ("unsubscribed", 1), ("failed", 0), ("unknown", 0)] {
        assert_eq!(report[name], value, "{name}: {report}");
    }
    let goal = &report["goal"];
    assert_eq!(
        (&goal["treated"]["people"], &goal["treated"]["converted"]),
        (&json!(sent), &json!(2)),
        "{report}"
    );
    assert_eq!(
        (&goal["control"]["people"], &goal["control"]["converted"]),
        (&json!(control), &json!(1)),
        "{report}"
    );
    assert_eq!(goal["treated"]["revenue_minor"].as_f64(), Some(2_000.0), "{report}");

    let behind =
        owner.get(app, &format!("/api/v1/campaigns/{id}/people?metric=converted_treated")).await.ok();
    assert_eq!(behind["items"].as_array().map(Vec::len), Some(2), "the number and the list agree: {behind}");
    world.charts_agree(sent).await;
    world.every_change_is_audited().await;
}

#[tokio::test]
async fn who_unsubscribed_is_left_alone_and_nothing_is_sent_twice() {
    let world = Loop::start().await;
    let Loop { app, owner, .. } = &world;
    world.customers().await;
    let segment = world.segment().await;
    let first = world.campaign(&segment["id"]).await;
    owner.post(app, &format!("/api/v1/campaigns/{first}/start"), json!({})).await.ok();
    let again = owner.post(app, &format!("/api/v1/campaigns/{first}/start"), json!({})).await;
    again.refused(StatusCode::CONFLICT, "wrong_state");
    app.run_jobs().await;
    app.deliver().await;
    let mails = world.mails();
    let gone = mails[0].to.clone();
    let unsubscribe = link(mails[0].html.as_deref().expect("an HTML mail"), "/u/").to_owned();
    Client::default().post(app, &unsubscribe, json!({})).await.ok();
    app.deliver().await;

    let second = world.campaign(&segment["id"]).await;
    owner.post(app, &format!("/api/v1/campaigns/{second}/start"), json!({})).await.ok();
    app.run_jobs().await;
    app.deliver().await;
    let later: Vec<String> =
        world.mails().into_iter().map(|mail| mail.to).take(world.mails().len() - mails.len()).collect();
    assert!(!later.is_empty() && !later.contains(&gone), "{gone} got another mail");
    let report = world.report(second).await;
    let suppressed: u64 = report["suppressed"]
        .as_array()
        .expect("reasons")
        .iter()
        .filter_map(|row| row["people"].as_u64())
        .sum();
    assert_eq!(suppressed, 1, "{report}");

    let app = app_of(world).restart().await;
    app.run_jobs().await;
    app.deliver().await;
    let owner = app.program(Role::Owner).await;
    for (id, chosen) in [(first, BUYERS), (second, BUYERS)] {
        let after = owner.get(&app, &format!("/api/v1/campaigns/{id}/report")).await.ok();
        assert_eq!(after["chosen"], chosen);
        assert_eq!(after["unknown"], 0, "{after}");
    }
}

#[tokio::test]
async fn a_power_cut_loses_and_doubles_nothing() {
    let world = Loop::start().await;
    world.customers().await;
    let Loop { app, owner, site, mailbox } = world;
    let app = app.crash().await;
    let world = Loop { app, owner, site, mailbox };
    world.app.drain().await;
    let overview = world.owner.get(&world.app, "/api/v1/overview").await.ok();
    assert_eq!(overview["people"], BUYERS + OTHERS, "{overview}");
    assert_eq!(overview["events_total"], BUYERS, "{overview}");
    // The client did not see the answer and sends everything again.
    world.customers().await;
    world.segment().await;
    let events = world.owner.get(&world.app, "/api/v1/events/names").await.ok();
    assert_eq!(events["items"][0]["count"], BUYERS, "{events}");
}

fn app_of(world: Loop) -> TestApp {
    world.app
}

/// A mail server finds out later that the address is dead and hands the returned mail
/// to us, with nothing but the API key of a program.
#[tokio::test]
async fn returned_mail_is_counted_and_its_address_left_alone() {
    let world = Loop::start().await;
    let Loop { app, owner, .. } = &world;
    world.customers().await;
    let segment = world.segment().await;
    let first = world.campaign(&segment["id"]).await;
    owner.post(app, &format!("/api/v1/campaigns/{first}/start"), json!({})).await.ok();
    app.run_jobs().await;
    app.deliver().await;
    let before = world.report(first).await;
    assert_eq!(
        (&before["delivered_by"], &before["delivered"]),
        (&json!("sent_less_bounced"), &before["sent"])
    );

    let mail = world.mails().remove(0);
    let send_id = mail.message_id.trim_matches(['<', '>']).split('@').next().expect("an id").to_owned();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../testdata/returned/postfix-unknown.eml");
    let report = std::fs::read_to_string(path).expect("the sample");
    let report = report.replace("00000000000000000000000000005e4d", &send_id);
    let pipe = app.program(Role::Operator).await;
    for verdict in ["applied", "duplicate"] {
        let mut request = axum::http::Request::post("/api/v1/receipts/mail");
        for (name, value) in &pipe.headers {
            request = request.header(*name, value);
        }
        let request = request.header("content-type", "message/rfc822").body(report.clone().into());
        let answer = app.send(request.expect("a request")).await.ok();
        assert_eq!(answer["items"][0]["verdict"], verdict, "{answer}");
        app.deliver().await;
    }
    let after = world.report(first).await;
    assert_eq!((&after["sent"], &after["bounced"]), (&before["sent"], &json!(1)), "{after}");
    assert_eq!(after["delivered"].as_u64(), before["sent"].as_u64().map(|sent| sent - 1));
    let series = json!([{ "event": "message_bounced", "measure": { "kind": "count" } }]);
    let query = json!({ "kind": "trend", "series": series, "range": { "kind": "last_days", "days": 7 }, "interval": "day" });
    let trend = owner.post(app, "/api/v1/analyses/answer", query).await.ok();
    assert_eq!(trend["result"]["lines"][0]["total"].as_f64(), Some(1.0), "{trend}");

    let next = world.campaign(&segment["id"]).await;
    owner.post(app, &format!("/api/v1/campaigns/{next}/start"), json!({})).await.ok();
    app.run_jobs().await;
    app.deliver().await;
    let again = world.mails().iter().filter(|known| known.to == mail.to).count();
    assert_eq!(again, 1, "{} is dead", mail.to);
}
