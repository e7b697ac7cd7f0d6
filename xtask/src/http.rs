//! A small blocking HTTP/1.1 client for servers on this machine: one request per
//! connection, JSON in and out.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::Value;

use crate::Outcome;

const TIMEOUT: Duration = Duration::from_secs(120);

/// A server and what is sent along with every request.
#[derive(Clone)]
pub struct Client {
    /// `127.0.0.1:8080`.
    pub address: String,
    pub headers: Vec<(String, String)>,
}

pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Client {
    pub fn new(address: &str) -> Client {
        Client { address: address.to_owned(), headers: Vec::new() }
    }

    pub fn with(mut self, name: &str, value: &str) -> Client {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Signs in and answers with a client that stays signed in.
    pub fn sign_in(&self, email: &str, password: &str) -> Outcome<Client> {
        let body = serde_json::json!({"email": email, "password": password});
        let answer = self.send("POST", "/api/v1/session", "application/json", body.to_string().as_bytes())?;
        let json = answer.json()?;
        let cookie =
            answer.header("set-cookie").and_then(|c| c.split(';').next()).unwrap_or_default().to_owned();
        let token = json["csrf_token"].as_str().ok_or("the sign-in answer has no csrf_token")?;
        Ok(self.clone().with("cookie", &cookie).with("x-csrf-token", token))
    }

    pub fn get(&self, path: &str) -> Outcome<Value> {
        self.send("GET", path, "", &[])?.json()
    }

    pub fn post(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.send("POST", path, "application/json", body.to_string().as_bytes())?.json()
    }

    pub fn put(&self, path: &str, body: &Value) -> Outcome<Value> {
        self.send("PUT", path, "application/json", body.to_string().as_bytes())?.json()
    }

    /// Uploads a file with one more form field.
    pub fn upload(&self, path: &str, file: (&str, &[u8]), field: (&str, &str)) -> Outcome<Value> {
        const EDGE: &str = "siyu-form-edge-7f3a9c";
        let mut body = Vec::with_capacity(file.1.len() + 1024);
        let head = format!(
            "--{EDGE}\r\ncontent-disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n--{EDGE}\r\n\
             content-disposition: form-data; name=\"file\"; filename=\"{}\"\r\n\
             content-type: application/octet-stream\r\n\r\n",
            field.0, field.1, file.0
        );
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(file.1);
        body.extend_from_slice(format!("\r\n--{EDGE}--\r\n").as_bytes());
        self.send("POST", path, &format!("multipart/form-data; boundary={EDGE}"), &body)?.json()
    }

    pub fn send(&self, method: &str, path: &str, content_type: &str, body: &[u8]) -> Outcome<Answer> {
        let failed = |e: std::io::Error| format!("{method} {path} on {}: {e}", self.address);
        let mut stream = TcpStream::connect(&self.address).map_err(failed)?;
        stream.set_read_timeout(Some(TIMEOUT)).map_err(failed)?;
        let mut head = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        if !content_type.is_empty() {
            head.push_str(&format!("content-type: {content_type}\r\n"));
        }
        head.push_str(&format!("content-length: {}\r\n\r\n", body.len()));
        stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body)).map_err(failed)?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).map_err(failed)?;
        parse(&bytes).ok_or_else(|| format!("{method} {path}: the answer is cut or is no HTTP"))
    }
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The JSON body; an error status is an error.
    pub fn json(&self) -> Outcome<Value> {
        let text = String::from_utf8_lossy(&self.body);
        if !(200..300).contains(&self.status) {
            return Err(format!("status {}: {}", self.status, text.chars().take(600).collect::<String>()));
        }
        if text.trim().is_empty() {
            return Ok(Value::Null);
        }
        serde_json::from_str(&text).map_err(|e| format!("the answer is not JSON: {e}"))
    }
}

/// `None` when the answer is incomplete: the server died while it wrote.
fn parse(bytes: &[u8]) -> Option<Answer> {
    let end = bytes.windows(4).position(|w| w == b"\r\n\r\n")?;
    let head = std::str::from_utf8(&bytes[..end]).ok()?;
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers: Vec<(String, String)> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_lowercase(), value.trim().to_owned()))
        .collect();
    let answer = Answer { status, headers, body: Vec::new() };
    let rest = &bytes[end + 4..];
    let body = match (answer.header("transfer-encoding"), answer.header("content-length")) {
        (Some("chunked"), _) => unchunk(rest)?,
        (_, Some(length)) => rest.get(..length.parse().ok()?)?.to_vec(),
        _ => rest.to_vec(),
    };
    Some(Answer { body, ..answer })
}

fn unchunk(mut rest: &[u8]) -> Option<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n")?;
        let size = std::str::from_utf8(&rest[..end]).ok()?.split(';').next()?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        if size == 0 {
            return Some(body);
        }
        body.extend_from_slice(rest.get(end + 2..end + 2 + size)?);
        rest = rest.get(end + 4 + size..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_read_whole_or_not_at_all() {
        let cases: [(&str, Option<(u16, &str)>); 5] = [
            ("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok", Some((200, "ok"))),
            ("HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\nok", None),
            (
                "HTTP/1.1 429 Too Many\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
                Some((429, "abc")),
            ),
            ("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nab", None),
            ("HTTP/1.1 200", None),
        ];
        for (text, expected) in cases {
            let answer = parse(text.as_bytes()).map(|a| (a.status, String::from_utf8(a.body).expect("text")));
            assert_eq!(answer, expected.map(|(s, b)| (s, b.to_owned())), "{text}");
        }
    }
}
