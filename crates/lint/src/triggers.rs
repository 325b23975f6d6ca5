//! Which rules may find anything in a file, by what it has: most of them need not be looked at to
//! see that they do not.

use crate::programs::Bits;
use crate::rule::{Keywords, Marks, Rule, When};
use crate::rules::RULES;

/// What may start a rule: first the instructions by their places in [`Keywords`], then the marks,
/// then the programs by their places in [`Bits`].
const STARTERS: usize = PROGRAMS + Bits::COUNT;

/// The first mark and the first program among the starters.
const MARKS: usize = Keywords::COUNT;
const PROGRAMS: usize = MARKS + Marks::COUNT;

/// Whether a rule is started by that.
const fn starts(starter: usize, when: When) -> bool {
    match when {
        When::Has(keywords) => starter < Keywords::COUNT && keywords.has_place(starter),
        When::With(mark) => starter == MARKS + mark as usize,
        When::Calls(programs) => starter >= PROGRAMS && programs.has_place(starter - PROGRAMS),
        // Those are asked in any case, or looked up.
        When::Always | When::Names(_) | When::Parts(_) | When::Compounds | When::OddNames => false,
    }
}

/// Some rules, a bit each.
type Set = [u64; RULES.len().div_ceil(64)];

/// No rules.
const NONE: Set = [0; RULES.len().div_ceil(64)];

/// The rules of each starter.
#[expect(clippy::indexing_slicing, reason = "done by the compiler")]
static STARTED: [Set; STARTERS] = {
    let (mut started, mut starter) = ([NONE; STARTERS], 0);
    while starter < STARTERS {
        let mut rule = 0;
        while rule < RULES.len() {
            if starts(starter, RULES[rule].when) {
                started[starter][rule / 64] |= 1 << (rule % 64);
            }
            rule += 1;
        }
        starter += 1;
    }
    started
};

/// The rules that are asked in any case.
const ALWAYS: Set = others(true);

/// The rules for which it is looked up whether a file has what they need.
const LOOKED_UP: Set = others(false);

/// The rules that no starter starts: those that are asked in any case, or the rest.
#[expect(clippy::indexing_slicing, reason = "done by the compiler")]
const fn others(always: bool) -> Set {
    let (mut set, mut rule) = (NONE, 0);
    while rule < RULES.len() {
        let own = match RULES[rule].when {
            When::Always => always,
            When::Names(_) | When::Parts(_) | When::Compounds | When::OddNames => !always,
            When::Has(_) | When::With(_) | When::Calls(_) => false,
        };
        if own {
            set[rule / 64] |= 1 << (rule % 64);
        }
        rule += 1;
    }
    set
}

/// Goes through the rules that may find anything in a file with these instructions, these marks and
/// calls of these programs, by name. `has` looks up what no starter says.
#[inline]
pub(crate) fn each(
    keywords: Keywords,
    marks: Marks,
    programs: Bits,
    has: impl Fn(When) -> bool,
    mut with: impl FnMut(&'static Rule),
) {
    let mut set = ALWAYS;
    let marks = marks.places().map(|at| at + MARKS);
    let programs = programs.places().map(|at| at + PROGRAMS);
    let starters = keywords.places().chain(marks).chain(programs);
    starters.for_each(|starter| {
        let started = STARTED.get(starter).unwrap_or(&NONE);
        for (word, more) in set.iter_mut().zip(started) {
            *word |= more;
        }
    });
    for ((rules, word), looked_up) in RULES.chunks(64).zip(set).zip(LOOKED_UP) {
        let may_be = places(looked_up);
        let found = may_be.filter(|at| rules.get(*at).is_some_and(|rule| has(rule.when)));
        for at in places(found.fold(word, |word, at| word | 1 << at)) {
            if let Some(rule) = rules.get(at) {
                with(rule);
            }
        }
    }
}

/// The places of the bits of a number.
pub(crate) fn places(bits: u64) -> impl Iterator<Item = usize> {
    let mut rest = bits;
    std::iter::from_fn(move || {
        let at = rest.trailing_zeros() as usize;
        // Takes the lowest away.
        rest = (rest != 0).then(|| rest & (rest - 1))?;
        Some(at)
    })
}
