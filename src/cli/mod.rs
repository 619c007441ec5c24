//! What people type and read: arguments, results, messages and exit statuses. Only this room prints.

mod arguments;
pub mod explain;
mod explaining;
mod later;
mod question;
mod scan;
mod screen;
mod status;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser as _;
use serde_json::json;

use self::arguments::{Arguments, Command, Common, LogForm, Output, SchemaSubject};
use self::later::later;
use self::screen::{Paint, Screen, findings_json, is_output_lost};
use self::status::Status;
use crate::app::{Clock, Failure, Job, Mode, Report, Trouble, lint, scan};
use crate::demo::play;
use crate::finding::Finding;
use crate::policy::{Policy, PolicyName, schema};
use crate::settings::{Policies, Settings, read_policies, read_settings};
use crate::telemetry::{LogFormat, start};

/// Runs the program with the arguments of the process and returns its exit status.
pub fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return not_understood(&error),
    };
    let screen = Screen::new(&arguments.common);
    let format = match arguments.common.log_format {
        LogForm::Text => LogFormat::Text,
        LogForm::Json => LogFormat::Json,
    };
    start(arguments.common.verbose, format, screen.colors_messages());
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            screen.message(
                Paint::Bad,
                "error",
                format_args!("the program cannot start: {error}"),
                "look at the limits of threads and open files",
            );
            return Status::Usage.into();
        }
    };
    let status = runtime.block_on(run(screen, arguments));
    if is_output_lost() { Status::Partial.into() } else { status.into() }
}

/// Says what is wrong with the arguments, or shows the help or version that was asked for.
fn not_understood(error: &clap::Error) -> ExitCode {
    if let Some((name, instead)) = later(error) {
        screen::say_error(&format!("`{name}` is not built yet in this version"), instead);
        return Status::Usage.into();
    }
    // Help and version go to standard output, everything else to standard error; a closed end wants nothing.
    let _closed = error.print();
    if error.use_stderr() { Status::Usage.into() } else { Status::Success.into() }
}

async fn run(screen: Screen, arguments: Arguments) -> Status {
    let common = arguments.common;
    match arguments.command {
        Command::Schema { subject: SchemaSubject::Policy } => {
            screen.result(format_args!("{:#}\n", schema()));
            Status::Success
        }
        Command::Demo { keep } => demo_command(screen, keep.as_deref()).await,
        Command::Scan(selection) => scan_command(screen, &common, &selection.policies, Mode::Write).await,
        Command::Diff(selection) => scan_command(screen, &common, &selection.policies, Mode::Dry).await,
        Command::Explain(what) => explaining::run(screen, &common, &what).await,
        Command::Lint => lint_command(screen, &common).await,
    }
}

/// The settings and policies of a command; what is wrong about policies is the command's to say.
struct Setup {
    settings: Settings,
    read: Policies,
}

impl Setup {
    fn job(&self, only: BTreeSet<PolicyName>) -> Job<'_> {
        Job {
            settings: &self.settings,
            policies: &self.read.policies,
            all_policies_read: self.read.are_complete(),
            only,
            clock: Clock::system(),
        }
    }

    /// Returns whether no policy can be used and at least one of them, or of their files, is invalid.
    fn no_policy_is_left(&self) -> bool {
        self.read.policies.is_empty() && !self.read.are_complete()
    }

    /// Returns the policies that a person means by `name` or `namespace:name`.
    fn named(&self, name: &str) -> Vec<&Policy> {
        let (namespace, short) =
            name.split_once(':').map_or((None, name), |(namespace, short)| (Some(namespace), short));
        self.read.policies.iter().filter(|policy| policy.name.answers(namespace, short)).collect()
    }

    /// Returns the one policy that a person means, or says which there are.
    fn only_one(&self, screen: Screen, name: &str) -> Option<&Policy> {
        let found = self.named(name);
        if let [policy] = *found {
            return Some(policy);
        }
        let names =
            |policies: &[&Policy]| policies.iter().map(|policy| policy.name.to_string()).collect::<Vec<_>>().join(", ");
        if found.is_empty() {
            let all: Vec<_> = self.read.policies.iter().collect();
            let remedy =
                if all.is_empty() { "add a policy file".to_owned() } else { format!("name one of {}", names(&all)) };
            let invalid =
                if self.read.are_complete() { "" } else { "; it may be one of the invalid ones reported above" };
            screen.message(Paint::Bad, "error", format_args!("there is no policy `{name}`{invalid}"), remedy);
        } else {
            let remedy = format!("name one of {}", names(&found));
            screen.message(Paint::Bad, "error", format_args!("several policies are named `{name}`"), remedy);
        }
        None
    }
}

/// Reads settings and policies; where the settings are wrong, says so, and nothing can be done.
fn set_up(screen: Screen, common: &Common) -> Result<Setup, Status> {
    let settings = read_settings(common.config.as_deref()).map_err(|findings| unusable(screen, &findings))?;
    let read = read_policies(&settings);
    Ok(Setup { settings, read })
}

/// Says what keeps a command from doing anything.
fn unusable(screen: Screen, findings: &[Finding]) -> Status {
    screen.findings(findings);
    if screen.output == Output::Json {
        screen.json(json!({ "status": Status::Usage.code(), "findings": findings_json(findings) }));
    }
    Status::Usage
}

async fn scan_command(screen: Screen, common: &Common, names: &[String], mode: Mode) -> Status {
    let setup = match set_up(screen, common) {
        Ok(setup) => setup,
        Err(status) => return status,
    };
    // Before the names: one of an invalid policy is known to nobody.
    screen.findings(&setup.read.findings);
    let mut only = BTreeSet::new();
    for name in names {
        let Some(policy) = setup.only_one(screen, name) else { return Status::Usage };
        only.insert(policy.name.clone());
    }
    let mut report = scan(&setup.job(only), mode, &mut ()).await;
    screen.findings(&report.findings);
    screen.failures(&report.failures);
    report.findings.splice(0..0, setup.read.findings.iter().cloned());
    let status = scan_status(&setup, &report, mode);
    match mode {
        Mode::Write => scan::show_scan(screen, &report, status),
        Mode::Dry => scan::show_diff(screen, &report, status),
    }
    status
}

/// Returns the first status that applies.
fn scan_status(setup: &Setup, report: &Report, mode: Mode) -> Status {
    if setup.no_policy_is_left() || report.is_only_settings() {
        Status::Usage
    } else if report.is_only_unavailable() {
        Status::Unavailable
    } else if report.has_trouble() {
        Status::Partial
    } else if mode == Mode::Dry && !report.diff.is_empty() {
        Status::Found
    } else {
        Status::Success
    }
}

async fn lint_command(screen: Screen, common: &Common) -> Status {
    let setup = match set_up(screen, common) {
        Ok(setup) => setup,
        Err(status) => return status,
    };
    let mut report = lint(&setup.job(BTreeSet::new())).await;
    screen.failures(&report.failures);
    report.findings.splice(0..0, setup.read.findings.iter().cloned());
    let found = !report.findings.is_empty() || !report.failures.is_empty();
    let status = match failures_status(&report.failures) {
        _ if setup.no_policy_is_left() => Status::Usage,
        status @ (Status::Usage | Status::Unavailable) => status,
        _ if found => Status::Found,
        _ => Status::Success,
    };
    scan::show_lint(screen, &report, setup.read.policies.len(), status);
    status
}

/// Returns the status for things that could not be done.
fn failures_status(failures: &[Failure]) -> Status {
    let all = |is: fn(&Trouble) -> bool| failures.iter().all(|failure| is(&failure.trouble));
    match failures {
        [] => Status::Success,
        _ if all(Trouble::is_settings) => Status::Usage,
        _ if all(Trouble::is_unavailable) => Status::Unavailable,
        _ => Status::Partial,
    }
}

async fn demo_command(screen: Screen, keep: Option<&Path>) -> Status {
    let mut lines = Vec::new();
    let mut tell = |line: &str| match screen.output {
        Output::Text => screen.result(format_args!("{line}\n")),
        Output::Json => lines.extend(line.lines().map(str::to_owned)),
    };
    match play(keep, &mut tell).await {
        Ok(()) => {
            screen.json_only(json!({ "kind": "Demo", "status": Status::Success.code(), "lines": lines }));
            Status::Success
        }
        Err(error) => {
            screen.message(Paint::Bad, "error", &error, error.remedy());
            if error.is_usage() { Status::Usage } else { Status::Partial }
        }
    }
}
