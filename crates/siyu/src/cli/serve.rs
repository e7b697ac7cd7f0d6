//! `siyu serve`.

use std::net::SocketAddr;
use std::sync::Arc;

use siyu_govern::accounts::NewMember;
use siyu_types::{Result, Role, SystemClock, Viewer};

use super::{first_project, mailbox};
use crate::{App, Config, Entropy, server};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// E-mail of an owner to make if nobody can log in yet.
    #[arg(long, requires = "first_password")]
    first_owner: Option<String>,
    /// The first owner's password; `-` reads it from the standard input.
    #[arg(long, requires = "first_owner")]
    first_password: Option<String>,
    /// Also runs a mail server on this address that keeps all mail.
    #[arg(long, requires = "mailbox_page")]
    mailbox_smtp: Option<SocketAddr>,
    /// Where the kept mail can be read in a browser.
    #[arg(long, requires = "mailbox_smtp")]
    mailbox_page: Option<SocketAddr>,
}

/// Files that may be open at once: segments of a project of a hundred million people, and as many
/// connections as are taken. What systems give a program unasked is about a thousand.
const FILES_WANTED: u64 = 65_536;
/// With fewer, a large project and many connections may meet the limit.
const FILES_FEW: u64 = 8_192;

pub(super) async fn run(config: Config, arguments: Arguments) -> Result<()> {
    match rlimit::increase_nofile_limit(FILES_WANTED) {
        Ok(files) if files < FILES_FEW => {
            tracing::warn!(files, "few files may be open at once; raise the limit of open files (ulimit -n)");
        }
        Ok(_) => {}
        Err(error) => tracing::warn!(%error, "the limit of open files could not be raised"),
    }
    let app = App::start(&config, Arc::new(SystemClock), Entropy::Machine).await?;
    // Another process may add users while this one runs; their project is there already.
    first_project(&app.parts.govern).await?;
    if let (Some(email), Some(password)) = (arguments.first_owner, arguments.first_password) {
        make_first_owner(&app, email, super::password(password)?).await?;
    } else if !app.parts.govern.has_users().await? {
        tracing::warn!("nobody can log in yet; add an owner with `siyu user add --role owner`");
    }
    if let (Some(smtp), Some(page)) = (arguments.mailbox_smtp, arguments.mailbox_page) {
        let mailbox = mailbox::start(smtp, page, Some(config.data.join("mailbox"))).await?;
        tokio::spawn(mailbox);
    }
    server::run(app, &config).await
}

async fn make_first_owner(app: &App, email: String, password: String) -> Result<()> {
    let govern = &app.parts.govern;
    if govern.has_users().await? {
        return Ok(());
    }
    let viewer = Viewer::system(first_project(govern).await?);
    let name = email.split('@').next().unwrap_or_default().to_owned();
    let owner = NewMember { email, name, locale: "zh-CN".to_owned(), role: Role::Owner, password };
    govern.add_member(&viewer, owner).await.map(drop)
}
