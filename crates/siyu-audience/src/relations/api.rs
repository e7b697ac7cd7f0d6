//! How people are related, over HTTP.

use axum::extract::State;
use serde::{Deserialize, Serialize};
use siyu_http::{At, Caller, Json, Page, PageQuery, Params, Path, Result};
use siyu_types::clock::Millis;
use siyu_types::relation::{RelationKind, RelationSide};
use siyu_types::{Error, ErrorCode, Permission, PersonNo, Viewer};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::conflicts::Conflict;
use super::model::{KnownKind, NO_WORD, OPEN, Obstacle};
use super::reading::Related;
use super::tree::{BELOW_MAX, DEPTH_MAX};
use crate::Audience;
use crate::audience::blocking;
use crate::people::{People, PersonItem, person_item, resolve};

/// Others shown of one kind on the page of a person; all are in the list of the kind.
const SHOWN_MAX: usize = 20;
/// Relations of the past, and conflicts, shown of one person.
const PAST_MAX: usize = 50;
/// Levels below somebody that are looked through if nobody says how many.
const DEPTH: u32 = 10;
/// Those next below who are shown with what is below them.
const BRANCHES_MAX: usize = 100;

pub(crate) fn routes(audience: Audience) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(kinds))
        .routes(routes!(conflicts))
        .routes(routes!(of_person))
        .routes(routes!(others))
        .routes(routes!(tree))
        .with_state(audience.clone())
        .merge(super::api_changes::routes(audience))
}

/// A kind of relation, with how many there are.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RelationKindItem {
    #[serde(flatten)]
    kind: RelationKind,
    /// Declared by the project, rather than known to every one.
    own: bool,
    /// Whether it takes new relations.
    active: bool,
    /// Kept, those that ended included.
    ties: u64,
}

pub(super) fn kind_items(people: &People) -> Page<RelationKindItem> {
    let relations = people.relations();
    let mut counts = vec![0u64; relations.kinds.len()];
    relations.ties.iter().for_each(|tie| counts[usize::from(tie.kind)] += 1);
    let item = |(known, ties): (&KnownKind, u64)| RelationKindItem {
        kind: known.kind.clone(),
        own: known.own,
        active: known.active,
        ties,
    };
    Page::whole(relations.kinds.iter().zip(counts).map(item).collect())
}

/// The kinds of relations of the project.
#[utoipa::path(get, path = "/api/v1/relations/kinds", tag = "relations", operation_id = "relations_kinds",
    responses((status = 200, body = Page<RelationKindItem>)))]
async fn kinds(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
) -> Result<Json<Page<RelationKindItem>>> {
    viewer.require(Permission::ProjectRead)?;
    let project = audience.project(&viewer)?;
    Ok(Json(kind_items(&project.people.read())))
}

/// A statement that was not carried out.
#[derive(Debug, Serialize, ToSchema)]
struct RelationConflict {
    kind: String,
    obstacle: Obstacle,
    /// The people it was said of, as known now.
    from: PersonItem,
    to: PersonItem,
    source: String,
    first: At,
    last: At,
    count: u64,
}

fn shown_conflict(people: &People, viewer: &Viewer, conflict: &Conflict) -> RelationConflict {
    let person = |number: u32| person_item(people, viewer, people.person_of(PersonNo(number)));
    RelationConflict {
        kind: conflict.kind.clone(),
        obstacle: conflict.obstacle,
        from: person(conflict.from),
        to: person(conflict.to),
        source: conflict.source.clone(),
        first: At(conflict.first),
        last: At(conflict.last),
        count: conflict.count,
    }
}

/// Relations that were said and refused, latest first.
#[utoipa::path(get, path = "/api/v1/relations/conflicts", tag = "relations", operation_id = "relations_conflicts",
    params(PageQuery), responses((status = 200, body = Page<RelationConflict>)))]
async fn conflicts(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Params(page): Params<PageQuery>,
) -> Result<Json<Page<RelationConflict>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    // The list is bounded and changes while it is read: the cursor is a place in it.
    let from = page.cursor_id()?.unwrap_or(0).max(0) as usize;
    let found = {
        let people = project.people.read();
        let all = people.relations().conflicts().list();
        let (total, limit) = (all.len(), page.limit() as usize);
        let shown = all.into_iter().skip(from).take(limit);
        let items: Vec<_> = shown.map(|one| shown_conflict(&people, &viewer, one)).collect();
        let next_cursor = (from + limit < total).then(|| (from + limit).to_string());
        Page { items, next_cursor, total: Some(total as u64) }
    };
    let mut numbers: Vec<u32> = found.items.iter().flat_map(|one| [one.from.person, one.to.person]).collect();
    numbers.sort_unstable();
    numbers.dedup();
    audience.looked(&viewer, "relation_conflicts", numbers).await?;
    Ok(Json(found))
}

/// Somebody else, and how they are related with the person.
#[derive(Debug, Serialize, ToSchema)]
struct RelatedPerson {
    other: PersonItem,
    since: At,
    /// Null while it is not known to end.
    until: Option<At>,
    source: String,
    /// Who said so by hand, and why.
    by: Option<String>,
    reason: Option<String>,
}

fn related_person(people: &People, viewer: &Viewer, related: Related) -> RelatedPerson {
    let relations = people.relations();
    let tie = &relations.ties[related.tie as usize];
    let word = if tie.last_word == NO_WORD { tie.word } else { tie.last_word };
    let word = relations.words.get(word as usize);
    RelatedPerson {
        other: person_item(people, viewer, PersonNo(related.other)),
        since: At(tie.since),
        until: (tie.until != OPEN).then_some(At(tie.until)),
        source: relations.sources.get(usize::from(tie.source)).cloned().unwrap_or_default(),
        by: word.map(|word| word.by.clone()),
        reason: word.map(|word| word.reason.clone()),
    }
}

/// The others of one kind.
#[derive(Debug, Serialize, ToSchema)]
struct RelationGroup {
    kind: String,
    /// The end at which the person stands.
    side: RelationSide,
    total: u64,
    /// The first of them by number; all are in the list of the kind.
    items: Vec<RelatedPerson>,
}

/// A relation that does not hold.
#[derive(Debug, Serialize, ToSchema)]
struct PastRelation {
    kind: String,
    side: RelationSide,
    /// Its time is not over: since people merged another one holds in its place, or it
    /// would close a circle.
    set_aside: bool,
    #[serde(flatten)]
    related: RelatedPerson,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct PersonRelations {
    person: u32,
    /// What holds now.
    groups: Vec<RelationGroup>,
    /// What does not, latest said first, as far as it is shown.
    past: Vec<PastRelation>,
    past_total: u64,
    /// Latest first, as far as they are shown.
    conflicts: Vec<RelationConflict>,
}

pub(super) fn describe(
    people: &People,
    viewer: &Viewer,
    number: u32,
    now: Millis,
) -> siyu_types::Result<PersonRelations> {
    let person = resolve(people, number)?.0;
    let (relations, remap) = (people.relations(), people.remap());
    let mut groups = Vec::new();
    let mut holding = std::collections::BTreeSet::new();
    for (code, known) in (0u16..).zip(&relations.kinds) {
        for side in [RelationSide::To, RelationSide::From] {
            if known.is_group() && side == RelationSide::From {
                continue;
            }
            let others = relations.others(code, side, person, now, remap);
            holding.extend(others.iter().map(|related| (code, related.other)));
            if others.is_empty() {
                continue;
            }
            let shown = others.iter().take(SHOWN_MAX);
            groups.push(RelationGroup {
                kind: known.kind.name.clone(),
                side,
                total: others.len() as u64,
                items: shown.map(|related| related_person(people, viewer, *related)).collect(),
            });
        }
    }
    let mut past: Vec<(RelationSide, Related, bool)> = Vec::new();
    for (side, index) in relations.all_of(person, remap) {
        let tie = &relations.ties[index as usize];
        let other = remap.person(tie.number(side.opposite()));
        let over = tie.until <= now || tie.since >= tie.until;
        if over || !holding.contains(&(tie.kind, other)) {
            past.push((side, Related { other, tie: index }, !over));
        }
    }
    let past_total = past.len() as u64;
    let shown = past.into_iter().rev().take(PAST_MAX).map(|(side, related, set_aside)| PastRelation {
        kind: relations.kind(relations.ties[related.tie as usize].kind).kind.name.clone(),
        side,
        set_aside,
        related: related_person(people, viewer, related),
    });
    let past = shown.collect();
    let conflicts = relations.conflicts().about(&remap.numbers(person)).into_iter().take(PAST_MAX);
    let conflicts = conflicts.map(|conflict| shown_conflict(people, viewer, conflict)).collect();
    Ok(PersonRelations { person, groups, past, past_total, conflicts })
}

/// How a person is related: who invited them and whom they invited, which of the staff
/// serves them, who they live with.
#[utoipa::path(get, path = "/api/v1/people/{no}/relations", tag = "relations", operation_id = "relations_of_person",
    params(("no" = u32, Path)), responses((status = 200, body = PersonRelations)))]
async fn of_person(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path(number): Path<u32>,
) -> Result<Json<PersonRelations>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let now = audience.now();
    Ok(Json(blocking(move || describe(&project.people.read(), &viewer, number, now)).await?))
}

/// The code of a kind by its name.
pub(super) fn code_of(people: &People, kind: &str, field: &str) -> siyu_types::Result<u16> {
    let unknown = || {
        Error::new(ErrorCode::UnknownName, "there is no such kind of relation")
            .with("what", "relation")
            .with("name", kind)
            .at(field)
    };
    people.relations().kind_code(kind).ok_or_else(unknown)
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OthersQuery {
    /// The end at which the person stands; `from` lists whom they invited, or serve.
    #[param(inline)]
    side: Option<RelationSide>,
    cursor: Option<String>,
    limit: Option<i64>,
}

/// Everybody a person is related with in one way, such as the customers of one of the
/// staff, by number.
#[utoipa::path(get, path = "/api/v1/people/{no}/relations/{kind}", tag = "relations",
    operation_id = "relations_others", params(("no" = u32, Path), ("kind" = String, Path), OthersQuery),
    responses((status = 200, body = Page<RelatedPerson>)))]
async fn others(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path((number, kind)): Path<(u32, String)>,
    Params(query): Params<OthersQuery>,
) -> Result<Json<Page<RelatedPerson>>> {
    viewer.require(Permission::PeopleRead)?;
    let project = audience.project(&viewer)?;
    let now = audience.now();
    let page = PageQuery { cursor: query.cursor, limit: query.limit };
    let (after, limit) = (page.cursor_id()?, page.limit());
    let side = query.side.unwrap_or(RelationSide::From);
    let page = blocking(move || {
        let people = project.people.read();
        let person = resolve(&people, number)?.0;
        let code = code_of(&people, &kind, "kind")?;
        let all = people.relations().others(code, side, person, now, people.remap());
        let total = all.len() as u64;
        let next = all.into_iter().filter(|one| after.is_none_or(|after| i64::from(one.other) > after));
        let items = next.take(limit as usize + 1).map(|one| related_person(&people, &viewer, one)).collect();
        let mut page = Page::cut(items, limit, |one: &RelatedPerson| one.other.person.to_string());
        page.total = Some(total);
        Ok(page)
    });
    Ok(Json(page.await?))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TreeQuery {
    /// Levels looked through, 10 if absent, 50 at most.
    depth: Option<u32>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RelationTree {
    person: u32,
    /// People on each level below; the first are those next to the person.
    levels: Vec<u64>,
    /// Everybody below, each once.
    total: u64,
    /// There are more, further down or beyond the limit.
    cut: bool,
    /// Those next to the person with what is below them, most first.
    branches: Vec<RelationBranch>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RelationBranch {
    #[serde(flatten)]
    related: RelatedPerson,
    /// Next below, and everybody below.
    direct: u64,
    below: u64,
}

/// Everybody below a person, such as those they invited, those whom these invited, and so
/// on. For kinds where there is one above.
#[utoipa::path(get, path = "/api/v1/people/{no}/relations/{kind}/tree", tag = "relations",
    operation_id = "relations_tree", params(("no" = u32, Path), ("kind" = String, Path), TreeQuery),
    responses((status = 200, body = RelationTree)))]
async fn tree(
    State(audience): State<Audience>,
    Caller(viewer): Caller,
    Path((number, kind)): Path<(u32, String)>,
    Params(query): Params<TreeQuery>,
) -> Result<Json<RelationTree>> {
    viewer.require(Permission::PeopleRead)?;
    let depth = query.depth.unwrap_or(DEPTH);
    if depth == 0 || depth > DEPTH_MAX {
        return Err(Error::invalid("depth", format!("between 1 and {DEPTH_MAX}")).into());
    }
    let project = audience.project(&viewer)?;
    let now = audience.now();
    let found = blocking(move || {
        let people = project.people.read();
        let person = resolve(&people, number)?.0;
        let code = code_of(&people, &kind, "kind")?;
        let (relations, remap) = (people.relations(), people.remap());
        if !relations.kind(code).is_single() {
            return Err(Error::invalid("kind", "has no tree: more than one may stand above somebody"));
        }
        let below = relations.below(code, person, (now, depth, BELOW_MAX), remap);
        let next = relations.others(code, RelationSide::From, person, now, remap);
        let mut branches: Vec<RelationBranch> = Vec::new();
        let mut left = BELOW_MAX;
        for related in next.into_iter().take(BRANCHES_MAX) {
            let under = relations.below(code, related.other, (now, depth.max(2) - 1, left), remap);
            left = left.saturating_sub(under.total as usize);
            let direct = under.levels.first().copied().unwrap_or(0);
            let related = related_person(&people, &viewer, related);
            branches.push(RelationBranch { related, direct, below: under.total });
        }
        branches.sort_by_key(|branch| (std::cmp::Reverse(branch.below), branch.related.other.person));
        Ok(RelationTree { person, levels: below.levels, total: below.total, cut: below.cut, branches })
    });
    Ok(Json(found.await?))
}
