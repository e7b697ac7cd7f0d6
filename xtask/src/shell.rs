//! Running other programs: with a log file, a sign of life while they work, and
//! the end of the log shown when they fail.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use crate::Outcome;

/// How often a silent program is reported to be alive.
const SIGN_OF_LIFE: Duration = Duration::from_secs(30);
/// Lines of a failed program's log that are shown, and letters of each.
const LINES_SHOWN: usize = 80;
const LETTERS_SHOWN: usize = 240;

/// The root folder of the repository.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().map_or_else(|| manifest.to_owned(), Path::to_owned)
}

/// Where cargo puts what it builds.
pub fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// A folder of our own below the target folder, made when missing.
pub fn workshop(name: &str) -> Outcome<PathBuf> {
    let folder = target().join("xtask").join(name);
    fs::create_dir_all(&folder).map_err(|e| format!("make {}: {e}", folder.display()))?;
    Ok(folder)
}

/// The cargo that started us, else the one on the path.
pub fn cargo() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    command
}

/// The first of these programs that is on the path.
pub fn find_program(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    names.iter().find_map(|name| folders.iter().map(|f| f.join(name)).find(|f| f.is_file()))
}

/// Runs a program to its end and returns what it wrote to both outputs. The
/// text is kept in the log file too. Prints a line now and then while it works.
pub fn run(log: &Path, command: &mut Command) -> Outcome<String> {
    let shown = format!("{command:?}").replace('"', "");
    let file = File::options().create(true).append(true).open(log);
    let file = file.map_err(|e| format!("write {}: {e}", log.display()))?;
    let start = file.metadata().map_err(|e| e.to_string())?.len();
    let copy = file.try_clone().map_err(|e| e.to_string())?;
    let mut child = command
        .stdin(Stdio::null())
        .stdout(file)
        .stderr(copy)
        .spawn()
        .map_err(|e| format!("start {shown}: {e}"))?;

    let (ended, end) = mpsc::channel();
    let waiter = std::thread::spawn(move || {
        let status = child.wait();
        // The receiver lives until this message has come.
        let _ = ended.send(());
        status
    });
    let began = Instant::now();
    while let Err(mpsc::RecvTimeoutError::Timeout) = end.recv_timeout(SIGN_OF_LIFE) {
        println!("      … {} s  {}", began.elapsed().as_secs(), last_line(log));
    }
    let status = waiter.join().map_err(|_| "the waiting thread failed".to_owned())?;
    let status = status.map_err(|e| format!("wait for {shown}: {e}"))?;
    let text = read_from(log, start);
    if status.success() { Ok(text) } else { Err(failure(&shown, &status.to_string(), &text, log)) }
}

/// Runs a short program and returns its output; nothing is logged.
pub fn output(command: &mut Command) -> Outcome<String> {
    let shown = format!("{command:?}").replace('"', "");
    let output = command.stdin(Stdio::null()).output().map_err(|e| format!("start {shown}: {e}"))?;
    if !output.status.success() {
        return Err(format!("{shown}: {}", String::from_utf8_lossy(&output.stderr).trim()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn failure(shown: &str, status: &str, text: &str, log: &Path) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(LINES_SHOWN);
    let end = lines[from..].iter().map(|line| format!("      | {}\n", cut(line))).collect::<String>();
    format!("{shown}\n      ended with {status}; the whole output is in {}\n{end}", log.display())
}

/// The beginning of a line of a log, as much as is shown of one.
pub fn cut(line: &str) -> String {
    line.chars().take(LETTERS_SHOWN).collect()
}

fn read_from(log: &Path, start: u64) -> String {
    let bytes = fs::read(log).unwrap_or_default();
    let start = usize::try_from(start).unwrap_or(0).min(bytes.len());
    String::from_utf8_lossy(&bytes[start..]).into_owned()
}

fn last_line(log: &Path) -> String {
    let text = read_from(log, 0);
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default();
    line.chars().take(90).collect()
}
