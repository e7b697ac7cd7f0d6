//! Compiling a campaign's content and rendering it for one person.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use jiff::tz::TimeZone;
use minijinja::{AutoEscape, Environment, ErrorKind, UndefinedBehavior, Value};
use siyu_connect::{EmailContent, WebhookContent};
use siyu_types::error::{Error, ErrorCode, Result};
use siyu_types::value::Props;

use super::context::{Holes, Names, values};
use super::filters;
use super::html::{Tracking, text_of, track};
use super::model::{Content, EmailTemplate, WebhookTemplate};
use super::sandbox::{self, FUEL, OUTPUT_MAX};

/// What holds for every person of one rendering.
#[derive(Clone, Debug)]
pub struct Setting {
    pub project: String,
    pub currency: String,
    pub zone: TimeZone,
}

/// Content that is known to compile.
pub struct Compiled {
    environment: Environment<'static>,
    setting: Setting,
    content: Content,
    /// Texts of a webhook's body: path and template name.
    leaves: Vec<String>,
}

/// A message for one person, ready for delivery.
#[derive(Clone, Debug, PartialEq)]
pub enum Rendered {
    Email(EmailContent),
    Webhook(WebhookContent),
}

/// What is shown of one person.
pub struct Shown<'a> {
    pub person: u32,
    pub attributes: &'a Props,
    pub tags: &'a Props,
}

const SUBJECT: &str = "subject.txt";
const HTML: &str = "html.html";
const TEXT: &str = "text.txt";
/// Texts of one webhook body.
const LEAVES_MAX: usize = 200;

impl Compiled {
    pub fn new(content: &Content, setting: Setting) -> Result<Compiled> {
        let mut environment = Environment::empty();
        environment.set_auto_escape_callback(|name| match name.ends_with(".html") {
            true => AutoEscape::Html,
            false => AutoEscape::None,
        });
        environment.set_undefined_behavior(UndefinedBehavior::SemiStrict);
        environment.set_fuel(Some(FUEL));
        environment.set_recursion_limit(64);
        filters::add(&mut environment, &setting.currency, &setting.zone);
        let mut compiled = Compiled { environment, setting, content: content.clone(), leaves: Vec::new() };
        match content {
            Content::Email(email) => compiled.add_email(email)?,
            Content::Webhook(webhook) => compiled.add_webhook(webhook)?,
        }
        Ok(compiled)
    }

    fn add_email(&mut self, email: &EmailTemplate) -> Result<()> {
        if email.subject.trim().is_empty() {
            return Err(Error::invalid("content.subject", "write a subject"));
        }
        if email.html.trim().is_empty() {
            return Err(Error::invalid("content.html", "write something"));
        }
        self.add(SUBJECT, "content.subject", &email.subject)?;
        self.add(HTML, "content.html", &email.html)?;
        if let Some(text) = &email.text {
            self.add(TEXT, "content.text", text)?;
        }
        Ok(())
    }

    fn add_webhook(&mut self, webhook: &WebhookTemplate) -> Result<()> {
        if !matches!(webhook.method.as_str(), "POST" | "PUT") {
            return Err(Error::invalid("content.method", "must be POST or PUT"));
        }
        let url = url::Url::parse(&webhook.url);
        if !url.is_ok_and(|url| matches!(url.scheme(), "http" | "https")) {
            return Err(Error::invalid("content.url", "must be an http or https address"));
        }
        let mut texts = Vec::new();
        each_text(&webhook.body, &mut |text| texts.push(text.to_owned()));
        if texts.len() > LEAVES_MAX {
            return Err(Error::new(ErrorCode::TooComplex, "the body has too many parts")
                .with("limit", LEAVES_MAX.to_string())
                .at("content.body"));
        }
        for (index, text) in texts.iter().enumerate() {
            let name = format!("body-{index}.txt");
            self.add(&name, "content.body", text)?;
            self.leaves.push(name);
        }
        Ok(())
    }

    fn add(&mut self, name: &str, field: &str, source: &str) -> Result<()> {
        sandbox::check(field, source)?;
        self.environment.add_template_owned(name.to_owned(), source.to_owned()).map_err(|error| {
            let message = error.detail().unwrap_or("cannot be read").to_owned();
            Error::new(ErrorCode::TemplateSyntax, message)
                .with("line", error.line().unwrap_or(1).to_string())
                .at(field)
        })
    }

    /// The names the content asks for: `person.name`, `coupon`, …
    pub fn variables(&self) -> Vec<String> {
        let names: BTreeSet<String> = self
            .environment
            .templates()
            .flat_map(|(_, template)| template.undeclared_variables(true))
            .collect();
        names.into_iter().collect()
    }

    /// Renders for one person. `to` and `links` matter for e-mail only.
    pub fn render(&self, shown: &Shown<'_>, to: &str, links: &Tracking) -> Result<Rendered> {
        let holes = Holes::default();
        let context = self.context(shown, links, &holes);
        let rendered = self.render_parts(&context, to, links);
        let names = holes.take(rendered.is_err());
        match rendered {
            // Running out of fuel or room is not a hole, whatever was seen last.
            Err(error) if error.code == ErrorCode::TemplateTooCostly => Err(error),
            _ if !names.is_empty() => Err(missing(&names)),
            other => other,
        }
    }

    /// As [`Compiled::render`], but holes are printed as their names and listed.
    pub fn preview(&self, shown: &Shown<'_>, to: &str, links: &Tracking) -> Result<(Rendered, Vec<String>)> {
        let holes = Holes::shown();
        let rendered = self.render_parts(&self.context(shown, links, &holes), to, links)?;
        Ok((rendered, holes.take(false)))
    }

    fn context(&self, shown: &Shown<'_>, links: &Tracking, holes: &Holes) -> Value {
        let mut person = values(shown.attributes);
        person.insert("no".to_owned(), Value::from(shown.person));
        person.insert("tags".to_owned(), Names::value("person.tags", values(shown.tags), holes));
        let project = BTreeMap::from([
            ("name".to_owned(), Value::from(self.setting.project.as_str())),
            ("currency".to_owned(), Value::from(self.setting.currency.as_str())),
        ]);
        let mut root = BTreeMap::from([
            ("person".to_owned(), Names::value("person", person, holes)),
            ("project".to_owned(), Names::value("project", project, holes)),
        ]);
        let coupon = match &self.content {
            Content::Email(email) => &email.coupon,
            Content::Webhook(webhook) => &webhook.coupon,
        };
        if let Some(coupon) = coupon.as_deref().filter(|coupon| !coupon.is_empty()) {
            root.insert("coupon".to_owned(), Value::from(coupon));
        }
        if let Some(url) = &links.unsubscribe {
            root.insert("unsubscribe_url".to_owned(), Value::from(url.as_str()));
        }
        if let Some(url) = &links.preferences {
            root.insert("preferences_url".to_owned(), Value::from(url.as_str()));
        }
        Names::value("", root, holes)
    }

    fn render_parts(&self, context: &Value, to: &str, links: &Tracking) -> Result<Rendered> {
        match &self.content {
            Content::Email(email) => {
                let subject = self.text(SUBJECT, context)?.split_whitespace().collect::<Vec<_>>().join(" ");
                let mut html = self.text(HTML, context)?;
                if let (Some(url), false) = (&links.unsubscribe, email.html.contains("unsubscribe_url")) {
                    html = with_footer(&html, "不想再收到此类邮件?", url, ["退订", "Unsubscribe"]);
                }
                if let (Some(url), false) = (&links.preferences, email.html.contains("preferences_url")) {
                    html = with_footer(&html, "", url, ["偏好设置", "Preferences"]);
                }
                let text = match &email.text {
                    Some(_) => self.text(TEXT, context)?,
                    None => text_of(&html),
                };
                Ok(Rendered::Email(EmailContent {
                    to: to.to_owned(),
                    subject,
                    html: track(&html, links),
                    text,
                    unsubscribe_url: links.unsubscribe.clone(),
                }))
            }
            Content::Webhook(webhook) => {
                let mut names = self.leaves.iter();
                let mut failure = None;
                let mut body = webhook.body.clone();
                replace_texts(&mut body, &mut |text| {
                    let Some(name) = names.next() else { return };
                    match self.text(name, context) {
                        Ok(rendered) => *text = rendered,
                        Err(error) => failure = failure.take().or(Some(error)),
                    }
                });
                if let Some(error) = failure {
                    return Err(error);
                }
                Ok(Rendered::Webhook(WebhookContent {
                    url: webhook.url.clone(),
                    method: webhook.method.clone(),
                    body: body.to_string(),
                }))
            }
        }
    }

    fn text(&self, name: &str, context: &Value) -> Result<String> {
        let template = self.environment.get_template(name).map_err(Error::internal)?;
        let mut out = Bounded { bytes: Vec::new() };
        template.render_captured_to(context.clone(), &mut out).map_err(|error| match error.kind() {
            ErrorKind::OutOfFuel | ErrorKind::WriteFailure => {
                Error::new(ErrorCode::TemplateTooCostly, "the message takes too much work or room")
            }
            _ => Error::new(
                ErrorCode::TemplateSyntax,
                error.detail().unwrap_or("cannot be rendered for this person").to_owned(),
            )
            .with("line", error.line().unwrap_or(1).to_string()),
        })?;
        String::from_utf8(out.bytes).map_err(Error::internal)
    }
}

/// A mail always offers the way out and the way to what can be chosen, even if its
/// author forgot.
fn with_footer(html: &str, question: &str, url: &str, [zh, en]: [&str; 2]) -> String {
    let footer = format!(
        "<p style=\"margin-top:24px;font-size:12px;color:#888\">{question}\
         <a href=\"{0}\">{zh}</a> · <a href=\"{0}\">{en}</a></p>",
        super::html::escape(url)
    );
    let end = html.to_ascii_lowercase().rfind("</body>").unwrap_or(html.len());
    format!("{}{footer}{}", &html[..end], &html[end..])
}

fn missing(names: &[String]) -> Error {
    let list = names.join(", ");
    Error::new(ErrorCode::TemplateMissingVariable, format!("no value and no default for {list}"))
        .with("names", list)
}

/// The names in a `template_missing_variable` error.
pub fn missing_names(error: &Error) -> Vec<String> {
    let names = error.params.get("names").filter(|_| error.code == ErrorCode::TemplateMissingVariable);
    names.map_or_else(Vec::new, |names| names.split(", ").map(str::to_owned).collect())
}

struct Bounded {
    bytes: Vec<u8>,
}

impl Write for Bounded {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + part.len() > OUTPUT_MAX {
            return Err(io::Error::other("the output is too long"));
        }
        self.bytes.extend_from_slice(part);
        Ok(part.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Visits the texts of a JSON value in a fixed order.
fn each_text(json: &serde_json::Value, see: &mut impl FnMut(&str)) {
    match json {
        serde_json::Value::String(text) => see(text),
        serde_json::Value::Array(items) => items.iter().for_each(|item| each_text(item, see)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| each_text(field, see)),
        _ => {}
    }
}

fn replace_texts(json: &mut serde_json::Value, change: &mut impl FnMut(&mut String)) {
    match json {
        serde_json::Value::String(text) => change(text),
        serde_json::Value::Array(items) => items.iter_mut().for_each(|item| replace_texts(item, change)),
        serde_json::Value::Object(fields) => {
            fields.values_mut().for_each(|field| replace_texts(field, change));
        }
        _ => {}
    }
}
