//! Pure decisions about reports: what an action and a code mean, and how to
//! recognise a return that was written for people.

use super::ReturnedKind;
use crate::status::{About, about};

/// Words by which servers say that there is nobody, where they give no code.
const NOBODY: &[&str] = &[
    "no such user",
    "user unknown",
    "unknown user",
    "user not found",
    "mailbox not found",
    "no mailbox here",
    "mailbox unavailable",
    "does not exist",
    "doesn't exist",
    "invalid recipient",
    "no such address",
    "address rejected: user",
    "account is disabled",
    "account disabled",
    "收件人不存在",
    "用户不存在",
    "账号不存在",
    "帐号不存在",
    "邮箱不存在",
    "地址不存在",
    "找不到收件人",
];

/// Signs of a return in a subject.
const SUBJECTS: &[&str] = &[
    "undeliver",
    "delivery status notification",
    "delivery failure",
    "delivery has failed",
    "delivery failed",
    "mail delivery",
    "failure notice",
    "returned mail",
    "returned to sender",
    "退信",
    "无法送达",
    "未送达",
    "投递失败",
];

/// Action and status of RFC 3464, with the server's own words, which are often
/// more telling than the status (Exim always writes 5.0.0).
pub(super) fn kind(action: &str, status: &str, words: &str) -> ReturnedKind {
    match action {
        "delivered" => ReturnedKind::Delivered,
        "failed" => match about(words).or_else(|| about(status)) {
            Some(About::Address) => ReturnedKind::Dead,
            Some(About::Present) => ReturnedKind::Returned,
            Some(About::Us) => ReturnedKind::Refused,
            None if says_nobody(words) => ReturnedKind::Dead,
            // Nothing is known of the address, so nothing is held against it.
            None => ReturnedKind::Returned,
        },
        _ => ReturnedKind::Underway,
    }
}

fn says_nobody(words: &str) -> bool {
    let words = words.to_lowercase();
    NOBODY.iter().any(|sign| words.contains(sign))
}

/// Kinds of feedback (RFC 5965) by which somebody does not want the mail.
pub(super) fn is_complaint(kind: &str) -> bool {
    matches!(kind, "abuse" | "fraud" | "virus" | "opt-out" | "opt-out-list" | "other")
}

/// Both who wrote it and what about must fit: people and their absence notes answer
/// mail too.
pub(super) fn is_return(from: &str, subject: &str) -> bool {
    let from = from.to_ascii_lowercase();
    let local = from.split('@').next().unwrap_or_default();
    let daemon = ["mailer-daemon", "postmaster", "mail-daemon", "mailerdaemon"].contains(&local);
    let subject = subject.to_lowercase();
    daemon && SUBJECTS.iter().any(|sign| subject.contains(sign))
}

/// The first line with a code, or with a word for "nobody".
pub(super) fn telling_line(text: &str) -> Option<String> {
    let lines = || text.lines().map(str::trim).filter(|line| !line.is_empty());
    let telling =
        lines().find(|line| about(line).is_some()).or_else(|| lines().find(|line| says_nobody(line)));
    telling.map(str::to_owned)
}

/// HTML without its tags, one line per block; other text as it is.
pub(super) fn plain(text: &str) -> String {
    if !text.contains("</") {
        return text.to_owned();
    }
    let mut plain = String::with_capacity(text.len());
    let mut tag = false;
    for c in text.chars() {
        match c {
            '<' => {
                tag = true;
                plain.push('\n');
            }
            '>' if tag => tag = false,
            _ if !tag => plain.push(c),
            _ => {}
        }
    }
    plain.replace("&lt;", "<").replace("&gt;", ">").replace("&nbsp;", " ").replace("&amp;", "&")
}

/// Somebody else's words, bounded, on one line, and with … for every mail address,
/// since servers like to repeat them.
pub fn without_addresses(words: &str) -> String {
    let of_address = |c: char| c.is_ascii_alphanumeric() || "._%+-=".contains(c);
    let mut rest = words;
    let mut clean = String::with_capacity(words.len());
    while let Some(at) = rest.find('@') {
        let before = rest[..at].trim_end_matches(of_address);
        let after = rest[at + 1..].trim_start_matches(of_address);
        clean.push_str(before);
        clean.push('…');
        rest = after;
    }
    clean.push_str(rest);
    crate::channels::reason(&clean, "")
}
