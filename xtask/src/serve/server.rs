//! A small server for files of one folder, for this machine only.

use anyhow::{Result, anyhow};
use std::{
    fs,
    io::Cursor,
    net::SocketAddr,
    path::{Component, Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    thread,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tiny_http::{Header, Request, Response};

/// Taken when it is free and no port is named, so that a bookmark and a draft stay good.
const USUAL_PORT: u16 = 8787;
/// How long a page's question for a newer build is kept open.
const PATIENCE: Duration = Duration::from_secs(25);
/// Where the reload script lives; no file of a page does.
const DEV: &str = "__dev/";

/// What is served.
#[derive(Clone)]
pub(crate) struct Site {
    /// The folder.
    pub(crate) dir: PathBuf,
    /// The path that it is served under: `/`, or `/some/where/`.
    pub(crate) prefix: String,
    /// Tells open pages of a newer build. A page that nobody works on has none.
    pub(crate) reload: Option<Arc<Reload>>,
}

/// The number of builds so far, and whoever waits for the next.
pub(crate) struct Reload {
    version: Mutex<u64>,
    raised: Condvar,
}

impl Default for Reload {
    /// Starts with the time, so that a page notices a new server too.
    fn default() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            version: Mutex::new(now.as_secs()),
            raised: Condvar::new(),
        }
    }
}

impl Reload {
    /// Says that there is a newer build.
    pub(crate) fn raise(&self) {
        *self.lock() += 1;
        self.raised.notify_all();
    }

    /// The version once it is not `seen` any more, or after a while.
    fn wait(&self, seen: u64) -> u64 {
        let waited = self
            .raised
            .wait_timeout_while(self.lock(), PATIENCE, |version| *version == seen);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, u64> {
        self.version.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server at work; it ends with the program.
pub(crate) struct Server {
    address: SocketAddr,
    prefix: String,
}

impl Server {
    /// Starts to serve on 127.0.0.1.
    pub(crate) fn start(site: Site, port: Option<u16>) -> Result<Self> {
        let listen = |port| tiny_http::Server::http(("127.0.0.1", port));
        let server = match port {
            Some(port) => listen(port).map_err(|error| {
                anyhow!("port {port} cannot be used ({error}): name another one with --port, or none to get a free one")
            })?,
            None => listen(USUAL_PORT).or_else(|_| listen(0)).map_err(|error| anyhow!("no port can be used: {error}"))?,
        };
        let address = server
            .server_addr()
            .to_ip()
            .ok_or_else(|| anyhow!("the server has no address"))?;
        let prefix = site.prefix.clone();
        thread::spawn(move || {
            for request in server.incoming_requests() {
                let site = site.clone();
                thread::spawn(move || site.answer(request));
            }
        });
        Ok(Self { address, prefix })
    }

    /// The page's address.
    pub(crate) fn address(&self) -> String {
        format!("http://{}{}", self.address, self.prefix)
    }
}

impl Site {
    fn answer(&self, request: Request) {
        let url = request.url().to_owned();
        let (path, query) = url.split_once('?').unwrap_or((&url, ""));
        let response = match path.strip_prefix(&self.prefix) {
            Some(path) => self.response(path, query),
            None => not_found(),
        };
        // Whoever asked may be gone.
        let _ = request.respond(response);
    }

    fn response(&self, path: &str, query: &str) -> Response<Cursor<Vec<u8>>> {
        if let (Some(reload), Some(path)) = (&self.reload, path.strip_prefix(DEV)) {
            return match path {
                "reload.js" => found("text/javascript", include_bytes!("reload.js").to_vec()),
                "version" => {
                    let version = reload.wait(query.parse().unwrap_or(0));
                    found("text/plain", version.to_string().into_bytes())
                }
                _ => not_found(),
            };
        }
        let path = decode(path);
        let relative = Path::new(&path);
        if relative
            .components()
            .any(|part| !matches!(part, Component::Normal(_)))
        {
            return not_found();
        }
        let mut file = self.dir.join(relative);
        if path.is_empty() || path.ends_with('/') {
            file.push("index.html");
        }
        let Ok(mut bytes) = fs::read(&file) else {
            return not_found();
        };
        let kind = media_type(&file);
        if self.reload.is_some() && kind == "text/html" {
            let script =
                format!("<script type=\"module\" src=\"./{DEV}reload.js\"></script></head>");
            bytes = String::from_utf8_lossy(&bytes)
                .replacen("</head>", &script, 1)
                .into_bytes();
        }
        found(kind, bytes)
    }
}

fn found(kind: &str, bytes: Vec<u8>) -> Response<Cursor<Vec<u8>>> {
    let charset = if kind.starts_with("text/") {
        "; charset=utf-8"
    } else {
        ""
    };
    [
        ("Content-Type", format!("{kind}{charset}").as_str()),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    .into_iter()
    .filter_map(|(name, value)| Header::from_bytes(name, value).ok())
    .fold(Response::from_data(bytes), Response::with_header)
}

fn not_found() -> Response<Cursor<Vec<u8>>> {
    found("text/plain", b"not found\n".to_vec()).with_status_code(404)
}

/// The path with `%20` and its like read.
fn decode(path: &str) -> String {
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let [first, after @ ..] = rest {
        rest = after;
        let code = after
            .get(..2)
            .filter(|_| *first == b'%')
            .and_then(|hex| u8::from_str_radix(str::from_utf8(hex).ok()?, 16).ok());
        bytes.push(code.unwrap_or(*first));
        if code.is_some() {
            rest = after.get(2..).unwrap_or_default();
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// What a browser is told a file is.
fn media_type(file: &Path) -> &'static str {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("html") => "text/html",
        Some("js" | "mjs") => "text/javascript",
        Some("css") => "text/css",
        Some("wasm") => "application/wasm",
        Some("json" | "map") => "application/json",
        Some("webmanifest") => "application/manifest+json",
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("woff2") => "font/woff2",
        Some("txt" | "md") => "text/plain",
        _ => "application/octet-stream",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, io::Read, io::Write, net::TcpStream};

    fn get(server: &Server, path: &str) -> String {
        let mut stream = TcpStream::connect(server.address).unwrap();
        write!(
            stream,
            "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    #[test]
    fn files_are_served_under_the_prefix_and_nothing_outside_the_folder_is() {
        let dir = env::temp_dir().join(format!("stagecraft-server-{}", std::process::id()));
        fs::create_dir_all(dir.join("page/sub dir")).unwrap();
        fs::write(dir.join("secret.txt"), "secret").unwrap();
        fs::write(dir.join("page/index.html"), "<head></head>").unwrap();
        fs::write(dir.join("page/sub dir/a.wasm"), "wasm").unwrap();
        let site = Site {
            dir: dir.join("page"),
            prefix: "/a/b/".to_owned(),
            reload: None,
        };
        let server = Server::start(site.clone(), Some(0)).unwrap();

        let page = get(&server, "/a/b/");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(page.contains("text/html"), "{page}");
        assert!(!page.contains("reload.js"), "{page}");
        assert!(get(&server, "/a/b/sub%20dir/a.wasm?x=1").contains("application/wasm"));
        for path in [
            "/",
            "/a/b/missing",
            "/a/b/../secret.txt",
            "/a/b/%2e%2e/secret.txt",
            "/a/b/__dev/reload.js",
        ] {
            let answer = get(&server, path);
            assert!(
                answer.starts_with("HTTP/1.1 404") && !answer.contains("secret"),
                "{path}: {answer}"
            );
        }

        let reload = Arc::new(Reload::default());
        let dev = Server::start(
            Site {
                reload: Some(Arc::clone(&reload)),
                ..site
            },
            Some(0),
        )
        .unwrap();
        assert!(get(&dev, "/a/b/").contains("./__dev/reload.js"));
        let before = *reload.lock();
        reload.raise();
        assert!(
            get(&dev, &format!("/a/b/__dev/version?{before}")).ends_with(&(before + 1).to_string())
        );
        fs::remove_dir_all(dir).unwrap();
    }
}
