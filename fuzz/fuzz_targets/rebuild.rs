//! Whatever a Dockerfile and its commands say, a build ends, and the same build again runs nothing
//! that it need not: `cargo +nightly fuzz run rebuild`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use stagecraft_engine::files::{Clock, Content, Meta, Node, Tree};
use stagecraft_engine::image::{ImageConfig, Platform, Reference};
use stagecraft_engine::plan::rebuild::{BaseImage, BaseImages, Builder, Request, StepState};
use stagecraft_engine::semantic::{Images, Options, analyze};
use stagecraft_engine::syntax::parse;

/// Every image is the same small one.
struct Any;

impl Images for Any {
    fn config(&self, _: &Reference<'_>, _: &Platform) -> Option<ImageConfig> {
        Some(ImageConfig::default())
    }
}

fn tree(paths: &[&str]) -> Tree {
    let mut tree = Tree::default();
    let meta = Meta::new(0o755, Clock::fixed(1).now());
    for path in paths {
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        tree.make_folders(folder, meta).expect("a folder");
        let content = if path.starts_with("/bin/") {
            Content::opaque(1, 1)
        } else {
            Content::bytes(path.as_bytes())
        };
        tree.put(path, Node::file(meta, content)).expect("a file");
    }
    tree
}

impl BaseImages for Any {
    fn image(&self, _: &Reference<'_>, _: &Platform) -> Option<BaseImage> {
        let tools = [
            "sh", "cat", "cp", "mv", "rm", "ln", "ls", "mkdir", "sed", "grep", "find", "xargs", "chmod",
            "chown", "touch", "head", "tr", "sort", "stat",
        ];
        let paths: Vec<String> = tools.iter().map(|tool| format!("/bin/{tool}")).collect();
        let mut paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        paths.push("/etc/passwd");
        Some(BaseImage {
            name: "any".to_owned(),
            tree: tree(&paths),
            ..BaseImage::default()
        })
    }
}

fuzz_target!(|text: &str| {
    let file = parse(text);
    let options = Options::default();
    let model = analyze(&file, &options, &Any);
    let mut builder = Builder::default();
    let mut builds = [(); 2].map(|()| {
        let mut request = Request::new(&file, &model, &options);
        request.context = tree(&["/a", "/d/b"]);
        builder.build(&request, &Any)
    });
    let [first, second] = &mut builds;
    if first.failure.is_none() {
        assert!(second.failure.is_none(), "{:?}", second.failure);
        assert_eq!(first.image, second.image);
        for vertex in &second.vertices {
            let step = &second.plan.steps[vertex.step];
            let may_run = step.always || step.command.is_none() || vertex.name.contains("LINK");
            let is_cached = vertex.state == StepState::Cached;
            assert!(is_cached || may_run, "{}", vertex.name);
        }
    }
});
