//! Situations everybody meets, as small scripts: what came in, and who is who after
//! it. The tests run them; the console shows what a project's own rules make of them.
//!
//! A script is lines of words. `seen` and `bind` are records (weak and strong
//! evidence) with identifiers `namespace=value`; `unbind`, `merge`, `split` and `undo`
//! are what they say; `day N` moves the clock; `times N` repeats the rest of the line
//! with `{n}` counted up. After a record, `=> id` says whose it is. `one a b`, `apart a
//! b`, `shared a`, `former a` and `conflict kind` say what holds at that point.

mod script;

use siyu_types::Identifier;
use siyu_types::clock::Millis;
use siyu_types::identity::{IdentityChange, IdentityDecision, IdentityRules};
use siyu_types::record::Evidence;

use super::graph::Graph;
use super::journal::Outcome;
pub use script::{Case, Line, Verb};

/// The scripts, most instructive first.
pub const CASES: &[(&str, &str)] = &[
    ("shop_tablet", include_str!("shop_tablet.case")),
    ("anonymous_then_known", include_str!("anonymous_then_known.case")),
    ("family_phone", include_str!("family_phone.case")),
    ("second_hand_phone", include_str!("second_hand_phone.case")),
    ("phone_changed", include_str!("phone_changed.case")),
    ("staff_device", include_str!("staff_device.case")),
    ("staff_phone", include_str!("staff_phone.case")),
    ("openid_then_unionid", include_str!("openid_then_unionid.case")),
    ("alias_loop", include_str!("alias_loop.case")),
    ("placeholders", include_str!("placeholders.case")),
    ("wrongly_merged_couple", include_str!("wrongly_merged_couple.case")),
    ("two_brands_one_openid", include_str!("two_brands_one_openid.case")),
];

/// What became of one line.
#[derive(Clone, PartialEq, Debug)]
pub struct Played {
    /// Line of the script, as written.
    pub text: String,
    /// For what the script expects: whether it holds.
    pub holds: Option<bool>,
    /// For records: the identifiers of whom they were attributed to.
    pub whose: Vec<Identifier>,
}

const DAY: Millis = 24 * 3_600_000;
const MINUTE: Millis = 60_000;
/// Some day; only differences matter.
const START: Millis = 1_700_000_000_000;

/// Runs a script under these rules.
pub fn play(case: &Case, rules: &IdentityRules) -> Vec<Played> {
    // Nothing of it is kept.
    let mut stage = Stage { graph: Graph::new(rules.in_the_clear()), at: START };
    case.lines.iter().map(|line| stage.play(line)).collect()
}

struct Stage {
    graph: Graph,
    at: Millis,
}

impl Stage {
    fn play(&mut self, line: &Line) -> Played {
        self.at += MINUTE;
        let mut played = Played { text: line.text.clone(), holds: None, whose: Vec::new() };
        match &line.verb {
            Verb::Day(days) => self.at = START + i64::from(*days) * DAY,
            Verb::Record { evidence, times, ids, whose } => {
                let mut atom = None;
                for round in 0..*times {
                    let ids = ids.iter().map(|id| script::counted(id, round)).collect::<Vec<_>>();
                    atom = self.graph.resolve(&ids, *evidence, "case", self.at).map(|resolved| resolved.atom);
                }
                let person = atom.map(|atom| self.graph.remap().person(atom.0));
                played.whose = person.map(|person| self.graph.identifiers(person)).unwrap_or_default();
                played.holds = whose.as_ref().map(|whose| self.person(whose) == person && person.is_some());
            }
            Verb::Unbind(ids) => drop(self.graph.unlink(ids, "case", self.at)),
            Verb::Merge(one, other) => {
                if let (Some(one), Some(other)) = (self.person(one), self.person(other)) {
                    self.decide(IdentityChange::Merge { one, other, former: Vec::new() });
                }
            }
            Verb::Split(ids) => {
                if let Some(person) = ids.first().and_then(|id| self.person(id)) {
                    self.decide(IdentityChange::Split { person, identifiers: ids.clone() });
                }
            }
            Verb::Undo => {
                let mut entries = self.graph.journal().entries().iter();
                let last = entries.rposition(|entry| {
                    entry.undone_by.is_none() && !matches!(entry.outcome, Outcome::Refused(_))
                });
                if let Some(change) = last {
                    self.decide(IdentityChange::Undo { change: change as u32 });
                }
            }
            Verb::One(ids) => {
                let people: Vec<_> = ids.iter().map(|id| self.person(id)).collect();
                played.holds = Some(people[0].is_some() && people.iter().all(|person| *person == people[0]));
            }
            Verb::Apart(ids) => {
                let mut people: Vec<_> = ids.iter().filter_map(|id| self.person(id)).collect();
                people.sort_unstable();
                people.dedup();
                played.holds = Some(people.len() == ids.len());
            }
            Verb::Shared(id) => played.holds = Some(self.graph.is_shared(id)),
            Verb::Former(id) => played.holds = Some(self.is_former(id)),
            Verb::Conflict(kind) => {
                played.holds = Some(self.graph.conflicts().list().iter().any(|held| held.kind == *kind));
            }
        }
        played
    }

    fn decide(&mut self, change: IdentityChange) {
        let decision = IdentityDecision { change, by: "case".to_owned(), reason: "case".to_owned() };
        self.graph.decide(&decision, self.at);
    }

    fn person(&self, id: &Identifier) -> Option<u32> {
        self.graph.atom_of(id).map(|atom| self.graph.remap().person(atom.0))
    }

    /// Somebody once had it, and nobody has it now, or it is somebody else's.
    fn is_former(&self, id: &Identifier) -> bool {
        (0..self.graph.atom_count()).any(|person| {
            self.graph
                .held(person)
                .iter()
                .any(|held| held.former && held.identifier.value.ends_with(&id.value))
        })
    }
}

/// Parses a built-in script.
///
/// # Panics
/// If it does not parse; a test reads them all.
pub fn parse(text: &str) -> Case {
    script::parse(text).unwrap_or_else(|why| unreachable!("a built-in case does not parse: {why}"))
}

/// The evidence that a script's word stands for.
fn evidence(word: &str) -> Option<Evidence> {
    match word {
        "seen" => Some(Evidence::Weak),
        "bind" => Some(Evidence::Strong),
        _ => None,
    }
}
