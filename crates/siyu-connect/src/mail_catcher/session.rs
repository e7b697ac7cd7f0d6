//! One SMTP conversation, server side: enough of RFC 5321 for real clients.

use std::sync::Arc;

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

use super::{Fault, MAIL_BYTES_MAX, Shared};

/// A command line; RFC 5321 asks for 512, extensions for more.
const LINE_MAX: u64 = 4_096;
const RECIPIENTS_MAX: usize = 100;

struct Session {
    stream: BufReader<TcpStream>,
    shared: Arc<Shared>,
    from: Option<String>,
    to: Vec<String>,
}

/// Why a conversation ended; nobody needs to know more than that it did.
enum End {
    Quit,
    Broken,
}

impl From<std::io::Error> for End {
    fn from(_: std::io::Error) -> End {
        End::Broken
    }
}

pub(super) async fn serve(stream: TcpStream, shared: Arc<Shared>) {
    let mut session = Session { stream: BufReader::new(stream), shared, from: None, to: Vec::new() };
    if let Err(End::Quit) = session.run().await {
        let _ = session.stream.get_mut().shutdown().await;
    }
}

impl Session {
    async fn run(&mut self) -> Result<(), End> {
        self.say("220 siyu mail catcher").await?;
        loop {
            let line = self.line().await?;
            let verb = line.get(..4).unwrap_or(&line).to_ascii_uppercase();
            match verb.as_str() {
                "EHLO" => {
                    self.say("250-siyu\r\n250-8BITMIME\r\n250-AUTH PLAIN LOGIN\r\n250 SMTPUTF8").await?
                }
                "HELO" => self.say("250 siyu").await?,
                "AUTH" => self.authenticate(&line).await?,
                "MAIL" => self.mail(&line).await?,
                "RCPT" => self.recipient(&line).await?,
                "DATA" => self.data().await?,
                "RSET" => {
                    self.reset();
                    self.say("250 2.0.0 reset").await?;
                }
                "NOOP" => self.say("250 2.0.0 ok").await?,
                "QUIT" => {
                    self.say("221 2.0.0 bye").await?;
                    return Err(End::Quit);
                }
                _ => self.say("502 5.5.2 not understood").await?,
            }
        }
    }

    /// Takes every name and password: it guards nothing.
    async fn authenticate(&mut self, line: &str) -> Result<(), End> {
        let words: Vec<&str> = line.split_whitespace().collect();
        let login = words.get(1).is_some_and(|kind| kind.eq_ignore_ascii_case("login"));
        let prompts: &[&str] = match (login, words.len()) {
            (true, 2) => &["334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"],
            (true, _) => &["334 UGFzc3dvcmQ6"],
            (false, 2) => &["334 "],
            (false, _) => &[],
        };
        for prompt in prompts {
            self.say(prompt).await?;
            self.line().await?;
        }
        self.say("235 2.7.0 welcome").await
    }

    async fn mail(&mut self, line: &str) -> Result<(), End> {
        if self.shared.fault(None, |fault| *fault == Fault::HangBeforeData).is_some() {
            return self.hang().await;
        }
        self.reset();
        self.from = Some(address(line));
        self.say("250 2.1.0 ok").await
    }

    async fn recipient(&mut self, line: &str) -> Result<(), End> {
        if self.from.is_none() {
            return self.say("503 5.5.1 MAIL first").await;
        }
        if self.to.len() >= RECIPIENTS_MAX {
            return self.say("452 4.5.3 too many recipients").await;
        }
        let to = address(line);
        let wanted = |fault: &Fault| matches!(fault, Fault::RefuseRecipient { .. });
        if let Some(Fault::RefuseRecipient { code, words }) = self.shared.fault(Some(&to), wanted) {
            return self.say(&format!("{code} {words}")).await;
        }
        self.to.push(to);
        self.say("250 2.1.5 ok").await
    }

    async fn data(&mut self) -> Result<(), End> {
        let Some(first) = self.to.first().cloned() else {
            return self.say("503 5.5.1 RCPT first").await;
        };
        let wanted = |fault: &Fault| !matches!(fault, Fault::RefuseRecipient { .. } | Fault::HangBeforeData);
        let fault = self.shared.fault(Some(&first), wanted);
        if fault == Some(Fault::DropBeforeData) {
            return Err(End::Broken);
        }
        self.say("354 go on, end with a dot").await?;
        let Some(raw) = self.body().await? else {
            return self.say("552 5.3.4 too large").await;
        };
        if let Some(Fault::RefuseData { code, words }) = fault {
            self.reset();
            return self.say(&format!("{code} {words}")).await;
        }
        let from = self.from.take().unwrap_or_default();
        let id = self.shared.keep(from, std::mem::take(&mut self.to), raw)?;
        match fault {
            Some(Fault::HangAfterData) => self.hang().await,
            Some(Fault::DropAfterData) => Err(End::Broken),
            _ => self.say(&format!("250 2.0.0 ok: queued as {id}")).await,
        }
    }

    /// Reads until the lone dot, unstuffing dots; `None` if it was too large.
    async fn body(&mut self) -> Result<Option<Vec<u8>>, End> {
        let mut raw = Vec::new();
        let mut too_large = false;
        loop {
            let mut line = Vec::new();
            let limit = MAIL_BYTES_MAX as u64;
            if (&mut self.stream).take(limit).read_until(b'\n', &mut line).await? == 0 {
                return Err(End::Broken);
            }
            if line == b".\r\n" {
                return Ok((!too_large).then_some(raw));
            }
            let content = line.strip_prefix(b".").unwrap_or(&line);
            too_large |= raw.len() + content.len() > MAIL_BYTES_MAX;
            if !too_large {
                raw.extend_from_slice(content);
            }
        }
    }

    /// Answers nothing until the client gives up.
    async fn hang(&mut self) -> Result<(), End> {
        let mut ignored = [0; 1_024];
        while self.stream.read(&mut ignored).await? > 0 {}
        Err(End::Broken)
    }

    fn reset(&mut self) {
        self.from = None;
        self.to.clear();
    }

    async fn line(&mut self) -> Result<String, End> {
        let mut line = Vec::new();
        let read = (&mut self.stream).take(LINE_MAX).read_until(b'\n', &mut line).await?;
        if read == 0 || !line.ends_with(b"\n") {
            return Err(End::Broken);
        }
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    async fn say(&mut self, words: &str) -> Result<(), End> {
        self.stream.get_mut().write_all(format!("{words}\r\n").as_bytes()).await?;
        Ok(())
    }
}

/// The address between the angle brackets of MAIL and RCPT.
fn address(line: &str) -> String {
    let inner = line.split_once('<').and_then(|(_, rest)| rest.split_once('>'));
    inner.map_or("", |(address, _)| address).to_owned()
}
