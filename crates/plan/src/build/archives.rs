//! The archives that ADD takes apart.

use stagecraft_semantic::archive::packing;
use stagecraft_sizes::{Basis, Estimate, Span};

use crate::context::{Context, ContextFile};
use crate::packed;
use crate::selected::Selection;

/// The archives among what ADD takes, which it takes apart, and the other files.
pub(super) struct Split {
    /// What the archives hold, on disk and as transferred.
    pub(super) size: Estimate,
    pub(super) compressed: Span,
    pub(super) others: Selection,
}

impl Split {
    /// `None` where there is no archive. Those in a folder that is named stay as they are.
    pub(super) fn of(context: &Context, selection: &Selection, source: &str) -> Option<Self> {
        let depth = |path: &str| path.matches('/').count();
        let source = source.trim_start_matches("./").trim_matches('/');
        let is_named = |file: &ContextFile| {
            file.path == source
                || source.contains(['*', '?', '[']) && depth(&file.path) == depth(source)
        };
        let kind = |file: &ContextFile| {
            let kind = packing(&file.path).filter(|it| it.is_unpacked_by_add());
            kind.filter(|_| is_named(file))
        };
        let file = |at: &usize| context.files.get(*at);
        selection.files.iter().filter_map(file).find_map(kind)?;
        let mut split = Self {
            size: Estimate::zero(),
            compressed: Span::exact(0),
            others: Selection::default(),
        };
        let mut others = Vec::new();
        for (at, file) in selection
            .files
            .iter()
            .filter_map(|at| Some((*at, file(at)?)))
        {
            let Some(kind) = kind(file) else {
                others.push(at);
                split.others.add(file);
                continue;
            };
            let packed = Span::exact(file.size);
            split.size.add(&match context.archives.get(&file.path) {
                Some(bytes) => Estimate::known(*bytes, Basis::Context),
                None => packed::unpacked(kind, packed),
            });
            split.compressed.add(packed::compressed(kind, packed));
        }
        let is_other = |at: &usize| others.binary_search(at).is_ok();
        split.others.lists = selection.lists.iter().copied().filter(is_other).collect();
        split.others.files = others.into();
        split.others.is_unknown = selection.is_unknown;
        Some(split)
    }
}
