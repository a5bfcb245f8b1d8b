use std::collections::{HashMap, HashSet};

use crate::sql::tree::TextRange;

/// A term by number: two that are equal have one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct TermId(u32);

/// What a term is. Those of the first part are values, those of the second sets of rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Kind {
    /// A column (label) of rows (child).
    Column,
    Literal,
    Call,
    Cast,
    Unary,
    Binary,
    And,
    Or,
    Not,
    IsNull,
    In,
    Case,
    Subquery,
    Field,
    /// Any other value: the label says which.
    Value,
    Window,
    /// A key of an order: label `desc`, `nulls first`.
    Key,
    /// A column of a query further out: label is how far.
    Outer,
    /// The second and later time that the same rows stand in one FROM.
    Copy,
    /// The same aggregate over rows that have it as a column already.
    Again,
    /// A name that dialects look up in different order: all it may be.
    Either,
    /// The value of a set operation: rows and value of each branch.
    Branches,
    /// All columns of rows that are not known.
    Rest,
    /// Compared as it is written, too.
    Text,

    Table,
    /// SELECT without FROM.
    One,
    Cross,
    Join,
    Filter,
    Group,
    Limit,
    DistinctOn,
    Union,
    SetOperation,
    Recursive,
    /// Any other rows: the label says which.
    Rows,
    /// An order: of the rows below, then keys.
    Order,
    /// No order that one could rely on.
    AnyOrder,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Term {
    pub kind: Kind,
    pub label: Box<str>,
    pub children: Box<[TermId]>,
}

/// All terms of both versions, each kept once.
#[derive(Debug, Default)]
pub(super) struct Terms {
    all: Vec<Term>,
    index: HashMap<Term, TermId>,
    /// Text of the first expression that was found to be the term.
    written: HashMap<TermId, String>,
    /// Terms that are surely numbers.
    numbers: HashSet<TermId>,
}

/// How long a quoted piece of a query may be.
const QUOTED: usize = 80;

impl Terms {
    pub(super) fn add(&mut self, kind: Kind, label: impl Into<Box<str>>, children: Vec<TermId>) -> TermId {
        let term = Term { kind, label: label.into(), children: children.into() };
        if let Some(found) = self.index.get(&term) {
            return *found;
        }
        let id = TermId(u32::try_from(self.all.len()).unwrap_or(u32::MAX));
        self.all.push(term.clone());
        self.index.insert(term, id);
        id
    }

    pub(super) fn get(&self, id: TermId) -> &Term {
        &self.all[id.0 as usize]
    }

    pub(super) fn kind(&self, id: TermId) -> Kind {
        self.get(id).kind
    }

    pub(super) fn label(&self, id: TermId) -> &str {
        &self.get(id).label
    }

    pub(super) fn children(&self, id: TermId) -> &[TermId] {
        &self.get(id).children
    }

    /// Children in an order that does not depend on how they were written, each once.
    pub(super) fn add_set(
        &mut self,
        kind: Kind,
        label: impl Into<Box<str>>,
        mut children: Vec<TermId>,
    ) -> TermId {
        children.sort_unstable();
        children.dedup();
        self.add(kind, label, children)
    }

    /// Remembers the text of a term, on one line, unless it is known already.
    pub(super) fn write_down(&mut self, id: TermId, text: &str, at: TextRange) {
        if self.written.contains_key(&id) {
            return;
        }
        let Some(text) = text.get(at.range()).filter(|text| !text.is_empty()) else { return };
        let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() > QUOTED {
            line = line.chars().take(QUOTED - 1).collect::<String>().trim_end().to_owned() + "…";
        }
        self.written.insert(id, line);
    }

    /// Gives a term a text, unless it has one.
    pub(super) fn write_text(&mut self, id: TermId, text: String) {
        self.written.entry(id).or_insert(text);
    }

    pub(super) fn written(&self, id: TermId) -> Option<&str> {
        self.written.get(&id).map(String::as_str)
    }

    pub(super) fn is_number(&self, id: TermId) -> bool {
        self.numbers.contains(&id)
    }

    pub(super) fn set_number(&mut self, id: TermId) {
        self.numbers.insert(id);
    }

    /// Whether a term is among those below some others, themselves included.
    pub(super) fn is_below(&self, wanted: TermId, roots: impl Iterator<Item = TermId>) -> bool {
        let mut seen = HashSet::new();
        // A term is made after those it is made of.
        let mut open: Vec<TermId> = roots.filter(|root| *root >= wanted && seen.insert(*root)).collect();
        while let Some(id) = open.pop() {
            if id == wanted {
                return true;
            }
            let children = self.children(id).iter().copied();
            open.extend(children.filter(|child| *child >= wanted && seen.insert(*child)));
        }
        false
    }

    /// Whether a value has an aggregate or a window in it.
    pub(super) fn looks_at_many_rows(&self, root: TermId) -> bool {
        // With whether it stands in a query of its own: of that, only what comes from outside
        // looks at the rows here.
        let mut seen = HashSet::from([(root, false)]);
        let mut open = vec![(root, false)];
        while let Some((id, is_inside)) = open.pop() {
            let term = self.get(id);
            let goes_inside = match term.kind {
                Kind::Window | Kind::Again if !is_inside => return true,
                Kind::Call
                    if !is_inside
                        && super::functions::is_aggregate(super::functions::name_of(&term.label)) =>
                {
                    return true;
                }
                Kind::Outer => false,
                Kind::Subquery => true,
                _ => is_inside,
            };
            let children = term.children.iter().map(|child| (*child, goes_inside));
            open.extend(children.filter(|child| seen.insert(*child)));
        }
        false
    }

    /// For every term, what it is without the rows that windows look at.
    pub(super) fn without_window_rows(&mut self) -> Vec<TermId> {
        let mut plain: Vec<TermId> = Vec::with_capacity(self.all.len());
        for at in 0..self.all.len() {
            let term = self.all[at].clone();
            let mut children: Vec<TermId> =
                term.children.iter().map(|child| plain[child.0 as usize]).collect();
            if term.kind == Kind::Window {
                children.pop();
            }
            let id = if children == *term.children {
                TermId(u32::try_from(at).unwrap_or(u32::MAX))
            } else {
                self.add(term.kind, term.label, children)
            };
            plain.push(id);
        }
        plain
    }
}

impl TermId {
    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}
