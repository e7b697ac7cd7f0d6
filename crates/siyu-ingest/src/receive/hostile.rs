//! The doors against clients that mean harm, or are broken as if they did: bounded
//! memory, a clear answer of the kind that protocol needs, and never a panic.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use http_body::Frame;
use siyu_testkit::clock::MockClock;

use super::admission::{Admission, Untaken};
use super::tests::{doors, doors_with};
use super::{CollectOptions, UnknownKey};

const MIB: usize = 1 << 20;

/// A body of so many chunks of a MiB; counts what was taken from it. One that is
/// stuck never gives more after its last chunk, and does not end.
struct Chunks {
    left: usize,
    stuck: bool,
    chunk: Bytes,
    taken: Arc<AtomicUsize>,
}

impl http_body::Body for Chunks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if self.left == 0 {
            return if self.stuck { Poll::Pending } else { Poll::Ready(None) };
        }
        self.left -= 1;
        self.taken.fetch_add(1, Ordering::Relaxed);
        Poll::Ready(Some(Ok(Frame::data(self.chunk.clone()))))
    }
}

fn body_of(chunks: usize, stuck: bool) -> (Body, Arc<AtomicUsize>) {
    let taken = Arc::<AtomicUsize>::default();
    let chunk = Bytes::from(vec![b'x'; MIB]);
    (Body::new(Chunks { left: chunks, stuck, chunk, taken: Arc::clone(&taken) }), taken)
}

#[tokio::test]
async fn a_gigabyte_is_refused_early() {
    let doors = doors().await;
    let (own, sensors) = (format!("/api/v1/collect?key={}", doors.key), format!("/sa?token={}", doors.key));
    let segment = format!("/v1/batch?writeKey={}", doors.key);
    let announced = (1_usize << 30).to_string();
    for (target, status) in [(&own, 413), (&sensors, 200), (&segment, 400)] {
        let (body, taken) = body_of(1024, false);
        assert_eq!(doors.send(Method::POST, target, &[], body).await.status.as_u16(), status, "{target}");
        assert!(taken.load(Ordering::Relaxed) <= 9, "{target} took {} MiB", taken.load(Ordering::Relaxed));
        let (body, taken) = body_of(1024, false);
        let answer = doors.send(Method::POST, target, &[("content-length", &announced)], body).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
        assert_eq!(taken.load(Ordering::Relaxed), 0, "{target} need not be read at all");
    }
    assert_eq!(doors.events().await, 0);
    // The doors that cannot say no have noted it.
    assert_eq!(doors.ingest.stats(doors.project).expect("open").rejected, 4);
}

fn admission(options: CollectOptions) -> Admission {
    Admission::new(options, MockClock::at("2026-11-21T08:00:00Z").shared())
}

fn announcing(bytes: usize) -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_LENGTH, HeaderValue::from(bytes))])
}

#[tokio::test]
async fn memory_and_requests_under_way_are_bounded_and_given_back() {
    let admission = admission(CollectOptions {
        body_bytes_max: 4 * MIB,
        bodies_bytes_max: 5 * MIB,
        requests_at_once_max: 2,
        ..CollectOptions::default()
    });
    let take = async |mib: usize| admission.take(&HeaderMap::new(), body_of(mib, false).0).await;
    let first = take(3).await.expect("fits");
    assert!(matches!(take(3).await, Err(Untaken::Busy)), "together they are too many bytes");
    let second = take(2).await.expect("fits exactly");
    assert!(matches!(take(0).await, Err(Untaken::Busy)), "together they are too many requests");
    drop((first, second));
    assert_eq!(take(4).await.expect("there is room again").bytes.len(), 4 * MIB);
    assert!(matches!(take(5).await, Err(Untaken::TooLarge(head)) if head.len() == 16 * 1024));
    // A length that is a lie reserves nothing.
    let liar = admission.take(&announcing(4 * MIB), body_of(1, false).0).await.expect("short");
    assert_eq!(liar.bytes.len(), MIB);
}

#[tokio::test]
async fn a_body_that_does_not_end_is_given_up() {
    let admission = admission(CollectOptions { body_seconds_max: 0, ..CollectOptions::default() });
    let taken = admission.take(&HeaderMap::new(), body_of(2, true).0).await;
    assert!(matches!(taken, Err(Untaken::TooSlow)));
    let whole = admission.take(&HeaderMap::new(), body_of(2, false).0).await.expect("came at once");
    assert_eq!(whole.bytes.len(), 2 * MIB);
}

#[tokio::test]
async fn a_key_has_its_share_and_unknown_keys_may_be_refused() {
    let options = CollectOptions {
        key_requests_per_second: 1,
        unknown_key: UnknownKey::Refuse,
        ..CollectOptions::default()
    };
    let doors = doors_with(options).await;
    let own = format!("/api/v1/collect?key={}", doors.key);
    for _ in 0..10 {
        assert_eq!(doors.send(Method::POST, &own, &[], "{\"batch\":[]}").await.status, StatusCode::OK);
    }
    let sensors = format!("/sa?token={}", doors.key);
    let segment = format!("/v1/t?writeKey={}", doors.key);
    for (target, status) in [(&own, 429), (&sensors, 503), (&segment, 429)] {
        let answer = doors.send(Method::POST, target, &[], "{\"batch\":[]}").await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
        assert_eq!(answer.headers["retry-after"], "5", "{target}");
        assert_eq!(answer.headers["access-control-expose-headers"], "retry-after", "{target}");
    }
    for target in ["/sa?token=wk_unknown", "/shop?token=wk_unknown", "/v1/t?writeKey=wk_unknown"] {
        assert_eq!(
            doors.send(Method::POST, target, &[], "{}").await.status,
            StatusCode::FORBIDDEN,
            "{target}"
        );
    }
    assert!(doors.ingest.unassigned().latest(10).expect("readable").is_empty());
}

#[tokio::test]
async fn sensors_clients_may_be_anywhere_and_are_not_told_to_go_on_asking() {
    let doors = doors().await;
    let record = r#"{"type":"track","event":"e","distinct_id":"d","time":1795304199000,"properties":{}}"#;
    let data = url::form_urlencoded::byte_serialize(record.as_bytes()).collect::<String>();
    let key = &doors.key;
    for (method, target, body, status) in [
        (Method::POST, format!("/t/sa?project=p&token={key}"), record.to_owned(), 200),
        (Method::GET, format!("/y.gif?project={key}&data={data}"), String::new(), 200),
        (Method::GET, format!("/t/debug?token={key}&data={data}"), String::new(), 200),
        (Method::GET, "/config/Android.conf?v=1".to_owned(), String::new(), 404),
        (Method::GET, "/config/visualized/Web.conf".to_owned(), String::new(), 404),
        (Method::GET, "/mp_login?code=1".to_owned(), String::new(), 404),
    ] {
        let answer = doors.send(method, &target, &[], body).await;
        assert_eq!(answer.status.as_u16(), status, "{target}");
    }
    assert_eq!(doors.events().await, 1, "the same record three times");
}

#[tokio::test]
async fn a_panic_is_answered_with_the_permission_to_read_it() {
    let request = http::Request::builder().uri("/sa").body(Body::empty()).expect("a request");
    let answer = super::cors::around(request, |_| async { panic!("on purpose") }).await;
    assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.headers()["access-control-allow-origin"], "*");
}
