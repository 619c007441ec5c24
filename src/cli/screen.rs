//! The two ends of the program: results on standard output, everything else on standard error.

use std::fmt::{self, Display};
use std::io::{self, ErrorKind, IsTerminal as _, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::arguments::{Color, Common, Output};
use crate::app::Failure;
use crate::finding::{Finding, Severity};
use crate::settings::wants_no_color;
use crate::text::visible;

/// The version of the form of every JSON result.
const API_VERSION: &str = "automator/v1";

/// A meaning that is shown in colour where colour is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Paint {
    /// Something went as wished.
    Good,
    /// Something should be looked at.
    Warn,
    /// Something is broken.
    Bad,
    /// Something is less important.
    Dim,
    /// Something is more important.
    Strong,
}

impl Paint {
    fn code(self) -> &'static str {
        match self {
            Self::Good => "\u{1b}[32m",
            Self::Warn => "\u{1b}[33m",
            Self::Bad => "\u{1b}[31m",
            Self::Dim => "\u{1b}[2m",
            Self::Strong => "\u{1b}[1m",
        }
    }
}

/// Text with a meaning.
struct Painted<T> {
    paint: Option<Paint>,
    text: T,
}

impl<T: Display> Display for Painted<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.paint {
            Some(paint) => write!(f, "{}{}\u{1b}[0m", paint.code(), self.text),
            None => self.text.fmt(f),
        }
    }
}

/// Where the program speaks.
#[derive(Clone, Copy, Debug)]
pub(super) struct Screen {
    /// The form of results.
    pub output: Output,
    color_out: bool,
    color_err: bool,
}

impl Screen {
    /// Reads from the arguments, the terminal and `NO_COLOR` how to speak.
    pub(super) fn new(common: &Common) -> Self {
        let wanted = |is_terminal: bool| match common.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => is_terminal && !wants_no_color(),
        };
        Self {
            output: common.output,
            color_out: wanted(io::stdout().is_terminal()),
            color_err: wanted(io::stderr().is_terminal()),
        }
    }

    /// Returns `text` in the colour of `paint`, for standard output.
    pub(super) fn paint(self, paint: Paint, text: impl Display) -> impl Display {
        Painted { paint: self.color_out.then_some(paint), text }
    }

    /// Returns whether standard error shows colour.
    pub(super) fn colors_messages(self) -> bool {
        self.color_err
    }

    /// Writes a result.
    #[expect(clippy::unused_self, reason = "a screen is the only door to standard output")]
    pub(super) fn result(self, text: impl Display) {
        write_out(text.to_string().as_bytes());
    }

    /// Writes a result that is bytes.
    #[expect(clippy::unused_self, reason = "a screen is the only door to standard output")]
    pub(super) fn bytes(self, bytes: &[u8]) {
        write_out(bytes);
    }

    /// Writes a result for programs; `content` is an object that gets the version of its form.
    pub(super) fn json(self, mut content: Value) {
        if let Value::Object(content) = &mut content {
            content.insert("apiVersion".to_owned(), API_VERSION.into());
        }
        self.result(format_args!("{content:#}\n"));
    }

    /// Writes a result for programs where one was asked for.
    pub(super) fn json_only(self, content: Value) {
        if self.output == Output::Json {
            self.json(content);
        }
    }

    /// Writes a message: what happened, and what to do.
    pub(super) fn message(self, paint: Paint, kind: &str, text: impl Display, remedy: impl Display) {
        write_message(&message_text(self.color_err.then_some(paint), kind, &text.to_string(), &remedy.to_string()));
    }

    /// Writes findings as messages, worst first, each once.
    pub(super) fn findings(self, findings: &[Finding]) {
        for finding in sorted(findings) {
            write_message(&finding_text(finding, self.color_err));
        }
    }

    /// Writes findings as the result.
    pub(super) fn findings_as_result(self, findings: &[Finding]) {
        for finding in sorted(findings) {
            self.result(finding_text(finding, self.color_out));
        }
    }

    /// Writes failures.
    pub(super) fn failures(self, failures: &[Failure]) {
        for failure in failures {
            self.message(
                Paint::Bad,
                "error",
                format_args!("{}: {}", failure.subject, failure.trouble),
                failure.trouble.remedy(),
            );
        }
    }
}

/// Returns findings worst first, each once.
fn sorted(findings: &[Finding]) -> Vec<&Finding> {
    let mut findings: Vec<_> = findings.iter().collect();
    findings.sort_by_key(|finding| (finding.severity, *finding));
    findings.dedup();
    findings
}

fn finding_text(finding: &Finding, color: bool) -> String {
    let (paint, kind) = match finding.severity {
        Severity::Error => (Paint::Bad, "error"),
        Severity::Warning => (Paint::Warn, "warning"),
    };
    let text = format!("{}: {}", finding.position, finding.cause);
    message_text(color.then_some(paint), kind, &text, &finding.remedy)
}

fn message_text(paint: Option<Paint>, kind: &str, text: &str, remedy: &str) -> String {
    format!("{}: {}\n  hint: {}\n", Painted { paint, text: kind }, visible(text), visible(remedy))
}

/// Whether a result could not be written whole, for a reason that is not the reader's.
static IS_OUTPUT_LOST: AtomicBool = AtomicBool::new(false);

/// Returns whether a result could not be written: on a full disk nobody must take silence for success.
pub(super) fn is_output_lost() -> bool {
    IS_OUTPUT_LOST.load(Ordering::Relaxed)
}

/// Writes a result. Whoever closed the other end does not want the rest; any other error is one, said once.
fn write_out(bytes: &[u8]) {
    let mut end = io::stdout().lock();
    let Err(error) = end.write_all(bytes).and_then(|()| end.flush()) else { return };
    if error.kind() != ErrorKind::BrokenPipe && !IS_OUTPUT_LOST.swap(true, Ordering::Relaxed) {
        let text = format!("the result cannot be written: {error}");
        write_message(&message_text(None, "error", &text, "check where standard output goes"));
    }
}

/// Writes an error before it is known how to speak.
pub(super) fn say_error(text: &str, remedy: &str) {
    write_message(&message_text(None, "error", text, remedy));
}

/// Writes a message; where even that is impossible, nobody can be told.
fn write_message(message: &str) {
    let _untold = io::stderr().lock().write_all(message.as_bytes());
}

/// Returns findings for programs.
pub(super) fn findings_json(findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        json!({
            "severity": match finding.severity { Severity::Error => "error", Severity::Warning => "warning" },
            "file": &*finding.position.file,
            "line": finding.position.line,
            "column": finding.position.column,
            "cause": &*finding.cause,
            "remedy": &*finding.remedy,
        })
    };
    findings.iter().map(one).collect()
}

/// Returns failures for programs.
pub(super) fn failures_json(failures: &[Failure]) -> Value {
    let one = |failure: &Failure| {
        json!({
            "subject": &*failure.subject,
            "cause": failure.trouble.to_string(),
            "remedy": failure.trouble.remedy(),
            "unavailable": failure.trouble.is_unavailable(),
        })
    };
    failures.iter().map(one).collect()
}
