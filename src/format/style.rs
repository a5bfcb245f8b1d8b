/// How keywords are written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum KeywordCase {
    #[default]
    Lower,
    Upper,
    /// As they are.
    Keep,
}

/// Where the commas of a list stand that takes several lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Commas {
    /// At the end of a line.
    #[default]
    Trailing,
    /// At the beginning of the next.
    Leading,
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Contents {
    /// A query: a model, a test. Macros in it stay as they are.
    #[default]
    Query,
    /// Macros, whose bodies are laid out too, where nothing looks at their white space.
    Macros,
}

/// What formatted SQL looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Style {
    /// Lines are broken where they would be longer, in columns.
    pub line_length: usize,
    pub keyword_case: KeywordCase,
    pub commas: Commas,
    /// Spaces to a level.
    pub indent: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { line_length: 100, keyword_case: KeywordCase::Lower, commas: Commas::Trailing, indent: 4 }
    }
}

impl KeywordCase {
    /// All words that name one.
    pub const NAMES: [&'static str; 3] = ["lower", "upper", "keep"];

    /// The one of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "lower" => Some(Self::Lower),
            "upper" => Some(Self::Upper),
            "keep" => Some(Self::Keep),
            _ => None,
        }
    }
}

impl Commas {
    /// All words that name one.
    pub const NAMES: [&'static str; 2] = ["trailing", "leading"];

    /// The one of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        match name {
            "trailing" => Some(Self::Trailing),
            "leading" => Some(Self::Leading),
            _ => None,
        }
    }
}
