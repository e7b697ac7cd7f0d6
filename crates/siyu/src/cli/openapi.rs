//! `siyu openapi`.

use std::sync::Arc;

use siyu_types::{Error, Result, SystemClock};

use crate::{App, Config, Entropy};

/// The description comes from the routes themselves, so they are built, on an empty
/// folder that goes away again.
pub(super) async fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let config = Config::for_testing(folder.path());
    let app = App::start(&config, Arc::new(SystemClock), Entropy::Machine).await?;
    let text = serde_json::to_string_pretty(&*app.openapi).map_err(Error::internal)?;
    app.stop().await?;
    println!("{text}");
    Ok(())
}
