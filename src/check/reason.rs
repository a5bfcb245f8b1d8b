use std::fmt;

use serde::{Deserialize, Serialize};

/// Why something of a node could not be known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Reason {
    pub kind: ReasonKind,
    /// One phrase that goes on where the node's name ends: "asks the warehouse in …".
    pub phrase: String,
}

/// What reasons are counted by.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum ReasonKind {
    /// Its template wants an answer of the warehouse.
    AsksWarehouse,
    /// It reads a relation whose columns nothing tells.
    Undeclared,
    /// It is written in Python.
    Python,
    /// It reads a node that is wrong or not known itself.
    Parent,
    /// It calls what a hook, an extension or a function of the project may have made.
    Outside,
    /// Its SQL is not understood, by us.
    Unreadable,
}

impl Reason {
    #[must_use]
    pub fn new(kind: ReasonKind, phrase: impl Into<String>) -> Self {
        Self { kind, phrase: phrase.into() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.phrase)
    }
}

impl ReasonKind {
    /// What so many nodes do that have a reason of this kind: `3 ask the warehouse`.
    #[must_use]
    pub fn of(self, count: usize) -> String {
        let (one, more) = match self {
            Self::AsksWarehouse => ("asks the warehouse", "ask the warehouse"),
            Self::Undeclared => ("reads undeclared columns", "read undeclared columns"),
            Self::Python => ("is in Python", "are in Python"),
            Self::Parent => ("reads a node that is not known", "read nodes that are not known"),
            Self::Outside => ("needs what is made elsewhere", "need what is made elsewhere"),
            Self::Unreadable => ("cannot be read", "cannot be read"),
        };
        format!("{count} {}", if count == 1 { one } else { more })
    }
}
