//! The `Link` header of a page of tags.

/// The longest query of a next page that is followed, in bytes: cursors of registries stay far below.
const QUERY_BYTES_MAX: usize = 4096;

/// What a page says about the next one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// There is one, and this query finds it.
    Query(String),
    /// There is one, and nothing says how to ask for it.
    Unusable,
}

/// Finds the next page in the `Link` headers (RFC 8288) of a page.
///
/// Of the target only the query is taken, for our own address: registries behind proxies name hosts, ports and
/// paths that nobody can reach, and hostile ones name servers that are none of their business.
pub(super) fn next<'h>(headers: impl Iterator<Item = &'h str>) -> Option<Next> {
    headers.flat_map(links).find(|(_, parameters)| is_next(parameters)).map(|(target, _)| {
        let target = target.split('#').next().unwrap_or_default();
        match target.split_once('?') {
            Some((_, query)) if !query.is_empty() && query.len() <= QUERY_BYTES_MAX => Next::Query(query.to_owned()),
            _ => Next::Unusable,
        }
    })
}

/// Returns the links of a header: each target with its parameters. A header without `<…>` is one link up to its
/// first `;` (old releases of Quay write it so).
fn links(header: &str) -> Vec<(&str, &str)> {
    if !header.contains('<') {
        return vec![header.split_once(';').unwrap_or((header, ""))];
    }
    let parts = header.split('<').skip(1);
    parts.filter_map(|part| part.split_once('>')).collect()
}

/// Returns whether the parameters of a link say `rel=next`, alone or among other relations, quoted or not.
fn is_next(parameters: &str) -> bool {
    let mut pairs = parameters.split([';', ',']).filter_map(|pair| pair.split_once('='));
    pairs.any(|(name, value)| {
        let relations = value.trim().trim_matches('"');
        name.trim().eq_ignore_ascii_case("rel")
            && relations.split_ascii_whitespace().any(|relation| relation.eq_ignore_ascii_case("next"))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(headers: &[&str]) -> String {
        match next(headers.iter().copied()) {
            Some(Next::Query(query)) => query,
            Some(Next::Unusable) => "unusable".to_owned(),
            None => "none".to_owned(),
        }
    }

    #[test]
    fn only_the_query_of_a_next_page_is_taken() {
        assert_eq!(check(&[r#"</v2/app/tags/list?last=b&n=2>; rel="next""#]), "last=b&n=2");
        assert_eq!(check(&[r#"<https://evil.example/x?last=b>; rel="next""#]), "last=b");
        assert_eq!(check(&[r#"<http://169.254.169.254/latest?a=1#frag>; rel="next""#]), "a=1");
        assert_eq!(check(&[r"<?next_page=gAAA%3D%3D>;rel=next"]), "next_page=gAAA%3D%3D");
    }

    #[test]
    fn relations_are_read_as_registries_write_them() {
        assert_eq!(check(&[r#"<?a=1>; rel="prev", <?b=2>; title="x"; REL="last NEXT""#]), "b=2");
        assert_eq!(check(&[r#"<?a=1>; rel="first""#, r"<?b=2>; rel=next"]), "b=2");
        assert_eq!(check(&[r#"/v2/app/tags/list?next_page=c; rel="next""#]), "next_page=c");
    }

    #[test]
    fn a_page_without_a_next_one_is_the_last() {
        assert_eq!(check(&[]), "none");
        assert_eq!(check(&["", "<", "<?a=1>", r#"<?a=1>; rel="prev""#, r#"<?a=1>; title="next""#]), "none");
    }

    #[test]
    fn a_next_page_without_a_query_cannot_be_asked_for() {
        assert_eq!(check(&[r#"<https://registry.example/v2/app/tags/list>; rel="next""#]), "unusable");
        assert_eq!(check(&[r#"<?>; rel="next""#]), "unusable");
        assert_eq!(check(&[&format!(r#"<?{}>; rel="next""#, "x".repeat(QUERY_BYTES_MAX + 1))]), "unusable");
    }

    proptest! {
        #[test]
        fn no_header_is_too_odd_to_read(header in r#"[<>;,="?#a-z ]{0,60}"#) {
            if let Some(Next::Query(query)) = next([header.as_str()].into_iter()) {
                prop_assert!(header.contains(&query) && !query.contains('#'));
            }
        }
    }
}
