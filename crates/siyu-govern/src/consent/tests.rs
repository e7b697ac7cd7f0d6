//! What holds, as tables and against every order; the ledger on both databases.

use siyu_testkit::databases;
use siyu_types::{PersonNo, ProjectId, Value, calendar};

use super::purposes::{builtin, is_minor, rules as purpose_rules};
use super::*;
use crate::tests::Setup;

const DAY: i64 = 86_400_000;

fn said(person: u32, channel: &str, state: ConsentState, at: i64) -> Statement {
    Statement {
        person: PersonNo(person),
        numbers: vec![person],
        purpose: MARKETING.to_owned(),
        channel: channel.to_owned(),
        state,
        version: Some(1),
        source: "test".to_owned(),
        how: How::Checkbox,
        at,
        evidence: "form 7".to_owned(),
        identifier: "email:w**@example.com".to_owned(),
        actor: "system".to_owned(),
        key: None,
    }
}

fn shipped(id: &str) -> Purpose {
    builtin::all().into_iter().find(|purpose| purpose.id == id).expect("is shipped")
}

fn held(number: u32, channel: &str, state: ConsentState, at: i64) -> Held {
    let (purpose, channel) = (MARKETING.to_owned(), channel.to_owned());
    Held { number, purpose, channel, state, version: Some(1), at }
}

#[test]
fn what_holds_of_everything_that_was_said() {
    use ConsentState::{Denied, Expired, Granted, Withdrawn};
    let marketing = shipped(MARKETING);
    let strict = Purpose {
        definition: Definition {
            silence: [("*".to_owned(), Silence::OptIn)].into(),
            valid_days: Some(30),
            ..marketing.definition.clone()
        },
        version: 3,
        renew_from: 1,
        ..marketing.clone()
    };
    let now = 100 * DAY;
    let cases = [
        ("silence is a yes", &marketing, vec![], None, true),
        ("silence is a no", &strict, vec![], None, false),
        ("said yes", &strict, vec![held(1, "email", Granted, 90 * DAY)], Some(Granted), true),
        ("for all channels", &strict, vec![held(1, "*", Granted, 90 * DAY)], Some(Granted), true),
        ("another channel", &strict, vec![held(1, "sms", Granted, 90 * DAY)], None, false),
        ("its time is over", &strict, vec![held(1, "email", Granted, 70 * DAY)], Some(Expired), false),
        ("a day before that", &strict, vec![held(1, "email", Granted, 70 * DAY + 1)], Some(Granted), true),
        (
            "later wins",
            &marketing,
            vec![held(1, "email", Withdrawn, 1), held(1, "*", Granted, 2)],
            Some(Granted),
            true,
        ),
        (
            "at the same time the stricter",
            &marketing,
            vec![held(1, "*", Denied, 2), held(1, "email", Granted, 2)],
            Some(Denied),
            false,
        ),
        (
            "a merge brings nothing back",
            &marketing,
            vec![held(1, "email", Withdrawn, 1), held(2, "email", Granted, 9)],
            Some(Withdrawn),
            false,
        ),
        (
            "nor does an old yes of the other half",
            &strict,
            vec![held(1, "email", Granted, 99 * DAY), held(2, "email", Granted, 2 * DAY)],
            Some(Expired),
            false,
        ),
        (
            "a half that said nothing says nothing",
            &strict,
            vec![held(1, "email", Granted, 99 * DAY), held(2, "sms", Denied, 2 * DAY)],
            Some(Granted),
            true,
        ),
    ];
    for (name, purpose, held, state, allowed) in cases {
        let mut orders = vec![held.clone()];
        orders.push(held.iter().rev().cloned().collect());
        for held in orders {
            let found = holds(purpose, "email", &held, now);
            assert_eq!((found.state, found.allowed), (state, allowed), "{name}");
        }
    }
    let old = [Held { version: None, ..held(1, "email", Granted, 99 * DAY) }];
    assert_eq!(holds(&strict, "email", &old, now).state, Some(Expired), "the text has changed since");
    let refused = [Held { purpose: "service".to_owned(), ..held(1, "email", Withdrawn, 1) }];
    assert!(holds(&shipped("service"), "email", &refused, now).allowed, "essential");
}

#[test]
fn the_first_objection_is_named() {
    use ConsentState::{Granted, Withdrawn};
    let question = Question {
        purpose: shipped(MARKETING),
        channel: "email".to_owned(),
        automated: Some(shipped(AUTOMATED)),
        guardian: Some(shipped(GUARDIAN)),
    };
    let of = |purpose: &str, state| Held { purpose: purpose.to_owned(), ..held(1, "*", state, 1) };
    let cases = [
        (vec![], false, None),
        (vec![of(AUTOMATED, Withdrawn)], false, Some(Objection::Automated)),
        (vec![], true, Some(Objection::Minor)),
        (vec![of(GUARDIAN, Granted)], true, None),
        (vec![of(GUARDIAN, Granted), of(GUARDIAN, Withdrawn)], true, Some(Objection::Minor)),
        (vec![of(MARKETING, Withdrawn), of(AUTOMATED, Withdrawn)], true, Some(Objection::Refused)),
    ];
    for (held, minor, expected) in cases {
        assert_eq!(question.objection(&held, minor, 5), expected, "{held:?} {minor}");
    }
    let service = Question { purpose: shipped("service"), ..question };
    assert_eq!(service.objection(&[of(AUTOMATED, Withdrawn)], true, 5), None, "essential messages go out");
}

#[test]
fn minors_are_told_by_birthday_or_flag() {
    let zone = calendar::zone("Asia/Shanghai").expect("a zone");
    // Still the 20th in UTC.
    let now = calendar::day_start("2026-11-21".parse().expect("a date"), &zone);
    let text = |text: &str| Value::Text(text.to_owned());
    let cases = [
        (MinorKind::Birthday, Some(text("2012-11-22")), true),
        (MinorKind::Birthday, Some(text("2012-11-21")), false),
        (MinorKind::Birthday, Some(text("2015/3/4 00:00:00")), true),
        (MinorKind::Birthday, Some(text("20150304")), true),
        (MinorKind::Birthday, Some(Value::Number(20_150_304.0)), true),
        (MinorKind::Birthday, Some(Value::Number(1_425_427_200_000.0)), true),
        (MinorKind::Birthday, Some(text("1990-01-01")), false),
        (MinorKind::Birthday, Some(text("2012-02-29")), false),
        (MinorKind::Birthday, Some(text("unknown")), false),
        (MinorKind::Birthday, None, false),
        (MinorKind::Flag, Some(Value::Bool(true)), true),
        (MinorKind::Flag, Some(text("是")), true),
        (MinorKind::Flag, Some(Value::Number(0.0)), false),
        (MinorKind::Flag, Some(text("no")), false),
    ];
    for (kind, value, expected) in cases {
        assert_eq!(is_minor(kind, value.as_ref(), now, &zone), expected, "{kind:?} {value:?}");
    }
}

#[test]
fn shipped_purposes_are_valid_and_nonsense_is_refused() {
    for purpose in builtin::all() {
        purpose_rules::check(&purpose.id, &purpose.definition).expect("valid");
        let text = builtin::text(&purpose.id).expect("has a text");
        assert!(!text.zh.is_empty() && !text.en.is_empty(), "{}", purpose.id);
    }
    let good = shipped(MARKETING).definition;
    let bad: [(&str, &str, Definition); 6] = [
        ("Marketing", "purpose", good.clone()),
        ("promo", "name_zh", Definition { name_zh: " ".to_owned(), ..good.clone() }),
        ("promo", "silence", Definition { silence: [].into(), ..good.clone() }),
        ("promo", "silence", Definition { sensitive: true, ..good.clone() }),
        ("promo", "valid_days", Definition { valid_days: Some(0), ..good.clone() }),
        (
            "promo",
            "channel",
            Definition {
                silence: [("*".into(), Silence::OptIn), ("fax".into(), Silence::OptIn)].into(),
                ..good
            },
        ),
    ];
    for (id, field, definition) in bad {
        let error = purpose_rules::check(id, &definition).expect_err("refused");
        assert_eq!(error.field.as_deref(), Some(field), "{id} {error}");
    }
}

#[tokio::test]
async fn the_newest_statement_holds_whatever_the_order() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        use ConsentState::{Denied, Granted, Withdrawn};
        let statements = [
            (1, Granted, 10),
            (1, Withdrawn, 20),
            (2, Withdrawn, 20),
            (2, Granted, 10),
            (3, Withdrawn, 10),
            (3, Granted, 20),
            (4, Denied, 5),
            (4, Granted, 5),
            (5, Granted, 5),
            (5, Withdrawn, 5),
        ];
        for (person, state, at) in statements {
            let said = said(person, "email", state, at);
            setup.govern.record_consent(setup.project, &said).await.expect("records");
        }
        let withdrawn = setup.govern.withdrawn(setup.project, "email").await.expect("reads");
        assert_eq!(withdrawn.iter().collect::<Vec<_>>(), [1, 2, 4, 5]);
        assert!(setup.govern.withdrawn(setup.project, "sms").await.expect("reads").is_empty());
        assert!(setup.govern.withdrawn(ProjectId(99), "email").await.expect("reads").is_empty());
        let of = setup.govern.consents(setup.project, &[PersonNo(1), PersonNo(3)]).await.expect("reads");
        let last: Vec<_> = of.iter().map(|consent| (consent.person.0, consent.state, consent.at)).collect();
        assert_eq!(last, [(1, Withdrawn, 20), (3, Granted, 20)]);
        let history = store::history(&db, setup.project, &[1, 4], i64::MAX, 10).await.expect("reads");
        let told: Vec<_> =
            history.iter().map(|entry| (entry.consent.person.0, entry.consent.state)).collect();
        assert_eq!(told, [(4, Granted), (4, Denied), (1, Withdrawn), (1, Granted)], "everything stays");
        let said = setup.govern.consent_statements(setup.project, &[1, 4]).await.expect("reads");
        let times: Vec<i64> = said.iter().map(|consent| consent.at).collect();
        assert_eq!(times, [20, 10, 5, 5], "by when it was said");
        let entry = &history[0];
        assert_eq!((entry.evidence.as_str(), entry.how), ("form 7", Some(How::Checkbox)));
        assert_eq!(entry.recorded_at, Some(setup.govern.now()));
    })
    .await;
}

/// Two people, one of whom refused, turn out to be one; later they say yes, and then
/// they are taken apart again.
#[tokio::test]
async fn merges_keep_a_refusal_and_splits_keep_what_was_said_since() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let (govern, project) = (&setup.govern, setup.project);
        let allowed = async |numbers: &[u32]| {
            let mut tx = db.begin().await.expect("begins");
            let asked = Asked { purpose: MARKETING, channel: "email", automated: false };
            let answers = ask(&mut tx, project, asked, numbers, govern.now()).await.expect("answers");
            answers.objection(numbers, &jiff::tz::TimeZone::UTC, |_| None)
        };
        govern.record_consent(project, &said(1, "email", ConsentState::Withdrawn, 10)).await.expect("ok");
        govern.record_consent(project, &said(2, "email", ConsentState::Granted, 20)).await.expect("ok");
        assert_eq!(allowed(&[2]).await, None);
        assert_eq!(allowed(&[1, 2]).await, Some(Objection::Refused));
        let again = Statement { numbers: vec![1, 2], ..said(1, "email", ConsentState::Granted, 30) };
        govern.record_consent(project, &again).await.expect("ok");
        for numbers in [&[1, 2][..], &[1], &[2]] {
            assert_eq!(allowed(numbers).await, None, "{numbers:?}");
        }
        let positions = govern.positions(project, &[1, 2]).await.expect("reads");
        let marketing = positions.iter().find(|found| found.purpose.id == MARKETING).expect("is there");
        assert_eq!((marketing.channel.as_str(), marketing.state), ("email", Some(ConsentState::Granted)));
        assert_eq!(marketing.by.as_ref().map(|by| by.at), Some(30));
        let unknown = Asked { purpose: "nothing", channel: "email", automated: false };
        let mut tx = db.begin().await.expect("begins");
        assert!(ask(&mut tx, project, unknown, &[1], 0).await.is_err());
    })
    .await;
}

#[tokio::test]
async fn the_same_statement_counts_once() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let one = Statement { key: Some("api:1".into()), ..said(1, "*", ConsentState::Withdrawn, 10) };
        let first = setup.govern.record_consent(setup.project, &one).await.expect("records");
        let second = setup.govern.record_consent(setup.project, &one).await.expect("records");
        assert!(first.is_some() && second.is_none());
        let known = ["api:1".to_owned(), "api:2".to_owned()];
        let known = setup.govern.known_consents(setup.project, &known).await.expect("reads");
        assert_eq!(known, ["api:1"]);
    })
    .await;
}
