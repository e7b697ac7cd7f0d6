//! Pure checks of campaigns and the moves between their states.

use siyu_types::error::{Error, ErrorCode, Result};

use super::model::{Campaign, CampaignState, Goal};
use crate::content::Content;

/// Characters of a campaign's name.
const NAME_MAX: usize = 200;
/// Bytes of the stored content.
const CONTENT_MAX: usize = 600 << 10;
const CONTROL_PERCENT_MAX: f64 = 90.0;
/// A goal's window: at most 90 days.
const WINDOW_HOURS_MAX: u32 = 90 * 24;

/// The parts of a campaign that people write.
#[derive(Clone, PartialEq, Debug)]
pub struct Draft {
    pub name: String,
    pub channel: String,
    pub segment: Option<i64>,
    pub content: Content,
    pub control_percent: f64,
    pub goal: Option<Goal>,
    pub purpose: String,
    pub automated: bool,
}

impl Draft {
    /// Checks what must hold even while it is being written.
    pub fn validate(&self) -> Result<()> {
        if self.name.trim().is_empty() || self.name.chars().count() > NAME_MAX {
            return Err(Error::invalid("name", format!("needs 1 to {NAME_MAX} characters")));
        }
        siyu_connect::channels::kind(&self.channel)
            .map_err(|_| Error::invalid("channel", "must be email or webhook"))?;
        if self.content.channel() != self.channel {
            return Err(Error::invalid("content", format!("is not content for {}", self.channel)));
        }
        if serde_json::to_string(&self.content).map_err(Error::internal)?.len() > CONTENT_MAX {
            return Err(Error::new(ErrorCode::TooLarge, "the content is too long").at("content"));
        }
        if !(0.0..=CONTROL_PERCENT_MAX).contains(&self.control_percent) {
            return Err(Error::invalid("control_percent", format!("must be 0 to {CONTROL_PERCENT_MAX}")));
        }
        if let Some(goal) = &self.goal {
            if goal.event.event.is_empty() {
                return Err(Error::invalid("goal.event.event", "choose an event"));
            }
            if goal.window_hours == 0 || goal.window_hours > WINDOW_HOURS_MAX {
                return Err(Error::invalid("goal.window_hours", format!("must be 1 to {WINDOW_HOURS_MAX}")));
            }
            for (index, filter) in goal.event.filters.iter().enumerate() {
                filter.test.validate(&format!("goal.event.filters[{index}]"))?;
            }
        }
        Ok(())
    }
}

/// What somebody does to a campaign.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Move {
    Start,
    Pause,
    Resume,
    Cancel,
}

impl Move {
    pub fn as_str(self) -> &'static str {
        match self {
            Move::Start => "start",
            Move::Pause => "pause",
            Move::Resume => "resume",
            Move::Cancel => "cancel",
        }
    }
}

/// The state after a move; `wrong_state` if it does not fit.
pub fn moved(from: CampaignState, step: Move) -> Result<CampaignState> {
    use CampaignState::{Cancelled, Draft, Paused, Running};
    match (from, step) {
        (Draft, Move::Start) | (Paused, Move::Resume) => Ok(Running),
        (Running, Move::Pause) => Ok(Paused),
        (Running | Paused, Move::Cancel) => Ok(Cancelled),
        _ => Err(Error::new(
            ErrorCode::WrongState,
            format!("a campaign that is {} cannot {}", from.as_str(), step.as_str()),
        )
        .with("state", from.as_str())
        .with("action", step.as_str())),
    }
}

/// Only drafts may change, because what was sent must stay what was sent.
pub fn editable(campaign: &Campaign) -> Result<()> {
    if campaign.state == CampaignState::Draft {
        return Ok(());
    }
    Err(Error::new(ErrorCode::WrongState, "only drafts can be changed")
        .with("state", campaign.state.as_str())
        .with("action", "change"))
}
