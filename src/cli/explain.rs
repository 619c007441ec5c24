//! Shows an explanation to people, in at most 80 columns, and to programs, as JSON with the same content.
//!
//! Pure functions of text; nothing is judged here and nothing is printed.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::decision::{Explanation, Outcome, Place, Row, Table, Verdict};
use crate::finding::Position;
use crate::image::{Tag, TagRef};
use crate::policy::{Dropped, Miss, Policy, Refusal, Rule, Unlike};
use crate::text::visible as clean;

/// The widest line, in characters.
const COLUMNS: usize = 80;
/// What stands between two columns of the table.
const GAP: usize = 2;
/// How many rows are shown above and below the chosen one, unless all are asked for.
const NEAR_ROWS: usize = 4;
/// How many better tags are named for each place.
const BETTER_NAMED: usize = 3;
/// The version of the JSON.
const API_VERSION: &str = "automator/v1";

/// Which tags are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum View<'t> {
    /// The chosen one and the nearest few, with a count of the others.
    Near,
    /// Every tag.
    All,
    /// The whole story of one tag.
    Tag(TagRef<'t>),
}

/// Returns the explanation as text that ends with a line break. Where each place has a table of its own, they follow
/// one another.
pub fn text(policy: &Policy, explanation: &Explanation<'_>, view: View<'_>) -> String {
    let mut out = String::new();
    let head = format!("{}  {}  {}", policy.name, policy.image, policy.position);
    push_wrapped(&mut out, &clean(&head), "", "  ");
    for (index, table) in explanation.tables.iter().enumerate() {
        if index > 0 {
            out.push('\n');
        }
        for place in &table.places {
            push_place(&mut out, policy, table, place);
        }
        match view {
            View::Tag(tag) => push_story(&mut out, policy, table, tag),
            View::Near | View::All => {
                push_table(&mut out, policy, &shown(table, view));
                push_summary(&mut out, policy, table);
            }
        }
    }
    out
}

/// Returns the explanation as JSON: the places, a count for each verdict, and the tags that `view` shows. Counts and
/// tags name the current value for which they hold, and none where they hold for every place.
pub fn json(policy: &Policy, explanation: &Explanation<'_>, view: View<'_>) -> Value {
    let rows = |table: &Table<'_>| {
        let rows = match view {
            View::Tag(tag) => table.row(tag).into_iter().collect(),
            View::Near | View::All => shown(table, view),
        };
        rows.into_iter().map(|row| row_json(policy, table, row)).collect::<Vec<_>>()
    };
    let tables = &explanation.tables;
    let counts = |table: &Table<'_>| counted(policy, table).iter().map(|count| count.json(table)).collect::<Vec<_>>();
    let places = |table: &Table<'_>| table.places.iter().map(|place| place_json(table, place)).collect::<Vec<_>>();
    json!({
        "apiVersion": API_VERSION,
        "kind": "Explanation",
        "policy": policy.name.to_string(),
        "image": policy.image.to_string(),
        "select": rule_json(&policy.select),
        "listed": explanation.tally.listed(),
        "candidates": explanation.tally.candidates,
        "places": tables.iter().flat_map(places).collect::<Vec<_>>(),
        "summary": tables.iter().flat_map(counts).collect::<Vec<_>>(),
        "tags": tables.iter().flat_map(rows).collect::<Vec<_>>(),
    })
}

/// Returns the rows that a view shows.
fn shown<'e, 't>(table: &'e Table<'t>, view: View<'_>) -> Vec<&'e Row<'t>> {
    let rows = &table.rows;
    let is_best = |row: &Row<'_>| {
        use Verdict::{BelowCurrent, Best, Chosen, EqualToCurrent, TieLost};
        matches!(row.verdict, Best | Chosen | TieLost | BelowCurrent | EqualToCurrent)
    };
    let centre = rows.iter().position(is_best).unwrap_or_default();
    let near = centre.saturating_sub(NEAR_ROWS)..=centre.saturating_add(NEAR_ROWS);
    let is_shown = |index: usize, row: &Row<'_>| {
        view == View::All || (near.contains(&index) && row.is_ordered) || row.verdict == Verdict::Chosen
    };
    rows.iter().enumerate().filter(|(index, row)| is_shown(*index, row)).map(|(_, row)| row).collect()
}

/// Appends what one place gets, why, and why nothing better.
fn push_place(out: &mut String, policy: &Policy, table: &Table<'_>, place: &Place) {
    let decision = &place.decision;
    let holds = place.current.as_ref().map_or("no tag yet", Tag::as_str);
    let gets = match (&decision.outcome, &decision.chosen, &place.current) {
        (Outcome::Update, Some(chosen), _) => format!("{holds} -> {chosen}: {}", decision.reason),
        (_, _, Some(_)) => format!("{holds} stays: {}", decision.reason),
        (_, _, None) => format!("{holds}: {}", decision.reason),
    };
    push_wrapped(out, &clean(&gets), "", "  ");
    if let Some(current) = place.current.as_ref().filter(|_| !place.is_listed) {
        push_wrapped(out, &format!("current {current} is not in the registry"), "  ", "    ");
    }
    let better: Vec<_> = table.rows.iter().take(place.better).collect();
    if better.is_empty() || decision.outcome == Outcome::NothingQualifies {
        return;
    }
    let named = better.iter().take(BETTER_NAMED).map(|row| format!("{} ({})", row.tag, row.verdict.phrase(policy)));
    let mut list = named.collect::<Vec<_>>().join(", ");
    if let Some(more) = better.len().checked_sub(BETTER_NAMED).filter(|more| *more > 0) {
        let _ = write!(list, " and {more} more");
    }
    push_wrapped(out, &clean(&format!("better, but not allowed: {list}")), "  ", "    ");
}

/// Appends the table of tags.
fn push_table(out: &mut String, policy: &Policy, rows: &[&Row<'_>]) {
    if rows.is_empty() {
        return;
    }
    out.push('\n');
    let has_values = policy.filter.extract().is_some();
    let header = ["TAG", "VALUE", "VERDICT", "RULE"].map(str::to_owned);
    let cells = std::iter::once(header).chain(rows.iter().map(|row| row_cells(policy, row)));
    let without_value = |[tag, _, verdict, rule]: [String; 4]| [tag, String::new(), verdict, rule];
    let cells: Vec<_> = cells.map(|row| if has_values { row } else { without_value(row) }).collect();
    let widths = widths(&cells);
    for [tag, value, verdict, rule] in &cells {
        let [tag_width, value_width, verdict_width, rule_width] = widths;
        let mut line = pad(&keep_head(tag, tag_width), tag_width);
        if has_values {
            line += &pad(&keep_head(value, value_width), value_width);
        }
        line += &pad(&keep_head(verdict, verdict_width), verdict_width);
        line += &keep_tail(rule, rule_width);
        out.push_str(line.trim_end());
        out.push('\n');
    }
}

/// Returns what the table says of a tag.
fn row_cells(policy: &Policy, row: &Row<'_>) -> [String; 4] {
    let rule = row.verdict.rule(policy);
    let rule = rule.map(|rule| Position { column: 0, ..rule.position.clone() }.to_string()).unwrap_or_default();
    let value = row.value.as_deref().unwrap_or("-");
    [row.tag.as_str(), value, &row.verdict.phrase(policy), &rule].map(|cell| clean(cell).into_owned())
}

/// Returns the widths of the columns so that a line fits: each as wide as its widest cell, the widest made narrower.
fn widths(cells: &[[String; 4]]) -> [usize; 4] {
    /// What is left of tag, value, verdict and rule in the narrowest table.
    const NARROWEST: [usize; 4] = [16, 8, 26, 14];
    let mut widths = [0; 4];
    for row in cells {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    while widths.iter().sum::<usize>() + 3 * GAP > COLUMNS {
        let spare = widths.iter_mut().zip(NARROWEST).filter(|(width, narrowest)| **width > *narrowest);
        let Some((widest, _)) = spare.max_by_key(|(width, _)| **width) else { break };
        *widest -= 1;
    }
    widths
}

/// A verdict with how many tags it fell on.
struct Count {
    tags: usize,
    phrase: String,
    key: String,
    verdict: Verdict,
}

impl Count {
    fn json(&self, table: &Table<'_>) -> Value {
        json!({
            "current": current_json(table),
            "verdict": code(self.verdict),
            "phrase": self.phrase,
            "rule": self.key,
            "count": self.tags,
        })
    }
}

/// Counts the verdicts, the most frequent first.
fn counted(policy: &Policy, table: &Table<'_>) -> Vec<Count> {
    let mut counts: BTreeMap<Verdict, usize> = BTreeMap::new();
    for row in &table.rows {
        *counts.entry(row.verdict).or_default() += 1;
    }
    let count =
        |(verdict, tags): (Verdict, usize)| Count { tags, phrase: verdict.phrase(policy), key: verdict.key(), verdict };
    let mut counts: Vec<_> = counts.into_iter().map(count).collect();
    counts.sort_by_key(|count| Reverse(count.tags));
    counts
}

/// Appends how many tags each verdict fell on.
fn push_summary(out: &mut String, policy: &Policy, table: &Table<'_>) {
    let listed = table.rows.len();
    let _ = writeln!(out, "\n{listed} {}", if listed == 1 { "tag" } else { "tags" });
    for Count { tags, phrase, key, .. } in counted(policy, table) {
        let line = format!("{tags:>8}  {} ({key})", clean(&phrase));
        out.push_str(&keep_head(&line, COLUMNS));
        out.push('\n');
    }
}

/// Appends the whole story of one tag.
fn push_story(out: &mut String, policy: &Policy, table: &Table<'_>, tag: TagRef<'_>) {
    out.push('\n');
    let Some((index, row)) = table.rows.iter().enumerate().find(|(_, row)| row.tag == tag) else {
        push_wrapped(out, &format!("The repository lists no tag {tag}."), "", "  ");
        return;
    };
    push_field(out, "tag", tag.as_str());
    push_field(out, "value", row.value.as_deref().unwrap_or("none: the filter does not include the tag"));
    if row.is_ordered {
        let ordered = table.rows.iter().filter(|row| row.is_ordered).count();
        push_field(out, "order", &format!("number {} of {ordered} tags that the order can read", index + 1));
    }
    push_field(out, "verdict", &row.verdict.phrase(policy));
    if let Some(rule) = row.verdict.rule(policy) {
        push_field(out, "rule", &format!("{}: {}", row.verdict.key(), rule.text));
        push_field(out, "at", &rule.position.to_string());
    }
}

/// Appends a name with what it is.
fn push_field(out: &mut String, name: &str, value: &str) {
    push_wrapped(out, &clean(value), &format!("{name:<9}"), "         ");
}

/// Appends a text in lines that fit, the first behind `first` and the others behind `next`.
fn push_wrapped(out: &mut String, text: &str, first: &str, next: &str) {
    let mut line = first.to_owned();
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > COLUMNS {
            out.push_str(line.trim_end());
            out.push('\n');
            next.clone_into(&mut line);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(&keep_head(word, COLUMNS.saturating_sub(next.len().max(first.len()))));
        is_empty = false;
    }
    out.push_str(line.trim_end());
    out.push('\n');
}

/// Fills a cell up to its width and the gap behind it; an empty column takes no room.
fn pad(cell: &str, width: usize) -> String {
    if width == 0 { String::new() } else { format!("{cell:<0$}", width + GAP) }
}

/// Cuts the end off what is wider than `width`.
fn keep_head(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Cuts the beginning off what is wider than `width`: of a path, the end says more.
fn keep_tail(text: &str, width: usize) -> String {
    let count = text.chars().count();
    if count <= width {
        return text.to_owned();
    }
    std::iter::once('…').chain(text.chars().skip(count - width.saturating_sub(1))).collect()
}

fn place_json(table: &Table<'_>, place: &Place) -> Value {
    let decision = &place.decision;
    let better = table.rows.iter().take(place.better).take(BETTER_NAMED);
    json!({
        "current": place.current.as_ref().map(ToString::to_string),
        "currentIsListed": place.current.as_ref().map(|_| place.is_listed),
        "candidates": decision.candidates,
        "chosen": decision.chosen.as_ref().map(ToString::to_string),
        "outcome": match decision.outcome {
            Outcome::Update => "update",
            Outcome::UpToDate => "upToDate",
            Outcome::Kept(_) => "kept",
            Outcome::NothingQualifies => "nothingQualifies",
        },
        "reason": decision.reason.to_string(),
        "better": place.better,
        "best": better.map(|row| row.tag.as_str()).collect::<Vec<_>>(),
    })
}

/// Returns the current value that a table is about, where it is about one.
fn current_json(table: &Table<'_>) -> Option<String> {
    let place = table.places.first().filter(|_| table.is_of_one_place)?;
    place.current.as_ref().map(ToString::to_string)
}

fn row_json(policy: &Policy, table: &Table<'_>, row: &Row<'_>) -> Value {
    json!({
        "current": current_json(table),
        "tag": row.tag.as_str(),
        "value": row.value,
        "verdict": code(row.verdict),
        "phrase": row.verdict.phrase(policy),
        "rule": row.verdict.rule(policy).map(|rule| {
            json!({ "key": row.verdict.key(), "text": rule.text, "at": rule.position.to_string() })
        }),
    })
}

fn rule_json(rule: &Rule) -> Value {
    json!({ "text": rule.text, "at": rule.position.to_string() })
}

/// Returns the word for a verdict that programs can rely on.
fn code(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Dropped(Dropped::NotIncluded) => "notIncluded",
        Verdict::Dropped(Dropped::Excluded(_)) => "excluded",
        Verdict::Refused(Refusal::NotAVersion) => "notAVersion",
        Verdict::Refused(Refusal::NotThreeNumbers) => "notThreeNumbers",
        Verdict::Refused(Refusal::NotANumber) => "notANumber",
        Verdict::Refused(Refusal::Outside(Miss::Prerelease)) => "prereleaseNotAskedFor",
        Verdict::Refused(Refusal::Outside(Miss::Comparator(_) | Miss::EveryAlternative)) => "outOfRange",
        Verdict::Lower => "lower",
        Verdict::Best => "best",
        Verdict::Open => "open",
        Verdict::Unlike(unlike) => unlike_code(unlike),
        Verdict::OutsideCeiling => "outsideCeiling",
        Verdict::BeyondMaxJump => "beyondMaxJump",
        Verdict::Chosen => "chosen",
        Verdict::TieLost => "tieLost",
        Verdict::BelowCurrent => "belowCurrent",
        Verdict::EqualToCurrent => "equalToCurrent",
    }
}

fn unlike_code(unlike: Unlike) -> &'static str {
    match unlike {
        Unlike::Prefix => "otherPrefix",
        Unlike::Parts => "otherParts",
        Unlike::Scheme => "otherScheme",
        Unlike::Suffix => "otherSuffix",
        Unlike::Prerelease => "prerelease",
        Unlike::OtherPrerelease => "otherPrerelease",
        Unlike::NoNumber => "noNumber",
        Unlike::NothingToFollow => "nothingToFollow",
    }
}

#[cfg(test)]
mod tests;
