//! The network: requests that only read, over TLS, with a bound on everything that comes back.
//!
//! This room alone names the HTTP and TLS libraries, and holds the one rule that says where a credential may
//! go. It has never heard of registries or tags, follows no redirect, retries nothing and judges no status.

mod audience;
mod credential;
mod endpoint;
mod error;
mod http;
mod reach;
mod realm;
mod text;

pub use audience::{Audience, TokenHost};
pub use credential::{Credential, Identity};
pub use endpoint::{Endpoint, Origin, Scheme};
pub use error::{NetError, TlsFault, Waiting};
pub use http::{CA_BYTES_MAX, HEADER_BYTES_MAX, Http, Method, Request, Response, Timeouts};
pub use reach::Reach;
pub use realm::{Realm, form};
pub use text::{TEXT_CHARS_MAX, clean};
