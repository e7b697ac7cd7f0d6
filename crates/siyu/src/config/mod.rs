//! Settings: the commented default file, over it a file, over it the environment.
//! Checking them needs nothing but their text.

mod layers;
#[cfg(test)]
mod tests;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use siyu_govern::sealing::SealWith;
use siyu_ingest::protocols::INFLATED_BYTES_MAX;
use siyu_ingest::{CollectOptions, UnknownKey};
use siyu_sql::SqlOptions;
use siyu_types::{Error, Result};

pub(crate) use layers::KEY_VARIABLE;

/// The defaults, for people to read and to start from.
pub const DEFAULT: &str = include_str!("default.toml");

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    pub data: PathBuf,
    pub listen: SocketAddr,
    public_url: String,
    pub behind_proxy: bool,
    db: DbConfig,
    secrets: SecretsConfig,
    pub limits: LimitsConfig,
    collect: CollectConfig,
    pub events: EventsConfig,
    sql: SqlConfig,
    pub outbound: OutboundConfig,
    pub log: LogConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct DbConfig {
    url: String,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SecretsConfig {
    key_file: String,
    seal_data: SealDataConfig,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
enum SealDataConfig {
    #[serde(rename = "nothing")]
    Nothing,
    #[serde(rename = "aes-256-gcm")]
    Aes256Gcm,
    #[serde(rename = "sm4")]
    Sm4,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    pub requests_per_second: u32,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CollectConfig {
    body_bytes: usize,
    bodies_bytes: usize,
    body_seconds: u64,
    requests_at_once: usize,
    requests_per_second_of_key: u32,
    unknown_key: UnknownKeyConfig,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventsConfig {
    pub memory_bytes: usize,
    pub compaction_bytes_per_second: u64,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SqlConfig {
    statements_at_once: usize,
    threads: usize,
    seconds: u64,
    memory_bytes: usize,
    rows: usize,
    result_bytes: usize,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum UnknownKeyConfig {
    Keep,
    Refuse,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OutboundConfig {
    pub allow_hosts: Vec<String>,
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    pub format: LogFormat,
    pub level: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    Pretty,
    Json,
}

impl SqlConfig {
    fn validate(&self) -> Result<()> {
        for (name, ok, rule) in [
            ("statements_at_once", (1..=1_000).contains(&self.statements_at_once), "must be 1 to 1000"),
            ("threads", (1..=256).contains(&self.threads), "must be 1 to 256"),
            ("seconds", (1..=3_600).contains(&self.seconds), "must be 1 to 3600"),
            ("memory_bytes", self.memory_bytes >= 1 << 20, "must be at least 1048576"),
            ("rows", (1..=100_000).contains(&self.rows), "must be 1 to 100000"),
            ("result_bytes", (1 << 10..1 << 30).contains(&self.result_bytes), "must be 1024 to 1073741823"),
        ] {
            if !ok {
                return Err(Error::invalid(format!("sql.{name}"), rule));
            }
        }
        Ok(())
    }
}

impl Config {
    /// Reads the file, if any, and the environment.
    pub fn load(file: Option<&Path>) -> Result<Config> {
        let text = match file {
            Some(path) => std::fs::read_to_string(path).map_err(|error| {
                Error::invalid("--config", format!("cannot read {}: {error}", path.display()))
            })?,
            None => String::new(),
        };
        // A variable whose text is not Unicode can be none of ours.
        let environment = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Config::build(&text, environment)
    }

    /// From the text of a file and environment variables.
    pub fn build(file: &str, environment: impl IntoIterator<Item = (String, String)>) -> Result<Config> {
        let mut settings = layers::parse(DEFAULT)?;
        layers::overlay(&mut settings, layers::parse(file)?)?;
        layers::environment(&mut settings, environment)?;
        let config: Config = settings
            .try_into()
            .map_err(|error: toml::de::Error| Error::invalid("config", error.message().to_owned()))?;
        config.validate()?;
        Ok(config)
    }

    /// For a whole app in a test: everything in one folder, any free port.
    pub fn for_testing(data: &Path) -> Config {
        let listen = ("SIYU_LISTEN".to_owned(), "127.0.0.1:0".to_owned());
        let mut config = Config::build("", [listen]).expect("the default settings are valid");
        config.data = data.to_owned();
        config.outbound.allow_hosts = vec!["127.0.0.1".to_owned(), "localhost".to_owned()];
        config
    }

    pub fn with_db_url(mut self, url: impl Into<String>) -> Config {
        self.db.url = url.into();
        self
    }

    fn validate(&self) -> Result<()> {
        let url = self.public_url();
        let scheme = url.starts_with("http://") || url.starts_with("https://");
        if !scheme || url.contains(['?', '#', ' ']) {
            return Err(Error::invalid("public_url", "must start with http:// or https://"));
        }
        if self.limits.requests_per_second == 0 {
            return Err(Error::invalid("limits.requests_per_second", "must be at least 1"));
        }
        if self.events.memory_bytes < 1 << 24 {
            return Err(Error::invalid("events.memory_bytes", "must be at least 16777216"));
        }
        if self.events.compaction_bytes_per_second < 1 << 20 {
            return Err(Error::invalid("events.compaction_bytes_per_second", "must be at least 1048576"));
        }
        let collect = &self.collect;
        // The log holds no larger record, and a decoder no larger text.
        for (name, ok, rule) in [
            (
                "body_bytes",
                (1 << 10..=INFLATED_BYTES_MAX).contains(&collect.body_bytes),
                "must be 1024 to 16777216",
            ),
            (
                "bodies_bytes",
                (collect.body_bytes..1 << 40).contains(&collect.bodies_bytes),
                "must be at least body_bytes",
            ),
            ("body_seconds", collect.body_seconds > 0, "must be at least 1"),
            ("requests_at_once", (1..=1_000_000).contains(&collect.requests_at_once), "must be 1 to 1000000"),
            ("requests_per_second_of_key", collect.requests_per_second_of_key > 0, "must be at least 1"),
        ] {
            if !ok {
                return Err(Error::invalid(format!("collect.{name}"), rule));
            }
        }
        self.sql.validate()
    }

    /// What the doors for clients need to know.
    pub fn collect(&self) -> CollectOptions {
        let collect = &self.collect;
        CollectOptions {
            body_bytes_max: collect.body_bytes,
            bodies_bytes_max: collect.bodies_bytes,
            body_seconds_max: collect.body_seconds,
            requests_at_once_max: collect.requests_at_once,
            key_requests_per_second: collect.requests_per_second_of_key,
            unknown_key: match collect.unknown_key {
                UnknownKeyConfig::Keep => UnknownKey::Keep,
                UnknownKeyConfig::Refuse => UnknownKey::Refuse,
            },
            https: self.https(),
        }
    }

    /// What statements may use.
    pub fn sql(&self) -> SqlOptions {
        let SqlConfig { statements_at_once, threads, seconds, memory_bytes, rows, result_bytes } = self.sql;
        SqlOptions { statements_at_once, threads, seconds, memory_bytes, rows, result_bytes }
    }

    /// With other limits of statements, for tests.
    pub fn with_sql(mut self, options: SqlOptions) -> Config {
        let SqlOptions { statements_at_once, threads, seconds, memory_bytes, rows, result_bytes } = options;
        self.sql = SqlConfig { statements_at_once, threads, seconds, memory_bytes, rows, result_bytes };
        self
    }

    /// With other words for what data is sealed with, for tests.
    pub fn with_seal_data(self, words: &str) -> Result<Config> {
        let environment = [("SIYU_SECRETS_SEAL_DATA".to_owned(), words.to_owned())];
        let secrets = Config::build("", environment)?.secrets;
        let seal_data = secrets.seal_data;
        Ok(Config { secrets: SecretsConfig { seal_data, ..self.secrets }, ..self })
    }

    pub fn db_url(&self) -> String {
        match self.db.url.as_str() {
            "" => format!("sqlite:{}", self.data.join("siyu.db").display()),
            url => url.to_owned(),
        }
    }

    /// What the log and the snapshots of people are sealed with.
    pub fn seal_data(&self) -> SealWith {
        match self.secrets.seal_data {
            SealDataConfig::Nothing => SealWith::Nothing,
            SealDataConfig::Aes256Gcm => SealWith::Aes256Gcm,
            SealDataConfig::Sm4 => SealWith::Sm4,
        }
    }

    /// The file with the key that opens stored secrets.
    pub fn key_file(&self) -> PathBuf {
        match self.secrets.key_file.as_str() {
            "" => self.data.join("siyu.key"),
            path => PathBuf::from(path),
        }
    }

    /// Without a slash at the end.
    pub fn public_url(&self) -> String {
        match self.public_url.as_str() {
            "" => format!("http://{}", self.listen),
            url => url.trim_end_matches('/').to_owned(),
        }
    }

    /// Whether links in messages lead nowhere: nobody said how to reach this server,
    /// and it is not for this machine alone.
    pub fn lacks_public_url(&self) -> bool {
        self.public_url.is_empty() && !self.listen.ip().is_loopback()
    }

    /// Scheme, host and port of the public address, as browsers write origins.
    pub fn origin(&self) -> String {
        let url = self.public_url();
        let after = url.find("://").map_or(0, |at| at + 3);
        let end = url[after..].find('/').map_or(url.len(), |at| after + at);
        url[..end].to_owned()
    }

    pub fn https(&self) -> bool {
        self.public_url().starts_with("https://")
    }
}
