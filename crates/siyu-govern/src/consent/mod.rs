//! What people consented to: every statement in a ledger, and what holds now.
//!
//! Statements name a person by the number they were known by at the time. After a
//! merge a person has several numbers: ask for all of them, or map the answer.

mod store;

use roaring::RoaringBitmap;
use siyu_db::Tx;
use siyu_types::clock::Millis;
use siyu_types::{PersonNo, ProjectId, Result};

use crate::Govern;

/// The purpose that campaigns need.
pub const MARKETING: &str = "marketing";

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ConsentState {
    Granted,
    Withdrawn,
}

impl ConsentState {
    pub fn as_str(self) -> &'static str {
        match self {
            ConsentState::Granted => "granted",
            ConsentState::Withdrawn => "withdrawn",
        }
    }

    pub fn parse(text: &str) -> Option<ConsentState> {
        [ConsentState::Granted, ConsentState::Withdrawn].into_iter().find(|state| state.as_str() == text)
    }
}

/// One statement of one person.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Consent {
    pub person: PersonNo,
    /// Such as `email`.
    pub channel: String,
    /// Such as [`MARKETING`].
    pub purpose: String,
    pub state: ConsentState,
    /// Where it was made, such as `unsubscribe_link`.
    pub source: String,
    pub at: Millis,
}

/// Records a statement. The newest by time holds; of two at the same time, the
/// withdrawal does, so that order does not matter.
pub async fn record(tx: &mut Tx, project: ProjectId, consent: &Consent) -> Result<()> {
    store::append(tx, project, consent).await?;
    store::make_current(tx, project, consent).await
}

/// Which of these numbers withdrew their consent to marketing on this channel.
pub async fn withdrawn_among(
    tx: &mut Tx,
    project: ProjectId,
    channel: &str,
    numbers: &[u32],
) -> Result<RoaringBitmap> {
    store::withdrawn_among(tx, project, channel, MARKETING, numbers).await
}

impl Govern {
    /// As [`record`], in a transaction of its own.
    pub async fn record_consent(&self, project: ProjectId, consent: &Consent) -> Result<()> {
        let mut tx = self.begin().await?;
        record(&mut tx, project, consent).await?;
        crate::govern::commit(tx).await
    }

    /// The numbers that withdrew their consent to marketing on this channel.
    pub async fn withdrawn(&self, project: ProjectId, channel: &str) -> Result<RoaringBitmap> {
        store::withdrawn(self.db(), project, channel, MARKETING).await
    }

    /// Every statement these numbers of one person made, newest first.
    pub async fn consent_statements(&self, project: ProjectId, numbers: &[u32]) -> Result<Vec<Consent>> {
        store::statements(self.db(), project, numbers).await
    }

    /// What holds now for these numbers of one person.
    pub async fn consents(&self, project: ProjectId, numbers: &[PersonNo]) -> Result<Vec<Consent>> {
        let mut all = Vec::new();
        for number in numbers {
            all.extend(store::current(self.db(), project, *number).await?);
        }
        Ok(all)
    }
}
