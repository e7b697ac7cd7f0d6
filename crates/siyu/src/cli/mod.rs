//! The command line: one file per command.

mod doctor;
mod key;
mod mailbox;
mod openapi;
mod serve;
mod sql;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use siyu_types::{Error, Result, Role};

use crate::app::govern_options;
use crate::{Config, logging};

/// Customer data platform and marketing automation in one program.
#[derive(Parser)]
#[command(name = "siyu", version)]
struct Arguments {
    /// A settings file; without one, defaults and SIYU_… variables hold.
    #[arg(long, global = true)]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Runs the server.
    Serve(serve::Arguments),
    /// Adds users and sets passwords.
    #[command(subcommand)]
    User(user::Command),
    /// Makes keys.
    #[command(subcommand)]
    Key(key::Command),
    /// Asks a running server by SQL.
    Sql(sql::Arguments),
    /// Checks the data folder, the disk and the database.
    Doctor,
    /// Runs a mail server that keeps all mail, with a page to read it.
    Mailbox(mailbox::Arguments),
    /// Prints the description of the API.
    Openapi,
    /// Prints all settings with their defaults.
    Config,
}

/// Parses the arguments, runs the command and says in one line what went wrong.
pub fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => code,
        Err(error) => {
            let field = error.field.map(|field| format!("{field}: ")).unwrap_or_default();
            eprintln!("siyu: {field}{}", error.message);
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<ExitCode> {
    let config = Config::load(arguments.config.as_deref())?;
    logging::start(&config.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match arguments.command {
            Command::Serve(arguments) => serve::run(config, arguments).await?,
            Command::User(command) => user::run(config, command).await?,
            Command::Key(command) => key::run(config, command).await?,
            Command::Sql(arguments) => sql::run(config, arguments).await?,
            Command::Doctor => return doctor::run(config).await,
            Command::Mailbox(arguments) => mailbox::run(arguments).await?,
            Command::Openapi => openapi::run().await?,
            Command::Config => print!("{}", crate::config::DEFAULT),
        }
        Ok(ExitCode::SUCCESS)
    })
}

fn role(text: &str) -> Result<Role, String> {
    let names: Vec<&str> = Role::ALL.iter().map(|role| role.as_str()).collect();
    Role::parse(text).ok_or_else(|| format!("must be one of {}", names.join(", ")))
}

/// A password from the command line, or with `-` the first line of the input, where
/// other users of the machine cannot read it.
fn password(argument: String) -> Result<String> {
    if argument != "-" {
        return Ok(argument);
    }
    let mut line = String::new();
    std::io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The first project, or a new one in an empty database.
async fn first_project(govern: &siyu_govern::Govern) -> Result<siyu_types::ProjectId> {
    const NAME: &str = "siyu";
    const ZONE: &str = "Asia/Shanghai";
    const CURRENCY: &str = "CNY";
    match govern.projects().await?.first() {
        Some(project) => Ok(project.id),
        None => Ok(govern.create_project(NAME, ZONE, CURRENCY).await?.id),
    }
}

/// The business side only, for commands that may run beside the server.
async fn govern(config: &Config) -> Result<siyu_govern::Govern> {
    use rand::SeedableRng;
    use rand::rngs::StdRng;
    use siyu_govern::sealing::{FileVault, Keyring, SealWith};
    std::fs::create_dir_all(&config.data)?;
    let mut rng = StdRng::try_from_os_rng().map_err(Error::internal)?;
    let mut db = siyu_db::Db::open(&config.db_url()).await?;
    // Where nothing is sealed, the key is made by the server.
    let keyring = match config.seal_data() {
        SealWith::Nothing => Keyring::read(&config.key_file(), StdRng::from_rng(&mut rng))?,
        _ => Some(Keyring::open(&config.key_file(), StdRng::from_rng(&mut rng))?),
    };
    if let Some(keyring) = keyring {
        let vault = FileVault::new(&keyring, config.seal_data(), StdRng::from_rng(&mut rng))?;
        db = db.with_vault(std::sync::Arc::new(vault));
    }
    let options = govern_options(config, rng);
    Ok(siyu_govern::Govern::new(db, std::sync::Arc::new(siyu_types::SystemClock), options))
}
