//! Notes: whose they are, what of them is shown, and that they follow people.

use serde_json::{Value as Json, json};
use siyu_testkit::databases;
use siyu_types::Role::{Analyst, Operator, Viewer as Looker};
use siyu_types::permission::Actor;
use siyu_types::record::Evidence;
use siyu_types::{PersonNo, Viewer};

use super::{rules, store};
use crate::testing::{Setup, ids_of};

#[tokio::test]
async fn stored_notes_on_both_databases() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let viewer = setup.viewer(Operator);
        let mut tx = db.begin().await.expect("begins");
        for (person, text) in [(1, "一"), (2, "二"), (3, "三")] {
            store::insert(&mut tx, &viewer, PersonNo(person), text, person == 2, i64::from(person))
                .await
                .expect("inserts");
        }
        tx.commit().await.expect("commits");
        let project = viewer.project;
        let found = store::of_numbers(&db, project, &[1, 2], 10).await.expect("reads");
        let texts: Vec<_> =
            found.iter().map(|note| (note.text.as_str(), note.pinned, note.person.0)).collect();
        assert_eq!(texts, [("二", true, 2), ("一", false, 1)]);
        let mut note = found[0].clone();
        (note.text, note.pinned, note.edited_at) = ("改".to_owned(), false, Some(9));
        let mut tx = db.begin().await.expect("begins");
        store::update(&mut tx, project, &note).await.expect("updates");
        store::delete(&mut tx, project, found[1].id).await.expect("deletes");
        tx.commit().await.expect("commits");
        assert_eq!(store::of_numbers(&db, project, &[1, 2], 10).await.expect("reads"), [note]);
    })
    .await;
}

fn texts(page: &Json) -> Vec<&str> {
    page["items"].as_array().expect("notes").iter().map(|note| note["text"].as_str().expect("text")).collect()
}

#[tokio::test]
async fn notes_follow_people_through_merges_and_splits() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    setup.person("device:d-phone-1", json!({}));
    setup.person("login:alice", json!({}));
    for (person, text, pinned) in
        [(0, "在网站上问过茶具", false), (1, "生日送过券", true), (1, "不喜欢电话", false)]
    {
        let path = format!("/people/{person}/notes");
        let (status, note) =
            setup.call(Operator, "POST", &path, json!({ "text": text, "pinned": pinned })).await;
        assert_eq!((status, &note["mine"], &note["author"]), (201, &json!(true), &json!("test")));
    }
    let both = ids_of("login:alice device:d-phone-1");
    setup.project.people.write().identify(&both, Evidence::Strong, "test", 1);
    let (_, page) = setup.call(Looker, "GET", "/people/1/notes", json!(null)).await;
    assert_eq!(texts(&page), ["生日送过券", "不喜欢电话", "在网站上问过茶具"], "pinned ones first");
    setup.project.people.write().unlink(&both, "test", 2);
    let (_, page) = setup.call(Looker, "GET", "/people/0/notes", json!(null)).await;
    assert_eq!(texts(&page), ["在网站上问过茶具"]);
    let actions = setup.audit_actions().await;
    assert_eq!(actions.iter().filter(|action| *action == "notes.write").count(), 3);
}

#[tokio::test]
async fn only_the_author_changes_and_deletes() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    setup.person("login:alice", json!({}));
    setup.person("login:bob", json!({}));
    let (_, note) = setup.call(Operator, "POST", "/people/0/notes", json!({ "text": "  a  " })).await;
    let path = format!("/people/0/notes/{}", note["id"]);
    assert_eq!(note["text"], "a", "trimmed");
    let other = Viewer { actor: Actor::User { id: 2, name: "other".to_owned() }, ..setup.viewer(Analyst) };
    let change =
        |text: Option<&str>, pinned| super::model::NoteChange { text: text.map(str::to_owned), pinned };
    let id = note["id"].as_i64().expect("a number");
    let refused =
        super::change(&setup.audience, &other, 0, id, change(Some("b"), None)).await.expect_err("not theirs");
    assert_eq!(refused.code, siyu_types::ErrorCode::NotAuthor);
    assert!(super::remove(&setup.audience, &other, 0, id).await.is_err());
    assert!(
        super::change(&setup.audience, &other, 0, id, change(None, Some(true))).await.expect("pins").pinned
    );
    // Of another person it is not there; a viewer writes none.
    assert_eq!(
        setup.call(Operator, "PATCH", &format!("/people/1/notes/{id}"), json!({ "text": "b" })).await.0,
        404
    );
    assert_eq!(setup.call(Looker, "POST", "/people/0/notes", json!({ "text": "b" })).await.0, 403);
    let (_, changed) = setup.call(Operator, "PATCH", &path, json!({ "text": "b" })).await;
    assert_eq!((&changed["text"], &changed["pinned"]), (&json!("b"), &json!(true)));
    assert!(changed["edited_at"].is_string());
    for text in ["", "  ", &"长".repeat(rules::TEXT_CHARS_MAX + 1)] {
        assert_eq!(setup.call(Operator, "PATCH", &path, json!({ "text": text })).await.0, 422);
    }
    assert_eq!(setup.call(Operator, "DELETE", &path, json!(null)).await.0, 204);
    assert_eq!(setup.call(Operator, "DELETE", &path, json!(null)).await.0, 404);
}

#[tokio::test]
async fn what_was_written_down_is_masked_too() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    let cases = [
        ("打13800138000找她", "打138****8000找她"),
        ("mail wang@example.com, 订单 20261", "mail w**@example.com, 订单 20261"),
        // Eight digits, but not in a row.
        ("2026-11-20 到店", "2026-11-20 到店"),
        ("没有", "没有"),
        // Names cannot be told by their look, but whose page it is is known.
        ("王小明喜欢拿铁", "王**喜欢拿铁"),
    ];
    let own = [("王小明".to_owned(), "王**".to_owned())];
    for (text, masked) in cases {
        assert_eq!(rules::shown(&setup.viewer(Operator), text, &own), text);
        assert_eq!(rules::shown(&setup.viewer(Looker), text, &own), masked);
    }
}
