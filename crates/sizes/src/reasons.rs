//! Why sizes are believed, so that handing reasons on costs next to nothing: most sizes have one
//! that stands in the program, and what is made of several is put together only when somebody asks.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, OnceLock};

use crate::estimate::Basis;

/// A name that mostly stands in the program.
#[derive(Clone)]
pub enum Name {
    /// One that does.
    Fixed(&'static str),
    /// One that was put together.
    Made(Box<str>),
}

impl Deref for Name {
    type Target = str;

    fn deref(&self) -> &str {
        match self {
            Self::Fixed(name) => name,
            Self::Made(name) => name,
        }
    }
}

impl PartialEq for Name {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        // Mostly it is the same text.
        let (one, other): (&str, &str) = (self, other);
        one.len() == other.len() && (one.as_ptr() == other.as_ptr() || one == other)
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl From<&'static str> for Name {
    fn from(name: &'static str) -> Self {
        Self::Fixed(name)
    }
}

impl From<String> for Name {
    fn from(name: String) -> Self {
        Self::Made(name.into())
    }
}

/// A rule of thumb whose name stands in the program.
#[macro_export]
macro_rules! rule {
    ($name:expr) => {
        const { &$crate::Basis::Heuristic($crate::Name::Fixed($name)) }
    };
}

/// Something that is not known, and that the program has a name for.
#[macro_export]
macro_rules! unknown {
    ($what:expr) => {
        const { &$crate::Basis::Unknown($crate::Name::Fixed($what)) }
    };
}

/// Reasons in the order in which they came, each once.
#[derive(Clone, Default)]
pub struct Reasons(List);

#[derive(Clone, Default)]
enum List {
    #[default]
    None,
    /// One that stands in the program.
    Fixed(&'static Basis),
    One(Arc<Basis>),
    Sum(Arc<Sum>),
}

/// Sums of sums go no deeper without being put together.
const DEEPEST: usize = 50;

/// With more reasons a sum is put together before it is part of another, so that what is in it twice
/// does not double with every sum.
const HEAVIEST: usize = 60;

/// Reasons that are put together when somebody asks for them.
struct Sum {
    /// Nothing where they were put together already.
    parts: [Reasons; 2],
    all: OnceLock<Box<[Basis]>>,
    depth: usize,
    /// How many reasons one comes by on the way through all parts.
    weight: usize,
    /// How many the longest list among the parts has that was put together already.
    listed: usize,
}

impl Sum {
    fn of(mut parts: [Reasons; 2]) -> Self {
        let (mut depth, mut weight, mut listed) = (0, 0, 0);
        for part in &mut parts {
            if let List::Sum(sum) = &part.0
                && (sum.depth >= DEEPEST || sum.weight > HEAVIEST + 2 * sum.listed)
            {
                *part = Self::put_together(sum.all().into());
            }
            if let List::Sum(sum) = &part.0 {
                depth = depth.max(sum.depth);
                weight += sum.weight;
                listed = listed.max(sum.listed);
            } else {
                weight += 1;
            }
        }
        Self {
            parts,
            all: OnceLock::new(),
            depth: depth + 1,
            weight,
            listed,
        }
    }

    fn put_together(all: Box<[Basis]>) -> Reasons {
        Reasons(List::Sum(Arc::new(Self {
            parts: Default::default(),
            depth: 0,
            weight: all.len(),
            listed: all.len(),
            all: OnceLock::from(all),
        })))
    }

    fn all(&self) -> &[Basis] {
        self.all.get_or_init(|| {
            let mut all = Vec::new();
            self.add_to(&mut all);
            all.into()
        })
    }

    fn add_to(&self, all: &mut Vec<Basis>) {
        match self.all.get() {
            // Of those each is there once.
            Some(own) if all.is_empty() => all.extend_from_slice(own),
            Some(own) => own.iter().for_each(|basis| add(all, basis)),
            None => {
                for part in &self.parts {
                    match &part.0 {
                        List::Sum(sum) => sum.add_to(all),
                        _ => part.iter().for_each(|basis| add(all, basis)),
                    }
                }
            }
        }
    }
}

/// Adds one to a list, unless it is there.
fn add(all: &mut Vec<Basis>, basis: &Basis) {
    if !all.iter().any(|own| own.is(basis)) {
        all.push(basis.clone());
    }
}

impl Reasons {
    /// Whether there is none, without a look at what is put together.
    fn is_nothing(&self) -> bool {
        matches!(self.0, List::None)
    }

    /// Adds all of others.
    #[inline]
    pub fn add(&mut self, others: &Self) {
        if !others.is_nothing() {
            self.add_some(others);
        }
    }

    fn add_some(&mut self, others: &Self) {
        if self.is_same(others) {
            return;
        }
        if let List::Sum(sum) = &self.0
            && sum.parts.iter().any(|part| part.is_same(others))
        {
            return;
        }
        let own = std::mem::take(self);
        *self = if own.is_nothing() {
            others.clone()
        } else {
            Self(List::Sum(Arc::new(Sum::of([own, others.clone()]))))
        };
    }

    /// Whether they are known to be the same at once.
    fn is_same(&self, others: &Self) -> bool {
        match (&self.0, &others.0) {
            (List::Fixed(own), List::Fixed(other)) => std::ptr::eq(*own, *other) || own.is(other),
            (List::One(own), List::One(other)) => Arc::ptr_eq(own, other) || own.is(other),
            (List::Sum(own), List::Sum(other)) => Arc::ptr_eq(own, other),
            (own, other) => matches!((own, other), (List::None, List::None)),
        }
    }

    /// Whether they are made of the same, as far as can be seen without putting anything together.
    fn is_like(&self, other: &Self) -> bool {
        if self.is_same(other) {
            return true;
        }
        let (List::Sum(own), List::Sum(other)) = (&self.0, &other.0) else {
            return false;
        };
        let [first, second] = &own.parts;
        let [other_first, other_second] = &other.parts;
        !first.is_nothing() && first.is_like(other_first) && second.is_like(other_second)
    }
}

impl From<Basis> for Reasons {
    fn from(basis: Basis) -> Self {
        Self(match basis {
            Basis::Context => List::Fixed(&Basis::Context),
            Basis::Stage => List::Fixed(&Basis::Stage),
            basis => List::One(Arc::new(basis)),
        })
    }
}

impl From<&'static Basis> for Reasons {
    fn from(basis: &'static Basis) -> Self {
        Self(List::Fixed(basis))
    }
}

impl Deref for Reasons {
    type Target = [Basis];

    fn deref(&self) -> &[Basis] {
        match &self.0 {
            List::None => &[],
            List::Fixed(basis) => std::slice::from_ref(basis),
            List::One(basis) => std::slice::from_ref(basis),
            List::Sum(sum) => sum.all(),
        }
    }
}

impl<'a> IntoIterator for &'a Reasons {
    type Item = &'a Basis;
    type IntoIter = std::slice::Iter<'a, Basis>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl PartialEq for Reasons {
    fn eq(&self, other: &Self) -> bool {
        self.is_like(other) || **self == **other
    }
}

impl Eq for Reasons {}

impl fmt::Debug for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Estimate;

    fn numbered(number: usize) -> Reasons {
        Basis::Unknown(number.to_string().into()).into()
    }

    #[test]
    fn what_is_in_sums_of_sums_again_and_again_is_there_once() {
        let mut sum = numbered(0);
        for number in 1..200 {
            let before = sum.clone();
            sum.add(&numbered(number));
            sum.add(&before);
        }
        let all = (0..200).flat_map(|number| numbered(number).to_vec());
        assert_eq!(*sum, *all.collect::<Vec<_>>());
    }

    #[test]
    fn sums_of_the_same_are_equal_whatever_they_were_made_of() {
        let [one, other] = [1, 2].map(numbered);
        let sum = |all: &[&Reasons]| {
            let all = all.iter().map(|basis| Estimate {
                basis: (*basis).clone(),
                ..Estimate::zero()
            });
            all.fold(Estimate::zero(), |sum, one| sum.plus(&one)).basis
        };
        assert_eq!(sum(&[&one, &other]), sum(&[&one, &other, &one]));
        assert_eq!(sum(&[&one, &other]), sum(&[&one, &sum(&[&one, &other])]));
        assert_ne!(sum(&[&one, &other]), sum(&[&other, &one]));
        assert_ne!(sum(&[&one]), sum(&[]));
    }
}
