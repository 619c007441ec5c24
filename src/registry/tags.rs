//! The JSON of a page of tags, read as it arrives.
//!
//! Some registries answer with all tags in one page, so that a page may be as large as a list. This reader
//! takes the body in pieces of any size and holds at most one string of a tag's length: neither the body nor a
//! document is ever in memory, and a hostile page costs no more than an honest one. It checks the structure of
//! the whole document; of values that nobody asked for it does not check the text inside the quotes.

use serde::de::IgnoredAny;

use crate::image::TagRef;

/// The deepest nesting that is read; a page of tags needs 2, the extensions of Google's registries 4.
const NESTING_MAX: usize = 32;
/// The longest string that may still be a tag, in bytes of JSON: 128 characters, each as an escape like `\u0041`.
const TEXT_BYTES_MAX: usize = 128 * 6;
/// The longest number or literal, in bytes; numbers of registries are sizes and times.
const WORD_BYTES_MAX: usize = 64;
/// The only name in a page that matters.
const TAGS: &str = "tags";

/// Why a body is no page of tags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no list of tags: {expected} expected at byte {at}")]
pub(super) struct Malformed {
    /// How many bytes were right.
    at: u64,
    /// What should have come then.
    expected: &'static str,
}

/// Reads one page.
#[derive(Debug)]
pub(super) struct TagReader {
    mode: Mode,
    open: Vec<Container>,
    tags: Tags,
    /// The text or word that is being read, where it matters; one byte past its bound when it is too long.
    kept: Vec<u8>,
    read: u64,
}

/// What is being read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// Structure; what may come next is said.
    Between(Expect),
    /// The inside of a string.
    Text { role: Role, escaped: bool },
    /// A number or a literal.
    Word,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expect {
    Value,
    ValueOrClose,
    Key,
    KeyOrClose,
    Colon,
    CommaOrClose,
    End,
}

/// What a string is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    /// A name at the top level.
    Name,
    Tag,
    /// Anything else; `key` says whether a colon follows.
    Ignored {
        key: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Container {
    Object,
    Array,
}

/// Where the reader stands to the value of the name `tags`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Tags {
    Before,
    Next,
    Inside,
    After,
}

impl TagReader {
    pub(super) fn new() -> Self {
        let mode = Mode::Between(Expect::Value);
        Self { mode, open: Vec::new(), tags: Tags::Before, kept: Vec::new(), read: 0 }
    }

    /// Reads the next piece of the body. `sink` gets each tag, or `None` for a string that is no tag by the grammar.
    pub(super) fn push(&mut self, piece: &[u8], sink: &mut impl FnMut(Option<TagRef<'_>>)) -> Result<(), Malformed> {
        let mut rest = piece;
        while let Some((&byte, after)) = rest.split_first() {
            let step = match self.mode {
                Mode::Between(expect) => self.structure(expect, byte).map(|()| after),
                Mode::Text { role, escaped } => self.text(role, escaped, rest, sink),
                Mode::Word => self.word(byte).map(|taken| if taken { after } else { rest }),
            };
            rest = step.map_err(|expected| {
                let at = self.read + (piece.len() - rest.len()) as u64;
                Malformed { at, expected }
            })?;
        }
        self.read += piece.len() as u64;
        Ok(())
    }

    /// Says whether the body ended where the document does.
    pub(super) fn finish(self) -> Result<(), Malformed> {
        match self.mode {
            Mode::Between(Expect::End) => Ok(()),
            _ => Err(Malformed { at: self.read, expected: "more" }),
        }
    }

    /// Takes one byte outside of strings, numbers and literals.
    fn structure(&mut self, expect: Expect, byte: u8) -> Result<(), &'static str> {
        use Expect::{Colon, CommaOrClose, End, Key, KeyOrClose, Value, ValueOrClose};
        match (expect, byte) {
            (_, b' ' | b'\t' | b'\r' | b'\n') => {}
            (Key | KeyOrClose, b'"') => self.begin_text(true),
            (Colon, b':') => self.mode = Mode::Between(Value),
            (CommaOrClose, b',') => {
                let in_object = self.open.last() == Some(&Container::Object);
                self.mode = Mode::Between(if in_object { Key } else { Value });
            }
            (KeyOrClose | CommaOrClose, b'}') if self.open.last() == Some(&Container::Object) => self.close(),
            (ValueOrClose | CommaOrClose, b']') if self.open.last() == Some(&Container::Array) => self.close(),
            (Value | ValueOrClose, byte) => return self.begin_value(byte),
            (Key, _) => return Err("a name in quotes"),
            (KeyOrClose, _) => return Err("a name in quotes or `}`"),
            (Colon, _) => return Err("`:`"),
            (CommaOrClose, _) => return Err("`,` or the end of the list or object"),
            (End, _) => return Err("the end"),
        }
        Ok(())
    }

    /// Begins a value, of which the top level, `tags` and what is inside `tags` take only certain kinds.
    fn begin_value(&mut self, byte: u8) -> Result<(), &'static str> {
        let depth = self.open.len();
        match (depth, self.tags, byte) {
            (0, _, b'{') | (1, Tags::Next, b'[' | b'n') | (2, Tags::Inside, b'"') => {}
            (0, ..) => return Err("an object"),
            (1, Tags::Next, _) => return Err("a list of tags or `null`"),
            (2, Tags::Inside, _) => return Err("a tag in quotes"),
            _ => {}
        }
        match byte {
            b'{' => self.enter(Container::Object, Expect::KeyOrClose),
            b'[' => self.enter(Container::Array, Expect::ValueOrClose),
            b'"' => {
                self.begin_text(false);
                Ok(())
            }
            b'-' | b'0'..=b'9' | b'a'..=b'z' => {
                self.kept.clear();
                self.kept.push(byte);
                self.mode = Mode::Word;
                Ok(())
            }
            _ => Err("a value"),
        }
    }

    fn enter(&mut self, container: Container, expect: Expect) -> Result<(), &'static str> {
        if self.open.len() == NESTING_MAX {
            return Err("less nesting");
        }
        if self.tags == Tags::Next {
            self.tags = Tags::Inside;
        }
        self.open.push(container);
        self.mode = Mode::Between(expect);
        Ok(())
    }

    fn close(&mut self) {
        self.open.pop();
        self.value_is_over();
    }

    /// Ends a value of any kind.
    fn value_is_over(&mut self) {
        if self.open.len() == 1 && matches!(self.tags, Tags::Next | Tags::Inside) {
            self.tags = Tags::After;
        }
        self.mode = Mode::Between(if self.open.is_empty() { Expect::End } else { Expect::CommaOrClose });
    }

    fn begin_text(&mut self, key: bool) {
        let role = match (self.open.len(), self.tags) {
            (1, _) if key => Role::Name,
            (2, Tags::Inside) => Role::Tag,
            _ => Role::Ignored { key },
        };
        self.kept.clear();
        self.mode = Mode::Text { role, escaped: false };
    }

    /// Takes as much of a string as `rest` has, and returns what is left.
    fn text<'r>(
        &mut self,
        role: Role,
        escaped: bool,
        rest: &'r [u8],
        sink: &mut impl FnMut(Option<TagRef<'_>>),
    ) -> Result<&'r [u8], &'static str> {
        let skipped = usize::from(escaped);
        let stop = memchr::memchr2(b'"', b'\\', rest.get(skipped..).unwrap_or_default()).map(|stop| stop + skipped);
        let (inside, left) = rest.split_at_checked(stop.unwrap_or(rest.len())).unwrap_or((rest, &[]));
        if !matches!(role, Role::Ignored { .. }) {
            self.keep(inside, TEXT_BYTES_MAX);
        }
        let Some((&stop, after)) = left.split_first() else {
            self.mode = Mode::Text { role, escaped: false };
            return Ok(left);
        };
        if stop == b'\\' {
            self.keep(b"\\", TEXT_BYTES_MAX);
            self.mode = Mode::Text { role, escaped: true };
        } else {
            self.end_text(role, sink)?;
        }
        Ok(after)
    }

    /// Keeps `bytes` for later, up to one byte more than `limit`, which tells that it was too much.
    fn keep(&mut self, bytes: &[u8], limit: usize) {
        let room = (limit + 1).saturating_sub(self.kept.len());
        self.kept.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }

    fn end_text(&mut self, role: Role, sink: &mut impl FnMut(Option<TagRef<'_>>)) -> Result<(), &'static str> {
        match role {
            Role::Name => {
                if self.kept == TAGS.as_bytes() || self.unescaped()?.as_deref() == Some(TAGS) {
                    if self.tags != Tags::Before {
                        return Err("`tags` only once");
                    }
                    self.tags = Tags::Next;
                }
                self.mode = Mode::Between(Expect::Colon);
            }
            Role::Tag => {
                match std::str::from_utf8(&self.kept).ok().and_then(|text| TagRef::parse(text).ok()) {
                    Some(tag) => sink(Some(tag)),
                    None => sink(self.unescaped()?.as_deref().and_then(|text| TagRef::parse(text).ok())),
                }
                self.value_is_over();
            }
            Role::Ignored { key: true } => self.mode = Mode::Between(Expect::Colon),
            Role::Ignored { key: false } => self.value_is_over(),
        }
        Ok(())
    }

    /// Returns the kept string without its escapes, or `None` when it is too long to be of interest.
    fn unescaped(&self) -> Result<Option<String>, &'static str> {
        if self.kept.len() > TEXT_BYTES_MAX {
            return Ok(None);
        }
        let quoted = [b"\"", self.kept.as_slice(), b"\""].concat();
        serde_json::from_slice(&quoted).map(Some).map_err(|_| "a string of JSON")
    }

    /// Takes one byte of a number or literal; returns `false` when the byte is no longer part of it.
    fn word(&mut self, byte: u8) -> Result<bool, &'static str> {
        if matches!(byte, b'0'..=b'9' | b'a'..=b'z' | b'A'..=b'Z' | b'+' | b'-' | b'.') {
            self.keep(&[byte], WORD_BYTES_MAX);
            return Ok(true);
        }
        if self.kept.len() > WORD_BYTES_MAX || serde_json::from_slice::<IgnoredAny>(&self.kept).is_err() {
            return Err("a number or literal of JSON");
        }
        self.value_is_over();
        Ok(false)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Returns the tags that are read from pieces of these sizes, with `-` for a string that is none, or why not.
    fn read(body: &[u8], sizes: &[usize]) -> Result<Vec<String>, String> {
        let mut found = Vec::new();
        let mut reader = TagReader::new();
        let mut rest = body;
        for &size in sizes.iter().chain([&usize::MAX]) {
            let (piece, left) = rest.split_at(size.min(rest.len()));
            let mut sink = |tag: Option<TagRef<'_>>| found.push(tag.map_or("-", TagRef::as_str).to_owned());
            reader.push(piece, &mut sink).map_err(|malformed| malformed.to_string())?;
            rest = left;
        }
        reader.finish().map(|()| found).map_err(|malformed| malformed.to_string())
    }

    fn check(body: &str) -> String {
        match read(body.as_bytes(), &[]) {
            Ok(found) => found.join(" "),
            Err(malformed) => malformed.replace("it is no list of tags: ", ""),
        }
    }

    #[test]
    fn tags_are_found_wherever_they_stand() {
        assert_eq!(check(r#"{"name":"app","tags":["1.0","latest"]}"#), "1.0 latest");
        assert_eq!(check(" {\n \"tags\" : [ \"1\" , \"2\" ] }\n"), "1 2");
        assert_eq!(check(r#"{"child":["x"],"manifest":{"sha256:0":{"tag":["x"],"tags":["y"]}},"tags":["1"]}"#), "1");
        assert_eq!(check(r#"{"tags":["1"],"a":[1.5e3,-2,true,false,null,[[]],{}],"b":"\"tags\":[\\"}"#), "1");
        assert_eq!(check(r#"{"\u0074ags":["1\u002e0"]}"#), "1.0");
    }

    #[test]
    fn no_tags_is_an_empty_list() {
        for body in [r#"{"tags":null}"#, r#"{"tags":[]}"#, r#"{"name":"app"}"#, "{}"] {
            assert_eq!(check(body), "", "{body}");
        }
    }

    #[test]
    fn strings_that_are_no_tags_are_told_apart() {
        assert_eq!(check(r#"{"tags":["1","../../etc","a\nb","\u001b[31m","","ok"]}"#), "1 - - - - ok");
        let long = "x".repeat(129);
        assert_eq!(check(&format!(r#"{{"tags":["{long}","{long}{}\u0041"]}}"#, "x".repeat(5000))), "- -");
    }

    #[test]
    fn wrong_types_are_refused() {
        assert_eq!(check("[]"), "an object expected at byte 0");
        assert_eq!(check("<html>"), "an object expected at byte 0");
        assert_eq!(check("\u{feff}{}"), "an object expected at byte 0");
        assert_eq!(check(r#"{"tags":{}}"#), "a list of tags or `null` expected at byte 8");
        assert_eq!(check(r#"{"tags":"1"}"#), "a list of tags or `null` expected at byte 8");
        assert_eq!(check(r#"{"tags":[1]}"#), "a tag in quotes expected at byte 9");
        assert_eq!(check(r#"{"tags":["1",null]}"#), "a tag in quotes expected at byte 13");
        assert_eq!(check(r#"{"tags":[],"tags":[]}"#), "`tags` only once expected at byte 12");
    }

    #[test]
    fn broken_json_is_refused() {
        assert_eq!(check(""), "more expected at byte 0");
        assert_eq!(check(r#"{"tags":["1","2"#), "more expected at byte 15");
        assert_eq!(check(r#"{"tags":["1"]"#), "more expected at byte 13");
        assert_eq!(check(r#"{"tags":["1",]}"#), "a tag in quotes expected at byte 13");
        assert_eq!(check(r#"{"tags":["1"}"#), "`,` or the end of the list or object expected at byte 12");
        assert_eq!(check(r#"{"tags":["1"]}{}"#), "the end expected at byte 14");
        assert_eq!(check(r#"{"tags":nul}"#), "a number or literal of JSON expected at byte 11");
        assert_eq!(check(r#"{"a":01}"#), "a number or literal of JSON expected at byte 7");
        assert_eq!(check(r#"{"tags":["a\x"]}"#), "a string of JSON expected at byte 12");
        assert_eq!(check(&format!(r#"{{"a":{}"#, "[".repeat(40))), "less nesting expected at byte 36");
    }

    #[test]
    fn an_endless_string_costs_no_memory() {
        let mut reader = TagReader::new();
        reader.push(br#"{"tags":[""#, &mut |_| ()).unwrap();
        for _ in 0..1000 {
            reader.push(&[b'x'; 1000], &mut |_| ()).unwrap();
        }
        assert!(reader.kept.capacity() < 4 * TEXT_BYTES_MAX, "{}", reader.kept.capacity());
    }

    /// Documents with everything that JSON has beside the tags.
    fn document() -> impl Strategy<Value = serde_json::Value> {
        let leaf = prop_oneof![
            Just(serde_json::Value::Null),
            any::<bool>().prop_map(Into::into),
            any::<i64>().prop_map(Into::into),
            any::<f64>().prop_map(Into::into),
            any::<String>().prop_map(Into::into),
        ];
        let other = leaf.prop_recursive(4, 20, 5, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..5).prop_map(serde_json::Value::from),
                prop::collection::btree_map(any::<String>(), inner, 0..5)
                    .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
            ]
        });
        let tags = prop::collection::vec(prop_oneof!["[A-Za-z0-9_][A-Za-z0-9._-]{0,9}", any::<String>()], 0..9);
        (other.clone(), tags, other)
            .prop_map(|(before, tags, after)| serde_json::json!({ "before": before, "tags": tags, "zafter": after }))
    }

    proptest! {
        #[test]
        fn pieces_of_any_size_give_what_a_json_library_gives(
            document in document(),
            pretty in any::<bool>(),
            sizes in prop::collection::vec(0..20_usize, 0..60),
        ) {
            let body = if pretty { serde_json::to_string_pretty(&document) } else { serde_json::to_string(&document) };
            let strings = document["tags"].as_array().unwrap().iter().map(|tag| tag.as_str().unwrap());
            let expected = strings.map(|text| TagRef::parse(text).map_or("-", TagRef::as_str).to_owned()).collect();
            prop_assert_eq!(read(body.unwrap().as_bytes(), &sizes), Ok::<Vec<_>, String>(expected));
        }

        #[test]
        fn a_body_that_was_cut_is_refused(document in document(), share in 0.0..1.0_f64) {
            let body = serde_json::to_vec(&document).unwrap();
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "a share of a length")]
            let cut = (body.len() as f64 * share) as usize;
            prop_assert!(read(&body[..cut], &[]).is_err());
        }

        #[test]
        fn what_it_accepts_of_noise_is_json(words in prop::collection::vec(prop::sample::select(NOISE), 0..12)) {
            let body = words.concat();
            if read(body.as_bytes(), &[]).is_ok() {
                prop_assert!(serde_json::from_str::<serde_json::Value>(&body).is_ok(), "{body}");
            }
        }
    }

    const NOISE: &[&str] = &["{", "{", "}", "}", "[", "]", "\"tags\"", "\"a\"", ":", ":", ",", "null", "1", "-", " "];
}
