//! What ARG and ENV set.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use stagecraft_semantic::StageId;
use stagecraft_syntax::Keyword;
use stagecraft_text::sort_by;

use super::stages::MOST_BELOW;
use super::{Facts, RunFacts, unquoted};
use crate::calls::bit;
use crate::rule::Mark;

/// So many names are looked at.
const MOST_NONSENSE: usize = 16;

/// What the builder sets for every RUN where the person who builds has it. BuildKit has `ALL_PROXY` as well
/// (`stagecraft_semantic::PROXY_ARGUMENTS`); no answer of hadolint tells whether it does.
const PROXIES: [&str; 8] = [
    "HTTP_PROXY",
    "http_proxy",
    "HTTPS_PROXY",
    "https_proxy",
    "FTP_PROXY",
    "ftp_proxy",
    "NO_PROXY",
    "no_proxy",
];

/// A variable as one instruction sets it.
#[derive(Debug, Clone, Copy)]
struct Assigned<'a> {
    name: &'a str,
    /// Of its name; see [`key`].
    key: u64,
    /// The place in the items.
    item: usize,
    stage: Option<StageId>,
    onbuild: bool,
    /// ARG, not ENV.
    argument: bool,
    value: Option<&'a str>,
}

impl Assigned<'_> {
    /// By the [`key`], and where that is the same by the name: mostly a comparison of numbers.
    #[inline]
    fn compare(&self, key: u64, name: &str) -> Ordering {
        let keys = self.key.cmp(&key);
        keys.then_with(|| self.name.cmp(name))
    }
}

/// The first letters of a name as a number, those of the same name the same.
fn key(name: &str) -> u64 {
    let bytes = name.as_bytes();
    match bytes.first_chunk() {
        Some(eight) => u64::from_be_bytes(*eight),
        None => bytes
            .iter()
            .fold(0, |key, byte| key << 8 | u64::from(*byte)),
    }
}

/// What all ARG and ENV set.
pub(super) struct AllAssigned<'a> {
    /// By [`key`] and name, those of one name in order.
    all: Vec<Assigned<'a>>,
    /// The [`bit`] of each name.
    bits: u64,
}

impl<'a> Facts<'a> {
    /// What every ARG and ENV sets, by name.
    fn all_assigned(&self) -> AllAssigned<'a> {
        let mut all = Vec::with_capacity(16);
        let mut bits = 0;
        for (at, item) in self.items.iter().enumerate() {
            let keyword = item.instruction.keyword;
            if !matches!(keyword, Keyword::Arg | Keyword::Env) {
                continue;
            }
            for pair in self.file.pairs(item.instruction) {
                let name = self.file.word(pair.name);
                bits |= bit(name);
                all.push(Assigned {
                    name,
                    key: key(name),
                    item: at,
                    stage: item.stage,
                    onbuild: item.onbuild,
                    argument: keyword == Keyword::Arg,
                    value: pair.value.map(|value| unquoted(self.file.word(value))),
                });
            }
        }
        sort_by(&mut all, |one, other| one.compare(other.key, other.name));
        AllAssigned { all, bits }
    }

    /// Whether hadolint takes a variable to be set and exported where a RUN stands.
    pub(crate) fn is_exported(&self, run: &RunFacts<'_>, name: &str) -> bool {
        if name.ends_with(['y', 'Y']) && PROXIES.contains(&name) {
            return true;
        }
        let above = self.above(name, run.item);
        if above.is_empty() {
            return false;
        }
        let index = |stage: Option<StageId>| stage.map(StageId::index);
        let mut stage = run.stage;
        for _ in 0..MOST_BELOW {
            // The stages stand in order.
            let start = above.partition_point(|it| index(it.stage) < index(stage));
            let own = above.get(start..).unwrap_or_default().iter();
            let mut own = own.take_while(|it| it.stage == stage);
            if own.any(|it| it.onbuild == run.onbuild) {
                return true;
            }
            stage = self.stage(stage).checked_base;
            if stage.is_none() {
                return false;
            }
        }
        false
    }

    /// Whether hadolint exports something there that no shell can read.
    pub(crate) fn exports_nonsense(&self, run: &RunFacts<'_>) -> bool {
        let mut names = self.nonsense.iter().take(MOST_NONSENSE);
        names.any(|name| self.is_exported(run, name))
    }

    /// The value of a variable while a RUN works.
    pub(crate) fn value(&self, run: &RunFacts<'_>, name: &str) -> Option<&str> {
        let item = self.items.get(run.item)?;
        if let Some(command) = item.command {
            // What nothing sets need not be looked for.
            let set = !self.assigned(name).is_empty() || self.marks.has(Mark::BaseConfigs);
            return set.then(|| self.model.scopes().value(command.before, name))?;
        }
        // No build gets there, but what stands above it is clear.
        let above = self.above(name, run.item);
        let own = above.iter().rev().find(|it| it.stage == run.stage)?;
        own.value
    }

    /// What sets a variable.
    fn assigned(&self, name: &str) -> &[Assigned<'a>] {
        let AllAssigned { all, bits } = self.assigned.get_or_init(|| self.all_assigned());
        // Most names that are asked for and not there have no bit either.
        if bits & bit(name) == 0 {
            return &[];
        }
        let key = key(name);
        let start = all.partition_point(|it| it.compare(key, name).is_lt());
        let all = all.get(start..).unwrap_or_default();
        let end = all.partition_point(|it| it.compare(key, name).is_eq());
        all.get(..end).unwrap_or_default()
    }

    /// What sets a variable above a place of the items.
    fn above(&self, name: &str, at: usize) -> &[Assigned<'a>] {
        let all = self.assigned(name);
        let end = all.partition_point(|it| it.item < at);
        all.get(..end).unwrap_or_default()
    }

    /// Whether some ARG or ENV above that place names a variable.
    pub(crate) fn is_assigned_above(&self, name: &str, at: usize) -> bool {
        !self.above(name, at).is_empty()
    }

    /// Whether some ARG above that place declares a variable.
    pub(crate) fn is_argument_above(&self, name: &str, at: usize) -> bool {
        self.above(name, at).iter().any(|it| it.argument)
    }

    /// Where each stage first sets a variable to such a value by ENV.
    pub(crate) fn first_set(
        &self,
        name: &str,
        fits: fn(&str) -> bool,
    ) -> BTreeMap<Option<StageId>, usize> {
        let all = self.assigned(name).iter();
        let all = all.filter(|it| !it.argument && !it.onbuild && it.value.is_some_and(fits));
        // The last that is put there stays.
        all.rev().map(|it| (it.stage, it.item)).collect()
    }
}
