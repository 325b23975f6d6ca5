//! Which rules may find anything in a file, by what it has: most of them need not be looked at to
//! see that they do not.

use crate::programs::Bits;
use crate::rule::{Keywords, Rule, When};
use crate::rules::RULES;

/// Some rules, a bit each.
#[derive(Clone, Copy)]
struct Set([u64; WORDS]);

const WORDS: usize = RULES.len().div_ceil(64);

/// The rules by what starts them.
struct Triggers {
    /// Those that are looked at in any case.
    others: Set,
    /// By the place of the instruction in [`Keywords`].
    keywords: [Set; Keywords::COUNT],
    /// By the place of the program in [`Bits`].
    programs: [Set; Bits::COUNT],
}

static TRIGGERS: Triggers = Triggers::of(RULES);

impl Set {
    const NONE: Self = Self([0; WORDS]);

    #[expect(clippy::indexing_slicing, reason = "done by the compiler")]
    const fn add(&mut self, rule: usize) {
        self.0[rule / 64] |= 1 << (rule % 64);
    }

    fn extend(&mut self, others: Option<&Self>) {
        let others = others.unwrap_or(&Self::NONE);
        for (word, other) in self.0.iter_mut().zip(others.0) {
            *word |= other;
        }
    }

    #[inline]
    fn each(self, mut with: impl FnMut(&'static Rule)) {
        for (rules, word) in RULES.chunks(64).zip(self.0) {
            for at in places(word) {
                if let Some(rule) = rules.get(at) {
                    with(rule);
                }
            }
        }
    }
}

impl Triggers {
    #[expect(clippy::indexing_slicing, reason = "done by the compiler")]
    const fn of(rules: &[Rule]) -> Self {
        let mut triggers = Self {
            others: Set::NONE,
            keywords: [Set::NONE; Keywords::COUNT],
            programs: [Set::NONE; Bits::COUNT],
        };
        let mut rule = 0;
        while rule < rules.len() {
            match rules[rule].when {
                When::Has(keywords) => {
                    let mut at = 0;
                    while at < Keywords::COUNT {
                        if keywords.has_place(at) {
                            triggers.keywords[at].add(rule);
                        }
                        at += 1;
                    }
                }
                When::Calls(programs) => {
                    let mut at = 0;
                    while at < Bits::COUNT {
                        if programs.has_place(at) {
                            triggers.programs[at].add(rule);
                        }
                        at += 1;
                    }
                }
                When::Always | When::Names(_) | When::Parts(_) => triggers.others.add(rule),
            }
            rule += 1;
        }
        triggers
    }
}

/// Goes through the rules that may find anything in a file with these instructions and calls of
/// these programs, by name.
#[inline]
pub(crate) fn each(keywords: Keywords, programs: Bits, with: impl FnMut(&'static Rule)) {
    let mut all = TRIGGERS.others;
    for at in keywords.places() {
        all.extend(TRIGGERS.keywords.get(at));
    }
    for at in programs.places() {
        all.extend(TRIGGERS.programs.get(at));
    }
    all.each(with);
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
