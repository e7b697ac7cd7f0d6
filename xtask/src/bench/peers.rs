//! The same questions of the same rows, asked of siyu, chDB and DuckDB, each in a program of its
//! own, so that each has its own peak of memory.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::build;
use super::comparison::{Comparison, PEERS};
use crate::server::{self, Build, program};
use crate::{Outcome, shell};

pub fn peers(events: u64) -> Outcome {
    let log = build(&["--package", "siyu-analytics", "--example", "beside_peers"])?;
    let python = peers_python(&log)?;
    let folder = shell::workshop("bench-peers")?;
    server::fresh(&folder)?;
    let events = events.to_string();
    let mut comparison = Comparison::default();
    let example = program(Build::Release, "examples").join("beside_peers");
    let script = shell::root().join("xtask/peers/peers.py");
    // Loading and asking are two programs, so that the first answers are cold and each has its own
    // peak of memory.
    for what in ["load", "ask"] {
        println!("siyu: {what} {events} events");
        let mut own = Command::new(&example);
        comparison.read(&shell::run(&log, own.arg(&folder).args([&events, what]))?);
    }
    for (peer, what) in PEERS.iter().flat_map(|peer| [(peer, "load"), (peer, "ask")]) {
        println!("{peer}: {what}");
        let mut asked = Command::new(&python);
        // Nothing is written beside the sources.
        asked.env("PYTHONDONTWRITEBYTECODE", "1").arg(&script).arg(&folder).args([peer, what]);
        comparison.read(&shell::run(&log, &mut asked)?);
    }
    print!("{}", comparison.told()?);
    println!("load of the machine: {}", super::machine_load());
    Ok(())
}

/// A Python with the peers in it, of its own so that nothing else changes.
fn peers_python(log: &Path) -> Outcome<PathBuf> {
    let environment = shell::target().join("xtask/peers-python");
    let python = environment.join("bin/python");
    if !python.exists() {
        println!("installing the peers: {}", PEERS.join(", "));
        shell::run(log, Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
        shell::run(log, Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PEERS))?;
    }
    Ok(python)
}
