//! Ordinary orders: a few members buy much, most buy little, nobody buys the
//! planted category.

use std::collections::BTreeSet;

use siyu_types::record::names;

use super::writer::{DAY, HOUR, Line, MINUTE, Writer, number, props, text};
use super::{Member, ShopOptions, Wave, words};
use crate::random::SplitMix64;

const ORDERS_MAX: f64 = 14.0;
const LINES_MAX: i64 = 4;
const REFUND_SHARE: f64 = 0.02;

pub fn ordinary(
    members: &[Member],
    wave: &Wave,
    options: &ShopOptions,
    writer: &mut Writer,
    random: &mut SplitMix64,
) {
    let in_wave: BTreeSet<&String> = wave.treated.iter().chain(&wave.control).collect();
    for member in members {
        let skewed = random.unit().powi(3);
        let orders = (skewed * ORDERS_MAX) as i64 + i64::from(random.chance(0.8));
        for _ in 0..orders {
            let days_back = random.between(1, i64::from(options.days) - 9);
            let minute = random.between(8 * 60, 21 * 60);
            let at = writer.at(days_back, minute * MINUTE);
            // The wave's outcome is planted; chance must not add to it.
            let disturbs = (wave.sent_at - DAY..wave.sent_at + 8 * DAY).contains(&at);
            if disturbs && in_wave.contains(&member.login) {
                continue;
            }
            let lines = basket(random);
            let order = writer.order(member, at, &lines);
            if random.chance(REFUND_SHARE) && at + 5 * HOUR < writer.as_of {
                let amount = lines.iter().map(|line| line.amount_minor).sum();
                let refund = props([
                    ("order_id", text(order)),
                    ("amount_minor", number(amount)),
                    ("reason", text("不想要了")),
                ]);
                writer.event(vec![member.login_id()], at + 5 * HOUR, names::ORDER_REFUNDED, refund);
            }
        }
    }
}

pub fn basket(random: &mut SplitMix64) -> Vec<Line> {
    (0..random.between(1, LINES_MAX))
        .map(|_| {
            let (category, item, price) = random.pick(words::GOODS);
            let quantity = random.between(1, 3);
            Line { category, item, quantity, amount_minor: price * quantity }
        })
        .collect()
}
