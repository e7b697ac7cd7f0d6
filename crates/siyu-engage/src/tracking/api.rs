//! The public addresses in messages. No log-in: the signature is the permission.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use http::{HeaderMap, Method, StatusCode, header};
use siyu_db::db_error;
use siyu_govern::consent::How;
use siyu_types::clock::Millis;
use siyu_types::error::Result;
use siyu_types::record::names;
use utoipa_axum::router::OpenApiRouter;

use super::leave::{Leaving, leave};
use super::rules::{Token, is_automatic};
use super::{pages, store};
use crate::Engage;
use crate::delivery::{SendRow, SendState, best, message_event};

/// A transparent GIF of one pixel.
const PIXEL: &[u8] = &[
    0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0x21, 0xf9, 4, 1, 0, 0, 0,
    0, 0x2c, 0, 0, 0, 0, 1, 0, 1, 0, 0, 2, 2, 0x44, 1, 0, 0x3b,
];

/// Not part of the described API: these addresses are for mail readers.
pub(crate) fn routes(engage: Arc<Engage>) -> OpenApiRouter {
    let router = Router::new()
        .route("/t/o/{token}", get(open))
        .route("/t/c/{token}", get(click))
        .route("/u/{token}", get(ask).post(unsubscribe))
        .with_state(engage);
    OpenApiRouter::from(router)
}

fn automatic(method: &Method, headers: &HeaderMap) -> bool {
    let pairs: Vec<(&str, &str)> =
        headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default())).collect();
    is_automatic(method.as_str(), &pairs)
}

/// Always answers the pixel: a mail must not look broken because of us.
async fn open(
    State(engage): State<Arc<Engage>>,
    Path(token): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    if let (Some(Token::Open { send_id }), false) = (engage.links.read(&token), automatic(&method, &headers))
    {
        note(react(&engage, &send_id, "opened", names::MESSAGE_OPENED, None).await.map(|_| ()));
    }
    let headers = [(header::CONTENT_TYPE, "image/gif"), (header::CACHE_CONTROL, "no-store, max-age=0")];
    (headers, PIXEL).into_response()
}

/// Leads to the signed address and to no other.
async fn click(
    State(engage): State<Arc<Engage>>,
    Path(token): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Response {
    let Some(Token::Click { send_id, url }) = engage.links.read(&token) else {
        return html(StatusCode::NOT_FOUND, pages::invalid());
    };
    if !automatic(&method, &headers) {
        let more = Some(("url", url.as_str()));
        note(react(&engage, &send_id, "clicked", names::MESSAGE_CLICKED, more).await.map(|_| ()));
    }
    let headers = [
        (header::LOCATION, url.as_str()),
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
    ];
    (StatusCode::FOUND, headers).into_response()
}

/// Asks; changes nothing, because mail scanners follow links.
async fn ask(State(engage): State<Arc<Engage>>, Path(token): Path<String>) -> Response {
    let Some(Token::Unsubscribe { send_id }) = engage.links.read(&token) else {
        return html(StatusCode::NOT_FOUND, pages::invalid());
    };
    match brand(&engage, &send_id).await {
        Ok(brand) => html(StatusCode::OK, pages::ask(&brand, &engage.links.preferences(&send_id))),
        Err(error) => siyu_http::Failure(error).into_response(),
    }
}

/// Acts, both for the form of the page and for one click in a mail program (RFC 8058).
async fn unsubscribe(State(engage): State<Arc<Engage>>, Path(token): Path<String>) -> Response {
    let Some(Token::Unsubscribe { send_id }) = engage.links.read(&token) else {
        return html(StatusCode::NOT_FOUND, pages::invalid());
    };
    let done = async {
        let brand = brand(&engage, &send_id).await?;
        withdraw(&engage, &send_id).await?;
        Ok::<_, siyu_types::Error>(brand)
    };
    match done.await {
        Ok(brand) => html(StatusCode::OK, pages::done(&brand, &engage.links.preferences(&send_id))),
        // Whoever wants to leave must not be told that they did when they did not.
        Err(error) => siyu_http::Failure(error).into_response(),
    }
}

/// A page without scripts that nothing leads out of and no cache keeps.
pub(crate) fn html(status: StatusCode, page: String) -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-store"),
        // The address is the permission.
        (header::REFERRER_POLICY, "no-referrer"),
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'",
        ),
    ];
    (status, headers, page).into_response()
}

/// Failing to count must not stop a person from reading.
fn note(result: Result<()>) {
    if let Err(error) = result {
        tracing::error!(%error, "a reaction was not counted");
    }
}

async fn brand(engage: &Engage, send_id: &str) -> Result<String> {
    match store::send(&engage.db, send_id).await? {
        Some(send) => Ok(engage.audience.project(send.project)?.name),
        None => Ok(String::new()),
    }
}

/// Counts a reaction and writes its event. Answers the send, unless it is a test
/// or a preview, of which nothing is counted.
async fn react(
    engage: &Engage,
    send_id: &str,
    kind: &str,
    event: &str,
    more: Option<(&str, &str)>,
) -> Result<Option<SendRow>> {
    let Some(send) = store::send(&engage.db, send_id).await? else { return Ok(None) };
    let reached = matches!(send.state, SendState::Sent | SendState::Unknown | SendState::Attempting);
    if !reached {
        return Ok(Some(send));
    }
    let now = engage.clock.now();
    let mut tx = engage.db.begin().await?;
    store::react(&mut tx, &send, kind, now).await?;
    tx.commit().await.map_err(db_error)?;
    tell(engage, &send, event, more, now).await?;
    Ok(Some(send))
}

pub(crate) async fn tell(
    engage: &Engage,
    send: &SendRow,
    event: &str,
    more: Option<(&str, &str)>,
    now: Millis,
) -> Result<()> {
    let view = engage.audience.people(send.project, &[send.person])?.pop().flatten();
    let Some(id) = view.and_then(|view| best(&view.identifiers)) else { return Ok(()) };
    let channel = crate::campaigns::channel_of(&engage.db, send.project, send.campaign).await?;
    let record = message_event(event, send, &channel, more, id, now, now);
    engage.sink.emit(send.project, vec![record]).await
}

/// Does it and writes the event, once.
async fn withdraw(engage: &Engage, send_id: &str) -> Result<()> {
    let Some(send) = store::send(&engage.db, send_id).await? else { return Ok(()) };
    let now = engage.clock.now();
    let mut tx = engage.db.begin().await?;
    let (kind, source, how) = ("unsubscribed", "unsubscribe_link", How::Link);
    let leaving = Leaving { kind, reason: kind, source, how };
    let times = leave(&mut tx, engage.delivery.parts(), &send, &leaving, now).await?;
    tx.commit().await.map_err(db_error)?;
    if times == 1 {
        tell(engage, &send, names::MESSAGE_UNSUBSCRIBED, None, now).await?;
    }
    Ok(())
}
