//! The one error envelope.

use std::collections::BTreeMap;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Serialize};
use siyu_types::{Error, ErrorCode};
use utoipa::ToSchema;

pub type Result<T> = std::result::Result<T, Failure>;

/// An error on its way to the caller.
#[derive(Debug)]
pub struct Failure(pub Error);

/// The body of every answer that is not a success.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
pub struct ErrorDetail {
    pub code: ErrorCode,
    /// English, for developers; people read the translation of the code.
    pub message: String,
    /// The request field it is about, such as `steps[1].event`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Values for the translated sentence.
    pub params: BTreeMap<String, String>,
    /// Names this request in the server's log.
    pub request_id: String,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Failure {
        Failure(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        let Failure(error) = self;
        let request_id = crate::request_id();
        let internal = error.code == ErrorCode::Internal;
        if internal {
            tracing::error!(request.id = request_id, error.message = error.message, "internal error");
        }
        let status =
            StatusCode::from_u16(error.code.http_status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after =
            error.params.get("retry_after_seconds").and_then(|text| HeaderValue::from_str(text).ok());
        let detail = ErrorDetail {
            code: error.code,
            message: if internal { "something broke on our side".to_owned() } else { error.message },
            field: error.field,
            params: if internal { BTreeMap::new() } else { error.params },
            request_id,
        };
        let mut response = (status, Json(ErrorBody { error: detail })).into_response();
        if let Some(seconds) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, seconds);
        }
        response
    }
}
