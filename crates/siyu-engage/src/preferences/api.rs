//! The public address of the page, and the API's way to make a link to it.

use std::sync::Arc;

use axum::extract::{Form, Path, Query, State};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use http::{HeaderMap, StatusCode, header};
use serde::{Deserialize, Serialize};
use siyu_db::db_error;
use siyu_govern::access::ClientAddress;
use siyu_govern::audit;
use siyu_govern::consent::{
    ConsentState, EVERY_CHANNEL, GUARDIAN, How, MARKETING, Purpose, Statement, is_minor, record,
};
use siyu_govern::masking::mask;
use siyu_http::{At, Caller, Json};
use siyu_types::error::{Error, Result};
use siyu_types::record::names;
use siyu_types::{Permission, PersonNo, PersonalClass};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Choice, Language, Note, Shown, Visitor};
use super::{data, page, rules};
use crate::Engage;
use crate::protection as lists;
use crate::tracking::{self, Token, html};

/// A link that was made by hand serves so long.
const LINK_DAYS: i64 = 30;
const DAY_MILLIS: i64 = 86_400_000;

pub(crate) fn routes(engage: Arc<Engage>) -> OpenApiRouter {
    // Not part of the described API: the page is for people.
    let public =
        Router::new().route("/preferences/{token}", get(show).post(change)).with_state(Arc::clone(&engage));
    OpenApiRouter::from(public).merge(OpenApiRouter::new().routes(routes!(link)).with_state(engage))
}

#[derive(Debug, Default, Deserialize)]
struct Asked {
    lang: Option<String>,
    saved: Option<String>,
    /// The code for a copy was wrong.
    wrong: Option<String>,
}

async fn show(
    State(engage): State<Arc<Engage>>,
    Path(token): Path<String>,
    Query(asked): Query<Asked>,
    address: Option<Extension<ClientAddress>>,
    headers: HeaderMap,
) -> Response {
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let language = rules::language(asked.lang.as_deref(), accepted.unwrap_or_default());
    let found = async {
        let Some(visitor) = visitor(&engage, &token, address).await? else { return Ok(None) };
        let note = match (&asked.saved, &asked.wrong) {
            (_, Some(_)) => Note::WrongCode,
            (Some(_), None) => Note::Saved,
            (None, None) => Note::None,
        };
        shown(&engage, &visitor, language, note).await.map(Some)
    };
    match found.await {
        Ok(Some(shown)) => html(StatusCode::OK, page::render(&shown)),
        Ok(None) => match engage.links.read(&token) {
            Some(Token::Preferences { .. }) => html(StatusCode::OK, tracking::sample()),
            _ => html(StatusCode::NOT_FOUND, tracking::invalid()),
        },
        Err(error) => failed(error),
    }
}

/// A page for people in place of the envelope for programs; noted in the log alike.
fn failed(error: Error) -> Response {
    let envelope = siyu_http::Failure(error).into_response();
    let mut response = html(envelope.status(), tracking::trouble());
    if let Some(seconds) = envelope.headers().get(header::RETRY_AFTER) {
        response.headers_mut().insert(header::RETRY_AFTER, seconds.clone());
    }
    response
}

/// Whom the link was signed for; `None` for everything else, without telling why.
async fn visitor(
    engage: &Engage,
    token: &str,
    address: Option<Extension<ClientAddress>>,
) -> Result<Option<Visitor>> {
    let read = engage.links.read(token);
    // Who has a link is slowed down alone; who tries some, with everybody at the address.
    match (&read, &address) {
        (Some(_), _) => engage.govern.admit_visitor(token)?,
        (None, Some(Extension(address))) => engage.govern.admit_visitor(&address.0)?,
        (None, None) => engage.govern.admit_visitor("unknown")?,
    }
    let (project, number, send) = match read {
        Some(Token::Preferences { send_id }) => match tracking::send(&engage.db, &send_id).await? {
            Some(send) => (send.project, send.person, Some(send)),
            None => return Ok(None),
        },
        Some(Token::Person { project, person, until }) if until > engage.clock.now() => {
            (project, person, None)
        }
        _ => return Ok(None),
    };
    let Some(view) = engage.audience.people(project, &[number])?.pop().flatten() else { return Ok(None) };
    let minor = match engage.govern.minors(project).await? {
        Some(minors) => {
            let (value, zone) =
                (view.attributes.get(&minors.attribute), engage.audience.project(project)?.zone);
            is_minor(minors.kind, value, engage.clock.now(), &zone)
        }
        None => false,
    };
    Ok(Some(Visitor { project, person: view.person, numbers: view.numbers, email: view.email, minor, send }))
}

async fn shown(engage: &Engage, visitor: &Visitor, language: Language, note: Note) -> Result<Shown> {
    let project = engage.audience.project(visitor.project)?;
    let mut choices = Vec::new();
    for position in engage.govern.positions(visitor.project, &visitor.numbers).await? {
        // Grown-ups need no guardian.
        if position.purpose.id == GUARDIAN && !visitor.minor {
            continue;
        }
        let text = engage.govern.consent_text(visitor.project, &position.purpose).await?;
        choices.push(Choice { position, zh: text.zh, en: text.en });
    }
    Ok(Shown {
        brand: project.name,
        address: visitor.email.as_deref().map(|email| mask(PersonalClass::Email, email)),
        choices,
        requests: data::requests(engage, visitor).await?,
        note,
        language,
        zone: project.zone,
    })
}

/// A tap on a switch, or a request.
#[derive(Debug, Deserialize)]
struct Tapped {
    lang: Option<String>,
    purpose: Option<String>,
    channel: Option<String>,
    /// Of the text that was on the page.
    version: Option<i64>,
    on: Option<u8>,
    request: Option<String>,
    /// What the person adds to a request.
    note: Option<String>,
    /// A copy that is fetched, and its code.
    copy: Option<i64>,
    code: Option<String>,
}

async fn change(
    State(engage): State<Arc<Engage>>,
    Path(token): Path<String>,
    address: Option<Extension<ClientAddress>>,
    Form(tapped): Form<Tapped>,
) -> Response {
    let language = rules::language(tapped.lang.as_deref(), "");
    // Back to where the finger was: a purpose that was tapped, or one's data.
    let place = match &tapped.purpose {
        Some(purpose) if rules::is_id(purpose) => format!("purpose-{purpose}"),
        _ => "data".to_owned(),
    };
    let back = |note: &str| {
        let back = format!("/preferences/{token}?lang={}&{note}=1#{place}", language.as_str());
        (StatusCode::SEE_OTHER, [(header::LOCATION, back)]).into_response()
    };
    let done = async {
        let Some(visitor) = visitor(&engage, &token, address).await? else { return Ok(None) };
        match (&tapped.request, tapped.copy) {
            (_, Some(copy)) => {
                let code = tapped.code.as_deref().unwrap_or_default();
                let fetched = data::fetch(&engage, &visitor, copy, code).await?;
                return Ok(Some(fetched.unwrap_or_else(|| back("wrong"))));
            }
            (Some(kind), None) => {
                let note = tapped.note.as_deref().unwrap_or_default();
                data::request(&engage, &visitor, kind, note, language).await?;
            }
            (None, None) => say(&engage, &visitor, &tapped).await?,
        }
        Ok(Some(back("saved")))
    };
    match done.await {
        Ok(Some(answer)) => answer,
        Ok(None) => html(StatusCode::NOT_FOUND, tracking::invalid()),
        // Whoever refuses must not be told that it worked when it did not.
        Err(error) => failed(error),
    }
}

async fn say(engage: &Engage, visitor: &Visitor, tapped: &Tapped) -> Result<()> {
    let id = tapped.purpose.as_deref().unwrap_or_default();
    let purpose = engage.govern.purpose(visitor.project, id).await?;
    if purpose.definition.essential {
        return Err(Error::invalid("purpose", "is essential: it cannot be refused"));
    }
    let channel = tapped.channel.as_deref().unwrap_or(EVERY_CHANNEL);
    if channel != EVERY_CHANNEL && !siyu_govern::consent::CHANNELS.contains(&channel) {
        return Err(Error::invalid("channel", "is not known"));
    }
    let grants = tapped.on == Some(1);
    let statement = statement(visitor, &purpose, channel, grants, tapped.version, engage.clock.now());
    let now = engage.clock.now();
    let mut tx = engage.db.begin().await?;
    record(&mut tx, visitor.project, &statement, now).await?;
    if grants && purpose.id == MARKETING {
        lift(engage, visitor, &mut tx, channel).await?;
    }
    let left = match &visitor.send {
        Some(send) if !grants && leaves(&mut tx, send.campaign, &purpose.id, channel).await? => {
            tracking::react(&mut tx, send, "unsubscribed", now).await? == 1
        }
        _ => false,
    };
    tx.commit().await.map_err(db_error)?;
    if let (Some(send), true) = (&visitor.send, left) {
        tracking::tell(engage, send, names::MESSAGE_UNSUBSCRIBED, None, now).await?;
    }
    Ok(())
}

fn statement(
    visitor: &Visitor,
    purpose: &Purpose,
    channel: &str,
    grants: bool,
    version: Option<i64>,
    now: i64,
) -> Statement {
    let email = visitor.email.as_deref();
    Statement {
        person: PersonNo(visitor.person),
        numbers: visitor.numbers.clone(),
        purpose: purpose.id.clone(),
        channel: channel.to_owned(),
        state: if grants { ConsentState::Granted } else { ConsentState::Withdrawn },
        version: version.filter(|version| (1..=purpose.version).contains(version)),
        source: "preference_page".to_owned(),
        how: How::Checkbox,
        at: now,
        evidence: visitor.evidence(),
        identifier: email
            .map(|email| format!("email:{}", mask(PersonalClass::Email, email)))
            .unwrap_or_default(),
        actor: "person".to_owned(),
        key: None,
    }
}

/// Whoever wants offers again is taken off the list of those who unsubscribed.
async fn lift(engage: &Engage, visitor: &Visitor, tx: &mut siyu_db::Tx, channel: &str) -> Result<()> {
    let channels =
        siyu_govern::consent::CHANNELS.iter().filter(|known| channel == EVERY_CHANNEL || **known == channel);
    for channel in channels {
        let mut targets: Vec<String> =
            visitor.numbers.iter().map(|number| lists::person_target(*number)).collect();
        if let Some(email) = &visitor.email {
            targets.push(lists::address_target(&engage.links.secret().address_hash(channel, email)));
        }
        lists::lift(tx, visitor.project, channel, &targets).await?;
    }
    Ok(())
}

/// Whether refusing this is leaving what the message was for.
async fn leaves(tx: &mut siyu_db::Tx, campaign: i64, purpose: &str, channel: &str) -> Result<bool> {
    let served = crate::campaigns::purpose_in(tx, campaign).await?;
    let by = crate::campaigns::channel_in(tx, campaign).await?;
    Ok(served == purpose && (channel == EVERY_CHANNEL || by == channel))
}

#[derive(Debug, Serialize, ToSchema)]
struct PreferenceLink {
    url: String,
    /// After that it leads nowhere.
    expires_at: At,
}

/// Makes a link to somebody's preferences, for an app, a chat or a call: whoever has
/// it can change what the person allows.
#[utoipa::path(post, path = "/api/v1/people/{no}/consent/link", tag = "consent", operation_id = "make_preference_link",
    params(("no" = u32, Path)), responses((status = 200, body = PreferenceLink)))]
async fn link(
    State(engage): State<Arc<Engage>>,
    Caller(viewer): Caller,
    siyu_http::Path(number): siyu_http::Path<u32>,
) -> siyu_http::Result<Json<PreferenceLink>> {
    viewer.require(Permission::ProtectionManage)?;
    let view = engage.audience.people(viewer.project, &[number])?.pop().flatten();
    let view = view.ok_or_else(|| Error::not_found("person", number))?;
    let now = engage.clock.now();
    let until = now + LINK_DAYS * DAY_MILLIS;
    let mut tx = engage.db.begin().await?;
    let detail = serde_json::json!({ "until": until });
    audit(&mut tx, &viewer, "consent.link", &format!("person:{}", view.person), detail, now).await?;
    tx.commit().await.map_err(db_error)?;
    let url = engage.links.preferences_of(viewer.project, view.person, until);
    Ok(Json(PreferenceLink { url, expires_at: At(until) }))
}
