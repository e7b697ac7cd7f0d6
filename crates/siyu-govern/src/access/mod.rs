//! From a request to a `Viewer`: API key or session, the project, protection
//! against forged requests, and how often one may ask.

mod address;
mod limits;
mod rules;

pub use address::ClientAddress;
pub(crate) use limits::RateLimits;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, header};
use siyu_http::Failure;
use siyu_types::permission::Actor;
use siyu_types::{Error, ErrorCode, ProjectId, Result, Role, Viewer};

use crate::Govern;
use crate::accounts::{self, COOKIE, SessionUser, User};
use crate::keys::KeyKind;
use crate::personal::{Look, Subject};
use crate::secrets::{fingerprint, same};

/// A request with a valid session, even of somebody who is in no project.
#[derive(Clone, Debug)]
pub struct SignedIn {
    pub user: User,
    pub(crate) csrf: String,
    pub(crate) token_hash: String,
    pub(crate) roles: Vec<(ProjectId, Role)>,
}

/// Takes write keys only, which it checks itself. A page of this very origin would
/// send the console's cookie along, which must not decide anything there.
const COLLECT: &str = "/api/v1/collect";

/// Middleware for everything under `/api/`. Puts the `Viewer` into the request's
/// extensions; handlers take it with `Caller`, which refuses when there is none.
pub async fn authenticate(State(govern): State<Govern>, mut request: Request, next: Next) -> Response {
    let address = ClientAddress::of(&request, govern.inner.behind_proxy);
    request.extensions_mut().insert(address);
    let path = request.uri().path();
    if path.starts_with("/api/")
        && path != COLLECT
        && let Err(error) = identify(&govern, &mut request).await
    {
        return Failure(error).into_response();
    }
    let opened = request.extensions().get::<Viewer>().cloned().and_then(|viewer| {
        let (person, part) = crate::personal::opened_person(request.uri().path())?;
        let detail = part.to_owned();
        Some(Look { subject: Subject::Person(person), detail, ..Look::of(&viewer, govern.now()) })
    });
    let answer = next.run(request).await;
    match opened.filter(|_| answer.status().is_success()) {
        // What cannot be noted is not shown.
        Some(look) => match govern.looked(look).await {
            Ok(()) => answer,
            Err(error) => Failure(error).into_response(),
        },
        None => answer,
    }
}

async fn identify(govern: &Govern, request: &mut Request) -> Result<()> {
    let headers = request.headers();
    let asked = rules::project(headers)?;
    if let Some(secret) = rules::bearer(headers) {
        if secret.starts_with(KeyKind::Write.prefix()) {
            // A write key sends records and is nobody here: the handler refuses.
            return Ok(());
        }
        let key = govern.key_of(secret, KeyKind::Api).await?;
        let key =
            key.ok_or_else(|| Error::new(ErrorCode::InvalidKey, "the API key is unknown or revoked"))?;
        let role = key.role.ok_or_else(|| Error::new(ErrorCode::InvalidKey, "the API key has no role"))?;
        if asked.is_some_and(|asked| asked != key.project) {
            return Err(
                Error::new(ErrorCode::Forbidden, "the key belongs to another project").at("x-project")
            );
        }
        let actor = Actor::Key { id: key.id, name: key.name.clone() };
        return admit(govern, request, (actor, key.project, role)).await;
    }
    let Some(token) = rules::cookie(headers, COOKIE) else { return Ok(()) };
    let token_hash = fingerprint(token);
    let now = govern.now();
    let Some(session) = accounts::session(govern.db(), &token_hash).await? else { return Ok(()) };
    if !accounts::holds(&session, now) {
        return Ok(());
    }
    // A log-in needs no token: it does not act with the session it may replace.
    let logs_in = request.method() == http::Method::POST && request.uri().path() == "/api/v1/session";
    if !request.method().is_safe() && !logs_in {
        refuse_forged(govern, request.headers(), &session)?;
    }
    if accounts::must_note_use(&session, now) {
        accounts::note_use(govern.db(), &token_hash, now).await?;
    }
    let SessionUser { user, csrf, roles, .. } = session;
    let role = match asked {
        Some(asked) => Some(*roles.iter().find(|(project, _)| *project == asked).ok_or_else(|| {
            Error::new(ErrorCode::Forbidden, "you are not a member of this project").at("x-project")
        })?),
        None => roles.first().copied(),
    };
    let actor = Actor::User { id: user.id, name: user.name.clone() };
    request.extensions_mut().insert(SignedIn { user, csrf, token_hash, roles });
    match role {
        Some((project, role)) => admit(govern, request, (actor, project, role)).await,
        None => Ok(()),
    }
}

async fn admit(
    govern: &Govern,
    request: &mut Request,
    (actor, project, role): (Actor, ProjectId, Role),
) -> Result<()> {
    govern.inner.limits.request(&actor.as_text())?;
    let personal = govern.personal_rules(project).await?;
    request.extensions_mut().insert(Viewer { actor, project, role, personal });
    Ok(())
}

/// A page of another site can make a browser send the cookie, but can neither read
/// the token nor hide where it is.
fn refuse_forged(govern: &Govern, headers: &HeaderMap, session: &SessionUser) -> Result<()> {
    let token = headers.get("x-csrf-token").and_then(|value| value.to_str().ok()).unwrap_or_default();
    if !same(token, &session.csrf) {
        return Err(Error::new(ErrorCode::CsrfMismatch, "the x-csrf-token header is missing or stale"));
    }
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    match rules::origin_fits(text(header::ORIGIN), text(header::HOST), &govern.inner.origin) {
        true => Ok(()),
        false => Err(Error::new(ErrorCode::CsrfMismatch, "the request comes from another site")),
    }
}
