//! Words and their parts.

use crate::node::{Kind, flag};
use crate::note::Construct;

use super::Parser;
use super::expansions::Dollar;

// Classes of bytes. But for the last, they end a run of literal text in one mode or another.

/// Blanks, line feeds and operators.
pub(super) const META: u16 = 1;
/// `'`
pub(super) const SINGLE: u16 = 1 << 1;
/// `"`
pub(super) const DOUBLE: u16 = 1 << 2;
/// `\`
pub(super) const BACKSLASH: u16 = 1 << 3;
/// `$` and `` ` ``
pub(super) const EXPANSION: u16 = 1 << 4;
/// `*`, `?` and `[`
const GLOB: u16 = 1 << 5;
/// `{`
const OPEN_BRACE: u16 = 1 << 6;
/// `}`
const CLOSE_BRACE: u16 = 1 << 7;
/// `,`
const COMMA: u16 = 1 << 8;
/// `~`
const TILDE: u16 = 1 << 9;
/// `/`
pub(super) const SLASH: u16 = 1 << 10;
/// `:`
pub(super) const COLON: u16 = 1 << 11;
/// Letters, digits and `_`, of which names are made.
const NAME: u16 = 1 << 12;
/// `<`, `>` and `(`, which end a word unless they start a substitution or a pattern in it.
const OPENING: u16 = 1 << 13;

/// The class of a byte; 0 where it has none.
#[inline]
pub(super) fn class(byte: u8) -> u16 {
    CLASSES.get(usize::from(byte)).copied().unwrap_or_default()
}

/// Each byte is looked at here, so that it takes one look.
static CLASSES: [u16; 256] = {
    let mut classes = [0; 256];
    let mut rest = classes.as_mut_slice();
    let mut byte = 0_u8;
    while let [class, behind @ ..] = rest {
        *class = class_of(byte);
        byte = byte.wrapping_add(1);
        rest = behind;
    }
    classes
};

const fn class_of(byte: u8) -> u16 {
    match byte {
        b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b')' => META,
        b'<' | b'>' | b'(' => META | OPENING,
        b'\'' => SINGLE,
        b'"' => DOUBLE,
        b'\\' => BACKSLASH,
        b'$' | b'`' => EXPANSION,
        b'*' | b'?' | b'[' => GLOB,
        b'{' => OPEN_BRACE,
        b'}' => CLOSE_BRACE,
        b',' => COMMA,
        b'~' => TILDE,
        b'/' => SLASH,
        b':' => COLON,
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => NAME,
        _ => 0,
    }
}

/// Whether `byte` ends a plain word.
pub(super) fn is_meta(byte: u8) -> bool {
    class(byte) & META != 0
}

pub(super) const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte == b'_'
}

#[inline]
pub(crate) fn is_name_byte(byte: u8) -> bool {
    class(byte) == NAME
}

/// How many bytes come before the first one of these classes. Most words are some bytes long, so
/// that four at once are worth it.
#[inline]
fn literal_length(text: &[u8], special: u16) -> usize {
    let mut rest = text;
    while let [one, two, three, four, behind @ ..] = rest {
        if (class(*one) | class(*two) | class(*three) | class(*four)) & special != 0 {
            break;
        }
        rest = behind;
    }
    let tail = rest.iter().position(|&byte| class(byte) & special != 0);
    text.len() - rest.len() + tail.unwrap_or(rest.len())
}

/// The same for a word of a command. Eight are looked at at once, as where a loop over each ends is
/// hard to foresee for the processor.
#[inline]
fn normal_length(text: &[u8]) -> usize {
    let one = |byte: &u8| u32::from(NORMAL.get(usize::from(*byte)).is_some_and(|is| *is));
    let mut rest = text;
    while let [a, b, c, d, e, f, g, h, behind @ ..] = rest {
        let found = one(a) | one(b) << 1 | one(c) << 2 | one(d) << 3;
        let found = found | one(e) << 4 | one(f) << 5 | one(g) << 6 | one(h) << 7;
        if found != 0 {
            return text.len() - rest.len() + found.trailing_zeros() as usize;
        }
        rest = behind;
    }
    text.len() - rest.len() + literal_length(rest, Mode::NORMAL.special)
}

/// Whether a byte is special in a word of a command.
static NORMAL: [bool; 256] = {
    let mut bytes = [false; 256];
    let mut rest = bytes.as_mut_slice();
    let mut byte = 0_u8;
    while let [is_special, behind @ ..] = rest {
        *is_special = class_of(byte) & Mode::NORMAL.special != 0;
        byte = byte.wrapping_add(1);
        rest = behind;
    }
    bytes
};

/// What a backslash does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Escapes {
    /// It quotes any character.
    All,
    /// It quotes `$`, `` ` ``, `"`, `\`, and `}` where that ends the text.
    Double,
    /// It quotes `$`, `` ` `` and `\`.
    HereDoc,
}

/// What is special in a word at some place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mode {
    /// The classes that are looked at.
    special: u16,
    /// Those of them that end the word.
    pub(super) ends: u16,
    escapes: Escapes,
    /// Values are not split here.
    pub(super) quoted: bool,
}

impl Mode {
    /// A word of a command.
    pub(super) const NORMAL: Self = Self {
        special: META | SINGLE | DOUBLE | BACKSLASH | EXPANSION | GLOB | OPEN_BRACE | TILDE,
        ends: META,
        escapes: Escapes::All,
        quoted: false,
    };
    /// The value of an assignment: no globs, no braces.
    pub(super) const VALUE: Self = Self {
        special: META | SINGLE | DOUBLE | BACKSLASH | EXPANSION | TILDE,
        ..Self::NORMAL
    };
    /// The delimiter of a here-document: quotes only.
    pub(super) const DELIMITER: Self = Self {
        special: META | SINGLE | DOUBLE | BACKSLASH,
        ..Self::NORMAL
    };
    /// The pattern behind `=~`.
    pub(super) const REGEX: Self = Self {
        special: META | SINGLE | DOUBLE | BACKSLASH | EXPANSION,
        ..Self::NORMAL
    };
    /// Between braces that expand: `{a,b}`.
    pub(super) const ALTERNATIVE: Self = Self {
        special: Self::NORMAL.special | COMMA | CLOSE_BRACE,
        ends: META | COMMA | CLOSE_BRACE,
        ..Self::NORMAL
    };
    /// Inside of `"…"`.
    const DOUBLE: Self = Self {
        special: DOUBLE | BACKSLASH | EXPANSION,
        ends: DOUBLE,
        escapes: Escapes::Double,
        quoted: true,
    };
    /// The lines of a here-document.
    pub(super) const HERE_DOC: Self = Self {
        special: BACKSLASH | EXPANSION,
        ends: 0,
        escapes: Escapes::HereDoc,
        quoted: true,
    };
    /// Inside of `((…))`.
    pub(super) const ARITHMETIC: Self = Self {
        special: BACKSLASH | EXPANSION,
        ends: 0,
        escapes: Escapes::Double,
        quoted: true,
    };
    /// Inside of `[…]` behind a name.
    pub(super) const SUBSCRIPT: Self = Self {
        special: SINGLE | DOUBLE | BACKSLASH | EXPANSION,
        ends: 0,
        escapes: Escapes::All,
        quoted: true,
    };
    /// `y` of `${x:-y}`.
    pub(super) const OPERAND: Self = Self {
        special: SINGLE | DOUBLE | BACKSLASH | EXPANSION | GLOB | CLOSE_BRACE | TILDE,
        ends: CLOSE_BRACE,
        escapes: Escapes::All,
        quoted: false,
    };
    /// `y` of `"${x:-y}"`: single quotes are ordinary.
    pub(super) const QUOTED_OPERAND: Self = Self {
        special: DOUBLE | BACKSLASH | EXPANSION | CLOSE_BRACE,
        escapes: Escapes::Double,
        quoted: true,
        ..Self::OPERAND
    };
    /// `y` of `"${x#y}"`: a pattern has quotes of its own.
    pub(super) const QUOTED_PATTERN: Self = Self {
        quoted: true,
        ..Self::OPERAND
    };

    pub(super) const fn ending_at(self, class: u16) -> Self {
        Self {
            special: self.special | class,
            ends: self.ends | class,
            ..self
        }
    }

    const fn part_flags(self) -> u8 {
        if self.quoted { flag::QUOTED } else { 0 }
    }
}

/// What a byte of a word turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Found {
    /// The word ends before it.
    End,
    /// It stands for itself.
    Text,
    /// A part of this kind and length, with nothing in it.
    Leaf(Kind, usize),
    SingleQuoted,
    DoubleQuoted,
    Backquoted,
    Dollar(Dollar),
    Process,
    /// `@(…)` and its like.
    ExtendedGlob(Back),
    /// A brace expansion that ends at this place.
    Brace(usize),
}

/// How far before the byte a part starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Back {
    None,
    One,
}

impl Parser<'_> {
    /// The first word of a command.
    pub(super) fn leading_word(&mut self) {
        self.normal_word(flag::LEADING);
    }

    /// The word that starts here; it may be empty.
    #[inline]
    pub(super) fn word(&mut self, mode: Mode) {
        if mode == Mode::NORMAL {
            self.normal_word(0);
        } else {
            let length = literal_length(self.rest(), mode.special);
            self.word_behind(length, mode, 0);
        }
    }

    /// A word of a command. Most are plain.
    fn normal_word(&mut self, flags: u8) {
        let rest = self.rest();
        let length = normal_length(rest);
        let end = rest.get(length).map_or(META, |&byte| class(byte));
        if end & (META | OPENING) == META {
            let start = self.pos;
            self.pos += length;
            self.leaf_marked(Kind::Word, start, flags | flag::PLAIN);
        } else {
            self.word_behind(length, Mode::NORMAL, flags);
        }
    }

    /// A word whose first `length` bytes stand for themselves.
    // By itself, so that a plain word need not make room for it.
    #[inline(never)]
    fn word_behind(&mut self, length: usize, mode: Mode, flags: u8) {
        let id = self.open(Kind::Word);
        let plain = self.parts_behind(length, mode);
        let flags = if plain { flags | flag::PLAIN } else { flags };
        self.close_marked(id, self.pos, flags);
    }

    /// Reads parts up to what ends them in `mode`, or to the end of the region.
    pub(super) fn parts(&mut self, mode: Mode) {
        let length = literal_length(self.rest(), mode.special);
        self.parts_behind(length, mode);
    }

    /// The same, where the first `length` bytes are known to stand for themselves.
    ///
    /// Where all is one literal, no part is made: the node that holds them says it all. Whether
    /// that is so, and no backslash is in it.
    fn parts_behind(&mut self, mut length: usize, mode: Mode) -> bool {
        let first = self.tree.nodes.len();
        let start = self.pos;
        let flags = mode.part_flags();
        // Where the literal text started that goes on here.
        let mut run = start;
        // Open parentheses of a regular expression.
        let mut parentheses = 0_usize;
        let mut backslash = false;
        loop {
            self.pos += length;
            let Some(byte) = self.peek() else { break };
            let found = if class(byte) & mode.ends != 0 {
                self.behind(byte, mode, run, &mut parentheses)
            } else {
                self.starts(byte, mode, start)
            };
            match found {
                Found::End => break,
                Found::Text => {
                    backslash |= byte == b'\\';
                    self.pos += 1;
                }
                _ => {
                    if found == Found::ExtendedGlob(Back::One) {
                        self.pos -= 1;
                    }
                    self.literal(run, flags);
                    self.part(found, flags);
                    run = self.pos;
                }
            }
            length = literal_length(self.rest(), mode.special);
        }
        let whole = self.tree.nodes.len() == first;
        if !whole {
            self.literal(run, flags);
        }
        whole && !backslash
    }

    /// What `byte` is, which ends words of this mode in most cases.
    fn behind(&self, byte: u8, mode: Mode, run: usize, parentheses: &mut usize) -> Found {
        let next = self.peek_at(1);
        // The same are special in no other mode.
        if mode.special == Mode::REGEX.special {
            let inside = *parentheses > 0;
            match byte {
                b'(' => *parentheses += 1,
                b')' if inside => *parentheses -= 1,
                b'\n' => return Found::End,
                b'|' if next != Some(b'|') => {}
                _ if inside => {}
                _ => return Found::End,
            }
            return Found::Text;
        }
        match byte {
            b'<' | b'>' if next == Some(b'(') && mode.special & EXPANSION != 0 => Found::Process,
            b'(' if mode.special & GLOB != 0
                && self.pos > run
                && matches!(self.text.get(self.pos - 1), Some(b'@' | b'+' | b'!')) =>
            {
                Found::ExtendedGlob(Back::One)
            }
            _ => Found::End,
        }
    }

    /// What starts at `byte`, in a word that starts at `start`.
    fn starts(&mut self, byte: u8, mode: Mode, start: usize) -> Found {
        let leaf = |kind, length| match length {
            0 => Found::Text,
            length => Found::Leaf(kind, length),
        };
        match byte {
            b'\'' => Found::SingleQuoted,
            b'"' => Found::DoubleQuoted,
            b'\\' => match self.escape(mode) {
                Some(0) => Found::End,
                length => leaf(Kind::Escape, length.unwrap_or(0)),
            },
            b'`' => Found::Backquoted,
            b'$' => match self.dollar(mode) {
                Dollar::Nothing => Found::Text,
                dollar => Found::Dollar(dollar),
            },
            b'*' | b'?' if self.peek_at(1) == Some(b'(') && mode.ends & META != 0 => {
                Found::ExtendedGlob(Back::None)
            }
            b'*' | b'?' => {
                let stars = self.rest().iter().take_while(|b| matches!(b, b'*' | b'?'));
                leaf(Kind::Glob, stars.count())
            }
            b'[' => leaf(Kind::Glob, self.bracket(mode)),
            b'{' => self.brace_end().map_or(Found::Text, Found::Brace),
            b'~' => leaf(Kind::Tilde, self.tilde(mode, start)),
            _ => Found::Text,
        }
    }

    /// Reads the part that was found here.
    fn part(&mut self, found: Found, flags: u8) {
        match found {
            Found::End | Found::Text => {}
            Found::Leaf(kind, length) => {
                let start = self.pos;
                self.pos += length;
                self.leaf_marked(kind, start, flags);
            }
            Found::SingleQuoted => self.single_quoted(flags),
            Found::DoubleQuoted => self.double_quoted(flags),
            Found::Backquoted => self.backquoted(flags),
            Found::Dollar(dollar) => self.expansion(dollar, flags),
            Found::Process => self.process_substitution(flags),
            Found::ExtendedGlob(_) => self.extended_glob(flags),
            Found::Brace(end) => self.brace(end),
        }
    }

    /// The literal text from `run` to here, if there is any.
    fn literal(&mut self, run: usize, flags: u8) {
        if run < self.pos {
            self.leaf_marked(Kind::Literal, run, flags);
        }
    }

    /// How long the quoted character is that a backslash starts here; `None` where the
    /// backslash is ordinary, 0 where the word ends before it.
    fn escape(&self, mode: Mode) -> Option<usize> {
        let next = self.peek_at(1)?;
        if next == b'\n' {
            // All continuations at once. They belong to a word only if it goes on behind them.
            let pairs = self.rest().chunks_exact(2);
            let length = pairs.take_while(|&pair| pair == b"\\\n").count() * 2;
            let ends = mode.ends & META != 0 && self.peek_at(length).is_none_or(is_meta);
            return Some(if ends { 0 } else { length });
        }
        let escapes = match mode.escapes {
            Escapes::All => true,
            Escapes::Double => {
                matches!(next, b'$' | b'`' | b'"' | b'\\')
                    || class(next) & mode.ends & CLOSE_BRACE != 0
            }
            Escapes::HereDoc => matches!(next, b'$' | b'`' | b'\\'),
        };
        if !escapes {
            return None;
        }
        let more = self.rest().iter().skip(2);
        Some(2 + more.take_while(|&&b| b & 0xC0 == 0x80).count())
    }

    fn single_quoted(&mut self, flags: u8) {
        let start = self.pos;
        self.pos += 1;
        let rest = self.rest();
        let closed = rest.iter().position(|&b| b == b'\'');
        self.pos += closed.map_or(rest.len(), |length| length + 1);
        let id = self.leaf(Kind::SingleQuoted, start);
        self.mark(id, flags);
        if closed.is_none() {
            self.mark(id, flag::UNCLOSED);
            self.unclosed(Construct::SingleQuote, start, 1);
        }
    }

    /// `$'…'`
    pub(super) fn ansi_quoted(&mut self, flags: u8) {
        let start = self.pos;
        self.pos += 2;
        let mut closed = false;
        while let Some(byte) = self.peek() {
            self.pos += 1;
            if byte == b'\'' {
                closed = true;
                break;
            }
            if byte == b'\\' && self.peek().is_some() {
                self.pos = self.char_end();
            }
        }
        let id = self.leaf(Kind::AnsiQuoted, start);
        self.mark(id, flags);
        if !closed {
            self.mark(id, flag::UNCLOSED);
            self.unclosed(Construct::SingleQuote, start, 2);
        }
    }

    /// `"…"` or `$"…"`
    pub(super) fn double_quoted(&mut self, flags: u8) {
        let start = self.pos;
        let id = self.open(Kind::DoubleQuoted);
        self.mark(id, flags);
        let mut length = 1;
        if self.peek() == Some(b'$') {
            self.mark(id, flag::OTHER_FORM);
            length = 2;
        }
        self.pos += length;
        self.parts(Mode::DOUBLE);
        if self.peek() == Some(b'"') {
            self.pos += 1;
        } else {
            self.mark(id, flag::UNCLOSED);
            self.unclosed(Construct::DoubleQuote, start, length);
        }
        self.close(id);
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{check, check_notes};

    #[test]
    fn a_word_is_made_of_literal_and_quoted_parts() {
        check("a'b c'\"d e\"f\\ g", "(a·'b c'·\"d e\"·f·\\ ·g)");
        check("'' \"\"", "('' \"\")");
        check("\\é\\🚀", "(\\é·\\🚀)");
        check("a\\", "(a\\)");
    }

    #[test]
    fn double_quotes_hold_expansions_and_few_escapes() {
        check(
            r#""a $b ${c} $(d) `e` $((f)) \$ \" \\ \n 'g' *""#,
            r#"("a ·$b· ·${c}· ·$[(d)]· ·`[(e)]`· ·$((f))· ·\$· ·\"· ·\\· \n 'g' *")"#,
        );
        check("\"a\\\nb\"", "(\"a·\\⏎·b\")");
        check("\"$(a \"b c\" \")\")\"", "(\"$[(a \"b c\" \")\")]\")");
    }

    #[test]
    fn bash_has_two_more_kinds_of_quotes() {
        check(r"$'a\'b' $'c'd", r"($'a\'b' $'c'·d)");
        check("$\"a $b\"", "($\"a ·$b\")");
        check("\"$'a'\"", "(\"$'a'\")");
    }

    #[test]
    fn a_dollar_starts_a_variable_or_stands_for_itself() {
        check(
            "$a $a1b-c $1 $12 $@ $* $# $? $- $$ $!",
            "($a $a1b·-c $1 $1·2 $@ $* $# $? $- $$ $!)",
        );
        check("$ $. a$ $%", "($ $. a$ $%)");
    }

    #[test]
    fn every_parameter_operator_is_known() {
        let cases: &[(&str, &str)] = &[
            ("${a}", "${a}"),
            ("${1}", "${1}"),
            ("${10}", "${10}"),
            ("${#}", "${#}"),
            ("${?}", "${?}"),
            ("${#a}", "${a Length}"),
            ("${#@}", "${@ Length}"),
            ("${##}", "${# Length}"),
            ("${#-x}", "${# Default x}"),
            ("${a-b}", "${a Default b}"),
            ("${a:-b c}", "${a :Default b c}"),
            ("${a:-}", "${a :Default }"),
            ("${a=b}", "${a Assign b}"),
            ("${a:?b}", "${a :Error b}"),
            ("${a:+$b}", "${a :Alternative $b}"),
            ("${a#*/}", "${a RemovePrefix <*>·/}"),
            ("${a##*/}", "${a RemoveLongestPrefix <*>·/}"),
            ("${a%.*}", "${a RemoveSuffix .·<*>}"),
            ("${a%%.*}", "${a RemoveLongestSuffix .·<*>}"),
            ("${a/b/c}", "${a Replace b c}"),
            ("${a/b}", "${a Replace b}"),
            ("${a//b/}", "${a ReplaceAll b }"),
            ("${a//\\//-}", "${a ReplaceAll \\/ -}"),
            ("${a/#b/c}", "${a ReplacePrefix b c}"),
            ("${a/%b/c}", "${a ReplaceSuffix b c}"),
            ("${a:1}", "${a Substring 1}"),
            ("${a: -1:$b}", "${a Substring  -1 $b}"),
            ("${a^}", "${a UppercaseFirst }"),
            ("${a^^}", "${a Uppercase }"),
            ("${a,}", "${a LowercaseFirst }"),
            ("${a,,[b]}", "${a Lowercase <[b]>}"),
            ("${a@Q}", "${a Transform}"),
            ("${!a}", "${!a}"),
            ("${!a*}", "${!a Names}"),
            ("${!a@}", "${!a Names}"),
            ("${a[0]}", "${a[0]}"),
            ("${a[@]}", "${a[@]}"),
            ("${a[$b]:-c}", "${a[$b] :Default c}"),
            ("${#a[@]}", "${a[@] Length}"),
            ("${a:-${b:-c}}", "${a :Default ${b :Default c}}"),
            ("${a:-\"b }\"}", "${a :Default \"b }\"}"),
            ("${a:-'}'}", "${a :Default '}'}"),
            ("${a:-$(b })}", "${a :Default $[(b })]}"),
        ];
        for (text, dumped) in cases {
            check(text, &format!("({dumped})"));
            check_notes(text, &[]);
        }
    }

    #[test]
    fn single_quotes_quote_in_a_double_quoted_pattern_only() {
        check("\"${a:-'b'}\"", "(\"${a :Default 'b'}\")");
        check("\"${a#'b'}\"", "(\"${a RemovePrefix 'b'}\")");
        check("\"${a:-'}\"", "(\"${a :Default '}\")");
        check("\"${a:-\\}}\"", "(\"${a :Default \\}}\")");
    }

    #[test]
    fn a_bad_parameter_is_opaque_up_to_its_brace() {
        check("a ${b c} d", "(a ?(${b c}) d)");
        check_notes("a ${b c} d", &["BadParameter ${b c}"]);
        check("a ${ d", "(a ?(${) d)");
        check_notes("a \"${\" d", &["Unclosed(Parameter) ${"]);
    }

    #[test]
    fn substitutions_hold_lists() {
        check("$(a | b; c)", "($[(a) | (b); (c)])");
        check("`a | b`", "(`[(a) | (b)]`)");
        check("$(a $(b `c`))", "($[(a $[(b `[(c)]`)])])");
        check("<(a) >(b)", "(<[(a)] >[(b)])");
        check("a<(b)c", "(a·<[(b)]·c)");
        check("$()", "($[])");
        check("$(<a)", "($[(0:Read:a)])");
        check("$(case a in b) c;; esac)", "($[(case a b) [(c)])])");
        check("$(a # )\n)", "($[(a)])");
    }

    #[test]
    fn the_first_backquote_closes_whatever_quotes_are_around() {
        check("`a 'b` c", "(`[(a 'b)]` c)");
        check("`a \\`b\\`` c", "(`[(opaque a \\`b\\`)]` c)");
    }

    #[test]
    fn arithmetic_holds_expansions() {
        check("$((a + $b * $(c)))", "($((a + ·$b· * ·$[(c)])))");
        check("$[1 + $a]", "($((1 + ·$a)))");
        check("$((a) ; (b))", "($[(subshell [(a)]); (subshell [(b)])])");
        check("$(((1 + 2) * 3))", "($(((1 + 2) * 3)))");
    }

    #[test]
    fn globs_are_parts() {
        check("*.c a?? [a-z]x **/b", "(<*>·.c a·<??> <[a-z]>·x <**>·/b)");
        check(
            "[!a] [^b] []c] [[:alpha:]]",
            "(<[!a]> <[^b]> <[]c]> <[[:alpha:]]>)",
        );
        check("'*' \"?\" \\*", "('*' \"?\" \\*)");
        check("[\"a\"]", "(<[>·\"a\"·])");
        check("[ a [b c] [", "([ a [b c] [)");
        check("@(a|b) !(c d) a*(e)", "(<@(a|b)> <!(c d)> a·<*(e)>)");
    }

    #[test]
    fn braces_expand_with_a_comma_or_a_range() {
        check("a{b,c}d", "(a·{b|c}·d)");
        check("{a,b{c,d},}", "({a|b·{c|d}|})");
        check("{1..3} {a..z..2}", "({1..3} {a..z..2})");
        check("{$a,\"b c\"}", "({$a|\"b c\"})");
        check("{a} {} { {a b,c} {a,b a}", "({a} {} { {a b,c} {a,b a})");
        check("{$a..3} {a,(b)}", "({·$a·..3} {a, ?((b)) })");
    }

    #[test]
    fn a_tilde_starts_a_word_or_follows_a_colon_in_a_value() {
        check(
            "~ ~/a ~b/c a~ \"~\" ~$a",
            "(<~> <~>·/a <~b>·/c a~ \"~\" ~·$a)",
        );
        check("a=~ b=c:~/d e:~", "(a=<~> b=c:·<~>·/d e:~)");
        check("echo a=~/b --a=~", "(echo a=·<~>·/b --a=~)");
    }
}
