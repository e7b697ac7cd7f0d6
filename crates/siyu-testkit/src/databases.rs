//! Temporary databases: a SQLite file, and a database on a private PostgreSQL
//! server that this process starts once and that ends with it.
//!
//! `SIYU_TEST_POSTGRES=off` leaves PostgreSQL out, for machines that have none.

use std::os::unix::fs::chown;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use siyu_db::Db;
use tempfile::TempDir;

/// A migrated, empty database. A SQLite file goes away with it.
pub struct TestDatabase {
    pub db: Db,
    pub url: String,
    _folder: Option<TempDir>,
}

/// Runs a test on SQLite and then on PostgreSQL.
pub async fn both(test: impl AsyncFn(Db)) {
    let sqlite = sqlite().await;
    test(sqlite.db.clone()).await;
    sqlite.db.close().await;
    if let Some(postgres) = postgres().await {
        eprintln!("and now on PostgreSQL");
        test(postgres.db.clone()).await;
        postgres.db.close().await;
    }
}

/// A database in a fresh file.
pub async fn sqlite() -> TestDatabase {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let url = format!("sqlite:{}", folder.path().join("siyu.db").display());
    let db = Db::open(&url).await.expect("opens SQLite");
    TestDatabase { db, url, _folder: Some(folder) }
}

/// A fresh database on the private server; `None` only where the environment
/// says that there is no PostgreSQL.
pub async fn postgres() -> Option<TestDatabase> {
    let url = postgres_url()?;
    let db = Db::open(&url).await.expect("opens PostgreSQL");
    Some(TestDatabase { db, url, _folder: None })
}

/// The address of a fresh, empty database.
pub fn postgres_url() -> Option<String> {
    static SERVER: OnceLock<Server> = OnceLock::new();
    static NEXT: AtomicU32 = AtomicU32::new(1);
    if std::env::var("SIYU_TEST_POSTGRES").is_ok_and(|value| value == "off") {
        return None;
    }
    let server = SERVER.get_or_init(Server::start);
    let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let folder = server.folder.display();
    let mut create = server.account.command(&server.programs.join("createdb"));
    run(create.args(["-h", &folder.to_string(), "-U", USER, "--template=template0", &name]));
    Some(format!("postgres://{USER}@localhost/{name}?host={folder}"))
}

const USER: &str = "siyu";
/// The server listens on a socket in its folder only, so the number is free.
const SETTINGS: &[&str] = &[
    "listen_addresses=",
    "fsync=off",
    "full_page_writes=off",
    "synchronous_commit=off",
    "max_connections=400",
    "shared_buffers=32MB",
];

struct Server {
    programs: PathBuf,
    folder: PathBuf,
    account: Account,
    /// Held open; when this process ends, however it ends, the watcher sees the
    /// end of its input and stops the server.
    _alive: ChildStdin,
    _watcher: Child,
}

impl Server {
    fn start() -> Server {
        let programs = programs();
        let account = Account::find();
        let folder =
            tempfile::Builder::new().prefix("siyu-pg-").tempdir().expect("a temporary folder").keep();
        account.give(&folder);
        let data = folder.join("data");
        run(account.command(&programs.join("initdb")).arg("-D").arg(&data).args([
            "-U",
            USER,
            "--auth=trust",
            "--no-sync",
            "--encoding=UTF8",
            "--locale=C",
        ]));
        let mut watcher = account.command(Path::new("/bin/sh"));
        let script = r#""$0" "$@" >/dev/null 2>&1 & read _; kill -INT $!; wait; rm -rf "$SIYU_PG_FOLDER""#;
        watcher
            .arg("-c")
            .arg(script)
            .arg(programs.join("postgres"))
            .arg("-D")
            .arg(&data)
            .arg("-k")
            .arg(&folder);
        for setting in SETTINGS {
            watcher.args(["-c", setting]);
        }
        // Its own process group: Ctrl-C reaches the tests, and through them the watcher.
        watcher.env("SIYU_PG_FOLDER", &folder).stdin(Stdio::piped()).stdout(Stdio::null());
        let mut child = watcher.stderr(Stdio::null()).process_group(0).spawn().expect("starts PostgreSQL");
        let alive = child.stdin.take().expect("its input is a pipe");
        let server = Server { programs, folder, account, _alive: alive, _watcher: child };
        server.wait();
        server
    }

    /// `pg_isready` answers at once; `pg_ctl` is not used because the server must be
    /// a child of the watcher.
    fn wait(&self) {
        const TRIES_MAX: u32 = 500;
        for _ in 0..TRIES_MAX {
            let mut ready = self.account.command(&self.programs.join("pg_isready"));
            ready.arg("-q").arg("-h").arg(&self.folder).args(["-t", "1", "-U", USER]);
            if ready.status().is_ok_and(|status| status.success()) {
                return;
            }
            #[expect(clippy::disallowed_methods, reason = "another process gives no sign to wait on")]
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        panic!("PostgreSQL in {} does not start", self.folder.display());
    }
}

/// Where the server's programs are.
fn programs() -> PathBuf {
    let mut versions: Vec<PathBuf> = std::fs::read_dir("/usr/lib/postgresql")
        .map(|entries| entries.filter_map(|entry| Some(entry.ok()?.path().join("bin"))).collect())
        .unwrap_or_default();
    versions.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut candidates = versions.into_iter().rev().chain(std::env::split_paths(&path));
    candidates.find(|folder| folder.join("initdb").exists() && folder.join("postgres").exists()).expect(
        "these tests need PostgreSQL's programs; install the package `postgresql` or set SIYU_TEST_POSTGRES=off",
    )
}

/// PostgreSQL refuses to run as root, so root lends it another account.
struct Account(Option<(u32, u32)>);

impl Account {
    fn find() -> Account {
        if id(&["-u"]) != Some(0) {
            return Account(None);
        }
        let found =
            ["postgres", "nobody"].iter().find_map(|name| Some((id(&["-u", name])?, id(&["-g", name])?)));
        Account(Some(found.expect("root needs an account `postgres` or `nobody` to run PostgreSQL")))
    }

    fn give(&self, folder: &Path) {
        if let Account(Some((user, group))) = self {
            chown(folder, Some(*user), Some(*group)).expect("root may give a folder away");
        }
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if let Account(Some((user, group))) = self {
            command.uid(*user).gid(*group);
        }
        command.current_dir("/");
        command
    }
}

fn id(arguments: &[&str]) -> Option<u32> {
    let output = Command::new("id").args(arguments).output().ok()?;
    String::from_utf8(output.stdout).ok()?.trim().parse().ok()
}

fn run(command: &mut Command) {
    let output = command.output().expect("the program starts");
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}
