//! HTTP of channels. Secrets go in and never come out.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json0;
use siyu_connect::channels::{KINDS, Kind, kind};
use siyu_connect::{Content, EmailContent};
use siyu_db::db_error;
use siyu_govern::audit;
use siyu_http::{Body, Caller, Json, Page, Path, Result};
use siyu_types::{Permission, ProjectId};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::Engage;

pub(crate) fn routes(engage: Arc<Engage>) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(set)).routes(routes!(test)).with_state(engage)
}

#[derive(Debug, Serialize, ToSchema)]
struct ChannelItem {
    id: String,
    configured: bool,
    /// False where a stored secret cannot be opened and must be entered again.
    secrets_readable: bool,
    /// Without secrets; `password_set` and the like say whether there is one.
    #[schema(value_type = Object)]
    settings: Json0,
    /// JSON Schema of the settings.
    #[schema(value_type = Object)]
    schema: Json0,
    #[schema(value_type = Object)]
    example: Json0,
}

/// All kinds of channels with the project's settings.
#[utoipa::path(get, path = "/api/v1/channels", tag = "channels", operation_id = "list_channels",
    responses((status = 200, body = Page<ChannelItem>)))]
async fn list(State(engage): State<Arc<Engage>>, Caller(viewer): Caller) -> Result<Json<Page<ChannelItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let mut items = Vec::new();
    for kind in KINDS {
        items.push(item(&engage, viewer.project, kind).await?);
    }
    Ok(Json(Page::whole(items)))
}

/// Stores a channel's settings. Secrets that are left out stay as they are.
#[utoipa::path(put, path = "/api/v1/channels/{channel}", tag = "channels", operation_id = "set_channel",
    params(("channel" = String, Path)), request_body = Object, responses((status = 200, body = ChannelItem)))]
async fn set(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Path(channel): Path<String>,
    Body(mut settings): Body<Json0>,
) -> Result<Json<ChannelItem>> {
    viewer.require(Permission::ProjectManage)?;
    let kind = kind(&channel)?;
    // What the list shows may be sent back as it is: flags and empty fields say nothing.
    if let Some(fields) = settings.as_object_mut() {
        for secret in kind.secrets {
            fields.remove(&format!("{secret}_set"));
        }
        fields.retain(|_, value| !value.is_null() && value != "");
    }
    let now = engage.clock.now();
    let mut tx = engage.db.begin().await?;
    engage.channels.set(&mut tx, viewer.project, kind.id, settings, now).await?;
    let detail = serde_json::json!({ "channel": kind.id });
    audit(&mut tx, &viewer, "channels.change", &format!("channel:{}", kind.id), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    engage.delivery.wake();
    Ok(Json(item(&engage, viewer.project, kind).await?))
}

async fn item(engage: &Engage, project: ProjectId, kind: &Kind) -> siyu_types::Result<ChannelItem> {
    let shown = engage.channels.shown(project, kind).await?;
    Ok(ChannelItem {
        id: kind.id.to_owned(),
        configured: shown.is_some(),
        secrets_readable: shown.as_ref().is_none_or(|(_, readable)| *readable),
        settings: shown.map_or(Json0::Null, |(settings, _)| settings),
        schema: (kind.schema)(),
        example: (kind.example)(),
    })
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct TestMail {
    to: String,
}

/// What became of a test.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Tested {
    /// The provider's own id, if it told one.
    pub provider_id: Option<String>,
}

/// Sends a test mail with the stored settings; errors say what the server said.
#[utoipa::path(post, path = "/api/v1/channels/email/test", tag = "channels", operation_id = "test_channel",
    request_body = TestMail, responses((status = 200, body = Tested)))]
async fn test(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Body(body): Body<TestMail>,
) -> Result<Json<Tested>> {
    viewer.require(Permission::ProjectManage)?;
    let brand = engage.audience.project(viewer.project)?.name;
    let content = Content::Email(EmailContent {
        to: body.to,
        subject: format!("{brand}: 测试邮件 · test mail"),
        html: "<p>如果您看到这封邮件,说明发信设置可用。</p><p>If you can read this, sending works.</p>"
            .to_owned(),
        text: "如果您看到这封邮件,说明发信设置可用。\nIf you can read this, sending works.".to_owned(),
        unsubscribe_url: None,
    });
    let provider_id = engage.delivery.trial(&viewer, "email", content, "channel:email").await?;
    Ok(Json(Tested { provider_id }))
}
