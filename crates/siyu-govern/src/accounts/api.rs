//! The members of a project.

use axum::extract::State;
use http::StatusCode;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Body, Caller, Json, Page, Path, Result};
use siyu_types::{Permission, Role};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Member, NewMember, UserChange, rules};
use crate::Govern;

pub(super) fn routes(govern: Govern) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(list, add)).routes(routes!(change, remove)).with_state(govern)
}

#[derive(Debug, Serialize, ToSchema)]
struct UserItem {
    id: i64,
    email: String,
    name: String,
    locale: String,
    /// In this project.
    role: Role,
    /// Whether the account may log in.
    active: bool,
    created_at: At,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    email: String,
    name: String,
    role: Role,
    /// At least 8 characters.
    password: String,
    /// `zh-CN` (the default) or `en`.
    locale: Option<String>,
}

/// Absent fields stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct UserPatch {
    name: Option<String>,
    role: Option<Role>,
    password: Option<String>,
    active: Option<bool>,
}

impl From<Member> for UserItem {
    fn from(member: Member) -> UserItem {
        let Member { user, role } = member;
        UserItem {
            id: user.id,
            email: user.email,
            name: user.name,
            locale: user.locale,
            role,
            active: user.active,
            created_at: At(user.created_at),
        }
    }
}

/// The project's members.
#[utoipa::path(get, path = "/api/v1/users", tag = "accounts", responses((status = 200, body = Page<UserItem>)))]
async fn list(State(govern): State<Govern>, Caller(viewer): Caller) -> Result<Json<Page<UserItem>>> {
    viewer.require(Permission::MembersManage)?;
    let members = govern.members(viewer.project).await?;
    Ok(Json(Page::whole(members.into_iter().map(UserItem::from).collect())))
}

/// Adds a member; makes an account if the address has none.
#[utoipa::path(post, path = "/api/v1/users", tag = "accounts", request_body = NewUser,
    responses((status = 201, body = UserItem)))]
async fn add(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Body(user): Body<NewUser>,
) -> Result<(StatusCode, Json<UserItem>)> {
    viewer.require(Permission::MembersManage)?;
    let locale = rules::locale(user.locale.as_deref())?;
    let NewUser { email, name, role, password, .. } = user;
    let member = govern.add_member(&viewer, NewMember { email, name, locale, role, password }).await?;
    Ok((StatusCode::CREATED, Json(member.into())))
}

/// Changes a member's name, role, password or access.
#[utoipa::path(patch, path = "/api/v1/users/{id}", tag = "accounts", params(("id" = i64, Path)),
    request_body = UserPatch, responses((status = 200, body = UserItem)))]
async fn change(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
    Body(patch): Body<UserPatch>,
) -> Result<Json<UserItem>> {
    viewer.require(Permission::MembersManage)?;
    let UserPatch { name, role, password, active } = patch;
    let member = govern.change_member(&viewer, id, UserChange { name, role, password, active }).await?;
    Ok(Json(member.into()))
}

/// Takes a member out of the project.
#[utoipa::path(delete, path = "/api/v1/users/{id}", tag = "accounts", params(("id" = i64, Path)),
    responses((status = 204)))]
async fn remove(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Path(id): Path<i64>,
) -> Result<StatusCode> {
    viewer.require(Permission::MembersManage)?;
    govern.remove_member(&viewer, id).await?;
    Ok(StatusCode::NO_CONTENT)
}
