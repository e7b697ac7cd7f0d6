//! Who of the staff is responsible for whom: one at a time, who hands over to the next.

use siyu_types::relation::{Holders, RelationKind};

pub(super) fn kind() -> RelationKind {
    RelationKind {
        name: "responsible".to_owned(),
        from_title: "responsible staff".to_owned(),
        to_title: "customer".to_owned(),
        holders: Holders::Latest,
        no_circles: false,
        group_max: 0,
    }
}
