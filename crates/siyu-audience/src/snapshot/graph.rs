//! The identity graph in a snapshot. People are not stored: they follow from the links.

use siyu_types::record::Evidence;
use siyu_types::{Error, Identifier, PersonNo, Result};

use super::codec::{Reader, Writer};
use super::{PART_ROWS, Parts};
use crate::identity::admit::VALUE_BYTES_MAX;
use crate::identity::stored::{Cause, Edge, Ended, Key, NONE, NewEdge, Usage, User};
use crate::identity::{Conflict, ConflictKind, Counters, Graph};

pub(super) fn write(graph: &Graph, parts: &mut Parts<'_>) -> Result<()> {
    let mut meta = Writer::default();
    write_meta(graph, &mut meta)?;
    parts.add("graph", &meta)?;
    for (index, nodes) in graph.nodes.chunks(PART_ROWS).enumerate() {
        let mut part = Writer::default();
        for offset in 0..nodes.len() {
            write_node(graph, (index * PART_ROWS + offset) as u32, &mut part);
        }
        parts.add(&format!("nodes.{index}"), &part)?;
    }
    for (index, edges) in graph.links.edges.chunks(PART_ROWS).enumerate() {
        let mut part = Writer::default();
        for (offset, edge) in edges.iter().enumerate() {
            write_edge(graph, (index * PART_ROWS + offset) as u32, edge, &mut part);
        }
        parts.add(&format!("edges.{index}"), &part)?;
    }
    Ok(())
}

/// The spans in which links did not hold; a part of its own, which older snapshots lack.
pub(super) fn write_gaps(graph: &Graph, parts: &mut Parts<'_>) -> Result<()> {
    let links = &graph.links;
    let mut part = Writer::default();
    part.u64(GAPS_VERSION);
    part.optional(links.gaps_since.as_ref(), |out, at| out.i64(*at));
    let mut edges: Vec<&u32> = links.gaps.keys().collect();
    edges.sort_unstable();
    for edge in edges {
        part.u64(u64::from(*edge));
        part.u64(links.gaps[edge].len() as u64);
        for (from, to) in &links.gaps[edge] {
            part.i64(*from);
            part.i64(*to);
        }
    }
    parts.add("gaps", &part)
}

pub(super) fn read_gaps(graph: &mut Graph, input: &mut Reader<'_>) -> Result<()> {
    if input.u64()? != GAPS_VERSION {
        return Err(Error::internal("the gaps of a people snapshot have a format that is not known"));
    }
    graph.links.gaps_since = input.optional(Reader::i64)?;
    while !input.at_end() {
        let edge = input.u32()?;
        if edge as usize >= graph.links.edges.len() {
            return Err(Error::internal("a people snapshot names what it does not hold"));
        }
        for _ in 0..input.count()? {
            let (from, to) = (input.i64()?, input.i64()?);
            graph.links.note_gap(edge, from, to);
        }
    }
    Ok(())
}

fn write_meta(graph: &Graph, out: &mut Writer) -> Result<()> {
    out.u64(u64::from(graph.atom_count()));
    let Counters { merges, splits, shared, replaced, blocked, malformed } = graph.counters();
    [merges, splits, shared, replaced, blocked, malformed].into_iter().for_each(|count| out.u64(count));
    out.u64(graph.links.sources.len() as u64);
    graph.links.sources.iter().for_each(|source| out.text(source));
    out.u64(graph.quarantined().len() as u64);
    for (namespace, count) in graph.quarantined() {
        out.text(namespace);
        out.u64(*count);
    }
    write_conflicts(graph, out);
    out.text(&serde_json::to_string(graph.rules()).map_err(Error::internal)?);
    out.u64(graph.slots.len() as u64);
    for slot in &graph.slots {
        out.text(&slot.namespace);
        out.text(&slot.scope);
    }
    out.text(&serde_json::to_string(graph.journal().entries()).map_err(Error::internal)?);
    out.u64(graph.journal.barriers.len() as u64);
    for (a, b) in &graph.journal.barriers {
        out.u64(u64::from(*a));
        out.u64(u64::from(*b));
    }
    Ok(())
}

fn write_conflicts(graph: &Graph, out: &mut Writer) {
    out.u64(graph.conflicts.total());
    let conflicts = graph.conflicts.list();
    out.u64(conflicts.len() as u64);
    for conflict in conflicts {
        let kind = ConflictKind::ALL.iter().position(|kind| *kind == conflict.kind).unwrap_or(0);
        out.u64(kind as u64);
        for identifier in [&conflict.kept, &conflict.refused] {
            out.text(&identifier.namespace);
            out.text(&identifier.value);
        }
        out.optional(conflict.other.as_ref(), |out, other| out.u64(u64::from(other.0)));
        out.text(&conflict.source);
        out.i64(conflict.first);
        out.i64(conflict.last);
        out.u64(conflict.count);
    }
}

/// The first version whose numbers belong to one identifier each, with rules and
/// decisions of its own.
const WITH_OWNERS: u32 = 2;
const GAPS_VERSION: u64 = 1;
/// The namespaces that version 1 knew, by the number it stored.
const FIRST_NAMESPACES: [&str; 4] = ["login", "phone", "email", "device"];

/// Reads the part that stands before all others of the graph.
pub(super) fn read_meta(graph: &mut Graph, input: &mut Reader<'_>, version: u32) -> Result<()> {
    graph.expect_numbers(input.u32()?);
    graph.counters = Counters {
        merges: input.u64()?,
        splits: input.u64()?,
        shared: input.u64()?,
        replaced: if version >= WITH_OWNERS { input.u64()? } else { 0 },
        blocked: input.u64()?,
        malformed: input.u64()?,
    };
    for _ in 0..input.count()? {
        graph.links.sources.push(input.text()?.to_owned());
    }
    for _ in 0..input.count()? {
        let namespace = input.text()?.to_owned();
        graph.quarantined.insert(namespace, input.u64()?);
    }
    read_conflicts(graph, input)?;
    if version < WITH_OWNERS {
        return Ok(());
    }
    graph.rules = serde_json::from_str(input.text()?).map_err(Error::internal)?;
    graph.slots.clear();
    for _ in 0..input.count()? {
        let (namespace, scope) = (input.text()?.to_owned(), input.text()?.to_owned());
        graph.slot(&namespace, &scope);
    }
    graph.journal.entries = serde_json::from_str(input.text()?).map_err(Error::internal)?;
    for _ in 0..input.count()? {
        graph.journal.barriers.push((input.u32()?, input.u32()?));
    }
    Ok(())
}

fn read_conflicts(graph: &mut Graph, input: &mut Reader<'_>) -> Result<()> {
    let total = input.u64()?;
    for _ in 0..input.count()? {
        let kind = ConflictKind::ALL.get(input.u64()? as usize).copied().unwrap_or(ConflictKind::TwoValues);
        let kept = read_identifier(input)?;
        let refused = read_identifier(input)?;
        let other = input.optional(|input| Ok(PersonNo(input.u32()?)))?;
        let source = input.text()?.to_owned();
        let (first, last, count) = (input.i64()?, input.i64()?, input.u64()?);
        graph.conflicts.note(Conflict { kind, kept, refused, other, source, first, last, count });
    }
    graph.conflicts.restore(total);
    Ok(())
}

fn read_identifier(input: &mut Reader<'_>) -> Result<Identifier> {
    let namespace = input.text()?;
    Ok(Identifier::new(namespace, input.text()?))
}

fn write_node(graph: &Graph, index: u32, out: &mut Writer) {
    let node = &graph.nodes[index as usize];
    out.u64(u64::from(node.slot));
    out.text(graph.text(index));
    out.u64(u64::from(node.atom));
    out.flag(node.own);
    out.flag(node.former);
    out.u64(u64::from(node.seen));
    let usage = (node.usage != NONE).then(|| &graph.usages[node.usage as usize]);
    out.optional(usage, |out, usage| {
        out.flag(usage.shared);
        out.u64(usage.users.len() as u64);
        for user in &usage.users {
            out.u64(u64::from(user.node));
            out.i64(user.last);
            out.flag(user.owner);
        }
    });
}

pub(super) fn read_nodes(graph: &mut Graph, input: &mut Reader<'_>, version: u32) -> Result<()> {
    while !input.at_end() {
        let mut slot = u16::try_from(input.u64()?).map_err(Error::internal)?;
        if version < WITH_OWNERS {
            let name = FIRST_NAMESPACES.get(usize::from(slot)).copied().unwrap_or_default();
            slot = graph.slot(name, "").unwrap_or(u16::MAX);
        }
        let key = Key { slot, value: input.text()?.to_owned() };
        let atom = input.u32()?;
        let (own, former, seen) = if version >= WITH_OWNERS {
            (input.flag()?, input.flag()?, input.u32()?)
        } else {
            // The first of those that shared a number gets it.
            (graph.lacks_owner(atom), false, 0)
        };
        let usage = input.optional(read_usage)?;
        if slot as usize >= graph.slots.len()
            || atom >= graph.atom_count()
            || key.value.len() > VALUE_BYTES_MAX
        {
            return Err(Error::internal("a people snapshot names what it does not hold"));
        }
        graph.restore_node(&key, atom, own, former, seen, usage);
    }
    Ok(())
}

fn read_usage(input: &mut Reader<'_>) -> Result<Usage> {
    let mut usage = Usage { shared: input.flag()?, users: Vec::new() };
    for _ in 0..input.count()? {
        usage.users.push(User { node: input.u32()?, last: input.i64()?, owner: input.flag()? });
    }
    Ok(usage)
}

fn write_edge(graph: &Graph, index: u32, edge: &Edge, out: &mut Writer) {
    out.u64(u64::from(edge.a));
    out.u64(u64::from(edge.b));
    out.flag(edge.evidence == Evidence::Strong);
    out.flag(edge.by_hand);
    out.flag(edge.active);
    out.u64(u64::from(edge.source));
    out.i64(edge.first);
    out.i64(edge.last);
    out.optional(graph.links.ended.get(&index), |out, ended| {
        out.i64(ended.at);
        out.u64(match ended.cause {
            Cause::Unlink => 0,
            Cause::Shared => 1,
            Cause::Rules => 2,
            Cause::Decision(id) => 3 + u64::from(id),
        });
    });
}

pub(super) fn read_edges(graph: &mut Graph, input: &mut Reader<'_>, version: u32) -> Result<()> {
    while !input.at_end() {
        let (a, b) = (input.u32()?, input.u32()?);
        let evidence = if input.flag()? { Evidence::Strong } else { Evidence::Weak };
        let by_hand = version >= WITH_OWNERS && input.flag()?;
        let active = input.flag()?;
        let source = input.u64()? as u16;
        let (first, last) = (input.i64()?, input.i64()?);
        let ended = if version >= WITH_OWNERS {
            input.optional(read_ended)?
        } else {
            // Why was not written down; a client's word is the most usual.
            (!active).then_some(Ended { at: last, cause: Cause::Unlink })
        };
        if a.max(b) as usize >= graph.nodes.len() {
            return Err(Error::internal("a people snapshot names what it does not hold"));
        }
        let edge = graph.add_edge(NewEdge { a, b, first, last, source, evidence, by_hand, active });
        if let Some(ended) = ended {
            graph.links.ended.insert(edge, ended);
        }
    }
    Ok(())
}

fn read_ended(input: &mut Reader<'_>) -> Result<Ended> {
    let at = input.i64()?;
    let cause = match input.u32()? {
        0 => Cause::Unlink,
        1 => Cause::Shared,
        2 => Cause::Rules,
        id => Cause::Decision(id - 3),
    };
    Ok(Ended { at, cause })
}
