use super::*;

fn show(text: &str) -> String {
    let Parsed { policies, findings } = parse("p.yaml", text.as_bytes());
    let policies = policies.iter().map(|policy| format!("{} at {}\n", policy.name, policy.position));
    let findings = findings.iter().map(|found| format!("{}: {}\n  {}\n", found.position, found.cause, found.remedy));
    policies.chain(findings).collect()
}

#[test]
fn explore() {
    let good = "name: a\nimage: nginx\nselect: { semver: '*' }\n";
    for extra in [
        "",
        "includ: x\n",
        "tag: {}\n",
        "tags:\n",
        "tags: {include: }\n",
        "tags: {include: 5}\n",
        "tags: {include: [a, 5, '(']}\n",
        "tags: []\n",
        "tags: {include: {a: b}}\n",
        "tags: { includ: x }\n",
        "name: b\n",
        "suspend: yes\n",
        "suspend:\n",
        "every: 5\n",
        "every: 300s\n",
        "every: [5m]\n",
        "namespace: \n",
        "namespace: 1.10\n",
        "write: []\n",
        "write: {}\n",
        "write: {path: x}\n",
        "write: [{paths: [apps/, b]}, {pin: digest}]\n",
        "write: x\n",
        "write: {find: image}\n",
        "guard: {downgrade: yes}\n",
        "guard: {maxJump: minor}\n",
        "cron: x\nwindows:\n",
        "write: {pin: tag@digest, paths: x}\n",
        "tags: &a {include: x}\nguard: *a\n",
        "tags: *b\n",
        "x: [\n",
        "\tx: y\n",
        "tags: {extract: $1}\n",
        "tags: {exclude: [], extract: ''}\n",
        "tags: !foo {include: x}\n",
    ] {
        println!("=== {extra}{}", show(&format!("{good}{extra}")));
    }
    for select in [
        "",
        "semver: 1.2",
        "semver: {range: 1.2}",
        "semver: {range: '1.2', loos: true}",
        "semver: {range: [1.2]}",
        "semver: {}",
        "numeric: higest",
        "numeric:",
        "numeric: highest, semver: '*'",
        "newest: created",
        "foo: bar",
        "semver: '>=1 <x.y.z'",
    ] {
        println!("=== {select}: {}", show(&format!("name: a\nimage: nginx\nselect: {{ {select} }}\n")));
    }
    println!("{}", show("name: a\n"));
    println!("{}", show("- a\n"));
    println!("{}", show("a"));
    println!("{}", show(""));
    println!("{}", show("# x\n---\n---\n# y\n...\n"));
    println!(
        "{}",
        show(
            "%YAML 1.2\n---\nname: a\nimage: nginx\nselect: {semver: '*'}\n...\n# c\n---\nname: b\nimage: nginx:1\nselect: {semver: '*'}\n--- # z\nname: c\nimage: nginx\nselect: {semver: '*'}\n"
        )
    );
    println!("{}", serde_json::to_string_pretty(&schema()).unwrap());
}
