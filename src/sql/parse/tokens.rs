use sqlparser::dialect::Dialect as Grammar;
use sqlparser::tokenizer::{Location, Span, Token, TokenWithSpan, Tokenizer};

use super::SyntaxError;
use crate::sql::tree::TextRange;

/// The tokens of a text, without space and comments, each with its bytes and its brackets.
#[derive(Debug)]
pub(super) struct Tokens {
    pieces: Vec<Piece>,
    /// Bytes of the whole text.
    length: usize,
}

#[derive(Debug)]
struct Piece {
    token: Token,
    at: TextRange,
    /// The bracket that is open around it.
    parent: Option<usize>,
    /// Of a bracket, the one that belongs to it.
    partner: Option<usize>,
}

/// A place as bytes, written as the columns of one line.
fn span(at: TextRange) -> Span {
    let column = |byte: usize| Location::new(1, byte as u64 + 1);
    Span::new(column(at.start), column(at.end))
}

/// The bytes that a span with bytes for columns means; `None` for an empty one.
pub(super) fn bytes(span: Span) -> Option<TextRange> {
    let byte = |location: Location| usize::try_from(location.column).ok()?.checked_sub(1);
    (span.start.line == 1).then_some(())?;
    Some(TextRange::new(byte(span.start)?, byte(span.end)?))
}

/// Walks through a text and gives the bytes of lines and columns, which must not go back.
struct Walk<'a> {
    text: &'a str,
    byte: usize,
    line: u64,
    column: u64,
}

impl Walk<'_> {
    fn to(&mut self, location: Location) -> usize {
        while (self.line, self.column) < (location.line, location.column) {
            let Some(character) = self.text[self.byte..].chars().next() else { break };
            self.byte += character.len_utf8();
            (self.line, self.column) = match character {
                '\n' => (self.line + 1, 1),
                _ => (self.line, self.column + 1),
            };
        }
        self.byte
    }
}

impl Tokens {
    /// Cuts a text into tokens: those that sqlparser is to read, and these.
    ///
    /// # Errors
    /// A string or a name in quotes is not closed, or a character begins no token.
    pub(super) fn read(text: &str, grammar: &dyn Grammar) -> Result<(Vec<TokenWithSpan>, Self), SyntaxError> {
        let mut walk = Walk { text, byte: 0, line: 1, column: 1 };
        let mut cut = Tokenizer::new(grammar, text).tokenize_with_location().map_err(|error| {
            let at = walk.to(error.location);
            SyntaxError { message: lowercase_first(&error.message), at: TextRange::new(at, at) }
        })?;
        let mut pieces = Vec::with_capacity(cut.len());
        let mut open: Vec<usize> = Vec::new();
        for token in &mut cut {
            let at = TextRange::new(walk.to(token.span.start), walk.to(token.span.end));
            token.span = span(at);
            if matches!(token.token, Token::Whitespace(_) | Token::EOF) {
                continue;
            }
            let index = pieces.len();
            let closes = match token.token {
                Token::RParen => Some(Token::LParen),
                Token::RBracket => Some(Token::LBracket),
                Token::RBrace => Some(Token::LBrace),
                _ => None,
            };
            let opener = closes.and_then(|bracket| {
                let last = *open.last()?;
                let last_piece: &Piece = &pieces[last];
                (last_piece.token == bracket).then_some(last)
            });
            if let Some(opener) = opener {
                open.pop();
                pieces[opener].partner = Some(index);
            }
            let piece =
                Piece { token: token.token.clone(), at, parent: open.last().copied(), partner: opener };
            pieces.push(piece);
            if matches!(token.token, Token::LParen | Token::LBracket | Token::LBrace) {
                open.push(index);
            }
        }
        Ok((cut, Self { pieces, length: text.len() }))
    }

    /// The place after the last token.
    pub(super) fn end(&self) -> TextRange {
        let end = self.pieces.last().map_or(self.length, |piece| piece.at.end);
        TextRange::new(end, end)
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.pieces.len()
    }

    pub(super) fn at(&self, index: usize) -> TextRange {
        self.pieces.get(index).map_or_else(|| self.end(), |piece| piece.at)
    }

    pub(super) fn is(&self, index: usize, token: &Token) -> bool {
        self.pieces.get(index).is_some_and(|piece| piece.token == *token)
    }

    pub(super) fn token(&self, index: usize) -> Option<&Token> {
        self.pieces.get(index).map(|piece| &piece.token)
    }

    /// The word without quotes that stands there.
    pub(super) fn word(&self, index: usize) -> Option<&str> {
        match &self.pieces.get(index)?.token {
            Token::Word(word) if word.quote_style.is_none() => Some(&word.value),
            _ => None,
        }
    }

    pub(super) fn is_word(&self, index: usize, word: &str) -> bool {
        self.word(index).is_some_and(|other| other.eq_ignore_ascii_case(word))
    }

    pub(super) fn is_any_word(&self, index: usize, words: &[&str]) -> bool {
        words.iter().any(|word| self.is_word(index, word))
    }

    /// The first token that begins at the byte or after it.
    pub(super) fn after(&self, byte: usize) -> usize {
        self.pieces.partition_point(|piece| piece.at.start < byte)
    }

    /// The last token that ends at the byte or before it.
    pub(super) fn before(&self, byte: usize) -> Option<usize> {
        self.pieces.partition_point(|piece| piece.at.end <= byte).checked_sub(1)
    }

    /// The bracket around a token.
    pub(super) fn parent(&self, index: usize) -> Option<usize> {
        self.pieces.get(index)?.parent
    }

    /// The bracket that belongs to a bracket.
    pub(super) fn partner(&self, index: usize) -> Option<usize> {
        self.pieces.get(index)?.partner
    }

    /// The bracket around a place.
    pub(super) fn opener(&self, at: TextRange) -> Option<usize> {
        self.parent(self.after(at.start))
    }

    /// From a bracket to its partner.
    pub(super) fn brackets(&self, opener: usize) -> TextRange {
        let end = self.partner(opener).map_or_else(|| self.end(), |closer| self.at(closer));
        self.at(opener).to(end)
    }

    /// The brackets around a place, or the place itself where there are none.
    pub(super) fn enclosing(&self, at: TextRange) -> TextRange {
        self.opener(at).map_or(at, |opener| self.brackets(opener).to(at))
    }

    /// What stands in the brackets around a place, or in the whole text.
    pub(super) fn inside(&self, at: TextRange) -> TextRange {
        let opener = self.opener(at);
        let first = opener.map_or(0, |opener| opener + 1);
        let last = match opener {
            Some(opener) => self.partner(opener).unwrap_or(self.pieces.len()),
            None => self.pieces.iter().position(|p| p.token == Token::SemiColon).unwrap_or(self.pieces.len()),
        };
        match last.checked_sub(1) {
            Some(last) if last >= first => self.at(first).to(self.at(last)),
            _ => at,
        }
    }

    /// The token after a type that begins at `index`.
    pub(super) fn after_type(&self, index: usize) -> usize {
        let mut next = index + 1;
        let follow = |next: &mut usize, words: &[&str]| {
            let fits = words.iter().enumerate().all(|(i, word)| self.is_word(*next + i, word));
            if fits {
                *next += words.len();
            }
            fits
        };
        let first = self.word(index).unwrap_or_default().to_lowercase();
        match first.as_str() {
            "double" => {
                follow(&mut next, &["precision"]);
            }
            "national" | "bit" | "char" | "character" | "nchar" => {
                let _ = follow(&mut next, &["character"]) || follow(&mut next, &["char"]);
                let _ = follow(&mut next, &["varying"]) || follow(&mut next, &["large", "object"]);
            }
            "interval" => {
                const FIELDS: [&str; 6] = ["year", "month", "day", "hour", "minute", "second"];
                if self.is_any_word(next, &FIELDS) {
                    next += 1;
                    if self.is_word(next, "to") && self.is_any_word(next + 1, &FIELDS) {
                        next += 2;
                    }
                }
            }
            _ => {}
        }
        loop {
            if self.is(next, &Token::Period) {
                next += 2;
            } else if self.is(next, &Token::LParen) || self.is(next, &Token::LBracket) {
                next = self.partner(next).map_or(self.len(), |closer| closer + 1);
            } else if self.is(next, &Token::Lt) {
                next = self.after_angle(next);
            } else if matches!(first.as_str(), "time" | "timestamp")
                && (follow(&mut next, &["with", "time", "zone"])
                    || follow(&mut next, &["without", "time", "zone"])
                    || follow(&mut next, &["with", "local", "time", "zone"]))
                || follow(&mut next, &["array"])
                || (first.ends_with("int") || first == "integer") && follow(&mut next, &["unsigned"])
            {
            } else {
                return next.min(self.len());
            }
        }
    }

    /// Where more than `most` brackets open one behind the other after FROM or JOIN.
    pub(super) fn deep_from(&self, most: usize) -> Option<TextRange> {
        let mut run = 0_usize;
        for (index, piece) in self.pieces.iter().enumerate() {
            run = if piece.token == Token::LParen { run + 1 } else { 0 };
            let first = index + 1 - run;
            if run > most && first > 0 && self.is_any_word(first - 1, &["from", "join"]) {
                return Some(piece.at);
            }
        }
        None
    }

    /// The token after `[NOT] LIKE 'pattern'` that begins at `index`, and after a star; `index` when
    /// no such thing is there.
    pub(super) fn after_star_pattern(&self, index: usize) -> usize {
        let mut next = index;
        if self.is_word(next, "not") {
            next += 1;
        }
        next += match () {
            () if self.is_any_word(next, &["like", "ilike", "glob"]) => 1,
            () if self.is_word(next, "similar") && self.is_word(next + 1, "to") => 2,
            () => return index,
        };
        match self.token(next) {
            Some(Token::SingleQuotedString(_)) => next + 1,
            _ => index,
        }
    }

    /// The token after the `>` that closes the `<` at `index`.
    fn after_angle(&self, index: usize) -> usize {
        let mut depth = 0_usize;
        for (offset, piece) in self.pieces[index..].iter().enumerate() {
            depth = match piece.token {
                Token::Lt => depth + 1,
                Token::Gt => depth.saturating_sub(1),
                Token::ShiftRight => depth.saturating_sub(2),
                _ => depth,
            };
            if depth == 0 {
                return index + offset + 1;
            }
        }
        self.len()
    }

    /// The token where a type begins that ends before `index`.
    pub(super) fn type_before(&self, index: usize) -> Option<usize> {
        let mut first = index.checked_sub(1)?;
        if matches!(self.token(first), Some(Token::Gt | Token::ShiftRight)) {
            let mut depth = 0_usize;
            loop {
                depth = match self.token(first)? {
                    Token::Gt => depth + 1,
                    Token::ShiftRight => depth + 2,
                    Token::Lt => depth.saturating_sub(1),
                    _ => depth,
                };
                first = first.checked_sub(1)?;
                if depth == 0 {
                    return Some(first);
                }
            }
        }
        if self.is_word(first, "zone") {
            while !self.is_any_word(first, &["with", "without"]) {
                first = first.checked_sub(1)?;
            }
            first = first.checked_sub(1)?;
        }
        if self.is(first, &Token::RParen) {
            first = self.partner(first)?.checked_sub(1)?;
        }
        if self.is_any_word(first, &["precision", "varying"]) {
            first = first.checked_sub(1)?;
        }
        Some(first)
    }
}

/// A message as one phrase in small letters.
pub(super) fn lowercase_first(message: &str) -> String {
    let mut characters = message.trim().trim_end_matches('.').chars();
    match characters.next() {
        Some(first) => first.to_lowercase().chain(characters).collect(),
        None => String::new(),
    }
}
