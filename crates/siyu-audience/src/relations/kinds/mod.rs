//! The kinds of relations every project has. A new one is a file and a line here.

mod household;
mod inviter;
mod responsible;
mod staff;

use siyu_types::relation::RelationKind;

/// In the order of their codes, which snapshots hold: only ever add at the end.
pub(crate) const BUILT_IN: &[fn() -> RelationKind] =
    &[inviter::kind, staff::kind, responsible::kind, household::kind];
