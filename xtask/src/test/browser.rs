//! The steps that use the built product as its users do: the console in a real
//! browser, and the SDKs that people already have.

use std::process::Command;

use super::{machine, python, web};
use crate::server::{self, Build, Server, Setup};
use crate::steps::{Context, Counts, count_tests};
use crate::{Outcome, demo, shell};

/// A server on a fresh folder, with an owner, a mailbox and nothing else.
fn fresh_server(name: &str, context: &Context) -> Outcome<(Server, Mailbox)> {
    let data = shell::workshop(name)?;
    server::fresh(&data)?;
    let log = context.log.with_extension("server.log");
    let mailbox = Mailbox { smtp: server::free_address()?, page: server::free_address()? };
    let words =
        ["--mailbox-smtp", &mailbox.smtp, "--mailbox-page", &mailbox.page].map(str::to_owned).to_vec();
    let setup = Setup { build: Build::Debug, data, listen: server::free_address()?, log, words };
    server::create_owner(&setup)?;
    Ok((Server::start(&setup)?, mailbox))
}

/// Where the server's mail goes, and where it can be read.
struct Mailbox {
    smtp: String,
    page: String,
}

/// What a browser test is told about the world.
fn tell(command: &mut Command, server: &Server, mailbox: &Mailbox) -> Outcome {
    let chromium = machine::chromium().ok_or("there is no Chromium")?;
    command
        .env("CHROMIUM", chromium)
        .env("SIYU_URL", format!("http://{}", server.client.address))
        .env("BASE_URL", format!("http://{}", server.client.address))
        .env("MAILBOX_URL", format!("http://{}", mailbox.page))
        .env("SIYU_EMAIL", server::EMAIL)
        .env("SIYU_PASSWORD", server::PASSWORD);
    Ok(())
}

/// The console on the seeded shop, with a definition of every kind.
pub fn console(context: &Context) -> Outcome<Counts> {
    let (server, mailbox) = fresh_server("browser-data", context)?;
    let tables = shell::workshop("browser-tables")?;
    server::fresh(&tables)?;
    let mut generator = Command::new(server::program(Build::Debug, "demo-data"));
    shell::run(&context.log, generator.arg("generated").arg(&tables))?;
    let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
    demo::fill(&api, &tables, &mailbox.smtp)?;

    let mut command = web::npm("console");
    tell(&mut command, &server, &mailbox)?;
    let text = shell::run(&context.log, command.args(["run", "--silent", "e2e"]))?;
    Ok(count_tests(&text))
}

/// Real clients; the tests that kill a server start one of their own.
pub fn clients(context: &Context) -> Outcome<Counts> {
    web::install("sdk/clients", &context.log)?;
    let python = python::clients(&context.log)?;
    let (server, mailbox) = fresh_server("clients-data", context)?;
    let mut command = web::npm("sdk/clients");
    tell(&mut command, &server, &mailbox)?;
    command.env("CLIENTS_PROGRAM", server::program(Build::Debug, "siyu")).env("CLIENTS_PYTHON", python);
    let text = shell::run(&context.log, command.args(["run", "--silent", "test"]))?;
    Ok(count_tests(&text))
}
