//! Delivery against a faulty world: tables of outcomes, faults of the mail
//! server, and a crash at every step.

use std::collections::BTreeMap;

use siyu_connect::Outcome;
use siyu_connect::channels::Cause;
use siyu_connect::mail_catcher::{Fault, FaultRule};
use siyu_db::Db;
use siyu_testkit::databases;
use siyu_types::ProjectId;

use super::rules::{ATTEMPTS_MAX, after, arm, send_id};
use super::turn::CALLS_MAX;
use super::*;
use crate::campaigns::{CampaignState, Move, store as campaigns};
use crate::protection::Cap;
use crate::testing::{PROJECT, SEGMENT, Town, content};

fn counts(states: &[(&str, usize)]) -> BTreeMap<String, usize> {
    states.iter().map(|(state, count)| ((*state).to_owned(), *count)).collect()
}

#[test]
fn outcomes_lead_to_states() {
    let accepted = || Outcome::Accepted { provider_id: Some("q1".into()) };
    let refused = |permanent| Outcome::Refused { permanent, reason: "no".into() };
    let transient = || Outcome::Transient { cause: Cause::Answered, reason: "later".into() };
    let unknown = || Outcome::Unknown { reason: "lost".into() };
    // outcome, attempt, repeatable → state, minutes until the next try, bounced, released
    let cases = [
        (accepted(), 1, false, SendState::Sent, 0, false, false),
        (refused(true), 1, false, SendState::Failed, 0, true, true),
        (refused(false), 1, false, SendState::Failed, 0, false, true),
        (transient(), 1, false, SendState::Pending, 1, false, true),
        (transient(), 2, false, SendState::Pending, 5, false, true),
        (transient(), 4, false, SendState::Pending, 120, false, true),
        (transient(), ATTEMPTS_MAX, false, SendState::Failed, 0, false, true),
        (unknown(), 1, false, SendState::Unknown, 0, false, false),
        (unknown(), 1, true, SendState::Pending, 1, false, true),
        (unknown(), ATTEMPTS_MAX, true, SendState::Unknown, 0, false, false),
    ];
    for (outcome, attempt, repeatable, state, minutes, bounced, release) in cases {
        let name = format!("{outcome:?} at attempt {attempt}");
        let next = after(outcome, attempt, repeatable, 1_000);
        assert_eq!((next.state, next.due_at), (state, 1_000 + minutes * 60_000), "{name}");
        assert_eq!((next.bounced, next.release), (bounced, release), "{name}");
    }
}

#[test]
fn names_and_arms_are_stable_and_even() {
    assert_eq!(send_id(ProjectId(1), 2, 3), send_id(ProjectId(1), 2, 3));
    assert_ne!(send_id(ProjectId(1), 2, 3), send_id(ProjectId(1), 3, 2));
    assert_eq!(send_id(ProjectId(1), 2, 3).len(), 32);
    let control = |campaign, percent| {
        (0..100_000u32).filter(|p| arm(ProjectId(1), campaign, *p, percent) == Arm::Control).count()
    };
    assert_eq!(control(1, 0.0), 0);
    // Six standard deviations of a binomial around 10 % of 100,000.
    assert!((9_430..10_570).contains(&control(1, 10.0)), "{}", control(1, 10.0));
    // Whoever is control at 5 % is at 10 % too, and other campaigns choose others.
    let is = |campaign, p, percent| arm(ProjectId(1), campaign, p, percent) == Arm::Control;
    assert!((0..10_000).all(|p| !is(1, p, 5.0) || is(1, p, 10.0)));
    let both = (0..100_000).filter(|p| is(1, *p, 10.0) && is(2, *p, 10.0)).count();
    assert!((800..1_200).contains(&both), "{both}");
}

#[tokio::test]
async fn a_campaign_reaches_everybody_once_except_the_control_group() {
    databases::both(async |db: Db| {
        let town = Town::open(db, 450).await;
        let campaign = town.draft(content(), 20.0, None).await;
        town.start(campaign).await;
        town.engage.delivery.run_due().await.expect("works");
        let states = town.states(campaign).await;
        let (sent, withheld) = (states["sent"], states["withheld"]);
        assert_eq!(sent + withheld, 450, "{states:?}");
        assert!((50..130).contains(&withheld), "{withheld}");
        assert_eq!(town.mails().len(), sent);
        assert!(town.mails().values().all(|mails| *mails == 1));
        let events = town.sink.counts();
        assert_eq!(events, counts(&[("message_sent", sent), ("message_withheld", withheld)]));
        let row = campaigns::get(&town.db, PROJECT, campaign).await.expect("there");
        assert_eq!(row.state, CampaignState::Finished);
        // Nothing is left, and doing it all again does nothing.
        assert_eq!(town.engage.delivery.run_due().await.expect("works"), Worked::default());
        town.engage.jobs.run_pending(town.engage.handlers()).await.expect("nothing to do");
        assert_eq!(town.catcher.count(), sent);
    })
    .await;
}

#[tokio::test]
async fn faults_of_the_mail_server() {
    databases::both(async |db: Db| {
        let town = Town::open(db, 20).await;
        let fault = |person: u32, fault, times| {
            town.catcher.inject(FaultRule { to: Some(format!("p{person}@example.cn")), fault, times });
        };
        let refuse = |code, words: &str| Fault::RefuseRecipient { code, words: words.to_owned() };
        fault(1, refuse(550, "5.1.1 unknown user"), None);
        fault(2, refuse(550, "5.7.1 blocked"), None);
        fault(3, refuse(451, "4.7.1 greylisted"), Some(2));
        fault(4, refuse(451, "4.7.1 greylisted"), None);
        fault(5, Fault::DropAfterData, Some(1));
        fault(6, Fault::HangAfterData, Some(1));
        fault(7, Fault::DropBeforeData, Some(1));
        let campaign = town.draft(content(), 0.0, None).await;
        town.start(campaign).await;
        town.engage.delivery.run_due().await.expect("works");
        let first = town.states(campaign).await;
        assert_eq!(first, counts(&[("sent", 13), ("failed", 2), ("pending", 3), ("unknown", 2)]));
        town.let_pass(4).await;
        let last = town.states(campaign).await;
        assert_eq!(last, counts(&[("sent", 15), ("failed", 3), ("unknown", 2)]));
        let mails = town.mails();
        assert!(mails.values().all(|count| *count == 1), "{mails:?}");
        for (person, expected) in [(1, 0), (2, 0), (3, 1), (4, 0), (5, 1), (6, 1), (7, 1)] {
            let got = mails.get(&format!("p{person}@example.cn")).copied().unwrap_or(0);
            assert_eq!(got, expected, "person {person}");
        }
        let events = town.sink.counts();
        let expected =
            [("message_sent", 15), ("message_failed", 2), ("message_bounced", 1), ("message_unknown", 2)];
        assert_eq!(events, counts(&expected));
        // The dead address is not tried by the next campaign; the blocked one is.
        let next = town.draft(content(), 0.0, None).await;
        town.start(next).await;
        town.engage.delivery.run_due().await.expect("works");
        let states = town.states(next).await;
        assert_eq!((states["suppressed"], states["failed"]), (1, 1), "{states:?}");
    })
    .await;
}

/// What must hold after a crash anywhere and a restart.
async fn nothing_lost_nothing_twice(town: &Town, campaign: i64, people: usize, point: &str) -> usize {
    let rows = store::of_campaign(&town.db, campaign, None, -1, 10_000).await.expect("readable");
    assert_eq!(rows.len(), people, "{point}");
    let mails = town.mails();
    assert!(mails.values().all(|count| *count == 1), "{point}: somebody got two mails");
    let mut unknown = 0;
    for row in &rows {
        let got = mails.get(&format!("p{}@example.cn", row.person)).copied().unwrap_or(0);
        match row.state {
            SendState::Sent => assert_eq!(got, 1, "{point}: {} was lost", row.person),
            SendState::Unknown => unknown += 1,
            SendState::Withheld => assert_eq!(got, 0, "{point}: control got a mail"),
            other => panic!("{point}: {} ended as {other:?}", row.person),
        }
    }
    let (states, events) = (town.states(campaign).await, town.sink.counts());
    for state in ["sent", "unknown", "withheld"] {
        let told = events.get(&format!("message_{state}")).copied().unwrap_or(0);
        assert_eq!(told, states.get(state).copied().unwrap_or(0), "{point}: {state}");
    }
    unknown
}

#[tokio::test]
async fn a_crash_at_any_step_repeats_and_loses_nothing() {
    // More than one claim.
    const PEOPLE: u32 = 300;
    // fail point, which passing of it crashes, whether sends may become unknown
    let cases = [
        ("delivery-claimed", "1*return->off", false),
        ("delivery-claimed", "1*off->1*return->off", false),
        ("delivery-intent-written", "1*return->off", true),
        ("delivery-intent-written", "1*off->1*return->off", true),
        ("delivery-before-call", "1*return->off", true),
        ("delivery-before-call", "77*off->1*return->off", true),
        ("delivery-called", "1*return->off", true),
        ("delivery-called", "1*off->1*return->off", true),
        ("delivery-called", "9*off->1*return->off", true),
        // The commit that wrote these results wrote the intents of the freed slots too.
        ("delivery-results-written", "1*return->off", true),
        ("delivery-results-written", "9*off->1*return->off", true),
        ("delivery-told", "1*return->off", false),
        ("delivery-told", "1*off->1*return->off", false),
    ];
    for (point, actions, may_be_unknown) in cases {
        let database = databases::sqlite().await;
        let mut town = Town::open(database.db.clone(), PEOPLE).await;
        let campaign = town.draft(content(), 10.0, None).await;
        town.start(campaign).await;
        let name = format!("{point} {actions}");
        fail::cfg(point, actions).expect("known grammar");
        town.engage.delivery.run_due().await.expect_err(&name);
        fail::remove(point);
        town.restart().await;
        town.engage.delivery.run_due().await.expect("works");
        // A claim of the process that is gone ends by itself.
        town.clock.advance(120_000);
        town.engage.delivery.run_due().await.expect("works");
        let unknown = nothing_lost_nothing_twice(&town, campaign, PEOPLE as usize, &name).await;
        assert_eq!(unknown > 0, may_be_unknown, "{name}: {unknown} unknown");
        assert!(unknown <= CALLS_MAX, "{name}: {unknown} unknown, though {CALLS_MAX} calls at most ran");
    }
}

#[tokio::test]
async fn a_crash_on_postgresql_waits_for_the_lease() {
    let Some(database) = databases::postgres().await else { return };
    let mut town = Town::open(database.db.clone(), 30).await;
    let campaign = town.draft(content(), 10.0, None).await;
    town.start(campaign).await;
    fail::cfg("delivery-called", "1*return->off").expect("known grammar");
    town.engage.delivery.run_due().await.expect_err("crashes");
    fail::remove("delivery-called");
    town.restart().await;
    // Another process might still be at it.
    assert!(town.states(campaign).await.contains_key("attempting"));
    town.clock.advance(2 * 3_600_000);
    town.engage.delivery.run_due().await.expect("works");
    let unknown = nothing_lost_nothing_twice(&town, campaign, 30, "postgresql").await;
    assert!((1..=CALLS_MAX).contains(&unknown), "{unknown}");
}

#[tokio::test]
async fn protection_is_asked_at_the_time_of_sending() {
    databases::both(async |db: Db| {
        let town = Town::open(db, 6).await;
        {
            let mut people = town.audience.people.lock().expect("sound");
            people.remove(&0);
            people.get_mut(&1).expect("there").email = None;
            people.get_mut(&2).expect("there").attributes.clear();
            let shared = people[&4].email.clone();
            people.get_mut(&3).expect("there").email = shared;
        }
        let campaign = town.draft(content(), 0.0, None).await;
        town.start(campaign).await;
        town.engage.delivery.run_due().await.expect("works");
        let rows = store::of_campaign(&town.db, campaign, None, -1, 10).await.expect("readable");
        let reasons: Vec<&str> = rows.iter().map(|row| row.reason.as_deref().unwrap_or("")).collect();
        assert_eq!(reasons, ["gone", "no_address", "missing_variable", "", "same_address", ""]);
        assert_eq!(town.mails().len(), 2);
    })
    .await;
}

#[tokio::test]
async fn caps_count_accepted_and_unknown_messages_by_person_and_address() {
    databases::both(async |db: Db| {
        let town = Town::open(db, 4).await;
        let mut tx = town.db.begin().await.expect("begins");
        let cap = Some(Cap { messages: 1, days: 7 });
        crate::protection::store::set_cap(&mut tx, PROJECT, cap).await.expect("set");
        tx.commit().await.expect("commits");
        let fault = |person: u32, fault| {
            let to = Some(format!("p{person}@example.cn"));
            town.catcher.inject(FaultRule { to, fault, times: Some(1) });
        };
        fault(0, Fault::DropAfterData);
        fault(1, Fault::RefuseData { code: 554, words: "spam".into() });
        let mut states = Vec::new();
        for _ in 0..2 {
            let campaign = town.draft(content(), 0.0, None).await;
            town.start(campaign).await;
            town.engage.delivery.run_due().await.expect("works");
            states.push(town.states(campaign).await);
        }
        assert_eq!(states[0], counts(&[("unknown", 1), ("failed", 1), ("sent", 2)]));
        // Only whoever surely got nothing may be written to again.
        assert_eq!(states[1], counts(&[("sent", 1), ("suppressed", 3)]));
        town.clock.advance(7 * 86_400_000);
        let later = town.draft(content(), 0.0, None).await;
        town.start(later).await;
        town.engage.delivery.run_due().await.expect("works");
        assert_eq!(town.states(later).await, counts(&[("sent", 4)]));
    })
    .await;
}

#[tokio::test]
async fn pausing_and_cancelling() {
    databases::both(async |db: Db| {
        let town = Town::open(db, 30).await;
        let campaign = town.draft(content(), 0.0, None).await;
        town.advance(campaign, Move::Pause).await.expect_err("a draft cannot pause");
        town.start(campaign).await;
        town.advance(campaign, Move::Pause).await.expect("pauses");
        town.engage.delivery.run_due().await.expect("works");
        assert_eq!(town.catcher.count(), 0);
        town.advance(campaign, Move::Resume).await.expect("resumes");
        town.engage.delivery.run_due().await.expect("works");
        assert_eq!(town.catcher.count(), 30);
        town.audience.segments.lock().expect("sound").insert(SEGMENT, (0..30).collect());
        let other = town.draft(content(), 0.0, None).await;
        town.start(other).await;
        town.advance(other, Move::Cancel).await.expect("cancels");
        town.engage.delivery.run_due().await.expect("works");
        assert_eq!(town.catcher.count(), 30);
        assert_eq!(town.states(other).await, counts(&[("cancelled", 30)]));
        town.advance(other, Move::Resume).await.expect_err("it ended");
    })
    .await;
}

/// Two workers on one PostgreSQL never send the same message twice.
#[tokio::test]
async fn two_processes_share_the_work() {
    let Some(database) = databases::postgres().await else { return };
    let mut town = Town::open(database.db.clone(), 600).await;
    let campaign = town.draft(content(), 0.0, None).await;
    town.start(campaign).await;
    let first = std::sync::Arc::clone(&town.engage);
    town.restart().await;
    let second = std::sync::Arc::clone(&town.engage);
    let (one, two) = tokio::join!(first.delivery.run_due(), second.delivery.run_due());
    let (one, two) = (one.expect("works"), two.expect("works"));
    assert_eq!(one.called + two.called, 600);
    assert_eq!(town.mails().len(), 600);
    assert!(town.mails().values().all(|count| *count == 1));
}

#[tokio::test]
async fn a_webhook_is_repeated_with_the_same_key_until_it_is_known() {
    let database = databases::sqlite().await;
    let town = Town::open(database.db.clone(), 1).await;
    town.ok("PUT", "/api/v1/channels/webhook", serde_json::json!({ "secret": "sixteen-letters!" })).await;
    // It may have acted before the 500, and surely did not at the 503.
    let (url, served) = crate::testing::receiver(&[500, 503, 200]).await;
    let body = serde_json::json!({ "name": "{{ person.name }}" });
    let content = crate::content::WebhookTemplate { url, method: "POST".into(), body, coupon: None };
    let campaign = town.draft(crate::content::Content::Webhook(content), 0.0, None).await;
    town.start(campaign).await;
    town.engage.delivery.run_due().await.expect("works");
    assert_eq!(town.states(campaign).await, counts(&[("pending", 1)]));
    town.let_pass(1).await;
    assert_eq!(town.states(campaign).await, counts(&[("sent", 1)]));
    let keys = served.await.expect("served");
    assert!(keys.iter().all(|key| *key == keys[0]) && keys.len() == 3, "{keys:?}");
}
