//! Logs: what the program does, for the person who has to find out later. Never on stdout, never a secret.

use std::io::IsTerminal as _;

use tracing::Level;
use tracing_subscriber::fmt::format::FmtSpan;

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object a line, for collectors.
    Json,
}

/// Sends log lines to standard error from now on; a second call changes nothing.
///
/// `verbosity` counts the `-v`: 0 shows warnings, 1 what is done, 2 each request, 3 everything, the libraries' words included.
pub fn start(verbosity: u8, format: LogFormat, color: bool) {
    let level = match verbosity {
        0 => Level::WARN,
        1 => Level::INFO,
        2 => Level::DEBUG,
        _ => Level::TRACE,
    };
    let builder = tracing_subscriber::fmt()
        .with_max_level(level)
        .with_span_events(FmtSpan::NONE)
        .with_target(false)
        .with_writer(std::io::stderr)
        .with_ansi(color && std::io::stderr().is_terminal());
    // A second subscriber is refused by the library; the first one goes on, which is what is wanted.
    let _already_started = match format {
        LogFormat::Text => builder.compact().try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
}
