//! Personal values, masked for those who may not see them. The one place where
//! that happens: answers pass through `shown` on their way out.

use siyu_types::{Permission, Viewer};

/// What kind of personal value something is, which decides what may be left of it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Personal {
    Phone,
    Email,
    Name,
    /// Account and document numbers, addresses: only the ends are left.
    Number,
}

/// By the name of an identifier namespace, attribute or property; `None` if it is
/// not personal. Names are compared without case, `$` and underscores.
pub fn personal(name: &str) -> Option<Personal> {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    Some(match plain.as_str() {
        "phone" | "mobile" | "tel" | "telephone" | "phonenumber" | "mobilephone" | "mobilenumber"
        | "手机" | "手机号" | "手机号码" | "电话" => Personal::Phone,
        "email" | "mail" | "emailaddress" | "邮箱" | "电子邮箱" => Personal::Email,
        "name" | "realname" | "fullname" | "firstname" | "lastname" | "contactname" | "receiver" | "姓名"
        | "真实姓名" | "收货人" => Personal::Name,
        "login" | "idcard" | "idcardnumber" | "identitycard" | "passport" | "address" | "receiveraddress"
        | "身份证" | "身份证号" | "地址" | "收货地址" => Personal::Number,
        _ => return None,
    })
}

/// The value as this viewer may see it.
pub fn shown(viewer: &Viewer, name: &str, value: &str) -> String {
    match personal(name) {
        Some(kind) if !viewer.may(Permission::PeopleReadPersonal) => mask(kind, value),
        _ => value.to_owned(),
    }
}

/// `138****5678`, `w***@example.com`, `王**`.
pub fn mask(kind: Personal, value: &str) -> String {
    match kind {
        Personal::Phone => ends(value, 3, 4),
        Personal::Name => ends(value, 1, 0),
        Personal::Number => ends(value, 2, 2),
        Personal::Email => match value.rsplit_once('@') {
            Some((local, domain)) => format!("{}@{domain}", ends(local, 1, 0)),
            None => ends(value, 1, 0),
        },
    }
}

/// Keeps some characters at the start and the end, fewer of short values. The
/// stars do not tell the length.
fn ends(value: &str, start: usize, end: usize) -> String {
    let chars: Vec<char> = value.chars().collect();
    let hidden = if end == 0 { "**" } else { "****" };
    // Something must stay hidden: at least a third, and at least one character.
    let (start, end) = match chars.len() {
        0 | 1 => (0, 0),
        length if (start + end) * 3 <= length * 2 => (start, end),
        length => (start.min(length / 3).max(1), end.min(length / 3)),
    };
    let first: String = chars[..start].iter().collect();
    let last: String = chars[chars.len() - end..].iter().collect();
    format!("{first}{hidden}{last}")
}
