//! What a check says about a text: where, how serious, in which words, and what to do about it.
//!
//! Values only. Who prints them (the command), draws them (the page) or filters them (the
//! profiles of `lint`) lives elsewhere.

use std::borrow::Cow;
use std::ops::{Deref, DerefMut};

use stagecraft_text::{Edit, TextRange};

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// A matter of taste, or a thing worth knowing.
    Hint,
    /// Works, but there is a better way.
    Info,
    /// Likely wrong, slow, large or unsafe.
    Warning,
    /// The build fails, or does not do what is written.
    Error,
}

impl Severity {
    /// All of them, the mildest first.
    pub const ALL: [Self; 4] = [Self::Hint, Self::Info, Self::Warning, Self::Error];

    /// The word for it, in lower case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Whether a fix may be applied without a person looking at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Applicability {
    /// Keeps what the build does: may be applied unseen.
    Safe,
    /// Does what the message asks for, but changes what the build does: for a person to decide.
    Unsafe,
    /// Shows the way; has gaps that only a person can fill. Never applied by itself.
    DisplayOnly,
}

impl Applicability {
    /// The word for it, in kebab case.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Safe => "safe",
            Self::Unsafe => "unsafe",
            Self::DisplayOnly => "display-only",
        }
    }
}

/// A change of the text that answers a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What it does, in the imperative, lower case, without a full stop.
    pub title: Cow<'static, str>,
    /// Edits that do not overlap.
    pub edits: Few<Edit>,
    /// Whether it may be applied unseen.
    pub applicability: Applicability,
}

/// A further place that belongs to a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// The place.
    pub range: TextRange,
    /// What is to be seen there.
    pub message: Cow<'static, str>,
}

/// The code under which another tool reports the same fault, and the line on which it does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ToolCode {
    /// BuildKit's rule name, hadolint's `DL…` or ShellCheck's `SC…`.
    pub code: &'static str,
    /// Line, from 1, on which that tool reports it; not always where our range begins.
    pub line: u32,
}

/// The codes of a finding.
pub type Codes = Few<ToolCode>;

/// A list that takes no memory of its own where it is short, as most of them are here.
#[derive(Clone)]
pub struct Few<T>(Inner<T>);

#[derive(Clone)]
enum Inner<T> {
    None,
    One(T),
    Many(Vec<T>),
}

impl<T> Few<T> {
    /// Adds one at the end.
    pub fn push(&mut self, one: T) {
        match &mut self.0 {
            Inner::Many(all) => all.push(one),
            // Mostly it is the first.
            Inner::None => self.0 = Inner::One(one),
            Inner::One(_) => {
                let mut all = Vec::with_capacity(2);
                if let Inner::One(first) = std::mem::replace(&mut self.0, Inner::None) {
                    all.push(first);
                }
                all.push(one);
                self.0 = Inner::Many(all);
            }
        }
    }

    /// Keeps those for which `kept` says so.
    pub fn retain(&mut self, mut kept: impl FnMut(&T) -> bool) {
        match &mut self.0 {
            Inner::None => {}
            Inner::One(one) => {
                if !kept(one) {
                    self.0 = Inner::None;
                }
            }
            Inner::Many(all) => all.retain(kept),
        }
    }
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Self(Inner::None)
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match &self.0 {
            Inner::None => &[],
            Inner::One(one) => std::slice::from_ref(one),
            Inner::Many(all) => all,
        }
    }
}

impl<T> DerefMut for Few<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        match &mut self.0 {
            Inner::None => &mut [],
            Inner::One(one) => std::slice::from_mut(one),
            Inner::Many(all) => all,
        }
    }
}

impl<T> From<T> for Few<T> {
    fn from(one: T) -> Self {
        Self(Inner::One(one))
    }
}

impl<T> From<Vec<T>> for Few<T> {
    fn from(all: Vec<T>) -> Self {
        Self(Inner::Many(all))
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(all: I) -> Self {
        let mut all = all.into_iter();
        let (first, second) = (all.next(), all.next());
        Self(match (first, second) {
            (Some(first), Some(second)) => {
                let mut list = Vec::with_capacity(2 + all.size_hint().0);
                list.extend([first, second]);
                list.extend(all);
                Inner::Many(list)
            }
            (Some(first), None) => Inner::One(first),
            _ => Inner::None,
        })
    }
}

impl<'a, T> IntoIterator for &'a Few<T> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T: PartialEq> PartialEq for Few<T> {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl<T: Eq> Eq for Few<T> {}

impl<T: std::fmt::Debug> std::fmt::Debug for Few<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        (**self).fmt(f)
    }
}

/// One fault at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// The rule's name: the bad pattern in kebab case.
    pub rule: &'static str,
    /// Codes of other tools for the same fault; empty where it is ours alone.
    pub codes: Codes,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong, in one clause: lower case, no full stop.
    pub message: Cow<'static, str>,
    /// Why it matters here.
    pub why: Option<Cow<'static, str>>,
    /// What to do, where no fix says it.
    pub help: Option<Cow<'static, str>>,
    /// The smallest place that is wrong.
    pub range: TextRange,
    /// Further places.
    pub labels: Vec<Label>,
    /// Ways to mend it, the best first.
    pub fixes: Few<Fix>,
}

impl Diagnostic {
    /// A finding without codes, labels or fixes.
    pub fn new(
        rule: &'static str,
        severity: Severity,
        range: TextRange,
        message: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            rule,
            codes: Codes::default(),
            severity,
            message: message.into(),
            why: None,
            help: None,
            range,
            labels: Vec::new(),
            fixes: Few::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_few_is_the_same_however_it_came_about() {
        for count in 0..4 {
            let all: Vec<u32> = (0..count).collect();
            let mut pushed = Few::default();
            for one in &all {
                pushed.push(*one);
            }
            assert_eq!(*pushed, *all);
            assert_eq!(pushed, all.iter().copied().collect());
            assert_eq!(pushed, Few::from(all.clone()));
            assert_eq!(format!("{pushed:?}"), format!("{all:?}"));
            assert_eq!((&pushed).into_iter().count(), all.len());
        }
        assert_eq!(Few::from(7), Few::from(vec![7]));
    }

    #[test]
    fn what_is_not_kept_is_gone() {
        for count in 0..4 {
            let mut few: Few<u32> = (0..count).collect();
            few.retain(|one| one % 2 == 1);
            let odd: Vec<u32> = (0..count).filter(|one| one % 2 == 1).collect();
            assert_eq!(*few, *odd);
            few.push(9);
            assert_eq!(few.last(), Some(&9));
        }
    }

    #[test]
    fn each_can_be_changed_where_it_stands() {
        let mut few: Few<u32> = [1, 2].into_iter().collect();
        for one in few.iter_mut() {
            *one += 1;
        }
        assert_eq!(*few, [2, 3]);
    }
}
