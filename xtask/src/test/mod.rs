//! `cargo xtask test`: every check there is, in an order that fails early.

mod browser;
mod machine;
mod python;
mod rust;
pub mod web;

use crate::steps::{self, Step};
use crate::{Outcome, licences, tidy, walk};

const STEPS: &[Step] = &[
    Step { name: "machine", what: "tools that must be there", needs: &[], run: machine::tools },
    Step {
        name: "packages",
        what: "browser, PostgreSQL, fonts",
        needs: &["machine"],
        run: machine::packages,
    },
    Step { name: "fmt", what: "formatting of all Rust code", needs: &["machine"], run: rust::fmt },
    Step { name: "tidy", what: "architecture and style rules", needs: &["machine"], run: tidy::step },
    Step {
        name: "console-install",
        what: "the console's packages",
        needs: &["machine"],
        run: web::console_install,
    },
    Step {
        name: "console-check",
        what: "types and lints of the console",
        needs: &["console-install"],
        run: web::console_check,
    },
    Step {
        name: "console-test",
        what: "unit tests of the console",
        needs: &["console-install"],
        run: web::console_test,
    },
    Step { name: "sdk", what: "web SDK: types, build, size, tests", needs: &["machine"], run: web::sdk },
    Step {
        name: "console-build",
        what: "pages of the console",
        needs: &["console-install", "sdk"],
        run: web::console_build,
    },
    Step { name: "build", what: "all crates and their tests", needs: &["console-build"], run: rust::build },
    Step { name: "clippy", what: "lints of all Rust code", needs: &["console-build"], run: rust::clippy },
    Step { name: "codegen", what: "API description is current", needs: &["build"], run: rust::codegen },
    Step {
        name: "test",
        what: "unit and integration tests, both databases",
        needs: &["build", "packages"],
        run: rust::test,
    },
    Step {
        name: "crash",
        what: "kill the server under load, nothing lost",
        needs: &["build"],
        run: rust::crash,
    },
    Step {
        name: "erase",
        what: "erase people on a server that is killed, nothing left",
        needs: &["build"],
        run: rust::erase,
    },
    Step {
        name: "walk",
        what: "everything the console does, with curl and a key",
        needs: &["build", "packages"],
        run: walk::step,
    },
    Step {
        name: "browser",
        what: "the console in a real browser",
        needs: &["build", "packages", "console-build"],
        run: browser::console,
    },
    Step {
        name: "clients",
        what: "real Sensors and Segment SDKs, and our own",
        needs: &["build", "packages", "sdk"],
        run: browser::clients,
    },
    Step {
        name: "licences",
        what: "licence of every dependency",
        needs: &["console-install", "sdk"],
        run: licences::step,
    },
];

pub fn main(words: &[String]) -> Outcome {
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => steps::run(STEPS, &[]),
        ["--list"] => {
            for step in STEPS {
                println!("{:16} {}", step.name, step.what);
            }
            Ok(())
        }
        ["--only", names] => steps::run(STEPS, &names.split(',').map(str::to_owned).collect::<Vec<_>>()),
        _ => Err("test takes --list, or --only and step names with commas between".to_owned()),
    }
}
