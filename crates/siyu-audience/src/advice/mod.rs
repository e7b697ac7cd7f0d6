//! What to do next about somebody (下一步建议, next best action): at most three things, each with the
//! fact it rests on, the most pressing first. Rules that anybody can follow in their head, not a score:
//! a colleague decides, and sees why. Made when asked, from the same facts as the page; nothing is stored.

mod rules;
#[cfg(test)]
mod tests;

use serde::Serialize;
use utoipa::ToSchema;

pub(crate) use rules::{Facts, advise};

/// One thing to do.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, ToSchema)]
pub struct Advice {
    pub kind: AdviceKind,
    /// Whole days: since the order, the refund or the last order; until the birthday. Null where the
    /// reason has none.
    pub days: Option<i64>,
    /// Of `due`: whole days between two orders of theirs, on average.
    pub every: Option<i64>,
    /// The order it is about; null where it is about none, or that has no number.
    pub order_id: Option<String>,
}

/// In the order in which they come first.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AdviceKind {
    /// Placed an order and has not paid: ask what keeps them.
    Unpaid,
    /// Got money back: ask whether all is well.
    Refunded,
    /// Has a birthday soon.
    Birthday,
    /// Used to buy more often: it is time again.
    Due,
    /// Has not bought for long: win them back.
    WinBack,
    /// Bought for the first time: invite them to come again.
    SecondOrder,
    /// Can only be met by chance: ask for a phone number, an e-mail address or to be a contact.
    Contact,
}
