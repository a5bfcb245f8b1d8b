use serde::{Deserialize, Serialize};

use crate::text::Span;

/// A place in a file and what is to be seen there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    pub span: Span,
    /// May be empty: then the place alone says it.
    pub text: String,
}
