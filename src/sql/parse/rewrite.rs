use sqlparser::tokenizer::{Token, TokenWithSpan, Whitespace};

use super::tokens::Tokens;
use crate::sql::Dialect;

/// Takes out of the tokens what sqlparser does not read and the tree has no need of, or finds
/// among the tokens by itself. Places stay those of the text.
pub(super) fn rewrite(cut: Vec<TokenWithSpan>, tokens: &Tokens, dialect: Dialect) -> Vec<TokenWithSpan> {
    let mut places = Vec::with_capacity(tokens.len());
    for (place, token) in cut.iter().enumerate() {
        if !matches!(token.token, Token::Whitespace(_) | Token::EOF) {
            places.push(place);
        }
    }
    let mut rewriter = Rewriter { cut, places, tokens, dialect, put_in: Vec::new() };
    for index in 0..tokens.len() {
        rewriter.common(index);
        match dialect {
            Dialect::DuckDb => rewriter.duckdb(index),
            Dialect::Postgres | Dialect::Redshift => rewriter.postgres(index),
            Dialect::BigQuery => rewriter.bigquery(index),
            Dialect::Spark | Dialect::Databricks => rewriter.spark(index),
            Dialect::Snowflake => {}
        }
    }
    rewriter.finished()
}

struct Rewriter<'a> {
    cut: Vec<TokenWithSpan>,
    /// Where in `cut` a token is that is no space.
    places: Vec<usize>,
    tokens: &'a Tokens,
    dialect: Dialect,
    /// Tokens that come before a place in `cut`.
    put_in: Vec<(usize, Vec<TokenWithSpan>)>,
}

impl Rewriter<'_> {
    fn drop(&mut self, range: std::ops::Range<usize>) {
        for index in range {
            if let Some(place) = self.places.get(index) {
                self.cut[*place].token = Token::Whitespace(Whitespace::Space);
            }
        }
    }

    fn replace(&mut self, index: usize, token: Token) {
        if let Some(place) = self.places.get(index) {
            self.cut[*place].token = token;
        }
    }

    fn words(&self, index: usize, words: &[&str]) -> bool {
        words.iter().enumerate().all(|(i, word)| self.tokens.is_word(index + i, word))
    }

    /// The token before.
    fn previous(&self, index: usize) -> Option<&Token> {
        self.tokens.token(index.checked_sub(1)?)
    }

    fn follows_word(&self, index: usize, word: &str) -> bool {
        index > 0 && self.tokens.is_word(index - 1, word)
    }

    /// Whether an operand ends before `index`.
    fn follows_operand(&self, index: usize) -> bool {
        matches!(
            self.previous(index),
            Some(
                Token::Word(_)
                    | Token::Number(..)
                    | Token::RParen
                    | Token::RBracket
                    | Token::SingleQuotedString(_)
                    | Token::DoubleQuotedString(_)
            )
        ) && !["select", "as", "by", "where", "and", "or", "not", "when", "then", "else", "distinct", "on"]
            .iter()
            .any(|word| self.follows_word(index, word))
    }

    /// Whether an expression begins at `index`, being the first of a list.
    fn begins_item(&self, index: usize) -> bool {
        matches!(self.previous(index), Some(Token::LParen | Token::Comma))
            || self.follows_word(index, "select")
            || self.follows_word(index, "distinct")
    }

    fn common(&mut self, index: usize) {
        if let Some(Token::EscapedStringLiteral(text)) = self.tokens.token(index)
            && self.dialect != Dialect::Postgres
        {
            self.replace(index, Token::SingleQuotedString(text.clone()));
        }
        let Some(word) = self.tokens.word(index).map(str::to_lowercase) else { return };
        match word.as_str() {
            "exclude" => {
                let length = [&["current", "row"][..], &["no", "others"], &["group"], &["ties"]]
                    .into_iter()
                    .find(|words| self.words(index + 1, words))
                    .map(<[_]>::len);
                if let Some(length) = length
                    && self.tokens.is(index + 1 + length, &Token::RParen)
                {
                    self.drop(index..index + 1 + length);
                }
            }
            "materialized"
                if self.dialect != Dialect::Postgres && self.tokens.is(index + 1, &Token::LParen) =>
            {
                if self.follows_word(index, "as") {
                    self.drop(index..index + 1);
                } else if self.follows_word(index, "not") && index > 1 && self.tokens.is_word(index - 2, "as")
                {
                    self.drop(index - 1..index + 1);
                }
            }
            "symmetric" if self.follows_word(index, "between") => self.drop(index..index + 1),
            "distinct"
                if self.follows_word(index, "by") && index > 1 && self.tokens.is_word(index - 2, "group") =>
            {
                self.drop(index..index + 1);
            }
            _ => {}
        }
    }

    fn duckdb(&mut self, index: usize) {
        match self.tokens.token(index) {
            Some(Token::Mul) => {
                let is_power = self.tokens.is(index + 1, &Token::Mul)
                    && self.tokens.at(index).end == self.tokens.at(index + 1).start;
                if is_power {
                    self.replace(index, Token::Caret);
                    self.drop(index + 1..index + 2);
                } else if self.begins_item(index)
                    && self.tokens.is_word(index + 1, "columns")
                    && self.tokens.is(index + 2, &Token::LParen)
                {
                    self.drop(index..index + 1);
                } else if self.begins_item(index) || matches!(self.previous(index), Some(Token::Period)) {
                    let end = self.tokens.after_star_pattern(index + 1);
                    self.drop(index + 1..end);
                }
            }
            Some(Token::Sharp) => {
                if let Some(Token::Number(number, _)) = self.tokens.token(index + 1) {
                    self.replace(index, Token::Placeholder(format!("#{number}")));
                    self.drop(index + 1..index + 2);
                }
            }
            Some(Token::Mod) if index > 1 && self.tokens.is_word(index - 2, "limit") => {
                self.drop(index..index + 1);
            }
            Some(Token::Word(word)) if word.quote_style.is_none() => {
                let word = word.value.to_lowercase();
                self.duckdb_word(index, &word);
            }
            _ => {}
        }
    }

    fn duckdb_word(&mut self, index: usize, word: &str) {
        match word {
            "asof" => {
                let joins = (index + 1..index + 4).any(|next| self.tokens.is_word(next, "join"));
                if joins && self.tokens.word(index + 1).is_some() {
                    self.drop(index..index + 1);
                }
            }
            "positional" if self.tokens.is_word(index + 1, "join") => {
                self.replace(index, Token::make_keyword("CROSS"));
            }
            "glob" if self.follows_operand(index) && !self.tokens.is(index + 1, &Token::LParen) => {
                self.replace(index, Token::make_keyword("LIKE"));
            }
            "percent" if index > 1 && self.tokens.is_word(index - 2, "limit") => self.drop(index..index + 1),
            "using" if self.tokens.is_word(index + 1, "key") && self.tokens.is(index + 2, &Token::LParen) => {
                if let Some(closer) = self.tokens.partner(index + 2) {
                    self.drop(index..closer + 1);
                }
            }
            "using" if self.tokens.is_word(index + 1, "sample") => {
                let end = self.after_sample(index + 2);
                self.drop(index..end);
            }
            "from" => self.select_of_from(index),
            _ => {}
        }
    }

    /// The token after `10%`, `10 ROWS`, `reservoir(10) REPEATABLE (1)`.
    fn after_sample(&self, index: usize) -> usize {
        let mut next = index;
        while self.tokens.is(next, &Token::Mod)
            || matches!(self.tokens.token(next), Some(Token::Number(..)))
            || self
                .tokens
                .is_any_word(next, &["percent", "rows", "reservoir", "bernoulli", "system", "repeatable"])
        {
            next += 1;
        }
        match self.tokens.partner(next) {
            Some(closer) if closer > next => self.after_sample(closer + 1),
            _ => next,
        }
    }

    /// Whether the bracket closes the last CTE of a WITH.
    fn ends_ctes(&self, closer: usize) -> bool {
        let mut next = closer;
        // Back over `, name AS (…)`.
        loop {
            let Some(mut before) = self.tokens.partner(next).and_then(|opener| opener.checked_sub(1)) else {
                return false;
            };
            while before > 0 && self.tokens.is_any_word(before, &["materialized", "not"]) {
                before -= 1;
            }
            if !self.tokens.is_word(before, "as") || before < 2 {
                return false;
            }
            before -= 1;
            if let Some(opener) = self.tokens.partner(before) {
                before = opener.saturating_sub(1);
            }
            let Some(before_name) = before.checked_sub(1) else { return false };
            if self.tokens.is_any_word(before_name, &["with", "recursive"]) {
                return true;
            }
            match (self.tokens.is(before_name, &Token::Comma), before_name.checked_sub(1)) {
                (true, Some(closer)) => next = closer,
                _ => return false,
            }
        }
    }

    /// `FROM t WHERE …` without SELECT gets one.
    fn select_of_from(&mut self, index: usize) {
        let parent = self.tokens.parent(index);
        let is_first = match index.checked_sub(1) {
            None => true,
            Some(before) => {
                parent == Some(before)
                    || self.tokens.is_any_word(before, &["union", "all", "except", "intersect", "name"])
                    || self.tokens.is(before, &Token::RParen) && self.ends_ctes(before)
            }
        };
        if !is_first {
            return;
        }
        let mut next = index + 1;
        while next < self.tokens.len() && self.tokens.parent(next) == parent {
            if self.tokens.is_any_word(next, &["where", "group", "having", "qualify", "window"]) {
                let span = self.cut[self.places[index]].span;
                let token = |token| TokenWithSpan { token, span };
                let select = vec![token(Token::make_keyword("SELECT")), token(Token::Mul)];
                self.put_in.push((self.places[next], select));
                return;
            }
            if self.tokens.is_any_word(next, &["select", "union", "except", "intersect", "order", "limit"])
                || self.tokens.is(next, &Token::RParen)
            {
                return;
            }
            next = self.tokens.partner(next).filter(|closer| *closer > next).unwrap_or(next) + 1;
        }
    }

    fn postgres(&mut self, index: usize) {
        let Some(word) = self.tokens.word(index).map(str::to_lowercase) else { return };
        match word.as_str() {
            "variadic" if matches!(self.previous(index), Some(Token::LParen | Token::Comma)) => {
                self.drop(index..index + 1);
            }
            "approximate" if self.tokens.is(index + 2, &Token::LParen) => self.drop(index..index + 1),
            // `f(x) AS (a int, b text)`: the alias is the function's name.
            "as" if matches!(self.previous(index), Some(Token::RParen))
                && self.tokens.is(index + 1, &Token::LParen)
                && self.tokens.word(index + 2).is_some_and(|word| !begins_query(word))
                && matches!(self.tokens.token(index + 3), Some(Token::Word(_))) =>
            {
                let name = self.tokens.partner(index - 1).and_then(|opener| opener.checked_sub(1));
                if let Some(name) = name.and_then(|name| self.tokens.word(name)) {
                    let name = Token::make_word(name, None);
                    self.replace(index, name);
                }
            }
            _ => {}
        }
    }

    fn bigquery(&mut self, index: usize) {
        if self.tokens.is_word(index, "safe")
            && self.tokens.is(index + 1, &Token::Period)
            && self.tokens.is(index + 3, &Token::LParen)
            && !matches!(self.previous(index), Some(Token::Period))
        {
            self.drop(index..index + 2);
        }
    }

    fn spark(&mut self, index: usize) {
        if self.tokens.is_word(index, "div") && self.follows_operand(index) {
            let begins_operand = matches!(
                self.tokens.token(index + 1),
                Some(Token::Word(_) | Token::Number(..) | Token::LParen | Token::Minus)
            );
            if begins_operand && !self.tokens.is_word(index + 1, "from") {
                self.replace(index, Token::Mod);
            }
        }
    }

    fn finished(self) -> Vec<TokenWithSpan> {
        let Self { cut, put_in, .. } = self;
        if put_in.is_empty() {
            return cut;
        }
        let mut made = Vec::with_capacity(cut.len() + 2 * put_in.len());
        let mut put_in = put_in.into_iter().peekable();
        for (place, token) in cut.into_iter().enumerate() {
            if let Some((_, tokens)) = put_in.next_if(|(before, _)| *before == place) {
                made.extend(tokens);
            }
            made.push(token);
        }
        made
    }
}

/// Whether a query begins with the word.
fn begins_query(word: &str) -> bool {
    ["select", "with", "values", "from", "table"].iter().any(|begins| begins.eq_ignore_ascii_case(word))
}
