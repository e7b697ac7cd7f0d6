//! What the status codes of mail servers say about an address (RFC 3463).

/// What a refusal for good is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum About {
    /// The address does not exist, or never takes mail again.
    Address,
    /// The mailbox or the way to it, as it is now: full, unreachable.
    Present,
    /// Us or the message: policy, content, size, protocol.
    Us,
}

/// By the most telling enhanced code `x.subject.detail` among the words; `None`
/// where there is none. `x.0.0` tells nothing.
pub(crate) fn about(words: &str) -> Option<About> {
    let codes = words.split(|c: char| !(c.is_ascii_digit() || c == '.')).filter_map(code);
    codes.into_iter().find_map(|(class, subject, detail)| match (class, subject, detail) {
        (_, 0, 0) => None,
        // A try that was given up for now says nothing about the address.
        (4, ..) => Some(About::Present),
        // 5.1.7 and 5.1.8 are about the sender's address.
        (_, 1, 7 | 8) => Some(About::Us),
        (_, 1, _) | (_, 2, 1) => Some(About::Address),
        (_, 2 | 4, _) => Some(About::Present),
        _ => Some(About::Us),
    })
}

fn code(token: &str) -> Option<(u16, u16, u16)> {
    let mut parts = token.trim_matches('.').split('.');
    let (class, subject, detail) = (parts.next()?, parts.next()?, parts.next()?);
    (matches!(class, "4" | "5") && parts.next().is_none()).then_some(())?;
    Some((class.parse().ok()?, subject.parse().ok()?, detail.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_say_what_they_are_about() {
        let cases = [
            ("550 5.1.1 user unknown", Some(About::Address)),
            ("550 5.1.10 RecipientNotFound", Some(About::Address)),
            ("5.2.1", Some(About::Address)),
            ("552 5.2.2 mailbox full", Some(About::Present)),
            ("5.4.4 no such host", Some(About::Present)),
            ("4.4.7 expired", Some(About::Present)),
            ("550 5.7.1 policy", Some(About::Us)),
            ("550 5.1.8 bad sender", Some(About::Us)),
            ("5.0.0, then 550 5.1.1.", Some(About::Address)),
            ("5.0.0", None),
            ("550 no such user", None),
            ("from 5.1.1.9 at 10:00", None),
        ];
        for (words, expected) in cases {
            assert_eq!(about(words), expected, "{words}");
        }
    }
}
