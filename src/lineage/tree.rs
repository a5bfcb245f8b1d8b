use std::collections::HashSet;

use super::{ColumnGraph, ColumnId, Names};
use crate::analyze::How;
use crate::manifest::{Manifest, NodeId, ResourceType};

/// A line of a lineage, and what hangs on it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Branch {
    /// `stg_orders.amount`, or a node.
    pub name: String,
    /// `copied`, `filter`, or a remark.
    pub how: String,
    pub branches: Vec<Branch>,
}

/// How far to go, and what to show.
#[derive(Clone, Copy, Debug)]
pub struct Reach {
    pub depth: Option<usize>,
    /// Also columns that decide which rows there are.
    pub with_rows: bool,
}

/// Makes trees of the graph. What was shown with its branches is not shown with them again, so
/// that a tree is never larger than the graph.
pub struct Trees<'a> {
    pub manifest: &'a Manifest,
    pub graph: &'a ColumnGraph,
    pub names: &'a Names<'a>,
    pub reach: Reach,
}

/// How far a tree goes when nothing was said: further than anybody reads, and not too far for
/// what walks it.
const FAR: usize = 300;

/// What stands at what was shown before.
const ABOVE: &str = "see above";

impl Trees<'_> {
    fn column_name(&self, column: ColumnId) -> String {
        format!("{}.{}", self.names.shown(self.graph.node(column)), self.graph.name(column))
    }

    fn goes_on(&self, depth: usize) -> bool {
        depth < self.reach.depth.unwrap_or(FAR).min(FAR)
    }

    /// What a column is made of.
    #[must_use]
    pub fn upstream(&self, column: ColumnId) -> Vec<Branch> {
        self.above(column, 0, &mut HashSet::new(), &mut HashSet::new())
    }

    /// The columns that decide which rows a node has.
    #[must_use]
    pub fn rows_of(&self, node: &NodeId) -> Vec<Branch> {
        self.deciding(node, 0, &mut HashSet::new(), &mut HashSet::new())
    }

    fn above(
        &self,
        column: ColumnId,
        depth: usize,
        seen: &mut HashSet<ColumnId>,
        rows_seen: &mut HashSet<NodeId>,
    ) -> Vec<Branch> {
        if !self.goes_on(depth) {
            return Vec::new();
        }
        let mut branches = Vec::new();
        for edge in self.graph.made_of(column) {
            branches.push(self.branch_above(edge.column, edge.how, depth, seen, rows_seen));
        }
        let node = self.graph.node(column).clone();
        if branches.is_empty() && !self.graph.has_lineage(&node) {
            branches.extend(self.parents_of_unknown(&node));
        }
        if self.reach.with_rows {
            branches.extend(self.deciding(&node, depth, seen, rows_seen));
        }
        branches
    }

    fn deciding(
        &self,
        node: &NodeId,
        depth: usize,
        seen: &mut HashSet<ColumnId>,
        rows_seen: &mut HashSet<NodeId>,
    ) -> Vec<Branch> {
        if !rows_seen.insert(node.clone()) || !self.goes_on(depth) {
            return Vec::new();
        }
        let edges = self.graph.decided_by(node);
        edges.iter().map(|edge| self.branch_above(edge.column, edge.how, depth, seen, rows_seen)).collect()
    }

    fn branch_above(
        &self,
        column: ColumnId,
        how: How,
        depth: usize,
        seen: &mut HashSet<ColumnId>,
        rows_seen: &mut HashSet<NodeId>,
    ) -> Branch {
        let is_new = seen.insert(column);
        let branches = if is_new { self.above(column, depth + 1, seen, rows_seen) } else { Vec::new() };
        let has_more = !is_new && !self.graph.made_of(column).is_empty() && self.goes_on(depth + 1);
        Branch { name: self.column_name(column), how: words(how, has_more), branches }
    }

    /// The nodes that one of which nothing is known reads.
    fn parents_of_unknown(&self, id: &NodeId) -> Vec<Branch> {
        let Some(node) = self.manifest.node(id) else { return Vec::new() };
        let branch = |parent: &NodeId| Branch {
            name: self.names.shown(parent),
            how: "what is made of it is not known".to_owned(),
            branches: Vec::new(),
        };
        node.depends_on.iter().filter(|parent| self.is_shown(parent)).map(branch).collect()
    }

    /// What is made of a column.
    #[must_use]
    pub fn downstream(&self, column: ColumnId) -> Vec<Branch> {
        self.below(column, 0, &mut HashSet::new())
    }

    fn below(&self, column: ColumnId, depth: usize, seen: &mut HashSet<ColumnId>) -> Vec<Branch> {
        if !self.goes_on(depth) {
            return Vec::new();
        }
        let mut branches = Vec::new();
        for edge in self.graph.makes(column) {
            if !self.is_shown(self.graph.node(edge.column)) {
                continue;
            }
            let is_new = seen.insert(edge.column);
            let below = if is_new { self.below(edge.column, depth + 1, seen) } else { Vec::new() };
            let has_more = !is_new && !self.graph.makes(edge.column).is_empty() && self.goes_on(depth + 1);
            let name = self.column_name(edge.column);
            branches.push(Branch { name, how: words(edge.how, has_more), branches: below });
        }
        if self.reach.with_rows {
            branches.extend(self.graph.decides(column).iter().filter(|edge| self.is_shown(&edge.node)).map(
                |edge| Branch {
                    name: self.names.shown(&edge.node),
                    how: format!("{}, all its rows", edge.how.name()),
                    branches: Vec::new(),
                },
            ));
        }
        branches.extend(self.readers_as_a_whole(self.graph.node(column)));
        branches
    }

    /// What reads a node and has no columns, or none that are known.
    fn readers_as_a_whole(&self, node: &NodeId) -> Vec<Branch> {
        let children = self.manifest.graph.children(node);
        let whole = children.iter().filter(|child| self.is_shown(child) && !self.graph.has_lineage(child));
        whole
            .map(|child| Branch {
                name: self.names.shown(child),
                how: self.remark(child),
                branches: Vec::new(),
            })
            .collect()
    }

    fn remark(&self, id: &NodeId) -> String {
        match self.manifest.node(id).map(|node| node.resource_type) {
            Some(ResourceType::Model | ResourceType::Snapshot | ResourceType::Seed) => {
                "what it makes of it is not known".to_owned()
            }
            _ => "reads the whole".to_owned(),
        }
    }

    /// The nodes that read a node, and those that read them.
    #[must_use]
    pub fn readers(&self, node: &NodeId) -> Vec<Branch> {
        self.readers_below(node, 0, &mut HashSet::new())
    }

    fn readers_below(&self, node: &NodeId, depth: usize, seen: &mut HashSet<NodeId>) -> Vec<Branch> {
        if !self.goes_on(depth) {
            return Vec::new();
        }
        let children = self.manifest.graph.children(node);
        let children = children.into_iter().filter(|child| self.is_shown(child));
        children
            .map(|child| {
                let is_new = seen.insert(child.clone());
                let branches = if is_new { self.readers_below(&child, depth + 1, seen) } else { Vec::new() };
                let has_more = !is_new && !self.manifest.graph.children(&child).is_empty();
                let how = if has_more { ABOVE.to_owned() } else { String::new() };
                Branch { name: self.names.shown(&child), how, branches }
            })
            .collect()
    }

    /// Tests and operations are no ends of a lineage.
    fn is_shown(&self, id: &NodeId) -> bool {
        self.manifest.node(id).is_some_and(|node| {
            !matches!(
                node.resource_type,
                ResourceType::Test
                    | ResourceType::UnitTest
                    | ResourceType::Operation
                    | ResourceType::Analysis
                    | ResourceType::Function
                    | ResourceType::SqlOperation
            )
        })
    }
}

fn words(how: How, was_shown: bool) -> String {
    if was_shown { format!("{}, {ABOVE}", how.name()) } else { how.name().to_owned() }
}

/// Branches as lines of text; `faint` is how remarks look.
#[must_use]
pub fn lines(branches: &[Branch], faint: &dyn Fn(&str) -> String) -> Vec<String> {
    let mut lines = Vec::new();
    // A list in place of recursion: lineages may be deep.
    let mut open: Vec<(&Branch, String, bool)> = Vec::new();
    let push = |branches: &'_ [Branch], before: &str| -> Vec<(usize, String, bool)> {
        let last = branches.len().saturating_sub(1);
        (0..branches.len()).rev().map(|at| (at, before.to_owned(), at == last)).collect()
    };
    for (at, before, is_last) in push(branches, "") {
        open.push((&branches[at], before, is_last));
    }
    while let Some((branch, before, is_last)) = open.pop() {
        let (corner, below) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        let how = if branch.how.is_empty() { String::new() } else { format!("  {}", faint(&branch.how)) };
        lines.push(format!("{}{}{how}", faint(&format!("{before}{corner}")), branch.name));
        let before = format!("{before}{below}");
        for (at, before, is_last) in push(&branch.branches, &before) {
            open.push((&branch.branches[at], before, is_last));
        }
    }
    lines
}
