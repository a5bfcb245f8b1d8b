use super::Dialect;

/// One part of a name, without quotes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ident(String);

impl Ident {
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Reads a name in the dialect's quotes; `None` when they are not closed.
    #[must_use]
    pub fn unquoted(text: &str, dialect: Dialect) -> Option<Self> {
        let quote = dialect.quote_character();
        let inside = text.strip_prefix(quote)?.strip_suffix(quote)?;
        let singled = inside.replace(&format!("{quote}{quote}"), &quote.to_string());
        Some(Self(singled))
    }

    /// In the dialect's quotes, with quotes inside doubled.
    #[must_use]
    pub fn quoted(&self, dialect: Dialect) -> String {
        let quote = dialect.quote_character();
        let mut quoted = String::with_capacity(self.0.len() + 2);
        quoted.push(quote);
        for (at, piece) in self.0.split(quote).enumerate() {
            if at > 0 {
                quoted.extend([quote, quote]);
            }
            quoted.push_str(piece);
        }
        quoted.push(quote);
        quoted
    }
}

/// A text as a string of SQL, in single quotes.
#[must_use]
pub fn string_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl std::fmt::Display for Ident {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
