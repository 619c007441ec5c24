//! Rules that hold for every file: random mappings of tags, names, digests and references, marked or not, are planned,
//! and what comes out is looked at by rules that know nothing of how the plan works.

use proptest::prelude::*;

use super::tests::{OLD, WEB, scene};
use crate::image::Digest;

/// One field of one mapping: its key and part, its value, and whether it is marked.
type Field = (usize, usize, bool);

const KEYS: [(&str, &str); 4] = [("tag", ":tag"), ("digest", ":digest"), ("name", ":name"), ("image", "")];

/// Returns the values that a field may have at the start.
fn values(key: usize) -> Vec<String> {
    let digest = |tag: &str| Digest::sha256_of(tag.as_bytes()).to_string();
    match key {
        0 => ["1.0.0", "1.1.0", "1.9.0", "latest", ""].map(str::to_owned).to_vec(),
        1 => vec![OLD.to_owned(), digest("1.1.0"), String::new()],
        2 => ["r.example.com/web", "old.example.com/web", "web"].map(str::to_owned).to_vec(),
        _ => vec![
            "r.example.com/web:1.0.0".to_owned(),
            format!("r.example.com/web:1.0.0@{OLD}"),
            "old.example.com/web:1.0.0".to_owned(),
            format!("old.example.com/web:1.9.0@{OLD}"),
            format!("r.example.com/web@{OLD}"),
        ],
    }
}

fn text(mappings: &[Vec<Field>]) -> String {
    let mut text = String::new();
    for (number, fields) in mappings.iter().enumerate() {
        text += &format!("m{number}:\n");
        for (key, value, marked) in fields {
            let (name, part) = KEYS[*key];
            let values = values(*key);
            let marker = if *marked { format!(" # automator: web{part}") } else { String::new() };
            text += &format!("  {name}: '{}'{marker}\n", values[value % values.len()]);
        }
    }
    text
}

/// Plans once and returns the file afterwards.
fn planned(text: &str, pinned: bool) -> String {
    let policies = if pinned { format!("{WEB}write: {{ pin: tag@digest }}\n") } else { WEB.to_owned() };
    let files = [("a.yaml", text)];
    let scene = super::tests::Scene { policies: &policies, ..scene("1.0.0 1.1.0", &files) };
    scene.with(|set, _| match set.files.first() {
        Some(file) => String::from_utf8(file.after.clone()).unwrap(),
        None => text.to_owned(),
    })
}

/// Returns the value of a line.
fn value(line: &str) -> &str {
    line.split('\'').nth(1).unwrap_or_default()
}

/// Returns each mapping's lines before and after.
fn mappings<'t>(before: &'t str, after: &'t str) -> Vec<Vec<(&'t str, &'t str)>> {
    let mut all = Vec::new();
    for pair in before.lines().zip(after.lines()) {
        if pair.0.starts_with('m') {
            all.push(Vec::new());
        } else {
            all.last_mut().unwrap().push(pair);
        }
    }
    all
}

fn any_mappings() -> impl Strategy<Value = Vec<Vec<Field>>> {
    let field = |key: usize| prop::option::of((Just(key), 0..5_usize, prop::bool::weighted(0.8)));
    let fields = (field(0), field(1), field(2), field(3));
    let mapping = fields.prop_map(|(a, b, c, d)| [a, b, c, d].into_iter().flatten().collect::<Vec<_>>());
    prop::collection::vec(mapping.prop_shuffle(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_fields_of_an_image_are_never_out_of_step(mappings_in in any_mappings(), pinned in any::<bool>()) {
        let before = text(&mappings_in);
        let after = planned(&before, pinned);
        for lines in mappings(&before, &after) {
            let field = |key: &str| lines.iter().find(|(line, _)| line.trim_start().starts_with(&format!("{key}: ")));
            for (old, new) in &lines {
                prop_assert!(old == new || old.contains('#'), "an unmarked value changed: {old}");
                let is_tag = new.trim_start().starts_with("tag: ");
                prop_assert!(old == new || !is_tag || value(new).starts_with("1.1.0"), "a tag went back: {old} {new}");
                if let Some((image, digest)) = value(new).split_once('@') {
                    let tag = image.rsplit_once(':').map_or("", |(_, tag)| tag);
                    prop_assert!(old == new || digest == Digest::sha256_of(tag.as_bytes()).as_str(), "{new}");
                    prop_assert!(old == new || image.starts_with("r.example.com/web:"), "{new}");
                }
            }
            if let (Some((old_tag, tag)), Some((old_digest, digest))) = (field("tag"), field("digest")) {
                // An empty tag says that the digest alone counts.
                let is_new = (old_tag != tag || old_digest != digest) && !value(tag).is_empty();
                let fits = value(digest).is_empty() || value(digest) == Digest::sha256_of(value(tag).as_bytes()).as_str();
                prop_assert!(!is_new || fits, "{before}---\n{after}");
            }
            // A name without a marker may be that of a mirror, which has the same digests.
            let name = field("name").filter(|(name, _)| name.contains('#'));
            if let (Some((old_name, name)), Some((old_digest, digest))) = (name, field("digest")) {
                let stays_beside_new_name = old_name != name && old_digest == digest && !value(digest).is_empty();
                let is_of_policy = [b"1.0.0", b"1.1.0"].iter().any(|tag| value(digest) == Digest::sha256_of(*tag).as_str());
                prop_assert!(!stays_beside_new_name || is_of_policy, "{before}---\n{after}");
                prop_assert!(old_digest == digest || value(name).is_empty() || value(name) == "r.example.com/web", "{after}");
            }
        }
    }

    #[test]
    fn planning_again_changes_nothing(mappings_in in any_mappings(), pinned in any::<bool>()) {
        let once = planned(&text(&mappings_in), pinned);
        prop_assert_eq!(planned(&once, pinned), once);
    }

    #[test]
    fn the_order_of_fields_never_shows(mappings_in in any_mappings(), pinned in any::<bool>()) {
        let reversed: Vec<Vec<Field>> = mappings_in.iter().map(|fields| fields.iter().rev().copied().collect()).collect();
        let sorted = |text: String| -> Vec<String> {
            let mut lines = Vec::new();
            let mut mapping = "";
            for line in text.lines() {
                if line.starts_with('m') { mapping = line } else { lines.push(format!("{mapping} {line}")) }
            }
            lines.sort();
            lines
        };
        prop_assert_eq!(sorted(planned(&text(&mappings_in), pinned)), sorted(planned(&text(&reversed), pinned)));
    }
}
