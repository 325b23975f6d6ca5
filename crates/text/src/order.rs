use std::cmp::Ordering;

use crate::{TextRange, TextSize};

/// Sorts, and keeps the order of what is equal.
///
/// As `sort` does it, but with one sort for all types: each of those is several kB of wasm, and
/// what is sorted here is short, or in order already.
pub fn sort<T: Ord>(list: &mut [T]) {
    sort_by(list, Ord::cmp);
}

/// Sorts by that comparison, and keeps the order of what is equal; see [`sort`].
pub fn sort_by<T>(list: &mut [T], compare: impl Fn(&T, &T) -> Ordering) {
    if list.is_sorted_by(|one, other| compare(one, other).is_le()) {
        return;
    }
    let targets = {
        let compare = |one: usize, other: usize| match (list.get(one), list.get(other)) {
            (Some(one), Some(other)) => compare(one, other),
            _ => Ordering::Equal,
        };
        targets(list.len(), &compare)
    };
    put(list, targets);
}

/// Sorts by where things start, and keeps the order of those that start at one place.
///
/// See [`sort`].
pub fn sort_by_start<T>(list: &mut [T], start: impl Fn(&T) -> TextSize) {
    sort_by_number(list, |item| u64::from(u32::from(start(item))));
}

/// Sorts by where things start, what starts at one place by where it ends, and keeps the order of
/// those that have one place.
pub fn sort_by_range<T>(list: &mut [T], range: impl Fn(&T) -> TextRange) {
    sort_by_number(list, |item| {
        let range = range(item);
        pair(range.start(), u32::from(range.end()))
    });
}

/// Sorts by where things start, what starts at one place from the longest to the shortest, and
/// keeps the order of those that have one place.
pub fn sort_outer_first<T>(list: &mut [T], range: impl Fn(&T) -> TextRange) {
    sort_by_number(list, |item| {
        let range = range(item);
        pair(range.start(), u32::MAX - u32::from(range.end()))
    });
}

fn pair(high: TextSize, low: u32) -> u64 {
    u64::from(u32::from(high)) << 32 | u64::from(low)
}

fn sort_by_number<T>(list: &mut [T], number: impl Fn(&T) -> u64) {
    if list.is_sorted_by_key(&number) {
        return;
    }
    let numbers: Vec<u64> = list.iter().map(number).collect();
    let compare = |one: usize, other: usize| numbers.get(one).cmp(&numbers.get(other));
    put(list, targets(numbers.len(), &compare));
}

/// Puts each thing into its place.
fn put<T>(list: &mut [T], mut targets: Vec<usize>) {
    for at in 0..list.len() {
        // Each step puts one thing into its place for good.
        while let Some(&target) = targets.get(at)
            && target != at
        {
            list.swap(at, target);
            targets.swap(at, target);
        }
    }
}

/// For each of so many things the place that it has once they are sorted.
fn targets(count: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..count).collect();
    order.sort_by(|one, other| compare(*one, *other));
    let mut targets = vec![0; count];
    for (place, from) in order.into_iter().enumerate() {
        if let Some(target) = targets.get_mut(from) {
            *target = place;
        }
    }
    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Places from a small generator, many of them equal, each with its number.
    fn places(count: u32) -> Vec<(TextRange, u32)> {
        let mut state = 1_u32;
        let mut next = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 16) % below
        };
        (0..count)
            .map(|number| (TextRange::at(next(40).into(), next(9).into()), number))
            .collect()
    }

    #[test]
    fn things_come_in_the_order_that_a_stable_sort_gives_them() {
        for count in [0, 1, 2, 3, 10, 500] {
            let mut by_start = places(count);
            sort_by_start(&mut by_start, |&(range, _)| range.start());
            let mut expected = places(count);
            expected.sort_by_key(|&(range, _)| range.start());
            assert_eq!(by_start, expected);

            let mut by_number = places(count);
            sort_by(&mut by_number, |(_, one), (_, other)| {
                (one % 7).cmp(&(other % 7))
            });
            expected = places(count);
            expected.sort_by_key(|(_, number)| number % 7);
            assert_eq!(by_number, expected);

            let mut by_range = places(count);
            sort_by_range(&mut by_range, |&(range, _)| range);
            expected = places(count);
            expected.sort_by_key(|&(range, _)| (range.start(), range.end()));
            assert_eq!(by_range, expected);

            let mut outer_first = places(count);
            sort_outer_first(&mut outer_first, |&(range, _)| range);
            expected = places(count);
            expected.sort_by_key(|&(range, _)| (range.start(), std::cmp::Reverse(range.end())));
            assert_eq!(outer_first, expected);
        }
    }
}
