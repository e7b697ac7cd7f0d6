//! Mail about our mail: delivery status notifications (RFC 3464), complaints of
//! mailbox providers (RFC 5965), and the free-form returns that older and Chinese
//! servers write. Says what is reported about which of our messages; believes no
//! address in it.

mod fields;
mod ours;
mod rules;
#[cfg(test)]
mod tests;

use std::panic::catch_unwind;

use mail_parser::{Message, MessageParser, MessagePart, MimeHeaders, PartType};
use siyu_types::clock::Millis;

use fields::{Fields, groups};
pub(crate) use ours::return_path;
pub use rules::without_addresses;

/// Bytes of a report that is read.
pub const REPORT_BYTES_MAX: usize = 10 << 20;
/// Messages within messages that are followed, recipients of one report, and ids
/// looked for in it.
const DEPTH_MAX: usize = 4;
const RECIPIENTS_MAX: usize = 100;
const IDS_MAX: usize = 8;

/// What a report says about one recipient.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Returned {
    pub kind: ReturnedKind,
    /// Ids of sends that the report names, the surest first.
    pub send_ids: Vec<String>,
    /// The server's words, bounded, without the address.
    pub reason: String,
    /// When the report was written, by its own account.
    pub at: Option<Millis>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReturnedKind {
    /// It is in the mailbox.
    Delivered,
    /// Nothing final yet, or out of sight.
    Underway,
    /// The address does not exist.
    Dead,
    /// Returned for now: mailbox full, server away.
    Returned,
    /// Refused because of us or of the message.
    Refused,
    /// The recipient called it unwanted.
    Complained,
}

/// Reads a raw mail. Empty where it is no report, such as an automatic answer.
pub fn read(raw: &[u8]) -> Vec<Returned> {
    // The parser panics on some mail that is torn within its parts (found by fuzzing).
    let parsed = catch_unwind(|| MessageParser::default().parse(raw));
    let Ok(Some(mail)) = parsed else { return Vec::new() };
    let at = mail.date().map(|date| date.to_timestamp().saturating_mul(1_000));
    let mut parts = Vec::new();
    flatten(&mail, 0, &mut parts);
    let find = |kind: &str, subtypes: &[&str]| {
        parts.iter().find(|part| subtypes.iter().any(|subtype| part.is_content_type(kind, subtype)))
    };
    let send_ids = ours::send_ids(&mail, &parts);
    let told = |kind, words: &str| Returned {
        kind,
        send_ids: send_ids.clone(),
        reason: without_addresses(words.trim()),
        at,
    };
    if let Some(part) = find("message", &["feedback-report"]) {
        let complaint = groups(&text(part)).into_iter().next().unwrap_or_default();
        let kind = complaint.get("feedback-type").unwrap_or("abuse").to_ascii_lowercase();
        // "not-spam" is praise; reports about authentication are for whoever runs the mail server.
        if !rules::is_complaint(&kind) {
            return Vec::new();
        }
        return vec![told(ReturnedKind::Complained, &kind)];
    }
    if let Some(part) = find("message", &["delivery-status", "global-delivery-status"]) {
        let groups = groups(&text(part));
        let recipients = groups.iter().filter(|group| group.get("action").is_some());
        return recipients.take(RECIPIENTS_MAX).map(|fields| status(fields, &told)).collect();
    }
    free_form(&mail, &parts).map(|(kind, words)| told(kind, &words)).into_iter().collect()
}

fn status(fields: &Fields, told: &dyn Fn(ReturnedKind, &str) -> Returned) -> Returned {
    let after_type = |text: &str| text.split_once(';').map_or(text, |(_, rest)| rest).trim().to_owned();
    let action = fields.get("action").unwrap_or_default().to_ascii_lowercase();
    let code = fields.get("status").unwrap_or_default();
    let words = fields.get("diagnostic-code").map(after_type).unwrap_or_default();
    let kind = rules::kind(&action, code, &words);
    let said = if words.is_empty() { code } else { words.as_str() };
    told(kind, said)
}

/// A return without a machine's part: who wrote it and how must show it to be one.
fn free_form(mail: &Message<'_>, parts: &[&MessagePart<'_>]) -> Option<(ReturnedKind, String)> {
    let from = mail.from().and_then(|from| from.first()).and_then(|from| from.address()).unwrap_or_default();
    let subject = mail.subject().unwrap_or_default();
    let failed = mail.header_raw("X-Failed-Recipients").is_some_and(|who| !who.trim().is_empty());
    if !failed && !rules::is_return(from, subject) {
        return None;
    }
    let texts: Vec<String> =
        parts.iter().filter(|part| part.is_text()).map(|part| rules::plain(&text(part))).collect();
    let words = texts.iter().find_map(|text| rules::telling_line(text));
    let all = texts.join("\n");
    let kind = rules::kind("failed", "", words.as_deref().unwrap_or(&all));
    Some((kind, words.unwrap_or_else(|| subject.to_owned())))
}

/// Every part, those of attached messages too, in order.
fn flatten<'x, 'y>(mail: &'y Message<'x>, depth: usize, parts: &mut Vec<&'y MessagePart<'x>>) {
    for part in &mail.parts {
        parts.push(part);
        if let (PartType::Message(inner), true) = (&part.body, depth < DEPTH_MAX) {
            flatten(inner, depth + 1, parts);
        }
    }
}

fn text(part: &MessagePart<'_>) -> String {
    String::from_utf8_lossy(part.contents()).into_owned()
}
