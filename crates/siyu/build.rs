//! Tells cargo when the console's built files matter. Nothing is built here: release
//! binaries embed the files, debug binaries read them from the disk.

use std::path::Path;

const CONSOLE: &str = "../../console/dist";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // A debug binary keeps the folder's resolved path, so it must be compiled again
    // once the folder exists, but not for every change in it.
    let release = std::env::var("PROFILE").is_ok_and(|profile| profile == "release");
    if release || !Path::new(CONSOLE).exists() {
        println!("cargo:rerun-if-changed={CONSOLE}");
    }
}
