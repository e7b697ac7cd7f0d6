//! HTTP of receipts: a list of them, and raw mail as a mail server pipes it.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{DefaultBodyLimit, State};
use serde::{Deserialize, Serialize};
use siyu_connect::returned::{self, REPORT_BYTES_MAX, Returned, ReturnedKind};
use siyu_db::db_error;
use siyu_govern::audit;
use siyu_http::{At, Body, Caller, Json, Result};
use siyu_types::clock::Millis;
use siyu_types::{Error, ErrorCode, Permission, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::apply::apply;
use super::model::{About, Receipt, ReceiptKind, Said, Verdict};
use crate::Engage;

/// Receipts of one request, and characters of an id.
const RECEIPTS_MAX: usize = 1_000;
const ID_MAX: usize = 200;

pub(crate) fn routes(engage: Arc<Engage>) -> OpenApiRouter {
    let mail = OpenApiRouter::new().routes(routes!(mail)).layer(DefaultBodyLimit::max(REPORT_BYTES_MAX));
    OpenApiRouter::new().routes(routes!(receive)).merge(mail).with_state(engage)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReceipts {
    /// At most 1,000, in the order in which they happened.
    items: Vec<NewReceipt>,
}

/// One receipt. It names its message in one of three ways.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewReceipt {
    /// As in webhooks (`idempotency-key`) and events.
    send_id: Option<String>,
    /// The Message-ID of the mail.
    message_id: Option<String>,
    /// The provider's own id of the message; may come before we know it.
    provider_id: Option<String>,
    kind: ReceiptKind,
    /// For `bounced`: the address is dead and is not written to any more.
    #[serde(default)]
    permanent: bool,
    /// The provider's words. Addresses in them are not kept.
    reason: Option<String>,
    /// When it happened; now, if absent.
    time: Option<At>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Receipts {
    /// One per receipt, in order.
    items: Vec<ReceiptVerdict>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ReceiptVerdict {
    send_id: Option<String>,
    verdict: Verdict,
    /// What is wrong with an invalid item.
    problem: Option<String>,
}

/// Takes receipts of messages. Each may come any number of times, in any order.
#[utoipa::path(post, path = "/api/v1/receipts", tag = "receipts", operation_id = "send_receipts",
    request_body = NewReceipts, responses((status = 200, body = Receipts)))]
async fn receive(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    Body(body): Body<NewReceipts>,
) -> Result<Json<Receipts>> {
    viewer.require(Permission::ReceiptsWrite)?;
    if body.items.len() > RECEIPTS_MAX {
        return Err(Error::new(ErrorCode::TooLarge, format!("at most {RECEIPTS_MAX} receipts at a time"))
            .at("items")
            .with("limit", RECEIPTS_MAX.to_string())
            .into());
    }
    let now = engage.clock.now();
    let read: Vec<_> = body.items.into_iter().map(|item| receipt(item, now)).collect();
    let usable: Vec<Receipt> = read.iter().filter_map(|one| one.as_ref().ok().cloned()).collect();
    let mut verdicts = record(&engage, &viewer, &usable).await?.into_iter();
    let items = read.into_iter().map(|one| match one {
        Ok(receipt) => ReceiptVerdict {
            send_id: match receipt.about {
                About::Send(id) => Some(id),
                About::Provider(_) => None,
            },
            verdict: verdicts.next().unwrap_or(Verdict::Invalid),
            problem: None,
        },
        Err(problem) => {
            ReceiptVerdict { send_id: None, verdict: Verdict::Invalid, problem: Some(problem.to_owned()) }
        }
    });
    Ok(Json(Receipts { items: items.collect() }))
}

fn receipt(item: NewReceipt, now: Millis) -> std::result::Result<Receipt, &'static str> {
    let about = match (item.send_id, item.message_id, item.provider_id) {
        (Some(id), None, None) => About::Send(id.trim().to_ascii_lowercase()),
        // `<send id@domain>`, with or without the brackets.
        (None, Some(id), None) => {
            let id = id.trim().trim_matches(['<', '>']);
            About::Send(id.split('@').next().unwrap_or_default().to_ascii_lowercase())
        }
        (None, None, Some(id)) => About::Provider(id.trim().to_owned()),
        _ => return Err("give exactly one of send_id, message_id and provider_id"),
    };
    let (About::Send(id) | About::Provider(id)) = &about;
    if id.is_empty() || id.len() > ID_MAX {
        return Err("the id must have 1 to 200 characters");
    }
    let said = match (item.kind, item.permanent) {
        (ReceiptKind::Delivered, _) => Said::Delivered,
        (ReceiptKind::Bounced, true) => Said::Dead,
        (ReceiptKind::Bounced, false) => Said::Returned,
        (ReceiptKind::Complained, _) => Said::Complained,
        (ReceiptKind::Failed, _) => Said::Failed,
        (ReceiptKind::Delayed, _) => Said::Delayed,
    };
    let reason = returned::without_addresses(item.reason.as_deref().unwrap_or_default().trim());
    Ok(Receipt { about, said, reason, at: item.time.map_or(now, |at| at.0), source: "api" })
}

/// Applies receipts and notes in the audit how many changed something.
async fn record(engage: &Engage, viewer: &Viewer, receipts: &[Receipt]) -> Result<Vec<Verdict>> {
    let verdicts = apply(engage.delivery.parts(), viewer.project, receipts).await?;
    let applied = verdicts.iter().filter(|verdict| **verdict == Verdict::Applied).count();
    if applied > 0 {
        let mut tx = engage.db.begin().await?;
        let detail = serde_json::json!({ "receipts": receipts.len(), "applied": applied });
        audit(&mut tx, viewer, "receipts.record", "receipts", detail, engage.clock.now()).await?;
        tx.commit().await.map_err(db_error)?;
        engage.delivery.wake();
    }
    Ok(verdicts)
}

#[derive(Debug, Serialize, ToSchema)]
struct MailReceipts {
    /// False for mail that reports nothing, such as an automatic answer.
    recognised: bool,
    items: Vec<ReceiptVerdict>,
}

/// Takes one raw mail about our mail: a delivery status notification (RFC 3464), a
/// complaint (RFC 5965), or a return in free form.
#[utoipa::path(post, path = "/api/v1/receipts/mail", tag = "receipts", operation_id = "send_returned_mail",
    request_body(content = String, content_type = "message/rfc822", description = "The mail as it arrived."),
    responses((status = 200, body = MailReceipts)))]
async fn mail(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    body: std::result::Result<Bytes, BytesRejection>,
) -> Result<Json<MailReceipts>> {
    viewer.require(Permission::ReceiptsWrite)?;
    let raw = body.map_err(|rejection| match rejection.status() {
        http::StatusCode::PAYLOAD_TOO_LARGE => Error::new(ErrorCode::TooLarge, "the mail is too large")
            .with("limit_bytes", REPORT_BYTES_MAX.to_string()),
        _ => Error::new(ErrorCode::MalformedBody, "the body ended early"),
    })?;
    let now = engage.clock.now();
    let found = returned::read(&raw);
    let recognised = !found.is_empty();
    let mut items = Vec::new();
    for one in found {
        items.push(resolve(&engage, &viewer, one, now).await?);
    }
    Ok(Json(MailReceipts { recognised, items }))
}

/// The first of the named messages that is one of ours is meant.
async fn resolve(engage: &Engage, viewer: &Viewer, one: Returned, now: Millis) -> Result<ReceiptVerdict> {
    let said = match one.kind {
        ReturnedKind::Delivered => Said::Delivered,
        ReturnedKind::Underway => Said::Delayed,
        ReturnedKind::Dead => Said::Dead,
        ReturnedKind::Returned => Said::Returned,
        ReturnedKind::Refused => Said::Failed,
        ReturnedKind::Complained => Said::Complained,
    };
    for send_id in one.send_ids {
        let receipt = Receipt {
            about: About::Send(send_id.clone()),
            said,
            reason: one.reason.clone(),
            at: one.at.unwrap_or(now),
            source: "mail",
        };
        let verdict = record(engage, viewer, &[receipt]).await?.remove(0);
        if verdict != Verdict::UnknownMessage {
            return Ok(ReceiptVerdict { send_id: Some(send_id), verdict, problem: None });
        }
    }
    Ok(ReceiptVerdict { send_id: None, verdict: Verdict::UnknownMessage, problem: None })
}
