//! Commands and options of the contract that this version does not have: named as such, and not taken for typing errors.

use clap::error::{ContextKind, ContextValue};

/// Each with what to do instead.
const LATER: &[(&str, &str)] = &[
    ("run", "run `automator scan` on a schedule"),
    ("init", "write settings, policies and markers as README.md shows"),
    ("status", "`automator diff` and `automator explain POLICY` say where things stand"),
    ("history", "read `git log`; the trailers are in docs/reference/commits.md"),
    ("hold", "write `suspend: true` into the policy"),
    ("unhold", "remove `suspend: true` from the policy"),
    ("rollback", "write `suspend: true` into the policy and revert the commit"),
    ("completions", "`automator --help` names the commands"),
    ("man", "`automator --help` and docs/reference/ say what there is"),
    ("--tree", "`automator lint` and `automator diff` look at the repository of the settings"),
    ("--online", "`automator diff` asks the registries and reads the repository"),
];

/// Returns what was asked for that comes later, and what to do instead.
pub(super) fn later(error: &clap::Error) -> Option<(&'static str, &'static str)> {
    let kinds = [ContextKind::InvalidSubcommand, ContextKind::InvalidArg];
    let asked = kinds.into_iter().find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(asked)) => Some(asked.as_str()),
        _ => None,
    })?;
    LATER.iter().copied().find(|(name, _)| *name == asked)
}
