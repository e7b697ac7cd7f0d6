//! Somebody wants no more: by the link in a message, or by calling it unwanted.

use siyu_db::Tx;
use siyu_govern::consent::{ConsentState, How, MARKETING, Statement, record, register};
use siyu_govern::masking::mask;
use siyu_types::clock::Millis;
use siyu_types::error::Result;
use siyu_types::{PersonNo, PersonalClass, Viewer};

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
    pub how: How,
}

/// Withdraws the consent of the person to what the campaign is for and lists person
/// and address, in one transaction. Doing it twice has the effect of once. Answers
/// how often this message had this reaction now.
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
    let email = view.as_ref().and_then(|view| view.email.as_deref());
    let served = crate::campaigns::purpose_in(tx, send.campaign).await?;
    let register = register(tx, send.project).await?;
    let essential = register.iter().any(|purpose| purpose.id == served && purpose.definition.essential);
    // What is essential cannot be refused; who tries wants no offers.
    let purpose = if essential { MARKETING.to_owned() } else { served };
    let version = register.iter().find(|known| known.id == purpose).map(|known| known.version);
    let lists_too = (purpose == MARKETING && !essential) || leaving.how == How::Program;
    let said = Statement {
        person: PersonNo(person),
        numbers: view.as_ref().map_or_else(|| vec![person], |view| view.numbers.clone()),
        purpose,
        channel: channel.clone(),
        state: ConsentState::Withdrawn,
        version,
        source: leaving.source.to_owned(),
        how: leaving.how,
        at: now,
        evidence: format!("message:{}", send.send_id),
        identifier: email
            .map(|email| format!("email:{}", mask(PersonalClass::Email, email)))
            .unwrap_or_default(),
        actor: "person".to_owned(),
        key: Some(format!("{}:{}", leaving.source, send.send_id)),
    };
    record(tx, send.project, &said, now).await?;
    if lists_too {
        let mut new = lists::NewSuppression {
            channel: &channel,
            target: lists::person_target(person),
            shown: format!("#{person}"),
            reason: leaving.reason,
        };
        lists::suppress(tx, &viewer, &new, now).await?;
        if let Some(email) = email {
            new.target = lists::address_target(&parts.links.secret().address_hash(&channel, email));
            new.shown = mask(PersonalClass::Email, email);
            lists::suppress(tx, &viewer, &new, now).await?;
        }
    }
    store::react(tx, send, leaving.kind, now).await
}
