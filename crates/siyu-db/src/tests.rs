//! Migrations on disk and in the list.

use crate::migrate::{MIGRATIONS, statements};

#[test]
fn the_list_of_migrations_is_the_folder() {
    let mut files: Vec<String> = std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"))
        .expect("folder")
        .filter_map(|entry| {
            entry.expect("entry").file_name().into_string().ok()?.strip_suffix(".sql").map(str::to_owned)
        })
        .collect();
    files.sort();
    let listed: Vec<&str> = MIGRATIONS.iter().map(|migration| migration.name).collect();
    assert_eq!(listed, files);
    let versions: std::collections::BTreeSet<i64> = MIGRATIONS.iter().map(|m| m.version()).collect();
    assert_eq!(versions.len(), MIGRATIONS.len(), "two migrations share a number");
    assert!(!versions.contains(&0), "every name starts with a number");
}

#[test]
fn statements_end_at_a_semicolon_at_the_end_of_a_line() {
    let text = "-- a; b\nCREATE TABLE t (a TEXT DEFAULT ';', b TEXT);\n\n-- only words;\nDROP TABLE t;\n";
    let split: Vec<&str> = statements(text).collect();
    assert_eq!(split, ["-- a; b\nCREATE TABLE t (a TEXT DEFAULT ';', b TEXT)", "DROP TABLE t"],);
}
