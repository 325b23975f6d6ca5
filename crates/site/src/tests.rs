use stagecraft_lessons::{Files as LessonFiles, Lesson, Part};

use super::*;

const INDEX: &str = "<!doctype html><html lang=\"en\"><head><meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'self'\"/><title>x</title><link rel=\"stylesheet\" href=\"./style-1.css\"/><link rel=\"rest\" href=\"./rest-1.wasm\"/></head><body><p id=\"boot-failure\" hidden></p></body></html>";

fn shell() -> Shell {
    let mut files = Files::new();
    for (path, text) in [
        ("index.html", INDEX),
        ("style-1.css", "p{}"),
        ("main-1.js", "main"),
        ("stagecraft-web-1.js", "app"),
        ("stagecraft-web-1_bg.wasm", "first half"),
        ("rest-1.wasm", "rest"),
        ("parts/app.wasm", "wasm"),
        ("icon-1.svg", "<svg/>"),
        ("assets/lessons-0.bin", "old"),
        ("assets/packages-0.bin", "tables"),
        ("parts/sw.js", "FILES, VERSION"),
        ("parts/single.js", "single"),
        ("parts/element.js", "element"),
        ("parts/upgrade.js", "upgrade"),
        ("parts/static.css", "p{}"),
        ("parts/icons/icon-180.png", "png"),
        ("parts/icons/icon-192.png", "png"),
        ("parts/icons/icon-512.png", "png"),
        ("parts/icons/maskable-512.png", "png"),
        ("parts/icons/card.png", "png"),
    ] {
        files.insert(path.to_owned(), text.as_bytes().to_vec());
    }
    Shell::new(files).unwrap()
}

const HOSTILE: &str = "</title><script>alert(1)</script>\" onload=\"";

fn guide(title: &str) -> Guide {
    let start = LessonFiles {
        dockerfile: format!("FROM alpine\nRUN echo '{title}'\n"),
        dockerignore: None,
    };
    Guide {
        title: title.to_owned(),
        parts: vec![Part {
            title: title.to_owned(),
            lessons: vec![Lesson {
                slug: "a-lesson".to_owned(),
                title: title.to_owned(),
                summary: title.to_owned(),
                minutes: 3,
                solution: start.clone(),
                start,
                ..Lesson::default()
            }],
        }],
    }
}

fn is_page(path: &str) -> bool {
    path.rsplit('.').next() == Some("html")
}

fn text<'a>(files: &'a Files, path: &str) -> &'a str {
    std::str::from_utf8(&files[path]).unwrap()
}

fn address() -> Options {
    Options {
        address: Address::new("https://example.org/docker"),
    }
}

#[test]
fn an_address_is_one_of_the_web_and_ends_with_a_slash() {
    for good in [
        "https://example.org",
        "https://example.org/",
        "http://localhost:8000/a/b/",
    ] {
        assert!(Address::new(good).unwrap().of("").ends_with('/'), "{good}");
    }
    for bad in [
        "",
        "example.org",
        "https://",
        "javascript:alert(1)",
        "https://a/\"><b",
        "https://a/?b",
        "https://a/#b",
        "https://a b/",
    ] {
        assert_eq!(Address::new(bad), None, "{bad}");
    }
}

#[test]
fn each_lesson_and_each_rule_has_a_page_that_names_its_place_in_the_playground() {
    let files = site(&shell(), &guide("A lesson"), &Options::default()).unwrap();
    let lesson = text(&files, "lessons/a-lesson/index.html");
    assert!(lesson.contains("href=\"../../#/lesson/a-lesson\""));
    assert!(lesson.contains("class=\"tok-keyword\">FROM</span>"));
    for rule in stagecraft_engine::lint::rules() {
        let page = text(&files, &format!("rules/{}/index.html", rule.name)).to_owned();
        let link = format!("href=\"../../#/rule/{}\"", rule.name);
        assert_eq!(page.contains(&link), rule.by_default, "{}", rule.name);
        assert!(!page.contains("<script"), "{}", rule.name);
    }
}

#[test]
fn what_a_lesson_says_never_becomes_markup() {
    let files = site(&shell(), &guide(HOSTILE), &address()).unwrap();
    for (path, bytes) in files.iter().filter(|(path, _)| is_page(path)) {
        let html = String::from_utf8_lossy(bytes);
        assert!(!html.contains("<script>alert"), "{path}");
        assert!(!html.contains("\" onload=\""), "{path}");
    }
    assert!(
        !single(&shell(), &guide(HOSTILE))
            .unwrap()
            .contains("<script>alert")
    );
}

#[test]
fn absolute_addresses_are_there_only_if_the_address_is_known() {
    let known = site(&shell(), &guide("x"), &address()).unwrap();
    let lesson = text(&known, "lessons/a-lesson/index.html");
    assert!(
        lesson.contains("rel=\"canonical\" href=\"https://example.org/docker/lessons/a-lesson/\"")
    );
    assert!(text(&known, "sitemap.xml").contains("<loc>https://example.org/docker/rules/</loc>"));
    let unknown = site(&shell(), &guide("x"), &Options::default()).unwrap();
    assert!(!unknown.contains_key("sitemap.xml"));
    for (path, bytes) in unknown
        .iter()
        .filter(|(path, _)| is_page(path) && *path != "404.html")
    {
        let html = String::from_utf8_lossy(bytes);
        for rooted in ["href=\"/", "src=\"/", "canonical", "og:image"] {
            assert!(!html.contains(rooted), "{path}: {rooted}");
        }
    }
}

#[test]
fn the_worker_changes_with_a_lesson_and_keeps_what_the_app_needs() {
    let one = site(&shell(), &guide("one"), &Options::default()).unwrap();
    let two = site(&shell(), &guide("two"), &Options::default()).unwrap();
    let worker = text(&one, "sw.js");
    assert_ne!(worker, text(&two, "sw.js"));
    assert_eq!(
        worker,
        text(
            &site(&shell(), &guide("one"), &Options::default()).unwrap(),
            "sw.js"
        )
    );
    for kept in [
        "\"index.html\"",
        "\"main-1.js\"",
        "_bg.wasm\"",
        "\"assets/lessons-",
        "\"manifest.webmanifest\"",
    ] {
        assert!(worker.contains(kept), "{kept}");
    }
    assert!(!worker.contains("lessons-0.bin"));
    assert!(!worker.contains("rules/"));
}

#[test]
fn the_page_for_frames_is_marked_and_installs_nothing() {
    let files = site(&shell(), &guide("x"), &address()).unwrap();
    let page = text(&files, "embed.html");
    assert!(page.contains("<html data-embed lang"));
    assert!(page.contains("noindex") && !page.contains("manifest") && !page.contains("canonical"));
    assert!(!text(&files, "sitemap.xml").contains("embed"));
}

#[test]
fn every_file_that_is_named_in_the_manifest_and_the_page_is_there() {
    let files = site(&shell(), &guide("x"), &Options::default()).unwrap();
    let manifest = text(&files, "manifest.webmanifest").to_owned();
    let index = text(&files, "index.html").to_owned();
    let named = manifest
        .split("\"src\": \"")
        .skip(1)
        .chain(index.split("href=\"./").skip(1));
    for path in named.filter_map(|rest| rest.split('"').next()) {
        assert!(files.contains_key(path), "{path}");
    }
}

#[test]
fn compressed_copies_unpack_to_the_file() {
    use std::io::Read as _;
    let page = "a page ".repeat(200).into_bytes();
    let copies = compressed(&Files::from([
        ("a.html".to_owned(), page.clone()),
        ("b.png".to_owned(), page.clone()),
    ]));
    assert_eq!(
        copies.keys().collect::<Vec<_>>(),
        ["a.html.br", "a.html.gz"]
    );
    let mut out = Vec::new();
    brotli::Decompressor::new(&copies["a.html.br"][..], 4096)
        .read_to_end(&mut out)
        .unwrap();
    assert_eq!(out, page);
    out.clear();
    flate2::read::GzDecoder::new(&copies["a.html.gz"][..])
        .read_to_end(&mut out)
        .unwrap();
    assert_eq!(out, page);
}

#[test]
fn an_archive_holds_the_files_below_one_folder_and_is_the_same_each_time() {
    let files = Files::from([
        ("a/b.txt".to_owned(), b"text".repeat(99)),
        ("c".to_owned(), Vec::new()),
    ]);
    let bytes = archive("stagecraft", &files).unwrap();
    assert_eq!(bytes, archive("stagecraft", &files).unwrap());
    assert_eq!(unpacked(&bytes).unwrap(), files);
}

#[test]
fn the_app_is_in_one_piece_where_its_lessons_are_not_those_that_it_was_cut_for() {
    let files = site(&shell(), &guide("x"), &Options::default()).unwrap();
    assert_eq!(files["stagecraft-web-1_bg.wasm"], b"wasm");
    assert!(!files.contains_key("rest-1.wasm"));
    let html = String::from_utf8(files["index.html"].clone()).unwrap();
    assert!(!html.contains("rest-1.wasm"));

    let mut built = shell();
    built
        .files
        .insert("assets/lessons-0.bin".to_owned(), guide("x").pack());
    let files = site(&built, &guide("x"), &Options::default()).unwrap();
    assert_eq!(files["stagecraft-web-1_bg.wasm"], b"first half");
    assert!(files.contains_key("rest-1.wasm"));
}

#[test]
fn the_one_file_names_no_other_and_allows_only_what_stands_in_it() {
    let html = single(&shell(), &guide("x")).unwrap();
    for external in ["href=\"./", "src=", "unsafe-inline", "'self'"] {
        assert!(!html.contains(external), "{external}");
    }
    for name in ["main", "app", "wasm", "lessons", "packages"] {
        assert!(html.contains(&format!("id=\"packed-{name}\"")), "{name}");
    }
}

#[test]
fn a_folder_that_is_no_page_is_refused_in_a_sentence() {
    let error = Shell::new(Files::new()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "this is no built page: index.html is missing"
    );
}
