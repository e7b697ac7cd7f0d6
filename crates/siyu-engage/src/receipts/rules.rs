//! The one-way street of a message: accepted, then delivered, then come back, or
//! failed; a complaint stands beside it and stays. A receipt moves a message
//! forward or not at all.

use siyu_types::clock::Millis;

use super::model::{Said, Verdict};
use crate::delivery::{Bounce, SendState};

/// So many soft returns from one address within the window, with no delivery
/// known in between, and it is not written to any more.
pub const SOFT_BOUNCES_MAX: u64 = 5;
/// How long a soft return counts.
pub const SOFT_WINDOW_DAYS: i64 = 90;
/// How long a receipt waits for a message with its provider id.
pub const WAITING_DAYS: i64 = 7;
pub const DAY_MILLIS: i64 = 86_400_000;

/// What is known of a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Standing {
    pub state: SendState,
    /// It was handed over at least once.
    pub tried: bool,
    pub bounce: Bounce,
    pub delivered: bool,
    pub complained: bool,
}

/// Where a receipt leads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Step {
    pub to: Standing,
    /// The person got nothing after all; it does not count against the cap.
    pub release: bool,
}

/// The whole table. An error is a receipt that changes nothing, and why.
pub fn step(from: Standing, said: Said) -> Result<Step, Verdict> {
    use SendState::{Attempting, Cancelled, Failed, Pending, Sent, Suppressed, Unknown, Withheld};
    match from.state {
        Suppressed | Withheld => return Err(Verdict::NotSent),
        Pending | Cancelled if !from.tried => return Err(Verdict::NotSent),
        Pending | Attempting | Sent | Failed | Unknown | Cancelled => {}
    }
    // Whatever comes back or arrives had been taken: this resolves an unknown outcome.
    let taken = |to: Standing| match from.state {
        Failed => to,
        _ => Standing { state: Sent, ..to },
    };
    let lost = from.state == Failed || from.bounce != Bounce::None;
    let (to, release) = match said {
        Said::Delayed => return Err(Verdict::Noted),
        Said::Complained if from.complained => return Err(Verdict::Duplicate),
        Said::Complained => (taken(Standing { complained: true, ..from }), false),
        Said::Delivered if from.delivered => return Err(Verdict::Duplicate),
        Said::Delivered if lost => return Err(Verdict::Outdated),
        Said::Delivered => (taken(Standing { delivered: true, ..from }), false),
        Said::Dead if from.bounce == Bounce::Hard => return Err(Verdict::Duplicate),
        Said::Returned if from.bounce == Bounce::Soft => return Err(Verdict::Duplicate),
        Said::Returned if lost => return Err(Verdict::Outdated),
        Said::Dead if from.state == Failed => return Err(Verdict::Outdated),
        Said::Dead => (taken(Standing { bounce: Bounce::Hard, ..from }), true),
        Said::Returned => (taken(Standing { bounce: Bounce::Soft, ..from }), true),
        Said::Failed if from.state == Failed => return Err(Verdict::Duplicate),
        Said::Failed if lost || from.delivered => return Err(Verdict::Outdated),
        Said::Failed => (Standing { state: Failed, ..from }, true),
    };
    Ok(Step { to, release })
}

/// A server's clock may be wrong: nothing is known before it happens, nor long
/// before the message was decided about.
pub fn plausible(told: Option<Millis>, decided: Option<Millis>, now: Millis) -> Millis {
    told.unwrap_or(now).clamp(decided.unwrap_or(now).min(now), now)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SENT: Standing = Standing {
        state: SendState::Sent,
        tried: true,
        bounce: Bounce::None,
        delivered: false,
        complained: false,
    };

    #[test]
    fn the_one_way_street() {
        use SendState::{Attempting, Cancelled, Failed, Pending, Sent, Suppressed, Unknown, Withheld};
        let at = |state| Standing { state, ..SENT };
        let waiting = Standing { tried: false, ..at(Pending) };
        let arrived = Standing { delivered: true, ..SENT };
        let dead = Standing { bounce: Bounce::Hard, ..SENT };
        let back = Standing { bounce: Bounce::Soft, ..SENT };
        // from, receipt, where to (and whether the reservation is given back) or why not
        let cases = [
            (SENT, Said::Delivered, Ok((arrived, false))),
            (at(Unknown), Said::Delivered, Ok((arrived, false))),
            (at(Attempting), Said::Delivered, Ok((arrived, false))),
            (at(Pending), Said::Delivered, Ok((arrived, false))),
            (at(Cancelled), Said::Delivered, Ok((arrived, false))),
            (arrived, Said::Delivered, Err(Verdict::Duplicate)),
            (dead, Said::Delivered, Err(Verdict::Outdated)),
            (back, Said::Delivered, Err(Verdict::Outdated)),
            (at(Failed), Said::Delivered, Err(Verdict::Outdated)),
            (at(Unknown), Said::Dead, Ok((dead, true))),
            (arrived, Said::Dead, Ok((Standing { delivered: true, ..dead }, true))),
            (back, Said::Dead, Ok((dead, true))),
            (dead, Said::Dead, Err(Verdict::Duplicate)),
            (at(Failed), Said::Dead, Err(Verdict::Outdated)),
            (SENT, Said::Returned, Ok((back, true))),
            (back, Said::Returned, Err(Verdict::Duplicate)),
            (dead, Said::Returned, Err(Verdict::Outdated)),
            (SENT, Said::Failed, Ok((at(Failed), true))),
            (at(Failed), Said::Failed, Err(Verdict::Duplicate)),
            (arrived, Said::Failed, Err(Verdict::Outdated)),
            (back, Said::Failed, Err(Verdict::Outdated)),
            (dead, Said::Complained, Ok((Standing { complained: true, ..dead }, false))),
            (at(Unknown), Said::Complained, Ok((Standing { complained: true, ..SENT }, false))),
            (Standing { complained: true, ..SENT }, Said::Complained, Err(Verdict::Duplicate)),
            (SENT, Said::Delayed, Err(Verdict::Noted)),
            (at(Suppressed), Said::Delivered, Err(Verdict::NotSent)),
            (at(Withheld), Said::Complained, Err(Verdict::NotSent)),
            (waiting, Said::Dead, Err(Verdict::NotSent)),
        ];
        for (from, said, expected) in cases {
            let got = step(from, said).map(|step| (step.to, step.release));
            assert_eq!(got, expected, "{said:?} after {from:?}");
        }
        assert!(matches!(step(at(Sent), Said::Dead), Ok(step) if step.to.state == Sent), "it was sent once");
    }

    #[test]
    fn times_are_believed_within_reason() {
        // told, decided, now → taken
        let cases = [
            (Some(50), Some(10), 100, 50),
            (Some(500), Some(10), 100, 100),
            (Some(-5), Some(10), 100, 10),
            (None, Some(10), 100, 100),
            (Some(50), None, 100, 100),
            (Some(50), Some(200), 100, 100),
        ];
        for (told, decided, now, expected) in cases {
            assert_eq!(plausible(told, decided, now), expected, "{told:?} {decided:?}");
        }
    }

    fn run(mut standing: Standing, receipts: &[Said]) -> Standing {
        for said in receipts {
            standing = step(standing, *said).map_or(standing, |step| step.to);
        }
        standing
    }

    /// How far a message has come; receipts never lower it.
    fn rank(standing: Standing) -> (u8, bool) {
        let far = match (standing.state, standing.bounce, standing.delivered) {
            (SendState::Failed, ..) | (_, Bounce::Soft, _) => 4,
            (_, Bounce::Hard, _) => 5,
            (SendState::Sent, _, true) => 3,
            (SendState::Sent, _, false) => 2,
            _ => 1,
        };
        (far, standing.complained)
    }

    proptest! {
        #[test]
        fn receipts_only_lead_forward(
            state in prop::sample::select(vec![SendState::Attempting, SendState::Unknown, SendState::Sent]),
            receipts in prop::collection::vec(prop::sample::select(Said::ALL.to_vec()), 0..12),
        ) {
            let start = Standing { state, ..SENT };
            let mut standing = start;
            for said in &receipts {
                let next = run(standing, &[*said]);
                prop_assert!(rank(next).0 >= rank(standing).0 && rank(next).1 >= rank(standing).1);
                // At once the same again changes nothing.
                prop_assert_eq!(run(next, &[*said]), next);
                standing = next;
            }
            // All of them again, which is what a provider does that got no answer.
            prop_assert_eq!(run(standing, &receipts), standing);
            // The naive twin: facts that do not depend on the order.
            prop_assert_eq!(standing.complained, receipts.contains(&Said::Complained));
            let fails = receipts.iter().position(|said| matches!(said, Said::Failed));
            let others = |said: &Said| matches!(said, Said::Delivered | Said::Dead | Said::Returned);
            let first = receipts.iter().position(others);
            let failed = fails.is_some_and(|at| first.is_none_or(|first| at < first));
            prop_assert_eq!(standing.state == SendState::Failed, failed);
            prop_assert_eq!(standing.bounce == Bounce::Hard, !failed && receipts.contains(&Said::Dead));
        }
    }
}
