//! `siyu key`.

use clap::Subcommand;
use siyu_govern::keys::KeyKind;
use siyu_types::{ProjectId, Result, Role, Viewer};

use super::{first_project, govern, role};
use crate::Config;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Makes a key and prints its secret, which is shown only once.
    Add {
        /// What it is for; the source's name of a write key.
        #[arg(long)]
        name: String,
        /// api or write.
        #[arg(long, value_parser = kind)]
        kind: KeyKind,
        /// Of an API key: owner, operator, analyst or viewer.
        #[arg(long, value_parser = role)]
        role: Option<Role>,
        /// Defaults to the first project.
        #[arg(long)]
        project: Option<i64>,
    },
}

fn kind(text: &str) -> Result<KeyKind, String> {
    KeyKind::parse(text).ok_or_else(|| "must be api or write".to_owned())
}

pub(super) async fn run(config: Config, command: Command) -> Result<()> {
    let Command::Add { name, kind, role, project } = command;
    let govern = govern(&config).await?;
    let project = match project {
        Some(id) => govern.project(ProjectId(id)).await?.id,
        None => first_project(&govern).await?,
    };
    let (_, secret) = govern.create_key(&Viewer::system(project), kind, &name, role).await?;
    println!("{secret}");
    Ok(())
}
