//! Commands and options that only bash has.

use stagecraft_shell::{Simple, Word};
use stagecraft_text::{TextRange, TextSize};

use super::{Say, expression};
use crate::calls::Single;
use crate::programs::Bits;
use crate::shellcheck::{Checked, Shell};

/// The commands that [`called`] looks at.
pub(super) const LOOKED_AT: Bits = programs![
    "[",
    "builtin",
    "caller",
    "cd",
    "command",
    "compgen",
    "complete",
    "coproc",
    "declare",
    "dirs",
    "disown",
    "echo",
    "enable",
    "exec",
    "export",
    "hash",
    "jobs",
    "let",
    "local",
    "mapfile",
    "popd",
    "printf",
    "pushd",
    "read",
    "readarray",
    "readonly",
    "set",
    "shopt",
    "source",
    "suspend",
    "test",
    "trap",
    "type",
    "typeset",
    "ulimit",
    "umask",
    "unset",
    "wait",
]
.bits;

/// Reports what a command is or asks for.
pub(super) fn called(checked: &Checked<'_, '_>, single: &Single<'_>, say: &mut Say<'_>) {
    let dash = checked.shell() == Shell::Dash;
    let (simple, mut name) = (single.simple, single.name);
    let calls_other = matches!(name, "builtin" | "command");
    if calls_other {
        let Some(inner) = simple.arguments().next() else {
            return;
        };
        name = inner.text();
    }
    // Most commands are none of these, and need no look at their words.
    let arguments = || simple.arguments().skip(usize::from(calls_other));
    let whole = || simple.range();
    match name {
        "[" | "test" => {
            let orders = |word: &Word<'_>| matches!(word.text(), "\\<" | "\\>");
            for word in arguments().filter(|word| !(dash && name == "test" && orders(word))) {
                tested(word, say);
            }
            // `>` in brackets is an order, and behind them a file.
            let end = arguments().find(|word| name == "[" && word.text() == "]");
            let Some(end) = end.map(|word| word.range().start()) else {
                return;
            };
            for redirection in simple.redirections() {
                let start = redirection.range().start();
                if start < end && redirection.text().starts_with(['<', '>']) {
                    let operator = TextRange::at(start, 1.into());
                    say("SC3012", operator, "an order of texts in a test");
                }
            }
        }
        "coproc" => say("SC3032", whole(), "`coproc`"),
        "exec" => {
            let first = arguments().next();
            let option = first.filter(|it| matches!(it.text(), "-a" | "-c" | "-l"));
            if let Some(word) = option {
                say("SC3038", word.range(), "options of exec");
            }
        }
        "echo" => {
            // Most of what is printed starts with a letter, or a quote and a letter.
            let first = arguments()
                .next()
                .filter(|word| !starts_with_letter(word.text()));
            let flag = first.and_then(|word| Some((word, word.as_static()?)));
            let flag = flag.filter(|(_, text)| is_echo_flag(text) && !(dash && text == "-n"));
            if let Some((word, _)) = flag {
                let code = if dash { "SC3036" } else { "SC3037" };
                say(code, word.range(), "options of echo");
            }
        }
        "source" => say("SC3046", whole(), "`source`"),
        "let" => {
            say("SC3039", whole(), "`let`");
            for word in arguments() {
                expression(word.text(), word.range().start(), say);
            }
        }
        "local" if !dash => say("SC3043", whole(), "`local`"),
        "caller" | "compgen" | "complete" | "declare" | "dirs" | "disown" | "enable"
        | "mapfile" | "popd" | "pushd" | "readarray" | "shopt" | "suspend" | "typeset" => {
            say("SC3044", whole(), &format!("`{name}`"));
        }
        // What dash has of it is not looked at.
        "set" if dash => {}
        "set" => set(simple, say),
        "trap" => {
            let first = arguments().next();
            if let Some(word) = first.filter(|it| matches!(it.text(), "-l" | "-p")) {
                say("SC3045", word.range(), "options of trap");
            }
            for word in arguments().skip(1) {
                match word.text() {
                    "ERR" | "DEBUG" | "RETURN" => say("SC3047", word.range(), "this signal"),
                    text if text.starts_with("SIG") => {
                        say("SC3048", word.range(), "signals with SIG before them");
                    }
                    _ => {}
                }
            }
        }
        _ => options(name, dash, arguments(), say),
    }
}

/// The options of a command that are not in every shell.
fn options<'w>(
    name: &str,
    dash: bool,
    arguments: impl Iterator<Item = Word<'w>>,
    say: &mut Say<'_>,
) {
    let Some(known) = known_options(name, dash) else {
        return;
    };
    let mut arguments = arguments.peekable();
    let format = arguments.peek().filter(|_| name == "printf");
    if let Some(word) = format.filter(|word| word.text().contains("%q")) {
        say("SC3050", word.range(), "`%q` of printf");
    }
    for word in arguments {
        let text = word.text().trim_start_matches(['"', '\'']);
        let Some(letters) = text.strip_prefix('-').filter(|it| !it.is_empty()) else {
            break;
        };
        if letters == "-" {
            break;
        }
        if letters.starts_with(|letter: char| !known.contains(letter))
            || letters.chars().all(|letter| letter.is_ascii_alphabetic())
                && letters.contains(|letter: char| !known.contains(letter))
        {
            say("SC3045", word.range(), &format!("`{name} {text}`"));
        }
    }
}

/// The options that a command has in every shell; `None` for a command that only bash's way of
/// options says nothing about.
fn known_options(name: &str, dash: bool) -> Option<&'static str> {
    Some(match name {
        "read" if dash => "rp",
        "read" | "hash" => "r",
        "export" | "readonly" => "p",
        "printf" | "type" | "wait" => "",
        "cd" => "LP",
        "ulimit" if dash => "HSatfdsclpnmvwr",
        "ulimit" => "f",
        "jobs" => "lp",
        "umask" => "S",
        "unset" => "fv",
        _ => return None,
    })
}

/// Whether a word starts with a letter, be it behind a quote.
fn starts_with_letter(word: &str) -> bool {
    let inner = word.strip_prefix(['"', '\'']).unwrap_or(word);
    inner.starts_with(|first: char| first.is_alphanumeric())
}

fn is_echo_flag(text: &str) -> bool {
    let letters = text.strip_prefix('-').unwrap_or_default();
    !letters.is_empty() && letters.bytes().all(|b| matches!(b, b'e' | b'E' | b'n'))
}

pub(super) fn tested(word: Word<'_>, say: &mut Say<'_>) {
    let range = word.range();
    match word.text() {
        "==" => say("SC3014", range, "`==` in a test"),
        "=~" => say("SC3015", range, "`=~`"),
        "\\<" | "\\>" => say("SC3012", range, "an order of texts in a test"),
        "-v" => say("SC3016", range, "`-v` in a test"),
        _ => {}
    }
}

fn set(simple: Simple<'_>, say: &mut Say<'_>) {
    const NAMES: [&str; 14] = [
        "allexport",
        "errexit",
        "ignoreeof",
        "monitor",
        "noclobber",
        "noexec",
        "noglob",
        "nolog",
        "notify",
        "nounset",
        "verbose",
        "vi",
        "xtrace",
        "emacs",
    ];
    let mut named = false;
    for word in simple.arguments() {
        let text = word.as_static().unwrap_or_default();
        if named {
            if !NAMES.contains(&&*text) {
                say("SC3040", word.range(), "this option of set");
            }
            named = false;
            continue;
        }
        let Some(letters) = text.strip_prefix(['-', '+']) else {
            return;
        };
        if letters.is_empty() || letters.starts_with('-') {
            return;
        }
        let other = |letter: char| !"abCefhmnuvxo".contains(letter);
        if letters.contains(other) {
            let at = word.range().start();
            say(
                "SC3041",
                TextRange::at(at, TextSize::of(&*text)),
                "this letter of set",
            );
        }
        named = letters.ends_with('o');
    }
}
