//! Campaigns and everything between deciding to tell somebody something and
//! knowing what it changed: content, protection, delivery, tracking, reports.
//!
//! [`Engage`] ties the features together. The server opens it, mounts
//! [`Engage::routes`], hands [`Engage::handlers`] to the job queue and runs
//! [`Engage::work`] until it stops.

pub mod audience;
mod batch;
pub mod campaigns;
pub mod channels;
pub mod content;
pub mod delivery;
mod engage;
mod erasure;
mod live;
pub mod preferences;
pub mod protection;
pub mod receipts;
pub mod report;
mod rights;
pub mod secrets;
#[cfg(test)]
mod testing;
mod told;
pub mod tracking;

pub use engage::{Engage, EngageParts};
pub use live::LiveAudience;
