//! The program `automator`: parses the arguments, calls `cli`, returns the exit status; nothing else.

fn main() {}
