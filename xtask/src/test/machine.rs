//! What the tests need from the machine, and how it is brought there.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::steps::{Context, Counts};
use crate::{Outcome, shell};

const NODE_MAJOR_MIN: u32 = 20;

/// Something installed that one of Debian's packages brings.
struct Need {
    package: &'static str,
    why: &'static str,
    there: fn() -> bool,
}

const NEEDS: &[Need] = &[
    Need { package: "chromium", why: "browser flows", there: || chromium().is_some() },
    Need { package: "postgresql", why: "tests on PostgreSQL", there: || postgres_folder().is_some() },
    Need {
        package: "curl",
        why: "the walk through the API",
        there: || shell::find_program(&["curl"]).is_some(),
    },
    Need { package: "python3-venv", why: "Sensors' client for Python", there: has_python },
    Need { package: "fonts-noto-cjk", why: "Chinese text in screenshots", there: has_chinese_font },
];

/// Compiler, Node.js and npm. These we do not install: the person chooses how.
pub fn tools(_: &Context) -> Outcome<Counts> {
    let rust = shell::output(shell::cargo().arg("--version"))?;
    if shell::find_program(&["cc", "gcc", "clang"]).is_none() {
        return Err(
            "a C compiler is missing (SQLite is built from source); Debian: build-essential".to_owned()
        );
    }
    let node = shell::output(Command::new("node").arg("--version"))
        .map_err(|_| format!("Node.js {NODE_MAJOR_MIN} or later is missing; Debian: nodejs, npm"))?;
    let major = node.trim().trim_start_matches('v').split('.').next().and_then(|m| m.parse::<u32>().ok());
    if major.is_none_or(|major| major < NODE_MAJOR_MIN) {
        return Err(format!("Node.js {NODE_MAJOR_MIN} or later is needed; this is {}", node.trim()));
    }
    let npm = shell::output(Command::new("npm").arg("--version"))?;
    println!("      {}, Node.js {}, npm {}", rust.trim(), node.trim(), npm.trim());
    Ok(Counts::ONE)
}

/// Installs what is missing where we may, and says what is missing where not.
pub fn packages(context: &Context) -> Outcome<Counts> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.there)()).collect();
    if missing.is_empty() {
        return Ok(Counts::ONE);
    }
    let names: Vec<&str> = missing.iter().map(|need| need.package).collect();
    for need in &missing {
        println!("      installing {} for {}", need.package, need.why);
    }
    let by_hand = |reason: String| {
        format!("please install, as root: apt-get install {}\n      {reason}", names.join(" "))
    };
    let apt =
        || privileged("apt-get").ok_or_else(|| by_hand("neither root nor sudo without a password".into()));
    shell::run(&context.log, apt()?.args(["-q", "update"])).map_err(by_hand)?;
    let mut install = apt()?;
    install.args(["-q", "install", "-y", "--no-install-recommends"]).args(&names);
    shell::run(&context.log, install.env("DEBIAN_FRONTEND", "noninteractive")).map_err(by_hand)?;
    match missing.iter().find(|need| !(need.there)()) {
        Some(need) => Err(format!("{} was installed, but is still not found", need.package)),
        None => Ok(Counts::ONE),
    }
}

/// The browser for page tests.
pub fn chromium() -> Option<PathBuf> {
    match std::env::var_os("CHROMIUM") {
        Some(path) => Some(PathBuf::from(path)),
        None => {
            shell::find_program(&["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"])
        }
    }
}

/// Where `initdb` lives: Debian keeps it off the path.
fn postgres_folder() -> Option<PathBuf> {
    if let Some(program) = shell::find_program(&["initdb"]) {
        return program.parent().map(Path::to_owned);
    }
    let versions = std::fs::read_dir("/usr/lib/postgresql").ok()?;
    let mut folders: Vec<PathBuf> =
        versions.flatten().map(|v| v.path().join("bin")).filter(|bin| bin.join("initdb").is_file()).collect();
    folders.sort();
    folders.pop()
}

fn has_python() -> bool {
    shell::output(Command::new("python3").args(["-c", "import venv, ensurepip"])).is_ok()
}

fn has_chinese_font() -> bool {
    let list = shell::output(Command::new("fc-list").args([":lang=zh", "family"]));
    list.is_ok_and(|families| !families.trim().is_empty())
}

/// The command with the rights to install, if we can have them without asking.
fn privileged(program: &str) -> Option<Command> {
    shell::find_program(&[program])?;
    let is_root = shell::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    if is_root {
        return Some(Command::new(program));
    }
    shell::output(Command::new("sudo").args(["-n", "true"])).ok()?;
    let mut command = Command::new("sudo");
    command.args(["-n", program]);
    Some(command)
}
