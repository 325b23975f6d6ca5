//! Cutting the app in two: the functions that a first visit runs until it has its analysis, and the
//! rest, which is fetched behind it.
//!
//! [`watched`] makes a module that remembers which functions were run, [`cut`] makes two of one. The
//! first keeps memory, table and globals, and in the place of each other function that it may call a
//! stub, which has the rest fetched where it is not there yet, and calls it through the table. The
//! rest is a module that takes all that it needs from the first one's exports. `web/js/src/rest.ts`
//! puts them together.

use crate::{progress::Step, project};
use anyhow::{Context, Result, anyhow, bail, ensure};
use std::{fs, path::Path, process::Command};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ElementSection, Elements, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    Instruction, MemorySection, Module, RawSection, SectionId, StartSection, TableSection,
    TypeSection, ValType,
    reencode::{self, Reencode, RoundtripReencoder},
};
use wasmparser::{
    ElementItems, ElementKind, ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef,
};

/// The script that runs a first visit.
const VISIT: &str = "web/js/first-visit.mjs";
const LESSONS: &str = "web/js/assets/first-lesson.bin";
const PAGE: &str = "index.html";

/// The files that say what a first visit runs, besides the app.
pub(crate) const INPUTS: [&str; 3] = [VISIT, LESSONS, PAGE];

/// How the globals of a [`watched`] module are called: this, and the number of the function among
/// those that are not imported. They are 1 where it was run.
const WATCH: &str = "watch";

/// The first module's exports for who puts the two together: the table of functions, in whose last
/// slot the function belongs that fetches the rest; and whether the rest is there.
const TABLE: &str = "restTable";
const IS_THERE: &str = "restIsThere";

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
    let first: Vec<bool> = fs::read(&seen)?
        .iter()
        .map(|digit| *digit == b'1')
        .collect();
    cut(&whole, &first)
}

/// A module that says which of its functions were run (see [`WATCH`]).
fn watched(wasm: &[u8]) -> Result<Vec<u8>> {
    let source = Source::read(wasm)?;
    let same: Vec<_> = (0..source.functions.len())
        .map(|function| u32::try_from(function).ok())
        .collect();
    let first_watch = u32::try_from(source.globals.len())?;
    let watches = first_watch..first_watch + u32::try_from(source.bodies.len())?;

    let mut globals = source.globals()?;
    let mut exports = source.exports(&same)?;
    let mut code = CodeSection::new();
    for ((number, watch), body) in watches.enumerate().zip(&source.bodies) {
        globals.global(FLAG, &ConstExpr::i32_const(0));
        exports.export(&format!("{WATCH}{number}"), ExportKind::Global, watch);
        let set = [Instruction::I32Const(1), Instruction::GlobalSet(watch)];
        code.function(&Renumber(&same).body(body, &set)?);
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

/// The parts of a module that its copies differ in.
struct Parts {
    types: TypeSection,
    functions: FunctionSection,
    tables: TableSection,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    start: Option<u32>,
    code: CodeSection,
}

/// A segment of the table of functions: where it begins, and which they are.
struct Segment {
    offset: i32,
    functions: Vec<u32>,
}

/// A module as `wasm-opt` leaves it. Functions are counted with those that are imported first.
struct Source<'w> {
    types: Vec<wasmparser::FuncType>,
    imports: Vec<wasmparser::Import<'w>>,
    /// The type of each function.
    functions: Vec<u32>,
    tables: Vec<wasmparser::TableType>,
    memories: Vec<wasmparser::MemoryType>,
    globals: Vec<wasmparser::Global<'w>>,
    exports: Vec<wasmparser::Export<'w>>,
    start: Option<u32>,
    /// The number of the table that the segments fill.
    table: u32,
    segments: Vec<Segment>,
    bodies: Vec<FunctionBody<'w>>,
    data: &'w [u8],
}

impl<'w> Source<'w> {
    fn read(wasm: &'w [u8]) -> Result<Self> {
        let mut source = Self {
            types: Vec::new(),
            imports: Vec::new(),
            functions: Vec::new(),
            tables: Vec::new(),
            memories: Vec::new(),
            globals: Vec::new(),
            exports: Vec::new(),
            start: None,
            table: 0,
            segments: Vec::new(),
            bodies: Vec::new(),
            data: &[],
        };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for ty in section.into_iter_err_on_gc_types() {
                        source.types.push(ty?);
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        let TypeRef::Func(ty) = import.ty else {
                            bail!("the app imports {}, which is no function", import.name);
                        };
                        source.functions.push(ty);
                        source.imports.push(import);
                    }
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        source.functions.push(ty?);
                    }
                }
                Payload::TableSection(section) => {
                    for table in section {
                        source.tables.push(table?.ty);
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        source.memories.push(memory?);
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section {
                        source.globals.push(global?);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        source.exports.push(export?);
                    }
                }
                Payload::StartSection { func, .. } => source.start = Some(func),
                Payload::ElementSection(section) => {
                    for element in section {
                        source.segment(&element?)?;
                    }
                }
                Payload::CodeSectionEntry(body) => source.bodies.push(body),
                Payload::DataSection(section) => {
                    let range = section.range();
                    let range = usize::try_from(range.start)?..usize::try_from(range.end)?;
                    source.data = wasm.get(range).context("the app's data is cut off")?;
                }
                _ => {}
            }
        }
        Ok(source)
    }

    fn segment(&mut self, element: &wasmparser::Element<'w>) -> Result<()> {
        let ElementKind::Active {
            table_index,
            offset_expr,
        } = &element.kind
        else {
            bail!("a segment of the app's table is not active");
        };
        let Operator::I32Const { value: offset } = offset_expr.get_operators_reader().read()?
        else {
            bail!("a segment of the app's table has no fixed place");
        };
        let ElementItems::Functions(functions) = &element.items else {
            bail!("a segment of the app's table holds no functions");
        };
        let table = table_index.unwrap_or(0);
        ensure!(
            self.segments.is_empty() || self.table == table,
            "the app has two tables of functions"
        );
        self.table = table;
        self.segments.push(Segment {
            offset,
            functions: functions.clone().into_iter().collect::<Result<_, _>>()?,
        });
        Ok(())
    }

    /// The functions that are not imported, with what they do.
    fn own(&self) -> impl Iterator<Item = (usize, &FunctionBody<'w>)> {
        (self.imports.len()..).zip(&self.bodies)
    }

    /// The number of a function's type.
    fn type_of(&self, function: usize) -> Result<u32> {
        let ty = self.functions.get(function);
        ty.copied().context("the app calls what it does not have")
    }

    fn types(&self) -> Result<TypeSection> {
        let mut section = TypeSection::new();
        for ty in &self.types {
            let ty = read(RoundtripReencoder.func_type(ty.clone()))?;
            section.ty().func_type(&ty);
        }
        Ok(section)
    }

    /// The tables, that of functions with `slots` of them.
    fn tables(&self, slots: Option<u64>) -> Result<TableSection> {
        let mut section = TableSection::new();
        for table in self.table_types(slots)? {
            section.table(table);
        }
        Ok(section)
    }

    fn table_types(&self, slots: Option<u64>) -> Result<Vec<wasm_encoder::TableType>> {
        let mut types = Vec::new();
        for (number, table) in (0..).zip(&self.tables) {
            let mut ty = read(RoundtripReencoder.table_type(*table))?;
            if let Some(slots) = slots.filter(|_| number == self.table) {
                ty.minimum = slots;
                ty.maximum = ty.maximum.map(|_| slots);
            }
            types.push(ty);
        }
        Ok(types)
    }

    fn globals(&self) -> Result<GlobalSection> {
        let mut section = GlobalSection::new();
        for global in &self.globals {
            section.global(
                read(RoundtripReencoder.global_type(global.ty))?,
                &read(RoundtripReencoder.const_expr(global.init_expr.clone()))?,
            );
        }
        Ok(section)
    }

    fn exports(&self, places: &[Option<u32>]) -> Result<ExportSection> {
        let mut section = ExportSection::new();
        for export in &self.exports {
            let index = match export.kind {
                ExternalKind::Func => Renumber(places).place(export.index)?,
                _ => export.index,
            };
            let kind = read(RoundtripReencoder.export_kind(export.kind))?;
            section.export(export.name, kind, index);
        }
        Ok(section)
    }

    fn elements(&self, places: &[Option<u32>]) -> Result<ElementSection> {
        let mut section = ElementSection::new();
        for segment in &self.segments {
            let functions = segment.functions.iter();
            let functions: Vec<u32> = functions
                .map(|function| Renumber(places).place(*function))
                .collect::<Result<_>>()?;
            self.active(&mut section, segment.offset, &functions);
        }
        Ok(section)
    }

    /// Adds a segment that fills the table of functions.
    fn active(&self, section: &mut ElementSection, offset: i32, functions: &[u32]) {
        section.active(
            Some(self.table).filter(|table| *table > 0),
            &ConstExpr::i32_const(offset),
            Elements::Functions(functions.into()),
        );
    }

    /// A copy of this module, but for these parts.
    fn module(&self, parts: &Parts) -> Result<Vec<u8>> {
        let mut imports = ImportSection::new();
        for import in &self.imports {
            let ty = read(RoundtripReencoder.entity_type(import.ty))?;
            imports.import(import.module, import.name, ty);
        }
        let mut memories = MemorySection::new();
        for memory in &self.memories {
            memories.memory(read(RoundtripReencoder.memory_type(*memory))?);
        }
        let mut module = Module::new();
        module
            .section(&parts.types)
            .section(&imports)
            .section(&parts.functions)
            .section(&parts.tables)
            .section(&memories)
            .section(&parts.globals)
            .section(&parts.exports);
        if let Some(function_index) = parts.start {
            module.section(&StartSection { function_index });
        }
        module
            .section(&parts.elements)
            .section(&parts.code)
            .section(&RawSection {
                id: SectionId::Data.into(),
                data: self.data,
            });
        Ok(module.finish())
    }
}

/// Which function goes where.
struct Plan<'s, 'w> {
    source: &'s Source<'w>,
    /// Whether it is in the first module.
    is_first: Vec<bool>,
    /// Of the others, those that the first module may call, with their slots in the table.
    slots: Vec<(usize, u32)>,
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
        let mut is_called = vec![false; is_first.len()];
        let mut call = |from: bool, function: u32| {
            let function = usize::try_from(function)?;
            if from != there(function) {
                *is_called
                    .get_mut(function)
                    .context("the app calls what it does not have")? = true;
            }
            anyhow::Ok(())
        };
        for (function, body) in source.own() {
            for operator in body.get_operators_reader()? {
                match operator? {
                    Operator::Call { function_index } => call(there(function), function_index)?,
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
            call(true, function)?;
        }
        let table = source.tables.get(usize::try_from(source.table)?);
        let first_slot = u32::try_from(table.context("the app has no table")?.initial)?;
        let called = |from: bool| {
            let functions = is_called.iter().zip(&is_first).enumerate();
            functions
                .filter(move |(_, (called, first))| **called && **first != from)
                .map(|(function, _)| function)
        };
        let slots: Vec<_> = called(true).zip(first_slot..).collect();
        Ok(Self {
            source,
            fetches: first_slot + u32::try_from(slots.len())?,
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
        let mut stubs = self.slots.iter().map(|(function, _)| *function).peekable();
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
        let mut slots = self.slots.iter().peekable();
        for (function, body) in source.own() {
            let ty = source.type_of(function)?;
            if self.is_first(function) {
                functions.function(ty);
                code.function(&Renumber(&places).body(body, &[])?);
            } else if let Some((_, slot)) = slots.next_if(|(stub, _)| *stub == function) {
                functions.function(ty);
                code.function(&self.stub(ty, *slot, fetch)?);
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

    /// What stands in the first module for a function of the rest.
    fn stub(&self, ty: u32, slot: u32, fetch: u32) -> Result<Function> {
        let source = self.source;
        let signature = source.types.get(usize::try_from(ty)?);
        let parameters = signature.context("a function has no type")?.params().len();
        let mut code = vec![Instruction::Call(fetch)];
        code.extend((0..u32::try_from(parameters)?).map(Instruction::LocalGet));
        code.push(Instruction::I32Const(slot.cast_signed()));
        code.push(Instruction::CallIndirect {
            type_index: ty,
            table_index: source.table,
        });
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
                code.function(&Renumber(&places).body(body, &[])?);
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

    /// A function with `begin` in front of what it does.
    fn body(mut self, body: &FunctionBody, begin: &[Instruction]) -> Result<Function> {
        let mut function = read(self.new_function_with_parsed_locals(body))?;
        for instruction in begin {
            function.instruction(instruction);
        }
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            function.instruction(&read(self.parse_instruction(&mut operators))?);
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

fn read<T, E: std::fmt::Display>(result: Result<T, reencode::Error<E>>) -> Result<T> {
    result.map_err(|error| anyhow!("the app cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A module whose `run` calls one function, whose `other` calls another, through the table, too.
    fn module() -> Vec<u8> {
        let mut module = Module::new();
        let mut types = TypeSection::new();
        types.ty().function([ValType::I32], [ValType::I32]);
        module.section(&types);
        let mut functions = FunctionSection::new();
        for _ in 0..4 {
            functions.function(0);
        }
        module.section(&functions);
        let mut tables = TableSection::new();
        tables.table(wasm_encoder::TableType {
            element_type: wasm_encoder::RefType::FUNCREF,
            table64: false,
            minimum: 2,
            maximum: Some(2),
            shared: false,
        });
        module.section(&tables);
        let mut memories = MemorySection::new();
        memories.memory(wasm_encoder::MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        module.section(&memories);
        let mut globals = GlobalSection::new();
        globals.global(FLAG, &ConstExpr::i32_const(7));
        module.section(&globals);
        let mut exports = ExportSection::new();
        exports.export("run", ExportKind::Func, 0);
        exports.export("other", ExportKind::Func, 2);
        module.section(&exports);
        let mut elements = ElementSection::new();
        elements.active(
            None,
            &ConstExpr::i32_const(0),
            Elements::Functions((&[1, 3]).into()),
        );
        module.section(&elements);
        let mut code = CodeSection::new();
        let through_table = Instruction::CallIndirect {
            type_index: 0,
            table_index: 0,
        };
        for body in [
            // run(x) = table[x](x)
            vec![
                Instruction::LocalGet(0),
                Instruction::LocalGet(0),
                through_table,
            ],
            // table[0](x) = x + 10
            vec![
                Instruction::LocalGet(0),
                Instruction::I32Const(10),
                Instruction::I32Add,
            ],
            // other(x) = table[0](x) + the global
            vec![
                Instruction::LocalGet(0),
                Instruction::Call(1),
                Instruction::GlobalGet(0),
                Instruction::I32Add,
            ],
            // table[1](x) = other(x)
            vec![Instruction::LocalGet(0), Instruction::Call(2)],
        ] {
            code.function(&finished(&body));
        }
        module.section(&code);
        module.section(&wasm_encoder::DataSection::new());
        module.finish()
    }

    /// What a script prints that gets the modules as `modules`.
    fn printed(modules: &[Vec<u8>], script: &str) -> String {
        let bytes: Vec<String> = modules
            .iter()
            .map(|module| format!("Uint8Array.from({module:?})"))
            .collect();
        let script = format!(
            "const modules = [{}].map((bytes) => new WebAssembly.Module(bytes)); {script}",
            bytes.join(",")
        );
        let node = Command::new("node").args(["--eval", &script]).output();
        let output = node.expect("Node.js, without which there is no page");
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        String::from_utf8_lossy(&output.stdout).trim().to_owned()
    }

    #[test]
    fn a_watched_module_says_which_functions_were_run() {
        let said = printed(
            &[watched(&module()).unwrap()],
            "const { exports: it } = new WebAssembly.Instance(modules[0]); const n = it.run(0); \
             console.log(n, [0, 1, 2, 3].map((i) => it[`watch${i}`].value).join(''))",
        );
        assert_eq!(said, "10 1100");
    }

    #[test]
    fn a_module_in_two_does_what_it_did_and_fetches_the_rest_when_it_needs_it() {
        let halves = cut(&module(), &[true, true, false, false]).unwrap();
        let said = printed(
            &[halves.first, halves.rest],
            "let fetched = 0; \
             const { exports: it } = new WebAssembly.Instance(modules[0]); \
             const now = () => { fetched += 1; new WebAssembly.Instance(modules[1], { '': { ...it } }); it.restIsThere.value = 1; }; \
             const pass = new Uint8Array([0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 2, 5, 1, 0, 0, 0, 0, 7, 4, 1, 0, 0, 0]); \
             it.restTable.set(it.restTable.length - 1, new WebAssembly.Instance(new WebAssembly.Module(pass), { '': { '': now } }).exports['']); \
             console.log(it.run(0), fetched, it.run(1), fetched, it.other(5), it.run(1), fetched)",
        );
        assert_eq!(said, "10 0 18 1 22 18 1");
    }

    #[test]
    fn what_the_first_half_never_calls_is_not_in_it() {
        let whole = module();
        let halves = cut(&whole, &[true, true, false, false]).unwrap();
        let first = Source::read(&halves.first).unwrap();
        // Two functions, two stubs, and what asks for the rest.
        assert_eq!(first.bodies.len(), 5);
        let rest = Source::read(&halves.rest);
        assert!(rest.is_err(), "it takes tables and memory from the first");
        assert!(cut(&whole, &[true]).is_err());
    }

    #[test]
    fn short_names_differ() {
        assert_eq!(short_name(0), "0");
        assert_eq!(short_name(35), "z");
        assert_ne!(short_name(36), short_name(1));
    }
}
