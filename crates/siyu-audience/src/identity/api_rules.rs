//! The identity rules of a project over HTTP: what they are, what others would do,
//! and the cases that show it.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_db::NewJob;
use siyu_http::{Body, Caller, Json, Page, Result};
use siyu_types::identity::{IdentityChange, IdentityRules};
use siyu_types::{Error, Identifier, Permission};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::api_decisions::decide;
use super::cases::{self, CASES};
use super::rules;
use crate::Audience;
use crate::audience::blocking;
use crate::people::shown_identifiers;
use crate::projects::Project;

pub(super) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(get_rules, put_rules))
        .routes(routes!(rehearse))
        .routes(routes!(play))
        .with_state(audience)
}

/// The identity rules in force: namespaces in order of priority, with classes, caps
/// and windows.
#[utoipa::path(get, path = "/api/v1/identity/rules", tag = "identity", operation_id = "identity_rules",
    responses((status = 200, body = IdentityRules)))]
async fn get_rules(State(audience): State<Audience>, Caller(viewer): Caller) -> Result<Json<IdentityRules>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    let rules = project.people.read().graph().rules().clone();
    Ok(Json(rules))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeRules {
    rules: IdentityRules,
    /// Decide everything known anew by them, and not only what is to come.
    #[serde(default)]
    redecide: bool,
    /// Why, for the journal: 1 to 500 characters.
    reason: String,
}

/// Puts other rules in force from here on.
#[utoipa::path(put, path = "/api/v1/identity/rules", tag = "identity", operation_id = "identity_change_rules",
    request_body = ChangeRules, responses((status = 200, body = IdentityRules)))]
async fn put_rules(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Body(body): Body<ChangeRules>,
) -> Result<Json<IdentityRules>> {
    viewer.require(Permission::ProjectManage)?;
    let project = audience.project(&viewer)?;
    let new = with_key(&project, body.rules)?;
    rules::validate(&new)?;
    let begins = {
        let people = project.people.read();
        let old = people.graph().rules();
        rules::keeps(old, &new)?;
        new.hashed_kinds().any(|kind| old.hashed_kinds().all(|known| known != kind))
    };
    if begins {
        project.require_sealing()?;
    }
    let change = IdentityChange::Rules { rules: new, redecide: body.redecide };
    decide(&audience, &project, &viewer, change, &body.reason).await?;
    if begins {
        // What was stored before is rewritten by a job; from here on nothing is stored in the clear.
        let job = NewJob::new(viewer.project, HASH_STORED, json!({})).once(HASH_STORED);
        audience.inner.jobs.enqueue(job).await?;
    }
    let rules = project.people.read().graph().rules().clone();
    Ok(Json(rules))
}

/// The job that puts hashes in the place of what is stored of kinds that are kept as hashes.
pub const HASH_STORED: &str = "identity_hash";

/// The rules with the key by which they hash: the one that is in use, or the present one.
fn with_key(project: &Project, mut rules: IdentityRules) -> siyu_types::Result<IdentityRules> {
    let people = project.people.read();
    let (held, hashes) = (people.graph().rules().hash_key.clone(), people.graph().hashes());
    rules.hash_key = match held {
        Some(key) => Some(key),
        None if rules.keeps_hashes() => {
            let present = hashes.map(|hashes| hashes.present().to_owned());
            Some(present.ok_or_else(|| Error::internal("nothing hashes identifiers here"))?)
        }
        None => None,
    };
    Ok(rules)
}

#[derive(Debug, Serialize, ToSchema)]
struct IdentityRehearsal {
    people_before: u64,
    people_after: u64,
    /// People whose identifiers would not stay the same.
    affected: u64,
    /// Links that were decided again.
    links: u64,
    /// A few of those affected.
    sample: Vec<RegroupedPerson>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RegroupedPerson {
    person: u32,
    /// Their identifiers by the person they would be of, with those of others who
    /// would join.
    groups: Vec<Vec<Identifier>>,
}

/// What other rules would make of everything known so far. Changes nothing.
#[utoipa::path(post, path = "/api/v1/identity/rules/rehearse", tag = "identity", operation_id = "identity_rehearse",
    request_body = IdentityRules, responses((status = 200, body = IdentityRehearsal)))]
async fn rehearse(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Body(rules): Body<IdentityRules>,
) -> Result<Json<IdentityRehearsal>> {
    viewer.require(Permission::ProjectManage)?;
    let project = audience.project(&viewer)?;
    let rules = with_key(&project, rules)?;
    rules::validate(&rules)?;
    // Applying waits while people are read; what is received meanwhile is in the log.
    let found = blocking(move || Ok(project.people.read().graph().rehearse(&rules))).await?;
    let sample = found.sample.into_iter().map(|one| RegroupedPerson {
        person: one.person,
        groups: one.groups.into_iter().map(|group| shown_identifiers(&viewer, group)).collect(),
    });
    Ok(Json(IdentityRehearsal {
        people_before: found.people_before,
        people_after: found.people_after,
        affected: found.affected,
        links: found.links,
        sample: sample.collect(),
    }))
}

#[derive(Debug, Serialize, ToSchema)]
struct IdentityCase {
    id: &'static str,
    title_zh: String,
    title_en: String,
    why_zh: String,
    why_en: String,
    /// Whether everything it expects holds under this project's rules.
    holds: bool,
    lines: Vec<CaseLine>,
}

#[derive(Debug, Serialize, ToSchema)]
struct CaseLine {
    text: String,
    /// For what the case expects at this point.
    holds: Option<bool>,
    /// For a record: all identifiers of whom it was attributed to.
    whose: Vec<Identifier>,
}

/// Well-known situations, played under this project's rules.
#[utoipa::path(get, path = "/api/v1/identity/cases", tag = "identity", operation_id = "identity_cases",
    responses((status = 200, body = Page<IdentityCase>)))]
async fn play(State(audience): State<Audience>, Caller(viewer): Caller) -> Result<Json<Page<IdentityCase>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    let rules = project.people.read().graph().rules().clone();
    let played = blocking(move || {
        let play = |(id, text): &(&'static str, &str)| {
            let case = cases::parse(text);
            let lines = cases::play(&case, &rules);
            IdentityCase {
                id,
                holds: lines.iter().all(|line| line.holds != Some(false)),
                lines: lines
                    .into_iter()
                    .map(|line| CaseLine { text: line.text, holds: line.holds, whose: line.whose })
                    .collect(),
                title_zh: case.title_zh,
                title_en: case.title_en,
                why_zh: case.why_zh,
                why_en: case.why_en,
            }
        };
        Ok(CASES.iter().map(play).collect())
    });
    Ok(Json(Page::whole(played.await?)))
}
