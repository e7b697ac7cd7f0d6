//! `cargo xtask demo`: from a fresh clone to a working product with a year of a
//! real shop's data, loaded through the product's own import.

mod load;
mod packages;
mod seeds;

use std::fs;
use std::path::Path;

use crate::http::Client;
use crate::server::{self, Build, Server, Setup};
use crate::test::web;
use crate::{Outcome, shell};

/// Where the demo listens; `--port` moves the first.
const PORT: u16 = 8080;
const MAIL_SMTP: &str = "127.0.0.1:2525";
const MAIL_PAGE: &str = "127.0.0.1:8025";
/// Changed when the tables or seeds change, so that old data is loaded anew.
const EDITION: &str = "2";

struct Wishes {
    port: u16,
    fresh: bool,
    generated: bool,
    /// End when the data is loaded, instead of serving.
    load_only: bool,
}

pub fn main(words: &[String]) -> Outcome {
    let wishes = wishes(words)?;
    let folder = shell::root().join("demo-data");
    let log = shell::workshop("logs")?.join("demo.log");
    build(&log)?;

    let setup = Setup {
        build: Build::Release,
        data: folder.join("siyu"),
        listen: format!("127.0.0.1:{}", wishes.port),
        log: folder.join("server.log"),
        words: ["--mailbox-smtp", MAIL_SMTP, "--mailbox-page", MAIL_PAGE].map(str::to_owned).to_vec(),
    };
    let loaded = folder.join("loaded");
    let known = fs::read_to_string(&loaded).unwrap_or_default();
    let server = if known.starts_with(EDITION) && !wishes.fresh {
        println!(
            "[3/3] the data is there already ({}); --fresh loads it anew",
            known.trim_start_matches(EDITION).trim()
        );
        Server::start(&setup)?
    } else {
        // A half-loaded folder is worth nothing.
        let _ = fs::remove_file(&loaded);
        let source = packages::tables(&folder, wishes.generated, &log)?;
        server::fresh(&setup.data)?;
        server::create_owner(&setup)?;
        let server = Server::start(&setup)?;
        let api = server.client.sign_in(server::EMAIL, server::PASSWORD)?;
        load::all(&api, &folder.join("import"))?;
        seeds::all(&api, MAIL_SMTP, &source)?;
        fs::write(&loaded, format!("{EDITION} {}\n", source.title()))
            .map_err(|e| format!("write the mark: {e}"))?;
        server
    };
    println!();
    println!("siyu is ready at http://{}", setup.listen);
    println!("  log in with {} and the password {}", server::EMAIL, server::PASSWORD);
    println!("  every mail that it sends lands at http://{MAIL_PAGE}, nowhere else");
    println!("  the server's log is {}; Ctrl+C ends it", setup.log.display());
    if wishes.load_only { server.stop() } else { server.wait() }
}

fn wishes(words: &[String]) -> Outcome<Wishes> {
    let mut wishes = Wishes { port: PORT, fresh: false, generated: false, load_only: false };
    let mut words = words.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "--fresh" => wishes.fresh = true,
            "--generated" => wishes.generated = true,
            "--load-only" => wishes.load_only = true,
            "--port" => {
                let port = words.next().and_then(|port| port.parse().ok());
                wishes.port = port.ok_or("--port needs a number")?;
            }
            _ => {
                return Err(format!(
                    "demo does not know {word:?}: --fresh, --generated, --port N, --load-only"
                ));
            }
        }
    }
    Ok(wishes)
}

fn build(log: &Path) -> Outcome {
    println!("[1/3] building the console");
    // The console hands out the web SDK, so that is built first.
    web::install("sdk/web", log)?;
    web::script("sdk/web", "build", log)?;
    web::install("console", log)?;
    web::script("console", "build", log)?;
    println!("[2/3] building the server (the first time this takes minutes)");
    let arguments = ["build", "--release", "--package", "siyu", "--package", "siyu-testkit", "--bins"];
    shell::run(log, shell::cargo().args(arguments))?;
    Ok(())
}

/// Fills a running server with the seeded shop's tables, for the browser tests.
pub fn fill(api: &Client, tables: &Path, smtp: &str) -> Outcome {
    load::all(api, tables)?;
    seeds::all(api, smtp, &packages::Source::Generated)
}
