//! People and attributes over HTTP.

use std::collections::{BTreeMap, BTreeSet};

use axum::extract::State;
use serde::{Deserialize, Serialize};
use siyu_analytics::PersonColumns;
use siyu_events::TimelinePage;
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::calendar::local_date;
use siyu_types::clock::Millis;
use siyu_types::identity::is_hashed;
use siyu_types::{Error, Identifier, Permission, PersonNo, Props, Value, Viewer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::view::{PersonItem, person_items, shown_identifiers, shown_props, shown_tag, shown_value};
use super::{People, api_attributes};
use crate::Audience;
use crate::advice::{Advice, Facts, advise};
use crate::audience::blocking;
use crate::evaluation;
use crate::orders::{self, Lifecycle, PersonValue};
use crate::projects::{Definitions, Project};

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(events))
        .with_state(audience.clone())
        .merge(api_attributes::routes(audience))
}

/// The attribute that holds it, a date or a month and a day.
const BIRTHDAY: &str = "birthday";

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PeopleQuery {
    /// An identifier, the end of a phone number, the start of a log-in, part of a
    /// name, or `#` and a person's number.
    query: Option<String>,
    /// Only members of this segment.
    segment: Option<i64>,
    cursor: Option<String>,
    limit: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Person {
    person: u32,
    /// All numbers that are this person; events keep the one they came with.
    members: Vec<u32>,
    identifiers: Vec<Identifier>,
    /// Namespaces whose values the caller sees masked; they can be revealed one by one.
    masked_identifiers: Vec<String>,
    attributes: Props,
    /// Attributes the caller sees masked.
    masked_attributes: Vec<String>,
    /// Where each attribute comes from, by its name.
    origins: BTreeMap<String, AttributeOrigin>,
    /// By directory, then name.
    tags: Vec<PersonTag>,
    /// As last counted.
    segments: Vec<PersonSegment>,
    stats: PersonStats,
    value: PersonValue,
    /// Null for somebody who was never seen.
    lifecycle: Option<Lifecycle>,
    /// What to do next, the most pressing first; at most three.
    advice: Vec<Advice>,
}

#[derive(Debug, Serialize, ToSchema)]
struct AttributeOrigin {
    /// When it was last said, by the clock of whoever said it.
    at: At,
    /// Since when it stands.
    since: At,
    /// Empty for what was kept before sources were.
    source: String,
    /// Whose number it came with.
    identifier: Option<Identifier>,
    /// More was said than what holds now.
    has_history: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonTag {
    id: i64,
    name: String,
    /// Path in the tag tree, `会员/价值`; empty for none.
    directory: String,
    value: Value,
    /// It is a class of RFM.
    rfm: bool,
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonSegment {
    id: i64,
    name: String,
    /// The count that first saw them as a member; null where it was not counted yet.
    since: Option<At>,
    /// They were none at this instant; null if they may have been one for longer.
    not_before: Option<At>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonStats {
    events: u64,
    first_seen: Option<At>,
    last_seen: Option<At>,
    /// Where the first and the last event came from; null if not known.
    first_source: Option<String>,
    last_source: Option<String>,
}

/// People, latest known first, with personal values as the caller may see them.
#[utoipa::path(get, path = "/api/v1/people", tag = "people", operation_id = "people_list", params(PeopleQuery),
    responses((status = 200, body = Page<PersonItem>)))]
async fn list(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Params(query): Params<PeopleQuery>,
) -> Result<Json<Page<PersonItem>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let as_of = audience.now();
    let PeopleQuery { query, segment, cursor, limit } = query;
    let page = PageQuery { cursor, limit };
    let (cursor, limit) = (page.cursor_id()?, page.limit());
    let by = viewer.clone();
    let page = blocking(move || {
        let mut group = match segment {
            Some(id) => evaluation::members(&project, id, as_of)?,
            None => project.people.read().universe().clone(),
        };
        if let Some(query) = query.filter(|query| !query.trim().is_empty()) {
            group &= project.people.read().search(&viewer, &query);
        }
        Ok(person_items(&project, &viewer, &group, cursor, limit))
    });
    Ok(Json(audience.listed(&by, "people", page.await?).await?))
}

/// The living person a number belongs to.
pub(crate) fn resolve(people: &People, number: u32) -> siyu_types::Result<PersonNo> {
    let person = people.person_of(PersonNo(number));
    if people.exists(person) { Ok(person) } else { Err(Error::not_found("person", number)) }
}

/// Everything about one person. A number that was merged answers the person it is
/// part of now.
#[utoipa::path(get, path = "/api/v1/people/{no}", tag = "people", operation_id = "people_get", params(("no" = u32, Path)),
    responses((status = 200, body = Person)))]
async fn get(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<Person>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let now = audience.now();
    let person = blocking({
        let viewer = viewer.clone();
        let project = project.clone();
        move || describe(&project, &viewer, number, now)
    })
    .await?;
    Ok(Json(person))
}

fn describe(project: &Project, viewer: &Viewer, number: u32, now: Millis) -> siyu_types::Result<Person> {
    let definitions = project.definitions();
    let numbers = {
        let people = project.people.read();
        people.numbers(resolve(&people, number)?)
    };
    let orders = orders::of_timeline(&project.events.timeline(&numbers)?)?;
    let people = project.people.read();
    let person = resolve(&people, number)?;
    let activity = people.activity(person);
    let value = orders::value(&orders, now);
    let source = |seen: Option<Millis>, code| {
        Some(people.source_name(code).to_owned()).filter(|name| seen.is_some() && !name.is_empty())
    };
    let Attributes { shown: attributes, origins, masked: masked_attributes } =
        attributes_of(&people, viewer, person);
    let identifiers = people.identifiers(person);
    let shown = shown_identifiers(viewer, identifiers.clone());
    let masked =
        identifiers.into_iter().zip(&shown).filter(|(id, shown)| id != *shown && !is_hashed(&id.value));
    let masked: BTreeSet<String> = masked.map(|(id, _)| id.namespace).collect();
    let lifecycle = orders::lifecycle(activity.first_seen(), activity.last_seen(), &value, now);
    let birthday = match attributes.get(BIRTHDAY) {
        Some(Value::Text(text)) if !masked_attributes.iter().any(|name| name == BIRTHDAY) => {
            Some(text.as_str())
        }
        _ => None,
    };
    let namespaces: Vec<&str> =
        shown.iter().map(|id| id.namespace.split(':').next().unwrap_or_default()).collect();
    let advice = advise(&Facts {
        orders: &orders,
        value: &value,
        lifecycle: lifecycle.as_ref(),
        birthday,
        namespaces: &namespaces,
        today: local_date(now, &project.zone()),
        now,
    });
    Ok(Person {
        person: person.0,
        members: people.numbers(person),
        identifiers: shown,
        masked_identifiers: masked.into_iter().collect(),
        attributes,
        masked_attributes,
        origins,
        tags: tags_of(&people, viewer, &definitions, person),
        segments: segments_of(project, &people, &definitions, person),
        stats: PersonStats {
            events: activity.events,
            first_seen: activity.first_seen().map(At),
            last_seen: activity.last_seen().map(At),
            first_source: source(activity.first_seen(), activity.first_source),
            last_source: source(activity.last_seen(), activity.last_source),
        },
        lifecycle,
        value,
        advice,
    })
}

/// Values and origins by attribute, as this caller may see them.
#[derive(Default)]
struct Attributes {
    shown: Props,
    origins: BTreeMap<String, AttributeOrigin>,
    masked: Vec<String>,
}

fn attributes_of(people: &People, viewer: &Viewer, person: PersonNo) -> Attributes {
    let mut attributes = Attributes::default();
    for origin in people.provenance(person) {
        let value = shown_value(viewer, &origin.name, origin.value.clone());
        if value != origin.value {
            attributes.masked.push(origin.name.clone());
        }
        attributes.shown.insert(origin.name.clone(), value);
        let shown = AttributeOrigin {
            at: At(origin.at),
            since: At(origin.since),
            source: origin.source,
            identifier: shown_identifiers(viewer, origin.identifier.into_iter().collect()).pop(),
            has_history: origin.has_history,
        };
        attributes.origins.insert(origin.name, shown);
    }
    attributes
}

fn tags_of(people: &People, viewer: &Viewer, definitions: &Definitions, person: PersonNo) -> Vec<PersonTag> {
    let value = |(id, tag): (&i64, &crate::projects::KnownTag)| {
        Some(PersonTag {
            id: *id,
            name: tag.display.clone(),
            directory: tag.directory.clone(),
            value: shown_tag(viewer, people.tag_value(person, *id)?),
            rfm: matches!(tag.definition, crate::tags::Definition::Rfm(_)),
        })
    };
    let mut tags: Vec<PersonTag> = definitions.tags.iter().filter_map(value).collect();
    tags.sort_by(|a, b| (&a.directory, &a.name).cmp(&(&b.directory, &b.name)));
    tags
}

fn segments_of(
    project: &Project,
    people: &People,
    definitions: &Definitions,
    person: PersonNo,
) -> Vec<PersonSegment> {
    let numbers = people.numbers(person);
    let is_in = |id: &i64| people.segment(*id).is_some_and(|members| members.contains(person.0));
    definitions
        .segments
        .iter()
        .filter(|(id, _)| is_in(id))
        .map(|(id, segment)| {
            let since = crate::segments::since(project, *id, segment, &numbers);
            PersonSegment {
                id: *id,
                name: segment.name.clone(),
                since: since.map(|since| At(since.at)),
                not_before: since.and_then(|since| since.not_before).map(At),
            }
        })
        .collect()
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// `next_cursor` of the page before.
    before: Option<String>,
    limit: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PersonEvent {
    time: At,
    seq: u64,
    event: String,
    props: Props,
    source: String,
}

/// What a person did, newest first.
#[utoipa::path(get, path = "/api/v1/people/{no}/events", tag = "people", operation_id = "people_events",
    params(("no" = u32, Path), EventsQuery), responses((status = 200, body = Page<PersonEvent>)))]
async fn events(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Params(query): Params<EventsQuery>,
) -> Result<Json<Page<PersonEvent>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let before = query.before.as_deref().map(parse_place).transpose()?;
    let limit = PageQuery { cursor: None, limit: query.limit }.limit();
    let rows = blocking(move || {
        let numbers = {
            let people = project.people.read();
            let person = resolve(&people, number)?;
            people.numbers(person)
        };
        project.events.person(&numbers, TimelinePage { before, limit: limit as usize + 1 })
    })
    .await?;
    let items = rows.into_iter().map(|row| PersonEvent {
        time: At(row.time),
        seq: row.seq,
        event: row.name,
        props: shown_props(&viewer, row.props),
        source: row.source,
    });
    Ok(Json(Page::cut(items.collect(), limit, |event| format!("{}.{}", event.time.0, event.seq))))
}

/// `time.seq` of the last event seen.
fn parse_place(text: &str) -> siyu_types::Result<(i64, u64)> {
    let place = text.split_once('.').and_then(|(time, seq)| Some((time.parse().ok()?, seq.parse().ok()?)));
    place.ok_or_else(|| Error::invalid("before", "is not one of ours"))
}
