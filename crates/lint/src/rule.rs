//! What a rule is, and how it reports.

use std::borrow::Cow;

use stagecraft_diagnostics::{Applicability, Diagnostic, Fix, Severity, ToolCode};
use stagecraft_syntax::Instruction;
use stagecraft_text::{Edit, TextRange};

use crate::facts::Facts;

/// A rule.
#[derive(Debug)]
pub struct Rule {
    /// The bad pattern in kebab case.
    pub name: &'static str,
    /// What BuildKit, hadolint and others call it.
    pub codes: &'static [&'static str],
    /// How much it matters.
    pub severity: Severity,
    /// Whether it belongs to our own choice.
    pub by_default: bool,
    /// Why it matters.
    pub why: &'static str,
    /// A Dockerfile in which it finds something.
    pub bad: &'static str,
    /// The same, mended.
    pub good: &'static str,
    pub(crate) check: fn(&Facts<'_>, &mut Found<'_>),
}

/// Where a rule puts what it finds.
pub(crate) struct Found<'a> {
    pub(crate) rule: &'static Rule,
    pub(crate) list: &'a mut Vec<Diagnostic>,
    /// Takes what is beyond the limit.
    pub(crate) beyond: Diagnostic,
    /// How many were kept.
    count: usize,
}

/// More findings of one rule are not kept: nobody reads them, and fixes for all of them take room.
const MOST: usize = 1_000;

impl<'a> Found<'a> {
    pub(crate) fn new(rule: &'static Rule, list: &'a mut Vec<Diagnostic>) -> Self {
        Self {
            rule,
            list,
            count: 0,
            beyond: Diagnostic::new(rule.name, rule.severity, TextRange::default(), ""),
        }
    }

    /// Reports a fault of an instruction, at the smallest place that is wrong.
    pub(crate) fn report(
        &mut self,
        instruction: &Instruction,
        range: TextRange,
        message: impl Into<String>,
    ) -> Report<'_> {
        let rule = self.rule;
        let mut diagnostic = Diagnostic::new(rule.name, rule.severity, range, message);
        diagnostic.why = Some(Cow::Borrowed(rule.why));
        let line = instruction.lines.first;
        let codes = rule.codes.iter();
        diagnostic.codes = codes.map(|&code| ToolCode { code, line }).collect();
        self.count += 1;
        if self.count > MOST {
            self.beyond = diagnostic;
            return Report(&mut self.beyond);
        }
        self.list.push(diagnostic);
        Report(self.list.last_mut().unwrap_or(&mut self.beyond))
    }
}

/// A finding that can be added to.
pub(crate) struct Report<'a>(&'a mut Diagnostic);

impl Report<'_> {
    /// Says on which line other tools report it, where that is not the instruction's first.
    pub(crate) fn line(self, line: u32) -> Self {
        for code in &mut self.0.codes {
            code.line = line;
        }
        self
    }

    /// Adds what to do.
    pub(crate) fn help(self, help: impl Into<Cow<'static, str>>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// Adds a change of one place that mends it.
    pub(crate) fn fix(
        self,
        applicability: Applicability,
        title: impl Into<String>,
        range: TextRange,
        insert: impl Into<String>,
    ) {
        self.0.fixes.push(Fix {
            title: title.into(),
            edits: vec![Edit {
                range,
                insert: insert.into(),
            }],
            applicability,
        });
    }
}
