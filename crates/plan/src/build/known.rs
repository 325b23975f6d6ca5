//! Which steps are the same as one before.

use std::collections::BTreeMap;

/// The first step with each key.
pub(super) struct Known {
    /// As many as a power of two has, at least half of them free. A key is at the place that it says
    /// or soon behind. With it is the number of the step, from 1; 0 is free.
    near: Vec<(u64, usize)>,
    /// Those that are farther away.
    far: BTreeMap<u64, usize>,
}

impl Known {
    /// More places are not looked at.
    const FARTHEST: usize = 16;

    pub(super) fn for_steps(count: usize) -> Self {
        Self {
            near: vec![(0, 0); (2 * count).next_power_of_two()],
            far: BTreeMap::new(),
        }
    }

    /// The place of a key, or the free one where it belongs.
    fn place(&self, key: u64) -> Option<usize> {
        let last = self.near.len() - 1;
        let first = usize::try_from(key & u64::try_from(last).unwrap_or(0)).unwrap_or(0);
        let mut places = (first..first + Self::FARTHEST).map(|at| at & last);
        places.find(|at| match self.near.get(*at) {
            Some((own, step)) => *own == key || *step == 0,
            None => true,
        })
    }

    pub(super) fn get(&self, key: u64) -> Option<usize> {
        match self.place(key) {
            Some(at) => self.near.get(at)?.1.checked_sub(1),
            None => self.far.get(&key).copied(),
        }
    }

    pub(super) fn add(&mut self, key: u64, step: usize) {
        match self.place(key).and_then(|at| self.near.get_mut(at)) {
            Some(place) if place.1 == 0 => *place = (key, step + 1),
            Some(_) => {}
            None => {
                self.far.entry(key).or_insert(step);
            }
        }
    }
}
