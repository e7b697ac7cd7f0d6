//! What a person is told of their messages, and why they got one or not.

use serde_json::json;
use siyu_audience::rights::{Keeper, Subject};
use siyu_testkit::databases;
use siyu_types::{Identifier, PersonNo};

use crate::testing::{PROJECT, Town, content};

fn subject(person: u32) -> Subject {
    Subject {
        project: PROJECT,
        person: PersonNo(person),
        numbers: vec![person],
        identifiers: vec![Identifier::new("email", format!("p{person}@example.cn"))],
    }
}

#[tokio::test]
async fn messages_lists_and_decisions_are_told() {
    databases::both(async |db| {
        let town = Town::open(db, 3).await;
        let entry = json!({ "channel": "email", "person": 2, "reason": "manual" });
        town.ok("POST", "/api/v1/suppressions", entry).await;
        let campaign = town.draft(content(), 0.0, None).await;
        town.start(campaign).await;
        town.engage.delivery.run_due().await.expect("works");
        let mail = town.catcher.mails().into_iter().find(|m| m.to[0] == "p1@example.cn").expect("arrived");
        let html = town.catcher.parsed(mail.id).expect("kept").html.expect("has HTML");
        let at = html.find("https://siyu.test/t/o/").expect("a pixel");
        let pixel = html[at..at + html[at..].find('"').expect("ends")].to_owned();
        town.visit("GET", &pixel, "Mozilla/5.0 phone").await;

        let kept = town.engage.kept(&subject(1)).await.expect("is told");
        let area = |name: &str| kept.iter().find(|area| area.name == name).expect("is there");
        let message = &area("messages").items[0];
        assert_eq!(
            (&message["campaign"], &message["state"]),
            (&json!("秋季上新"), &json!("sent")),
            "{message}"
        );
        assert!(message["reactions"]["opened"].is_string(), "{message}");
        assert!(area("lists").items.is_empty());
        let decided = town.engage.decided(&subject(1)).await.expect("is told");
        assert_eq!((decided[0].outcome.en.as_str(), decided[0].why.en.as_str()), ("sent", "segment 7"));

        let kept = town.engage.kept(&subject(2)).await.expect("is told");
        let lists = kept.iter().find(|area| area.name == "lists").expect("is there");
        assert_eq!(lists.items[0]["reason"], "manual");
        let decided = town.engage.decided(&subject(2)).await.expect("is told");
        assert_eq!(decided[0].facts[0].en, "on the suppression list");
    })
    .await;
}

#[tokio::test]
async fn the_control_group_is_told_why() {
    let database = databases::sqlite().await;
    let town = Town::open(database.db.clone(), 1).await;
    let campaign = town.draft(content(), 50.0, None).await;
    town.start(campaign).await;
    town.engage.delivery.run_due().await.expect("works");
    let decided = town.engage.decided(&subject(0)).await.expect("is told");
    let withheld = town.states(campaign).await.contains_key("withheld");
    let told = decided[0].facts.iter().any(|fact| fact.en.contains("50% were drawn at random"));
    assert_eq!(withheld, told, "{decided:?}");
    assert!(town.engage.decided(&Subject { numbers: vec![9], ..subject(9) }).await.expect("none").is_empty());
}
