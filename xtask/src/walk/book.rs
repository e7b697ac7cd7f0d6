//! Reads a file of requests as editors do: sections, variables, values of earlier answers.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::Outcome;

/// One request of the book.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Request {
    pub title: String,
    /// Under which later requests find the answer.
    pub name: Option<String>,
    /// The status that is right; any of 2xx if absent.
    pub expect: Option<u16>,
    /// What the answer must say before the walk goes on.
    pub until: Vec<(String, Option<String>)>,
    pub method: String,
    pub url: String,
    pub headers: Vec<String>,
    pub body: String,
}

/// Values that stand for `{{name}}`.
#[derive(Default)]
pub struct Values {
    pub plain: BTreeMap<String, String>,
    pub answers: BTreeMap<String, Value>,
}

/// The requests of a book in their order.
pub fn parse(text: &str) -> Outcome<Vec<Request>> {
    text.split("\n###")
        .skip(1)
        .map(|section| request(section).map_err(|e| format!("{e}: {section}")))
        .collect()
}

fn request(section: &str) -> Outcome<Request> {
    let (head, body) = section.split_once("\n\n").unwrap_or((section, ""));
    let mut lines = head.lines();
    let mut request =
        Request { title: lines.next().unwrap_or_default().trim().to_owned(), ..Request::default() };
    for line in lines {
        if let Some(word) = line.strip_prefix("# @name ") {
            request.name = Some(word.trim().to_owned());
        } else if let Some(word) = line.strip_prefix("# @expect ") {
            request.expect = Some(word.trim().parse().map_err(|_| "a status is not a number")?);
        } else if let Some(rule) = line.strip_prefix("# @until ") {
            let (path, value) =
                rule.split_once(" = ").map_or((rule, None), |(path, value)| (path, Some(value)));
            request.until.push((path.trim().to_owned(), value.map(|value| value.trim().to_owned())));
        } else if line.starts_with('#') {
        } else if request.method.is_empty() {
            let (method, url) = line.split_once(' ').ok_or("a section has no request line")?;
            (request.method, request.url) = (method.to_owned(), url.trim().to_owned());
        } else {
            request.headers.push(line.to_owned());
        }
    }
    if request.method.is_empty() {
        return Err("a section has no request".to_owned());
    }
    request.body = body.trim_end().to_owned();
    if request.headers.iter().any(|header| header.contains("multipart/")) {
        // The parts of a form are told apart by both characters of a line's end.
        request.body = format!("{}\r\n", request.body.replace('\n', "\r\n"));
    }
    Ok(request)
}

impl Request {
    /// The same request with every value in its place.
    pub fn filled(&self, values: &Values) -> Outcome<Request> {
        let headers = self.headers.iter().map(|header| values.fill(header)).collect::<Outcome<_>>()?;
        Ok(Request { url: values.fill(&self.url)?, body: values.fill(&self.body)?, headers, ..self.clone() })
    }

    /// What the answer does not say yet, if anything.
    pub fn waits_for(&self, answer: &Value) -> Option<String> {
        let unmet = self.until.iter().find(|(path, wanted)| match (at(answer, path), wanted) {
            (Some(found), Some(wanted)) => text(found) != *wanted,
            (found, _) => found.is_none(),
        })?;
        Some(format!("{} = {}", unmet.0, unmet.1.as_deref().unwrap_or("anything")))
    }

    /// `post /api/v1/tags/{{tag…}}/compute` as `("post", ["api", "v1", "tags", "{}", "compute"])`.
    pub fn operation(&self) -> (String, Vec<String>) {
        let path = self.url.trim_start_matches("{{host}}").split('?').next().unwrap_or_default();
        let parts = path.split('/').filter(|part| !part.is_empty());
        (self.method.to_lowercase(), parts.map(str::to_owned).collect())
    }
}

impl Values {
    /// Replaces `{{name}}` and `{{name.response.body.$.path}}`. Anything else in braces, such as a
    /// variable of a message, stays.
    fn fill(&self, text: &str) -> Outcome<String> {
        let mut filled = String::new();
        let mut rest = text;
        while let Some(start) = rest.find("{{") {
            let Some(end) = rest[start..].find("}}") else { break };
            let inside = &rest[start + 2..start + end];
            filled.push_str(&rest[..start]);
            match (inside.split_once(".response.body."), self.plain.get(inside)) {
                (Some((name, path)), _) => {
                    let answer = self.answers.get(name).ok_or_else(|| format!("nothing is called {name}"))?;
                    let value = at(answer, path).ok_or_else(|| format!("{name} has no {path}: {answer}"))?;
                    filled.push_str(&self::text(value));
                }
                (None, Some(value)) => filled.push_str(value),
                (None, None) => filled.push_str(&rest[start..start + end + 2]),
            }
            rest = &rest[start + end + 2..];
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// A value by a path such as `$.items[0].id`.
fn at<'v>(value: &'v Value, path: &str) -> Option<&'v Value> {
    let pointer = path.trim_start_matches('$').replace(['.', '['], "/").replace(']', "");
    value.pointer(&pointer).filter(|value| !value.is_null())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const BOOK: &str = "# a book\n@host = http://x\n\n### Make it\n# @name made\nPOST {{host}}/api/v1/tags\n\
        Authorization: Bearer {{key}}\n\n{\"name\": \"{{ person.name }}\"}\n\n### Wait\n# @expect 409\n\
        # @until $.state = done\n# @until $.items[0].id\nGET {{host}}/api/v1/tags/{{made.response.body.$.id}}?a=1\n";

    #[test]
    fn a_book_is_read_and_filled() {
        let requests = parse(BOOK).expect("a book");
        assert_eq!(requests.len(), 2);
        let mut values = Values::default();
        values.plain.extend([("host", "http://h"), ("key", "sk")].map(|(a, b)| (a.to_owned(), b.to_owned())));
        let first = requests[0].filled(&values).expect("filled");
        assert_eq!((first.method.as_str(), first.url.as_str()), ("POST", "http://h/api/v1/tags"));
        assert_eq!(
            (first.headers[0].as_str(), first.body.as_str()),
            ("Authorization: Bearer sk", "{\"name\": \"{{ person.name }}\"}")
        );
        assert!(requests[1].filled(&values).is_err(), "the answer it speaks of is not there yet");
        values.answers.insert("made".to_owned(), json!({"id": 7}));
        let second = requests[1].filled(&values).expect("filled");
        assert_eq!((second.url.as_str(), second.expect), ("http://h/api/v1/tags/7?a=1", Some(409)));
        assert_eq!(requests[1].operation().1[..3], ["api", "v1", "tags"]);
        for (answer, waits) in [
            (json!({"state": "done", "items": [{"id": 0}]}), false),
            (json!({"state": "running", "items": [{"id": 0}]}), true),
            (json!({"state": "done", "items": []}), true),
        ] {
            assert_eq!(second.waits_for(&answer).is_some(), waits, "{answer}");
        }
        assert!(parse("x\n### only a title\n").is_err());
    }
}
