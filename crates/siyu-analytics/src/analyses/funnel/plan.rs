//! A funnel's question, prepared for one scan.

use siyu_events::Block;
use siyu_types::Result;
use siyu_types::analysis::{
    ANY_EVENT, DateRange, FunnelAttribution, FunnelCount, FunnelExcluding, FunnelFirst, FunnelOrder,
    FunnelQuery, FunnelWindow, Interval,
};
use siyu_types::calendar::{InstantRange, resolve};
use siyu_types::clock::Millis;

use super::engine::ENDS;
use super::units::Mark;
use crate::Context;
use crate::boundaries::Boundaries;
use crate::groups::Source;
use crate::masks::EventTest;
use crate::pass::time_bounds;
use crate::roles::{Roles, RolesOn};

pub(super) struct Plan<'q> {
    pub(super) query: &'q FunnelQuery,
    pub(super) roles: Roles<'q>,
    /// By role, its marks; `None` if role k is step k and nothing else.
    marks: Option<Vec<u32>>,
    /// Steps that only the first of some roles can be.
    firsts: Vec<(usize, u64)>,
    pub(super) range: InstantRange,
    /// Later events are unknown, or do not count.
    pub(super) until: Millis,
    pub(super) as_of: Millis,
    /// The roles of what somebody did themselves, if it matters.
    pub(super) own: u64,
    days: Option<Boundaries>,
    pub(super) source: Source<'q>,
}

/// The steps that may be left out, bit k for step k.
pub(super) fn optional_steps(query: &FunnelQuery) -> u32 {
    let optional = query.steps.iter().enumerate().filter(|(_, step)| step.optional);
    optional.fold(0, |steps, (step, _)| steps | 1 << step)
}

/// How long a step counts, in a form that kernels can ask.
#[derive(Clone, Copy)]
pub(super) enum Window<'p> {
    Millis(i64),
    Days { days: usize, calendar: &'p Boundaries },
}

impl Window<'_> {
    #[inline(always)]
    pub(super) fn deadline(&self, start: Millis) -> Millis {
        match self {
            Window::Millis(millis) => start.saturating_add(*millis),
            Window::Days { days, calendar } => {
                calendar.start(calendar.index(start).saturating_add(*days)).saturating_sub(1)
            }
        }
    }
}

impl<'q> Plan<'q> {
    pub(super) fn new(query: &'q FunnelQuery, context: &Context<'q>) -> Result<Plan<'q>> {
        let range = resolve(&query.range, context.as_of, context.zone)?;
        let roles = RolePlan::new(query, context);
        let until = if query.clamp { context.as_of.min(range.to - 1) } else { context.as_of };
        Ok(Plan {
            query,
            roles: Roles::new(roles.tests),
            marks: (!roles.plain).then_some(roles.marks),
            firsts: roles.firsts,
            own: roles.own,
            range,
            until,
            as_of: context.as_of,
            days: days(query, range, context),
            source: Source::new(query.breakdown.as_ref(), context.people)?,
        })
    }

    pub(super) fn window(&self, window: FunnelWindow) -> Window<'_> {
        match (window, &self.days) {
            (FunnelWindow::Elapsed { seconds }, _) => Window::Millis(i64::from(seconds) * 1_000),
            (FunnelWindow::Days { days }, Some(calendar)) => Window::Days { days: days as usize, calendar },
            // There is a calendar whenever a window is of days.
            (FunnelWindow::Days { .. }, None) => Window::Millis(i64::MAX),
        }
    }

    /// The marks of an event, but for what only the first of somebody's can be.
    #[inline]
    pub(super) fn marks(&self, mut roles: u64) -> u32 {
        let Some(table) = &self.marks else { return roles as u32 };
        let mut marks = 0;
        while roles != 0 {
            marks |= table[roles.trailing_zeros() as usize];
            roles &= roles - 1;
        }
        marks
    }

    /// The marks by the mark of an event's code; `None` if it takes more than that to know them.
    pub(super) fn by_mark(&self) -> Option<Box<[u32; 256]>> {
        let bits = self.roles.by_mark()?;
        let mut marks = Box::new([0; 256]);
        marks.iter_mut().zip(bits).for_each(|(marks, roles)| *marks = self.marks(*roles));
        Some(marks)
    }

    /// Whether an attempt ends by its window alone, and has every step before its last.
    pub(super) fn is_plain(&self) -> bool {
        let steps = &self.query.steps;
        !self.query.order.is_strict()
            && self.query.order != FunnelOrder::Any
            && self.query.exclusions.is_empty()
            && steps.iter().all(|step| !step.optional && step.within.is_none())
    }

    /// Whether nothing but the marks of its events is to be known of a person.
    pub(super) fn is_direct(&self) -> bool {
        let query = self.query;
        self.firsts.is_empty()
            && !query.order.is_strict()
            && query.hold.is_empty()
            && query.trend.is_none()
            && query.count == FunnelCount::People
            && query.attribution != FunnelAttribution::AllSteps
            && query.excluding == FunnelExcluding::Ends
    }

    /// Whether the person did it themselves.
    pub(super) fn is_own(&self, roles: &RolesOn<'_>, row: u32) -> bool {
        roles.of(row) & self.own != 0
    }

    /// Whether there are steps that only the first of some events can be.
    pub(super) fn needs_firsts(&self) -> bool {
        !self.firsts.is_empty()
    }

    /// Takes from the marks of a person's events the steps that only their first could be.
    pub(super) fn keep_firsts(&self, block: &Block, roles: &RolesOn<'_>, seen: &mut [Mark]) {
        for &(step, of) in &self.firsts {
            let mut first: Option<Millis> = None;
            for mark in seen.iter_mut() {
                let time = block.times[mark.row as usize];
                if first.is_some_and(|first| first < time) {
                    mark.marks &= !(1 << step);
                } else if first.is_none() && roles.of(mark.row) & of != 0 {
                    first = Some(time);
                }
            }
        }
    }
}

/// The events of a question as roles.
struct RolePlan<'q> {
    tests: Vec<EventTest<'q>>,
    marks: Vec<u32>,
    firsts: Vec<(usize, u64)>,
    own: u64,
    plain: bool,
}

impl<'q> RolePlan<'q> {
    fn new(query: &'q FunnelQuery, context: &Context<'q>) -> RolePlan<'q> {
        let mut plan =
            RolePlan { tests: Vec::new(), marks: Vec::new(), firsts: Vec::new(), own: 0, plain: true };
        for (index, step) in query.steps.iter().enumerate() {
            let from = plan.tests.len();
            for event in step.events() {
                plan.add(EventTest::new(&event.event, &event.filters, context), 1 << index);
            }
            let own = ((1u64 << plan.tests.len()) - 1) & !((1 << from) - 1);
            match step.first {
                None => {}
                Some(FunnelFirst::Matching) => plan.firsts.push((index, own)),
                Some(FunnelFirst::Ever) => {
                    let from = plan.tests.len();
                    for event in step.events() {
                        plan.add(EventTest::new(&event.event, &[], context), 0);
                    }
                    let named = ((1u64 << plan.tests.len()) - 1) & !((1 << from) - 1);
                    plan.firsts.push((index, named));
                }
            }
        }
        plan.plain = plan.tests.len() == query.steps.len();
        for exclusion in &query.exclusions {
            let last = query.steps.len() - 1;
            let (after, before) = (exclusion.after.unwrap_or(0), exclusion.before.unwrap_or(last));
            let ends = (after..before).fold(0u32, |ends, state| ends | 1 << state);
            let event = &exclusion.event;
            plan.add(EventTest::new(&event.event, &event.filters, context), ends << ENDS);
        }
        let sessions = matches!(query.count, FunnelCount::Sessions { .. });
        if query.order == FunnelOrder::Strict || sessions {
            plan.own = 1 << plan.tests.len();
            plan.add(EventTest::new(ANY_EVENT, &[], context), 0);
        }
        plan.plain &= plan.tests.len() == query.steps.len();
        plan
    }

    fn add(&mut self, test: EventTest<'q>, marks: u32) {
        self.tests.push(test);
        self.marks.push(marks);
    }
}

/// The local days that windows of days need: those on which a step may be, and after them enough to
/// know the end of every window that ends by now; later ends are "never yet".
fn days(query: &FunnelQuery, range: InstantRange, context: &Context<'_>) -> Option<Boundaries> {
    let windows = query.steps.iter().filter_map(|step| step.within).chain([query.window]);
    let longest = windows.filter_map(|window| match window {
        FunnelWindow::Days { days } => Some(days),
        FunnelWindow::Elapsed { .. } => None,
    });
    let longest = longest.max()?;
    let (first, last) = time_bounds(context.scan).unwrap_or((context.as_of, context.as_of));
    // The buckets of a trend may lie before and after all events, but for one of all time.
    let trend = query.trend.is_some() && !matches!(query.range, DateRange::All);
    let from = if trend { range.from } else { range.from.max(first) };
    let to = if trend { context.as_of } else { last.min(context.as_of) }.saturating_add(1);
    let beyond = i64::from(longest).saturating_add(2).saturating_mul(86_400_000);
    let end = to.saturating_add(beyond).min(context.as_of.saturating_add(172_800_000));
    let covered = InstantRange { from, to: end.max(from.saturating_add(1)) };
    Some(Boundaries::covering(covered, Interval::Day, context.zone, usize::MAX))
}
