//! The seeded shop as tables, for machines that cannot have the public data.

use std::collections::BTreeSet;

use jiff::Timestamp;
use siyu_types::record::{Body, ProfileChange};
use siyu_types::{Record, Value};

use super::Result;
use super::tables::{Column, Tables, instant, meaning, property};
use crate::shop::Shop;

/// Writes people, and one table per kind of event.
pub fn generated(shop: &Shop, tables: &mut Tables) -> Result<()> {
    people(shop, tables)?;
    let events = shop.records.iter().filter_map(|record| match &record.body {
        Body::Event { name, .. } => Some(&**name),
        _ => None,
    });
    for name in events.collect::<BTreeSet<&str>>() {
        event_table(shop, name, tables)?;
    }
    Ok(())
}

fn people(shop: &Shop, tables: &mut Tables) -> Result<()> {
    let about = ["name", "gender", "city", "member_level", "channel"];
    let mut headings = vec![meaning("login", "login"), meaning("phone", "phone"), meaning("email", "email")];
    headings.push(meaning("device", "device"));
    headings.extend(about.map(|name| property(name, "text")));
    headings.push(property("contact_generated", "bool"));
    let mut table = tables.table("members", "people", None, &headings)?;
    for record in &shop.records {
        let Body::Profile { change: ProfileChange::Set(props) } = &record.body else { continue };
        let text = |name: &str| props.get(name).map(Value::display).unwrap_or_default();
        let mut row = ["login", "phone", "email", "device"].map(|namespace| id(record, namespace)).to_vec();
        row.extend(about.map(text));
        row.push("true".to_owned());
        table.row(row)?;
    }
    tables.close(table)
}

fn event_table(shop: &Shop, event: &str, tables: &mut Tables) -> Result<()> {
    let of_event = || {
        shop.records.iter().filter_map(move |record| match &record.body {
            Body::Event { name, props } if name == event => Some((record, props)),
            _ => None,
        })
    };
    let property_names: BTreeSet<&str> =
        of_event().flat_map(|(_, props)| props.keys().map(String::as_str)).collect();
    let mut headings = vec![meaning("login", "login"), meaning("device", "device"), instant("time")];
    headings.extend(property_names.iter().map(|name| heading(name)));
    let mut table = tables.table(event, "events", Some(event), &headings)?;
    for (record, props) in of_event() {
        let at = Timestamp::from_millisecond(record.time).map_err(|e| e.to_string())?;
        let mut row = vec![id(record, "login"), id(record, "device"), at.to_string()];
        row.extend(
            property_names.iter().map(|name| props.get(*name).map(Value::display).unwrap_or_default()),
        );
        table.row(row)?;
    }
    tables.close(table)
}

/// The shop's property names are few; a table needs them for as long as it is written.
fn heading(name: &str) -> Column {
    const KNOWN: &[(&str, &str)] = &[
        ("activity", "text"),
        ("amount_minor", "number"),
        ("campaign_id", "text"),
        ("category", "text"),
        ("channel", "text"),
        ("item_id", "text"),
        ("line", "number"),
        ("order_id", "text"),
        ("path", "text"),
        ("quantity", "number"),
        ("reason", "text"),
    ];
    match KNOWN.iter().find(|(known, _)| *known == name) {
        Some((known, kind)) => property(known, kind),
        None => unreachable!("the shop has no property {name}"),
    }
}

fn id(record: &Record, namespace: &str) -> String {
    let found = record.ids.iter().find(|id| id.namespace == namespace);
    found.map(|id| id.value.clone()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use jiff::tz::TimeZone;
    use siyu_types::record::names;

    use super::*;
    use crate::shop::{ShopOptions, shop};

    #[test]
    fn every_record_that_says_something_has_a_row() {
        let zone = TimeZone::get("Asia/Shanghai").expect("a zone");
        let shop = shop(&ShopOptions { members: 5_000, ..ShopOptions::small(1_795_349_700_000, zone) });
        let folder = tempfile::tempdir().expect("a folder");
        let mut tables = Tables::in_folder(folder.path()).expect("opens");
        generated(&shop, &mut tables).expect("writes");
        let tables = tables.finish().expect("finishes");
        let rows: u64 =
            tables.iter().filter(|table| table.mapping["kind"] == "events").map(|table| table.rows).sum();
        assert_eq!(rows, shop.truths.events);
        for table in &tables {
            let text = std::fs::read_to_string(folder.path().join(&table.file)).expect("reads");
            let lines: BTreeSet<&str> = text.lines().collect();
            assert_eq!(
                lines.len() as u64,
                table.rows + 1,
                "{} has equal rows, which count once",
                table.title
            );
        }
        assert_eq!(tables[0].rows, shop.truths.members);
        assert!(tables.iter().any(|table| table.mapping["event"] == names::ORDER_PAID));
    }
}
