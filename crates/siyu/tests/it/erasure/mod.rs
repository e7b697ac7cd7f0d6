//! Erasing somebody who came in by every door, was merged, tagged, listed, written to, noted
//! and set aside; then every byte that is kept is searched for them. Everybody else is exactly
//! as before, and what arrives late is dropped.

pub mod scene;

use std::collections::BTreeMap;

use axum::http::StatusCode;
use serde_json::{Value, json};
use siyu_types::Role;

use scene::{NEEDLES, Scene};
use siyu_testkit::search::{found, must_be_in};

use crate::unsealed::unsealed;

/// Where there is something of her before, each by what the others do not cover.
const PLACES: &[(&str, &[&str])] = &[
    (
        "zoe-7731",
        &[
            "/log/",
            "/events/",
            "/people/nodes",
            "/plan/quarantine/",
            "/live/",
            "unassigned/",
            "uploads/",
            "copies/",
        ],
    ),
    ("13877317731", &["/log/", "/people/nodes"]),
    ("zoe7731@example.net", &["/log/", "/people/nodes"]),
    ("d-7731-9f3c2a", &["/log/", "/events/", "/people/nodes"]),
    ("MARKZQ7731", &["/log/", "/events/", "/people/texts", "/plan/quarantine/", "/live/"]),
];

/// Where her words stand in the data folder, opened with the key as well.
async fn anywhere(scene: &Scene) -> BTreeMap<String, Vec<String>> {
    let opened = unsealed(&scene.app).await;
    found(opened.path(), NEEDLES)
}

#[tokio::test]
async fn an_erased_person_is_nowhere() {
    is_nowhere("nothing").await;
}

/// The same where everything is sealed: nothing is found with the key either.
#[tokio::test]
async fn an_erased_person_is_nowhere_in_what_is_sealed_with_aes() {
    is_nowhere("aes-256-gcm").await;
}

#[tokio::test]
async fn an_erased_person_is_nowhere_in_what_is_sealed_with_sm4() {
    is_nowhere("sm4").await;
}

async fn is_nowhere(with: &str) {
    let scene = Scene::start_sealing(with).await;
    let before = scene.others().await;
    scene.checkpoint().await;
    if with != "nothing" {
        let there = found(scene.app.folder(), NEEDLES);
        assert!(there.is_empty(), "sealed with {with}: {there:?}");
    }
    let there = anywhere(&scene).await;
    for (needle, places) in PLACES {
        must_be_in(&there, needle, places);
    }
    if scene.embedded() {
        must_be_in(&there, "MARKZQ7731", &["siyu.db"]);
    }

    let id = scene.erase().await;
    // At once, before any job has run.
    scene.is_nobody().await;
    assert_eq!(scene.others().await, before, "others, at once");
    scene.app.run_jobs().await;
    let done = scene.owner.get(&scene.app, &format!("/api/v1/erasures/{id}")).await.ok();
    assert_eq!(done["state"], "done", "{done}");
    scene.is_certified(id).await;
    scene.is_unrelated().await;
    scene.is_nobody().await;
    assert_eq!(scene.others().await, before, "others, when it is done");
    let left = anywhere(&scene).await;
    assert!(left.is_empty(), "{left:?}");

    // Over a restart, and over one without a checkpoint.
    let scene = scene.restart().await;
    assert_eq!(scene.others().await, before, "others, after a restart");
    scene.is_unrelated().await;
    let scene = scene.crash().await;
    scene.is_nobody().await;
    assert_eq!(scene.others().await, before, "others, after a crash");

    // What was on its way, and files from before.
    let applied = scene.late().await;
    assert_eq!(applied, ["bob"], "of what came late only his is kept");
    scene.is_unrelated().await;
    scene.is_nobody().await;
    let scene = scene.restart().await;
    let left = anywhere(&scene).await;
    assert!(left.is_empty(), "{left:?}");
    let broken = siyu_govern::audit::verify(&scene.app.app.parts.db, scene.app.project).await.expect("reads");
    assert_eq!(broken, None, "the audit still holds");

    // Somebody with the same log-in, later, is somebody else.
    scene.app.clock.advance(60_000);
    let again = json!([{"type": "track", "id": "again", "login": "zoe-7731", "event": "came_back"}]);
    scene.collect(again).await;
    let person = scene.find("zoe-7731").await.expect("a new person");
    let seen = scene.owner.get(&scene.app, &format!("/api/v1/people/{person}")).await.ok();
    assert_eq!((&seen["stats"]["events"], &seen["attributes"]), (&json!(1), &json!({})), "{seen}");
    assert!(!scene.numbers.contains(&person), "no number is given twice");
    assert_eq!(seen["identifiers"].as_array().map(Vec::len), Some(1), "{seen}");
}

#[tokio::test]
async fn an_erasure_that_died_between_its_steps_goes_on() {
    let scene = Scene::start().await;
    let before = scene.others().await;
    let id = scene.erase().await;
    // The order is in the log, the state of the pipeline is not on the disk yet.
    let scene = scene.crash().await;
    scene.is_nobody().await;
    scene.app.app.parts.jobs.recover().await.expect("recovers");
    scene.app.run_jobs().await;
    let done = scene.owner.get(&scene.app, &format!("/api/v1/erasures/{id}")).await.ok();
    assert_eq!(done["state"], "done", "{done}");
    let scene = scene.crash().await;
    assert_eq!(scene.others().await, before);
    let left = found(scene.app.folder(), NEEDLES);
    assert!(left.is_empty(), "{left:?}");
}

#[tokio::test]
async fn a_running_campaign_does_not_write_to_somebody_who_was_erased() {
    let scene = Scene::start().await;
    let campaign = scene.campaign_to_all("第二封").await;
    scene.owner.post(&scene.app, &format!("/api/v1/campaigns/{campaign}/start"), json!({})).await.ok();
    scene.erase().await;
    scene.app.run_jobs().await;
    scene.app.deliver().await;
    // By its subject: a mail of the first campaign may still be on its way.
    let mails = scene.mailbox.mails();
    let parsed = mails.iter().filter_map(|mail| scene.mailbox.parsed(mail.id));
    let sent: Vec<String> = parsed.filter(|mail| mail.subject == "第二封").map(|mail| mail.to).collect();
    assert!(!sent.is_empty(), "the others get it");
    assert!(!sent.iter().any(|to| to.contains("zoe7731")), "{sent:?}");
    let report = scene.owner.get(&scene.app, &format!("/api/v1/campaigns/{campaign}/report")).await.ok();
    assert!(report.to_string().contains("gone"), "{report}");
}

#[tokio::test]
async fn only_who_may_can_erase_and_a_reason_names_nobody() {
    let scene = Scene::start().await;
    let path = format!("/api/v1/people/{}/erasure", scene.zoe);
    let operator = scene.app.user(Role::Operator).await;
    operator
        .post(&scene.app, &path, json!({"reason": "x"}))
        .await
        .refused(StatusCode::FORBIDDEN, "forbidden");
    let cases: [(Value, u16, &str); 4] = [
        (json!({"reason": " "}), 422, "invalid_input"),
        (json!({"reason": "zoe-7731 called"}), 422, "invalid_input"),
        (json!({"reason": "x", "request_id": 99}), 404, "not_found"),
        (json!({"reason": "x", "request_id": scene.other_request}), 422, "invalid_input"),
    ];
    for (body, status, code) in cases {
        let answer = scene.owner.post(&scene.app, &path, body.clone()).await;
        assert_eq!((answer.status, answer.code()), (status, code), "{body}");
    }
    let id = scene.erase().await;
    let early = scene.owner.get(&scene.app, &format!("/api/v1/erasures/{id}/certificate")).await;
    early.refused(StatusCode::CONFLICT, "wrong_state");
    let twice = scene.owner.post(&scene.app, &path, json!({"reason": "x"})).await;
    twice.refused(StatusCode::NOT_FOUND, "not_found");
}
