use std::ops::Range;

use super::expression::{Arguments, Expression, ExpressionKind as Kind, Identifier};
use super::syntax_error::SyntaxError;
use super::token::{Token, TokenKind};

/// How deep expressions may nest: minijinja stops at about four times as many brackets.
const DEPTH: usize = 36;

/// How many operators, filters or lookups may stand in a row.
const LENGTH: usize = 400;

/// Reads the expressions of one tag by the grammar of Jinja2.
pub(super) struct ExpressionParser<'a> {
    text: &'a str,
    tokens: &'a [Token],
    at: usize,
    /// Where the tag ends: the place of complaints about what is missing.
    end: Range<usize>,
    depth: usize,
}

type Parsed = Result<Expression, SyntaxError>;

impl<'a> ExpressionParser<'a> {
    pub(super) fn new(text: &'a str, tokens: &'a [Token], end: Range<usize>) -> Self {
        Self { text, tokens, at: 0, end, depth: 0 }
    }

    fn slice(&self, at: &Range<usize>) -> &'a str {
        &self.text[at.clone()]
    }

    fn peek(&self) -> Option<&'a Token> {
        self.tokens.get(self.at)
    }

    pub(super) fn is_done(&self) -> bool {
        self.at >= self.tokens.len()
    }

    /// The place of the next token, or of the end.
    pub(super) fn place(&self) -> Range<usize> {
        self.peek().map_or_else(|| self.end.clone(), |token| token.at.clone())
    }

    fn start(&self) -> usize {
        self.place().start
    }

    fn previous_end(&self) -> usize {
        self.at.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(self.end.start, |token| token.at.end)
    }

    pub(super) fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Some(Token { kind: TokenKind::Symbol(found), .. }) if *found == symbol)
    }

    fn symbol_after(&self, ahead: usize, symbol: &str) -> bool {
        matches!(self.tokens.get(self.at + ahead),
            Some(Token { kind: TokenKind::Symbol(found), .. }) if *found == symbol)
    }

    pub(super) fn skip_symbol(&mut self, symbol: &str) -> bool {
        let found = self.is_symbol(symbol);
        self.at += usize::from(found);
        found
    }

    pub(super) fn is_word(&self, word: &str) -> bool {
        self.word() == Some(word)
    }

    /// The next token, if it is a name.
    pub(super) fn word(&self) -> Option<&'a str> {
        match self.peek() {
            Some(Token { kind: TokenKind::Name, at }) => Some(self.slice(at)),
            _ => None,
        }
    }

    pub(super) fn skip_word(&mut self, word: &str) -> bool {
        let found = self.is_word(word);
        self.at += usize::from(found);
        found
    }

    /// What stands at the cursor, for messages.
    pub(super) fn found(&self) -> String {
        match self.peek() {
            Some(token) => format!("`{}`", self.slice(&token.at)),
            None => "the end of the tag".to_owned(),
        }
    }

    pub(super) fn unexpected(&self, wanted: &str) -> SyntaxError {
        SyntaxError::new(self.place(), format!("expected {wanted}, found {}", self.found()))
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Result<(), SyntaxError> {
        if self.skip_symbol(symbol) { Ok(()) } else { Err(self.unexpected(&format!("`{symbol}`"))) }
    }

    pub(super) fn identifier(&mut self, wanted: &str) -> Result<Identifier, SyntaxError> {
        match self.peek() {
            Some(Token { kind: TokenKind::Name, at }) => {
                self.at += 1;
                Ok(Identifier { name: self.slice(at).to_owned(), at: at.clone() })
            }
            _ => Err(self.unexpected(wanted)),
        }
    }

    /// Fails unless everything was read.
    pub(super) fn finish(&self) -> Result<(), SyntaxError> {
        let Some(token) = self.peek() else { return Ok(()) };
        let error = SyntaxError::new(self.place(), format!("unexpected {}", self.found()));
        Err(match &token.kind {
            TokenKind::Symbol("=") => {
                error.help("to compare, write `==`; to set a variable, use `{% set … %}`")
            }
            TokenKind::Symbol("&") => error.help("write `and`"),
            TokenKind::Symbol("!") => error.help("write `not`"),
            TokenKind::Name | TokenKind::Text(_) | TokenKind::Integer(_) | TokenKind::Float(_) => {
                error.help("an operator or a comma seems to be missing before it")
            }
            TokenKind::Symbol(_) => error,
        })
    }

    /// An expression, or several with commas between: a tuple.
    pub(super) fn tuple(&mut self) -> Parsed {
        self.tuple_until(&[])
    }

    /// As [`tuple`](Self::tuple), without `a if b`, ended by one of the words.
    pub(super) fn tuple_until(&mut self, words: &[&str]) -> Parsed {
        let start = self.start();
        let mut items = Vec::new();
        let mut is_tuple = false;
        loop {
            let ended = self.is_done() || self.word().is_some_and(|word| words.contains(&word));
            if is_tuple && (ended || self.is_symbol(")") || self.is_symbol("]") || self.is_symbol(":")) {
                break;
            }
            items.push(if words.is_empty() { self.expression()? } else { self.or()? });
            if !self.skip_symbol(",") {
                break;
            }
            is_tuple = true;
        }
        match items.pop() {
            Some(only) if !is_tuple && items.is_empty() => Ok(only),
            last => {
                items.extend(last);
                Ok(Expression::new(Kind::Tuple(items), start..self.previous_end()))
            }
        }
    }

    pub(super) fn expression(&mut self) -> Parsed {
        self.nested(Self::conditional)
    }

    fn conditional(&mut self) -> Parsed {
        let start = self.start();
        let mut then = self.or()?;
        let mut links = 0;
        while self.skip_word("if") {
            self.link(&mut links)?;
            let test = Box::new(self.or()?);
            let otherwise =
                if self.skip_word("else") { Some(Box::new(self.nested(Self::conditional)?)) } else { None };
            let kind = Kind::Conditional { then: Box::new(then), test, otherwise };
            then = Expression::new(kind, start..self.previous_end());
        }
        Ok(then)
    }

    fn nested(&mut self, parse: fn(&mut Self) -> Parsed) -> Parsed {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err(SyntaxError::new(self.place(), "this expression is nested too deeply")
                .help("take it apart with `{% set … %}`"));
        }
        let result = stacker::maybe_grow(128 * 1024, 1024 * 1024, || parse(self));
        self.depth -= 1;
        result
    }

    /// Counts links of a chain.
    fn link(&self, links: &mut usize) -> Result<(), SyntaxError> {
        *links += 1;
        if *links <= LENGTH {
            return Ok(());
        }
        Err(SyntaxError::new(self.place(), "this expression is too long")
            .help("take it apart with `{% set … %}`"))
    }

    fn or(&mut self) -> Parsed {
        let start = self.start();
        let mut left = self.and()?;
        let mut links = 0;
        while self.skip_word("or") {
            self.link(&mut links)?;
            let right = self.and()?;
            left = Expression::new(Kind::Or(Box::new(left), Box::new(right)), start..self.previous_end());
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed {
        let start = self.start();
        let mut left = self.not()?;
        let mut links = 0;
        while self.skip_word("and") {
            self.link(&mut links)?;
            let right = self.not()?;
            left = Expression::new(Kind::And(Box::new(left), Box::new(right)), start..self.previous_end());
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed {
        let start = self.start();
        if self.skip_word("not") {
            let operand = self.nested(Self::not)?;
            return Ok(Expression::new(Kind::Not(Box::new(operand)), start..self.previous_end()));
        }
        self.compare()
    }

    fn compare(&mut self) -> Parsed {
        let start = self.start();
        let first = self.sum()?;
        let mut rest = Vec::new();
        loop {
            let operator = match self.peek().map(|token| &token.kind) {
                Some(TokenKind::Symbol(symbol @ ("==" | "!=" | "<" | "<=" | ">" | ">="))) => *symbol,
                Some(TokenKind::Name) if self.is_word("in") => "in",
                Some(TokenKind::Name) if self.is_word("not") && self.second_word("in") => {
                    self.at += 1;
                    "not in"
                }
                _ => break,
            };
            self.at += 1;
            rest.push((operator, self.sum()?));
        }
        if rest.is_empty() {
            return Ok(first);
        }
        Ok(Expression::new(Kind::Compare(Box::new(first), rest), start..self.previous_end()))
    }

    fn second_word(&self, word: &str) -> bool {
        matches!(self.tokens.get(self.at + 1), Some(Token { kind: TokenKind::Name, at }) if self.slice(at) == word)
    }

    /// Operands of `operand` joined by one of `operators`, from the left.
    fn arithmetic(&mut self, operators: &[&'static str], operand: fn(&mut Self) -> Parsed) -> Parsed {
        let start = self.start();
        let mut left = operand(self)?;
        let mut links = 0;
        while let Some(operator) = operators.iter().find(|operator| self.is_symbol(operator)) {
            self.link(&mut links)?;
            self.at += 1;
            let right = operand(self)?;
            let kind = Kind::Arithmetic(Box::new(left), operator, Box::new(right));
            left = Expression::new(kind, start..self.previous_end());
        }
        Ok(left)
    }

    fn sum(&mut self) -> Parsed {
        self.arithmetic(&["+", "-"], Self::concatenation)
    }

    fn concatenation(&mut self) -> Parsed {
        let start = self.start();
        let first = self.product()?;
        if !self.is_symbol("~") {
            return Ok(first);
        }
        let mut items = vec![first];
        while self.skip_symbol("~") {
            items.push(self.product()?);
        }
        Ok(Expression::new(Kind::Concatenate(items), start..self.previous_end()))
    }

    fn product(&mut self) -> Parsed {
        self.arithmetic(&["*", "//", "/", "%"], Self::power)
    }

    fn power(&mut self) -> Parsed {
        self.arithmetic(&["**"], |parser| parser.signed(true))
    }

    /// A sign binds tighter than filters: `-x|abs` is `(-x)|abs`.
    fn signed(&mut self, with_filters: bool) -> Parsed {
        let start = self.start();
        let sign = ['-', '+'].into_iter().find(|sign| self.is_symbol(sign.encode_utf8(&mut [0; 4])));
        let mut value = if let Some(sign) = sign {
            self.at += 1;
            let operand = self.nested(|parser| parser.signed(false))?;
            Expression::new(Kind::Sign(sign, Box::new(operand)), start..self.previous_end())
        } else {
            self.primary()?
        };
        value = self.postfix(value, start)?;
        if with_filters { self.filters(value, start) } else { Ok(value) }
    }

    fn primary(&mut self) -> Parsed {
        let Some(token) = self.peek() else { return Err(self.unexpected("an expression")) };
        let at = token.at.clone();
        let kind = match &token.kind {
            TokenKind::Name => match self.slice(&at) {
                "true" | "True" => Kind::Bool(true),
                "false" | "False" => Kind::Bool(false),
                "none" | "None" => Kind::None,
                name @ ("and" | "or" | "in" | "is" | "if" | "else" | "elif") => {
                    return Err(self.unexpected("an expression").help(format!("`{name}` cannot begin one")));
                }
                name => Kind::Name(name.to_owned()),
            },
            TokenKind::Integer(digits) => Kind::Integer(digits.clone()),
            TokenKind::Float(digits) => Kind::Float(digits.clone()),
            TokenKind::Text(_) => return Ok(self.texts()),
            TokenKind::Symbol("(") => return self.parenthesized(),
            TokenKind::Symbol("[") => {
                self.at += 1;
                let items = self.list_of("]", Self::expression)?;
                return Ok(Expression::new(Kind::List(items), at.start..self.previous_end()));
            }
            TokenKind::Symbol("{") => {
                self.at += 1;
                let mut pairs = Vec::new();
                while !self.skip_symbol("}") {
                    if !pairs.is_empty() {
                        self.expect_symbol(",")?;
                        if self.skip_symbol("}") {
                            break;
                        }
                    }
                    let key = self.expression()?;
                    self.expect_symbol(":")?;
                    pairs.push((key, self.expression()?));
                }
                return Ok(Expression::new(Kind::Dict(pairs), at.start..self.previous_end()));
            }
            TokenKind::Symbol(_) => return Err(self.unexpected("an expression")),
        };
        self.at += 1;
        Ok(Expression::new(kind, at))
    }

    /// String literals side by side are one.
    fn texts(&mut self) -> Expression {
        let start = self.start();
        let mut text = String::new();
        while let Some(Token { kind: TokenKind::Text(part), .. }) = self.peek() {
            text.push_str(part);
            self.at += 1;
        }
        Expression::new(Kind::Text(text), start..self.previous_end())
    }

    fn parenthesized(&mut self) -> Parsed {
        let start = self.start();
        self.at += 1;
        if self.skip_symbol(")") {
            return Ok(Expression::new(Kind::Tuple(Vec::new()), start..self.previous_end()));
        }
        let mut inner = self.tuple()?;
        self.expect_symbol(")")?;
        inner.at = start..self.previous_end();
        Ok(inner)
    }

    fn list_of<T>(
        &mut self,
        close: &str,
        item: fn(&mut Self) -> Result<T, SyntaxError>,
    ) -> Result<Vec<T>, SyntaxError> {
        let mut items = Vec::new();
        while !self.skip_symbol(close) {
            if !items.is_empty() {
                self.expect_symbol(",")?;
                if self.skip_symbol(close) {
                    break;
                }
            }
            items.push(item(self)?);
        }
        Ok(items)
    }

    fn postfix(&mut self, mut value: Expression, start: usize) -> Parsed {
        let mut links = 0;
        loop {
            self.link(&mut links)?;
            let kind = if self.is_symbol("(") {
                let arguments = self.arguments()?;
                Kind::Call(Box::new(value), arguments)
            } else if self.skip_symbol(".") {
                match self.peek() {
                    Some(Token { kind: TokenKind::Integer(digits), at }) => {
                        self.at += 1;
                        let index = Expression::new(Kind::Integer(digits.clone()), at.clone());
                        Kind::Item(Box::new(value), Box::new(index))
                    }
                    // `x.0.1` is read as `x.` and the number `0.1`.
                    Some(Token { kind: TokenKind::Float(digits), at }) if digits.contains('.') => {
                        self.at += 1;
                        let (first, second) = digits.split_once('.').unwrap_or((digits, "0"));
                        let index = |digits: &str| {
                            Box::new(Expression::new(Kind::Integer(digits.to_owned()), at.clone()))
                        };
                        let inner = Kind::Item(Box::new(value), index(first));
                        Kind::Item(Box::new(Expression::new(inner, start..at.end)), index(second))
                    }
                    _ => Kind::Attribute(Box::new(value), self.identifier("a name after `.`")?),
                }
            } else if self.skip_symbol("[") {
                let kind = self.subscript(value)?;
                self.expect_symbol("]")?;
                kind
            } else {
                return Ok(value);
            };
            value = Expression::new(kind, start..self.previous_end());
        }
    }

    fn subscript(&mut self, value: Expression) -> Result<Kind, SyntaxError> {
        if self.is_symbol("]") {
            return Err(self.unexpected("an index"));
        }
        let first = if self.is_symbol(":") { None } else { Some(Box::new(self.tuple()?)) };
        match first {
            Some(index) if !self.is_symbol(":") => Ok(Kind::Item(Box::new(value), index)),
            first => {
                let mut bounds = [first, None, None];
                for bound in bounds.iter_mut().skip(1) {
                    if !self.skip_symbol(":") {
                        break;
                    }
                    if !self.is_symbol(":") && !self.is_symbol("]") {
                        *bound = Some(Box::new(self.expression()?));
                    }
                }
                Ok(Kind::Slice(Box::new(value), bounds))
            }
        }
    }

    pub(super) fn arguments(&mut self) -> Result<Arguments, SyntaxError> {
        let mut arguments = Arguments::default();
        let mut any = false;
        self.expect_symbol("(")?;
        while !self.skip_symbol(")") {
            if any {
                self.expect_symbol(",")?;
                if self.skip_symbol(")") {
                    break;
                }
            }
            any = true;
            let place = self.place();
            if self.skip_symbol("**") {
                arguments.double_star = Some(Box::new(self.expression()?));
            } else if self.skip_symbol("*") {
                arguments.star = Some(Box::new(self.expression()?));
            } else if self.word().is_some() && self.symbol_after(1, "=") {
                let name = self.identifier("a name")?;
                self.at += 1;
                if arguments.keywords.iter().any(|(other, _)| other.name == name.name) {
                    return Err(SyntaxError::new(
                        name.at,
                        format!("the argument `{}` is given twice", name.name),
                    ));
                }
                arguments.keywords.push((name, self.expression()?));
            } else {
                if !arguments.keywords.is_empty() || arguments.double_star.is_some() {
                    return Err(SyntaxError::new(
                        place,
                        "an argument without a name follows one with a name",
                    )
                    .help("put positional arguments first, or name this one too"));
                }
                arguments.positional.push(self.expression()?);
            }
        }
        Ok(arguments)
    }

    fn filters(&mut self, mut value: Expression, start: usize) -> Parsed {
        let mut links = 0;
        loop {
            self.link(&mut links)?;
            let kind = if self.skip_symbol("|") {
                let name = self.dotted_identifier("the name of a filter")?;
                let arguments = if self.is_symbol("(") { self.arguments()? } else { Arguments::default() };
                Kind::Filter(Some(Box::new(value)), name, arguments)
            } else if self.skip_word("is") {
                self.test(value, start)?
            } else if self.is_symbol("(") {
                Kind::Call(Box::new(value), self.arguments()?)
            } else {
                return Ok(value);
            };
            value = Expression::new(kind, start..self.previous_end());
        }
    }

    /// `| a | b(1)` of `{% filter %}` and `{% set x | … %}`: filters of what the block holds.
    pub(super) fn filter_chain(&mut self) -> Parsed {
        let start = self.start();
        let mut chain: Option<Expression> = None;
        loop {
            let name = self.dotted_identifier("the name of a filter")?;
            let arguments = if self.is_symbol("(") { self.arguments()? } else { Arguments::default() };
            let link = Expression::new(
                Kind::Filter(chain.map(Box::new), name, arguments),
                start..self.previous_end(),
            );
            if !self.skip_symbol("|") {
                return Ok(link);
            }
            chain = Some(link);
        }
    }

    fn dotted_identifier(&mut self, wanted: &str) -> Result<Identifier, SyntaxError> {
        let mut name = self.identifier(wanted)?;
        while self.skip_symbol(".") {
            let part = self.identifier(wanted)?;
            name.name = format!("{}.{}", name.name, part.name);
            name.at.end = part.at.end;
        }
        Ok(name)
    }

    fn test(&mut self, value: Expression, start: usize) -> Result<Kind, SyntaxError> {
        let is_negated = self.skip_word("not");
        let name = self.dotted_identifier("the name of a test")?;
        let takes_argument = match self.peek().map(|token| &token.kind) {
            Some(TokenKind::Name) => {
                !matches!(self.word(), Some("else" | "or" | "and" | "is" | "if" | "not" | "in"))
            }
            Some(TokenKind::Text(_) | TokenKind::Integer(_) | TokenKind::Float(_)) => true,
            Some(TokenKind::Symbol(symbol)) => matches!(*symbol, "[" | "{"),
            None => false,
        };
        let arguments = if self.is_symbol("(") {
            self.arguments()?
        } else if takes_argument {
            let from = self.start();
            let argument = self.primary()?;
            let argument = self.postfix(argument, from)?;
            Arguments { positional: vec![argument], ..Arguments::default() }
        } else {
            Arguments::default()
        };
        let test = Kind::Test(Box::new(value), name, arguments);
        Ok(if is_negated {
            Kind::Not(Box::new(Expression::new(test, start..self.previous_end())))
        } else {
            test
        })
    }
}
