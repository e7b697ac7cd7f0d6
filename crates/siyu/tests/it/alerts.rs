//! Alerts over the whole app: the job that looks, and what is done with what it finds.

use serde_json::{Value, json};
use siyu_connect::mail_catcher::{Fault, FaultRule, MailCatcher, ParsedMail};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::shop::Shop;

const NOW: i64 = 1_795_248_000_000;
const HOUR: i64 = 3_600_000;

fn alert(event: &str) -> Value {
    json!({
        "name": "昨天的支付", "measure": "number",
        "cell": {"kind": "trend",
            "query": {"series": [{"event": event, "filters": [], "measure": {"kind": "sum", "property": "amount_minor"}}],
                "range": {"kind": "last_days", "days": 7}, "interval": "day"},
            "cell": {"series": 0, "bucket": "2026-11-20", "group": {"kind": "whole"}}},
        "rule": {"kind": "above", "number": 1_000.0}, "rhythm": {"kind": "daily", "hour": 8},
    })
}

#[tokio::test]
async fn the_job_looks_when_its_time_has_come() {
    let shop = Shop::start().await;
    shop.collect(json!([paid("o1", 900)])).await;
    let made = shop.owner.post(&shop.app, "/api/v1/alerts", alert("order_paid")).await.ok();
    assert_eq!((&made["found"]["state"], &made["found"]["value"]), (&json!("ok"), &json!(0.0)), "{made}");
    shop.collect(json!([paid("o2", 400)])).await;
    let open = async || shop.get("/api/v1/alerts?open=true").await["items"].as_array().map_or(0, Vec::len);
    shop.app.run_jobs().await;
    assert_eq!(open().await, 0, "the day is not over");

    // It is four o'clock in Shanghai: eight o'clock of the next day is sixteen hours later.
    assert_eq!(made["next_at"], json!("2026-11-22T00:00:00.000Z"));
    let due = NOW + 16 * HOUR;
    shop.app.clock.set(due - HOUR);
    shop.app.run_jobs().await;
    assert_eq!(open().await, 0, "nobody looks before its time");
    shop.app.clock.set(due + 5 * 60_000);
    shop.app.run_jobs().await;
    assert_eq!(open().await, 1);
    let detail = shop.get(&format!("/api/v1/alerts/{}", made["id"])).await;
    assert_eq!(detail["alert"]["found"]["value"], json!(1_300.0), "{detail}");
    let audit = shop.get("/api/v1/audit?limit=50").await.to_string();
    assert!(audit.contains("alerts.create") && audit.contains("alerts.fires"), "{audit}");
    assert!(!audit.contains("alerts.ends"), "{audit}");
}

#[tokio::test]
async fn a_tag_that_an_alert_asks_for_stays() {
    let shop = Shop::start().await;
    shop.collect(json!([
        {"type": "track", "id": "e1", "login": "u1", "event": "page_view", "properties": {}},
    ]))
    .await;
    let condition = json!({"kind": "all", "of": []});
    let segment = json!({"name": "所有人", "condition": condition});
    let segment = shop.owner.post(&shop.app, "/api/v1/segments", segment).await.ok();
    let mut body = alert("page_view");
    body["cell"]["query"]["series"][0]["measure"] = json!({"kind": "count"});
    body["cell"]["query"]["segment"] = segment["id"].clone();
    let made = shop.owner.post(&shop.app, "/api/v1/alerts", body).await.ok();
    let path = format!("/api/v1/segments/{}", segment["id"]);
    let refused = shop.owner.delete(&shop.app, &path).await;
    assert_eq!((refused.status, refused.code()), (409, "in_use"), "{}", refused.body);
    assert!(refused.body.to_string().contains("昨天的支付"), "{}", refused.body);
    shop.owner.delete(&shop.app, &format!("/api/v1/alerts/{}", made["id"])).await;
    assert_eq!(shop.owner.delete(&shop.app, &path).await.status, 204);
}

/// A shop whose messages arrive somewhere, and an alert that is due the next morning.
struct Told {
    shop: Shop,
    mailbox: MailCatcher,
    id: Value,
}

impl Told {
    /// The alert fires where the day's payments are above 1,000.
    async fn start(tell: Value) -> Told {
        let shop = Shop::start().await;
        let mailbox =
            MailCatcher::start("127.0.0.1:0".parse().expect("an address"), None).await.expect("listens");
        let mail = json!({"host": "127.0.0.1", "port": mailbox.address().port(), "security": "none",
            "from": "咖啡 <news@example.com>"});
        shop.owner.put(&shop.app, "/api/v1/channels/email", mail).await.ok();
        let hook = json!({ "secret": "sixteen-letters!" });
        shop.owner.put(&shop.app, "/api/v1/channels/webhook", hook).await.ok();
        shop.collect(json!([paid("o1", 1_300)])).await;
        let mut body = alert("order_paid");
        body["tell"] = tell;
        let made = shop.owner.post(&shop.app, "/api/v1/alerts", body).await.ok();
        assert_eq!(made["found"]["state"], "ok", "{made}");
        Told { shop, mailbox, id: made["id"].clone() }
    }

    /// Eight o'clock of so many days later, and a look.
    async fn morning(&self, day: i64) {
        self.shop.app.clock.set(NOW + (day * 24 - 8) * HOUR + 5 * 60_000);
        self.shop.app.run_jobs().await;
    }

    /// The tellings of the latest change.
    async fn latest(&self) -> Value {
        self.shop.get(&format!("/api/v1/alerts/{}", self.id)).await["changes"][0]["tellings"].clone()
    }

    fn mails_to(&self, address: &str) -> Vec<ParsedMail> {
        let all = self.mailbox.mails();
        let parsed = all.iter().filter_map(|mail| self.mailbox.parsed(mail.id));
        parsed.filter(|mail| mail.to == address).collect()
    }

    fn refuse(&self, code: u16, words: &str, times: u32) {
        let fault = Fault::RefuseRecipient { code, words: words.to_owned() };
        self.mailbox.inject(FaultRule { to: None, fault, times: Some(times) });
    }
}

fn paid(id: &str, amount: u64) -> Value {
    json!({"type": "track", "id": id, "login": "u1", "event": "order_paid",
        "properties": {"order_id": id, "amount_minor": amount}})
}

fn mail_to(address: &str) -> Value {
    json!({"kind": "email", "to": address})
}

/// Takes one call after the other, answers these, and gives back the heads and bodies.
async fn receiver(statuses: &'static [u16]) -> (String, tokio::task::JoinHandle<Vec<(String, Value)>>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("binds");
    let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
    let served = tokio::spawn(async move {
        let mut calls = Vec::new();
        for status in statuses {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let (mut asked, mut buffer) = (Vec::new(), [0; 4_096]);
            let call = loop {
                let read = stream.read(&mut buffer).await.expect("readable");
                asked.extend_from_slice(&buffer[..read]);
                let text = String::from_utf8_lossy(&asked).into_owned();
                let parts = text.split_once("\r\n\r\n");
                let whole = parts.and_then(|(head, body)| {
                    Some((head.to_owned(), serde_json::from_str::<Value>(body).ok()?))
                });
                if let Some(call) = whole {
                    break call;
                }
            };
            calls.push(call);
            let answer = format!("HTTP/1.1 {status} x\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            stream.write_all(answer.as_bytes()).await.expect("writable");
        }
        calls
    });
    (url, served)
}

#[tokio::test]
async fn everybody_is_told_once_when_it_begins_and_once_when_it_ends() {
    let (url, served) = receiver(&[200, 204]).await;
    let hook = json!({"kind": "webhook", "url": url});
    let told = Told::start(json!([mail_to("ops@shop.example"), mail_to("boss@shop.example"), hook])).await;
    assert_eq!(told.mailbox.count(), 0, "nobody is told that all is well");
    told.morning(1).await;
    let latest = told.latest().await;
    let outcomes: Vec<_> = latest.as_array().expect("tellings").iter().map(|one| &one["outcome"]).collect();
    assert_eq!(outcomes, ["sent", "sent", "sent"], "{latest}");
    assert_eq!((&latest[2]["receiver"]["url"], &latest[2]["code"]), (&json!(url), &Value::Null));
    for address in ["ops@shop.example", "boss@shop.example"] {
        assert_eq!(told.mails_to(address).len(), 1, "{address}");
    }
    let mail = told.mails_to("ops@shop.example").remove(0);
    assert_eq!(mail.subject, "[咖啡] 开始预警 · Began to fire: 昨天的支付");
    let text = mail.text.expect("a text");
    for said in [
        "数值：CNY 13.00",
        "Rule: value above CNY 10.00",
        "Since: 2026-11-22 08:05 (Asia/Shanghai)",
        &format!("/alerts?alert={}", told.id),
    ] {
        assert!(text.contains(said), "{said} in {text}");
    }
    assert!(!text.contains("order_paid"), "the question stays in the house: {text}");
    assert!(mail.html.expect("HTML").contains("<a href="));

    // Looks that find the same tell nobody, nor does a start after a power cut.
    let Told { shop, mailbox, id } = told;
    let Shop { app, owner, site } = shop;
    let app = app.crash().await;
    let told = Told { shop: Shop { app, owner, site }, mailbox, id };
    told.shop.app.app.parts.alerts.check(told.shop.app.project).await.expect("looks");
    told.shop.app.run_jobs().await;
    assert_eq!(told.mailbox.count(), 2);

    // The day after nobody paid anything. Two look at the same time.
    told.shop.app.clock.set(NOW + 40 * HOUR + 5 * 60_000);
    let look = || told.shop.app.app.parts.alerts.check(told.shop.app.project);
    let (one, other) = tokio::join!(look(), look());
    one.and(other).expect("look");
    told.shop.app.run_jobs().await;
    assert_eq!(told.mailbox.count(), 4, "{}", told.latest().await);
    assert_eq!(told.mails_to("ops@shop.example")[0].subject, "[咖啡] 恢复正常 · OK again: 昨天的支付");
    told.morning(3).await;
    assert_eq!(told.mailbox.count(), 4, "it is as well as before");

    let calls = served.await.expect("served");
    let (head, body) = &calls[0];
    assert!(head.starts_with("POST /hook ") && head.contains("x-siyu-signature: t="), "{head}");
    assert_eq!((&body["alert"], &body["state"]), (&told.id, &json!("firing")), "{body}");
    assert_eq!((&body["value"], &body["rule"]["number"]), (&json!(1_300.0), &json!(1_000.0)));
    assert_eq!((&body["since"], &body["test"]), (&json!("2026-11-22T00:05:00.000Z"), &json!(false)));
    assert_eq!((&calls[1].1["state"], &calls[1].1["value"]), (&json!("ok"), &json!(0.0)));
    let key = |(head, _): &(String, Value)| {
        head.lines().find_map(|line| line.strip_prefix("idempotency-key: ")).map(str::to_owned)
    };
    assert!(key(&calls[0]).is_some() && key(&calls[0]) != key(&calls[1]), "every change has its own");
}

#[tokio::test]
async fn what_became_of_telling_is_kept() {
    let told = Told::start(json!([mail_to("ops@shop.example")])).await;
    told.refuse(451, "4.7.1 try later", 2);
    told.morning(1).await;
    let waits = told.latest().await;
    assert_eq!((&waits[0]["outcome"], &waits[0]["code"]), (&json!("queued"), &json!("provider_refused")));
    assert!(waits[0]["reason"].as_str().expect("words").contains("try later"), "{waits}");
    for _ in 0..3 {
        told.shop.app.clock.advance(60_000);
        told.shop.app.run_jobs().await;
    }
    let sent = told.latest().await;
    assert_eq!((&sent[0]["outcome"], &sent[0]["code"]), (&json!("sent"), &Value::Null), "{sent}");
    assert_eq!(told.mailbox.count(), 1);

    told.refuse(550, "5.1.1 nobody <ops@shop.example>", 1);
    told.morning(2).await;
    let refused = told.latest().await;
    assert_eq!((&refused[0]["outcome"], &refused[0]["code"]), (&json!("failed"), &json!("provider_refused")));
    assert!(refused[0]["reason"].as_str().expect("words").contains("5.1.1"), "{refused}");
    told.shop.app.clock.advance(HOUR);
    told.shop.app.run_jobs().await;
    assert_eq!(
        (told.mailbox.count(), told.latest().await),
        (1, refused),
        "what was refused is not tried again"
    );

    // Everything was handed over, and no answer came: it may have arrived.
    let fault = Fault::DropAfterData;
    told.mailbox.inject(FaultRule { to: None, fault, times: Some(1) });
    told.shop.collect(json!([paid("o3", 5_000)])).await;
    told.morning(3).await;
    told.shop.app.clock.advance(HOUR);
    told.shop.app.run_jobs().await;
    let unknown = told.latest().await;
    assert_eq!(unknown[0]["outcome"], "unknown", "{unknown}");
    assert_eq!(told.mails_to("ops@shop.example").len(), 2, "never twice");
}

#[tokio::test]
async fn receivers_are_checked_and_tried_out() {
    let told = Told::start(json!([])).await;
    let (owner, app) = (&told.shop.owner, &told.shop.app);
    let path = format!("/api/v1/alerts/{}", told.id);
    let hook = |url: &str| json!({"kind": "webhook", "url": url});
    for (receiver, code, field) in [
        (mail_to("ops"), "invalid_input", "tell[0].to"),
        (hook("somewhere"), "invalid_input", "tell[0].url"),
        (hook("ftp://shop.example/x"), "forbidden_address", "tell[0].url"),
        (hook("http://169.254.169.254/latest"), "forbidden_address", "tell[0].url"),
    ] {
        let answer = owner.patch(app, &path, json!({ "tell": [receiver] })).await;
        assert_eq!((answer.status, answer.code()), (422, code), "{}", answer.body);
        assert_eq!(answer.body["error"]["field"], field, "{}", answer.body);
    }
    let (url, served) = receiver(&[404]).await;
    let tell = json!([mail_to("ops@shop.example"), hook(&url)]);
    owner.patch(app, &path, json!({ "tell": tell })).await.ok();
    let tried = owner.post(app, &format!("{path}/tell"), json!({})).await.ok();
    let outcome = |at: usize| (&tried["items"][at]["outcome"], &tried["items"][at]["code"]);
    assert_eq!(outcome(0), (&json!("sent"), &Value::Null), "{tried}");
    assert_eq!(outcome(1), (&json!("failed"), &json!("provider_refused")), "{tried}");
    assert_eq!(served.await.expect("served")[0].1["test"], true);
    assert!(told.mails_to("ops@shop.example")[0].subject.contains("试发"));
    let audit = told.shop.get("/api/v1/audit?limit=50").await.to_string();
    assert!(audit.contains("alerts.test") && !audit.contains("ops@shop.example"), "{audit}");

    let bare = Shop::start().await;
    let mut body = alert("order_paid");
    bare.collect(json!([paid("o1", 1)])).await;
    body["tell"] = json!([mail_to("ops@shop.example")]);
    let refused = bare.owner.post(&bare.app, "/api/v1/alerts", body).await;
    assert_eq!((refused.status, refused.code()), (409, "channel_not_configured"), "{}", refused.body);
    assert_eq!(refused.body["error"]["field"], "tell[0].to");
}
