//! What a handler needs: the caller, body and parameters with coded errors, the
//! error envelope, pages, instants, and the rim around all routes.
//!
//! A handler reads `async fn list(State(feature): State<Arc<Feature>>, Caller(viewer): Caller,
//! Params(page): Params<PageQuery>) -> siyu_http::Result<Json<Page<Tag>>>` and uses `?` on
//! `siyu_types::Error`. Take `Path`, `Body` and `Params` from here rather than from axum,
//! whose rejections do not speak the error envelope.

mod at;
mod extract;
mod failure;
mod file;
mod page;
mod rim;
#[cfg(test)]
mod tests;

pub use at::At;
pub use axum::Json;
pub use extract::{BODY_BYTES_MAX, Body, Caller, Params, Path};
pub use failure::{ErrorBody, ErrorDetail, Failure, Result};
pub use file::file;
pub use page::{LIMIT_DEFAULT, LIMIT_MAX, Page, PageQuery};
pub use rim::{RequestIds, Requests, guarded, no_such_route, request_id, rim};
