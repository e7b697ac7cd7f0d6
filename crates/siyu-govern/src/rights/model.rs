//! What people ask about their data, and what is done about it.

use serde::{Deserialize, Serialize};
use siyu_types::clock::Millis;
use siyu_types::{Identifier, PersonNo, Viewer};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$meta:meta])* $name:ident as $schema:ident { $($(#[doc = $doc:literal])* $variant:ident = $text:literal,)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[schema(as = $schema)]
        pub enum $name {
            $($(#[doc = $doc])* $variant,)*
        }

        impl $name {
            pub const ALL: &[$name] = &[$($name::$variant,)*];

            /// As it is stored and sent.
            pub fn as_str(self) -> &'static str {
                match self { $($name::$variant => $text,)* }
            }

            pub fn parse(text: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|word| word.as_str() == text)
            }
        }
    };
}

words! {
    /// What is asked for.
    RequestKind as RequestKind {
        /// A copy of the data (PIPL art. 45).
        Access = "access",
        /// Deletion (art. 47).
        Erase = "erase",
        /// Correction (art. 46).
        Correct = "correct",
        /// Why something was decided automatically (art. 24).
        Explain = "explain",
    }
}

words! {
    RequestState as RequestState {
        Open = "open",
        /// Somebody took it over.
        Working = "working",
        Done = "done",
        Refused = "refused",
    }
}

impl RequestState {
    pub fn is_ended(self) -> bool {
        matches!(self, RequestState::Done | RequestState::Refused)
    }
}

words! {
    /// How somebody made sure that it is the person who asks.
    VerifiedHow as VerifiedHow {
        /// They used the personal link in a message to their own address.
        Link = "link",
        /// They were called back on a number that was known before.
        CallBack = "call_back",
        /// They answered from an address that was known before.
        Reply = "reply",
        /// They showed an identity document; it is not kept.
        Document = "document",
        /// Somebody who knows them saw them.
        InPerson = "in_person",
        /// They were logged in to their account.
        Account = "account",
    }
}

words! {
    /// What happened with a request.
    StepKind as RightsStepKind {
        Asked = "asked",
        Taken = "taken",
        HandedBack = "handed_back",
        Verified = "verified",
        Noted = "noted",
        /// It was found out who asks.
        Named = "named",
        /// A copy of everything was made.
        Copied = "copied",
        /// A member of the team downloaded it.
        Downloaded = "downloaded",
        /// A code was made by which the person fetches the copy.
        HandedOut = "handed_out",
        /// The person fetched it.
        Fetched = "fetched",
        Corrected = "corrected",
        CorrectionUndone = "correction_undone",
        Done = "done",
        Refused = "refused",
    }
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Request {
    pub id: i64,
    /// `None` while nobody is known by the contact.
    pub person: Option<PersonNo>,
    /// What the person gave to be reached by.
    pub contact: Option<Identifier>,
    pub kind: RequestKind,
    pub state: RequestState,
    pub source: String,
    pub note: String,
    pub answer: String,
    /// `zh` or `en`: how the person is answered.
    pub language: String,
    pub asked_at: Millis,
    /// The end of the last day on which to answer.
    pub due_at: Millis,
    pub assignee: Option<Assignee>,
    pub verified: Option<Verified>,
    pub ended_at: Option<Millis>,
    pub updated_at: Millis,
    pub updated_by: String,
}

/// Who works on a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assignee {
    /// `user:12` or `key:3`.
    pub actor: String,
    pub name: String,
}

impl Assignee {
    pub fn of(viewer: &Viewer) -> Assignee {
        Assignee { actor: viewer.actor.as_text(), name: viewer.actor.name() }
    }

    /// The person themselves, on their page.
    pub fn person() -> Assignee {
        Assignee { actor: "person".to_owned(), name: String::new() }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verified {
    pub at: Millis,
    pub how: VerifiedHow,
}

/// A request that was just made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewRequest {
    pub person: Option<PersonNo>,
    /// All numbers of the person.
    pub numbers: Vec<u32>,
    pub contact: Option<Identifier>,
    pub kind: RequestKind,
    pub source: String,
    pub note: String,
    pub language: String,
    pub by: Assignee,
}

/// One thing that happened with a request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Step {
    pub at: Millis,
    pub by: Assignee,
    pub kind: StepKind,
    pub text: String,
}

/// Which requests to list.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Wanted {
    /// Those that are ended, rather than those that are not.
    pub ended: bool,
    pub kind: Option<RequestKind>,
    /// Only those due at this instant or before.
    pub due_until: Option<Millis>,
    /// Only those this actor works on.
    pub assignee: Option<String>,
}

/// How many requests wait.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Waiting {
    pub open: u64,
    pub due_soon: u64,
    pub overdue: u64,
    pub mine: u64,
}
