//! What a message says. A project has no language, so it says everything twice. Only the name,
//! the numbers and the rule of the alert leave the house: never its question, and of an error
//! only its code.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;
use siyu_http::At;
use siyu_types::analysis::TrendCompare;
use siyu_types::clock::Millis;
use siyu_types::telling::TeamMessage;

use super::units::{Unit, plain};
use crate::alerts::{Alert, AlertDirection, AlertMeasure, AlertRule, AlertState, Found, Watched};

/// Where the alert is.
pub(super) struct Place<'a> {
    pub project: &'a str,
    pub currency: &'a str,
    pub zone: &'a TimeZone,
    pub public_url: &'a str,
}

/// What there is to tell.
pub(super) struct Occasion<'a> {
    pub alert: &'a Alert,
    pub found: &'a Found,
    pub since: Millis,
    pub as_of: Millis,
    /// Somebody tries out whether messages arrive.
    pub trial: bool,
}

#[derive(Clone, Copy)]
enum Language {
    Chinese,
    English,
}

impl Language {
    fn of<'a>(self, chinese: &'a str, english: &'a str) -> &'a str {
        match self {
            Language::Chinese => chinese,
            Language::English => english,
        }
    }
}

/// A headline, and what belongs to it line by line.
struct Said {
    headline: String,
    lines: Vec<(&'static str, String)>,
}

pub(super) fn message(
    occasion: &Occasion<'_>,
    place: &Place<'_>,
    send_id: String,
    again: bool,
) -> TeamMessage {
    let name = &occasion.alert.name;
    let link = format!("{}/alerts?alert={}", place.public_url, occasion.alert.id);
    let both =
        [Language::Chinese, Language::English].map(|language| (language, said(language, occasion, place)));
    let [chinese, english] = [Language::Chinese, Language::English].map(|language| title(language, occasion));
    let mut text = String::new();
    let mut html = String::from("<div style=\"font-family:sans-serif;font-size:14px;line-height:1.5\">");
    for (language, Said { headline, lines }) in both {
        text.push_str(&format!("{headline}\n"));
        html.push_str(&format!("<p><strong>{}</strong>", escape(&headline)));
        for (label, value) in lines {
            let colon = language.of("：", ": ");
            text.push_str(&format!("{label}{colon}{value}\n"));
            html.push_str(&format!("<br>{label}{colon}{}", escape(&value)));
        }
        text.push('\n');
        html.push_str("</p>");
    }
    text.push_str(&link);
    text.push('\n');
    html.push_str(&format!("<p><a href=\"{}\">打开预警 · Open the alert</a></p></div>", escape(&link)));
    TeamMessage {
        send_id,
        again,
        subject: format!("[{}] {chinese} · {english}: {name}", place.project),
        text,
        html,
        body: body(occasion, &link),
    }
}

/// What programs are told. Numbers are as the API gives them.
fn body(occasion: &Occasion<'_>, link: &str) -> String {
    let Occasion { alert, found, .. } = occasion;
    let body = json!({
        "alert": alert.id,
        "name": alert.name,
        "state": found.state,
        "measure": alert.watched.measure,
        "value": found.value,
        "compared": found.compared,
        "rule": alert.rule,
        "from": found.days.map(|days| days.first.to_string()),
        "to": found.days.map(|days| days.last.to_string()),
        "error": found.error.as_ref().map(|error| error.code),
        "since": At(occasion.since),
        "as_of": At(occasion.as_of),
        "link": link,
        "test": occasion.trial,
    });
    body.to_string()
}

fn title(language: Language, occasion: &Occasion<'_>) -> &'static str {
    if occasion.trial {
        return language.of("试发", "Test");
    }
    state(language, occasion.found.state)
}

fn state(language: Language, state: AlertState) -> &'static str {
    match state {
        AlertState::Firing => language.of("开始预警", "Began to fire"),
        AlertState::Ok => language.of("恢复正常", "OK again"),
        AlertState::Error => language.of("无法计算", "Could not be worked out"),
        AlertState::TooLittle => language.of("数据不足", "Too little data"),
        AlertState::Pending => language.of("还没有看", "Not looked at"),
    }
}

fn said(language: Language, occasion: &Occasion<'_>, place: &Place<'_>) -> Said {
    let Occasion { alert, found, .. } = occasion;
    let colon = language.of("：", ": ");
    let mut headline = format!("{}{colon}{}", alert.name, state(language, found.state));
    if occasion.trial {
        headline = format!("{headline} {}", language.of("（试发）", "(test)"));
    }
    let mut lines = Vec::new();
    if let Some(value) = found.value {
        let unit = Unit::of(&alert.watched);
        let mut shown = unit.shown(value, place.currency);
        if let Some(compared) = found.compared {
            let before = unit.shown(compared, place.currency);
            let (open, close) = (language.of("（之前 ", " (before: "), language.of("）", ")"));
            shown = format!("{shown}{open}{before}{close}");
        }
        lines.push((language.of("数值", "Number"), shown));
    }
    if let Some(days) = found.days {
        let shown = match days.first == days.last {
            true => days.first.to_string(),
            false => format!("{} – {}", days.first, days.last),
        };
        lines.push((language.of("所看时段", "Judged"), shown));
    }
    lines.push((language.of("条件", "Rule"), rule(language, &alert.watched, alert.rule, place.currency)));
    if let Some(error) = &found.error {
        lines.push((language.of("原因", "Reason"), error.code.as_str().to_owned()));
    }
    let zone = place.zone.iana_name().unwrap_or("UTC");
    let since = format!("{} ({zone})", local(occasion.since, place.zone));
    lines.push((language.of("开始于", "Since"), since));
    Said { headline, lines }
}

fn local(at: Millis, zone: &TimeZone) -> String {
    let at = Timestamp::from_millisecond(at).unwrap_or_default();
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string()
}

fn rule(language: Language, watched: &Watched, rule: AlertRule, currency: &str) -> String {
    let what = match watched.measure {
        AlertMeasure::Number => language.of("数值", "value"),
        AlertMeasure::People => language.of("人数", "people"),
        AlertMeasure::Share => language.of("占比", "share"),
    };
    let shown = |number| Unit::of(watched).shown(number, currency);
    match (rule, language) {
        (AlertRule::Above { number }, Language::Chinese) => format!("{what}高于 {}", shown(number)),
        (AlertRule::Above { number }, Language::English) => format!("{what} above {}", shown(number)),
        (AlertRule::Below { number }, Language::Chinese) => format!("{what}低于 {}", shown(number)),
        (AlertRule::Below { number }, Language::English) => format!("{what} below {}", shown(number)),
        (AlertRule::Changes { percent, direction, against }, _) => {
            let percent = plain(percent);
            let way = match direction {
                AlertDirection::Up => language.of("上升", "up"),
                AlertDirection::Down => language.of("下降", "down"),
                AlertDirection::Either => language.of("升或降", "up or down"),
            };
            let against = match against {
                TrendCompare::Previous => language.of("上一时段", "the period before"),
                TrendCompare::Week => language.of("一周前", "a week earlier"),
                TrendCompare::Month => language.of("一个月前", "a month earlier"),
                TrendCompare::Year => language.of("一年前", "a year earlier"),
            };
            match language {
                Language::Chinese => format!("{what}比{against}{way}超过 {percent}%"),
                Language::English => format!("{what} more than {percent}% {way} on {against}"),
            }
        }
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('"', "&quot;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use siyu_types::calendar;

    use super::*;

    fn watched() -> Watched {
        let cell = json!({"kind": "trend",
            "query": {"series": [{"event": "secret_event", "measure": {"kind": "count"}}], "interval": "day",
                "range": {"kind": "last_days", "days": 7}},
            "cell": {"series": 0, "bucket": "2026-11-20", "group": {"kind": "whole"}}});
        Watched { cell: serde_json::from_value(cell).expect("a cell"), measure: AlertMeasure::Number }
    }

    #[test]
    fn rules_in_both_languages() {
        let changes = |direction, against| AlertRule::Changes { percent: 30.0, direction, against };
        let watched = &watched();
        for (made, chinese, english) in [
            (AlertRule::Above { number: 1_000.0 }, "数值高于 1,000", "value above 1,000"),
            (AlertRule::Below { number: 0.5 }, "数值低于 0.5", "value below 0.5"),
            (
                changes(AlertDirection::Down, TrendCompare::Week),
                "数值比一周前下降超过 30%",
                "value more than 30% down on a week earlier",
            ),
            (
                changes(AlertDirection::Either, TrendCompare::Previous),
                "数值比上一时段升或降超过 30%",
                "value more than 30% up or down on the period before",
            ),
        ] {
            assert_eq!(rule(Language::Chinese, watched, made, "CNY"), chinese);
            assert_eq!(rule(Language::English, watched, made, "CNY"), english);
        }
    }

    fn alert(name: &str) -> Alert {
        Alert {
            id: 7,
            name: name.to_owned(),
            watched: watched(),
            rule: AlertRule::Above { number: 2.0 },
            rhythm: crate::alerts::AlertRhythm::Hourly,
            tell: Vec::new(),
            enabled: true,
            found: Found::PENDING,
            since: 0,
            checked_at: None,
            next_at: None,
            version: 0,
            created_by: "user:1".to_owned(),
            created_at: 0,
            updated_at: 0,
        }
    }

    fn of(alert: &Alert, found: &Found, trial: bool) -> TeamMessage {
        let zone = calendar::zone("Asia/Shanghai").expect("a known zone");
        let place =
            Place { project: "咖啡", currency: "CNY", zone: &zone, public_url: "https://cdp.example" };
        let since = "2026-11-21T16:05:00Z".parse::<Timestamp>().expect("an instant").as_millisecond();
        message(&Occasion { alert, found, since, as_of: since, trial }, &place, "alert-1".to_owned(), false)
    }

    #[test]
    fn a_message_says_what_when_and_where() {
        let day = jiff::civil::date(2026, 11, 20);
        let days = crate::alerts::Days { first: day, last: day };
        let found = Found {
            state: AlertState::Firing,
            value: Some(3.0),
            compared: Some(1.5),
            days: Some(days),
            error: None,
        };
        let told = of(&alert("浏览太多"), &found, false);
        assert_eq!(told.subject, "[咖啡] 开始预警 · Began to fire: 浏览太多");
        let text = "浏览太多：开始预警\n数值：3（之前 1.5）\n所看时段：2026-11-20\n条件：数值高于 2\n\
            开始于：2026-11-22 00:05 (Asia/Shanghai)\n\n浏览太多: Began to fire\nNumber: 3 (before: 1.5)\n\
            Judged: 2026-11-20\nRule: value above 2\nSince: 2026-11-22 00:05 (Asia/Shanghai)\n\n\
            https://cdp.example/alerts?alert=7\n";
        assert_eq!(told.text, text);
        let body: serde_json::Value = serde_json::from_str(&told.body).expect("JSON");
        assert_eq!(
            body,
            json!({"alert": 7, "name": "浏览太多", "state": "firing", "measure": "number", "value": 3.0,
                "compared": 1.5, "rule": {"kind": "above", "number": 2.0}, "from": "2026-11-20",
                "to": "2026-11-20", "error": null, "since": "2026-11-21T16:05:00.000Z",
                "as_of": "2026-11-21T16:05:00.000Z", "link": "https://cdp.example/alerts?alert=7", "test": false})
        );
        let trial = of(&alert("浏览太多"), &found, true);
        assert_eq!(trial.subject, "[咖啡] 试发 · Test: 浏览太多");
        assert!(trial.text.contains("(test)") && trial.body.contains("\"test\":true"), "{trial:?}");
    }

    #[test]
    fn nothing_is_markup_and_no_question_leaves() {
        let error = crate::alerts::AlertError {
            code: siyu_types::ErrorCode::UnknownName,
            message: "no event secret_event".to_owned(),
            params: [("name".to_owned(), "secret_event".to_owned())].into(),
        };
        let found = Found { state: AlertState::Error, error: Some(error), ..Found::PENDING };
        let told = of(&alert("<b>\"A\" & 'B'</b>"), &found, false);
        assert!(told.html.contains("&lt;b&gt;&quot;A&quot; &amp; 'B'&lt;/b&gt;"), "{}", told.html);
        assert!(!told.html.contains("<b>"), "{}", told.html);
        for part in [&told.subject, &told.text, &told.html, &told.body] {
            assert!(!part.contains("secret_event"), "{part}");
        }
        assert!(told.text.contains("Reason: unknown_name"), "{}", told.text);
    }
}
