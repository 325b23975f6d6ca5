//! `cargo xtask serve`: the page on this machine, built again when a source changes.

mod server;
mod watch;

use crate::{
    page::{self, Mode},
    progress::{Progress, duration},
    project, setup,
};
use anyhow::Result;
use server::{Reload, Server, Site};
use stagecraft_server::interrupted;
use std::{sync::Arc, thread, time::Instant};

/// What the person asks for.
pub(crate) struct Options {
    /// The port; without one, a free one is taken.
    pub(crate) port: Option<u16>,
    /// Whether to build as for a release.
    pub(crate) release: bool,
}

/// Serves until it is interrupted.
pub(crate) fn run(options: &Options) -> Result<()> {
    let started = Instant::now();
    let (mode, name) = if options.release {
        (Mode::Release, "serve-release")
    } else {
        (Mode::Dev, "serve")
    };
    let dir = project::work_dir()?.join(name);
    let mut progress = Progress::new(setup::PAGE_STEPS + 1);
    let tools = setup::for_page(&mut progress)?;
    let mut seen = watch::state();
    let served = dir.clone();
    let build = move |progress: &mut Progress| {
        progress.step("page", |step| {
            Ok(((), page::build(step, &tools, mode, &dir)?))
        })
    };
    build(&mut progress)?;

    let reload = Arc::<Reload>::default();
    let site = Site {
        dir: served,
        prefix: String::new(),
        reload: Some(Arc::clone(&reload)),
    };
    let server = Server::new(site, options.port)?;
    println!(
        "ready after {}: {}",
        duration(started.elapsed()),
        server.address()
    );
    println!("a changed source is built at once; Ctrl-C ends this");
    thread::spawn(move || {
        loop {
            seen = watch::change(&seen);
            let mut progress = Progress::new(1);
            match build(&mut progress) {
                Ok(()) => reload.raise(),
                Err(error) => println!("error: {error:#}; the last good page stays"),
            }
        }
    });
    server.run(interrupted())
}
