//! The plan as a whole: policies, files and tags go in; rows, findings, new lines and the message come out.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use expect_test::{Expect, expect};

use super::{ChangeSet, Claims, Digests, File, Standing, build, claims, draft, message};
use crate::decision::{Ranking, Tally, rank};
use crate::image::{Digest, TagList, TagRef};
use crate::manifest::find;
use crate::policy::{Policy, PolicyName, parse};

pub(super) const WEB: &str = "name: web\nimage: r.example.com/web\nselect: { semver: '>=1.0.0 <2.0.0' }\n";
/// A Friday, 17:30 in Berlin.
const NOW: &str = "2026-01-02T16:30:00Z";
pub(super) const OLD: &str = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// What one test plans with.
pub(super) struct Scene<'s> {
    pub(super) policies: &'s str,
    pub(super) tags: &'s str,
    pub(super) files: &'s [(&'s str, &'s str)],
    pub(super) has_digests: bool,
}

impl Scene<'_> {
    fn policies(&self) -> Vec<Policy> {
        let parsed = parse("policies.yaml", self.policies.as_bytes());
        assert_eq!(parsed.findings, []);
        parsed.policies
    }

    /// Plans, and hands the set and all findings over.
    pub(super) fn with<T>(&self, show: impl FnOnce(&ChangeSet<'_>, &str) -> T) -> T {
        let policies = self.policies();
        let tags: TagList = self.tags.split_whitespace().map(|tag| TagRef::parse(tag).unwrap()).collect();
        let ranked = policies.iter().map(|policy| (policy.name.clone(), rank(policy, &tags, &mut Tally::default())));
        let rankings: BTreeMap<PolicyName, Ranking<'_>> = ranked.collect();
        let files: Vec<_> = self.files.iter().map(|(path, text)| file(path, text)).collect();
        let Claims { claims, mut findings } = claims("config", &files, &policies, true);
        let draft = draft(&claims, &rankings);
        let digest =
            |tag: &str| if self.has_digests { Ok(Digest::sha256_of(tag.as_bytes())) } else { Err("no answer".into()) };
        let wanted = draft.wanted_digests().into_iter();
        let digests: Digests = wanted.map(|key| (key.clone(), digest(key.1.as_str()))).collect();
        let set = build(draft, &digests, NOW.parse().unwrap());
        findings.extend(set.findings.iter().cloned());
        let shown = findings.iter().map(|finding| format!("finding {}: {}\n", finding.position, finding.cause));
        show(&set, &shown.collect::<String>())
    }
}

fn file(path: &str, text: &str) -> File {
    let found = find(path, text.as_bytes());
    assert_eq!(found.findings, []);
    File { path: path.into(), bytes: Arc::from(text.as_bytes()), executable: false, places: found.places }
}

/// Shows the lines that change, where the other places stand, and the findings; digests are cut short.
fn check(scene: &Scene<'_>, expected: &Expect) {
    let shown = scene.with(|set, findings| {
        let mut shown = String::new();
        for file in &set.files {
            let before = std::str::from_utf8(&file.file.bytes).unwrap();
            let after = std::str::from_utf8(&file.after).unwrap();
            for (old, new) in before.lines().zip(after.lines()).filter(|(old, new)| old != new) {
                writeln!(shown, "-{old}\n+{new}").unwrap();
            }
        }
        for row in &set.rows {
            let position = row.claim.place.position();
            match &row.standing {
                Standing::Changes { .. } => {}
                Standing::Pending { to, until, why, .. } => {
                    let until = until.as_ref().map_or("never".to_owned(), ToString::to_string);
                    writeln!(shown, "{position} pending: {to} from {until}: {why}").unwrap();
                }
                Standing::Keeps(decision) => writeln!(shown, "{position} keeps: {}", decision.reason).unwrap(),
                Standing::Unjudged(why) => writeln!(shown, "{position} {why:?}").unwrap(),
                Standing::Blocked(cause) => writeln!(shown, "{position} blocked: {cause}").unwrap(),
            }
        }
        shown + findings
    });
    expected.assert_eq(&shorten(&shown));
}

/// Cuts the digests of the tests to their first digits.
fn shorten(text: &str) -> String {
    let mut text = text.replace(OLD, "sha256:OLD");
    for tag in ["1.0.0", "1.1.0", "1.2.0"] {
        text = text.replace(Digest::sha256_of(tag.as_bytes()).as_str(), &format!("sha256:OF-{tag}"));
    }
    text
}

pub(super) fn scene<'s>(tags: &'s str, files: &'s [(&'s str, &'s str)]) -> Scene<'s> {
    Scene { policies: WEB, tags, files, has_digests: true }
}

#[test]
fn a_whole_reference_gets_the_tag_and_keeps_its_spelling() {
    let files = [("a.yaml", "image: 'R.example.com/web:1.0.0' # automator: web\n")];
    check(
        &scene("1.0.0 1.1.0 2.0.0", &files),
        &expect![[r#"
        -image: 'R.example.com/web:1.0.0' # automator: web
        +image: 'R.example.com/web:1.1.0' # automator: web
    "#]],
    );
}

#[test]
fn a_reference_to_another_repository_moves_to_the_policys() {
    let files = [("a.yaml", "image: old.example.com/web:1.0.0 # automator: web\n")];
    check(
        &scene("1.0.0 1.1.0", &files),
        &expect![[r#"
        -image: old.example.com/web:1.0.0 # automator: web
        +image: r.example.com/web:1.1.0 # automator: web
    "#]],
    );
    check(
        &scene("1.0.0", &files),
        &expect![[r#"
        -image: old.example.com/web:1.0.0 # automator: web
        +image: r.example.com/web:1.0.0 # automator: web
    "#]],
    );
    check(
        &scene("0.9.0", &files),
        &expect![[r#"
        a.yaml:1:8 keeps: no version in ">=1.0.0 <2.0.0" among 1 tag
    "#]],
    );
}

#[test]
fn a_digest_never_stays_beside_a_new_tag() {
    let text =
        format!("image: r.example.com/web:1.0.0@{OLD} # automator: web\ntag: 1.0.0@{OLD} # automator: web:tag\n");
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &text)]),
        &expect![[r#"
        -image: r.example.com/web:1.0.0@sha256:OLD # automator: web
        +image: r.example.com/web:1.1.0@sha256:OF-1.1.0 # automator: web
        -tag: 1.0.0@sha256:OLD # automator: web:tag
        +tag: 1.1.0@sha256:OF-1.1.0 # automator: web:tag
    "#]],
    );
    check(
        &scene("1.0.0", &[("a.yaml", &text)]),
        &expect![[r#"
        a.yaml:1:8 keeps: already the only tag in ">=1.0.0 <2.0.0"
        a.yaml:2:6 keeps: already the only tag in ">=1.0.0 <2.0.0"
    "#]],
    );
}

#[test]
fn a_digest_whose_new_value_is_unknown_blocks_its_tag() {
    let text = format!(
        "a:\n  tag: 1.0.0 # automator: web:tag\n  digest: {OLD} # automator: web:digest\nimage: r.example.com/web:1.0.0 # automator: web\n"
    );
    let files = [("a.yaml", &*text)];
    check(
        &Scene { has_digests: false, ..scene("1.0.0 1.1.0", &files) },
        &expect![[r#"
            a.yaml:2:8 blocked: no answer
            a.yaml:3:11 blocked: no answer
            a.yaml:4:8 blocked: no answer
        "#]],
    );
    check(
        &scene("1.0.0 1.1.0", &files),
        &expect![[r#"
        -  tag: 1.0.0 # automator: web:tag
        +  tag: 1.1.0 # automator: web:tag
        -  digest: sha256:OLD # automator: web:digest
        +  digest: sha256:OF-1.1.0 # automator: web:digest
        -image: r.example.com/web:1.0.0 # automator: web
        +image: r.example.com/web:1.1.0 # automator: web
    "#]],
    );
}

#[test]
fn a_digest_moves_with_the_name_beside_it_though_the_tag_stays() {
    let text = format!(
        "a:\n  newName: old.example.com/web # automator: web:name\n  newTag: 1.1.0 # automator: web:tag\n  digest: {OLD} # automator: web:digest\nb:\n  repository: old.example.com/web # automator: web:name\n  tag: 1.1.0@{OLD} # automator: web:tag\n"
    );
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &text)]),
        &expect![[r#"
        -  newName: old.example.com/web # automator: web:name
        +  newName: r.example.com/web # automator: web:name
        -  digest: sha256:OLD # automator: web:digest
        +  digest: sha256:OF-1.1.0 # automator: web:digest
        -  repository: old.example.com/web # automator: web:name
        +  repository: r.example.com/web # automator: web:name
        -  tag: 1.1.0@sha256:OLD # automator: web:tag
        +  tag: 1.1.0@sha256:OF-1.1.0 # automator: web:tag
        a.yaml:3:11 keeps: already the highest of 2 tags in ">=1.0.0 <2.0.0"
    "#]],
    );
}

#[test]
fn a_digest_of_the_policys_image_never_stands_beside_another_name() {
    let policies = format!("{WEB}write: {{ pin: tag@digest }}\n");
    let text = "a: old.example.com/web:1.9.0 # automator: web\nb:\n  name: old.example.com/web # automator: web:name\n  tag: 1.9.0 # automator: web:tag\n  digest: '' # automator: web:digest\n";
    let files = [("a.yaml", text)];
    check(
        &Scene { policies: &policies, ..scene("1.0.0 1.1.0", &files) },
        &expect![[r#"
        a.yaml:1:4 keeps: current 1.9.0 is above the highest allowed 1.1.0; guard.downgrade refuses to go back
        a.yaml:3:9 keeps: current 1.9.0 is above the highest allowed 1.1.0; guard.downgrade refuses to go back
        a.yaml:4:8 keeps: current 1.9.0 is above the highest allowed 1.1.0; guard.downgrade refuses to go back
        a.yaml:5:11 keeps: current 1.9.0 is above the highest allowed 1.1.0; guard.downgrade refuses to go back
    "#]],
    );
}

#[test]
fn a_digest_that_nobody_renews_keeps_the_tag_beside_it() {
    let text = |more: &str| format!("a:\n  tag: 1.0.0 # automator: web:tag\n  digest: {OLD}{more}\n");
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &text(""))]),
        &expect![[r#"
        a.yaml:2:8 blocked: a digest stands beside `a.tag`, at line 3, and would stay when the tag changes
        finding a.yaml:2:8: a digest stands beside `a.tag`, at line 3, and would stay when the tag changes
    "#]],
    );
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &text(" # automator: nobody:digest"))]),
        &expect![[r#"
        a.yaml:2:8 blocked: a digest stands beside `a.tag`, at line 3, and would stay when the tag changes
        finding a.yaml:3:85: the marker names the policy `nobody`, which does not exist
        finding a.yaml:2:8: a digest stands beside `a.tag`, at line 3, and would stay when the tag changes
    "#]],
    );
    check(
        &scene("1.0.0", &[("a.yaml", &text(""))]),
        &expect![[r#"
            a.yaml:2:8 blocked: a digest stands beside `a.tag`, at line 3, and would stay when the tag changes
            finding a.yaml:2:8: a digest stands beside `a.tag`, at line 3, and would stay when the tag changes
        "#]],
    );
}

#[test]
fn the_order_of_lines_never_shows_in_what_is_written() {
    let lines = [
        "initTag: 1.1.0 # automator: web:tag",
        "tag: 1.0.0 # automator: web:tag",
        &*format!("digest: {OLD} # automator: web:digest"),
    ];
    for order in [[0, 1, 2], [1, 0, 2], [2, 1, 0], [2, 0, 1], [0, 2, 1], [1, 2, 0]] {
        let text: String = order.iter().map(|index| format!("{}\n", lines[*index])).collect();
        let files = [("a.yaml", &*text)];
        let after = scene("1.0.0 1.1.0", &files).with(|set, _| String::from_utf8(set.files[0].after.clone()).unwrap());
        let expected = text.replace("1.0.0", "1.1.0").replace(OLD, Digest::sha256_of(b"1.1.0").as_str());
        assert_eq!(after, expected);
    }
}

#[test]
fn a_digest_belongs_to_the_tag_beside_it_and_to_no_other() {
    let text = format!(
        "a:\n  tag: 1.1.0 # automator: web:tag\nb:\n  tag: 1.0.0 # automator: web:tag\n  digest: {OLD} # automator: web:digest\nc:\n  repository: r.example.com/web # automator: web:name\n"
    );
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &text)]),
        &expect![[r#"
        -  tag: 1.0.0 # automator: web:tag
        +  tag: 1.1.0 # automator: web:tag
        -  digest: sha256:OLD # automator: web:digest
        +  digest: sha256:OF-1.1.0 # automator: web:digest
        a.yaml:2:8 keeps: already the highest of 2 tags in ">=1.0.0 <2.0.0"
        a.yaml:7:15 keeps: highest of 2 tags in ">=1.0.0 <2.0.0"
    "#]],
    );
    let other = |marker: &str| {
        format!(
            "a:\n  tag: 1.0.0{marker}\n  digest: '' # automator: web:digest\nb:\n  tag: 1.0.0 # automator: web:tag\n"
        )
    };
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &other(""))]),
        &expect![[r#"
        a.yaml:3:11 blocked: a tag stands beside `a.digest`, at line 2, that the policy web does not write
        a.yaml:5:8 blocked: `a.digest` of the same image is blocked: a tag stands beside `a.digest`, at line 2, that the policy web does not write
        finding a.yaml:3:11: a tag stands beside `a.digest`, at line 2, that the policy web does not write
    "#]],
    );
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &other(" # automator: wbe:tag"))]),
        &expect![[r#"
        a.yaml:3:11 blocked: a tag stands beside `a.digest`, at line 2, that the policy web does not write
        a.yaml:5:8 blocked: `a.digest` of the same image is blocked: a tag stands beside `a.digest`, at line 2, that the policy web does not write
        finding a.yaml:2:16: the marker names the policy `wbe`, which does not exist
        finding a.yaml:3:11: a tag stands beside `a.digest`, at line 2, that the policy web does not write
    "#]],
    );
}

#[test]
fn neither_name_nor_reference_moves_beside_a_digest_that_nobody_renews() {
    let name = format!(
        "newName: old.example.com/web # automator: web:name\nnewTag: 1.1.0 # automator: web:tag\ndigest: {OLD}\n"
    );
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &name)]),
        &expect![[r#"
        a.yaml:1:10 blocked: a digest stands beside `newName`, at line 3, and would stay when the tag changes
        a.yaml:2:9 blocked: a digest stands beside `newTag`, at line 3, and would stay when the tag changes
        finding a.yaml:1:10: a digest stands beside `newName`, at line 3, and would stay when the tag changes
        finding a.yaml:2:9: a digest stands beside `newTag`, at line 3, and would stay when the tag changes
    "#]],
    );
    let reference = format!("image: r.example.com/web:1.0.0 # automator: web\ndigest: {OLD}\nchecksum: {OLD}\n");
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &reference)]),
        &expect![[r#"
        a.yaml:1:8 blocked: a digest stands beside `image`, at line 2, and would stay when the tag changes
        finding a.yaml:1:8: a digest stands beside `image`, at line 2, and would stay when the tag changes
    "#]],
    );
}

#[test]
fn a_path_alone_is_the_policys_image_only_beside_its_registry() {
    let text = "a: web:1.0.0 # automator: web\nb:\n  registry: r.example.com\n  repository: web # automator: web:name\n  tag: 1.0.0 # automator: web:tag\n";
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", text)]),
        &expect![[r#"
        -a: web:1.0.0 # automator: web
        +a: r.example.com/web:1.1.0 # automator: web
        -  tag: 1.0.0 # automator: web:tag
        +  tag: 1.1.0 # automator: web:tag
        a.yaml:4:15 keeps: highest of 2 tags in ">=1.0.0 <2.0.0"
    "#]],
    );
}

#[test]
fn a_tag_that_is_gone_when_it_is_looked_at_is_not_written() {
    let files = [("a.yaml", "a: 1.0.0 # automator: web:tag\n")];
    check(
        &Scene { has_digests: false, ..scene("1.0.0 1.1.0", &files) },
        &expect![[r#"
        a.yaml:1:4 blocked: no answer
    "#]],
    );
}

#[test]
fn an_empty_digest_is_filled_with_that_of_the_tag_beside_it() {
    let files = [("a.yaml", "tag: 1.0.0 # automator: web:tag\ndigest: '' # automator: web:digest\n")];
    check(
        &scene("1.0.0", &files),
        &expect![[r#"
        -digest: '' # automator: web:digest
        +digest: 'sha256:OF-1.0.0' # automator: web:digest
        a.yaml:1:6 keeps: already the only tag in ">=1.0.0 <2.0.0"
    "#]],
    );
}

#[test]
fn a_digest_beside_no_tag_follows_the_only_tag_of_the_file() {
    let text = format!("a:\n  tag: 1.0.0 # automator: web:tag\nb:\n  digest: {OLD} # automator: web:digest\n");
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &text)]),
        &expect![[r#"
        -  tag: 1.0.0 # automator: web:tag
        +  tag: 1.1.0 # automator: web:tag
        -  digest: sha256:OLD # automator: web:digest
        +  digest: sha256:OF-1.1.0 # automator: web:digest
    "#]],
    );
}

#[test]
fn a_digest_without_a_tag_is_filled_once_and_never_moves() {
    let lone = "digest: '' # automator: web:digest\n";
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", lone)]),
        &expect![[r#"
        -digest: '' # automator: web:digest
        +digest: 'sha256:OF-1.1.0' # automator: web:digest
    "#]],
    );
    let held = lone.replace("''", Digest::sha256_of(b"1.1.0").as_str());
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &held)]),
        &expect![[r#"
        a.yaml:1:9 keeps: highest of 2 tags in ">=1.0.0 <2.0.0"
    "#]],
    );
    check(
        &scene("1.0.0", &[("a.yaml", &held)]),
        &expect![[r#"
        a.yaml:1:9 blocked: `digest` is a digest without a tag and not that of 1.0.0: it cannot be told which one is newer
        finding a.yaml:1:9: `digest` is a digest without a tag and not that of 1.0.0: it cannot be told which one is newer
    "#]],
    );
    let reference = format!("image: r.example.com/web@{OLD} # automator: web\n");
    check(
        &scene("1.0.0", &[("a.yaml", &reference)]),
        &expect![[r#"
        a.yaml:1:8 blocked: `image` is a digest without a tag and not that of 1.0.0: it cannot be told which one is newer
        finding a.yaml:1:8: `image` is a digest without a tag and not that of 1.0.0: it cannot be told which one is newer
    "#]],
    );
    let lone = format!("digest: {OLD} # automator: web:digest\n");
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &lone)]),
        &expect![[r#"
            a.yaml:1:9 blocked: `digest` is a digest without a tag and not that of 1.1.0: it cannot be told which one is newer
            finding a.yaml:1:9: `digest` is a digest without a tag and not that of 1.1.0: it cannot be told which one is newer
        "#]],
    );
}

#[test]
fn a_digest_between_two_different_tags_is_nobodys() {
    let text = format!(
        "a:\n  tag: 1.0.0 # automator: web:tag\nb:\n  tag: 1.9.0 # automator: web:tag\nc:\n  digest: {OLD} # automator: web:digest\n"
    );
    check(
        &scene("1.0.0 1.1.0", &[("a.yaml", &text)]),
        &expect![[r#"
        a.yaml:2:8 blocked: `c.digest` of the same image is blocked: the file has several tags of the policy web, and they will not be equal: it is unclear which one `c.digest` belongs to
        a.yaml:4:8 keeps: current 1.9.0 is above the highest allowed 1.1.0; guard.downgrade refuses to go back
        a.yaml:6:11 blocked: the file has several tags of the policy web, and they will not be equal: it is unclear which one `c.digest` belongs to
        finding a.yaml:6:11: the file has several tags of the policy web, and they will not be equal: it is unclear which one `c.digest` belongs to
    "#]],
    );
}

#[test]
fn a_pinned_reference_gets_its_first_digest_without_a_new_tag() {
    let policies = format!("{WEB}write: {{ pin: tag@digest }}\n");
    let files =
        [("a.yaml", "image: r.example.com/web:1.1.0 # automator: web\nb: r.example.com/web:1.0.0 # automator: web\n")];
    check(
        &Scene { policies: &policies, ..scene("1.0.0 1.1.0", &files) },
        &expect![[r#"
        -image: r.example.com/web:1.1.0 # automator: web
        +image: r.example.com/web:1.1.0@sha256:OF-1.1.0 # automator: web
        -b: r.example.com/web:1.0.0 # automator: web
        +b: r.example.com/web:1.1.0@sha256:OF-1.1.0 # automator: web
    "#]],
    );
}

#[test]
fn a_name_changes_only_to_the_policys_repository() {
    let files = [(
        "a.yaml",
        "a: { x: 1 }\nb:\n  name: old.example.com/web # automator: web:name\n  tag: 1.0.0 # automator: web:tag\nc:\n  name: web # automator: web:name\n  tag: 1.0.0 # automator: web:tag\n",
    )];
    check(
        &scene("1.0.0 1.1.0", &files),
        &expect![[r#"
            -  name: old.example.com/web # automator: web:name
            +  name: r.example.com/web # automator: web:name
            -  tag: 1.0.0 # automator: web:tag
            +  tag: 1.1.0 # automator: web:tag
            a.yaml:6:9 blocked: `web` alone means docker.io, and the policy's image is r.example.com/web
            a.yaml:7:8 blocked: `c.name` of the same image is blocked: `web` alone means docker.io, and the policy's image is r.example.com/web
            finding a.yaml:6:9: `web` alone means docker.io, and the policy's image is r.example.com/web
        "#]],
    );
}

#[test]
fn each_current_value_gets_its_own_decision() {
    let files = [(
        "a.yaml",
        "a: 1.0.0 # automator: web:tag\nb: 1.9.0 # automator: web:tag\nc: latest # automator: web:tag\nd: '' # automator: web:tag\n",
    )];
    check(
        &scene("1.0.0 1.1.0", &files),
        &expect![[r#"
        -a: 1.0.0 # automator: web:tag
        +a: 1.1.0 # automator: web:tag
        -c: latest # automator: web:tag
        +c: 1.1.0 # automator: web:tag
        -d: '' # automator: web:tag
        +d: '1.1.0' # automator: web:tag
        a.yaml:2:4 keeps: current 1.9.0 is above the highest allowed 1.1.0; guard.downgrade refuses to go back
    "#]],
    );
}

#[test]
fn a_value_that_is_not_what_its_marker_says_is_left_alone() {
    let files = [(
        "a.yaml",
        "a: not an image # automator: web\nb: x y # automator: web:tag\nc: sha256:1 # automator: web:digest\nd: UP # automator: web:name\n",
    )];
    check(
        &scene("1.0.0 1.1.0", &files),
        &expect![[r#"
        a.yaml:1:4 blocked: `a` holds no image reference: a repository is lower-case words of `a-z 0-9` joined by `.`, `_`, `__` or `-` and separated by `/`, at most 255 characters
        a.yaml:2:4 blocked: `b` holds no tag: a tag is 1 to 128 of `A-Z a-z 0-9 _ . -` and begins with none of `.` and `-`
        a.yaml:3:4 blocked: `c` holds no digest: a digest is `sha256:` and 64, or `sha512:` and 128, of `0-9 a-f`
        a.yaml:4:4 blocked: `d` holds no image name: a repository is lower-case words of `a-z 0-9` joined by `.`, `_`, `__` or `-` and separated by `/`, at most 255 characters
        finding a.yaml:1:4: `a` holds no image reference: a repository is lower-case words of `a-z 0-9` joined by `.`, `_`, `__` or `-` and separated by `/`, at most 255 characters
        finding a.yaml:2:4: `b` holds no tag: a tag is 1 to 128 of `A-Z a-z 0-9 _ . -` and begins with none of `.` and `-`
        finding a.yaml:3:4: `c` holds no digest: a digest is `sha256:` and 64, or `sha512:` and 128, of `0-9 a-f`
        finding a.yaml:4:4: `d` holds no image name: a repository is lower-case words of `a-z 0-9` joined by `.`, `_`, `__` or `-` and separated by `/`, at most 255 characters
    "#]],
    );
}

#[test]
fn markers_that_nobody_answers_for_are_findings() {
    let policies = format!(
        "{WEB}write: {{ paths: ['apps/**'] }}\n---\nnamespace: a\nname: db\nimage: r.example.com/db\nselect: {{ numeric: highest }}\n---\nnamespace: b\nname: db\nimage: r.example.com/db\nselect: {{ numeric: highest }}\n"
    );
    let files = [
        (
            "a.yaml",
            "a: '1' # automator: wbe\nb: '1' # automator: db\nc: '1' # automator: web:tag\nd: '1' # automator: c:db:tag\n",
        ),
        ("apps/a.yaml", "c: 1.0.0 # automator: any:web:tag\n"),
    ];
    check(
        &Scene { policies: &policies, ..scene("1.0.0 1.1.0", &files) },
        &expect![[r#"
        -c: 1.0.0 # automator: any:web:tag
        +c: 1.1.0 # automator: any:web:tag
        finding a.yaml:1:10: the marker names the policy `wbe`, which does not exist
        finding a.yaml:2:10: the marker names two policies, a:db at policies.yaml:7:7 and b:db at policies.yaml:12:7: neither writes here
        finding a.yaml:3:10: the marker stands outside of the `write.paths` of the policy web
        finding a.yaml:4:10: the marker names the policy `c:db`, which does not exist
    "#]],
    );
}

#[test]
fn a_suspended_policy_changes_nothing() {
    let policies = format!("{WEB}suspend: true\n");
    let files = [("a.yaml", "a: 1.0.0 # automator: web:tag\n")];
    check(
        &Scene { policies: &policies, ..scene("1.0.0 1.1.0", &files) },
        &expect![[r#"
        a.yaml:1:4 Suspended
    "#]],
    );
}

#[test]
fn what_a_window_forbids_waits_whole_and_the_other_policies_go_on() {
    let policies = format!(
        "{WEB}windows: [{{ cron: '* 9-16 * * MON-FRI', timezone: Europe/Berlin }}]\n---\n{}windows: [{{ cron: '* 17 * * *', timezone: Europe/Berlin }}]\n",
        WEB.replace("name: web", "name: open")
    );
    let text = format!(
        "web:\n  tag: 1.0.0 # automator: web:tag\n  digest: {OLD} # automator: web:digest\nopen: 1.0.0 # automator: open:tag\nbest: 1.1.0 # automator: web:tag\n"
    );
    let files = [("a.yaml", &*text)];
    check(
        &Scene { policies: &policies, ..scene("1.0.0 1.1.0", &files) },
        &expect![[r#"
        -open: 1.0.0 # automator: open:tag
        +open: 1.1.0 # automator: open:tag
        a.yaml:2:8 pending: 1.1.0 from 2026-01-05T09:00:00+01:00[Europe/Berlin]: none of the policy's windows is open
        a.yaml:3:11 pending: sha256:OF-1.1.0 from 2026-01-05T09:00:00+01:00[Europe/Berlin]: none of the policy's windows is open
        a.yaml:5:7 keeps: already the highest of 2 tags in ">=1.0.0 <2.0.0"
    "#]],
    );
}

#[test]
fn what_is_blocked_does_not_wait_and_what_waits_makes_no_commit() {
    let policies = format!("{WEB}freezes: [{{ from: 2026-01-01T00:00:00Z, to: 2099-01-01T00:00:00Z, reason: r }}]\n");
    let files = [(
        "a.yaml",
        "a:\n  tag: x y # automator: web:tag\n  name: old.example.com/web # automator: web:name\nb: 1.0.0 # automator: web:tag\nc: 1.1.0 # automator: web:tag\n",
    )];
    let scene = Scene { policies: &policies, ..scene("1.0.0 1.1.0", &files) };
    check(
        &scene,
        &expect![[r#"
        a.yaml:2:8 blocked: `a.tag` holds no tag: a tag is 1 to 128 of `A-Z a-z 0-9 _ . -` and begins with none of `.` and `-`
        a.yaml:3:9 blocked: `a.name` names an image that is not the policy's, and no tag of the policy stands beside it
        a.yaml:4:4 pending: 1.1.0 from 2099-01-01T00:00:00+00:00[UTC]: frozen until 2099-01-01T00:00:00Z: r
        a.yaml:5:4 keeps: already the highest of 2 tags in ">=1.0.0 <2.0.0"
        finding a.yaml:2:8: `a.tag` holds no tag: a tag is 1 to 128 of `A-Z a-z 0-9 _ . -` and begins with none of `.` and `-`
        finding a.yaml:3:9: `a.name` names an image that is not the policy's, and no tag of the policy stands beside it
    "#]],
    );
    scene.with(|set, _| assert!(set.files.is_empty() && set.changes.is_empty()));
}

#[test]
fn the_message_says_what_changed_where_and_why() {
    let text = format!("image:\n  tag: 1.0.0 # automator: web:tag\n  digest: {OLD} # automator: web:digest\n");
    let files = [
        ("apps/b/values.yaml", &*text),
        ("apps/a/x.yaml", "a: 1.1.0 # automator: web:tag\nb: 1.0.0 # automator: web:tag\n"),
    ];
    let message = scene("1.0.0 1.1.0 1.2.0 3.0.0", &files).with(|set, _| message(set, Some("production"), "0.1.0"));
    expect![[r#"
        web: 1.0.0 -> 1.2.0, web: 1.1.0 -> 1.2.0

        r.example.com/web 1.2.0 is the highest of 3 tags in ">=1.0.0 <2.0.0".

        Image-Policy: web
        Policy-Revision: sha256:c9635581e939cd7e5a246ea42a4d07437b1cbca01f6df12fe64c8ef7c0c76e23
        Image: r.example.com/web
        Image-From: 1.0.0
        Image-To: 1.2.0
        Image-Digest: sha256:OF-1.2.0
        Image-Previous-Digest: sha256:OLD
        Image-File: apps/b/values.yaml:2
        Image-File: apps/b/values.yaml:3
        Image-File: apps/a/x.yaml:2
        Change-Type: standard
        Reason: highest of 3 tags in ">=1.0.0 <2.0.0"
        Image-Policy: web
        Policy-Revision: sha256:c9635581e939cd7e5a246ea42a4d07437b1cbca01f6df12fe64c8ef7c0c76e23
        Image: r.example.com/web
        Image-From: 1.1.0
        Image-To: 1.2.0
        Image-Digest: sha256:OF-1.2.0
        Image-File: apps/a/x.yaml:1
        Change-Type: standard
        Reason: highest of 3 tags in ">=1.0.0 <2.0.0"
        Automator-Change: 79b9612770c052e869a643d7cb97af3d7c81e821
        Automator-Version: 0.1.0
        Automator-Instance: production
    "#]]
    .assert_eq(&shorten(&message));
}

#[test]
fn a_message_about_the_same_tag_says_what_was_missing() {
    let policies = format!("{WEB}write: {{ pin: tag@digest }}\n");
    let files = [(
        "a.yaml",
        "a: r.example.com/web:1.1.0 # automator: web\nb:\n  tag: 1.1.0 # automator: web:tag\n  digest: '' # automator: web:digest\n  name: old.example.com/web # automator: web:name\n",
    )];
    let scene = Scene { policies: &policies, ..scene("1.1.0", &files) };
    let message = scene.with(|set, _| message(set, None, "0.1.0"));
    let body: String =
        message.lines().take_while(|line| !line.contains(": web")).map(|line| format!("{line}\n")).collect();
    expect![[r#"
        Update web

        r.example.com/web: the digest of 1.1.0, which stays.
        r.example.com/web: the image is the policy's.
        r.example.com/web: 1.1.0 stays and gets its digest.

    "#]]
    .assert_eq(&shorten(&body));
}

#[test]
fn a_subject_that_would_be_long_names_the_policies_or_counts_them() {
    let policy = |name: &str| format!("---\nname: {name}\nimage: r.example.com/web\nselect: {{ semver: 1.x }}\n");
    let subject = |names: &[&str]| {
        let policies: String = names.iter().map(|name| policy(name)).collect();
        let text: String = names.iter().map(|name| format!("{name}: 1.0.0 # automator: {name}:tag\n")).collect();
        let scene = Scene { policies: &policies, ..scene("1.0.0 1.1.0", &[]) };
        let files = [("a.yaml", &*text)];
        Scene { files: &files, ..scene }.with(|set, _| message(set, None, "0").lines().next().unwrap().to_owned())
    };
    assert_eq!(subject(&["a"]), "a: 1.0.0 -> 1.1.0");
    assert_eq!(subject(&["a", "b"]), "a: 1.0.0 -> 1.1.0, b: 1.0.0 -> 1.1.0");
    assert_eq!(subject(&["alpha-one", "beta-two", "gamma-three"]), "Update alpha-one, beta-two, gamma-three");
    let long = "x".repeat(40);
    assert_eq!(subject(&[&long, "beta-two", "gamma-three-gamma-three-gamma-three"]), "Update 3 applications");
}
