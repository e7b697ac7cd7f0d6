//! The page itself: plain forms, so that it works everywhere, and nothing from elsewhere.

use siyu_govern::consent::{ConsentState, EVERY_CHANNEL, MARKETING};
use siyu_types::calendar;
use siyu_types::clock::Millis;

use super::model::{Choice, Language, Note, Shown};
use super::page_data;
use super::words::{self, Words, words};
use crate::content::escape;

const STYLE: &str = include_str!("page.css");

pub(super) fn render(shown: &Shown) -> String {
    let (words, language) = (words(shown.language), shown.language);
    let other = if language == Language::Zh { Language::En } else { Language::Zh };
    let mut body = format!(
        "<header><div><p class=\"brand\">{}</p><h1>{}</h1></div><a class=\"language\" href=\"?lang={}\" \
         hreflang=\"{}\">{}</a></header>",
        escape(&shown.brand),
        words.title,
        other.as_str(),
        other.as_str(),
        words.other_language
    );
    if let Some(address) = &shown.address {
        body += &format!("<p class=\"address\">{}</p>", escape(address));
    }
    body += &format!("<p class=\"lead\">{}</p>", words.lead);
    if shown.note == Note::Saved {
        body += &format!("<p class=\"saved\" role=\"status\">✓ {}</p>", words.saved);
    }
    let part = |sensitive: bool| {
        let of = |choice: &&Choice| choice.position.purpose.definition.sensitive == sensitive;
        groups(shown.choices.iter().filter(of).collect())
    };
    body += "<section>";
    for group in part(false) {
        body += &card(shown, words, &group);
    }
    body += "</section>";
    body += &stop_all(shown, words);
    let separate = part(true);
    if !separate.is_empty() {
        body += &format!("<section><h2>{}</h2><p class=\"lead\">{}</p>", words.separate, words.separate_lead);
        for group in separate {
            body += &card(shown, words, &group);
        }
        body += "</section>";
    }
    body += &page_data::section(shown, words);
    body += &format!("<footer>{}</footer>", words.foot);
    document(language, words.title, &body)
}

/// The choices of one purpose together, in order.
fn groups(choices: Vec<&Choice>) -> Vec<Vec<&Choice>> {
    let mut groups: Vec<Vec<&Choice>> = Vec::new();
    for choice in choices {
        match groups.last_mut() {
            Some(last) if last[0].position.purpose.id == choice.position.purpose.id => last.push(choice),
            _ => groups.push(vec![choice]),
        }
    }
    groups
}

fn card(shown: &Shown, words: &Words, group: &[&Choice]) -> String {
    let first = group[0];
    let definition = &first.position.purpose.definition;
    let (name, description, text) = match shown.language {
        Language::Zh => (&definition.name_zh, &definition.description_zh, &first.zh),
        Language::En => (&definition.name_en, &definition.description_en, &first.en),
    };
    let mut html = format!(
        "<article id=\"purpose-{}\"><h3>{}</h3><p class=\"about\">{}</p>",
        escape(&first.position.purpose.id),
        escape(name),
        escape(description)
    );
    for choice in group {
        html += &row(shown, words, choice, name);
    }
    html += &format!(
        "<details><summary>{} · {}</summary><p>{}</p></details></article>",
        words.full_text,
        words.version.replace("{}", &first.position.purpose.version.to_string()),
        escape(text)
    );
    html
}

fn row(shown: &Shown, words: &Words, choice: &Choice, name: &str) -> String {
    let position = &choice.position;
    let label = match position.channel.as_str() {
        EVERY_CHANNEL => None,
        channel => Some(words::channel(shown.language, channel)),
    };
    let state = if position.allowed { words.on } else { words.off };
    let note = match (position.state, &position.by) {
        _ if position.purpose.definition.essential => words.always.to_owned(),
        (None, _) if position.allowed => words.unsaid_on.to_owned(),
        (Some(ConsentState::Expired), _) => words.expired.to_owned(),
        (Some(_), Some(by)) => words.since.replace("{}", &day(shown, by.at)),
        _ => String::new(),
    };
    let title = label.map_or_else(|| state.to_owned(), |label| format!("{} · {state}", escape(label)));
    let mut html = format!("<div class=\"row\"><div><span>{title}</span><small>{note}</small></div>");
    if position.purpose.definition.essential {
        html += "<span class=\"switch on fixed\" aria-hidden=\"true\"><i></i></span></div>";
        return html;
    }
    let named = label.map_or_else(|| name.to_owned(), |label| format!("{name} · {label}"));
    html += &format!(
        "<form method=\"post\">{}<input type=\"hidden\" name=\"purpose\" value=\"{}\">\
         <input type=\"hidden\" name=\"channel\" value=\"{}\"><input type=\"hidden\" name=\"version\" value=\"{}\">\
         <button class=\"switch{}\" role=\"switch\" aria-checked=\"{}\" aria-label=\"{}\" name=\"on\" value=\"{}\">\
         <i></i></button></form></div>",
        language_field(shown.language),
        escape(&position.purpose.id),
        escape(&position.channel),
        position.purpose.version,
        if position.allowed { " on" } else { "" },
        position.allowed,
        escape(&named),
        i32::from(!position.allowed),
    );
    html
}

/// One tap that ends every marketing message, on every channel.
fn stop_all(shown: &Shown, words: &Words) -> String {
    let any = |choice: &Choice| choice.position.purpose.id == MARKETING && choice.position.allowed;
    let Some(choice) = shown.choices.iter().find(|choice| any(choice)) else { return String::new() };
    format!(
        "<form method=\"post\" class=\"stop\">{}<input type=\"hidden\" name=\"purpose\" value=\"{MARKETING}\">\
         <input type=\"hidden\" name=\"channel\" value=\"{EVERY_CHANNEL}\">\
         <input type=\"hidden\" name=\"version\" value=\"{}\">\
         <button name=\"on\" value=\"0\">{}</button></form>",
        language_field(shown.language),
        choice.position.purpose.version,
        words.stop_all
    )
}

pub(super) fn language_field(language: Language) -> String {
    format!("<input type=\"hidden\" name=\"lang\" value=\"{}\">", language.as_str())
}

pub(super) fn day(shown: &Shown, at: Millis) -> String {
    calendar::local_date(at, &shown.zone).to_string()
}

fn document(language: Language, title: &str, body: &str) -> String {
    let tag = if language == Language::Zh { "zh-CN" } else { "en" };
    format!(
        "<!doctype html><html lang=\"{tag}\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\
         <meta name=\"robots\" content=\"noindex\"><title>{title}</title><style>{STYLE}</style></head>\
         <body><main>{body}</main></body></html>"
    )
}
