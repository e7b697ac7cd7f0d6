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
        let sealed = stored.0["password"].as_str().expect("text");
        assert!(
            siyu_govern::sealing::is_sealed(sealed) && !stored.0.to_string().contains("geheim"),
            "{sealed}"
        );

        let bad = json!({ "host": "h", "port": 0, "security": "tls", "from": "a@example.cn" });
        let (status, answer) =
            town.call(&Viewer::system(PROJECT), "PUT", "/api/v1/channels/email", bad).await;
        assert_eq!((status, &answer["error"]["field"]), (422, &json!("port")));
        let operator = Viewer::new(Actor::User { id: 1, name: "o".into() }, PROJECT, Role::Operator);
        let (status, _) = town.call(&operator, "PUT", "/api/v1/channels/email", json!({})).await;
        assert_eq!(status, 403);
        let (status, _) = town.call(&Viewer::system(PROJECT), "PUT", "/api/v1/channels/fax", json!({})).await;
        assert_eq!(status, 404);
    })
    .await;
}

/// Settings stored in the clear by an earlier version go on working and are sealed at
/// the next start; without the key they say what to do, and a new secret puts it right.
#[tokio::test]
async fn clear_secrets_are_sealed_and_lost_keys_are_told() {
    databases::both(async |db| {
        let mut town = Town::open(db, 1).await;
        let clear = json!({ "host": "127.0.0.1", "port": town.catcher.address().port(), "security": "none",
            "username": "u", "password": "geheim-2", "from": "a@siyu.test" });
        let mut tx = town.db.begin().await.expect("begins");
        super::store::put(&mut tx, PROJECT, "email", &clear, 1).await.expect("stored");
        tx.commit().await.expect("commits");
        let to = json!({ "to": "boss@example.cn" });
        town.ok("POST", "/api/v1/channels/email/test", to.clone()).await;
        town.restart().await;
        let (stored, version) =
            super::store::get(&town.db, PROJECT, "email").await.expect("read").expect("there");
        assert!(!stored.to_string().contains("geheim"), "{stored}");
        assert_eq!(town.engage.channels.seal_again().await.expect("works"), 0, "once is enough");
        town.ok("POST", "/api/v1/channels/email/test", to.clone()).await;
        let same = super::store::get(&town.db, PROJECT, "email").await.expect("read").expect("there");
        assert_eq!((same.0, same.1), (stored, version), "reading changes nothing");

        let lost = super::Channels::new(
            town.db.clone(),
            std::sync::Arc::new(
                siyu_govern::sealing::Keyring::unkept(rand::SeedableRng::seed_from_u64(99)).expect("made"),
            ),
            Default::default(),
        );
        let error = lost.open(PROJECT, "email").await.err().expect("no key");
        assert_eq!(error.code, siyu_types::error::ErrorCode::SecretUnreadable);
        assert_eq!(lost.seal_again().await.expect("works"), 0);
        let kind = siyu_connect::channels::kind("email").expect("known");
        assert!(!lost.shown(PROJECT, kind).await.expect("read").expect("there").1);
        // Changing the port needs the password again; with it everything works.
        for (password, works) in [(None, false), (Some("geheim-3"), true)] {
            let mut fresh = clear.clone();
            let fields = fresh.as_object_mut().expect("an object");
            fields.remove("password");
            fields.extend(password.map(|password| ("password".to_owned(), json!(password))));
            let mut tx = town.db.begin().await.expect("begins");
            let set = lost.set(&mut tx, PROJECT, "email", fresh, 2).await;
            assert_eq!(set.is_ok(), works, "{set:?}");
            if works {
                tx.commit().await.expect("commits");
            }
        }
        assert!(lost.open(PROJECT, "email").await.is_ok());
        assert!(lost.shown(PROJECT, kind).await.expect("read").expect("there").1);
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
