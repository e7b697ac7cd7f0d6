//! Who lives together: without direction, and of a size that a home can have.

use siyu_types::relation::{Holders, RelationKind};

pub(super) fn kind() -> RelationKind {
    RelationKind {
        name: "household".to_owned(),
        from_title: "household".to_owned(),
        to_title: "household".to_owned(),
        holders: Holders::Many,
        no_circles: false,
        group_max: 20,
    }
}
