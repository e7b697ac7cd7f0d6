//! One error type and one table of codes. The console and other clients
//! translate by code and parameters, never by the message text.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// An error that a user or a client can act on, or `Internal`, whose message
/// is logged once at the rim and hidden from the caller.
#[derive(Clone, Debug, PartialEq)]
pub struct Error {
    pub code: ErrorCode,
    /// English, a lowercase fragment that fits after "failed: ".
    pub message: String,
    /// The request field the error is about, as a path such as `steps[1].event`.
    pub field: Option<String>,
    /// Values for the translated sentence.
    pub params: BTreeMap<String, String>,
}

impl Error {
    pub fn new(code: ErrorCode, message: impl Into<String>) -> Error {
        Error { code, message: message.into(), field: None, params: BTreeMap::new() }
    }

    /// A fault of ours or of the machine; the cause is for the log only.
    pub fn internal(cause: impl fmt::Display) -> Error {
        Error::new(ErrorCode::Internal, cause.to_string())
    }

    /// Bad input in a named field.
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Error {
        Error::new(ErrorCode::InvalidInput, message).at(field)
    }

    /// A thing that is not there, or that the caller may not see.
    pub fn not_found(what: &str, id: impl fmt::Display) -> Error {
        Error::new(ErrorCode::NotFound, format!("no {what} with id {id}"))
            .with("what", what)
            .with("id", id.to_string())
    }

    #[must_use]
    pub fn at(mut self, field: impl Into<String>) -> Error {
        self.field = Some(field.into());
        self
    }

    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<String>) -> Error {
        self.params.insert(name.to_owned(), value.into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.message)
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Error {
        Error::internal(error)
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])* $name:ident = $text:literal, $status:literal, $retry:literal;)*) => {
        /// Every code, its HTTP status and whether the same request may succeed later.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug, Serialize, Deserialize, ToSchema)]
        pub enum ErrorCode {
            $($(#[doc = $doc])* #[serde(rename = $text)] $name,)*
        }

        impl ErrorCode {
            pub const ALL: &[ErrorCode] = &[$(ErrorCode::$name,)*];

            pub fn as_str(self) -> &'static str {
                match self { $(ErrorCode::$name => $text,)* }
            }

            pub fn http_status(self) -> u16 {
                match self { $(ErrorCode::$name => $status,)* }
            }

            pub fn retryable(self) -> bool {
                match self { $(ErrorCode::$name => $retry,)* }
            }
        }
    };
}

codes! {
    /// A fault of ours; details are in the log under the request id.
    Internal = "internal", 500, false;
    /// A field of the request is missing, malformed or out of range.
    InvalidInput = "invalid_input", 422, false;
    /// The body is not JSON, or not of the documented shape.
    MalformedBody = "malformed_body", 400, false;
    /// The body, or one of its parts, is larger than the named limit.
    TooLarge = "too_large", 413, false;
    InvalidDate = "invalid_date", 422, false;
    InvalidRange = "invalid_range", 422, false;
    InvalidTimeZone = "invalid_time_zone", 422, false;
    /// A condition or query names an event, property, attribute, tag or segment that does not exist.
    UnknownName = "unknown_name", 422, false;
    /// A comparison does not fit the type of what it compares.
    TypeMismatch = "type_mismatch", 422, false;
    /// A condition is nested deeper or holds more parts than the limit.
    TooComplex = "too_complex", 422, false;
    /// The values are personal; `columns` names what they come of. Tags are shown to everybody.
    PersonalValues = "personal_values", 422, false;
    /// A tag groups people: there are more different values than `limit`.
    TooManyValues = "too_many_values", 422, false;
    NotFound = "not_found", 404, false;
    /// Something with this name or in this state already exists.
    Conflict = "conflict", 409, false;
    /// The thing is used elsewhere and cannot be removed.
    InUse = "in_use", 409, false;
    /// The action does not fit the present state, such as starting a finished campaign.
    WrongState = "wrong_state", 409, false;
    /// The two are one person already.
    AlreadyOnePerson = "already_one_person", 409, false;
    /// One person would have two values where only one is possible.
    TwoValues = "two_values", 409, false;
    /// One person would have more identifiers than the rules allow.
    TooManyIdentifiers = "too_many_identifiers", 409, false;
    /// All of a person's identifiers were named: there would be nobody left.
    NothingWouldStay = "nothing_would_stay", 409, false;
    /// The decision was undone already, or is of a kind that cannot be.
    NotUndoable = "not_undoable", 409, false;
    /// Nobody is related with themselves; the two may be one person.
    RelationToItself = "relation_to_itself", 409, false;
    /// There may be one at a time, and somebody else is it.
    RelationTaken = "relation_taken", 409, false;
    /// Somebody would stand above themselves.
    RelationCircle = "relation_circle", 409, false;
    /// The group, or the person, has as many relations as there may be; `limit` says how many.
    RelationsFull = "relations_full", 409, false;
    /// The two are not related in this way at that time.
    NotRelated = "not_related", 409, false;
    /// Values that are kept as hashes only cannot become values again; `kind` names them.
    HashIsFinal = "hash_is_final", 409, false;
    /// Values may be kept as hashes only where what was received is sealed: see `[secrets] seal_data`.
    HashNeedsSealing = "hash_needs_sealing", 409, false;
    /// The value is kept as its hash only: there is nothing to show.
    ValueIsHashed = "value_is_hashed", 409, false;
    Unauthenticated = "unauthenticated", 401, false;
    /// E-mail or password is wrong.
    WrongCredentials = "wrong_credentials", 401, false;
    /// The role lacks the permission; `permission` names it.
    Forbidden = "forbidden", 403, false;
    /// Somebody else wrote it; `author` names them.
    NotAuthor = "not_author", 403, false;
    /// The anti-forgery token is missing or stale; reload the page.
    CsrfMismatch = "csrf_mismatch", 403, true;
    /// As many masked values were revealed within the hour as the project allows; `limit` says how many.
    RevealsUsedUp = "reveals_used_up", 429, true;
    /// Too many requests; wait `retry_after_seconds`.
    RateLimited = "rate_limited", 429, true;
    /// The machine cannot accept more now; the same request later will do.
    Overloaded = "overloaded", 503, true;
    /// The disk has no room; nothing was accepted.
    DiskFull = "disk_full", 503, true;
    /// The write key is missing, unknown or revoked.
    InvalidKey = "invalid_key", 401, false;
    /// It is not noted yet how somebody made sure that it is the person who asks.
    NotVerified = "not_verified", 409, false;
    /// The code for a copy is wrong, or has been tried too often.
    WrongCode = "wrong_code", 403, false;
    /// The file of the copy was removed after its time, or is not made yet.
    CopyGone = "copy_gone", 410, false;
    /// A record of a batch is not usable; it was set aside with this reason.
    InvalidRecord = "invalid_record", 422, false;
    /// The file's type or encoding is not one we read.
    UnsupportedFile = "unsupported_file", 422, false;
    /// The import mapping does not fit the file.
    InvalidMapping = "invalid_mapping", 422, false;
    /// The template does not compile.
    TemplateSyntax = "template_syntax", 422, false;
    /// The template asks for a variable that this person does not have and that has no default.
    TemplateMissingVariable = "template_missing_variable", 422, false;
    /// Rendering used more steps or bytes than allowed.
    TemplateTooCostly = "template_too_costly", 422, false;
    /// The channel has no settings yet.
    ChannelNotConfigured = "channel_not_configured", 409, false;
    /// The provider refused; `reason` holds its words.
    ProviderRefused = "provider_refused", 502, false;
    /// The provider did not answer in time.
    ProviderTimeout = "provider_timeout", 504, true;
    /// The provider cannot be reached.
    ProviderUnreachable = "provider_unreachable", 502, true;
    /// A stored secret cannot be opened: its key is missing or it was changed.
    SecretUnreadable = "secret_unreadable", 409, false;
    /// The statement cannot be read; `line` and `column` say where, `reason` what.
    SqlSyntax = "sql_syntax", 422, false;
    /// Only one statement at a time, and only one that reads.
    SqlRefused = "sql_refused", 422, false;
    /// The statement cannot be carried out; `reason` says why.
    SqlFailed = "sql_failed", 422, false;
    /// The statement takes longer than statements may.
    SqlTooSlow = "sql_too_slow", 422, false;
    /// The statement needs more memory than statements may use.
    SqlTooMuchMemory = "sql_too_much_memory", 422, false;
    /// Somebody stopped the statement.
    SqlCancelled = "sql_cancelled", 409, false;
    /// Too many statements are being answered.
    SqlBusy = "sql_busy", 503, true;
    /// The address may not be called (private network, not HTTP).
    ForbiddenAddress = "forbidden_address", 422, false;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_valid() {
        let mut seen = std::collections::BTreeSet::new();
        for code in ErrorCode::ALL {
            assert!(seen.insert(code.as_str()), "{} twice", code.as_str());
            assert!((400..600).contains(&code.http_status()), "{}", code.as_str());
            assert_eq!(serde_json::to_string(code).expect("serialises"), format!("{:?}", code.as_str()));
        }
    }
}
