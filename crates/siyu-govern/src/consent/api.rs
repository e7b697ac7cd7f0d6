//! HTTP of the ledger: what a person said, and writing down what was said.

use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use serde_json::json;
use siyu_http::{At, Body, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::identity::shown_hash;
use siyu_types::ports::{Directory, Known};
use siyu_types::{Error, Identifier, Permission, PersonNo, PersonalClass, Viewer};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Consent, ConsentState, EVERY_CHANNEL, Entry, How, Statement};
use super::purposes::{Purpose, is_minor, rules};
use super::{Position, record, store};
use crate::masking::mask;
use crate::{Govern, audit, govern};

/// Statements of one request.
const STATEMENTS_MAX: usize = 1_000;
const TEXT_CHARS_MAX: usize = 500;

#[derive(Clone)]
pub(super) struct Ledger {
    pub govern: Govern,
    pub people: Arc<dyn Directory>,
}

pub(super) fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(record_consents))
        .routes(routes!(get))
        .routes(routes!(history))
        .with_state(Ledger { govern, people })
}

impl Ledger {
    pub(super) fn person(&self, viewer: &Viewer, number: u32) -> siyu_types::Result<Known> {
        let known = self.people.of_number(viewer.project, PersonNo(number))?;
        known.ok_or_else(|| Error::not_found("person", number))
    }
}

/// Where a statement came from, and what shows it.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = ConsentProof)]
struct Proof {
    at: At,
    /// Absent in statements from before there was a record of it.
    recorded_at: Option<At>,
    /// Of the text that was shown.
    version: Option<i64>,
    source: String,
    how: Option<How>,
    evidence: String,
    /// Masked.
    identifier: String,
    /// `user:12`, `key:3` or `system`.
    recorded_by: String,
}

fn proof(consent: &Consent, entry: Option<&Entry>) -> Proof {
    let text = |read: fn(&Entry) -> &String| entry.map(|entry| read(entry).clone()).unwrap_or_default();
    Proof {
        at: At(consent.at),
        recorded_at: entry.and_then(|entry| entry.recorded_at).map(At),
        version: consent.version,
        source: consent.source.clone(),
        how: entry.and_then(|entry| entry.how),
        evidence: text(|entry| &entry.evidence),
        identifier: text(|entry| &entry.identifier),
        recorded_by: text(|entry| &entry.actor),
    }
}

/// What holds for one purpose and channel.
#[derive(Debug, Serialize, ToSchema)]
struct ConsentPosition {
    purpose: String,
    name_zh: String,
    name_en: String,
    essential: bool,
    sensitive: bool,
    /// `*`: not asked per channel.
    channel: String,
    /// Null: nothing was said.
    state: Option<ConsentState>,
    /// Whether the purpose may be served.
    allowed: bool,
    /// The text that is shown now.
    version: i64,
    proof: Option<Proof>,
}

fn position(found: Position, entries: &[Entry]) -> ConsentPosition {
    let Position { purpose, channel, state, allowed, by } = found;
    let proof = by.as_ref().map(|by| {
        let entry = by.entry.and_then(|id| entries.iter().find(|entry| entry.id == id));
        proof(by, entry)
    });
    let Purpose { id, definition, version, .. } = purpose;
    ConsentPosition {
        purpose: id,
        name_zh: definition.name_zh,
        name_en: definition.name_en,
        essential: definition.essential,
        sensitive: definition.sensitive,
        channel,
        state,
        allowed,
        version,
        proof,
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonConsents {
    person: u32,
    positions: Vec<ConsentPosition>,
    /// A child under fourteen: written to only with the consent of a guardian.
    minor: bool,
}

/// What holds for a person, by purpose and channel, with the proof of it.
#[utoipa::path(get, path = "/api/v1/people/{no}/consent", tag = "consent", operation_id = "get_person_consent",
    params(("no" = u32, Path)), responses((status = 200, body = PersonConsents)))]
async fn get(
    State(ledger): State<Ledger>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<PersonConsents>> {
    viewer.require(Permission::PeopleRead)?;
    let Ledger { govern, people } = &ledger;
    let known = ledger.person(&viewer, number)?;
    let positions = govern.positions(viewer.project, &known.numbers).await?;
    let ids: Vec<i64> = positions.iter().filter_map(|found| found.by.as_ref()?.entry).collect();
    let entries = store::entries(govern.db(), viewer.project, &ids).await?;
    let minor = match govern.minors(viewer.project).await? {
        Some(minors) => {
            let value = people.attribute(viewer.project, known.person, &minors.attribute)?;
            is_minor(minors.kind, value.as_ref(), govern.now(), &people.zone(viewer.project)?)
        }
        None => false,
    };
    let positions = positions.into_iter().map(|found| position(found, &entries)).collect();
    Ok(Json(PersonConsents { person: known.person.0, positions, minor }))
}

/// One statement of the ledger.
#[derive(Debug, Serialize, ToSchema)]
struct ConsentEntry {
    id: i64,
    /// The number the person had when it was said.
    person: u32,
    purpose: String,
    channel: String,
    state: ConsentState,
    proof: Proof,
}

/// Everything a person ever said, in the order in which it was recorded, newest first.
/// Nothing is ever changed or removed here.
#[utoipa::path(get, path = "/api/v1/people/{no}/consent/history", tag = "consent",
    operation_id = "get_person_consent_history", params(("no" = u32, Path), PageQuery),
    responses((status = 200, body = Page<ConsentEntry>)))]
async fn history(
    State(ledger): State<Ledger>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<ConsentEntry>>> {
    viewer.require(Permission::PeopleRead)?;
    let known = ledger.person(&viewer, number)?;
    let (before, limit) = (page.cursor_id()?.unwrap_or(i64::MAX), page.limit());
    let db = ledger.govern.db();
    let entries = store::history(db, viewer.project, &known.numbers, before, limit + 1).await?;
    let item = |entry: Entry| ConsentEntry {
        id: entry.id,
        person: entry.consent.person.0,
        purpose: entry.consent.purpose.clone(),
        channel: entry.consent.channel.clone(),
        state: entry.consent.state,
        proof: proof(&entry.consent, Some(&entry)),
    };
    Ok(Json(Page::cut(entries, limit, |entry| entry.id.to_string()).map(item)))
}

/// A statement to write down: about a person by number or by identifier.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStatement {
    person: Option<u32>,
    identifier: Option<Identifier>,
    purpose: String,
    /// `*` or absent: all channels.
    channel: Option<String>,
    state: ConsentState,
    /// Of the text that was shown; absent where that is not known.
    version: Option<i64>,
    /// Where it was said: a page, a shop, a system.
    source: String,
    how: How,
    /// When it was said; now if absent.
    at: Option<At>,
    /// What shows it, such as the number of a form.
    #[serde(default)]
    evidence: String,
    /// Statements with the same id are one; repeat a request as often as you like.
    id: Option<String>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewStatements {
    /// At most 1,000.
    items: Vec<NewStatement>,
}

/// What became of one statement.
#[derive(Debug, Serialize, ToSchema)]
struct StatementResult {
    /// Its number in the ledger, if it was written now.
    entry: Option<i64>,
    /// It was written before.
    repeated: bool,
    /// Why it was not written.
    error: Option<StatementError>,
}

#[derive(Debug, Serialize, ToSchema)]
struct StatementError {
    code: String,
    message: String,
    field: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct StatementResults {
    /// One per statement, in order.
    items: Vec<StatementResult>,
    recorded: u64,
}

/// Writes down what people said. Each statement counts by itself: those that cannot
/// be used are answered with the reason, the others are recorded.
#[utoipa::path(post, path = "/api/v1/consent/records", tag = "consent", operation_id = "record_consents",
    request_body = NewStatements, responses((status = 200, body = StatementResults)))]
async fn record_consents(
    State(ledger): State<Ledger>,
    Caller(viewer): Caller,
    Body(body): Body<NewStatements>,
) -> Result<Json<StatementResults>> {
    viewer.require(Permission::ProtectionManage)?;
    if body.items.is_empty() || body.items.len() > STATEMENTS_MAX {
        return Err(Error::invalid("items", format!("needs 1 to {STATEMENTS_MAX} statements")).into());
    }
    let govern = &ledger.govern;
    let now = govern.now();
    let register = govern.purposes(viewer.project).await?;
    let count = body.items.len();
    let read: Vec<siyu_types::Result<Statement>> =
        body.items.into_iter().map(|item| statement(&ledger, &viewer, &register, item)).collect();
    let mut items = Vec::with_capacity(count);
    let mut tx = govern.begin().await?;
    let mut people = Vec::new();
    for one in &read {
        items.push(match one {
            Ok(said) => {
                let entry = record(&mut tx, viewer.project, said, now).await?;
                if entry.is_some() && people.len() < 20 {
                    people.push(said.person.0);
                }
                StatementResult { entry, repeated: entry.is_none(), error: None }
            }
            Err(error) => StatementResult {
                entry: None,
                repeated: false,
                error: Some(StatementError {
                    code: error.code.as_str().to_owned(),
                    message: error.message.clone(),
                    field: error.field.clone(),
                }),
            },
        });
    }
    let recorded = items.iter().filter(|item| item.entry.is_some()).count() as u64;
    if recorded > 0 {
        let detail = json!({ "statements": recorded, "people": people });
        audit(&mut tx, &viewer, "consent.record", "consent", detail, now).await?;
    }
    govern::commit(tx).await?;
    Ok(Json(StatementResults { items, recorded }))
}

fn statement(
    ledger: &Ledger,
    viewer: &Viewer,
    register: &[Purpose],
    item: NewStatement,
) -> siyu_types::Result<Statement> {
    let purpose = register.iter().find(|purpose| purpose.id == item.purpose);
    let purpose = purpose.ok_or_else(|| Error::not_found("purpose", &item.purpose).at("purpose"))?;
    if purpose.definition.essential {
        return Err(Error::invalid("purpose", "is essential: it is not asked for"));
    }
    let channel = item.channel.unwrap_or_else(|| EVERY_CHANNEL.to_owned());
    rules::check_channel(&channel)?;
    if item.version.is_some_and(|version| version < 1 || version > purpose.version) {
        return Err(Error::invalid("version", format!("there are versions 1 to {}", purpose.version)));
    }
    for (field, text) in [("source", &item.source), ("evidence", &item.evidence)] {
        if text.chars().count() > TEXT_CHARS_MAX {
            return Err(Error::invalid(field, format!("at most {TEXT_CHARS_MAX} characters")));
        }
    }
    if item.source.trim().is_empty() {
        return Err(Error::invalid("source", "say where it was said"));
    }
    let now = ledger.govern.now();
    let at = item.at.map_or(now, |at| at.0);
    if at > now {
        return Err(Error::invalid("at", "lies in the future"));
    }
    let (known, identifier) = match (item.person, &item.identifier) {
        (Some(number), None) => (ledger.person(viewer, number)?, String::new()),
        (None, Some(identifier)) => {
            let known = ledger.people.of_identifier(viewer.project, identifier)?;
            let known = known.ok_or_else(|| {
                Error::new(siyu_types::ErrorCode::NotFound, "nobody has this identifier").at("identifier")
            })?;
            (known, masked(&ledger.people.kept(viewer.project, identifier)?))
        }
        _ => return Err(Error::invalid("person", "give either a person or an identifier")),
    };
    Ok(Statement {
        person: known.person,
        numbers: known.numbers,
        purpose: item.purpose,
        channel,
        state: item.state,
        version: item.version,
        source: item.source.trim().to_owned(),
        how: item.how,
        at,
        evidence: item.evidence.trim().to_owned(),
        identifier,
        actor: viewer.actor.as_text(),
        key: item.id.map(|id| format!("api:{id}")),
    })
}

/// `email:w**@example.com`.
fn masked(identifier: &Identifier) -> String {
    if let Some(shown) = shown_hash(&identifier.value) {
        return format!("{}:{shown}", identifier.namespace);
    }
    let class = siyu_types::personal::guess(&identifier.namespace).map_or(PersonalClass::Other, |f| f.class);
    format!("{}:{}", identifier.namespace, mask(class, &identifier.value))
}
