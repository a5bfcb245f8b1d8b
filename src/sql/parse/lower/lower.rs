use sqlparser::ast;
use sqlparser::tokenizer::{Span, Token};

use crate::sql::Dialect;
use crate::sql::parse::SyntaxError;
use crate::sql::parse::tokens::{Tokens, bytes};
use crate::sql::tree::{Alias, Expr, ExprKind, Name, Query, TextRange};

pub(super) type Lowered<T> = Result<T, SyntaxError>;

/// Makes our tree of sqlparser's.
#[derive(Debug)]
pub(in crate::sql::parse) struct Lower<'a> {
    pub(super) text: &'a str,
    pub(super) tokens: &'a Tokens,
    pub(super) dialect: Dialect,
    /// Where the last leaf ended.
    pub(super) cursor: usize,
    depth: usize,
}

impl<'a> Lower<'a> {
    pub(in crate::sql::parse) fn new(text: &'a str, tokens: &'a Tokens, dialect: Dialect) -> Self {
        Self { text, tokens, dialect, cursor: 0, depth: 0 }
    }

    /// The query that is the whole text.
    pub(in crate::sql::parse) fn whole(mut self, query: ast::Query) -> Lowered<Query> {
        self.query(query)
    }

    /// Goes `levels` deeper for a while.
    pub(super) fn deeper<T>(
        &mut self,
        levels: usize,
        lower: impl FnOnce(&mut Self) -> Lowered<T>,
    ) -> Lowered<T> {
        if self.depth + levels > Query::MAX_DEPTH {
            return Err(self.error("the query is nested too deeply", self.here()));
        }
        self.depth += levels;
        let lowered = stacker::maybe_grow(256 * 1024, 4 << 20, || lower(self));
        self.depth -= levels;
        lowered
    }

    #[allow(clippy::unused_self)]
    pub(super) fn error(&self, message: &str, at: TextRange) -> SyntaxError {
        SyntaxError { message: message.to_owned(), at }
    }

    /// The place that was reached.
    pub(super) fn here(&self) -> TextRange {
        TextRange::new(self.cursor, self.cursor)
    }

    pub(super) fn slice(&self, at: TextRange) -> &'a str {
        self.text.get(at.range()).unwrap_or_default()
    }

    /// The place of a leaf.
    pub(super) fn leaf(&mut self, span: Span) -> TextRange {
        let at = bytes(span).unwrap_or_else(|| self.here());
        self.cursor = at.end;
        at
    }

    pub(super) fn name(&mut self, ident: ast::Ident) -> Name {
        if bytes(ident.span).is_none() {
            return self.found(ident);
        }
        let mut at = self.leaf(ident.span);
        let is_quoted = ident.quote_style.is_some();
        // A name of several tokens (BigQuery's `my-project`) has the place of the first.
        let end = at.start + ident.value.len();
        if !is_quoted && end > at.end && self.text.get(at.start..end) == Some(&ident.value) {
            at.end = end;
            self.cursor = end;
        }
        Name { text: ident.value, is_quoted, at }
    }

    /// A name whose place sqlparser forgot: it is the next token with that text.
    fn found(&mut self, ident: ast::Ident) -> Name {
        const NEAR: usize = 64;
        // Snowflake's `database..table`.
        if ident.value.is_empty() {
            return Name { text: ident.value, is_quoted: false, at: self.here() };
        }
        let from = self.tokens.after(self.cursor);
        let is_it = |index: &usize| match self.tokens.token(*index) {
            Some(Token::Word(word)) => word.value == ident.value,
            Some(Token::SingleQuotedString(text) | Token::DoubleQuotedString(text)) => *text == ident.value,
            _ => false,
        };
        let index = (from..from + NEAR).find(is_it).unwrap_or(from);
        let at = self.tokens.at(index);
        self.cursor = at.end;
        Name { text: ident.value, is_quoted: ident.quote_style.is_some(), at }
    }

    /// The parts of a name. BigQuery has names whose parts stand in one pair of quotes.
    pub(super) fn names(&mut self, name: ast::ObjectName) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::with_capacity(name.0.len());
        for part in name.0 {
            let name = match part {
                ast::ObjectNamePart::Identifier(ident) => self.name(ident),
                ast::ObjectNamePart::Function(function) => self.name(function.name),
            };
            names.push(name);
        }
        self.split_quotes(&mut names);
        names
    }

    fn split_quotes(&mut self, names: &mut [Name]) {
        let mut first = 0;
        while first < names.len() {
            let at = names[first].at;
            let same = names[first..].iter().take_while(|name| name.is_quoted && name.at == at).count();
            if same > 1 {
                let mut start = at.start + 1;
                for name in &mut names[first..first + same] {
                    let end = start + name.text.len();
                    if self.text.get(start..end) == Some(&name.text) {
                        name.at = TextRange::new(start, end);
                    }
                    start = end + 1;
                }
            }
            first += same.max(1);
        }
    }

    pub(super) fn alias(&mut self, alias: ast::TableAlias) -> Alias {
        let name = self.name(alias.name);
        let columns = alias.columns.into_iter().map(|column| self.name(column.name)).collect();
        Alias { name, columns }
    }

    /// To the end of an alias.
    pub(super) fn through_alias(&self, at: TextRange, alias: Option<&Alias>) -> TextRange {
        match alias {
            Some(Alias { name, columns }) => match columns.first() {
                Some(column) => at.to(name.at).to(self.tokens.enclosing(column.at)),
                None => at.to(name.at),
            },
            None => at,
        }
    }

    /// A call's name and place, from the place of something in its parentheses.
    pub(super) fn around(&self, inner: TextRange) -> (Name, TextRange) {
        let opener = self.tokens.opener(inner);
        let name = opener.and_then(|opener| opener.checked_sub(1));
        let (Some(opener), Some(name)) = (opener, name) else {
            return (self.synthetic("", inner), inner);
        };
        let at = self.tokens.at(name);
        (self.synthetic(self.slice(at), at), at.to(self.tokens.brackets(opener)))
    }

    /// A name that stands for what is written there.
    #[allow(clippy::unused_self)]
    pub(super) fn synthetic(&self, text: &str, at: TextRange) -> Name {
        Name { text: text.to_lowercase(), is_quoted: false, at }
    }

    /// The place of the tokens from `first` up to `end`, that not included.
    pub(super) fn run(&self, first: usize, end: usize) -> TextRange {
        match end.checked_sub(1) {
            Some(last) if last >= first => self.tokens.at(first).to(self.tokens.at(last)),
            _ => TextRange::new(self.tokens.at(first).start, self.tokens.at(first).start),
        }
    }

    /// What the tree has no place for.
    pub(super) fn other(&self, what: &str, parts: Vec<Expr>) -> Expr {
        let at = parts.iter().map(|part| part.at).reduce(TextRange::to).unwrap_or_else(|| self.here());
        Expr::new(ExprKind::Other { what: what.to_owned(), parts }, at)
    }
}
