//! Funnel: how many go from step to step. Reference/03 §2.2.

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::distribution::Summary;
use super::question::{ANY_EVENT, Question, Spoken};
use super::{Breakdown, Bucket, DateRange, EventMatch, Group, Interval, STEPS_MAX};
use crate::clock::Millis;
use crate::error::{Error, ErrorCode, Result};

/// Events that one step may be; exclusions of one funnel; all events, those twice whose first ever
/// is looked for.
pub const ALTERNATIVES_MAX: usize = 5;
const EVENTS_MAX: usize = 60;
pub const EXCLUSIONS_MAX: usize = 5;

static ANY: LazyLock<EventMatch> =
    LazyLock::new(|| EventMatch { event: ANY_EVENT.to_owned(), filters: Vec::new() });

/// How long after another step a step still counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FunnelWindow {
    /// Elapsed time, inclusive (F4).
    Elapsed { seconds: u32 },
    /// On local day ≤ day of the other step + n − 1; 1 means the same day (当天).
    Days { days: u32 },
}

impl FunnelWindow {
    fn validate(self, field: impl FnOnce() -> String) -> Result<()> {
        match self {
            FunnelWindow::Elapsed { seconds: 0 } | FunnelWindow::Days { days: 0 } => {
                Err(Error::invalid(field(), "must be longer than nothing"))
            }
            _ => Ok(()),
        }
    }
}

/// In what order steps count.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FunnelOrder {
    /// In order; other events may come between.
    #[default]
    Ordered,
    /// In order, and nothing else that the person did comes between (F8).
    Strict,
    /// In order, and no other event of the funnel comes between (F8).
    StrictListed,
    /// In any order within the window; level k means k different steps done (F9).
    Any,
}

impl FunnelOrder {
    pub fn is_strict(self) -> bool {
        matches!(self, FunnelOrder::Strict | FunnelOrder::StrictListed)
    }
}

/// A step that only the first of somebody's events can be.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FunnelFirst {
    /// The first event of this name in all history, if it also has the properties.
    Ever,
    /// The first event in all history that has the properties.
    Matching,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelStepMatch {
    #[serde(flatten)]
    pub event: EventMatch,
    /// Any of these does as well.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub or: Vec<EventMatch>,
    /// May be left out. Neither the first nor the last step.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// At most so long after the step before, beside the window of the entire attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub within: Option<FunnelWindow>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first: Option<FunnelFirst>,
}

impl From<EventMatch> for FunnelStepMatch {
    fn from(event: EventMatch) -> FunnelStepMatch {
        FunnelStepMatch { event, or: Vec::new(), optional: false, within: None, first: None }
    }
}

impl FunnelStepMatch {
    /// The events it may be.
    pub fn events(&self) -> impl Iterator<Item = &EventMatch> {
        std::iter::once(&self.event).chain(&self.or)
    }
}

/// An event that must not come between two steps (F10).
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelExclusion {
    #[serde(flatten)]
    pub event: EventMatch,
    /// After this step, counted from 0; the first if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<usize>,
    /// Before this step; the last if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<usize>,
}

/// What an exclusion does.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum FunnelExcluding {
    /// Ends the attempt; somebody leaves the funnel if no attempt without one reaches as far.
    #[default]
    Ends,
    /// Somebody leaves the funnel who would have got further had there been no exclusions.
    Removes,
}

/// What is counted (F1).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FunnelCount {
    /// Each person once, by their best attempt.
    #[default]
    People,
    /// Each person once for every value that is held.
    Values,
    /// Each session once; an attempt lies in one session. A break of exactly the gap cuts.
    Sessions { gap_seconds: u32 },
}

/// Which event of an attempt says the group, when the breakdown is by an event's value (F11).
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum FunnelAttribution {
    /// The first that has a value.
    #[default]
    FirstTouch,
    /// The last that has one.
    LastTouch,
    /// That of one step, counted from 0; who did not get there is `not_reached`.
    Step { step: usize },
    /// Every value has attempts of its own, all of whose events have it; groups may overlap.
    AllSteps,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A funnel, reference/03 §2.2 F1–F12.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelQuery {
    pub steps: Vec<FunnelStepMatch>,
    /// Of the first step.
    pub range: DateRange,
    /// From the first step of an attempt to its last.
    pub window: FunnelWindow,
    #[serde(default, skip_serializing_if = "is_default")]
    pub order: FunnelOrder,
    /// Later steps must be strictly later; otherwise equal times may be in any order (F2).
    #[serde(default)]
    pub must_increase: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exclusions: Vec<FunnelExclusion>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub excluding: FunnelExcluding,
    /// Properties with one and the same value in all steps: one name for all steps, or one for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hold: Vec<String>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub count: FunnelCount,
    /// All steps must lie in the range, not only the first.
    #[serde(default, skip_serializing_if = "is_default")]
    pub clamp: bool,
    /// Also by day, week or month of the first step (F12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trend: Option<Interval>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breakdown: Option<Breakdown>,
    #[serde(default, skip_serializing_if = "is_default")]
    pub attribution: FunnelAttribution,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<i64>,
}

impl FunnelQuery {
    /// The plain question: these events in order.
    pub fn of(steps: Vec<EventMatch>, range: DateRange, window: FunnelWindow) -> FunnelQuery {
        FunnelQuery {
            steps: steps.into_iter().map(FunnelStepMatch::from).collect(),
            range,
            window,
            order: FunnelOrder::default(),
            must_increase: false,
            exclusions: Vec::new(),
            excluding: FunnelExcluding::default(),
            hold: Vec::new(),
            count: FunnelCount::default(),
            clamp: false,
            trend: None,
            breakdown: None,
            attribution: FunnelAttribution::default(),
            segment: None,
        }
    }

    /// The property that step k must share with the others.
    pub fn held(&self, step: usize) -> Option<&str> {
        match &self.hold[..] {
            [one] => Some(one),
            each => each.get(step).map(String::as_str),
        }
    }

    /// The next step that may not be left out.
    pub fn next_required(&self, step: usize) -> Option<usize> {
        (step + 1..self.steps.len()).find(|next| !self.steps[*next].optional)
    }
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelStep {
    pub event: String,
    /// How many reached at least this step; of one that may be left out, how many took it.
    pub people: u64,
    /// Milliseconds from the step before that was taken, over those who took this step.
    pub since_before: Option<Summary>,
    /// Milliseconds from the first step.
    pub since_first: Option<Summary>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelGroup {
    pub group: Group,
    pub steps: Vec<FunnelStep>,
    /// Completed attempts by their length, in each of the answer's `bins`.
    pub histogram: Vec<u64>,
    /// By bucket of the first step, and step: how many; empty unless asked for. Somebody counts once
    /// in every bucket in which they began, so buckets do not add up.
    pub trend: Vec<Vec<u64>>,
}

#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelResult {
    /// The whole first, then the breakdown's groups, largest first.
    pub groups: Vec<FunnelGroup>,
    /// Upper ends of the histogram's bins in milliseconds, exclusive; the last is inclusive.
    pub bins: Vec<i64>,
    /// Of the trend; complete when all windows that began in it have ended.
    pub buckets: Vec<Bucket>,
    /// False while somebody's window has not ended (F6).
    pub complete: bool,
    pub as_of: Millis,
}

/// Which people of a funnel a cell stands for.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, ToSchema)]
pub struct FunnelCell {
    pub step: usize,
    /// Of those who reached `step`, only who did not reach the next that may not be left out.
    #[serde(default)]
    pub dropped: bool,
    /// Those who began in the trend's bucket with this first local day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bucket: Option<String>,
    /// Those who took at least so many milliseconds from the first step to this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<i64>,
    /// And less than so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub less_than: Option<i64>,
    pub group: Group,
}

impl Question for FunnelQuery {
    fn validate(&self) -> Result<()> {
        let steps = self.steps.len();
        if !(2..=STEPS_MAX).contains(&steps) {
            return Err(Error::invalid("steps", format!("needs 2 to {STEPS_MAX} steps")));
        }
        self.spoken().validate()?;
        self.window.validate(|| "window".to_owned())?;
        for (index, step) in self.steps.iter().enumerate() {
            self.validate_step(index, step)?;
        }
        self.validate_exclusions()?;
        let looked_for = |step: &FunnelStepMatch| match step.first {
            Some(FunnelFirst::Ever) => 2 * step.events().count(),
            _ => step.events().count(),
        };
        if self.steps.iter().map(looked_for).sum::<usize>() + self.exclusions.len() >= EVENTS_MAX {
            return Err(Error::new(ErrorCode::TooComplex, "the funnel has too many events")
                .with("limit", EVENTS_MAX.to_string())
                .at("steps"));
        }
        if !matches!(self.hold.len(), 0 | 1) && self.hold.len() != steps {
            return Err(Error::invalid("hold", "needs one property, or one for each step"));
        }
        let wrong = |field: &str, text: &str| Err(Error::invalid(field, text));
        match self.count {
            FunnelCount::Values if self.hold.is_empty() => wrong("count", "needs a property that is held"),
            FunnelCount::Sessions { gap_seconds: 0 } => {
                wrong("count.gap_seconds", "must be longer than nothing")
            }
            _ if self.must_increase && self.order == FunnelOrder::Any => {
                wrong("must_increase", "makes no sense for steps in any order")
            }
            _ => self.validate_attribution(),
        }
    }

    fn spoken(&self) -> Spoken<'_> {
        let steps = self.steps.iter().enumerate();
        let first = steps.map(|(index, step)| (format!("steps[{index}]"), &step.event));
        let mut spoken = Spoken::of(first, self.breakdown.as_ref(), self.segment);
        for (index, step) in self.steps.iter().enumerate() {
            for (at, event) in step.or.iter().enumerate() {
                spoken.events.push((format!("steps[{index}].or[{at}]"), event));
            }
        }
        let steps_end = spoken.events.len();
        for (index, exclusion) in self.exclusions.iter().enumerate() {
            spoken.events.push((format!("exclusions[{index}]"), &exclusion.event));
        }
        for (index, property) in self.hold.iter().enumerate() {
            let events = if self.hold.len() == 1 { 0..steps_end } else { index..index + 1 };
            spoken.read(format!("hold[{index}]"), property, events, false);
        }
        // What breaks a chain, or ends a session, may be anything.
        if self.order == FunnelOrder::Strict || matches!(self.count, FunnelCount::Sessions { .. }) {
            spoken.events.push(("order".to_owned(), &ANY));
        }
        spoken
    }
}

impl FunnelQuery {
    fn validate_step(&self, index: usize, step: &FunnelStepMatch) -> Result<()> {
        let at = |name: &str| format!("steps[{index}].{name}");
        if step.or.len() >= ALTERNATIVES_MAX {
            return Err(Error::invalid(at("or"), format!("at most {ALTERNATIVES_MAX} events in one step")));
        }
        if step.optional && (index == 0 || index + 1 == self.steps.len()) {
            return Err(Error::invalid(at("optional"), "the first and the last step cannot be left out"));
        }
        if step.optional && self.order == FunnelOrder::Any {
            return Err(Error::invalid(at("optional"), "makes no sense for steps in any order"));
        }
        let Some(within) = step.within else { return Ok(()) };
        within.validate(|| at("within"))?;
        if index == 0 || self.order == FunnelOrder::Any {
            return Err(Error::invalid(at("within"), "there is no step before"));
        }
        if self.steps.iter().any(|step| step.optional) {
            return Err(Error::invalid(at("within"), "cannot be combined with steps that may be left out"));
        }
        Ok(())
    }

    fn validate_exclusions(&self) -> Result<()> {
        if self.exclusions.len() > EXCLUSIONS_MAX {
            return Err(Error::invalid("exclusions", format!("at most {EXCLUSIONS_MAX} exclusions")));
        }
        let last = self.steps.len() - 1;
        for (index, exclusion) in self.exclusions.iter().enumerate() {
            let (after, before) = (exclusion.after.unwrap_or(0), exclusion.before.unwrap_or(last));
            let field = || format!("exclusions[{index}].before");
            if after >= before || before > last {
                return Err(Error::invalid(field(), "must be a later step"));
            }
            if self.order == FunnelOrder::Any && (after, before) != (0, last) {
                return Err(Error::invalid(field(), "steps in any order have nothing between two of them"));
            }
        }
        Ok(())
    }

    fn validate_attribution(&self) -> Result<()> {
        match self.attribution {
            FunnelAttribution::Step { step } if step >= self.steps.len() => {
                Err(Error::invalid("attribution.step", "the funnel has no such step"))
            }
            FunnelAttribution::Step { .. } if self.order == FunnelOrder::Any => {
                Err(Error::invalid("attribution.step", "steps in any order have no number"))
            }
            _ => Ok(()),
        }
    }
}
