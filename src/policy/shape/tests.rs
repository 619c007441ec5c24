//! Which tags go on where another stands: tables of what registries have.

use proptest::prelude::*;

use super::*;

/// Returns the tags that the current one admits, the best first; equal ones together.
fn following(current: &str, others: &str) -> String {
    let hash = hash_position(current, &others.split(' '));
    let read = |text: &str| Shape::read(text.to_owned(), hash);
    let Some(own) = read(current) else { return "nothing to follow".to_owned() };
    let mut alike: Vec<_> = others.split(' ').filter_map(read).filter(|other| own.admits(other).is_ok()).collect();
    alike.sort_by(|left, right| right.compare(left));
    alike.iter().map(|shape| &*shape.text).collect::<Vec<_>>().join(" ")
}

fn unlike(current: &str, other: &str) -> Option<Unlike> {
    let (own, other) = (Shape::read(current, None).unwrap(), Shape::read(other, None));
    other.map_or(Some(Unlike::NoNumber), |other| own.admits(&other).err())
}

#[test]
fn a_tag_is_taken_apart() {
    for (text, prefix, version, prerelease, suffix) in [
        ("1.2.3", "", "1.2.3", "", ""),
        ("v1.2.3-alpine3.19", "v", "1.2.3", "", "-alpine3.19"),
        ("jdk-11.0.2.7-alpine-slim", "jdk-", "11.0.2.7", "", "-alpine-slim"),
        ("7.4.0RC6-fpm-buster", "", "7.4.0", "RC6", "-fpm-buster"),
        ("3.7.0a1", "", "3.7.0", "a1", ""),
        ("1.2.3-alpine-rc.1", "", "1.2.3", "-rc.1", "-alpine"),
        ("1.2.3-beta-slim", "", "1.2.3", "-beta", "-slim"),
        ("3.0.0-M1", "", "3.0.0", "-M1", ""),
        ("21-ea-32", "", "21", "", "-ea-32"),
        ("17.0.1_12-jre", "", "17.0.1", "", "_12-jre"),
        ("8u292-b10", "", "8", "", "u292-b10"),
        ("main-abc1234-1700000000", "main-abc1234-", "1700000000", "", ""),
        ("v3.9.0-177-ged5bcde", "v", "3.9.0", "", "-177-ged5bcde"),
        ("1.2.3-0b055d8", "", "1.2.3", "", "-0b055d8"),
        ("2024-01-15", "", "2024-01-15", "", ""),
        ("2024_01", "", "2024_01", "", ""),
        ("2024-13-15", "", "2024", "", "-13-15"),
        ("RELEASE.2024-01-16T16-07-38Z", "RELEASE.", "2024-01-16", "", "T16-07-38Z"),
        ("ltsc2019-KB4480116-amd64", "ltsc2019-KB", "4480116", "", "-amd64"),
        ("arm64v8-2.0.1", "arm64v8-", "2.0.1", "", ""),
        ("x86_64-1.2.3", "x86_64-", "1.2.3", "", ""),
        ("build77", "build", "77", "", ""),
    ] {
        let shape = Shape::read(text, None).unwrap();
        let slice = |span: Span| shape.slice(span.from, span.to).to_owned();
        let whole = shape.text.len();
        let span = |from: u16, to: usize| slice(Span::new((from.into(), to)).unwrap());
        assert_eq!(span(0, shape.version.from.into()), prefix, "{text}");
        assert_eq!((&*slice(shape.version), &*slice(shape.prerelease)), (version, prerelease), "{text}");
        let rest = span(shape.version.to, shape.prerelease.from.into()) + &span(shape.prerelease.to, whole);
        assert_eq!(rest, suffix, "{text}");
    }
}

#[test]
fn what_has_no_number_that_counts_has_no_shape() {
    for text in ["latest", "artful", "sha-abc1234", "309403913c7f0848e6616446edec909b55d53571", "amd64", "alpine3", ""]
    {
        assert_eq!(Shape::read(text, None), None, "{text}");
    }
}

/// What Dependabot's own tests expect of its docker ecosystem, case by case.
#[test]
fn dependabots_cases() {
    for (current, others, expected) in [
        ("17.04", "12.10 16.04 17.04 17.10 artful latest", "17.10"),
        ("2.4.0-slim", "2.4 2.4.2 2.4-slim 2.5.0-slim 2.5-slim 2.4.2-slim 2.5.0-slim-stretch", "2.5.0-slim"),
        ("10.0.16299.1087", "10.0.17134.829 10.0.18362.175 10.0.18362.175_amd64 1903", "10.0.18362.175"),
        ("1803", "1803-KB4487017 1903-KB4505057 1903 1809", "1903"),
        ("1803-KB4487017", "1803-KB4503286 1903-KB4505057 1903", "1903-KB4505057"),
        ("7.4.0RC6-fpm-buster", "7.4.0RC6-fpm-buster 7.4.0RC5-fpm-buster 7.4.0beta4-fpm-buster", "7.4.0RC6-fpm-buster"),
        ("artful-20170826", "artful-20170916 xenial-20170915 zesty-20170915 17.10", "artful-20170916"),
        ("v1.5.0", "v1.6.0 v1.7.0-rc.1 1.8.0", "v1.6.0"),
        ("7.1-0.1", "7.2-0.1 7.2-0.3 7.2-0.3.1 7.2-0.3.0b055d8", "7.2-0.3"),
        ("v3.9.0-177-ged5bcde", "v3.9.0-178-g0000aaa v3.10.0-169-gfe040d3", "v3.10.0-169-gfe040d3"),
        (
            "jdk-11.0.2.7-alpine-slim",
            "jdk-11.0.2.9-alpine jdk-11.0.2.9-alpine-slim jdk-11.28",
            "jdk-11.0.2.9-alpine-slim",
        ),
        ("3.10-master-777", "3.10-master-999 3.10-develop-1000", "3.10-master-999"),
        ("11-jdk-master-111", "11-jdk-master-222 11-jre-master-333", "11-jdk-master-222"),
        ("21-ea-32", "22-ea-7 22-ea-7-windowsservercore-1809 21-ea-33-jdk", "22-ea-7"),
        (
            "22-ea-7-windowsservercore-1809",
            "22-ea-9-windowsservercore-1809 22-ea-9-windowsservercore-ltsc2022 22-ea-9-windowsservercore-2004",
            "22-ea-9-windowsservercore-1809",
        ),
        ("17.0.1_12-jre-alpine", "17.0.2_8-jre-alpine 17.0.2_8-jre 18_36-jre-alpine", "17.0.2_8-jre-alpine"),
        ("2.1.3", "2.10.0 2.9.2 2.10.0pre20220822_7c81cd1 2.11.0pre1", "2.10.0"),
        ("3.5", "3.6 3.6.3 3.7-rc 3.7.0a2", "3.6"),
        ("3.7.0a1", "3.7.0a2 3.8.0a1 3.6.3", "3.7.0a2"),
        ("8.5", "8.7 8.7-1049 8.7-923.1669829893", "8.7"),
        ("8.7-923", "8.7-1049 8.7-923.1669829893 8.6-2000", "8.7-1049"),
        ("3.6.2-alpine3.6", "3.6.3-alpine3.6 3.6.3-alpine3.7 3.6.3", "3.6.3-alpine3.6"),
        ("trusty-20170728", "trusty-20170817 xenial-20170915", "trusty-20170817"),
        ("v1.7.2", "v1.6.0 v0.9.1", "v1.6.0"),
    ] {
        let best = following(current, others);
        assert_eq!(best.split(' ').next(), Some(expected), "{current} among {others}");
    }
    assert_eq!(following("17.0.1_12-jre", "17.0.2.1_1-jre"), "", "another number of parts, which Dependabot takes");
}

/// Where Renovate's docker versioning is known to go wrong, and what is done here.
#[test]
fn renovates_known_holes() {
    assert_eq!(unlike("0.3.20", "v3.0.8"), Some(Unlike::Prefix), "the `v` is part of the shape");
    assert_eq!(following("7.4.0RC6", "7.4.0beta4 7.4.0RC5 7.4.0RC10"), "7.4.0RC10 7.4.0RC5 7.4.0beta4");
    assert_eq!(following("jdk-11.0.2", "jdk-11.0.10 jdk-11.0.9"), "jdk-11.0.10 jdk-11.0.9");
    assert_eq!(following("1.2.3-debian-11-r3", "1.2.3-debian-11-r10 1.3.0-debian-12-r0"), "1.2.3-debian-11-r10");
    assert_eq!(
        following("10.0.3-security-01", "10.0.3-security-02 10.0.4 10.0.4-security-01"),
        "10.0.4-security-01 10.0.3-security-02"
    );
    assert_eq!(following("0.102.1_base", "0.103.0_base 0.104.0"), "0.103.0_base");
    assert_eq!(following("1.0.0-dev.10", "1.1.0-dev.2 1.0.0-dev.11 1.1.0"), "1.1.0-dev.2 1.0.0-dev.11");
}

#[test]
fn zombies_are_of_another_scheme() {
    for (current, zombie, expected) in [
        ("1.6.1", "5512.0.0", Unlike::Scheme),
        ("1.3.2.3006", "1.8.1259", Unlike::Parts),
        ("5.1.2", "20.04.1", Unlike::Scheme),
        ("1.25.0", "20.04.1", Unlike::Scheme),
        ("3.19", "2024.01", Unlike::Scheme),
        ("3", "20240329", Unlike::Scheme),
        ("1.2.3", "2021.1.0", Unlike::Scheme),
        ("2024.1.5", "2024.01.15", Unlike::Scheme),
        ("20240115", "2024-01-16", Unlike::Parts),
        ("2024-01-15", "2024.01.16", Unlike::Parts),
        ("1.2.3", "version-1.2.4", Unlike::Prefix),
        ("1.2.3", "1.2.4-ls3", Unlike::Suffix),
    ] {
        assert_eq!(unlike(current, zombie), Some(expected), "{current} {zombie}");
    }
    for (current, other) in [
        ("9.0.1", "10.0.0"),
        ("0.9.1", "1.0.0"),
        ("99", "100"),
        ("7", "312"),
        ("20.04", "22.10"),
        ("22.10", "23.04"),
        ("2024.09", "2024.10"),
        ("1.2.3", "1.2.1000"),
        ("20231231", "20240101"),
    ] {
        assert_eq!(unlike(current, other), None, "{current} {other}");
    }
}

#[test]
fn a_prerelease_is_only_reached_from_one_of_its_own_version() {
    assert_eq!(unlike("1.2.2", "1.2.3-rc.1"), Some(Unlike::Prerelease));
    assert_eq!(unlike("1.2.2-alpine", "1.2.3-rc1-alpine"), Some(Unlike::Prerelease));
    assert_eq!(unlike("1.2.2-alpine", "1.2.3-alpine-rc1"), Some(Unlike::Prerelease));
    assert_eq!(unlike("1.2.3-rc.1", "1.3.0-rc.1"), Some(Unlike::OtherPrerelease));
    assert_eq!(unlike("1.2.3-rc.1", "1.2.3rc2"), Some(Unlike::Suffix));
    assert_eq!(
        following("1.2.3-alpha", "1.2.3-rc 1.2.3-alpha.2 1.2.3-alpha 1.3.0 1.2.3 1.2.3-beta.10 1.2.3-beta.9"),
        "1.3.0 1.2.3 1.2.3-rc 1.2.3-beta.10 1.2.3-beta.9 1.2.3-alpha.2 1.2.3-alpha"
    );
    assert_eq!(following("1.2.3-rc1-alpine", "1.2.3-alpine 1.2.3 1.2.3-rc2-alpine"), "1.2.3-alpine 1.2.3-rc2-alpine");
}

#[test]
fn numbers_are_exact_at_any_length() {
    let long = "9".repeat(60);
    assert_eq!(following(&format!("1.{long}"), &format!("1.1{long} 1.{long}")), format!("1.1{long} 1.{long}"));
    assert_eq!(following("main-1", "main-20240101000000001 main-3"), "main-3");
}

#[test]
fn hashes_are_ignored_wherever_they_stand() {
    assert_eq!(
        following("main-abc1234-1700000000", "main-1234567-1700000002 main-fffff00-1700000001 dev-abc1234-1800000000"),
        "main-1234567-1700000002 main-fffff00-1700000001"
    );
    assert_eq!(following("1.2.3-abc1234", "1.2.4-7654321 1.2.4-abc"), "1.2.4-7654321");
    // A hash of digits alone shows where other tags have one with letters.
    assert_eq!(
        following("main-9999999-1700000000", "main-1234567-1700000002 main-abc1234-1700000003"),
        "main-abc1234-1700000003 main-1234567-1700000002"
    );
    assert_eq!(following("main-1234567", "main-abcdef1 main-9876543"), "nothing to follow");
    assert_eq!(following("1234567", "abcdef1 0fedcba 9876543"), "nothing to follow");
    // Nothing shows it here, so that it is a number.
    assert_eq!(following("main-9999999-5", "main-1234567-7 dev-abc1234-8"), "main-1234567-7");
}

#[test]
fn a_ceiling_keeps_the_leading_numbers() {
    let within = |current: &str, other: &str| {
        let (own, next) = (Shape::read(current, None).unwrap(), Shape::read(other, None).unwrap());
        assert_eq!(own.admits(&next), Ok(()), "{current} {other}");
        [Jump::Patch, Jump::Minor, Jump::Major].into_iter().find(|jump| own.is_within(*jump, &next))
    };
    for (current, other, least) in [
        ("7", "8", Jump::Major),
        ("7-r1", "7-r2", Jump::Patch),
        ("1.2", "1.3", Jump::Minor),
        ("1.2", "2.0", Jump::Major),
        ("1.2-5", "1.2-6", Jump::Patch),
        ("1.2.3", "1.2.4", Jump::Patch),
        ("1.2.3", "1.3.0", Jump::Minor),
        ("1.2.3", "2.0.0", Jump::Major),
        ("0.1.0", "0.2.0", Jump::Minor),
        ("1.2.3.4", "1.2.3.5", Jump::Patch),
        ("1.2.3.4", "1.2.4.0", Jump::Patch),
        ("1.2.3.4", "1.3.0.0", Jump::Minor),
        ("2024-01-15", "2024-01-16", Jump::Patch),
        ("2024-01-15", "2024-02-01", Jump::Minor),
        ("2024.01.15", "2025.01.15", Jump::Major),
        ("20240115", "20240116", Jump::Major),
        ("main-1700000000", "main-1700000001", Jump::Major),
        ("1.2.3-rc.1", "1.2.3", Jump::Patch),
    ] {
        assert_eq!(within(current, other), Some(least), "{current} {other}");
    }
}

fn any_text() -> impl Strategy<Value = String> {
    "(v|jdk-|main-|)[0-9]{1,3}([.][0-9]{1,3}){0,3}(-rc[.]?[0-9]?|a[0-9]|)(-alpine3[.]1[0-9]|-[0-9]{1,2}|-r[0-9]|-[a-f0-9]{7}|)|[a-z0-9._-]{0,30}"
}

proptest! {
    #[test]
    fn every_shape_admits_itself_and_equals_itself(text in any_text()) {
        if let Some(shape) = Shape::read(&*text, None) {
            prop_assert_eq!(shape.admits(&shape), Ok(()));
            prop_assert!(shape.compare(&shape).is_eq());
            prop_assert!(shape.is_within(Jump::Patch, &shape));
        }
    }

    #[test]
    fn what_a_shape_admits_is_ordered(current in any_text(), others in prop::collection::vec(any_text(), 3)) {
        let Some(current) = Shape::read(current, None) else { return Ok(()) };
        let mut alike: Vec<_> = others.into_iter().filter_map(|text| Shape::read(text, None)).filter(|other| current.admits(other).is_ok()).collect();
        alike.push(current);
        for left in &alike {
            for right in &alike {
                prop_assert_eq!(left.compare(right), right.compare(left).reverse());
                for third in &alike {
                    if left.compare(right).is_le() && right.compare(third).is_le() {
                        prop_assert!(left.compare(third).is_le());
                    }
                }
            }
        }
    }

    #[test]
    fn no_text_makes_the_reader_fall_over(text in "\\PC{0,40}", hash in prop::option::of(0_usize..4)) {
        if let Some(shape) = Shape::read(&*text, hash) {
            prop_assert!(shape.parts().all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())));
        }
        let _ = hash_position(&text, &[text.as_str()].into_iter());
    }
}
