//! `stagecraft parse`: the tree in BuildKit's shape.

use serde::Serialize;
use stagecraft_engine::syntax::{
    self, Form, Heredoc, Instruction, Keyword, Kind, Lines, Parse, Phase, SyntaxError,
};

/// What is printed for one file.
#[derive(Debug, Serialize)]
pub struct Output<'a> {
    /// The file's path as given; `-` for standard input.
    pub path: &'a str,
    /// Whether BuildKit's parser accepts it.
    pub ok: bool,
    /// The escape character in force.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub escape: Option<char>,
    /// What BuildKit's parser stops at.
    pub error: Option<Problem>,
    /// The instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ast: Option<Vec<Node<'a>>>,
    /// Empty lines inside of instructions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Warning>,
    /// What BuildKit stops at when it makes sense of the instructions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instr_error: Option<Problem>,
    /// Everything that is wrong, the two above among it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Place>,
}

/// An error as BuildKit has it: a message and lines.
#[derive(Debug, Serialize)]
pub struct Problem {
    /// In our words.
    pub message: String,
    /// `[first, last]` of each place.
    pub lines: Vec<[u32; 2]>,
}

/// An error as we have it: with its place.
#[derive(Debug, Serialize)]
pub struct Place {
    /// In our words.
    pub message: String,
    /// What could stand there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected: Option<String>,
    /// First byte.
    pub start: u32,
    /// Behind the last byte.
    pub end: u32,
    /// Whether a build ends with it.
    pub stops: bool,
}

/// A warning of the parser.
#[derive(Debug, Serialize)]
pub struct Warning {
    /// In our words.
    pub short: String,
    /// First line.
    pub line: u32,
    /// Last line.
    pub end: u32,
}

/// A node of the tree.
#[derive(Debug, Serialize, Default)]
pub struct Node<'a> {
    /// The instruction as written, or an argument.
    pub value: &'a str,
    /// First line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub start: Option<u32>,
    /// Last line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end: Option<u32>,
    /// Each `--x=y`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub flags: Vec<&'a str>,
    /// `json`, where the arguments are an array.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attrs: Vec<&'static str>,
    /// The logical line.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub original: &'a str,
    /// Comments directly above.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prev_comment: Vec<&'a str>,
    /// Documents below.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub heredocs: Vec<Document<'a>>,
    /// The arguments.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub next: Vec<Node<'a>>,
    /// What ONBUILD wraps.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<Node<'a>>,
}

/// A heredoc.
#[derive(Debug, Serialize)]
pub struct Document<'a> {
    /// What ends it.
    pub name: &'a str,
    /// The number before `<<`.
    pub fd: u64,
    /// Whether variables are expanded.
    pub expand: bool,
    /// Whether leading tabs go.
    pub chomp: bool,
    /// The lines.
    pub content: &'a str,
}

/// Reads what BuildKit's parser would say of `file`.
pub fn output<'a>(path: &'a str, file: &'a Parse) -> Output<'a> {
    let stop = |phase| {
        file.stopping_error()
            .filter(|error| error.phase == phase)
            .map(problem)
    };
    let error = stop(Phase::Tree);
    let ok = error.is_none();
    Output {
        path,
        ok,
        escape: ok.then(|| file.escape()),
        error,
        ast: ok.then(|| {
            file.instructions()
                .iter()
                .map(|instruction| top_node(file, instruction))
                .collect()
        }),
        warnings: if ok { warnings(file) } else { Vec::new() },
        instr_error: stop(Phase::Instruction),
        errors: file.errors().iter().map(place).collect(),
    }
}

fn problem(error: &SyntaxError) -> Problem {
    let Lines { first, last } = error.lines;
    Problem {
        message: error.kind.message(),
        lines: vec![[first, last]],
    }
}

fn place(error: &SyntaxError) -> Place {
    Place {
        message: error.kind.message(),
        expected: error.kind.expected(),
        start: error.range.start().into(),
        end: error.range.end().into(),
        stops: error.stops,
    }
}

fn warnings(file: &Parse) -> Vec<Warning> {
    file.instructions()
        .iter()
        .filter(|instruction| instruction.empty_continuation)
        .map(|instruction| Warning {
            short: "an empty line continues this instruction".to_owned(),
            line: file.last_of_line(instruction),
            end: file.last_of_line(instruction),
        })
        .collect()
}

fn top_node<'a>(file: &'a Parse, instruction: &Instruction) -> Node<'a> {
    Node {
        start: Some(instruction.lines.first),
        end: Some(instruction.lines.last),
        prev_comment: file
            .comments_above(instruction)
            .iter()
            .map(|comment| file.str(comment.as_buildkit))
            .collect(),
        heredocs: file
            .heredocs(instruction)
            .iter()
            .map(|heredoc| document(file, heredoc))
            .collect(),
        ..node(file, instruction)
    }
}

fn document<'a>(file: &'a Parse, heredoc: &Heredoc) -> Document<'a> {
    Document {
        name: file.str(heredoc.name),
        fd: heredoc.fd,
        expand: heredoc.expand,
        chomp: heredoc.chomp,
        content: file.str(heredoc.content),
    }
}

fn node<'a>(file: &'a Parse, instruction: &Instruction) -> Node<'a> {
    Node {
        value: file.word(instruction.name),
        flags: file
            .flags(instruction)
            .iter()
            .map(|flag| file.word(flag.word))
            .collect(),
        attrs: match instruction.form {
            Form::Json => vec!["json"],
            Form::Shell => Vec::new(),
        },
        original: file.str(instruction.text),
        next: arguments(file, instruction),
        ..Node::default()
    }
}

fn arguments<'a>(file: &'a Parse, instruction: &Instruction) -> Vec<Node<'a>> {
    let leaf = |value| Node {
        value,
        ..Node::default()
    };
    match (&instruction.kind, instruction.keyword) {
        // BuildKit reads nothing behind a word that it does not know, but keeps a place for it.
        (Kind::Unknown, _) => vec![leaf("")],
        (Kind::Onbuild(inner), _) => inner
            .iter()
            .map(|inner| Node {
                children: vec![node(file, inner)],
                ..Node::default()
            })
            .collect(),
        (Kind::Pairs(_), Keyword::Env | Keyword::Label) => file
            .pairs(instruction)
            .iter()
            .flat_map(|pair| {
                let value = pair.value.map_or("", |value| file.word(value));
                let separator = if pair.legacy { "" } else { "=" };
                [file.word(pair.name), value, separator]
            })
            .map(leaf)
            .collect(),
        _ => file
            .args(instruction)
            .iter()
            .map(|&word| leaf(file.word(word)))
            .collect(),
    }
}

/// Reads `source` and writes the line of JSON for it.
pub fn json_line(path: &str, source: &str) -> serde_json::Result<String> {
    let file = syntax::parse(source);
    serde_json::to_string(&output(path, &file))
}
