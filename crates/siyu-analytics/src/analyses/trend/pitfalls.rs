//! Where others went wrong: the pitfalls of reference/03 §5 that trends have.

use super::tests::holds;

fn asked(zone: &str, as_of: &str, series: &str, range: (&str, &str), more: &str) -> String {
    let (from, to) = range;
    format!(
        "zone {zone}\nas_of {as_of}\nquery {{\"series\":[{series}],\"range\":{{\"kind\":\"between\",\"from\":\"{from}\",\"to\":\"{to}\"}}{more}}}\n"
    )
}

const PEOPLE: &str = r#"{"event":"a","measure":{"kind":"people"}}"#;
const COUNT: &str = r#"{"event":"a","measure":{"kind":"count"}}"#;

#[test]
fn pitfall_04_days_are_those_of_the_zone() {
    // A day of 23 hours, and one that begins at 01:00.
    let query = asked(
        "America/New_York",
        "2026-03-20T00:00",
        COUNT,
        ("2026-03-07", "2026-03-09"),
        r#","interval":"day""#,
    );
    let events =
        "event 1 2026-03-08T00:00 a\nevent 1 2026-03-08T23:59:59.999 a\nevent 1 2026-03-09T00:00 a\n";
    holds(&format!("{query}{events}expect whole 0 2 1 total 3\n"));
    let query = asked(
        "Africa/Cairo",
        "2025-05-20T00:00",
        COUNT,
        ("2025-04-24", "2025-04-25"),
        r#","interval":"day""#,
    );
    let events = "event 1 2025-04-24T23:59:59.999 a\nevent 1 2025-04-25T01:00 a\n";
    holds(&format!("{query}{events}expect whole 1 1 total 2\n"));
}

#[test]
fn pitfall_04_periods_are_compared_by_local_days() {
    // Seven local days before the change of clocks are not seven times 24 hours.
    let query = asked(
        "America/New_York",
        "2026-03-20T00:00",
        COUNT,
        ("2026-03-09", "2026-03-09"),
        r#","interval":"day","compare":"week""#,
    );
    let events = "event 1 2026-03-02T00:00 a\nevent 1 2026-03-02T23:30 a\nevent 1 2026-03-03T00:00 a\n";
    holds(&format!("{query}{events}expect whole 0 total 0\nearlier whole 2 total 2\n"));
    // Of a day that is not over, the same part of the other one.
    let query = asked(
        "America/New_York",
        "2026-03-09T12:00",
        COUNT,
        ("2026-03-09", "2026-03-09"),
        r#","interval":"day","compare":"week""#,
    );
    let events = "event 1 2026-03-02T11:59 a\nevent 1 2026-03-02T12:01 a\nevent 1 2026-03-09T11:00 a\n";
    holds(&format!("{query}{events}expect whole 1 total 1\nearlier whole 1 total 1\nbuckets 2026-03-09…\n"));
    // A month before the 31st of March is the end of February.
    let query = asked(
        "Asia/Shanghai",
        "2026-04-20T00:00",
        COUNT,
        ("2026-03-31", "2026-03-31"),
        r#","interval":"day","compare":"month""#,
    );
    holds(&format!("{query}event 1 2026-02-28T12:00 a\nexpect whole 0 total 0\nearlier whole 1 total 1\n"));
}

#[test]
fn pitfall_05_weeks_cross_years_and_begin_where_one_says() {
    let events = "event 1 2026-12-27T12:00 a\nevent 1 2026-12-28T12:00 a\nevent 1 2027-01-03T12:00 a\n";
    for (interval, buckets, expected) in
        [("week", "2026-12-21 2026-12-28", "1 2"), ("sunday_week", "2026-12-27 2027-01-03", "2 1")]
    {
        let more = format!(r#","interval":"{interval}""#);
        let query = asked("Asia/Shanghai", "2027-02-01T00:00", COUNT, ("2026-12-27", "2027-01-03"), &more);
        holds(&format!("{query}{events}buckets {buckets}\nexpect whole {expected} total 3\n"));
    }
}

#[test]
fn pitfall_19_different_people_are_counted_never_added() {
    let events = "event 1 2026-11-02T12:00 a\nevent 1 2026-11-03T12:00 a\nevent 2 2026-11-03T12:00 a\nevent 1 2026-11-04T12:00 a\n";
    let range = ("2026-11-02", "2026-11-05");
    let of = |series: &str, more: &str| asked("Asia/Shanghai", "2026-12-01T00:00", series, range, more);
    holds(&format!("{}{events}expect whole 1 2 1 0 total 2\n", of(PEOPLE, r#","interval":"day""#)));
    // Nor does adding up from day to day count somebody again.
    let cumulative = r#","interval":"day","shape":{"kind":"cumulative"}"#;
    holds(&format!("{}{events}expect whole 1 2 2 2 total 2\n", of(PEOPLE, cumulative)));
    // People of the last two days, also of the day before the range.
    let trailing = r#"{"event":"a","measure":{"kind":"trailing_people","days":2}}"#;
    let before = "event 3 2026-11-01T23:59 a\nevent 4 2026-10-31T23:59 a\n";
    holds(&format!("{}{events}{before}expect whole 2 2 2 1 total 2\n", of(trailing, r#","interval":"day""#)));
    // By week it is those of the week.
    holds(&format!("{}{events}{before}expect whole 2 total 2\n", of(trailing, r#","interval":"week""#)));
    // A person in two segments counts in both.
    let by = r#","interval":"month","breakdown":{"kind":"segments","segments":[7,8]}"#;
    let segments = "segment 7 1 2\nsegment 8 1\n";
    let expected = "expect value=7 2 total 2\nexpect value=8 1 total 1\nexpect missing 1 total 1\n";
    holds(&format!("{}{events}{segments}event 9 2026-11-02T12:00 a\n{expected}", of(PEOPLE, by)));
}

#[test]
fn pitfall_22_values_that_are_missing_or_empty_have_groups() {
    let by = r#","interval":"day","breakdown":{"kind":"property","name":"code"},"then_by":[{"kind":"ranges","property":"price","edges":[10,20]}]"#;
    let query = asked("Asia/Shanghai", "2026-12-01T00:00", COUNT, ("2026-11-02", "2026-11-02"), by);
    let events = [
        r#"event 1 2026-11-02T12:00 a {"code":0,"price":10}"#,
        r#"event 1 2026-11-02T12:00 a {"code":"0","price":"19.9"}"#,
        r#"event 1 2026-11-02T12:00 a {"code":"","price":20}"#,
        r#"event 1 2026-11-02T12:00 a {"price":"dear"}"#,
    ];
    let expected = "expect several==0|=10..20 2 total 2\nexpect several==|=20.. 1 total 1\nexpect several=-|- 1 total 1\n";
    holds(&format!("{query}{}\n{expected}", events.join("\n")));
}

#[test]
fn a_division_by_nothing_is_nothing() {
    let series = r#"{"event":"b","measure":{"kind":"count"}},{"event":"a","measure":{"kind":"count"}}"#;
    let more = r#","interval":"day","formulas":["A / B","A * 100 / (A + B)"]"#;
    let query = asked("Asia/Shanghai", "2026-12-01T00:00", series, ("2026-11-02", "2026-11-03"), more);
    let events = "event 1 2026-11-02T12:00 a\nevent 1 2026-11-02T12:00 a\nevent 1 2026-11-02T12:01 b\n";
    let expected = "line C whole 0.5 - total 0.5\n";
    holds(&format!("{query}{events}{expected}"));
}

/// As many as a sketch would be off by dozens at.
#[test]
fn pitfall_25_different_people_and_values_are_counted_exactly() {
    let mut events: String =
        (0..4_000).map(|n| format!("event {n} 2026-11-02T12:00 a {{\"code\":\"c{n}\"}}\n")).collect();
    events.extend((0..500).map(|n| format!("event {n} 2026-11-02T13:00 a {{\"code\":\"c{}\"}}\n", n + 7)));
    let distinct = r#"{"event":"a","measure":{"kind":"distinct","property":"code"}}"#;
    for series in [PEOPLE, distinct] {
        let query = asked(
            "Asia/Shanghai",
            "2026-12-01T00:00",
            series,
            ("2026-11-02", "2026-11-02"),
            r#","interval":"day""#,
        );
        holds(&format!("{query}{events}expect whole 4000 total 4000\n"));
    }
}
