//! `siyu user`.

use clap::Subcommand;
use siyu_govern::accounts::NewMember;
use siyu_types::{ProjectId, Result, Role, Viewer};

use super::{first_project, govern, role};
use crate::Config;

#[derive(Subcommand)]
pub(super) enum Command {
    /// Adds somebody to a project; makes the first project if there is none.
    Add {
        #[arg(long)]
        email: String,
        /// Defaults to the part of the e-mail before the @.
        #[arg(long)]
        name: Option<String>,
        /// `-` reads it from the standard input.
        #[arg(long)]
        password: String,
        /// owner, operator, analyst or viewer.
        #[arg(long, value_parser = role)]
        role: Role,
        /// Defaults to the first project.
        #[arg(long)]
        project: Option<i64>,
        /// zh-CN or en.
        #[arg(long, default_value = "zh-CN", value_parser = ["zh-CN", "en"])]
        locale: String,
    },
    /// Sets a new password and ends all sessions of the user.
    ResetPassword {
        #[arg(long)]
        email: String,
        /// `-` reads it from the standard input.
        #[arg(long)]
        password: String,
    },
}

pub(super) async fn run(config: Config, command: Command) -> Result<()> {
    let govern = govern(&config).await?;
    match command {
        Command::Add { email, name, password, role, project, locale } => {
            let project = match project {
                Some(id) => govern.project(ProjectId(id)).await?.id,
                None => first_project(&govern).await?,
            };
            let name = name.unwrap_or_else(|| email.split('@').next().unwrap_or_default().to_owned());
            let password = super::password(password)?;
            let member = NewMember { email, name, locale, role, password };
            let member = govern.add_member(&Viewer::system(project), member).await?;
            println!("user {} is {} of project {}", member.user.id, member.role.as_str(), project.0);
        }
        Command::ResetPassword { email, password } => {
            govern.reset_password(&email, &super::password(password)?).await?;
            println!("the password is set and all sessions are ended");
        }
    }
    Ok(())
}
