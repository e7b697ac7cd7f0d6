//! The real audience: views, merges and goal events of a project on disk.

use std::sync::Arc;

use siyu_audience::{Project, ProjectSettings, Projects};
use siyu_events::{EventRow, StoreOptions};
use siyu_testkit::clock::MockClock;
use siyu_types::analysis::EventMatch;
use siyu_types::calendar::{InstantRange, zone};
use siyu_types::condition::{PropertyFilter, Test};
use siyu_types::record::{Evidence, ProfileChange};
use siyu_types::value::{Props, Value};
use siyu_types::{Identifier, PersonNo, ProjectId};

use super::LiveAudience;
use crate::audience::{Audience, GoalEvent};

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn order(person: PersonNo, time: i64, category: &str, amount: f64) -> EventRow {
    let props = Props::from([
        ("category".to_owned(), text(category)),
        ("amount_minor".to_owned(), Value::Number(amount)),
    ]);
    EventRow {
        person,
        time,
        seq: time as u64,
        name: "order_paid".to_owned(),
        props,
        ids: Vec::new(),
        source: "test".to_owned(),
        received_at: time,
    }
}

#[test]
fn people_and_their_goal_events() {
    let folder = tempfile::tempdir().expect("a folder");
    let settings = ProjectSettings {
        name: "喜茶铺".to_owned(),
        zone: zone("Asia/Shanghai").expect("known"),
        currency: "CNY".to_owned(),
    };
    let clock = MockClock::at("2026-11-21T12:00:00+08:00");
    let store = StoreOptions::default();
    let project = Project::open(folder.path(), ProjectId(1), settings, clock.shared(), store, None, None);
    let project = project.expect("opens");
    let identify = |ids: &[Identifier]| {
        project.people.write().identify(ids, Evidence::Strong, "test", 0).expect("usable identifiers")
    };
    let id = Identifier::new;
    let first = identify(&[id("login", "a"), id("email", "A@Example.cn")]);
    let second = identify(&[id("phone", "13800001111")]);
    let third = identify(&[id("login", "c")]);
    let name = Props::from([("name".to_owned(), text("李雷"))]);
    project.people.write().apply_profile(first, &ProfileChange::Set(name), 1, "test");
    let rows = vec![
        order(first, 100, "茶", 10.0),
        order(second, 200, "茶", 20.0),
        order(third, 300, "茶", 30.0),
        order(third, 400, "蛋糕", 40.0),
        order(third, 500, "茶", 50.0),
    ];
    project.events.append(rows).expect("appends");
    // The first and the second turn out to be one person.
    identify(&[id("login", "a"), id("phone", "13800001111")]);
    let projects = Projects::fixed();
    projects.insert(Arc::clone(&project));
    let audience = LiveAudience(Arc::new(projects));

    let numbers = [first.0, second.0, third.0, 99];
    assert_eq!(audience.current(ProjectId(1), &numbers[..3]).expect("open"), [first.0, first.0, third.0]);
    let views = audience.people(ProjectId(1), &numbers).expect("open");
    let li = views[0].as_ref().expect("living");
    assert_eq!((li.person, &li.numbers), (first.0, &vec![first.0, second.0]));
    assert_eq!(li.email.as_deref(), Some("a@example.cn"));
    assert_eq!(li.attributes["name"], text("李雷"));
    assert_eq!(views[1].as_ref().map(|view| view.person), Some(first.0), "by any of the numbers");
    assert_eq!(views[2].as_ref().and_then(|view| view.email.clone()), None);
    assert_eq!(views[3], None);
    assert_eq!(audience.everybody(ProjectId(1)).expect("open").len(), 2);

    let tea = PropertyFilter::of("category", Test::Is { values: vec![text("茶")] });
    let goal = EventMatch { event: "order_paid".to_owned(), filters: vec![tea] };
    let mut seen = Vec::new();
    let range = InstantRange { from: 100, to: 500 };
    audience.goal_events(ProjectId(1), &goal, range, &mut |event| seen.push(event)).expect("scans");
    seen.sort_by_key(|event| event.time);
    let event = |person, time, amount_minor| GoalEvent { person, time, amount_minor };
    assert_eq!(seen, [event(first.0, 100, 10.0), event(first.0, 200, 20.0), event(third.0, 300, 30.0)]);
    let other = EventMatch { event: "never".to_owned(), filters: Vec::new() };
    audience.goal_events(ProjectId(1), &other, range, &mut |_| panic!("nothing matches")).expect("scans");
}
