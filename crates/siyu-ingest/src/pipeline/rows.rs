//! What a record does to people, and the event rows that come of it.

use siyu_audience::People;
use siyu_audience::identity::Move;
use siyu_audience::relations::Told;
use siyu_events::EventRow;
use siyu_types::clock::Millis;
use siyu_types::ports::AppliedEvent;
use siyu_types::record::{Body, names};
use siyu_types::{PersonNo, Props, Record, Value};

/// Source of the events that come of applying others.
const SOURCE: &str = "siyu";

/// Applies one record; answers the event row it became, if it is an event, or the
/// record itself if none of its identifiers can be used.
pub fn apply_record(people: &mut People, record: Record, seq: u64) -> Result<Option<EventRow>, Box<Record>> {
    let Record { ids, evidence, source, received_at, time, .. } = &record;
    let person: PersonNo = match &record.body {
        Body::Item { item_type, item_id, change } => {
            people.change_item(item_type, item_id, change, *time);
            return Ok(None);
        }
        Body::Identity(decision) => {
            people.decide(decision, *received_at);
            return Ok(None);
        }
        Body::Correction(correction) => {
            people.correct(correction, *time);
            return Ok(None);
        }
        // Carried out by the applier, which holds what it takes.
        Body::Erasure(_) => return Ok(None),
        // Taking away what nobody has is no mistake.
        Body::Unlink => {
            people.unlink(ids, source, *received_at);
            return Ok(None);
        }
        Body::Relation(statement) => {
            let told = Told { time: *time, received_at: *received_at, source };
            return match people.relate(ids, statement, told) {
                true => Ok(None),
                false => Err(Box::new(record)),
            };
        }
        Body::Event { .. } | Body::Profile { .. } | Body::Link => {
            match people.identify(ids, *evidence, source, *received_at) {
                Some(person) => person,
                None => return Err(Box::new(record)),
            }
        }
    };
    let Record { ids, source, received_at, time, body, .. } = record;
    match body {
        Body::Event { name, props } => {
            people.note_event(person, time, &source);
            Ok(Some(EventRow { person, time, seq, name, props, ids, source, received_at }))
        }
        Body::Profile { change } => {
            people.apply_profile(person, &change, time, &source);
            Ok(None)
        }
        Body::Link
        | Body::Unlink
        | Body::Identity(_)
        | Body::Correction(_)
        | Body::Erasure(_)
        | Body::Relation(_)
        | Body::Item { .. } => Ok(None),
    }
}

/// That people merged or parted is an event too, for tags, segments and journeys.
pub fn moved_event(people: &People, moved: &Move, seq: u64, at: Millis) -> EventRow {
    let name = if moved.merged { names::PERSON_MERGED } else { names::PERSON_SPLIT };
    let numbers = moved.others.iter().map(u32::to_string).collect();
    let props = Props::from([
        ("cause".to_owned(), Value::Text(moved.cause.to_owned())),
        ("numbers".to_owned(), Value::List(numbers)),
    ]);
    EventRow {
        person: PersonNo(moved.person),
        time: at,
        seq,
        name: name.to_owned(),
        props,
        ids: people.graph().owner_of(moved.person).into_iter().collect(),
        source: SOURCE.to_owned(),
        received_at: at,
    }
}

pub fn applied_event(people: &People, row: &EventRow) -> AppliedEvent {
    AppliedEvent {
        person: people.person_of(row.person),
        name: row.name.clone(),
        time: row.time,
        record: Record {
            key: 0,
            time: row.time,
            received_at: row.received_at,
            ids: row.ids.clone(),
            evidence: siyu_types::record::Evidence::Weak,
            body: Body::Event { name: row.name.clone(), props: row.props.clone() },
            source: row.source.clone(),
        },
    }
}
