//! `siyu mailbox`: all mail of the demo ends here, and can be read in a browser.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Path, Query, State};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use http::{StatusCode, header};
use siyu_connect::mail_catcher::{CaughtMail, MailCatcher};
use siyu_types::{Error, Result};
use tokio::net::TcpListener;

/// Mails on one page.
const PAGE_MAILS: usize = 100;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Where it takes mail.
    #[arg(long, default_value = "127.0.0.1:2525")]
    smtp: SocketAddr,
    /// Where the mail can be read.
    #[arg(long, default_value = "127.0.0.1:8025")]
    page: SocketAddr,
    /// Keeps the mails in this folder as well.
    #[arg(long)]
    folder: Option<PathBuf>,
}

pub(super) async fn run(arguments: Arguments) -> Result<()> {
    start(arguments.smtp, arguments.page, arguments.folder).await?.await;
    Ok(())
}

/// Listens on both addresses; the answer serves until it is dropped.
pub(super) async fn start(
    smtp: SocketAddr,
    page: SocketAddr,
    folder: Option<PathBuf>,
) -> Result<impl Future<Output = ()> + Send> {
    let catcher = Arc::new(MailCatcher::start(smtp, folder).await?);
    let listener = TcpListener::bind(page)
        .await
        .map_err(|error| Error::invalid("page", format!("cannot listen on {page}: {error}")))?;
    tracing::info!(smtp = %catcher.address(), page = %page, "the mailbox is open");
    let router = Router::new()
        .route("/", get(list))
        .route("/mails/{id}", get(show))
        .route("/mails/{id}/html", get(body))
        .route("/mails/{id}/raw", get(raw))
        .with_state(catcher);
    Ok(async move {
        if let Err(error) = axum::serve(listener, router).await {
            tracing::error!(%error, "the mailbox page ended");
        }
    })
}

#[derive(serde::Deserialize)]
struct Search {
    #[serde(default)]
    to: String,
}

async fn list(State(catcher): State<Arc<MailCatcher>>, Query(search): Query<Search>) -> Html<String> {
    let all = catcher.mails();
    let wanted =
        |mail: &&CaughtMail| search.to.is_empty() || mail.to.iter().any(|to| to.contains(&search.to));
    let rows: String = all
        .iter()
        .filter(wanted)
        .take(PAGE_MAILS)
        .map(|mail| {
            let subject = catcher.parsed(mail.id).map(|parsed| parsed.subject).unwrap_or_default();
            format!(
                "<tr><td>{}<td>{}<td><a href=\"/mails/{}\">{}</a></tr>",
                mail.id,
                escape(&mail.to.join(", ")),
                mail.id,
                escape(if subject.is_empty() { "(no subject)" } else { &subject }),
            )
        })
        .collect();
    let shown = all.iter().filter(wanted).count();
    Html(page(&format!(
        "<h1>Mailbox</h1><form><input name=\"to\" placeholder=\"to\" value=\"{}\"> <button>Find</button></form>\
         <p>{shown} mails, the newest {PAGE_MAILS} are shown.</p>\
         <table><thead><tr><th>No.<th>To<th>Subject</tr></thead><tbody>{rows}</tbody></table>",
        escape(&search.to),
    )))
}

async fn show(State(catcher): State<Arc<MailCatcher>>, Path(id): Path<u64>) -> Response {
    let Some(mail) = catcher.parsed(id) else { return StatusCode::NOT_FOUND.into_response() };
    let frame = match mail.html.is_some() {
        true => format!(
            "<iframe sandbox=\"allow-popups allow-popups-to-escape-sandbox\" src=\"/mails/{id}/html\"></iframe>"
        ),
        false => format!("<pre>{}</pre>", escape(mail.text.as_deref().unwrap_or_default())),
    };
    Html(page(&format!(
        "<p><a href=\"/\">Mailbox</a> · <a href=\"/mails/{id}/raw\">source</a></p><h1>{}</h1>\
         <p>From {}<br>To {}</p>{frame}",
        escape(&mail.subject),
        escape(&mail.from),
        escape(&mail.to),
    )))
    .into_response()
}

/// The mail's own page. It may not run scripts, nor reach the mailbox around it.
async fn body(State(catcher): State<Arc<MailCatcher>>, Path(id): Path<u64>) -> Response {
    const POLICY: &str = "sandbox allow-popups allow-popups-to-escape-sandbox; script-src 'none'";
    match catcher.parsed(id).and_then(|mail| mail.html) {
        // A mail's links open in a tab of their own.
        Some(html) => {
            let html = format!("<base target=\"_blank\">{html}");
            ([(header::CONTENT_SECURITY_POLICY, POLICY)], Html(html)).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn raw(State(catcher): State<Arc<MailCatcher>>, Path(id): Path<u64>) -> Response {
    match catcher.raw(id) {
        Some(raw) => ([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], raw.to_vec()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

fn page(body: &str) -> String {
    format!(
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Mailbox</title><style>\
         body{{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em}}\
         table{{border-collapse:collapse;width:100%}}td,th{{text-align:left;padding:.4em;border-bottom:1px solid #8884}}\
         iframe{{width:100%;height:70vh;border:1px solid #8884;background:#fff}}</style>{body}</html>"
    )
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
