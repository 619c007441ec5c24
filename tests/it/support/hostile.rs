//! A server on loopback that answers each request as a script says, which is seldom right.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// A request that came in.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    /// How many came before it.
    pub(crate) number: usize,
    pub(crate) method: String,
    /// The path and query.
    pub(crate) target: String,
    /// The whole head, as it came.
    pub(crate) head: String,
    /// The body, where the head says how long it is.
    pub(crate) body: String,
}

impl Seen {
    /// Returns the value of a header, given in lower case, if it came.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut pairs = self.head.lines().filter_map(|line| line.split_once(':'));
        pairs.find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.trim())
    }
}

/// What the script answers.
pub(crate) enum Answer {
    /// These bytes, then the connection is closed.
    Bytes(Vec<u8>),
    /// These bytes, and then the second ones over and over, until the client has had enough.
    Flood(Vec<u8>, Vec<u8>),
    /// Nothing, and the connection stays open.
    Silence,
    /// Another answer, once this is over.
    After(Pin<Box<dyn Future<Output = Answer> + Send>>),
}

impl Answer {
    /// Answers with a status, headers (each with its line end) and a body of the right length.
    pub(crate) fn of(status: u16, headers: &str, body: &str) -> Self {
        let head = format!("HTTP/1.1 {status} Said\r\nConnection: close\r\nContent-Length: {}\r\n", body.len());
        Self::Bytes(format!("{head}{headers}\r\n{body}").into_bytes())
    }

    /// Answers with a body and status 200.
    pub(crate) fn ok(body: &str) -> Self {
        Self::of(200, "", body)
    }

    /// Answers with a page of tags and, where it is not empty, a link to the next.
    pub(crate) fn page<T: AsRef<str>>(tags: &[T], next: &str) -> Self {
        let tags: Vec<&str> = tags.iter().map(AsRef::as_ref).collect();
        let link = if next.is_empty() { String::new() } else { format!("Link: <{next}>; rel=\"next\"\r\n") };
        Self::of(200, &link, &serde_json::json!({ "name": "app", "tags": tags }).to_string())
    }
}

/// The server; it ends with the test's runtime.
pub(crate) struct Hostile {
    pub(crate) address: SocketAddr,
    seen: Arc<Mutex<Vec<Seen>>>,
    sent: Arc<AtomicU64>,
}

impl Hostile {
    /// Starts a server that answers by `script`.
    pub(crate) async fn start(script: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (seen, sent) = (Arc::new(Mutex::new(Vec::new())), Arc::new(AtomicU64::new(0)));
        let (script, all, count) = (Arc::new(script), Arc::clone(&seen), Arc::clone(&sent));
        tokio::spawn(async move {
            while let Ok((connection, _)) = listener.accept().await {
                let (script, all, count) = (Arc::clone(&script), Arc::clone(&all), Arc::clone(&count));
                tokio::spawn(async move { serve(connection, &*script, &all, &count).await });
            }
        });
        Self { address, seen, sent }
    }

    /// Returns all requests that came in.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Returns the targets of all requests that came in.
    pub(crate) fn targets(&self) -> Vec<String> {
        self.seen().into_iter().map(|seen| seen.target).collect()
    }

    /// Returns how many bytes were sent in floods.
    pub(crate) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

async fn serve(
    mut connection: TcpStream,
    script: &(impl Fn(&Seen) -> Answer + Send + Sync),
    all: &Mutex<Vec<Seen>>,
    sent: &AtomicU64,
) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match connection.read_u8().await {
            // The first byte of TLS: a server of plain HTTP says so in plain HTTP.
            Ok(0x16) if head.is_empty() => head.extend_from_slice(b"TLS / HTTP/1.1\r\n\r\n"),
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let head = String::from_utf8(head).unwrap();
    let (method, rest) = head.split_once(' ').unwrap();
    let (method, target) = (method.to_owned(), rest.split(' ').next().unwrap().to_owned());
    let mut seen = Seen { number: 0, method, target, head, body: String::new() };
    let mut body = vec![0; seen.header("content-length").map_or(0, |length| length.parse().unwrap())];
    if connection.read_exact(&mut body).await.is_err() {
        return;
    }
    seen.body = String::from_utf8(body).unwrap();
    {
        let mut all = all.lock().unwrap();
        seen.number = all.len();
        all.push(seen.clone());
    }
    // A client that goes away in the middle is what many of the scripts are about.
    let answer = match script(&seen) {
        Answer::After(answer) => answer.await,
        answer => answer,
    };
    let _gone = match answer {
        Answer::Bytes(bytes) => connection.write_all(&bytes).await,
        Answer::Silence | Answer::After(_) => std::future::pending().await,
        Answer::Flood(begin, again) => {
            let mut result = connection.write_all(&begin).await;
            while result.is_ok() {
                result = connection.write_all(&again).await;
                sent.fetch_add(again.len() as u64, Ordering::Relaxed);
            }
            result
        }
    };
}
