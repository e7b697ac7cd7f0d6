//! What identity alone costs: resolutions by kind, memory, merging by hand, trying
//! other rules, reading back. `cargo run --release -p siyu-audience --example
//! identity_at_scale -- 10000000` makes about that many identifiers.

use std::time::Instant;

use siyu_audience::People;
use siyu_types::Identifier;
use siyu_types::identity::{IdentityChange, IdentityDecision};
use siyu_types::record::Evidence::{self, Strong, Weak};

fn id(namespace: &str, value: String) -> Identifier {
    Identifier::new(namespace, value)
}

fn device(n: u64) -> Identifier {
    id("device", format!("{:016x}", (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)))
}

fn login(n: u64) -> Identifier {
    id("login", format!("member{n}"))
}

fn phone(n: u64) -> Identifier {
    id("phone", format!("13{:09}", n % 1_000_000_000))
}

fn main() {
    let identifiers: u64 = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    // Four per person: a log-in, a phone, two devices.
    let count = identifiers / 4;
    let mut people = People::default();
    let empty = memory();
    let say = |people: &mut People,
               what: &str,
               per_person: u64,
               each: &dyn Fn(u64) -> Vec<(Vec<Identifier>, Evidence)>| {
        let started = Instant::now();
        for n in 0..count {
            for (ids, evidence) in each(n) {
                people.identify(&ids, evidence, "web", 1_700_000_000_000 + n as i64);
            }
            if n % 1_000 == 0 {
                people.take_moves();
            }
        }
        let records = (count * per_person) as f64;
        println!("{what:<44} {:>10.0} records/s", records / started.elapsed().as_secs_f64());
    };
    say(&mut people, "new: anonymous devices", 2, &|n| {
        vec![(vec![device(2 * n)], Weak), (vec![device(2 * n + 1)], Weak)]
    });
    say(&mut people, "merging: log-in with phone on a device", 1, &|n| {
        vec![(vec![login(n), phone(n), device(2 * n)], Strong)]
    });
    say(&mut people, "merging: log-in on a second device", 1, &|n| {
        vec![(vec![login(n), device(2 * n + 1)], Strong)]
    });
    say(&mut people, "known: log-in and device", 1, &|n| vec![(vec![login(n), device(2 * n)], Weak)]);
    say(&mut people, "known: device alone", 1, &|n| vec![(vec![device(2 * n)], Weak)]);
    let held = people.graph().identifier_count();
    let bytes = (memory() - empty) as f64 / held as f64;
    println!(
        "{held} identifiers of {} people, {bytes:.0} bytes each with their links",
        people.universe().len()
    );
    decide(&mut people, count);
    let folder = tempfile::tempdir().expect("a folder");
    let started = Instant::now();
    let state = people.snapshot(folder.path()).expect("writes");
    println!("{:<44} {:>10.2} s", "snapshot written", started.elapsed().as_secs_f64());
    let started = Instant::now();
    let again = People::load(folder.path(), &state).expect("reads");
    println!("{:<44} {:>10.2} s", "snapshot read, people found anew", started.elapsed().as_secs_f64());
    assert_eq!(again.universe(), people.universe());
    drop(again);
    let mut rules = people.graph().rules().clone();
    rules.identifiers_max = 3;
    let started = Instant::now();
    let tried = people.graph().rehearse(&rules);
    println!(
        "{:<44} {:>10.2} s, {} links, {} people affected",
        "other rules tried",
        started.elapsed().as_secs_f64(),
        tried.links,
        tried.affected
    );
}

/// Merges and undoes by hand, as the pipeline does between two records.
fn decide(people: &mut People, count: u64) {
    let say = |change| IdentityDecision { change, by: "bench".to_owned(), reason: "bench".to_owned() };
    let rounds = 1_000.min(count / 2) as u32;
    let started = Instant::now();
    for round in 0..rounds {
        let (one, other) = (u64::from(round) * 2, u64::from(round) * 2 + 1);
        let number = |people: &People, n| people.lookup(&login(n)).expect("known").0;
        let change = IdentityChange::Merge {
            one: number(people, one),
            other: number(people, other),
            former: vec![login(other), phone(other)],
        };
        people.decide(&say(change), 1_800_000_000_000);
        people.decide(&say(IdentityChange::Undo { change: round * 2 }), 1_800_000_000_000);
    }
    let each = started.elapsed().as_secs_f64() * 1e6 / f64::from(rounds * 2);
    println!("{:<44} {each:>10.1} µs each", "merge by hand, and undo");
}

/// Resident bytes of this process.
fn memory() -> u64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    status.split_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}
