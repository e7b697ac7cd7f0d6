//! Reading what a request says about its sender; pure.

use http::{HeaderMap, header};
use siyu_types::{Error, ProjectId, Result};

/// The secret of `Authorization: Bearer sk_…`. Other kinds of authorization are
/// none of ours.
pub(super) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, secret) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| secret.trim())
}

pub(super) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let texts = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = texts.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, value)| *found == name && !value.is_empty()).map(|(_, value)| value)
}

pub(super) fn project(headers: &HeaderMap) -> Result<Option<ProjectId>> {
    let Some(value) = headers.get("x-project") else { return Ok(None) };
    let id = value.to_str().ok().and_then(|text| text.parse().ok());
    id.map(|id| Some(ProjectId(id))).ok_or_else(|| Error::invalid("x-project", "must be a project's id"))
}

/// Browsers name the page's origin on every unsafe request; it is ours if it is the
/// configured one or names the host that was asked. Other programs send none.
pub(super) fn origin_fits(origin: Option<&str>, host: Option<&str>, own: &str) -> bool {
    let Some(origin) = origin else { return true };
    if !own.is_empty() && origin == own {
        return true;
    }
    let name = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
    name.is_some() && name == host
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origins() {
        let own = "https://cdp.example.com";
        for (origin, host, fits) in [
            (None, Some("cdp.example.com"), true),
            (Some("https://cdp.example.com"), Some("inner:8080"), true),
            (Some("http://localhost:8080"), Some("localhost:8080"), true),
            (Some("https://evil.example"), Some("cdp.example.com"), false),
            (Some("https://cdp.example.com.evil.example"), Some("cdp.example.com"), false),
            (Some("null"), Some("cdp.example.com"), false),
            (Some("null"), None, false),
        ] {
            assert_eq!(origin_fits(origin, host, own), fits, "{origin:?} {host:?}");
        }
    }

    #[test]
    fn headers_are_read_leniently_but_exactly() {
        let mut headers = HeaderMap::new();
        headers.append(header::COOKIE, "a=1; siyu_session_old=x".parse().expect("value"));
        headers.append(header::COOKIE, "siyu_session=t0k-en; b=".parse().expect("value"));
        headers.insert(header::AUTHORIZATION, "bearer sk_1".parse().expect("value"));
        assert_eq!(cookie(&headers, "siyu_session"), Some("t0k-en"));
        assert_eq!(cookie(&headers, "b"), None);
        assert_eq!(bearer(&headers), Some("sk_1"));
        headers.insert(header::AUTHORIZATION, "Basic x".parse().expect("value"));
        assert_eq!(bearer(&headers), None);
        for (text, project_id) in [("7", Some(Some(7))), ("x", None)] {
            headers.insert("x-project", text.parse().expect("value"));
            assert_eq!(project(&headers).ok().map(|id| id.map(|id| id.0)), project_id);
        }
    }
}
