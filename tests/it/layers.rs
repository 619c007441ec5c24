//! The order of the rooms, held by reading the source: a room names only the rooms that it is granted,
//! and a crate for an outside thing is named only by the room that owns that thing.

use std::fs;
use std::path::{Path, PathBuf};

/// Each room with the rooms that it may name, in the order of `src/lib.rs`. A new arrow is a design change:
/// it gets a commit of its own that says why.
const ROOMS: &[(&str, &[&str])] = &[
    // Compute: values in, values out.
    ("text", &[]),
    ("finding", &[]),
    ("image", &[]),
    ("document", &["text", "finding"]),
    ("schedule", &[]),
    ("policy", &["text", "finding", "image", "document", "schedule"]),
    ("decision", &["image", "policy"]),
    ("manifest", &["finding"]),
    ("plan", &["text", "finding", "image", "schedule", "policy", "decision", "manifest"]),
    // One outside thing each; no judgement.
    ("secret", &[]),
    ("net", &["text", "secret"]),
    ("registry", &["image", "secret", "net"]),
    ("git", &["text"]),
    // Wiring, and people.
    ("settings", &["finding", "image", "document", "schedule", "policy", "secret", "registry", "git"]),
    ("telemetry", &[]),
    (
        "app",
        &[
            "text", "finding", "image", "policy", "decision", "manifest", "plan", "secret", "registry", "git",
            "settings",
        ],
    ),
    ("demo", &["finding", "image", "manifest", "git", "settings", "app"]),
    ("cli", &["text", "finding", "image", "document", "policy", "decision", "settings", "telemetry", "app", "demo"]),
];

/// The rooms that only compute: they name no clock, disk, network, thread, log or `async`.
const COMPUTE: &[&str] =
    &["text", "finding", "image", "document", "schedule", "policy", "decision", "manifest", "plan"];

/// What a compute room never names.
const OUTSIDE: &[&str] =
    &["tokio", "tracing", "async ", ".await", "std::fs", "std::net::Tcp", "std::env", "std::process", "std::thread"];

/// Crates, each with the rooms or files that alone may name it.
const OWNED: &[(&str, &[&str])] = &[
    ("axum", &["demo"]),
    ("clap", &["cli"]),
    ("git2", &["git"]),
    ("granit_parser", &["manifest"]),
    ("libgit2_sys", &["git"]),
    ("reqwest", &["net"]),
    ("rustls", &["net"]),
    ("serde_saphyr", &["document", "policy", "settings"]),
    ("ssh_key", &["git/sign.rs", "demo"]),
    ("tracing_subscriber", &["telemetry"]),
    ("yaml_edit", &["manifest/cst.rs"]),
];

#[test]
fn every_room_names_only_the_rooms_below_it() {
    let mut faults = Vec::new();
    for (file, line, text) in code() {
        let Some(room) = room_of(&file) else { continue };
        let Some((_, granted)) = ROOMS.iter().find(|(name, _)| *name == room) else {
            faults.push(format!("{}: the room `{room}` is not in ROOMS", file.display()));
            continue;
        };
        for named in rooms_named(&text) {
            if named != room && !granted.contains(&named.as_str()) {
                faults.push(format!("{}:{line}: `{room}` may not name `{named}`: {}", file.display(), text.trim()));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn grants_point_down_only() {
    for (index, (room, granted)) in ROOMS.iter().enumerate() {
        for name in *granted {
            let position = ROOMS.iter().position(|(other, _)| other == name);
            assert!(
                position.is_some_and(|position| position < index),
                "`{room}` is granted `{name}`, which is not below it"
            );
        }
    }
}

#[test]
fn compute_rooms_touch_nothing_outside() {
    let faults: Vec<String> = code()
        .filter(|(file, ..)| room_of(file).is_some_and(|room| COMPUTE.contains(&room.as_str())))
        .flat_map(|(file, line, text)| {
            let named = OUTSIDE.iter().filter(move |outside| text.contains(**outside));
            named.map(|outside| format!("{}:{line}: names `{outside}`", file.display())).collect::<Vec<_>>()
        })
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_crate_for_an_outside_thing_has_one_owner() {
    let mut faults = Vec::new();
    for (file, line, text) in code() {
        let path = file.strip_prefix("src").unwrap_or(&file).to_string_lossy().into_owned();
        for (name, owners) in OWNED {
            let owned = owners
                .iter()
                .any(|owner| path == *owner || path.starts_with(&format!("{owner}/")) || path == format!("{owner}.rs"));
            if names_crate(&text, name) && !owned {
                faults.push(format!("src/{path}:{line}: names `{name}`, which belongs to {owners:?}"));
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn no_file_has_outgrown_a_reader() {
    let long: Vec<_> =
        sources().into_iter().filter(|file| fs::read_to_string(file).unwrap().lines().count() > 800).collect();
    assert!(long.is_empty(), "past 800 lines: {long:?}");
}

/// Every line of code of the library with its file and number; comments and test modules are left out.
fn code() -> impl Iterator<Item = (PathBuf, usize, String)> {
    sources().into_iter().flat_map(|file| {
        let text = fs::read_to_string(&file).unwrap();
        let production = text.split("#[cfg(test)]\nmod tests").next().unwrap().to_owned();
        let lines: Vec<_> = production
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim_start().starts_with("//"))
            .map(|(index, line)| (file.clone(), index + 1, line.to_owned()))
            .collect();
        lines
    })
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![PathBuf::from("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// Returns the room that a file belongs to; `main.rs` and `lib.rs` are the doors, not rooms.
fn room_of(file: &Path) -> Option<String> {
    let inside = file.strip_prefix("src").unwrap();
    let first = inside.components().next().unwrap().as_os_str().to_string_lossy();
    let room = first.trim_end_matches(".rs").to_owned();
    (room != "main" && room != "lib").then_some(room)
}

/// Returns the rooms that a line names by `crate::room` or `crate::{room, …}`.
fn rooms_named(text: &str) -> Vec<String> {
    let mut named = Vec::new();
    for after in text.split("crate::").skip(1) {
        let list = after.strip_prefix('{').map_or(after, |list| list.split('}').next().unwrap());
        let words = if after.starts_with('{') { list.split(',').collect() } else { vec![list] };
        for word in words {
            let word: String = word.trim().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            if word.chars().next().is_some_and(char::is_lowercase) {
                named.push(word);
            }
        }
    }
    named
}

fn names_crate(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        text[at + name.len()..].starts_with("::") && before.is_none_or(|c| !c.is_alphanumeric() && c != '_' && c != ':')
    })
}
