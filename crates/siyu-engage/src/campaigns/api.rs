//! HTTP of campaigns.

use std::collections::HashMap;
use std::sync::Arc;

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json0, json};
use siyu_govern::masking::shown_as;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::{Error, Permission, PersonalClass, Viewer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Campaign, CampaignState, Goal, SendCounts};
use super::rules::Move;
use super::{actions, estimate, preview, store};
use crate::Engage;
use crate::content::{Content, EmailTemplate, Rendered};

pub(crate) fn routes(engage: Arc<Engage>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change, remove))
        .routes(routes!(preview_campaign))
        .routes(routes!(test))
        .routes(routes!(audience))
        .routes(routes!(start))
        .routes(routes!(pause))
        .routes(routes!(resume))
        .routes(routes!(cancel))
        .routes(routes!(super::sends::sends))
        .routes(routes!(super::sends::messages))
        .with_state(engage)
}

/// A campaign as the API shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Campaign)]
pub(super) struct CampaignItem {
    id: i64,
    name: String,
    state: CampaignState,
    channel: String,
    segment_id: Option<i64>,
    content: Content,
    control_percent: f64,
    goal: Option<Goal>,
    purpose: String,
    /// Decides by what was computed of people: as declared, once it is started as found.
    automated: bool,
    created_at: At,
    updated_at: At,
    started_at: Option<At>,
    finished_at: Option<At>,
    counts: SendCounts,
}

fn item(campaign: Campaign, counts: Option<SendCounts>) -> CampaignItem {
    let mut counts = counts.unwrap_or_default();
    counts.chosen = campaign.chosen;
    if campaign.state != CampaignState::Cancelled {
        counts.pending += campaign.chosen.saturating_sub(campaign.expanded);
    }
    CampaignItem {
        id: campaign.id,
        name: campaign.name,
        state: campaign.state,
        channel: campaign.channel,
        segment_id: campaign.segment,
        content: campaign.content,
        control_percent: campaign.control_percent,
        goal: campaign.goal,
        purpose: campaign.purpose,
        automated: campaign.automated,
        created_at: At(campaign.created_at),
        updated_at: At(campaign.updated_at),
        started_at: campaign.started_at.map(At),
        finished_at: campaign.finished_at.map(At),
        counts,
    }
}

async fn one(engage: &Engage, viewer: &Viewer, id: i64) -> Result<Json<CampaignItem>> {
    let campaign = store::get(&engage.db, viewer.project, id).await?;
    let mut counts = store::counts(&engage.db, &[id]).await?;
    Ok(Json(item(campaign, counts.remove(&id))))
}

/// Campaigns, newest first.
#[utoipa::path(get, path = "/api/v1/campaigns", tag = "campaigns", operation_id = "list_campaigns",
    params(PageQuery), responses((status = 200, body = Page<CampaignItem>)))]
async fn list(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<CampaignItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let limit = page.limit();
    let found = store::list(&engage.db, viewer.project, page.cursor_id()?, limit + 1).await?;
    let page = Page::cut(found, limit, |campaign| campaign.id.to_string());
    let ids: Vec<i64> = page.items.iter().map(|campaign| campaign.id).collect();
    let mut counts: HashMap<i64, SendCounts> = store::counts(&engage.db, &ids).await?;
    Ok(Json(page.map(|campaign| {
        let counts = counts.remove(&campaign.id);
        item(campaign, counts)
    })))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewCampaign {
    pub name: String,
    /// `email` or `webhook`.
    pub channel: String,
    pub segment_id: Option<i64>,
    #[schema(value_type = Option<Content>)]
    pub content: Option<Json0>,
    #[serde(default)]
    pub control_percent: f64,
    pub goal: Option<Goal>,
    /// `marketing` if absent.
    pub purpose: Option<String>,
    /// People, or content, are chosen by scores from elsewhere; siyu's own are found.
    #[serde(default)]
    pub automated: bool,
}

#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct CampaignChange {
    pub name: Option<String>,
    pub channel: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<i64>)]
    pub segment_id: Option<Option<i64>>,
    #[schema(value_type = Option<Content>)]
    pub content: Option<Json0>,
    pub control_percent: Option<f64>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Goal>)]
    pub goal: Option<Option<Goal>>,
    pub purpose: Option<String>,
    pub automated: Option<bool>,
}

/// Tells an absent field from one that is null: null clears.
fn present<'de, D, T>(deserializer: D) -> std::result::Result<Option<Option<T>>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: Deserialize<'de>,
{
    Option::<T>::deserialize(deserializer).map(Some)
}

/// Reads content as the channel's own kind, so that errors name the field.
pub(super) fn content_of(channel: &str, json: Option<Json0>) -> siyu_types::Result<Content> {
    let bad = |error: serde_json::Error| Error::invalid("content", error.to_string());
    match (channel, json) {
        ("email", None) => Ok(Content::Email(EmailTemplate::default())),
        ("email", Some(json)) => serde_json::from_value(json).map(Content::Email).map_err(bad),
        ("webhook", Some(json)) => serde_json::from_value(json).map(Content::Webhook).map_err(bad),
        ("webhook", None) => Err(Error::invalid("content", "a webhook needs an address")),
        _ => Err(Error::invalid("channel", "must be email or webhook")),
    }
}

/// Creates a draft.
#[utoipa::path(post, path = "/api/v1/campaigns", tag = "campaigns", operation_id = "create_campaign",
    request_body = NewCampaign, responses((status = 201, body = CampaignItem)))]
async fn create(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Body(body): Body<NewCampaign>,
) -> Result<(StatusCode, Json<CampaignItem>)> {
    viewer.require(Permission::CampaignsWrite)?;
    let id = actions::create(&engage, &viewer, body).await?;
    Ok((StatusCode::CREATED, one(&engage, &viewer, id).await?))
}

/// One campaign.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}", tag = "campaigns", operation_id = "get_campaign",
    params(("id" = i64, Path)), responses((status = 200, body = CampaignItem)))]
async fn get(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<CampaignItem>> {
    viewer.require(Permission::ProjectRead)?;
    one(&engage, &viewer, id).await
}

/// Changes a draft.
#[utoipa::path(patch, path = "/api/v1/campaigns/{id}", tag = "campaigns", operation_id = "change_campaign",
    params(("id" = i64, Path)), request_body = CampaignChange, responses((status = 200, body = CampaignItem)))]
async fn change(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(body): Body<CampaignChange>,
) -> Result<Json<CampaignItem>> {
    viewer.require(Permission::CampaignsWrite)?;
    actions::change(&engage, &viewer, id, body).await?;
    one(&engage, &viewer, id).await
}

/// Deletes a draft. What was started stays.
#[utoipa::path(delete, path = "/api/v1/campaigns/{id}", tag = "campaigns", operation_id = "delete_campaign",
    params(("id" = i64, Path)), responses((status = 204)))]
async fn remove(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    viewer.require(Permission::CampaignsWrite)?;
    actions::remove(&engage, &viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PreviewRequest {
    /// The first of the segment if absent.
    person: Option<u32>,
    /// Shown instead of the stored content, for previews while typing.
    #[schema(value_type = Option<Content>)]
    content: Option<Json0>,
}

/// A message as one person would get it.
#[derive(Debug, Serialize, ToSchema)]
struct MessagePreview {
    person: Option<u32>,
    to: String,
    subject: String,
    html: String,
    text: String,
    /// Of webhooks: the JSON text.
    body: Option<String>,
    /// Names without a value and without a default; this person would get nothing.
    missing: Vec<String>,
    /// All names the content asks for.
    variables: Vec<String>,
}

/// Renders for one person. Names without a value are shown as `⟦name⟧`.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/preview", tag = "campaigns",
    operation_id = "preview_campaign", params(("id" = i64, Path)), request_body = PreviewRequest,
    responses((status = 200, body = MessagePreview)))]
async fn preview_campaign(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(body): Body<PreviewRequest>,
) -> Result<Json<MessagePreview>> {
    viewer.require(Permission::CampaignsWrite)?;
    let mut campaign = store::get(&engage.db, viewer.project, id).await?;
    if let Some(content) = body.content {
        campaign.content = content_of(&campaign.channel, Some(content))?;
    }
    let found = preview::preview(&engage, &viewer, &campaign, body.person).await?;
    let mut answer = MessagePreview {
        person: found.person,
        to: String::new(),
        subject: String::new(),
        html: String::new(),
        text: String::new(),
        body: None,
        missing: found.missing,
        variables: found.variables,
    };
    match found.rendered {
        Rendered::Email(mail) => {
            answer.to = shown_as(&viewer, PersonalClass::Email, &mail.to);
            (answer.subject, answer.html, answer.text) = (mail.subject, mail.html, mail.text);
        }
        Rendered::Webhook(hook) => {
            answer.to = hook.url;
            answer.body = Some(hook.body);
        }
    }
    Ok(Json(answer))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TestRequest {
    /// Ignored by webhooks, whose address is part of the content.
    #[serde(default)]
    to: String,
    person: Option<u32>,
}

/// Sends the message of one person to another address, marked as a test.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/test", tag = "campaigns", operation_id = "test_campaign",
    params(("id" = i64, Path)), request_body = TestRequest,
    responses((status = 200, body = crate::channels::Tested)))]
async fn test(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(body): Body<TestRequest>,
) -> Result<Json<crate::channels::Tested>> {
    viewer.require(Permission::CampaignsSend)?;
    let campaign = store::get(&engage.db, viewer.project, id).await?;
    if campaign.channel == "email" && !body.to.contains('@') {
        return Err(Error::invalid("to", "must be an e-mail address").into());
    }
    let found = preview::preview(&engage, &viewer, &campaign, body.person).await?;
    let content = preview::as_test(found.rendered, body.to.trim());
    let object = format!("campaign:{id}");
    let provider_id = engage.delivery.trial(&viewer, &campaign.channel, content, &object).await?;
    Ok(Json(crate::channels::Tested { provider_id }))
}

/// Whom the campaign would reach now.
#[derive(Debug, Serialize, ToSchema)]
struct AudienceAnswer {
    chosen: u64,
    /// People the numbers below are about: everybody, or every n-th of large audiences.
    looked_at: u64,
    reachable: u64,
    control: u64,
    /// As declared, or by what its segment and content use.
    automated: bool,
    suppressed_by_reason: Vec<AudienceRefusal>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AudienceRefusal {
    reason: String,
    people: u64,
}

/// Asks protection about the audience as it is now.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/audience", tag = "campaigns",
    operation_id = "estimate_campaign", params(("id" = i64, Path)),
    responses((status = 200, body = AudienceAnswer)))]
async fn audience(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<Json<AudienceAnswer>> {
    viewer.require(Permission::ProjectRead)?;
    let found = estimate::estimate(&engage, &store::get(&engage.db, viewer.project, id).await?).await?;
    let refusal = |(reason, people)| AudienceRefusal { reason, people };
    Ok(Json(AudienceAnswer {
        chosen: found.chosen,
        looked_at: found.looked_at,
        reachable: found.reachable,
        control: found.control,
        automated: found.automated,
        suppressed_by_reason: found.suppressed.into_iter().map(refusal).collect(),
    }))
}

macro_rules! moves {
    ($($(#[doc = $doc:literal])* $name:ident $path:literal $id:literal $step:ident;)*) => {$(
        $(#[doc = $doc])*
        #[utoipa::path(post, path = $path, tag = "campaigns", operation_id = $id, params(("id" = i64, Path)),
            responses((status = 200, body = CampaignItem)))]
        async fn $name(
            State(engage): State<Arc<Engage>>,
            Caller(viewer): Caller,
            Path(id): Path<i64>,
        ) -> Result<Json<CampaignItem>> {
            viewer.require(Permission::CampaignsSend)?;
            actions::advance(&engage, &viewer, id, Move::$step).await?;
            one(&engage, &viewer, id).await
        }
    )*};
}

moves! {
    /// Freezes the audience and begins to send.
    start "/api/v1/campaigns/{id}/start" "start_campaign" Start;
    /// Sends nothing more until it is resumed; calls under way are finished.
    pause "/api/v1/campaigns/{id}/pause" "pause_campaign" Pause;
    /// Goes on where it was paused.
    resume "/api/v1/campaigns/{id}/resume" "resume_campaign" Resume;
    /// Ends it for good; what waits is never sent.
    cancel "/api/v1/campaigns/{id}/cancel" "cancel_campaign" Cancel;
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct SendsQuery {
    /// Only sends in this state.
    pub state: Option<String>,
    pub cursor: Option<String>,
    pub limit: Option<i64>,
}

/// What an audit row says about a campaign.
pub(super) fn detail(name: &str, channel: &str) -> Json0 {
    json!({ "name": name, "channel": channel })
}
