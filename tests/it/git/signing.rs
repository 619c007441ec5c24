//! Signatures, judged by `git verify-commit` and `ssh-keygen`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use deployment_automator::git::{GitError, Pushed, SignError, Signer};

use super::{draft, edit, open};
use crate::support::bare::{Bare, git_command};

/// Makes a key by `ssh-keygen` and returns its file.
fn make_key(folder: &Path, arguments: &[&str], passphrase: &str) -> PathBuf {
    let file = folder.join(format!("key-{}-{}", arguments.concat(), passphrase.len()));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-C", "a comment", "-N", passphrase, "-f"])
        .arg(&file)
        .args(arguments)
        .output()
        .expect("ssh-keygen is needed: apt-get install openssh-client");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    file
}

fn signer(file: &Path, passphrase: Option<&[u8]>) -> Result<Signer, SignError> {
    Signer::ssh(&fs::read(file).unwrap(), passphrase)
}

/// Pushes a commit signed by the key in `file` and has Git verify it.
#[track_caller]
fn check(arguments: &[&str], passphrase: &str) {
    let bare = Bare::with(&[("a", "1")]);
    let file = make_key(bare.folder(), arguments, passphrase);
    let signer = signer(&file, (!passphrase.is_empty()).then_some(passphrase.as_bytes())).unwrap();
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let new = remote.commit(parent, &[edit("a", "2")], &draft("subject\n\nKey: value\n"), Some(&signer)).unwrap();
    assert_eq!(remote.push(parent, new).unwrap(), Pushed::Done);

    let allowed = bare.folder().join("allowed_signers");
    fs::write(&allowed, format!("automator@example.com {}\n", signer.public_key())).unwrap();
    let option = format!("gpg.ssh.allowedSignersFile={}", allowed.display());
    let verified = bare.try_git(&["-c", &option, "verify-commit", "--verbose", "main"]);
    let words = String::from_utf8_lossy(&[verified.stdout, verified.stderr].concat()).into_owned();
    assert!(verified.status.success(), "{words}");
    assert!(words.contains("Good \"git\" signature for automator@example.com"), "{words}");
    assert!(words.contains(&signer.fingerprint()), "{words}");
    bare.assert_sound();
}

#[test]
fn git_accepts_signatures_of_every_kind_of_key() {
    check(&["-t", "ed25519"], "");
    check(&["-t", "ecdsa", "-b", "256"], "");
    check(&["-t", "ecdsa", "-b", "384"], "");
}

#[test]
fn git_accepts_signatures_of_encrypted_keys() {
    check(&["-t", "ed25519", "-a", "1"], "correct horse");
    check(&["-t", "ecdsa", "-b", "256", "-a", "1"], "correct horse");
    check(&["-t", "ecdsa", "-b", "384", "-a", "1"], "correct horse");
}

#[test]
fn a_signed_commit_is_byte_for_byte_what_git_makes() {
    let bare = Bare::with(&[("a", "1")]);
    let file = make_key(bare.folder(), &["-t", "ed25519"], "");
    let signer = signer(&file, None).unwrap();
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let ours = remote.commit(parent, &[edit("a", "2")], &draft("subject\n\nbody\n"), Some(&signer)).unwrap();

    let tree = bare.git(&["rev-parse", &format!("{ours}^{{tree}}")]);
    let key = format!("user.signingKey={}", file.display());
    let options = ["-c", "gpg.format=ssh", "-c", &key, "commit-tree", "-S", "-p", &parent.to_string(), &tree];
    let mut git = git_command(&bare.path(), &options);
    for role in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{role}_NAME"), "Automator").env(format!("GIT_{role}_EMAIL"), "automator@example.com");
        git.env(format!("GIT_{role}_DATE"), format!("{} +0100", draft("").seconds));
    }
    let theirs = git.args(["-m", "subject", "-m", "body"]).output().unwrap();
    assert_eq!(String::from_utf8(theirs.stdout).unwrap().trim(), ours.to_string());
}

#[test]
fn a_key_that_cannot_sign_is_refused_with_its_reason() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str]| signer(&make_key(folder.path(), arguments, ""), None).unwrap_err().to_string();
    assert_eq!(refused(&["-t", "rsa", "-b", "2048"]), "signing keys of the kind ssh-rsa are not built yet");
    assert_eq!(
        refused(&["-t", "ecdsa", "-b", "521"]),
        "signing keys of the kind ecdsa-sha2-nistp521 are not built yet"
    );
    assert_eq!(
        refused(&["-t", "ecdsa", "-b", "256", "-m", "PEM"]),
        "the signing key is not a private key in OpenSSH's format"
    );
    let encrypted = make_key(folder.path(), &["-t", "ed25519", "-a", "1"], "correct horse");
    assert_eq!(signer(&encrypted, None).unwrap_err(), SignError::PassphraseNeeded);
    assert_eq!(signer(&encrypted, Some(b"battery staple")).unwrap_err(), SignError::WrongPassphrase);
    let public = encrypted.with_extension("pub");
    assert_eq!(signer(&public, None).unwrap_err(), SignError::NotAPrivateKey);
}

#[test]
fn a_key_file_may_have_lost_its_last_line_end_or_gained_carriage_returns() {
    let folder = tempfile::tempdir().unwrap();
    let file = make_key(folder.path(), &["-t", "ed25519"], "");
    let text = fs::read_to_string(&file).unwrap();
    let expected = fs::read_to_string(file.with_extension("pub")).unwrap();
    for text in [text.trim_end().to_owned(), format!("\n{text}\n"), text.replace('\n', "\r\n")] {
        let signer = Signer::ssh(text.as_bytes(), Some(b"unused")).unwrap();
        assert_eq!(format!("{} a comment\n", signer.public_key()), expected);
    }
}

#[test]
fn a_damaged_key_is_refused_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = make_key(folder.path(), &["-t", "ed25519"], "");
    let text = fs::read(&file).unwrap().trim_ascii_end().to_vec();
    for at in 0..text.len() {
        let mut damaged = text.clone();
        damaged[at] = if damaged[at] == b'A' { b'B' } else { b'A' };
        // The comment and the padding of base64 are not part of what signs.
        if let Err(error) = Signer::ssh(&damaged, None) {
            let words = format!("{error} {error:?} {}", error.remedy());
            let body = String::from_utf8_lossy(&text).lines().nth(3).unwrap().to_owned();
            assert!(!words.contains(&body), "{words}");
        }
        assert!(Signer::ssh(&text[..at], None).is_err(), "cut at {at}");
    }
    let signer = signer(&file, None).unwrap();
    assert_eq!(format!("{signer:?}"), format!("Signer({:?})", signer.fingerprint()));
}

#[test]
fn a_flipped_byte_is_noticed_by_git() {
    let bare = Bare::with(&[("a", "1")]);
    let file = make_key(bare.folder(), &["-t", "ed25519"], "");
    let signer = signer(&file, None).unwrap();
    let remote = open(&bare);
    let parent = remote.tip().unwrap();
    let new = remote.commit(parent, &[edit("a", "2")], &draft("subject\n"), Some(&signer)).unwrap();
    let forged = bare.git(&["cat-file", "commit", &new.to_string()]).replace("subject", "Subject") + "\n";
    let forged = bare.git_with_input(&["hash-object", "-t", "commit", "-w", "--stdin"], forged.as_bytes());
    let allowed = bare.folder().join("allowed_signers");
    fs::write(&allowed, format!("automator@example.com {}\n", signer.public_key())).unwrap();
    let option = format!("gpg.ssh.allowedSignersFile={}", allowed.display());
    assert!(!bare.try_git(&["-c", &option, "verify-commit", &forged]).status.success());
    assert!(bare.try_git(&["-c", &option, "verify-commit", &new.to_string()]).status.success());
}

#[test]
fn sign_errors_reach_the_caller_as_git_errors() {
    let error = GitError::from(SignError::PassphraseNeeded);
    assert_eq!(error.remedy(), "set signing.passphraseFile");
    assert!(!error.is_unavailable());
}
