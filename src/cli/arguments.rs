//! What people type.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Decides by policy which tag each application runs and writes it to Git, byte-exact and signed.
#[derive(Debug, Parser)]
#[command(
    name = "automator",
    version,
    max_term_width = 100,
    disable_help_subcommand = true,
    arg_required_else_help = true
)]
pub(super) struct Arguments {
    /// What to do
    #[command(subcommand)]
    pub command: Command,
    /// What every command takes
    #[command(flatten)]
    pub common: Common,
}

/// The options of every command.
#[derive(Args, Debug)]
pub(super) struct Common {
    /// Settings file [default: automator.yaml, then /etc/automator/automator.yaml]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Form of the results on standard output
    #[arg(long, global = true, value_enum, default_value_t, hide_possible_values = false)]
    pub output: Output,
    /// When to use colour; the variable `NO_COLOR` is respected
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub color: Color,
    /// Say more on standard error; repeat for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
    /// Form of the log lines on standard error
    #[arg(long, global = true, value_enum, default_value_t, value_name = "FORM")]
    pub log_format: LogForm,
}

/// The form of results.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Output {
    /// For people
    #[default]
    Text,
    /// For programs: one versioned JSON document
    Json,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// When a terminal shows it
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// The form of log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum LogForm {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan once, write what the policies decide, push, exit
    #[command(after_help = SCAN_HELP)]
    Scan(Selection),
    /// Show what `scan` would write, as a diff that `git apply` accepts; write nothing
    #[command(after_help = DIFF_HELP)]
    Diff(Selection),
    /// Show why a tag was chosen and why every other was not
    #[command(after_help = EXPLAIN_HELP)]
    Explain(Explain),
    /// Check settings, policies and markers
    #[command(after_help = LINT_HELP)]
    Lint,
    /// Print a JSON Schema, for editors and for CI
    Schema {
        /// Which one
        #[arg(value_enum)]
        subject: SchemaSubject,
    },
    /// Show the whole job with nothing to set up: registry, repository, signed commits
    Demo {
        /// Leave the repository, the key and the settings in DIR, which must be new or empty
        #[arg(long, value_name = "DIR")]
        keep: Option<PathBuf>,
    },
}

/// Which policies.
#[derive(Args, Debug)]
pub(super) struct Selection {
    /// Only this policy, `name` or `namespace:name`; may be repeated
    #[arg(long = "policy", value_name = "NAME")]
    pub policies: Vec<String>,
}

/// What to explain.
#[derive(Args, Debug)]
pub(super) struct Explain {
    /// The policy, `name` or `namespace:name`
    #[arg(
        required_unless_present = "image",
        conflicts_with_all = ["image", "order", "include", "exclude", "extract", "current"]
    )]
    pub policy: Option<String>,
    /// The whole story of one tag
    #[arg(long, value_name = "TAG", conflicts_with = "all")]
    pub tag: Option<String>,
    /// Every tag, not only the nearest
    #[arg(long)]
    pub all: bool,
    /// What to explain without any file
    #[command(flatten)]
    pub question: Question,
}

/// A policy on the command line.
#[derive(Args, Debug)]
#[command(next_help_heading = "Without any file")]
pub(super) struct Question {
    /// Ask about this image; a tag in it is the current value
    #[arg(long, value_name = "REF", requires = "order")]
    pub image: Option<String>,
    /// The order
    #[command(flatten)]
    pub order: AskedOrder,
    /// Look only at tags that match; may be repeated
    #[arg(long, value_name = "REGEX", requires = "image", allow_hyphen_values = true)]
    pub include: Vec<String>,
    /// Leave out tags that match; may be repeated
    #[arg(long, value_name = "REGEX", requires = "image", allow_hyphen_values = true)]
    pub exclude: Vec<String>,
    /// Compare this, made of the groups of the first `--include` that matches
    #[arg(long, value_name = "TEMPLATE", requires = "image")]
    pub extract: Option<String>,
    /// What a place would hold now
    #[arg(long, value_name = "TAG", requires = "image")]
    pub current: Option<String>,
}

/// The order of a policy on the command line.
#[derive(Args, Debug)]
#[group(id = "order", multiple = false, requires = "image")]
pub(super) struct AskedOrder {
    /// The highest version in a range
    #[arg(long, value_name = "RANGE", allow_hyphen_values = true)]
    pub semver: Option<String>,
    /// The highest or lowest number
    #[arg(long, value_enum, value_name = "END")]
    pub numeric: Option<Numeric>,
    /// The last or first text by its bytes
    #[arg(long, value_enum, value_name = "END")]
    pub alphabetical: Option<Alphabetical>,
    /// The highest tag that is made like the current one, within this part of the version
    #[arg(long, value_enum, value_name = "JUMP")]
    pub like_current: Option<JumpWord>,
}

/// Which number is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Numeric {
    /// The highest
    Highest,
    /// The lowest
    Lowest,
}

/// Which text is the best.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Alphabetical {
    /// The last
    Last,
    /// The first
    First,
}

/// The largest part of a version that may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum JumpWord {
    /// The third number and what follows it
    Patch,
    /// The second number too
    Minor,
    /// Every number
    Major,
}

/// The documents that have a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaSubject {
    /// A policy document
    Policy,
}

const SCAN_HELP: &str = "\
Examples:
  automator scan                      every policy
  automator scan --policy podinfo     one policy
  automator scan --output json        for a CI job

Exit status: 0 nothing to do, or all landed; 2 usage, settings, or every policy invalid;
3 something failed, the rest is done; 5 every failure was a registry or repository
out of reach (safe to run again).";

const DIFF_HELP: &str = "\
Examples:
  automator diff                      what would be written
  automator diff | git apply          write it into a checkout yourself

Exit status: 0 no difference; 1 differences; 2, 3 and 5 as for `scan`.";

const EXPLAIN_HELP: &str = "\
Examples:
  automator explain podinfo           the chosen tag, its neighbours, the rest counted
  automator explain podinfo --tag 6.2.0-rc.1
  automator explain podinfo --all --output json
  automator explain --image ghcr.io/stefanprodan/podinfo --semver '>=6.0.0 <7.0.0'
  automator explain --image nginx:1.25.0-alpine --like-current minor";

const LINT_HELP: &str = "\
Examples:
  automator lint                      settings, policies, and every marker where the repository can be read

Exit status: 0 nothing found; 1 findings; 2 the settings cannot be used.";
