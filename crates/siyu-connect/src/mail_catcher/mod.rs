//! A small real SMTP server that keeps what it gets: the mailbox of the demo,
//! and the faulty world of the tests. It never forwards anything.

mod parse;
mod session;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use siyu_types::error::{Error, Result};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

pub use parse::{ParsedMail, parse};

/// Mails kept in memory; the oldest go first. The folder keeps all.
pub const MAILS_MAX: usize = 20_000;
/// Bytes of one mail.
pub const MAIL_BYTES_MAX: usize = 10 << 20;

/// What goes wrong with a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// MAIL is never answered.
    HangBeforeData,
    /// The mail is kept, but the end of the data is never answered.
    HangAfterData,
    /// The connection breaks when the data would begin; nothing is kept.
    DropBeforeData,
    /// The mail is kept, but the connection breaks instead of an answer.
    DropAfterData,
    /// RCPT is answered so; nothing is kept.
    RefuseRecipient { code: u16, words: String },
    /// The end of the data is answered so; nothing is kept.
    RefuseData { code: u16, words: String },
}

/// Whom a fault befalls and how often.
#[derive(Clone, Debug)]
pub struct FaultRule {
    /// Only mails to this address; otherwise any.
    pub to: Option<String>,
    pub fault: Fault,
    /// Used up after so many mails; `None` lasts.
    pub times: Option<u32>,
}

/// One kept mail.
#[derive(Clone, Debug)]
pub struct CaughtMail {
    pub id: u64,
    pub from: String,
    pub to: Vec<String>,
    pub raw: Arc<[u8]>,
}

#[derive(Default)]
struct Kept {
    mails: VecDeque<CaughtMail>,
    next_id: u64,
    faults: Vec<FaultRule>,
}

struct Shared {
    kept: Mutex<Kept>,
    folder: Option<PathBuf>,
}

/// A running catcher. Dropping it stops listening.
pub struct MailCatcher {
    shared: Arc<Shared>,
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl MailCatcher {
    /// Listens on `listen` (port 0: any free port). With a folder, mails are
    /// also written there as `<id>.eml`, and those already there are shown.
    pub async fn start(listen: SocketAddr, folder: Option<PathBuf>) -> Result<MailCatcher> {
        let mut kept = Kept { next_id: 1, ..Kept::default() };
        if let Some(folder) = &folder {
            std::fs::create_dir_all(folder)?;
            load(folder, &mut kept)?;
        }
        let listener = TcpListener::bind(listen).await.map_err(|error| {
            Error::internal(format!("the mail catcher cannot listen on {listen}: {error}"))
        })?;
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared { kept: Mutex::new(kept), folder });
        let task = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(MailCatcher { shared, address, task })
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// All kept mails, newest first.
    pub fn mails(&self) -> Vec<CaughtMail> {
        self.shared.kept().mails.iter().rev().cloned().collect()
    }

    pub fn count(&self) -> usize {
        self.shared.kept().mails.len()
    }

    pub fn raw(&self, id: u64) -> Option<Arc<[u8]>> {
        self.shared.kept().mails.iter().find(|mail| mail.id == id).map(|mail| Arc::clone(&mail.raw))
    }

    /// Subject, text and HTML of one mail, decoded.
    pub fn parsed(&self, id: u64) -> Option<ParsedMail> {
        self.raw(id).map(|raw| parse(&raw))
    }

    pub fn inject(&self, rule: FaultRule) {
        self.shared.kept().faults.push(rule);
    }

    pub fn clear_faults(&self) {
        self.shared.kept().faults.clear();
    }
}

impl Drop for MailCatcher {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Shared {
    fn kept(&self) -> std::sync::MutexGuard<'_, Kept> {
        self.kept.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The fault of the next mail to `to` among those `wanted`, if any; uses it up.
    fn fault(&self, to: Option<&str>, wanted: impl Fn(&Fault) -> bool) -> Option<Fault> {
        let mut kept = self.kept();
        let found = kept.faults.iter_mut().find(|rule| {
            let meant = rule.to.is_none() || rule.to.as_deref() == to;
            meant && rule.times != Some(0) && wanted(&rule.fault)
        })?;
        if let Some(times) = &mut found.times {
            *times -= 1;
        }
        Some(found.fault.clone())
    }

    /// Keeps a mail; returns its id.
    fn keep(&self, from: String, to: Vec<String>, raw: Vec<u8>) -> std::io::Result<u64> {
        let mut kept = self.kept();
        let id = kept.next_id;
        if let Some(folder) = &self.folder {
            std::fs::write(folder.join(format!("{id:08}.eml")), &raw)?;
        }
        kept.next_id += 1;
        kept.mails.push_back(CaughtMail { id, from, to, raw: raw.into() });
        if kept.mails.len() > MAILS_MAX {
            kept.mails.pop_front();
        }
        Ok(id)
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    // A set, so that stopping the catcher ends its connections as well.
    let mut sessions = tokio::task::JoinSet::new();
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                sessions.spawn(session::serve(stream, Arc::clone(&shared)));
            }
            Err(error) => tracing::warn!(%error, "the mail catcher could not accept a connection"),
        }
        while sessions.try_join_next().is_some() {}
    }
}

fn load(folder: &std::path::Path, kept: &mut Kept) -> Result<()> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let id = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.parse::<u64>().ok());
        if let (Some(id), Some("eml")) = (id, path.extension().and_then(|e| e.to_str())) {
            found.push((id, path));
        }
    }
    found.sort_unstable();
    let skip = found.len().saturating_sub(MAILS_MAX);
    for (id, path) in found.into_iter().skip(skip) {
        let raw = std::fs::read(path)?;
        let parsed = parse(&raw);
        kept.mails.push_back(CaughtMail { id, from: parsed.from, to: vec![parsed.to], raw: raw.into() });
        kept.next_id = id + 1;
    }
    Ok(())
}
