//! The app on a network socket, until it is told to stop.

use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use siyu_types::{Error, Result};
use tokio::net::{TcpListener, TcpStream};
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::{Semaphore, watch};
use tower::ServiceExt;

use crate::{App, Config};

/// After being told to stop, requests under way get this long.
const LAST_REQUESTS_MAX: Duration = Duration::from_secs(20);
/// The head of a request must arrive within this time; an idle connection is closed after it.
pub const HEAD_TIME_MAX: Duration = Duration::from_secs(75);
/// Bytes of a request's head: address and headers. It is read in blocks, so a larger
/// one is answered with 431 at the latest when it is twice as large.
/// An address alone may have 65,534 bytes (414), which the `http` crate fixes.
pub const HEAD_BYTES_MAX: usize = 96 * 1024;
pub const HEADERS_MAX: usize = 100;
/// Connections at once; further ones wait in the system's queue.
pub const CONNECTIONS_MAX: usize = 20_000;
/// After the system refused a connection, for want of files.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

/// Serves until SIGTERM or SIGINT, answers what is under way, and stops the app.
pub(crate) async fn run(mut app: App, config: &Config) -> Result<()> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Error::invalid("listen", format!("cannot listen on {}: {error}", config.listen)))?;
    app.start_background().await?;
    tracing::info!(listen = %config.listen, url = config.public_url(), data = %config.data.display(), "siyu is ready");
    if config.lacks_public_url() {
        tracing::warn!("links in messages need `public_url`: how browsers reach this server");
    }
    serve(listener, app.router.clone(), told_to_stop()?).await;
    tracing::info!("stopping");
    app.stop().await?;
    tracing::info!("stopped");
    Ok(())
}

/// Accepts connections until `ended`, then lets requests under way end.
pub(crate) async fn serve(listener: TcpListener, router: Router, ended: impl Future<Output = ()>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    let (stop, stopped) = watch::channel(false);
    let mut ended = pin!(ended);
    loop {
        let place = tokio::select! {
            Ok(place) = Arc::clone(&room).acquire_owned() => place,
            () = &mut ended => break,
        };
        let (stream, peer) = tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::warn!(%error, "a connection could not be accepted");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                    continue;
                }
            },
            () = &mut ended => break,
        };
        let (router, stopped) = (router.clone(), stopped.clone());
        tokio::spawn(async move {
            connection(stream, peer, router, stopped).await;
            drop(place);
        });
    }
    drop(listener);
    drop(stopped);
    stop.send_replace(true);
    tokio::select! {
        () = stop.closed() => {}
        () = tokio::time::sleep(LAST_REQUESTS_MAX) => tracing::warn!("some requests did not end in time"),
    }
}

async fn connection(stream: TcpStream, peer: SocketAddr, router: Router, mut stopped: watch::Receiver<bool>) {
    // Answers are written whole; waiting for more would only delay them.
    let _refused_by_the_system = stream.set_nodelay(true);
    let service = service_fn(move |request: hyper::Request<hyper::body::Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        router.clone().oneshot(request)
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME_MAX)
        .max_buf_size(HEAD_BYTES_MAX)
        .max_headers(HEADERS_MAX)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = pin!(serving);
    let told = tokio::select! {
        // A client that breaks off is none of our errors.
        _ended = &mut serving => return,
        told = stopped.wait_for(|stopped| *stopped) => told.is_ok(),
    };
    if told {
        serving.as_mut().graceful_shutdown();
        let _ended = serving.await;
    }
}

fn told_to_stop() -> Result<impl Future<Output = ()>> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::sync::oneshot;

    /// What a server answers to these bytes, until it closes.
    async fn answer(address: SocketAddr, request: &[u8]) -> String {
        let mut stream = TcpStream::connect(address).await.expect("connects");
        // The server may close before it has read all of an oversized head.
        let _cut = stream.write_all(request).await;
        let mut text = Vec::new();
        let _reset = stream.read_to_end(&mut text).await;
        String::from_utf8_lossy(&text).into_owned()
    }

    #[tokio::test]
    async fn heads_are_bounded_and_requests_under_way_are_answered_when_it_ends() {
        let (entered, inside) = oneshot::channel();
        let (release, released) = oneshot::channel::<()>();
        let once = std::sync::Mutex::new(Some((entered, released)));
        let once = Arc::new(once);
        let router = Router::new().route("/", get(async || "here")).route(
            "/slow",
            get(move || {
                let taken = once.lock().expect("once").take();
                async move {
                    let (entered, released) = taken.expect("asked once");
                    entered.send(()).expect("somebody waits");
                    released.await.expect("released");
                    "at last"
                }
            }),
        );
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let (end, ended) = oneshot::channel::<()>();
        let server = tokio::spawn(serve(listener, router, async move {
            let _told = ended.await;
        }));
        let close = "host: x\r\nconnection: close\r\n\r\n";
        let cases = [
            (format!("GET / HTTP/1.1\r\n{close}"), "HTTP/1.1 200"),
            (format!("GET /{} HTTP/1.1\r\n{close}", "x".repeat(60_000)), "HTTP/1.1 404"),
            (format!("GET /{} HTTP/1.1\r\n{close}", "x".repeat(70_000)), "HTTP/1.1 414"),
            (format!("GET / HTTP/1.1\r\nx: {}\r\n{close}", "x".repeat(2 * HEAD_BYTES_MAX)), "HTTP/1.1 431"),
            (format!("GET / HTTP/1.1\r\n{}{close}", "x: y\r\n".repeat(HEADERS_MAX)), "HTTP/1.1 431"),
        ];
        for (request, expected) in &cases {
            let text = answer(address, request.as_bytes()).await;
            // What is closed before all was read may lose its answer on the way.
            let cut = request.len() > HEAD_BYTES_MAX && text.is_empty();
            let start: String = text.chars().take(60).collect();
            assert!(cut || text.starts_with(expected), "{expected}: {start}");
        }
        let slow = tokio::spawn(async move {
            answer(address, format!("GET /slow HTTP/1.1\r\n{close}").as_bytes()).await
        });
        inside.await.expect("it is under way");
        end.send(()).expect("the server listens");
        release.send(()).expect("the handler waits");
        assert!(slow.await.expect("answered").ends_with("at last"));
        server.await.expect("ended by itself");
        assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
    }
}
