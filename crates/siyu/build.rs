//! Tells cargo that release binaries embed the console's built files. Nothing is
//! built here; debug binaries read the files from the disk.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo:rerun-if-changed=../../console/dist");
    }
}
