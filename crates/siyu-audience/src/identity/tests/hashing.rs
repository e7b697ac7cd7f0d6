//! Kinds that are kept as hashes: the same people, merges and splits as with values, by the
//! same lookups, and no value anywhere in what is kept.

use rand::rngs::StdRng;
use rand::{Rng, SeedableRng};
use siyu_govern::sealing::IdentifierHashes;
use siyu_types::ErrorCode;
use siyu_types::Identifier;
use siyu_types::identity::{IdentityChange, IdentityDecision, IdentityRules, is_hashed, shown_hash};
use siyu_types::record::Evidence::{Strong, Weak};

use super::super::journal::{Obstacle, Outcome};
use super::super::{Graph, rules};
use super::{check_consistency, ids, person, resolve};

const DAY: i64 = 24 * 3_600_000;
const HASHED: [&str; 3] = ["phone", "email", "openid"];

fn hashes(seed: u64) -> IdentifierHashes {
    IdentifierHashes::unkept(StdRng::seed_from_u64(seed)).expect("a key")
}

fn hashing(hashes: &IdentifierHashes, kinds: &[&str]) -> IdentityRules {
    let mut rules = rules::DEFAULT.clone();
    for kind in &mut rules.namespaces {
        kind.hash_at_rest = kinds.contains(&kind.name.as_str());
    }
    rules.hash_key = rules.keeps_hashes().then(|| hashes.present().to_owned());
    rules
}

fn graph(rules: IdentityRules, hashes: &IdentifierHashes) -> Graph {
    let mut graph = Graph::new(rules);
    graph.hash_with(hashes.clone()).expect("has the key");
    graph
}

/// In many writings; some are placeholders or slips.
fn any_identifier(random: &mut StdRng) -> Identifier {
    let which = random.random_range(0..6);
    match random.random_range(0..8) {
        0 | 1 => Identifier::new("login", format!("user{which}")),
        2 => Identifier::new("phone", format!("1380013800{which}")),
        3 => Identifier::new("phone", format!("+86 138-0013-800{which}")),
        4 => Identifier::new("email", format!("A{which}@x.cn")),
        5 => Identifier::new("openid:wx1", format!("o{which}x{which}z")),
        6 => Identifier::new("phone", ["138****8000", "1111111", "未知"][which % 3]),
        _ => Identifier::new("device", format!("d{}x9", which % 4)),
    }
}

fn change(random: &mut StdRng, graph: &Graph) -> IdentityChange {
    let count = graph.atom_count().max(1);
    match random.random_range(0..3) {
        0 => {
            let (one, other) = (random.random_range(0..count), random.random_range(0..count));
            IdentityChange::Merge { one, other, former: graph.contradicting(one, other, 0) }
        }
        1 => {
            let person = random.random_range(0..count);
            let some = graph.identifiers(person).into_iter().filter(|_| random.random_range(0..2) == 0);
            IdentityChange::Split { person, identifiers: some.collect() }
        }
        _ => IdentityChange::Undo { change: random.random_range(0..4) },
    }
}

/// Everything that is kept of a graph but the values themselves, which `as_kept` brings into one form.
fn said(graph: &Graph, as_kept: &Graph) -> String {
    let kept = |id: &Identifier| as_kept.admission().kept(id).unwrap_or_else(|| id.clone());
    let people: Vec<Vec<(Identifier, bool, bool)>> = (0..graph.atom_count())
        .map(|number| {
            let held = graph.held(number).into_iter();
            held.map(|held| (kept(&held.identifier), held.former, held.shared)).collect()
        })
        .collect();
    let mut conflicts: Vec<String> = graph
        .conflicts()
        .list()
        .iter()
        .map(|one| {
            format!(
                "{:?} {:?} {:?} {:?} {}",
                one.kind,
                kept(&one.kept),
                kept(&one.refused),
                one.other,
                one.count
            )
        })
        .collect();
    conflicts.sort_unstable();
    let outcomes: Vec<Outcome> = graph.journal().entries().iter().map(|entry| entry.outcome).collect();
    let (remap, counters) = (graph.remap().people(), graph.counters());
    format!("{people:?} {conflicts:?} {} {outcomes:?} {remap:?} {counters:?}", graph.conflicts().total())
}

/// Worlds with values, with hashes from the start, and with hashes from somewhere in the middle.
#[test]
fn hashes_make_the_same_people_as_values() {
    let hashes = hashes(7);
    let mut random = StdRng::seed_from_u64(21);
    let (mut done, mut hashed) = (0, 0);
    for world in 0..150 {
        let plain_rules = hashing(&hashes, &[]);
        let mut plain = graph(plain_rules.clone(), &hashes);
        let mut from_start = graph(hashing(&hashes, &HASHED), &hashes);
        let mut midway = graph(plain_rules.clone(), &hashes);
        let (turned_on, mut at) = (random.random_range(0..60), 0);
        for step in 0..60 {
            at += random.random_range(0..3 * DAY / 2);
            if step == turned_on {
                for (graph, kinds) in
                    [(&mut plain, &[][..]), (&mut from_start, &HASHED[..]), (&mut midway, &HASHED[..])]
                {
                    let rules = hashing(&hashes, kinds);
                    let change = IdentityChange::Rules { rules, redecide: false };
                    graph.decide(&IdentityDecision { change, by: String::new(), reason: String::new() }, at);
                }
            }
            let all = [&mut plain, &mut from_start, &mut midway];
            match random.random_range(0..8) {
                0 => {
                    // Decided by what each knows itself: values here, hashes there.
                    let choice: u64 = random.random();
                    for graph in all {
                        let change = change(&mut StdRng::seed_from_u64(choice), graph);
                        let by = String::new();
                        graph.decide(&IdentityDecision { change, by: by.clone(), reason: by }, at);
                    }
                }
                1 => {
                    let pair = [any_identifier(&mut random), any_identifier(&mut random)];
                    all.into_iter().for_each(|graph| drop(graph.unlink(&pair, "test", at)));
                }
                _ => {
                    let ids: Vec<Identifier> =
                        (0..random.random_range(1..4)).map(|_| any_identifier(&mut random)).collect();
                    let evidence = if random.random_range(0..2) == 0 { Strong } else { Weak };
                    let got = all.map(|graph| graph.resolve(&ids, evidence, "test", at));
                    assert!(got[0] == got[1] && got[0] == got[2], "world {world} step {step}: {got:?}");
                }
            }
            let moves = [&mut plain, &mut from_start, &mut midway].map(Graph::take_moves);
            assert!(moves[0] == moves[1] && moves[0] == moves[2], "world {world} step {step}: {moves:?}");
        }
        let expected = said(&plain, &from_start);
        assert_eq!(said(&from_start, &from_start), expected, "world {world}");
        assert_eq!(said(&midway, &from_start), expected, "world {world}, turned on at {turned_on}");
        for graph in [&plain, &from_start, &midway] {
            check_consistency(graph);
        }
        done += plain.counters().merges + plain.counters().splits;
        for graph in [&from_start, &midway] {
            for number in 0..graph.atom_count() {
                for held in graph.held(number) {
                    let kind = held.identifier.namespace.split(':').next().unwrap_or_default().to_owned();
                    let is = is_hashed(&held.identifier.value);
                    assert_eq!(is, HASHED.contains(&kind.as_str()), "{:?}", held.identifier);
                    hashed += u64::from(is);
                }
            }
            assert!(!graph.texts.contains("13800138") && !graph.texts.contains("@x.cn"), "{}", graph.texts);
        }
    }
    assert!(done > 500 && hashed > 5_000, "{done} merges and splits, {hashed} hashes: worth comparing");
}

#[test]
fn a_value_finds_whom_it_names_in_every_writing_and_only_with_the_key() {
    let hashes = hashes(1);
    let mut known = graph(hashing(&hashes, &["phone"]), &hashes);
    resolve(&mut known, "login:a phone:13800138000", Strong, 0);
    for writing in ["13800138000", "+8613800138000", "138-0013-8000", "008613800138000"] {
        assert_eq!(
            known.atom_of(&Identifier::new("phone", writing)).map(|atom| atom.0),
            Some(0),
            "{writing}"
        );
    }
    let token = known.identifiers(0)[1].clone();
    assert!(is_hashed(&token.value), "{token:?}");
    assert_eq!(known.atom_of(&token).map(|atom| atom.0), Some(0), "what stands for it does as well");
    let shown = shown_hash(&token.value).expect("a hash");
    assert_eq!((shown.chars().count(), shown.starts_with("hashed · ")), (14, true), "{shown}");
    assert_eq!(known.atom_of(&Identifier::new("phone", "hashed:13")), None, "not of the form of a hash");
    // Other kinds, projects and keys have other hashes of the same value.
    let key = hashes.present();
    let one = hashes.of(key, "phone", "+8613800138000").expect("a hash");
    assert_ne!(hashes.of(key, "email", "+8613800138000"), Some(one.clone()));
    assert_ne!(hashes.of_project(siyu_types::ProjectId(2)).of(key, "phone", "+8613800138000"), Some(one));
    let error = Graph::new(hashing(&hashes, &["phone"])).hash_with(self::hashes(2)).expect_err("another key");
    assert_eq!(error.code, ErrorCode::SecretUnreadable);
}

#[test]
fn what_was_hashed_stays_so() {
    let hashes = hashes(1);
    let on = hashing(&hashes, &["phone"]);
    let without = |rules: &IdentityRules, kind: &str| {
        let mut rules = rules.clone();
        rules.namespaces.retain(|namespace| namespace.name != kind);
        rules
    };
    let mut otherwise = on.clone();
    otherwise.namespaces[2].normaliser = siyu_types::identity::Normaliser::Text;
    let mut other_key = on.clone();
    other_key.hash_key = Some("cafe".to_owned());
    let mut disabled = on.clone();
    disabled.namespaces[2].enabled = false;
    for (what, rules, final_) in [
        ("off", hashing(&hashes, &[]), true),
        ("gone", without(&on, "phone"), true),
        ("another form", otherwise, true),
        ("another key", other_key, true),
        ("another one as well", hashing(&hashes, &["phone", "email"]), false),
        ("switched off", disabled, false),
        ("something else gone", without(&on, "ad_id"), false),
    ] {
        let kept = rules::keeps(&on, &rules);
        assert_eq!(kept.err().map(|error| error.code), final_.then_some(ErrorCode::HashIsFinal), "{what}");
        let mut graph = graph(on.clone(), &hashes);
        let change = IdentityChange::Rules { rules, redecide: false };
        graph.decide(&IdentityDecision { change, by: String::new(), reason: String::new() }, 0);
        let outcome = graph.journal().entries()[0].outcome;
        let expected = if final_ { Outcome::Refused(Obstacle::BadRules) } else { Outcome::Done };
        assert_eq!(outcome, expected, "{what}: a record in the log is held to it as well");
    }
    assert!(rules::validate(&IdentityRules { hash_key: None, ..on }).is_err(), "nothing to hash with");
}

#[test]
fn what_cannot_be_used_is_not_kept_as_it_came() {
    let hashes = hashes(1);
    let mut graph = graph(hashing(&hashes, &["phone"]), &hashes);
    let mut kept = ids("login:13800138000 phone:138****8000 phone:unknown phone:13800138000");
    assert!(graph.admission().keep(&mut kept));
    assert_eq!(
        (kept[0].value.as_str(), kept[1].value.as_str(), kept[2].value.as_str()),
        ("13800138000", "hashed:", "-")
    );
    assert!(is_hashed(&kept[3].value));
    assert!(!graph.admission().keep(&mut kept), "once is enough");
    // And it is refused and counted as what came.
    graph.resolve(&kept, Weak, "test", 0);
    assert_eq!((graph.counters().malformed, graph.counters().blocked), (1, 1));
    assert_eq!(person(&graph, "phone:13800138000"), person(&graph, "login:13800138000"));
}
