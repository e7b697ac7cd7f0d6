//! A plain funnel over the events of somebody of whom no two are of one time and each is one step, as
//! is mostly so.
//!
//! Of an attempt only its deadline is kept while events are seen: the chosen one is read from its end
//! backwards, each step the last that can be. That is the one that started last, and of those the one
//! whose steps lie closest to the end (F7), since an attempt whose steps are later can do no less. It says
//! what [`super::attempt`] says, which is asked where this one cannot tell.

use siyu_types::analysis::STEPS_MAX;
use siyu_types::calendar::InstantRange;
use siyu_types::clock::Millis;

use super::attempt::NOBODY;
use super::engine::Found;
use super::plan::{Plan, Window};
use crate::roles::RolesOn;

pub(super) struct Distinct {
    steps: usize,
    window: i64,
    range: InstantRange,
    until: Millis,
    as_of: Millis,
    /// The step by the mark of an event's code.
    step_of: Box<[u8; 256]>,
}

impl Distinct {
    /// `None` if the question is not of this kind.
    pub(super) fn new(plan: &Plan<'_>) -> Option<Distinct> {
        let Window::Millis(window) = plan.window(plan.query.window) else { return None };
        let masks = plan.by_mark().filter(|_| plan.is_plain() && plan.is_direct())?;
        let mut step_of = Box::new([0; 256]);
        // Mark 0 is that of events that nobody wants; those after the last stand for none.
        for (step, mask) in step_of.iter_mut().zip(&masks[..plan.roles.marks()]).skip(1) {
            *step = u8::try_from(mask.trailing_zeros()).ok().filter(|_| mask.is_power_of_two())?;
        }
        let (range, until, as_of) = (plan.range, plan.until, plan.as_of);
        Some(Distinct { steps: plan.query.steps.len(), window, range, until, as_of, step_of })
    }

    /// Writes the chosen attempt into `found`, of level 0 if there is none, and says whether something that
    /// happens after "as of" could change it; `None` if two events are of one time.
    #[inline]
    pub(super) fn of_rows(
        &self,
        roles: &RolesOn<'_>,
        times: &[Millis],
        rows: &[u32],
        found: &mut Found,
    ) -> Option<bool> {
        let step_of = |row: u32| usize::from(self.step_of[usize::from(roles.mark(row))]) % STEPS_MAX;
        let (window, steps, until) = (self.window, self.steps, self.until);
        // An attempt starts so many milliseconds after the range does, at most.
        let (from, length) = (self.range.from, self.range.to.abs_diff(self.range.from));
        let starts = |time: Millis| (time.wrapping_sub(from) as u64) < length;
        // Where `at[k]` is the last instant at which step k may still be taken, by the attempt that started
        // last of those that come so far. Nothing branches on which step is next.
        let mut at = [Millis::MIN; STEPS_MAX + 2];
        let (mut level, mut end, mut before) = (0, 0, Millis::MIN);
        for (index, &row) in rows.iter().enumerate() {
            let time = times[row as usize];
            if time == before {
                return None;
            }
            if time > until {
                break;
            }
            before = time;
            let step = step_of(row);
            // Known times end with "as of", so that no sum is too large.
            at[0] = if starts(time) { time.wrapping_add(window) } else { Millis::MIN };
            let deadline = at[step];
            let goes_on = time <= deadline;
            at[if goes_on { step + 1 } else { NOBODY }] = deadline;
            // The first to come this far is the chosen one.
            let further = goes_on & (step >= level);
            (level, end) = if further { (step + 1, index) } else { (level, end) };
            if level == steps {
                // Nothing later matters, but for an event of the same time.
                if rows.get(index + 1).is_some_and(|next| times[*next as usize] == time) {
                    return None;
                }
                break;
            }
        }
        found.level = level;
        if level > 0 {
            found.rows[level - 1] = rows[end];
            let mut missing = level - 1;
            for &row in rows[..end].iter().rev() {
                if missing == 0 {
                    break;
                }
                // The one that is not the step will be overwritten by one that is.
                found.rows[missing - 1] = row;
                let may = missing > 1 || starts(times[row as usize]);
                missing -= usize::from(step_of(row) == missing - 1 && may);
            }
        }
        Some(level < steps && at[1] > self.as_of)
    }
}
