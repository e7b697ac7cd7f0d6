//! `siyu doctor`: what could be wrong, one line each.

use std::path::Path;
use std::process::ExitCode;

use siyu_govern::sealing::{FileState, Keyring, look};
use siyu_types::{Error, Result};

use crate::Config;

/// Less free room than this is a reason to worry.
const FREE_BYTES_MIN: u64 = 1 << 30;

/// Fails if any check does. Can run beside the server.
pub(super) async fn run(config: Config) -> Result<ExitCode> {
    let mut well = true;
    let mut say = |name: &str, outcome: Result<String>| {
        let (word, text) = match outcome {
            Ok(text) => ("ok", text),
            Err(error) => {
                well = false;
                ("BAD", error.message)
            }
        };
        println!("{word:4} {name}: {text}");
    };
    say("settings", Ok(format!("data in {}, listening on {}", config.data.display(), config.listen)));
    let writable = write_there(&config.data);
    let folder = writable.is_ok();
    say("data folder", writable);
    if folder {
        say("disk", free(&config.data).await);
        match super::govern(&config).await {
            Ok(govern) => {
                say("stored secrets", secrets(&config, govern.db()).await);
                let kind = format!("{:?}", govern.db().backend());
                say("database", Ok(format!("{kind}, tables are up to date")));
                for project in govern.projects().await? {
                    let name = format!("audit of project {}", project.id.0);
                    say(
                        &name,
                        match siyu_govern::audit::verify(govern.db(), project.id).await? {
                            None => Ok("the chain is whole".to_owned()),
                            Some(broken) => Err(Error::internal(format!(
                                "broken at row {}: {}",
                                broken.seq, broken.reason
                            ))),
                        },
                    );
                }
                say(
                    "users",
                    match govern.has_users().await? {
                        true => Ok("somebody can log in".to_owned()),
                        false => Err(Error::internal("nobody can log in; use `siyu user add --role owner`")),
                    },
                );
            }
            Err(error) => say("database", Err(error)),
        }
    }
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether the key file is there and nobody else's, and opens what is stored.
async fn secrets(config: &Config, db: &siyu_db::Db) -> Result<String> {
    let path = config.key_file();
    let rng = rand::SeedableRng::from_os_rng();
    let keyring = Keyring::read(&path, rng)?;
    let mut closed = siyu_engage::channels::unreadable(db, keyring.as_ref()).await?;
    closed.extend(siyu_ingest::unreadable_ciphers(db, keyring.as_ref()).await?);
    let file = path.display();
    match (look(&path)?, closed.is_empty()) {
        (FileState::Missing, true) => Ok(format!("no key yet; {file} is made at the first start")),
        (FileState::Missing, false) => Err(Error::internal(format!(
            "the key file {file} is missing: bring it back, or enter again {}",
            closed.join(", ")
        ))),
        (_, false) => Err(Error::internal(format!(
            "no key in {file} opens {}: bring the key back, or enter them again",
            closed.join(", ")
        ))),
        (FileState::Open, true) => {
            Err(Error::internal(format!("others can read {file}; use `chmod 600 {file}`")))
        }
        (FileState::Well, true) => Ok(format!("the key in {file} opens all of them")),
    }
}

fn write_there(folder: &Path) -> Result<String> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(".siyu-doctor");
    std::fs::write(&probe, b"probe")?;
    std::fs::remove_file(&probe)?;
    Ok("can be written".to_owned())
}

/// Asks `df`, which every system has; the standard library cannot tell.
async fn free(folder: &Path) -> Result<String> {
    let output = tokio::process::Command::new("df").arg("-Pk").arg(folder).output().await?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let kilobytes = text.lines().nth(1).and_then(|line| line.split_whitespace().nth(3)?.parse::<u64>().ok());
    let bytes = kilobytes.ok_or_else(|| Error::internal("cannot read what `df` says"))? * 1024;
    let free = format!("{:.1} GiB free", bytes as f64 / (1u64 << 30) as f64);
    if bytes < FREE_BYTES_MIN { Err(Error::internal(free)) } else { Ok(free) }
}
