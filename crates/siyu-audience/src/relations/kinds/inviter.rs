//! Who brought whom. The first one stays, as rewards hang on it.

use siyu_types::relation::{Holders, RelationKind};

pub(super) fn kind() -> RelationKind {
    RelationKind {
        name: "inviter".to_owned(),
        from_title: "inviter".to_owned(),
        to_title: "invited".to_owned(),
        holders: Holders::First,
        no_circles: true,
        group_max: 0,
    }
}
