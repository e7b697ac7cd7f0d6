//! Logging in and out.

use axum::extract::{Extension, State};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_http::{Body, Failure, Json, Result};
use siyu_types::permission::Actor;
use siyu_types::{Error, ErrorCode, ProjectId, Role, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Session, User, rules, store};
use crate::access::{ClientAddress, SignedIn};
use crate::govern::commit;
use crate::secrets::fingerprint;
use crate::{Govern, audit};

/// Name of the session's cookie.
pub(crate) const COOKIE: &str = "siyu_session";

pub(super) fn routes(govern: Govern) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(show, log_in, log_out)).with_state(govern)
}

#[derive(Deserialize, ToSchema)]
struct Credentials {
    email: String,
    password: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct SessionView {
    user: SessionUserView,
    /// Send it as `x-csrf-token` with every request that changes something.
    csrf_token: String,
    projects: Vec<SessionProject>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SessionUserView {
    id: i64,
    email: String,
    name: String,
    locale: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct SessionProject {
    id: i64,
    name: String,
    role: Role,
    zone: String,
    currency: String,
    /// On which day weeks begin in new questions.
    week_start: crate::projects::WeekStart,
}

/// Who is logged in.
#[utoipa::path(get, path = "/api/v1/session", tag = "accounts", responses((status = 200, body = SessionView)))]
async fn show(
    State(govern): State<Govern>,
    signed_in: Option<Extension<SignedIn>>,
) -> Result<Json<SessionView>> {
    let signed_in = signed_in.ok_or_else(|| Error::new(ErrorCode::Unauthenticated, "not logged in"))?;
    let SignedIn { user, csrf, roles, .. } = signed_in.0;
    Ok(Json(view(&govern, user, csrf, roles).await?))
}

/// Logs in with e-mail and password and sets the session's cookie.
#[utoipa::path(post, path = "/api/v1/session", tag = "accounts", request_body = Credentials,
    responses((status = 200, body = SessionView)))]
async fn log_in(
    State(govern): State<Govern>,
    ClientAddress(address): ClientAddress,
    Body(credentials): Body<Credentials>,
) -> Result<(HeaderMap, Json<SessionView>)> {
    let session = govern.log_in(&credentials.email, credentials.password, &address).await?;
    let cookie = govern.cookie(&session.token, rules::SESSION_SECONDS_MAX)?;
    let roles = store::roles(govern.db(), session.user.id).await?;
    Ok((cookie, Json(view(&govern, session.user, session.csrf, roles).await?)))
}

/// Ends the session.
#[utoipa::path(delete, path = "/api/v1/session", tag = "accounts", responses((status = 204)))]
async fn log_out(
    State(govern): State<Govern>,
    signed_in: Option<Extension<SignedIn>>,
) -> Result<(StatusCode, HeaderMap)> {
    let signed_in = signed_in.ok_or_else(|| Error::new(ErrorCode::Unauthenticated, "not logged in"))?.0;
    let mut tx = govern.begin().await?;
    store::end_session(&mut tx, &signed_in.token_hash).await?;
    if let Some((project, role)) = signed_in.roles.first() {
        let viewer = viewer(&signed_in.user, *project, *role);
        let object = format!("user:{}", signed_in.user.id);
        audit(&mut tx, &viewer, "accounts.log_out", &object, json!({}), govern.now()).await?;
    }
    commit(tx).await?;
    Ok((StatusCode::NO_CONTENT, govern.cookie("", 0)?))
}

fn viewer(user: &User, project: ProjectId, role: Role) -> Viewer {
    Viewer::new(Actor::User { id: user.id, name: user.name.clone() }, project, role)
}

async fn view(
    govern: &Govern,
    user: User,
    csrf: String,
    roles: Vec<(ProjectId, Role)>,
) -> Result<SessionView> {
    let mut projects = Vec::with_capacity(roles.len());
    for (id, role) in roles {
        let project = govern.project(id).await?;
        let crate::projects::Project { name, zone, currency, week_start, .. } = project;
        projects.push(SessionProject { id: id.0, name, role, zone, currency, week_start });
    }
    let User { id, email, name, locale, .. } = user;
    Ok(SessionView { user: SessionUserView { id, email, name, locale }, csrf_token: csrf, projects })
}

impl Govern {
    /// Checks the password and opens a session. Too many tries for one address of a
    /// network or one account are refused before anything is checked.
    pub async fn log_in(&self, email: &str, password: String, address: &str) -> siyu_types::Result<Session> {
        let email = email.trim().to_lowercase();
        self.inner.limits.log_in(address, &email)?;
        let found = store::with_hash(self.db(), &email).await?;
        let (user, hash) = found.unzip();
        let fits = self.password_fits(password, hash).await?;
        let Some(user) = user.filter(|user| fits && user.active) else {
            tracing::warn!("a log-in failed");
            return Err(Error::new(ErrorCode::WrongCredentials, "e-mail or password is wrong"));
        };
        let session = Session { token: self.secret(), csrf: self.secret(), user };
        let now = self.now();
        let expired = now - rules::SESSION_SECONDS_MAX * 1_000;
        let mut tx = self.begin().await?;
        let hash = fingerprint(&session.token);
        store::begin_session(&mut tx, &hash, session.user.id, &session.csrf, now, expired).await?;
        if let Some((project, role)) = store::roles_in(&mut tx, session.user.id).await?.first() {
            let viewer = viewer(&session.user, *project, *role);
            let object = format!("user:{}", session.user.id);
            audit(&mut tx, &viewer, "accounts.log_in", &object, json!({}), now).await?;
        }
        commit(tx).await?;
        Ok(session)
    }

    fn cookie(&self, token: &str, seconds: i64) -> std::result::Result<HeaderMap, Failure> {
        let secure = if self.inner.secure_cookies { "; Secure" } else { "" };
        let text = format!("{COOKIE}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        let value = text.parse().map_err(Error::internal)?;
        Ok(HeaderMap::from_iter([(header::SET_COOKIE, value)]))
    }
}
