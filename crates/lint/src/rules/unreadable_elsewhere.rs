//! hadolint cannot read the file.

use stagecraft_diagnostics::Severity;
use stagecraft_syntax::{ErrorKind, Flag, Form, Instruction, Keyword, Kind, SyntaxError, Word};
use stagecraft_text::{TextSize, size, slice};

use crate::array::{array_of_check, has_more_than_array};
use crate::facts::{Facts, unwrapped};
use crate::heredoc::{Unnamed, fault_of_heredoc, unnamed_heredoc};
use crate::image_name::WrittenName;
use crate::rule::{Found, Rule, When};
use crate::run_flags::is_mount;

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
    let at = |error: &SyntaxError| {
        let after = instructions.partition_point(|it| it.range.start() <= error.range.start());
        after.checked_sub(1)
    };
    let mut valued = None;
    let refused = |error: &&SyntaxError| {
        let place = at(error);
        if error.kind == ErrorKind::MissingEquals {
            // The first word without `=` is a name, and all that follows it is its value.
            if valued.replace(place) == Some(place) {
                return false;
            }
        }
        let instruction = place.and_then(|at| instructions.get(at));
        instruction.is_none_or(|it| refuses(facts, unwrapped(it), error))
    };
    let error = file.errors().iter().find(refused);
    let error = error.and_then(|error| Some((at(error)?, error)));
    let until = error.map_or(instructions.len(), |(at, _)| at);
    let angles = facts.letters().heredoc;
    for instruction in instructions.iter().take(until) {
        let inner = unwrapped(instruction);
        let unnamed = || match angles.then(|| unnamed_heredoc(facts, inner))? {
            Some(Unnamed::Stops(place)) => Some(Fault::At(place)),
            _ => None,
        };
        let fault = own_fault(facts, inner, instruction.empty_continuation);
        if let Some(fault) = fault.or_else(unnamed) {
            let line = match fault {
                Fault::At(place) => line_of(facts, place),
                Fault::Line(line) => line,
            };
            found
                .report(instruction, instruction.range, MESSAGE)
                .line(line);
            return;
        }
    }
    let found_in = error.and_then(|(at, error)| Some((instructions.get(at)?, error)));
    if let Some((instruction, error)) = found_in {
        let line = line_of(facts, error.range.start());
        found.report(instruction, error.range, MESSAGE).line(line);
    }
}

const MESSAGE: &str = "hadolint cannot read this";

fn line_of(facts: &Facts<'_>, place: TextSize) -> u32 {
    let before = facts.file.source().get(..usize::from(place));
    let line = before.map_or(0, |before| before.matches('\n').count()) + 1;
    u32::try_from(line).unwrap_or(u32::MAX)
}

/// Whether hadolint refuses what BuildKit refuses for that reason.
fn refuses(facts: &Facts<'_>, instruction: &Instruction, error: &SyntaxError) -> bool {
    let behind = || {
        let range = instruction.range;
        let end = usize::from(range.end());
        let text = facts
            .file
            .source()
            .get(usize::from(error.range.start())..end);
        text.unwrap_or_default()
    };
    match &error.kind {
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
        | ErrorKind::FlagNotBoolean
        | ErrorKind::EmptyVolume
        // It has a reading of mounts of its own.
        | ErrorKind::MountField
        | ErrorKind::MountKey(_)
        | ErrorKind::MountKeyForType(..)
        | ErrorKind::MountType(_)
        | ErrorKind::MountValue(..)
        | ErrorKind::MountNeeds(..) => false,
        // A blank is all that it wants.
        ErrorKind::NoArguments(Keyword::Expose) => !facts.has_blank_behind(instruction.name),
        // An array of nothing is all right.
        ErrorKind::NoArguments(Keyword::Volume | Keyword::Shell) => {
            !facts.file.word(instruction.rest).starts_with('[')
        }
        ErrorKind::HealthcheckNoCommand => {
            let array = array_of_check(facts.file.word(instruction.rest));
            !array.is_some_and(|array| array.trim_start().starts_with('['))
        }
        ErrorKind::RepeatedFlag => instruction.keyword != Keyword::Run,
        // It takes such a flag for a path or for the command.
        ErrorKind::FlagNeedsValue => {
            !matches!(instruction.keyword, Keyword::Run | Keyword::Copy)
        }
        ErrorKind::UnknownFlag(keyword, _) => match keyword {
            Keyword::Copy => {
                let flag = behind().split([' ', '\t', '\n']).next();
                flag.is_some_and(|flag| has_any!(flag, b'='))
            }
            Keyword::Add | Keyword::Expose | Keyword::From | Keyword::Healthcheck => true,
            // Others have no flags that it knows.
            _ => false,
        },
        ErrorKind::MissingEquals => {
            let behind = behind().trim_start_matches(|c: char| !c.is_whitespace());
            behind.trim().is_empty()
        }
        ErrorKind::FromArguments => !goes_on(facts, instruction),
        _ => true,
    }
}

/// Whether what FROM has too much of is a comment for hadolint, or, where it stands on the next
/// line, the next instruction.
fn goes_on(facts: &Facts<'_>, instruction: &Instruction) -> bool {
    let words = facts.file.args(instruction);
    let text = |at: usize| words.get(at).map(|word| facts.file.word(*word));
    let named = text(1).is_some_and(|word| word.eq_ignore_ascii_case("as"));
    let behind = words.get(if named { 3 } else { 1 });
    behind.is_some_and(|word| {
        let text = facts.file.word(*word);
        let known = || Keyword::from_word(text) != Keyword::Unknown;
        let (start, end) = (instruction.range.start(), word.range.start());
        let above = facts.file.source().get(start.into()..end.into());
        let apart = || above.is_some_and(|above| has_any!(above, b'\n'));
        text.starts_with('#') || known() && apart()
    })
}

/// Where hadolint stops.
enum Fault {
    At(TextSize),
    Line(u32),
}

/// Something that Docker builds and hadolint refuses; `blanks`: whether lines of blanks alone stand
/// in it.
fn own_fault(facts: &Facts<'_>, instruction: &Instruction, blanks: bool) -> Option<Fault> {
    let file = facts.file;
    let mut flags = file.flags(instruction).iter();
    if let Some(place) = flags.find_map(|flag| fault_of_flag(facts, instruction, flag)) {
        return Some(Fault::At(place));
    }
    if let Some(first) = file.heredocs(instruction).first() {
        return fault_of_heredoc(facts, instruction, first).map(Fault::At);
    }
    if blanks && let Some(line) = behind_blanks(facts, instruction) {
        return Some(Fault::Line(line));
    }
    if let Some(line) = behind_backslashes(facts, instruction) {
        return Some(Fault::Line(line));
    }
    let rest = || file.word(instruction.rest);
    let more = || has_more_than_array(rest());
    let start = instruction.rest.range.start();
    let refused = match instruction.keyword {
        Keyword::From => {
            let Kind::From(from) = &instruction.kind else {
                return None;
            };
            let unreadable = |word: &Word| WrittenName::read(file.word(*word)).is_none();
            let place = from.image.filter(unreadable);
            return place.map(|word| Fault::At(word.range.start()));
        }
        Keyword::Expose => {
            let mut words = file.args(instruction).iter();
            let place = words.find(|word| !is_port(file.word(**word)));
            return place.map(|word| Fault::At(word.range.start()));
        }
        Keyword::Healthcheck => {
            let flagged = !file.flags(instruction).is_empty();
            rest() == "none"
                || flagged && rest().eq_ignore_ascii_case("none")
                || array_of_check(rest()).is_some_and(has_more_than_array)
        }
        Keyword::Copy | Keyword::Add => instruction.form == Form::Shell && more(),
        Keyword::Shell => more(),
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => {
            let empty = rest().is_empty() && file.flags(instruction).is_empty();
            empty || instruction.form == Form::Shell && more()
        }
        Keyword::Env | Keyword::Label => {
            // What is quoted is a name, and all that follows it is its value.
            let quoted = |text: &str| text.starts_with('"');
            let pairs = file.pairs(instruction).iter();
            let mut pairs = pairs.take_while(|pair| !quoted(slice(file.source(), pair.word.range)));
            let place = pairs.find_map(|pair| {
                let part = if pair.legacy { pair.name } else { pair.value? };
                is_open(file.word(part)).then_some(part.range.start())
            });
            let inner = rest().strip_prefix('"').and_then(|it| it.strip_suffix('"'));
            let named = inner.filter(|inner| !has_any!(inner, b'"')).map(|_| start);
            let place = place.or(named);
            return place.map(Fault::At);
        }
        _ => false,
    };
    refused.then_some(Fault::At(start))
}

/// Where hadolint stops because of what a flag says.
fn fault_of_flag(facts: &Facts<'_>, instruction: &Instruction, flag: &Flag) -> Option<TextSize> {
    let refused = match instruction.keyword {
        Keyword::Run => return fault_of_mount(facts, flag),
        Keyword::From | Keyword::Copy | Keyword::Add => {
            flag.value.is_some_and(|value| value.range.is_empty())
        }
        Keyword::Healthcheck => {
            let value = flag
                .value
                .map(|value| slice(facts.file.source(), value.range));
            let timed = facts.file.word(flag.name) != "retries";
            timed && value.is_some_and(|value| !is_duration(value))
        }
        _ => false,
    };
    refused.then(|| flag.word.range.start())
}

/// Where hadolint stops because of what a flag of RUN says about a mount. It knows the options of
/// each type by name, wants each once, and looks at few values.
fn fault_of_mount(facts: &Facts<'_>, flag: &Flag) -> Option<TextSize> {
    let value = flag
        .value
        .filter(|_| facts.file.word(flag.name) == "mount")?;
    let source = facts.file.source();
    let start = flag.word.range.start();
    // What stands on the next line belongs to it.
    let behind = source.get(usize::from(flag.word.range.end())..)?;
    if behind.starts_with(facts.file.escape()) {
        let line = behind.find('\n')?;
        return Some(flag.word.range.end() + size(line) + TextSize::new(1));
    }
    let written = slice(source, flag.word.range).split_once('=');
    let quoted = written.is_some_and(|(_, value)| value.starts_with(['"', '\'']));
    let text = slice(source, value.range);
    (quoted || !is_mount(text)).then_some(start)
}

/// Where hadolint stops because of two backslashes at the end of an instruction: the second one
/// joins the next line for it.
fn behind_backslashes(facts: &Facts<'_>, instruction: &Instruction) -> Option<u32> {
    let file = facts.file;
    let (own, behind) = file
        .source()
        .split_at_checked(instruction.range.end().into())?;
    if !own.ends_with("\\\\") || file.escape() != '\\' {
        return None;
    }
    let last = instruction.lines.last;
    match instruction.keyword {
        Keyword::Run | Keyword::Cmd | Keyword::Entrypoint => {
            let empty = |line: &str| line.is_empty() || line.starts_with('#');
            let lines = behind.split('\n').skip(1);
            let skipped = lines.take_while(|line| empty(line.trim())).count();
            let rest = behind.trim().is_empty();
            let skipped = if rest {
                0
            } else {
                u32::try_from(skipped).ok()?
            };
            Some(last + 1 + skipped)
        }
        Keyword::Env | Keyword::Label => {
            let legacy = file.pairs(instruction).iter().any(|pair| pair.legacy);
            legacy.then_some(last)
        }
        Keyword::Workdir
        | Keyword::Copy
        | Keyword::Add
        | Keyword::User
        | Keyword::Volume
        | Keyword::Stopsignal
        | Keyword::Arg
        | Keyword::Maintainer => Some(last),
        _ => None,
    }
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
            // It may be one of its own.
            let word = content.split([' ', '\t']).next().unwrap_or_default();
            return (Keyword::from_word(word) == Keyword::Unknown).then_some(line);
        }
    }
    None
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
