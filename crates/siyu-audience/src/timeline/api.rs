//! The timeline over HTTP.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use axum::extract::State;
use serde::Deserialize;
use siyu_events::{Moment, Timeline};
use siyu_govern::consent::Consent;
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::clock::Millis;
use siyu_types::{Error, Permission, Viewer, calendar};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{
    ConsentItem, DayCount, EventCount, EventItem, Item, Kind, KindCount, LinkItem, Outline, Place,
};
use super::rules::{self, Either};
use crate::Audience;
use crate::audience::blocking;
use crate::notes::{self, NoteItem};
use crate::people::{masked_values, resolve, shown_identifiers, shown_props};
use crate::projects::Project;

/// Entries looked through for a text by one request; the cursor goes on from there.
pub const SEARCHED_MAX: usize = 20_000;
/// Rows read at once while looking for a text.
const SEARCHED_AT_ONCE: usize = 500;
/// Longest text to look for, in characters.
const QUERY_CHARS_MAX: usize = 100;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new().routes(routes!(timeline)).routes(routes!(outline)).with_state(audience)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TimelineQuery {
    /// Kinds to show, with commas: `event`, `order`, `message`, `consent`, `identity`, `note`; all if absent.
    kinds: Option<String>,
    /// Only events of these names, with commas.
    events: Option<String>,
    /// Only entries that hold this text, as the caller may see them.
    query: Option<String>,
    /// Only what happened before this instant.
    #[param(value_type = Option<String>, format = DateTime)]
    before: Option<At>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// What to show.
struct Wanted {
    kinds: Option<Vec<Kind>>,
    events: Option<Vec<String>>,
    /// In lower case.
    query: Option<String>,
    /// Only entries before it.
    before: Option<Place>,
    limit: usize,
}

impl TimelineQuery {
    fn wanted(self) -> siyu_types::Result<Wanted> {
        let list =
            |text: String| text.split(',').map(str::to_owned).filter(|word| !word.is_empty()).collect();
        let kinds: Option<Vec<String>> = self.kinds.map(list);
        let parse = |word: &String| {
            Kind::parse(word).ok_or_else(|| Error::invalid("kinds", format!("{word} is not a kind")))
        };
        let kinds =
            kinds.map(|words| words.iter().map(parse).collect::<siyu_types::Result<_>>()).transpose()?;
        let query = self.query.map(|query| query.trim().to_lowercase()).filter(|query| !query.is_empty());
        if query.as_ref().is_some_and(|query| query.chars().count() > QUERY_CHARS_MAX) {
            return Err(Error::invalid("query", format!("is longer than {QUERY_CHARS_MAX} characters")));
        }
        let cursor = self
            .cursor
            .map(|text| Place::parse(&text).ok_or_else(|| Error::invalid("cursor", "is not one of ours")));
        let jump = self.before.map(|At(time)| Place { time, rank: 0, seq: 0 });
        Ok(Wanted {
            kinds,
            events: self.events.map(list),
            query,
            before: cursor.transpose()?.or(jump),
            limit: PageQuery { cursor: None, limit: self.limit }.limit() as usize,
        })
    }
}

impl Wanted {
    fn kind(&self, kind: Kind) -> bool {
        self.kinds.as_ref().is_none_or(|kinds| kinds.contains(&kind))
    }

    /// Entries that are not events are left out as soon as events are asked for by name.
    fn other(&self, kind: Kind) -> bool {
        self.events.is_none() && self.kind(kind)
    }

    fn event(&self, name: &str) -> bool {
        self.kind(Kind::of_event(name))
            && self.events.as_ref().is_none_or(|names| names.iter().any(|n| n == name))
    }

    fn place(&self, place: Place) -> bool {
        self.before.is_none_or(|before| place < before)
    }

    /// Whether an entry holds the text that is looked for.
    fn text(&self, item: &Item) -> bool {
        let Some(query) = &self.query else { return true };
        let holds = |text: &str| text.to_lowercase().contains(query);
        let event = item.event.as_ref().is_some_and(|event| {
            holds(&event.name)
                || holds(&event.source)
                || event.props.values().any(|value| holds(&value.display()))
        });
        let consent =
            item.consent.as_ref().is_some_and(|consent| holds(&consent.channel) || holds(&consent.source));
        let identity = item.identity.as_ref();
        let identity = identity.is_some_and(|link| link.identifiers.iter().any(|id| holds(&id.value)));
        event || consent || identity || item.note.as_ref().is_some_and(|note| holds(note.text()))
    }
}

/// Everything that happened with a person, newest first.
#[utoipa::path(get, path = "/api/v1/people/{no}/timeline", tag = "timeline", operation_id = "people_timeline",
    params(("no" = u32, Path), TimelineQuery), responses((status = 200, body = Page<Item>)))]
async fn timeline(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Params(query): Params<TimelineQuery>,
) -> Result<Json<Page<Item>>> {
    viewer.require(Permission::PeopleRead)?;
    let wanted = query.wanted()?;
    let project = audience.project(&viewer)?;
    let (numbers, mut others) = others(&audience, &project, &viewer, number).await?;
    others.retain(|(place, item)| wanted.other(item.kind) && wanted.place(*place));
    let page = blocking(move || page(&project, &viewer, &numbers, &wanted, others));
    Ok(Json(page.await?))
}

/// The entries that are not events, newest first, with the numbers of the person.
async fn others(
    audience: &Audience,
    project: &Arc<Project>,
    viewer: &Viewer,
    number: u32,
) -> siyu_types::Result<(Vec<u32>, Vec<(Place, Item)>)> {
    let (numbers, links, own) = {
        let people = project.people.read();
        let person = resolve(&people, number)?;
        let own = masked_values(&people, viewer, person);
        (people.numbers(person), people.graph().said_of(person.0), own)
    };
    let mut all = Vec::new();
    let mut add = |time, kind: Kind, seq: u64, fill: &dyn Fn(&mut Item)| {
        let place = Place { time, rank: kind as u8, seq };
        let mut item = empty(place, kind);
        fill(&mut item);
        all.push((place, item));
    };
    for (at, link) in links.into_iter().enumerate() {
        let shown = LinkItem {
            identifiers: shown_identifiers(viewer, link.identifiers.into()),
            active: link.active,
            source: link.source,
        };
        add(link.first, Kind::Identity, at as u64, &|item| item.identity = Some(shown.clone()));
    }
    let statements = audience.inner.govern.consent_statements(project.id, &numbers).await?;
    for (at, consent) in statements.iter().enumerate() {
        add(consent.at, Kind::Consent, at as u64, &|item| item.consent = Some(consent_item(consent)));
    }
    for note in notes::of_person(audience, project.id, &numbers).await? {
        let (at, id) = (note.created_at, note.id);
        let shown = NoteItem::of(viewer, note, &own);
        add(at, Kind::Note, id as u64, &|item| item.note = Some(shown.clone()));
    }
    all.sort_by_key(|(place, _)| std::cmp::Reverse(*place));
    Ok((numbers, all))
}

fn consent_item(consent: &Consent) -> ConsentItem {
    ConsentItem {
        channel: consent.channel.clone(),
        purpose: consent.purpose.clone(),
        state: consent.state.as_str().to_owned(),
        source: consent.source.clone(),
    }
}

fn empty(place: Place, kind: Kind) -> Item {
    Item {
        key: place.text(),
        at: At(place.time),
        kind,
        session: None,
        event: None,
        consent: None,
        identity: None,
        note: None,
    }
}

/// One page of events and others together.
fn page(
    project: &Project,
    viewer: &Viewer,
    numbers: &[u32],
    wanted: &Wanted,
    others: Vec<(Place, Item)>,
) -> siyu_types::Result<Page<Item>> {
    let timeline = project.events.timeline(numbers)?;
    let moments = timeline.moments();
    let kinds: HashMap<u16, (Kind, bool)> = moments
        .iter()
        .map(|moment| moment.event)
        .collect::<BTreeSet<u16>>()
        .into_iter()
        .map(|event| (event, timeline.name(event)))
        .map(|(event, name)| (event, (Kind::of_event(name), wanted.event(name))))
        .collect();
    let timed: Vec<_> = moments.iter().map(|moment| (moment.time, kinds[&moment.event].0)).collect();
    let events = moments.iter().zip(rules::sessions(&timed)).filter_map(|(moment, session)| {
        let place = Place { time: moment.time, rank: 0, seq: moment.seq };
        (kinds[&moment.event].1 && wanted.place(place)).then_some((place, (*moment, session)))
    });
    let mut entries = rules::merged(events, others.into_iter());
    // A text needs the rows themselves, so they are read until enough were found.
    let at_once = if wanted.query.is_some() { SEARCHED_AT_ONCE } else { wanted.limit + 1 };
    let mut items: Vec<Item> = Vec::new();
    let mut searched = 0;
    let mut last = None;
    while items.len() <= wanted.limit && searched < SEARCHED_MAX {
        let some: Vec<_> = entries.by_ref().take(at_once).collect();
        if some.is_empty() {
            break;
        }
        searched += some.len();
        last = some.last().map(Either::place);
        items.extend(read(&timeline, viewer, some)?.into_iter().filter(|item| wanted.text(item)));
    }
    let full = items.len() > wanted.limit;
    let mut page = Page::cut(items, wanted.limit as i64, |item| item.key.clone());
    if !full && entries.next().is_some() {
        page.next_cursor = last.map(Place::text);
    }
    Ok(page)
}

/// An event to be read, and when its visit began.
type Pending = (Moment, Option<Millis>);

/// Reads the events among some entries.
fn read(
    timeline: &Timeline,
    viewer: &Viewer,
    entries: Vec<Either<Pending, Item>>,
) -> siyu_types::Result<Vec<Item>> {
    let moment = |entry: &Either<Pending, Item>| match entry {
        Either::Left(_, (moment, _)) => Some(*moment),
        Either::Right(..) => None,
    };
    let chosen: Vec<Moment> = entries.iter().filter_map(moment).collect();
    let mut rows = timeline.read(&chosen)?.into_iter();
    let item = |entry: Either<Pending, Item>| match entry {
        Either::Right(_, item) => Some(item),
        Either::Left(place, (_, session)) => {
            let row = rows.next()?;
            let mut item = empty(place, Kind::of_event(&row.name));
            item.session = session.map(At);
            let props = shown_props(viewer, row.props.clone());
            let masked = props.iter().filter(|(name, shown)| row.props.get(*name) != Some(*shown));
            let masked = masked.map(|(name, _)| name.clone()).collect();
            item.event = Some(EventItem { seq: row.seq, name: row.name, props, masked, source: row.source });
            Some(item)
        }
    };
    Ok(entries.into_iter().filter_map(item).collect())
}

/// What there is on a person's timeline: kinds, names of events, and days.
#[utoipa::path(get, path = "/api/v1/people/{no}/timeline/outline", tag = "timeline",
    operation_id = "people_timeline_outline", params(("no" = u32, Path)), responses((status = 200, body = Outline)))]
async fn outline(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<Outline>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let (numbers, others) = others(&audience, &project, &viewer, number).await?;
    let outline = blocking(move || outlined(&project, &numbers, &others));
    Ok(Json(outline.await?))
}

fn outlined(project: &Project, numbers: &[u32], others: &[(Place, Item)]) -> siyu_types::Result<Outline> {
    let timeline = project.events.timeline(numbers)?;
    let mut names: HashMap<u16, u64> = HashMap::new();
    timeline.moments().iter().for_each(|moment| *names.entry(moment.event).or_default() += 1);
    let mut kinds: HashMap<Kind, u64> = HashMap::new();
    let mut events: Vec<EventCount> = Vec::new();
    for (event, count) in names {
        let event = timeline.name(event).to_owned();
        let kind = Kind::of_event(&event);
        *kinds.entry(kind).or_default() += count;
        events.push(EventCount { event, kind, count });
    }
    others.iter().for_each(|(_, item)| *kinds.entry(item.kind).or_default() += 1);
    events.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.event.cmp(&b.event)));
    let mut times: Vec<i64> = timeline.moments().iter().map(|moment| moment.time).collect();
    times.extend(others.iter().map(|(place, _)| place.time));
    times.sort_unstable();
    let zone = project.zone();
    let mut days: Vec<DayCount> = Vec::new();
    // Working out a date is dear; most events fall on the day of the one before.
    let mut until = i64::MIN;
    for time in times {
        if time >= until {
            let date = calendar::local_date(time, &zone);
            until = date.tomorrow().map_or(i64::MAX, |next| calendar::day_start(next, &zone));
            days.push(DayCount { date: date.to_string(), count: 0 });
        }
        if let Some(day) = days.last_mut() {
            day.count += 1;
        }
    }
    let kinds = Kind::ALL.into_iter().filter_map(|kind| Some(KindCount { kind, count: *kinds.get(&kind)? }));
    Ok(Outline { kinds: kinds.collect(), events, days })
}
