//! One SMTP connection, driven phase by phase, because what a failure means
//! depends on whether the end of the data had been sent.

use std::fmt::Display;
use std::future::Future;
use std::time::Duration;

use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::{Response, Severity};
use tokio::time::timeout;

use super::email::{EmailSettings, Security};
use super::email_compose::Composed;
use super::{Cause, Outcome, Timeouts, reason};
use crate::status::{About, about};

type SmtpError = lettre::transport::smtp::Error;

pub(super) struct Session {
    connection: AsyncSmtpConnection,
    pub messages: u32,
}

/// The result of one try over one connection.
pub(super) struct Tried {
    pub outcome: Outcome,
    pub reusable: bool,
    /// A connection used before failed at its first command: it had been closed.
    pub stale: bool,
}

impl Tried {
    fn ended(outcome: Outcome, reusable: bool) -> Tried {
        Tried { outcome, reusable, stale: false }
    }
}

/// Why a step did not succeed.
pub(super) enum Failure {
    /// The server answered; 4xx or 5xx.
    Answer { permanent: bool, words: String },
    /// No answer: the connection broke, or there was none.
    Silence(String),
    /// No answer within the limit.
    Late(String),
}

impl Failure {
    fn of(error: &SmtpError) -> Failure {
        match error.status() {
            Some(code) => Failure::Answer {
                permanent: code.severity == Severity::PermanentNegativeCompletion,
                words: error.to_string(),
            },
            None if error.is_timeout() => Failure::Late(error.to_string()),
            None => Failure::Silence(error.to_string()),
        }
    }

    /// Before there was anything to refuse: whatever the server says about us, such
    /// as a wrong password, may be put right before the next try.
    pub fn nothing_sent(self) -> Outcome {
        let (cause, words) = match self {
            Failure::Answer { words, .. } => (Cause::Answered, words),
            Failure::Silence(words) => (Cause::Unreachable, words),
            Failure::Late(words) => (Cause::Timeout, words),
        };
        Outcome::Transient { cause, reason: reason(&words, "") }
    }
}

impl Session {
    /// Connects, encrypts and logs in. An error is always "nothing was sent".
    pub async fn open(settings: &EmailSettings, timeouts: &Timeouts) -> Result<Session, Failure> {
        let why = |error: SmtpError| Failure::of(&error);
        let late = |doing: &str| Failure::Late(format!("time ran out while {doing}"));
        let tls = || TlsParameters::new(settings.host.clone()).map_err(why);
        let implicit = if settings.security == Security::Tls { Some(tls()?) } else { None };
        let hello = ClientId::default();
        let server = (settings.host.as_str(), settings.port);
        let connect =
            AsyncSmtpConnection::connect_tokio1(server, Some(timeouts.connect), &hello, implicit, None);
        // The greeting is part of connecting but not covered by lettre's own limit.
        let limit = timeouts.connect + timeouts.command;
        let connected = timeout(limit, connect).await.map_err(|_| late("connecting"))?;
        let mut connection = connected.map_err(why)?;
        if settings.security == Security::Starttls {
            let upgraded = timeout(timeouts.command, connection.starttls(tls()?, &hello)).await;
            upgraded.map_err(|_| late("encrypting"))?.map_err(why)?;
        }
        if let (Some(username), Some(password)) = (&settings.username, &settings.password) {
            let credentials = Credentials::new(username.clone(), password.clone());
            let mechanisms = [Mechanism::Plain, Mechanism::Login];
            let authenticated = timeout(timeouts.command, connection.auth(&mechanisms, &credentials)).await;
            authenticated.map_err(|_| late("logging in"))?.map_err(why)?;
        }
        Ok(Session { connection, messages: 0 })
    }

    pub async fn deliver(&mut self, composed: &Composed, timeouts: &Timeouts) -> Tried {
        let first = self.messages == 0;
        self.messages += 1;
        let to = composed.to.to_string();
        let parameters = match self.mail_parameters(composed) {
            Ok(parameters) => parameters,
            Err(why) => {
                let outcome = Outcome::Refused { permanent: false, reason: why.to_owned() };
                return Tried::ended(outcome, true);
            }
        };
        let mail = Mail::new(composed.envelope.from().cloned(), parameters);
        if let Err(failure) = self.command(mail, timeouts.command).await {
            let stale = !first && !matches!(failure, Failure::Answer { .. });
            return Tried { stale, ..self.before_data(failure, &to, false, timeouts).await };
        }
        let recipient = Rcpt::new(composed.to.clone(), Vec::new());
        if let Err(failure) = self.command(recipient, timeouts.command).await {
            return self.before_data(failure, &to, true, timeouts).await;
        }
        if let Err(failure) = self.command(Data, timeouts.command).await {
            return self.before_data(failure, &to, false, timeouts).await;
        }
        match run(timeouts.data, self.connection.message(&composed.bytes)).await {
            Ok(response) => Tried::ended(Outcome::Accepted { provider_id: queue_id(&response) }, true),
            Err(Failure::Answer { permanent, words }) => {
                Tried::ended(answered(permanent, &words, &to, false), true)
            }
            // From here on the server may have taken the mail.
            Err(Failure::Silence(words) | Failure::Late(words)) => {
                Tried::ended(Outcome::Unknown { reason: reason(&words, &to) }, false)
            }
        }
    }

    fn mail_parameters(&self, composed: &Composed) -> Result<Vec<MailParameter>, &'static str> {
        let server = self.connection.server_info();
        let mut parameters = Vec::new();
        if !composed.to.to_string().is_ascii() || !sender_is_ascii(composed) {
            if !server.supports_feature(Extension::SmtpUtfEight) {
                return Err("the mail server cannot send to this kind of address");
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        if !composed.bytes.is_ascii() && server.supports_feature(Extension::EightBitMime) {
            parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
        }
        Ok(parameters)
    }

    /// A failure before the end of the data: definitely not taken.
    async fn before_data(&mut self, failure: Failure, to: &str, recipient: bool, t: &Timeouts) -> Tried {
        match failure {
            Failure::Silence(words) => {
                let cause = Cause::Unreachable;
                Tried::ended(Outcome::Transient { cause, reason: reason(&words, to) }, false)
            }
            Failure::Late(words) => {
                let cause = Cause::Timeout;
                Tried::ended(Outcome::Transient { cause, reason: reason(&words, to) }, false)
            }
            Failure::Answer { permanent, words } => {
                let reusable = self.command(Rset, t.command).await.is_ok();
                Tried::ended(answered(permanent, &words, to, recipient), reusable)
            }
        }
    }

    async fn command<C: Display>(&mut self, command: C, limit: Duration) -> Result<Response, Failure> {
        run(limit, self.connection.command(command)).await
    }
}

fn sender_is_ascii(composed: &Composed) -> bool {
    composed.envelope.from().is_none_or(|from| AsRef::<str>::as_ref(from).is_ascii())
}

async fn run(
    limit: Duration,
    step: impl Future<Output = Result<Response, SmtpError>>,
) -> Result<Response, Failure> {
    match timeout(limit, step).await {
        Err(_) => Err(Failure::Late("time ran out".to_owned())),
        Ok(answer) => answer.map_err(|error| Failure::of(&error)),
    }
}

/// What a 4xx or 5xx answer means. The address is called dead only where the
/// server says so: a refusal of the recipient that is not about policy, a full
/// mailbox or the route.
fn answered(permanent: bool, words: &str, to: &str, recipient: bool) -> Outcome {
    if !permanent {
        return Outcome::Transient { cause: Cause::Answered, reason: reason(words, to) };
    }
    let dead = about(words).map_or(recipient, |about| about == About::Address);
    Outcome::Refused { permanent: dead, reason: reason(words, to) }
}

/// `250 2.0.0 Ok: queued as 4XyZ` holds the server's own id.
fn queue_id(response: &Response) -> Option<String> {
    let line = response.first_line()?;
    let (_, id) = line.rsplit_once("queued as ")?;
    Some(reason(id.trim(), ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_classified() {
        let dead = |r: &str| Outcome::Refused { permanent: true, reason: r.to_owned() };
        let refused = |r: &str| Outcome::Refused { permanent: false, reason: r.to_owned() };
        let later = |r: &str| Outcome::Transient { cause: Cause::Answered, reason: r.to_owned() };
        let cases = [
            (true, "550 5.1.1 <a@b.cn> unknown user", true, dead("550 5.1.1 <…> unknown user")),
            (true, "550 no such user", true, dead("550 no such user")),
            (true, "550 5.7.1 rejected by policy", true, refused("550 5.7.1 rejected by policy")),
            (true, "552 5.2.2 mailbox full", true, refused("552 5.2.2 mailbox full")),
            (true, "550 5.2.1 mailbox disabled", true, dead("550 5.2.1 mailbox disabled")),
            (true, "554 looks like spam", false, refused("554 looks like spam")),
            (true, "550 5.1.8 bad sender domain", false, refused("550 5.1.8 bad sender domain")),
            (false, "451 4.7.1 greylisted", true, later("451 4.7.1 greylisted")),
        ];
        for (permanent, words, recipient, expected) in cases {
            assert_eq!(answered(permanent, words, "a@b.cn", recipient), expected, "{words}");
        }
    }
}
