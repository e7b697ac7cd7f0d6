//! Delivery: the only way out. The intent to send is durable before a provider
//! is called; the result, the list of bounces and the released reservations are
//! written together; events are written until it is known that they were.
//!
//! What happens at a crash: a send whose intent was written and whose result was
//! not is *unknown*. It is tried again only where the receiver recognises the
//! repetition (webhooks); a mail is never sent twice.

mod decide;
mod model;
pub(crate) mod rules;
pub(crate) mod store;
mod team;
mod tell;
#[cfg(test)]
mod tests;
mod trial;
mod turn;
mod worker;

pub(crate) use decide::survey;
pub use model::{Arm, Bounce, Plan, SendRow, SendState};
pub use rules::send_id;
pub(crate) use store::{NewSend, add, cancel_waiting, is_open, of_campaign, of_people, send_row};
pub(crate) use tell::{best, message_event};
pub use worker::{Delivery, DeliveryParts, Worked};
