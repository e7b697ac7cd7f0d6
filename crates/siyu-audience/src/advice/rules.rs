//! The rules.

use jiff::civil::Date;
use siyu_types::clock::Millis;
use siyu_types::order::OrderState;

use super::{Advice, AdviceKind};
use crate::orders::{Lifecycle, Order, PersonValue, Stage};

const DAY: Millis = 24 * 3_600_000;
const SHOWN_MAX: usize = 3;
/// An order that was not paid for so long is forgotten.
const UNPAID_DAYS: i64 = 3;
/// A refund is worth a word for so long.
const REFUNDED_DAYS: i64 = 14;
const BIRTHDAY_DAYS: i64 = 7;
/// Fewer orders have no rhythm.
const RHYTHM_ORDERS: u64 = 3;
/// Kinds of identifiers by which somebody can be reached.
const REACHED_BY: [&str; 5] = ["phone", "email", "external_userid", "unionid", "openid"];

/// What is known of somebody.
pub(crate) struct Facts<'a> {
    /// Newest first.
    pub orders: &'a [Order],
    pub value: &'a PersonValue,
    pub lifecycle: Option<&'a Lifecycle>,
    /// As the one who asks sees it: a masked one reads as none.
    pub birthday: Option<&'a str>,
    /// Without their scopes.
    pub namespaces: &'a [&'a str],
    pub today: Date,
    pub now: Millis,
}

/// What to do, most pressing first.
pub(crate) fn advise(facts: &Facts<'_>) -> Vec<Advice> {
    let rules = [unpaid, refunded, birthday, due, win_back, second_order, contact];
    rules.iter().filter_map(|rule| rule(facts)).take(SHOWN_MAX).collect()
}

fn advice(kind: AdviceKind, days: Option<i64>) -> Advice {
    Advice { kind, days, every: None, order_id: None }
}

fn days_since(at: Millis, facts: &Facts<'_>) -> i64 {
    (facts.now - at).max(0) / DAY
}

fn of_order(order: &Order, advice: Advice) -> Advice {
    Advice { order_id: Some(order.order_id.clone()).filter(|id| !id.is_empty()), ..advice }
}

/// Unless they paid for another one since.
fn unpaid(facts: &Facts<'_>) -> Option<Advice> {
    let order = facts.orders.iter().find(|order| order.sum.state == OrderState::Placed)?;
    let bought_since =
        facts.orders.iter().any(|other| !other.payments.is_empty() && other.sum.at > order.sum.at);
    let days = days_since(order.sum.at, facts);
    (days < UNPAID_DAYS && !bought_since).then(|| of_order(order, advice(AdviceKind::Unpaid, Some(days))))
}

fn refunded(facts: &Facts<'_>) -> Option<Advice> {
    let last = |order: &Order| order.refunds.iter().map(|refund| refund.at).max();
    let (at, order) =
        facts.orders.iter().filter_map(|order| Some((last(order)?, order))).max_by_key(|(at, _)| *at)?;
    let days = days_since(at, facts);
    (days < REFUNDED_DAYS).then(|| of_order(order, advice(AdviceKind::Refunded, Some(days))))
}

/// `1990-05-01` or `05-01`. Who was born on a leap day has it on 28 February in other years.
fn birthday(facts: &Facts<'_>) -> Option<Advice> {
    let text = facts.birthday?.get(..10).or(facts.birthday)?;
    let (month, day) = match text.parse::<Date>() {
        Ok(date) => (date.month(), date.day()),
        Err(_) => {
            let (month, day) = text.split_once('-')?;
            (month.parse().ok()?, day.parse().ok()?)
        }
    };
    let in_year = |year: i16| {
        Date::new(year, month, day).or_else(|_| Date::new(year, month, day.saturating_sub(1))).ok()
    };
    let year = facts.today.year();
    let next =
        [in_year(year)?, in_year(year.checked_add(1)?)?].into_iter().find(|date| *date >= facts.today)?;
    let days = i64::from((next - facts.today).get_days());
    (days <= BIRTHDAY_DAYS).then(|| advice(AdviceKind::Birthday, Some(days)))
}

/// Later than usual by a quarter, of somebody who still comes.
fn due(facts: &Facts<'_>) -> Option<Advice> {
    let Stage::Active = facts.lifecycle?.stage else { return None };
    let (first, last) = (facts.value.first_order?.0, facts.value.last_order?.0);
    if facts.value.orders < RHYTHM_ORDERS {
        return None;
    }
    let every = (last - first) / (facts.value.orders as i64 - 1) / DAY;
    let days = facts.value.days_since?;
    let late = every > 0 && days * 4 > every * 5;
    late.then(|| Advice { every: Some(every), ..advice(AdviceKind::Due, Some(days)) })
}

fn win_back(facts: &Facts<'_>) -> Option<Advice> {
    let gone = matches!(facts.lifecycle?.stage, Stage::Cooling | Stage::Lost) && facts.value.orders > 0;
    gone.then(|| advice(AdviceKind::WinBack, facts.value.days_since))
}

fn second_order(facts: &Facts<'_>) -> Option<Advice> {
    let new = facts.lifecycle?.stage == Stage::New && facts.value.orders == 1;
    new.then(|| advice(AdviceKind::SecondOrder, facts.value.days_since))
}

fn contact(facts: &Facts<'_>) -> Option<Advice> {
    let reached = facts.namespaces.iter().any(|namespace| REACHED_BY.contains(namespace));
    (!reached).then(|| advice(AdviceKind::Contact, None))
}
