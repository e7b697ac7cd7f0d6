//! Sessions: events of one person without a longer break between them. Worked out
//! when asked, so that late events and merges are counted. Reference/03 §2.7.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::question::{Question, Spoken};
use super::{Breakdown, Bucket, DateRange, EventMatch, Group, Interval};
use crate::clock::Millis;
use crate::error::{Error, Result};

/// Entry and exit events listed.
pub const SESSION_EVENTS_SHOWN: usize = 20;

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionQuery {
    /// The events that sessions are made of; usually any.
    pub event: EventMatch,
    /// In which a session starts.
    pub range: DateRange,
    /// Buckets of the session's start.
    pub interval: Interval,
    /// A break of so many seconds or more cuts.
    pub gap_seconds: u32,
    /// A session is cut when it becomes longer; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub longest_seconds: Option<u32>,
    /// By property: that of the session's first event that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

#[derive(Clone, Copy, PartialEq, Default, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionCounts {
    pub sessions: u64,
    pub people: u64,
    pub events: u64,
    /// Sessions of one event.
    pub bounces: u64,
    /// Milliseconds from first to last event, added up.
    pub duration_millis: i64,
}

/// How often an event stands first, last or anywhere in sessions that start in the range.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionEvent {
    pub event: String,
    pub occurrences: u64,
    pub entries: u64,
    pub exits: u64,
    /// Sessions of this event alone.
    pub bounces: u64,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionGroup {
    pub group: Group,
    pub total: SessionCounts,
    pub buckets: Vec<SessionCounts>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionResult {
    pub buckets: Vec<Bucket>,
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<SessionGroup>,
    /// Of the whole, most frequent first; at most [`SESSION_EVENTS_SHOWN`].
    pub events: Vec<SessionEvent>,
    /// Different events left out of `events`.
    pub events_left_out: u64,
    pub as_of: Millis,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SessionCell {
    /// First local day of the bucket; absent for the total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Only those with a session of one event.
    #[serde(default)]
    pub bounced: bool,
    pub group: Group,
}

impl Question for SessionQuery {
    fn validate(&self) -> Result<()> {
        if self.gap_seconds == 0 {
            return Err(Error::invalid("gap_seconds", "must be longer than nothing"));
        }
        if self.longest_seconds == Some(0) {
            return Err(Error::invalid("longest_seconds", "must be longer than nothing"));
        }
        self.spoken().validate()
    }

    fn spoken(&self) -> Spoken<'_> {
        Spoken::of([("event", &self.event)], self.breakdown.as_ref(), self.segment)
    }
}
