//! Items in a snapshot: parts of one type each, rows in the order they were first heard of.

use siyu_types::{Result, Value};

use super::codec::{Reader, Writer};
use super::{PART_ROWS, Parts};
use crate::items::{Items, Table};
use crate::profiles::NEVER;

pub(super) fn write(items: &Items, parts: &mut Parts<'_>) -> Result<()> {
    for (of, (item_type, table)) in items.types.iter().enumerate() {
        let rows: Vec<usize> = (0..table.rows.len()).collect();
        for (index, rows) in rows.chunks(PART_ROWS).enumerate() {
            let mut part = Writer::default();
            // Once, so that a new overflow does not rewrite every part.
            part.u64(if of == 0 && index == 0 { items.overflowed } else { 0 });
            part.text(item_type);
            rows.iter().for_each(|row| write_row(table, *row, &mut part));
            parts.add(&format!("itemrows.{of}.{index}"), &part)?;
        }
    }
    Ok(())
}

fn write_row(table: &Table, row: usize, out: &mut Writer) {
    out.text(table.id(row));
    let deleted = table.rows[row].deleted;
    out.optional((deleted != NEVER).then_some(&deleted), |out, time| out.i64(*time));
    out.u64(table.cells(row).count() as u64);
    for (name, tag, value, time) in table.cells(row) {
        out.text(name);
        out.flag(tag);
        out.i64(time);
        out.optional(value.as_ref(), |out, value| out.value(value));
    }
}

pub(super) fn read(items: &mut Items, input: &mut Reader<'_>) -> Result<()> {
    items.overflowed = items.overflowed.max(input.u64()?);
    let table = items.types.entry(input.text()?.to_owned()).or_default();
    while !input.at_end() {
        let id = input.text()?;
        let row = table.restore(id, input.optional(Reader::i64)?.unwrap_or(NEVER));
        for _ in 0..input.count()? {
            let (name, tag, time) = (input.text()?, input.flag()?, input.i64()?);
            let value: Option<Value> = input.optional(Reader::value)?;
            // What was kept once was within the limits.
            match tag {
                true => table.put_tag(row, name, value.is_some(), time),
                false => table.put(row, name, value.as_ref(), time),
            };
        }
    }
    Ok(())
}

/// As written before items had tags: rows of all types, ordered by type and id.
pub(super) fn read_untagged(items: &mut Items, input: &mut Reader<'_>) -> Result<()> {
    while !input.at_end() {
        let table = items.types.entry(input.text()?.to_owned()).or_default();
        let id = input.text()?;
        let row = table.restore(id, input.optional(Reader::i64)?.unwrap_or(NEVER));
        for _ in 0..input.count()? {
            let name = input.text()?.to_owned();
            let time = input.i64()?;
            table.put(row, &name, Some(&input.value()?), time);
        }
    }
    Ok(())
}
