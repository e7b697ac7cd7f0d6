//! The API description and the types made from it. Both are committed; the
//! check makes them again and compares.

use std::fs;
use std::path::Path;
use std::process::Command;

use crate::server::{Build, program};
use crate::test::web;
use crate::{Outcome, shell};

const DESCRIPTION: &str = "console/src/api/openapi.json";
const TYPES: &str = "console/src/api/schema.ts";

pub fn main(words: &[String]) -> Outcome {
    let log = shell::workshop("logs")?.join("codegen.log");
    println!("building the binary that describes itself");
    shell::run(&log, shell::cargo().args(["build", "--package", "siyu"]))?;
    web::install("console", &log)?;
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["--check"] => check(&log),
        [] => {
            fs::write(shell::root().join(DESCRIPTION), describe()?)
                .map_err(|e| format!("{DESCRIPTION}: {e}"))?;
            let types = types(&shell::root().join(DESCRIPTION), &log)?;
            fs::write(shell::root().join(TYPES), types).map_err(|e| format!("{TYPES}: {e}"))?;
            println!("written: {DESCRIPTION}, {TYPES}");
            Ok(())
        }
        _ => Err("codegen takes --check or nothing".to_owned()),
    }
}

/// Fails when a committed file is not what the code says now.
pub fn check(log: &Path) -> Outcome {
    let stale = |path: &str| Err(format!("{path} is not current: run `cargo xtask codegen` and commit it"));
    let read =
        |path: &str| fs::read_to_string(shell::root().join(path)).map_err(|e| format!("read {path}: {e}"));
    let description = describe()?;
    if read(DESCRIPTION)? != description {
        return stale(DESCRIPTION);
    }
    if read(TYPES)? != types(&shell::root().join(DESCRIPTION), log)? {
        return stale(TYPES);
    }
    Ok(())
}

fn describe() -> Outcome<String> {
    let text = shell::output(Command::new(program(Build::Debug, "siyu")).arg("openapi"))?;
    Ok(format!("{}\n", text.trim_end()))
}

fn types(description: &Path, log: &Path) -> Outcome<String> {
    let made = shell::workshop("codegen")?.join("schema.ts");
    let mut command = web::npm("console");
    command.args(["run", "--silent", "codegen", "--"]).arg(description).arg(&made);
    shell::run(log, &mut command)?;
    fs::read_to_string(&made).map_err(|e| format!("read {}: {e}", made.display()))
}
