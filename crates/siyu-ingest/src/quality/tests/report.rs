//! Reports and expectations, as tables.

use jiff::tz::TimeZone;
use siyu_types::clock::Millis;
use siyu_types::{Props, Record};

use super::super::cells::HOUR;
use super::super::counters::{Counters, DAYS_KEPT};
use super::super::model::{Grain, Lateness, Rule, RuleDraft, RuleKind, RuleState, Verdict};
use super::super::{report, rules};
use super::{NOW, event};

#[test]
fn the_report_sums_days_of_the_project_and_tells_lateness() {
    let shanghai = TimeZone::get("Asia/Shanghai").expect("a zone");
    let mut counters = Counters::default();
    // Midnight in Shanghai lies between these two.
    let midnight = 1_795_276_800_000;
    for (at, late, count) in [(midnight - HOUR, 500, 3), (midnight + HOUR, 2 * HOUR, 1)] {
        let source = counters.begin("web", at, Some(&("js".into(), "1.2".into())));
        for _ in 0..count {
            counters.applied(source, &Record { time: at - late, ..event("e", at, Props::new()) });
        }
    }
    let (series, sources) = report::summary(&counters, &shanghai, midnight + 2 * HOUR, 2);
    assert_eq!((series[0].days.as_slice(), series[0].sums.records), ([3, 1].as_slice(), 4));
    let at_most = |ms| Some(Lateness { at_most_ms: Some(ms) });
    assert_eq!((series[0].sums.late_p50, series[0].sums.late_p95), (at_most(1000), at_most(6 * HOUR)));
    assert_eq!((sources[0].libraries[0].name.as_str(), sources[0].libraries[0].requests), ("js", 2));
    let (today, _) = report::summary(&counters, &shanghai, midnight + 2 * HOUR, 1);
    assert_eq!(today[0].sums.records, 1);
    for (by, points) in [(Grain::Hour, 48), (Grain::Day, DAYS_KEPT as usize)] {
        let detail = report::detail(&counters, &shanghai, midnight + 2 * HOUR, ("web", "", by));
        let sum: u64 = detail.points.iter().map(|point| point.sums.records).sum();
        assert_eq!((detail.points.len(), sum), (points, 4));
    }
}

#[test]
fn imported_files_are_one_source_with_the_files_inside() {
    let mut counters = Counters::default();
    for (name, imported, count) in [("web", false, 1), ("a.csv", true, 2), ("b.csv", true, 3)] {
        let source = counters.begin(name, NOW, None);
        (0..count).for_each(|_| counters.applied(source, &event("e", NOW, Props::new())));
        if imported {
            counters.imported(source);
        }
    }
    let (series, sources) = report::summary(&counters, &TimeZone::UTC, NOW, 2);
    let shown: Vec<_> = series.iter().map(|item| (item.source.as_str(), item.sums.records)).collect();
    assert_eq!(shown, [("(imports)", 5), ("web", 1)]);
    let shown: Vec<_> = sources.iter().map(|item| (item.name.as_str(), item.sums.records)).collect();
    assert_eq!(shown, [("web", 1), ("(imports)", 5)]);
    let files: Vec<_> = sources[1].files.iter().map(|file| (file.name.as_str(), file.sums.records)).collect();
    assert_eq!(files, [("a.csv", 2), ("b.csv", 3)]);
    for (source, expected) in [("(imports)", 5), ("b.csv", 3), ("", 6)] {
        let detail = report::detail(&counters, &TimeZone::UTC, NOW, (source, "e", Grain::Day));
        assert_eq!(detail.points.iter().map(|point| point.sums.records).sum::<u64>(), expected, "{source}");
    }
}

/// What, the rule, records of the weeks before, of the last hour, and the verdict.
type Case<'a> = (&'a str, RuleKind, i64, &'a [u64], u64, RuleState);

#[test]
fn expectations() {
    let week = 7 * 24 * HOUR;
    let hour = NOW.div_euclid(HOUR) - 1;
    let counters = |usual: &[u64], observed: u64| {
        let mut counters = Counters::default();
        for (back, count) in usual.iter().chain([&observed]).enumerate() {
            let at = hour * HOUR - (usual.len() - back) as Millis * week;
            let source = counters.begin("web", at, None);
            (0..*count).for_each(|_| counters.applied(source, &event("e", at, Props::new())));
        }
        counters
    };
    let rule = |kind, threshold| Rule {
        id: 1,
        draft: RuleDraft { source: "web".into(), event: "e".into(), kind, threshold, enabled: true },
        created_at: NOW - 2 * HOUR,
        checked_at: None,
        verdict: Verdict { state: RuleState::Pending, observed: None, expected: None },
    };
    use RuleState::{Firing, Ok, TooLittle};
    let cases: &[Case<'_>] = &[
        ("half is still enough", RuleKind::Below, 50, &[100, 100], 50, Ok),
        ("fewer than half", RuleKind::Below, 50, &[100, 100], 49, Firing),
        ("nothing at all", RuleKind::Below, 50, &[100, 100], 0, Firing),
        ("twice as many", RuleKind::Above, 200, &[100, 300], 400, Ok),
        ("more than that", RuleKind::Above, 200, &[100, 300], 401, Firing),
        ("no week before", RuleKind::Below, 50, &[], 5, TooLittle),
        ("too few to say", RuleKind::Below, 50, &[9, 9], 0, TooLittle),
    ];
    for (what, kind, threshold, usual, observed, expected) in cases {
        let found = rules::evaluate(&rule(*kind, *threshold), &counters(usual, *observed), NOW);
        assert_eq!(found.state, *expected, "{what}: {found:?}");
    }
    for (minutes, expected) in [(59, Firing), (10_000, Ok)] {
        let silent = rules::evaluate(&rule(RuleKind::Silent, minutes), &counters(&[], 1), NOW);
        assert_eq!(silent.state, expected, "{silent:?}");
        let never = rules::evaluate(&rule(RuleKind::Silent, minutes), &Counters::default(), NOW);
        assert_eq!((never.state, never.observed), (expected, Some(120.0)), "counted from the rule");
    }
    let mut off = rule(RuleKind::Below, 50);
    off.draft.enabled = false;
    assert_eq!(rules::evaluate(&off, &counters(&[100], 0), NOW).state, RuleState::Pending);
    for (kind, threshold) in [(RuleKind::Below, 100), (RuleKind::Above, 100), (RuleKind::Silent, 0)] {
        assert!(rules::check(&rule(kind, threshold).draft).is_err());
    }
}
