//! What a request looks at, and what is unusual; pure.

use super::model::Look;

/// Days before one that say what is usual for a viewer.
pub const USUAL_DAYS: i64 = 28;
/// Nobody's day is unusual with fewer people opened, or places in lists, than this.
pub const OPENED_MIN: i64 = 20;
pub const LISTED_MIN: i64 = 1_000;
/// A day is unusual from so many times the viewer's own median.
const TIMES_USUAL: i64 = 3;
/// Parts of a page that are named.
const DETAIL_CHARS_MAX: usize = 200;

/// The person whose page or a part of it a path asks for, and the part; the page
/// itself is `page`. A reveal is a look of its own.
pub(crate) fn opened_person(path: &str) -> Option<(u32, &str)> {
    let rest = path.strip_prefix("/api/v1/people/")?;
    let (number, part) = rest.split_once('/').unwrap_or((rest, "page"));
    let part = part.split('/').next().unwrap_or(part);
    if part == "reveal" { None } else { Some((number.parse().ok()?, part)) }
}

/// Two looks of one viewer at one person in one batch are one row.
pub fn together(known: &mut Look, look: &Look) -> bool {
    let same = (known.project, known.what, &known.actor, &known.subject)
        == (look.project, look.what, &look.actor, &look.subject)
        && known.reason == look.reason;
    if !same {
        return false;
    }
    known.times += look.times;
    known.clear |= look.clear;
    let named = known.detail.split(',').any(|part| part == look.detail);
    if !named && known.detail.len() + look.detail.len() < DETAIL_CHARS_MAX {
        known.detail = format!("{},{}", known.detail, look.detail);
    }
    true
}

/// Whether somebody saw unusually many people on a day, and `least` of them, by what
/// they saw on the days before on which they worked.
pub fn unusual(people: i64, before: &[i64], least: i64) -> bool {
    let mut worked: Vec<i64> = before.iter().copied().filter(|count| *count > 0).collect();
    worked.sort_unstable();
    let median = worked.get(worked.len() / 2).copied().unwrap_or(0);
    people >= least && people >= median * TIMES_USUAL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths() {
        for (path, person) in [
            ("/api/v1/people/12", Some((12, "page"))),
            ("/api/v1/people/12/timeline", Some((12, "timeline"))),
            ("/api/v1/people/12/consent/history", Some((12, "consent"))),
            ("/api/v1/people/12/reveal", None),
            ("/api/v1/people", None),
            ("/api/v1/people/x/orders", None),
            ("/api/v1/segments/12/people", None),
        ] {
            assert_eq!(opened_person(path), person, "{path}");
        }
    }

    #[test]
    fn many_people_are_unusual_only_compared_with_other_days() {
        for (people, before, is) in [
            (19, &[][..], false),
            (20, &[][..], true),
            (60, &[50, 55, 0, 0, 70], false),
            (165, &[50, 55, 0, 0, 70], true),
            (90, &[30], true),
            (89, &[30], false),
        ] {
            assert_eq!(unusual(people, before, OPENED_MIN), is, "{people} after {before:?}");
        }
    }
}
