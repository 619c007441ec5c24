//! What the demonstration plays with: three small applications, their policies and the settings.

use std::net::SocketAddr;

/// One application: an image, a policy, a file of the config repository.
pub(super) struct Application {
    /// The image's repository in the registry.
    pub image: &'static str,
    /// The tags that are there at the start.
    pub tags: &'static [&'static str],
    /// The tags that appear while we watch, a list for each scan.
    pub news: [&'static [&'static str]; 2],
    /// The policy's file name.
    pub policy_file: &'static str,
    /// The policy; `REGISTRY` stands for the registry's address.
    pub policy: &'static str,
    /// The path in the config repository.
    pub file: &'static str,
    /// The file; `REGISTRY` stands for the registry's address.
    pub content: &'static str,
}

/// A plain manifest, a kustomization and Helm values, each with the order that suits its tags.
pub(super) const APPLICATIONS: [Application; 3] = [
    Application {
        image: "shop/web",
        tags: &["1.4.0", "1.4.1", "latest"],
        news: [&["1.5.0", "1.6.0-rc.1"], &["2.0.0", "1.5.1"]],
        policy_file: "web.yaml",
        policy: "\
name: web
image: REGISTRY/shop/web
select:
  semver: 1.x          # 2.0.0 needs a person's decision
",
        file: "apps/web/deployment.yaml",
        content: "\
# The shop's front end. Owners: team-web
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 3

  template:
    spec:
      containers:
        - name: web
          image: 'REGISTRY/shop/web:1.4.1'   # automator: web
          ports:
            - containerPort: 8080
",
    },
    Application {
        image: "shop/api",
        tags: &["main-101-4f2a9c1", "main-102-b81d07e"],
        news: [&["main-103-0c55e2f", "feature-900-aaaaaaa"], &["main-1000-9d31b6a"]],
        policy_file: "api.yaml",
        policy: "\
name: api
image: REGISTRY/shop/api
tags:
  include: '^main-(?<build>[0-9]+)-[0-9a-f]{7}$'
  extract: '$build'
select:
  numeric: highest     # build 1000 comes after build 999
",
        file: "apps/api/kustomization.yaml",
        content: "\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - ../base
images:
  - name: api
    newName: REGISTRY/shop/api
    newTag: main-102-b81d07e # {\"$imagepolicy\": \"shop:api:tag\"}
",
    },
    Application {
        image: "shop/jobs",
        tags: &["2026-10-30", "2026-11-02"],
        news: [&["2026-11-19"], &[]],
        policy_file: "jobs.yaml",
        policy: "\
name: jobs
image: REGISTRY/shop/jobs
tags:
  include: '^\\d{4}-\\d{2}-\\d{2}$'
select:
  alphabetical: last   # the latest day
",
        file: "apps/jobs/values.yaml",
        content: "\
image:
  repository: REGISTRY/shop/jobs
  tag: \"2026-11-02\"    # automator: jobs:tag
  digest: \"\"           # automator: jobs:digest

schedule: \"0 3 * * *\"
",
    },
];

/// Returns the settings file; its paths count from its own folder.
pub(super) fn settings(registry: SocketAddr) -> String {
    format!(
        "\
policies: policies/
repositories:
  - name: config
    url: config.git
    branch: main
    author: {{ name: Deployment Automator, email: automator@example.com }}
    signing: {{ format: ssh, keyFile: signing_key }}
registries:
  - host: {registry}
    plainHttp: true
"
    )
}
