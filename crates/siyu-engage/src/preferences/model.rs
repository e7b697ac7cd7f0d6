//! What the page shows.

use siyu_govern::consent::Position;
use siyu_govern::rights::Request;
use siyu_types::ProjectId;

use crate::delivery::SendRow;

/// Somebody who followed a link that was signed for them.
pub(super) struct Visitor {
    pub project: ProjectId,
    /// As known now.
    pub person: u32,
    pub numbers: Vec<u32>,
    /// Normalised; shown masked only.
    pub email: Option<String>,
    /// A child under fourteen.
    pub minor: bool,
    /// The message the link stood in.
    pub send: Option<SendRow>,
}

impl Visitor {
    /// What shows that it was them.
    pub fn evidence(&self) -> String {
        match &self.send {
            Some(send) => format!("message:{}", send.send_id),
            None => "personal link".to_owned(),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Language {
    Zh,
    En,
}

impl Language {
    pub fn as_str(self) -> &'static str {
        match self {
            Language::Zh => "zh",
            Language::En => "en",
        }
    }
}

/// One purpose on one channel, with the text a person agrees to.
pub(super) struct Choice {
    pub position: Position,
    pub zh: String,
    pub en: String,
}

/// What is said about what was just done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Note {
    None,
    Saved,
    WrongCode,
}

/// Something the person asked, with the copy that answers it and is ready to be fetched.
pub(super) struct Asked {
    pub request: Request,
    pub copy: Option<Ready>,
}

pub(super) struct Ready {
    pub id: i64,
    pub until: siyu_types::clock::Millis,
    /// The code was tried too often.
    pub locked: bool,
}

pub(super) struct Shown {
    pub brand: String,
    /// Masked.
    pub address: Option<String>,
    pub choices: Vec<Choice>,
    pub requests: Vec<Asked>,
    pub note: Note,
    pub language: Language,
    pub zone: jiff::tz::TimeZone,
}
