use std::rc::Rc;

/// A column of a query on the way, a column of an input, or the rows of a query.
pub(super) type Node = usize;

/// How a node takes from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Way {
    Direct,
    Computed,
    Aggregated,
    Condition,
    Filter,
    Group,
    Order,
    /// The rows of one query are what the rows of another let through.
    Rows,
}

/// The ways in which one column of an input takes part in a node, as bits.
pub(super) type Ways = u8;

pub(super) const DIRECT: Ways = 1;
pub(super) const COMPUTED: Ways = 2;
pub(super) const AGGREGATED: Ways = 4;
pub(super) const CONDITION: Ways = 8;
pub(super) const FILTER: Ways = 16;
pub(super) const GROUP: Ways = 32;
pub(super) const ORDER: Ways = 64;

/// Columns of inputs by number, in order, each with its ways.
pub(super) type Leaves = Rc<Vec<(usize, Ways)>>;

/// Who takes from whom: every column of every query in the text, with edges to the columns
/// one step before it. Lineage is read off at the end, so that a CTE is followed once, however
/// often it is read, and a recursive one is no special case but a circle.
#[derive(Debug, Default)]
pub(super) struct Flow {
    edges: Vec<Vec<(Node, Way)>>,
    /// By node: which column of an input it is.
    leaf: Vec<Option<usize>>,
    leaves: Vec<(usize, Rc<str>)>,
}

impl Way {
    /// The way of what stands inside of something that is itself taken in this way:
    /// the rules of [`How`](super::How).
    pub fn then(self, inner: Way) -> Way {
        match (self, inner) {
            (Way::Aggregated, Way::Direct | Way::Computed)
            | (Way::Computed | Way::Aggregated, Way::Aggregated) => Way::Aggregated,
            (Way::Computed, Way::Direct) => Way::Computed,
            (Way::Direct | Way::Computed | Way::Aggregated, inner) => inner,
            (outer, _) => outer,
        }
    }

    /// What the ways of a node become for who takes from it in this way.
    fn of(self, inner: Ways) -> Ways {
        let or_nothing = |ways: Ways, bit: Ways| if ways == 0 { 0 } else { bit };
        match self {
            Way::Direct | Way::Rows => inner,
            Way::Computed => {
                (inner & (COMPUTED | AGGREGATED | CONDITION)) | or_nothing(inner & DIRECT, COMPUTED)
            }
            Way::Aggregated => {
                (inner & CONDITION) | or_nothing(inner & (DIRECT | COMPUTED | AGGREGATED), AGGREGATED)
            }
            Way::Condition => or_nothing(inner, CONDITION),
            Way::Filter => or_nothing(inner, FILTER),
            Way::Group => or_nothing(inner, GROUP),
            Way::Order => or_nothing(inner, ORDER),
        }
    }
}

impl Flow {
    pub fn add(&mut self, edges: Vec<(Node, Way)>) -> Node {
        self.edges.push(Vec::new());
        self.leaf.push(None);
        let node = self.edges.len() - 1;
        self.extend(node, edges);
        node
    }

    pub fn extend(&mut self, node: Node, mut edges: Vec<(Node, Way)>) {
        let to = &mut self.edges[node];
        to.append(&mut edges);
        to.sort_unstable();
        to.dedup();
    }

    /// A column of an input.
    pub fn add_leaf(&mut self, input: usize, column: Rc<str>) -> Node {
        let node = self.add(Vec::new());
        self.leaf[node] = Some(self.leaves.len());
        self.leaves.push((input, column));
        node
    }

    /// Input and name of a leaf by its number.
    pub fn leaf(&self, leaf: usize) -> (usize, &Rc<str>) {
        let (input, column) = &self.leaves[leaf];
        (*input, column)
    }

    /// Columns of inputs that are live, in the order they were met.
    pub fn live_leaves(&self, live: &[bool]) -> Vec<(usize, String)> {
        let is_live = |(node, leaf): (usize, &Option<usize>)| leaf.filter(|_| live[node]);
        let leaves = self.leaf.iter().enumerate().filter_map(is_live);
        leaves.map(|leaf| (self.leaves[leaf].0, self.leaves[leaf].1.to_string())).collect()
    }

    /// By node, whether one of `roots` is made of it.
    pub fn live(&self, roots: &[Node]) -> Vec<bool> {
        let mut live = vec![false; self.edges.len()];
        let mut left = roots.to_vec();
        while let Some(node) = left.pop() {
            if !std::mem::replace(&mut live[node], true) {
                left.extend(self.edges[node].iter().map(|(to, _)| *to));
            }
        }
        live
    }

    /// By node, the columns of inputs it is made of; only of those that are `live`.
    pub fn solve(&self, live: &[bool]) -> Vec<Leaves> {
        let nothing: Leaves = Rc::new(Vec::new());
        let mut solved = vec![Rc::clone(&nothing); self.edges.len()];
        // A node is younger than what it takes from, but for the circles of recursive CTEs.
        let has_circles = (0..self.edges.len())
            .any(|node| live[node] && self.edges[node].last().is_some_and(|(to, _)| *to >= node));
        loop {
            let mut is_changed = false;
            for node in 0..self.edges.len() {
                if live[node] {
                    let found = self.gather(node, &solved);
                    is_changed |= *found != *solved[node];
                    solved[node] = found;
                }
            }
            if !is_changed || !has_circles {
                return solved;
            }
        }
    }

    fn gather(&self, node: Node, solved: &[Leaves]) -> Leaves {
        if let Some(leaf) = self.leaf[node] {
            return Rc::new(vec![(leaf, DIRECT)]);
        }
        if let [(to, Way::Direct | Way::Rows)] = self.edges[node][..] {
            return Rc::clone(&solved[to]);
        }
        let mut all: Vec<(usize, Ways)> = Vec::new();
        for (to, way) in &self.edges[node] {
            all.extend(solved[*to].iter().map(|(leaf, ways)| (*leaf, way.of(*ways))));
        }
        all.sort_unstable();
        all.dedup_by(|next, kept| {
            let is_same = next.0 == kept.0;
            if is_same {
                kept.1 |= next.1;
            }
            is_same
        });
        all.retain(|(_, ways)| *ways != 0);
        Rc::new(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn circles_come_to_an_end() {
        let mut flow = Flow::default();
        let leaf = flow.add_leaf(0, "n".into());
        let first = flow.add(vec![(leaf, Way::Direct)]);
        let next = flow.add(vec![(first, Way::Computed)]);
        flow.extend(first, vec![(next, Way::Direct)]);
        let live = flow.live(&[first]);
        assert_eq!(*flow.solve(&live)[first], vec![(0, DIRECT | COMPUTED)]);
    }

    #[test]
    fn a_condition_stays_one_and_an_aggregate_wins_over_what_is_computed() {
        assert_eq!(Way::Computed.then(Way::Aggregated), Way::Aggregated);
        assert_eq!(Way::Aggregated.then(Way::Computed), Way::Aggregated);
        assert_eq!(Way::Condition.then(Way::Aggregated), Way::Condition);
        assert_eq!(Way::Aggregated.then(Way::Condition), Way::Condition);
        assert_eq!(Way::Filter.then(Way::Condition), Way::Filter);
        assert_eq!(Way::Computed.of(DIRECT | CONDITION), COMPUTED | CONDITION);
        assert_eq!(Way::Direct.of(AGGREGATED), AGGREGATED);
    }
}
