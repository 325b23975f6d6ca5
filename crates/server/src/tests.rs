//! Over real connections, as browsers and others make them.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpStream};
use std::thread::{self, JoinHandle};
use std::time::Instant;

use tokio::sync::oneshot;

use super::*;

/// Longer than any answer takes on a busy machine, shorter than any limit of a connection.
const SOON: Duration = Duration::from_secs(4);
/// More than the other side takes unread.
const LARGE: usize = 30_000_000;

struct Shelf(BTreeMap<&'static str, Bytes>);

impl Site for Shelf {
    fn file(&self, path: &str) -> Option<Bytes> {
        self.0.get(path).cloned()
    }

    fn packed(&self, path: &str, encoding: Encoding) -> Option<Bytes> {
        (path == "a/style.css").then(|| encoding.name().into())
    }

    fn later(&self, path: &str, query: &str) -> Option<Later> {
        let wait = query.parse().ok().filter(|_| path == "later")?;
        Some(Box::pin(async move {
            sleep(Duration::from_millis(wait)).await;
            "now".to_owned()
        }))
    }

    fn caching(&self) -> &'static str {
        "no-cache"
    }
}

/// A server at work, until it is dropped.
struct Running {
    address: SocketAddr,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Running {
    fn new() -> Self {
        Self::limited(Limits::default())
    }

    fn limited(limits: Limits) -> Self {
        let files = [
            ("index.html", "start".into()),
            ("404.html", "nothing here".into()),
            ("a/index.html", "inside".into()),
            ("a/style.css", "a long style".into()),
            ("large.bin", vec![7; LARGE].into()),
        ];
        let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into())
            .unwrap()
            .with_limits(limits);
        let address = server.address();
        let (stop, stopped) = oneshot::channel();
        let thread = thread::spawn(move || {
            server.run(Shelf(files.into()), async {
                let _ = stopped.await;
            })
        });
        Self {
            address,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(SOON)).unwrap();
        stream
    }

    /// Everything that comes until the connection is closed.
    fn say(&self, request: &str) -> String {
        let mut stream = self.connect();
        stream.write_all(request.as_bytes()).unwrap();
        rest(&mut stream)
    }

    fn ask(&self, line: &str, more: &str) -> String {
        self.say(&format!(
            "{line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n"
        ))
    }

    fn stop(&mut self) -> Duration {
        let begun = Instant::now();
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap().unwrap();
        }
        begun.elapsed()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
    }
}

fn rest(stream: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// One answer with a body of `length` bytes, from a connection that stays open.
fn one(stream: &mut TcpStream, length: usize) -> String {
    let mut answer = Vec::new();
    while !answer.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        answer.push(byte[0]);
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body).unwrap();
    answer.extend(body);
    String::from_utf8(answer).unwrap()
}

/// Whether the other side has closed it.
fn is_closed(stream: &mut TcpStream) -> bool {
    match stream.read(&mut [0; 1024]) {
        Ok(0) => true,
        Ok(_) => is_closed(stream),
        Err(error) => error.kind() == ErrorKind::ConnectionReset,
    }
}

fn has(answer: &str, header: &str) -> bool {
    let head = answer.split("\r\n\r\n").next().unwrap();
    head.lines().any(|line| line.eq_ignore_ascii_case(header))
}

#[test]
fn files_are_served_and_nothing_else() {
    let server = Running::new();
    for (path, body) in [
        ("/", "start"),
        ("/?x=1", "start"),
        ("/a/", "inside"),
        ("/%61/index.html", "inside"),
    ] {
        let answer = server.ask(&format!("GET {path}"), "");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
        assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{answer}");
        assert!(has(&answer, "content-type: text/html; charset=utf-8"));
        assert!(has(&answer, "x-content-type-options: nosniff"));
        assert!(has(&answer, "cache-control: no-cache"));
        assert!(has(&answer, &format!("content-length: {}", body.len())));
    }
    for path in ["/x", "/../etc/passwd", "/a/%2e%2e/index.html", "/a"] {
        let answer = server.ask(&format!("GET {path}"), "");
        assert!(answer.starts_with("HTTP/1.1 404 "), "{answer}");
        assert!(answer.ends_with("\r\n\r\nnothing here"), "{answer}");
    }
}

#[test]
fn head_gets_the_head_alone_and_other_methods_nothing() {
    let server = Running::new();
    let head = server.ask("HEAD /", "");
    assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "{head}");
    assert!(has(&head, "content-length: 5") && head.ends_with("\r\n\r\n"));
    let post = server.ask("POST /", "Content-Length: 3\r\n");
    assert!(post.starts_with("HTTP/1.1 405 "), "{post}");
    assert!(has(&post, "allow: GET, HEAD"), "{post}");
}

#[test]
fn who_takes_a_compressed_copy_gets_it() {
    let server = Running::new();
    for (accepted, body) in [
        ("gzip, deflate, br, zstd", "br"),
        ("gzip", "gzip"),
        ("br;q=0", "a long style"),
    ] {
        let answer = server.ask(
            "GET /a/style.css",
            &format!("Accept-Encoding: {accepted}\r\n"),
        );
        assert!(answer.ends_with(&format!("\r\n\r\n{body}")), "{answer}");
        let encoded = has(&answer, &format!("content-encoding: {body}"));
        assert_eq!(encoded, body.len() <= 4, "{answer}");
        assert!(has(&answer, "vary: accept-encoding"), "{answer}");
        assert!(
            has(&answer, "content-type: text/css; charset=utf-8"),
            "{answer}"
        );
    }
    let whole = server.ask("GET /", "Accept-Encoding: br\r\n");
    assert!(whole.ends_with("start") && !whole.contains("content-encoding"));
}

#[test]
fn a_connection_is_used_again() {
    let server = Running::new();
    let mut stream = server.connect();
    for _ in 0..3 {
        stream
            .write_all(b"GET /a/ HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        assert!(one(&mut stream, 6).ends_with("inside"));
    }
}

#[test]
fn who_connects_and_says_nothing_keeps_nobody_waiting() {
    let server = Running::new();
    let mut silent = Vec::new();
    // More than may be open, in bursts: with a pool of threads some of the pages waited.
    for burst in 0..30 {
        for turn in 0..10 {
            let mut stream = server.connect();
            match turn % 3 {
                0 => stream.write_all(b"GET / HTTP/1.1\r\nHo").unwrap(),
                1 => {
                    stream
                        .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                        .unwrap();
                    one(&mut stream, 5);
                }
                _ => {}
            }
            silent.push(stream);
        }
        let asked = Instant::now();
        assert!(server.ask("GET /", "").ends_with("start"), "{burst}");
        assert!(asked.elapsed() < SOON, "{burst}: {:?}", asked.elapsed());
    }
    assert!(silent.len() > Limits::default().connections);
}

#[test]
fn who_asks_for_much_and_reads_nothing_keeps_nobody_waiting() {
    let server = Running::new();
    let mut asked = Vec::new();
    for _ in 0..20 {
        let mut stream = server.connect();
        stream
            .write_all(b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
            .unwrap();
        asked.push(stream);
        assert!(server.ask("GET /", "").ends_with("start"));
    }
}

#[test]
fn the_connection_that_was_still_for_longest_gives_way() {
    let server = Running::limited(Limits {
        connections: 2,
        ..Limits::default()
    });
    let mut streams: Vec<_> = (0..2)
        .map(|_| {
            let mut stream = server.connect();
            stream
                .write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                .unwrap();
            one(&mut stream, 5);
            thread::sleep(Duration::from_millis(20));
            stream
        })
        .collect();
    assert!(server.ask("GET /", "").ends_with("start"));
    assert!(is_closed(&mut streams[0]));
    streams[1]
        .write_all(b"GET /a/ HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    assert!(one(&mut streams[1], 6).ends_with("inside"));
}

#[test]
fn a_request_that_does_not_come_to_its_end_is_given_up() {
    let server = Running::limited(Limits {
        request: Duration::from_millis(300),
        ..Limits::default()
    });
    let mut half = server.connect();
    half.write_all(b"GET / HTTP/1.1\r\nHo").unwrap();
    let mut idle = server.connect();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    one(&mut idle, 5);
    let mut silent = server.connect();
    for stream in [&mut half, &mut idle, &mut silent] {
        assert!(is_closed(stream));
    }
    // A byte now and then is no request either.
    let mut slow = server.connect();
    let begun = Instant::now();
    while slow.write_all(b"G").is_ok() && begun.elapsed() < SOON {
        thread::sleep(Duration::from_millis(20));
    }
    assert!(begun.elapsed() < SOON);
}

#[test]
fn an_answer_that_nobody_reads_is_given_up() {
    let server = Running::limited(Limits {
        still: Duration::from_millis(300),
        ..Limits::default()
    });
    let mut stream = server.connect();
    stream
        .write_all(b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    thread::sleep(Duration::from_millis(300) + 3 * ROUND);
    let mut read = 0;
    let mut buffer = vec![0; 1 << 20];
    while let Ok(count @ 1..) = stream.read(&mut buffer) {
        read += count;
    }
    assert!(read < LARGE, "{read}");
}

#[test]
fn an_answer_may_come_later() {
    let server = Running::new();
    let asked = Instant::now();
    let answer = server.ask("GET /later?200", "");
    assert!(answer.ends_with("\r\n\r\nnow"), "{answer}");
    assert!(has(&answer, "content-type: text/plain; charset=utf-8"));
    assert!(asked.elapsed() >= Duration::from_millis(200));
}

#[test]
fn what_is_no_request_is_refused() {
    let server = Running::new();
    let long = format!("GET /{} HTTP/1.1\r\nHost: x\r\n\r\n", "a".repeat(200_000));
    let mut stream = server.connect();
    // It may be closed before all is said.
    let _ = stream.write_all(long.as_bytes());
    assert!(is_closed(&mut stream));
    for request in [
        "\r\n\r\n\r\n\r\n",
        "GET\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n",
        "\u{16}\u{3}\u{1} a greeting of TLS\r\n\r\n",
        "GET / HTTP/1.1\r\nContent-Length: x\r\n\r\n",
    ] {
        let mut stream = server.connect();
        stream.write_all(request.as_bytes()).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let answer = rest(&mut stream);
        assert!(
            answer.is_empty() || answer.starts_with("HTTP/1.1 400 "),
            "{request:?}: {answer}"
        );
    }
    assert!(server.ask("GET /", "").ends_with("start"));
}

#[test]
fn at_the_end_the_last_answers_arrive_and_nobody_is_waited_for_long() {
    let mut server = Running::new();
    let mut idle = server.connect();
    idle.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    one(&mut idle, 5);
    let mut waits = server.connect();
    waits
        .write_all(b"GET /later?500 HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    thread::sleep(Duration::from_millis(100));
    assert!(server.stop() < GRACE);
    assert!(rest(&mut waits).ends_with("now"));
    assert!(is_closed(&mut idle));
    assert!(
        TcpStream::connect(server.address).is_err(),
        "nobody is let in"
    );

    let mut server = Running::new();
    let mut large = server.connect();
    large
        .write_all(b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n")
        .unwrap();
    thread::sleep(Duration::from_millis(100));
    assert!(server.stop() < GRACE + SOON);
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it() {
    let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    let address = server.address();
    let thread = thread::spawn(|| server.run(Shelf(BTreeMap::new()), interrupted()));
    // From its first answer on it listens to signals.
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET / HTTP/1.0\r\n\r\n").unwrap();
    assert!(rest(&mut stream).contains("404"));
    let mut kill = std::process::Command::new("kill");
    let sent = kill
        .args(["-INT", &std::process::id().to_string()])
        .status();
    assert!(sent.unwrap().success());
    let begun = Instant::now();
    while !thread.is_finished() && begun.elapsed() < SOON {
        thread::sleep(Duration::from_millis(10));
    }
    assert!(thread.is_finished());
}
