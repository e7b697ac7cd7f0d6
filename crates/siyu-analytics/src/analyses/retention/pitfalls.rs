//! Where others went wrong: the pitfalls of reference/03 §5 that retention has.

use super::tests::holds;

/// The beginning of a case: whoever did a in the first days of November, back by b.
fn asked(as_of: &str, to: &str, more: &str) -> String {
    let query = format!(
        r#"query {{"start":{{"event":"a"}},"back":{{"event":"b"}},"range":{{"kind":"between","from":"2026-11-02","to":"{to}"}},"interval":"day","periods":2{more}}}"#
    );
    format!("zone Asia/Shanghai\nas_of {as_of}\n{query}\n")
}

#[test]
fn pitfall_05_weeks_are_counted_and_not_subtracted() {
    let query = asked("2027-03-01T00:00", "2026-12-31", "").replace("2026-11-02", "2026-12-28");
    let query = query.replace(r#""day""#, r#""week""#);
    let events = "event 1 2026-12-28T09:00 a\nevent 1 2027-01-04T09:00 b\n";
    holds(&format!("{query}{events}expect whole 2026-12-28 1 (0) 1 0\n"));
}

#[test]
fn pitfall_12_rolling_cohorts_are_watched_for_as_long() {
    let rolling = r#","rolling":true"#;
    // Both cohorts come back after five days, of which the younger one has not had all.
    let events = "event 1 2026-11-02T09:00 a\nevent 1 2026-11-07T09:00 b\nevent 2 2026-11-03T09:00 a\n";
    let equal = "expect whole 2026-11-02 1 (0) 0 0\nexpect whole 2026-11-03 1 (0) 0 0\nmean whole 0.000/0.000 0.000/0.000\n";
    holds(&format!(
        "{}{events}event 2 2026-11-08T09:00 b\n{equal}",
        asked("2026-11-08T00:00", "2026-11-03", rolling)
    ));
    // A column may rise until the last one is over, so none is complete before, and means leave
    // the younger cohort out although its first day has ended.
    let events = "event 1 2026-11-02T09:00 a\nevent 1 2026-11-04T09:00 b\nevent 2 2026-11-03T09:00 a\nevent 3 2026-11-03T09:00 a\n";
    let open = "expect whole 2026-11-02 1 (0) 1 1\nexpect whole 2026-11-03 2 (0) 0… 0…\nmean whole 1.000/1.000 1.000/1.000\n";
    holds(&format!("{}{events}{open}", asked("2026-11-05T12:00", "2026-11-03", rolling)));
    let later = "event 2 2026-11-05T13:00 b\n";
    let over = "expect whole 2026-11-03 2 (0) 1 1\nmean whole 0.667/0.750 0.667/0.750\n";
    holds(&format!("{}{events}{later}{over}", asked("2026-11-06T00:00", "2026-11-03", rolling)));
    // Not rolling, the same first column is complete when its day is.
    let plain = "expect whole 2026-11-03 2 (0) 0 0…\n";
    holds(&format!("{}{events}{plain}", asked("2026-11-05T12:00", "2026-11-03", "")));
}

#[test]
fn pitfall_13_cells_in_progress_are_in_no_mean() {
    let events = "event 1 2026-11-02T09:00 a\nevent 1 2026-11-03T09:00 b\nevent 2 2026-11-03T23:00 a\n";
    let open = "expect whole 2026-11-03 1 (0) 0… 0…\nmean whole 1.000/1.000 -/-\n";
    holds(&format!("{}{events}{open}", asked("2026-11-04T22:00", "2026-11-03", "")));
    let over = "expect whole 2026-11-03 1 (0) 0 0…\nmean whole 0.500/0.500 0.000/0.000\n";
    holds(&format!("{}{events}{over}", asked("2026-11-05T00:00", "2026-11-03", "")));
    // Stretches of 24 hours end at another instant for everybody: the cell is complete when that of
    // the last who may still join is.
    let elapsed = r#","clock":"elapsed""#;
    let open = "expect whole 2026-11-03 1 (0) 0… 0…\n";
    holds(&format!("{}{events}{open}", asked("2026-11-05T23:59:59.999", "2026-11-03", elapsed)));
    let over = "expect whole 2026-11-03 1 (0) 0 0…\n";
    holds(&format!("{}{events}{over}", asked("2026-11-06T00:00", "2026-11-03", elapsed)));
}

#[test]
fn pitfall_14_the_first_start_is_looked_for_in_all_history() {
    let first = r#","entry":"first_ever""#;
    let before = "event 1 2019-01-01T00:00 a\n";
    let events = "event 1 2026-11-02T09:00 a\nevent 1 2026-11-03T09:00 b\n";
    let of = |size: &str| format!("expect whole 2026-11-02 {size}\n");
    holds(&format!("{}{events}{}", asked("2026-11-10T00:00", "2026-11-02", first), of("1 (0) 1 0")));
    holds(&format!("{}{before}{events}{}", asked("2026-11-10T00:00", "2026-11-02", first), of("0 (0) 0 0")));
}

#[test]
fn pitfall_15_a_return_before_the_start_is_none() {
    let events = "event 1 2026-11-02T08:00 b\nevent 1 2026-11-02T09:00 a\n";
    let query = asked("2026-11-10T00:00", "2026-11-02", "");
    holds(&format!("{query}{events}expect whole 2026-11-02 1 (0) 0 0\n"));
    // Of one instant it is not earlier.
    let events = "event 1 2026-11-02T09:00 b\nevent 1 2026-11-02T09:00 a\n";
    holds(&format!("{query}{events}expect whole 2026-11-02 1 (1) 0 0\n"));
}
