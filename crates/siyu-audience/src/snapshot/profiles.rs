//! Profiles in a snapshot. Columns are not stored: they follow from the rows.

use siyu_types::{Error, Result};

use super::codec::{Reader, Writer};
use super::{PART_ROWS, Parts};
use crate::profiles::{
    Activity, Body, Cell, Corrected, FullCell, More, NEVER, Past, Profiles, Row, Stored, When,
};

/// The first version that knows sources and earlier values.
const WITH_ORIGINS: u32 = 2;
/// The first version that knows what was put right by hand.
const WITH_CORRECTIONS: u32 = 4;
/// The first version that does not count orders, which are put together from events.
const WITHOUT_ORDERS: u32 = 6;

pub(super) fn write(profiles: &Profiles, parts: &mut Parts<'_>) -> Result<()> {
    let mut meta = Writer::default();
    meta.u64(profiles.overflowed);
    meta.u64(profiles.properties.len() as u64);
    profiles.properties.iter().for_each(|property| meta.text(&property.name));
    parts.add("properties", &meta)?;
    let mut sources = Writer::default();
    profiles.sources.names().iter().for_each(|name| sources.text(name));
    parts.add("sources", &sources)?;
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
        property.dictionary.restore(input.text()?);
    }
    Ok(())
}

pub(super) fn read_sources(profiles: &mut Profiles, input: &mut Reader<'_>) -> Result<()> {
    while !input.at_end() {
        profiles.sources.code(input.text()?);
    }
    Ok(())
}

fn write_row(row: &Row, out: &mut Writer) {
    out.optional((row.deleted != NEVER).then_some(&row.deleted), |out, time| out.i64(*time));
    let Activity { first, last, events, first_source, last_source } = row.activity;
    out.i64(first);
    out.i64(last);
    out.u64(events);
    out.u64(u64::from(first_source));
    out.u64(u64::from(last_source));
    out.u64(row.cells.len() as u64);
    for cell in &row.cells {
        out.u64(u64::from(cell.property));
        out.u64(u64::from(cell.source));
        out.u64(u64::from(cell.held));
        match &cell.body {
            Body::Set(time, value) => {
                out.flag(false);
                out.i64(*time);
                write_stored(value, out);
            }
            Body::Full(full) => {
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
    let earlier = full.earlier.list();
    out.u64(earlier.len() as u64);
    earlier.iter().for_each(|(when, value)| {
        write_when(*when, out);
        write_stored(value, out);
    });
    out.optional(full.more.as_deref(), |out, more| {
        out.u64(more.once.len() as u64);
        for (when, value) in &more.once {
            write_when(*when, out);
            write_stored(value, out);
        }
        out.optional(more.unset.as_ref(), |out, when| write_when(*when, out));
        out.u64(more.increments.len() as u64);
        for (when, by) in &more.increments {
            write_when(*when, out);
            out.f64(*by);
        }
        out.u64(more.appended.len() as u64);
        for (when, item) in &more.appended {
            write_when(*when, out);
            out.u64(u64::from(*item));
        }
        out.u64(more.corrections.len() as u64);
        for corrected in &more.corrections {
            write_when(corrected.when, out);
            out.optional(corrected.value.as_ref(), |out, value| write_stored(value, out));
            out.optional(corrected.lifted.as_ref(), |out, time| out.i64(*time));
        }
    });
}

fn write_when(when: When, out: &mut Writer) {
    out.i64(when.time);
    out.u64(u64::from(when.source));
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

pub(super) fn read_rows(profiles: &mut Profiles, input: &mut Reader<'_>, version: u32) -> Result<()> {
    while !input.at_end() {
        let deleted = input.optional(Reader::i64)?.unwrap_or(NEVER);
        let (first, last, events) = (input.i64()?, input.i64()?, input.u64()?);
        let mut activity = Activity { first, last, events, ..Activity::default() };
        if version < WITHOUT_ORDERS {
            let _counted = (input.u64()?, input.i64()?);
        }
        if version >= WITH_ORIGINS {
            activity.first_source = read_source(profiles, input)?;
            activity.last_source = read_source(profiles, input)?;
        }
        let mut cells = Vec::with_capacity(input.count()?);
        for _ in 0..cells.capacity() {
            cells.push(read_cell(profiles, input, version)?);
        }
        profiles.rows.push(Row { deleted, cells, activity });
    }
    Ok(())
}

fn read_source(profiles: &Profiles, input: &mut Reader<'_>) -> Result<u16> {
    let code = input.u64()? as usize;
    if code > profiles.sources.names().len() {
        return Err(Error::internal("a people snapshot names a source it does not hold"));
    }
    Ok(code as u16)
}

fn read_cell(profiles: &Profiles, input: &mut Reader<'_>, version: u32) -> Result<Cell> {
    let property = input.u64()? as u16;
    let texts = profiles
        .properties
        .get(property as usize)
        .ok_or_else(|| Error::internal("a people snapshot names a property it does not hold"))?
        .dictionary
        .texts()
        .len();
    let (source, held) =
        if version >= WITH_ORIGINS { (read_source(profiles, input)?, input.u32()?) } else { (0, 0) };
    let body = if input.flag()? {
        let cells = Cells { profiles, texts, version };
        Body::Full(Box::new(cells.read_full(input)?))
    } else {
        Body::Set(input.i64()?, read_stored(texts, input)?)
    };
    Ok(Cell { property, source, held, body })
}

/// What reading one property's contributions needs to know.
struct Cells<'a> {
    profiles: &'a Profiles,
    /// Texts in the property's dictionary.
    texts: usize,
    version: u32,
}

impl Cells<'_> {
    fn read_full(&self, input: &mut Reader<'_>) -> Result<FullCell> {
        let set = |input: &mut Reader<'_>| -> Result<(i64, Stored)> {
            Ok((input.i64()?, read_stored(self.texts, input)?))
        };
        let mut full = FullCell { set: input.optional(set)?, ..FullCell::default() };
        if self.version < WITH_ORIGINS {
            full.more = Some(Box::new(self.read_more(input)?));
            return Ok(full);
        }
        let mut earlier = Vec::new();
        for _ in 0..input.count()? {
            earlier.push((self.read_when(input)?, read_stored(self.texts, input)?));
        }
        full.earlier = Past::of(&earlier);
        full.more = input.optional(|input| self.read_more(input))?.map(Box::new);
        Ok(full)
    }

    fn read_more(&self, input: &mut Reader<'_>) -> Result<More> {
        let mut more = More::default();
        for _ in 0..input.count()? {
            more.once.push((self.read_when(input)?, read_stored(self.texts, input)?));
        }
        more.unset = input.optional(|input| self.read_when(input))?;
        for _ in 0..input.count()? {
            more.increments.push((self.read_when(input)?, input.f64()?));
        }
        for _ in 0..input.count()? {
            more.appended.push((self.read_when(input)?, read_code(self.texts, input)?));
        }
        if self.version >= WITH_CORRECTIONS {
            for _ in 0..input.count()? {
                let when = self.read_when(input)?;
                let value = input.optional(|input| read_stored(self.texts, input))?;
                more.corrections.push(Corrected { when, value, lifted: input.optional(Reader::i64)? });
            }
        }
        Ok(more)
    }

    fn read_when(&self, input: &mut Reader<'_>) -> Result<When> {
        let time = input.i64()?;
        let source = if self.version >= WITH_ORIGINS { read_source(self.profiles, input)? } else { 0 };
        Ok(When { time, source })
    }
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
