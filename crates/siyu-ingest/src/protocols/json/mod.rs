//! Reading JSON as it comes from real clients: lone surrogates left by cutting
//! text in the middle of an emoji, integers that no number type holds, byte
//! order marks and broken UTF-8 must not cost a batch.

mod hash;
mod read;
mod repair;
#[cfg(test)]
mod tests;
mod tree;

use std::borrow::Cow;

use super::{DEPTH_MAX, Reason, ReasonCode, VALUES_MAX};

pub use hash::content_hash;
pub use tree::{Json, Object};

/// Integers with at least this many digits may not fit 64 bits; they are read as text.
const LONG_INTEGER_DIGITS: usize = 19;

/// A body, made valid UTF-8, from which its JSON is borrowed.
pub struct Text<'a>(Cow<'a, [u8]>);

impl<'a> Text<'a> {
    pub fn of(body: impl Into<Cow<'a, [u8]>>) -> Text<'a> {
        Text(body.into())
    }

    /// As they came.
    pub fn into_bytes(self) -> Cow<'a, [u8]> {
        self.0
    }

    /// Independent of where it came from.
    pub fn own<'b>(self) -> Text<'b> {
        Text(Cow::Owned(self.0.into_owned()))
    }

    /// The JSON of a body, repairing what clients are known to break.
    pub fn parse(&self) -> Result<Json<'_>, Reason> {
        let body = self.0.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&self.0);
        let plain = std::str::from_utf8(body).ok().and_then(read::read);
        plain.map_or_else(|| repair::parse(body).map(Json::from), Ok)
    }
}
