//! What may be decided; pure.

use siyu_types::{Error, Exposure, PersonalClass, Result, Role};

use super::model::{Seen, Settings};

/// Fields a project may decide about.
pub const FIELDS_MAX: usize = 2_000;
pub const REVEALS_PER_HOUR_MAX: i64 = 1_000;
/// Six months are what the cybersecurity law asks of logs; less than one tells nothing.
pub const LOOKS_DAYS_MAX: i64 = 3_650;
const LOOKS_DAYS_MIN: i64 = 30;
const NAME_CHARS_MAX: usize = 200;
const REASON_CHARS: std::ops::RangeInclusive<usize> = 2..=200;

pub fn check(settings: &Settings) -> Result<()> {
    if !(0..=REVEALS_PER_HOUR_MAX).contains(&settings.reveals_per_hour) {
        return Err(Error::invalid("reveals_per_hour", format!("must be 0 to {REVEALS_PER_HOUR_MAX}")));
    }
    if !(LOOKS_DAYS_MIN..=LOOKS_DAYS_MAX).contains(&settings.looks_days) {
        let message = format!("must be {LOOKS_DAYS_MIN} to {LOOKS_DAYS_MAX}");
        return Err(Error::invalid("looks_days", message));
    }
    for (at, one) in settings.exposures.iter().enumerate() {
        let again = settings.exposures[..at].iter().any(|e| (e.role, e.class) == (one.role, one.class));
        if again {
            return Err(Error::invalid(format!("exposures[{at}]"), "names a role and class again"));
        }
        // Somebody has to be able to see what the others are not shown.
        if one.role == Role::Owner && one.exposure == Exposure::Hidden {
            return Err(Error::invalid(format!("exposures[{at}]"), "owners see at least a part"));
        }
    }
    Ok(())
}

/// All roles and classes, with what holds for each.
pub fn complete(rules: &siyu_types::PersonalRules) -> Vec<Seen> {
    let seen = |role: &Role, class: &PersonalClass| Seen {
        role: *role,
        class: *class,
        exposure: rules.exposure(*role, *class),
    };
    Role::ALL.iter().flat_map(|role| PersonalClass::ALL.iter().map(move |class| seen(role, class))).collect()
}

pub fn field_name(name: &str) -> Result<()> {
    match name.trim() == name && !name.is_empty() && name.chars().count() <= NAME_CHARS_MAX {
        true => Ok(()),
        false => Err(Error::invalid("name", format!("needs 1 to {NAME_CHARS_MAX} characters"))),
    }
}

pub fn reason(reason: &str) -> Result<String> {
    let reason = reason.trim();
    if REASON_CHARS.contains(&reason.chars().count()) {
        return Ok(reason.to_owned());
    }
    let (least, most) = (REASON_CHARS.start(), REASON_CHARS.end());
    Err(Error::invalid("reason", format!("say why, in {least} to {most} characters")))
}

/// Values of a field that must look alike before it is suggested, of those looked at.
const SUGGESTED_SHARE: f64 = 0.6;
const SUGGESTED_MIN: usize = 3;

/// The class that most of some values look like, and the share that does. `None` if
/// they are too few or too different.
pub fn look_of(samples: &[String]) -> Option<(PersonalClass, f64)> {
    let best = PersonalClass::ALL.iter().map(|class| {
        let alike = samples.iter().filter(|value| crate::masking::looks_like(value) == Some(*class)).count();
        (alike, *class)
    });
    let (alike, class) = best.max_by_key(|(alike, _)| *alike)?;
    let share = alike as f64 / samples.len().max(1) as f64;
    (alike >= SUGGESTED_MIN && share >= SUGGESTED_SHARE).then_some((class, share))
}
