use serde::{Deserialize, Serialize};

use super::scan::{Lexeme, Scanner};
use super::{Dialect, Ident};

/// Which parts of a relation name are written in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct QuotePolicy {
    pub database: bool,
    pub schema: bool,
    pub identifier: bool,
}

impl QuotePolicy {
    /// What a dialect quotes when nobody says otherwise. Snowflake makes names capital that have
    /// no quotes, and projects write them small.
    /// See <https://docs.getdbt.com/reference/project-configs/quoting>.
    #[must_use]
    pub fn of(dialect: Dialect) -> Self {
        let quotes = !matches!(dialect, Dialect::Snowflake | Dialect::Spark);
        Self { database: quotes, schema: quotes, identifier: quotes }
    }
}

impl Default for QuotePolicy {
    fn default() -> Self {
        Self { database: true, schema: true, identifier: true }
    }
}

/// The name of a table or view: `"database"."schema"."identifier"`, with parts that may
/// be left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct RelationName {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub identifier: Option<String>,
    pub quoting: QuotePolicy,
    pub dialect: Dialect,
}

impl RelationName {
    /// A whole name, quoted as the dialect does by itself. Parts that are empty are left out.
    #[must_use]
    pub fn new(dialect: Dialect, database: &str, schema: &str, identifier: &str) -> Self {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            database: part(database),
            schema: part(schema),
            identifier: part(identifier),
            quoting: QuotePolicy::of(dialect),
            dialect,
        }
    }

    /// Reads a name as SQL writes it: one to three parts with dots between, each bare or
    /// in quotes. `None` for anything else.
    #[must_use]
    pub fn parse(dialect: Dialect, text: &str) -> Option<Self> {
        let mut parts: Vec<(String, bool)> = Vec::new();
        let mut is_part_next = true;
        for (lexeme, range) in Scanner::new(text.trim(), dialect) {
            let piece = &text.trim()[range];
            match lexeme {
                Lexeme::Word if is_part_next => parts.push((piece.to_owned(), false)),
                Lexeme::QuotedName if is_part_next => {
                    parts.push((Ident::unquoted(piece, dialect)?.as_str().to_owned(), true));
                }
                Lexeme::Symbol if piece == "." && !is_part_next => {}
                _ => return None,
            }
            is_part_next = !is_part_next;
        }
        if is_part_next || parts.len() > 3 || parts.iter().any(|(part, _)| part.is_empty()) {
            return None;
        }
        let mut next = || parts.pop().map_or((None, true), |(part, is_quoted)| (Some(part), is_quoted));
        let ((identifier, identifier_quoted), (schema, schema_quoted), (database, database_quoted)) =
            (next(), next(), next());
        let quoting =
            QuotePolicy { database: database_quoted, schema: schema_quoted, identifier: identifier_quoted };
        Some(Self { database, schema, identifier, quoting, dialect })
    }

    /// The same relation by its parts, whatever the case and the quoting: the key under
    /// which relations are the same in the warehouse.
    #[must_use]
    pub fn key(&self) -> (String, String, String) {
        let fold = |part: &Option<String>| part.as_deref().unwrap_or_default().to_lowercase();
        (fold(&self.database), fold(&self.schema), fold(&self.identifier))
    }
}

impl std::fmt::Display for RelationName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts = [
            (&self.database, self.quoting.database),
            (&self.schema, self.quoting.schema),
            (&self.identifier, self.quoting.identifier),
        ];
        let mut dot = "";
        for (part, quoted) in parts {
            let Some(part) = part else { continue };
            f.write_str(dot)?;
            if quoted {
                f.write_str(&Ident::new(part.as_str()).quoted(self.dialect))?;
            } else {
                f.write_str(part)?;
            }
            dot = ".";
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        for text in ["\"a\".\"b\".\"c\"", "main.주문", "\"a.b\".c", "\"say \"\"hi\"\"\"", "x"] {
            let name = RelationName::parse(Dialect::DuckDb, text).unwrap();
            assert_eq!(name.to_string(), text);
        }
        let name = RelationName::parse(Dialect::DuckDb, " shop.\"a \"\".b\" ").unwrap();
        assert_eq!((name.schema.as_deref(), name.identifier.as_deref()), (Some("shop"), Some("a \".b")));
        assert!(!name.quoting.schema && name.quoting.identifier);
    }

    #[test]
    fn what_is_no_name_is_refused() {
        for text in ["", "a.", ".a", "a..b", "a b", "a.b.c.d", "\"a", "\"\"", "'a'", "a -- x"] {
            assert_eq!(RelationName::parse(Dialect::DuckDb, text), None, "{text}");
        }
    }
}
