//! Deadlines and moves as tables; requests and copies on both databases.

use siyu_db::{Db, Jobs};
use siyu_testkit::databases;
use siyu_types::{ErrorCode, Identifier, PersonNo, Role, Viewer, calendar, permission::Actor};

use super::copies::rules as copy_rules;
use super::model::{Request, Waiting, Wanted};
use super::rules::{
    SOON_DAYS, WORKING_DAYS, due, require_end, require_open, require_taken, require_verified, soon,
};
use super::*;
use crate::tests::Setup;

const DAY: i64 = 86_400_000;

fn request(state: RequestState) -> Request {
    Request {
        id: 1,
        person: Some(PersonNo(1)),
        contact: None,
        kind: RequestKind::Access,
        state,
        source: String::new(),
        note: String::new(),
        answer: String::new(),
        language: "zh".to_owned(),
        asked_at: 0,
        due_at: 0,
        assignee: None,
        verified: None,
        ended_at: None,
        updated_at: 0,
        updated_by: String::new(),
    }
}

#[test]
fn requests_are_due_after_working_days() {
    let zone = calendar::zone("Asia/Shanghai").expect("a zone");
    let at = |day: &str| calendar::day_start(day.parse().expect("a date"), &zone);
    assert_eq!(WORKING_DAYS, 15);
    let cases = [
        ("a Thursday", "2026-11-26", "2026-12-18"),
        ("a Friday", "2026-11-27", "2026-12-19"),
        ("a Saturday", "2026-11-28", "2026-12-19"),
        ("a Sunday", "2026-11-29", "2026-12-19"),
        ("over the new year, whose holidays count as days of work", "2026-12-28", "2027-01-19"),
    ];
    for (name, asked, after_last) in cases {
        assert_eq!(due(at(asked) + 3_600_000, &zone), at(after_last) - 1, "{name}");
    }
}

#[test]
fn what_may_be_done_in_which_state() {
    use RequestState::{Done, Open, Refused, Working};
    for (state, open, taken) in
        [(Open, true, false), (Working, true, true), (Done, false, false), (Refused, false, false)]
    {
        let request = request(state);
        assert_eq!(require_open(&request, "x").is_ok(), open, "{state:?}");
        assert_eq!(require_taken(&request, "x").is_ok(), taken, "{state:?}");
    }
    let verified = Some(Verified { at: 1, how: VerifiedHow::CallBack });
    let sure = Request { verified, ..request(Working) };
    let stranger = Request { person: None, ..request(Working) };
    let cases = [
        ("nobody took it", request(Open), Done, "all", Some(ErrorCode::WrongState)),
        ("not sure who asks", request(Working), Done, "all", Some(ErrorCode::NotVerified)),
        ("sure", sure.clone(), Done, "all", None),
        ("no word", sure.clone(), Done, "  ", Some(ErrorCode::InvalidInput)),
        ("a refusal has a reason", sure.clone(), Refused, "", Some(ErrorCode::InvalidInput)),
        ("a refusal needs nobody to be sure", request(Working), Refused, "not you", None),
        ("nothing is known of a stranger", stranger, Done, "we hold nothing", None),
        ("not an end", sure, Open, "all", Some(ErrorCode::InvalidInput)),
    ];
    for (name, request, to, answer, expected) in cases {
        let found = require_end(&request, to, answer).err().map(|error| error.code);
        assert_eq!(found, expected, "{name}");
    }
    assert!(require_verified(&request(Working)).is_err());
}

#[test]
fn codes_are_read_as_people_type_them() {
    use rand::SeedableRng;
    let code = copy_rules::code(&mut rand::rngs::StdRng::seed_from_u64(1));
    assert_eq!((code.len(), code.find('-')), (11, Some(5)), "{code}");
    assert!(!code.contains(['0', 'O', '1', 'I']), "{code}");
    for typed in [code.to_lowercase(), code.replace('-', " "), format!(" {code} ")] {
        assert_eq!(copy_rules::plain(&typed), copy_rules::plain(&code), "{typed}");
    }
}

fn new(person: u32, kind: RequestKind) -> NewRequest {
    NewRequest {
        person: Some(PersonNo(person)),
        numbers: vec![person],
        contact: None,
        kind,
        source: "preference_page".to_owned(),
        note: "message:1".to_owned(),
        language: "en".to_owned(),
        by: Assignee::person(),
    }
}

async fn asked(setup: &Setup, new: &NewRequest) -> i64 {
    setup.govern.request(setup.project, new, &jiff::tz::TimeZone::UTC).await.expect("is taken down")
}

fn officer(setup: &Setup) -> Viewer {
    let actor = Actor::User { id: 7, name: "合规".to_owned() };
    Viewer::new(actor, setup.project, Role::Owner)
}

#[tokio::test]
async fn a_request_is_taken_down_once() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let both = NewRequest { numbers: vec![3, 8], ..new(3, RequestKind::Access) };
        let first = asked(&setup, &both).await;
        assert_eq!(asked(&setup, &NewRequest { person: Some(PersonNo(8)), ..both.clone() }).await, first);
        assert_ne!(asked(&setup, &NewRequest { kind: RequestKind::Erase, ..both }).await, first);
        let by_mail = NewRequest {
            person: None,
            numbers: Vec::new(),
            contact: Some(Identifier::new("email", "who@example.com")),
            ..new(0, RequestKind::Access)
        };
        let stranger = asked(&setup, &by_mail).await;
        assert_eq!(asked(&setup, &by_mail).await, stranger);
        let forms = ["x".to_owned(), "who@example.com".to_owned()];
        let found = setup.govern.requests_by_contact(setup.project, &forms).await.expect("reads");
        assert_eq!(
            found.iter().map(|request| (request.id, request.person)).collect::<Vec<_>>(),
            [(stranger, None)]
        );
    })
    .await;
}

#[tokio::test]
async fn the_list_is_by_deadline_and_says_what_waits() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let govern = &setup.govern;
        let officer = officer(&setup);
        let first = asked(&setup, &new(1, RequestKind::Access)).await;
        setup.clock.advance(19 * DAY);
        let second = asked(&setup, &new(2, RequestKind::Erase)).await;
        let take = |id| {
            govern.work(&officer, id, |request, _| {
                request.state = RequestState::Working;
                request.assignee = Some(Assignee::of(&officer));
                Ok((StepKind::Taken, String::new()))
            })
        };
        take(second).await.expect("is taken");
        let ids = async |wanted: Wanted| {
            let found = store::list(&db, setup.project, &wanted, None, 10).await.expect("reads");
            found.iter().map(|request| request.id).collect::<Vec<_>>()
        };
        let now = govern.now();
        assert_eq!(ids(Wanted::default()).await, [first, second]);
        assert_eq!(ids(Wanted { due_until: Some(soon(now)), ..Wanted::default() }).await, [first]);
        assert_eq!(ids(Wanted { kind: Some(RequestKind::Erase), ..Wanted::default() }).await, [second]);
        assert_eq!(ids(Wanted { assignee: Some("user:7".to_owned()), ..Wanted::default() }).await, [second]);
        let waits = async || {
            let now = govern.now();
            store::waiting(&db, setup.project, (now, soon(now)), "user:7").await.expect("counts")
        };
        assert_eq!(waits().await, Waiting { open: 2, due_soon: 1, overdue: 0, mine: 1 });
        setup.clock.advance((SOON_DAYS + 1) * DAY);
        assert_eq!(waits().await, Waiting { open: 2, due_soon: 0, overdue: 1, mine: 1 });

        govern
            .work(&officer, second, |request, now| {
                (request.state, request.ended_at) = (RequestState::Refused, Some(now));
                Ok((StepKind::Refused, "why".to_owned()))
            })
            .await
            .expect("ends");
        assert_eq!(ids(Wanted { ended: true, ..Wanted::default() }).await, [second]);
        let steps = store::steps(&db, setup.project, second).await.expect("reads");
        let told: Vec<_> = steps.iter().map(|step| (step.kind, step.by.actor.as_str())).collect();
        let expected =
            [(StepKind::Refused, "user:7"), (StepKind::Taken, "user:7"), (StepKind::Asked, "person")];
        assert_eq!(told, expected);
        let shown =
            async |numbers: &[u32]| govern.requests_shown(setup.project, numbers).await.expect("reads").len();
        assert_eq!((shown(&[1]).await, shown(&[2]).await), (1, 1));
        setup.clock.advance((ANSWERS_SHOWN_DAYS + 1) * DAY);
        assert_eq!((shown(&[1]).await, shown(&[2]).await), (1, 0), "an answer is shown for some time");
    })
    .await;
}

/// Makes a copy of person 1 as the job does.
async fn copy_of(setup: &Setup, db: &Db, request: Option<i64>) -> i64 {
    let jobs = Jobs::new(db.clone(), setup.clock.shared());
    let new = NewCopy { person: PersonNo(1), request, language: "zh".to_owned() };
    let copy = setup.govern.create_copy(&officer(setup), &new, &jobs, "rights_copy").await.expect("queues");
    assert_eq!(copy.state, CopyState::Making);
    let copy_file = setup.govern.copy_path(copy.id);
    let path = copy_file.path();
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("makes the folder");
    std::fs::write(path, b"zip").expect("writes");
    let contents = vec![Content { area: "events".to_owned(), count: 3, cut: false }];
    let file = CopyFile { bytes: 3, sha256: "00".to_owned(), contents };
    setup.govern.copy_made(copy.id, &file).await.expect("is noted");
    copy.id
}

#[tokio::test]
async fn a_person_fetches_the_copy_with_link_and_code() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let (govern, project) = (&setup.govern, setup.project);
        let officer = officer(&setup);
        let id = asked(&setup, &new(1, RequestKind::Access)).await;
        let copy = copy_of(&setup, &db, Some(id)).await;
        let refused = govern.hand_out_copy(&officer, copy).await.expect_err("not verified");
        assert_eq!(refused.code, ErrorCode::NotVerified);
        let verify = govern.work(&officer, id, |request, now| {
            request.verified = Some(Verified { at: now, how: VerifiedHow::InPerson });
            Ok((StepKind::Verified, "in the shop".to_owned()))
        });
        verify.await.expect("is noted");
        let code_of = async |code: &str| govern.fetch_copy(project, &[1, 5], copy, code).await;
        let error = async |code: &str| code_of(code).await.expect_err("refused").code;
        assert_eq!(error("22222-22222").await, ErrorCode::WrongCode, "there is no code yet");
        let code = govern.hand_out_copy(&officer, copy).await.expect("a code");
        assert!(code_of(&code.to_lowercase()).await.expect("opens").exists());
        let other = govern.fetch_copy(project, &[2], copy, &code).await.expect_err("somebody else's");
        assert_eq!(other.code, ErrorCode::NotFound);
        for _ in 0..CODE_FAILURES_MAX {
            assert_eq!(error("22222-22222").await, ErrorCode::WrongCode);
        }
        assert_eq!(error(&code).await, ErrorCode::WrongCode, "tried too often");
        let again = govern.hand_out_copy(&officer, copy).await.expect("another code");
        assert!(code_of(&again).await.is_ok());
        assert_eq!(govern.copy(project, copy).await.expect("reads").fetches, 2);
        let steps = store::steps(&db, project, id).await.expect("reads");
        let fetched = steps.iter().filter(|step| step.kind == StepKind::Fetched);
        assert!(fetched.clone().count() == 2 && fetched.clone().all(|step| step.by.actor == "person"));

        setup.clock.advance(COPY_DAYS * DAY);
        assert_eq!(error(&again).await, ErrorCode::CopyGone);
        assert_eq!(govern.remove_expired_copies().await.expect("removes"), 1);
        assert!(!govern.copy_path(copy).exists());
        assert_eq!(govern.remove_expired_copies().await.expect("nothing left"), 0);
    })
    .await;
}

#[tokio::test]
async fn downloads_are_written_down_and_need_a_permission() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let copy = copy_of(&setup, &db, None).await;
        let operator = Viewer { role: Role::Operator, ..officer(&setup) };
        let refused = setup.govern.download_copy(&operator, copy).await.expect_err("refused");
        assert_eq!(refused.code, ErrorCode::Forbidden);
        setup.govern.download_copy(&officer(&setup), copy).await.expect("a file");
        let unasked = setup.govern.hand_out_copy(&officer(&setup), copy).await.expect_err("nobody asked");
        assert_eq!(unasked.code, ErrorCode::WrongState);
        setup.govern.remove_copy(&officer(&setup), copy).await.expect("removes");
        let gone = setup.govern.download_copy(&officer(&setup), copy).await.expect_err("gone");
        assert_eq!(gone.code, ErrorCode::CopyGone);
        let copies = setup.govern.copies_of(setup.project, &[1, 2]).await.expect("reads");
        assert_eq!((copies[0].downloads, copies[0].state), (1, CopyState::Removed));
        let actions: Vec<String> = sqlx::query_scalar("SELECT action FROM audit ORDER BY seq")
            .fetch_all(db.read())
            .await
            .expect("reads");
        assert_eq!(&actions[actions.len() - 3..], ["rights.copy", "rights.download", "rights.remove_copy"]);
    })
    .await;
}

#[tokio::test]
async fn what_an_erased_person_asked_is_forgotten() {
    databases::both(async |db| {
        let setup = Setup::new(&db).await;
        let asked_for = asked(&setup, &new(1, RequestKind::Access)).await;
        let erase = asked(&setup, &new(1, RequestKind::Erase)).await;
        let others = asked(&setup, &new(2, RequestKind::Access)).await;
        let copy = copy_of(&setup, &db, Some(asked_for)).await;
        for _ in 0..2 {
            let (requests, _) =
                setup.govern.forget_requests(setup.project, &[1], "erasure 1").await.expect("forgets");
            assert_eq!(requests, 2);
        }
        assert!(!setup.govern.copy_path(copy).exists());
        let left = setup.govern.requests_of(setup.project, &[1]).await.expect("reads");
        let told: Vec<_> =
            left.iter().map(|r| (r.id, r.state, r.note.as_str(), r.answer.is_empty())).collect();
        let expected =
            [(asked_for, RequestState::Refused, "", false), (erase, RequestState::Done, "", false)];
        assert_eq!(told, expected, "doing it twice changes nothing");
        let steps = store::steps(&db, setup.project, asked_for).await.expect("reads");
        assert!(steps.iter().all(|step| step.text.is_empty()));
        let other = setup.govern.requests_of(setup.project, &[2]).await.expect("reads");
        assert_eq!((other[0].id, other[0].note.as_str()), (others, "message:1"));
    })
    .await;
}
