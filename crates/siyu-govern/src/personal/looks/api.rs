//! HTTP: who looked at whom.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::extract::State;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::ports::Directory;
use siyu_types::{Error, Permission, PersonNo};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::model::{Day, Row, Subject, Wanted, What};
use super::{rules, store};
use crate::Govern;
use crate::personal::api::Office;

/// Looks at several people that are searched for one person by one request.
const SEARCHED_MAX: i64 = 5_000;
const DAYS_DEFAULT: i64 = 7;
const DAYS_MAX: i64 = 365;
const DAY_MILLIS: i64 = 86_400_000;

pub(in crate::personal) fn routes(govern: Govern, people: Arc<dyn Directory>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(looks))
        .routes(routes!(of_person))
        .routes(routes!(viewers))
        .with_state(Office { govern, people })
}

#[derive(Debug, Serialize, ToSchema)]
struct LookItem {
    id: i64,
    at: At,
    /// `user:12` or `key:3`.
    actor: String,
    actor_name: String,
    what: What,
    /// Null: several people.
    person: Option<u32>,
    /// How many people.
    people: u64,
    /// Of a page its parts, with commas; of a reveal `kind:name`; else which list or export.
    detail: String,
    /// Why a value was revealed; empty for other looks.
    reason: String,
    /// Every personal value was seen in the clear.
    clear: bool,
    /// Requests that are one look.
    times: i64,
}

fn item(row: Row) -> LookItem {
    let look = row.look;
    let person = match &look.subject {
        Subject::Person(number) => Some(*number),
        Subject::People(_) => None,
    };
    LookItem {
        id: row.id,
        at: At(look.at),
        actor: look.actor,
        actor_name: look.actor_name,
        what: look.what,
        person,
        people: look.subject.count() as u64,
        detail: look.detail,
        reason: look.reason,
        clear: look.clear,
        times: look.times,
    }
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct LooksQuery {
    /// Only by this viewer: `user:12` or `key:3`.
    actor: Option<String>,
    #[param(value_type = Option<String>)]
    what: Option<What>,
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<At>,
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<At>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Who looked at whom, newest first.
#[utoipa::path(get, path = "/api/v1/personal/looks", tag = "personal", operation_id = "personal_looks",
    params(LooksQuery), responses((status = 200, body = Page<LookItem>)))]
async fn looks(
    State(govern): State<Govern>,
    Caller(viewer): Caller,
    Params(query): Params<LooksQuery>,
) -> Result<Json<Page<LookItem>>> {
    viewer.require(Permission::PersonalAudit)?;
    govern.write_looks().await?;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let wanted = Wanted {
        actor: query.actor,
        what: query.what,
        from: query.from.map(|at| at.0),
        to: query.to.map(|at| at.0),
        before: page.cursor_id()?.unwrap_or(i64::MAX),
        limit: page.limit() + 1,
    };
    let rows = store::list(govern.db(), viewer.project, &wanted).await?;
    Ok(Json(Page::cut(rows, page.limit(), |row| row.id.to_string()).map(item)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PersonLooksQuery {
    #[param(value_type = Option<String>)]
    what: Option<What>,
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<At>,
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<At>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Who looked at a person, newest first: at their page, at single values, and at lists
/// and files they stood in.
#[utoipa::path(get, path = "/api/v1/people/{no}/looks", tag = "personal", operation_id = "person_looks",
    params(("no" = u32, Path), PersonLooksQuery), responses((status = 200, body = Page<LookItem>)))]
async fn of_person(
    State(office): State<Office>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
    Params(query): Params<PersonLooksQuery>,
) -> Result<Json<Page<LookItem>>> {
    viewer.require(Permission::PersonalAudit)?;
    office.govern.write_looks().await?;
    let known = office.people.of_number(viewer.project, PersonNo(number))?;
    let numbers = known.ok_or_else(|| Error::not_found("person", number))?.numbers;
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let wanted = Wanted {
        what: query.what,
        from: query.from.map(|at| at.0),
        to: query.to.map(|at| at.0),
        before: page.cursor_id()?.unwrap_or(i64::MAX),
        limit: page.limit() + 1,
        ..Wanted::default()
    };
    let db = office.govern.db();
    let mut rows = store::of_person(db, viewer.project, &numbers, &wanted).await?;
    let several = Wanted { limit: SEARCHED_MAX, ..wanted };
    let holds = |row: &Row| match &row.look.subject {
        Subject::People(people) => people.iter().any(|one| numbers.contains(one)),
        Subject::Person(_) => false,
    };
    rows.extend(store::of_several(db, viewer.project, &several).await?.into_iter().filter(holds));
    rows.sort_by_key(|row| std::cmp::Reverse(row.id));
    Ok(Json(Page::cut(rows, page.limit(), |row| row.id.to_string()).map(item)))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ViewersQuery {
    /// Days back, 1 to 365; 7 if absent.
    days: Option<i64>,
}

/// What one viewer looked at.
#[derive(Debug, Serialize, ToSchema)]
struct LookerItem {
    actor: String,
    actor_name: String,
    looks: i64,
    /// Of the day with most: people whose pages were opened or values revealed.
    people_max: i64,
    reveals: i64,
    exports: i64,
    /// Days on which it was unusually many people for this viewer, opened or in lists, newest first.
    unusual_days: Vec<String>,
    last_day: String,
}

/// Who looks at people, those with unusual days first, then by how much.
#[utoipa::path(get, path = "/api/v1/personal/viewers", tag = "personal", operation_id = "personal_viewers",
    params(ViewersQuery), responses((status = 200, body = Page<LookerItem>)))]
async fn viewers(
    State(office): State<Office>,
    Caller(viewer): Caller,
    Params(query): Params<ViewersQuery>,
) -> Result<Json<Page<LookerItem>>> {
    viewer.require(Permission::PersonalAudit)?;
    office.govern.write_looks().await?;
    let days = query.days.unwrap_or(DAYS_DEFAULT).clamp(1, DAYS_MAX);
    let now = office.govern.now();
    let zone = office.people.zone(viewer.project)?;
    let instant = jiff::Timestamp::from_millisecond(now).map_err(Error::internal)?;
    // One offset for all days: a change of the clocks moves an hour of one night.
    let offset = i64::from(zone.to_offset(instant).seconds()) * 1_000;
    let first = (now + offset) / DAY_MILLIS - days + 1;
    let from = (first - rules::USUAL_DAYS) * DAY_MILLIS - offset;
    let rows = store::days(office.govern.db(), viewer.project, from, offset).await?;
    let mut by_actor: BTreeMap<String, Vec<Day>> = BTreeMap::new();
    for row in rows {
        by_actor.entry(row.actor.clone()).or_default().push(row);
    }
    let mut items: Vec<LookerItem> = by_actor.into_values().filter_map(|days| looker(&days, first)).collect();
    items.sort_by_key(|item| std::cmp::Reverse((item.unusual_days.len(), item.looks)));
    Ok(Json(Page::whole(items)))
}

/// Of the days of one viewer, newest first; `None` if none is since `first`.
fn looker(days: &[Day], first: i64) -> Option<LookerItem> {
    let shown: Vec<&Day> = days.iter().filter(|day| day.day >= first).collect();
    let newest = shown.first()?;
    let unusually = |of: &Day, many: fn(&Day) -> i64, least: i64| {
        let before = days.iter().filter(|day| (of.day - rules::USUAL_DAYS..of.day).contains(&day.day));
        rules::unusual(many(of), &before.map(many).collect::<Vec<_>>(), least)
    };
    let unusual = shown.iter().filter(|day| {
        unusually(day, |day| day.people, rules::OPENED_MIN)
            || unusually(day, |day| day.listed, rules::LISTED_MIN)
    });
    Some(LookerItem {
        actor: newest.actor.clone(),
        actor_name: newest.actor_name.clone(),
        looks: shown.iter().map(|day| day.looks).sum(),
        people_max: shown.iter().map(|day| day.people).max().unwrap_or(0),
        reveals: shown.iter().map(|day| day.reveals).sum(),
        exports: shown.iter().map(|day| day.exports).sum(),
        unusual_days: unusual.map(|day| date(day.day)).collect(),
        last_day: date(newest.day),
    })
}

fn date(day: i64) -> String {
    let at = jiff::Timestamp::from_millisecond(day * DAY_MILLIS).unwrap_or_default();
    at.to_zoned(jiff::tz::TimeZone::UTC).date().to_string()
}
