//! The part of the page about the person's data: what they asked, what was answered, the
//! copy, and what else they may ask.

use siyu_govern::rights::{RequestKind, RequestState};

use super::model::{Asked, Note, Shown};
use super::page::{day, language_field};
use super::words::{self, Words};
use crate::content::escape;

pub(super) fn section(shown: &Shown, words: &Words) -> String {
    let mut html =
        format!("<section id=\"data\"><h2>{}</h2><p class=\"lead\">{}</p>", words.data, words.data_lead);
    if shown.note == Note::WrongCode {
        html += &format!("<p class=\"wrong\" role=\"alert\">{}</p>", words.wrong_code);
    }
    for asked in shown.requests.iter().rev() {
        html += &request(shown, words, asked);
    }
    html += "<div class=\"asks\">";
    for kind in [RequestKind::Access, RequestKind::Erase, RequestKind::Explain, RequestKind::Correct] {
        let waits = |asked: &Asked| asked.request.kind == kind && !asked.request.state.is_ended();
        if !shown.requests.iter().any(waits) {
            html += &button(shown, words, kind);
        }
    }
    html + "</div></section>"
}

fn button(shown: &Shown, words: &Words, kind: RequestKind) -> String {
    let (language, name) = (language_field(shown.language), words::request(shown.language, kind));
    let button = |text: &str| {
        format!("<button class=\"ask\" name=\"request\" value=\"{}\">{text}</button>", kind.as_str())
    };
    if kind != RequestKind::Correct {
        return format!("<form method=\"post\">{language}{}</form>", button(name));
    }
    // What is wrong has to be said.
    format!(
        "<details class=\"say\"><summary class=\"ask\">{name}</summary><form method=\"post\">{language}\
         <label for=\"wrong\">{}</label>\
         <textarea id=\"wrong\" name=\"note\" rows=\"3\" maxlength=\"1000\" required></textarea>{}</form></details>",
        words.what_is_wrong,
        button(words.send)
    )
}

fn request(shown: &Shown, words: &Words, asked: &Asked) -> String {
    let request = &asked.request;
    let fill = |text: &str, at| {
        text.replacen("{}", words::request(shown.language, request.kind), 1).replacen(
            "{}",
            &day(shown, at),
            1,
        )
    };
    let ended = request.ended_at.unwrap_or(request.updated_at);
    let (class, text) = match request.state {
        RequestState::Open => ("", fill(words.received, request.due_at)),
        RequestState::Working => ("", fill(words.worked_on, request.due_at)),
        RequestState::Done => (" done", fill(words.answered, ended)),
        RequestState::Refused => (" done", fill(words.refused, ended)),
    };
    let mut html = format!("<div class=\"request{class}\"><p>{text}</p>");
    if request.state.is_ended() {
        html += &format!("<blockquote>{}</blockquote>", escape(&request.answer).replace('\n', "<br>"));
    }
    if let Some(copy) = &asked.copy {
        if copy.locked {
            html += &format!("<p class=\"wrong\">{}</p>", words.locked);
        } else {
            html += &format!(
                "<form method=\"post\" class=\"fetch\">{}<input type=\"hidden\" name=\"copy\" value=\"{id}\">\
                 <label for=\"code{id}\">{}</label><div><input id=\"code{id}\" name=\"code\" required \
                 autocomplete=\"one-time-code\" autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"20\" \
                 placeholder=\"XXXXX-XXXXX\"><button>{}</button></div></form>",
                language_field(shown.language),
                words.code.replacen("{}", &day(shown, copy.until), 1),
                words.fetch,
                id = copy.id,
            );
        }
    }
    html + "</div>"
}
