//! The program `automator`: calls `cli` and returns the exit status; nothing else.

use std::process::ExitCode;

fn main() -> ExitCode {
    deployment_automator::cli::main()
}
