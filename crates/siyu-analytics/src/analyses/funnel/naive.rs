//! The funnel by trying every attempt of every person, for tests.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use siyu_types::analysis::{
    ANY_EVENT, EventMatch, FunnelExcluding, FunnelFirst, FunnelOrder, FunnelQuery, FunnelWindow, Group,
};
use siyu_types::calendar::{InstantRange, local_date};
use siyu_types::clock::Millis;

use crate::testing::plain::{self, matches};
use crate::testing::{Event, World};
use crate::values::keys;

/// Steps and positions among the person's events.
pub(super) type Run = Vec<(usize, usize)>;

/// What is counted once: in each of its groups, of which there may be attempts of their own.
#[derive(Clone, Debug)]
pub(super) struct Outcome {
    pub(super) person: u32,
    pub(super) unit: usize,
    /// By step; `None` for what was left out.
    pub(super) times: Vec<Option<Millis>>,
    pub(super) groups: Vec<Group>,
}

impl Outcome {
    pub(super) fn took(&self, step: usize) -> bool {
        self.times.get(step).is_some_and(Option::is_some)
    }
}

/// Smaller is better.
pub(super) type Rank = (Reverse<usize>, Millis, Reverse<Millis>, Reverse<Vec<(Millis, usize)>>, Run);

/// One unit of one person's events.
pub(super) struct Search<'w> {
    pub(super) query: &'w FunnelQuery,
    pub(super) world: &'w World,
    pub(super) range: InstantRange,
    /// All that is known of the person.
    pub(super) events: &'w [&'w Event],
    /// Those of the unit.
    pub(super) unit: &'w [usize],
    pub(super) held: Option<&'w str>,
    pub(super) group: Option<&'w Group>,
    pub(super) exclude: bool,
}

fn is(world: &World, event: &Event, asked: &[&EventMatch]) -> bool {
    asked.iter().any(|asked| matches(world, event, asked))
}

pub(super) fn text(event: &Event, property: &str) -> Option<String> {
    match event.props.get(property)? {
        siyu_types::Value::List(_) => None,
        value => keys(value).pop(),
    }
}

impl Search<'_> {
    fn time(&self, index: usize) -> Millis {
        self.events[index].time
    }

    /// Whether an event is a step, whatever it has in the property that is held.
    fn is_step(&self, step: usize, index: usize) -> bool {
        let asked: Vec<&EventMatch> = self.query.steps[step].events().collect();
        let bare: Vec<EventMatch> = asked
            .iter()
            .map(|asked| EventMatch { event: asked.event.clone(), filters: Vec::new() })
            .collect();
        let first_of = |asked: &[&EventMatch]| {
            let first = self.events.iter().find(|event| is(self.world, event, asked));
            first.is_some_and(|first| first.time == self.time(index))
        };
        is(self.world, self.events[index], &asked)
            && match self.query.steps[step].first {
                None => true,
                Some(FunnelFirst::Matching) => first_of(&asked),
                Some(FunnelFirst::Ever) => first_of(&bare.iter().collect::<Vec<_>>()),
            }
    }

    fn may_be(&self, step: usize, index: usize) -> bool {
        let event = self.events[index];
        self.is_step(step, index)
            && self
                .held
                .is_none_or(|held| text(event, self.query.held(step).expect("held")).as_deref() == Some(held))
            && self.group.is_none_or(|group| {
                plain::groups(self.world, self.query.breakdown.as_ref(), 0, &[event]).contains(group)
            })
    }

    /// Whether an event ends attempts that came to a step.
    fn ends(&self, state: usize, index: usize) -> bool {
        if self.query.order == FunnelOrder::Any && state == 0 {
            return (1..self.query.steps.len() - 1).any(|state| self.ends(state, index))
                || self.ends_at(0, index);
        }
        self.ends_at(state, index)
    }

    fn ends_at(&self, state: usize, index: usize) -> bool {
        let event = self.events[index];
        let last = self.query.steps.len() - 1;
        self.exclude
            && self.query.exclusions.iter().any(|exclusion| {
                let covered = exclusion.after.unwrap_or(0)..exclusion.before.unwrap_or(last);
                covered.contains(&state) && matches(self.world, event, &exclusion.event)
            })
            && self.held.is_none_or(|held| {
                text(event, self.query.held(state).expect("held")).is_none_or(|own| own == held)
            })
    }

    /// Whether an event breaks any attempt that does not take it.
    fn breaks(&self, index: usize) -> bool {
        let own = EventMatch { event: ANY_EVENT.to_owned(), filters: Vec::new() };
        self.query.order.is_strict()
            && (self.is_listed(index)
                || (self.query.order == FunnelOrder::Strict && matches(self.world, self.events[index], &own)))
    }

    pub(super) fn is_listed(&self, index: usize) -> bool {
        let mut exclusions = self.query.exclusions.iter();
        (0..self.query.steps.len()).any(|step| self.is_step(step, index))
            || exclusions.any(|exclusion| matches(self.world, self.events[index], &exclusion.event))
    }

    /// Nothing that ends an attempt at a step lies between two times, neither included.
    fn is_clear(&self, state: usize, from: Millis, to: Millis) -> bool {
        let mut between =
            self.unit.iter().filter(|index| from < self.time(**index) && self.time(**index) < to);
        !between.any(|index| self.breaks(*index) || self.ends(state, *index))
    }

    pub(super) fn in_window(&self, window: FunnelWindow, first: Millis, at: Millis) -> bool {
        match window {
            FunnelWindow::Elapsed { seconds } => at - first <= i64::from(seconds) * 1_000,
            FunnelWindow::Days { days } => {
                let zone = &self.world.zone;
                let apart = local_date(at, zone) - local_date(first, zone);
                apart.get_days() < days as i32
            }
        }
    }

    /// Whether the next step of an attempt would still count at a time.
    fn lasts(&self, run: &Run, at: Millis) -> bool {
        let (first, (step, last)) = (self.time(run[0].1), *run.last().expect("a step"));
        let within = self.query.steps.get(step + 1).and_then(|step| step.within);
        self.in_window(self.query.window, first, at)
            && within.is_none_or(|within| self.in_window(within, self.time(last), at))
    }

    fn starts(&self, index: usize) -> bool {
        (self.range.from..self.range.to).contains(&self.time(index))
    }

    fn runs(&self) -> Vec<Run> {
        let mut runs = Vec::new();
        if self.query.order == FunnelOrder::Any {
            self.sets(0, &mut Vec::new(), &mut runs);
        } else {
            self.extend(&mut Vec::new(), &mut runs);
        }
        runs
    }

    fn extend(&self, run: &mut Run, runs: &mut Vec<Run>) {
        if !run.is_empty() {
            runs.push(run.clone());
        }
        let from = run.last().map_or(0, |(step, _)| step + 1);
        for step in from..self.query.steps.len() {
            for &index in self.unit {
                let taken = run.iter().any(|(_, own)| *own == index);
                if !taken && self.may_be(step, index) && self.may_follow(run, index) {
                    run.push((step, index));
                    self.extend(run, runs);
                    run.pop();
                }
            }
            if !self.query.steps[step].optional {
                break;
            }
        }
    }

    fn may_follow(&self, run: &Run, index: usize) -> bool {
        let Some(&(step, last)) = run.last() else { return self.starts(index) };
        let (last, time) = (self.time(last), self.time(index));
        let in_order = if self.query.must_increase { last < time } else { last <= time };
        in_order && self.lasts(run, time) && self.is_clear(step, last, time)
    }

    /// All sets of events that serve different steps; their steps are their places by time.
    fn sets(&self, steps: u32, set: &mut Vec<usize>, runs: &mut Vec<Run>) {
        if !set.is_empty() {
            runs.push(set.iter().copied().enumerate().collect());
        }
        let after = set.last().copied();
        for &index in self.unit.iter().filter(|index| after.is_none_or(|last| last < **index)) {
            let time = self.time(index);
            let fits = match set.first() {
                None => self.starts(index),
                Some(first) => {
                    let first = self.time(*first);
                    self.in_window(self.query.window, first, time) && self.is_clear(0, first, time)
                }
            };
            let mut free = (0..self.query.steps.len()).filter(|step| steps >> step & 1 == 0);
            if !fits || !free.clone().any(|step| self.may_be(step, index)) {
                continue;
            }
            set.push(index);
            for step in free.by_ref().filter(|step| self.may_be(*step, index)) {
                self.sets(steps | 1 << step, set, runs);
            }
            set.pop();
        }
    }

    fn level(&self, run: &Run) -> usize {
        run.last().map_or(0, |(step, _)| step + 1)
    }

    fn rank(&self, run: &Run) -> Rank {
        let back = run.iter().rev().map(|(step, index)| (self.time(*index), *step)).collect();
        let (start, end) = (self.time(run[0].1), self.time(run.last().expect("a step").1));
        (Reverse(self.level(run)), end, Reverse(start), Reverse(back), run.clone())
    }

    /// No exclusion hits an attempt that waits for its next step.
    fn is_clean(&self, run: &Run) -> bool {
        let (step, last) = *run.last().expect("a step");
        let last = self.time(last);
        let state = if self.query.order == FunnelOrder::Any { 0 } else { step };
        let hits = |index: &&usize| {
            let time = self.time(**index);
            let broken = self
                .unit
                .iter()
                .any(|other| last < self.time(*other) && self.time(*other) < time && self.breaks(*other));
            self.ends(state, **index) && last < time && self.lasts(run, time) && !broken
        };
        self.level(run) == self.query.steps.len() || !self.unit.iter().any(|index| hits(&index))
    }

    pub(super) fn best(&self) -> Option<Rank> {
        let runs = self.runs();
        let furthest = runs.iter().map(|run| self.level(run)).max()?;
        let mut by_end: BTreeMap<Millis, Rank> = BTreeMap::new();
        for run in runs.iter().filter(|run| self.level(run) == furthest) {
            let rank = self.rank(run);
            let kept = by_end.entry(rank.1).or_insert_with(|| rank.clone());
            if rank < *kept {
                *kept = rank;
            }
        }
        let best = by_end.into_values().find(|rank| self.is_clean(&rank.4))?;
        if self.query.excluding == FunnelExcluding::Removes {
            let without = Search { exclude: false, ..*self };
            let levels = without.runs();
            if levels.iter().any(|run| self.level(run) > furthest) {
                return None;
            }
        }
        Some(best)
    }

    /// Something that happens from now on could take an attempt further.
    pub(super) fn is_open(&self) -> bool {
        let runs = self.runs();
        let waits = |run: &&Run| {
            let (step, last) = *run.last().expect("a step");
            self.lasts(run, self.world.as_of + 1) && self.is_clear(step, self.time(last), Millis::MAX)
        };
        let any = self.query.order == FunnelOrder::Any;
        runs.iter().all(|run| self.level(run) < self.query.steps.len())
            && runs.iter().filter(|run| !any || run.len() == 1).any(|run| waits(&run))
    }
}
