//! The gatekeeper as a table, and its lists on both databases.

use siyu_govern::consent::Objection;
use siyu_types::{ProjectId, Viewer};

use super::store::{self, NewSuppression, Reservation};
use super::*;

fn fine() -> Facts {
    Facts { exists: true, needs_address: true, has_address: true, ..Facts::default() }
}

#[test]
fn every_refusal_has_its_reason_and_its_place() {
    let cap = Some(Cap { messages: 2, days: 7 });
    let counts = |person, address| Counts { person, address };
    let cases = [
        (fine(), None),
        (Facts { objection: Some(Objection::NeverGiven), ..fine() }, Some(Refusal::ConsentMissing)),
        (Facts { objection: Some(Objection::Expired), ..fine() }, Some(Refusal::ConsentExpired)),
        (Facts { objection: Some(Objection::Minor), ..fine() }, Some(Refusal::Minor)),
        (Facts { objection: Some(Objection::Automated), ..fine() }, Some(Refusal::AutomatedRefused)),
        (Facts { exists: false, ..fine() }, Some(Refusal::Gone)),
        (Facts { has_address: false, ..fine() }, Some(Refusal::NoAddress)),
        (Facts { has_address: false, needs_address: false, ..fine() }, None),
        (Facts { objection: Some(Objection::Refused), ..fine() }, Some(Refusal::ConsentWithdrawn)),
        (Facts { listed: true, ..fine() }, Some(Refusal::Suppressed)),
        (Facts { address_taken: true, ..fine() }, Some(Refusal::SameAddress)),
        (Facts { cap, counts: counts(1, 1), ..fine() }, None),
        (Facts { cap, counts: counts(2, 0), ..fine() }, Some(Refusal::CapPerson)),
        (Facts { cap, counts: counts(0, 2), ..fine() }, Some(Refusal::CapAddress)),
        (Facts { counts: counts(9, 9), ..fine() }, None),
        // The order: whoever withdrew consent is told so, even if the cap is used up too.
        (
            Facts { objection: Some(Objection::Refused), listed: true, cap, counts: counts(9, 9), ..fine() },
            Some(Refusal::ConsentWithdrawn),
        ),
        (Facts { exists: false, objection: Some(Objection::Refused), ..fine() }, Some(Refusal::Gone)),
    ];
    for (facts, expected) in cases {
        assert_eq!(examine(&facts), expected, "{facts:?}");
    }
}

#[test]
fn guards_and_refusals_are_told_apart() {
    let ids: std::collections::BTreeSet<&str> = GUARDS.iter().map(|guard| guard.id).collect();
    assert_eq!(ids.len(), GUARDS.len());
    for refusal in Refusal::ALL {
        let json = serde_json::to_string(refusal).expect("serialises");
        assert_eq!(json, format!("{:?}", refusal.as_str()));
    }
}

#[tokio::test]
async fn lists_and_reservations() {
    siyu_testkit::databases::both(async |db| {
        let (one, other) = (ProjectId(1), ProjectId(2));
        let mut tx = db.begin().await.expect("begins");
        assert_eq!(store::take_turn(&mut tx, one).await.expect("turn"), None);
        store::set_cap(&mut tx, one, Some(Cap { messages: 2, days: 7 })).await.expect("set");
        assert_eq!(store::take_turn(&mut tx, one).await.expect("turn"), Some(Cap { messages: 2, days: 7 }));
        let reserve = |send_id, person, address_hash| Reservation { send_id, person, address_hash };
        let all = [reserve("a", 1, "x"), reserve("b", 1, "y"), reserve("c", 2, "x")];
        store::reserve(&mut tx, one, 1_000, &all).await.expect("reserved");
        store::reserve(&mut tx, one, 1_000, &all[..1]).await.expect("twice is once");
        store::release(&mut tx, &["c", "unknown"]).await.expect("released");
        let people = store::counts_by_person(&mut tx, one, 999, &[1, 2]).await.expect("counted");
        assert_eq!(people, [(1, 2)].into());
        let addresses = store::counts_by_address(&mut tx, one, 999, &["x", "y", "z"]).await.expect("counted");
        assert_eq!(addresses, [("x".to_owned(), 1), ("y".to_owned(), 1)].into());
        assert!(store::counts_by_person(&mut tx, one, 1_000, &[1]).await.expect("counted").is_empty());
        assert!(store::counts_by_person(&mut tx, other, 0, &[1]).await.expect("counted").is_empty());

        let new = |target: &str| NewSuppression {
            channel: "email",
            target: target.to_owned(),
            shown: "l**@example.cn".to_owned(),
            reason: "bounced",
        };
        let viewer = Viewer::system(one);
        let first = store::suppress(&mut tx, &viewer, &new("address:x"), 5).await.expect("listed");
        let again = store::suppress(&mut tx, &viewer, &new("address:x"), 6).await.expect("listed");
        assert_eq!(first, again, "one entry per target");
        let wanted = ["address:x".to_owned(), "person:1".to_owned()];
        let listed = store::listed(&mut tx, one, "email", &wanted).await.expect("read");
        assert_eq!(listed, ["address:x".to_owned()].into());
        assert!(store::listed(&mut tx, one, "webhook", &wanted).await.expect("read").is_empty());
        assert!(store::listed(&mut tx, other, "email", &wanted).await.expect("read").is_empty());
        tx.commit().await.expect("commits");
        assert_eq!(store::suppressions(&db, one, None, 10).await.expect("read").len(), 1);
        let mut tx = db.begin().await.expect("begins");
        assert!(store::remove(&mut tx, other, first).await.is_err(), "of another project");
        store::remove(&mut tx, one, first).await.expect("removed");
        tx.commit().await.expect("commits");
    })
    .await;
}
