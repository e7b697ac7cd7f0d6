//! The catcher's folder survives a restart.

use super::*;
use crate::channels::{Content, EmailContent, Environment, Message, Outcome, kind};

#[tokio::test]
async fn mails_are_kept_over_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let any = SocketAddr::from(([127, 0, 0, 1], 0));
    let catcher = MailCatcher::start(any, Some(folder.path().to_owned())).await.expect("listens");
    let settings = serde_json::json!({
        "host": "127.0.0.1", "port": catcher.address().port(), "security": "none", "from": "a@siyu.test"
    });
    let email = (kind("email").expect("known").open)(&settings, &Environment::default()).expect("valid");
    let content = EmailContent {
        to: "li@example.cn".into(),
        subject: "秋季上新".into(),
        html: "<p>你好</p>\n.\n".into(),
        text: "你好\n.\n..".into(),
        unsubscribe_url: None,
    };
    let message = Message { send_id: "s1".into(), at: 0, content: Content::Email(content) };
    assert_eq!(email.send(&message).await, Outcome::Accepted { provider_id: Some("1".into()) });
    drop(catcher);

    let again = MailCatcher::start(any, Some(folder.path().to_owned())).await.expect("listens");
    let mails = again.mails();
    assert_eq!(mails.len(), 1);
    assert_eq!(mails[0].to, ["li@example.cn"]);
    let parsed = again.parsed(mails[0].id).expect("there");
    assert_eq!(parsed.subject, "秋季上新");
    assert_eq!(parsed.message_id, "<s1@siyu.test>");
    assert_eq!(parsed.date, "Thu, 01 Jan 1970 00:00:00 +0000");
    assert!(parsed.html.expect("has HTML").contains("<p>你好</p>"));
}
