//! Packages and what each needs, made small: only names that people write are kept, and what never
//! comes alone is added to what it comes with. The format is read by `sizes::packages`.

use anyhow::{Result, ensure};
use std::collections::{BTreeMap, BTreeSet};

/// A package, or several that always come together.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// Whether somebody may ask for it by its name.
    pub(crate) asked: bool,
    /// Bytes; what each is for the table's kind says.
    pub(crate) bytes: [u64; 3],
    /// A mark; what it is for the table's kind says.
    pub(crate) mark: bool,
    /// What it cannot do without.
    pub(crate) hard: BTreeSet<String>,
    /// What is installed with it unless one asks for less.
    pub(crate) soft: BTreeSet<String>,
    /// What it cannot do without, but takes others for: each with the names of those, any of which
    /// will do where somebody asks for it.
    pub(crate) loose: BTreeMap<String, BTreeSet<String>>,
    /// What it works with where that is there, and does without.
    pub(crate) beside: BTreeSet<String>,
}

/// Packages by name.
pub(crate) type Graph = BTreeMap<String, Node>;

/// Edges by number, which is all that making it small needs.
struct Work {
    names: Vec<String>,
    nodes: Vec<Option<Node>>,
    hard: Vec<BTreeSet<usize>>,
    soft: Vec<BTreeSet<usize>>,
    /// These go no way that is looked for: whether they are taken depends on what is asked for.
    loose: Vec<BTreeMap<usize, BTreeSet<usize>>>,
    beside: Vec<BTreeSet<usize>>,
    /// What others may stand for; it is no part of anything.
    apart: Vec<bool>,
}

/// Leaves out what nobody can get at, and joins what always comes together.
pub(crate) fn compact(graph: &Graph) -> Graph {
    let names: Vec<String> = graph.keys().cloned().collect();
    let number: BTreeMap<&str, usize> = names
        .iter()
        .enumerate()
        .map(|(at, name)| (name.as_str(), at))
        .collect();
    let edges = |wanted: fn(&Node) -> &BTreeSet<String>| -> Vec<BTreeSet<usize>> {
        let own = graph.values().map(wanted).enumerate();
        own.map(|(at, needs)| {
            let targets = needs.iter().filter_map(|need| number.get(need.as_str()));
            targets.copied().filter(|target| *target != at).collect()
        })
        .collect()
    };
    let hard = edges(|node| &node.hard);
    let mut soft = edges(|node| &node.soft);
    for (soft, hard) in soft.iter_mut().zip(&hard) {
        soft.retain(|target| !hard.contains(target));
    }
    let numbers = |names: &BTreeSet<String>| -> BTreeSet<usize> {
        let numbers = names.iter().filter_map(|name| number.get(name.as_str()));
        numbers.copied().collect()
    };
    let loose: Vec<BTreeMap<usize, BTreeSet<usize>>> = graph
        .values()
        .map(|node| {
            let needs = node.loose.iter();
            needs
                .filter_map(|(need, others)| Some((*number.get(need.as_str())?, numbers(others))))
                .collect()
        })
        .collect();
    let beside = graph.values().map(|node| numbers(&node.beside)).collect();
    let mut apart = vec![false; names.len()];
    for need in loose.iter().flat_map(BTreeMap::keys) {
        apart[*need] = true;
    }
    let mut work = Work {
        nodes: graph.values().cloned().map(Some).collect(),
        names,
        hard,
        soft,
        loose,
        beside,
        apart,
    };
    work.drop_unreachable();
    work.join_cycles();
    loop {
        work.drop_detours();
        if !work.join_followers() && !work.join_twins() {
            break;
        }
    }
    work.finish()
}

impl Work {
    fn asked(&self, at: usize) -> bool {
        self.nodes[at].as_ref().is_some_and(|node| node.asked)
    }

    /// Whether it has to stay a package of its own.
    fn stays(&self, at: usize) -> bool {
        self.apart[at] || self.asked(at)
    }

    fn alive(&self) -> Vec<usize> {
        (0..self.nodes.len())
            .filter(|&at| self.nodes[at].is_some())
            .collect()
    }

    /// All that `from` leads to, itself only where it leads back.
    fn reach(&self, from: usize) -> BTreeSet<usize> {
        let mut found = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(at) = waiting.pop() {
            waiting.extend(self.hard[at].iter().filter(|target| found.insert(**target)));
        }
        found
    }

    /// Whether there is another way from a package to one that it needs.
    fn has_detour(&self, from: usize, to: usize, soft: bool) -> bool {
        let mut seen = vec![false; self.nodes.len()];
        let mut waiting = vec![from];
        while let Some(at) = waiting.pop() {
            let hard = self.hard[at].iter();
            for &target in hard.chain(self.soft[at].iter().filter(|_| soft)) {
                if (at, target) == (from, to) || seen[target] {
                    continue;
                }
                if target == to {
                    return true;
                }
                seen[target] = true;
                waiting.push(target);
            }
        }
        false
    }

    fn drop_unreachable(&mut self) {
        let mut kept = BTreeSet::new();
        let mut waiting: Vec<usize> = (0..self.nodes.len()).filter(|&at| self.asked(at)).collect();
        while let Some(at) = waiting.pop() {
            if kept.insert(at) {
                waiting.extend(self.hard[at].iter().chain(&self.soft[at]));
                waiting.extend(self.loose[at].keys());
            }
        }
        for at in 0..self.nodes.len() {
            if !kept.contains(&at) {
                self.nodes[at] = None;
                self.hard[at].clear();
                self.soft[at].clear();
                self.loose[at].clear();
            }
        }
    }

    /// Puts `what` into `into`: its bytes, needs, and whoever needs it.
    fn join(&mut self, what: usize, into: usize) {
        let Some(node) = self.nodes[what].take() else {
            return;
        };
        if let Some(target) = &mut self.nodes[into] {
            for (sum, more) in target.bytes.iter_mut().zip(node.bytes) {
                *sum += more;
            }
            target.mark |= node.mark;
        }
        for edges in [&mut self.hard, &mut self.soft] {
            let own = std::mem::take(&mut edges[what]);
            edges[into].extend(own);
            for targets in edges.iter_mut() {
                if targets.remove(&what) {
                    targets.insert(into);
                }
            }
            edges[into].remove(&into);
        }
        let beside = std::mem::take(&mut self.beside[what]);
        self.beside[into].extend(beside);
        // Of two that take others for it, what comes of them takes what both do.
        for (need, others) in std::mem::take(&mut self.loose[what]) {
            let own = self.loose[into]
                .entry(need)
                .or_insert_with(|| others.clone());
            own.retain(|other| others.contains(other));
        }
        for at in 0..self.hard.len() {
            let hard = &self.hard[at];
            self.soft[at].retain(|target| !hard.contains(target) && *target != at);
            self.loose[at].retain(|target, _| !hard.contains(target) && *target != at);
        }
    }

    /// What needs each other comes together.
    fn join_cycles(&mut self) {
        for at in self.alive() {
            if self.nodes[at].is_none() {
                continue;
            }
            let reached = self.reach(at);
            if !reached.contains(&at) {
                continue;
            }
            for other in reached {
                let back = || self.reach(other).contains(&at);
                if other != at && self.nodes[other].is_some() && back() {
                    if !self.stays(other) {
                        self.join(other, at);
                    } else if !self.stays(at) {
                        self.join(at, other);
                        break;
                    }
                }
            }
        }
    }

    /// Takes away edges to what another edge leads to anyway.
    fn drop_detours(&mut self) {
        for at in self.alive() {
            for target in self.hard[at].clone() {
                if self.has_detour(at, target, false) {
                    self.hard[at].remove(&target);
                }
            }
            for target in self.soft[at].clone() {
                if self.has_detour(at, target, true) {
                    self.soft[at].remove(&target);
                }
            }
        }
    }

    /// Who needs it, and whether each can do without.
    fn needed_by(&self) -> Vec<Vec<(usize, bool)>> {
        let mut found = vec![Vec::new(); self.nodes.len()];
        for at in 0..self.nodes.len() {
            for &target in &self.hard[at] {
                found[target].push((at, true));
            }
            for &target in &self.soft[at] {
                found[target].push((at, false));
            }
        }
        found
    }

    /// What nobody asks for and one package alone needs is a part of that one.
    fn join_followers(&mut self) -> bool {
        let mut any = false;
        let needed = self.needed_by();
        for at in self.alive() {
            if let [(by, true)] = needed[at][..]
                && !self.stays(at)
                && self.nodes[by].is_some()
                && by != at
            {
                self.join(at, by);
                any = true;
            }
        }
        any
    }

    /// What nobody asks for and the same packages need comes together.
    fn join_twins(&mut self) -> bool {
        let mut any = false;
        let mut first: BTreeMap<Vec<(usize, bool)>, usize> = BTreeMap::new();
        let needed = self.needed_by();
        for at in self.alive() {
            if self.stays(at) || needed[at].is_empty() {
                continue;
            }
            match first.get(&needed[at]) {
                // One may need the other, through which it then comes alone.
                Some(&other) if needed[at].iter().all(|(by, _)| *by != other && *by != at) => {
                    self.join(at, other);
                    any = true;
                }
                Some(_) => {}
                None => {
                    first.insert(needed[at].clone(), at);
                }
            }
        }
        any
    }

    fn finish(self) -> Graph {
        let name = |set: &BTreeSet<usize>| set.iter().map(|&at| self.names[at].clone()).collect();
        let mut graph = Graph::new();
        for (at, node) in self.nodes.iter().enumerate() {
            if let Some(node) = node {
                let loose = self.loose[at].iter();
                let node = Node {
                    hard: name(&self.hard[at]),
                    soft: name(&self.soft[at]),
                    beside: name(&self.beside[at]),
                    loose: loose
                        .map(|(need, others)| (self.names[*need].clone(), name(others)))
                        .collect(),
                    ..node.clone()
                };
                graph.insert(self.names[at].clone(), node);
            }
        }
        graph
    }
}

/// Bytes in eleven bits, off by less than a hundredth: what `sizes::packages` reads.
pub(crate) fn code(bytes: u64, bits: u32) -> u16 {
    let mut exponent = 0_u64;
    while (bytes >> exponent) >= 128 {
        exponent += 1;
    }
    // Rounded to so many bits behind the first one.
    let unit = 1_u64 << (exponent + 6 - u64::from(bits.min(6))).min(63);
    let rounded = if exponent == 0 {
        bytes
    } else {
        (bytes + unit / 2) / unit * unit
    };
    if rounded >> exponent >= 128 {
        exponent += 1;
    }
    let mantissa = rounded >> exponent;
    let exponent = if mantissa < 64 { 0 } else { exponent + 1 };
    u16::try_from(exponent * 64 + mantissa % 64).unwrap_or(u16::MAX)
}

/// The bytes of all tables: how long the names are and how long each table is, four bytes each; the
/// names of all, sorted, each with a line feed; for each of them a byte of which the first bit is that
/// of the first table, set where the table answers to it; and the tables.
///
/// Names that several tables have stand there once, and near each other: what packs the file looks
/// back 32 kB only.
pub(crate) fn file(tables: &[(Graph, String, [u32; 3])]) -> Result<Vec<u8>> {
    let mut names: BTreeMap<&str, u8> = BTreeMap::new();
    for (at, (graph, ..)) in tables.iter().enumerate() {
        for (name, _) in graph.iter().filter(|(_, node)| node.asked) {
            *names.entry(name).or_default() |= 1 << at;
        }
    }
    let text: String = names.keys().flat_map(|name| [name, "\n"]).collect();
    let mut lengths = vec![text.len()];
    let mut rest = text.into_bytes();
    rest.extend(names.values());
    for (graph, source, bits) in tables {
        let table = encode(graph, source, *bits)?;
        lengths.push(table.len());
        rest.extend(table);
    }
    let mut out = Vec::new();
    for length in lengths {
        out.extend(u32::try_from(length)?.to_le_bytes());
    }
    out.extend(rest);
    Ok(out)
}

/// The bytes of a table.
///
/// `bits` says how exactly each of a node's three numbers is kept: so many bits behind the first.
/// In order: how long the source is, the source (`name`, tab, date); how many nodes, of which the
/// first have names, in their order; the three numbers and the mark, low bytes before high ones, each
/// kind for all nodes; how many hard needs each node has, how many soft ones each has, and of each
/// node both, as the way from one to the next, seven bits a byte; needs that take others: for each the
/// way from the node before, what is needed, how many others there are, and those; where the node
/// itself stands for what is needed, it works with the others but does without.
fn encode(graph: &Graph, source: &str, bits: [u32; 3]) -> Result<Vec<u8>> {
    let mut order: Vec<&String> = graph
        .iter()
        .filter(|(_, node)| node.asked)
        .map(|(name, _)| name)
        .collect();
    order.extend(
        graph
            .iter()
            .filter(|(_, node)| !node.asked)
            .map(|(name, _)| name),
    );
    ensure!(order.len() <= 4096, "{} are too many nodes", order.len());
    let number: BTreeMap<&String, usize> = order
        .iter()
        .enumerate()
        .map(|(at, name)| (*name, at))
        .collect();
    let mut out = Vec::new();
    let short = |out: &mut Vec<u8>, value: usize| -> Result<()> {
        out.extend(u16::try_from(value)?.to_le_bytes());
        Ok(())
    };
    short(&mut out, source.len())?;
    out.extend(source.bytes());
    short(&mut out, order.len())?;
    for (kind, &bits) in bits.iter().enumerate() {
        let codes: Vec<u16> = order
            .iter()
            .map(|name| {
                let node = &graph[*name];
                let mark = if kind == 2 && node.mark { 1 << 15 } else { 0 };
                code(node.bytes[kind], bits) | mark
            })
            .collect();
        out.extend(codes.iter().map(|code| code.to_le_bytes()[0]));
        out.extend(codes.iter().map(|code| code.to_le_bytes()[1]));
    }
    for soft in [false, true] {
        for name in &order {
            let node = &graph[*name];
            let needs = if soft { &node.soft } else { &node.hard };
            varint(&mut out, needs.len());
        }
    }
    for name in &order {
        let node = &graph[*name];
        for list in [&node.hard, &node.soft] {
            let mut targets: Vec<usize> = list.iter().map(|name| number[name]).collect();
            targets.sort_unstable();
            let mut last = 0;
            for target in targets {
                varint(&mut out, target - last);
                last = target;
            }
        }
    }
    let mut before = 0;
    for (at, name) in order.iter().enumerate() {
        let node = &graph[*name];
        let beside = (*name, &node.beside);
        let beside = (!node.beside.is_empty()).then_some(beside);
        for (need, others) in node.loose.iter().chain(beside) {
            varint(&mut out, at - before);
            varint(&mut out, number[need]);
            varint(&mut out, others.len());
            for other in others {
                varint(&mut out, number[other]);
            }
            before = at;
        }
    }
    Ok(out)
}

fn varint(out: &mut Vec<u8>, mut value: usize) {
    loop {
        let low = u8::try_from(value % 128).unwrap_or(0);
        value /= 128;
        if value == 0 {
            out.push(low);
            return;
        }
        out.push(low | 128);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(rows: &[(&str, u64, &str, &str)]) -> Graph {
        let set = |text: &str| text.split_whitespace().map(str::to_owned).collect();
        rows.iter()
            .map(|(name, bytes, hard, soft)| {
                let node = Node {
                    asked: name.starts_with(char::is_uppercase),
                    bytes: [*bytes, 0, 0],
                    mark: false,
                    hard: set(hard),
                    soft: set(soft),
                    loose: BTreeMap::default(),
                    beside: BTreeSet::default(),
                };
                ((*name).to_owned(), node)
            })
            .collect()
    }

    /// What comes with `root`, in bytes.
    fn closure(graph: &Graph, root: &str, soft: bool) -> u64 {
        let mut found = BTreeSet::from([root.to_owned()]);
        let mut waiting = vec![root.to_owned()];
        while let Some(name) = waiting.pop() {
            let node = &graph[&name];
            for need in node.hard.iter().chain(node.soft.iter().filter(|_| soft)) {
                if found.insert(need.clone()) {
                    waiting.push(need.clone());
                }
            }
        }
        found.iter().map(|name| graph[name].bytes[0]).sum()
    }

    #[test]
    fn a_smaller_graph_answers_the_same() {
        let whole = graph(&[
            ("A", 1, "c d", "s"),
            ("B", 2, "d e", ""),
            ("c", 4, "f", ""),
            ("d", 8, "g", ""),
            ("e", 16, "h", "s"),
            ("f", 32, "c", ""),
            ("g", 64, "", ""),
            ("h", 128, "g", ""),
            ("s", 256, "t", ""),
            ("t", 512, "", ""),
            ("nobody", 1024, "A", ""),
        ]);
        let small = compact(&whole);
        for root in ["A", "B"] {
            for soft in [false, true] {
                assert_eq!(
                    closure(&small, root, soft),
                    closure(&whole, root, soft),
                    "{root}"
                );
            }
        }
        assert!(small.len() <= 4, "{:?}", small.keys());
    }

    #[test]
    fn what_takes_others_still_does_when_it_has_become_a_part() {
        let mut whole = graph(&[
            ("A", 1, "b", ""),
            ("b", 2, "", ""),
            ("v2", 4, "w", ""),
            ("w", 8, "", ""),
            ("V1", 16, "", ""),
            ("V3", 32, "v3", ""),
            ("v3", 64, "", ""),
        ]);
        let loose = |others: &[&str]| {
            let others = others.iter().map(|&other| other.to_owned()).collect();
            BTreeMap::from([("v2".to_owned(), others)])
        };
        whole.get_mut("A").unwrap().loose = loose(&["V1", "V3"]);
        whole.get_mut("b").unwrap().loose = loose(&["V1"]);
        whole.get_mut("b").unwrap().beside = ["V3".to_owned()].into();
        let small = compact(&whole);
        // What both take.
        assert_eq!(small["A"].loose, loose(&["V1"]));
        assert_eq!(small["A"].beside, ["V3".to_owned()].into());
        assert_eq!((small["A"].bytes[0], small["A"].hard.len()), (3, 0));
        assert_eq!(small["v2"].bytes[0], 12);
        assert_eq!(small["V3"].bytes[0], 96);
        // Who cannot do without does not take others any longer.
        whole.get_mut("A").unwrap().hard.insert("v2".to_owned());
        let small = compact(&whole);
        assert!(small["A"].loose.is_empty());
        assert_eq!(closure(&small, "A", false), 15);
    }

    #[test]
    fn a_code_is_off_by_less_than_a_hundredth() {
        for bytes in [
            0,
            1,
            63,
            64,
            65,
            127,
            128,
            129,
            1_000,
            99_999,
            123_456_789,
            4_000_000_000,
        ] {
            let code = u64::from(code(bytes, 6));
            let (exponent, mantissa) = (code / 64, code % 64);
            let read = if exponent == 0 {
                mantissa
            } else {
                (64 + mantissa) << (exponent - 1)
            };
            assert!(read.abs_diff(bytes) * 100 <= bytes, "{bytes}: {read}");
        }
        assert!(code(5_000_000_000, 6) < 1 << 11);
    }
}
