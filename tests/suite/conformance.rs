//! Our answers against those of the real tools. See `stagecraft_tests::conformance`.

#![expect(clippy::print_stderr, reason = "a skipped comparison says so")]

use stagecraft_tests::conformance::{self, Report};

fn check(reports: Option<Vec<Report>>) {
    let Some(reports) = reports else {
        eprintln!("skipped: the corpora are not there (see CONTRIBUTING.md)");
        return;
    };
    for report in &reports {
        eprintln!("{report}");
        for difference in report.differences.iter().take(20) {
            eprintln!("  {}: {}", difference.id, difference.what);
        }
    }
    assert!(reports.iter().all(|report| report.differences.is_empty()));
}

#[test]
fn the_tree_is_that_of_buildkit() {
    check(conformance::parse::reports());
}

#[test]
fn words_expand_as_buildkit_expands_them() {
    check(conformance::words::reports());
}

#[test]
fn stages_and_what_they_need_are_those_of_buildkit() {
    check(conformance::graph::reports());
}

#[test]
fn findings_are_those_of_buildkit() {
    for report in conformance::lint::buildkit_reports().into_iter().flatten() {
        eprintln!("{report}");
        for difference in &report.files.differences {
            eprintln!("  {}:{}", difference.id, difference.what);
        }
    }
}

#[test]
fn findings_are_those_of_hadolint() {
    for report in conformance::lint::hadolint_reports().into_iter().flatten() {
        eprintln!("{report}");
        for difference in &report.files.differences {
            eprintln!("  {}:{}", difference.id, difference.what);
        }
    }
}
