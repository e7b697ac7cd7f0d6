//! Who a Sensors record is about: the `identities` map, `distinct_id`,
//! `login_id`, `anonymous_id` and `original_id`, as identifiers of ours.

use std::borrow::Cow;

use siyu_types::record::Identifier;

use super::super::Reason;
use super::super::fields::{Identifiers, id_text};
use super::super::json::{Json, Object};
use super::unlink;

/// Identity keys start so; a text `key+value` names its own key.
const KEY_PREFIX: &str = "$identity_";
/// Keys whose value stands alone in `distinct_id` as well, so it is kept bare.
const DEVICE_KEYS: &[&str] = &[
    "$identity_cookie_id",
    "$identity_anonymous_id",
    "$identity_android_id",
    "$identity_android_uuid",
    "$identity_idfv",
    "$identity_ios_uuid",
    "$identity_harmony_uuid",
    "$identity_ali_mp_id",
    "$identity_baidu_mp_id",
    "$identity_byte_mp_id",
    "$identity_feishu_mp_id",
    "$identity_taobao_uuid",
    "$identity_xhs_mp_id",
];
/// `$identity_mp_id`, `$identity_mp_openid`, `$identity_mp_<appid>_openid`, ….
const MINI_PROGRAM_PREFIX: &str = "$identity_mp_";

/// The namespace and value of one pair. Keys we do not know are device-class,
/// with the key in the value: they may link, but never as strongly as a login.
fn pair<'a>(key: &str, value: Cow<'a, str>) -> (Cow<'static, str>, Cow<'a, str>) {
    let namespace = match key {
        "$identity_login_id" => "login",
        "$identity_mobile" => "phone",
        "$identity_email" => "email",
        // Of the one open-platform account that a project usually has.
        "$identity_mp_unionid" | "$identity_unionid" => "unionid",
        _ if DEVICE_KEYS.contains(&key) => "device",
        _ => match key.strip_prefix(MINI_PROGRAM_PREFIX) {
            Some(rest) => return (mini_program(rest), value),
            None => return ("device".into(), format!("{key}+{value}").into()),
        },
    };
    (namespace.into(), value)
}

/// `openid` and `<appid>_openid` are an openid of an appid; the rest names a device.
fn mini_program(rest: &str) -> Cow<'static, str> {
    match rest.strip_suffix("openid") {
        Some("") => "openid".into(),
        Some(scope) if scope.ends_with('_') => format!("openid:{}", scope.trim_end_matches('_')).into(),
        _ => "device".into(),
    }
}

/// `key+value` split at the first `+`, since a value may hold more of them.
fn composite(text: &str) -> Option<(Cow<'static, str>, Cow<'_, str>)> {
    let (key, value) = text.split_once('+')?;
    key.starts_with(KEY_PREFIX).then(|| pair(key, value.into()))
}

fn add(ids: &mut Identifiers, text: &str, otherwise: &str) {
    match composite(text) {
        Some((namespace, value)) => ids.add(&namespace, &value),
        None => ids.add(otherwise, text),
    }
}

/// Every identifier of a record.
pub fn all(map: &Object<'_>, signs_up: bool) -> Result<Vec<Identifier>, Reason> {
    let mut ids = Identifiers::default();
    for (namespace, value) in identities(map) {
        ids.add(&namespace, &value);
    }
    let text = |field: &str| id_text(map.get(field));
    if let Some(login) = text("login_id") {
        add(&mut ids, &login, "login");
    }
    if let Some(anonymous) = text("anonymous_id") {
        add(&mut ids, &anonymous, "device");
    }
    if let Some(distinct) = text("distinct_id") {
        let logged_in = signs_up || is_login(map);
        if logged_in {
            add(&mut ids, &distinct, "login");
        } else if !ids.holds_value(&distinct) {
            add(&mut ids, &distinct, "device");
        }
    }
    if signs_up && let Some(original) = text("original_id") {
        add(&mut ids, &original, "device");
    }
    ids.finish()
}

/// The current user, then what is taken away.
pub fn unbind(map: &Object<'_>) -> Result<Vec<Identifier>, Reason> {
    let mut removed = Identifiers::default();
    for (namespace, value) in identities(map) {
        removed.add(&namespace, &value);
    }
    let distinct = id_text(map.get("distinct_id"));
    let owner = distinct.as_deref().map(|text| match composite(text) {
        Some((namespace, value)) => Identifier::new(&namespace, value),
        // Unbinding is offered to those who are logged in.
        None => Identifier::new("login", text),
    });
    unlink(owner, removed.finish()?)
}

fn identities<'a>(map: &'a Object<'_>) -> impl Iterator<Item = (Cow<'static, str>, Cow<'a, str>)> {
    let pairs = map.get("identities").and_then(Json::as_object);
    pairs.into_iter().flat_map(Object::iter).filter_map(|(key, value)| Some(pair(key, id_text(Some(value))?)))
}

/// Server clients say in the properties whether `distinct_id` is a login.
fn is_login(map: &Object<'_>) -> bool {
    let flag = map.get("properties").and_then(|properties| properties.get("$is_login_id"));
    matches!(flag, Some(Json::Bool(true)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn ids(record: Value, signs_up: bool) -> Vec<String> {
        let record = Json::from(record);
        let ids = all(record.as_object().expect("object"), signs_up).expect("has some");
        ids.into_iter().map(|id| format!("{}:{}", id.namespace, id.value)).collect()
    }

    #[test]
    fn who_a_record_is_about() {
        let cases: &[(Value, bool, &[&str])] = &[
            (
                json!({"identities": {"$identity_cookie_id": "c", "$identity_anonymous_id": "c"},
                       "distinct_id": "c", "anonymous_id": "c"}),
                false,
                &["device:c"],
            ),
            (
                json!({"identities": {"$identity_cookie_id": "c", "$identity_login_id": "u+1", "$identity_mobile": "138"},
                       "distinct_id": "u+1", "login_id": "u+1", "original_id": "c"}),
                true,
                &["login:u+1", "phone:138", "device:c"],
            ),
            (
                json!({"identities": {"$identity_cookie_id": "c", "$identity_unionid_x": "o+1"},
                       "distinct_id": "$identity_unionid_x+o+1", "login_id": "$identity_unionid_x+o+1"}),
                true,
                &["device:c", "device:$identity_unionid_x+o+1"],
            ),
            (json!({"distinct_id": "u", "properties": {"$is_login_id": true}}), false, &["login:u"]),
            (json!({"distinct_id": "d"}), false, &["device:d"]),
            (
                json!({"identities": {"$identity_mp_wx12_openid": "op", "$identity_mp_id": "m"}, "distinct_id": "op"}),
                false,
                &["device:m", "openid:wx12:op"],
            ),
            (
                json!({"identities": {"$identity_mp_openid": "op", "$identity_mp_unionid": "un"}, "distinct_id": "op"}),
                false,
                &["openid:op", "unionid:un"],
            ),
            (json!({"distinct_id": "$identity_mobile+138"}), false, &["phone:138"]),
            (json!({"distinct_id": 12345, "properties": {"$is_login_id": true}}), false, &["login:12345"]),
        ];
        for (record, signs_up, expected) in cases {
            assert_eq!(ids(record.clone(), *signs_up), *expected, "{record}");
        }
        assert!(all(&Object::default(), false).is_err());
    }

    #[test]
    fn an_unbind_names_the_user_and_the_pair() {
        let cases = [
            (json!({"identities": {"$identity_mobile": "138"}, "distinct_id": "u"}), "login:u phone:138"),
            (
                json!({"identities": {"$identity_mobile": "138"}, "distinct_id": "$identity_mobile+138"}),
                "phone:138 phone:138",
            ),
            (json!({"identities": {"$identity_mobile": "138"}}), "phone:138 phone:138"),
        ];
        for (record, expected) in cases {
            let ids = unbind(Json::from(record).as_object().expect("object")).expect("valid");
            let ids: Vec<_> = ids.into_iter().map(|id| format!("{}:{}", id.namespace, id.value)).collect();
            assert_eq!(ids.join(" "), expected);
        }
    }
}
