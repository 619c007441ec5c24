#!/usr/bin/env bash
# Sets up what `make demo` or `make test` needs: `scripts/setup.sh demo|test`.
# Installs missing system packages where apt-get is there and may be used; else names them and ends with status 1.
set -euo pipefail

purpose=${1:-test}

# Debian package : program that shows that it is there.
needed=(gcc:cc)
if [ "$purpose" = test ]; then
    needed+=(git:git openssh-client:ssh-keygen docker-registry:docker-registry openssl:openssl gzip:gzip python3:python3)
fi

missing=()
for entry in "${needed[@]}"; do
    command -v "${entry##*:}" >/dev/null 2>&1 || missing+=("${entry%%:*}")
done
if [ "$purpose" = test ] && ! /usr/bin/python3 -c 'import yaml' >/dev/null 2>&1; then
    missing+=(python3-yaml)
fi

if ! command -v cargo >/dev/null 2>&1; then
    echo "setup: cargo is missing; install Rust 1.95 or newer (https://rustup.rs), then run this again" >&2
    exit 1
fi
[ ${#missing[@]} -eq 0 ] && exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
fi
if ! command -v apt-get >/dev/null 2>&1 || ! "${as_root[@]}" true 2>/dev/null; then
    echo "setup: missing, and not installable from here: ${missing[*]} (names of Debian's packages)" >&2
    echo "setup: install them with your system's package manager, then run this again" >&2
    exit 1
fi
echo "setup: installing ${missing[*]}" >&2
export DEBIAN_FRONTEND=noninteractive
"${as_root[@]}" apt-get update -qq >&2
"${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
