//! The feature's store on both databases.

use siyu_testkit::databases;
use siyu_types::permission::Actor;
use siyu_types::personal::PersonalField;
use siyu_types::{ErrorCode, Exposure, FieldKind, PersonalClass, Role, Viewer};

use super::looks::{Look, Subject, What};
use super::*;
use crate::tests::Setup;

fn settings(exposures: Vec<model::Seen>) -> Settings {
    Settings { exposures, reveals_per_hour: 5, looks_days: 30 }
}

#[tokio::test]
async fn what_is_declared_holds_at_once_and_after_a_restart() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let seen =
            model::Seen { role: Role::Operator, class: PersonalClass::Phone, exposure: Exposure::Masked };
        setup.govern.set_personal_settings(&setup.system, settings(vec![seen])).await.expect("sets");
        let card = PersonalField { class: PersonalClass::IdCard, sensitive: true };
        let (property, attribute) = (FieldKind::Property, FieldKind::Attribute);
        for (key, field) in [((property, "name"), None), ((attribute, "doc"), Some(card))] {
            setup.govern.declare_personal(&setup.system, key, field).await.expect("declares");
        }
        for rules in [
            setup.govern.personal_rules(setup.project).await.expect("rules"),
            Arc::new(store::rules(&db, setup.project).await.expect("reads")),
        ] {
            assert_eq!(rules.field(property, "name"), None);
            assert_eq!(rules.field(attribute, "doc"), Some(card));
            assert_eq!(rules.exposure(Role::Operator, PersonalClass::Phone), Exposure::Masked);
            assert_eq!(rules.exposure(Role::Operator, PersonalClass::Name), Exposure::Clear);
        }
        setup.govern.undeclare_personal(&setup.system, (property, "name")).await.expect("goes back");
        let rules = setup.govern.personal_rules(setup.project).await.expect("rules");
        assert!(rules.field(property, "name").is_some());
        let analyst = Viewer { role: Role::Analyst, ..setup.system.clone() };
        let refused = setup.govern.declare_personal(&analyst, (property, "x"), None).await;
        assert_eq!(refused.expect_err("is refused").code, ErrorCode::Forbidden);
    })
    .await;
}

#[test]
fn settings_have_bounds() {
    let hidden = model::Seen { role: Role::Owner, class: PersonalClass::Name, exposure: Exposure::Hidden };
    let twice = model::Seen { role: Role::Viewer, ..hidden };
    for (settings, field) in [
        (Settings { reveals_per_hour: -1, ..settings(vec![]) }, "reveals_per_hour"),
        (Settings { looks_days: 29, ..settings(vec![]) }, "looks_days"),
        (settings(vec![hidden]), "exposures[0]"),
        (settings(vec![twice, twice]), "exposures[1]"),
    ] {
        assert_eq!(rules::check(&settings).expect_err("is refused").field.as_deref(), Some(field));
    }
}

fn look(viewer: &Viewer, at: i64, person: u32) -> Look {
    Look { subject: Subject::Person(person), detail: "page".to_owned(), ..Look::of(viewer, at) }
}

#[tokio::test]
async fn looks_are_written_together_and_forgotten() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let (govern, now) = (&setup.govern, setup.govern.now());
        let actor = Actor::User { id: 7, name: "小李".to_owned() };
        let viewer = Viewer { actor, role: Role::Analyst, ..setup.system.clone() };
        for detail in ["page", "timeline", "page"] {
            let one = Look { detail: detail.to_owned(), ..look(&viewer, now, 1) };
            govern.looked(one).await.expect("notes");
        }
        govern.looked(Look::listed(&viewer, now, "people", vec![1, 2, 3])).await.expect("notes");
        govern.looked(look(&setup.system, now, 1)).await.expect("jobs are not noted");
        assert_eq!(govern.write_looks().await.expect("writes"), 2);
        assert_eq!(govern.write_looks().await.expect("writes"), 0);
        // Nobody waits for the recorder: whoever fills it writes.
        for person in 0..super::looks::PENDING_MAX as u32 + 1 {
            govern.looked(look(&viewer, now, 100 + person)).await.expect("notes");
        }
        let waiting = govern.write_looks().await.expect("writes");
        assert_eq!(waiting, 1, "a full list was written by the one who would have added to it");
        setup.clock.advance(181 * 86_400_000);
        govern.looked(look(&viewer, govern.now(), 1)).await.expect("notes");
        govern.write_looks().await.expect("writes");
        govern.forget_looks().await.expect("forgets");
        let left: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM personal_looks")
            .fetch_one(db.read())
            .await
            .expect("counts");
        assert_eq!(left, 1);
    })
    .await;
}

#[tokio::test]
async fn exports_stand_in_the_register_before_they_leave() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let new = NewExport { what: "segment_people", title: "高价值".to_owned(), people: vec![4, 5] };
        let export = setup.govern.begin_export(&setup.system, new.clone()).await.expect("begins");
        let other = setup.govern.begin_export(&setup.system, new).await.expect("begins");
        assert_ne!((&export.code, export.seed), (&other.code, other.seed));
        setup.govern.finish_export(&export, 2).await.expect("finishes");
        let looks: i64 = sqlx::query_scalar(
            "SELECT COUNT(*) FROM personal_looks WHERE what = 'exported' AND people = ',4,5,'",
        )
        .fetch_one(db.read())
        .await
        .expect("counts");
        assert_eq!(looks, 2);
        let mut rows: Vec<u32> = (0..64).collect();
        export.order(&mut rows, |row| *row);
        assert_ne!(rows, (0..64).collect::<Vec<_>>());
        assert!(rows[..16].iter().all(|row| *row < 16), "blocks keep their place");
        assert_eq!(What::parse("exported"), Some(What::Exported));
    })
    .await;
}
