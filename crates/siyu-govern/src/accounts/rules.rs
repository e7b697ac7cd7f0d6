//! What names, addresses, passwords and sessions may be; pure.

use siyu_types::clock::Millis;
use siyu_types::{Error, Result};

use super::SessionUser;

const NAME_CHARS_MAX: usize = 100;
const EMAIL_BYTES_MAX: usize = 254;
const PASSWORD_CHARS_MIN: usize = 8;
/// Hashing time grows with the length.
const PASSWORD_BYTES_MAX: usize = 512;
/// Those that are tried first.
const GUESSED: &[&str] = &[
    "password",
    "password1",
    "12345678",
    "123456789",
    "1234567890",
    "11111111",
    "88888888",
    "qwertyui",
    "qwerty123",
    "admin123",
    "administrator",
    "a1234567",
    "iloveyou",
    "00000000",
    "abc12345",
    "letmein1",
];

/// A session ends when it is not used this long, or this long after the log-in.
const IDLE_MILLIS_MAX: Millis = 7 * 86_400_000;
const SESSION_MILLIS_MAX: Millis = 30 * 86_400_000;
/// The last use is written down this coarsely.
const SEEN_MILLIS: Millis = 300_000;

pub(crate) fn name(name: &str) -> Result<String> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Error::invalid("name", "must not be empty")),
        chars if chars > NAME_CHARS_MAX => {
            Err(Error::invalid("name", format!("must have at most {NAME_CHARS_MAX} characters")))
        }
        _ => Ok(name.to_owned()),
    }
}

pub(super) fn email(email: &str) -> Result<String> {
    let email = email.trim().to_lowercase();
    let usable = email.len() <= EMAIL_BYTES_MAX
        && !email.chars().any(|c| c.is_whitespace() || c.is_control())
        && email
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    match usable {
        true => Ok(email),
        false => Err(Error::invalid("email", "is not an e-mail address")),
    }
}

/// Length matters, rules about characters do not (NIST 800-63B).
pub(super) fn password(password: String, names: &[&str]) -> Result<String> {
    let refuse = |message: String| Err(Error::invalid("password", message));
    if password.chars().count() < PASSWORD_CHARS_MIN {
        return refuse(format!("must have at least {PASSWORD_CHARS_MIN} characters"));
    }
    if password.len() > PASSWORD_BYTES_MAX {
        return refuse(format!("must have at most {PASSWORD_BYTES_MAX} bytes"));
    }
    let lower = password.to_lowercase();
    if GUESSED.contains(&lower.as_str()) || names.iter().any(|name| name.to_lowercase() == lower) {
        return refuse("is one of the first that anybody would try".to_owned());
    }
    Ok(password)
}

pub(crate) fn holds(session: &SessionUser, now: Millis) -> bool {
    session.user.active
        && now < session.seen_at + IDLE_MILLIS_MAX
        && now < session.created_at + SESSION_MILLIS_MAX
}

pub(crate) fn must_note_use(session: &SessionUser, now: Millis) -> bool {
    now >= session.seen_at + SEEN_MILLIS
}

pub(super) fn locale(locale: Option<&str>) -> Result<String> {
    match locale {
        None => Ok("zh-CN".to_owned()),
        Some(known @ ("zh-CN" | "en")) => Ok(known.to_owned()),
        Some(_) => Err(Error::invalid("locale", "must be zh-CN or en")),
    }
}

/// For the cookie.
pub(super) const SESSION_SECONDS_MAX: i64 = SESSION_MILLIS_MAX / 1_000;
