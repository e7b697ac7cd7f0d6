//! Where others went wrong: the pitfalls of reference/03 §5 that funnels have.

use super::tests::holds;

/// The beginning of a case about steps a, b and, if so, c, within ten seconds.
fn asked(steps: &str, more: &str) -> String {
    let steps: Vec<String> = steps.chars().map(|name| format!(r#"{{"event":"{name}"}}"#)).collect();
    let query = format!(
        r#"query {{"steps":[{}],"range":{{"kind":"between","from":"2026-11-02","to":"2026-11-02"}},"window":{{"kind":"elapsed","seconds":10}}{more}}}"#,
        steps.join(",")
    );
    format!("zone Asia/Shanghai\nas_of 2026-12-31T00:00\n{query}\n")
}

/// Events of person 1, each a name and the second at which it happened.
fn did(events: &str) -> String {
    let event = |word: &str| {
        let (name, second) = word.split_at(1);
        let second: f64 = second.parse().expect("seconds");
        format!("event 1 2026-11-02T13:00:{second:06.3} {name}\n")
    };
    events.split_whitespace().map(event).collect()
}

#[test]
fn pitfall_01_one_event_does_not_fill_several_steps() {
    holds(&format!("{}{}expect whole 1 0 0\n", asked("aaa", ""), did("a1")));
    holds(&format!("{}{}expect whole 1 1 0\n", asked("aaa", ""), did("a1 a2")));
    holds(&format!("{}{}expect whole 1 1 1\n", asked("aaa", ""), did("a1 a1 a1")));
    // Nor are tied events handed out in the order they came.
    let any_then_b = asked("ab", "").replace(r#"{"event":"a"}"#, r#"{"event":"$any"}"#);
    for order in ["b1 d1", "d1 b1"] {
        holds(&format!("{any_then_b}{}expect whole 1 1\n", did(order)));
    }
}

#[test]
fn pitfall_02_ties_do_not_depend_on_arrival() {
    for order in ["a1 b1 c1", "c1 b1 a1", "b1 c1 a1"] {
        for more in ["", r#","order":"any""#, r#","order":"strict""#] {
            holds(&format!("{}{}expect whole 1 1 1\n", asked("abc", more), did(order)));
        }
        holds(&format!("{}{}expect whole 1 0 0\n", asked("abc", r#","must_increase":true"#), did(order)));
    }
}

#[test]
fn pitfall_03_times_are_not_cut_to_seconds() {
    let increase = asked("ab", r#","must_increase":true"#);
    holds(&format!("{increase}{}expect whole 1 1\nmedian whole - 0.001\n", did("a1.001 b1.002")));
    holds(&format!("{increase}{}expect whole 1 0\n", did("a1.002 b1.001")));
    holds(&format!("{}{}expect whole 1 0\n", asked("ab", ""), did("a1.000 b11.001")));
}

#[test]
fn pitfall_06_later_steps_may_lie_after_the_range() {
    let late = "event 1 2026-11-02T23:59:59 a\nevent 1 2026-11-03T00:00:05 b\n";
    holds(&format!("{}{late}expect whole 1 1\n", asked("ab", "")));
    holds(&format!("{}{late}expect whole 1 0\n", asked("ab", r#","clamp":true"#)));
}

#[test]
fn pitfall_07_nobody_is_split_between_values() {
    let by = r#","breakdown":{"kind":"property","name":"page"}"#;
    let events = "event 1 2026-11-02T13:00:01 a {\"page\":\"x\"}\nevent 1 2026-11-02T13:00:02 a {\"page\":\"y\"}\nevent 1 2026-11-02T13:00:03 b {\"page\":\"z\"}\n";
    holds(&format!(
        "{}{events}expect whole 1 1\nexpect value=y 1 1\ngroups whole value=y\n",
        asked("ab", by)
    ));
}

#[test]
fn pitfall_08_buckets_of_a_trend_exceed_the_whole() {
    let query = asked("ab", r#","trend":"day""#).replace(r#""to":"2026-11-02""#, r#""to":"2026-11-03""#);
    let events = "event 1 2026-11-02T13:00 a\nevent 1 2026-11-03T13:00 a\n";
    let expected = "expect whole 1 0\ntrend whole 2026-11-02 1 0\ntrend whole 2026-11-03 1 0\n";
    holds(&format!("{query}{events}{expected}"));
}

#[test]
fn pitfall_09_strictness_can_be_kept_to_what_is_listed() {
    for (order, expected) in [("strict", "1 0"), ("strict_listed", "1 1")] {
        let more = format!(r#","order":"{order}""#);
        holds(&format!("{}{}expect whole {expected}\n", asked("ab", &more), did("a1 h2 b3")));
    }
}

#[test]
fn pitfall_10_exclusions_at_the_edges() {
    let x = r#","exclusions":[{"event":"x"}]"#;
    let between = r#","exclusions":[{"event":"x","after":1,"before":2}]"#;
    let cases = [
        // Between the steps: nobody is left.
        ("ab", x, "a1 x2 b3", "0 0"),
        // At the instant of a step it may as well have been before or after.
        ("ab", x, "a1 x1 b3", "1 1"),
        ("ab", x, "a1 x3 b3", "1 1"),
        ("ab", x, "a1 x1 b1", "1 1"),
        // After the window, and after completion, it is too late.
        ("ab", x, "a1 x12", "1 0"),
        ("ab", x, "a1 b2 x3", "1 1"),
        // At the last instant of the window it is not.
        ("ab", x, "a1 x11", "0 0"),
        // It hits the first of two open attempts, not the second.
        ("ab", x, "a1 x2 a3 b4", "1 1"),
        // The attempt that is left does not reach as far as the one that was ended.
        ("abc", x, "a1 b2 x3 a4", "0 0 0"),
        ("abc", x, "a1 b2 x3 a4 b5", "1 1 0"),
        // Only between the two steps that are named.
        ("abc", between, "a1 x2 b3 c4", "1 1 1"),
        ("abc", between, "a1 b2 x3 c4", "0 0 0"),
        ("abc", between, "a1 b2 x3 b4 c5", "1 1 1"),
    ];
    for (steps, more, events, expected) in cases {
        holds(&format!("{}{}expect whole {expected}\n", asked(steps, more), did(events)));
    }
}

#[test]
fn pitfall_11_an_exclusion_changes_whom_conversion_is_of() {
    // Of two who began one is left out, so conversion goes from a half to all of them; the
    // numbers say so, since the first step has fewer people too.
    let others = "event 2 2026-11-02T13:00:01 a\nevent 2 2026-11-02T13:00:02 b\n";
    let one = did("a1 x2");
    holds(&format!("{}{one}{others}expect whole 2 1\n", asked("ab", "")));
    holds(&format!("{}{one}{others}expect whole 1 1\n", asked("ab", r#","exclusions":[{"event":"x"}]"#)));
    // The stricter way looks at how far an excluded attempt would have got.
    let both = |excluding: &str| {
        format!(r#","exclusions":[{{"event":"x","after":0,"before":1}}],"excluding":"{excluding}""#)
    };
    for (excluding, expected) in [("ends", "1 1 0"), ("removes", "0 0 0")] {
        let events = did("a1 x2 b3 c4 a5 b6");
        holds(&format!("{}{events}expect whole {expected}\n", asked("abc", &both(excluding))));
    }
}

#[test]
fn pitfall_14_first_ever_looks_at_all_history() {
    let query = asked("ab", "").replace(r#"{"event":"a"}"#, r#"{"event":"a","first":"ever"}"#);
    let events = "event 1 2019-01-01T00:00 a\nevent 1 2026-11-02T13:00:01 a\nevent 1 2026-11-02T13:00:02 b\n";
    holds(&format!("{query}{events}expect whole 0 0\n"));
    let events = "event 1 2026-11-02T13:00:01 a\nevent 1 2026-11-02T13:00:02 b\n";
    holds(&format!("{query}{events}expect whole 1 1\n"));
}

#[test]
fn pitfall_22_numbers_as_texts_and_empty_texts() {
    let by = r#","breakdown":{"kind":"property","name":"code"}"#;
    let event =
        |person: u8, code: &str| format!("event {person} 2026-11-02T13:00:01 a {{\"code\":{code}}}\n");
    let events = [event(1, "0"), event(2, "\"0\""), event(3, "\"\""), event(4, "null")].concat();
    holds(&format!(
        "{}{events}groups whole value=0 value= missing\nexpect value=0 2 0\nexpect value= 1 0\nexpect missing 1 0\n",
        asked("ab", by)
    ));
}
