//! The rim around all routes: a request id, one log line per request, and panics
//! turned into the envelope.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::{Router, extract};
use http::{HeaderName, HeaderValue};
use siyu_types::{Error, ErrorCode};

use crate::{BODY_BYTES_MAX, Failure};

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

tokio::task_local! {
    static CURRENT: String;
}

/// The id of the request this task is answering; empty outside of one.
pub fn request_id() -> String {
    CURRENT.try_with(Clone::clone).unwrap_or_default()
}

/// Makes request ids: a prefix chosen at random per process, and a number.
pub struct RequestIds {
    prefix: String,
    next: AtomicU64,
}

impl RequestIds {
    pub fn new(prefix: impl Into<String>) -> RequestIds {
        RequestIds { prefix: prefix.into(), next: AtomicU64::new(1) }
    }

    fn make(&self) -> String {
        format!("{}-{}", self.prefix, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

/// Requests answered since the start, for the metrics page.
#[derive(Default)]
pub struct Requests {
    pub answered: AtomicU64,
    pub failed: AtomicU64,
}

/// Wraps all routes. `Router::layer` so that unknown addresses pass through as well.
pub fn rim(router: Router, ids: RequestIds, requests: Arc<Requests>) -> Router {
    router
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn_with_state((Arc::new(ids), requests), around))
}

/// The answer for an address that no route knows.
pub async fn no_such_route() -> Failure {
    Failure(Error::new(ErrorCode::NotFound, "there is nothing at this address"))
}

async fn around(
    State((ids, requests)): State<(Arc<RequestIds>, Arc<Requests>)>,
    path: Option<extract::Extension<MatchedPath>>,
    request: Request,
    next: Next,
) -> Response {
    let id = ids.make();
    let method = request.method().clone();
    // The pattern and not the address, which may hold personal data.
    let path = path.map_or_else(String::new, |path| path.0.as_str().to_owned());
    let started = Instant::now();
    let mut response = CURRENT.scope(id.clone(), guarded(next.run(request))).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let status = response.status().as_u16();
    requests.answered.fetch_add(1, Ordering::Relaxed);
    if status >= 500 {
        requests.failed.fetch_add(1, Ordering::Relaxed);
    }
    let micros = started.elapsed().as_micros() as u64;
    tracing::debug!(request.id = id, http.method = %method, http.path = path, http.status = status, micros, "answered");
    response
}

/// The answer, or the envelope of an internal error if making it panicked.
pub async fn guarded(answer: impl Future<Output = Response>) -> Response {
    match CatchUnwind(AssertUnwindSafe(Box::pin(answer))).await {
        Ok(response) => response,
        Err(message) => Failure(Error::internal(format!("a handler panicked: {message}"))).into_response(),
    }
}

/// A future whose panics become its result.
struct CatchUnwind<F>(AssertUnwindSafe<F>);

impl<F: Future + Unpin> Future for CatchUnwind<F> {
    type Output = Result<F::Output, String>;

    fn poll(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Self::Output> {
        let inner = &mut self.0.0;
        let polled = std::panic::catch_unwind(AssertUnwindSafe(|| std::pin::Pin::new(inner).poll(context)));
        match polled {
            Ok(poll) => poll.map(Ok),
            Err(panic) => std::task::Poll::Ready(Err(message_of(&*panic))),
        }
    }
}

fn message_of(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("without a message").to_owned()
}
