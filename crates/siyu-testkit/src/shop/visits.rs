//! Strangers: devices on which nobody ever logs in.

use siyu_types::record::{Identifier, names};

use super::writer::{MINUTE, Writer, props, text};
use super::{ShopOptions, Truths, words};
use crate::random::SplitMix64;

pub fn strangers(options: &ShopOptions, writer: &mut Writer, random: &mut SplitMix64, truths: &mut Truths) {
    truths.strangers = u64::from(options.members / 4);
    for number in 0..truths.strangers {
        let device = Identifier::new("device", format!("d_stranger_{number:06}"));
        let days_back = random.between(1, i64::from(options.days) - 1);
        let start = writer.at(days_back, random.between(7 * 60, 22 * 60) * MINUTE);
        let channel = random.pick(words::CHANNELS);
        for page in 0..random.between(1, 6) {
            let path = props([("path", text(random.pick(words::PAGES))), ("channel", text(channel))]);
            writer.event(vec![device.clone()], start + page * MINUTE, names::PAGE_VIEW, path);
        }
    }
}
