use super::Picture;
use crate::lineage::{Branch, lines};

/// What stands at a node whose branches were shown before.
const ABOVE: &str = "see above";

impl Picture {
    /// Lines of a tree: at the margin what reads nothing that is drawn, below each node those that
    /// read it. What was shown with its branches is not shown with them again, so that the tree
    /// never has more lines than the graph has edges.
    #[must_use]
    pub fn tree(&self, faint: &dyn Fn(&str) -> String) -> Vec<String> {
        let children = self.children();
        let mut is_root = vec![true; self.shapes.len()];
        for edge in &self.edges {
            is_root[edge.to] = false;
        }
        let mut seen = vec![false; self.shapes.len()];
        let mut text = Vec::new();
        for (at, shape) in self.shapes.iter().enumerate().filter(|(at, _)| is_root[*at]) {
            text.push(format!("{}  {}", shape.name, faint(&shape.what)));
            text.extend(lines(&self.branches(at, &children, &mut seen), faint));
        }
        text
    }

    fn branches(&self, at: usize, children: &[Vec<super::Edge>], seen: &mut [bool]) -> Vec<Branch> {
        if std::mem::replace(&mut seen[at], true) {
            return Vec::new();
        }
        let branch = |edge: &super::Edge, seen: &mut [bool]| {
            let shape = &self.shapes[edge.to];
            let is_repeated = seen[edge.to] && !children[edge.to].is_empty();
            let mut remarks = vec![shape.what.as_str()];
            remarks.extend((!edge.is_direct).then_some("through others"));
            remarks.extend(is_repeated.then_some(ABOVE));
            Branch {
                name: shape.name.clone(),
                how: remarks.join(", "),
                branches: self.branches(edge.to, children, seen),
            }
        };
        children[at].iter().map(|edge| branch(edge, seen)).collect()
    }
}
