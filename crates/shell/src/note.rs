use stagecraft_text::TextRange;

/// Something in a script that a shell would refuse, or read in another way than it looks.
///
/// Notes are for rules; the tree stands without them. A script has at most
/// [`Note::LIMIT`] of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Note {
    /// What it is.
    pub kind: NoteKind,
    /// Where, in the joined text: the smallest range that is wrong, or the opening token of what
    /// is not closed.
    pub range: TextRange,
}

impl Note {
    /// A script keeps its first so many notes.
    pub const LIMIT: usize = 100;
}

/// The kinds of [`Note`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NoteKind {
    /// Nothing closes this before the end of the text.
    Unclosed(Construct),
    /// This token opens or joins nothing here: a stray `)`, `fi`, `;;`, `&&` …
    Unexpected,
    /// A parenthesis where none can be: `echo (a)`.
    Parenthesis,
    /// Parameters between the parentheses of a function: `f(a, b)`.
    FunctionParameters,
    /// This operator or keyword wants a command and has none: `a &&`, `if; then`.
    MissingCommand,
    /// This keyword is not followed by what must come next: `if a; fi`, `for x; echo`.
    MissingKeyword,
    /// This operator wants a word and has none: `cat >`.
    MissingWord,
    /// `${…}` whose inside is no parameter expansion.
    BadParameter,
    /// The lines of this here-document are not there; the range is its delimiter.
    ///
    /// A `RUN` with a heredoc keeps the lines apart from the command line. Whoever parses the
    /// command line alone gets this note.
    MissingHereDoc,
    /// No line ends this here-document; it reaches to the end of the text.
    UnclosedHereDoc,
    /// Nested deeper than we read; all that follows is opaque.
    TooDeep,
}

/// What a shell can open and not close.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Construct {
    /// `'…'` or `$'…'`
    SingleQuote,
    /// `"…"`
    DoubleQuote,
    /// `` `…` ``
    Backquote,
    /// `$(…)`, `<(…)` or `>(…)`
    Substitution,
    /// `${…}`
    Parameter,
    /// `( … )`
    Subshell,
    /// A parenthesis of an array, a pattern or a function.
    Parenthesis,
    /// `{ …; }`
    Group,
    /// `if … fi`
    If,
    /// `do … done`
    Loop,
    /// `case … esac`
    Case,
    /// `[[ … ]]`
    Test,
}
