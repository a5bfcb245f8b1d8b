use super::{Dialect, Ident};

/// Which parts of a relation name are written in quotes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct QuotePolicy {
    pub database: bool,
    pub schema: bool,
    pub identifier: bool,
}

impl Default for QuotePolicy {
    fn default() -> Self {
        Self { database: true, schema: true, identifier: true }
    }
}

/// The name of a table or view: `"database"."schema"."identifier"`, with parts that may
/// be left out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RelationName {
    pub database: Option<String>,
    pub schema: Option<String>,
    pub identifier: Option<String>,
    pub quoting: QuotePolicy,
    pub dialect: Dialect,
}

impl RelationName {
    /// A whole name, all of it quoted.
    #[must_use]
    pub fn new(dialect: Dialect, database: &str, schema: &str, identifier: &str) -> Self {
        let part = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        Self {
            database: part(database),
            schema: part(schema),
            identifier: part(identifier),
            quoting: QuotePolicy::default(),
            dialect,
        }
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
            match quoted {
                true => f.write_str(&Ident::new(part.as_str()).quoted(self.dialect))?,
                false => f.write_str(part)?,
            }
            dot = ".";
        }
        Ok(())
    }
}
