//! The siyu binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    siyu::cli::main()
}
