//! Somebody wants no more: by the link in a message, or by calling it unwanted.

use siyu_db::Tx;
use siyu_govern::consent::{Consent, ConsentState, MARKETING, record};
use siyu_govern::masking::{Personal, mask};
use siyu_types::clock::Millis;
use siyu_types::error::Result;
use siyu_types::{PersonNo, Viewer};

use super::store;
use crate::delivery::{DeliveryParts, SendRow};
use crate::protection as lists;

/// How it was said.
pub(crate) struct Leaving {
    /// Of the reaction that is counted.
    pub kind: &'static str,
    /// On the list of those not to write to.
    pub reason: &'static str,
    /// Of the consent's withdrawal.
    pub source: &'static str,
}

/// Withdraws the consent of the person and lists person and address, in one
/// transaction. Doing it twice has the effect of once. Answers how often this
/// message had this reaction now.
pub(crate) async fn leave(
    tx: &mut Tx,
    parts: &DeliveryParts,
    send: &SendRow,
    leaving: &Leaving,
    now: Millis,
) -> Result<i64> {
    let view = parts.audience.people(send.project, &[send.person])?.pop().flatten();
    let channel = crate::campaigns::channel_in(tx, send.campaign).await?;
    let viewer = Viewer::system(send.project);
    let person = view.as_ref().map_or(send.person, |view| view.person);
    let consent = Consent {
        person: PersonNo(person),
        channel: channel.clone(),
        purpose: MARKETING.to_owned(),
        state: ConsentState::Withdrawn,
        source: leaving.source.to_owned(),
        at: now,
    };
    record(tx, send.project, &consent).await?;
    let mut new = lists::NewSuppression {
        channel: &channel,
        target: lists::person_target(person),
        shown: format!("#{person}"),
        reason: leaving.reason,
    };
    lists::suppress(tx, &viewer, &new, now).await?;
    if let Some(email) = view.as_ref().and_then(|view| view.email.as_deref()) {
        new.target = lists::address_target(&parts.links.secret().address_hash(&channel, email));
        new.shown = mask(Personal::Email, email);
        lists::suppress(tx, &viewer, &new, now).await?;
    }
    store::react(tx, send, leaving.kind, now).await
}
