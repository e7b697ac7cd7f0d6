//! The steps that use the built product as its users do: the console in a real
//! browser, and the SDKs that people already have.

use std::process::Command;

use super::machine;
use super::web;
use crate::server::{self, Build, Server, Setup};
use crate::steps::{Context, Counts, count_tests};
use crate::{Outcome, shell};

/// A server on a fresh folder, with an owner.
fn fresh_server(name: &str, context: &Context) -> Outcome<Server> {
    let data = shell::workshop(name)?;
    server::fresh(&data)?;
    let log = context.log.with_extension("server.log");
    let setup = Setup { build: Build::Debug, data, listen: server::free_address()?, log, words: Vec::new() };
    server::create_owner(&setup)?;
    Server::start(&setup)
}

/// What a browser test is told about the world.
fn tell(command: &mut Command, server: &Server) -> Outcome {
    let chromium = machine::chromium().ok_or("there is no Chromium")?;
    command
        .env("CHROMIUM", chromium)
        .env("SIYU_URL", format!("http://{}", server.client.address))
        .env("SIYU_EMAIL", server::EMAIL)
        .env("SIYU_PASSWORD", server::PASSWORD);
    Ok(())
}

pub fn console(context: &Context) -> Outcome<Counts> {
    let server = fresh_server("browser-data", context)?;
    let mut command = web::npm("console");
    tell(&mut command, &server)?;
    let text = shell::run(&context.log, command.args(["run", "--silent", "e2e"]))?;
    Ok(count_tests(&text))
}

pub fn clients(context: &Context) -> Outcome<Counts> {
    web::install("sdk/clients", &context.log)?;
    let server = fresh_server("clients-data", context)?;
    let mut command = web::npm("sdk/clients");
    tell(&mut command, &server)?;
    let text = shell::run(&context.log, command.args(["run", "--silent", "test"]))?;
    Ok(count_tests(&text))
}
