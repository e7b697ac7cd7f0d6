//! The network address a request comes from.

use std::convert::Infallible;
use std::net::SocketAddr;

use axum::extract::{ConnectInfo, FromRequestParts, Request};
use http::request::Parts;

/// The caller's address without port, `unknown` in tests without a network. Used
/// for limits, never logged.
#[derive(Clone, Debug)]
pub struct ClientAddress(pub String);

impl ClientAddress {
    /// Behind a proxy the last entry of `x-forwarded-for` counts, which the proxy
    /// itself wrote; earlier ones are the caller's own words.
    pub(super) fn of(request: &Request, behind_proxy: bool) -> ClientAddress {
        let forwarded = request.headers().get_all("x-forwarded-for").iter().next_back();
        let forwarded =
            forwarded.and_then(|value| value.to_str().ok()).and_then(|text| text.rsplit(',').next());
        if let Some(address) = forwarded.filter(|_| behind_proxy) {
            return ClientAddress(address.trim().to_owned());
        }
        let peer = request.extensions().get::<ConnectInfo<SocketAddr>>();
        ClientAddress(peer.map_or_else(|| "unknown".to_owned(), |peer| peer.0.ip().to_string()))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ClientAddress {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<ClientAddress, Infallible> {
        let known = parts.extensions.get::<ClientAddress>().cloned();
        Ok(known.unwrap_or_else(|| ClientAddress("unknown".to_owned())))
    }
}
