//! Clients of the outer world: the channels that messages leave by, and a mail
//! catcher that stands in for the world in the demo and in tests.

pub mod addresses;
pub mod channels;
pub mod mail_catcher;
pub mod returned;
mod status;

pub use channels::{Channel, Content, EmailContent, Message, Outcome, WebhookContent};
