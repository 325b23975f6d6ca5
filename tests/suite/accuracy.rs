//! How near the estimated sizes come to measured ones: not less near than they were.

#![expect(clippy::print_stderr, reason = "a skipped comparison says so")]

use stagecraft_tests::accuracy::{self, Case, Summary};

fn skipped() {
    eprintln!("skipped: the measured figures are not there (see CONTRIBUTING.md)");
}

/// What was reached for a kind of steps.
struct Reached {
    kind: &'static str,
    /// At least so many hundredths are known.
    known: usize,
    /// Of these at least so many hundredths lie in their range.
    within: usize,
    /// The median error in thousandths is not more.
    error: u64,
    /// The median of the most by the least in hundredths is not more.
    width: u64,
}

fn check(cases: &[Case], reached: &[Reached]) {
    for Reached {
        kind,
        known,
        within,
        error,
        width,
    } in reached
    {
        let of_kind = |case: &&Case| case.kind == *kind || kind.is_empty();
        let summary = Summary::of(cases.iter().filter(of_kind));
        assert!(
            summary.known * 100 >= summary.cases * known
                && summary.within * 100 >= summary.known * within
                && summary.error <= *error
                && summary.width <= *width,
            "{kind}: {summary:?}"
        );
    }
}

#[test]
fn sizes_of_measured_steps_come_as_near_as_they_did() {
    let Some(cases) = accuracy::measured() else {
        return skipped();
    };
    #[rustfmt::skip]
    check(&cases, &[
        Reached { kind: "apt", known: 96, within: 100, error: 5, width: 116 },
        Reached { kind: "pip", known: 100, within: 100, error: 5, width: 140 },
        Reached { kind: "npm", known: 96, within: 94, error: 15, width: 154 },
        Reached { kind: "copy, shell", known: 75, within: 100, error: 0, width: 100 },
    ]);
}

#[test]
fn the_range_of_a_pinned_version_holds_for_most_that_were_measured() {
    #[rustfmt::skip]
    check(&accuracy::pinned(), &[
        Reached { kind: "pip", known: 100, within: 90, error: 100, width: 310 },
    ]);
}

#[test]
fn whole_stages_of_the_guide_come_as_near_as_they_did() {
    let Some(guide) = accuracy::guide_stages() else {
        return skipped();
    };
    let known = |cases: &[Case]| {
        cases
            .iter()
            .filter(|case| case.is_known())
            .cloned()
            .collect()
    };
    #[rustfmt::skip]
    check(&guide.told, &[
        Reached { kind: "", known: 100, within: 100, error: 1, width: 102 },
    ]);
    #[rustfmt::skip]
    check(&guide.alone, &[
        Reached { kind: "", known: 40, within: 100, error: 1, width: 103 },
    ]);
    for cases in [&guide.told, &guide.alone] {
        let known: Vec<Case> = known(cases);
        let largest = known.iter().map(Case::error).max().unwrap_or_default();
        assert!(largest <= 12, "{largest} thousandths");
        // Where there is a range only, it holds, too.
        let open = cases.iter().filter(|case| !case.is_known());
        let wrong: Vec<&Case> = open.filter(|case| !case.is_within()).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
    assert!(guide.others <= 4, "{}", guide.others);
}

#[test]
fn transferred_sizes_of_official_layers_come_as_near_as_they_did() {
    let Some(cases) = accuracy::official() else {
        return skipped();
    };
    #[rustfmt::skip]
    check(&cases, &[
        Reached { kind: "", known: 90, within: 95, error: 150, width: 255 },
    ]);
}

#[test]
fn as_many_steps_that_install_packages_are_known_as_were() {
    let Some(coverage) = accuracy::coverage() else {
        return skipped();
    };
    for (with, known, whole) in [
        ("all", 82, 57),
        ("apt", 93, 69),
        ("apk", 96, 55),
        ("pip", 67, 44),
        ("npm", 45, 26),
    ] {
        let found = &coverage[with];
        let at_least = |count: usize, hundredths: usize| count * 100 >= found.steps * hundredths;
        assert!(
            at_least(found.known, known) && at_least(found.whole, whole),
            "{with}: {} and {} of {}",
            found.known,
            found.whole,
            found.steps
        );
    }
}
