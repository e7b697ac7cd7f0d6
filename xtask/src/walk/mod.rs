//! `cargo xtask walk`: everything the console does, done with curl and an API key, from the book of
//! requests in `docs/reference/walk.http`. An operation that the book leaves out is a failure.

mod book;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use self::book::{Request, Values};
use crate::server::{self, Build, Server, Setup};
use crate::steps::{Context, Counts};
use crate::{Outcome, shell};

const BOOK: &str = "docs/reference/walk.http";
const DESCRIPTION: &str = "console/src/api/openapi.json";
/// How long an answer may take to say what is waited for.
const UNTIL_MAX: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// A session is the way of browsers; with a key there is none to open or to end.
const OF_BROWSERS: &[&str] = &["/api/v1/session"];

pub fn main(words: &[String]) -> Outcome {
    if !words.is_empty() {
        return Err("walk takes nothing".to_owned());
    }
    let log = shell::workshop("logs")?.join("walk.log");
    println!("building the server");
    shell::run(&log, shell::cargo().args(["build", "--package", "siyu"]))?;
    let counts = step(&Context { log })?;
    println!("{} passed, {} failed", counts.passed, counts.failed);
    if counts.failed == 0 { Ok(()) } else { Err(String::new()) }
}

/// Walks through the book on a fresh server.
pub fn step(context: &Context) -> Outcome<Counts> {
    let text = fs::read_to_string(shell::root().join(BOOK)).map_err(|e| format!("{BOOK}: {e}"))?;
    let requests = book::parse(&text)?;
    let description = fs::read(shell::root().join(DESCRIPTION)).map_err(|e| format!("{DESCRIPTION}: {e}"))?;
    let description: Value =
        serde_json::from_slice(&description).map_err(|e| format!("{DESCRIPTION}: {e}"))?;
    let left_out = left_out(&requests, &description);
    if !left_out.is_empty() {
        return Err(format!("{BOOK} leaves out: {}", left_out.join(", ")));
    }
    let (server, mut values) = fresh(context)?;
    let mut counts = Counts::default();
    for request in &requests {
        if let Err(reason) = walk(request, &mut values, &context.log) {
            println!("      {}: {reason}", request.title);
            counts.failed += 1;
        } else {
            counts.passed += 1;
        }
    }
    server.stop()?;
    Ok(counts)
}

/// A server with a project, an owner's key, a write key and a mailbox.
fn fresh(context: &Context) -> Outcome<(Server, Values)> {
    let data = shell::workshop("walk-data")?;
    server::fresh(&data)?;
    let (smtp, page) = (server::free_address()?, server::free_address()?);
    let words = ["--mailbox-smtp", &smtp, "--mailbox-page", &page].map(str::to_owned).to_vec();
    let log = context.log.with_extension("server.log");
    let setup = Setup { build: Build::Debug, data, listen: server::free_address()?, log, words };
    server::create_owner(&setup)?;
    let write_key = server::create_write_key(&setup, "website")?;
    let words = ["key", "add", "--name", "walk", "--kind", "api", "--role", "owner"];
    let key = server::command(&setup, &words)?.trim().to_owned();
    let port = smtp.rsplit(':').next().unwrap_or_default().to_owned();
    let mut values = Values::default();
    let host = format!("http://{}", setup.listen);
    let plain = [("host", host), ("key", key), ("writeKey", write_key), ("smtpPort", port)];
    values.plain.extend(plain.map(|(name, value)| (name.to_owned(), value)));
    Ok((Server::start(&setup)?, values))
}

/// Sends one request, again until its answer says what it must.
fn walk(request: &Request, values: &mut Values, log: &Path) -> Outcome {
    let filled = request.filled(values)?;
    let began = Instant::now();
    loop {
        let (status, text) = curl(&filled, log)?;
        let right = request.expect.map_or((200..300).contains(&status), |wanted| wanted == status);
        if !right {
            return Err(format!("{} {} answered {status} {text}", filled.method, filled.url));
        }
        let answer = serde_json::from_str(&text).unwrap_or(Value::String(text));
        let Some(waiting) = request.waits_for(&answer) else {
            if let Some(name) = &request.name {
                values.answers.insert(name.clone(), answer);
            }
            return Ok(());
        };
        if began.elapsed() > UNTIL_MAX {
            return Err(format!("waited in vain for {waiting}: {answer}"));
        }
        server::pause(LOOK_EVERY);
    }
}

/// Status and body, by the real curl.
fn curl(request: &Request, log: &Path) -> Outcome<(u16, String)> {
    let mut command = Command::new("curl");
    command.args(["--silent", "--show-error", "--request", &request.method, "--write-out", "\n%{http_code}"]);
    for header in &request.headers {
        command.args(["--header", header]);
    }
    if !request.body.is_empty() {
        command.args(["--data-binary", "@-"]);
    }
    command.arg(&request.url);
    note(log, &format!("{command:?}\n{}\n", request.body))?;
    let failed = |e: std::io::Error| format!("curl: {e}");
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(request.body.as_bytes()).map_err(failed)?;
    }
    let output = child.wait_with_output().map_err(failed)?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    note(log, &format!("{text}\n\n"))?;
    let (body, status) = text.rsplit_once('\n').ok_or("curl said nothing")?;
    match status.parse() {
        Ok(status) if status != 0 => Ok((status, body.to_owned())),
        _ => Err(format!("curl: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

fn note(log: &Path, text: &str) -> Outcome {
    let file = fs::File::options().create(true).append(true).open(log);
    file.and_then(|mut file| file.write_all(text.as_bytes())).map_err(|e| format!("{}: {e}", log.display()))
}

/// Operations of the API that no request of the book uses.
fn left_out(requests: &[Request], description: &Value) -> Vec<String> {
    let operations: Vec<(&String, &String)> = description["paths"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(path, _)| !OF_BROWSERS.contains(&path.as_str()))
        .flat_map(|(path, item)| {
            item.as_object().into_iter().flatten().map(move |(method, _)| (method, path))
        })
        .collect();
    let used: BTreeSet<_> = requests.iter().filter_map(|request| used_by(request, &operations)).collect();
    let unused = operations.iter().filter(|operation| !used.contains(*operation));
    unused.map(|(method, path)| format!("{method} {path}")).collect()
}

/// The operation a request calls: `/tags/kinds` is that and no tag, so the fewest variables win.
fn used_by<'d>(
    request: &Request,
    operations: &[(&'d String, &'d String)],
) -> Option<(&'d String, &'d String)> {
    let (method, parts) = request.operation();
    let variables = |path: &str| {
        let wanted: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let fits = wanted.len() == parts.len()
            && wanted.iter().zip(&parts).all(|(wanted, part)| wanted.starts_with('{') || wanted == part);
        fits.then(|| wanted.iter().filter(|wanted| wanted.starts_with('{')).count())
    };
    let fitting = operations.iter().filter(|(of, _)| **of == method);
    fitting
        .filter_map(|operation| Some((variables(operation.1)?, *operation)))
        .min()
        .map(|(_, operation)| operation)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn operations_that_are_left_out_are_named() {
        let description = json!({"paths": {
            "/api/v1/tags": {"get": {}, "post": {}}, "/api/v1/tags/kinds": {"get": {}},
            "/api/v1/tags/{id}": {"get": {}}, "/api/v1/channels/{channel}": {"put": {}},
            "/api/v1/session": {"post": {}}}});
        let request = |method: &str, url: &str| Request {
            method: method.to_owned(),
            url: format!("{{{{host}}}}{url}"),
            ..Request::default()
        };
        let requests = [
            request("GET", "/api/v1/tags?limit=1"),
            request("GET", "/api/v1/tags/kinds"),
            request("PUT", "/api/v1/channels/email"),
        ];
        assert_eq!(left_out(&requests, &description), ["post /api/v1/tags", "get /api/v1/tags/{id}"]);
    }
}
