//! What holds, out of everything that was said: pure.

use siyu_types::clock::Millis;

use super::model::{ConsentState, EVERY_CHANNEL};
use super::purposes::{Purpose, Silence};

const DAY_MILLIS: i64 = 86_400_000;

/// The newest statement of one number about one purpose on one channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Held {
    pub number: u32,
    pub purpose: String,
    pub channel: String,
    pub state: ConsentState,
    pub version: Option<i64>,
    pub at: Millis,
}

/// What holds for a person, a purpose and a channel.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holding<'a> {
    /// `None`: nothing was said.
    pub state: Option<ConsentState>,
    /// Whether the purpose may be served.
    pub allowed: bool,
    /// The statement that decides.
    pub by: Option<&'a Held>,
}

/// What holds now. Of the statements of one number the later one counts, of two at
/// the same time the stricter one. Between the numbers of a person who was merged
/// the stricter one counts, whatever its time: a grant of one half must not bring
/// back what the other half took away. Later statements are made for all numbers.
pub fn holds<'a>(purpose: &Purpose, channel: &str, held: &'a [Held], now: Millis) -> Holding<'a> {
    let about = |held: &&Held| {
        held.purpose == purpose.id && (held.channel == channel || held.channel == EVERY_CHANNEL)
    };
    let mut numbers: Vec<u32> = held.iter().filter(about).map(|held| held.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let newest = |number: u32| {
        let of = held.iter().filter(about).filter(|held| held.number == number);
        of.max_by_key(|held| (held.at, held.state.strictness()))
    };
    let decided = numbers
        .into_iter()
        .filter_map(newest)
        .map(|held| (aged(purpose, held, now), held))
        .max_by_key(|(state, held)| (state.strictness(), held.at));
    let state = decided.map(|(state, _)| state);
    let allowed = match state {
        _ if purpose.definition.essential => true,
        Some(state) => state == ConsentState::Granted,
        None => purpose.silence(channel) == Silence::OptOut,
    };
    Holding { state, allowed, by: decided.map(|(_, held)| held) }
}

/// A grant whose time is over, or that was given to a text that no longer counts.
fn aged(purpose: &Purpose, held: &Held, now: Millis) -> ConsentState {
    if held.state != ConsentState::Granted {
        return held.state;
    }
    let days = purpose.definition.valid_days.map(i64::from);
    let over = days.is_some_and(|days| now >= held.at.saturating_add(days * DAY_MILLIS));
    let outdated = held.version.unwrap_or(0) < purpose.renew_from;
    if over || outdated { ConsentState::Expired } else { ConsentState::Granted }
}

/// Why a person may not be written to, as far as consent says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Objection {
    /// Refused or taken back.
    Refused,
    /// Never given, where silence is a no.
    NeverGiven,
    Expired,
    /// A minor without the consent of a guardian.
    Minor,
    /// Does not want to be chosen automatically.
    Automated,
}

/// What is asked about everybody of a campaign.
#[derive(Clone, Debug)]
pub struct Question {
    pub purpose: Purpose,
    pub channel: String,
    /// Asked as well if people are chosen, or content is, by what was computed of them.
    pub automated: Option<Purpose>,
    /// Asked as well of minors.
    pub guardian: Option<Purpose>,
}

impl Question {
    /// The first objection of a person with these statements.
    pub fn objection(&self, held: &[Held], minor: bool, now: Millis) -> Option<Objection> {
        if self.purpose.definition.essential {
            return None;
        }
        let asked = holds(&self.purpose, &self.channel, held, now);
        if !asked.allowed {
            return Some(match asked.state {
                None => Objection::NeverGiven,
                Some(ConsentState::Expired) => Objection::Expired,
                Some(_) => Objection::Refused,
            });
        }
        let allows = |purpose: &Option<Purpose>| {
            purpose.as_ref().is_none_or(|purpose| holds(purpose, &self.channel, held, now).allowed)
        };
        if minor && !allows(&self.guardian) {
            return Some(Objection::Minor);
        }
        (!allows(&self.automated)).then_some(Objection::Automated)
    }
}
