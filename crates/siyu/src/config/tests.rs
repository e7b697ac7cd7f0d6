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
