//! The funnel by trying every attempt of every person, for tests.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use siyu_types::analysis::{
    ANY_EVENT, EventMatch, FunnelAttribution, FunnelCount, FunnelExcluding, FunnelFirst, FunnelOrder,
    FunnelQuery, FunnelWindow, Group,
};
use siyu_types::calendar::{InstantRange, day_start, local_date, next_bucket, resolve};
use siyu_types::clock::Millis;

use crate::testing::plain::{self, matches};
use crate::testing::{Event, World};
use crate::values::keys;

/// Steps and positions among the person's events.
type Run = Vec<(usize, usize)>;

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
type Rank = (Reverse<usize>, Millis, Reverse<Millis>, Reverse<Vec<(Millis, usize)>>, Run);

/// One unit of one person's events.
struct Search<'w> {
    query: &'w FunnelQuery,
    world: &'w World,
    range: InstantRange,
    until: Millis,
    /// All that is known of the person.
    events: &'w [&'w Event],
    /// Those of the unit.
    unit: &'w [usize],
    held: Option<&'w str>,
    group: Option<&'w Group>,
    exclude: bool,
}

fn is(world: &World, event: &Event, asked: &[&EventMatch]) -> bool {
    asked.iter().any(|asked| matches(world, event, asked))
}

fn text(event: &Event, property: &str) -> Option<String> {
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
            && self.held.is_none_or(|held| {
                text(event, self.query.held(step).expect("held")).as_deref() == Some(held)
            })
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

    fn is_listed(&self, index: usize) -> bool {
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

    fn in_window(&self, window: FunnelWindow, first: Millis, at: Millis) -> bool {
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
            let broken = self.unit.iter().any(|other| {
                last < self.time(*other) && self.time(*other) < time && self.breaks(*other)
            });
            self.ends(state, **index) && last < time && self.lasts(run, time) && !broken
        };
        self.level(run) == self.query.steps.len() || !self.unit.iter().any(|index| hits(&index))
    }

    fn best(&self) -> Option<Rank> {
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
    fn is_open(&self) -> bool {
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

/// Everything that is asked of one person.
struct Person<'w> {
    query: &'w FunnelQuery,
    world: &'w World,
    person: u32,
    events: Vec<&'w Event>,
    until: Millis,
}

impl Person<'_> {
    fn search<'s>(&'s self, unit: &'s [usize], held: Option<&'s str>, range: InstantRange) -> Search<'s> {
        let Person { query, world, events, until, .. } = self;
        Search { query, world, range, until: *until, events, unit, held, group: None, exclude: true }
    }

    fn units(&self) -> Vec<(Vec<usize>, Option<String>)> {
        let all: Vec<usize> = (0..self.events.len()).collect();
        let whole = self.search(&all, None, InstantRange { from: 0, to: 0 });
        let stretches = match self.query.count {
            FunnelCount::Sessions { gap_seconds } => {
                let own = EventMatch { event: ANY_EVENT.to_owned(), filters: Vec::new() };
                let counted: Vec<usize> = all
                    .iter()
                    .copied()
                    .filter(|index| {
                        whole.is_listed(*index) || matches(self.world, self.events[*index], &own)
                    })
                    .collect();
                let near = |a: &usize, b: &usize| {
                    self.events[*b].time - self.events[*a].time < i64::from(gap_seconds) * 1_000
                };
                counted.chunk_by(near).map(<[usize]>::to_vec).collect()
            }
            _ => vec![all.clone()],
        };
        if self.query.hold.is_empty() {
            return stretches.into_iter().map(|unit| (unit, None)).collect();
        }
        let mut units = Vec::new();
        for unit in stretches {
            let mut values: Vec<String> = Vec::new();
            for step in 0..self.query.steps.len() {
                let property = self.query.held(step).expect("held");
                values.extend(unit.iter().filter_map(|index| text(self.events[*index], property)));
            }
            values.sort_unstable();
            values.dedup();
            units.extend(values.into_iter().map(|value| (unit.clone(), Some(value))));
        }
        units
    }

    fn outcome(&self, unit: usize, rank: &Rank, groups: Vec<Group>) -> Outcome {
        let mut times = vec![None; rank.0.0];
        rank.4.iter().for_each(|(step, index)| times[*step] = Some(self.events[*index].time));
        Outcome { person: self.person, unit, times, groups }
    }

    fn groups(&self, rank: &Rank) -> Vec<Group> {
        let mut events: Vec<&Event> = rank.4.iter().map(|(_, index)| self.events[*index]).collect();
        let by_event = matches!(
            self.query.breakdown,
            Some(
                siyu_types::analysis::Breakdown::Property { .. }
                    | siyu_types::analysis::Breakdown::Item { .. }
            )
        );
        match self.query.attribution {
            FunnelAttribution::LastTouch => events.reverse(),
            FunnelAttribution::Step { step } if by_event => match rank.4.iter().find(|(own, _)| *own == step)
            {
                Some((_, index)) => events = vec![self.events[*index]],
                None => return vec![Group::NotReached],
            },
            _ => {}
        }
        plain::groups(self.world, self.query.breakdown.as_ref(), self.person, &events)
    }

    /// The outcomes with attempts that start in a range: by attempts of all events, and as they
    /// are grouped.
    fn outcomes(&self, range: InstantRange) -> (Vec<Outcome>, Vec<Outcome>) {
        let units = self.units();
        let once = self.query.count == FunnelCount::People;
        let mut whole: Vec<(usize, Rank)> = Vec::new();
        for (unit, (events, held)) in units.iter().enumerate() {
            whole.extend(self.search(events, held.as_deref(), range).best().map(|rank| (unit, rank)));
        }
        if once {
            whole = whole.into_iter().min_by(|a, b| a.1.cmp(&b.1)).map(|(_, rank)| (0, rank)).into_iter().collect();
        }
        let entire: Vec<_> =
            whole.iter().map(|(unit, rank)| self.outcome(*unit, rank, self.groups(rank))).collect();
        let by_person = !matches!(
            self.query.breakdown,
            Some(
                siyu_types::analysis::Breakdown::Property { .. }
                    | siyu_types::analysis::Breakdown::Item { .. }
            )
        );
        if self.query.attribution != FunnelAttribution::AllSteps || by_person {
            return (entire.clone(), entire);
        }
        let mut groups: Vec<Group> = Vec::new();
        for event in &self.events {
            groups.extend(plain::groups(self.world, self.query.breakdown.as_ref(), self.person, &[event]));
        }
        groups.sort();
        groups.dedup();
        let mut grouped = Vec::new();
        for group in groups {
            let mut found: Vec<(usize, Rank)> = Vec::new();
            for (unit, (events, held)) in units.iter().enumerate() {
                let search = Search { group: Some(&group), ..self.search(events, held.as_deref(), range) };
                found.extend(search.best().map(|rank| (unit, rank)));
            }
            if once {
                found = found.into_iter().min_by(|a, b| a.1.cmp(&b.1)).map(|(_, rank)| (0, rank)).into_iter().collect();
            }
            grouped.extend(found.iter().map(|(unit, rank)| self.outcome(*unit, rank, vec![group.clone()])));
        }
        (entire, grouped)
    }

    fn is_open(&self, range: InstantRange) -> bool {
        let units = self.units();
        let searches = || units.iter().map(|(unit, held)| self.search(unit, held.as_deref(), range));
        let done = searches().any(|search| {
            search.best().is_some_and(|best| best.0.0 == self.query.steps.len())
        });
        let counted = self.query.count != FunnelCount::People || !done;
        counted && searches().any(|search| search.is_open())
    }
}

/// What the answer is made of.
pub(super) struct Found {
    pub(super) entire: Vec<Outcome>,
    pub(super) grouped: Vec<Outcome>,
    /// By bucket of the trend, with its first day and whether it is complete.
    pub(super) buckets: Vec<(String, bool, Vec<Outcome>, Vec<Outcome>)>,
    pub(super) complete: bool,
}

pub(super) fn find(query: &FunnelQuery, world: &World) -> Found {
    let range = resolve(&query.range, world.as_of, &world.zone).expect("a valid range");
    let until = if query.clamp { world.as_of.min(range.to - 1) } else { world.as_of };
    let people: Vec<Person<'_>> = plain::chosen(world, query.segment)
        .into_iter()
        .map(|person| {
            let mut events = world.events_of(person);
            events.retain(|event| event.time <= until);
            Person { query, world, person, events, until }
        })
        .collect();
    let all = |range: InstantRange| {
        let found: Vec<_> = people.iter().map(|person| person.outcomes(range)).collect();
        let (entire, grouped): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        (entire.concat(), grouped.concat())
    };
    let (entire, grouped) = all(range);
    let complete = until < world.as_of
        || (world.as_of >= range.to && !people.iter().any(|person| person.is_open(range)));
    let buckets = buckets(query, world, until, &all);
    Found { entire, grouped, buckets, complete }
}

type OutcomesOf<'f> = &'f dyn Fn(InstantRange) -> (Vec<Outcome>, Vec<Outcome>);

fn buckets(
    query: &FunnelQuery,
    world: &World,
    until: Millis,
    all: OutcomesOf<'_>,
) -> Vec<(String, bool, Vec<Outcome>, Vec<Outcome>)> {
    let Some(interval) = query.trend else { return Vec::new() };
    let entries: Vec<&EventMatch> = match query.order {
        FunnelOrder::Any => query.steps.iter().flat_map(|step| step.events()).collect(),
        _ => query.steps[0].events().collect(),
    };
    let chosen = plain::chosen(world, query.segment);
    let days = entries.iter().map(|event| plain::days(world, &query.range, &chosen, event));
    let days = days.reduce(|a, b| (a.0.min(b.0), a.1)).expect("a step");
    let start = |date| day_start(date, &world.zone);
    let end = start(days.1.tomorrow().expect("in the calendar"));
    let known = InstantRange { from: start(days.0), to: end.min(world.as_of + 1) };
    let dates = plain::buckets(days, interval);
    let of = |date: &jiff::civil::Date| {
        let (from, to) = (start(*date), start(next_bucket(*date, interval)));
        let bucket = InstantRange { from: from.max(known.from), to: to.min(known.to) };
        let (entire, grouped) = all(bucket);
        let last = to.min(end) - 1;
        let nothing: [&Event; 0] = [];
        let search = Person { query, world, person: 0, events: nothing.to_vec(), until };
        let over = until < world.as_of
            || !search.search(&[], None, known).in_window(query.window, last, world.as_of + 1);
        (date.to_string(), world.as_of > last && over, entire, grouped)
    };
    dates.iter().map(of).collect()
}
