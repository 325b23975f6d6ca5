//! Connections: each is a task, and none may be still for ever.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use crate::answer::answer;
use crate::{Limits, Site};

/// The most that a request's head may take, in bytes. Cookies of whatever else has run on this
/// machine are sent along, so it is not tight.
const LONGEST_HEAD: usize = 64 * 1024;

/// Those that are open.
pub(crate) struct Connections {
    limits: Limits,
    clock: Clock,
    ending: watch::Sender<bool>,
    open: Vec<Open>,
}

struct Open {
    task: JoinHandle<()>,
    moved: Moved,
}

impl Connections {
    pub(crate) fn new(limits: Limits) -> Self {
        Self {
            limits,
            clock: Clock(Instant::now()),
            ending: watch::Sender::new(false),
            open: Vec::new(),
        }
    }

    /// Answers what comes over `stream`. Where there are too many, another one is closed for it.
    pub(crate) fn open(&mut self, stream: TcpStream, site: &Arc<impl Site>) {
        self.open.retain(|one| !one.task.is_finished());
        if self.open.len() >= self.limits.connections {
            let stillest = self.open.iter().enumerate();
            if let Some((at, _)) = stillest.min_by_key(|(_, one)| one.moved.at()) {
                self.open.swap_remove(at).task.abort();
            }
        }
        // Small answers are not to wait for more; without it they arrive all the same.
        let _ = stream.set_nodelay(true);
        let moved = Moved::new(self.clock);
        let stream = Watched {
            stream,
            moved: moved.clone(),
        };
        let site = Arc::clone(site);
        let ending = self.ending.subscribe();
        let task = tokio::spawn(converse(stream, site, ending, self.limits.request));
        self.open.push(Open { task, moved });
    }

    /// Closes those on which nothing has moved for too long.
    pub(crate) fn close_still(&mut self) {
        let now = self.clock.now();
        let limit = u64::try_from(self.limits.still.as_millis()).unwrap_or(u64::MAX);
        self.open.retain(|one| {
            let is_still = now.saturating_sub(one.moved.at()) > limit;
            if is_still {
                one.task.abort();
            }
            !is_still && !one.task.is_finished()
        });
    }

    /// Lets every answer that is on its way be the last of its connection, and waits for them.
    pub(crate) async fn end(self) {
        self.ending.send_replace(true);
        for one in self.open {
            // Cut off or broken, it has ended.
            let _ = one.task.await;
        }
    }
}

/// Answers one request after the other.
async fn converse(
    stream: Watched,
    site: Arc<impl Site>,
    mut ending: watch::Receiver<bool>,
    patience: Duration,
) {
    let service = service_fn(|request| {
        let site = Arc::clone(&site);
        async move { Ok::<_, Infallible>(answer(&*site, &request).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .max_buf_size(LONGEST_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut connection = pin!(connection);
    // Errors are those of the other side: it may be gone, slow or no browser.
    if race(connection.as_mut(), ending.wait_for(|ending| *ending))
        .await
        .is_err()
    {
        connection.as_mut().graceful_shutdown();
        let _ = connection.await;
    }
}

/// What is there first: of `one` as `Ok`, of `other` as `Err`.
pub(crate) async fn race<A, B>(
    one: impl Future<Output = A>,
    other: impl Future<Output = B>,
) -> Result<A, B> {
    let mut one = pin!(one);
    let mut other = pin!(other);
    poll_fn(|context| {
        if let Poll::Ready(value) = one.as_mut().poll(context) {
            return Poll::Ready(Ok(value));
        }
        other.as_mut().poll(context).map(Err)
    })
    .await
}

/// Milliseconds since the server started.
#[derive(Clone, Copy)]
struct Clock(Instant);

impl Clock {
    fn now(self) -> u64 {
        u64::try_from(self.0.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

/// When something has last moved on a connection.
#[derive(Clone)]
struct Moved {
    clock: Clock,
    at: Arc<AtomicU64>,
}

impl Moved {
    fn new(clock: Clock) -> Self {
        let at = Arc::new(AtomicU64::new(clock.now()));
        Self { clock, at }
    }

    fn at(&self) -> u64 {
        self.at.load(Ordering::Relaxed)
    }

    fn now(&self) {
        self.at.store(self.clock.now(), Ordering::Relaxed);
    }
}

/// A stream that notes when something moves.
struct Watched {
    stream: TcpStream,
    moved: Moved,
}

impl AsyncRead for Watched {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.stream).poll_read(context, buffer))?;
        if buffer.filled().len() > before {
            self.moved.now();
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Watched {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write(context, bytes))?;
        self.moved.now();
        Poll::Ready(Ok(count))
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        parts: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let count = ready!(Pin::new(&mut self.stream).poll_write_vectored(context, parts))?;
        self.moved.now();
        Poll::Ready(Ok(count))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
