//! Our answers against those of the real tools. See `stagecraft_tests::conformance`.

#![expect(clippy::print_stderr, reason = "a skipped comparison says so")]

use stagecraft_tests::conformance::lint::LintReport;
use stagecraft_tests::conformance::{self, Report};

fn skipped() {
    eprintln!("skipped: the corpora are not there (see CONTRIBUTING.md)");
}

fn show(report: &Report) {
    for difference in report.differences.iter().take(20) {
        eprintln!("  {}: {}", difference.id, difference.what);
    }
}

fn check(reports: Option<Vec<Report>>) {
    let Some(reports) = reports else {
        return skipped();
    };
    for report in &reports {
        eprintln!("{report}");
        show(report);
    }
    assert!(reports.iter().all(|report| report.differences.is_empty()));
}

/// `allowed`: how many files of a thousand may differ, for each report.
fn check_findings(reports: Option<Vec<LintReport>>, allowed: &[usize]) {
    let Some(reports) = reports else {
        return skipped();
    };
    for report in &reports {
        eprintln!("{report}");
        show(&report.files);
    }
    for (report, allowed) in reports.iter().zip(allowed) {
        let Report {
            name,
            cases,
            differences,
        } = &report.files;
        let most = cases * allowed / 1000;
        assert!(differences.len() <= most, "{name}: more than {most} differ");
    }
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
    check_findings(conformance::lint::buildkit_reports(), &[0, 0, 0]);
}

#[test]
fn findings_are_those_of_hadolint() {
    // The made-up files mostly ask what hadolint's own grammar refuses.
    check_findings(conformance::lint::hadolint_reports(), &[0, 29, 1]);
}

#[test]
fn findings_in_files_of_our_own_are_those_of_hadolint() {
    let report = conformance::lint::own_files_through_hadolint();
    eprintln!("{report}");
    show(&report.files);
    assert!(report.files.cases > 1_200);
    assert!(report.files.differences.is_empty());
}

#[test]
fn what_only_others_say_changes_nothing_of_ours() {
    assert_eq!(conformance::lint::heard_otherwise(), [""; 0]);
}

#[test]
fn findings_are_those_of_shellcheck() {
    let Some(reports) = conformance::lint::shellcheck_reports() else {
        return skipped();
    };
    for report in &reports {
        eprintln!("{report}");
        show(&report.files);
    }
    let left_out = conformance::lint::shellcheck_left_out();
    eprintln!("left out: {left_out:?}");
    // The made-up files ask what hadolint makes of heredocs without end and of JSON that is none.
    for (report, allowed) in reports.iter().zip([0, 2, 1]) {
        let most = report.files.cases * allowed / 1000;
        let differ = report.files.differences.len();
        assert!(differ <= most, "{}: {differ} differ", report.files.name);
    }
    let wild = reports.last().expect("the wild files");
    for code in conformance::lint::SHELLCHECK {
        let tally = wild.codes.get(code).copied().unwrap_or_default();
        assert!(tally.theirs() > 0, "{code} is nowhere");
        assert!(tally.precision() >= 980, "{code}: {tally:?}");
        assert!(tally.recall() >= 900, "{code}: {tally:?}");
    }
}

#[test]
fn severities_are_those_of_hadolint_in_its_profile() {
    let Some(other) = conformance::lint::other_levels() else {
        return skipped();
    };
    assert!(other.is_empty(), "{other:?}");
}

#[test]
fn builds_and_rebuilds_come_out_as_recorded() {
    let Some(reports) = conformance::builds::reports() else {
        return skipped();
    };
    for report in &reports {
        eprintln!("{report}");
        show(report);
    }
    let differ: Vec<usize> = reports
        .iter()
        .map(|report| report.differences.len())
        .collect();
    // `docs/decisions/0002-recorded-builds.md` has the two: a stage that BuildKit counts from two on,
    // and the size of a compressed archive.
    assert_eq!(differ, [0, 1, 0, 0, 0, 1, 0]);
}

#[test]
fn verdicts_on_the_cache_are_right_where_they_are_certain() {
    let Some((report, verdicts)) = conformance::builds::verdicts() else {
        return skipped();
    };
    eprintln!("{report}");
    show(&report);
    eprintln!("{verdicts:?}");
    // A cache for mounts of another name, the content of named contexts and links, and times are
    // not looked at here.
    assert!(verdicts.wrong * 200 <= verdicts.right, "{verdicts:?}");
    assert!(
        verdicts.open * 20 <= verdicts.right + verdicts.open,
        "{verdicts:?}"
    );
}

#[test]
fn fixes_of_real_files_end_and_break_nothing() {
    let Some(reports) = conformance::fixes::reports() else {
        return skipped();
    };
    for (report, fixes) in &reports {
        eprintln!("{report} {fixes} fixes");
        show(report);
    }
    let whole = |(report, fixes): &(Report, usize)| *fixes > 0 && report.differences.is_empty();
    assert!(reports.iter().all(whole));
}

#[test]
fn findings_in_real_files_can_be_silenced() {
    check(conformance::fixes::silencing().map(|report| vec![report]));
}
