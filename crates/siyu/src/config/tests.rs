//! Settings from text.

use super::Config;

fn build(file: &str, environment: &[(&str, &str)]) -> Result<Config, String> {
    let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    Config::build(file, environment)
        .map_err(|error| format!("{}: {}", error.field.unwrap_or_default(), error.message))
}

#[test]
fn later_layers_win() {
    let file = "listen = \"0.0.0.0:80\"\n[limits]\nrequests_per_second = 7\n";
    let config =
        build(file, &[("SIYU_LISTEN", "0.0.0.0:81"), ("SIYU_DB_URL", "postgres://x/y")]).expect("valid");
    assert_eq!(config.listen.port(), 81);
    assert_eq!(config.limits.requests_per_second, 7);
    assert_eq!(config.db_url(), "postgres://x/y");
    assert_eq!(config.public_url(), "http://0.0.0.0:81");
    let defaults = build("", &[("PATH", "/bin"), ("SIYU_TEST_POSTGRES", "off")]).expect("valid");
    assert_eq!(defaults.db_url(), "sqlite:siyu-data/siyu.db");
    assert!(!defaults.https());
}

#[test]
fn mistakes_are_named_with_a_suggestion() {
    for (file, environment, message) in [
        ("lisen = \"x\"", &[][..], "lisen: there is no such setting; did you mean listen?"),
        ("[limits]\nrequest_per_second = 1", &[], "did you mean limits.requests_per_second?"),
        ("[limit]\nx = 1", &[], "limit: there is no such setting"),
        ("listen = 80", &[], "listen: must be a string"),
        ("", &[("SIYU_LISTENS", "x")], "SIYU_LISTENS: there is no such setting; did you mean SIYU_LISTEN?"),
        ("", &[("SIYU_BEHIND_PROXY", "perhaps")], "SIYU_BEHIND_PROXY: must be a boolean"),
        ("", &[("SIYU_LISTEN", "here")], "config: invalid socket address syntax"),
        ("public_url = \"cdp.example.com\"", &[], "public_url: must start with http"),
        ("listen = ", &[], "config: TOML parse error"),
        ("[log]\nformat = \"xml\"", &[], "unknown variant `xml`"),
        ("[limits]\nrequests_per_second = 0", &[], "limits.requests_per_second: must be at least 1"),
        ("", &[("SIYU_EVENTS_MEMORY_BYTES", "5")], "events.memory_bytes: must be at least 16777216"),
        (
            "[events]\ncompaction_bytes_per_second = 0",
            &[],
            "events.compaction_bytes_per_second: must be at least 1048576",
        ),
    ] {
        let error = build(file, environment).expect_err(file);
        assert!(error.contains(message), "{file} {environment:?}: {error}");
    }
}

#[test]
fn the_origin_is_what_browsers_say() {
    for (url, origin) in [
        ("https://cdp.example.com/", "https://cdp.example.com"),
        ("https://example.com:8443/cdp/", "https://example.com:8443"),
    ] {
        let config = build(&format!("public_url = \"{url}\""), &[]).expect("valid");
        assert_eq!(config.origin(), origin);
        assert!(config.https());
    }
}

#[test]
fn every_default_is_explained() {
    let lines: Vec<&str> = super::DEFAULT.lines().collect();
    for (index, line) in lines.iter().enumerate().filter(|(_, line)| line.contains(" = ")) {
        assert!(lines[index - 1].starts_with('#'), "{line} has no comment above it");
    }
}

/// Every limit that the page names, with the value that the code has.
#[test]
fn the_page_of_limits_is_true() {
    use crate::server;
    use siyu_audience::limits as a;
    use siyu_govern::personal::limits as g;
    use siyu_ingest::protocols as p;
    use siyu_sql::limits as s;
    let config = build("", &[]).expect("the defaults are valid");
    let collect = config.collect();
    let limits = [
        ("collect.body_bytes", collect.body_bytes_max.to_string()),
        ("collect.bodies_bytes", collect.bodies_bytes_max.to_string()),
        ("collect.body_seconds", collect.body_seconds_max.to_string()),
        ("collect.requests_at_once", collect.requests_at_once_max.to_string()),
        ("collect.requests_per_second_of_key", collect.key_requests_per_second.to_string()),
        ("events.memory_bytes", config.events.memory_bytes.to_string()),
        ("events.compaction_bytes_per_second", config.events.compaction_bytes_per_second.to_string()),
        ("sql.statements_at_once", config.sql().statements_at_once.to_string()),
        ("sql.threads", config.sql().threads.to_string()),
        ("sql.seconds", config.sql().seconds.to_string()),
        ("sql.memory_bytes", config.sql().memory_bytes.to_string()),
        ("sql.rows", config.sql().rows.to_string()),
        ("sql.result_bytes", config.sql().result_bytes.to_string()),
        ("SQL_TEXT_CHARS_MAX", s::SQL_TEXT_CHARS_MAX.to_string()),
        ("SQL_NESTING_MAX", s::SQL_NESTING_MAX.to_string()),
        ("SQL_OPERATORS_MAX", s::SQL_OPERATORS_MAX.to_string()),
        ("SQL_PARAMS_MAX", s::SQL_PARAMS_MAX.to_string()),
        ("SQL_QUERIES_MAX", s::SQL_QUERIES_MAX.to_string()),
        ("SQL_FILE_ROWS_MAX", s::SQL_FILE_ROWS_MAX.to_string()),
        ("SQL_SEGMENT_ROWS_MAX", s::SQL_SEGMENT_ROWS_MAX.to_string()),
        ("SENDS_READ_MAX", s::SENDS_READ_MAX.to_string()),
        ("limits.requests_per_second", config.limits.requests_per_second.to_string()),
        ("HEAD_TIME_MAX", format!("{} s", server::HEAD_TIME_MAX.as_secs())),
        ("HEAD_BYTES_MAX", server::HEAD_BYTES_MAX.to_string()),
        ("HEADERS_MAX", server::HEADERS_MAX.to_string()),
        ("CONNECTIONS_MAX", server::CONNECTIONS_MAX.to_string()),
        ("INFLATED_BYTES_MAX", p::INFLATED_BYTES_MAX.to_string()),
        ("ITEMS_MAX", p::ITEMS_MAX.to_string()),
        ("VALUES_MAX", p::VALUES_MAX.to_string()),
        ("DEPTH_MAX", p::DEPTH_MAX.to_string()),
        ("NAME_CHARS_MAX", p::NAME_CHARS_MAX.to_string()),
        ("IDENTIFIER_CHARS_MAX", p::IDENTIFIER_CHARS_MAX.to_string()),
        ("IDENTIFIERS_MAX", p::IDENTIFIERS_MAX.to_string()),
        ("PROPERTIES_MAX", p::PROPERTIES_MAX.to_string()),
        ("TEXT_BYTES_MAX", p::TEXT_BYTES_MAX.to_string()),
        ("LIST_ITEMS_MAX", p::LIST_ITEMS_MAX.to_string()),
        ("FUTURE_MAX", format!("{} h", p::FUTURE_MAX / 3_600_000)),
        ("EXCERPT_BYTES_MAX", p::EXCERPT_BYTES_MAX.to_string()),
        ("ITEM_KEPT_BYTES_MAX", p::ITEM_KEPT_BYTES_MAX.to_string()),
        ("BODY_KEPT_BYTES_MAX", p::BODY_KEPT_BYTES_MAX.to_string()),
        ("MAPPING_BYTES_MAX", siyu_ingest::MAPPING_BYTES_MAX.to_string()),
        ("ATTRIBUTES_MAX", a::ATTRIBUTES_MAX.to_string()),
        ("EARLIER_KEPT", a::EARLIER_KEPT.to_string()),
        ("NOTES_MAX", a::NOTES_MAX.to_string()),
        ("ORDER_EVENTS_MAX", a::ORDER_EVENTS_MAX.to_string()),
        ("ITEMS_KEPT", a::ITEMS_KEPT.to_string()),
        ("ITEM_TYPES_MAX", a::ITEM_TYPES_MAX.to_string()),
        ("ITEM_ATTRIBUTES_MAX", a::ITEM_ATTRIBUTES_MAX.to_string()),
        ("ITEM_TAGS_MAX", a::ITEM_TAGS_MAX.to_string()),
        ("NAMESPACES_MAX", a::NAMESPACES_MAX.to_string()),
        ("SLOTS_MAX", a::SLOTS_MAX.to_string()),
        ("TIES_MAX", a::TIES_MAX.to_string()),
        ("HELD_MAX", a::HELD_MAX.to_string()),
        ("GIVEN_MAX", a::GIVEN_MAX.to_string()),
        ("CHAIN_MAX", a::CHAIN_MAX.to_string()),
        ("BELOW_MAX", a::BELOW_MAX.to_string()),
        ("STEPS_MAX", a::STEPS_MAX.to_string()),
        ("COPY_DAYS", siyu_govern::rights::COPY_DAYS.to_string()),
        ("CODE_FAILURES_MAX", siyu_govern::rights::CODE_FAILURES_MAX.to_string()),
        ("ANSWERS_SHOWN_DAYS", siyu_govern::rights::ANSWERS_SHOWN_DAYS.to_string()),
        ("EVENTS_PER_READ", a::EVENTS_PER_READ.to_string()),
        ("SEARCHED_MAX", a::SEARCHED_MAX.to_string()),
        ("SEGMENT_FILE_ROWS_MAX", a::SEGMENT_FILE_ROWS_MAX.to_string()),
        ("FIELDS_MAX", g::FIELDS_MAX.to_string()),
        ("REVEALS_PER_HOUR_MAX", g::REVEALS_PER_HOUR_MAX.to_string()),
        ("LOOKS_DAYS_MAX", g::LOOKS_DAYS_MAX.to_string()),
        ("PENDING_MAX", g::PENDING_MAX.to_string()),
        ("TRACED_BYTES_MAX", g::TRACED_BYTES_MAX.to_string()),
    ];
    let page = include_str!("../../../../docs/guide/limits.md");
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| `")).collect();
    for (name, value) in &limits {
        let start = format!("| `{name}` | {value} |");
        assert!(rows.iter().any(|row| row.starts_with(&start)), "the page has no row {start}");
    }
    assert_eq!(rows.len(), limits.len(), "the page names a limit that the code does not have");
    for (setting, message) in [
        ("body_bytes = 5", "collect.body_bytes: must be 1024 to 16777216"),
        ("bodies_bytes = 4096", "collect.bodies_bytes: must be at least body_bytes"),
        ("requests_at_once = 0", "collect.requests_at_once: must be 1 to 1000000"),
        ("unknown_key = \"burn\"", "unknown variant `burn`"),
    ] {
        let error = build(&format!("[collect]\n{setting}"), &[]).expect_err(setting);
        assert!(error.contains(message), "{setting}: {error}");
    }
}
