//! Signatures of commits with an SSH key, as `git` makes them with `gpg.format=ssh`.
//!
//! This file alone names the SSH key library. It takes ed25519 and the two common curves of ECDSA. RSA is refused: the
//! only Rust implementation has an open fault that lets private keys leak by timing (RUSTSEC-2023-0071). So are keys
//! that live in a device or an agent.

use std::fmt;

use ssh_key::{Algorithm, EcdsaCurve, HashAlg, Kdf, LineEnding, PrivateKey, SshSig};

/// What Git signs commits for: a signature made for another purpose is none here, and the reverse.
const NAMESPACE: &str = "git";

/// Bytes of a key file: keys of the accepted kinds have less than 1 KiB.
const KEY_BYTES_MAX: usize = 64 * 1024;

/// Rounds of the function that turns a passphrase into a key: 1,000 take some ten seconds, and 16 or 24 are usual.
const ROUNDS_MAX: u32 = 1000;

const PRIVATE_KEY_LABEL: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";

/// A key that signs commits. What it holds is overwritten when it is dropped, and never printed.
pub struct Signer {
    key: PrivateKey,
}

/// Why nothing can be signed. Never shows any part of the key or the passphrase.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignError {
    /// The text is no private key in OpenSSH's format: a public key, PEM, or something else.
    #[error("the signing key is not a private key in OpenSSH's format")]
    NotAPrivateKey,
    /// The text says that it is a private key, and is not.
    #[error("the signing key is damaged")]
    Damaged,
    /// A key of another kind.
    #[error("signing keys of the kind {kind} are not built yet")]
    NotBuiltYet {
        /// The kind, as in the public key.
        kind: Box<str>,
    },
    /// The key is encrypted.
    #[error("the signing key is encrypted, and there is no passphrase for it")]
    PassphraseNeeded,
    /// The passphrase does not open the key.
    #[error("the passphrase does not open the signing key")]
    WrongPassphrase,
    /// Opening the key would take minutes.
    #[error("the signing key is encrypted with {rounds} rounds; at most {max} are made")]
    TooManyRounds {
        /// The rounds that the key asks for.
        rounds: u32,
        /// The bound.
        max: u32,
    },
    /// A signature could not be made, or did not hold when it was checked.
    #[error("the signing key made no valid signature")]
    Failed,
}

impl SignError {
    /// Returns what to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::NotAPrivateKey => {
                "give the private key file (not the .pub); rewrite an older format with `ssh-keygen -p -f FILE`"
            }
            Self::Damaged => "restore the key file, or make a new key with `ssh-keygen -t ed25519`",
            Self::NotBuiltYet { .. } => "make a key with `ssh-keygen -t ed25519`",
            Self::PassphraseNeeded => "set signing.passphraseFile",
            Self::WrongPassphrase => "check the file of signing.passphraseFile, down to a line end",
            Self::TooManyRounds { .. } => "encrypt the key anew with `ssh-keygen -p -a 24 -f FILE`",
            Self::Failed => "make a new key with `ssh-keygen -t ed25519`",
        }
    }
}

impl Signer {
    /// Reads a private key as `ssh-keygen` writes it: ed25519, or ECDSA on P-256 or P-384.
    ///
    /// An encrypted key is opened once, here; the passphrase of a key that is not encrypted is not looked at.
    pub fn ssh(private_key_openssh: &[u8], passphrase: Option<&[u8]>) -> Result<Self, SignError> {
        let text = std::str::from_utf8(private_key_openssh).map_err(|_| SignError::NotAPrivateKey)?.trim();
        if !text.starts_with(PRIVATE_KEY_LABEL) || text.len() > KEY_BYTES_MAX {
            return Err(SignError::NotAPrivateKey);
        }
        let key = PrivateKey::from_openssh(text).map_err(|_| SignError::Damaged)?;
        check_kind(&key.algorithm())?;
        let key = if key.is_encrypted() { decrypted(&key, passphrase)? } else { key };
        let signer = Self { key };
        signer.sign(b"a key that cannot sign is refused before it is needed")?;
        Ok(signer)
    }

    /// Returns the public key on one line, as in an allowed signers file after the name.
    pub fn public_key(&self) -> String {
        let key = ssh_key::PublicKey::from(self.key.public_key().key_data().clone());
        key.to_openssh().expect("because a key that was read can be written")
    }

    /// Returns the public key's fingerprint as `ssh-keygen -l` shows it: `SHA256:…`.
    pub fn fingerprint(&self) -> String {
        self.key.fingerprint(HashAlg::Sha256).to_string()
    }

    /// Returns the armoured signature of `message` for Git, which has been verified.
    pub(super) fn sign(&self, message: &[u8]) -> Result<String, SignError> {
        let signature = self.key.sign(NAMESPACE, HashAlg::Sha512, message).map_err(|_| SignError::Failed)?;
        self.key.public_key().verify(NAMESPACE, message, &signature).map_err(|_| SignError::Failed)?;
        signature.to_pem(LineEnding::LF).map_err(|_| SignError::Failed)
    }
}

/// Returns the fingerprint of the key that made `signature` over `message`; nothing if it fits not.
pub(super) fn signing_key(signature: &[u8], message: &[u8]) -> Option<String> {
    let signature = SshSig::from_pem(std::str::from_utf8(signature).ok()?).ok()?;
    let key = ssh_key::PublicKey::from(signature.public_key().clone());
    key.verify(NAMESPACE, message, &signature).ok()?;
    Some(key.fingerprint(HashAlg::Sha256).to_string())
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Signer").field(&self.fingerprint()).finish()
    }
}

fn check_kind(kind: &Algorithm) -> Result<(), SignError> {
    match kind {
        Algorithm::Ed25519 | Algorithm::Ecdsa { curve: EcdsaCurve::NistP256 | EcdsaCurve::NistP384 } => Ok(()),
        other => Err(SignError::NotBuiltYet { kind: other.as_str().into() }),
    }
}

fn decrypted(key: &PrivateKey, passphrase: Option<&[u8]>) -> Result<PrivateKey, SignError> {
    let passphrase = passphrase.ok_or(SignError::PassphraseNeeded)?;
    if let Kdf::Bcrypt { rounds, .. } = *key.kdf()
        && rounds > ROUNDS_MAX
    {
        return Err(SignError::TooManyRounds { rounds, max: ROUNDS_MAX });
    }
    key.decrypt(passphrase).map_err(|_| SignError::WrongPassphrase)
}
