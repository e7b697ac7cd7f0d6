//! Sensors clients at any address: owners move them to paths of their own, so that
//! ad-blockers do not know them (reference/01 §2a.1). What such a client asks for
//! is told by the last part of the path and by the query, before the console's
//! pages are looked for.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{Method, StatusCode, Uri};

use super::sensors::{self, Way};
use super::{Door, cors, parameter};

/// Middleware around what answers unknown addresses.
pub async fn anywhere(State(door): State<Door>, request: Request, next: Next) -> Response {
    let Some(asked) = asked(request.method(), request.uri()) else { return next.run(request).await };
    cors::around(request, |request| async move {
        match asked {
            Asked::Records(way) => sensors::collect(way, &door, request).await,
            Asked::NotOffered => StatusCode::NOT_FOUND.into_response(),
        }
    })
    .await
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Asked {
    Records(Way),
    /// Remote settings and log-in of mini-programs: 404 makes clients stop asking.
    NotOffered,
}

fn asked(method: &Method, uri: &Uri) -> Option<Asked> {
    let (path, query) = (uri.path(), uri.query().unwrap_or_default());
    let last = path.rsplit('/').next().unwrap_or_default();
    if last == "mp_login" || (last.ends_with(".conf") && path.contains("/config/")) {
        return Some(Asked::NotOffered);
    }
    let names = |name: &str| parameter(query, name).is_some();
    // A page of the console may have parameters of these names, but no data.
    let speaks = match *method {
        Method::GET => names("data") || names("data_list"),
        Method::POST | Method::OPTIONS => names("token") || names("project"),
        _ => false,
    };
    let way = if last == "debug" { Way::Debug } else { Way::Collect };
    speaks.then_some(Asked::Records(way))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_address_asks_for() {
        let collect = Some(Asked::Records(Way::Collect));
        let cases = [
            ("GET", "/x/y.gif?project=p&token=t&data=e30%3D", collect),
            ("POST", "/statistics?project=p&token=t", collect),
            ("POST", "/shop/sa?token=t", collect),
            ("OPTIONS", "/shop/debug?token=t", Some(Asked::Records(Way::Debug))),
            ("GET", "/shop/debug?token=t&data=e30%3D", Some(Asked::Records(Way::Debug))),
            ("GET", "/config/Android.conf?v=1&project=p", Some(Asked::NotOffered)),
            ("GET", "/shop/config/visualized/Web.conf", Some(Asked::NotOffered)),
            ("GET", "/mp_login?code=1&appid=2", Some(Asked::NotOffered)),
            ("GET", "/people?project=1", None),
            ("GET", "/", None),
            ("POST", "/people", None),
            ("PUT", "/x?token=t", None),
        ];
        for (method, uri, expected) in cases {
            let method: Method = method.parse().expect("a method");
            assert_eq!(asked(&method, &uri.parse().expect("an address")), expected, "{method} {uri}");
        }
    }
}
