//! The steps that drive npm: the console and the web SDK.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::steps::{Context, Counts, count_tests};
use crate::{Outcome, shell};

/// npm in one of our folders, without colours, advertising or questions.
pub fn npm(folder: &str) -> Command {
    let mut command = Command::new("npm");
    command.current_dir(shell::root().join(folder));
    command.env("NO_COLOR", "1").env("CI", "true");
    command
}

/// Installs a folder's packages exactly as its lock file says. A copy of the
/// lock file beside them tells that they are there already.
pub fn install(folder: &str, log: &Path) -> Outcome {
    let folder_path = shell::root().join(folder);
    let lock = fs::read(folder_path.join("package-lock.json"))
        .map_err(|e| format!("read {folder}/package-lock.json: {e}"))?;
    let installed: PathBuf = folder_path.join("node_modules/.installed-from.json");
    if fs::read(&installed).is_ok_and(|known| known == lock) {
        return Ok(());
    }
    shell::run(log, npm(folder).args(["ci", "--no-audit", "--no-fund", "--prefer-offline"]))?;
    fs::write(&installed, lock).map_err(|e| format!("write {}: {e}", installed.display()))
}

pub fn script(folder: &str, name: &str, log: &Path) -> Outcome<String> {
    shell::run(log, npm(folder).args(["run", "--silent", name]))
}

pub fn console_install(context: &Context) -> Outcome<Counts> {
    install("console", &context.log)?;
    Ok(Counts::ONE)
}

pub fn console_check(context: &Context) -> Outcome<Counts> {
    script("console", "typecheck", &context.log)?;
    script("console", "lint", &context.log)?;
    Ok(Counts { passed: 2, failed: 0 })
}

pub fn console_test(context: &Context) -> Outcome<Counts> {
    Ok(count_tests(&script("console", "test", &context.log)?))
}

pub fn console_build(context: &Context) -> Outcome<Counts> {
    script("console", "build", &context.log)?;
    Ok(Counts::ONE)
}

pub fn sdk(context: &Context) -> Outcome<Counts> {
    install("sdk/web", &context.log)?;
    script("sdk/web", "typecheck", &context.log)?;
    script("sdk/web", "build", &context.log)?;
    let text = script("sdk/web", "test", &context.log)?;
    Ok(count_tests(&text))
}
