//! From rows and orders to places.

use crate::rows::{Grid, Ranked};
use crate::{Graph, Picture, Point, Spacing};

/// Times that rows are pulled towards what they are joined with.
const PULLS: usize = 8;

pub(crate) fn place(graph: &Graph, grid: &Grid, ranked: &Ranked, spacing: Spacing) -> Picture {
    if graph.nodes.is_empty() {
        return Picture::default();
    }
    let centres = centres(grid, spacing);
    let left = grid
        .cells
        .iter()
        .zip(&centres)
        .map(|(cell, &centre)| centre - cell.width / 2)
        .min()
        .unwrap_or(0);
    let right = grid
        .cells
        .iter()
        .zip(&centres)
        .map(|(cell, &centre)| centre - cell.width / 2 + cell.width)
        .max()
        .unwrap_or(0);
    let (tops, heights, height) = rows(graph, ranked, grid.rows.len(), spacing);
    let top = |row: usize| tops.get(row).copied().unwrap_or_default();
    let tall = |row: usize| heights.get(row).copied().unwrap_or_default();
    let centre = |cell: usize| centres.get(cell).copied().unwrap_or_default() - left;
    let nodes: Vec<Point> = graph
        .nodes
        .iter()
        .zip(&ranked.rows)
        .enumerate()
        .map(|(index, (node, &row))| Point {
            x: centre(index) - node.width / 2,
            y: top(row) + (tall(row) - node.height) / 2,
        })
        .collect();
    let edges = graph
        .edges
        .iter()
        .zip(&grid.passes)
        .map(|(&(from, to), passed)| {
            let corner = |node: usize| nodes.get(node).copied().unwrap_or_default();
            let size = |node: usize| graph.nodes.get(node).copied().unwrap_or_default();
            let mut points = Vec::with_capacity(passed.len() + 2);
            points.push(Point {
                x: centre(from),
                y: corner(from).y + size(from).height,
            });
            for &cell in passed {
                let row = grid.cells.get(cell).map_or(0, |cell| cell.row);
                points.push(Point {
                    x: centre(cell),
                    y: top(row) + tall(row) / 2,
                });
            }
            points.push(Point {
                x: centre(to),
                y: corner(to).y,
            });
            points
        })
        .collect();
    Picture {
        nodes,
        edges,
        rows: ranked.rows.clone(),
        width: right - left,
        height,
    }
}

/// Tops and heights of the rows, and the height of all.
fn rows(
    graph: &Graph,
    ranked: &Ranked,
    count: usize,
    spacing: Spacing,
) -> (Vec<i32>, Vec<i32>, i32) {
    let mut heights = vec![0; count];
    for (node, &row) in graph.nodes.iter().zip(&ranked.rows) {
        if let Some(height) = heights.get_mut(row) {
            *height = node.height.max(*height);
        }
    }
    let mut tops = Vec::with_capacity(count);
    let mut at = 0;
    for &height in &heights {
        tops.push(at);
        at += height + spacing.down;
    }
    (tops, heights, at - spacing.down)
}

/// The middle of every cell: first packed from the left, then pulled towards what it is joined
/// with as far as its neighbours let it.
fn centres(grid: &Grid, spacing: Spacing) -> Vec<i32> {
    let mut centres = vec![0; grid.cells.len()];
    let width = |cell: usize| grid.cells.get(cell).map_or(0, |cell| cell.width);
    let gap = |a: usize, b: usize| width(a) / 2 + spacing.across + width(b) / 2;
    for row in &grid.rows {
        let mut at = 0;
        let mut last = None;
        for &cell in row {
            at += last.map_or(width(cell) / 2, |last| gap(last, cell));
            if let Some(centre) = centres.get_mut(cell) {
                *centre = at;
            }
            last = Some(cell);
        }
    }
    for pull in 0..PULLS {
        let down = pull % 2 == 0;
        let rows = grid.rows.len();
        for step in 0..rows {
            let row = if down { step } else { rows - 1 - step };
            let Some(row) = grid.rows.get(row) else {
                continue;
            };
            let wishes: Vec<i32> = row
                .iter()
                .map(|&cell| wish(grid, &centres, cell, down))
                .collect();
            for (&cell, centre) in row.iter().zip(fit(row, &wishes, &gap)) {
                if let Some(slot) = centres.get_mut(cell) {
                    *slot = centre;
                }
            }
        }
    }
    centres
}

/// Where a cell would like to be: in the middle of what it is joined with on one side, else on
/// the other.
fn wish(grid: &Grid, centres: &[i32], cell: usize, down: bool) -> i32 {
    let here = centres.get(cell).copied().unwrap_or_default();
    let Some(it) = grid.cells.get(cell) else {
        return here;
    };
    let (first, second) = if down {
        (&it.above, &it.below)
    } else {
        (&it.below, &it.above)
    };
    let joined = if first.is_empty() { second } else { first };
    let of = |&other: &usize| centres.get(other).copied();
    let low = joined.iter().filter_map(of).min();
    let high = joined.iter().filter_map(of).max();
    match (low, high) {
        (Some(low), Some(high)) => i32::midpoint(low, high),
        _ => here,
    }
}

/// Cells of a row that push each other and move as one.
struct Block {
    /// Which cell of the row is its first.
    first: usize,
    /// Wishes for its first cell, summed over its cells.
    sum: i64,
    /// Each cell seen from the first.
    cells: Vec<i32>,
}

impl Block {
    fn start(&self) -> i64 {
        let count = i64::try_from(self.cells.len()).unwrap_or(1).max(1);
        self.sum.div_euclid(count)
    }
}

/// Places in order with the gaps that are needed, as near to the wishes as they can be: a block
/// stands at the mean of what its cells wish.
fn fit(row: &[usize], wishes: &[i32], gap: &dyn Fn(usize, usize) -> i32) -> Vec<i32> {
    let mut blocks: Vec<Block> = Vec::new();
    let mut gaps: Vec<i64> = Vec::with_capacity(row.len());
    let mut last = None;
    for (index, (&cell, &wish)) in row.iter().zip(wishes).enumerate() {
        gaps.push(last.map_or(0, |last| i64::from(gap(last, cell))));
        last = Some(cell);
        let mut block = Block {
            first: index,
            sum: i64::from(wish),
            cells: vec![0],
        };
        // As long as it reaches into the one before, the two are one.
        while let Some(mut left) = blocks.pop() {
            let end = i64::from(left.cells.last().copied().unwrap_or_default());
            let shift = end + gaps.get(block.first).copied().unwrap_or_default();
            if left.start() + shift <= block.start() {
                blocks.push(left);
                break;
            }
            let count = i64::try_from(block.cells.len()).unwrap_or(1);
            left.sum += block.sum - shift * count;
            let shift = i32::try_from(shift).unwrap_or(i32::MAX);
            let moved = block.cells.iter().map(|at| at.saturating_add(shift));
            left.cells.extend(moved);
            block = left;
        }
        blocks.push(block);
    }
    blocks
        .iter()
        .flat_map(|block| {
            let start = i32::try_from(block.start()).unwrap_or_default();
            block.cells.iter().map(move |&at| start.saturating_add(at))
        })
        .collect()
}
