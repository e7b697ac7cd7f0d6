//! The app on a network socket, until it is told to stop.

use std::net::SocketAddr;

use siyu_types::{Error, Result};
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};

use crate::{App, Config};

/// Serves until SIGTERM or SIGINT, answers what is under way, and stops the app.
pub(crate) async fn run(mut app: App, config: &Config) -> Result<()> {
    let listener = TcpListener::bind(config.listen)
        .await
        .map_err(|error| Error::invalid("listen", format!("cannot listen on {}: {error}", config.listen)))?;
    app.start_background().await?;
    tracing::info!(listen = %config.listen, url = config.public_url(), data = %config.data.display(), "siyu is ready");
    let service = app.router.clone().into_make_service_with_connect_info::<SocketAddr>();
    let ended = told_to_stop()?;
    axum::serve(listener, service).with_graceful_shutdown(ended).await?;
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
