//! hadolint cannot read the file.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{ErrorKind, Flag, Form, Instruction, Keyword, Kind};
use stagecraft_text::slice;

use crate::facts::Facts;
use crate::rule::{Found, Rule, When};

pub(super) const RULE: Rule = Rule {
    name: "unreadable-elsewhere",
    codes: &["DL1000"],
    severity: Severity::Hint,
    by_default: false,
    why: "hadolint has a grammar of its own and refuses some Dockerfiles that Docker builds. It then says nothing else about them.",
    bad: "FROM alpine:3.20\nEXPOSE 3000:3000\n",
    good: "FROM alpine:3.20\nEXPOSE 3000\n",
    when: When::Always,
    check,
};

fn check(facts: &Facts<'_>, found: &mut Found<'_>) {
    let file = facts.file;
    let instructions = file.instructions();
    let error = file.errors().iter().find(|error| refuses(&error.kind));
    let error = error.and_then(|error| {
        let after = instructions.partition_point(|it| it.range.start() <= error.range.start());
        Some((after.checked_sub(1)?, error))
    });
    let until = error.map_or(instructions.len(), |(at, _)| at);
    for instruction in instructions.iter().take(until) {
        let inner = match &instruction.kind {
            Kind::Onbuild(Some(inner)) => inner,
            _ => instruction,
        };
        if let Some(line) = own_fault(facts, inner, instruction.empty_continuation) {
            found
                .report(instruction, instruction.range, MESSAGE)
                .line(line);
            return;
        }
    }
    let found_in = error.and_then(|(at, error)| Some((instructions.get(at)?, error)));
    if let Some((instruction, error)) = found_in {
        let before = file.source().get(..usize::from(error.range.start()));
        let line = before.map_or(0, |before| before.matches('\n').count()) + 1;
        let line = u32::try_from(line).unwrap_or(u32::MAX);
        found.report(instruction, error.range, MESSAGE).line(line);
    }
}

const MESSAGE: &str = "hadolint cannot read this";

/// Whether hadolint refuses what BuildKit refuses for that reason.
fn refuses(kind: &ErrorKind) -> bool {
    !matches!(
        kind,
        ErrorKind::UnknownEscape(_)
            | ErrorKind::RepeatedDirective(_)
            | ErrorKind::LineTooLong
            | ErrorKind::SourceTooLong
            | ErrorKind::NoInstructions
            | ErrorKind::JsonNotStrings
            | ErrorKind::UnterminatedHeredoc(_)
            | ErrorKind::StageName
            | ErrorKind::NoStage(_)
            | ErrorKind::ChainedOnbuild
            | ErrorKind::NotInOnbuild(_)
            | ErrorKind::ShellNotJson
            | ErrorKind::BlankName(_)
            | ErrorKind::UnknownFlag(Keyword::Run, _)
    )
}

/// The line of something that Docker builds and hadolint refuses; `blanks`: whether lines of blanks
/// alone stand in it.
fn own_fault(facts: &Facts<'_>, instruction: &Instruction, blanks: bool) -> Option<u32> {
    let first = instruction.lines.first;
    if let Some(heredoc) = facts.file.heredocs(instruction).last() {
        // Behind a heredoc it wants an empty line.
        let end = usize::from(heredoc.terminator.end());
        let behind = facts.file.source().get(end..)?;
        let mut lines = behind.split('\n');
        let _ = lines.next();
        let next = lines.next()?;
        return (!next.trim().is_empty()).then_some(instruction.lines.last + 1);
    }
    if blanks && let Some(line) = behind_blanks(facts, instruction) {
        return Some(line);
    }
    let rest = || facts.file.word(instruction.rest);
    let more = || has_more_than_array(rest());
    let refused = match instruction.keyword {
        Keyword::Expose => {
            let mut words = facts.file.args(instruction).iter();
            words.any(|word| !is_port(facts.file.word(*word)))
        }
        Keyword::Healthcheck => {
            let source = facts.file.source();
            let odd = |flag: &Flag| {
                let value = flag.value.map(|value| slice(source, value.range));
                value.is_some_and(|value| !is_duration(value))
            };
            let flags = facts.file.flags(instruction);
            let timed = |flag: &&Flag| facts.file.word(flag.name) != "retries";
            rest() == "none"
                || flags.iter().filter(timed).any(odd)
                || array_of_check(rest()).is_some_and(has_more_than_array)
        }
        Keyword::Copy | Keyword::Add => {
            let empty = |flag: &Flag| flag.value.is_some_and(|value| value.range.is_empty());
            facts.file.flags(instruction).iter().any(empty)
                || instruction.form == Form::Shell && more()
        }
        Keyword::Shell => more(),
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => {
            rest().is_empty() || instruction.form == Form::Shell && more()
        }
        Keyword::Env | Keyword::Label => facts.file.pairs(instruction).iter().any(|pair| {
            !pair.legacy
                && pair
                    .value
                    .is_some_and(|value| is_open(facts.file.word(value)))
        }),
        _ => false,
    };
    refused.then_some(first)
}

/// The line that goes on behind a line of nothing but blanks, which ends the instruction for
/// hadolint; an empty line does not.
fn behind_blanks(facts: &Facts<'_>, instruction: &Instruction) -> Option<u32> {
    let range = instruction.range;
    let source = facts.file.source();
    let text = source.get(range.start().into()..range.end().into())?;
    let mut blank = false;
    for (line, text) in (instruction.lines.first..).zip(text.split('\n')) {
        let content = text.trim();
        if content.is_empty() {
            blank |= !text.trim_end_matches('\r').is_empty();
        } else if blank && !content.starts_with('#') {
            return Some(line);
        }
    }
    None
}

/// Whether something stands behind an array of strings.
fn has_more_than_array(text: &str) -> bool {
    // Most commands start with a letter.
    let first = text.as_bytes().first();
    if first.is_some_and(u8::is_ascii_alphanumeric) {
        return false;
    }
    let Some(mut rest) = text.trim_start().strip_prefix('[') else {
        return false;
    };
    loop {
        rest = rest.trim_start();
        let Some(inner) = rest.strip_prefix('"') else {
            return false;
        };
        let mut escaped = false;
        let end = inner.find(|c: char| {
            let ends = c == '"' && !escaped;
            escaped = c == '\\' && !escaped;
            ends
        });
        let Some(behind) = end.and_then(|end| inner.get(end + 1..)) else {
            return false;
        };
        rest = behind.trim_start();
        if let Some(more) = rest.strip_prefix(',') {
            rest = more;
        } else {
            let behind = rest.strip_prefix(']');
            return behind.is_some_and(|behind| !behind.trim().is_empty());
        }
    }
}

/// Whether a word of EXPOSE is as hadolint wants it: numbers or variables, with a protocol.
fn is_port(word: &str) -> bool {
    // What it takes for the name of a variable ends at few letters.
    let variable = |text: &str| {
        let name = text.strip_prefix('$')?;
        if name.is_empty() || name.contains(['$', ',']) {
            return None;
        }
        let inner = name.strip_prefix('{').and_then(|it| it.split_once('}'));
        Some(inner.is_none_or(|(inner, _)| !inner.contains(':')))
    };
    let number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    // Most are this.
    if number(word.strip_suffix("/tcp").unwrap_or(word)) {
        return true;
    }
    let side = |text: &str| number(text) || variable(text) == Some(true);
    let (ports, protocol) = match word.split_once('/') {
        Some((ports, protocol)) => (ports, Some(protocol)),
        None => (word, None),
    };
    let known = |it: &str| {
        ["tcp", "udp"]
            .iter()
            .any(|name| name.eq_ignore_ascii_case(it))
    };
    let fits = protocol.is_none_or(|it| known(it) || ports.starts_with('$') && !it.contains('$'));
    let given = ports.starts_with("${") && variable(ports) == Some(false);
    fits && !given
        && match ports.split_once('-') {
            Some((from, "")) => variable(from) == Some(true),
            Some((from, to)) => {
                side(from) && (side(to) || from.starts_with('$') && !to.contains('$'))
            }
            None => side(ports),
        }
}

/// Whether hadolint takes it for a duration: one number with one unit.
fn is_duration(text: &str) -> bool {
    let Some(number) = text.strip_suffix(['s', 'm', 'h']) else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    number
        .split_once('.')
        .map_or_else(|| digits(number), |(a, b)| digits(a) && digits(b))
}

/// The arguments of `HEALTHCHECK CMD`.
fn array_of_check(text: &str) -> Option<&str> {
    let (kind, rest) = text.split_once([' ', '\t'])?;
    kind.eq_ignore_ascii_case("cmd").then_some(rest)
}

/// Whether hadolint takes it that a quote is opened and not closed: a backslash keeps one from
/// closing, and none from opening.
fn is_open(text: &str) -> bool {
    if !has_any!(text, b'"' | b'\'') {
        return false;
    }
    let (mut open, mut before) = (None, b' ');
    for byte in text.bytes() {
        match open {
            None if matches!(byte, b'"' | b'\'') => open = Some(byte),
            Some(quote) if byte == quote && before != b'\\' => open = None,
            _ => {}
        }
        before = byte;
    }
    open.is_some()
}

#[cfg(test)]
mod tests {
    use crate::Profile;
    use crate::testing::findings;

    #[track_caller]
    fn check(line: &str, refused: bool) {
        let source = format!("FROM a:1\n{line}\n");
        let found = findings(&source, Profile::Hadolint, &crate::NoBases);
        let says = found
            .iter()
            .any(|finding| finding.rule == "unreadable-elsewhere");
        assert_eq!(says, refused, "{line}");
    }

    #[test]
    fn ports_are_numbers_or_variables() {
        for ports in [
            "80",
            "80/TCP",
            "80-90/tcp",
            "$A",
            "${A}/udp",
            "$A-$B",
            "80-$A",
            "${A}x",
            "$A:80",
            "$A/x",
        ] {
            check(&format!("EXPOSE {ports}"), false);
        }
        for ports in [
            "\"80\"",
            "'80'",
            "${A:-80}",
            "80,90",
            "80;90",
            "80/$A",
            "x$A",
            "$A$B",
            "${A}:${B}",
            "80-90-91",
        ] {
            check(&format!("EXPOSE {ports}"), true);
        }
    }

    #[test]
    fn nothing_stands_behind_an_array() {
        for line in [
            "SHELL [\"/bin/bash\", \"-c\"] # why",
            "CMD [\"a\"] b",
            "COPY [\"a\", \"b\"] # why",
            "HEALTHCHECK CMD [\"a\"] b",
        ] {
            check(line, true);
        }
        check("HEALTHCHECK CMD [\"a\", \"b\"]", false);
        check("CMD [ -f a ] && b", false);
    }

    #[test]
    fn durations_have_one_unit() {
        for (time, refused) in [
            ("5s", false),
            ("0.5h", false),
            ("1m30s", true),
            ("500ms", true),
        ] {
            check(&format!("HEALTHCHECK --interval={time} CMD a"), refused);
        }
        check("HEALTHCHECK --retries=3 CMD a", false);
        check("HEALTHCHECK none", true);
    }

    #[test]
    fn a_quote_opens_behind_a_backslash_and_does_not_close_there() {
        check("ENV a=b\\\"c", true);
        check("ENV a=\"b\\\"c\"", false);
        check("ENV a=\"b\\\\\"", true);
        check("ENV a=\"b'c\"", false);
    }
}
