//! pip installs without versions.

use stagecraft_diagnostics::Severity;

use crate::facts::{Argument, Call, Facts};
use crate::packages;
use crate::programs::Bits;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "pip-unpinned",
    codes: &["DL3013"],
    severity: Severity::Hint,
    by_default: false,
    why: "pip installs whatever version is newest today. The same Dockerfile then makes another image next month, and nobody can tell what changed.",
    bad: "FROM python:3.11-slim\nRUN pip install flask\n",
    good: "FROM python:3.11-slim\nRUN pip install flask==3.0.3\n",
    when: When::Calls(Bits::ALL_PYTHON),
    check,
};

/// Options whose value is the next word, as hadolint knows them.
const WITH_VALUE: [&str; 26] = [
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
    "--progress-bar",
    "--proxy",
    "--cert",
    "--python",
    "--root-user-action",
];

/// Options whose value it takes for a package.
const WITH_VALUE_TOO: [&str; 8] = [
    "-C",
    "--cache-dir",
    "--config-settings",
    "--group",
    "--log",
    "--report",
    "--retries",
    "--timeout",
];

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let runs = facts.runs.iter();
    for run in runs.filter(|run| run.may_call(Bits::ALL_PYTHON)) {
        for call in run.calls {
            let Some(packages) = packages(call) else {
                continue;
            };
            let packages: Vec<_> = packages.collect();
            // hadolint takes a project of one's own for all that is installed.
            let project = || call.has(".");
            let theirs = packages::sees_pip(call) && !is_listed(call) && !project();
            let ours = !call.flag("r", &["requirement"]) && !call.flag("c", &["constraint"]);
            let loose = packages.iter().copied();
            let loose = loose.filter(|word| (theirs || ours) && !pinned(&word.text));
            let Some(report) = packages::report_unpinned(found, run, call, loose.clone()) else {
                continue;
            };
            let mut other =
                loose.filter(|word| !packages::is_value_of(call, word, &WITH_VALUE_TOO));
            report.said_by(ours && other.next().is_some(), theirs);
        }
    }
}

/// Whether files name the packages, as far as hadolint sees: it knows the options alone only.
fn is_listed(call: &Call<'_>) -> bool {
    const LISTS: [&str; 4] = ["-r", "--requirement", "-c", "--constraint"];
    call.words().iter().any(|word| {
        let option = word.text.split('=').next().unwrap_or_default();
        LISTS.contains(&option)
    })
}

/// What `pip install` or `python -m pip install` is to install.
fn packages<'a>(call: &Call<'a>) -> Option<impl Iterator<Item = &'a Argument<'a>>> {
    let is_pip = call.name.starts_with("pip") && !call.is(programs!["pipenv"]);
    let is_python = call.name.starts_with("python") && call.has("-m");
    if !is_pip && !is_python {
        return None;
    }
    let mut operands = call.operands_without(&WITH_VALUE);
    let calls_pip = is_pip || operands.next().is_some_and(|it| it.text == "pip");
    // Options with values may stand before it.
    let installs = calls_pip && operands.any(|it| it.text == "install");
    installs.then_some(operands)
}

/// Whether it has a version, or is no name of a package.
fn pinned(name: &str) -> bool {
    if let Some(repository) = name.strip_prefix("git+") {
        return repository
            .split('#')
            .next()
            .unwrap_or_default()
            .contains('@');
    }
    name.contains(['=', '<', '>', '~', '/'])
        || name == "."
        || packages::is_file(name, ".whl")
        || name.ends_with(".tar.gz")
}
