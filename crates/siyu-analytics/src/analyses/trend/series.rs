//! The numbers of one series: its groups, each with a value per bucket and a total.

use rustc_hash::FxHashMap;
use siyu_types::analysis::{GROUPS_MAX, Group, Measure, TrendShape};

use super::collect::{self, Cell, Collected, Plan};
use super::values::{self, Row};
use super::{Question, trailing};
use crate::groups::{FIRST, MISSING, Slots, fixed, largest, shown};

/// Most cells of all groups at once.
const CELLS_MAX: usize = 1 << 17;

/// What one group of a series comes to.
pub(super) struct Numbers {
    pub(super) group: Group,
    pub(super) values: Vec<Option<f64>>,
    pub(super) total: Option<f64>,
    /// There is at least one event.
    pub(super) any: bool,
}

impl<'q> Question<'q> {
    fn plan(&self, series: usize) -> Plan<'q> {
        Plan::new(&self.query.series[series], &self.context, self.groups.clone(), self.buckets.range)
    }

    /// The names of the groups that a series shows on their own.
    pub(super) fn top(&self, series: usize) -> Vec<String> {
        let plan = self.plan(series);
        let parts = collect::cells(&plan, &self.chosen, None, &Slots::growing);
        self.ranked(series, by_name(&parts, 1).into_iter().map(|(name, cells)| (name, cells[0])))
    }

    /// The names of the largest of these groups.
    fn ranked(&self, series: usize, totals: impl Iterator<Item = (String, Cell)>) -> Vec<String> {
        let measure = &self.query.series[series].measure;
        let sizes = totals.filter(|(_, cell)| cell.events > 0).map(|(name, cell)| {
            let size = match measure {
                Measure::Count | Measure::People | Measure::TrailingPeople { .. } | Measure::Sum { .. } => {
                    cell.value(measure).unwrap_or(0.0)
                }
                _ => cell.events as f64,
            };
            (name, size)
        });
        largest(sizes, self.shown_max())
    }

    fn shown_max(&self) -> usize {
        self.query.top.unwrap_or(GROUPS_MAX)
    }

    /// The groups of a series in their order, and their names; `given`, or the largest.
    pub(super) fn numbers(&self, series: usize, given: Option<&[String]>) -> (Vec<String>, Vec<Numbers>) {
        let measure = &self.query.series[series].measure;
        let many = matches!(
            measure,
            Measure::Min { .. } | Measure::Max { .. } | Measure::Quantile { .. } | Measure::Distinct { .. }
        );
        if given.is_none()
            && !many
            && self.trails(measure).is_none()
            && let Some(found) = self.at_once(series)
        {
            return found;
        }
        let names = match given {
            Some(names) => names.to_vec(),
            None if self.groups.is_whole() => Vec::new(),
            None => self.top(series),
        };
        let slots = fixed(&names);
        let groups = match self.groups.is_whole() {
            true => vec![(FIRST, Group::Whole)],
            false => self.shown(&names),
        };
        let count = groups.len() + FIRST as usize;
        if many {
            let rows = values::rows(&self.plan(series), measure, &self.chosen, &self.buckets, &slots, count);
            let of = |(slot, group): (u32, Group)| self.of_values(measure, group, &rows[slot as usize]);
            return (names, groups.into_iter().map(of).collect());
        }
        if let Some(days) = self.trails(measure) {
            let range = trailing::range(&self.buckets, days, &self.context);
            let plan = Plan::new(&self.query.series[series], &self.context, self.groups.clone(), range);
            let people =
                trailing::counts(&plan, days, &self.chosen, &self.buckets, &self.context, (&slots, count));
            let of = |(slot, group): (u32, Group)| {
                let people = &people[slot as usize];
                let values: Vec<_> = people.days.iter().map(|people| Some(*people as f64)).collect();
                let any = people.total > 0 || people.days.iter().any(|people| *people > 0);
                Numbers { group, values, total: Some(people.total as f64), any }
            };
            return (names, groups.into_iter().map(of).collect());
        }
        let stride = self.buckets.len() + 1;
        let parts =
            collect::cells(&self.plan(series), &self.chosen, Some(&self.buckets), &|| Slots::Fixed(&slots));
        let of = |(slot, group): (u32, Group)| self.of_cells(measure, group, &sum(&parts, slot, stride));
        (names, groups.into_iter().map(of).collect())
    }

    fn shown(&self, names: &[String]) -> Vec<(u32, Group)> {
        let name = |(slot, group)| match group {
            Group::Value { value } => (slot, self.groups.group(value)),
            other => (slot, other),
        };
        shown(names).into_iter().map(name).collect()
    }

    /// In one pass, where there are so few groups that each may have cells of its own.
    fn at_once(&self, series: usize) -> Option<(Vec<String>, Vec<Numbers>)> {
        let stride = self.buckets.len() + 1;
        let plan = self.plan(series);
        // Events of one group each add up, so that the others are what is left of all.
        let adds_up = plan.is_of_events() && self.groups.divide(self.context.scan, CELLS_MAX / stride);
        if self.groups.is_whole() || !(adds_up || self.groups.few(self.context.scan)) {
            return None;
        }
        let measure = &self.query.series[series].measure;
        let parts = collect::cells(&plan, &self.chosen, Some(&self.buckets), &Slots::growing);
        let mut named = by_name(&parts, stride);
        // With more groups than are shown, the others are one group, and somebody in several
        // of them counts once: that takes a second look at the events.
        if named.len() > self.shown_max() && !adds_up {
            return None;
        }
        let totals: Vec<_> = named.iter().map(|(name, cells)| (name.clone(), cells[stride - 1])).collect();
        let names = self.ranked(series, totals.into_iter());
        let mut numbers: Vec<Numbers> = names
            .iter()
            .filter_map(|name| {
                Some(self.of_cells(measure, self.groups.group(name.clone()), &named.remove(name)?))
            })
            .collect();
        numbers.push(self.of_cells(measure, Group::Missing, &sum(&parts, MISSING, stride)));
        // Of nobody if all are shown, so that all series have the same groups.
        let mut others = vec![Cell::default(); stride];
        named.values().for_each(|own| others.iter_mut().zip(own).for_each(|(all, cell)| all.merge(cell)));
        numbers.push(self.of_cells(measure, Group::Other, &others));
        Some((names, numbers))
    }

    /// From the cells of the buckets, and then that of the total.
    fn of_cells(&self, measure: &Measure, group: Group, cells: &[Cell]) -> Numbers {
        let (buckets, total) = cells.split_at(self.buckets.len());
        let total = total.first().copied().unwrap_or_default();
        let mut sum = Cell::default();
        let value = |cell: &Cell| match self.query.shape {
            TrendShape::Cumulative => {
                sum.go_on(cell);
                sum.value(measure)
            }
            _ => cell.value(measure),
        };
        let values = buckets.iter().map(value).collect();
        Numbers { group, values, total: total.value(measure), any: total.events > 0 }
    }

    fn of_values(&self, measure: &Measure, group: Group, row: &Row) -> Numbers {
        let mut sum: Option<values::Values> = None;
        let mut shown = Vec::new();
        for values in &row.buckets {
            match &mut sum {
                Some(sum) => sum.merge(values),
                None => sum = Some(values.clone()),
            }
            let of = match self.query.shape {
                TrendShape::Cumulative => sum.as_ref(),
                _ => Some(values),
            };
            shown.push(of.and_then(|values| values.value(measure)));
        }
        let total = sum.and_then(|sum| sum.value(measure));
        Numbers { group, values: shown, total, any: row.events > 0 }
    }
}

/// The cells of one slot over all parts.
fn sum(parts: &[Collected<'_>], slot: u32, stride: usize) -> Vec<Cell> {
    let mut cells = vec![Cell::default(); stride];
    for part in parts {
        add(&mut cells, part, slot, stride);
    }
    cells
}

fn add(cells: &mut [Cell], part: &Collected<'_>, slot: u32, stride: usize) {
    let own = part.cells.get(slot as usize * stride..).unwrap_or_default();
    cells.iter_mut().zip(own).for_each(|(all, cell)| all.merge(cell));
}

/// The cells of every name that the parts found for themselves.
fn by_name(parts: &[Collected<'_>], stride: usize) -> FxHashMap<String, Vec<Cell>> {
    let mut named: FxHashMap<String, Vec<Cell>> = FxHashMap::default();
    for part in parts {
        if let Slots::Growing(names) = &part.slots {
            for (name, &slot) in names {
                let cells = named.entry(name.clone()).or_insert_with(|| vec![Cell::default(); stride]);
                add(cells, part, slot, stride);
            }
        }
    }
    named
}
