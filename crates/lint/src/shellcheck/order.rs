//! What hadolint makes of ShellCheck's findings.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use stagecraft_diagnostics::{Diagnostic, Severity, ToolCode};
use stagecraft_text::TextSize;

/// How grave hadolint takes a code to be. Of its own codes those that are not named are warnings,
/// as most of ShellCheck's are; what `is_dash` lacks is an error.
pub(crate) fn level(code: &str, is_dash: bool) -> Severity {
    match code {
        _ if is_dash && code.starts_with("SC3") => Severity::Error,
        "DL1000" | "DL3000" | "DL3004" | "DL3011" | "DL3012" | "DL3020" | "DL3021" | "DL3023"
        | "DL3024" | "DL3026" | "DL3043" | "DL3044" | "DL3061" | "DL4000" | "DL4004" | "SC1065"
        | "SC1070" | "SC1072" | "SC1088" | "SC1089" | "SC1133" | "SC1141" | "SC2224" | "SC2225"
        | "SC2259" | "SC2260" | "SC2261" | "SC2287" => Severity::Error,
        "DL3001" | "DL3009" | "DL3010" | "DL3015" | "DL3019" | "DL3047" | "DL3049" | "DL3050"
        | "DL3059" | "DL3060" | "DL3066" | "SC1001" | "SC1012" | "SC2012" | "SC2016" | "SC2028"
        | "SC2035" | "SC2059" | "SC2103" | "SC2086" | "SC2102" | "SC2251" => Severity::Info,
        "DL1001" | "DL3048" | "SC2005" | "SC2006" | "SC2116" | "SC2268" => Severity::Hint,
        _ => Severity::Warning,
    }
}

/// Where ShellCheck stops reading: it knows nothing of what comes behind.
fn stops(code: &str) -> bool {
    matches!(
        code,
        "SC1065" | "SC1070" | "SC1072" | "SC1088" | "SC1089" | "SC1133" | "SC1141"
    )
}

/// Whether nothing is read at all: the others stop reading behind some commands.
pub(crate) fn fails(code: &str) -> bool {
    matches!(code, "SC1065" | "SC1072")
}

/// Whether a rule of hadolint looks at the commands of a RUN, of which it has none where
/// ShellCheck cannot read them.
fn looks_into(code: &str) -> bool {
    matches!(
        code,
        "DL3001"
            | "DL3003"
            | "DL3004"
            | "DL3008"
            | "DL3009"
            | "DL3013"
            | "DL3014"
            | "DL3015"
            | "DL3016"
            | "DL3018"
            | "DL3019"
            | "DL3027"
            | "DL3028"
            | "DL3030"
            | "DL3032"
            | "DL3033"
            | "DL3034"
            | "DL3035"
            | "DL3036"
            | "DL3037"
            | "DL3038"
            | "DL3040"
            | "DL3041"
            | "DL3042"
            | "DL3046"
            | "DL3047"
            | "DL3060"
            | "DL3062"
            | "DL4001"
            | "DL4005"
            | "DL4006"
    )
}

/// Leaves the last of ShellCheck's findings on each RUN: the one that starts last, and of those
/// at one place the mildest: `is_dash` says of a line whether dash reads the RUN there, for which
/// what it lacks is grave. Where it stops reading, nothing comes after that, and hadolint's own
/// rules have nothing to look into.
pub(crate) fn keep_last(all: &mut [Diagnostic], is_dash: &dyn Fn(u32) -> bool) {
    type Key<'k> = (bool, TextSize, Reverse<Severity>, &'k str);
    let mut last: BTreeMap<u32, Key<'_>> = BTreeMap::new();
    let key = |code: &ToolCode, start: TextSize| -> Key<'static> {
        let level = level(code.code, is_dash(code.line));
        (stops(code.code), start, Reverse(level), code.code)
    };
    for finding in all.iter() {
        let start = finding.range.start();
        for code in &finding.codes {
            if code.code.starts_with("SC") {
                let key = key(code, start);
                let slot = last.entry(code.line).or_insert(key);
                *slot = key.max(*slot);
            }
        }
    }
    for finding in all {
        let start = finding.range.start();
        finding.codes.retain(|code| {
            let last = last.get(&code.line);
            if code.code.starts_with("SC") {
                last == Some(&key(code, start))
            } else {
                let read = |&(stops, at, _, last): &Key<'_>| !stops || !fails(last) && start < at;
                !looks_into(code.code) || last.is_none_or(read)
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::findings;
    use crate::{NoBases, Profile};

    #[track_caller]
    fn check(command: &str, expected: &[&str]) {
        let source = format!("FROM a:1\nRUN {command}\n");
        let found = findings(&source, Profile::Hadolint, &NoBases);
        let mut codes: Vec<&str> = found
            .iter()
            .flat_map(|finding| finding.codes.iter().map(|code| code.code))
            .collect();
        codes.sort_unstable();
        assert_eq!(codes, expected, "{command}");
    }

    #[test]
    fn of_each_run_the_last_finding_of_shellcheck_stays() {
        check("echo -e $A; [ a == b ]", &["SC3014"]);
    }

    #[test]
    fn hadolint_looks_into_no_command_that_shellcheck_cannot_read() {
        check("sudo a; (cd b", &["SC1072"]);
        check("sudo a && then b", &["SC1072"]);
    }

    #[test]
    fn what_stands_before_the_place_where_shellcheck_stops_is_read() {
        check("sudo a; done; cd b", &["DL3004", "SC1089"]);
    }
}
