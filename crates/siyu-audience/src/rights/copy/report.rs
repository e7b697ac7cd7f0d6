//! The report of a copy: one page that can be read, searched and printed without a
//! network, without scripts, in the language of the request.

use std::collections::BTreeMap;
use std::fmt::Write;

use jiff::tz::TimeZone;
use serde_json::Value as Json;
use siyu_types::clock::Millis;

use super::super::model::Area;
use super::labels::{AREAS, AreaLabels, Column, Form, WORDS};
use crate::projects::Project;

/// Entries of one area in the report; the files hold all.
pub(in super::super) const ROWS_MAX: usize = 500;
/// Changes of one value in the report.
const CHANGES_MAX: usize = 10;
/// Characters of one value in the report.
const VALUE_CHARS_MAX: usize = 500;

const STYLE: &str = include_str!("report.css");

/// What a copy does not hold, and why.
pub(in super::super) const LEFT_OUT: [(&str, &str); 4] = [
    (
        "他人的个人信息（例如邀请人、与您共用设备的人）：以“他人信息”代替。",
        "What concerns other people, such as who invited you or shares a device with you: replaced by a note.",
    ),
    ("处理您数据的工作人员的姓名。", "The names of the members of the team who worked with your data."),
    (
        "原始传输记录：内容与行为记录相同，保留一段时间后删除。",
        "The raw records as they were transmitted: they say the same as the events and are removed after a while.",
    ),
    (
        "尚未导入或正在导入的整份文件：其中未通过的行见相应部分。",
        "Whole files that wait for their import; of those that were read, the refused rows are here.",
    ),
];

pub(super) struct Report {
    english: bool,
    brand: String,
    currency: String,
    zone: TimeZone,
    made_at: Millis,
    /// The code of the export.
    mark: String,
    sections: Vec<(&'static AreaLabels, String, usize)>,
    events: Vec<Json>,
    /// How often, by name.
    counts: BTreeMap<String, u64>,
}

impl Report {
    pub fn new(language: &str, project: &Project, made_at: Millis, mark: &str) -> Report {
        let settings = project.settings();
        Report {
            english: language == "en",
            brand: settings.name.clone(),
            currency: settings.currency.clone(),
            zone: settings.zone.clone(),
            made_at,
            mark: mark.to_owned(),
            sections: Vec::new(),
            events: Vec::new(),
            counts: BTreeMap::new(),
        }
    }

    fn pick<'a>(&self, zh: &'a str, en: &'a str) -> &'a str {
        if self.english { en } else { zh }
    }

    pub fn area(&mut self, area: &Area) {
        let Some(labels) = AREAS.iter().find(|labels| labels.area == area.name) else { return };
        let html = self.table(labels, &area.items, area.items.len(), area.cut);
        self.sections.push((labels, html, area.items.len()));
    }

    pub fn event(&mut self, event: &Json) {
        *self.counts.entry(event["event"].as_str().unwrap_or_default().to_owned()).or_default() += 1;
        if self.events.len() < ROWS_MAX {
            self.events.push(event.clone());
        }
    }

    pub fn render(mut self) -> String {
        let total: u64 = self.counts.values().sum();
        if let Some(labels) = AREAS.iter().find(|labels| labels.area == "events") {
            let totals: Vec<String> =
                self.counts.iter().map(|(name, count)| format!("{} × {count}", escape(name))).collect();
            let html = format!("<p class=\"totals\">{}</p>", totals.join(" · "))
                + &self.table(labels, &self.events, total as usize, false);
            self.sections.push((labels, html, total as usize));
        }
        self.sections.sort_by_key(|(labels, ..)| AREAS.iter().position(|known| known.area == labels.area));
        let title = self.pick("个人信息副本", "A copy of your personal information");
        let made = self.pick("生成于", "Made at");
        let contents = self.pick("目录", "Contents");
        let mut body = format!(
            "<header><p>{}</p><h1>{title}</h1><p>{made} {} {}</p></header><nav><h2>{contents}</h2><ul>",
            escape(&self.brand),
            self.time(self.made_at),
            escape(&self.mark)
        );
        for (labels, _, count) in &self.sections {
            let name = self.pick(labels.zh, labels.en);
            let _fits = write!(body, "<li><a href=\"#{}\">{name}</a> <span>{count}</span></li>", labels.area);
        }
        body += "</ul></nav>";
        for (labels, html, _) in &self.sections {
            let (name, lead) = (self.pick(labels.zh, labels.en), self.pick(labels.lead_zh, labels.lead_en));
            let _fits =
                write!(body, "<section id=\"{}\"><h2>{name}</h2><p>{lead}</p>{html}</section>", labels.area);
        }
        let left_out = self.pick("未包含的内容", "What is not in here");
        let _fits = write!(body, "<section><h2>{left_out}</h2><ul>");
        for (zh, en) in LEFT_OUT {
            let _fits = write!(body, "<li>{}</li>", self.pick(zh, en));
        }
        body += "</ul></section>";
        format!(
            "<!doctype html><html lang=\"{}\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
             <title>{title}</title><style>{STYLE}</style></head><body><main>{body}</main></body></html>",
            self.pick("zh-CN", "en")
        )
    }

    fn table(&self, labels: &AreaLabels, items: &[Json], total: usize, cut: bool) -> String {
        if items.is_empty() {
            return format!("<p class=\"none\">{}</p>", self.pick("没有。", "None."));
        }
        // A name in both languages is shown in the report's own.
        let other = if self.english { "_zh" } else { "_en" };
        let columns: Vec<&Column> =
            labels.columns.iter().filter(|column| !column.field.ends_with(other)).collect();
        let mut html = "<table><thead><tr>".to_owned();
        for column in &columns {
            let title = self.pick(column.zh, column.en);
            let _fits = write!(html, "<th scope=\"col\">{title}</th>");
        }
        html += "</tr></thead><tbody>";
        for item in items.iter().take(ROWS_MAX) {
            html += "<tr>";
            for column in &columns {
                let title = self.pick(column.zh, column.en);
                let value = self.value(&item[column.field], column.form);
                let _fits = write!(html, "<td data-title=\"{title}\">{value}</td>");
            }
            html += "</tr>";
        }
        html += "</tbody></table>";
        let shown = items.len().min(ROWS_MAX);
        if total > shown || cut {
            let file = labels.area;
            let note = match self.english {
                true => format!("{shown} of {total} entries; all that are in this copy are in {file}.json."),
                false => format!("共 {total} 条，此处列出 {shown} 条；全部见 {file}.json。"),
            };
            let _fits = write!(html, "<p class=\"none\">{note}</p>");
        }
        html
    }

    fn value(&self, value: &Json, form: Form) -> String {
        match (form, value) {
            (_, Json::Null) => String::new(),
            (Form::Time, Json::String(text)) => {
                let at = text.parse::<jiff::Timestamp>().map(jiff::Timestamp::as_millisecond);
                at.map_or_else(|_| escape(text), |at| self.time(at))
            }
            (Form::Money, Json::Number(minor)) => self.money(minor.as_f64().unwrap_or_default()),
            (Form::Both, Json::Array(items)) => {
                items.iter().map(|item| self.value(item, Form::Both)).collect::<Vec<_>>().join("<br>")
            }
            (Form::Both, text) => short(text[self.pick("zh", "en")].as_str().unwrap_or_default()),
            (Form::Identifiers, Json::Array(items)) => {
                let one = |id: &Json| {
                    format!("{} {}", self.value(&id["namespace"], Form::Word), plain(&id["value"]))
                };
                items.iter().map(one).collect::<Vec<_>>().join("<br>")
            }
            (Form::Word, Json::String(text)) => self.word(text),
            (Form::Pairs, pairs) => pairs_of(pairs),
            (Form::History, Json::Array(changes)) => self.history(changes),
            (_, Json::Bool(true)) => self.pick("是", "yes").to_owned(),
            (_, Json::Bool(false)) => self.pick("否", "no").to_owned(),
            (_, other) => plain(other),
        }
    }

    /// A kind of identifier keeps the scope it may have.
    fn word(&self, text: &str) -> String {
        let (kind, scope) = text.split_once(':').unwrap_or((text, ""));
        match WORDS.iter().find(|(word, ..)| *word == kind) {
            Some((_, zh, en)) if scope.is_empty() => self.pick(zh, en).to_owned(),
            Some((_, zh, en)) => format!("{} ({})", self.pick(zh, en), escape(scope)),
            None => short(text),
        }
    }

    fn history(&self, changes: &[Json]) -> String {
        // The first is what holds and stands beside it already.
        let line = |change: &Json| {
            format!(
                "{} {} <small>{}</small>",
                self.value(&change["at"], Form::Time),
                plain(&change["value"]),
                plain(&change["source"])
            )
        };
        let lines: Vec<String> = changes.iter().skip(1).take(CHANGES_MAX).map(line).collect();
        lines.join("<br>")
    }

    fn time(&self, at: Millis) -> String {
        let zoned = jiff::Timestamp::from_millisecond(at).unwrap_or_default().to_zoned(self.zone.clone());
        zoned.strftime("%Y-%m-%d %H:%M").to_string()
    }

    fn money(&self, minor: f64) -> String {
        format!("{} {:.2}", escape(&self.currency), minor / 100.0)
    }
}

fn pairs_of(value: &Json) -> String {
    match value {
        Json::Object(pairs) => {
            let one = |(name, value): (&String, &Json)| format!("<b>{}</b> {}", escape(name), plain(value));
            pairs.iter().filter(|(_, value)| !value.is_null()).map(one).collect::<Vec<_>>().join("<br>")
        }
        Json::Array(items) => items.iter().map(pairs_of).collect::<Vec<_>>().join("<hr>"),
        other => plain(other),
    }
}

fn plain(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) => short(text),
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
        // As people write whole numbers.
        Json::Number(number) => short(&number.as_f64().unwrap_or_default().to_string()),
        other => short(&other.to_string()),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((at, _)) => escape(&text[..at]) + "…",
        None => escape(text),
    }
}

/// For text between tags and in quoted attributes.
fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            c => safe.push(c),
        }
    }
    safe
}
