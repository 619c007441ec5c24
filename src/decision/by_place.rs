//! Tests of the decisions that depend on what a place holds: `likeCurrent` and `guard.maxJump`, in one line a case.

use expect_test::expect;

use super::tests::{check, current, policy, tags};
use super::*;

const NGINX: &str = "1.24.0 1.25.0-alpine 1.25.2-alpine 1.25.2-alpine3.18 1.26.0-alpine 1.26.0-alpine3.19 1.26.1-rc1-alpine 2.0.0-alpine stable-alpine 1.26 5512.0.0-alpine v1.26.9-alpine";

#[test]
fn the_tag_in_git_says_what_is_followed() {
    let like = "likeCurrent: minor";
    check(
        like,
        "",
        NGINX,
        "1.25.0-alpine",
        &expect!["1.26.0-alpine Update: highest of 3 tags like 1.25.0-alpine, likeCurrent: minor"],
    );
    check(
        like,
        "",
        NGINX,
        "1.25.2-alpine3.18",
        &expect!["1.25.2-alpine3.18 UpToDate: already the only tag like 1.25.2-alpine3.18, likeCurrent: minor"],
    );
    check(like, "", NGINX, "1.24.0", &expect!["1.24.0 UpToDate: already the only tag like 1.24.0, likeCurrent: minor"]);
    check(
        "likeCurrent: patch",
        "",
        NGINX,
        "1.25.0-alpine",
        &expect!["1.25.2-alpine Update: highest of 2 tags like 1.25.0-alpine, likeCurrent: patch"],
    );
    check(
        "likeCurrent: major",
        "",
        NGINX,
        "1.25.0-alpine",
        &expect!["2.0.0-alpine Update: highest of 4 tags like 1.25.0-alpine, likeCurrent: major"],
    );
}

#[test]
fn a_place_with_nothing_to_follow_gets_nothing_and_says_why() {
    let like = "likeCurrent: major";
    check(like, "", NGINX, "", &expect!["- NothingQualifies: the place holds no tag that likeCurrent could follow"]);
    check(
        like,
        "",
        NGINX,
        "latest",
        &expect!["- NothingQualifies: current latest has no number that likeCurrent could follow"],
    );
    check(
        like,
        "",
        NGINX,
        "sha-abc1234",
        &expect!["- NothingQualifies: current sha-abc1234 has no number that likeCurrent could follow"],
    );
    check(
        like,
        "tags: { include: '-alpine$' }",
        NGINX,
        "1.24.0",
        &expect![
            "- NothingQualifies: the filter does not include current 1.24.0, so that likeCurrent cannot follow it"
        ],
    );
    check(
        like,
        "",
        NGINX,
        "jdk-17.0.1",
        &expect!["- NothingQualifies: no tag is like jdk-17.0.1, likeCurrent: major, among 12 tags"],
    );
    check(
        like,
        "",
        "",
        "1.2.3",
        &expect!["- NothingQualifies: no tag is like 1.2.3, likeCurrent: major, among 0 tags"],
    );
}

#[test]
fn a_tag_that_is_gone_is_no_reason_to_go_down() {
    let gone = "likeCurrent: minor";
    check(
        gone,
        "",
        NGINX,
        "1.27.0-alpine",
        &expect![
            "- Kept(Downgrade): current 1.27.0-alpine is above the highest allowed 1.26.0-alpine; guard.downgrade refuses to go back"
        ],
    );
    check(
        gone,
        "",
        NGINX,
        "1.25.1-alpine",
        &expect!["1.26.0-alpine Update: highest of 3 tags like 1.25.1-alpine, likeCurrent: minor"],
    );
    check(
        gone,
        "guard: { downgrade: allow }",
        NGINX,
        "1.27.0-alpine",
        &expect!["1.26.0-alpine Update: highest of 3 tags like 1.27.0-alpine, likeCurrent: minor"],
    );
    check(
        gone,
        "guard: { downgrade: allow }",
        NGINX,
        "3.0.0-alpine",
        &expect!["- NothingQualifies: no tag is like 3.0.0-alpine, likeCurrent: minor, among 12 tags"],
    );
}

#[test]
fn an_equal_tag_of_another_commit_is_not_written() {
    check(
        "likeCurrent: minor",
        "",
        "1.2.3-abc1234 1.2.3-def5678 1.2.2-abc1234",
        "1.2.3-fff0000",
        &expect![
            "- Kept(Equal): current 1.2.3-fff0000 equals the best, 1.2.3-abc1234, in order; an equal value is not written"
        ],
    );
}

#[test]
fn what_is_extracted_is_followed() {
    let filter = "tags: { include: '^web-(?<rest>.*)$', exclude: 'debug', extract: $rest }";
    check(
        "likeCurrent: minor",
        filter,
        "web-1.2.0 web-1.3.0 web-1.4.0-debug api-1.9.0",
        "web-1.2.0",
        &expect!["web-1.3.0 Update: highest of 2 tags like web-1.2.0, likeCurrent: minor"],
    );
}

const PODINFO: &str = "4.0.0 5.9.0 6.0.0 6.0.3 6.1.0 7.0.0 7.0.1 latest";

#[test]
fn the_best_within_the_jump_is_taken() {
    let (range, minor) = ("semver: '>=5'", "guard: { maxJump: minor }");
    check(range, minor, PODINFO, "6.0.0", &expect![[r#"6.1.0 Update: highest of 3 tags in ">=5", maxJump: minor"#]]);
    check(
        range,
        "guard: { maxJump: patch }",
        PODINFO,
        "6.0.0",
        &expect![[r#"6.0.3 Update: highest of 2 tags in ">=5", maxJump: patch"#]],
    );
    check(
        range,
        "guard: { maxJump: major }",
        PODINFO,
        "6.0.0",
        &expect![[r#"7.0.1 Update: highest of 6 tags in ">=5", maxJump: major"#]],
    );
    check(
        range,
        minor,
        PODINFO,
        "6.1.0",
        &expect![[r#"6.1.0 UpToDate: already the highest of 3 tags in ">=5", maxJump: minor"#]],
    );
}

#[test]
fn without_a_tag_within_the_jump_the_place_stays() {
    let (range, minor) = ("semver: '>=5'", "guard: { maxJump: minor }");
    check(
        range,
        minor,
        PODINFO,
        "4.0.0",
        &expect!["- Kept(MaxJump): every allowed tag is further from 4.0.0 than maxJump: minor; the best is 7.0.1"],
    );
    check(
        range,
        minor,
        PODINFO,
        "6.2.0",
        &expect![
            "- Kept(Downgrade): current 6.2.0 is above the highest allowed 6.1.0; guard.downgrade refuses to go back"
        ],
    );
    check(
        range,
        minor,
        PODINFO,
        "9.0.0",
        &expect![
            "- Kept(Downgrade): current 9.0.0 is above the highest allowed 7.0.1; guard.downgrade refuses to go back"
        ],
    );
    check(
        range,
        "guard: { maxJump: minor, downgrade: allow }",
        PODINFO,
        "9.0.0",
        &expect!["- Kept(MaxJump): every allowed tag is further from 9.0.0 than maxJump: minor; the best is 7.0.1"],
    );
    check(
        range,
        "guard: { maxJump: minor, downgrade: allow }",
        PODINFO,
        "6.9.0",
        &expect![[r#"6.1.0 Update: highest of 3 tags in ">=5", maxJump: minor"#]],
    );
}

#[test]
fn before_the_first_release_a_jump_counts_plain_numbers() {
    let tags = "0.1.0 0.1.5 0.2.0 1.0.0";
    check(
        "semver: '*'",
        "guard: { maxJump: patch }",
        tags,
        "0.1.0",
        &expect![[r#"0.1.5 Update: highest of 2 tags in "*", maxJump: patch"#]],
    );
    check(
        "semver: '*'",
        "guard: { maxJump: minor }",
        tags,
        "0.1.0",
        &expect![[r#"0.2.0 Update: highest of 3 tags in "*", maxJump: minor"#]],
    );
}

#[test]
fn what_the_policy_cannot_read_has_no_distance() {
    for holds in ["", "latest", "6"] {
        check(
            "semver: '>=5'",
            "guard: { maxJump: patch }",
            PODINFO,
            holds,
            &expect![[r#"7.0.1 Update: highest of 6 tags in ">=5""#]],
        );
    }
}

#[test]
fn the_lower_of_two_limits_counts() {
    check(
        "likeCurrent: major",
        "guard: { maxJump: minor }",
        PODINFO,
        "6.0.0",
        &expect!["6.1.0 Update: highest of 3 tags like 6.0.0, likeCurrent: major, maxJump: minor"],
    );
    check(
        "likeCurrent: patch",
        "guard: { maxJump: minor }",
        PODINFO,
        "6.0.0",
        &expect!["6.0.3 Update: highest of 2 tags like 6.0.0, likeCurrent: patch, maxJump: minor"],
    );
}

/// Returns the verdicts of the tags, the best first, as the one place that holds `holds` sees them.
fn verdicts(select: &str, more: &str, listed: &str, holds: &str) -> String {
    let (policy, listed) = (policy(select, more), tags(listed));
    let explanation = explain(&policy, &listed, &[current(holds)]);
    let rows = explanation.tables[0].rows.iter();
    rows.map(|row| format!("{}: {}\n", row.tag, row.verdict.phrase(&policy))).collect()
}

#[test]
fn every_tag_has_its_verdict_in_view_of_the_place() {
    expect![[r#"
        2.0.0-alpine: outside of likeCurrent: minor
        1.26.0-alpine: chosen
        1.25.2-alpine: lower than the best
        1.25.0-alpine: lower than the best
        1.24.9-alpine: excluded by '^1.24'
        1.2-alpine: another number of parts
        1.24.0: excluded by '^1.24'
        1.25.2-alpine3.18: another suffix
        1.26: another number of parts
        1.26.0-alpine3.19: another suffix
        1.26.1-rc1-alpine: pre-release; the current is none
        20.04.1-alpine: another numbering scheme
        5512.0.0-alpine: another numbering scheme
        stable-alpine: no number that counts
        v1.26.9-alpine: another prefix
    "#]]
    .assert_eq(&verdicts(
        "likeCurrent: minor",
        "tags: { exclude: '^1.24' }",
        &format!("{NGINX} 20.04.1-alpine 1.2-alpine 1.24.9-alpine"),
        "1.25.0-alpine",
    ));
}

#[test]
fn every_tag_has_its_verdict_in_view_of_the_jump() {
    expect![[r#"
        7.0.1: beyond maxJump: minor
        7.0.0: beyond maxJump: minor
        6.1.0: chosen
        6.0.3: lower than the best
        6.0.0: lower than the best
        5.9.0: lower than the best
        4.0.0: outside of >=5
        latest: not a version
    "#]]
    .assert_eq(&verdicts("semver: '>=5'", "guard: { maxJump: minor }", PODINFO, "6.0.0"));
    expect![[r#"
        7.0.1: below the current value
        7.0.0: lower than the best
        6.1.0: lower than the best
        6.0.3: lower than the best
        6.0.0: lower than the best
        5.9.0: lower than the best
        4.0.0: outside of >=5
        latest: not a version
    "#]]
    .assert_eq(&verdicts("semver: '>=5'", "guard: { maxJump: minor }", PODINFO, "9.0.0"));
    expect![[r#"
        7.0.1: beyond maxJump: minor
        7.0.0: beyond maxJump: minor
        6.1.0: beyond maxJump: minor
        6.0.3: beyond maxJump: minor
        6.0.0: beyond maxJump: minor
        5.9.0: beyond maxJump: minor
        4.0.0: outside of >=5
        latest: not a version
    "#]]
    .assert_eq(&verdicts("semver: '>=5'", "guard: { maxJump: minor, downgrade: allow }", PODINFO, "9.0.0"));
    expect![[r#"
        7.0.1: chosen
        7.0.0: lower than the best
        6.1.0: lower than the best
        6.0.3: lower than the best
        6.0.0: lower than the best
        5.9.0: lower than the best
        4.0.0: outside of >=5
        latest: not a version
    "#]]
    .assert_eq(&verdicts("semver: '>=5'", "guard: { maxJump: minor }", PODINFO, "latest"));
    expect![[r#"
        4.0.0: nothing to be like
        5.9.0: nothing to be like
        6.0.0: nothing to be like
        6.0.3: nothing to be like
        6.1.0: nothing to be like
        7.0.0: nothing to be like
        7.0.1: nothing to be like
        latest: nothing to be like
    "#]]
    .assert_eq(&verdicts("likeCurrent: minor", "", PODINFO, "latest"));
}
