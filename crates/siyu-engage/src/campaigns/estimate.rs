//! Who would get a message if it started now, and why the others would not.

use std::collections::BTreeMap;

use siyu_types::error::{Error, Result};

use super::model::Campaign;
use crate::Engage;
use crate::delivery::{Arm, rules, survey};

/// People looked at one by one; of larger audiences every n-th.
pub const LOOKED_AT_MAX: u64 = 20_000;
const CHUNK: usize = 1_000;

/// An estimate of an audience.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Estimate {
    pub chosen: u64,
    /// People the following numbers are about: all, or every n-th.
    pub looked_at: u64,
    pub reachable: u64,
    pub control: u64,
    pub automated: bool,
    pub suppressed: BTreeMap<String, u64>,
}

pub async fn estimate(engage: &Engage, campaign: &Campaign) -> Result<Estimate> {
    let segment = campaign.segment.ok_or_else(|| Error::invalid("segment_id", "choose a segment"))?;
    let project = campaign.project;
    let members = engage.members(project, segment).await?;
    let every = members.len().div_ceil(LOOKED_AT_MAX).max(1) as usize;
    let looked_at: Vec<u32> = members.iter().step_by(every).collect();
    let plan = super::plan_of(&*engage.audience, campaign)?;
    let mut found = Estimate {
        chosen: members.len(),
        looked_at: looked_at.len() as u64,
        automated: plan.automated,
        ..Estimate::default()
    };
    for chunk in looked_at.chunks(CHUNK) {
        let refusals = survey(engage, &plan, chunk).await?;
        for (person, refusal) in chunk.iter().zip(refusals) {
            match refusal {
                Some(refusal) => *found.suppressed.entry(refusal.as_str().to_owned()).or_default() += 1,
                None => match rules::arm(project, campaign.id, *person, campaign.control_percent) {
                    Arm::Control => found.control += 1,
                    Arm::Treated => found.reachable += 1,
                },
            }
        }
    }
    Ok(found)
}
