//! Certificates for loopback, made by openssl.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// An authority that nobody knows, in a folder of its own that goes with it.
pub(crate) struct Authority {
    folder: tempfile::TempDir,
}

/// A server's certificate and key.
pub(crate) struct Certificate {
    pub(crate) certificate: PathBuf,
    pub(crate) key: PathBuf,
}

/// How `openssl ca` is to work: without a database that matters.
const CONFIG: &str = "[ca]\ndefault_ca = d\n[d]\ndatabase = issued\nnew_certs_dir = .\nrand_serial = yes\n\
    unique_subject = no\ndefault_md = sha256\npolicy = p\n[p]\ncommonName = supplied\n";

impl Authority {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("ca.cnf"), CONFIG).unwrap();
        std::fs::write(folder.path().join("issued"), "").unwrap();
        let arguments = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -keyout ca.key -out ca.pem \
            -days 2 -subj /CN=authority -addext basicConstraints=critical,CA:TRUE";
        openssl(folder.path(), arguments);
        Self { folder }
    }

    /// Returns the authority's own certificate, for `caFile`.
    pub(crate) fn certificate(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    /// Returns the authority's own certificate and key as if they were a server's.
    pub(crate) fn own(&self) -> Certificate {
        Certificate { certificate: self.certificate(), key: self.folder.path().join("ca.key") }
    }

    /// Issues a certificate for a name such as `IP:127.0.0.1`, valid from 2020 to `until` (`YYYYMMDDHHMMSSZ`).
    pub(crate) fn issue(&self, name: &str, until: &str) -> Certificate {
        let folder = self.folder.path();
        let file = |ending: &str| folder.join(format!("{until}{name}.{ending}"));
        std::fs::write(folder.join("names"), format!("subjectAltName={name}\n")).unwrap();
        let request =
            "req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -out server.csr -subj /CN=server";
        openssl(folder, &format!("{request} -keyout {}", file("key").display()));
        let sign = "ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in server.csr -extfile names \
            -startdate 20200101000000Z";
        openssl(folder, &format!("{sign} -enddate {until} -out {}", file("pem").display()));
        Certificate { certificate: file("pem"), key: file("key") }
    }
}

/// Runs openssl in a folder.
pub(super) fn openssl(folder: &Path, arguments: &str) {
    let mut command = Command::new("openssl");
    command.current_dir(folder).args(arguments.split_whitespace()).stdin(Stdio::null());
    let output = command.output().expect("openssl is missing: apt-get install openssl");
    assert!(output.status.success(), "openssl {arguments}: {}", String::from_utf8_lossy(&output.stderr));
}
