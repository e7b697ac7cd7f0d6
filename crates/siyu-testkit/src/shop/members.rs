//! Who the members are, and how they came.

use siyu_types::Value;
use siyu_types::clock::Millis;
use siyu_types::record::{Identifier, names};

use super::writer::{DAY, HOUR, MINUTE, Writer, props, text};
use super::{ShopOptions, Truths, words};
use crate::random::SplitMix64;

/// One member of the shop.
#[derive(Clone, Debug)]
pub struct Member {
    pub login: String,
    pub phone: String,
    pub email: String,
    pub device: String,
    /// Some members log in on a second device later.
    pub second_device: Option<String>,
    pub name: String,
    pub gender: &'static str,
    pub city: &'static str,
    pub level: &'static str,
    pub channel: &'static str,
    /// Whole local days before today.
    pub registered_days_back: i64,
}

impl Member {
    pub fn login_id(&self) -> Identifier {
        Identifier::new("login", &*self.login)
    }

    pub fn device_id(&self) -> Identifier {
        Identifier::new("device", &*self.device)
    }
}

pub fn members(options: &ShopOptions) -> Vec<Member> {
    let mut random = SplitMix64::new(options.seed ^ 0x6d65_6d62_6572);
    (0..options.members).map(|number| member(number, options, &mut random)).collect()
}

fn member(number: u32, options: &ShopOptions, random: &mut SplitMix64) -> Member {
    let login = format!("m_{number:06}");
    let name = format!("{}{}", random.pick(words::FAMILY_NAMES), random.pick(words::GIVEN_NAMES));
    // The history's first week is for registrations, so that orders come after.
    let days = i64::from(options.days);
    Member {
        phone: format!("1380{number:07}"),
        email: format!("{login}@example.com"),
        device: format!("d_{number:06}_1"),
        second_device: random.chance(0.2).then(|| format!("d_{number:06}_2")),
        name,
        gender: if random.chance(0.62) { "女" } else { "男" },
        city: random.pick(words::CITIES),
        // Most members are ordinary ones.
        level: words::LEVELS[(random.unit() * random.unit() * words::LEVELS.len() as f64) as usize],
        channel: random.pick(words::CHANNELS),
        registered_days_back: random.between(days - 7, days - 1),
        login,
    }
}

/// First visits as strangers, then registration; for some a second device.
pub fn register(members: &[Member], writer: &mut Writer, truths: &mut Truths) {
    for (index, member) in members.iter().enumerate() {
        let at = writer.at(member.registered_days_back, 9 * HOUR + (index as Millis % 600) * MINUTE);
        let path = props([("path", text("/")), ("channel", text(member.channel))]);
        writer.event(vec![member.device_id()], at - 5 * MINUTE, names::PAGE_VIEW, path);
        let ids = vec![
            member.login_id(),
            Identifier::new("phone", &*member.phone),
            Identifier::new("email", &*member.email),
            member.device_id(),
        ];
        writer.link(ids.clone(), at);
        writer.profile(ids, at, attributes(member));
        writer.event(
            vec![member.login_id(), member.device_id()],
            at + MINUTE,
            "sign_up",
            props([("channel", text(member.channel))]),
        );
        truths.devices.insert(member.device.clone(), member.login.clone());
        if let Some(device) = &member.second_device {
            let device_id = Identifier::new("device", &**device);
            writer.event(vec![device_id.clone()], at + DAY, names::PAGE_VIEW, props([("path", text("/"))]));
            writer.link(vec![member.login_id(), device_id], at + DAY + MINUTE);
            truths.devices.insert(device.clone(), member.login.clone());
        }
    }
}

fn attributes(member: &Member) -> siyu_types::Props {
    props([
        ("name", text(&*member.name)),
        ("phone", text(&*member.phone)),
        ("email", text(&*member.email)),
        ("gender", text(member.gender)),
        ("city", text(member.city)),
        ("member_level", text(member.level)),
        ("channel", text(member.channel)),
        ("contact_generated", Value::Bool(true)),
    ])
}
