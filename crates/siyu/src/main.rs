//! The siyu binary.

use std::process::ExitCode;

/// Scans allocate and free large columns; the system's allocator gives such memory
/// back at once and pays for it in page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    siyu::cli::main()
}
