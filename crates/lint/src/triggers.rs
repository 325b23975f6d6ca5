//! Which rules may find anything in a file, by what it has: most of them need not be looked at to
//! see that they do not.

use std::ops::Range;

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
        // Those are looked at in any case.
        When::Always | When::Names(_) | When::Parts(_) | When::Compounds => false,
    }
}

/// How many rules all starters have together.
const COUNT: usize = {
    let (mut count, mut starter) = (0, 0);
    while starter < STARTERS {
        let mut rules = RULES;
        while let [rule, others @ ..] = rules {
            count += starts(starter, rule.when) as usize;
            rules = others;
        }
        starter += 1;
    }
    count
};

/// A byte holds the place of each rule.
const _: () = assert!(RULES.len() <= 256);

/// The places of the rules of each starter, one starter behind the other, and where each ends.
struct Started {
    rules: [u8; COUNT],
    ends: [u16; STARTERS],
}

#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "done by the compiler, and there are not so many"
)]
static STARTED: Started = {
    let mut started = Started {
        rules: [0; COUNT],
        ends: [0; STARTERS],
    };
    let (mut count, mut starter) = (0, 0);
    while starter < STARTERS {
        let mut rule = 0;
        while rule < RULES.len() {
            if starts(starter, RULES[rule].when) {
                started.rules[count] = rule as u8;
                count += 1;
            }
            rule += 1;
        }
        started.ends[starter] = count as u16;
        starter += 1;
    }
    started
};

/// The places of the rules of a starter.
fn started(starter: usize) -> &'static [u8] {
    let end = |at: Option<usize>| at.and_then(|at| STARTED.ends.get(at)).map_or(0, |end| *end);
    let own = Range {
        start: end(starter.checked_sub(1)).into(),
        end: end(Some(starter)).into(),
    };
    STARTED.rules.get(own).unwrap_or_default()
}

/// Some rules, a bit each.
type Set = [u64; RULES.len().div_ceil(64)];

/// The rules that nothing has to start.
#[expect(clippy::indexing_slicing, reason = "done by the compiler")]
const OTHERS: Set = {
    let (mut set, mut rule) = ([0; RULES.len().div_ceil(64)], 0);
    while rule < RULES.len() {
        if matches!(
            RULES[rule].when,
            When::Always | When::Names(_) | When::Parts(_) | When::Compounds
        ) {
            set[rule / 64] |= 1 << (rule % 64);
        }
        rule += 1;
    }
    set
};

/// Goes through the rules that may find anything in a file with these instructions, these marks and
/// calls of these programs, by name.
#[inline]
pub(crate) fn each(
    keywords: Keywords,
    marks: Marks,
    programs: Bits,
    mut with: impl FnMut(&'static Rule),
) {
    let mut set = OTHERS;
    let marks = marks.places().map(|at| at + MARKS);
    let programs = programs.places().map(|at| at + PROGRAMS);
    for starter in keywords.places().chain(marks).chain(programs) {
        for &rule in started(starter) {
            let (word, bit) = (usize::from(rule / 64), rule % 64);
            if let Some(word) = set.get_mut(word) {
                *word |= 1 << bit;
            }
        }
    }
    for (rules, word) in RULES.chunks(64).zip(set) {
        for at in places(word) {
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
