//! The `WWW-Authenticate` header: which logins a registry takes, and where it sends us for a token.
//!
//! Reads only; whether a token server may be asked is for `net` to say.

/// The longest header that is read, in bytes; a longer one counts as none.
const HEADER_BYTES_MAX: usize = 8 * 1024;

/// A challenge (RFC 9110, section 11.6.1): a scheme in lower case, and its parameters with their names in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// Returns the first parameter of this name.
    fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// What a registry wants a token for, and from whom (the distribution project's token specification).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Wanted {
    /// The address of the token server, as it was written.
    pub(super) realm: String,
    /// The name that the token server knows the registry by.
    pub(super) service: Option<String>,
    /// What the token has to be good for.
    pub(super) scopes: Vec<String>,
}

impl Wanted {
    /// Returns what the first Bearer challenge with a realm wants. Where it names no scope, it is pulling from `path`.
    pub(super) fn among(challenges: &[Challenge], path: &str) -> Option<Self> {
        let mut bearers = challenges.iter().filter(|challenge| challenge.scheme == "bearer");
        let (realm, bearer) = bearers.find_map(|bearer| Some((bearer.parameter("realm")?, bearer)))?;
        let scope = bearer.parameter("scope").unwrap_or_default();
        let mut scopes: Vec<String> = scope.split_ascii_whitespace().map(str::to_owned).collect();
        if scopes.is_empty() {
            scopes.push(format!("repository:{path}:pull"));
        }
        let service = bearer.parameter("service").map(str::to_owned);
        Some(Self { realm: realm.to_owned(), service, scopes })
    }

    /// Returns the same for another repository, where this one's path is all that the scopes have of it.
    pub(super) fn for_path(&self, own: &str, path: &str) -> Option<Self> {
        let other = |scope: &String| {
            let (before, actions) = scope.rsplit_once(':')?;
            Some(format!("{}:{path}:{actions}", before.strip_suffix(own)?.strip_suffix(':')?))
        };
        let scopes = self.scopes.iter().map(other).collect::<Option<_>>()?;
        Some(Self { scopes, ..self.clone() })
    }
}

/// Returns whether one of the challenges takes Basic logins.
pub(super) fn takes_basic(challenges: &[Challenge]) -> bool {
    challenges.iter().any(|challenge| challenge.scheme == "basic")
}

/// Reads the challenges of all headers, in their order. What is none is skipped, up to the next comma.
pub(super) fn read<'h>(headers: impl Iterator<Item = &'h str>) -> Vec<Challenge> {
    let mut challenges = Vec::new();
    for header in headers.filter(|header| header.len() <= HEADER_BYTES_MAX) {
        read_header(&mut Reader(header), &mut challenges);
    }
    challenges
}

fn read_header(reader: &mut Reader<'_>, all: &mut Vec<Challenge>) {
    let before = all.len();
    loop {
        reader.skip(|character| matches!(character, ' ' | '\t' | ','));
        let Some(first) = reader.peek() else { return };
        let word = reader.take(is_token);
        reader.skip(is_blank);
        if word.is_empty() {
            reader.skip_item(first);
        } else if reader.peek() == Some('=') {
            let value = reader.parameter();
            // A parameter belongs to a challenge of its own header.
            if let (Some(value), Some(challenge)) = (value, all.get_mut(before..).and_then(<[_]>::last_mut)) {
                challenge.parameters.push((word.to_ascii_lowercase(), value));
            }
        } else {
            all.push(Challenge { scheme: word.to_ascii_lowercase(), parameters: Vec::new() });
            reader.skip_token68();
        }
    }
}

/// The rest of a header.
struct Reader<'h>(&'h str);

impl<'h> Reader<'h> {
    fn peek(&self) -> Option<char> {
        self.0.chars().next()
    }

    /// Takes the characters that `belongs` says yes to.
    fn take(&mut self, belongs: impl Fn(char) -> bool) -> &'h str {
        let rest = self.0.trim_start_matches(belongs);
        let taken = self.0.strip_suffix(rest).unwrap_or_default();
        self.0 = rest;
        taken
    }

    fn skip(&mut self, belongs: impl Fn(char) -> bool) {
        self.take(belongs);
    }

    /// Skips something that is nothing, so that it ends at a comma or the end; `first` is its first character.
    fn skip_item(&mut self, first: char) {
        if first == '"' {
            self.quoted();
        }
        self.skip(|character| character != ',' && character != '"');
        if self.peek() == Some('"') {
            self.quoted();
        }
    }

    /// Takes `=` and a value, a word or a quoted text. A quoted text without its end is none.
    fn parameter(&mut self) -> Option<String> {
        self.0 = self.0.strip_prefix('=').unwrap_or(self.0);
        self.skip(is_blank);
        match self.peek() {
            Some('"') => self.quoted(),
            _ => Some(self.take(|character| character != ',' && !is_blank(character) && character != '"').to_owned()),
        }
    }

    /// Takes a quoted text, in which a backslash says that the next character means nothing.
    fn quoted(&mut self) -> Option<String> {
        let mut characters = self.0.chars();
        characters.next();
        let mut text = String::new();
        let is_closed = loop {
            match characters.next() {
                Some('"') => break true,
                Some('\\') => text.extend(characters.next()),
                Some(character) => text.push(character),
                None => break false,
            }
        };
        self.0 = characters.as_str();
        is_closed.then_some(text)
    }

    /// Skips the one long word that some schemes have in place of parameters.
    fn skip_token68(&mut self) {
        let before = self.0;
        self.skip(|character| character.is_ascii_alphanumeric() || "-._~+/".contains(character));
        self.skip(|character| character == '=');
        self.skip(is_blank);
        if !matches!(self.peek(), None | Some(',')) {
            self.0 = before;
        }
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Returns whether words may have this character (RFC 9110, section 5.6.2).
fn is_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(character)
}

#[cfg(test)]
mod tests {
    use std::fmt;

    use expect_test::{Expect, expect};
    use proptest::prelude::*;

    use super::*;

    impl fmt::Display for Challenge {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            let parameters = self
                .parameters
                .iter()
                .map(|(name, value)| format!("{name}=\"{}\"", value.replace('\\', r"\\").replace('"', r#"\""#)));
            write!(f, "{} {}", self.scheme, parameters.collect::<Vec<_>>().join(", "))
        }
    }

    fn check(headers: &[&str], expected: &Expect) {
        let challenges: Vec<String> = read(headers.iter().copied()).iter().map(ToString::to_string).collect();
        expected.assert_eq(&challenges.join("\n"));
    }

    fn wanted(headers: &[&str]) -> Option<Wanted> {
        Wanted::among(&read(headers.iter().copied()), "team/app")
    }

    #[test]
    fn challenges_are_read_as_registries_write_them() {
        check(
            &[
                r#"Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull""#,
            ],
            &expect![[
                r#"bearer realm="https://auth.docker.io/token", service="registry.docker.io", scope="repository:a/b:pull""#
            ]],
        );
        check(
            &["BASIC Realm=x , beaREr SCOPE = \"a b\",\trealm=\"r\"", r#"Negotiate, NTLM abc==, Custom"#],
            &expect![[r#"
                basic realm="x"
                bearer scope="a b", realm="r"
                negotiate 
                ntlm 
                custom "#]],
        );
        check(
            &[r#"Bearer realm="a\"b\\c, Basic realm=d",x=y"#],
            &expect![[r#"bearer realm="a\"b\\c, Basic realm=d", x="y""#]],
        );
    }

    #[test]
    fn what_is_no_challenge_is_skipped() {
        check(&["", ",,,", "=", "realm=x", "\"Bearer realm=x\"", "(Bearer realm=x"], &expect![""]);
        check(&[r#"Bearer realm="x, Basic realm=y"#], &expect!["bearer "]);
        check(
            &[r#"?=1, Bearer , ="a,b" , realm="x"#, "Basic"],
            &expect![[r#"
            bearer 
            basic "#]],
        );
        check(&[&format!("Bearer realm=\"{}\"", "x".repeat(HEADER_BYTES_MAX))], &expect![""]);
    }

    #[test]
    fn the_first_bearer_with_a_realm_counts() {
        let found = wanted(&[r#"Bearer error="x", Basic realm="b", Bearer realm="one", Bearer realm="two",service=s"#]);
        assert_eq!(
            found.unwrap(),
            Wanted { realm: "one".into(), service: None, scopes: vec!["repository:team/app:pull".into()] }
        );
        assert_eq!(wanted(&[r#"Basic realm="https://a.example.com/""#]), None);
        let scopes =
            wanted(&[r#"Bearer realm=r,scope=" repository:a:pull  repository:b:metadata_read,pull ""#]).unwrap().scopes;
        assert_eq!(scopes, ["repository:a:pull", "repository:b:metadata_read,pull"]);
    }

    #[test]
    fn what_one_repository_wants_tells_what_another_wants() {
        let guess = |scope: &str, own: &str| {
            let header = format!("Bearer realm=r,scope=\"{scope}\"");
            Some(wanted(&[&header])?.for_path(own, "x/y")?.scopes.join(" "))
        };
        assert_eq!(guess("repository:team/app:pull", "team/app").unwrap(), "repository:x/y:pull");
        assert_eq!(guess("repository:app:metadata_read,pull", "app").unwrap(), "repository:x/y:metadata_read,pull");
        assert_eq!(guess("repository(plugin):app:pull", "app").unwrap(), "repository(plugin):x/y:pull");
        assert_eq!(guess("", "team/app").unwrap(), "repository:x/y:pull");
        for other in ["repository:other/app:pull", "registry:catalog:*", "repository:app", "app:pull", "x"] {
            assert_eq!(guess(other, "app"), None, "{other}");
        }
        assert_eq!(guess("repository:app:pull registry:catalog:*", "app"), None);
    }

    fn word() -> impl Strategy<Value = String> {
        "[a-z!#$%&'*+.^_`|~-][a-z0-9-]{0,8}"
    }

    proptest! {
        #[test]
        fn no_header_is_too_odd_to_read(headers in prop::collection::vec(r#"[a-cA-C=",\\ \t;:/(é-]{0,40}"#, 0..4), any in any::<String>()) {
            read(headers.iter().map(String::as_str).chain([any.as_str()]));
        }

        #[test]
        fn what_is_printed_reads_the_same(
            challenges in prop::collection::vec((word(), prop::collection::vec((word(), "[ -~\t]{0,20}"), 1..4)), 0..4),
            split in any::<bool>(),
        ) {
            let challenges: Vec<Challenge> =
                challenges.into_iter().map(|(scheme, parameters)| Challenge { scheme, parameters }).collect();
            let printed: Vec<String> = challenges.iter().map(ToString::to_string).collect();
            let printed = if split { printed } else { vec![printed.join(", ")] };
            prop_assert_eq!(read(printed.iter().map(String::as_str)), challenges);
        }
    }
}
