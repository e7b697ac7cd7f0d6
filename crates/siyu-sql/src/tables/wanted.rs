//! What a statement wants of each table: which columns, and hints of which rows, taken from
//! the optimised plan. Hints only spare work: the plan tests every row again.

use std::collections::BTreeMap;

use datafusion::common::ScalarValue;
use datafusion::common::tree_node::TreeNodeRecursion;
use datafusion::logical_expr::{BinaryExpr, Expr, LogicalPlan, Operator};
use siyu_types::clock::Millis;

use super::Described;

/// What all scans of one table want together.
#[derive(Clone, PartialEq, Default, Debug)]
pub(crate) struct Wanted {
    /// Places of columns, ascending.
    pub columns: Vec<usize>,
    pub hints: Hints,
    /// So many rows are enough, whichever they are.
    pub limit: Option<usize>,
}

/// Which rows matter.
#[derive(Clone, PartialEq, Debug)]
pub(crate) struct Hints {
    /// Values that the table's naming column (an event, a tag, a segment) may have.
    pub names: Option<Vec<String>>,
    pub from: Millis,
    /// The first instant after.
    pub to: Millis,
}

impl Default for Hints {
    fn default() -> Hints {
        Hints { names: None, from: Millis::MIN, to: Millis::MAX }
    }
}

impl Hints {
    /// Of the filters of one scan, all of which must hold.
    pub fn of(filters: &[Expr], naming: &str) -> Hints {
        let mut hints = Hints::default();
        filters.iter().for_each(|filter| hints.narrow(filter, naming));
        hints
    }

    fn narrow(&mut self, filter: &Expr, naming: &str) {
        match filter {
            Expr::BinaryExpr(BinaryExpr { left, op: Operator::And, right }) => {
                self.narrow(left, naming);
                self.narrow(right, naming);
            }
            Expr::BinaryExpr(BinaryExpr { left, op, right }) => {
                let (column, value, op) = match (&**left, &**right) {
                    (Expr::Column(column), Expr::Literal(value, _)) => (column, value, *op),
                    (Expr::Literal(value, _), Expr::Column(column)) => {
                        let Some(op) = op.swap() else { return };
                        (column, value, op)
                    }
                    _ => return,
                };
                if column.name == naming && op == Operator::Eq {
                    self.name(value.try_as_str().flatten().map(|name| vec![name.to_owned()]));
                } else if column.name == "time" {
                    self.time(op, value);
                }
            }
            Expr::InList(list) if !list.negated => {
                let named = matches!(&*list.expr, Expr::Column(column) if column.name == naming);
                let text = |expr: &Expr| match expr {
                    Expr::Literal(value, _) => value.try_as_str().flatten().map(str::to_owned),
                    _ => None,
                };
                if named {
                    self.name(list.list.iter().map(text).collect());
                }
            }
            _ => {}
        }
    }

    fn name(&mut self, names: Option<Vec<String>>) {
        let Some(names) = names else { return };
        match &mut self.names {
            Some(known) => known.retain(|name| names.contains(name)),
            None => self.names = Some(names),
        }
    }

    fn time(&mut self, op: Operator, value: &ScalarValue) {
        // Rounded down; one more is let through rather than one too few.
        let at = match value {
            ScalarValue::TimestampSecond(Some(at), _) => at.saturating_mul(1_000),
            ScalarValue::TimestampMillisecond(Some(at), _) => *at,
            ScalarValue::TimestampMicrosecond(Some(at), _) => at.div_euclid(1_000),
            ScalarValue::TimestampNanosecond(Some(at), _) => at.div_euclid(1_000_000),
            _ => return,
        };
        match op {
            Operator::Gt | Operator::GtEq => self.from = self.from.max(at),
            Operator::Lt | Operator::LtEq => self.to = self.to.min(at.saturating_add(1)),
            Operator::Eq => {
                self.from = self.from.max(at);
                self.to = self.to.min(at.saturating_add(1));
            }
            _ => {}
        }
    }

    /// What matters to either.
    fn join(&mut self, other: Hints) {
        self.names = match (self.names.take(), other.names) {
            (Some(mut own), Some(more)) => {
                own.extend(more);
                own.sort_unstable();
                own.dedup();
                Some(own)
            }
            _ => None,
        };
        self.from = self.from.min(other.from);
        self.to = self.to.max(other.to);
    }

    pub fn wants(&self, name: &str) -> bool {
        self.names.as_ref().is_none_or(|names| names.iter().any(|known| known == name))
    }
}

/// What a plan wants of each table, by the place of the table.
pub(crate) fn wanted_by(
    plan: &LogicalPlan,
    tables: &[Described],
) -> datafusion::common::Result<Vec<(usize, Wanted)>> {
    let mut all: BTreeMap<usize, Wanted> = BTreeMap::new();
    plan.apply_with_subqueries(|node| {
        if let LogicalPlan::TableScan(scan) = node
            && let Some(at) = place(tables, scan.table_name.table())
            // A common table that calls itself like one of ours, and reads itself, is none.
            && scan.source.schema() == tables[at].schema
        {
            let every = || (0..tables[at].columns.len()).collect();
            let columns = scan.projection.clone().unwrap_or_else(every);
            let hints = Hints::of(&scan.filters, naming(tables[at].kind.name()));
            let limit = scan.fetch.filter(|_| scan.filters.is_empty());
            match all.get_mut(&at) {
                None => {
                    let mut wanted = Wanted { columns, hints, limit };
                    wanted.columns.sort_unstable();
                    wanted.columns.dedup();
                    all.insert(at, wanted);
                }
                Some(known) => {
                    known.columns.extend(columns);
                    known.columns.sort_unstable();
                    known.columns.dedup();
                    known.hints.join(hints);
                    known.limit = known.limit.zip(limit).map(|(one, other)| one.max(other));
                }
            }
        }
        Ok(TreeNodeRecursion::Continue)
    })?;
    Ok(all.into_iter().collect())
}

/// The place of a table by its name, in whatever case.
pub(crate) fn place(tables: &[Described], name: &str) -> Option<usize> {
    tables.iter().position(|table| table.kind.name().eq_ignore_ascii_case(name))
}

/// The column of a table by which its rows are found fast.
pub(crate) fn naming(table: &str) -> &'static str {
    match table {
        "events" => "event",
        "tags" => "tag",
        _ => "segment",
    }
}
