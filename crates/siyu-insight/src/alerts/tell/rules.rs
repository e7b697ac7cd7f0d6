//! What is told, how often it is tried, and whom a list of receivers may hold.

use siyu_types::record::key_of;
use siyu_types::telling::{Receiver, Told};
use siyu_types::{Error, ErrorCode, ProjectId, Result};

use super::model::TellOutcome;
use crate::alerts::AlertState;

/// Receivers of one alert: each is a job of its own.
const RECEIVERS_MAX: usize = 10;
/// Characters of an address.
const ADDRESS_CHARS_MAX: usize = 2_000;

/// Checks what can be told of a list without asking the channels.
pub(super) fn check(tell: &[Receiver]) -> Result<()> {
    if tell.len() > RECEIVERS_MAX {
        return Err(Error::invalid("tell", format!("holds at most {RECEIVERS_MAX} receivers")));
    }
    for (at, receiver) in tell.iter().enumerate() {
        let invalid = |why: &str| Err(Error::invalid(place(at, receiver.field()), why));
        if receiver.address().chars().count() > ADDRESS_CHARS_MAX {
            return invalid("the address is too long");
        }
        if tell[..at].contains(receiver) {
            return invalid("the receiver is in the list already");
        }
    }
    Ok(())
}

/// Where in a request a field of a receiver stands.
pub(super) fn place(at: usize, field: &str) -> String {
    format!("tell[{at}].{field}")
}

/// Whether receivers are told that the state became this one. `last`: the latest of `ok`,
/// `firing` and `error` before it; what lies between, a pause or too little data, told them
/// nothing, so they still believe that one.
pub(in crate::alerts) fn is_told(state: AlertState, last: Option<AlertState>) -> bool {
    match state {
        AlertState::Firing | AlertState::Error => true,
        AlertState::Ok => last.is_some_and(AlertState::is_open),
        AlertState::Pending | AlertState::TooLittle => false,
    }
}

/// The name of a message: the same alert, change and receiver always make the same one. The word
/// before the digits tells it from sends to people, whose receipts and returned mail are theirs.
pub(super) fn send_id(project: ProjectId, alert: i64, change: i64, receiver: &Receiver) -> String {
    let parts: [&[u8]; 6] = [
        b"alert",
        &project.0.to_le_bytes(),
        &alert.to_le_bytes(),
        &change.to_le_bytes(),
        receiver.channel().as_bytes(),
        receiver.address().as_bytes(),
    ];
    format!("alert-{:032x}", key_of(&parts))
}

/// Where a telling goes after a try.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Next {
    pub outcome: TellOutcome,
    pub code: Option<ErrorCode>,
    pub reason: Option<String>,
    /// There is an earlier call whose outcome is still not known.
    pub calling: bool,
    /// The error with which the job ends, so that the queue tries again.
    pub again: Option<Error>,
}

/// The whole table of outcomes. `calling`: an earlier try may have called; `last`: the queue
/// gives up after this one.
pub(super) fn after(told: Result<Told>, calling: bool, last: bool) -> Next {
    let end = |outcome, code, reason| Next { outcome, code, reason, calling: false, again: None };
    let again = |code, reason: String, calling| Next {
        calling,
        again: Some(passing(code, &reason)),
        ..end(TellOutcome::Queued, Some(code), Some(reason))
    };
    match told {
        Ok(Told::Accepted) => end(TellOutcome::Sent, None, None),
        Ok(Told::Refused { reason }) => {
            end(TellOutcome::Failed, Some(ErrorCode::ProviderRefused), Some(reason))
        }
        Ok(Told::Transient { code, reason }) if last => end(TellOutcome::Failed, Some(code), Some(reason)),
        Ok(Told::Transient { code, reason }) => again(code, reason, false),
        Ok(Told::Unknown { reason, repeatable: true }) if !last => {
            again(ErrorCode::ProviderTimeout, reason, false)
        }
        Ok(Told::Unknown { reason, .. }) => {
            end(TellOutcome::Unknown, Some(ErrorCode::ProviderTimeout), Some(reason))
        }
        // Nothing was sent this time.
        Err(error) => {
            let code = error.code;
            // What broke inside is for the log.
            let reason = if code == ErrorCode::Internal { String::new() } else { error.message };
            if (code.retryable() || code == ErrorCode::Internal) && !last {
                return again(code, reason, calling);
            }
            let outcome = if calling { TellOutcome::Unknown } else { TellOutcome::Failed };
            end(outcome, Some(code), Some(reason).filter(|reason| !reason.is_empty()))
        }
    }
}

/// The queue decides by the code whether to try again, and a provider's "not now" is, for
/// whoever reads the code, a refusal.
fn passing(code: ErrorCode, reason: &str) -> Error {
    let code = match code {
        code if code.retryable() || code == ErrorCode::Internal => code,
        _ => ErrorCode::Overloaded,
    };
    Error::new(code, reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mail(to: &str) -> Receiver {
        Receiver::Email { to: to.to_owned() }
    }

    #[test]
    fn changes_that_are_told() {
        use AlertState::{Error, Firing, Ok, Pending, TooLittle};
        for (state, last, told) in [
            (Firing, None, true),
            (Firing, Some(Ok), true),
            (Firing, Some(Error), true),
            (Error, None, true),
            (Error, Some(Firing), true),
            (Ok, None, false),
            (Ok, Some(Ok), false),
            (Ok, Some(Firing), true),
            (Ok, Some(Error), true),
            (Pending, Some(Firing), false),
            (TooLittle, Some(Firing), false),
        ] {
            assert_eq!(is_told(state, last), told, "{state:?} after {last:?}");
        }
    }

    #[test]
    fn outcomes() {
        use TellOutcome::{Failed, Queued, Sent, Unknown};
        let refused = || Ok(Told::Refused { reason: "no".to_owned() });
        let transient = |code| Ok(Told::Transient { code, reason: "later".to_owned() });
        let unknown = |repeatable| Ok(Told::Unknown { reason: "lost".to_owned(), repeatable });
        let error = |code| Err(Error::new(code, "why"));
        use ErrorCode::{
            ChannelNotConfigured, Internal, Overloaded, ProviderRefused, ProviderTimeout, ProviderUnreachable,
        };
        for (told, calling, last, outcome, code, again) in [
            (Ok(Told::Accepted), false, false, Sent, None, None),
            (refused(), false, false, Failed, Some(ProviderRefused), None),
            (
                transient(ProviderUnreachable),
                false,
                false,
                Queued,
                Some(ProviderUnreachable),
                Some(ProviderUnreachable),
            ),
            (transient(ProviderRefused), false, false, Queued, Some(ProviderRefused), Some(Overloaded)),
            (transient(ProviderRefused), false, true, Failed, Some(ProviderRefused), None),
            (unknown(true), false, false, Queued, Some(ProviderTimeout), Some(ProviderTimeout)),
            (unknown(true), false, true, Unknown, Some(ProviderTimeout), None),
            (unknown(false), false, false, Unknown, Some(ProviderTimeout), None),
            (error(ChannelNotConfigured), false, false, Failed, Some(ChannelNotConfigured), None),
            (error(ChannelNotConfigured), true, false, Unknown, Some(ChannelNotConfigured), None),
            (error(Internal), false, false, Queued, Some(Internal), Some(Internal)),
            (error(Internal), true, true, Unknown, Some(Internal), None),
        ] {
            let next = after(told.clone(), calling, last);
            let found = (next.outcome, next.code, next.again.as_ref().map(|error| error.code));
            assert_eq!(found, (outcome, code, again), "{told:?} {calling} {last}");
            assert!(next.again.is_none_or(|error| error.code.retryable() || error.code == Internal));
        }
        assert!(after(error(Internal), true, false).calling, "it is still not known");
        assert!(!after(transient(ProviderTimeout), true, false).calling);
        assert_eq!(after(error(Internal), false, true).reason, None, "what broke inside is for the log");
    }

    #[test]
    fn names_of_messages_differ_in_every_part() {
        let id = |project, alert, change, receiver: &Receiver| {
            send_id(ProjectId(project), alert, change, receiver)
        };
        let (mail, hook) = (mail("a@b.example"), Receiver::Webhook { url: "a@b.example".to_owned() });
        let one = id(1, 2, 3, &mail);
        assert_eq!(one, id(1, 2, 3, &mail));
        for other in [id(2, 2, 3, &mail), id(1, 3, 3, &mail), id(1, 2, 4, &mail), id(1, 2, 3, &hook)] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn lists_of_receivers() {
        let field = |tell: &[Receiver]| check(tell).err().and_then(|error| error.field);
        let many = |count: usize| (0..count).map(|n| mail(&format!("u{n}@shop.example"))).collect::<Vec<_>>();
        assert_eq!(field(&many(RECEIVERS_MAX)), None);
        assert_eq!(field(&many(RECEIVERS_MAX + 1)).as_deref(), Some("tell"));
        assert_eq!(field(&[mail("a@b.example"), mail("a@b.example")]).as_deref(), Some("tell[1].to"));
        let long =
            Receiver::Webhook { url: format!("https://shop.example/{}", "x".repeat(ADDRESS_CHARS_MAX)) };
        assert_eq!(field(&[long]).as_deref(), Some("tell[0].url"));
    }
}
