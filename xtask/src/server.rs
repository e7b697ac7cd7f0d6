//! Starting the real binary for tests, the demo and measurements, and stopping
//! it: gently, or as a power cut would.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::http::Client;
use crate::{Outcome, shell};

/// How long a start may take; a replay of a large log is part of it.
const START_MAX: Duration = Duration::from_secs(120);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The account that is made in a fresh data folder.
pub const EMAIL: &str = "demo@siyu.example";
pub const PASSWORD: &str = "siyu-demo-2026";

/// How the binary was built.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Build {
    Debug,
    Release,
}

/// Where and how to run.
#[derive(Clone)]
pub struct Setup {
    pub build: Build,
    pub data: PathBuf,
    pub listen: String,
    pub log: PathBuf,
    /// More words for `siyu serve`.
    pub words: Vec<String>,
}

/// Requests per second that tests and loads may make.
const REQUESTS_PER_SECOND: &str = "100000";

/// A running server. Dropping it kills it.
pub struct Server {
    child: Child,
    pub client: Client,
}

/// The path of one of our programs.
pub fn program(build: Build, name: &str) -> PathBuf {
    shell::target().join(if build == Build::Debug { "debug" } else { "release" }).join(name)
}

/// An address on this machine that nobody listens on.
pub fn free_address() -> Outcome<String> {
    let listener = TcpListener::bind("127.0.0.1:0").map_err(|e| format!("find a free port: {e}"))?;
    let address = listener.local_addr().map_err(|e| format!("find a free port: {e}"))?;
    Ok(address.to_string())
}

/// Empties a folder.
pub fn fresh(folder: &Path) -> Outcome {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|e| format!("empty {}: {e}", folder.display()))?;
    }
    fs::create_dir_all(folder).map_err(|e| format!("make {}: {e}", folder.display()))
}

/// Runs a command of the binary on a data folder and returns what it prints.
pub fn command(setup: &Setup, words: &[&str]) -> Outcome<String> {
    let mut command = Command::new(program(setup.build, "siyu"));
    command.env("SIYU_DATA", &setup.data).args(words);
    shell::output(&mut command)
}

/// Makes the owner of a fresh data folder.
pub fn create_owner(setup: &Setup) -> Outcome {
    command(
        setup,
        &["user", "add", "--email", EMAIL, "--name", "Demo", "--password", PASSWORD, "--role", "owner"],
    )?;
    Ok(())
}

/// A new key for sending events; the server need not run.
pub fn create_write_key(setup: &Setup, name: &str) -> Outcome<String> {
    Ok(command(setup, &["key", "add", "--name", name, "--kind", "write"])?.trim().to_owned())
}

impl Server {
    /// Starts the server and waits until it answers.
    pub fn start(setup: &Setup) -> Outcome<Server> {
        let log = File::options().create(true).append(true).open(&setup.log);
        let log = log.map_err(|e| format!("write {}: {e}", setup.log.display()))?;
        let copy = log.try_clone().map_err(|e| e.to_string())?;
        let path = program(setup.build, "siyu");
        let child = Command::new(&path)
            .arg("serve")
            .args(&setup.words)
            .env("SIYU_DATA", &setup.data)
            .env("SIYU_LISTEN", &setup.listen)
            .env("SIYU_OUTBOUND_ALLOW_HOSTS", "127.0.0.1,localhost")
            .env("SIYU_LIMITS_REQUESTS_PER_SECOND", REQUESTS_PER_SECOND)
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(copy)
            .spawn()
            .map_err(|e| format!("start {}: {e}", path.display()))?;
        let mut server = Server { child, client: Client::new(&setup.listen) };
        server.wait_until_healthy(&setup.log)?;
        Ok(server)
    }

    fn wait_until_healthy(&mut self, log: &Path) -> Outcome {
        let began = Instant::now();
        while began.elapsed() < START_MAX {
            if self.client.send("GET", "/healthz", "", &[]).is_ok_and(|answer| answer.status == 200) {
                return Ok(());
            }
            if let Ok(Some(status)) = self.child.try_wait() {
                return Err(format!("the server ended with {status}; its log is {}", log.display()));
            }
            pause(LOOK_EVERY);
        }
        Err(format!("the server did not answer within {} s; see {}", START_MAX.as_secs(), log.display()))
    }

    /// Ends the process at once, without a chance to tidy up.
    pub fn kill(mut self) -> Outcome {
        self.child
            .kill()
            .and_then(|()| self.child.wait())
            .map(drop)
            .map_err(|e| format!("kill the server: {e}"))
    }

    /// The most memory it has held so far, as Linux says it; elsewhere nothing is known.
    pub fn peak_megabytes(&self) -> f64 {
        self.status("VmHWM:")
    }

    /// The memory it holds now.
    pub fn megabytes(&self) -> f64 {
        self.status("VmRSS:")
    }

    /// Lets the peak begin anew from what is held now.
    pub fn forget_peak(&self) -> Outcome {
        let path = format!("/proc/{}/clear_refs", self.child.id());
        fs::write(&path, "5").map_err(|e| format!("write {path}: {e}"))
    }

    fn status(&self, field: &str) -> f64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix(field));
        let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
        kilobytes.unwrap_or(0.0) / 1024.0
    }

    /// Asks the process to end, and waits until it has.
    pub fn stop(mut self) -> Outcome {
        let id = self.child.id().to_string();
        shell::output(Command::new("kill").args(["-TERM", &id]))?;
        self.child.wait().map(drop).map_err(|e| format!("wait for the server: {e}"))
    }

    /// Waits until the server ends by itself.
    pub fn wait(mut self) -> Outcome {
        self.child.wait().map(drop).map_err(|e| format!("wait for the server: {e}"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended already; then there is nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Waits where nothing can tell us that it is time.
#[expect(clippy::disallowed_methods, reason = "another process offers nothing to wait on")]
pub fn pause(time: Duration) {
    std::thread::sleep(time);
}

/// Milliseconds since 1970 by this machine's clock.
#[expect(clippy::disallowed_methods, reason = "what another process writes down is compared with it")]
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since.map_or(0, |since| since.as_millis() as u64)
}
