//! Python clients under test: installed from their registry into an environment of
//! their own, and only run if their licence text allows it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::{Outcome, shell};

const REQUIREMENTS: &str = "sdk/clients/requirements.txt";

/// The interpreter of an environment that holds what the clients' tests need. It is
/// made once and again when the list changes.
pub fn clients(log: &Path) -> Outcome<PathBuf> {
    let folder = shell::workshop("clients-python")?;
    let interpreter = folder.join("bin/python");
    let wanted = fs::read_to_string(shell::root().join(REQUIREMENTS))
        .map_err(|e| format!("read {REQUIREMENTS}: {e}"))?;
    let installed = folder.join("installed-from.txt");
    if fs::read_to_string(&installed).is_ok_and(|known| known == wanted) {
        return Ok(interpreter);
    }
    shell::run(log, Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    let mut pip = Command::new(&interpreter);
    pip.args([
        "-m",
        "pip",
        "install",
        "--disable-pip-version-check",
        "--no-input",
        "--quiet",
        "--requirement",
    ]);
    shell::run(log, pip.arg(shell::root().join(REQUIREMENTS)))?;
    for name in wanted.lines().filter_map(|line| line.split("==").next()).filter(|name| !name.is_empty()) {
        require_permissive(&interpreter, name)?;
    }
    fs::write(&installed, wanted).map_err(|e| format!("write {}: {e}", installed.display()))?;
    Ok(interpreter)
}

/// The packages' own statements are empty or outdated; their licence files are not.
fn require_permissive(interpreter: &Path, name: &str) -> Outcome {
    let program = "import importlib.metadata as m, sys; \
        files = [f for f in m.files(sys.argv[1]) or [] if 'LICENSE' in f.name]; \
        print(files[0].read_text() if files else '')";
    let text = shell::output(Command::new(interpreter).args(["-c", program, name]))?;
    let permissive =
        (text.contains("Apache License") && text.contains("Version 2.0")) || text.contains("MIT License");
    match permissive {
        true => Ok(()),
        false => Err(format!("the licence file of {name} is neither Apache-2.0 nor MIT: it is not run")),
    }
}
