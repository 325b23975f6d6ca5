//! The text that a shell gets to read, with its tree.

use std::cell::OnceCell;

use stagecraft_shell::{Dialect, Script, Tree};
use stagecraft_syntax::{Form, Heredoc, Instruction, Keyword, Kind, Parse, Text};
use stagecraft_text::{Joined, Segment, SourceMap, TextSize, size};

/// The shell's text of RUN, CMD, ENTRYPOINT or HEALTHCHECK, read.
#[derive(Debug, Clone)]
pub struct ShellScript {
    body: Body,
    tree: Tree,
}

/// A script that is read when somebody asks for it. It follows from the rest of its command, so that
/// any two are equal.
#[derive(Debug, Clone, Default)]
pub(crate) struct ReadOnce(OnceCell<Option<ShellScript>>);

impl ReadOnce {
    /// Whether an instruction may hand anything to a shell.
    pub(crate) fn is_for(keyword: Keyword) -> bool {
        use Keyword::{Cmd, Entrypoint, Healthcheck, Run};
        matches!(keyword, Run | Cmd | Entrypoint | Healthcheck)
    }

    pub(crate) fn get_or_init(
        &self,
        read: impl FnOnce() -> Option<ShellScript>,
    ) -> Option<&ShellScript> {
        self.0.get_or_init(read).as_ref()
    }
}

impl PartialEq for ReadOnce {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

/// Where the text is.
#[derive(Debug, Clone)]
enum Body {
    /// In the file, continuations taken out.
    File(Text),
    /// Put together here.
    Own(String, Vec<Segment>),
}

impl ShellScript {
    /// Reads what `instruction` hands to a shell; `None` where it hands nothing over: another
    /// instruction, an empty one, or a program that is run without a shell.
    ///
    /// `shell` is what SHELL says, if it says anything; `windows` makes the default one `cmd`.
    pub fn read(
        file: &Parse,
        instruction: &Instruction,
        shell: Option<&[String]>,
        windows: bool,
    ) -> Option<Self> {
        let args = file.args(instruction);
        let first = match (instruction.keyword, &instruction.kind) {
            (Keyword::Run | Keyword::Cmd | Keyword::Entrypoint, _) => 0,
            (Keyword::Healthcheck, Kind::Healthcheck(check)) if !check.none => 1,
            _ => return None,
        };
        let args = args.get(first..)?;
        if instruction.form == Form::Json {
            let words: Vec<&str> = args.iter().map(|&word| file.word(word)).collect();
            // `["bash", "-c", "…"]` is a shell form in other clothes.
            let flag = words.iter().position(|word| {
                word.starts_with('-') && !word.starts_with("--") && word.ends_with('c')
            })?;
            let dialect = Dialect::from_shell(words.get(..flag)?);
            let body = args.get(flag + 1)?;
            return (dialect != Dialect::Opaque).then(|| Self::of_file(file, body.text, dialect));
        }
        let dialect = match shell {
            Some(shell) => {
                let words: Vec<&str> = shell.iter().map(String::as_str).collect();
                Dialect::from_shell(&words)
            }
            None if windows => Dialect::Opaque,
            None => Dialect::Posix,
        };
        let body = args.first()?;
        match file.heredocs(instruction) {
            [] => Some(Self::of_file(file, body.text, dialect)),
            [only] if only.marker == body.range => Some(Self::of_heredoc(file, only, dialect)),
            all => Some(Self::of_parts(file, body.text, all, dialect)),
        }
    }

    /// The command that a shell would be given to run the program that `instruction` runs without
    /// one (`RUN ["apt-get", "update"]`); `None` where it runs none, or where a shell would take
    /// a word of it for more than that.
    pub fn of_program(file: &Parse, instruction: &Instruction) -> Option<Self> {
        if instruction.form != Form::Json {
            return None;
        }
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_./:,+@%=-".contains(&byte);
        let mut parts = Parts::default();
        for word in file.args(instruction) {
            let text = file.word(*word);
            let assigns = parts.text.is_empty() && text.contains('=');
            if text.is_empty() || assigns || !text.bytes().all(plain) {
                return None;
            }
            if !parts.text.is_empty() {
                parts.push_char(' ', word.range.start());
            }
            parts.push(file, word.text);
        }
        let read = parts.read(Dialect::Posix);
        is_one_command(read.script(file)).then_some(read)
    }

    fn of_file(file: &Parse, text: Text, dialect: Dialect) -> Self {
        Self {
            body: Body::File(text),
            tree: Tree::parse(file.str(text), dialect),
        }
    }

    /// The lines of a heredoc that is the whole command. With `#!` they are a script of their own.
    fn of_heredoc(file: &Parse, heredoc: &Heredoc, dialect: Dialect) -> Self {
        let text = file.str(heredoc.content);
        let dialect = match text.strip_prefix("#!") {
            Some(rest) => {
                let line = rest.lines().next().unwrap_or_default();
                let words: Vec<&str> = line.split_whitespace().collect();
                // `#!/usr/bin/env bash`
                let words = match words.split_first() {
                    Some((first, rest)) if first.ends_with("/env") => rest,
                    _ => &words,
                };
                Dialect::from_shell(words)
            }
            None => dialect,
        };
        if !heredoc.chomp {
            return Self::of_file(file, heredoc.content, dialect);
        }
        let mut parts = Parts::default();
        let mut at = 0;
        for line in text.split_inclusive('\n') {
            let kept = line.trim_start_matches('\t');
            let start = at + line.len() - kept.len();
            at += line.len();
            parts.push(file, heredoc.content.sub(start, at));
        }
        parts.read(dialect)
    }

    /// A command with heredocs in it: the shell reads them behind the line, as they stand.
    fn of_parts(file: &Parse, line: Text, heredocs: &[Heredoc], dialect: Dialect) -> Self {
        let mut parts = Parts::default();
        parts.push(file, line);
        for heredoc in heredocs {
            parts.push_char('\n', heredoc.marker.end());
            parts.push(file, heredoc.content);
            let name = file.str(heredoc.name);
            parts.push_at(name, heredoc.terminator.end() - size(name.len()));
        }
        parts.read(dialect)
    }

    /// The tree with its text, whose places are those of `file`.
    pub fn script<'a>(&'a self, file: &'a Parse) -> Script<'a> {
        self.tree.script(match &self.body {
            Body::File(text) => file.joined(*text),
            Body::Own(text, segments) => Joined {
                text,
                map: SourceMap::new(segments),
            },
        })
    }

    /// What reads it.
    pub fn dialect(&self) -> Dialect {
        self.tree.dialect()
    }
}

/// Whether a script is a simple command and no more.
fn is_one_command(script: Script<'_>) -> bool {
    let mut commands = script.root().commands();
    let simple = commands.next().is_some_and(|it| it.simple().is_some());
    simple && commands.next().is_none() && script.notes().is_empty()
}

/// A text under construction.
#[derive(Default)]
struct Parts {
    text: String,
    segments: Vec<Segment>,
}

impl Parts {
    fn push(&mut self, file: &Parse, text: Text) {
        let at = size(self.text.len());
        for (offset, source) in file.pieces(text) {
            self.segments.push(Segment {
                at: at + offset,
                source,
            });
        }
        self.text.push_str(file.str(text));
    }

    fn push_char(&mut self, c: char, source: TextSize) {
        self.push_at(c.encode_utf8(&mut [0; 4]), source);
    }

    fn push_at(&mut self, text: &str, source: TextSize) {
        let at = size(self.text.len());
        self.segments.push(Segment { at, source });
        self.text.push_str(text);
    }

    fn read(self, dialect: Dialect) -> ShellScript {
        ShellScript {
            tree: Tree::parse(&self.text, dialect),
            body: Body::Own(self.text, self.segments),
        }
    }
}

#[cfg(test)]
mod tests {
    use stagecraft_syntax::parse;
    use stagecraft_text::slice;

    use super::*;

    #[test]
    fn a_program_without_a_shell_is_a_command_where_its_words_are_plain() {
        let check = |array: &str, expected: Option<&str>| {
            let file = parse(&format!("FROM a\nRUN {array}\n"));
            let instruction = file.instructions().last().expect("a RUN");
            let read = ShellScript::of_program(&file, instruction);
            let script = read.as_ref().map(|read| read.script(&file));
            assert_eq!(script.map(|script| script.text()), expected, "{array}");
            if let Some(script) = script {
                let word = script.words().last().expect("a word");
                let place = slice(file.source(), word.source_range());
                assert_eq!(place, word.text(), "{array}");
            }
        };
        check(
            "[\"apt-get\", \"install\",  \"curl\"]",
            Some("apt-get install curl"),
        );
        check("[\"a\", \"b c\"]", None);
        check("[\"a\", \"$b\"]", None);
        check("[\"a=b\", \"c\"]", None);
        check("[\"if\", \"c\"]", None);
        check("[\"a\", \"\"]", None);
        check("[]", None);
        check("a b", None);
    }

    fn scripts(source: &str) -> Vec<(String, String)> {
        let file = parse(source);
        file.instructions()
            .iter()
            .filter_map(|instruction| ShellScript::read(&file, instruction, None, false))
            .map(|read| {
                let script = read.script(&file);
                // The first word of each command, as it stands in the file.
                let names = script
                    .simple_commands()
                    .filter_map(|(simple, _)| simple.name())
                    .map(|name| slice(source, name.source_range()).to_owned());
                (
                    script.text().to_owned(),
                    names.collect::<Vec<_>>().join(" "),
                )
            })
            .collect()
    }

    #[test]
    fn shell_forms_are_read_with_places_across_continuations() {
        let found = scripts("FROM a\nRUN x && \\\n  y\nCMD z\nHEALTHCHECK CMD h\nCMD [\"p\"]\n");
        let texts: Vec<&str> = found.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(texts, ["x &&   y", "z", "h"]);
        assert_eq!(found[0].1, "x y");
    }

    #[test]
    fn a_heredoc_alone_is_the_script() {
        assert_eq!(
            scripts("FROM a\nRUN <<E\nx\ny\nE\n")[0],
            ("x\ny\n".into(), "x y".into())
        );
        assert_eq!(
            scripts("FROM a\nRUN <<-E\n\tx\n\t\ty\nE\n")[0],
            ("x\ny\n".into(), "x y".into())
        );
    }

    #[test]
    fn a_heredoc_within_a_command_stands_behind_it() {
        let found = scripts("FROM a\nRUN cat <<E > f && y\nbody\nE\n");
        assert_eq!(
            found[0],
            ("cat <<E > f && y\nbody\nE".into(), "cat y".into())
        );
    }

    #[test]
    fn an_array_that_starts_a_shell_holds_a_script() {
        let found = scripts("FROM a\nRUN [\"/bin/bash\", \"-exc\", \"x \\\"a\\\"; y\"]\n");
        assert_eq!(found[0], ("x \"a\"; y".into(), "x y".into()));
    }
}
