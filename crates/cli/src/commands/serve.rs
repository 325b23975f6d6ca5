//! `stagecraft serve`: the site out of the command's memory, for a room without a network.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};
use std::sync::Arc;

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;
use stagecraft_site::Files;
use tiny_http::{Header, Method, Request, Response, Server};

/// A server that has its port and answers nobody yet.
pub struct Serving {
    server: Server,
    files: Arc<Files>,
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
        let server = Server::http((host, port))
            .map_err(|error| format!("port {port} cannot be used: {error}"))?;
        Ok(Self {
            server,
            files: Arc::new(files),
            room,
        })
    }

    /// Where it is to be found: for people in the room with a QR code for their phones.
    pub fn announcement(&self) -> String {
        let port = self
            .server
            .server_addr()
            .to_ip()
            .map_or(0, |address| address.port());
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

    /// Answers until the program ends.
    pub fn run(&self) {
        let workers = std::thread::available_parallelism()
            .map_or(4, usize::from)
            .clamp(2, 16);
        std::thread::scope(|scope| {
            for _ in 0..workers {
                scope.spawn(|| {
                    while let Ok(request) = self.server.recv() {
                        answer(request, &self.files);
                    }
                });
            }
        });
    }

    /// Answers one request, for tests.
    ///
    /// # Errors
    /// Where the connection breaks.
    pub fn once(&self) -> std::io::Result<()> {
        answer(self.server.recv()?, &self.files);
        Ok(())
    }

    /// The port that it has.
    pub fn port(&self) -> u16 {
        self.server
            .server_addr()
            .to_ip()
            .map_or(0, |address| address.port())
    }
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

fn answer(request: Request, files: &Files) {
    let path = request.url().split(['?', '#']).next().unwrap_or_default();
    let mut path = path.trim_start_matches('/').to_owned();
    if path.is_empty() || path.ends_with('/') {
        path.push_str("index.html");
    }
    let known = matches!(request.method(), Method::Get | Method::Head);
    let (status, path) = match files.contains_key(&path) {
        _ if !known => (405, "404.html"),
        true => (200, path.as_str()),
        false => (404, "404.html"),
    };
    let bytes = files.get(path).map(Vec::as_slice).unwrap_or_default();
    let response = [
        ("Content-Type", media_type(path)),
        ("X-Content-Type-Options", "nosniff"),
        ("Cache-Control", "no-cache"),
    ]
    .into_iter()
    .filter_map(|(name, value)| Header::from_bytes(name, value).ok())
    .fold(Response::from_data(bytes), Response::with_header)
    .with_status_code(status);
    // Whoever asked may be gone.
    let _ = request.respond(response);
}

/// What a browser is told a file is.
fn media_type(path: &str) -> &'static str {
    match path.rsplit('.').next() {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("wasm") => "application/wasm",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::net::TcpStream;

    use super::*;

    fn get(serving: &Serving, path: &str) -> String {
        let port = serving.port();
        std::thread::scope(|scope| {
            scope.spawn(|| serving.once());
            let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
            write!(
                stream,
                "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
            )
            .unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        })
    }

    #[test]
    fn the_files_of_the_site_are_served_and_nothing_else() {
        let files = Files::from([
            ("index.html".to_owned(), b"start".to_vec()),
            ("404.html".to_owned(), b"nothing".to_vec()),
            ("a/index.html".to_owned(), b"inside".to_vec()),
        ]);
        let serving = Serving::new(files, 0, false).unwrap();
        assert!(get(&serving, "/").ends_with("start"));
        assert!(get(&serving, "/?x=1").ends_with("start"));
        assert!(get(&serving, "/a/").ends_with("inside"));
        let missing = get(&serving, "/../etc/passwd");
        assert!(missing.starts_with("HTTP/1.1 404") && missing.ends_with("nothing"));
    }

    #[test]
    fn a_room_gets_an_address_only_where_it_is_asked_for() {
        let serving = Serving::new(Files::new(), 0, false).unwrap();
        let said = serving.announcement();
        assert_eq!(said, format!("http://localhost:{}/\n", serving.port()));
    }
}
