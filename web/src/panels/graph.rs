//! The stage graph.

use std::rc::Rc;

use stagecraft_engine::graph::{
    EdgeKind, GraphEdge, GraphNode, NODE, NodeKind, OUTSIDE_NODE, StageGraph,
};
use stagecraft_engine::layout::Point;
use yew::prelude::*;

use crate::components::{Icon, Sign};

/// Properties of [`GraphPanel`].
#[derive(Properties)]
pub(crate) struct GraphPanelProps {
    /// The graph.
    pub graph: Rc<StageGraph>,
    /// Whether it is that of an earlier text.
    pub stale: bool,
    /// The cursor's line, from 1.
    pub line: u32,
    /// Goes to a place, in bytes.
    pub onreveal: Callback<u32>,
}

impl PartialEq for GraphPanelProps {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.graph, &other.graph)
            && self.stale == other.stale
            && self.line == other.line
    }
}

/// Room around the picture, for lines and marks that reach beyond the nodes.
const MARGIN: i32 = 10;

/// The picture is not drawn larger than this many pixels a unit.
const LARGEST: i32 = 1;

/// The stages as a picture, and as a list for those who listen.
#[component]
pub(crate) fn GraphPanel(props: &GraphPanelProps) -> Html {
    let graph = &props.graph;
    let stages = graph
        .nodes
        .iter()
        .filter(|node| matches!(node.kind, NodeKind::Stage(_)));
    let (all, built) = stages.fold((0, 0), |(all, built), node| {
        (all + 1, built + usize::from(node.reachable))
    });
    let note = match (all, built) {
        _ if props.stale => "as it was when the text could last be read".to_owned(),
        (0, _) => String::new(),
        (1, 1) => "1 stage".to_owned(),
        (all, built) if all == built => format!("{all} stages, all built"),
        (all, built) => format!("{all} stages, {built} built"),
    };
    html! {
        <section class={classes!("panel", "graph", props.stale.then_some("is-stale"))} id="graph" tabindex="-1" aria-labelledby="graph-title">
            <header class="panel__head">
                <h2 id="graph-title">{ "Stages" }</h2>
                <p class="panel__note">{ note }</p>
            </header>
            if graph.nodes.is_empty() {
                <p class="panel__empty">{ "A stage starts with FROM." }</p>
            } else if graph.picture.nodes.is_empty() {
                <p class="panel__empty">{ format!("{} stages and images are too many to draw.", graph.nodes.len()) }</p>
            } else {
                { picture(props) }
                { legend(graph) }
                { outline(graph) }
            }
        </section>
    }
}

fn picture(props: &GraphPanelProps) -> Html {
    let graph = &props.graph;
    let picture = &graph.picture;
    let (width, height) = (picture.width + 2 * MARGIN, picture.height + 2 * MARGIN);
    let view = format!("{} {} {width} {height}", -MARGIN, -MARGIN);
    let here = graph.node_at_line(props.line);
    html! {
        <div class="graph__frame">
            <svg class="graph__picture" viewBox={view} width={(width * LARGEST).to_string()} height={(height * LARGEST).to_string()} role="group" aria-label="Stage graph">
                <defs>
                    <marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto-start-reverse" markerUnits="userSpaceOnUse">
                        <path d="M0 .5 7.5 4 0 7.5z" class="graph__arrow" />
                    </marker>
                    <marker id="open-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto-start-reverse" markerUnits="userSpaceOnUse">
                        <path d="M1 1 7 4 1 7" class="graph__open-arrow" />
                    </marker>
                    <marker id="round" viewBox="0 0 8 8" refX="6" refY="4" markerWidth="7" markerHeight="7" orient="auto" markerUnits="userSpaceOnUse">
                        <circle cx="4" cy="4" r="2.75" class="graph__round" />
                    </marker>
                </defs>
                { for graph.edges.iter().zip(&picture.edges).enumerate().map(|(at, (edge, points))| draw_edge(props, at, edge, points)) }
                { for graph.nodes.iter().zip(&picture.nodes).enumerate().map(|(at, (node, &place))| draw_node(props, at, node, place, here == Some(at))) }
            </svg>
        </div>
    }
}

fn draw_edge(props: &GraphPanelProps, at: usize, edge: &GraphEdge, points: &[Point]) -> Html {
    let graph = &props.graph;
    let kind = match edge.kind {
        EdgeKind::From => "is-from",
        EdgeKind::Copy => "is-copy",
        EdgeKind::Mount => "is-mount",
    };
    let built = graph.nodes.get(edge.to).is_some_and(|node| node.reachable);
    let here = edge.lines().any(|line| line == props.line);
    // FROM and COPY between the same stages must not lie on each other.
    let parallel = graph
        .edges
        .iter()
        .take(at)
        .filter(|other| (other.from, other.to) == (edge.from, edge.to))
        .count();
    let shift = i32::try_from(parallel).unwrap_or(0) * 12;
    let marker = match edge.kind {
        EdgeKind::From => "url(#arrow)",
        EdgeKind::Copy => "url(#open-arrow)",
        EdgeKind::Mount => "url(#round)",
    };
    let onclick = {
        let onreveal = props.onreveal.clone();
        let place = u32::from(edge.place.start());
        Callback::from(move |_: MouseEvent| onreveal.emit(place))
    };
    html! {
        <g key={format!("edge-{at}")} class={classes!("edge", kind, (!built).then_some("is-skipped"), here.then_some("is-here"))} {onclick}>
            <path class="edge__reach" d={curve(points, shift)} />
            <path class="edge__line" d={curve(points, shift)} marker-end={marker} />
        </g>
    }
}

/// A line through all points that leaves and arrives upright.
fn curve(points: &[Point], shift: i32) -> String {
    use std::fmt::Write as _;
    let mut out = String::new();
    let mut last: Option<Point> = None;
    for point in points {
        let x = point.x + shift;
        let _ = match last {
            None => write!(out, "M{x} {}", point.y),
            Some(from) => {
                let middle = i32::midpoint(from.y, point.y);
                write!(out, "C{} {middle} {x} {middle} {x} {}", from.x, point.y)
            }
        };
        last = Some(Point { x, y: point.y });
    }
    out
}

fn draw_node(
    props: &GraphPanelProps,
    at: usize,
    node: &GraphNode,
    place: Point,
    here: bool,
) -> Html {
    let is_stage = matches!(node.kind, NodeKind::Stage(_));
    let (width, height) = if is_stage { NODE } else { OUTSIDE_NODE };
    let kind = match node.kind {
        NodeKind::Stage(_) => "is-stage",
        NodeKind::Image => "is-image",
        NodeKind::Folder => "is-folder",
        NodeKind::Unknown => "is-unknown",
    };
    let offset = u32::from(node.range.start());
    let onclick = {
        let onreveal = props.onreveal.clone();
        Callback::from(move |_: MouseEvent| onreveal.emit(offset))
    };
    let onkeydown = {
        let onreveal = props.onreveal.clone();
        Callback::from(move |event: KeyboardEvent| {
            if matches!(event.key().as_str(), "Enter" | " ") {
                event.prevent_default();
                onreveal.emit(offset);
            }
        })
    };
    let most = if is_stage { 15 } else { 17 };
    let title = shortened(&node.title, most);
    let mut label = describe(node);
    // What is seen comes first in what is heard, so that it can be asked for by voice.
    if is_stage {
        label = format!("{title} {}: {label}", note(node));
    } else {
        label = format!("{title}: {label}");
    }
    let classes = classes!(
        "node",
        kind,
        (!node.reachable).then_some("is-skipped"),
        node.target.then_some("is-target"),
        here.then_some("is-here")
    );
    let title_y = if is_stage { 22 } else { height / 2 };
    html! {
        <g key={format!("node-{at}")} class={classes} transform={format!("translate({} {})", place.x, place.y)} role="button" tabindex="0" aria-label={label.clone()} {onclick} {onkeydown}>
            <rect class="node__box" width={width.to_string()} height={height.to_string()} rx={if is_stage { "6" } else { "15" }} />
            if node.target {
                <path class="node__flag" d="M0 6a6 6 0 0 1 6-6h4v52h-4a6 6 0 0 1-6-6z" />
            }
            <text class="node__title" x={if is_stage { "18" } else { "14" }} y={title_y.to_string()} dominant-baseline="central">{ title }</text>
            if is_stage {
                <text class="node__note" x="18" y="38" dominant-baseline="central">{ " " }{ note(node) }</text>
            }
        </g>
    }
}

/// What is said below the name of a stage.
fn note(node: &GraphNode) -> String {
    if !node.reachable {
        return "not built".to_owned();
    }
    let scratch = node.subtitle.as_deref().map(|base| format!("from {base}"));
    match (node.target, scratch) {
        (true, Some(base)) => format!("the image, {base}"),
        (true, None) => "the image".to_owned(),
        (false, Some(base)) => base,
        (false, None) => format!("line {}", node.lines.0),
    }
}

/// A node in words.
fn describe(node: &GraphNode) -> String {
    let what = match node.kind {
        NodeKind::Stage(_) => "Stage",
        NodeKind::Image => "Image",
        NodeKind::Folder => "Folder",
        NodeKind::Unknown => "Unknown base",
    };
    let state = match (&node.kind, node.target, node.reachable) {
        (NodeKind::Stage(_), true, _) => ", the image that is built",
        (NodeKind::Stage(_), false, true) => ", built",
        (NodeKind::Stage(_), false, false) => ", not built",
        _ => "",
    };
    format!("{what} {}{state}, line {}", node.title, node.lines.0)
}

/// Text that fits; what is left out is in the middle, as both ends of a name tell more.
fn shortened(text: &str, most: usize) -> String {
    let count = text.chars().count();
    if count <= most {
        return text.to_owned();
    }
    let head: String = text.chars().take(most / 2).collect();
    let tail: String = text.chars().skip(count - (most - most / 2 - 1)).collect();
    format!("{head}…{tail}")
}

fn legend(graph: &StageGraph) -> Html {
    let has = |kind| graph.edges.iter().any(|edge| edge.kind == kind);
    let entry = |kind: EdgeKind, class: &'static str, text: &'static str| {
        has(kind).then(|| {
            html! {
                <li class={classes!("edge", class)}>
                    <svg viewBox="0 0 30 10" width="30" height="10" aria-hidden="true">
                        <path class="edge__line" d="M1 5H27" marker-end={match kind {
                            EdgeKind::From => "url(#arrow)",
                            EdgeKind::Copy => "url(#open-arrow)",
                            EdgeKind::Mount => "url(#round)",
                        }} />
                    </svg>
                    { text }
                </li>
            }
        })
    };
    html! {
        <ul class="graph__legend">
            { entry(EdgeKind::From, "is-from", "starts from") }
            { entry(EdgeKind::Copy, "is-copy", "copies files") }
            { entry(EdgeKind::Mount, "is-mount", "mounts") }
            if graph.nodes.iter().any(|node| node.target) {
                <li><Icon sign={Sign::Flag} />{ "built" }</li>
            }
        </ul>
    }
}

/// The same for those who listen.
fn outline(graph: &StageGraph) -> Html {
    let title = |at: usize| graph.nodes.get(at).map_or("", |node| node.title.as_str());
    html! {
        <ol class="for-listeners" aria-label="Stages in words">
            { for graph.nodes.iter().enumerate().filter(|(_, node)| matches!(node.kind, NodeKind::Stage(_))).map(|(at, node)| {
                let needs: Vec<String> = graph
                    .edges
                    .iter()
                    .filter(|edge| edge.to == at)
                    .map(|edge| match edge.kind {
                        EdgeKind::From => format!("starts from {}", title(edge.from)),
                        EdgeKind::Copy => format!("copies from {}", title(edge.from)),
                        EdgeKind::Mount => format!("mounts {}", title(edge.from)),
                    })
                    .collect();
                html! { <li key={at}>{ format!("{}: {}", describe(node), needs.join(", ")) }</li> }
            }) }
        </ol>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_names_are_cut_in_the_middle() {
        assert_eq!(shortened("golang:1.22", 17), "golang:1.22");
        let long = shortened("mcr.example/dotnet/aspnet:8.0-alpine", 17);
        assert_eq!(long, "mcr.exam…0-alpine");
        assert_eq!(long.chars().count(), 17);
    }

    #[test]
    fn lines_leave_and_arrive_upright() {
        let points = [Point { x: 5, y: 0 }, Point { x: 9, y: 40 }];
        assert_eq!(curve(&points, 0), "M5 0C5 20 9 20 9 40");
    }
}
