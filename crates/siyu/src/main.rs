//! The siyu binary.
fn main() {}
