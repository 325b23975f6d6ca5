//! Why sizes are believed, so that handing reasons on costs next to nothing: most sizes have one
//! that stands in the program, and what is made of several is shared until it grows.

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
    Made(Arc<str>),
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

/// Reasons in the order in which they came, each once.
#[derive(Clone, Default)]
pub struct Reasons(List);

#[derive(Clone, Default)]
enum List {
    #[default]
    None,
    One(Basis),
    Many(Arc<Vec<Basis>>),
    Sum(Arc<Sum>),
}

/// Sums of sums go no deeper without being put together.
const DEEPEST: usize = 50;

/// Reasons that are put together when somebody asks for them.
struct Sum {
    parts: Vec<Reasons>,
    all: OnceLock<Vec<Basis>>,
    depth: usize,
}

impl Sum {
    fn all(&self) -> &[Basis] {
        self.all.get_or_init(|| {
            let mut all = Reasons::default();
            for part in &self.parts {
                all.add_all(part);
            }
            all.to_vec()
        })
    }

    /// Whether it is made of the same, as far as can be seen without putting anything together.
    fn is_like(&self, other: &Self) -> bool {
        let is_like = |(own, other): (&Reasons, &Reasons)| match (&own.0, &other.0) {
            (List::Sum(own), List::Sum(other)) => Arc::ptr_eq(own, other),
            (List::Sum(_), _) | (_, List::Sum(_)) => false,
            _ => **own == **other,
        };
        self.parts.len() == other.parts.len() && self.parts.iter().zip(&other.parts).all(is_like)
    }
}

impl Reasons {
    /// All reasons of many, which are put together only when somebody asks.
    pub(crate) fn of_all(mut parts: Vec<Self>) -> Self {
        let mut depth = 0;
        for part in &mut parts {
            if let List::Sum(sum) = &part.0 {
                if sum.depth >= DEEPEST {
                    *part = Self(List::Many(Arc::new(sum.all().to_vec())));
                } else {
                    depth = depth.max(sum.depth);
                }
            }
        }
        Self(List::Sum(Arc::new(Sum {
            parts,
            all: OnceLock::new(),
            depth: depth + 1,
        })))
    }

    /// Whether there is none, without a look at what is put together.
    pub(crate) fn is_nothing(&self) -> bool {
        matches!(self.0, List::None)
    }

    /// Adds one, unless it is there.
    pub fn add(&mut self, basis: Basis) {
        if !self.has(&basis) {
            self.push(basis);
        }
    }

    fn has(&self, basis: &Basis) -> bool {
        self.iter().any(|own| own.is(basis))
    }

    fn push(&mut self, basis: Basis) {
        self.0 = match std::mem::take(&mut self.0) {
            List::None => List::One(basis),
            List::One(first) => List::Many(Arc::new(with(&[first], basis))),
            List::Many(mut all) => {
                match Arc::get_mut(&mut all) {
                    Some(own) => own.push(basis),
                    None => all = Arc::new(with(&all, basis)),
                }
                List::Many(all)
            }
            List::Sum(sum) => List::Many(Arc::new(with(sum.all(), basis))),
        };
    }

    /// Adds all of others.
    pub fn add_all(&mut self, others: &Self) {
        match (&self.0, &others.0) {
            (List::None, _) => self.0 = others.0.clone(),
            (List::Many(own), List::Many(all)) if Arc::ptr_eq(own, all) => {}
            _ => {
                for basis in others {
                    if !self.has(basis) {
                        self.push(basis.clone());
                    }
                }
            }
        }
    }
}

/// With one more, and room for some.
fn with(all: &[Basis], more: Basis) -> Vec<Basis> {
    let mut list = Vec::with_capacity(all.len() + 4);
    list.extend_from_slice(all);
    list.push(more);
    list
}

impl From<Basis> for Reasons {
    fn from(basis: Basis) -> Self {
        Self(List::One(basis))
    }
}

impl Deref for Reasons {
    type Target = [Basis];

    fn deref(&self) -> &[Basis] {
        match &self.0 {
            List::None => &[],
            List::One(basis) => std::slice::from_ref(basis),
            List::Many(all) => all,
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
        match (&self.0, &other.0) {
            (List::Many(own), List::Many(all)) if Arc::ptr_eq(own, all) => true,
            (List::Sum(own), List::Sum(all)) if Arc::ptr_eq(own, all) || own.is_like(all) => true,
            _ => **self == **other,
        }
    }
}

impl Eq for Reasons {}

impl fmt::Debug for Reasons {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self).finish()
    }
}
