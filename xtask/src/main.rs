//! The project's automation, run as `cargo xtask <command>`. Depends on little,
//! so that it is there within seconds; it drives cargo, npm and the real binary.

mod bench;
mod codegen;
mod crash;
mod demo;
mod erase;
mod failures;
mod fuzz;
mod http;
mod licences;
mod server;
mod shell;
mod steps;
mod test;
mod tidy;
mod walk;

use std::process::ExitCode;

const USAGE: &str = "\
cargo xtask <command>

  demo     build all, load a year of a real shop's data, and serve it
             --fresh --generated --port N --load-only
  test     everything: formatting, lints, architecture, unit and integration tests,
           console, web SDK, browser flows, real clients, licences
             --list          name the steps
             --only a,b      run only these steps (and what they need)
  codegen  write the API description and the console's types from it
             --check         only say whether they are current
  crash    kill the server under load again and again; nothing may be lost or doubled
             --rounds N --seed N --release
  erase    erase people on a server that is killed meanwhile, and search every byte for them
             --rounds N --seed N --release
  bench    figures: ingest over HTTP by protocol, a large file's import, or the same
           questions beside chDB and DuckDB
             ingest --protocol P --events N --runs N | import GB [minutes] |
             peers [events]
  fuzz     broken input for every decoder, file parser and reader of mail
             --minutes N --seed N --target NAME
  tidy     the architecture and style checks alone
  walk     everything the console does, with curl and an API key, on a fresh server
";

/// What a command answers; the text is for a person.
pub type Outcome<T = ()> = Result<T, String>;

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match words.first().map(String::as_str) {
        Some("test") => test::main(&words[1..]),
        Some("demo") => demo::main(&words[1..]),
        Some("codegen") => codegen::main(&words[1..]),
        Some("crash") => crash::main(&words[1..]),
        Some("erase") => erase::main(&words[1..]),
        Some("bench") => bench::main(&words[1..]),
        Some("fuzz") => fuzz::main(&words[1..]),
        Some("tidy") => tidy::main(),
        Some("walk") => walk::main(words.get(1..).unwrap_or_default()),
        Some("help" | "--help" | "-h") | None => {
            print!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        Some(other) => Err(format!("there is no command {other:?}\n\n{USAGE}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(reason) => {
            if !reason.is_empty() {
                eprintln!("{reason}");
            }
            ExitCode::FAILURE
        }
    }
}
