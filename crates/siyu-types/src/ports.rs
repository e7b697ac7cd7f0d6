//! Calls that would point up the crate table: small traits, joined in `siyu`.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use crate::clock::Millis;
use crate::erasure::{Erased, Removed};
use crate::error::Result;
use crate::ids::{PersonNo, ProjectId};
use crate::personal::FieldKind;
use crate::record::{Identifier, Record};
use crate::telling::{Receiver, TeamMessage, Told};
use crate::value::Value;

/// A boxed future, so that ports stay object-safe without a macro crate.
pub type PortFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Sends and reactions are events too: whoever acts writes them here.
pub trait EventSink: Send + Sync + 'static {
    /// Appends records to the project's log. When it returns `Ok` they are
    /// durable. Emitting the same key twice within the de-duplication horizon
    /// has the effect of once.
    fn emit(&self, project: ProjectId, records: Vec<Record>) -> PortFuture<'_, Result<()>>;

    /// Waits until everything durable so far has been applied: what is asked
    /// afterwards sees it.
    fn settle(&self, project: ProjectId) -> PortFuture<'_, Result<()>>;
}

/// An event after identification, as listeners see it.
#[derive(Clone, Debug)]
pub struct AppliedEvent {
    pub person: PersonNo,
    pub name: String,
    pub time: Millis,
    pub record: Record,
}

/// Told of every applied batch, in order. Must be quick and must not fail.
pub trait EventListener: Send + Sync + 'static {
    fn applied(&self, project: ProjectId, events: &[AppliedEvent]);
}

/// A person and all numbers they are or were known by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    pub person: PersonNo,
    pub numbers: Vec<u32>,
}

/// Encrypts whole pieces of files with keys that are not beside them.
pub trait Vault: std::fmt::Debug + Send + Sync + 'static {
    /// Whether it seals what is written now.
    fn seals(&self) -> bool;

    /// A piece as it is to be written; as it is if nothing is sealed. `place` is
    /// authenticated: in another place the piece does not open.
    fn seal(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>>;

    /// Whether a piece was sealed, by whatever key.
    fn is_sealed(&self, stored: &[u8]) -> bool;

    /// Keyed hashes by which a text is found that is kept sealed, one for each key, the present
    /// one first.
    fn marks(&self, place: &str, plain: &str) -> Vec<String>;

    /// What was sealed; `None` if the piece never was. `secret_unreadable` where its key
    /// is missing or it was changed.
    fn open(&self, place: &str, stored: &[u8]) -> Result<Option<Vec<u8>>>;
}

/// Bytes by which a sealed piece is longer at most.
pub const SEALED_MORE: usize = 64;

/// A field that holds values of people or their events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct KnownField {
    pub kind: FieldKind,
    pub name: String,
    /// People who have a value, or events that carry one.
    pub count: u64,
}

/// Who is behind a number or an identifier, for those who keep statements of people
/// without knowing how people are told apart.
pub trait Directory: Send + Sync + 'static {
    /// `None` if nobody is behind the number any more.
    fn of_number(&self, project: ProjectId, number: PersonNo) -> Result<Option<Known>>;

    /// `None` if nobody has it.
    fn of_identifier(&self, project: ProjectId, identifier: &Identifier) -> Result<Option<Known>>;

    /// The identifier as it may be kept: of some kinds only a hash.
    fn kept(&self, project: ProjectId, identifier: &Identifier) -> Result<Identifier>;

    fn attribute(&self, project: ProjectId, person: PersonNo, name: &str) -> Result<Option<Value>>;

    /// What is kept of people and events, whether it is personal or not.
    fn fields(&self, project: ProjectId) -> Result<Vec<KnownField>>;

    /// Different values of a field, of those that are frequent.
    fn samples(&self, project: ProjectId, field: &KnownField, limit: usize) -> Result<Vec<String>>;

    /// The identifiers of a person, in the order in which they are shown.
    fn identifiers(&self, project: ProjectId, person: PersonNo) -> Result<Vec<Identifier>>;

    /// A property of one event of a person. `None` if there is no such event, or it has no such property.
    fn property(&self, project: ProjectId, person: PersonNo, event: u64, name: &str)
    -> Result<Option<Value>>;

    /// The zone in which the project counts days.
    fn zone(&self, project: ProjectId) -> Result<jiff::tz::TimeZone>;
}

/// Answers whether a text names somebody who was erased by some time: as a word, a cell or
/// the whole.
pub type NamesErased = dyn Fn(&str) -> bool + Send + Sync;

/// A message that a campaign decided about, and what became of it.
#[derive(Clone, PartialEq, Debug)]
pub struct ToldSend {
    pub send_id: String,
    pub campaign: i64,
    pub campaign_name: String,
    pub channel: String,
    /// By the number the person had then.
    pub person: u32,
    /// Somebody of the control group, to whom nothing was sent.
    pub control: bool,
    pub state: String,
    /// Empty if there is none to give.
    pub reason: String,
    pub decided_at: Option<Millis>,
    pub finished_at: Option<Millis>,
    pub bounced: bool,
    pub opened_at: Option<Millis>,
    pub clicked_at: Option<Millis>,
    pub unsubscribed_at: Option<Millis>,
}

/// All messages of a project, for those who read over them.
pub trait Sends: Send + Sync + 'static {
    /// Refused, never cut short, if there are more than `most`.
    fn sends(&self, project: ProjectId, most: usize) -> PortFuture<'_, Result<Vec<ToldSend>>>;
}

/// Tells the team, outside of the console, by the channels that the project has.
pub trait Tells: Send + Sync + 'static {
    /// Whether somebody can be told: the address may be used, and its channel has settings. An
    /// error names the field of the receiver.
    fn check<'a>(&'a self, project: ProjectId, receiver: &'a Receiver) -> PortFuture<'a, Result<()>>;

    /// Tells now, once. An error means that this try sent nothing.
    fn tell<'a>(
        &'a self,
        project: ProjectId,
        receiver: &'a Receiver,
        message: &'a TeamMessage,
    ) -> PortFuture<'a, Result<Told>>;
}

/// Who was erased, as the pipeline has carried it out.
pub trait Erasures: Send + Sync + 'static {
    /// `None` if the order was not applied, or was about nobody.
    fn erased(&self, project: ProjectId, erasure: i64) -> Result<Option<Erased>>;

    /// Recognises identifiers of this erased person, which are kept as keyed hashes only.
    fn names(&self, project: ProjectId, erased: &Erased) -> Result<Arc<NamesErased>>;
}

/// A part of the product that holds traces of people, and takes them away step by step.
pub trait Traces: Send + Sync + 'static {
    /// The steps that are this part's, of [`crate::erasure`]'s in its order.
    fn steps(&self) -> &'static [&'static str];

    /// Takes away what is left of an erased person in one step. May be asked again, after a
    /// crash in its middle too; then it answers for what was still there.
    fn remove<'a>(
        &'a self,
        step: &'a str,
        project: ProjectId,
        erased: &'a Erased,
        names: &'a Arc<NamesErased>,
    ) -> PortFuture<'a, Result<Vec<Removed>>>;
}
