//! What strict mode would have set aside of what came in last.

use std::collections::BTreeMap;

use serde::Serialize;
use siyu_types::Result;
use utoipa::ToSchema;

use super::model::{PlanMode, PlanReason, Policy, SubjectKind};
use super::rules::{Rules, subject};
use crate::frame::{Frame, ProtocolId};
use crate::pipeline::Pipeline;
use crate::protocols::decode;

/// Looked at: as many of the newest frames as the log still has, up to these.
const FRAMES: u64 = 5_000;
const BYTES_MAX: usize = 16 << 20;
const ROWS_MAX: usize = 100;

#[derive(Clone, PartialEq, Debug, Default, Serialize, ToSchema)]
pub struct PlanPreview {
    /// Records looked at.
    pub records: u64,
    /// Of these, set aside whole.
    pub aside: u64,
    /// Stored without some of their keys.
    pub without_keys: u64,
    /// The most frequent reasons first.
    pub rows: Vec<PlanPreviewRow>,
}

#[derive(Clone, PartialEq, Debug, Serialize, ToSchema)]
pub struct PlanPreviewRow {
    pub reason: PlanReason,
    pub kind: SubjectKind,
    pub subject: String,
    /// The property; empty if it is the event.
    pub field: String,
    pub records: u64,
}

/// Decides over the newest records as a strict plan would. Blocks.
pub fn preview(pipeline: &Pipeline, policy: Policy) -> Result<PlanPreview> {
    let rules = Rules::new(&Policy { mode: PlanMode::Strict, ..policy });
    let mut answer = PlanPreview::default();
    let mut rows: BTreeMap<(PlanReason, SubjectKind, String, String), u64> = BTreeMap::new();
    for bytes in pipeline.tail(FRAMES, BYTES_MAX)? {
        let frame = Frame::decode(&bytes)?;
        if matches!(frame.protocol, ProtocolId::Plan | ProtocolId::Internal) {
            continue;
        }
        for (_, mut record) in decode(&frame).records {
            answer.records += 1;
            let Some((kind, name, _)) = subject(&record.body) else { continue };
            let name = name.to_owned();
            if let Some(refused) = rules.check(&record) {
                answer.aside += 1;
                *rows.entry((refused.reason, kind, name, refused.field)).or_default() += 1;
            } else if let Some((reason, taken)) = rules.strip(&mut record) {
                answer.without_keys += 1;
                for field in taken.into_keys() {
                    *rows.entry((reason, kind, name.clone(), field)).or_default() += 1;
                }
            }
        }
    }
    let rows = rows.into_iter();
    answer.rows = rows
        .map(|((reason, kind, subject, field), records)| PlanPreviewRow {
            reason,
            kind,
            subject,
            field,
            records,
        })
        .collect();
    answer.rows.sort_by_key(|row| std::cmp::Reverse(row.records));
    answer.rows.truncate(ROWS_MAX);
    Ok(answer)
}
