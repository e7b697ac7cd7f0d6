//! Finding our own message again: by the Message-ID that we gave it, or by the
//! return path that we sent it with.

use mail_parser::{Message, MessagePart};

use super::{IDS_MAX, text};

/// Digits of a send id.
const DIGITS: usize = 32;
const RETURN_LOCAL: &str = "bounce+";

/// The address that returns go to: it carries the send id, so that a return is
/// understood even where the original is not attached.
pub(crate) fn return_path(send_id: &str, domain: &str) -> String {
    format!("{RETURN_LOCAL}{send_id}@{domain}")
}

/// Ids of sends that a report names: first by the address it was returned to, then
/// by the headers of the original.
pub(super) fn send_ids(mail: &Message<'_>, parts: &[&MessagePart<'_>]) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in mail.headers_raw() {
        if ["to", "delivered-to", "x-original-to", "envelope-to"].contains(&&*name.to_ascii_lowercase()) {
            collect(value, &mut found);
        }
    }
    for part in parts {
        let whole = match part.message() {
            Some(original) => String::from_utf8_lossy(original.raw_message()).into_owned(),
            None => text(part),
        };
        for line in whole.lines() {
            let lower = line.trim_start().to_ascii_lowercase();
            let names = ["message-id:", "original-envelope-id:", "return-path:", "original-mail-from:"];
            if names.iter().any(|name| lower.starts_with(name)) {
                collect(line, &mut found);
            }
        }
    }
    found
}

/// Every `<32 digits>@` and `bounce+<32 digits>@` of a line.
fn collect(line: &str, found: &mut Vec<String>) {
    for (at, _) in line.match_indices('@') {
        let local = &line[..at];
        let start = local.trim_end_matches(|c: char| c.is_ascii_hexdigit()).len();
        let (before, id) = local.split_at(start);
        // A test mail's id has a word before the digits and stands for nobody.
        let whole =
            before.is_empty() || before.ends_with(['<', ' ', ':', '\t']) || before.ends_with(RETURN_LOCAL);
        let id = id.to_ascii_lowercase();
        if whole && id.len() == DIGITS && found.len() < IDS_MAX && !found.contains(&id) {
            found.push(id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_found_in_message_ids_and_return_paths() {
        let id = "0123456789abcdef0123456789abcdef";
        let cases = [
            (format!("Message-ID: <{id}@shop.cn>"), vec![id.to_owned()]),
            (return_path(id, "b.shop.cn"), vec![id.to_owned()]),
            (format!("Message-ID:{}@SHOP.CN", id.to_uppercase()), vec![id.to_owned()]),
            (format!("<test-{id}@shop.cn>"), vec![]),
            (format!("<{id}0@shop.cn>"), vec![]),
            ("<abc@shop.cn>, 你@好".to_owned(), vec![]),
        ];
        for (line, expected) in cases {
            let mut found = Vec::new();
            collect(&line, &mut found);
            assert_eq!(found, expected, "{line}");
        }
    }
}
