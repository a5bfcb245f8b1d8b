/// Words that are keywords wherever they stand without a dot beside them and not as an alias:
/// SQL reserves them in every dialect, or their neighbours make them so.
const RESERVED: [&str; 42] = [
    "all",
    "and",
    "as",
    "asc",
    "between",
    "by",
    "case",
    "cross",
    "desc",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "false",
    "from",
    "full",
    "group",
    "having",
    "ilike",
    "in",
    "inner",
    "intersect",
    "is",
    "join",
    "lateral",
    "left",
    "like",
    "limit",
    "natural",
    "not",
    "null",
    "on",
    "or",
    "order",
    "outer",
    "over",
    "partition",
    "qualify",
    "right",
    "select",
    "then",
];

/// The rest of [`RESERVED`].
const MORE: [&str; 7] = ["true", "union", "using", "when", "where", "window", "with"];

/// Keywords that are so only next to another: the word, and the one before or after it.
const PAIRS: [(&str, &str); 26] = [
    ("nulls", "first"),
    ("nulls", "last"),
    ("unbounded", "preceding"),
    ("unbounded", "following"),
    ("current", "row"),
    ("with", "recursive"),
    ("by", "name"),
    ("insert", "into"),
    ("delete", "from"),
    ("positional", "join"),
    ("asof", "join"),
    ("semi", "join"),
    ("anti", "join"),
    ("not", "materialized"),
    ("as", "materialized"),
    ("within", "group"),
    ("rows", "between"),
    ("rows", "unbounded"),
    ("rows", "current"),
    ("range", "between"),
    ("range", "unbounded"),
    ("range", "current"),
    ("groups", "between"),
    ("groups", "unbounded"),
    ("fetch", "first"),
    ("fetch", "next"),
];

/// Words after which a bracket stands apart: `in (…)`.
const APART: [&str; 33] = [
    "in",
    "and",
    "or",
    "not",
    "as",
    "on",
    "using",
    "over",
    "filter",
    "values",
    "when",
    "then",
    "else",
    "case",
    "from",
    "join",
    "where",
    "select",
    "distinct",
    "by",
    "with",
    "union",
    "all",
    "intersect",
    "between",
    "like",
    "ilike",
    "is",
    "group",
    "materialized",
    "having",
    "qualify",
    "limit",
];

/// What a word in small letters is.
pub(super) fn is_reserved(word: &str) -> bool {
    RESERVED.binary_search(&word).is_ok() || MORE.binary_search(&word).is_ok()
}

/// Whether a word in small letters is one that may be written in another case.
pub(super) fn may_change(word: &str) -> bool {
    is_reserved(word)
        || matches!(word, "filter" | "offset" | "preceding" | "following" | "values")
        || PAIRS.iter().any(|(one, two)| *one == word || *two == word)
}

/// Whether a word and the one after it are keywords together.
pub(super) fn is_pair(one: &str, two: &str) -> bool {
    PAIRS.contains(&(one, two))
}

/// Whether there is a space between the word and a bracket that follows.
pub(super) fn stands_apart(word: &str) -> bool {
    APART.contains(&word)
}

/// Whether something has to follow the word: it ends no operand.
pub(super) fn wants_more(word: &str) -> bool {
    is_reserved(word)
        && !matches!(word, "end" | "null" | "true" | "false" | "asc" | "desc" | "all" | "distinct")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_are_sorted() {
        assert!(RESERVED.is_sorted());
        assert!(MORE.is_sorted());
    }
}
