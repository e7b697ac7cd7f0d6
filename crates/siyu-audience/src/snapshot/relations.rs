//! Relations in a snapshot. They came with version 5; older ones have no such parts, and
//! there are none. The parts carry a version of their own.

use siyu_types::relation::RelationKind;
use siyu_types::{Error, Result};

use super::codec::{Reader, Writer};
use super::{PART_ROWS, Parts};
use crate::relations::stored::{KnownKind, Tie, Word};
use crate::relations::{Conflict, Obstacle, Relations};

const VERSION: u64 = 1;

pub(super) fn write(relations: &Relations, parts: &mut Parts<'_>) -> Result<()> {
    let own = relations.kinds.iter().any(|known| known.own);
    if relations.is_empty() && !own && relations.conflicts.total() == 0 {
        return Ok(());
    }
    let mut meta = Writer::default();
    write_meta(relations, &mut meta)?;
    parts.add("relations", &meta)?;
    for (index, ties) in relations.ties.chunks(PART_ROWS).enumerate() {
        let mut part = Writer::default();
        part.u64(VERSION);
        for tie in ties {
            part.u64(u64::from(tie.kind));
            part.u64(u64::from(tie.source));
            part.u64(u64::from(tie.from));
            part.u64(u64::from(tie.to));
            part.i64(tie.since);
            part.i64(tie.until);
            part.u64(u64::from(tie.word));
            part.u64(u64::from(tie.last_word));
        }
        parts.add(&format!("ties.{index}"), &part)?;
    }
    Ok(())
}

fn write_meta(relations: &Relations, out: &mut Writer) -> Result<()> {
    out.u64(VERSION);
    let own: Vec<&KnownKind> = relations.kinds.iter().filter(|known| known.own).collect();
    out.u64(own.len() as u64);
    for known in own {
        out.text(&serde_json::to_string(&known.kind).map_err(Error::internal)?);
        out.flag(known.active);
    }
    out.u64(relations.words.len() as u64);
    for word in &relations.words {
        out.text(&word.by);
        out.text(&word.reason);
    }
    out.u64(relations.sources.len() as u64);
    relations.sources.iter().for_each(|source| out.text(source));
    out.u64(relations.conflicts.total());
    let conflicts = relations.conflicts.list();
    out.u64(conflicts.len() as u64);
    for conflict in conflicts {
        out.text(&conflict.kind);
        out.u64(Obstacle::ALL.iter().position(|known| *known == conflict.obstacle).unwrap_or(0) as u64);
        out.u64(u64::from(conflict.from));
        out.u64(u64::from(conflict.to));
        out.text(&conflict.source);
        out.i64(conflict.first);
        out.i64(conflict.last);
        out.u64(conflict.count);
    }
    Ok(())
}

fn check_version(input: &mut Reader<'_>) -> Result<()> {
    match input.u64()? {
        VERSION => Ok(()),
        version => Err(Error::internal(format!(
            "relations of a people snapshot have format {version}, this version knows up to {VERSION}"
        ))),
    }
}

pub(super) fn read_meta(relations: &mut Relations, input: &mut Reader<'_>) -> Result<()> {
    check_version(input)?;
    for _ in 0..input.count()? {
        let kind: RelationKind = serde_json::from_str(input.text()?).map_err(Error::internal)?;
        relations.kinds.push(KnownKind { kind, own: true, active: input.flag()? });
    }
    for _ in 0..input.count()? {
        relations.words.push(Word { by: input.text()?.to_owned(), reason: input.text()?.to_owned() });
    }
    for _ in 0..input.count()? {
        relations.sources.push(input.text()?.to_owned());
    }
    let total = input.u64()?;
    for _ in 0..input.count()? {
        let kind = input.text()?.to_owned();
        let obstacle = Obstacle::ALL.get(input.u64()? as usize).copied().unwrap_or(Obstacle::NotRelated);
        let (from, to, source) = (input.u32()?, input.u32()?, input.text()?.to_owned());
        let (first, last, count) = (input.i64()?, input.i64()?, input.u64()?);
        relations.conflicts.note(Conflict { kind, obstacle, from, to, source, first, last, count });
    }
    relations.conflicts.restore(total);
    Ok(())
}

pub(super) fn read_ties(relations: &mut Relations, input: &mut Reader<'_>, numbers: u32) -> Result<()> {
    check_version(input)?;
    while !input.at_end() {
        let tie = Tie {
            kind: u16::try_from(input.u64()?).map_err(Error::internal)?,
            source: u16::try_from(input.u64()?).map_err(Error::internal)?,
            from: input.u32()?,
            to: input.u32()?,
            since: input.i64()?,
            until: input.i64()?,
            word: input.u32()?,
            last_word: input.u32()?,
        };
        if usize::from(tie.kind) >= relations.kinds.len() || tie.from.max(tie.to) >= numbers {
            return Err(Error::internal("a people snapshot names what it does not hold"));
        }
        relations.add(tie);
    }
    Ok(())
}
