//! Which variables of a function are still read, place by place.

use wasmparser::Operator;

use super::code::Code;

/// Variables, a bit for each.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Locals(Vec<u64>);

impl Locals {
    fn none(code: &Code) -> Self {
        Self(vec![0; code.locals.len().div_ceil(64)])
    }

    fn word(local: u32) -> (usize, u64) {
        let local = usize::try_from(local).unwrap_or(usize::MAX);
        (local / 64, 1 << (local % 64))
    }

    fn add(&mut self, local: u32) {
        let (word, bit) = Self::word(local);
        if let Some(word) = self.0.get_mut(word) {
            *word |= bit;
        }
    }

    fn remove(&mut self, local: u32) {
        let (word, bit) = Self::word(local);
        if let Some(word) = self.0.get_mut(word) {
            *word &= !bit;
        }
    }

    pub(super) fn join(&mut self, other: &Self) {
        for (word, other) in self.0.iter_mut().zip(&other.0) {
            *word |= other;
        }
    }

    pub(super) fn has(&self, local: u32) -> bool {
        let (word, bit) = Self::word(local);
        self.0.get(word).is_some_and(|word| word & bit != 0)
    }
}

/// For each place the variables that something behind it reads before it writes them.
pub(super) struct Live {
    /// One more than there are operators.
    before: Vec<Locals>,
    none: Locals,
}

impl Live {
    pub(super) fn of(code: &Code) -> Self {
        let none = Locals::none(code);
        let mut live = Self {
            before: vec![none.clone(); code.operators.len() + 1],
            none,
        };
        // What a loop reads when it begins again is known once its beginning was reached.
        while live.go(code) {}
        live
    }

    /// Goes through the code from its end, and says whether the beginning of a loop is other than
    /// it was taken to be.
    fn go(&mut self, code: &Code) -> bool {
        let mut changed = false;
        for (at, operator) in code.operators.iter().enumerate().rev() {
            let mut now = self.before(at + 1).clone();
            match operator {
                Operator::LocalGet { local_index } => now.add(*local_index),
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    now.remove(*local_index);
                }
                Operator::Br { relative_depth } => {
                    now = self
                        .at_label(code, code.label(code.parent(at), *relative_depth))
                        .clone();
                }
                Operator::BrIf { relative_depth } => {
                    now.join(self.at_label(code, code.label(code.parent(at), *relative_depth)));
                }
                Operator::BrTable { targets } => {
                    now = self.none.clone();
                    let targets = targets.targets().flatten().chain([targets.default()]);
                    for depth in targets {
                        now.join(self.at_label(code, code.label(code.parent(at), depth)));
                    }
                }
                Operator::Return | Operator::Unreachable => now = self.none.clone(),
                Operator::If { .. } => {
                    let end = code.end(at + 1);
                    now.join(self.before(end + 1));
                }
                // The first arm goes on behind the second.
                Operator::Else => now = self.before(code.end(at) + 1).clone(),
                Operator::End if code.parent(at).is_none() => now = self.none.clone(),
                _ => {}
            }
            if let Some(before) = self.before.get_mut(at) {
                let is_loop = matches!(operator, Operator::Loop { .. });
                changed |= is_loop && *before != now;
                *before = now;
            }
        }
        changed
    }

    /// What is read from a place on.
    pub(super) fn before(&self, at: usize) -> &Locals {
        self.before.get(at).unwrap_or(&self.none)
    }

    /// What is read from a construct's label on; the function's is its end.
    pub(super) fn at_label(&self, code: &Code, beginning: Option<usize>) -> &Locals {
        match beginning {
            Some(at) if code.is_loop(beginning) => self.before(at),
            Some(at) => self.before(code.close_of(at) + 1),
            None => &self.none,
        }
    }

    /// What is read where a sequence ends that stands in `parent`.
    pub(super) fn behind(&self, code: &Code, parent: Option<usize>) -> &Locals {
        match parent {
            Some(at) => self.before(code.close_of(at) + 1),
            None => &self.none,
        }
    }
}
