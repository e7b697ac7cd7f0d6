//! The one internal form that every protocol and import decodes into.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::clock::Millis;
use crate::erasure::ErasureOrder;
use crate::identity::IdentityDecision;
use crate::ids::PersonNo;
use crate::relation::RelationStatement;
use crate::value::{Props, Value};

/// Standard event names that siyu itself understands. Clients may send any
/// other name as well.
pub mod names {
    /// A page was viewed. Sensors' `$pageview` and Segment's `page` become this.
    pub const PAGE_VIEW: &str = "page_view";
    /// An order was placed and is to be paid; `order_id`, `amount_minor`.
    pub const ORDER_PLACED: &str = "order_placed";
    /// An order was paid; `order_id`, `amount_minor`, and `payment_id` where it is paid in
    /// several parts.
    pub const ORDER_PAID: &str = "order_paid";
    /// One line of an order; `order_id`, `line_id`, `item_id`, `quantity`, `amount_minor`.
    pub const ORDER_LINE: &str = "order_line";
    /// Money went back; `order_id`, `amount_minor`, `refund_id`, and `item_id` or `line_id`
    /// where it is for one line.
    pub const ORDER_REFUNDED: &str = "order_refunded";
    /// The person called off an order that was not paid.
    pub const ORDER_CANCELLED: &str = "order_cancelled";
    /// The shop ended an order that was not paid.
    pub const ORDER_CLOSED: &str = "order_closed";
    /// Everything an order is put together from.
    pub const ORDER_EVENTS: [&str; 6] =
        [ORDER_PLACED, ORDER_PAID, ORDER_LINE, ORDER_REFUNDED, ORDER_CANCELLED, ORDER_CLOSED];
    /// Messages. All carry `campaign_id`, `send_id`, `channel`.
    pub const MESSAGE_SENT: &str = "message_sent";
    pub const MESSAGE_DELIVERED: &str = "message_delivered";
    pub const MESSAGE_OPENED: &str = "message_opened";
    pub const MESSAGE_CLICKED: &str = "message_clicked";
    /// It came back, at once or later, with `reason`.
    pub const MESSAGE_BOUNCED: &str = "message_bounced";
    /// The person called it unwanted, with `reason`.
    pub const MESSAGE_COMPLAINED: &str = "message_complained";
    /// Definitely not accepted, with `reason`.
    pub const MESSAGE_FAILED: &str = "message_failed";
    /// Handed over, but whether it was accepted is not known.
    pub const MESSAGE_UNKNOWN: &str = "message_unknown";
    pub const MESSAGE_UNSUBSCRIBED: &str = "message_unsubscribed";
    /// A refusal, with `reason`; nothing was sent.
    pub const MESSAGE_SUPPRESSED: &str = "message_suppressed";
    /// The virtual send of somebody in the control group.
    pub const MESSAGE_WITHHELD: &str = "message_withheld";
    /// Two people, as known until then, turned out to be one; `numbers`, `cause`.
    pub const PERSON_MERGED: &str = "person_merged";
    /// One person, as known until then, turned out to be several; `numbers`, `cause`.
    pub const PERSON_SPLIT: &str = "person_split";

    /// What is done to people, or learned of them, rather than done by them: no sign
    /// of somebody being active.
    pub const DONE_TO_PEOPLE: &[&str] = &[
        MESSAGE_SENT,
        MESSAGE_DELIVERED,
        MESSAGE_BOUNCED,
        MESSAGE_FAILED,
        MESSAGE_UNKNOWN,
        MESSAGE_SUPPRESSED,
        MESSAGE_WITHHELD,
        PERSON_MERGED,
        PERSON_SPLIT,
    ];

    /// A person allowed or refused a purpose; `purpose`, `channel`, `state`, `version`,
    /// `page`, `statement`. The consent ledger takes it over.
    pub const CONSENT_SET: &str = "consent_set";

    /// Amounts are integers in minor units (分, cents). A property whose name
    /// ends like this is money in the project's currency.
    pub const MONEY_SUFFIX: &str = "_minor";
}

/// An identifier as it arrived: namespace, with its scope behind a colon where it has
/// one (`phone`, `openid:wx12ab`), and value. Which there are is for the project's
/// [`crate::identity::IdentityRules`] to say.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
pub struct Identifier {
    pub namespace: String,
    pub value: String,
}

impl Identifier {
    pub fn new(namespace: &str, value: impl Into<String>) -> Identifier {
        Identifier { namespace: namespace.to_owned(), value: value.into() }
    }
}

/// How strongly a record says that its identifiers belong to one person.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// They merely stand side by side on one record: attaches, never merges two known people.
    Weak,
    /// A log-in, sign-up, bind, alias or identify call: may merge two people.
    Strong,
}

/// One decoded, not yet identified record.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Record {
    /// De-duplication key: of the message id where the protocol has one, else of
    /// the content without fields that vary between retries.
    pub key: u128,
    /// When it happened, corrected for the client's clock.
    pub time: Millis,
    pub received_at: Millis,
    /// At least one, most trusted first; empty only for items.
    pub ids: Vec<Identifier>,
    pub evidence: Evidence,
    pub body: Body,
    /// Name of the source (key or import) it came from.
    pub source: String,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    Event {
        name: String,
        props: Props,
    },
    Profile {
        change: ProfileChange,
    },
    /// Says only that the identifiers belong together.
    Link,
    /// Takes the second and further identifiers away from the person of the first.
    Unlink,
    /// What somebody decided about who is who. Written by siyu only.
    Identity(Box<IdentityDecision>),
    /// What somebody put right about a person's attribute. Written by siyu only.
    Correction(Box<Correction>),
    /// A person is to be nobody from here on. Written by siyu only.
    Erasure(ErasureOrder),
    /// What is said about how people are related, or about the kinds of relations.
    Relation(Box<RelationStatement>),
    Item {
        item_type: String,
        item_id: String,
        change: ItemChange,
    },
}

/// A value put right by hand. It names the person by number, as decisions do, because an
/// identifier may be somebody else's by the time it is read again.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Correction {
    pub number: PersonNo,
    pub attribute: String,
    pub change: CorrectionChange,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrectionChange {
    /// This is right, whatever sources say.
    Set(Value),
    /// There is no such thing to say of this person, whatever sources say.
    Clear,
    /// The correction made at this time is taken back.
    Lift(Millis),
}

/// A change of a person's attributes, applied in event-time order per attribute.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProfileChange {
    Set(Props),
    SetOnce(Props),
    Increment(Props),
    Append(Props),
    Unset(Vec<String>),
    Delete,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ItemChange {
    Set(Props),
    Unset(Vec<String>),
    /// Tags put on the item, and taken off it.
    Tag {
        add: Vec<String>,
        remove: Vec<String>,
    },
    Delete,
}

/// Parts that fit are hashed at once, which is several times faster than part by part.
const KEY_BYTES: usize = 240;

/// De-duplication key of a message id, within a protocol and source project.
pub fn key_of(parts: &[&[u8]]) -> u128 {
    let mut bytes = [0; KEY_BYTES];
    let mut end = 0;
    for part in parts {
        let Some(room) = bytes.get_mut(end..end + 8 + part.len()) else { return long_key(parts) };
        let (length, content) = room.split_at_mut(8);
        length.copy_from_slice(&(part.len() as u64).to_le_bytes());
        content.copy_from_slice(part);
        end += 8 + part.len();
    }
    xxhash_rust::xxh3::xxh3_128(&bytes[..end])
}

fn long_key(parts: &[&[u8]]) -> u128 {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    hasher.digest128()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Keys are stored, so both ways must give the same, and always what they gave.
    #[test]
    fn keys_of_any_length_are_made_alike() {
        for length in 0..300 {
            let id = vec![b'x'; length];
            assert_eq!(key_of(&[b"own", &id]), long_key(&[b"own", &id]), "{length}");
        }
        assert_ne!(key_of(&[b"ab", b"c"]), key_of(&[b"a", b"bc"]));
    }
}
