//! The kinds of relations every project has. A new one is a file and a line here.

mod household;
mod inviter;
mod responsible;
mod staff;

use siyu_types::relation::{RelationKind, RelationSide};

/// In the order of their codes, which snapshots hold: only ever add at the end.
pub(crate) const BUILT_IN: &[fn() -> RelationKind] =
    &[inviter::kind, staff::kind, responsible::kind, household::kind];

/// What somebody at an end of these is called in what is told to people: the end at `from`,
/// then the one at `to`, each in Chinese and in English.
const CALLED: &[(&str, [(&str, &str); 2])] = &[
    ("inviter", [("邀请人", "inviter"), ("邀请来的人", "invited by them")]),
    ("staff", [("导购 / 客户经理", "staff who serve them"), ("客户", "customers")]),
    ("responsible", [("负责人", "responsible staff"), ("负责的客户", "customers they are responsible for")]),
    ("household", [("家庭成员", "household"), ("家庭成员", "household")]),
];

/// What those at an end of a kind are called, in Chinese and in English; a project's own kinds
/// have one name for both.
pub(super) fn called(kind: &RelationKind, end: RelationSide) -> (&str, &str) {
    let own = match end {
        RelationSide::From => kind.from_title.as_str(),
        RelationSide::To => kind.to_title.as_str(),
    };
    let known = CALLED.iter().find(|(name, _)| *name == kind.name);
    known.map_or((own, own), |(_, [from, to])| if end == RelationSide::From { *from } else { *to })
}
