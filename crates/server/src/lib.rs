//! Hands out files over HTTP/1.1: a small site out of memory to the browsers of a room, or a folder to
//! the one person who works on it. Knows nothing of what the files are.
//!
//! Whoever is slow keeps nobody waiting. No connection has a thread of its own, each is closed when
//! nothing has moved on it for a while ([`Limits`]), and where there are too many, the one that has
//! been still for longest gives way to the new one.
//!
//! ```
//! use stagecraft_server::{Bytes, Server, Site};
//!
//! struct Hello;
//!
//! impl Site for Hello {
//!     fn file(&self, path: &str) -> Option<Bytes> {
//!         (path == "index.html").then(|| Bytes::from_static(b"<p>hello"))
//!     }
//!     fn caching(&self) -> &'static str {
//!         "no-cache"
//!     }
//! }
//!
//! let server = Server::bind(([127, 0, 0, 1], 0).into())?;
//! println!("http://{}/", server.address());
//! // Until Ctrl-C: `server.run(Hello, stagecraft_server::interrupted())`.
//! server.run(Hello, std::future::ready(()))?;
//! # Ok::<(), std::io::Error>(())
//! ```

mod answer;
mod connection;
mod request;

use std::future::Future;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::Duration;

pub use hyper::body::Bytes;
pub use request::Encoding;

use connection::{Connections, race};
use tokio::runtime;
use tokio::time::{interval, sleep, timeout};

/// What is served. All paths are without a leading `/`, decoded, and below the root: no part of one is
/// `..`, or means anything else to a file system. A folder's path has `index.html` behind it.
pub trait Site: Send + Sync + 'static {
    /// The file at a path. It is told of as what its ending says ([`media_type`]).
    fn file(&self, path: &str) -> Option<Bytes>;

    /// The same file compressed, where there is such a copy.
    fn packed(&self, path: &str, encoding: Encoding) -> Option<Bytes> {
        let _ = (path, encoding);
        None
    }

    /// A text that is answered once it is known, in place of a file. Within [`Limits::still`].
    fn later(&self, path: &str, query: &str) -> Option<Later> {
        let _ = (path, query);
        None
    }

    /// What browsers are told of keeping files: the value of `Cache-Control`.
    fn caching(&self) -> &'static str;
}

/// A text that is not known yet.
pub type Later = Pin<Box<dyn Future<Output = String> + Send>>;

/// What connections may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// How many may be open at a time. Systems allow 256 files and more.
    pub connections: usize,
    /// How long a request may take to come, from the end of the one before.
    pub request: Duration,
    /// How long nothing may move, in either direction.
    pub still: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 200,
            request: Duration::from_secs(10),
            still: Duration::from_secs(30),
        }
    }
}

/// How often connections are looked at.
const ROUND: Duration = Duration::from_millis(500);
/// How long the last answers may take once it is to end.
const GRACE: Duration = Duration::from_secs(2);
/// How long it waits where the system refuses to open a connection.
const BREATH: Duration = Duration::from_millis(20);

/// A server that has its port and answers nobody yet.
#[derive(Debug)]
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    limits: Limits,
}

impl Server {
    /// Takes an address; port 0 means any free one.
    ///
    /// # Errors
    /// Where it cannot be had.
    pub fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        listener.set_nonblocking(true)?;
        Ok(Self {
            address: listener.local_addr()?,
            listener,
            limits: Limits::default(),
        })
    }

    /// The same with other limits.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// The address that it has.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `until` is there, on this thread. Answers that are on their way then are given
    /// two seconds to arrive; the port is free at once.
    ///
    /// # Errors
    /// Where the system cannot watch connections.
    pub fn run(self, site: impl Site, until: impl Future<Output = ()>) -> io::Result<()> {
        runtime::Builder::new_current_thread()
            .enable_all()
            .build()?
            .block_on(self.serve(Arc::new(site), until))
    }

    async fn serve(self, site: Arc<impl Site>, until: impl Future<Output = ()>) -> io::Result<()> {
        let listener = tokio::net::TcpListener::from_std(self.listener)?;
        let mut connections = Connections::new(self.limits);
        let mut until = pin!(until);
        let mut round = interval(ROUND);
        loop {
            // Last, so that a flood of connections puts off neither.
            let event = race(race(until.as_mut(), round.tick()), listener.accept());
            match event.await {
                Ok(Ok(())) => break,
                Ok(Err(_)) => connections.close_still(),
                Err(Ok((stream, _))) => connections.open(stream, &site),
                // Too many open files, most likely: it passes.
                Err(Err(_)) => sleep(BREATH).await,
            }
        }
        drop(listener);
        // Whoever is not done by then is cut off.
        let _ = timeout(GRACE, connections.end()).await;
        Ok(())
    }
}

/// Ends when somebody presses Ctrl-C.
pub async fn interrupted() {
    if tokio::signal::ctrl_c().await.is_err() {
        // Then it ends the program by itself, as ever.
        std::future::pending::<()>().await;
    }
}

/// What a browser is told that a file is, by the ending of its name.
pub fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js" | "mjs") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("xml") => "application/xml",
        Some("txt" | "md") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests;
