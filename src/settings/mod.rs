//! Settings: `automator.yaml` and the policy files that it names, read and checked once at the start.
//!
//! The room reads files and, through `git`, looks for the checkout around the settings file. Secrets are only named
//! here and read where they are used. Whatever cannot be used becomes a finding with its place; the room
//! prints nothing and decides no exit status.

mod check;
mod own;
mod policies;
mod registries;
mod repositories;
mod wire;

use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

pub use policies::{Policies, read_policies};

use crate::document::{FILE_BYTES_MAX, text_of};
use crate::finding::{Finding, Position};
use crate::git::{Location, Person};
use crate::policy::{Defaults, PathGlob};
use crate::registry::RegistrySettings;
use crate::schedule::Zones;
use crate::secret::SecretSource;

/// Where settings are looked for when no file is named, in this order.
pub const SETTINGS_FILES: [&str; 2] = ["automator.yaml", "/etc/automator/automator.yaml"];

/// The checked settings.
#[derive(Debug)]
pub struct Settings {
    /// The settings file.
    pub position: Position,
    /// The name of this automator, where several write one repository.
    pub instance: Option<Box<str>>,
    /// The folders and files that hold policies.
    pub policies: Vec<PathBuf>,
    /// What holds for every policy that does not say otherwise.
    pub defaults: Defaults,
    /// The time zones that policies may name.
    pub zones: Zones,
    /// The config repositories; at least one.
    pub repositories: Vec<ConfigRepository>,
    /// What is said about registries; nothing has to be said about most.
    pub registries: Vec<RegistrySettings>,
}

/// A config repository.
#[derive(Debug)]
pub struct ConfigRepository {
    /// Its name in policies and reports.
    pub name: Box<str>,
    /// Where it is.
    pub location: Location,
    /// The branch that is read and written.
    pub branch: Box<str>,
    /// What is read and written of it; everything when empty.
    pub paths: Vec<PathGlob>,
    /// The settings and policies of this automator, as paths in this repository where they lie in a checkout of it:
    /// they are never targets.
    pub own_paths: Vec<Box<str>>,
    /// The author and committer of the commits.
    pub author: Person,
    /// How commits are signed; `None` when nothing is said, which forbids writing.
    pub signing: Option<Signing>,
}

/// How commits are signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Signing {
    /// Not at all, which somebody has asked for.
    None,
    /// With an SSH key.
    Ssh {
        /// The private key in OpenSSH's format.
        key: SecretSource,
        /// The passphrase of an encrypted key.
        passphrase: Option<SecretSource>,
    },
}

/// Returns whether the person at the terminal asked for no colour (<https://no-color.org>, `TERM=dumb`).
#[expect(clippy::disallowed_methods, reason = "the environment is read here and in `secret`")]
pub fn wants_no_color() -> bool {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    is_set("NO_COLOR") || std::env::var_os("TERM").is_some_and(|term| term == "dumb")
}

/// Reads the settings from `named`, else from the first of [`SETTINGS_FILES`] that is there.
pub fn read_settings(named: Option<&Path>) -> Result<Settings, Vec<Finding>> {
    let path = find_settings(named).ok_or_else(|| {
        vec![Finding::error(
            Position::file(SETTINGS_FILES[0]),
            format!("there are no settings: neither {} is there", SETTINGS_FILES.join(" nor ")),
            "write one (README.md, Settings) or name another file with --config",
        )]
    })?;
    let (shown, text) = read_text(&path)?;
    check::settings(&shown, &text, folder_of(&path), zones())
}

/// Returns the time zones of the system (`TZDIR`, `/usr/share/zoneinfo`), which somebody keeps up to date, and behind
/// them those of the program, so that an empty container knows them too.
#[expect(clippy::disallowed_methods, reason = "this is the one place that names the system's time zones")]
fn zones() -> Zones {
    Zones::with_system(jiff::tz::TimeZoneDatabase::from_env)
}

/// Reads only what the settings say of registries, from `named`, else from the first of [`SETTINGS_FILES`] that is
/// there; nothing is said where none is.
pub fn read_registries(named: Option<&Path>) -> Result<Vec<RegistrySettings>, Vec<Finding>> {
    let Some(path) = find_settings(named) else { return Ok(Vec::new()) };
    let (shown, text) = read_text(&path)?;
    check::registries(&shown, &text, folder_of(&path))
}

fn find_settings(named: Option<&Path>) -> Option<PathBuf> {
    match named {
        Some(path) => Some(path.to_owned()),
        None => SETTINGS_FILES.iter().map(PathBuf::from).find(|path| path.is_file()),
    }
}

/// Returns where relative paths of a settings file begin.
fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Reads a settings file, with the name that people know it by.
fn read_text(path: &Path) -> Result<(Arc<str>, String), Vec<Finding>> {
    let shown: Arc<str> = path.to_string_lossy().into();
    let bytes = read_file(path).map_err(|error| {
        let cause = format!("the settings cannot be read: {error}");
        vec![Finding::error(Position::file(Arc::clone(&shown)), cause, "check the path and the file's permissions")]
    })?;
    let text = text_of(&shown, &bytes).map_err(|finding| vec![finding])?.to_owned();
    Ok((shown, text))
}

/// Reads a file that people wrote, and of a larger one than is taken just enough to see that.
#[expect(clippy::disallowed_methods, reason = "settings and policies are files")]
fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    std::fs::File::open(path)?.take(FILE_BYTES_MAX as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
