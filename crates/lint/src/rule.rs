//! What a rule is, and how it reports.

use std::borrow::Cow;

use stagecraft_diagnostics::{Applicability, Diagnostic, Few, Fix, Label, Severity, ToolCode};
use stagecraft_shell::PartKinds;
use stagecraft_syntax::{Instruction, Keyword};
use stagecraft_text::{Edit, TextRange, TextSize, sort_by_start};

use crate::facts::{Call, Facts, RunFacts};
use crate::programs::{Bits, Programs};
use crate::triggers::places;

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
    pub(crate) when: When,
    pub(crate) check: fn(&Facts<'_>, &mut Found<'_>),
}

/// What has to be in a file for a rule to find anything: where it is not, the rule is not asked.
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// Whatever it has.
    Always,
    /// One of these instructions, be it behind ONBUILD.
    Has(Keywords),
    /// That.
    With(Mark),
    /// A RUN that calls one of the programs of these bits, or may be taken to call it.
    Calls(Bits),
    /// A RUN in which a command may have one of the names of these bits, whatever that calls.
    Names(Bits),
    /// A RUN in which words have parts of one of these kinds.
    Parts(PartKinds),
    /// A RUN in which a command is not a simple one: a loop, a group, a condition.
    Compounds,
    /// A RUN in which the name of a command starts like an option or ends in no letter
    /// and no digit.
    OddNames,
}

impl When {
    /// [`When::Has`] of these.
    pub(crate) const fn has(keywords: &[Keyword]) -> Self {
        Self::Has(Keywords::of(keywords))
    }

    /// [`When::Calls`] of these.
    pub(crate) const fn calls(programs: Programs) -> Self {
        Self::Calls(programs.bits)
    }

    /// [`When::Names`] of these.
    pub(crate) const fn names(names: Programs) -> Self {
        Self::Names(names.bits)
    }

    /// [`When::Parts`] of these.
    pub(crate) const fn parts(kinds: PartKinds) -> Self {
        Self::Parts(kinds)
    }
}

/// What else a file may have, or who looks at it may ask for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Mark {
    /// Comments.
    Comments,
    /// Names of instructions with small letters.
    SmallLetters,
    /// Lines that go on with an empty one.
    EmptyLines,
    /// Instructions above the first FROM.
    BeforeFrom,
    /// FROM with `--platform`.
    Platforms,
    /// FROM with a name for its stage.
    StageNames,
    /// FROM with variables.
    BaseVariables,
    /// More than one stage.
    Stages,
    /// Stages that take from another one or from an image, besides what they start from.
    Dependencies,
    /// COPY with `--from`.
    CopiesFrom,
    /// Base images whose settings are known.
    BaseConfigs,
    /// A `.dockerignore`.
    Dockerignore,
    /// Labels that an image must have.
    Labels,
    /// Registries that are trusted.
    Registries,
    /// Nothing has it: what goes by the findings of all rules comes behind them.
    Findings,
}

/// Some marks.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks(u32);

impl Marks {
    /// How many there are.
    pub(crate) const COUNT: usize = Mark::Findings as usize + 1;

    /// Adds one that a file has.
    pub(crate) fn add(&mut self, mark: Mark, has: bool) {
        self.0 |= u32::from(has) << mark as u32;
    }

    /// Whether a file has it.
    pub(crate) fn has(self, mark: Mark) -> bool {
        self.0 & 1 << mark as u32 != 0
    }

    /// The numbers of all.
    pub(crate) fn places(self) -> impl Iterator<Item = usize> {
        places(self.0.into())
    }
}

/// Some kinds of instructions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Keywords(u32);

impl Keywords {
    pub(crate) const fn of(keywords: &[Keyword]) -> Self {
        let (mut all, mut keywords) = (0, keywords);
        while let [keyword, rest @ ..] = keywords {
            all |= 1 << *keyword as u32;
            keywords = rest;
        }
        Self(all)
    }

    /// How many places there are.
    pub(crate) const COUNT: usize = Keyword::Unknown as usize + 1;

    /// Whether the kind of that number is among them.
    pub(crate) const fn has_place(self, at: usize) -> bool {
        self.0 & 1 << at != 0
    }

    /// Their numbers.
    pub(crate) fn places(self) -> impl Iterator<Item = usize> {
        places(self.0.into())
    }

    pub(crate) fn add(&mut self, keyword: Keyword) {
        self.0 |= 1 << keyword as u32;
    }

    pub(crate) fn has(self, keyword: Keyword) -> bool {
        self.meet(Self::of(&[keyword]))
    }

    /// Whether both have one.
    pub(crate) fn meet(self, others: Self) -> bool {
        self.0 & others.0 != 0
    }
}

/// What rules have found.
#[derive(Default)]
pub(crate) struct Findings {
    pub(crate) all: Vec<Diagnostic>,
    /// The places of those that another tool says, and we do not.
    elsewhere: Vec<usize>,
}

impl Findings {
    pub(crate) fn with_capacity(count: usize) -> Self {
        Self {
            all: Vec::with_capacity(count),
            elsewhere: Vec::new(),
        }
    }

    /// Keeps those for which `kept` says so, who is told whether another tool says it, and we do
    /// not.
    pub(crate) fn retain(&mut self, mut kept: impl FnMut(&mut Diagnostic, bool) -> bool) {
        let mut elsewhere = std::mem::take(&mut self.elsewhere).into_iter().peekable();
        let mut at = 0;
        self.all.retain_mut(|finding| {
            let mut is_elsewhere = false;
            while elsewhere.next_if_eq(&at).is_some() {
                is_elsewhere = true;
            }
            at += 1;
            kept(finding, is_elsewhere)
        });
    }
}

/// Puts findings in order of place; those at one place stay in the order in which they were found.
pub(crate) fn sort(all: &mut [Diagnostic]) {
    if all.len() > MOST_INSERTED {
        return sort_by_start(all, |finding| finding.range.start());
    }
    // Where each starts, and where it is now.
    let mut order: Vec<(TextSize, u16)> = Vec::with_capacity(all.len());
    for (at, finding) in (0..).zip(all.iter()) {
        let start = finding.range.start();
        // Those of one rule are in order already.
        match order.last() {
            Some((last, _)) if *last > start => {
                let place = order.partition_point(|(it, _)| *it <= start);
                order.insert(place, (start, at));
            }
            _ => order.push((start, at)),
        }
    }
    // Each goes where it belongs, and what was there to the place that is free now.
    for (first, _) in (0..).zip(0..all.len()) {
        let mut at = first;
        while let Some((_, from)) = order.get_mut(usize::from(at)) {
            let from = std::mem::replace(from, at);
            if from == first {
                break;
            }
            all.swap(at.into(), from.into());
            at = from;
        }
    }
}

/// More are not put in order one by one.
const MOST_INSERTED: usize = 256;

/// Where a rule puts what it finds.
pub(crate) struct Found<'a> {
    rule: &'static Rule,
    list: &'a mut Findings,
    /// Takes what is beyond the limit.
    beyond: Option<Diagnostic>,
    /// How many were kept.
    count: usize,
}

/// More findings of one rule are not kept: nobody reads them, and fixes for all of them take room.
const MOST: usize = 1_000;

impl<'a> Found<'a> {
    pub(crate) fn new(rule: &'static Rule, list: &'a mut Findings) -> Self {
        Self {
            rule,
            list,
            count: 0,
            beyond: None,
        }
    }

    /// Goes on with what another rule finds.
    pub(crate) fn turn_to(&mut self, rule: &'static Rule) {
        self.rule = rule;
        self.count = 0;
    }

    /// The codes of the rule.
    pub(crate) fn codes(&self) -> &'static [&'static str] {
        self.rule.codes
    }

    /// Reports a fault of an instruction, at the smallest place that is wrong.
    pub(crate) fn report(
        &mut self,
        instruction: &Instruction,
        range: TextRange,
        message: impl Into<Cow<'static, str>>,
    ) -> Report<'_> {
        self.put(instruction, range, message.into(), self.rule.codes)
    }

    /// The same with some of the rule's codes only.
    pub(crate) fn put(
        &mut self,
        instruction: &Instruction,
        range: TextRange,
        message: Cow<'static, str>,
        codes: &[&'static str],
    ) -> Report<'_> {
        let rule = self.rule;
        let line = instruction.lines.first;
        let code = |&code: &&'static str| ToolCode { code, line };
        let finding = Diagnostic {
            rule: rule.name,
            // Most have one or none.
            codes: match codes {
                [] => Few::default(),
                [only] => Few::from(code(only)),
                _ => codes.iter().map(code).collect(),
            },
            severity: rule.severity,
            message,
            why: Some(Cow::Borrowed(rule.why)),
            help: None,
            range,
            labels: Vec::new(),
            fixes: Few::default(),
        };
        self.count += 1;
        let Findings { all, elsewhere } = &mut *self.list;
        let kept = self.count <= MOST;
        Report {
            elsewhere: kept.then_some((elsewhere, all.len())),
            finding: if kept {
                all.push_mut(finding)
            } else {
                self.beyond.insert(finding)
            },
        }
    }

    /// Reports a fault of a call. hadolint does not look through what wraps one.
    pub(crate) fn call(
        &mut self,
        run: &RunFacts<'_>,
        call: &Call<'_>,
        range: TextRange,
        message: impl Into<Cow<'static, str>>,
    ) -> Report<'_> {
        let codes = self.rule.codes;
        let report = self.report(run.instruction, range, message);
        match (call.wrapped, run.foreign) {
            (true, _) => report.only(&[]),
            (false, true) => report.elsewhere(codes),
            (false, false) => report,
        }
    }
}

/// A finding that can be added to.
pub(crate) struct Report<'a> {
    finding: &'a mut Diagnostic,
    /// Where to note that another tool says it and we do not, and its own place.
    elsewhere: Option<(&'a mut Vec<usize>, usize)>,
}

impl Report<'_> {
    /// Says on which line other tools report it, where that is not the instruction's first.
    pub(crate) fn line(self, line: u32) -> Self {
        for code in self.finding.codes.iter_mut() {
            code.line = line;
        }
        self
    }

    /// Says on which line the tool with that code reports it.
    pub(crate) fn line_of(self, name: &str, line: u32) -> Self {
        let codes = &mut self.finding.codes;
        if let Some(code) = codes.iter_mut().find(|code| code.code == name) {
            code.line = line;
        }
        self
    }

    /// Only these of the rule's codes are meant.
    pub(crate) fn only(self, codes: &[&str]) -> Self {
        let meant = |code: &ToolCode| codes.contains(&code.code);
        self.finding.codes.retain(meant);
        self
    }

    /// The tools with these of the rule's codes say it, and we do not.
    pub(crate) fn elsewhere(self, codes: &[&str]) -> Self {
        self.not_ours().only(codes)
    }

    fn not_ours(mut self) -> Self {
        if let Some((all, own)) = &mut self.elsewhere {
            all.push(*own);
        }
        self
    }

    /// By whether it is a fault, and whether the tools with the rule's codes take it for one.
    pub(crate) fn said_by(self, ours: bool, theirs: bool) -> Self {
        let report = if ours { self } else { self.not_ours() };
        if theirs { report } else { report.only(&[]) }
    }

    /// Adds what to do.
    pub(crate) fn help(self, help: impl Into<Cow<'static, str>>) -> Self {
        self.finding.help = Some(help.into());
        self
    }

    /// Adds a further place that belongs to it.
    pub(crate) fn label(self, range: TextRange, message: impl Into<Cow<'static, str>>) -> Self {
        let message = message.into();
        add_one(&mut self.finding.labels, Label { range, message });
        self
    }

    /// Adds a change of one place that mends it.
    pub(crate) fn fix(
        self,
        applicability: Applicability,
        title: impl Into<Cow<'static, str>>,
        range: TextRange,
        insert: impl Into<String>,
    ) {
        let edits = Few::from(Edit::replace(range, insert));
        self.add_fix(applicability, title.into(), edits);
    }

    /// Adds a change of several places that mends it.
    pub(crate) fn fix_all(
        self,
        applicability: Applicability,
        title: impl Into<Cow<'static, str>>,
        edits: Vec<Edit>,
    ) {
        self.add_fix(applicability, title.into(), edits.into());
    }

    fn add_fix(self, applicability: Applicability, title: Cow<'static, str>, edits: Few<Edit>) {
        self.finding.fixes.push(Fix {
            title,
            edits,
            applicability,
        });
    }
}

/// Adds one to a list that in most cases gets no other.
#[inline(never)]
fn add_one<T>(list: &mut Vec<T>, one: T) {
    if list.is_empty() {
        list.reserve_exact(1);
    }
    list.push(one);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_findings_come_in_the_order_in_which_many_do() {
        let rule = &crate::rules::UNUSED_IGNORE;
        let file = stagecraft_syntax::parse("FROM scratch\n");
        let instruction = file.instructions().first().unwrap();
        for count in [0, 1, 2, 7, MOST_INSERTED] {
            let mut list = Findings::default();
            let mut found = Found::new(rule, &mut list);
            for number in 0..count {
                let start = u32::try_from(number * 7919 % 31).unwrap();
                let range = TextRange::empty(start.into());
                found.report(instruction, range, number.to_string());
            }
            let mut expected = list.all.clone();
            expected.sort_by_key(|finding| finding.range.start());
            sort(&mut list.all);
            assert_eq!(list.all, expected);
        }
    }
}
