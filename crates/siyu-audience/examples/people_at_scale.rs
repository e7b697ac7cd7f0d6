//! How fast identities resolve, profiles apply, snapshots are written and segments
//! are counted: `cargo run --release -p siyu-audience --example people_at_scale -- 1000000`.
//! Invented, evenly spread people; the figures are for comparing changes.

use std::sync::Arc;
use std::time::Instant;

use siyu_audience::{People, Project, ProjectSettings, evaluate};
use siyu_events::StoreOptions;
use siyu_types::condition::{Compare, Condition, Test};
use siyu_types::record::{Evidence, ProfileChange};
use siyu_types::{Identifier, PersonNo, ProjectId, SystemClock, Value, calendar};

const CITIES: [&str; 8] = ["杭州", "苏州", "上海", "北京", "成都", "广州", "武汉", "西安"];

fn main() {
    let count: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(200_000);
    let folder = tempfile::tempdir().expect("a folder");
    let settings = ProjectSettings {
        name: "scale".to_owned(),
        zone: calendar::zone("Asia/Shanghai").expect("a known zone"),
        currency: "CNY".to_owned(),
    };
    let clock = Arc::new(SystemClock);
    let project =
        Project::open(folder.path(), ProjectId(1), settings, clock, StoreOptions::default(), None, None)
            .expect("opens");
    fill(&mut project.people.write(), count);
    let people = project.people.read();
    println!("{} people of {} numbers", people.universe().len(), people.graph().atom_count());
    if let Some(bytes) = resident_bytes() {
        println!("memory   {:>8} bytes per person, {bytes} in all", bytes / count);
    }
    let started = Instant::now();
    let state = people.snapshot(&project.people_dir()).expect("writes");
    let files = state.files.iter().map(|name| project.people_dir().join(name));
    let bytes: u64 = files.filter_map(|file| file.metadata().ok()).map(|file| file.len()).sum();
    println!("snapshot {:>8.0} ms, {bytes} bytes", millis(started));
    let started = Instant::now();
    People::load(&project.people_dir(), &state).expect("reads");
    println!("load     {:>8.0} ms", millis(started));
    let started = Instant::now();
    let found = people.search(&siyu_types::Viewer::system(siyu_types::ProjectId(1)), "1380000").len();
    println!("search   {:>8.2} ms, {found} found", millis(started));
    let started = Instant::now();
    let person = people.person_of(PersonNo(7));
    let seen = (people.identifiers(person).len(), people.attributes(person).len());
    println!("one      {:>8.3} ms, {seen:?} identifiers and attributes", millis(started));
    drop(people);
    count_segments(&project);
}

fn fill(people: &mut People, count: u64) {
    let id = |namespace: &str, value: String| Identifier::new(namespace, value);
    let device = |n: u64| id("device", format!("{:016x}", (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
    let login = |n: u64| id("login", format!("member{n}"));
    let started = Instant::now();
    for n in 0..count {
        people.identify(&[device(n)], Evidence::Weak, "web", n as i64);
        if n % 2 == 0 {
            let phone = id("phone", format!("138{n:08}"));
            people.identify(&[login(n), phone, device(n)], Evidence::Strong, "web", n as i64);
        }
    }
    report("first sight and log-in", count + count / 2, started);
    let started = Instant::now();
    for n in 0..count {
        people.identify(&[login(n / 2 * 2), device(n / 2 * 2)], Evidence::Weak, "web", n as i64);
    }
    report("log-in and device, known", count, started);
    let started = Instant::now();
    for n in 0..count {
        let atom = people.identify(&[device(n)], Evidence::Weak, "web", n as i64).expect("usable");
        let set = [
            ("age".to_owned(), Value::Number((n % 80) as f64)),
            ("city".to_owned(), Value::Text(CITIES[(n % 8) as usize].to_owned())),
            ("name".to_owned(), Value::Text(format!("会员{n}"))),
            ("vip".to_owned(), Value::Bool(n % 10 == 0)),
        ];
        people.apply_profile(atom, &ProfileChange::Set(set.into()), n as i64, "web");
    }
    report("profiles of four attributes", count, started);
}

fn count_segments(project: &Project) {
    let is = |name: &str, value: Value| Condition::Attribute {
        name: name.to_owned(),
        test: Test::Is { values: vec![value] },
    };
    let older = Condition::Attribute {
        name: "age".to_owned(),
        test: Test::Number { compare: Compare::AtLeast, value: 30.0 },
    };
    let city = Condition::Any {
        of: CITIES[..3].iter().map(|city| is("city", Value::Text((*city).to_owned()))).collect(),
    };
    let not_vip = Condition::Not { of: Box::new(is("vip", Value::Bool(true))) };
    let condition = Condition::All { of: vec![older, city, not_vip] };
    for _ in 0..3 {
        let started = Instant::now();
        let found = evaluate(project, &condition, 0).expect("evaluates").len();
        println!("segment  {:>8.2} ms, {found} members", millis(started));
    }
}

fn report(what: &str, count: u64, started: Instant) {
    println!("{what}: {:.0} records/s", count as f64 / started.elapsed().as_secs_f64());
}

/// Memory this process holds, where the system tells.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1_024)
}

fn millis(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1_000.0
}
