use super::*;
use std::{io::Write as _, process::Stdio, thread};
use wasm_encoder::{
    ElementSection, Elements, ExportSection, FunctionSection, GlobalSection, MemorySection, Module,
    TableSection, TypeSection,
};

mod random;

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
    let mut node = Command::new("node")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Node.js, without which there is no page");
    let mut input = node.stdin.take().unwrap();
    let writer = thread::spawn(move || input.write_all(script.as_bytes()).unwrap());
    let output = node.wait_with_output().unwrap();
    writer.join().unwrap();
    let error = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{error}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn a_watched_module_says_what_was_reached() {
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

/// How many functions are made up.
const RANDOM: u32 = 300;

/// A module of functions that are made up, each exported under its number.
fn made_up() -> Vec<u8> {
    let mut dice = random::Dice(0x5eed);
    let mut module = Module::new();
    let mut types = TypeSection::new();
    types
        .ty()
        .function([ValType::I32, ValType::I32], [ValType::I32]);
    module.section(&types);
    let mut functions = FunctionSection::new();
    let mut exports = ExportSection::new();
    let mut code = CodeSection::new();
    for number in 0..RANDOM {
        functions.function(0);
        exports.export(&number.to_string(), ExportKind::Func, number);
        let mut function = Function::new_with_locals_types(random::VARIABLES);
        for instruction in random::function(&mut dice) {
            function.instruction(&instruction);
        }
        function.instruction(&Instruction::End);
        code.function(&function);
    }
    module.section(&functions);
    let mut globals = GlobalSection::new();
    for name in ["noted", "left"] {
        exports.export(name, ExportKind::Global, globals.len());
        globals.global(FLAG, &ConstExpr::i32_const(0));
    }
    module.section(&globals);
    module.section(&exports);
    module.section(&code);
    module.section(&wasm_encoder::DataSection::new());
    module.finish()
}

/// What all functions of a module that is made up give, and note, for some numbers.
fn given(module: Vec<u8>) -> String {
    printed(
        &[module],
        "const { exports: it } = new WebAssembly.Instance(modules[0]); \
         const numbers = [0, 1, 2, -1, 7]; \
         console.log(Object.keys(it).filter((name) => /^\\d+$/.test(name)).map((name) => \
           numbers.flatMap((a) => numbers.map((b) => { \
             it.noted.value = 0; it.left.value = 50; \
             return `${it[name](a, b)}/${it.noted.value}`; \
           })).join(' ')).join('\\n'))",
    )
}

#[test]
fn a_module_whose_parts_are_functions_does_what_it_did() {
    let whole = made_up();
    let before = given(whole.clone());
    let source = Source::read(&whole).unwrap();
    let types = Types::of(&source);
    let beginnings: Vec<usize> = source
        .own()
        .flat_map(|(_, body)| {
            let code = Code::read(&types, 0, body).unwrap();
            code.beginnings().collect::<Vec<_>>()
        })
        .collect();
    let mut dice = random::Dice(7);
    // Whatever is said to be reached: nothing but the functions, or this and that.
    for (round, odds) in [1, 2, 4].into_iter().enumerate() {
        let reached = beginnings.iter().map(|at| *at == 0 || dice.below(odds) > 0);
        let reached: Vec<bool> = reached.collect();
        let Outlined { wasm, first } = outline(&source, &reached, 0).unwrap();
        let parts = first.iter().filter(|first| !**first).count();
        assert!(parts > 300, "{parts} in round {round}");
        assert!(given(wasm) == before, "round {round}");
    }
}

#[test]
fn a_part_that_saves_too_little_stays() {
    let whole = made_up();
    let source = Source::read(&whole).unwrap();
    let count = |least| {
        let mut reached = Vec::new();
        let types = Types::of(&source);
        for (_, body) in source.own() {
            let code = Code::read(&types, 0, body).unwrap();
            reached.extend(code.beginnings().map(|at| at == 0));
        }
        outline(&source, &reached, least).unwrap().first.len()
    };
    assert!(outline(&source, &[], 0).is_err());
    assert!(outline(&source, &vec![true; 1 << 20], 0).is_err());
    assert!(count(0) > count(20));
    assert_eq!(count(u64::MAX), source.bodies.len());
}
