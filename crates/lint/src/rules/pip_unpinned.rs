//! pip installs without versions.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::Keyword;

use crate::facts::{Argument, Call, Facts};
use crate::packages;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "pip-unpinned",
    codes: &["DL3013"],
    severity: Severity::Hint,
    by_default: false,
    why: "pip installs whatever version is newest today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM python:3.11-slim\nRUN pip install flask\n",
    good: "FROM python:3.11-slim\nRUN pip install flask==3.0.3\n",
    when: When::has(&[Keyword::Run]),
    check,
};

/// Options whose value is the next word.
const WITH_VALUE: [&str; 27] = [
    "--abi",
    "-b",
    "--build",
    "-e",
    "--editable",
    "--extra-index-url",
    "-f",
    "--find-links",
    "-i",
    "--index-url",
    "--implementation",
    "--no-binary",
    "--only-binary",
    "--platform",
    "--prefix",
    "--python-version",
    "--root",
    "--src",
    "-t",
    "--target",
    "--trusted-host",
    "--proxy",
    "--timeout",
    "--retries",
    "--cert",
    "--python",
    "--root-user-action",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    for run in &facts.runs {
        for call in run.calls {
            let Some(packages) = packages(call) else {
                continue;
            };
            let listed = call.flag("r", &["requirement"]) || call.flag("c", &["constraint"]);
            let loose = packages.filter(|package| !listed && !pinned(&package.text));
            packages::report_unpinned(found, run, call, loose);
        }
    }
}

/// What `pip install` or `python -m pip install` is to install.
fn packages<'a>(call: &Call<'a>) -> Option<impl Iterator<Item = &'a Argument<'a>>> {
    let is_pip = call.name.starts_with("pip") && !call.is(programs!["pipenv"]);
    let is_python = call.name.starts_with("python") && call.has("-m");
    if !is_pip && !is_python {
        return None;
    }
    let mut operands = call.operands_without(&WITH_VALUE);
    let mut is_next = |word: &str| operands.next().is_some_and(|it| it.text == word);
    let installs = (is_pip || is_next("pip")) && is_next("install");
    installs.then_some(operands)
}

/// Whether it has a version, or is no name of a package.
fn pinned(name: &str) -> bool {
    if let Some(repository) = name.strip_prefix("git+") {
        let path = repository.split('#').next().unwrap_or_default();
        let path = path.split_once("://").map_or(path, |(_, path)| path);
        return path.split('/').skip(1).any(|part| part.contains('@'));
    }
    name.contains(['=', '<', '>', '~', '/'])
        || name == "."
        || packages::is_file(name, ".whl")
        || name.ends_with(".tar.gz")
}
