//! The mail channel against a real, faulty server; webhooks against a socket.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::mail_catcher::{Fault, FaultRule, MailCatcher};

const ANY: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(std::net::Ipv4Addr::LOCALHOST), 0);

fn quick() -> Environment {
    let timeouts = Timeouts {
        connect: Duration::from_secs(5),
        command: Duration::from_millis(300),
        data: Duration::from_millis(300),
    };
    Environment { timeouts, allowed: AllowList::new(["127.0.0.1".to_owned()]) }
}

fn mail_to(to: &str, send_id: &str) -> Message {
    let content = EmailContent {
        to: to.to_owned(),
        subject: "你好\r\nBcc: everyone@example.com".to_owned(),
        html: "<p>您的券 <b>已到账</b></p>".to_owned(),
        text: "您的券已到账".to_owned(),
        unsubscribe_url: Some("https://siyu.test/u/abc".to_owned()),
    };
    Message { send_id: send_id.to_owned(), at: 1_700_000_000_000, content: Content::Email(content) }
}

fn open_email(catcher: &MailCatcher) -> Arc<dyn Channel> {
    let settings = json!({
        "host": "127.0.0.1", "port": catcher.address().port(), "security": "none",
        "username": "u", "password": "p", "from": "示例品牌 <news@siyu.test>", "reply_to": "care@siyu.test"
    });
    (email::KIND.open)(&settings, &quick()).expect("valid settings")
}

#[tokio::test]
async fn a_mail_arrives_whole() {
    let catcher = MailCatcher::start(ANY, None).await.expect("listens");
    let channel = open_email(&catcher);
    for send_id in ["s-1", "s-2"] {
        let outcome = channel.send(&mail_to("li@example.cn", send_id)).await;
        assert!(matches!(outcome, Outcome::Accepted { provider_id: Some(_) }), "{outcome:?}");
    }
    let mails = catcher.mails();
    assert_eq!(mails.len(), 2);
    let mail = catcher.parsed(mails[1].id).expect("kept");
    assert_eq!(mail.message_id, "<s-1@siyu.test>");
    assert_eq!(mail.header("list-unsubscribe"), Some("<https://siyu.test/u/abc>"));
    assert_eq!(mail.header("list-unsubscribe-post"), Some("List-Unsubscribe=One-Click"));
    assert_eq!(mail.header("bcc"), None, "a line break must not start a header");
    assert!(mail.subject.starts_with("你好"), "{}", mail.subject);
    assert!(mail.from.contains("示例品牌"), "{}", mail.from);
    assert_eq!(mail.html.as_deref().map(str::trim), Some("<p>您的券 <b>已到账</b></p>"));
    assert_eq!(mail.text.as_deref().map(str::trim), Some("您的券已到账"));
}

#[tokio::test]
async fn every_fault_has_its_outcome() {
    let refuse = |code, words: &str| Fault::RefuseRecipient { code, words: words.to_owned() };
    let reject = |code, words: &str| Fault::RefuseData { code, words: words.to_owned() };
    // fault, outcome, whether the server kept the mail
    let cases = [
        (refuse(550, "5.1.1 unknown"), "dead", 0),
        (refuse(550, "5.7.1 blocked"), "refused", 0),
        (refuse(451, "4.7.1 later"), "provider_refused", 0),
        (reject(554, "spam"), "refused", 0),
        (reject(451, "busy"), "provider_refused", 0),
        (Fault::DropBeforeData, "provider_unreachable", 0),
        (Fault::HangBeforeData, "provider_timeout", 0),
        (Fault::DropAfterData, "unknown", 1),
        (Fault::HangAfterData, "unknown", 1),
    ];
    for (fault, expected, kept) in cases {
        let catcher = MailCatcher::start(ANY, None).await.expect("listens");
        let channel = open_email(&catcher);
        catcher.inject(FaultRule { to: None, fault: fault.clone(), times: Some(1) });
        let word = match channel.send(&mail_to("li@example.cn", "s")).await {
            Outcome::Accepted { .. } => "accepted",
            Outcome::Refused { permanent: true, .. } => "dead",
            Outcome::Refused { permanent: false, .. } => "refused",
            Outcome::Transient { cause, .. } => cause.code().as_str(),
            Outcome::Unknown { .. } => "unknown",
        };
        assert_eq!(word, expected, "{fault:?}");
        assert_eq!(catcher.count(), kept, "{fault:?}");
        let next = channel.send(&mail_to("li@example.cn", "t")).await;
        assert!(matches!(next, Outcome::Accepted { .. }), "after {fault:?}: {next:?}");
    }
}

#[tokio::test]
async fn a_server_that_is_away_is_transient() {
    let catcher = MailCatcher::start(ANY, None).await.expect("listens");
    let channel = open_email(&catcher);
    assert!(matches!(channel.send(&mail_to("a@b.cn", "1")).await, Outcome::Accepted { .. }));
    drop(catcher);
    let outcome = channel.send(&mail_to("a@b.cn", "2")).await;
    assert!(matches!(outcome, Outcome::Transient { cause: Cause::Unreachable, .. }), "{outcome:?}");
}

/// What is on the other side of the port, and how a try there is coded.
#[tokio::test]
async fn why_there_is_no_connection_is_told() {
    // No greeting; a greeting that turns us away; a log-in that is refused.
    let cases: [(&[&str], Cause); 3] = [
        (&[], Cause::Timeout),
        (&["421 4.3.2 closing for tonight"], Cause::Answered),
        (&["220 here", "250-here\r\n250 AUTH PLAIN", "535 5.7.8 wrong password"], Cause::Answered),
    ];
    for (lines, expected) in cases {
        let listener = TcpListener::bind(ANY).await.expect("binds");
        let port = listener.local_addr().expect("bound").port();
        let server = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a caller");
            let mut buffer = [0; 1_024];
            for line in lines {
                stream.write_all(format!("{line}\r\n").as_bytes()).await.expect("writable");
                // The next line answers the next command, or the connection ends.
                let _ = stream.read(&mut buffer).await;
            }
            // Silent until the caller gives up.
            while stream.read(&mut buffer).await.is_ok_and(|read| read > 0) {}
        });
        let settings = json!({ "host": "127.0.0.1", "port": port, "security": "none",
            "username": "u", "password": "p", "from": "news@siyu.test" });
        let limit = Duration::from_millis(300);
        let environment =
            Environment { timeouts: Timeouts { connect: limit, command: limit, data: limit }, ..quick() };
        let channel = (email::KIND.open)(&settings, &environment).expect("valid settings");
        match channel.send(&mail_to("a@b.cn", "1")).await {
            Outcome::Transient { cause, reason } => assert_eq!(cause, expected, "{lines:?}: {reason}"),
            other => panic!("{lines:?}: {other:?}"),
        }
        server.await.expect("served");
    }
}

#[tokio::test]
async fn the_return_path_carries_the_send_where_a_domain_is_set() {
    let catcher = MailCatcher::start(ANY, None).await.expect("listens");
    for (domain, expected) in [(None, "news@siyu.test"), (Some("b.siyu.test"), "bounce+s-1@b.siyu.test")] {
        let settings = json!({ "host": "127.0.0.1", "port": catcher.address().port(), "security": "none",
            "from": "示例品牌 <news@siyu.test>", "bounce_domain": domain });
        let channel = (email::KIND.open)(&settings, &quick()).expect("valid settings");
        let outcome = channel.send(&mail_to("li@example.cn", "s-1")).await;
        assert!(matches!(outcome, Outcome::Accepted { .. }), "{outcome:?}");
        let mail = catcher.mails().remove(0);
        assert_eq!(mail.from, expected);
        let shown = catcher.parsed(mail.id).expect("kept").from;
        assert!(shown.contains("<news@siyu.test>"), "readers see the brand: {shown}");
    }
}

#[test]
fn settings_are_checked() {
    let cases = [
        (json!({"host":"h","port":25,"security":"none","from":"a@b.cn"}), None),
        (json!({"host":"h","port":25,"security":"none","from":"a@b.cn","bounce_domain":"b.cn"}), None),
        (
            json!({"host":"h","port":25,"security":"none","from":"a@b.cn","bounce_domain":"a@b.cn"}),
            Some("bounce_domain"),
        ),
        (json!({"host":"","port":25,"security":"none","from":"a@b.cn"}), Some("host")),
        (json!({"host":"h","port":0,"security":"none","from":"a@b.cn"}), Some("port")),
        (json!({"host":"h","port":25,"security":"none","from":"nobody"}), Some("from")),
        (json!({"host":"h","port":25,"security":"none","from":"a@b.cn","username":"u"}), Some("password")),
        (json!({"host":"h","port":25,"security":"ssl","from":"a@b.cn"}), Some("settings")),
    ];
    for (settings, field) in cases {
        let error = (email::KIND.validate)(&settings).err();
        assert_eq!(error.and_then(|e| e.field).as_deref(), field, "{settings}");
    }
}

#[test]
fn every_kind_is_described() {
    for kind in KINDS {
        (kind.validate)(&(kind.example)()).expect("the example is valid");
        let schema = (kind.schema)();
        for secret in kind.secrets {
            assert!(schema["properties"].get(secret).is_some(), "{} has no {secret}", kind.id);
        }
    }
}

fn hook(url: String) -> Message {
    let body = r#"{"name":"李"}"#.to_owned();
    let content = WebhookContent { url, method: "POST".into(), body };
    Message { send_id: "send-9".into(), at: 1_700_000_000_000, content: Content::Webhook(content) }
}

/// Answers one request with `answer`; returns what it was asked.
async fn serve_once(listener: TcpListener, answer: &'static str) -> String {
    let (mut stream, _) = listener.accept().await.expect("a caller");
    let mut asked = Vec::new();
    let mut buffer = [0; 4_096];
    while !asked.ends_with("}".as_bytes()) {
        let read = stream.read(&mut buffer).await.expect("readable");
        assert_ne!(read, 0, "the request ended early");
        asked.extend_from_slice(&buffer[..read]);
    }
    stream.write_all(answer.as_bytes()).await.expect("writable");
    String::from_utf8(asked).expect("text")
}

#[tokio::test]
async fn a_webhook_is_signed_and_classified() {
    let secret = "sixteen-letters!";
    let channel = (webhook::KIND.open)(&json!({ "secret": secret }), &quick()).expect("valid");
    let ok = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    let moved = "HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n";
    for (answer, accepted) in [(ok, true), (moved, false)] {
        let listener = TcpListener::bind(ANY).await.expect("binds");
        let url = format!("http://{}/hook", listener.local_addr().expect("bound"));
        let server = tokio::spawn(serve_once(listener, answer));
        let outcome = channel.send(&hook(url)).await;
        assert_eq!(matches!(outcome, Outcome::Accepted { .. }), accepted, "{outcome:?}");
        assert!(accepted || matches!(outcome, Outcome::Refused { .. }), "{outcome:?}");
        let asked = server.await.expect("served");
        assert!(asked.contains("idempotency-key: send-9"), "{asked}");
        let signature = sign(secret, 1_700_000_000_000, r#"{"name":"李"}"#);
        assert!(asked.contains(&format!("{SIGNATURE_HEADER}: {signature}")), "{asked}");
    }
}

#[tokio::test]
async fn a_lost_answer_is_unknown_and_a_closed_door_is_transient() {
    let channel = (webhook::KIND.open)(&json!({ "secret": "sixteen-letters!" }), &quick()).expect("valid");
    let listener = TcpListener::bind(ANY).await.expect("binds");
    let url = format!("http://{}/", listener.local_addr().expect("bound"));
    let server = tokio::spawn(serve_once(listener, ""));
    let lost = channel.send(&hook(url.clone())).await;
    assert!(matches!(lost, Outcome::Unknown { .. }), "{lost:?}");
    server.await.expect("served");
    let closed = channel.send(&hook(url)).await;
    assert!(matches!(closed, Outcome::Transient { cause: Cause::Unreachable, .. }), "{closed:?}");
}

#[tokio::test]
async fn private_names_are_not_called() {
    let environment = Environment { allowed: AllowList::default(), ..quick() };
    let channel =
        (webhook::KIND.open)(&json!({ "secret": "sixteen-letters!" }), &environment).expect("valid");
    for url in ["http://localhost:9/", "http://127.0.0.1:9/", "http://[::1]/", "ftp://x/"] {
        let outcome = channel.send(&hook(url.to_owned())).await;
        assert!(matches!(outcome, Outcome::Refused { permanent: false, .. }), "{url}: {outcome:?}");
    }
}
