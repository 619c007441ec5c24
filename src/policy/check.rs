//! Turns what people wrote into checked policies, or into findings: all that is wrong, each with its place.

mod when;

use serde_saphyr::{Location, Spanned};

use super::fault::Fault;
use super::filter::{Extract, Filter, Pattern};
use super::glob::PathGlob;
use super::jump::Jump;
use super::name::{self, PolicyName};
use super::order::{End, Order};
use super::range::Range;
use super::wire::{self, Common, Unbuilt};
use super::{Defaults, Downgrade, Guard, Limit, Pin, Policy, Rule, Write};
use crate::document::{Document, quoted};
use crate::finding::Finding;
use crate::image::{Digest, Repository};
use crate::schedule::Zones;
use crate::text::visible;

/// What a scheme before a chart's repository looks like; it means nothing more.
const OCI_SCHEME: &str = "oci://";

/// Reads and checks one document.
pub(super) fn policy(document: &Document<'_>, defaults: &Defaults, zones: &Zones) -> Result<Policy, Vec<Finding>> {
    let wire: wire::Policy = document.read(&wire::hidden()).map_err(|finding| vec![finding])?;
    let mut check = Checker { document, zones, findings: Vec::new() };
    match check.policy(&wire, defaults) {
        Some(policy) if check.findings.is_empty() => Ok(policy),
        _ => Err(check.into_findings()),
    }
}

/// Checks defaults.
pub(super) fn defaults(
    document: &Document<'_>,
    wire: &wire::Defaults,
    zones: &Zones,
) -> Result<Defaults, Vec<Finding>> {
    let mut check = Checker { document, zones, findings: Vec::new() };
    let checked = check.common(&wire.common());
    if check.findings.is_empty() { Ok(checked) } else { Err(check.into_findings()) }
}

/// Checks one document and gathers what is wrong with it.
struct Checker<'d> {
    document: &'d Document<'d>,
    zones: &'d Zones,
    findings: Vec<Finding>,
}

impl Checker<'_> {
    /// Notes that something is wrong.
    fn wrong(&mut self, place: Location, cause: impl AsRef<str>, remedy: &str) {
        self.findings.push(Finding::error(self.document.at(place), visible(cause.as_ref()), remedy));
    }

    /// Notes a fault in what somebody wrote.
    fn faulty(&mut self, place: Location, fault: Fault) {
        self.findings.push(fault.at(self.document.at(place)));
    }

    /// Returns what is wrong, from the top of the document to its end.
    fn into_findings(mut self) -> Vec<Finding> {
        self.findings.sort();
        self.findings
    }

    /// Returns a rule with its place.
    fn rule(&self, text: &str, place: Location) -> Rule {
        Rule { position: self.document.at(place), text: text.into() }
    }

    fn policy(&mut self, wire: &wire::Policy, defaults: &Defaults) -> Option<Policy> {
        let keys = wire.common();
        let own = self.common(&keys);
        let namespace = own.namespace.as_deref().or(defaults.namespace.as_deref());
        let name = self.name_part(&wire.name).and_then(|name| PolicyName::new(namespace, &name).ok());
        let image = self.image(&wire.image);
        let select = self.select(&wire.select);
        let pace = self.pace(&keys, &own, defaults);
        let calendar = when::calendar(&own, defaults);
        let (order, select) = select?;
        let guard = own.guard.or_else(|| defaults.guard.clone()).unwrap_or_default();
        self.check_jump(&order, &select, &guard, wire.guard.is_some());
        Some(Policy {
            name: name?,
            image: image?,
            filter: own.filter.or_else(|| defaults.filter.clone()).unwrap_or_default(),
            order,
            select,
            guard,
            write: own.write.or_else(|| defaults.write.clone()).unwrap_or_else(|| vec![Write::default()]),
            suspend: own.suspend.or(defaults.suspend).unwrap_or_default(),
            pace,
            calendar,
            revision: Digest::sha256_of(self.document.text.as_bytes()),
            position: self.document.at(wire.name.referenced),
        })
    }

    /// Checks the keys that policies and defaults share.
    fn common(&mut self, wire: &Common<'_>) -> Defaults {
        self.refuse_unbuilt(&wire.unbuilt);
        Defaults {
            namespace: wire.namespace.as_ref().and_then(|namespace| self.name_part(namespace)),
            every: self.every(wire.every.as_ref(), wire.cron.as_ref()),
            cron: wire.cron.as_ref().and_then(|cron| self.cron(cron)),
            timezone: wire.timezone.as_ref().and_then(|zone| self.timezone(zone)),
            filter: wire.tags.as_ref().map(|tags| self.filter(&tags.value)),
            guard: wire.guard.as_ref().map(|guard| self.guard(&guard.value)),
            windows: wire.windows.as_ref().map(|windows| self.windows(windows)),
            freezes: wire.freezes.as_ref().map(|freezes| self.freezes(freezes)).unwrap_or_default(),
            write: wire.write.as_ref().map(|writes| self.writes(writes)),
            suspend: wire.suspend.as_ref().map(|suspend| suspend.value),
        }
    }

    /// Refuses keys of the contract that this version does not build.
    fn refuse_unbuilt(&mut self, keys: &[(&'static str, &Unbuilt)]) {
        for (key, value) in keys {
            if let Some(value) = value {
                let remedy =
                    wire::UNBUILT_KEYS.iter().find(|(name, _)| name == key).map_or("remove it", |(_, remedy)| remedy);
                self.wrong(value.referenced, format!("`{key}` is not built yet in this version"), remedy);
            }
        }
    }

    fn name_part(&mut self, written: &Spanned<String>) -> Option<Box<str>> {
        let part = name::part(&written.value);
        if let Err(error) = part {
            let cause = format!("{} is no name: {error}", quoted(&written.value));
            self.wrong(written.referenced, cause, "use small letters, digits and `-`");
        }
        part.ok()
    }

    fn image(&mut self, written: &Spanned<String>) -> Option<Repository> {
        let text = written.value.strip_prefix(OCI_SCHEME).unwrap_or(&written.value);
        let image = Repository::parse(text);
        image.map_err(|error| self.faulty(written.referenced, Fault::of_image(&written.value, error))).ok()
    }

    fn filter(&mut self, tags: &wire::Tags) -> Filter {
        let findings_before = self.findings.len();
        let include = self.patterns(tags.include.as_ref());
        let include_is_right = self.findings.len() == findings_before;
        let exclude = self.patterns(tags.exclude.as_ref());
        let extract = tags.extract.as_ref().filter(|_| include_is_right);
        let extract = extract.and_then(|written| self.extract(written, &include));
        Filter::new(include, exclude, extract)
    }

    fn patterns(&mut self, written: Option<&Spanned<wire::Patterns>>) -> Vec<Pattern> {
        let Some(written) = written else { return Vec::new() };
        let list = written.value.list(written.referenced);
        if list.is_empty() {
            self.wrong(written.referenced, "the list of patterns is empty", "write a pattern, or remove the key");
        }
        list.into_iter().filter_map(|(text, place)| self.pattern(text, place)).collect()
    }

    fn pattern(&mut self, text: &str, place: Location) -> Option<Pattern> {
        let pattern = Pattern::compile(self.rule(text, place));
        pattern.map_err(|error| self.faulty(place, Fault::of_pattern(text, &error))).ok()
    }

    fn extract(&mut self, written: &Spanned<String>, include: &[Pattern]) -> Option<Extract> {
        let extract = Extract::compile(self.rule(&written.value, written.referenced), include);
        extract
            .map_err(|error| self.faulty(written.referenced, Fault::of_extract(&written.value, &error, include)))
            .ok()
    }

    fn select(&mut self, written: &Spanned<wire::Select>) -> Option<(Order, Rule)> {
        let select = &written.value;
        let unbuilt = [("newest", &select.newest), ("digest", &select.digest)];
        self.refuse_unbuilt(&unbuilt);
        let others = unbuilt.iter().filter(|(_, value)| value.is_some()).count();
        let named = [
            select.semver.is_some(),
            select.numeric.is_some(),
            select.alphabetical.is_some(),
            select.like_current.is_some(),
        ];
        match named.iter().filter(|named| **named).count() + others {
            1 => {}
            0 => {
                self.wrong(
                    written.referenced,
                    "`select` names no order",
                    "write one of `semver`, `numeric`, `alphabetical`, `likeCurrent`",
                );
                return None;
            }
            _ => {
                self.wrong(written.referenced, "`select` names more than one order", "keep exactly one");
                return None;
            }
        }
        let semver = select.semver.as_ref().and_then(|semver| self.semver(semver));
        semver
            .or_else(|| self.numeric(select.numeric.as_ref()))
            .or_else(|| self.alphabetical(select.alphabetical.as_ref()))
            .or_else(|| self.like_current(select.like_current.as_ref()))
    }

    fn semver(&mut self, written: &Spanned<wire::Semver>) -> Option<(Order, Rule)> {
        let (text, place, loose) = match &written.value {
            wire::Semver::Range(text) => (text, written.referenced, false),
            wire::Semver::Mapping(mapping) => {
                let loose = mapping.loose.as_ref().is_some_and(|loose| loose.value);
                (&mapping.range.value, mapping.range.referenced, loose)
            }
        };
        let range = Range::parse(text).map_err(|error| self.faulty(place, Fault::of_range(text, &error))).ok()?;
        Some((Order::Semver { range, loose }, self.rule(text, place)))
    }

    fn numeric(&self, written: Option<&Spanned<wire::Numeric>>) -> Option<(Order, Rule)> {
        let written = written?;
        let (end, word) = match written.value {
            wire::Numeric::Highest => (End::Top, "highest"),
            wire::Numeric::Lowest => (End::Bottom, "lowest"),
        };
        Some((Order::Numeric(end), self.rule(word, written.referenced)))
    }

    fn alphabetical(&self, written: Option<&Spanned<wire::Alphabetical>>) -> Option<(Order, Rule)> {
        let written = written?;
        let (end, word) = match written.value {
            wire::Alphabetical::Last => (End::Top, "last"),
            wire::Alphabetical::First => (End::Bottom, "first"),
        };
        Some((Order::Alphabetical(end), self.rule(word, written.referenced)))
    }

    fn like_current(&self, written: Option<&Spanned<wire::Jump>>) -> Option<(Order, Rule)> {
        let written = written?;
        let jump = jump(written.value);
        Some((Order::LikeCurrent(jump), self.rule(jump.word(), written.referenced)))
    }

    fn guard(&self, guard: &wire::Guard) -> Guard {
        let max_jump = guard.max_jump.as_ref().map(|written| {
            let jump = jump(written.value);
            Limit { jump, rule: self.rule(jump.word(), written.referenced) }
        });
        let Some(written) = &guard.downgrade else { return Guard { max_jump, ..Guard::default() } };
        let (downgrade, word) = match written.value {
            wire::Downgrade::Refuse => (Downgrade::Refuse, "refuse"),
            wire::Downgrade::Allow => (Downgrade::Allow, "allow"),
        };
        Guard { downgrade, rule: Some(self.rule(word, written.referenced)), max_jump }
    }

    /// Refuses a limit of jumps for an order that has no major, minor and patch.
    fn check_jump(&mut self, order: &Order, select: &Rule, guard: &Guard, is_own: bool) {
        let name = match order {
            Order::Numeric(_) => "numeric",
            Order::Alphabetical(_) => "alphabetical",
            Order::Semver { .. } | Order::LikeCurrent(_) => return,
        };
        let Some(limit) = &guard.max_jump else { return };
        let nothing = format!("`{name}` knows no major, minor or patch that `maxJump` could limit");
        self.findings.push(if is_own {
            Finding::error(limit.rule.position.clone(), nothing, "remove `maxJump`, or order by `semver`")
        } else {
            let cause = format!("{nothing}, as the defaults have it at {}", limit.rule.position);
            Finding::error(
                select.position.clone(),
                cause,
                "give the policy a `guard` of its own; `guard: {}` is enough",
            )
        });
    }

    fn writes(&mut self, written: &Spanned<wire::Writes>) -> Vec<Write> {
        let list = written.value.list();
        if list.is_empty() {
            self.wrong(written.referenced, "the list of places is empty", "write a mapping, or remove the key");
        }
        list.iter().map(|write| self.write(write)).collect()
    }

    fn write(&mut self, write: &wire::Write) -> Write {
        self.refuse_unbuilt(&[("keys", &write.keys)]);
        self.find(write.find.as_ref());
        Write {
            repository: write.repository.as_ref().and_then(|written| self.repository(written)),
            paths: write.paths.as_ref().map(|paths| self.paths(paths)).unwrap_or_default(),
            pin: write.pin.as_ref().and_then(|pin| self.pin(pin)).unwrap_or_default(),
        }
    }

    fn repository(&mut self, written: &Spanned<String>) -> Option<Box<str>> {
        if written.value.is_empty() {
            self.wrong(written.referenced, "the repository has no name", "write the name that the settings give it");
            return None;
        }
        Some(written.value.as_str().into())
    }

    fn paths(&mut self, written: &Spanned<Vec<Spanned<String>>>) -> Vec<PathGlob> {
        if written.value.is_empty() {
            self.wrong(
                written.referenced,
                "the list of paths is empty",
                "write a glob, or remove the key for every path",
            );
        }
        written.value.iter().filter_map(|path| self.path(path)).collect()
    }

    fn path(&mut self, written: &Spanned<String>) -> Option<PathGlob> {
        let glob = PathGlob::compile(&written.value);
        if let Err(error) = &glob {
            let cause = format!("{} is no glob of paths: {error}", quoted(&written.value));
            self.wrong(written.referenced, cause, "write for example `apps/production/**`");
        }
        glob.ok()
    }

    fn find(&mut self, written: Option<&Spanned<wire::Find>>) {
        let Some(written) = written else { return };
        let unbuilt = match written.value {
            wire::Find::Markers => return,
            wire::Find::Images => "images",
            wire::Find::Keys => "keys",
        };
        let cause = format!("`find: {unbuilt}` is not built yet in this version");
        self.wrong(written.referenced, cause, "write `markers` and put markers into the files");
    }

    fn pin(&mut self, written: &Spanned<wire::Pin>) -> Option<Pin> {
        match written.value {
            wire::Pin::Tag => Some(Pin::Tag),
            wire::Pin::TagAtDigest => Some(Pin::TagAtDigest),
            wire::Pin::Digest => {
                let cause = "`pin: digest` is not built yet in this version";
                self.wrong(written.referenced, cause, "write `tag` or `tag@digest`");
                None
            }
        }
    }
}

/// Returns the checked word.
fn jump(written: wire::Jump) -> Jump {
    match written {
        wire::Jump::Patch => Jump::Patch,
        wire::Jump::Minor => Jump::Minor,
        wire::Jump::Major => Jump::Major,
    }
}
