//! The code of a function, taken apart: what encloses what, and how high the stack is.

use anyhow::{Context, Result, bail};
use wasmparser::{
    BlockType, ContType, FrameKind, FuncType, FunctionBody, ModuleArity, Operator, RefType,
    SubType, ValType,
};

use super::source::Source;

/// What functions and blocks of a module take and give.
pub(super) struct Types {
    types: Vec<SubType>,
    /// The type of each function.
    functions: Vec<u32>,
}

impl Types {
    pub(super) fn of(source: &Source) -> Self {
        let types = source.types.iter().cloned();
        Self {
            types: types.map(|ty| SubType::func(ty, false)).collect(),
            functions: source.functions.clone(),
        }
    }

    fn function(&self, ty: u32) -> Option<&FuncType> {
        Some(self.types.get(usize::try_from(ty).ok()?)?.unwrap_func())
    }

    /// What is on the stack behind a construct of that type, and what it takes from it.
    fn block(&self, ty: BlockType) -> Option<(Vec<ValType>, Vec<ValType>)> {
        Some(match ty {
            BlockType::Empty => (Vec::new(), Vec::new()),
            BlockType::Type(ty) => (Vec::new(), vec![ty]),
            BlockType::FuncType(ty) => {
                let ty = self.function(ty)?;
                (ty.params().to_vec(), ty.results().to_vec())
            }
        })
    }
}

/// A function's code. Places are those of operators.
pub(super) struct Code<'w> {
    pub(super) operators: Vec<Operator<'w>>,
    /// The parameters, then the variables.
    pub(super) locals: Vec<ValType>,
    pub(super) parameters: usize,
    results: Vec<ValType>,
    /// Where in the body each operator begins, and where the last one ends.
    offsets: Vec<u64>,
    /// The beginning of the construct that an operator stands in; an `end` stands in what it ends.
    /// `None` is the function.
    parents: Vec<Option<usize>>,
    /// The `else` or `end` behind an operator, of the construct that it stands in.
    ends: Vec<usize>,
    /// How many values of that construct are on the stack in front of an operator; `None` where
    /// nothing gets.
    heights: Vec<Option<usize>>,
    /// What each beginning of a construct takes and gives.
    blocks: Vec<Option<(Vec<ValType>, Vec<ValType>)>>,
}

/// What is open while code is read.
struct Open {
    at: usize,
    ty: BlockType,
    kind: FrameKind,
    /// The height around it, without what it takes.
    around: Option<usize>,
}

/// What [`Operator::operator_arity`] asks for.
struct Around<'t> {
    types: &'t Types,
    open: &'t [Open],
    function: BlockType,
}

impl ModuleArity for Around<'_> {
    fn sub_type_at(&self, ty: u32) -> Option<&SubType> {
        self.types.types.get(usize::try_from(ty).ok()?)
    }

    fn tag_type_arity(&self, _: u32) -> Option<(u32, u32)> {
        None
    }

    fn type_index_of_function(&self, function: u32) -> Option<u32> {
        let function = usize::try_from(function).ok()?;
        self.types.functions.get(function).copied()
    }

    fn func_type_of_cont_type(&self, _: &ContType) -> Option<&FuncType> {
        None
    }

    fn sub_type_of_ref_type(&self, _: &RefType) -> Option<&SubType> {
        None
    }

    fn control_stack_height(&self) -> u32 {
        u32::try_from(self.open.len() + 1).unwrap_or(u32::MAX)
    }

    fn label_block(&self, depth: u32) -> Option<(BlockType, FrameKind)> {
        let depth = usize::try_from(depth).ok()?;
        match self.open.iter().rev().nth(depth) {
            Some(open) => Some((open.ty, open.kind)),
            None => (depth == self.open.len()).then_some((self.function, FrameKind::Block)),
        }
    }
}

impl<'w> Code<'w> {
    /// Takes a function of that type apart.
    pub(super) fn read(types: &Types, ty: u32, body: &FunctionBody<'w>) -> Result<Self> {
        let signature = types.function(ty).context("a function has no type")?;
        let mut locals = signature.params().to_vec();
        for run in body.get_locals_reader()? {
            let (count, ty) = run?;
            locals.extend((0..count).map(|_| ty));
        }
        let mut code = Self {
            operators: Vec::new(),
            parameters: signature.params().len(),
            results: signature.results().to_vec(),
            locals,
            offsets: Vec::new(),
            parents: Vec::new(),
            ends: Vec::new(),
            heights: Vec::new(),
            blocks: Vec::new(),
        };
        let mut open: Vec<Open> = Vec::new();
        let mut height = Some(0);
        let mut operators = body.get_operators_reader()?;
        while !operators.eof() {
            code.offsets.push(operators.original_position());
            let operator = operators.read()?;
            let around = Around {
                types,
                open: &open,
                function: BlockType::FuncType(ty),
            };
            let (taken, given) = operator
                .operator_arity(&around)
                .with_context(|| format!("the app uses {operator:?}, which is not cut yet"))?;
            let (taken, given) = (usize::try_from(taken)?, usize::try_from(given)?);
            let at = code.operators.len();
            code.parents.push(open.last().map(|open| open.at));
            code.heights.push(height);
            let mut block = None;
            let behind = height.and_then(|height| height.checked_sub(taken));
            height = match &operator {
                Operator::Block { blockty } | Operator::Loop { blockty } => {
                    block = types.block(*blockty);
                    let is_loop = matches!(operator, Operator::Loop { .. });
                    let kind = if is_loop {
                        FrameKind::Loop
                    } else {
                        FrameKind::Block
                    };
                    open.push(Open {
                        at,
                        ty: *blockty,
                        kind,
                        around: behind,
                    });
                    height.map(|_| given)
                }
                Operator::If { blockty } => {
                    block = types.block(*blockty);
                    open.push(Open {
                        at,
                        ty: *blockty,
                        kind: FrameKind::If,
                        around: behind,
                    });
                    height.map(|_| given)
                }
                Operator::Else => {
                    let open = open.last().context("an else without its if")?;
                    open.around.map(|_| given)
                }
                Operator::End => match open.pop() {
                    Some(open) => open.around.map(|around| around + given),
                    None => None,
                },
                Operator::Br { .. }
                | Operator::BrTable { .. }
                | Operator::Return
                | Operator::Unreachable => None,
                Operator::ReturnCall { .. }
                | Operator::ReturnCallIndirect { .. }
                | Operator::Try { .. }
                | Operator::TryTable { .. }
                | Operator::Throw { .. } => {
                    bail!("the app uses {operator:?}, which is not cut yet")
                }
                _ => behind.map(|behind| behind + given),
            };
            code.blocks.push(block);
            code.operators.push(operator);
        }
        code.offsets.push(operators.original_position());
        code.close()?;
        Ok(code)
    }

    /// Finds for each operator where what it stands in ends.
    fn close(&mut self) -> Result<()> {
        self.ends = vec![0; self.operators.len()];
        let mut ends = Vec::new();
        for (at, operator) in self.operators.iter().enumerate().rev() {
            match operator {
                Operator::End => ends.push(at),
                Operator::Block { .. } | Operator::Loop { .. } | Operator::If { .. } => {
                    ends.pop();
                }
                _ => {}
            }
            if let (Some(place), Some(end)) = (self.ends.get_mut(at), ends.last_mut()) {
                *place = *end;
                if matches!(operator, Operator::Else) {
                    *end = at;
                }
            }
        }
        if ends.len() == 1 {
            Ok(())
        } else {
            bail!("the app's code is not closed")
        }
    }

    /// How many bytes the operators from one place to another take.
    pub(super) fn bytes(&self, from: usize, to: usize) -> u64 {
        let offset = |at: usize| self.offsets.get(at).copied().unwrap_or_default();
        offset(to).saturating_sub(offset(from))
    }

    /// The type of a variable.
    pub(super) fn local(&self, local: u32) -> Option<ValType> {
        self.locals.get(usize::try_from(local).ok()?).copied()
    }

    /// See [`Code::parents`].
    pub(super) fn parent(&self, at: usize) -> Option<usize> {
        self.parents.get(at).copied().flatten()
    }

    /// See [`Code::ends`].
    pub(super) fn end(&self, at: usize) -> usize {
        self.ends.get(at).copied().unwrap_or(self.operators.len())
    }

    /// See [`Code::heights`].
    pub(super) fn height(&self, at: usize) -> Option<usize> {
        self.heights.get(at).copied().flatten()
    }

    /// The `end` of the construct that begins at a place, whatever `else` stands before it.
    pub(super) fn close_of(&self, beginning: usize) -> usize {
        let end = self.end(beginning + 1);
        match self.operators.get(end) {
            Some(Operator::Else) => self.end(end),
            _ => end,
        }
    }

    /// The construct whose label is so many further out than `parent`'s.
    pub(super) fn label(&self, parent: Option<usize>, depth: u32) -> Option<usize> {
        let mut label = parent;
        for _ in 0..depth {
            label = self.parent(label?);
        }
        label
    }

    pub(super) fn is_loop(&self, beginning: Option<usize>) -> bool {
        let operator = beginning.and_then(|at| self.operators.get(at));
        matches!(operator, Some(Operator::Loop { .. }))
    }

    /// What a construct leaves on the stack; a function's are its results.
    pub(super) fn results(&self, beginning: Option<usize>) -> Option<&[ValType]> {
        let Some(at) = beginning else {
            return Some(&self.results);
        };
        let (_, results) = self.blocks.get(at)?.as_ref()?;
        Some(results)
    }

    /// What a jump to a construct takes along.
    pub(super) fn label_types(&self, beginning: Option<usize>) -> Option<&[ValType]> {
        if self.is_loop(beginning) {
            let (parameters, _) = self.blocks.get(beginning?)?.as_ref()?;
            return Some(parameters);
        }
        self.results(beginning)
    }

    /// The places where other code begins than what stands before: what is behind them may not be
    /// run although that is.
    pub(super) fn beginnings(&self) -> impl Iterator<Item = usize> {
        let before = std::iter::once(None).chain(self.operators.iter().map(Some));
        let pairs = before.zip(&self.operators).enumerate();
        pairs.filter_map(|(at, (before, operator))| {
            let begins = matches!(
                before,
                None | Some(
                    Operator::If { .. } | Operator::Else | Operator::End | Operator::BrIf { .. }
                )
            );
            let ends = matches!(operator, Operator::End | Operator::Else);
            (begins && !ends && self.height(at).is_some()).then_some(at)
        })
    }
}
