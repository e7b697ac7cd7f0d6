//! What a campaign is.

use serde::{Deserialize, Serialize};
use siyu_types::ProjectId;
use siyu_types::analysis::EventMatch;
use siyu_types::clock::Millis;
use utoipa::ToSchema;

use crate::content::Content;

#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CampaignState {
    Draft,
    Running,
    Paused,
    Finished,
    Cancelled,
}

impl CampaignState {
    pub const ALL: &[CampaignState] = &[
        CampaignState::Draft,
        CampaignState::Running,
        CampaignState::Paused,
        CampaignState::Finished,
        CampaignState::Cancelled,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            CampaignState::Draft => "draft",
            CampaignState::Running => "running",
            CampaignState::Paused => "paused",
            CampaignState::Finished => "finished",
            CampaignState::Cancelled => "cancelled",
        }
    }

    pub fn parse(text: &str) -> Option<CampaignState> {
        CampaignState::ALL.iter().copied().find(|state| state.as_str() == text)
    }
}

/// What counts as success: the event, within so many hours of the (virtual) send.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Goal {
    pub event: EventMatch,
    pub window_hours: u32,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Campaign {
    pub id: i64,
    pub project: ProjectId,
    pub name: String,
    pub state: CampaignState,
    pub channel: String,
    pub segment: Option<i64>,
    pub content: Content,
    pub control_percent: f64,
    pub goal: Option<Goal>,
    /// What people have to have consented to.
    pub purpose: String,
    /// It decides about people by what was computed of them: as declared, and once it
    /// is started as found.
    pub automated: bool,
    /// People in the frozen audience.
    pub chosen: u64,
    /// How many of them are sends already.
    pub expanded: u64,
    pub created_at: Millis,
    pub updated_at: Millis,
    pub started_at: Option<Millis>,
    pub finished_at: Option<Millis>,
}

/// Sends of a campaign by what became of them.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
pub struct SendCounts {
    pub chosen: u64,
    pub control: u64,
    pub suppressed: u64,
    pub sent: u64,
    pub failed: u64,
    pub unknown: u64,
    /// Not decided yet, or to be tried again.
    pub pending: u64,
    pub cancelled: u64,
}
