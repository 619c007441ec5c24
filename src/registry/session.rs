//! The requests for one list or one digest: each with the login that the registry wants.
//!
//! A registry is asked without a login until it has said which one it wants. To send Basic at once would save a request,
//! but ghcr.io answers it with 403 and says nothing more; what a registry wants is therefore learnt once for each host.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tracing::debug;

use crate::image::Repository;
use crate::net::{Credential, Response};

use super::challenge::{self, Wanted};
use super::exchange::{Answer, Ask, Fault, Host};
use super::refusal::{self, Asked};
use super::{RegistryError, Server};

/// How a registry wants to be logged in to.
pub(super) enum Way {
    /// With the user and the password, in every request.
    Basic,
    /// With a token.
    Token {
        /// What it last wanted one for, and from whom.
        wanted: Wanted,
        /// The path of the repository that this was about.
        path: Box<str>,
    },
}

/// The requests for one list or one digest.
pub(super) struct Session<'h> {
    pub(super) host: &'h Host,
    pub(super) repository: &'h Repository,
    /// The login as its files were at the start.
    credential: Option<Credential>,
    /// Whether a token that was thought to be good was refused.
    has_renewed: AtomicBool,
}

/// What one request brings.
enum Login {
    Nothing,
    Basic,
    Token(Arc<Credential>),
}

impl<'h> Session<'h> {
    /// Reads the login.
    pub(super) fn new(host: &'h Host, repository: &'h Repository) -> Result<Self, RegistryError> {
        let credential = host.credential(repository)?;
        Ok(Self { host, repository, credential, has_renewed: AtomicBool::new(false) })
    }

    /// Makes one request, and once more with the login that the first answer asks for. Any answer but 200 is a fault.
    pub(super) async fn ask(&self, ask: &Ask<'_>) -> Result<Answer<'h>, Fault> {
        // It counts for the token server too, and comes first: who waits learns from those before.
        let permit = self.host.permit().await;
        let mut login = self.login().await?;
        let mut response = self.send(ask, &login).await?;
        if let Some(wanted) = self.wanted_after(&response, &login).await? {
            login = wanted;
            response = self.send(ask, &login).await?;
        }
        if response.status() == 200 {
            return Ok(Answer { response, permit });
        }
        let token = if let Login::Token(token) = &login { Some(token.as_ref()) } else { None };
        let credentials = [self.credential.as_ref(), token];
        let asked = Asked {
            repository: self.repository,
            tag: ask.tag,
            server: Server::Registry,
            // A token that anybody may have is no login.
            with_login: self.credential.is_some(),
            credentials,
        };
        Err(refusal::fault(asked, response).await)
    }

    async fn send(&self, ask: &Ask<'_>, login: &Login) -> Result<Response, Fault> {
        let credential = match login {
            Login::Nothing => None,
            Login::Basic => self.credential.as_ref(),
            Login::Token(token) => Some(token.as_ref()),
        };
        self.host.send(self.repository, ask, credential).await
    }

    /// Returns the login to begin with, from what is known of the registry.
    async fn login(&self) -> Result<Login, Fault> {
        match self.host.way().as_deref() {
            Some(Way::Basic) if self.has_password() => Ok(Login::Basic),
            Some(Way::Token { wanted, path }) => match wanted.for_path(path, self.repository.path()) {
                Some(wanted) => self.token(&wanted, None).await.map(Login::Token),
                None => Ok(Login::Nothing),
            },
            _ => Ok(Login::Nothing),
        }
    }

    /// Returns the login to ask again with, if there is one that the answer to `login` wants.
    async fn wanted_after(&self, response: &Response, login: &Login) -> Result<Option<Login>, Fault> {
        let status = response.status();
        if status == 401 {
            let challenges = challenge::read(response.headers("www-authenticate"));
            if let Some(wanted) = Wanted::among(&challenges, self.repository.path()) {
                return self.token_after(wanted, login).await;
            }
            if challenge::takes_basic(&challenges) && self.credential.as_ref().is_some_and(Credential::is_refresh) {
                return Err(Fault::Final(RegistryError::WantsPassword { repository: self.repository.clone() }));
            }
        }
        // A registry that lets anybody in, or hides what it has, may show more to a user: it gets the login from now on.
        let is_unasked = matches!(login, Login::Nothing) && self.host.way().is_none();
        let is_answer = matches!(status, 200..=299 | 400..=499) && status != 429;
        let wants_basic = (is_unasked && is_answer) || (status == 401 && !matches!(login, Login::Basic));
        if !wants_basic || !self.has_password() {
            return Ok(None);
        }
        debug!("{} gets its login by Basic authentication", self.host.origin());
        self.host.learn(Way::Basic);
        Ok(Some(Login::Basic))
    }

    /// Returns the token that is wanted, but not for ever: a registry that refuses every token is one that refuses.
    async fn token_after(&self, wanted: Wanted, login: &Login) -> Result<Option<Login>, Fault> {
        let refused = match login {
            Login::Token(_) if self.has_renewed.swap(true, Ordering::Relaxed) => return Ok(None),
            Login::Token(token) => Some(token),
            Login::Nothing | Login::Basic => None,
        };
        let token = self.token(&wanted, refused).await?;
        self.host.learn(Way::Token { wanted, path: self.repository.path().into() });
        Ok(Some(Login::Token(token)))
    }

    async fn token(&self, wanted: &Wanted, refused: Option<&Arc<Credential>>) -> Result<Arc<Credential>, Fault> {
        self.host.tokens.get(self.host, self.repository, self.credential.as_ref(), wanted, refused).await
    }

    fn has_password(&self) -> bool {
        self.credential.as_ref().is_some_and(|credential| !credential.is_refresh())
    }
}
