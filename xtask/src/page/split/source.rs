//! A module as `wasm-opt` leaves it, read so that copies of it can be written.

use anyhow::{Context, Result, anyhow, bail, ensure};
use wasm_encoder::{
    CodeSection, ConstExpr, ElementSection, Elements, ExportSection, FunctionSection,
    GlobalSection, ImportSection, MemorySection, Module, RawSection, SectionId, StartSection,
    TableSection, TypeSection,
    reencode::{self, Reencode, RoundtripReencoder},
};
use wasmparser::{
    ElementItems, ElementKind, ExternalKind, FunctionBody, Operator, Parser, Payload, TypeRef,
};

use super::Renumber;

/// The parts of a module that its copies differ in.
pub(super) struct Parts {
    pub(super) types: TypeSection,
    pub(super) functions: FunctionSection,
    pub(super) tables: TableSection,
    pub(super) globals: GlobalSection,
    pub(super) exports: ExportSection,
    pub(super) elements: ElementSection,
    pub(super) start: Option<u32>,
    pub(super) code: CodeSection,
}

/// A segment of the table of functions: where it begins, and which they are.
pub(super) struct Segment {
    pub(super) offset: i32,
    pub(super) functions: Vec<u32>,
}

/// A module as `wasm-opt` leaves it. Functions are counted with those that are imported first.
pub(super) struct Source<'w> {
    pub(super) types: Vec<wasmparser::FuncType>,
    pub(super) imports: Vec<wasmparser::Import<'w>>,
    /// The type of each function.
    pub(super) functions: Vec<u32>,
    pub(super) tables: Vec<wasmparser::TableType>,
    pub(super) memories: Vec<wasmparser::MemoryType>,
    pub(super) globals: Vec<wasmparser::Global<'w>>,
    pub(super) exports: Vec<wasmparser::Export<'w>>,
    pub(super) start: Option<u32>,
    /// The number of the table that the segments fill.
    pub(super) table: u32,
    pub(super) segments: Vec<Segment>,
    pub(super) bodies: Vec<FunctionBody<'w>>,
    pub(super) data: &'w [u8],
}

impl<'w> Source<'w> {
    pub(super) fn read(wasm: &'w [u8]) -> Result<Self> {
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
    pub(super) fn own(&self) -> impl Iterator<Item = (usize, &FunctionBody<'w>)> {
        (self.imports.len()..).zip(&self.bodies)
    }

    /// The number of a function's type.
    pub(super) fn type_of(&self, function: usize) -> Result<u32> {
        let ty = self.functions.get(function);
        ty.copied().context("the app calls what it does not have")
    }

    pub(super) fn types(&self) -> Result<TypeSection> {
        Self::types_of(&self.types)
    }

    /// A section of these types.
    pub(super) fn types_of(types: &[wasmparser::FuncType]) -> Result<TypeSection> {
        let mut section = TypeSection::new();
        for ty in types {
            let ty = read(RoundtripReencoder.func_type(ty.clone()))?;
            section.ty().func_type(&ty);
        }
        Ok(section)
    }

    /// The tables, that of functions with `slots` of them.
    pub(super) fn tables(&self, slots: Option<u64>) -> Result<TableSection> {
        let mut section = TableSection::new();
        for table in self.table_types(slots)? {
            section.table(table);
        }
        Ok(section)
    }

    pub(super) fn table_types(&self, slots: Option<u64>) -> Result<Vec<wasm_encoder::TableType>> {
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

    pub(super) fn globals(&self) -> Result<GlobalSection> {
        let mut section = GlobalSection::new();
        for global in &self.globals {
            section.global(
                read(RoundtripReencoder.global_type(global.ty))?,
                &read(RoundtripReencoder.const_expr(global.init_expr.clone()))?,
            );
        }
        Ok(section)
    }

    pub(super) fn exports(&self, places: &[Option<u32>]) -> Result<ExportSection> {
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

    pub(super) fn elements(&self, places: &[Option<u32>]) -> Result<ElementSection> {
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
    pub(super) fn active(&self, section: &mut ElementSection, offset: i32, functions: &[u32]) {
        section.active(
            Some(self.table).filter(|table| *table > 0),
            &ConstExpr::i32_const(offset),
            Elements::Functions(functions.into()),
        );
    }

    /// A copy of this module, but for these parts.
    pub(super) fn module(&self, parts: &Parts) -> Result<Vec<u8>> {
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

pub(super) fn read<T, E: std::fmt::Display>(result: Result<T, reencode::Error<E>>) -> Result<T> {
    result.map_err(|error| anyhow!("the app cannot be read: {error}"))
}
