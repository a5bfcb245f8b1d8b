use super::{Criterion, IndirectSelection};
use crate::text::Span;

/// What a selector means: criteria, put together.
/// See <https://docs.getdbt.com/reference/node-selection/yaml-selectors>.
#[derive(Clone, Debug, PartialEq)]
pub enum Definition {
    Term(Box<Term>),
    /// What any part means, without what `exclude` means.
    Union {
        parts: Vec<Definition>,
        exclude: Vec<Definition>,
    },
    /// What all parts mean, without what `exclude` means.
    Intersection {
        parts: Vec<Definition>,
        exclude: Vec<Definition>,
    },
}

/// One criterion of a definition.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub criterion: Criterion,
    /// Which tests come along; `None` leaves it to the command line.
    pub indirect: Option<IndirectSelection>,
    pub exclude: Vec<Definition>,
    /// Where it is written.
    pub span: Span,
}
