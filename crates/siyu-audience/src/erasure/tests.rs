//! What a reason may say; orders and steps on both databases.

use siyu_testkit::databases;
use siyu_types::erasure::{Erased, Removed};
use siyu_types::{Identifier, PersonNo, Role};

use super::model::ErasureState;
use super::{rules, store};
use crate::testing::Setup;

#[test]
fn a_reason_names_nobody() {
    let ids = [
        Identifier::new("phone", "+8613812345678"),
        Identifier::new("login", "Zoe"),
        Identifier::new("email", "z@x.cn"),
    ];
    let cases = [
        ("本人要求", true),
        ("", false),
        ("  ", false),
        ("caller 13812345678", false),
        ("+8613812345678", false),
        ("Z@X.CN asked", false),
        ("Zoe", true),
        ("13812345679", true),
    ];
    for (reason, allowed) in cases {
        assert_eq!(rules::check_reason(reason, &ids, |_| Vec::new()).is_ok(), allowed, "{reason}");
    }
    assert!(rules::check_reason(&"字".repeat(501), &ids, |_| Vec::new()).is_err());
}

#[test]
fn counts_of_two_runs_do_not_get_lost() {
    let one = vec![Removed::new("events", 7), Removed::new("identifiers", 2)];
    let two = vec![Removed::new("events", 0), Removed::new("identifiers", 2), Removed::new("files", 1)];
    let both = rules::together(one, two);
    let counts: Vec<(&str, u64)> = both.iter().map(|one| (one.what.as_str(), one.count)).collect();
    assert_eq!(counts, [("events", 7), ("identifiers", 2), ("files", 1)]);
}

#[tokio::test]
async fn stored_orders_on_both_databases() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let viewer = setup.viewer(Role::Owner);
        let mut tx = db.begin().await.expect("begins");
        let id =
            store::insert(&mut tx, &viewer, PersonNo(4), "本人要求", Some(9), 10).await.expect("inserts");
        let other = store::insert(&mut tx, &viewer, PersonNo(5), "other", None, 11).await.expect("inserts");
        tx.commit().await.expect("commits");
        let erased =
            Erased { erasure: id, at: 12, numbers: vec![4, 6], identifiers: 3, digest: "ab".to_owned() };
        let mut tx = db.begin().await.expect("begins");
        store::applied(&mut tx, &erased).await.expect("writes");
        for _ in 0..2 {
            store::begin(&mut tx, id, (0, "lists"), 13).await.expect("begins");
        }
        store::end(&mut tx, id, 0, &[Removed::new("lists", 2)], 14).await.expect("ends");
        store::begin(&mut tx, id, (1, "notes"), 15).await.expect("begins");
        tx.commit().await.expect("commits");
        let found = store::get(&db, viewer.project, id).await.expect("reads");
        assert_eq!((found.state, found.applied_at), (ErasureState::Removing, Some(12)));
        assert_eq!((found.numbers, found.request, found.person), (vec![4, 6], Some(9), 4));
        let steps = store::steps(&db, id).await.expect("reads");
        let seen: Vec<_> = steps.iter().map(|step| (step.step.as_str(), step.finished_at)).collect();
        assert_eq!(seen, [("lists", Some(14)), ("notes", None)]);
        assert_eq!(steps[0].removed, [Removed::new("lists", 2)]);
        let mut tx = db.begin().await.expect("begins");
        for now in [16, 17] {
            store::finish(&mut tx, id, now).await.expect("finishes");
        }
        tx.commit().await.expect("commits");
        let found = store::get(&db, viewer.project, id).await.expect("reads");
        assert_eq!((found.state, found.finished_at), (ErasureState::Done, Some(16)));
        let list = store::list(&db, viewer.project, i64::MAX, 10).await.expect("reads");
        assert_eq!(list.iter().map(|one| one.id).collect::<Vec<_>>(), [other, id]);
    })
    .await;
}
