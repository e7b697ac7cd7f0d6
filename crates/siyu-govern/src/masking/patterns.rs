//! What is left of a masked value, by class. Pure.

use siyu_types::PersonalClass;

/// Two-character family names, of which the first character alone would name nobody.
const LONG_FAMILY_NAMES: &[&str] = &[
    "欧阳", "司马", "上官", "诸葛", "东方", "皇甫", "尉迟", "公孙", "慕容", "司徒", "令狐", "夏侯", "端木",
    "南宫", "独孤", "轩辕", "宇文", "长孙", "司空", "鲜于", "闻人", "澹台", "公冶", "濮阳", "淳于", "单于",
    "申屠", "呼延", "百里", "东郭", "西门", "赫连", "拓跋", "纳兰",
];
/// Ends of the names of districts and what stands at their level.
const DISTRICTS: [char; 3] = ['区', '县', '旗'];
/// Ends of the names of provinces and cities.
const CITIES: [char; 4] = ['省', '市', '州', '盟'];

/// `138****5678`, `w**@example.com`, `王**`, `浙江省杭州市西湖区****`.
pub fn mask(class: PersonalClass, value: &str) -> String {
    match class {
        PersonalClass::Phone => phone(value),
        PersonalClass::Name => name(value),
        PersonalClass::Email => match value.rsplit_once('@') {
            Some((local, domain)) => format!("{}@{domain}", ends(local, 1, 0)),
            None => ends(value, 1, 0),
        },
        // The province and city, and two of the last four: fewer than are asked for
        // when somebody has to prove who they are. Never the birthday in the middle.
        PersonalClass::IdCard => ends(value, 3, 2),
        // No more than receipts may print (PCI DSS 3.4.1): the issuer and the last four.
        PersonalClass::BankCard => ends(&value.replace([' ', '-'], ""), 6, 4),
        PersonalClass::Address => address(value),
        PersonalClass::Birthday => birthday(value),
        PersonalClass::Other => ends(value, 2, 2),
    }
}

/// The country stays whole, since it says nothing.
fn phone(value: &str) -> String {
    match value.strip_prefix("+86") {
        Some(rest) => format!("+86{}", ends(rest.trim_start(), 3, 4)),
        None => ends(value, 3, 4),
    }
}

/// The family name of Chinese names, the initials of others. The stars do not tell
/// how long a name is.
fn name(value: &str) -> String {
    let value = value.trim();
    if let Some(parts) = ['·', '•', ' '].iter().find(|mark| value.contains(**mark)) {
        let initial = |part: &str| ends(part, 1, 0);
        let shown: Vec<String> = value.split(*parts).filter(|part| !part.is_empty()).map(initial).collect();
        return shown.join(&parts.to_string());
    }
    let long = value.chars().count() > 2 && LONG_FAMILY_NAMES.iter().any(|family| value.starts_with(family));
    match long {
        true => format!("{}**", value.chars().take(2).collect::<String>()),
        false => ends(value, 1, 0),
    }
}

/// To the district, if there is one that more follows; of other addresses the part
/// behind the last comma, which is a city or country.
fn address(value: &str) -> String {
    let chars: Vec<char> = value.chars().collect();
    let behind = |end: usize| chars.len() > end + 1;
    // A province or city first: "区" also stands in the names of estates.
    let city = chars.iter().position(|c| CITIES.contains(c)).unwrap_or(0);
    let district =
        (city..chars.len().min(city + DISTRICT_CHARS_MAX)).find(|at| DISTRICTS.contains(&chars[*at]));
    let last_city = (0..chars.len().min(CITY_CHARS_MAX)).rev().find(|at| CITIES.contains(&chars[*at]));
    if let Some(end) = district.or(last_city).filter(|end| behind(*end)) {
        return format!("{}****", chars[..=end].iter().collect::<String>());
    }
    match value.rsplit_once(',') {
        Some((_, last)) if !last.trim().is_empty() && !last.bytes().any(|b| b.is_ascii_digit()) => {
            format!("****, {}", last.trim())
        }
        _ => "****".to_owned(),
    }
}

/// How far into an address the district and the city may end.
const DISTRICT_CHARS_MAX: usize = 16;
const CITY_CHARS_MAX: usize = 14;

/// The year, if that is how it begins.
fn birthday(value: &str) -> String {
    let year: String = value.chars().take(4).collect();
    let is_year = year.len() == 4
        && year.bytes().all(|b| b.is_ascii_digit())
        && ("1900".."2100").contains(&year.as_str())
        // Milliseconds since 1970 begin with digits too.
        && value.chars().count() <= 10;
    if is_year { format!("{year}-**-**") } else { "****".to_owned() }
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
