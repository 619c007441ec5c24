//! The names of policies.

use std::fmt;

/// The longest name or namespace, in bytes: that of a DNS label, as in Kubernetes.
const NAME_BYTES_MAX: usize = 63;

/// What markers call a policy: its name, and the namespace that tells two of one name apart.
///
/// Invariant: both are 1 to 63 of `a-z 0-9 -`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PolicyName {
    namespace: Option<Box<str>>,
    name: Box<str>,
}

/// Why a text is not a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a name is 1 to {NAME_BYTES_MAX} of `a-z 0-9 -`")]
pub struct NameError;

impl PolicyName {
    /// Checks both parts and puts them together.
    pub fn new(namespace: Option<&str>, name: &str) -> Result<Self, NameError> {
        let namespace = namespace.map(part).transpose()?;
        Ok(Self { namespace, name: part(name)? })
    }

    /// Parses `name` or `namespace:name`.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        match text.split_once(':') {
            Some((namespace, name)) => Self::new(Some(namespace), name),
            None => Self::new(None, text),
        }
    }

    /// Returns the namespace, where the policy has one.
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Returns the name without the namespace.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns whether a marker that says `namespace` and `name` means this policy: the names are equal, and so are
    /// the namespaces where both have one.
    pub fn answers(&self, namespace: Option<&str>, name: &str) -> bool {
        let same_namespace = self.namespace().zip(namespace).is_none_or(|(own, asked)| own == asked);
        self.name() == name && same_namespace
    }
}

/// Checks the name or the namespace.
pub(super) fn part(text: &str) -> Result<Box<str>, NameError> {
    let legal = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let fits = (1..=NAME_BYTES_MAX).contains(&text.len());
    if fits && text.bytes().all(legal) { Ok(text.into()) } else { Err(NameError) }
}

impl fmt::Display for PolicyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.namespace {
            Some(namespace) => write!(f, "{namespace}:{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_namespace_means_any() {
        let (plain, spaced) = (PolicyName::parse("app").unwrap(), PolicyName::parse("ns:app").unwrap());
        assert!(plain.answers(None, "app") && plain.answers(Some("any"), "app"));
        assert!(spaced.answers(None, "app") && spaced.answers(Some("ns"), "app"));
        assert!(!spaced.answers(Some("other"), "app"));
        assert!(!plain.answers(None, "other") && !spaced.answers(Some("ns"), "other"));
        assert_eq!((plain.to_string(), spaced.to_string()), ("app".into(), "ns:app".into()));
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", ":", "ns:", ":app", "App", "a_b", "a.b", "a:b:c", "a/b", &"a".repeat(64)] {
            assert_eq!(PolicyName::parse(text), Err(NameError), "{text}");
        }
        assert!(PolicyName::parse(&"a".repeat(63)).is_ok());
    }
}
