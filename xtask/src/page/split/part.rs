//! Parts of functions that functions of their own can be made of.
//!
//! A part is the end of a sequence: from some place to the `end` or `else` of the construct that it
//! stands in.

use wasmparser::{Operator, ValType};

use super::{code::Code, live::Live};

/// How a part is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// At its end.
    Behind,
    /// To the label of the construct that is so many further out than what it stands in.
    To(u32),
}

/// A part of a function.
pub(super) struct Part {
    pub(super) from: usize,
    /// The end of what is run of it: nothing gets behind a jump.
    pub(super) to: usize,
    /// Whether it is left at its end.
    pub(super) is_open: bool,
    /// The ways out of it with what they take along; the one at its end comes first.
    pub(super) ways: Vec<(Way, Vec<ValType>)>,
    /// The variables that it reads, in the order of their types.
    pub(super) gets: Vec<u32>,
    /// Those that it writes and something behind it reads, in the same order.
    pub(super) gives: Vec<u32>,
}

impl Part {
    /// The largest part from a place on that a function can be made of.
    pub(super) fn behind(code: &Code, live: &Live, at: usize) -> Option<Self> {
        let (to, parent) = (code.end(at), code.parent(at));
        // What lies on the stack would have to be handed over as well.
        let is_bare =
            |place: &usize| code.parent(*place) == parent && code.height(*place) == Some(0);
        let from = (at..to).find(is_bare)?;
        let is_dead =
            |place: &usize| code.parent(*place) == parent && code.height(*place).is_none();
        let dead = (from..to).find(is_dead);
        let mut part = Self {
            from,
            to: dead.unwrap_or(to),
            is_open: code.height(to).is_some(),
            ways: Vec::new(),
            gets: Vec::new(),
            gives: Vec::new(),
        };
        part.find_ways(code)?;
        part.find_variables(code, live);
        Some(part)
    }

    fn find_ways(&mut self, code: &Code) -> Option<()> {
        if self.is_open {
            self.leave(code, Way::Behind)?;
        }
        let mut depth = 0_u32;
        for operator in code.operators.get(self.from..self.to)? {
            let mut jump = |relative: u32| match relative.checked_sub(depth) {
                Some(outer) => self.leave(code, self.way_to(code, outer)),
                None => Some(()),
            };
            match operator {
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => depth += 1,
                Operator::End => depth = depth.checked_sub(1)?,
                Operator::Br { relative_depth } | Operator::BrIf { relative_depth } => {
                    jump(*relative_depth)?;
                }
                Operator::BrTable { targets } => {
                    for target in targets.targets() {
                        jump(target.ok()?)?;
                    }
                    jump(targets.default())?;
                }
                Operator::Return => self.leave(code, self.way_of_return(code))?,
                _ => {}
            }
        }
        self.ways.sort_by_key(|(way, _)| *way != Way::Behind);
        Some(())
    }

    /// Notes a way out.
    fn leave(&mut self, code: &Code, way: Way) -> Option<()> {
        if self.ways.iter().all(|(known, _)| *known != way) {
            let parent = code.parent(self.from);
            let takes = match way {
                Way::Behind => code.results(parent)?,
                Way::To(outer) => code.label_types(code.label(parent, outer))?,
            };
            self.ways.push((way, takes.to_vec()));
        }
        Some(())
    }

    /// The way to the construct that is so many further out.
    pub(super) fn way_to(&self, code: &Code, outer: u32) -> Way {
        if outer == 0 && !code.is_loop(code.parent(self.from)) {
            Way::Behind
        } else {
            Way::To(outer)
        }
    }

    /// The way out of the function.
    pub(super) fn way_of_return(&self, code: &Code) -> Way {
        let mut outer = 0;
        let mut around = code.parent(self.from);
        while let Some(at) = around {
            around = code.parent(at);
            outer += 1;
        }
        self.way_to(code, outer)
    }

    fn find_variables(&mut self, code: &Code, live: &Live) {
        let parent = code.parent(self.from);
        let mut behind = live.at_label(code, None).clone();
        for (way, _) in &self.ways {
            behind.join(match way {
                Way::Behind => live.behind(code, parent),
                Way::To(outer) => live.at_label(code, code.label(parent, *outer)),
            });
        }
        let before = live.before(self.from);
        for operator in code.operators.get(self.from..self.to).unwrap_or_default() {
            let (local, writes) = match operator {
                Operator::LocalGet { local_index } => (*local_index, false),
                Operator::LocalSet { local_index } | Operator::LocalTee { local_index } => {
                    (*local_index, true)
                }
                _ => continue,
            };
            // One that is written on some of the ways only is read, too.
            if before.has(local) {
                self.gets.push(local);
            }
            if writes && behind.has(local) {
                self.gives.push(local);
            }
        }
        for locals in [&mut self.gets, &mut self.gives] {
            // Functions that take as many of each type are of one type.
            locals.sort_unstable_by_key(|local| (code.local(*local), *local));
            locals.dedup();
        }
    }

    /// How many bytes it takes, without what it would take to call it.
    pub(super) fn saves(&self, code: &Code) -> u64 {
        let passed = self.gets.len() + self.gives.len() + self.ways.len();
        code.bytes(self.from, self.to)
            .saturating_sub(2 * passed as u64)
    }
}

/// What the ways out of a part take along, in slots that they share.
pub(super) struct Values {
    pub(super) types: Vec<ValType>,
    /// The slots of each way.
    pub(super) slots: Vec<Vec<usize>>,
    /// Whether each way takes along all of them, in their order.
    pub(super) are_same: bool,
}

impl Values {
    pub(super) fn of(ways: &[(Way, Vec<ValType>)]) -> Self {
        let mut types: Vec<ValType> = Vec::new();
        let mut slots = Vec::new();
        for (_, takes) in ways {
            let mut own: Vec<usize> = Vec::new();
            for ty in takes {
                let mut free = types
                    .iter()
                    .enumerate()
                    .filter(|(slot, _)| !own.contains(slot));
                let slot = free.find(|(_, free)| *free == ty).map(|(slot, _)| slot);
                own.push(slot.unwrap_or(types.len()));
                if slot.is_none() {
                    types.push(*ty);
                }
            }
            slots.push(own);
        }
        let all: Vec<usize> = (0..types.len()).collect();
        Self {
            are_same: slots.iter().all(|own| *own == all),
            types,
            slots,
        }
    }
}
