//! Which row each node is in, and which edges pass through which rows.

use crate::{Graph, Spacing};

/// Rows of the nodes.
pub(crate) struct Ranked {
    /// The row of each node.
    pub(crate) rows: Vec<usize>,
    /// For each edge: whether it takes part in the layout.
    pub(crate) used: Vec<bool>,
}

/// Puts each node below all that lead to it, and pulls those at the top down to where they are
/// needed.
pub(crate) fn rank(graph: &Graph) -> Ranked {
    let count = graph.nodes.len();
    let mut out: Vec<Vec<(usize, usize)>> = vec![Vec::new(); count];
    for (index, &(from, to)) in graph.edges.iter().enumerate() {
        if from != to
            && to < count
            && let Some(list) = out.get_mut(from)
        {
            list.push((to, index));
        }
    }
    let (order, used) = sorted(&out, graph.edges.len());
    let mut rows = vec![0_usize; count];
    for &node in &order {
        let row = rows.get(node).copied().unwrap_or_default();
        for &(to, edge) in out.get(node).into_iter().flatten() {
            if used.get(edge) == Some(&true)
                && let Some(below) = rows.get_mut(to)
            {
                *below = (*below).max(row + 1);
            }
        }
    }
    // From the bottom up: a node without edges into it stands just above its first user.
    let mut has_parent = vec![false; count];
    for (list, _) in out.iter().zip(0..) {
        for &(to, edge) in list {
            if used.get(edge) == Some(&true)
                && let Some(flag) = has_parent.get_mut(to)
            {
                *flag = true;
            }
        }
    }
    for &node in order.iter().rev() {
        let below = out
            .get(node)
            .into_iter()
            .flatten()
            .filter(|&&(_, edge)| used.get(edge) == Some(&true))
            .filter_map(|&(to, _)| rows.get(to).copied())
            .min();
        if let (Some(below), Some(false), Some(row)) =
            (below, has_parent.get(node), rows.get_mut(node))
        {
            *row = below.saturating_sub(1);
        }
    }
    Ranked { rows, used }
}

/// The nodes in an order in which edges lead forwards, and which edges do not close a circle.
fn sorted(out: &[Vec<(usize, usize)>], edges: usize) -> (Vec<usize>, Vec<bool>) {
    #[derive(Clone, Copy, PartialEq)]
    enum Mark {
        New,
        Open,
        Done,
    }
    let mut marks = vec![Mark::New; out.len()];
    let mut used = vec![false; edges];
    let mut order = Vec::with_capacity(out.len());
    for root in 0..out.len() {
        let mut path = vec![(root, 0_usize)];
        while let Some((node, next)) = path.pop() {
            let Some(mark) = marks.get_mut(node) else {
                continue;
            };
            if next == 0 {
                if *mark != Mark::New {
                    continue;
                }
                *mark = Mark::Open;
            }
            match out.get(node).and_then(|list| list.get(next)) {
                None => {
                    *mark = Mark::Done;
                    order.push(node);
                }
                Some(&(to, edge)) => {
                    path.push((node, next + 1));
                    let target = marks.get(to).copied().unwrap_or(Mark::Open);
                    if target != Mark::Open
                        && let Some(flag) = used.get_mut(edge)
                    {
                        *flag = true;
                    }
                    if target == Mark::New {
                        path.push((to, 0));
                    }
                }
            }
        }
    }
    order.reverse();
    (order, used)
}

/// One place of a row: a node, or an edge on its way through.
#[derive(Debug, Clone)]
pub(crate) struct Cell {
    pub(crate) row: usize,
    pub(crate) width: i32,
    /// Cells of the row above that it is joined with.
    pub(crate) above: Vec<usize>,
    /// Cells of the row below that it is joined with.
    pub(crate) below: Vec<usize>,
}

/// Rows of cells. The first cells are the nodes, in order.
pub(crate) struct Grid {
    pub(crate) cells: Vec<Cell>,
    /// Cells of each row from left to right.
    pub(crate) rows: Vec<Vec<usize>>,
    /// For each edge: the cells that it passes, without its ends.
    pub(crate) passes: Vec<Vec<usize>>,
}

/// With more than this, long edges go straight through whatever is in their way.
const MOST_CELLS: usize = 100_000;

/// Gives each edge a cell in every row that it passes.
pub(crate) fn grid(graph: &Graph, ranked: &Ranked, spacing: Spacing) -> Grid {
    let height = ranked.rows.iter().max().map_or(0, |row| row + 1);
    let mut grid = Grid {
        cells: Vec::with_capacity(graph.nodes.len()),
        rows: vec![Vec::new(); height],
        passes: Vec::with_capacity(graph.edges.len()),
    };
    for (node, &row) in graph.nodes.iter().zip(&ranked.rows) {
        grid.add(row, node.width);
    }
    for (&(from, to), &used) in graph.edges.iter().zip(&ranked.used) {
        let mut passed = Vec::new();
        if used {
            let row = |node: usize| ranked.rows.get(node).copied().unwrap_or_default();
            let mut last = from;
            let rows = row(from) + 1..row(to);
            let rows = if grid.cells.len() + rows.len() <= MOST_CELLS {
                rows
            } else {
                0..0
            };
            for row in rows {
                let cell = grid.add(row, spacing.lane);
                grid.join(last, cell);
                passed.push(cell);
                last = cell;
            }
            if row(to) == grid.cells.get(last).map_or(0, |cell| cell.row) + 1 {
                grid.join(last, to);
            }
        }
        grid.passes.push(passed);
    }
    grid
}

impl Grid {
    fn add(&mut self, row: usize, width: i32) -> usize {
        let cell = self.cells.len();
        self.cells.push(Cell {
            row,
            width,
            above: Vec::new(),
            below: Vec::new(),
        });
        if let Some(list) = self.rows.get_mut(row) {
            list.push(cell);
        }
        cell
    }

    fn join(&mut self, upper: usize, lower: usize) {
        if let Some(cell) = self.cells.get_mut(upper) {
            cell.below.push(lower);
        }
        if let Some(cell) = self.cells.get_mut(lower) {
            cell.above.push(upper);
        }
    }
}
