//! A trace as a list of stages with a verdict each, in the order in which a record
//! passes them. Pure; personal values are masked on the way out.

use serde::{Deserialize, Serialize};
use siyu_audience::people::{shown_identifiers, shown_props};
use siyu_http::At;
use siyu_types::record::Body;
use siyu_types::{Identifier, PersonNo, Props, Viewer};
use utoipa::{IntoParams, ToSchema};

use super::trace::{Fate, Found, Trace};
use crate::plan::{AsideReason, PlanReason};
use crate::protocols::ReasonCode;

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TraceQuery {
    /// A login, device id, phone or e-mail, entire and as it was sent.
    pub identifier: Option<String>,
    /// The id of a message: `id`, `messageId` or `_track_id`.
    pub message: Option<String>,
    /// Received at or after this.
    pub from: Option<At>,
    /// Received at or before this.
    pub to: Option<At>,
    /// Go on where an earlier answer stopped.
    pub before: Option<u64>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TraceAnswer {
    /// Newest first.
    pub items: Vec<TraceItem>,
    /// Requests in the log that were looked at, back to `back_to`.
    pub frames: u64,
    pub back_to: Option<At>,
    /// Pass as `before` to look further back; null at the beginning of what is kept.
    pub more: Option<u64>,
    /// The person the identifier belongs to now.
    pub person: Option<PersonNo>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct TraceItem {
    /// Number of the request in the log; null if it is not in the log.
    pub position: Option<u64>,
    pub received_at: At,
    pub source: String,
    pub protocol: String,
    /// Name of the event; null if it is none or cannot be read.
    pub event: Option<String>,
    /// When the client says it happened.
    pub client_time: Option<At>,
    /// When the client says it sent it.
    pub sent_at: Option<At>,
    pub ids: Vec<Identifier>,
    pub props: Props,
    pub stages: Vec<Stage>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageName {
    Received,
    Decoded,
    Unique,
    Time,
    Plan,
    Identified,
    Stored,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageVerdict {
    Passed,
    /// Went on, but not as it was sent.
    Changed,
    /// Waits for something.
    Waiting,
    /// Went no further.
    Stopped,
}

/// What happened at a stage. The console says it in words, by `code`.
#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct Stage {
    pub stage: StageName,
    pub verdict: StageVerdict,
    pub code: StageCode,
    pub at: Option<At>,
    pub reason: Option<ReasonCode>,
    /// Why the tracking plan does not admit it.
    pub plan_reason: Option<PlanReason>,
    /// The field a reason is about, or the first letters of an unknown key.
    pub field: Option<String>,
    /// By how much a clock was corrected.
    pub shift_ms: Option<i64>,
    pub person: Option<PersonNo>,
    /// Number of a held-back record, to let it in.
    pub number: Option<u64>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum StageCode {
    Received,
    UnknownKey,
    Decoded,
    Refused,
    NotApplied,
    FirstTime,
    Duplicate,
    TimeKept,
    TimeCorrected,
    TimeParked,
    TimeReleased,
    Quarantined,
    Discarded,
    GivenBack,
    Person,
    Nobody,
    InAnalyses,
    ProfileChanged,
    ItemChanged,
    NotInStore,
    /// Its person was erased after it happened.
    Erased,
}

pub fn answer(viewer: &Viewer, found: Found, person: Option<PersonNo>) -> TraceAnswer {
    TraceAnswer {
        items: found.traces.into_iter().map(|trace| item(viewer, trace)).collect(),
        frames: found.frames,
        back_to: found.back_to.map(At),
        more: found.more,
        person,
    }
}

fn item(viewer: &Viewer, trace: Trace) -> TraceItem {
    let stages = stages(&trace);
    let (mut event, mut props, mut ids, mut client_time) = (None, Props::new(), Vec::new(), None);
    if let Ok(record) = trace.decoded {
        (ids, client_time) = (record.ids, Some(At(record.time)));
        if let Body::Event { name, props: sent } = record.body {
            (event, props) = (Some(name), sent);
        }
    }
    TraceItem {
        position: trace.position,
        received_at: At(trace.received_at),
        source: trace.source,
        protocol: trace.protocol,
        event,
        client_time,
        sent_at: trace.sent_at.map(At),
        ids: shown_identifiers(viewer, ids),
        props: shown_props(viewer, props),
        stages,
    }
}

fn stage(stage: StageName, verdict: StageVerdict, code: StageCode) -> Stage {
    let (at, reason, plan_reason, field, shift_ms, person, number) =
        (None, None, None, None, None, None, None);
    Stage { stage, verdict, code, at, reason, plan_reason, field, shift_ms, person, number }
}

fn because(reason: AsideReason, stage: Stage) -> Stage {
    match reason {
        AsideReason::Plan(reason) => Stage { plan_reason: Some(reason), ..stage },
        AsideReason::Unusable(code) => Stage { reason: Some(code), ..stage },
    }
}

/// The stage at which a record was set aside.
fn set_aside(reason: AsideReason, discarded: bool) -> Stage {
    let nobody = reason == AsideReason::Unusable(ReasonCode::NoIdentifier);
    let code = match (discarded, reason.is_time()) {
        (true, _) => StageCode::Discarded,
        (false, true) => StageCode::TimeParked,
        (false, false) if nobody => StageCode::Nobody,
        (false, false) => StageCode::Quarantined,
    };
    let name = match reason {
        AsideReason::Plan(_) => StageName::Plan,
        _ if reason.is_time() => StageName::Time,
        AsideReason::Unusable(_) => StageName::Identified,
    };
    because(reason, stage(name, StageVerdict::Stopped, code))
}

/// Every stage the record reached, in order.
pub fn stages(trace: &Trace) -> Vec<Stage> {
    use StageCode as Code;
    use StageName as Name;
    use StageVerdict::{Changed, Passed, Stopped, Waiting};
    let received = Stage { at: Some(At(trace.received_at)), ..stage(Name::Received, Passed, Code::Received) };
    if let Fate::UnknownKey(hint) = &trace.fate {
        let field = Some(format!("{hint}…"));
        let verdict = stage(Name::Received, Stopped, Code::UnknownKey);
        return vec![Stage { at: received.at, field, ..verdict }];
    }
    let mut all = vec![received];
    let record = match &trace.decoded {
        Ok(record) => record,
        Err(reason) => {
            let (reason, field) = (Some(reason.code), Some(reason.field.clone()));
            all.push(Stage { reason, field, ..stage(Name::Decoded, Stopped, Code::Refused) });
            return all;
        }
    };
    all.push(stage(Name::Decoded, Passed, Code::Decoded));
    let first = stage(Name::Unique, Passed, Code::FirstTime);
    let given_back = trace.given_back.map(|(reason, at)| {
        let name = if reason.is_time() { Name::Time } else { Name::Plan };
        let code = if reason.is_time() { Code::TimeReleased } else { Code::GivenBack };
        Stage { at: Some(At(at)), ..because(reason, stage(name, Changed, code)) }
    });
    let kept = given_back.clone().unwrap_or_else(|| stage(Name::Time, Passed, Code::TimeKept));
    let identified = |person| Stage { person: Some(person), ..stage(Name::Identified, Passed, Code::Person) };
    match &trace.fate {
        Fate::UnknownKey(_) | Fate::Refused => {}
        Fate::Waiting => all.push(stage(Name::Unique, Waiting, Code::NotApplied)),
        Fate::Duplicate { first_at } => {
            all.push(Stage { at: Some(At(*first_at)), ..stage(Name::Unique, Stopped, Code::Duplicate) });
        }
        Fate::Quarantined { reason, field, number, discarded } => {
            let (field, number) = (Some(field.clone()), Some(*number));
            let stopped = Stage { field, number, ..set_aside(*reason, *discarded) };
            match reason {
                AsideReason::Plan(_) => all.extend([kept, stopped]),
                _ if reason.is_time() => all.extend([first, stopped]),
                AsideReason::Unusable(_) => all.extend([first, kept, stopped]),
            }
        }
        Fate::Erased => all.extend([first, kept, stage(Name::Identified, Stopped, Code::Erased)]),
        Fate::Nobody => all.extend([first, kept, stage(Name::Identified, Stopped, Code::Nobody)]),
        Fate::Missing { person } => {
            all.extend([first, kept, identified(*person), stage(Name::Stored, Stopped, Code::NotInStore)]);
        }
        Fate::Applied { person } => {
            all.extend([first, kept]);
            all.extend(person.map(identified));
            let code = if matches!(record.body, Body::Item { .. }) {
                Code::ItemChanged
            } else {
                Code::ProfileChanged
            };
            all.push(stage(Name::Stored, Passed, code));
        }
        Fate::Stored { person, time, shift } => {
            let time_stage = match shift {
                _ if given_back.is_some() => kept,
                0 => kept,
                shift => Stage { shift_ms: Some(*shift), ..stage(Name::Time, Changed, Code::TimeCorrected) },
            };
            let seen = Stage { at: Some(At(*time)), ..stage(Name::Stored, Passed, Code::InAnalyses) };
            all.extend([first, time_stage, identified(*person), seen]);
        }
    }
    all
}
