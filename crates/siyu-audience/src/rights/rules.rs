//! What of a person's data concerns others, or would open doors: it stays out of copies.

use serde_json::Value as Json;
use siyu_types::{Props, Value};

/// Stands in place of what concerns somebody else.
pub const SOMEBODY_ELSE: &str = "[about somebody else · 他人信息]";
/// Stands in place of a key or of the secret part of a link.
pub const KEY: &str = "[key · 密钥]";

/// Parts of names of properties that tell of another person: who invited, who was invited.
const OTHERS: &[&str] = &[
    "inviter",
    "invitee",
    "invitedby",
    "introducer",
    "introducedby",
    "recommender",
    "recommendedby",
    "referredby",
    "referee",
    "sharedby",
    "sharerid",
    "邀请人",
    "受邀",
    "被邀",
    "推荐人",
    "介绍人",
    "分享人",
];
/// What `referrer` is followed by where it means a person and not a page.
const REFERRER_PERSON: &[&str] =
    &["id", "name", "phone", "mobile", "login", "member", "user", "openid", "no"];
/// Shortest run of letters and digits behind `sk_` or `wk_` that is taken for a key.
const KEY_CHARS: usize = 16;
/// Where the signed part of our own links begins.
const SIGNED_LINKS: &[&str] = &["/preferences/", "/t/c/", "/t/o/", "/u/"];
/// Shortest signed part: anything shorter is somebody's page.
const SIGNED_CHARS: usize = 40;

/// Whether a property names another person by what it is called. Names are compared
/// without case, `$` and underscores.
pub fn names_others(name: &str) -> bool {
    let plain: String = name.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    let referrer = plain.strip_prefix("referrer").is_some_and(|rest| REFERRER_PERSON.contains(&rest));
    referrer || OTHERS.iter().any(|part| plain.contains(part))
}

/// Whether a text may be a phone number or an e-mail address, by which somebody is known.
pub fn may_be_contact(text: &str) -> bool {
    let text = text.trim();
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let phone = (7..=18).contains(&digits) && text.chars().all(|c| c.is_ascii_digit() || "+- ()".contains(c));
    let mail =
        text.len() <= 254 && text.split_once('@').is_some_and(|(a, b)| !a.is_empty() && b.contains('.'));
    phone || mail
}

/// A text without our keys and the secret parts of our links.
pub fn without_keys(text: &str) -> String {
    let mut clean = text.to_owned();
    for prefix in ["sk_", "wk_"] {
        clean = cut_behind(&clean, prefix, KEY_CHARS, true);
    }
    for path in SIGNED_LINKS {
        clean = cut_behind(&clean, path, SIGNED_CHARS, false);
    }
    clean
}

/// Replaces the run of letters, digits, `_` and `-` behind a mark if it is at least so long.
fn cut_behind(text: &str, mark: &str, least: usize, with_mark: bool) -> String {
    let mut clean = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(mark) {
        let behind = at + mark.len();
        let run = rest[behind..]
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '-')
            .unwrap_or(rest.len() - behind);
        let end = behind + run;
        if run >= least {
            clean.push_str(&rest[..if with_mark { at } else { behind }]);
            clean.push_str(KEY);
        } else {
            clean.push_str(&rest[..end]);
        }
        rest = &rest[end..];
    }
    clean + rest
}

/// What somebody else keeps, as its person gets it: texts are looked at wherever they stand.
pub fn own_json(json: Json, others: &dyn Fn(&str) -> bool, own: &dyn Fn(&str) -> bool) -> Json {
    fn walk(name: &str, json: Json, shown: &dyn Fn(&str, &str) -> String) -> Json {
        match json {
            Json::String(text) => Json::String(shown(name, &text)),
            Json::Array(items) => items.into_iter().map(|item| walk(name, item, shown)).collect(),
            Json::Object(fields) => {
                fields.into_iter().map(|(name, value)| (name.clone(), walk(&name, value, shown))).collect()
            }
            other => other,
        }
    }
    walk("", json, &|name, text| shown_text(names_others(name), text, others, own))
}

fn shown_text(names: bool, text: &str, others: &dyn Fn(&str) -> bool, own: &dyn Fn(&str) -> bool) -> String {
    let hidden = if names { !own(text) } else { may_be_contact(text) && others(text) };
    if hidden { SOMEBODY_ELSE.to_owned() } else { without_keys(text) }
}

/// Properties as their person gets them. `others` tells whether a phone number or address
/// is somebody else's, `own` whether an identifier is the person's.
pub fn own_props(props: Props, others: &dyn Fn(&str) -> bool, own: &dyn Fn(&str) -> bool) -> Props {
    let shown = |names: bool, text: &str| shown_text(names, text, others, own);
    props
        .into_iter()
        .map(|(name, value)| {
            let names = names_others(&name);
            let value = match value {
                Value::Text(text) => Value::Text(shown(names, &text)),
                Value::List(items) => Value::List(items.iter().map(|item| shown(names, item)).collect()),
                Value::Number(number) => {
                    let text = Value::Number(number).display();
                    let shown = shown(names, &text);
                    if shown == text { Value::Number(number) } else { Value::Text(shown) }
                }
                Value::Bool(flag) => Value::Bool(flag),
            };
            (name, value)
        })
        .collect()
}
