//! Functions that nobody would write, with every construct that a part can be left by.

use wasm_encoder::{BlockType, Instruction, ValType};

/// The variables of each: two parameters, then these.
pub(super) const VARIABLES: [ValType; 4] = [ValType::I32, ValType::I64, ValType::I32, ValType::I64];

/// The globals that they change: what they noted, and how often they may still go round.
const NOTED: u32 = 0;
const LEFT: u32 = 1;

/// Numbers that look random and are always the same.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, end: u32) -> u32 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u32::try_from(self.0 >> 33).unwrap() % end
    }
}

/// What a jump to a label takes along.
#[derive(Clone, Copy, PartialEq)]
enum Label {
    Nothing,
    Number,
}

/// The code of a function from two numbers to one.
pub(super) fn function(dice: &mut Dice) -> Vec<Instruction<'static>> {
    let mut writer = Writer {
        dice,
        out: Vec::new(),
        labels: vec![Label::Number],
    };
    writer.statements(4);
    writer.number(2);
    writer.out
}

struct Writer<'d> {
    dice: &'d mut Dice,
    out: Vec<Instruction<'static>>,
    labels: Vec<Label>,
}

impl Writer<'_> {
    fn statements(&mut self, depth: u32) {
        for _ in 0..=self.dice.below(4) {
            if self.statement(depth) {
                return;
            }
        }
    }

    /// Whether nothing gets behind it.
    fn statement(&mut self, depth: u32) -> bool {
        let simple = depth == 0;
        match self.dice.below(if simple { 5 } else { 11 }) {
            0 => self.set(),
            2 => self.jump_if(),
            3 if self.dice.below(3) == 0 => {
                self.jump();
                return true;
            }
            4 if self.dice.below(3) == 0 => {
                self.number(1);
                self.out.push(Instruction::Return);
                return true;
            }
            1 | 3 | 4 => self.note(),
            5 | 6 => {
                self.number(2);
                self.out.push(Instruction::If(BlockType::Empty));
                self.inside(Label::Nothing, depth);
                if self.dice.below(2) == 0 {
                    self.out.push(Instruction::Else);
                    self.inside(Label::Nothing, depth);
                }
                self.out.push(Instruction::End);
            }
            7 => {
                self.out.push(Instruction::Block(BlockType::Empty));
                self.inside(Label::Nothing, depth);
                self.out.push(Instruction::End);
            }
            8 => {
                // Something lies below what the block leaves.
                self.number(1);
                self.out
                    .push(Instruction::Block(BlockType::Result(ValType::I32)));
                self.inside(Label::Number, depth);
                self.number(1);
                self.out.extend([Instruction::End, Instruction::I32Sub]);
                self.out.push(Instruction::LocalSet(2));
            }
            9 => {
                self.number(1);
                self.out
                    .push(Instruction::If(BlockType::Result(ValType::I32)));
                self.inside(Label::Number, depth);
                self.number(2);
                self.out.push(Instruction::Else);
                self.inside(Label::Number, depth);
                self.number(1);
                self.out
                    .extend([Instruction::End, Instruction::LocalSet(4)]);
            }
            _ => self.round(depth),
        }
        false
    }

    fn inside(&mut self, label: Label, depth: u32) {
        self.labels.push(label);
        self.statements(depth - 1);
        self.labels.pop();
    }

    /// A loop that ends.
    fn round(&mut self, depth: u32) {
        self.out.push(Instruction::Loop(BlockType::Empty));
        self.out.extend([
            Instruction::GlobalGet(LEFT),
            Instruction::I32Const(1),
            Instruction::I32Sub,
            Instruction::GlobalSet(LEFT),
            Instruction::GlobalGet(LEFT),
            Instruction::I32Eqz,
            Instruction::If(BlockType::Empty),
            Instruction::I32Const(-1),
            Instruction::Return,
            Instruction::End,
        ]);
        self.inside(Label::Nothing, depth);
        self.number(1);
        self.out.extend([Instruction::BrIf(0), Instruction::End]);
    }

    fn set(&mut self) {
        if self.dice.below(3) == 0 {
            self.number(1);
            self.out.push(Instruction::I64ExtendI32S);
            let variable = 3 + 2 * self.dice.below(2);
            self.out.push(Instruction::LocalSet(variable));
        } else {
            self.number(2);
            let variable = self.variable();
            self.out.push(Instruction::LocalSet(variable));
        }
    }

    /// Notes a number, so that it is seen when that happened.
    fn note(&mut self) {
        self.out.push(Instruction::GlobalGet(NOTED));
        self.out.push(Instruction::I32Const(31));
        self.out.push(Instruction::I32Mul);
        self.number(2);
        self.out.push(Instruction::I32Add);
        self.out.push(Instruction::GlobalSet(NOTED));
    }

    /// A label, and what a jump there takes along.
    fn label(&mut self) -> (u32, Label) {
        let count = u32::try_from(self.labels.len()).unwrap();
        let depth = self.dice.below(count);
        let label = self.labels[usize::try_from(count - 1 - depth).unwrap()];
        (depth, label)
    }

    fn jump_if(&mut self) {
        let (depth, label) = self.label();
        if label == Label::Number {
            self.number(1);
        }
        self.number(1);
        self.out.push(Instruction::BrIf(depth));
        if label == Label::Number {
            self.out.push(Instruction::LocalSet(0));
        }
    }

    fn jump(&mut self) {
        let (depth, label) = self.label();
        if label == Label::Number {
            self.number(1);
        }
        let alike = (0..).zip(self.labels.iter().rev());
        let alike: Vec<u32> = alike
            .filter(|(_, other)| **other == label)
            .map(|(depth, _)| depth)
            .collect();
        if alike.len() > 1 && self.dice.below(2) == 0 {
            self.number(1);
            self.out.push(Instruction::BrTable(alike.into(), depth));
        } else {
            self.out.push(Instruction::Br(depth));
        }
    }

    /// A variable that holds an `i32`.
    fn variable(&mut self) -> u32 {
        [0, 1, 2, 4][usize::try_from(self.dice.below(4)).unwrap()]
    }

    fn number(&mut self, depth: u32) {
        match self.dice.below(if depth == 0 { 2 } else { 6 }) {
            0 => {
                let number = self.dice.below(5).cast_signed() - 1;
                self.out.push(Instruction::I32Const(number));
            }
            1 => {
                let variable = self.variable();
                self.out.push(Instruction::LocalGet(variable));
            }
            2 => {
                let variable = 3 + 2 * self.dice.below(2);
                self.out
                    .extend([Instruction::LocalGet(variable), Instruction::I32WrapI64]);
            }
            3 => {
                self.number(depth - 1);
                let variable = self.variable();
                self.out.push(Instruction::LocalTee(variable));
            }
            other => {
                self.number(depth - 1);
                self.number(depth - 1);
                let both = if other == 4 {
                    Instruction::I32Add
                } else {
                    Instruction::I32LtS
                };
                self.out.push(both);
            }
        }
    }
}
