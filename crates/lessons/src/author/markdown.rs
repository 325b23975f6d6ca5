//! Markdown to blocks. What a lesson cannot show is a mistake, not left out.

use pulldown_cmark::{
    BlockQuoteKind, CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd,
};

use crate::guide::{Block, CalloutKind, DockerCommand, Inline, Link, plain};

/// Reads `text`; mistakes come with their line, from 1.
pub(super) fn blocks(text: &str) -> (Vec<Block>, Vec<(u32, String)>) {
    let options = Options::ENABLE_TABLES | Options::ENABLE_GFM;
    let events = Parser::new_ext(text, options)
        .into_offset_iter()
        .map(|(event, range)| (event, super::line_of(text, range.start)))
        .collect::<Vec<_>>();
    let mut reader = Reader {
        events: events.into_iter().peekable(),
        mistakes: Vec::new(),
    };
    let blocks = reader.blocks(None);
    reader.mistakes.dedup();
    (blocks, reader.mistakes)
}

struct Reader<'a, I: Iterator<Item = (Event<'a>, u32)>> {
    events: std::iter::Peekable<I>,
    mistakes: Vec<(u32, String)>,
}

impl<'a, I: Iterator<Item = (Event<'a>, u32)>> Reader<'a, I> {
    fn wrong(&mut self, line: u32, what: &str) {
        self.mistakes
            .push((line, format!("{what} cannot be shown in a lesson")));
    }

    /// Blocks up to the end of `until`, which is read as well.
    fn blocks(&mut self, until: Option<TagEnd>) -> Vec<Block> {
        let mut out = Vec::new();
        while let Some((event, line)) = self.events.next() {
            match event {
                Event::End(end) if Some(end) == until => break,
                // Items of a tight list hold their text without a paragraph.
                Event::Text(_)
                | Event::Code(_)
                | Event::Start(Tag::Strong | Tag::Emphasis | Tag::Link { .. }) => {
                    let mut inlines = Vec::new();
                    self.inline(event, line, &mut inlines);
                    while let Some((next, _)) = self.events.peek() {
                        let goes_on = matches!(
                            next,
                            Event::Text(_)
                                | Event::Code(_)
                                | Event::SoftBreak
                                | Event::HardBreak
                                | Event::Start(Tag::Strong | Tag::Emphasis | Tag::Link { .. })
                        );
                        if !goes_on {
                            break;
                        }
                        if let Some((next, line)) = self.events.next() {
                            self.inline(next, line, &mut inlines);
                        }
                    }
                    out.push(Block::Paragraph(inlines));
                }
                Event::Start(tag) => self.block(tag, line, &mut out),
                Event::Html(_) | Event::InlineHtml(_) => self.wrong(line, "HTML"),
                Event::Rule => self.wrong(line, "a ruler"),
                _ => {}
            }
        }
        out
    }

    fn block(&mut self, tag: Tag<'a>, line: u32, out: &mut Vec<Block>) {
        match tag {
            Tag::Paragraph => out.push(Block::Paragraph(self.inlines(TagEnd::Paragraph))),
            Tag::Heading { level, .. } => {
                let depth = match level {
                    HeadingLevel::H2 => 2,
                    HeadingLevel::H3 => 3,
                    _ => {
                        let what = "a heading of another level than 2 or 3";
                        self.wrong(line, what);
                        3
                    }
                };
                out.push(Block::Heading(depth, self.inlines(TagEnd::Heading(level))));
            }
            Tag::List(first) => {
                let ordered = first.is_some();
                let mut items = Vec::new();
                while let Some((event, _)) = self.events.next() {
                    match event {
                        Event::Start(Tag::Item) => items.push(self.blocks(Some(TagEnd::Item))),
                        Event::End(TagEnd::List(_)) => break,
                        _ => {}
                    }
                }
                out.push(Block::List { ordered, items });
            }
            Tag::CodeBlock(kind) => {
                let text = self.code();
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info.trim(),
                    CodeBlockKind::Indented => "",
                };
                out.push(self.fence(info, text, line));
            }
            Tag::BlockQuote(kind) => {
                let kind = match kind {
                    Some(BlockQuoteKind::Tip) => CalloutKind::Tip,
                    Some(BlockQuoteKind::Warning | BlockQuoteKind::Caution) => CalloutKind::Warning,
                    _ => CalloutKind::Note,
                };
                let mut inner = Vec::new();
                while let Some((event, line)) = self.events.next() {
                    match event {
                        Event::End(TagEnd::BlockQuote(_)) => break,
                        Event::Start(tag) => self.block(tag, line, &mut inner),
                        _ => {}
                    }
                }
                out.push(Block::Callout(kind, inner));
            }
            Tag::Table(_) => out.push(self.table()),
            Tag::Image { .. } => self.wrong(line, "an image"),
            Tag::HtmlBlock => self.wrong(line, "HTML"),
            _ => self.wrong(line, "this"),
        }
    }

    fn code(&mut self) -> String {
        let mut text = String::new();
        for (event, _) in self.events.by_ref() {
            match event {
                Event::Text(piece) => text.push_str(&piece),
                Event::End(TagEnd::CodeBlock) => break,
                _ => {}
            }
        }
        text
    }

    fn fence(&mut self, info: &str, text: String, line: u32) -> Block {
        match info {
            "dockerfile" => Block::Dockerfile { text, live: false },
            "dockerfile live" => Block::Dockerfile { text, live: true },
            "docker" => Block::Docker(
                text.lines()
                    .filter(|line| !line.trim().is_empty())
                    .map(|command| self.command(command.trim(), line))
                    .collect(),
            ),
            "" | "text" | "sh" | "json" | "go" | "js" | "python" | "dockerignore" => Block::Code {
                language: info.to_owned(),
                text,
            },
            other => {
                self.mistakes.push((
                    line,
                    format!("there is no code block of the kind `{other}`"),
                ));
                Block::Code {
                    language: String::new(),
                    text,
                }
            }
        }
    }

    fn command(&mut self, line: &str, place: u32) -> DockerCommand {
        let words: Vec<&str> = line.split_whitespace().collect();
        let value = |flags: &[&str]| {
            words.iter().enumerate().find_map(|(at, word)| {
                let named = flags.iter().find(|flag| *word == **flag);
                named
                    .and_then(|_| words.get(at + 1))
                    .map(|next| (*next).to_owned())
            })
        };
        match words.as_slice() {
            ["docker", "build", ..] => DockerCommand::Build {
                line: line.to_owned(),
                target: value(&["--target"]),
                tag: value(&["-t", "--tag"]),
            },
            ["docker", "images"] => DockerCommand::Images(line.to_owned()),
            ["docker", "history", name] => DockerCommand::History {
                line: line.to_owned(),
                name: (*name).to_owned(),
            },
            ["docker", ..] => DockerCommand::Other(line.to_owned()),
            _ => {
                self.mistakes
                    .push((place, format!("`{line}` is no command of docker")));
                DockerCommand::Other(line.to_owned())
            }
        }
    }

    fn table(&mut self) -> Block {
        let mut head = Vec::new();
        let mut rows = Vec::new();
        let mut row = Vec::new();
        while let Some((event, _)) = self.events.next() {
            match event {
                Event::Start(Tag::TableCell) => row.push(self.inlines(TagEnd::TableCell)),
                Event::End(TagEnd::TableHead) => head = std::mem::take(&mut row),
                Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        Block::Table { head, rows }
    }

    fn inlines(&mut self, until: TagEnd) -> Vec<Inline> {
        let mut out = Vec::new();
        while let Some((event, line)) = self.events.next() {
            if event == Event::End(until) {
                break;
            }
            self.inline(event, line, &mut out);
        }
        out
    }

    fn inline(&mut self, event: Event<'a>, line: u32, out: &mut Vec<Inline>) {
        match event {
            Event::Text(text) => match out.last_mut() {
                Some(Inline::Text(last)) => last.push_str(&text),
                _ => out.push(Inline::Text(text.into_string())),
            },
            Event::Code(text) => out.push(Inline::Code(text.into_string())),
            Event::SoftBreak => match out.last_mut() {
                Some(Inline::Text(last)) => last.push(' '),
                _ => out.push(Inline::Text(" ".to_owned())),
            },
            Event::HardBreak => out.push(Inline::Break),
            Event::Start(Tag::Emphasis) => {
                out.push(Inline::Emphasis(self.inlines(TagEnd::Emphasis)));
            }
            Event::Start(Tag::Strong) => out.push(Inline::Strong(self.inlines(TagEnd::Strong))),
            Event::Start(Tag::Link { dest_url, .. }) => {
                let inner = self.inlines(TagEnd::Link);
                let link = if let Some(slug) = dest_url.strip_prefix("lesson:") {
                    Link::Lesson(slug.to_owned())
                } else if let Some(rule) = dest_url.strip_prefix("rule:") {
                    Link::Rule(rule.to_owned())
                } else {
                    if !dest_url.starts_with("https://") {
                        self.mistakes.push((
                            line,
                            format!("`{dest_url}` is no link: write `https://…`, `lesson:NAME` or `rule:NAME`"),
                        ));
                    }
                    Link::Web(dest_url.into_string())
                };
                out.push(Inline::Link(link, inner));
            }
            Event::Html(_) | Event::InlineHtml(_) => self.wrong(line, "HTML"),
            Event::Start(Tag::Image { .. }) => self.wrong(line, "an image"),
            _ => {}
        }
    }
}

/// Words that are read, code blocks aside.
pub(super) fn words(blocks: &[Block]) -> usize {
    let count = |inlines: &[Inline]| plain(inlines).split_whitespace().count();
    blocks
        .iter()
        .map(|block| match block {
            Block::Heading(_, inlines) | Block::Paragraph(inlines) => count(inlines),
            Block::List { items, .. } => items.iter().map(|item| words(item)).sum(),
            Block::Callout(_, inner) => words(inner),
            Block::Table { head, rows } => head
                .iter()
                .chain(rows.iter().flatten())
                .map(|cell| count(cell))
                .sum(),
            Block::Dockerfile { .. } | Block::Code { .. } | Block::Docker(_) => 0,
        })
        .sum()
}

/// Every link.
pub(super) fn links(blocks: &[Block]) -> Vec<&Link> {
    fn of_inlines<'a>(inlines: &'a [Inline], out: &mut Vec<&'a Link>) {
        for inline in inlines {
            match inline {
                Inline::Link(link, inner) => {
                    out.push(link);
                    of_inlines(inner, out);
                }
                Inline::Emphasis(inner) | Inline::Strong(inner) => of_inlines(inner, out),
                Inline::Text(_) | Inline::Code(_) | Inline::Break => {}
            }
        }
    }
    let mut out = Vec::new();
    for block in blocks {
        match block {
            Block::Heading(_, inlines) | Block::Paragraph(inlines) => of_inlines(inlines, &mut out),
            Block::List { items, .. } => out.extend(items.iter().flat_map(|item| links(item))),
            Block::Callout(_, inner) => out.extend(links(inner)),
            Block::Table { head, rows } => {
                for cell in head.iter().chain(rows.iter().flatten()) {
                    of_inlines(cell, &mut out);
                }
            }
            Block::Dockerfile { .. } | Block::Code { .. } | Block::Docker(_) => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paragraphs_lists_and_fences_become_blocks() {
        let (blocks, mistakes) = blocks(
            "A *b* `c` **d**.\n\n- one\n- **two** `x`\n\n```dockerfile live\nFROM a\n```\n\n> [!TIP]\n> Try.\n",
        );
        assert_eq!(mistakes, []);
        let [
            Block::Paragraph(first),
            Block::List {
                ordered: false,
                items,
            },
            dockerfile,
            callout,
        ] = blocks.as_slice()
        else {
            panic!("{blocks:?}");
        };
        assert_eq!(plain(first), "A b c d.");
        assert_eq!(items.len(), 2);
        assert_eq!(
            *dockerfile,
            Block::Dockerfile {
                text: "FROM a\n".to_owned(),
                live: true
            }
        );
        assert!(matches!(callout, Block::Callout(CalloutKind::Tip, _)));
    }

    #[test]
    fn commands_of_docker_are_read() {
        let (blocks, mistakes) = blocks(
            "```docker\ndocker build --target deps -t app .\ndocker images\ndocker history app\n```\n",
        );
        assert_eq!(mistakes, []);
        let [Block::Docker(commands)] = blocks.as_slice() else {
            panic!("{blocks:?}");
        };
        assert_eq!(
            commands[0],
            DockerCommand::Build {
                line: "docker build --target deps -t app .".to_owned(),
                target: Some("deps".to_owned()),
                tag: Some("app".to_owned()),
            }
        );
    }

    #[test]
    fn what_a_lesson_cannot_show_is_a_mistake_with_its_line() {
        let (_, mistakes) = blocks("a\n\n<b>x</b>\n\n# Big\n\n```cobol\nx\n```\n\n[x](http://y)\n");
        let lines: Vec<u32> = mistakes.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [3, 5, 7, 11], "{mistakes:?}");
    }

    #[test]
    fn words_are_counted_without_code() {
        assert_eq!(
            words(&blocks("one two\n\n- three\n\n```\nfour\n```\n").0),
            3
        );
    }
}
