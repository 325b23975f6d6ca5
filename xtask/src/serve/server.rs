//! A small server for files of one folder, for this machine only.

use anyhow::{Result, anyhow};
use stagecraft_server::{self as server, Bytes, Later};
use std::{
    fs,
    future::Future,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::{sync::watch, time::timeout};

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
    /// The path that it is served under: nothing, or `some/where/`.
    pub(crate) prefix: String,
    /// Tells open pages of a newer build. A page that nobody works on has none.
    pub(crate) reload: Option<Arc<Reload>>,
}

/// The number of builds so far, and whoever waits for the next.
pub(crate) struct Reload(watch::Sender<u64>);

impl Default for Reload {
    /// Starts with the time, so that a page notices a new server too.
    fn default() -> Self {
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(watch::Sender::new(now.as_secs()))
    }
}

impl Reload {
    /// Says that there is a newer build.
    pub(crate) fn raise(&self) {
        self.0.send_modify(|version| *version += 1);
    }

    /// The version once it is not `seen` any more, or after a while.
    fn wait(&self, seen: u64) -> impl Future<Output = u64> + use<> {
        let mut versions = self.0.subscribe();
        async move {
            // What is of interest is where it ends, in time or not.
            let _ = timeout(PATIENCE, versions.wait_for(|version| *version != seen)).await;
            *versions.borrow()
        }
    }
}

/// A server that has its port.
pub(crate) struct Server {
    server: server::Server,
    site: Site,
}

impl Server {
    /// Takes `port` of 127.0.0.1, or the usual one or any.
    pub(crate) fn new(site: Site, port: Option<u16>) -> Result<Self> {
        let listen = |port| server::Server::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
        let server = match port {
            Some(port) => listen(port).map_err(|error| {
                anyhow!("port {port} cannot be used ({error}): name another one with --port, or none to get a free one")
            })?,
            None => listen(USUAL_PORT).or_else(|_| listen(0)).map_err(|error| anyhow!("no port can be used: {error}"))?,
        };
        Ok(Self { server, site })
    }

    /// The page's address.
    pub(crate) fn address(&self) -> String {
        format!("http://{}/{}", self.server.address(), self.site.prefix)
    }

    /// Answers until `until` is there.
    pub(crate) fn run(self, until: impl Future<Output = ()>) -> Result<()> {
        Ok(self.server.run(self.site, until)?)
    }
}

impl server::Site for Site {
    fn file(&self, path: &str) -> Option<Bytes> {
        let path = path.strip_prefix(&self.prefix)?;
        if self.reload.is_some() && path == format!("{DEV}reload.js") {
            return Some(Bytes::from_static(include_bytes!("reload.js")));
        }
        let bytes = fs::read(self.dir.join(path)).ok()?;
        if self.reload.is_none() || !server::media_type(path).starts_with("text/html") {
            return Some(bytes.into());
        }
        let script = format!("<script type=\"module\" src=\"./{DEV}reload.js\"></script></head>");
        let html = String::from_utf8_lossy(&bytes).replacen("</head>", &script, 1);
        Some(html.into())
    }

    fn later(&self, path: &str, query: &str) -> Option<Later> {
        let reload = self.reload.as_ref()?;
        let path = path.strip_prefix(&self.prefix)?.strip_prefix(DEV)?;
        let version = reload.wait(query.parse().unwrap_or(0));
        (path == "version").then(|| Box::pin(async { version.await.to_string() }) as Later)
    }

    fn caching(&self) -> &'static str {
        "no-store"
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{env, future, io::Read, io::Write, net::TcpStream, thread};

    fn serve(site: Site) -> SocketAddr {
        let server = Server::new(site, Some(0)).unwrap();
        let address = server.server.address();
        thread::spawn(|| server.run(future::pending()));
        address
    }

    fn get(address: SocketAddr, path: &str) -> String {
        let mut stream = TcpStream::connect(address).unwrap();
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
            prefix: "a/b/".to_owned(),
            reload: None,
        };
        let server = serve(site.clone());

        let page = get(server, "/a/b/");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert!(page.contains("text/html"), "{page}");
        assert!(!page.contains("reload.js"), "{page}");
        assert!(get(server, "/a/b/sub%20dir/a.wasm?x=1").contains("application/wasm"));
        for path in [
            "/",
            "/a/b/missing",
            "/a/b/../secret.txt",
            "/a/b/%2e%2e/secret.txt",
            "/a/b/__dev/reload.js",
        ] {
            let answer = get(server, path);
            assert!(
                answer.starts_with("HTTP/1.1 404") && !answer.contains("secret"),
                "{path}: {answer}"
            );
        }

        let reload = Arc::new(Reload::default());
        let dev = serve(Site {
            reload: Some(Arc::clone(&reload)),
            ..site
        });
        assert!(get(dev, "/a/b/").contains("./__dev/reload.js"));
        assert!(get(dev, "/a/b/__dev/reload.js").contains("text/javascript"));
        let before = *reload.0.borrow();
        let waits = thread::spawn(move || get(dev, &format!("/a/b/__dev/version?{before}")));
        thread::sleep(Duration::from_millis(100));
        assert!(!waits.is_finished());
        reload.raise();
        assert!(waits.join().unwrap().ends_with(&(before + 1).to_string()));
        fs::remove_dir_all(dir).unwrap();
    }
}
