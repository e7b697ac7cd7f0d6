//! What is planted, so that answers are known exactly. Each plant picks its own
//! people; sizes are shares of the members.

use std::collections::BTreeSet;

use siyu_types::record::names;

use super::purchases::basket;
use super::writer::{DAY, HOUR, Line, MINUTE, Writer, props, text};
use super::{Member, PLANTED_CATEGORY, Truths, WAVE_CAMPAIGN, Wave, words};
use crate::random::SplitMix64;

/// The wave's message left on the morning of this day.
const WAVE_DAYS_BACK: i64 = 10;
const TREATED_RESPONSE: f64 = 0.12;
const CONTROL_RESPONSE: f64 = 0.06;

/// Deals shuffled members out in shares.
struct Deal<'a> {
    rest: Vec<&'a Member>,
    all: usize,
}

impl<'a> Deal<'a> {
    fn new(members: &'a [Member], random: &mut SplitMix64) -> Deal<'a> {
        let mut rest: Vec<&Member> = members.iter().collect();
        random.shuffle(&mut rest);
        Deal { rest, all: members.len() }
    }

    fn take(&mut self, share: f64) -> Vec<&'a Member> {
        let count = (self.all as f64 * share).round() as usize;
        self.rest.split_off(self.rest.len().saturating_sub(count))
    }
}

/// A message to treated members with a control group. Who converts is planted.
pub fn wave(members: &[Member], writer: &mut Writer, random: &mut SplitMix64, truths: &mut Truths) -> Wave {
    let mut deal = Deal::new(members, random);
    let (treated, control) = (deal.take(0.2), deal.take(0.1));
    let sent_at = writer.at(WAVE_DAYS_BACK, 10 * HOUR);
    let share = |people: &[&Member], response: f64| (people.len() as f64 * response).round() as usize;
    let counts = (share(&treated, TREATED_RESPONSE), share(&control, CONTROL_RESPONSE));
    for (people, event, converted) in
        [(&treated, names::MESSAGE_SENT, counts.0), (&control, names::MESSAGE_WITHHELD, counts.1)]
    {
        for (index, member) in people.iter().enumerate() {
            let about = props([("campaign_id", text(WAVE_CAMPAIGN)), ("channel", text("email"))]);
            writer.event(vec![member.login_id()], sent_at, event, about);
            if index < converted {
                let lines = basket(random);
                writer.order(member, sent_at + DAY + random.between(1, 2_000) * MINUTE, &lines);
            }
        }
    }
    let logins = |people: &[&Member]| people.iter().map(|m| m.login.clone()).collect::<BTreeSet<_>>();
    truths.wave = Wave {
        sent_at,
        treated: logins(&treated),
        control: logins(&control),
        treated_converted: counts.0 as u64,
        control_converted: counts.1 as u64,
    };
    truths.wave.clone()
}

/// Who buys from the planted category, and when, in local days before today.
/// The first and last instants of the windows are among them.
pub fn bakers(members: &[Member], writer: &mut Writer, random: &mut SplitMix64, truths: &mut Truths) {
    let mut deal = Deal::new(members, random);
    let last_instant = DAY - 1;
    for (index, member) in deal.take(0.05).into_iter().enumerate() {
        // The 60 days' first instant, and the last one before the 30 days.
        let times = match index {
            0 => [writer.at(59, 0), writer.at(30, last_instant)],
            _ => [random_instant(writer, random, 45, 59), random_instant(writer, random, 30, 44)],
        };
        times.iter().for_each(|at| {
            writer.order(member, *at, &bread(random));
        });
        truths.bakers_lapsed.insert(member.login.clone());
    }
    for (index, member) in deal.take(0.05).into_iter().enumerate() {
        // Still buying: the 30 days' first instant counts as bought.
        let recent = if index == 0 { writer.at(29, 0) } else { random_instant(writer, random, 12, 29) };
        let earlier = [random_instant(writer, random, 45, 59), random_instant(writer, random, 30, 44)];
        earlier.iter().chain([&recent]).for_each(|at| {
            writer.order(member, *at, &bread(random));
        });
    }
    for member in deal.take(0.03) {
        let once = random_instant(writer, random, 30, 59);
        writer.order(member, once, &bread(random));
    }
    for (index, member) in deal.take(0.03).into_iter().enumerate() {
        // Twice, but one of them before the 60 days.
        let before =
            if index == 0 { writer.at(60, last_instant) } else { random_instant(writer, random, 60, 90) };
        let within = random_instant(writer, random, 30, 59);
        [before, within].iter().for_each(|at| {
            writer.order(member, *at, &bread(random));
        });
    }
}

/// On some day of the range, at daytime.
fn random_instant(writer: &Writer, random: &mut SplitMix64, nearest: i64, farthest: i64) -> i64 {
    writer.at(random.between(nearest, farthest), random.between(8 * 60, 21 * 60) * MINUTE)
}

fn bread(random: &mut SplitMix64) -> Vec<Line> {
    let (item, price) = random.pick(words::PLANTED_GOODS);
    vec![Line { category: PLANTED_CATEGORY, item, quantity: 1, amount_minor: price }]
}

/// A funnel of three steps within 24 hours. `steps` are offsets from the view.
pub fn activity(members: &[Member], writer: &mut Writer, random: &mut SplitMix64, truths: &mut Truths) {
    const VIEW: &str = "activity_view";
    const JOIN: &str = "activity_join";
    const WIN: &str = "activity_win";
    /// Share of the members, their events, and how many steps they reach.
    type Group = (f64, &'static [(&'static str, i64)], usize);
    const GROUPS: &[Group] = &[
        (0.08, &[(VIEW, 0), (JOIN, 3 * MINUTE), (WIN, HOUR)], 3),
        (0.06, &[(VIEW, 0), (JOIN, 5 * MINUTE)], 2),
        (0.10, &[(VIEW, 0)], 1),
        // The window's last instant counts, the next does not.
        (0.01, &[(VIEW, 0), (JOIN, HOUR), (WIN, DAY)], 3),
        (0.02, &[(VIEW, 0), (JOIN, DAY + 1)], 1),
        // Out of order: winning before joining does not count.
        (0.02, &[(VIEW, 0), (WIN, HOUR), (JOIN, 2 * HOUR)], 2),
        // A second view starts another attempt, which succeeds.
        (0.01, &[(VIEW, 0), (VIEW, 2 * DAY), (JOIN, 2 * DAY + HOUR), (WIN, 2 * DAY + 2 * HOUR)], 3),
    ];
    let mut deal = Deal::new(members, random);
    for (share, events, reached) in GROUPS {
        for member in deal.take(*share) {
            let start = writer.at(random.between(4, 28), random.between(0, 23 * 60) * MINUTE);
            for (name, after) in *events {
                let about = props([("activity", text("大转盘"))]);
                writer.event(vec![member.device_id()], start + after, name, about);
            }
            truths.activity_steps[..*reached].iter_mut().for_each(|people| *people += 1);
        }
    }
}
