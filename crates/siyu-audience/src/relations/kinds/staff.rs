//! Who of the staff knows whom; a customer may know several.

use siyu_types::relation::{Holders, RelationKind};

pub(super) fn kind() -> RelationKind {
    RelationKind {
        name: "staff".to_owned(),
        from_title: "staff".to_owned(),
        to_title: "customer".to_owned(),
        holders: Holders::Many,
        no_circles: false,
        group_max: 0,
    }
}
