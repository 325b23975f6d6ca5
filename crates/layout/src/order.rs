//! The order of the cells in each row.

use crate::rows::Grid;

/// Sweeps down and up; more change little.
const SWEEPS: usize = 6;

/// Sorts each row by the middle of what its cells are joined with, and keeps the best of what
/// comes out.
pub(crate) fn reduce_crossings(grid: &mut Grid) {
    let mut best = grid.rows.clone();
    let mut fewest = crossings(grid);
    for sweep in 0..SWEEPS {
        if fewest == 0 {
            break;
        }
        let down = sweep % 2 == 0;
        let rows = grid.rows.len();
        for step in 1..rows {
            let row = if down { step } else { rows - 1 - step };
            sort(grid, row, down);
        }
        let now = crossings(grid);
        if now < fewest {
            fewest = now;
            best.clone_from(&grid.rows);
        }
    }
    grid.rows = best;
}

/// Place of every cell in its row.
fn places(grid: &Grid) -> Vec<usize> {
    let mut places = vec![0; grid.cells.len()];
    for row in &grid.rows {
        for (place, &cell) in row.iter().enumerate() {
            if let Some(slot) = places.get_mut(cell) {
                *slot = place;
            }
        }
    }
    places
}

fn sort(grid: &mut Grid, row: usize, by_above: bool) {
    let places = places(grid);
    let Some(list) = grid.rows.get(row) else {
        return;
    };
    let mut keyed: Vec<(usize, usize, usize)> = list
        .iter()
        .enumerate()
        .map(|(place, &cell)| {
            let joined = grid
                .cells
                .get(cell)
                .map_or(&[][..], |it| if by_above { &it.above } else { &it.below });
            let sum: usize = joined
                .iter()
                .map(|&other| places.get(other).copied().unwrap_or_default())
                .sum();
            // In 1024ths; a cell that is joined with nothing stays where it is.
            let middle = (sum * 1024).checked_div(joined.len());
            (middle.unwrap_or(place * 1024), place, cell)
        })
        .collect();
    keyed.sort_unstable();
    if let Some(list) = grid.rows.get_mut(row) {
        *list = keyed.into_iter().map(|(_, _, cell)| cell).collect();
    }
}

/// How often edges between neighbouring rows cross.
fn crossings(grid: &Grid) -> usize {
    let places = places(grid);
    let mut total = 0;
    for row in &grid.rows {
        // Lower ends in the order of the upper ones: each pair out of order is a crossing.
        let mut ends: Vec<(usize, usize)> = Vec::new();
        for (place, &cell) in row.iter().enumerate() {
            for &below in grid.cells.get(cell).into_iter().flat_map(|it| &it.below) {
                ends.push((place, places.get(below).copied().unwrap_or_default()));
            }
        }
        ends.sort_unstable();
        let width = ends.iter().map(|&(_, lower)| lower + 1).max().unwrap_or(0);
        // Counts of lower ends seen so far, as a tree of partial sums.
        let mut tree = vec![0_usize; width + 1];
        for (seen, &(_, lower)) in ends.iter().enumerate() {
            let mut at = lower + 1;
            let mut not_right = 0;
            while at > 0 {
                not_right += tree.get(at).copied().unwrap_or_default();
                at &= at - 1;
            }
            total += seen - not_right;
            let mut at = lower + 1;
            while let Some(count) = tree.get_mut(at) {
                *count += 1;
                at += at & at.wrapping_neg();
            }
        }
    }
    total
}
