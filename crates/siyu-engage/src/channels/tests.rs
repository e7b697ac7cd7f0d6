//! Channel settings over the API.

use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::permission::Actor;
use siyu_types::{Role, Viewer};

use crate::testing::{PROJECT, Town};

#[tokio::test]
async fn secrets_go_in_and_never_come_out() {
    databases::both(async |db| {
        let town = Town::open(db, 1).await;
        let put = json!({ "host": "mail.example.cn", "port": 465, "security": "tls", "username": "u",
            "password": "geheim-1", "from": "a@example.cn", "reply_to": "" });
        let answer = town.ok("PUT", "/api/v1/channels/email", put).await;
        assert_eq!(answer["settings"]["password_set"], true);
        // What was shown can be sent back; the password stays.
        let mut shown = answer["settings"].clone();
        shown["port"] = json!(587);
        let answer = town.ok("PUT", "/api/v1/channels/email", shown).await;
        assert_eq!(
            (&answer["settings"]["port"], &answer["settings"]["password_set"]),
            (&json!(587), &json!(true))
        );
        let list = town.ok("GET", "/api/v1/channels", Json::Null).await;
        assert!(!list.to_string().contains("geheim"), "{list}");
        assert_eq!(list["items"][1]["id"], "webhook");
        assert_eq!(list["items"][1]["configured"], false);
        let stored = super::store::get(&town.db, PROJECT, "email").await.expect("read").expect("there");
        assert_eq!(stored.0["password"], "geheim-1");

        let bad = json!({ "host": "h", "port": 0, "security": "tls", "from": "a@example.cn" });
        let (status, answer) =
            town.call(&Viewer::system(PROJECT), "PUT", "/api/v1/channels/email", bad).await;
        assert_eq!((status, &answer["error"]["field"]), (422, &json!("port")));
        let operator =
            Viewer { actor: Actor::User { id: 1, name: "o".into() }, project: PROJECT, role: Role::Operator };
        let (status, _) = town.call(&operator, "PUT", "/api/v1/channels/email", json!({})).await;
        assert_eq!(status, 403);
        let (status, _) = town.call(&Viewer::system(PROJECT), "PUT", "/api/v1/channels/fax", json!({})).await;
        assert_eq!(status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_test_mail_says_what_the_server_said() {
    let database = databases::sqlite().await;
    let town = Town::open(database.db.clone(), 1).await;
    let to = json!({ "to": "boss@example.cn" });
    let answer = town.ok("POST", "/api/v1/channels/email/test", to.clone()).await;
    assert!(answer["provider_id"].is_string(), "{answer}");
    assert_eq!(town.mails()["boss@example.cn"], 1);
    let fault =
        siyu_connect::mail_catcher::Fault::RefuseRecipient { code: 550, words: "5.1.1 nobody".into() };
    town.catcher.inject(siyu_connect::mail_catcher::FaultRule { to: None, fault, times: Some(1) });
    let (status, answer) =
        town.call(&Viewer::system(PROJECT), "POST", "/api/v1/channels/email/test", to).await;
    assert_eq!((status, &answer["error"]["code"]), (502, &json!("provider_refused")));
    assert!(answer["error"]["params"]["reason"].as_str().expect("told").contains("nobody"), "{answer}");
}
