//! Policies as people write them: what `serde` reads and what the JSON Schema is made of.
//!
//! Nothing here is checked beyond its type; `check` does that. Keys of the contract that this version does not build
//! are read so that they can be refused by name; the schema leaves them out.

use std::fmt;

use schemars::JsonSchema;
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Unexpected, Visitor};
use serde::{Deserialize, Deserializer};
use serde_saphyr::{Location, Spanned};

/// A key that may be left out, but not without a value: `include:` alone is an error, not "everything".
pub(super) type Given<T> = Option<Spanned<T>>;

/// A key that this version refuses.
pub(super) type Unbuilt = Given<IgnoredAny>;

/// Every key that this version refuses, with what to do instead.
pub(super) const UNBUILT_KEYS: &[(&str, &str)] = &[
    ("require", "remove it"),
    ("onRevert", "remove it"),
    ("newest", "order by `semver`, `numeric`, `alphabetical` or `likeCurrent`"),
    ("digest", "order by `semver`, `numeric`, `alphabetical` or `likeCurrent`"),
    ("keys", "remove it and put markers into the files"),
];

/// Values that this version refuses and that are no keys in another place; they are never suggested either.
const UNBUILT_VALUES: &[&str] = &["images"];

/// Returns the words that are never suggested to anybody, because this version refuses them.
pub fn hidden() -> Vec<&'static str> {
    UNBUILT_KEYS.iter().map(|(key, _)| *key).chain(UNBUILT_VALUES.iter().copied()).collect()
}

/// Which tag of an image runs, and where that is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(title = "Policy")]
pub struct Policy {
    /// What markers call the policy. Unique together with `namespace`.
    #[schemars(with = "Name")]
    pub(super) name: Spanned<String>,
    /// Tells two policies of one name apart. A policy without one answers to any `namespace:name`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Name")]
    pub(super) namespace: Given<String>,
    /// The repository whose tags are listed: `registry/repository`, without a tag. `oci://` may stand before it.
    #[schemars(with = "String")]
    pub(super) image: Spanned<String>,
    /// How often the tags are listed.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Interval")]
    pub(super) every: Given<String>,
    /// When the tags are listed, instead of `every`: the five fields of crontab(5).
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub(super) cron: Given<String>,
    /// The time zone of `cron`, as the tz database names it. By default `UTC`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub(super) timezone: Given<String>,
    /// Which tags are looked at, and what of them is compared.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Tags")]
    pub(super) tags: Given<Tags>,
    /// Which of two tags is the better one: exactly one order.
    #[schemars(with = "Select")]
    pub(super) select: Spanned<Select>,
    /// What is never written, whatever `select` says.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Guard")]
    pub(super) guard: Given<Guard>,
    #[serde(default, deserialize_with = "refused")]
    #[schemars(skip)]
    pub(super) require: Unbuilt,
    /// When changes may be written: in every minute that any of them names. At all times if there are none.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<Window>")]
    pub(super) windows: Given<Vec<Window>>,
    /// When nothing is written, windows or not. Those of a policy and of the defaults add up.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<Freeze>")]
    pub(super) freezes: Given<Vec<Freeze>>,
    /// Where the tag is written: one mapping or a list of them. By default every marker of the only repository.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Writes")]
    pub(super) write: Given<Writes>,
    #[serde(default, deserialize_with = "refused")]
    #[schemars(skip)]
    pub(super) on_revert: Unbuilt,
    /// Whether the policy rests: nothing is listed, nothing is written.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    pub(super) suspend: Given<bool>,
}

/// Minutes in which changes may be written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Window {
    /// The five fields of crontab(5): minute, hour, day of month, month, day of week. Every minute that matches is open.
    #[schemars(with = "String")]
    pub(super) cron: Spanned<String>,
    /// The time zone, as the tz database names it. By default `UTC`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub(super) timezone: Given<String>,
}

/// A time in which nothing is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Freeze {
    /// Its first moment.
    #[schemars(with = "Moment")]
    pub(super) from: Spanned<String>,
    /// The first moment after it.
    #[schemars(with = "Moment")]
    pub(super) to: Spanned<String>,
    /// Why, for those who wait.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub(super) reason: Given<String>,
}

/// What every policy says that does not say otherwise, key by key: a policy's own `tags` replaces these `tags` whole.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Defaults {
    /// The namespace of policies that name none.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Name")]
    pub(super) namespace: Given<String>,
    /// How often the tags are listed.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Interval")]
    pub(super) every: Given<String>,
    /// When the tags are listed, instead of `every`: the five fields of crontab(5).
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub(super) cron: Given<String>,
    /// The time zone of `cron`, as the tz database names it. By default `UTC`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub(super) timezone: Given<String>,
    /// Which tags are looked at, and what of them is compared.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Tags")]
    pub(super) tags: Given<Tags>,
    /// What is never written, whatever `select` says.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Guard")]
    pub(super) guard: Given<Guard>,
    #[serde(default, deserialize_with = "refused")]
    #[schemars(skip)]
    pub(super) require: Unbuilt,
    /// When changes may be written: in every minute that any of them names. At all times if there are none.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<Window>")]
    pub(super) windows: Given<Vec<Window>>,
    /// When nothing is written, windows or not. Those of a policy and of the defaults add up.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<Freeze>")]
    pub(super) freezes: Given<Vec<Freeze>>,
    /// Where the tag is written: one mapping or a list of them.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Writes")]
    pub(super) write: Given<Writes>,
    #[serde(default, deserialize_with = "refused")]
    #[schemars(skip)]
    pub(super) on_revert: Unbuilt,
    /// Whether policies rest.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    pub(super) suspend: Given<bool>,
}

/// Which tags are looked at, and what of them is compared.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Tags {
    /// A regular expression, or a list of which any has to match. Unanchored; classes are ASCII.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Patterns")]
    pub(super) include: Given<Patterns>,
    /// A regular expression, or a list of which none may match.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Patterns")]
    pub(super) exclude: Given<Patterns>,
    /// What is compared, made of the groups of the first `include` that matches: `$1`, `$name`, `${name}`, `$$`.
    /// By default the whole tag.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub(super) extract: Given<String>,
}

/// Exactly one order.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schemars(extend("minProperties" = 1, "maxProperties" = 1))]
pub struct Select {
    /// The highest version in a range of Masterminds/semver, as in Flux, Helm and Argo CD. Only tags of three numeric
    /// parts with an optional `v` are versions, unless the range is written as `{ range: "…", loose: true }`.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Semver")]
    pub(super) semver: Given<Semver>,
    /// The highest or lowest decimal number, exact at any length.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Numeric")]
    pub(super) numeric: Given<Numeric>,
    /// The last or first text in the order of bytes.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Alphabetical")]
    pub(super) alphabetical: Given<Alphabetical>,
    #[serde(default, deserialize_with = "refused")]
    #[schemars(skip)]
    pub(super) newest: Unbuilt,
    #[serde(default, deserialize_with = "refused")]
    #[schemars(skip)]
    pub(super) digest: Unbuilt,
    /// Without any rule: the highest tag that is made like the one now in Git, within this part of the version.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Jump")]
    pub(super) like_current: Given<Jump>,
}

/// A range, alone or with how versions are read.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Semver {
    /// A range such as `>=6.0.0 <7.0.0`.
    Range(String),
    /// A range with how versions are read.
    Mapping(SemverMapping),
}

/// A range with how versions are read.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SemverMapping {
    /// A range such as `>=6.0.0 <7.0.0`.
    #[schemars(with = "String")]
    pub(super) range: Spanned<String>,
    /// Whether `1.2` and `20240115` are versions too.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "bool")]
    pub(super) loose: Given<bool>,
}

/// Which end of the numbers is the best.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Numeric {
    /// The highest number.
    Highest,
    /// The lowest number.
    Lowest,
}

/// Which end of the alphabet is the best.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Alphabetical {
    /// The last text.
    Last,
    /// The first text.
    First,
}

/// What is never written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Guard {
    /// Whether a tag below the current one, in the policy's own order, may be written.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Downgrade")]
    pub(super) downgrade: Given<Downgrade>,
    /// The largest part of a version that a change may touch. By default every one.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Jump")]
    pub(super) max_jump: Given<Jump>,
}

/// The largest part of a version that may change.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Jump {
    /// The third number and what follows it.
    Patch,
    /// The second number too.
    Minor,
    /// Every number.
    Major,
}

/// Whether a tag below the current one may be written.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Downgrade {
    /// It is never written; the default.
    Refuse,
    /// It is written like any other.
    Allow,
}

/// One place or several.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Writes {
    /// One mapping.
    One(Box<Write>),
    /// A list of mappings.
    Many(Vec<Write>),
}

/// Where the tag is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Write {
    /// The name of a repository of the settings. By default the only one.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "String")]
    pub(super) repository: Given<String>,
    /// Globs from the repository's root, `**` for any folders. A marker outside of them is a finding, not an edit.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Vec<String>")]
    pub(super) paths: Given<Vec<Spanned<String>>>,
    /// How the places are found: by the markers in the files.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Find")]
    pub(super) find: Given<Find>,
    #[serde(default, deserialize_with = "refused")]
    #[schemars(skip)]
    pub(super) keys: Unbuilt,
    /// What is written: the tag, or the tag with its digest.
    #[serde(default, deserialize_with = "given")]
    #[schemars(with = "Pin")]
    pub(super) pin: Given<Pin>,
}

/// How places are found.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Find {
    /// By the markers in the files.
    Markers,
    /// Without markers, by the places that the ecosystem uses; not built yet.
    #[schemars(skip)]
    Images,
    /// By a path to the value; not built yet.
    #[schemars(skip)]
    Keys,
}

/// What is written.
#[derive(Clone, Copy, Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub enum Pin {
    /// The tag.
    Tag,
    /// The digest alone; not built yet.
    #[schemars(skip)]
    Digest,
    /// The tag and its digest.
    #[serde(rename = "tag@digest")]
    TagAtDigest,
}

/// One pattern or several.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub enum Patterns {
    /// One regular expression.
    One(String),
    /// A list of regular expressions.
    Many(#[schemars(with = "Vec<String>")] Vec<Spanned<String>>),
}

/// 1 to 63 of `a-z 0-9 -`.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Name(
    #[schemars(regex(pattern = r"^[a-z0-9-]{1,63}$"))]
    #[expect(dead_code, reason = "only the schema needs it")]
    String,
);

/// `30s`, `5m`, `1h30m`, `2d`: at least `10s`, at most `31d`.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Interval(
    #[schemars(regex(pattern = r"^([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?$"), length(min = 2))]
    #[expect(dead_code, reason = "only the schema needs it")]
    String,
);

/// A moment as in RFC 3339: `2026-12-20T00:00:00Z`.
#[derive(JsonSchema)]
#[schemars(inline)]
struct Moment(
    #[schemars(extend("format" = "date-time"))]
    #[expect(dead_code, reason = "only the schema needs it")]
    String,
);

/// Reads the value of a key that is there. It may not be null, which serde takes for a key left out or for `{}`.
fn given<'de, D: Deserializer<'de>, T: Deserialize<'de>>(deserializer: D) -> Result<Option<T>, D::Error> {
    let value = Option::<T>::deserialize(deserializer)?;
    value.map(Some).ok_or_else(|| D::Error::invalid_type(Unexpected::Unit, &"a value"))
}

/// Reads whatever a key has that this version refuses.
fn refused<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Unbuilt, D::Error> {
    Spanned::deserialize(deserializer).map(Some)
}

/// The keys of a policy that defaults may give too.
pub(super) struct Common<'w> {
    pub(super) namespace: &'w Given<String>,
    pub(super) every: &'w Given<String>,
    pub(super) cron: &'w Given<String>,
    pub(super) timezone: &'w Given<String>,
    pub(super) tags: &'w Given<Tags>,
    pub(super) guard: &'w Given<Guard>,
    pub(super) windows: &'w Given<Vec<Window>>,
    pub(super) freezes: &'w Given<Vec<Freeze>>,
    pub(super) write: &'w Given<Writes>,
    pub(super) suspend: &'w Given<bool>,
    /// The keys that this version refuses.
    pub(super) unbuilt: [(&'static str, &'w Unbuilt); 2],
}

/// Borrows the common keys of [`Policy`] or [`Defaults`], which `serde` cannot share without losing their places.
macro_rules! common {
    ($wire:expr) => {
        Common {
            namespace: &$wire.namespace,
            every: &$wire.every,
            cron: &$wire.cron,
            timezone: &$wire.timezone,
            tags: &$wire.tags,
            guard: &$wire.guard,
            windows: &$wire.windows,
            freezes: &$wire.freezes,
            write: &$wire.write,
            suspend: &$wire.suspend,
            unbuilt: [("require", &$wire.require), ("onRevert", &$wire.on_revert)],
        }
    };
}

impl Policy {
    /// Returns the keys that defaults may give too.
    pub(super) fn common(&self) -> Common<'_> {
        common!(self)
    }
}

impl Defaults {
    /// Returns the keys that a policy may give too.
    pub(super) fn common(&self) -> Common<'_> {
        common!(self)
    }
}

impl Patterns {
    /// Returns the patterns with their places; one alone stands where the whole value stands.
    pub(super) fn list(&self, whole: Location) -> Vec<(&str, Location)> {
        match self {
            Self::One(text) => vec![(text, whole)],
            Self::Many(texts) => texts.iter().map(|text| (text.value.as_str(), text.referenced)).collect(),
        }
    }
}

impl Writes {
    /// Returns the mappings.
    pub(super) fn list(&self) -> &[Write] {
        match self {
            Self::One(write) => std::slice::from_ref(write),
            Self::Many(writes) => writes,
        }
    }
}

impl<'de> Deserialize<'de> for Patterns {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PatternsVisitor;

        impl<'de> Visitor<'de> for PatternsVisitor {
            type Value = Patterns;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a regular expression in quotes, or a list of them")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Patterns, E> {
                Ok(Patterns::One(text.to_owned()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, texts: A) -> Result<Patterns, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(texts)).map(Patterns::Many)
            }
        }

        deserializer.deserialize_any(PatternsVisitor)
    }
}

impl<'de> Deserialize<'de> for Semver {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct SemverVisitor;

        impl<'de> Visitor<'de> for SemverVisitor {
            type Value = Semver;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a range in quotes, or a mapping of `range` and `loose`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Semver, E> {
                Ok(Semver::Range(text.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Semver, A::Error> {
                SemverMapping::deserialize(MapAccessDeserializer::new(map)).map(Semver::Mapping)
            }
        }

        deserializer.deserialize_any(SemverVisitor)
    }
}

impl<'de> Deserialize<'de> for Writes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct WritesVisitor;

        impl<'de> Visitor<'de> for WritesVisitor {
            type Value = Writes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping, or a list of mappings")
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Writes, A::Error> {
                Write::deserialize(MapAccessDeserializer::new(map)).map(|write| Writes::One(Box::new(write)))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Writes, A::Error> {
                let mut writes = Vec::new();
                while let Some(write) = list.next_element::<Option<Write>>()? {
                    writes.push(write.ok_or_else(|| A::Error::invalid_type(Unexpected::Unit, &"a mapping"))?);
                }
                Ok(Writes::Many(writes))
            }
        }

        deserializer.deserialize_any(WritesVisitor)
    }
}
