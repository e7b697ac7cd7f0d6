//! The identity graph in a snapshot. People are not stored: they follow from the links.

use siyu_types::record::Evidence;
use siyu_types::{Identifier, PersonNo, Result};

use super::codec::{Reader, Writer};
use super::{PART_ROWS, Parts};
use crate::identity::stored::{DeviceUsage, DeviceUser, Edge, Node};
use crate::identity::{Conflict, ConflictKind, Counters, Graph, namespaces};

pub(super) fn write(graph: &Graph, parts: &mut Parts<'_>) -> Result<()> {
    let mut meta = Writer::default();
    write_meta(graph, &mut meta);
    parts.add("graph", &meta)?;
    for (index, nodes) in graph.nodes.chunks(PART_ROWS).enumerate() {
        let mut part = Writer::default();
        nodes.iter().for_each(|node| write_node(node, &mut part));
        parts.add(&format!("nodes.{index}"), &part)?;
    }
    for (index, edges) in graph.edges.chunks(PART_ROWS).enumerate() {
        let mut part = Writer::default();
        edges.iter().for_each(|edge| write_edge(edge, &mut part));
        parts.add(&format!("edges.{index}"), &part)?;
    }
    Ok(())
}

fn write_meta(graph: &Graph, out: &mut Writer) {
    out.u64(u64::from(graph.atom_count()));
    let Counters { merges, splits, shared_devices, blocked, malformed } = graph.counters;
    [merges, splits, shared_devices, blocked, malformed].into_iter().for_each(|count| out.u64(count));
    out.u64(graph.sources.len() as u64);
    graph.sources.iter().for_each(|source| out.text(source));
    out.u64(graph.quarantined.len() as u64);
    for (namespace, count) in &graph.quarantined {
        out.text(namespace);
        out.u64(*count);
    }
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

pub(super) fn read_meta(graph: &mut Graph, input: &mut Reader<'_>) -> Result<()> {
    for _ in 0..input.u32()? {
        graph.new_atom();
    }
    graph.counters = Counters {
        merges: input.u64()?,
        splits: input.u64()?,
        shared_devices: input.u64()?,
        blocked: input.u64()?,
        malformed: input.u64()?,
    };
    for _ in 0..input.count()? {
        graph.sources.push(input.text()?.to_owned());
    }
    for _ in 0..input.count()? {
        let namespace = input.text()?.to_owned();
        graph.quarantined.insert(namespace, input.u64()?);
    }
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

fn write_node(node: &Node, out: &mut Writer) {
    out.u64(u64::from(node.namespace));
    out.text(&node.value);
    out.u64(u64::from(node.atom));
    out.optional(node.usage.as_deref(), |out, usage| {
        out.flag(usage.shared);
        out.u64(usage.people.len() as u64);
        for user in &usage.people {
            out.u64(u64::from(user.atom));
            out.i64(user.last);
            out.flag(user.owner);
        }
    });
}

pub(super) fn read_nodes(graph: &mut Graph, input: &mut Reader<'_>) -> Result<()> {
    while !input.at_end() {
        let namespace = input.u64()? as usize;
        let value = input.text()?.to_owned();
        let atom = input.u32()?;
        let fits = namespace < namespaces::NAMESPACES.len() && (atom as usize) < graph.atoms.len();
        if !fits {
            return Err(siyu_types::Error::internal("a people snapshot names what it does not hold"));
        }
        let key = namespaces::Key { namespace: namespace as u8, value };
        let node = graph.new_node(&key, atom);
        let usage = input.optional(read_usage)?;
        graph.nodes[node as usize].usage = usage.map(Box::new);
    }
    Ok(())
}

fn read_usage(input: &mut Reader<'_>) -> Result<DeviceUsage> {
    let mut usage = DeviceUsage { shared: input.flag()?, people: Vec::new() };
    for _ in 0..input.count()? {
        usage.people.push(DeviceUser { atom: input.u32()?, last: input.i64()?, owner: input.flag()? });
    }
    Ok(usage)
}

fn write_edge(edge: &Edge, out: &mut Writer) {
    out.u64(u64::from(edge.a));
    out.u64(u64::from(edge.b));
    out.flag(edge.evidence == Evidence::Strong);
    out.flag(edge.active);
    out.u64(u64::from(edge.source));
    out.i64(edge.first);
    out.i64(edge.last);
}

pub(super) fn read_edges(graph: &mut Graph, input: &mut Reader<'_>) -> Result<()> {
    while !input.at_end() {
        let (a, b) = (input.u32()?, input.u32()?);
        let evidence = if input.flag()? { Evidence::Strong } else { Evidence::Weak };
        let active = input.flag()?;
        let source = input.u64()? as u16;
        let (first, last) = (input.i64()?, input.i64()?);
        if a.max(b) as usize >= graph.nodes.len() {
            return Err(siyu_types::Error::internal("a people snapshot names what it does not hold"));
        }
        graph.add_edge(Edge { a, b, evidence, source, first, last, active });
    }
    Ok(())
}
