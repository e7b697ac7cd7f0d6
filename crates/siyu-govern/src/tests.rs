//! Feature tests through the facades, on both databases.

use rand::SeedableRng;
use rand::rngs::StdRng;
use serde_json::json;
use siyu_db::Db;
use siyu_testkit::clock::MockClock;
use siyu_testkit::databases;
use siyu_types::{ErrorCode, ProjectId, Role, Viewer};

use crate::accounts::{Member, NewMember, UserChange};
use crate::keys::KeyKind;
use crate::{Govern, GovernOptions, audit};

pub(crate) struct Setup {
    pub govern: Govern,
    pub clock: MockClock,
    pub project: ProjectId,
    pub system: Viewer,
    _folder: tempfile::TempDir,
}

impl Setup {
    pub async fn new(db: &Db) -> Setup {
        let clock = MockClock::at("2026-11-21T00:00:00Z");
        let folder = tempfile::tempdir().expect("a folder");
        let options = GovernOptions {
            secure_cookies: true,
            origin: String::new(),
            requests_per_second: 1,
            behind_proxy: false,
            copies: folder.path().join("copies"),
            vault: None,
            rng: StdRng::seed_from_u64(1),
        };
        let govern = Govern::new(db.clone(), clock.shared(), options);
        let project = govern.create_project("咖啡", "Asia/Shanghai", "CNY").await.expect("creates").id;
        Setup { govern, clock, project, system: Viewer::system(project), _folder: folder }
    }

    async fn member(&self, email: &str, role: Role) -> Member {
        let new = NewMember {
            email: email.to_owned(),
            name: "成员".to_owned(),
            locale: "zh-CN".to_owned(),
            role,
            password: "long enough".to_owned(),
        };
        self.govern.add_member(&self.system, new).await.expect("adds")
    }
}

#[tokio::test]
async fn the_last_owner_stays() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let owner = setup.member("Owner@Example.com ", Role::Owner).await.user;
        assert_eq!(owner.email, "owner@example.com");
        let change = |change| setup.govern.change_member(&setup.system, owner.id, change);
        let demoted = change(UserChange { role: Some(Role::Viewer), ..UserChange::default() }).await;
        assert_eq!(demoted.expect_err("demotes the last owner").code, ErrorCode::WrongState);
        let locked = change(UserChange { active: Some(false), ..UserChange::default() }).await;
        assert_eq!(locked.expect_err("locks the last owner out").code, ErrorCode::WrongState);
        let removed = setup.govern.remove_member(&setup.system, owner.id).await;
        assert_eq!(removed.expect_err("removes the last owner").code, ErrorCode::WrongState);
        setup.member("second@example.com", Role::Owner).await;
        setup.govern.remove_member(&setup.system, owner.id).await.expect("another one is left");
        assert_eq!(setup.govern.members(setup.project).await.expect("lists").len(), 1);
    })
    .await;
}

#[tokio::test]
async fn an_account_of_two_projects_cannot_be_taken_over_from_one() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        setup.member("owner@example.com", Role::Owner).await;
        let shared = setup.member("shared@example.com", Role::Analyst).await.user;
        let other = setup.govern.create_project("other", "UTC", "USD").await.expect("creates").id;
        let new = NewMember {
            email: "shared@example.com".to_owned(),
            name: "x".to_owned(),
            locale: "en".to_owned(),
            role: Role::Owner,
            password: "ignored for a known person".to_owned(),
        };
        setup.govern.add_member(&Viewer::system(other), new).await.expect("joins");
        let password = || UserChange { password: Some("taken over!".to_owned()), ..UserChange::default() };
        let taken = setup.govern.change_member(&setup.system, shared.id, password()).await;
        assert_eq!(taken.expect_err("takes the account over").code, ErrorCode::Forbidden);
        let role = UserChange { role: Some(Role::Viewer), ..UserChange::default() };
        setup.govern.change_member(&setup.system, shared.id, role).await.expect("the role here is ours");
        setup.govern.log_in("shared@example.com", "long enough".to_owned(), "a").await.expect("as before");
    })
    .await;
}

#[tokio::test]
async fn logging_in_needs_the_password_and_patience() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        setup.member("owner@example.com", Role::Owner).await;
        let user = setup.member("a@example.com", Role::Viewer).await.user;
        let try_in = async |email: &str, password: &str| {
            let tried = setup.govern.log_in(email, password.to_owned(), "10.0.0.1").await;
            tried.map(|_| ()).map_err(|error| error.code)
        };
        assert_eq!(try_in(" A@example.com", "long enough").await, Ok(()));
        assert_eq!(try_in("a@example.com", "wrong").await, Err(ErrorCode::WrongCredentials));
        assert_eq!(try_in("nobody@example.com", "long enough").await, Err(ErrorCode::WrongCredentials));
        for _ in 0..8 {
            assert_eq!(try_in("a@example.com", "wrong").await, Err(ErrorCode::WrongCredentials));
        }
        assert_eq!(try_in("a@example.com", "long enough").await, Err(ErrorCode::RateLimited));
        assert_eq!(try_in("owner@example.com", "long enough").await, Ok(()), "others are not concerned");
        setup.clock.advance(30_000);
        assert_eq!(try_in("a@example.com", "long enough").await, Ok(()));

        let locked = UserChange { active: Some(false), ..UserChange::default() };
        setup.govern.change_member(&setup.system, user.id, locked).await.expect("locks");
        setup.clock.advance(600_000);
        assert_eq!(try_in("a@example.com", "long enough").await, Err(ErrorCode::WrongCredentials));
        setup.govern.reset_password("owner@example.com", "another one").await.expect("resets");
        assert_eq!(try_in("owner@example.com", "long enough").await, Err(ErrorCode::WrongCredentials));
        assert_eq!(try_in("owner@example.com", "another one").await, Ok(()));
    })
    .await;
}

#[tokio::test]
async fn weak_passwords_and_broken_addresses_are_refused() {
    let database = databases::sqlite().await;
    let setup = Setup::new(&database.db).await;
    for (email, name, password, field) in [
        ("a@b.c", "n", "short", "password"),
        ("a@b.c", "n", "PassWord1", "password"),
        ("abcd@b.cc", "n", "abcd@b.cc", "password"),
        ("no address", "n", "long enough", "email"),
        ("a@b@c", "n", "long enough", "email"),
        ("@b", "n", "long enough", "email"),
        ("a@b.c", "  ", "long enough", "name"),
    ] {
        let new = NewMember {
            email: email.to_owned(),
            name: name.to_owned(),
            locale: "en".to_owned(),
            role: Role::Viewer,
            password: password.to_owned(),
        };
        let refused = setup.govern.add_member(&setup.system, new).await.expect_err(email);
        assert_eq!(refused.field.as_deref(), Some(field), "{email} {name} {password}");
    }
    for (zone, currency, field) in [("Asia/Peking", "CNY", "zone"), ("UTC", "yuan", "currency")] {
        let refused = setup.govern.create_project("p", zone, currency).await.expect_err(zone);
        assert_eq!(refused.field.as_deref(), Some(field));
    }
}

#[tokio::test]
async fn keys_work_until_they_are_revoked() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let govern = &setup.govern;
        assert!(govern.create_key(&setup.system, KeyKind::Api, "k", None).await.is_err(), "without a role");
        let (key, secret) =
            govern.create_key(&setup.system, KeyKind::Write, "site", None).await.expect("creates");
        assert!(secret.starts_with("wk_") && secret.starts_with(&key.hint) && key.hint.len() < 12);
        let known = govern.write_key(&secret).await.expect("reads");
        assert_eq!(known, Some((setup.project, "site".to_owned())));
        for wrong in ["wk_unknown", "", "sk_x", &secret[..20], &"wk_".repeat(100)] {
            assert_eq!(govern.write_key(wrong).await.expect("reads"), None, "{wrong}");
        }
        assert!(govern.key_of(&secret, KeyKind::Api).await.expect("reads").is_none(), "a write key acts");
        let stranger = Viewer::system(ProjectId(99));
        assert!(govern.revoke_key(&stranger, key.id).await.is_err(), "another project revokes");
        govern.revoke_key(&setup.system, key.id).await.expect("revokes");
        assert_eq!(govern.write_key(&secret).await.expect("reads"), None, "at once");
        assert!(govern.revoke_key(&setup.system, key.id).await.is_err(), "twice");
    })
    .await;
}

#[tokio::test]
async fn a_change_of_the_audit_trail_shows() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        for n in 0..5 {
            let mut tx = db.begin().await.expect("begins");
            audit(&mut tx, &setup.system, "tags.create", &format!("tag:{n}"), json!({ "n": n }), n)
                .await
                .expect("writes");
            tx.commit().await.expect("commits");
        }
        assert_eq!(audit::verify(&db, setup.project).await.expect("reads"), None);
        for (sql, seq) in [
            ("UPDATE audit SET detail = '{\"n\":7}' WHERE seq = 4", 4),
            ("UPDATE audit SET actor = 'user:1' WHERE seq = 3", 3),
            ("DELETE FROM audit WHERE seq = 2", 2),
        ] {
            let mut tx = db.begin().await.expect("begins");
            sqlx::query(sql).execute(&mut *tx).await.expect("tampers");
            tx.commit().await.expect("commits");
            let broken = audit::verify(&db, setup.project).await.expect("reads").expect("is noticed");
            assert_eq!(broken.seq, seq, "{sql}");
        }
    })
    .await;
}
