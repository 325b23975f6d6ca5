//! What hadolint makes of ShellCheck's findings.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use stagecraft_diagnostics::{Diagnostic, Severity};
use stagecraft_text::TextSize;

/// How grave hadolint takes a code to be. Of its own codes those that are not named are warnings,
/// as most of ShellCheck's are.
pub(crate) fn level(code: &str) -> Severity {
    match code {
        "DL1000" | "DL3000" | "DL3004" | "DL3011" | "DL3012" | "DL3020" | "DL3021" | "DL3023"
        | "DL3024" | "DL3026" | "DL3043" | "DL3044" | "DL3061" | "DL4000" | "DL4004" | "SC1065"
        | "SC1070" | "SC1072" | "SC1088" | "SC1089" | "SC1141" => Severity::Error,
        "DL3001" | "DL3009" | "DL3010" | "DL3015" | "DL3019" | "DL3047" | "DL3049" | "DL3050"
        | "DL3059" | "DL3060" | "DL3066" | "SC1001" | "SC1012" | "SC2012" | "SC2016" | "SC2028"
        | "SC2035" | "SC2059" | "SC2086" | "SC2251" => Severity::Info,
        "DL1001" | "DL3048" | "SC2005" | "SC2006" | "SC2116" => Severity::Hint,
        _ => Severity::Warning,
    }
}

/// Where ShellCheck stops reading: it knows nothing of what comes behind.
fn stops(code: &str) -> bool {
    matches!(
        code,
        "SC1065" | "SC1070" | "SC1072" | "SC1088" | "SC1089" | "SC1141"
    )
}

/// Leaves the last of ShellCheck's findings on each RUN: the one that starts last, and of those
/// at one place the mildest. Where it stops reading, nothing comes after that.
pub(crate) fn keep_last(all: &mut [Diagnostic]) {
    type Key<'k> = (bool, TextSize, Reverse<Severity>, &'k str);
    let mut last: BTreeMap<u32, Key<'_>> = BTreeMap::new();
    let key = |code: &'static str, start: TextSize| -> Key<'static> {
        (stops(code), start, Reverse(level(code)), code)
    };
    for finding in all.iter() {
        let start = finding.range.start();
        for code in &finding.codes {
            if code.code.starts_with("SC") {
                let key = key(code.code, start);
                let slot = last.entry(code.line).or_insert(key);
                *slot = key.max(*slot);
            }
        }
    }
    for finding in all {
        let start = finding.range.start();
        finding.codes.retain(|code| {
            !code.code.starts_with("SC") || last.get(&code.line) == Some(&key(code.code, start))
        });
    }
}
