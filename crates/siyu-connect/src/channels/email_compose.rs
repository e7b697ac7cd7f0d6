//! Builds the bytes of one mail: text and HTML side by side, a Message-ID made
//! of the send id, and the one-click unsubscribe headers of RFC 8058.

use std::time::{Duration, SystemTime};

use lettre::address::Envelope;
use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::{Address, Message as Mail};

use super::email::Parsed;
use super::{EmailContent, Message};
use crate::returned::return_path;

/// A mail ready for the wire.
pub(super) struct Composed {
    pub envelope: Envelope,
    pub to: Address,
    pub bytes: Vec<u8>,
}

pub(super) fn compose(
    parsed: &Parsed,
    message: &Message,
    content: &EmailContent,
    to: Address,
) -> Result<Composed, String> {
    let date = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(message.at).unwrap_or(0));
    let domain = parsed.from.email.domain();
    let mut builder = Mail::builder()
        .message_id(Some(format!("<{}@{domain}>", message.send_id)))
        .date(date)
        .from(parsed.from.clone())
        .to(Mailbox::new(None, to.clone()))
        .subject(one_line(&content.subject));
    if let Some(reply_to) = &parsed.reply_to {
        builder = builder.reply_to(reply_to.clone());
    }
    if let Some(url) = &content.unsubscribe_url {
        let raw = |name, value: String| HeaderValue::new(HeaderName::new_from_ascii_str(name), value);
        builder = builder
            .raw_header(raw("List-Unsubscribe", format!("<{}>", one_line(url))))
            .raw_header(raw("List-Unsubscribe-Post", "List-Unsubscribe=One-Click".to_owned()));
    }
    let body = MultiPart::alternative_plain_html(content.text.clone(), content.html.clone());
    let mail = builder.multipart(body).map_err(|error| error.to_string())?;
    let envelope = match &parsed.settings.bounce_domain {
        None => mail.envelope().clone(),
        Some(domain) => {
            let from = return_path(&message.send_id, domain).parse::<Address>().map_err(|e| e.to_string())?;
            Envelope::new(Some(from), vec![to.clone()]).map_err(|error| error.to_string())?
        }
    };
    Ok(Composed { envelope, to, bytes: mail.formatted() })
}

/// Line breaks in a header would start a new header.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim().to_owned()
}
