//! What could be typed at some place.

use stagecraft_image::{Platform, Reference};
use stagecraft_semantic::{Model, Source};
use stagecraft_sizes::{base, known_images, known_tags, words};
use stagecraft_syntax::{Instruction, Keyword, Kind, MountKind, Parse, known_flags};
use stagecraft_text::{TextRange, TextSize, size, slice};

use crate::arguments::PLATFORMS;
use crate::reference;
use crate::state::state_before;

/// Proposals for a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposals {
    /// What they replace: the word up to the cursor.
    pub range: TextRange,
    /// The proposals, the likeliest first.
    pub list: Vec<Proposal>,
}

/// One proposal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proposal {
    /// What is shown.
    pub label: String,
    /// What is put in, where that is not the label.
    pub insert: Option<String>,
    /// What it is.
    pub kind: ProposalKind,
    /// A word on it, shown behind the label.
    pub detail: String,
    /// A sentence on it.
    pub info: String,
}

/// What a proposal is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ProposalKind {
    /// An instruction, or a word with a fixed meaning.
    Keyword,
    /// A flag or an option.
    Flag,
    /// A stage of this file.
    Stage,
    /// An image.
    Image,
    /// A variable.
    Variable,
    /// A value that is one of a few.
    Value,
}

/// What could stand at `offset`; `None` where nothing is proposed.
pub fn proposals(file: &Parse, model: &Model, offset: TextSize) -> Option<Proposals> {
    let source = file.source();
    let line_start = source
        .get(..offset.into())?
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let line = source.get(line_start..offset.into())?;
    let at = instruction_at(file, offset);
    let word_start = line.rfind(|c: char| c.is_whitespace()).map_or(0, |at| {
        at + line
            .get(at..)
            .map_or(1, |rest| rest.chars().next().map_or(1, char::len_utf8))
    });
    let word = line.get(word_start..)?;
    let range = TextRange::new(size(line_start + word_start), offset);
    let in_heredoc = at.is_some_and(|(_, instruction)| is_in_body(file, instruction, offset));
    if in_heredoc || line.trim_start().starts_with('#') {
        return None;
    }
    let Some((index, instruction)) =
        at.filter(|(_, instruction)| offset > instruction.name.range.end())
    else {
        let first = line.trim_start();
        return (first == word).then(|| instructions(file, range, word));
    };
    let context = Context {
        file,
        model,
        index,
        range,
        word,
    };
    context.arguments(instruction, line)
}

/// Whether `offset` lies on the lines of a heredoc.
fn is_in_body(file: &Parse, instruction: &Instruction, offset: TextSize) -> bool {
    file.heredocs(instruction).iter().any(|heredoc| {
        let start = file.range(heredoc.content).start();
        start <= offset && offset <= heredoc.terminator.end()
    })
}

/// The instruction whose lines hold `offset`.
fn instruction_at(file: &Parse, offset: TextSize) -> Option<(usize, &Instruction)> {
    let after = file
        .instructions()
        .partition_point(|instruction| instruction.range.start() <= offset);
    let index = after.checked_sub(1)?;
    let instruction = file.instructions().get(index)?;
    if offset <= instruction.range.end() {
        return Some((index, instruction));
    }
    // Blanks behind it on its last line still belong to it.
    let between = TextRange::new(instruction.range.end(), offset);
    let between = slice(file.source(), between);
    let open = between.chars().all(|c| c == ' ' || c == '\t');
    (open && file.heredocs(instruction).is_empty()).then_some((index, instruction))
}

fn proposal(kind: ProposalKind, label: impl Into<String>, detail: impl Into<String>) -> Proposal {
    Proposal {
        label: label.into(),
        insert: None,
        kind,
        detail: detail.into(),
        info: String::new(),
    }
}

/// The instructions, in the case that the file uses.
fn instructions(file: &Parse, range: TextRange, word: &str) -> Proposals {
    let lower = match file.instructions().first() {
        Some(first) if first.name.range != range => {
            let name = file.word(first.name);
            name.chars().all(char::is_lowercase)
        }
        _ => word.starts_with(char::is_lowercase) && word.len() > 1,
    };
    let keywords = Keyword::ALL
        .into_iter()
        .filter(|&keyword| keyword != Keyword::Maintainer);
    let list = keywords
        .map(|keyword| {
            let name = if lower {
                keyword.name().to_lowercase()
            } else {
                keyword.name().to_owned()
            };
            Proposal {
                insert: Some(format!("{name} ")),
                info: reference::instruction(keyword).to_owned(),
                ..proposal(ProposalKind::Keyword, name, "")
            }
        })
        .collect();
    Proposals { range, list }
}

struct Context<'a> {
    file: &'a Parse,
    model: &'a Model,
    /// Which instruction.
    index: usize,
    range: TextRange,
    word: &'a str,
}

impl Context<'_> {
    fn answer(&self, skip: usize, list: Vec<Proposal>) -> Option<Proposals> {
        let start = self.range.start() + size(skip);
        (!list.is_empty()).then(|| Proposals {
            range: TextRange::new(start, self.range.end().max(start)),
            list,
        })
    }

    fn arguments(&self, instruction: &Instruction, line: &str) -> Option<Proposals> {
        let keyword = instruction.keyword;
        if let Some((skip, list)) = self.variable(keyword) {
            return self.answer(skip, list);
        }
        if self.word.starts_with('-') {
            return match self.word.split_once('=') {
                Some((flag, value)) => self.flag_value(keyword, flag, value),
                None => self.flag(instruction),
            };
        }
        if let Kind::Onbuild(inner) = &instruction.kind {
            return match inner {
                Some(inner) if self.range.start() > inner.name.range.end() => {
                    self.arguments(inner, line)
                }
                _ => Some(instructions(self.file, self.range, self.word)),
            };
        }
        // How many words without a dash stand before this one.
        let before = line.len() - self.word.len();
        let words = line
            .get(..before)
            .unwrap_or_default()
            .split_whitespace()
            .filter(|word| !word.starts_with("--"))
            .count();
        match (keyword, words) {
            (Keyword::From, 1) => {
                let mut list = self.stages();
                list.extend(image_names(self.word));
                self.answer(0, list)
            }
            (Keyword::From, 2) => self.answer(
                0,
                vec![proposal(ProposalKind::Keyword, "AS", "names the stage")],
            ),
            (Keyword::Healthcheck, 1) => self.answer(
                0,
                vec![
                    proposal(ProposalKind::Keyword, "CMD", "checks with a command"),
                    proposal(
                        ProposalKind::Keyword,
                        "NONE",
                        "switches off the check of the base",
                    ),
                ],
            ),
            (Keyword::Stopsignal, 1) => {
                let signals = ["SIGTERM", "SIGQUIT", "SIGINT", "SIGKILL"];
                let list = signals.map(|name| proposal(ProposalKind::Value, name, ""));
                self.answer(0, list.into())
            }
            _ => None,
        }
    }

    /// Variables behind `$` or `${`.
    fn variable(&self, keyword: Keyword) -> Option<(usize, Vec<Proposal>)> {
        let dollar = self.word.rfind('$')?;
        let rest = self.word.get(dollar + 1..)?;
        let brace = rest.starts_with('{');
        let name = rest.strip_prefix('{').unwrap_or(rest);
        if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return None;
        }
        let close = |name: &str| {
            if brace {
                format!("{name}}}")
            } else {
                name.to_owned()
            }
        };
        let mut list = Vec::new();
        if keyword == Keyword::From {
            for name in self.model.global_names() {
                let value = self.model.global_value(name).unwrap_or_default();
                list.push((name.to_owned(), value.to_owned()));
            }
        } else if let Some(state) = state_before(self.model, self.index) {
            for variable in self.model.scopes().variables(state) {
                let value = variable.value().unwrap_or_default();
                list.push((variable.name().to_owned(), value.to_owned()));
            }
        }
        let list = list
            .into_iter()
            .map(|(name, value)| Proposal {
                insert: Some(close(&name)),
                ..proposal(ProposalKind::Variable, name, value)
            })
            .collect();
        Some((dollar + 1 + usize::from(brace), list))
    }

    fn flag(&self, instruction: &Instruction) -> Option<Proposals> {
        let keyword = instruction.keyword;
        let given: Vec<&str> = self
            .file
            .flags(instruction)
            .iter()
            .filter(|flag| !flag.word.range.contains_inclusive(self.range.end()))
            .map(|flag| self.file.word(flag.name))
            .collect();
        let list = known_flags(keyword)
            .filter(|name| matches!(*name, "mount" | "exclude" | "device") || !given.contains(name))
            .map(|name| {
                let bare = matches!(name, "link" | "parents" | "keep-git-dir");
                Proposal {
                    insert: Some(if bare {
                        format!("--{name} ")
                    } else {
                        format!("--{name}=")
                    }),
                    info: reference::flag(keyword, name).to_owned(),
                    ..proposal(ProposalKind::Flag, format!("--{name}"), "")
                }
            })
            .collect();
        self.answer(0, list)
    }

    fn flag_value(&self, keyword: Keyword, flag: &str, value: &str) -> Option<Proposals> {
        let skip = flag.len() + 1;
        let values = |names: &[&str]| {
            names
                .iter()
                .map(|&name| proposal(ProposalKind::Value, name, ""))
                .collect::<Vec<_>>()
        };
        match (keyword, flag) {
            (Keyword::Copy, "--from") => {
                let mut list = self.stages();
                if !value.is_empty() {
                    list.extend(image_names(value));
                }
                self.answer(skip, list)
            }
            (Keyword::From, "--platform") => {
                let mut list = values(&["$BUILDPLATFORM", "$TARGETPLATFORM"]);
                list.extend(values(&PLATFORMS));
                self.answer(skip, list)
            }
            (Keyword::Run, "--network") => self.answer(skip, values(&["default", "none", "host"])),
            (Keyword::Run, "--security") => self.answer(skip, values(&["sandbox", "insecure"])),
            (Keyword::Run, "--mount") => self.mount(skip, value),
            (_, "--link" | "--parents" | "--keep-git-dir" | "--unpack") => {
                self.answer(skip, values(&["true", "false"]))
            }
            _ => None,
        }
    }

    fn mount(&self, skip: usize, value: &str) -> Option<Proposals> {
        let kind = value
            .split(',')
            .find_map(|option| option.strip_prefix("type="))
            .map_or(MountKind::Bind, |name| {
                MountKind::ALL
                    .into_iter()
                    .find(|kind| kind.name() == name)
                    .unwrap_or(MountKind::Unknown)
            });
        let start = value.rfind(',').map_or(0, |at| at + 1);
        let option = value.get(start..).unwrap_or_default();
        let given: Vec<&str> = value
            .split(',')
            .filter_map(|option| option.split_once('='))
            .map(|(name, _)| name)
            .collect();
        match option.split_once('=') {
            Some(("type", _)) => {
                let list = MountKind::ALL.map(|kind| Proposal {
                    info: reference::mount(kind).to_owned(),
                    ..proposal(ProposalKind::Value, kind.name(), "")
                });
                self.answer(skip + start + "type=".len(), list.into())
            }
            Some(("from", _)) => self.answer(skip + start + "from=".len(), self.stages()),
            Some(("sharing", _)) => {
                let list = ["shared", "private", "locked"];
                let list = list.map(|name| proposal(ProposalKind::Value, name, ""));
                self.answer(skip + start + "sharing=".len(), list.into())
            }
            Some(_) => None,
            None => {
                let list = reference::mount_options(kind)
                    .iter()
                    .filter(|name| !given.contains(name))
                    .map(|&name| {
                        let bare = matches!(name, "readonly" | "readwrite" | "required");
                        Proposal {
                            insert: Some(if bare {
                                name.to_owned()
                            } else {
                                format!("{name}=")
                            }),
                            info: reference::mount_option(name).to_owned(),
                            ..proposal(ProposalKind::Flag, name, "")
                        }
                    })
                    .collect();
                self.answer(skip + start, list)
            }
        }
    }

    /// The stages above this instruction.
    fn stages(&self) -> Vec<Proposal> {
        let here = self.model.stage_of_instruction(self.index);
        let here = here.map_or(0, |stage| stage.id.index());
        self.model
            .stages()
            .iter()
            .take(here)
            .filter_map(|stage| {
                let name = stage.name.clone()?;
                let source = stage.dependencies.first().map(|from| &from.source);
                let detail = match source {
                    Some(Source::Stage(_) | Source::Image(_)) => {
                        format!("from {}", stage.base_text)
                    }
                    _ => String::new(),
                };
                Some(proposal(ProposalKind::Stage, name, detail))
            })
            .rev()
            .collect()
    }
}

/// Images that the table of base sizes knows: all tags of the one whose name is there, else
/// the first tag of each whose name begins so.
fn image_names(typed: &str) -> Vec<Proposal> {
    let (name, wants_tags) = match typed.split_once(':') {
        Some((name, _)) => (name, true),
        None => (typed, known_images().contains(&typed)),
    };
    let named = |image: &str, tag: &str| proposal_of_image(&format!("{image}:{tag}"));
    if wants_tags {
        let tags = known_tags(name);
        return tags
            .into_iter()
            .filter_map(|tag| named(name, tag))
            .collect();
    }
    known_images()
        .into_iter()
        .filter(|image| image.starts_with(typed))
        .filter_map(|image| named(image, known_tags(image).first()?))
        .collect()
}

/// An image with its size.
fn proposal_of_image(name: &str) -> Option<Proposal> {
    let reference = Reference::parse(name).ok()?;
    let size = base(&reference, &Platform::linux_amd64()).size.likely;
    let detail = size.map_or_else(String::new, words);
    Some(proposal(ProposalKind::Image, name, detail))
}

#[cfg(test)]
mod tests {
    use stagecraft_semantic::{NoImages, Options, analyze};
    use stagecraft_syntax::parse;

    use super::*;

    /// The labels proposed at `|`, and the text that they replace.
    fn at_mark(marked: &str) -> (String, Vec<String>) {
        let offset = marked.find('|').unwrap();
        let source = marked.replacen('|', "", 1);
        let file = parse(&source);
        let model = analyze(&file, &Options::default(), &NoImages);
        match proposals(&file, &model, size(offset)) {
            Some(found) => (
                slice(&source, found.range).to_owned(),
                found.list.into_iter().map(|it| it.label).collect(),
            ),
            None => (String::new(), Vec::new()),
        }
    }

    #[track_caller]
    fn check(marked: &str, replaced: &str, some: &[&str]) {
        let (range, labels) = at_mark(marked);
        assert_eq!(range, replaced, "{marked}");
        for label in some {
            assert!(labels.iter().any(|it| it == label), "{marked}: {labels:?}");
        }
    }

    #[test]
    fn a_line_starts_with_an_instruction() {
        check("FR|", "FR", &["FROM", "RUN"]);
        check("FROM a\n|", "", &["RUN", "COPY"]);
        check("from a\nru|", "ru", &["run"]);
    }

    #[test]
    fn from_takes_images_and_earlier_stages() {
        check(
            "FROM golang|",
            "golang",
            &["golang:1.22", "golang:1.22-alpine"],
        );
        check("FROM alpine:3|", "alpine:3", &["alpine:3.20"]);
        let (_, all) = at_mark("FROM |");
        let alpine = all.iter().filter(|name| name.starts_with("alpine:"));
        assert_eq!(alpine.count(), 1, "{all:?}");
        let (_, go) = at_mark("FROM a AS build\nFROM go|");
        assert_eq!(go[0], "build");
        assert!(go[1].starts_with("golang:"), "{go:?}");
        check("FROM a |", "", &["AS"]);
    }

    #[test]
    fn flags_and_their_values_are_those_of_the_instruction() {
        check("FROM a\nCOPY --|", "--", &["--from", "--chown", "--link"]);
        check("FROM a AS x\nFROM b\nCOPY --from=|", "", &["x"]);
        check("FROM a\nRUN --mount=|", "", &["type", "target"]);
        check("FROM a\nRUN --mount=type=ca|", "ca", &["cache", "secret"]);
        check(
            "FROM a\nRUN --mount=type=cache,t|",
            "t",
            &["target", "sharing"],
        );
        assert!(
            !at_mark("FROM a\nCOPY --link --|")
                .1
                .contains(&"--link".to_owned())
        );
    }

    #[test]
    fn variables_are_those_that_are_in_scope() {
        check("ARG V=1\nFROM a:$|", "", &["V", "TARGETPLATFORM"]);
        check(
            "FROM a\nENV X=1\nARG Y\nWORKDIR ${|",
            "",
            &["X", "Y", "PATH"],
        );
        assert!(
            !at_mark("ARG V=1\nFROM a\nWORKDIR $|")
                .1
                .contains(&"V".to_owned())
        );
    }

    #[test]
    fn nothing_is_proposed_in_comments_commands_and_heredocs() {
        for marked in [
            "# FR|",
            "FROM a\nRUN apt|",
            "FROM a\nRUN <<E\nFR|\nE\n",
            "FROM a\nCOPY a b|",
        ] {
            assert_eq!(at_mark(marked).1, Vec::<String>::new(), "{marked}");
        }
    }
}
