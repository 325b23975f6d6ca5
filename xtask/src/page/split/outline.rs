//! Functions of their own for the parts of functions that a first visit does not run, so that they
//! can be cut off.
//!
//! Such a function gets the variables that the part reads, and gives back what the part leaves on
//! the stack, the number of the way out that was taken where there are several, and the variables
//! that were written. What stands in the place of the part takes that, and goes that way.

use anyhow::{Context, Result, ensure};
use std::{borrow::Cow, collections::BTreeMap};
use wasm_encoder::{
    BlockType, CodeSection, Function, FunctionSection, Instruction,
    reencode::{Reencode, RoundtripReencoder},
};
use wasmparser::{FuncType, Operator, ValType};

use super::{
    code::{Code, Types},
    live::Live,
    part::{Part, Values, Way},
    source::{Parts, Source, read},
};

/// The least that a function of its own has to save, in bytes: for less, the call in the first half
/// and the function in the second are more than what a first visit gains.
pub(super) const LEAST: u64 = 120;

/// A module with more functions than it had, and which of them a first visit runs.
pub(super) struct Outlined {
    pub(super) wasm: Vec<u8>,
    pub(super) first: Vec<bool>,
}

/// Makes functions of the parts that were not reached and save at least so much. `reached` says of
/// each function, one behind the other, which of its [`Code::beginnings`] were.
pub(super) fn outline(source: &Source, reached: &[bool], least: u64) -> Result<Outlined> {
    let types = Types::of(source);
    let mut reached = reached.iter().copied();
    let mut new = New {
        types: source.types.clone(),
        next: u32::try_from(source.functions.len())?,
        functions: Vec::new(),
    };
    let mut first = Vec::new();
    let mut bodies = CodeSection::new();
    for (function, body) in source.own() {
        let code = Code::read(&types, source.type_of(function)?, body)?;
        let reached: BTreeMap<usize, bool> = code
            .beginnings()
            .map(|at| Some((at, reached.next()?)))
            .collect::<Option<_>>()
            .context("fewer places were watched than the app has")?;
        // What does nothing is no larger than what would stand in its place.
        let is_first = reached.get(&0).copied().unwrap_or(true);
        first.push(is_first);
        if is_first {
            bodies.function(&new.without_parts(&code, &reached, least)?);
        } else {
            bodies.raw(body.as_bytes());
        }
    }
    ensure!(
        reached.next().is_none(),
        "more places were watched than the app has"
    );
    let mut functions = FunctionSection::new();
    for ty in source.functions.iter().skip(source.imports.len()) {
        functions.function(*ty);
    }
    for (ty, part) in &new.functions {
        functions.function(*ty);
        bodies.function(part);
        first.push(false);
    }
    let same: Vec<_> = (0..source.functions.len())
        .map(|function| u32::try_from(function).ok())
        .collect();
    let wasm = source.module(&Parts {
        types: Source::types_of(&new.types)?,
        functions,
        tables: source.tables(None)?,
        globals: source.globals()?,
        exports: source.exports(&same)?,
        elements: source.elements(&same)?,
        start: source.start,
        code: bodies,
    })?;
    Ok(Outlined { wasm, first })
}

/// What a module becomes.
struct New {
    /// All its types.
    types: Vec<FuncType>,
    /// The number of the next function.
    next: u32,
    /// The functions that are added, with their types.
    functions: Vec<(u32, Function)>,
}

impl New {
    /// A function whose parts that were not reached are functions of their own.
    fn without_parts(
        &mut self,
        code: &Code,
        reached: &BTreeMap<usize, bool>,
        least: u64,
    ) -> Result<Function> {
        let live = Live::of(code);
        let mut locals = Locals::of(&code.locals);
        let mut out = Vec::new();
        let mut at = 0;
        while let Some(operator) = code.operators.get(at) {
            if reached.get(&at) != Some(&false) {
                out.push(same(operator)?);
                at += 1;
                continue;
            }
            let part = Part::behind(code, &live, at).filter(|part| part.saves(code) >= least);
            let end = code.end(at);
            let kept = at..part.as_ref().map_or(end, |part| part.from);
            for operator in code.operators.get(kept).unwrap_or_default() {
                out.push(same(operator)?);
            }
            if let Some(part) = part {
                self.take_out(code, &part, &mut locals, &mut out)?;
            }
            at = end;
        }
        function(
            locals.types.get(code.parameters..).unwrap_or_default(),
            &out,
        )
    }

    /// Makes a function of a part, and writes what stands in its place.
    fn take_out(
        &mut self,
        code: &Code,
        part: &Part,
        locals: &mut Locals,
        out: &mut Vec<Instruction<'_>>,
    ) -> Result<()> {
        let values = Values::of(&part.ways);
        let types_of = |locals: &[u32]| locals.iter().filter_map(|it| code.local(*it)).collect();
        let gets: Vec<ValType> = types_of(&part.gets);
        let gives: Vec<ValType> = types_of(&part.gives);
        let way = (part.ways.len() > 1).then_some(ValType::I32);
        let results = values.types.iter().copied().chain(way).chain(gives);
        let ty = self.type_of(FuncType::new(gets, results))?;
        let function = self.function_of(code, part, &values)?;
        self.functions.push((ty, function));
        let number = self.next;
        self.next += 1;

        out.extend(part.gets.iter().map(|local| Instruction::LocalGet(*local)));
        out.push(Instruction::Call(number));
        let gives = part.gives.iter().rev();
        out.extend(gives.map(|local| Instruction::LocalSet(*local)));
        go(code, part, &values, locals, out);
        Ok(())
    }

    /// What a part does, as a function.
    fn function_of(&mut self, code: &Code, part: &Part, values: &Values) -> Result<Function> {
        let mut inner = Inner::of(code, part);
        for (_, takes) in &part.ways {
            inner.out.push(Instruction::Block(self.block_type(takes)?));
        }
        inner.run()?;
        let gives = part.gives.iter().map(|local| inner.local(*local));
        let gives: Vec<u32> = gives.collect::<Result<_>>()?;
        let (names, mut out) = (inner.names, inner.out);
        let mut types: Vec<ValType> = names.iter().filter_map(|it| code.local(*it)).collect();
        let slots = types.len();
        let place = |slot: usize| u32::try_from(slots + slot);
        if !values.are_same {
            types.extend(&values.types);
        }
        let numbers = 0..i32::try_from(part.ways.len())?;
        for (number, taken) in numbers.zip(&values.slots).rev() {
            out.push(Instruction::End);
            if !values.are_same {
                for slot in taken.iter().rev() {
                    out.push(Instruction::LocalSet(place(*slot)?));
                }
                for slot in 0..values.types.len() {
                    out.push(Instruction::LocalGet(place(slot)?));
                }
            }
            if part.ways.len() > 1 {
                out.push(Instruction::I32Const(number));
            }
            out.extend(gives.iter().map(|local| Instruction::LocalGet(*local)));
            if number > 0 {
                out.push(Instruction::Return);
            }
        }
        out.push(Instruction::End);
        function(types.get(part.gets.len()..).unwrap_or_default(), &out)
    }

    /// The number of a type.
    fn type_of(&mut self, ty: FuncType) -> Result<u32> {
        let known = self.types.iter().position(|known| *known == ty);
        let number = known.unwrap_or(self.types.len());
        if known.is_none() {
            self.types.push(ty);
        }
        Ok(u32::try_from(number)?)
    }

    fn block_type(&mut self, gives: &[ValType]) -> Result<BlockType> {
        Ok(match gives {
            [] => BlockType::Empty,
            [ty] => BlockType::Result(read(RoundtripReencoder.val_type(*ty))?),
            many => {
                let ty = FuncType::new([], many.iter().copied());
                BlockType::FunctionType(self.type_of(ty)?)
            }
        })
    }
}

/// Writes the code of a part as that of a function, between blocks that its ways lead out of.
struct Inner<'p, 'w> {
    code: &'p Code<'w>,
    part: &'p Part,
    /// The variables by the numbers that they have in it.
    names: Vec<u32>,
    out: Vec<Instruction<'w>>,
}

impl<'p, 'w> Inner<'p, 'w> {
    fn of(code: &'p Code<'w>, part: &'p Part) -> Self {
        Self {
            code,
            part,
            names: part.gets.clone(),
            out: Vec::new(),
        }
    }

    fn run(&mut self) -> Result<()> {
        let mut depth = 0;
        let operators = self.code.operators.get(self.part.from..self.part.to);
        for operator in operators.context("a part ends behind its function")? {
            let instruction = match same(operator)? {
                Instruction::LocalGet(local) => Instruction::LocalGet(self.local(local)?),
                Instruction::LocalSet(local) => Instruction::LocalSet(self.local(local)?),
                Instruction::LocalTee(local) => Instruction::LocalTee(self.local(local)?),
                Instruction::Br(to) => Instruction::Br(self.label(to, depth)?),
                Instruction::BrIf(to) => Instruction::BrIf(self.label(to, depth)?),
                Instruction::BrTable(targets, default) => {
                    let targets = targets.iter().map(|to| self.label(*to, depth));
                    let targets = Cow::Owned(targets.collect::<Result<_>>()?);
                    Instruction::BrTable(targets, self.label(default, depth)?)
                }
                Instruction::Return => {
                    let way = self.part.way_of_return(self.code);
                    Instruction::Br(depth + self.block(way)?)
                }
                other => other,
            };
            match instruction {
                Instruction::Block(_) | Instruction::Loop(_) | Instruction::If(_) => depth += 1,
                Instruction::End => depth -= 1,
                _ => {}
            }
            self.out.push(instruction);
        }
        match self.part.ways.as_slice() {
            [] => self.out.push(Instruction::Unreachable),
            // What comes to its end stands in the block that its end leads out of.
            [(Way::Behind, _), _, ..] if self.part.is_open => {
                self.out.push(Instruction::Br(self.block(Way::Behind)?));
            }
            _ => {}
        }
        Ok(())
    }

    /// The number of a variable.
    fn local(&mut self, local: u32) -> Result<u32> {
        let known = self.names.iter().position(|known| *known == local);
        if known.is_none() {
            self.names.push(local);
        }
        Ok(u32::try_from(known.unwrap_or(self.names.len() - 1))?)
    }

    /// The label for one of the function that this was, from so deep in the part.
    fn label(&self, to: u32, depth: u32) -> Result<u32> {
        match to.checked_sub(depth) {
            Some(outer) => Ok(depth + self.block(self.part.way_to(self.code, outer))?),
            None => Ok(to),
        }
    }

    /// How far out the block of a way is; that of the last way is the innermost.
    fn block(&self, way: Way) -> Result<u32> {
        let ways = self.part.ways.iter().rev();
        let mut numbered = (0..).zip(ways);
        let found = numbered.find(|(_, (other, _))| *other == way);
        let (number, _) = found.context("a way out of a part is not known")?;
        Ok(number)
    }
}

/// Writes what goes the way that a part's function took. On the stack is what that takes along, and
/// the way's number where there are several.
fn go(
    code: &Code,
    part: &Part,
    values: &Values,
    locals: &mut Locals,
    out: &mut Vec<Instruction<'_>>,
) {
    let is_loop = code.is_loop(code.parent(part.from));
    match part.ways.as_slice() {
        [] => out.push(Instruction::Unreachable),
        [(way, _)] => out.extend(way.jump(0)),
        [(first, _), (Way::To(second), _)] if values.are_same => {
            out.push(Instruction::BrIf(*second));
            out.extend(first.jump(0));
        }
        ways if values.are_same && !is_loop => {
            let label = |way: &Way| match way {
                Way::Behind => 0,
                Way::To(outer) => *outer,
            };
            let mut labels: Vec<u32> = ways.iter().map(|(way, _)| label(way)).collect();
            let last = labels.pop().unwrap_or_default();
            out.push(Instruction::BrTable(Cow::Owned(labels), last));
        }
        ways => {
            let mut free = locals.free();
            let taken = free.take(ValType::I32);
            let places: Vec<u32> = values.types.iter().map(|ty| free.take(*ty)).collect();
            out.push(Instruction::LocalSet(taken));
            let set = places
                .iter()
                .rev()
                .map(|place| Instruction::LocalSet(*place));
            out.extend(set);
            for (number, ((way, _), slots)) in (0..).zip(ways.iter().zip(&values.slots)).skip(1) {
                out.push(Instruction::LocalGet(taken));
                out.push(Instruction::I32Const(number));
                out.push(Instruction::I32Eq);
                out.push(Instruction::If(BlockType::Empty));
                out.extend(gets(&places, slots));
                out.extend(way.jump(1));
                out.push(Instruction::End);
            }
            if let (Some((way, _)), Some(slots)) = (ways.first(), values.slots.first()) {
                out.extend(gets(&places, slots));
                out.extend(way.jump(0));
            }
        }
    }
}

fn gets<'w>(places: &[u32], slots: &[usize]) -> impl Iterator<Item = Instruction<'w>> {
    let places = slots.iter().filter_map(|slot| places.get(*slot));
    places.map(|place| Instruction::LocalGet(*place))
}

impl Way {
    /// The jump there, from so much further in than where the part stood.
    fn jump(self, further_in: u32) -> Option<Instruction<'static>> {
        match self {
            Self::Behind => (further_in > 0).then_some(Instruction::Br(further_in)),
            Self::To(outer) => Some(Instruction::Br(outer + further_in)),
        }
    }
}

/// The variables of a function, and those that are added to it.
struct Locals {
    types: Vec<ValType>,
    own: usize,
}

impl Locals {
    fn of(types: &[ValType]) -> Self {
        Self {
            types: types.to_vec(),
            own: types.len(),
        }
    }

    /// The added ones, all of which are free between one part and the next.
    fn free(&mut self) -> Free<'_> {
        Free {
            next: self.own,
            types: &mut self.types,
        }
    }
}

/// Variables that nothing else uses.
struct Free<'l> {
    types: &'l mut Vec<ValType>,
    /// Those before it are in use.
    next: usize,
}

impl Free<'_> {
    fn take(&mut self, ty: ValType) -> u32 {
        let rest = self.types.iter().enumerate().skip(self.next);
        let place = rest
            .filter(|(_, other)| **other == ty)
            .map(|(place, _)| place)
            .next();
        let place = place.unwrap_or_else(|| {
            self.types.push(ty);
            self.types.len() - 1
        });
        self.next = place + 1;
        u32::try_from(place).unwrap_or(u32::MAX)
    }
}

/// A function with such variables besides its parameters.
fn function(locals: &[ValType], code: &[Instruction]) -> Result<Function> {
    let locals = locals
        .iter()
        .map(|ty| read(RoundtripReencoder.val_type(*ty)));
    let locals: Vec<_> = locals.collect::<Result<_>>()?;
    let mut function = Function::new_with_locals_types(locals);
    for instruction in code {
        function.instruction(instruction);
    }
    Ok(function)
}

/// An operator as it is written again.
pub(super) fn same<'w>(operator: &Operator<'w>) -> Result<Instruction<'w>> {
    read(RoundtripReencoder.instruction(operator.clone()))
}
