//! Where log lines go and how they look.

use std::io::IsTerminal;

use siyu_types::{Error, Result};
use tracing_subscriber::EnvFilter;

use crate::config::{LogConfig, LogFormat};

/// Once per process.
pub(crate) fn start(config: &LogConfig) -> Result<()> {
    let filter =
        EnvFilter::try_new(&config.level).map_err(|error| Error::invalid("log.level", error.to_string()))?;
    let colours = std::io::stderr().is_terminal();
    let lines =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(colours);
    let started = match config.format {
        LogFormat::Pretty => lines.with_target(false).try_init(),
        LogFormat::Json => lines.json().flatten_event(true).try_init(),
    };
    started.map_err(Error::internal)
}
