//! `stagecraft serve`: the site out of the command's memory, for a room without a network.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::future::Future;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::{Arc, OnceLock};
use std::thread;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use stagecraft_server::{Bytes, Encoding, Server, Site};
use stagecraft_site::Files;

pub use stagecraft_server::interrupted;

/// A server that has its port and answers nobody yet.
pub struct Serving {
    server: Server,
    files: Files,
    room: bool,
}

impl Serving {
    /// Takes a port: `port`, or any free one for 0. Only this machine is let in, or everybody in the
    /// same network where `room` says so.
    ///
    /// # Errors
    /// Where the port cannot be had, in a sentence.
    pub fn new(files: Files, port: u16, room: bool) -> Result<Self, String> {
        let host = if room {
            Ipv4Addr::UNSPECIFIED
        } else {
            Ipv4Addr::LOCALHOST
        };
        let server = Server::bind((host, port).into())
            .map_err(|error| format!("port {port} cannot be used: {error}"))?;
        Ok(Self {
            server,
            files,
            room,
        })
    }

    /// Where it is to be found: for people in the room with a QR code for their phones.
    pub fn announcement(&self) -> String {
        let port = self.port();
        let mut out = format!("http://localhost:{port}/\n");
        if !self.room {
            return out;
        }
        let Some(host) = own_address() else {
            out.push_str("This computer is in no network: others cannot reach it.\n");
            return out;
        };
        let address = format!("http://{host}:{port}/");
        // Writing to a string does not fail.
        let _ = writeln!(out, "{address} for everybody in the same network");
        if let Ok(code) = QrCode::new(&address) {
            // Light on dark terminals and dark on light ones: readers take both.
            let picture = code.render::<Dense1x2>().quiet_zone(true).build();
            let _ = writeln!(out, "\n{picture}");
        }
        out
    }

    /// Answers until `until` is there, such as [`interrupted`].
    ///
    /// # Errors
    /// Where the system cannot watch connections, in a sentence.
    pub fn run(self, until: impl Future<Output = ()>) -> Result<(), String> {
        let packed = Arc::new(OnceLock::new());
        let files = shared(self.files.clone());
        let later = Arc::clone(&packed);
        // Nobody has to wait for it: until then files are sent as they are.
        thread::spawn(move || later.set(shared(stagecraft_site::gzipped(&self.files))));
        self.server
            .run(Shelf { files, packed }, until)
            .map_err(|error| format!("the server stopped: {error}"))
    }

    /// The port that it has.
    pub fn port(&self) -> u16 {
        self.server.address().port()
    }
}

/// The site in memory.
struct Shelf {
    files: BTreeMap<String, Bytes>,
    /// The copies for whom a network lies between: browsers take brotli over TLS only.
    packed: Arc<OnceLock<BTreeMap<String, Bytes>>>,
}

impl Site for Shelf {
    fn file(&self, path: &str) -> Option<Bytes> {
        self.files.get(path).cloned()
    }

    fn packed(&self, path: &str, encoding: Encoding) -> Option<Bytes> {
        let packed = self.packed.get().filter(|_| encoding == Encoding::Gzip)?;
        packed.get(&format!("{path}.gz")).cloned()
    }

    fn caching(&self) -> &'static str {
        "no-cache"
    }
}

/// Files that many answers hold at once.
fn shared(files: Files) -> BTreeMap<String, Bytes> {
    let shared = |(path, bytes): (String, Vec<u8>)| (path, bytes.into());
    files.into_iter().map(shared).collect()
}

/// The address of this computer in its network. Nothing is sent: choosing a way for a packet is
/// enough to learn it.
fn own_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address for examples that is nobody's (RFC 5737).
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_loopback() && !own.is_unspecified()).then_some(own)
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;
    use std::time::{Duration, Instant};

    use super::*;

    fn get(port: u16, path: &str, more: &str) -> Vec<u8> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n"
        )
        .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    }

    /// Serves until the tests end.
    fn serve(files: Files) -> u16 {
        let serving = Serving::new(files, 0, false).unwrap();
        let port = serving.port();
        thread::spawn(|| serving.run(std::future::pending()));
        port
    }

    #[test]
    fn the_files_of_the_site_are_served_and_nothing_else() {
        let port = serve(Files::from([
            ("index.html".to_owned(), b"start".to_vec()),
            ("404.html".to_owned(), b"nothing".to_vec()),
            ("a/index.html".to_owned(), b"inside".to_vec()),
        ]));
        let get = |path| String::from_utf8(get(port, path, "")).unwrap();
        assert!(get("/").ends_with("start"));
        assert!(get("/?x=1").ends_with("start"));
        assert!(get("/a/").ends_with("inside"));
        let missing = get("/../etc/passwd");
        assert!(missing.starts_with("HTTP/1.1 404") && missing.ends_with("nothing"));
    }

    #[test]
    fn a_room_loads_compressed_files_as_soon_as_there_are_any() {
        let port = serve(Files::from([(
            "a.css".to_owned(),
            b"a{color:red}".repeat(1_000),
        )]));
        let begun = Instant::now();
        loop {
            let answer = get(port, "/a.css", "Accept-Encoding: gzip, deflate\r\n");
            let text = String::from_utf8_lossy(&answer);
            assert!(text.contains("content-type: text/css"), "{text}");
            if text.contains("content-encoding: gzip") {
                assert!(answer.len() < 1_000, "{}", answer.len());
                break;
            }
            assert!(answer.len() > 12_000, "{}", answer.len());
            assert!(begun.elapsed() < Duration::from_secs(10));
        }
    }

    #[test]
    fn a_room_gets_an_address_only_where_it_is_asked_for() {
        let serving = Serving::new(Files::new(), 0, false).unwrap();
        let said = serving.announcement();
        assert_eq!(said, format!("http://localhost:{}/\n", serving.port()));
    }
}
