//! Brings the tables up to date: files are applied once, in order, and never change.

use siyu_types::{Error, Result};

use crate::{Db, db_error};

/// One file of `migrations/`.
pub(crate) struct Migration {
    pub(crate) name: &'static str,
    pub(crate) text: &'static str,
}

macro_rules! migrations {
    ($($name:literal,)*) => {
        /// Every file of the folder, in order; a test compares the two.
        pub(crate) const MIGRATIONS: &[Migration] = &[
            $(Migration { name: $name, text: include_str!(concat!("../migrations/", $name, ".sql")) },)*
        ];
    };
}

migrations! {
    "0001_db_counters_jobs",
    "0002_govern_accounts",
    "0010_audience_tags",
    "0011_audience_segments",
    "0020_ingest_imports",
    "0021_ingest_uploads_templates",
    "0023_plan_subjects",
    "0025_keys_time",
    "0026_quality_rules",
    "0027_hooks_mappings",
    "0028_ciphers_keys",
    "0030_insight_analyses",
    "0040_campaigns_campaigns",
    "0041_delivery_sends",
    "0042_protection_lists_caps",
    "0043_delivery_under_way",
    "0044_receipts_receipts",
    "0045_consent_register",
    "0046_consent_requests",
    "0047_notes_person_notes",
    "0048_attributes_policies",
    "0049_erasures_erasures",
    "0050_audit_erased",
    "0051_rights_desk",
    "0052_rights_corrections",
    "0053_personal_fields",
    "0054_personal_looks",
    "0055_personal_exports",
    "0056_items_item_types",
    "0058_segments_flow",
    "0059_rights_copies_export",
    "0060_rights_contact_mark",
    "0061_dashboards_dashboards",
    "0062_annotations_annotations",
    "0063_projects_week_start",
    "0064_alerts_alerts",
    "0065_sql_queries",
    "0066_tags_given",
    "0067_analyses_told_apart",
    "0068_alerts_tell",
}

impl Migration {
    /// The number at the start of the name.
    pub(crate) fn version(&self) -> i64 {
        self.name.split('_').next().and_then(|number| number.parse().ok()).unwrap_or(0)
    }
}

/// Applies what is missing, each file in its own transaction. A file that was
/// applied with another text is an error: two builds disagree about history.
pub(crate) async fn run(db: &Db) -> Result<()> {
    const TABLE: &str = "CREATE TABLE IF NOT EXISTS migrations
        (version BIGINT PRIMARY KEY, name TEXT NOT NULL, checksum BIGINT NOT NULL)";
    let mut tx = db.begin().await?;
    sqlx::query(TABLE).execute(&mut *tx).await.map_err(db_error)?;
    tx.commit().await.map_err(db_error)?;
    for migration in MIGRATIONS {
        apply(db, migration).await?;
    }
    Ok(())
}

async fn apply(db: &Db, migration: &Migration) -> Result<()> {
    let mut tx = db.begin().await?;
    let known: Option<i64> = sqlx::query_scalar("SELECT checksum FROM migrations WHERE version = $1")
        .bind(migration.version())
        .fetch_optional(&mut *tx)
        .await
        .map_err(db_error)?;
    match known {
        Some(checksum) if checksum == checksum_of(migration.text) => return Ok(()),
        Some(_) => {
            let message = format!("the database was made by another build: {} differs", migration.name);
            return Err(Error::internal(message));
        }
        None => {}
    }
    for statement in statements(migration.text) {
        sqlx::query(statement).execute(&mut *tx).await.map_err(|error| {
            Error::internal(format!("migration {}: {error} in: {statement}", migration.name))
        })?;
    }
    sqlx::query("INSERT INTO migrations (version, name, checksum) VALUES ($1, $2, $3)")
        .bind(migration.version())
        .bind(migration.name)
        .bind(checksum_of(migration.text))
        .execute(&mut *tx)
        .await
        .map_err(db_error)?;
    tx.commit().await.map_err(db_error)
}

/// Statements end with `;` at the end of a line.
pub(crate) fn statements(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.split(";\n").map(|part| part.trim().trim_end_matches(';')).filter(|part| {
        part.lines().any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--"))
    })
}

/// FNV-1a; it only has to notice an edit.
fn checksum_of(text: &str) -> i64 {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    });
    hash as i64
}
