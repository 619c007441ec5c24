//! From what people wrote to checked settings; every error is found in one go.

use std::path::Path;
use std::sync::Arc;

use serde_saphyr::{Location as Place, Spanned};

use super::own::own_paths;
use super::{Settings, wire};
use crate::document::Document;
use crate::finding::{Finding, Position};
use crate::policy::wire::hidden;
use crate::policy::{Defaults, PolicyName, duration};
use crate::registry::RegistrySettings;
use crate::schedule::Zones;
use crate::secret::SecretSource;

/// Where policies are when nothing is said.
const POLICIES: &str = "policies";

/// Reads and checks the settings file; relative paths count from `folder`.
pub(super) fn settings(file: &Arc<str>, text: &str, folder: &Path, zones: Zones) -> Result<Settings, Vec<Finding>> {
    let (document, findings) = only_document(file, text);
    let mut check = Check { document: &document, folder, findings };
    let settings = check.settings(wire_of(&document)?, zones);
    if check.findings.is_empty() { Ok(settings) } else { Err(check.findings) }
}

/// Reads the settings file and checks only what it says of registries.
pub(super) fn registries(file: &Arc<str>, text: &str, folder: &Path) -> Result<Vec<RegistrySettings>, Vec<Finding>> {
    let (document, findings) = only_document(file, text);
    let mut check = Check { document: &document, folder, findings };
    let registries = check.registries(wire_of(&document)?.registries);
    if check.findings.is_empty() { Ok(registries) } else { Err(check.findings) }
}

/// Returns the one document of a settings file, with a finding on a second one.
fn only_document<'t>(file: &Arc<str>, text: &'t str) -> (Document<'t>, Vec<Finding>) {
    let mut documents = Document::split(file, text).into_iter();
    let first = documents.next().unwrap_or(Document { file: Arc::clone(file), first_line: 1, text: "" });
    let second = documents.next().map(|second| {
        let position = Position { file: Arc::clone(file), line: second.first_line, column: 0 };
        let cause = "the settings are one document, and here a second begins";
        Finding::error(position, cause, "put everything into the first")
    });
    (first, second.into_iter().collect())
}

/// Reads the document; an empty one says nothing.
fn wire_of(document: &Document<'_>) -> Result<wire::Settings, Vec<Finding>> {
    if document.text.is_empty() {
        return Ok(wire::Settings::default());
    }
    document.read(&hidden()).map_err(|finding| vec![finding])
}

/// The findings on the way, and where relative paths begin.
pub(super) struct Check<'d> {
    pub(super) document: &'d Document<'d>,
    pub(super) folder: &'d Path,
    pub(super) findings: Vec<Finding>,
}

impl Check<'_> {
    fn settings(&mut self, wire: wire::Settings, zones: Zones) -> Settings {
        let notified = wire.notifications.as_ref().filter(|targets| !targets.value.is_empty());
        self.not_built(notified, "notifications", "nobody is notified by this version");
        self.not_built(
            wire.server.as_ref(),
            "server",
            "there is no daemon in this version; run `automator scan` on a schedule",
        );
        let instance = wire.instance.and_then(|instance| self.name(&instance, "instance"));
        let policies = match wire.policies {
            None => vec![POLICIES.to_owned()],
            Some(wire::OneOrMany::One(path)) => vec![path],
            Some(wire::OneOrMany::Many(paths)) => paths,
        };
        let defaults = self.defaults(wire.defaults.as_ref(), &zones);
        let mut repositories = self.repositories(wire.repositories);
        let registries = self.registries(wire.registries);
        let policies: Vec<_> = policies.iter().map(|path| self.folder.join(path)).collect();
        for repository in &mut repositories {
            repository.own_paths = own_paths(Path::new(&*self.document.file), &policies, &repository.location);
        }
        Settings { position: self.whole(), instance, policies, defaults, zones, repositories, registries }
    }

    fn defaults(&mut self, wire: Option<&wire::Defaults>, zones: &Zones) -> Defaults {
        let checked = wire.map(|wire| Defaults::check(self.document, wire, zones)).transpose();
        checked.map_err(|findings| self.findings.extend(findings)).ok().flatten().unwrap_or_default()
    }

    /// Refuses a key of the contract that this version does not have yet.
    pub(super) fn not_built<T>(&mut self, key: Option<&Spanned<T>>, name: &str, remedy: &str) {
        if let Some(key) = key {
            self.error(
                key.referenced,
                format!("`{name}` is not built yet in this version"),
                format!("remove it; {remedy}"),
            );
        }
    }

    /// Returns the position of the settings as a whole.
    pub(super) fn whole(&self) -> Position {
        Position::file(Arc::clone(&self.document.file))
    }

    pub(super) fn error(&mut self, place: Place, cause: impl Into<Box<str>>, remedy: impl Into<Box<str>>) {
        self.findings.push(Finding::error(self.document.at(place), cause, remedy));
    }

    /// Checks a name that appears in references, paths and trailers.
    pub(super) fn name(&mut self, name: &Spanned<String>, what: &str) -> Option<Box<str>> {
        match PolicyName::new(None, &name.value) {
            Ok(checked) => Some(checked.name().into()),
            Err(error) => {
                self.error(name.referenced, format!("`{what}`: {error}"), "use small letters, digits and dashes");
                None
            }
        }
    }

    pub(super) fn duration(&mut self, text: Option<&Spanned<String>>, key: &str) {
        let Some(text) = text else { return };
        if let Err(error) = duration(&text.value) {
            self.error(text.referenced, format!("`{key}`: {error}"), "write a duration such as 30s, 5m or 1h30m");
        }
    }

    pub(super) fn source(
        &mut self,
        place: Place,
        key: &str,
        file: Option<String>,
        variable: Option<String>,
    ) -> Option<SecretSource> {
        match (file, variable) {
            (Some(_), Some(_)) => {
                self.error(place, format!("`{key}File` and `{key}Env` are both there"), "keep one of the two");
                None
            }
            (Some(path), None) => Some(SecretSource::File(self.folder.join(path))),
            (None, Some(name)) => Some(SecretSource::Env(name.into())),
            (None, None) => None,
        }
    }
}
