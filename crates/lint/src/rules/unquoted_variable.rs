//! A variable without quotes, whose value a shell splits.

use stagecraft_diagnostics::{Applicability, Severity};
use stagecraft_shell::{PartKind, PartKinds};

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};
use crate::shellcheck::{splits, unquoted};

pub(super) const RULE: Rule = Rule {
    name: "unquoted-variable",
    codes: &["SC2086"],
    severity: Severity::Info,
    by_default: false,
    why: "A shell splits an unquoted value at its blanks and takes each piece for a pattern of file names; an empty value disappears altogether.",
    bad: "FROM debian:12\nRUN cp $SOURCE /opt/\n",
    good: "FROM debian:12\nRUN cp \"$SOURCE\" /opt/\n",
    when: When::parts(PartKinds::PARAMETERS.and(OPAQUE)),
    check,
};

/// What is not understood.
const OPAQUE: PartKinds = PartKinds::of(&[PartKind::Opaque]);

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    // What is no expansion at all, a shell takes for one nevertheless.
    for checked in facts.checked_having(OPAQUE) {
        for part in checked.script.parts_of(OPAQUE) {
            let inside = part.text().strip_prefix("${").filter(|_| !part.is_quoted());
            let plain = |first: char| {
                first.is_ascii_alphanumeric() || matches!(first, '_' | '}' | '/' | '=' | '%' | '~')
            };
            let splits = || part.word().is_some_and(|it| splits(it, checked.shell()));
            if inside.is_some_and(|it| it.starts_with(plain)) && splits() {
                let message = ["`", part.text(), "` is no variable"].concat();
                let report = found.shell(&checked, "SC2086", part.range(), message);
                report.elsewhere(&["SC2086"]);
            }
        }
    }
    for checked in facts.checked_having(PartKinds::PARAMETERS) {
        unquoted(&checked, &mut |part| {
            let message = ["`", part.text(), "` is split at its blanks"].concat();
            let report = found.shell(&checked, "SC2086", part.range(), message);
            if checked.can_quote() {
                let range = part.source_range();
                let quoted = ["\"", checked.written(part.range()), "\""].concat();
                report.fix(Applicability::Unsafe, "quote it", range, quoted);
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::marked;

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        assert_eq!(marked("SC2086", command), expected, "{command}");
    }

    #[test]
    fn it_is_about_words_that_a_shell_splits() {
        check(
            "a $b ${c} ${d:-e} x$f/y >$g",
            &["$b", "${c}", "${d:-e}", "$f", "$g"],
        );
        check("a \"$b\" \"x${c}\" '$d' \\$e", &[]);
        check("[ $a = b ] && test -n $c", &["$a", "$c"]);
        check(
            "case $a in $b) ;; esac; x=$c; [[ $d = e ]]; for i in $f; do :; done",
            &[],
        );
        check("$a b; $c/d e", &["$c"]);
        check("export a=$b", &["$b"]);
        // The variable that it names, not the one that keeps its value.
        check("a ${!http_proxy} $http_proxy", &["${!http_proxy}"]);
        check("a \"$(b $c)\" `d $e`", &["$c", "$e"]);
    }

    #[test]
    fn numbers_and_alternatives_need_no_quotes() {
        check("a $# $? $$ ${#b} $(($c)) ${d:+-e $f} $UID", &[]);
    }

    #[test]
    fn a_value_that_is_written_out_is_known() {
        check("x=1; a $x ${x%b}; x=$y; a $x", &["$x"]);
        check("x='a b'; a $x; x='*'; a $x; x=; a $x", &["$x", "$x", "$x"]);
        check("x=1; y=a/$x; a $y; z=\"$y.c\"; a $z; w=$((v)); a $w", &[]);
        check("x=1 a $x", &["$x"]);
        check("x=1; read x; a $x", &["$x"]);
        check("x=1; unset x; a $x", &["$x"]);
        check("x=1; x=${x}-2; a $x", &[]);
    }

    #[test]
    fn every_way_to_a_place_counts() {
        check("if a; then x=1; else x=2; fi; b $x", &[]);
        check("if a; then x=1; fi; b $x", &["$x"]);
        check("if a; then x=1; else exit 1; fi; b $x", &[]);
        check("case a in b) x=1;; *) x=2;; esac; b $x", &[]);
        check("case a in b) x=1;; c) x=2;; esac; b $x", &["$x"]);
        check("a && x=1; b $x", &["$x"]);
        check("x=1 && a && b $x", &[]);
        check("x=1; (x=$y); a $x; (b $x)", &[]);
        check("x=1 | a; b $x", &["$x"]);
    }

    #[test]
    fn a_loop_runs_never_or_again() {
        check("for x in a b; do c $x; done; d $x", &["$x"]);
        check("for x in a 'b c'; do c $x; done", &["$x"]);
        check("x=1; while a; do b $x; x=$y; done", &["$x"]);
        check("x=1; while a; do x=2; done; b $x", &[]);
        check("while read x; do b $x; done", &["$x"]);
    }

    #[test]
    fn a_function_works_where_it_is_called() {
        check("x=1; f() { a $x; }; f", &[]);
        check("x=1; f() { x=$y; }; f; a $x", &["$x"]);
        check("f() { a $x; }", &["$x"]);
        check("f() { g; }; g() { f; }; f", &[]);
    }
}
