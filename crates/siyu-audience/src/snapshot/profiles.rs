//! Profiles and items in a snapshot. Columns are not stored: they follow from the rows.

use siyu_types::{Error, Result};

use super::codec::{Reader, Writer};
use super::{PART_ROWS, Parts};
use crate::profiles::{Activity, Cell, Entry, FullCell, Item, Items, NEVER, Profiles, Row, Stored};

pub(super) fn write(profiles: &Profiles, parts: &mut Parts<'_>) -> Result<()> {
    let mut meta = Writer::default();
    meta.u64(profiles.overflowed);
    meta.u64(profiles.properties.len() as u64);
    profiles.properties.iter().for_each(|property| meta.text(&property.name));
    parts.add("properties", &meta)?;
    for (code, property) in profiles.properties.iter().enumerate() {
        let mut part = Writer::default();
        part.u64(code as u64);
        property.dictionary.texts().iter().for_each(|text| part.text(text));
        parts.add(&format!("texts.{code}"), &part)?;
    }
    for (index, rows) in profiles.rows.chunks(PART_ROWS).enumerate() {
        let mut part = Writer::default();
        rows.iter().for_each(|row| write_row(row, &mut part));
        parts.add(&format!("rows.{index}"), &part)?;
    }
    Ok(())
}

pub(super) fn read_meta(profiles: &mut Profiles, input: &mut Reader<'_>) -> Result<()> {
    profiles.overflowed = input.u64()?;
    for _ in 0..input.count()? {
        profiles.declare(input.text()?);
    }
    Ok(())
}

pub(super) fn read_texts(profiles: &mut Profiles, input: &mut Reader<'_>) -> Result<()> {
    let code = input.u64()? as usize;
    let property = profiles
        .properties
        .get_mut(code)
        .ok_or_else(|| Error::internal("a people snapshot names a property it does not hold"))?;
    while !input.at_end() {
        property.dictionary.intern(input.text()?);
    }
    Ok(())
}

fn write_row(row: &Row, out: &mut Writer) {
    out.optional((row.deleted != NEVER).then_some(&row.deleted), |out, time| out.i64(*time));
    let Activity { first, last, events, orders, amount_minor } = row.activity;
    out.i64(first);
    out.i64(last);
    out.u64(events);
    out.u64(orders);
    out.i64(amount_minor);
    out.u64(row.entries.len() as u64);
    for entry in &row.entries {
        out.u64(u64::from(entry.property));
        match &entry.cell {
            Cell::Set(time, value) => {
                out.flag(false);
                out.i64(*time);
                write_stored(value, out);
            }
            Cell::Full(full) => {
                out.flag(true);
                write_full(full, out);
            }
        }
    }
}

fn write_full(full: &FullCell, out: &mut Writer) {
    out.optional(full.set.as_ref(), |out, (time, value)| {
        out.i64(*time);
        write_stored(value, out);
    });
    out.u64(full.once.len() as u64);
    for (time, value) in &full.once {
        out.i64(*time);
        write_stored(value, out);
    }
    out.optional(full.unset.as_ref(), |out, time| out.i64(*time));
    out.u64(full.increments.len() as u64);
    for (time, by) in &full.increments {
        out.i64(*time);
        out.f64(*by);
    }
    out.u64(full.appended.len() as u64);
    for (time, item) in &full.appended {
        out.i64(*time);
        out.u64(u64::from(*item));
    }
}

fn write_stored(value: &Stored, out: &mut Writer) {
    match value {
        Stored::Number(number) => {
            out.u64(0);
            out.f64(*number);
        }
        Stored::Text(code) => {
            out.u64(1);
            out.u64(u64::from(*code));
        }
        Stored::Bool(flag) => {
            out.u64(2);
            out.flag(*flag);
        }
        Stored::List(codes) => {
            out.u64(3);
            out.u64(codes.len() as u64);
            codes.iter().for_each(|code| out.u64(u64::from(*code)));
        }
    }
}

pub(super) fn read_rows(profiles: &mut Profiles, input: &mut Reader<'_>) -> Result<()> {
    while !input.at_end() {
        let deleted = input.optional(Reader::i64)?.unwrap_or(NEVER);
        let activity = Activity {
            first: input.i64()?,
            last: input.i64()?,
            events: input.u64()?,
            orders: input.u64()?,
            amount_minor: input.i64()?,
        };
        let mut entries = Vec::with_capacity(input.count()?);
        for _ in 0..entries.capacity() {
            entries.push(read_entry(profiles, input)?);
        }
        profiles.rows.push(Row { deleted, entries, activity });
    }
    Ok(())
}

fn read_entry(profiles: &Profiles, input: &mut Reader<'_>) -> Result<Entry> {
    let property = input.u64()? as u16;
    let texts = profiles
        .properties
        .get(property as usize)
        .ok_or_else(|| Error::internal("a people snapshot names a property it does not hold"))?
        .dictionary
        .texts()
        .len();
    let cell = if input.flag()? {
        Cell::Full(Box::new(read_full(texts, input)?))
    } else {
        Cell::Set(input.i64()?, read_stored(texts, input)?)
    };
    Ok(Entry { property, cell })
}

fn read_full(texts: usize, input: &mut Reader<'_>) -> Result<FullCell> {
    let timed =
        |input: &mut Reader<'_>| -> Result<(i64, Stored)> { Ok((input.i64()?, read_stored(texts, input)?)) };
    let mut full = FullCell { set: input.optional(timed)?, ..FullCell::default() };
    for _ in 0..input.count()? {
        full.once.push(timed(input)?);
    }
    full.unset = input.optional(Reader::i64)?;
    for _ in 0..input.count()? {
        full.increments.push((input.i64()?, input.f64()?));
    }
    for _ in 0..input.count()? {
        full.appended.push((input.i64()?, read_code(texts, input)?));
    }
    Ok(full)
}

fn read_stored(texts: usize, input: &mut Reader<'_>) -> Result<Stored> {
    Ok(match input.u64()? {
        0 => Stored::Number(input.f64()?),
        1 => Stored::Text(read_code(texts, input)?),
        2 => Stored::Bool(input.flag()?),
        3 => {
            let count = input.count()?;
            let codes: Result<Vec<u32>> = (0..count).map(|_| read_code(texts, input)).collect();
            Stored::List(Box::new(codes?))
        }
        kind => return Err(Error::internal(format!("a people snapshot holds a value of kind {kind}"))),
    })
}

fn read_code(texts: usize, input: &mut Reader<'_>) -> Result<u32> {
    let code = input.u32()?;
    if code as usize >= texts {
        return Err(Error::internal("a people snapshot names a text it does not hold"));
    }
    Ok(code)
}

pub(super) fn write_items(items: &Items, parts: &mut Parts<'_>) -> Result<()> {
    let all: Vec<_> = items.by_id.iter().collect();
    for (index, items) in all.chunks(PART_ROWS).enumerate() {
        let mut part = Writer::default();
        for ((item_type, item_id), item) in items {
            part.text(item_type);
            part.text(item_id);
            part.optional(item.deleted.as_ref(), |out, time| out.i64(*time));
            part.u64(item.props.len() as u64);
            for (name, (time, value)) in &item.props {
                part.text(name);
                part.i64(*time);
                part.value(value);
            }
        }
        parts.add(&format!("items.{index}"), &part)?;
    }
    Ok(())
}

pub(super) fn read_items(items: &mut Items, input: &mut Reader<'_>) -> Result<()> {
    while !input.at_end() {
        let key = (input.text()?.to_owned(), input.text()?.to_owned());
        let mut item = Item { deleted: input.optional(Reader::i64)?, ..Item::default() };
        for _ in 0..input.count()? {
            let name = input.text()?.to_owned();
            let time = input.i64()?;
            item.props.insert(name, (time, input.value()?));
        }
        items.by_id.insert(key, item);
    }
    Ok(())
}
