//! `scan` and `diff`: one row for every place, the commits or the diff, and what went wrong.

use std::fmt::Write as _;

use jiff::Zoned;
use serde_json::{Value, json};

use super::arguments::Output;
use super::screen::{Paint, Screen, failures_json, findings_json};
use super::status::Status;
use crate::app::{PlaceRow, Report, State};
use crate::text::visible;

/// How many places of one group are listed before the rest is counted.
const PLACES_SHOWN_MAX: usize = 4;

/// Shows what a scan did.
pub(super) fn show_scan(screen: Screen, report: &Report, status: Status) {
    if screen.output == Output::Json {
        screen.json(report_json("Scan", report, status));
    } else {
        screen.result(rows_text(screen, &report.rows));
        for commit in &report.commits {
            let id: String = commit.id.chars().take(10).collect();
            let done = screen.paint(Paint::Good, "pushed");
            screen.result(format_args!(
                "{done}     {id} to {} of {}: {}\n",
                commit.branch, commit.repository, commit.subject
            ));
        }
        if report.commits.is_empty() && !report.has_trouble() {
            let waits = report.rows.iter().any(|row| matches!(row.state, State::Pending { .. }));
            screen.result(if waits { "nothing to write now\n" } else { "nothing to do\n" });
        }
    }
}

/// Shows what a scan would write. The text is the diff and nothing else, so that `git apply` takes it.
pub(super) fn show_diff(screen: Screen, report: &Report, status: Status) {
    if screen.output == Output::Json {
        let mut content = report_json("Diff", report, status);
        if let Value::Object(content) = &mut content {
            content.insert("diff".to_owned(), String::from_utf8_lossy(&report.diff).into());
        }
        screen.json(content);
    } else {
        screen.bytes(&report.diff);
    }
}

/// Shows what `lint` found. Without tag lists nothing is judged, so that places have no state here.
pub(super) fn show_lint(screen: Screen, report: &Report, policies: usize, status: Status) {
    if screen.output == Output::Json {
        let mut content = report_json("Lint", report, status);
        let places = content.get_mut("places").and_then(Value::as_array_mut);
        for place in places.into_iter().flatten().filter_map(Value::as_object_mut) {
            place.retain(|key, _| !["state", "to", "reason", "until", "closed"].contains(&key.as_str()));
        }
        return screen.json(content);
    }
    screen.findings_as_result(&report.findings);
    if report.findings.is_empty() && report.failures.is_empty() {
        let count = |count: usize, one: &str, many: &str| format!("{count} {}", if count == 1 { one } else { many });
        let (policies, places) =
            (count(policies, "policy", "policies"), count(report.rows.len(), "marked value", "marked values"));
        screen.result(format_args!("nothing to mend: {policies}, {places}\n"));
    }
}

fn rows_text(screen: Screen, rows: &[PlaceRow]) -> String {
    let mut text = String::new();
    let mut rest: Vec<&PlaceRow> = rows.iter().collect();
    rest.sort_by_key(|row| (&row.policy, &row.repository, row.short_current(), &row.reason, &row.file, row.line));
    for group in rest.chunk_by(|a, b| is_same_story(a, b)) {
        group_text(screen, group, &mut text);
    }
    text
}

fn is_same_story(a: &PlaceRow, b: &PlaceRow) -> bool {
    (&a.policy, &a.repository, a.short_current(), &a.reason) == (&b.policy, &b.repository, b.short_current(), &b.reason)
        && a.short_target() == b.short_target()
        && std::mem::discriminant(&a.state) == std::mem::discriminant(&b.state)
}

fn group_text(screen: Screen, group: &[&PlaceRow], text: &mut String) {
    let Some(first) = group.first() else { return };
    let (paint, word) = match &first.state {
        State::Changed { .. } => (Paint::Good, "changed"),
        State::Pending { .. } => (Paint::Warn, "pending"),
        State::Kept => (Paint::Dim, "kept"),
        State::Suspended => (Paint::Warn, "suspended"),
        State::Blocked => (Paint::Bad, "blocked"),
    };
    let value = match first.short_target() {
        Some(target) => format!("{} -> {target}", first.short_current()),
        None => first.short_current().to_owned(),
    };
    // Writing to a String does not fail.
    let word = screen.paint(paint, format!("{word:<9}"));
    let _written = writeln!(text, "{word}  {}: {}", screen.paint(Paint::Strong, &first.policy), visible(&value));
    let _written = writeln!(text, "           {}", visible(&first.reason));
    if let State::Pending { until, why, .. } = &first.state {
        let _written = writeln!(text, "           {}\n           {}", visible(why), opening(until.as_ref()));
    }
    for row in group.iter().take(PLACES_SHOWN_MAX) {
        let place = format!("{}:{} {}", row.file, row.line, row.field);
        let _written = writeln!(text, "           {}", screen.paint(Paint::Dim, visible(&place)));
    }
    if group.len() > PLACES_SHOWN_MAX {
        let _written = writeln!(text, "           and {} more", group.len() - PLACES_SHOWN_MAX);
    }
}

/// Says when a change may be written, to the minute, or to the second where a freeze ends between minutes.
fn opening(until: Option<&Zoned>) -> String {
    let Some(until) = until else { return "no moment is in sight when it may be written".to_owned() };
    let time = if until.second() == 0 { "%H:%M" } else { "%H:%M:%S" };
    format!("may be written from {}", until.strftime(&format!("%Y-%m-%d {time} %:z (%Q)")))
}

fn report_json(kind: &str, report: &Report, status: Status) -> Value {
    let commits: Vec<_> = report.commits.iter().map(|commit| {
        json!({ "repository": commit.repository, "branch": commit.branch, "id": commit.id, "subject": commit.subject })
    }).collect();
    json!({
        "kind": kind,
        "status": status.code(),
        "places": report.rows.iter().map(row_json).collect::<Vec<_>>(),
        "commits": commits,
        "findings": findings_json(&report.findings),
        "failures": failures_json(&report.failures),
    })
}

fn row_json(row: &PlaceRow) -> Value {
    let (state, to, until, why) = match &row.state {
        State::Changed { to } => ("changed", Some(to), None, None),
        State::Pending { to, until, why } => ("pending", Some(to), until.as_ref().map(Zoned::timestamp), Some(why)),
        State::Kept => ("kept", None, None, None),
        State::Suspended => ("suspended", None, None, None),
        State::Blocked => ("blocked", None, None, None),
    };
    json!({
        "policy": row.policy,
        "repository": row.repository,
        "file": row.file,
        "line": row.line,
        "field": row.field,
        "current": row.current,
        "state": state,
        "to": to,
        "reason": row.reason,
        "until": until.map(|until| until.to_string()),
        "closed": why,
    })
}
