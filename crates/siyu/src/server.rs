//! The app on a network socket, until it is told to stop.

use std::net::SocketAddr;
use std::time::Duration;

use siyu_types::{Error, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::{App, Config};

/// After being told to stop, requests under way get this long.
const LAST_REQUESTS_MAX: Duration = Duration::from_secs(20);

/// Serves until SIGTERM or SIGINT, answers what is under way, and stops the app.
pub(crate) async fn run(mut app: App, config: &Config) -> Result<()> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Error::invalid("listen", format!("cannot listen on {}: {error}", config.listen)))?;
    app.start_background().await?;
    tracing::info!(listen = %config.listen, url = config.public_url(), data = %config.data.display(), "siyu is ready");
    let service = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    if config.lacks_public_url() {
        tracing::warn!("links in messages need `public_url`: how browsers reach this server");
    }
    let (ended, last) = (told_to_stop()?, told_to_stop()?);
    let serving = axum::serve(listener, service).with_graceful_shutdown(ended);
    tokio::select! {
        served = serving => served?,
        () = async { last.await; tokio::time::sleep(LAST_REQUESTS_MAX).await } => {
            tracing::warn!("some requests did not end in time");
        }
    }
    tracing::info!("stopping");
    app.stop().await?;
    tracing::info!("stopped");
    Ok(())
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
