//! Puts the nodes of a directed graph into rows, so that edges run downwards and cross little.
//!
//! Knows nothing of what the nodes are. All numbers are whole units of whoever draws; the same
//! graph always gives the same picture, and nodes keep the order in which they are given as far
//! as the edges allow, so that an unrelated change moves nothing.
//!
//! ```
//! use stagecraft_layout::{Graph, Node, Spacing, layout};
//!
//! let node = Node { width: 100, height: 40 };
//! let graph = Graph { nodes: vec![node; 3], edges: vec![(0, 1), (1, 2), (0, 2)] };
//! let picture = layout(&graph, Spacing::default());
//! assert!(picture.nodes[0].y < picture.nodes[1].y);
//! assert_eq!(picture.edges[2].len(), 3, "the long edge passes by the node between");
//! ```

mod order;
mod place;
mod rows;

/// What is to be drawn.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Graph {
    /// Sizes of the nodes, in the order that is kept where there is a choice.
    pub nodes: Vec<Node>,
    /// Pairs of nodes; the first is drawn above the second. Edges from a node to itself, to nodes
    /// that do not exist, or that close a circle are drawn as straight lines.
    pub edges: Vec<(usize, usize)>,
}

/// Size of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Node {
    /// From left to right.
    pub width: i32,
    /// From top to bottom.
    pub height: i32,
}

/// Empty space.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Spacing {
    /// Between nodes of a row.
    pub across: i32,
    /// Between rows.
    pub down: i32,
    /// Room for an edge that passes through a row.
    pub lane: i32,
}

impl Default for Spacing {
    fn default() -> Self {
        Self {
            across: 24,
            down: 40,
            lane: 16,
        }
    }
}

/// A place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Point {
    /// From the left.
    pub x: i32,
    /// From the top.
    pub y: i32,
}

/// Where everything is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picture {
    /// The left upper corner of each node.
    pub nodes: Vec<Point>,
    /// For each edge: where it starts, passes and ends.
    pub edges: Vec<Vec<Point>>,
    /// The row of each node, from 0.
    pub rows: Vec<usize>,
    /// Size of the whole.
    pub width: i32,
    /// Size of the whole.
    pub height: i32,
}

/// More nodes and passing edges than this are put side by side without looking for crossings.
const MOST_ORDERED: usize = 4_000;

/// Finds a place for everything.
pub fn layout(graph: &Graph, spacing: Spacing) -> Picture {
    let ranked = rows::rank(graph);
    let mut grid = rows::grid(graph, &ranked, spacing);
    if grid.cells.len() <= MOST_ORDERED {
        order::reduce_crossings(&mut grid);
    }
    place::place(graph, &grid, &ranked, spacing)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(nodes: usize, edges: &[(usize, usize)]) -> Graph {
        Graph {
            nodes: vec![
                Node {
                    width: 100,
                    height: 40
                };
                nodes
            ],
            edges: edges.to_vec(),
        }
    }

    fn drawn(nodes: usize, edges: &[(usize, usize)]) -> Picture {
        layout(&graph(nodes, edges), Spacing::default())
    }

    fn overlaps(picture: &Picture) -> bool {
        let apart = |a: &Point, b: &Point| {
            a.x + 100 <= b.x || b.x + 100 <= a.x || a.y + 40 <= b.y || b.y + 40 <= a.y
        };
        let nodes = &picture.nodes;
        (0..nodes.len()).any(|i| (i + 1..nodes.len()).any(|j| !apart(&nodes[i], &nodes[j])))
    }

    #[test]
    fn nothing_is_an_empty_picture() {
        let picture = drawn(0, &[]);
        assert_eq!((picture.width, picture.height), (0, 0));
    }

    #[test]
    fn edges_run_downwards() {
        let picture = drawn(5, &[(0, 1), (1, 2), (0, 3), (3, 4), (2, 4)]);
        for points in &picture.edges {
            assert!(
                points.windows(2).all(|pair| pair[0].y < pair[1].y),
                "{points:?}"
            );
        }
        assert!(!overlaps(&picture));
    }

    #[test]
    fn a_chain_is_a_straight_line() {
        let picture = drawn(4, &[(0, 1), (1, 2), (2, 3)]);
        assert!(
            picture
                .nodes
                .iter()
                .all(|node| node.x == picture.nodes[0].x)
        );
    }

    #[test]
    fn nodes_without_edges_stand_side_by_side_in_order() {
        let picture = drawn(3, &[]);
        assert!(picture.nodes.windows(2).all(|pair| pair[0].x < pair[1].x));
        assert!(picture.nodes.iter().all(|node| node.y == 0));
    }

    #[test]
    fn parents_stand_above_the_middle_of_their_children() {
        let picture = drawn(3, &[(0, 1), (0, 2)]);
        let [parent, left, right] = [0, 1, 2].map(|i| picture.nodes[i].x);
        assert_eq!(parent, i32::midpoint(left, right));
    }

    #[test]
    fn crossings_are_avoided_where_they_can_be() {
        // 0 -> 3 and 1 -> 2 cross if the second row stays in order.
        let picture = drawn(4, &[(0, 3), (1, 2)]);
        let left_first = picture.nodes[0].x < picture.nodes[1].x;
        assert_eq!(left_first, picture.nodes[3].x < picture.nodes[2].x);
    }

    #[test]
    fn a_circle_is_drawn_all_the_same() {
        let picture = drawn(3, &[(0, 1), (1, 2), (2, 0), (1, 1), (1, 9)]);
        assert_eq!(picture.edges.len(), 5);
        assert!(!overlaps(&picture));
    }

    #[test]
    fn a_base_is_drawn_just_above_what_uses_it() {
        // Node 3 is used only by the last node of a chain of three.
        let picture = drawn(4, &[(0, 1), (1, 2), (3, 2)]);
        assert_eq!(picture.rows[3], 1);
    }

    #[test]
    fn a_thousand_nodes_are_placed_without_overlap_at_the_edges() {
        let edges: Vec<(usize, usize)> = (0..999)
            .map(|i| (i, i + 1))
            .chain((0..900).map(|i| (i, i + 7)))
            .collect();
        let picture = drawn(1000, &edges);
        assert_eq!(picture.nodes.len(), 1000);
        assert!(picture.nodes.iter().all(|node| node.x >= 0 && node.y >= 0));
    }
}
