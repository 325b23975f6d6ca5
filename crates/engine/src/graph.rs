//! The stage graph as it is drawn: what is in it, what leads where, and where everything stands.

use std::collections::BTreeMap;
use std::sync::Arc;

use stagecraft_layout::{Graph as Shape, Node as Box, Picture, Spacing, layout};
use stagecraft_semantic::{Base, DependencyKind, Model, Source, Stage, StageId};
use stagecraft_syntax::Parse;
use stagecraft_text::TextRange;

/// More stages and images than this are not drawn.
pub const MOST_NODES: usize = 300;

/// The graph of a Dockerfile.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct StageGraph {
    /// Stages in the order of the file, then the images and folders from outside in the order in
    /// which they are named.
    pub nodes: Vec<GraphNode>,
    /// What leads where; from what is used to what uses it.
    pub edges: Vec<GraphEdge>,
    /// Where it all stands; empty where there is too much to draw.
    pub picture: Arc<Picture>,
}

/// A stage, or something from outside.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphNode {
    /// What it is.
    pub kind: NodeKind,
    /// The stage's name or number, or the image's name.
    pub title: String,
    /// What a stage starts from, where that is not drawn as a node of its own.
    pub subtitle: Option<String>,
    /// The place that names it first.
    pub range: TextRange,
    /// First and last line of a stage, from 1; of the instruction that names an image.
    pub lines: (u32, u32),
    /// Whether the target needs it.
    pub reachable: bool,
    /// Whether it is what is built.
    pub target: bool,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    /// A stage of the file.
    Stage(StageId),
    /// An image from a registry.
    Image,
    /// A folder given by `--build-context`.
    Folder,
    /// A base or source that is not known, because its line is broken.
    Unknown,
}

/// Why an edge is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum EdgeKind {
    /// FROM
    From,
    /// `COPY --from`
    Copy,
    /// `RUN --mount=from`
    Mount,
}

impl EdgeKind {
    /// The word for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::From => "FROM",
            Self::Copy => "COPY",
            Self::Mount => "mount",
        }
    }
}

/// What leads from one node to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GraphEdge {
    /// What is used.
    pub from: usize,
    /// What uses it.
    pub to: usize,
    /// Why.
    pub kind: EdgeKind,
    /// The first place that says so.
    pub place: TextRange,
    /// Its line, from 1.
    pub line: u32,
    /// The lines of the others.
    pub more: Vec<u32>,
}

impl GraphEdge {
    /// The lines of all places that say so, from 1.
    pub fn lines(&self) -> impl Iterator<Item = u32> {
        std::iter::once(self.line).chain(self.more.iter().copied())
    }
}

/// Size of a node in the units of the picture.
pub const NODE: (i32, i32) = (148, 52);

/// Size of a node for something from outside.
pub const OUTSIDE_NODE: (i32, i32) = (148, 30);

/// The last picture, which does for a graph of the same shape.
#[derive(Debug, Default)]
pub(crate) struct LastPicture(Option<(Shape, Arc<Picture>)>);

impl LastPicture {
    fn of(&mut self, shape: Shape) -> Arc<Picture> {
        if let Some((known, picture)) = &self.0
            && *known == shape
        {
            return Arc::clone(picture);
        }
        let picture = Arc::new(layout(&shape, Spacing::default()));
        self.0 = Some((shape, Arc::clone(&picture)));
        picture
    }
}

impl StageGraph {
    /// Draws what `model` says of `file`.
    pub fn draw(file: &Parse, model: &Model) -> Self {
        Self::draw_again(file, model, &mut LastPicture::default())
    }

    pub(crate) fn draw_again(file: &Parse, model: &Model, last: &mut LastPicture) -> Self {
        let mut graph = Self::default();
        let stages = model.stages();
        // Most stages start from one, and most files from something outside.
        graph.nodes.reserve(stages.len() + 1);
        let needs = stages.iter().map(|stage| stage.dependencies.len());
        graph.edges.reserve(needs.sum());
        for stage in model.stages() {
            graph.nodes.push(stage_node(file, model, stage));
        }
        let mut known = BTreeMap::new();
        for stage in model.stages() {
            // Only edges to this stage can be the same as a further one to it.
            let own = graph.edges.len();
            for dependency in &stage.dependencies {
                let kind = match dependency.kind {
                    DependencyKind::From => EdgeKind::From,
                    DependencyKind::Copy => EdgeKind::Copy,
                    DependencyKind::Mount => EdgeKind::Mount,
                };
                let lines = (dependency.line, dependency.line);
                let range = dependency.range;
                let mut outside = |kind, title: &str| {
                    graph.outside(&mut known, kind, title, range, lines, stage.reachable)
                };
                let from = match &dependency.source {
                    Source::Stage(id) => id.index(),
                    Source::Image(name) => outside(NodeKind::Image, name),
                    Source::Folder(name) => outside(NodeKind::Folder, name),
                    Source::Unknown if !dependency.name.is_empty() => {
                        outside(NodeKind::Unknown, &dependency.name)
                    }
                    Source::Unknown | Source::Scratch => continue,
                };
                graph.edge(own, from, stage.id.index(), kind, range, dependency.line);
            }
        }
        if graph.nodes.len() <= MOST_NODES {
            graph.picture = last.of(graph.shape());
        }
        graph
    }

    fn outside(
        &mut self,
        known: &mut BTreeMap<(NodeKind, String), usize>,
        kind: NodeKind,
        title: &str,
        range: TextRange,
        lines: (u32, u32),
        reachable: bool,
    ) -> usize {
        let next = self.nodes.len();
        let key = (kind.clone(), title.to_owned());
        let at = *known.entry(key).or_insert(next);
        match self.nodes.get_mut(at) {
            Some(node) => node.reachable |= reachable,
            None => self.nodes.push(GraphNode {
                kind,
                title: title.to_owned(),
                subtitle: None,
                range,
                lines,
                reachable,
                target: false,
            }),
        }
        at
    }

    fn edge(
        &mut self,
        own: usize,
        from: usize,
        to: usize,
        kind: EdgeKind,
        range: TextRange,
        line: u32,
    ) {
        let known = self
            .edges
            .iter_mut()
            .skip(own)
            .find(|edge| edge.from == from && edge.to == to && edge.kind == kind);
        match known {
            Some(edge) => edge.more.push(line),
            None => self.edges.push(GraphEdge {
                from,
                to,
                kind,
                place: range,
                line,
                more: Vec::new(),
            }),
        }
    }

    fn shape(&self) -> Shape {
        let nodes = self
            .nodes
            .iter()
            .map(|node| {
                let (width, height) = match node.kind {
                    NodeKind::Stage(_) => NODE,
                    _ => OUTSIDE_NODE,
                };
                Box { width, height }
            })
            .collect();
        // FROM and COPY between the same two nodes run side by side; one place will do.
        let edges = self.edges.iter().map(|edge| (edge.from, edge.to)).collect();
        Shape { nodes, edges }
    }

    /// The node that a line belongs to.
    pub fn node_at_line(&self, line: u32) -> Option<usize> {
        self.nodes.iter().position(|node| {
            matches!(node.kind, NodeKind::Stage(_)) && node.lines.0 <= line && line <= node.lines.1
        })
    }
}

fn stage_node(file: &Parse, model: &Model, stage: &Stage) -> GraphNode {
    let from = file.instructions().get(stage.from);
    let last = model
        .own_instructions(file, stage)
        .last()
        .map(|(_, instruction)| instruction)
        .or(from);
    GraphNode {
        kind: NodeKind::Stage(stage.id),
        title: stage.display_name(),
        subtitle: match &stage.base {
            Base::Scratch => Some("scratch".to_owned()),
            Base::Unknown => Some("?".to_owned()),
            _ => None,
        },
        range: from.map_or(TextRange::empty(0.into()), |from| from.range),
        lines: (
            from.map_or(0, |from| from.lines.first),
            last.map_or(0, |last| last.lines.last),
        ),
        reachable: stage.reachable,
        target: model.target() == Some(stage.id),
    }
}

#[cfg(test)]
mod tests {
    use stagecraft_semantic::{NoImages, Options, analyze};
    use stagecraft_syntax::parse;

    use super::*;

    fn graph(source: &str) -> StageGraph {
        let file = parse(source);
        let model = analyze(&file, &Options::default(), &NoImages);
        StageGraph::draw(&file, &model)
    }

    fn shown(source: &str) -> Vec<String> {
        let graph = graph(source);
        graph
            .edges
            .iter()
            .map(|edge| {
                let title = |at: usize| graph.nodes[at].title.clone();
                format!(
                    "{} {} {} {:?}",
                    title(edge.from),
                    edge.kind.name(),
                    title(edge.to),
                    edge.lines().collect::<Vec<_>>()
                )
            })
            .collect()
    }

    #[test]
    fn stages_images_and_why_they_are_needed_are_drawn() {
        assert_eq!(
            shown(
                "FROM golang:1.22 AS build\nRUN --mount=from=tools,target=/t x\nFROM alpine\n\
                 COPY --from=build /a /a\nCOPY --from=build /b /b\nCOPY --from=nginx /c /c\n"
            ),
            [
                "golang:1.22 FROM build [1]",
                "tools mount build [2]",
                "alpine FROM stage-1 [3]",
                "build COPY stage-1 [4, 5]",
                "nginx COPY stage-1 [6]",
            ]
        );
    }

    #[test]
    fn an_image_that_is_named_twice_is_one_node() {
        let graph = graph("FROM a AS x\nFROM a\nCOPY --from=x / /\n");
        assert_eq!(graph.nodes.len(), 3);
    }

    #[test]
    fn scratch_is_no_node_but_is_said() {
        let graph = graph("FROM scratch\n");
        assert_eq!(graph.nodes.len(), 1);
        assert_eq!(graph.nodes[0].subtitle.as_deref(), Some("scratch"));
    }

    #[test]
    fn a_line_belongs_to_its_stage() {
        let graph = graph("FROM a AS x\nRUN b\n\nFROM c\nRUN d \\\n e\n");
        let at: Vec<_> = (1..=7).map(|line| graph.node_at_line(line)).collect();
        let (x, c) = (Some(0), Some(1));
        assert_eq!(at, [x, x, None, c, c, c, None]);
    }

    #[test]
    fn too_many_stages_are_listed_but_not_drawn() {
        let graph = graph(&"FROM a\n".repeat(MOST_NODES + 1));
        assert_eq!(graph.nodes.len(), MOST_NODES + 2);
        assert!(graph.picture.nodes.is_empty());
    }
}
