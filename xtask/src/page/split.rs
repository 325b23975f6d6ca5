//! Cutting the app in two: the code that a first visit runs until it has its analysis, and the rest,
//! which is fetched behind it.
//!
//! [`watched`] makes a module that remembers which places of its code were reached, [`outline()`] makes
//! functions of the parts that were not, and [`cut`] makes two modules of one. The first keeps
//! memory, table and globals, and in the place of each function that it may call and does not have a
//! stub, which has the rest fetched where it is not there yet, and calls it through the table. The
//! rest is a module that takes all that it needs from the first one's exports.
//! `web/js/src/rest.ts` puts them together.

mod code;
mod live;
mod outline;
mod part;
mod source;

use crate::{progress::Step, project};
use anyhow::{Context, Result, bail, ensure};
use std::{collections::BTreeSet, fs, path::Path, process::Command};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, EntityType, ExportKind, Function,
    FunctionSection, GlobalType, ImportSection, Instruction, Module, ValType,
    reencode::{self, Reencode, RoundtripReencoder},
};
use wasmparser::{ExternalKind, FunctionBody, Operator};

use code::{Code, Types};
use outline::{Outlined, outline};
use source::{Parts, Source, read};

/// The script that runs a first visit.
const VISIT: &str = "web/js/first-visit.mjs";
const LESSONS: &str = "web/js/assets/first-lesson.bin";
const PAGE: &str = "index.html";

/// The files that say how the app is cut, besides the app.
pub(crate) const INPUTS: [&str; 9] = [
    VISIT,
    LESSONS,
    PAGE,
    "xtask/src/page/split.rs",
    "xtask/src/page/split/code.rs",
    "xtask/src/page/split/live.rs",
    "xtask/src/page/split/outline.rs",
    "xtask/src/page/split/part.rs",
    "xtask/src/page/split/source.rs",
];

/// How the globals of a [`watched`] module are called: this, and the number of the place, those of
/// one function behind those of the one before. They are 1 where it was reached.
const WATCH: &str = "watch";

/// The first module's exports for who puts the two together: the table of functions, in whose last
/// slot the function belongs that fetches the rest; and whether the rest is there.
const TABLE: &str = "restTable";
const IS_THERE: &str = "restIsThere";

/// From so few places a function of the rest is called where it stands; from more by a stub.
const MOST_IN_PLACE: usize = 1;

/// A module in two.
pub(crate) struct Halves {
    /// What is instantiated first, in the place of the whole.
    pub(crate) first: Vec<u8>,
    /// What takes the first one's exports as its imports.
    pub(crate) rest: Vec<u8>,
}

/// Runs a first visit with the app in `wasm` and its JavaScript in `js`, and cuts off what it did
/// not need. `dir` is for what lies between.
pub(crate) fn at_first_visit(
    step: &mut Step,
    dir: &Path,
    js: &Path,
    wasm: &Path,
) -> Result<Halves> {
    let whole = fs::read(wasm).context("cannot read the app")?;
    let watching = dir.join("watched.wasm");
    fs::write(&watching, watched(&whole)?)?;
    // Node tells a module by its name.
    let module = dir.join("watched.mjs");
    fs::copy(js, &module)?;
    let seen = dir.join("first-visit.txt");
    let mut visit = Command::new("node");
    visit
        .current_dir(project::root())
        .arg(VISIT)
        .args([&seen, &module, &watching])
        .args([LESSONS, PAGE]);
    step.run(&mut visit)?
        .or_stop(|| "the app does not start: the lines above say why".to_owned())?;
    let reached: Vec<bool> = fs::read(&seen)?
        .iter()
        .map(|digit| *digit == b'1')
        .collect();
    let Outlined { wasm, first } = outline(&Source::read(&whole)?, &reached, outline::LEAST)?;
    cut(&wasm, &first)
}

/// A module that says which of its [`Code::beginnings`] were reached (see [`WATCH`]).
fn watched(wasm: &[u8]) -> Result<Vec<u8>> {
    let source = Source::read(wasm)?;
    let same: Vec<_> = (0..source.functions.len())
        .map(|function| u32::try_from(function).ok())
        .collect();
    let mut watch = u32::try_from(source.globals.len())?;
    let mut globals = source.globals()?;
    let mut exports = source.exports(&same)?;
    let mut code = CodeSection::new();
    let types = Types::of(&source);
    let mut names = 0..;
    for (function, body) in source.own() {
        let read = Code::read(&types, source.type_of(function)?, body)?;
        let mut beginnings = read.beginnings().peekable();
        let mut copy = new_function(body)?;
        for (at, operator) in read.operators.iter().enumerate() {
            if beginnings.next_if_eq(&at).is_some() {
                globals.global(FLAG, &ConstExpr::i32_const(0));
                let number = names.next().unwrap_or(0);
                exports.export(&format!("{WATCH}{number}"), ExportKind::Global, watch);
                copy.instruction(&Instruction::I32Const(1));
                copy.instruction(&Instruction::GlobalSet(watch));
                watch += 1;
            }
            copy.instruction(&outline::same(operator)?);
        }
        code.function(&copy);
    }
    let mut functions = FunctionSection::new();
    for ty in source.functions.iter().skip(source.imports.len()) {
        functions.function(*ty);
    }
    source.module(&Parts {
        types: source.types()?,
        functions,
        tables: source.tables(None)?,
        globals,
        exports,
        elements: source.elements(&same)?,
        start: source.start,
        code,
    })
}

/// Cuts a module by whether each function that is not imported is one of the `first`.
fn cut(wasm: &[u8], first: &[bool]) -> Result<Halves> {
    let source = Source::read(wasm)?;
    ensure!(
        first.len() == source.bodies.len(),
        "the app has {} functions, and {} were watched",
        source.bodies.len(),
        first.len()
    );
    let plan = Plan::new(&source, first)?;
    Ok(Halves {
        first: plan.first()?,
        rest: plan.rest()?,
    })
}

const FLAG: GlobalType = GlobalType {
    val_type: ValType::I32,
    mutable: true,
    shared: false,
};

/// Which function goes where.
struct Plan<'s, 'w> {
    source: &'s Source<'w>,
    /// Whether it is in the first module.
    is_first: Vec<bool>,
    /// Of the others, those that the first module may call, with their slots in the table.
    slots: Vec<(usize, u32)>,
    /// Of these, those that are called from one place only, where their stubs can stand.
    single: BTreeSet<usize>,
    /// Of the first, those that the others call.
    shared: Vec<usize>,
    /// The first of these slots; they follow one another.
    first_slot: u32,
    /// The slot behind them, of the function that fetches the rest.
    fetches: u32,
}

impl<'s, 'w> Plan<'s, 'w> {
    fn new(source: &'s Source<'w>, first: &[bool]) -> Result<Self> {
        let imported = source.imports.iter().map(|_| true);
        let is_first: Vec<bool> = imported.chain(first.iter().copied()).collect();
        let there = |function: usize| is_first.get(function).copied().unwrap_or(false);
        // How often each is called from the other half.
        let mut calls = vec![0_usize; is_first.len()];
        let mut call = |from: bool, function: u32, times: usize| {
            let function = usize::try_from(function)?;
            if from != there(function) {
                *calls
                    .get_mut(function)
                    .context("the app calls what it does not have")? += times;
            }
            anyhow::Ok(())
        };
        for (function, body) in source.own() {
            for operator in body.get_operators_reader()? {
                match operator? {
                    Operator::Call { function_index } => call(there(function), function_index, 1)?,
                    Operator::ReturnCall { .. }
                    | Operator::RefFunc { .. }
                    | Operator::MemoryInit { .. }
                    | Operator::DataDrop { .. }
                    | Operator::TableInit { .. }
                    | Operator::ElemDrop { .. } => {
                        bail!("the app uses an instruction that is not cut yet")
                    }
                    _ => {}
                }
            }
        }
        let exports = source.exports.iter();
        let exported = exports
            .filter(|export| export.kind == ExternalKind::Func)
            .map(|export| export.index);
        let in_table = source.segments.iter().flat_map(|it| &it.functions);
        for function in exported.chain(in_table.copied()).chain(source.start) {
            // It needs a place in the first half.
            call(true, function, MOST_IN_PLACE + 1)?;
        }
        let table = source.tables.get(usize::try_from(source.table)?);
        let first_slot = u32::try_from(table.context("the app has no table")?.initial)?;
        let called = |from: bool| {
            let functions = calls.iter().zip(&is_first).enumerate();
            functions
                .filter(move |(_, (calls, first))| **calls > 0 && **first != from)
                .map(|(function, _)| function)
        };
        let few = |function: &usize| calls.get(*function).is_some_and(|it| *it <= MOST_IN_PLACE);
        let slots: Vec<_> = called(true).zip(first_slot..).collect();
        Ok(Self {
            source,
            fetches: first_slot + u32::try_from(slots.len())?,
            single: called(true).filter(few).collect(),
            slots,
            first_slot,
            shared: called(false).collect(),
            is_first,
        })
    }

    /// How many slots the table has.
    fn table_size(&self) -> u64 {
        u64::from(self.fetches) + 1
    }

    fn is_first(&self, function: usize) -> bool {
        self.is_first.get(function).copied().unwrap_or(false)
    }

    /// What the rest takes from the first module, under names as short as they come: first the
    /// functions, then all else.
    fn handed_over(&self) -> Result<Vec<(String, EntityType, ExportKind, u32)>> {
        let source = self.source;
        let places = self.places_in_first();
        let mut things = Vec::new();
        for function in &self.shared {
            let ty = EntityType::Function(source.type_of(*function)?);
            let place = Renumber(&places).place(u32::try_from(*function)?)?;
            things.push((ty, ExportKind::Func, place));
        }
        for (number, table) in (0..).zip(source.table_types(Some(self.table_size()))?) {
            things.push((EntityType::Table(table), ExportKind::Table, number));
        }
        for (number, memory) in (0..).zip(&source.memories) {
            let ty = read(RoundtripReencoder.memory_type(*memory))?;
            things.push((EntityType::Memory(ty), ExportKind::Memory, number));
        }
        for (number, global) in (0..).zip(&source.globals) {
            let ty = read(RoundtripReencoder.global_type(global.ty))?;
            things.push((EntityType::Global(ty), ExportKind::Global, number));
        }
        let things = (0..).zip(things);
        Ok(things
            .map(|(number, (ty, kind, index))| (short_name(number), ty, kind, index))
            .collect())
    }

    /// The functions of the first module, and where each is in it: its own and the stubs.
    fn places_in_first(&self) -> Vec<Option<u32>> {
        let stubs = self.slots.iter().map(|(function, _)| *function);
        let mut stubs = stubs
            .filter(|function| !self.single.contains(function))
            .peekable();
        let mut next = 0..;
        (0..self.is_first.len())
            .map(|function| {
                let is_stub = stubs.next_if_eq(&function).is_some();
                (is_stub || self.is_first(function)).then(|| next.next())?
            })
            .collect()
    }

    fn first(&self) -> Result<Vec<u8>> {
        let source = self.source;
        let places = self.places_in_first();
        let fetch = u32::try_from(places.iter().flatten().count())?;
        let is_there = u32::try_from(source.globals.len())?;

        let mut types = source.types()?;
        let nothing = u32::try_from(source.types.len())?;
        types.ty().function([], []);
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for (function, body) in source.own() {
            let ty = source.type_of(function)?;
            if self.is_first(function) {
                functions.function(ty);
                code.function(&self.first_body(body, &places, fetch)?);
            } else if let Some(slot) = self
                .slot(function)
                .filter(|_| !self.single.contains(&function))
            {
                functions.function(ty);
                code.function(&self.stub(ty, slot, fetch)?);
            }
        }
        functions.function(nothing);
        code.function(&finished(&[
            Instruction::GlobalGet(is_there),
            Instruction::I32Eqz,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(self.fetches.cast_signed()),
            Instruction::CallIndirect {
                type_index: nothing,
                table_index: source.table,
            },
            Instruction::End,
        ]));

        let mut globals = source.globals()?;
        globals.global(FLAG, &ConstExpr::i32_const(0));
        let mut exports = source.exports(&places)?;
        for (name, _, kind, index) in self.handed_over()? {
            let taken = source.exports.iter().any(|export| export.name == name);
            ensure!(!taken, "the app exports {name} itself");
            exports.export(&name, kind, index);
        }
        exports.export(TABLE, ExportKind::Table, source.table);
        exports.export(IS_THERE, ExportKind::Global, is_there);
        let start = source.start.map(|start| Renumber(&places).place(start));
        source.module(&Parts {
            types,
            functions,
            tables: source.tables(Some(self.table_size()))?,
            globals,
            exports,
            elements: source.elements(&places)?,
            start: start.transpose()?,
            code,
        })
    }

    /// The slot of a function of the rest that the first module may call.
    fn slot(&self, function: usize) -> Option<u32> {
        let at = self
            .slots
            .binary_search_by_key(&function, |(function, _)| *function);
        self.slots.get(at.ok()?).map(|(_, slot)| *slot)
    }

    /// A function of the first module, with stubs in the place of single calls.
    fn first_body(
        &self,
        body: &FunctionBody,
        places: &[Option<u32>],
        fetch: u32,
    ) -> Result<Function> {
        let mut renumber = Renumber(places);
        let mut copy = new_function(body)?;
        for operator in body.get_operators_reader()? {
            let operator = operator?;
            if let Operator::Call { function_index } = operator
                && let Ok(function) = usize::try_from(function_index)
                && self.single.contains(&function)
                && let Some(slot) = self.slot(function)
            {
                copy.instruction(&Instruction::Call(fetch));
                for instruction in self.through_table(self.source.type_of(function)?, slot) {
                    copy.instruction(&instruction);
                }
            } else {
                copy.instruction(&read(renumber.instruction(operator))?);
            }
        }
        Ok(copy)
    }

    /// The call of what stands in a slot of the table.
    fn through_table(&self, ty: u32, slot: u32) -> [Instruction<'static>; 2] {
        let call = Instruction::CallIndirect {
            type_index: ty,
            table_index: self.source.table,
        };
        [Instruction::I32Const(slot.cast_signed()), call]
    }

    /// What stands in the first module for a function of the rest.
    fn stub(&self, ty: u32, slot: u32, fetch: u32) -> Result<Function> {
        let source = self.source;
        let signature = source.types.get(usize::try_from(ty)?);
        let parameters = signature.context("a function has no type")?.params().len();
        let mut code = vec![Instruction::Call(fetch)];
        code.extend((0..u32::try_from(parameters)?).map(Instruction::LocalGet));
        code.extend(self.through_table(ty, slot));
        Ok(finished(&code))
    }

    fn rest(&self) -> Result<Vec<u8>> {
        let source = self.source;
        let mut places = vec![None; self.is_first.len()];
        let others = (0..self.is_first.len()).filter(|function| !self.is_first(*function));
        for (place, function) in (0..).zip(self.shared.iter().copied().chain(others)) {
            if let Some(there) = places.get_mut(function) {
                *there = Some(place);
            }
        }
        let mut imports = ImportSection::new();
        for (name, ty, ..) in self.handed_over()? {
            imports.import("", &name, ty);
        }
        let mut functions = FunctionSection::new();
        let mut code = CodeSection::new();
        for (function, body) in source.own() {
            if !self.is_first(function) {
                functions.function(source.type_of(function)?);
                code.function(&Renumber(&places).body(body)?);
            }
        }
        // What the stubs ask for; and what the table holds anyway is called without them.
        let mut elements = ElementSection::new();
        let stubbed = self.slots.iter();
        let stubbed: Vec<u32> = stubbed
            .map(|(function, _)| Renumber(&places).place(u32::try_from(*function)?))
            .collect::<Result<_>>()?;
        source.active(&mut elements, self.first_slot.cast_signed(), &stubbed);
        for segment in &source.segments {
            let mut at = segment.offset;
            let parts = segment.functions.chunk_by(|one, next| {
                let first = |function: &u32| self.is_first(*function as usize);
                first(one) == first(next)
            });
            for part in parts {
                let is_first = part.first().is_some_and(|it| self.is_first(*it as usize));
                if !is_first {
                    let part: Vec<u32> = part
                        .iter()
                        .map(|function| Renumber(&places).place(*function))
                        .collect::<Result<_>>()?;
                    source.active(&mut elements, at, &part);
                }
                at += i32::try_from(part.len())?;
            }
        }
        let mut module = Module::new();
        module
            .section(&source.types()?)
            .section(&imports)
            .section(&functions)
            .section(&elements)
            .section(&code);
        Ok(module.finish())
    }
}

/// A function with the variables of another, and nothing that it does.
fn new_function(body: &FunctionBody) -> Result<Function> {
    read(RoundtripReencoder.new_function_with_parsed_locals(body))
}

/// A function without variables of its own.
fn finished(code: &[Instruction]) -> Function {
    let mut function = Function::new([]);
    for instruction in code {
        function.instruction(instruction);
    }
    function.instruction(&Instruction::End);
    function
}

/// A name for the number, of as few letters as it takes.
fn short_name(mut number: u32) -> String {
    let mut name = String::new();
    loop {
        name.extend(char::from_digit(number % 36, 36));
        number /= 36;
        if number == 0 {
            return name;
        }
    }
}

/// Copies code to where functions have other numbers.
struct Renumber<'p>(&'p [Option<u32>]);

impl Renumber<'_> {
    fn place(&self, function: u32) -> Result<u32> {
        let place = self.0.get(usize::try_from(function)?).copied().flatten();
        place.with_context(|| format!("function {function} is not in this part"))
    }

    fn body(mut self, body: &FunctionBody) -> Result<Function> {
        let mut function = new_function(body)?;
        for operator in body.get_operators_reader()? {
            function.instruction(&read(self.instruction(operator?))?);
        }
        Ok(function)
    }
}

impl Reencode for Renumber<'_> {
    type Error = anyhow::Error;

    fn function_index(&mut self, function: u32) -> Result<u32, reencode::Error<anyhow::Error>> {
        self.place(function).map_err(reencode::Error::UserError)
    }
}

#[cfg(test)]
mod tests;
