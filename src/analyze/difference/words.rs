use std::collections::HashSet;

use crate::sql::tree::{
    Alias, Argument, Body, ColumnsPattern, Distinct, Expr, ExprKind, FrameBound, FromItem, GroupBy,
    JoinCondition, Name, OrderKey, Query, Select, SelectItem, Star, TextRange, Window, WindowSpec,
};
use crate::sql::{Dialect, Lexeme, Scanner};

/// Words of the text that have a place in the tree wherever the grammar lets them stand.
const KEYWORDS: &[&str] = &[
    "and",
    "anti",
    "as",
    "asc",
    "asof",
    "between",
    "by",
    "case",
    "cast",
    "cross",
    "current",
    "desc",
    "distinct",
    "else",
    "end",
    "except",
    "exists",
    "filter",
    "following",
    "from",
    "full",
    "glob",
    "group",
    "groups",
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
    "ordinality",
    "over",
    "partition",
    "positional",
    "preceding",
    "qualify",
    "range",
    "recursive",
    "regexp",
    "rename",
    "replace",
    "right",
    "rlike",
    "row",
    "rows",
    "select",
    "semi",
    "similar",
    "then",
    "to",
    "try_cast",
    "unbounded",
    "union",
    "using",
    "values",
    "when",
    "where",
    "window",
    "with",
    "within",
];

/// A piece of a text that means something: no space, no comment.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Token {
    lexeme: Lexeme,
    /// Words without regard to case.
    text: String,
    at: TextRange,
}

/// Which parts of a text the tree does not say all of.
pub(super) struct Words<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    /// The least nodes around words that the tree has no place for.
    unsaid: HashSet<TextRange>,
}

/// The text as a row of words; two texts with the same row differ in spaces, comments and the
/// case of letters that have none. `None` when strings cannot be told from the rest.
pub(super) fn row_of_words(text: &str, dialect: Dialect) -> Option<Vec<String>> {
    is_scannable(text, dialect).then(|| tokens(text, dialect).into_iter().map(|token| token.text).collect())
}

/// Whether the scanner reads strings as the dialect does: not where double quotes or backslashes
/// mean something else.
fn is_scannable(text: &str, dialect: Dialect) -> bool {
    match dialect {
        Dialect::DuckDb | Dialect::Postgres | Dialect::Redshift => true,
        Dialect::Snowflake => !text.contains(['\\']) && !text.contains("//"),
        Dialect::BigQuery | Dialect::Spark | Dialect::Databricks => !text.contains(['\\', '"', '#']),
    }
}

fn tokens(text: &str, dialect: Dialect) -> Vec<Token> {
    let pieces = Scanner::new(text, dialect)
        .filter(|(lexeme, _)| !matches!(lexeme, Lexeme::Space | Lexeme::Comment))
        .map(|(lexeme, range)| {
            let raw = &text[range.clone()];
            let text = if lexeme == Lexeme::Word { raw.to_lowercase() } else { raw.to_owned() };
            Token { lexeme, text, at: range.into() }
        });
    let mut tokens: Vec<Token> = pieces.collect();
    while tokens.last().is_some_and(|last| last.text == ";") {
        tokens.pop();
    }
    tokens
}

impl<'a> Words<'a> {
    pub(super) fn new(text: &'a str, query: &Query, dialect: Dialect) -> Self {
        let tokens = tokens(text, dialect);
        let mut places = Places::default();
        places.walk(query);
        let mut words = Self { text, tokens, unsaid: HashSet::new() };
        let is_trusted = is_scannable(text, dialect);
        words.account(&places, query.at, is_trusted);
        words
    }

    /// Finds the least node around every word that nothing accounts for.
    fn account(&mut self, places: &Places, whole: TextRange, is_trusted: bool) {
        let mut nodes: Vec<TextRange> = places.nodes.iter().copied().collect();
        nodes.sort_by_key(|at| (at.start, std::cmp::Reverse(at.end)));
        let mut said: Vec<TextRange> = places.said.iter().copied().collect();
        said.sort_unstable();
        let (mut next_node, mut next_said) = (0, 0);
        let (mut around, mut open_said): (Vec<TextRange>, Vec<TextRange>) = (Vec::new(), Vec::new());
        for at in 0..self.tokens.len() {
            let place = self.tokens[at].at;
            while nodes.get(next_node).is_some_and(|node| node.start <= place.start) {
                around.push(nodes[next_node]);
                next_node += 1;
            }
            while said.get(next_said).is_some_and(|range| range.start <= place.start) {
                open_said.push(said[next_said]);
                next_said += 1;
            }
            // Ranges nest, so what ended is on top, but for ranges that were told wrongly: those
            // may stay, and are asked whether they contain the word.
            while around.last().is_some_and(|node| node.end <= place.start) {
                around.pop();
            }
            while open_said.last().is_some_and(|range| range.end <= place.start) {
                open_said.pop();
            }
            if is_trusted
                && (self.is_keyword(at) || open_said.iter().rev().take(3).any(|range| range.contains(place)))
            {
                continue;
            }
            if is_trusted && !self.needs_a_place(at) {
                continue;
            }
            let least = around.iter().rev().find(|node| node.contains(place));
            self.unsaid.insert(least.copied().unwrap_or(whole));
        }
    }

    fn word(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    fn before(&self, at: usize) -> &str {
        at.checked_sub(1).map_or("", |before| self.word(before))
    }

    /// Symbols follow from the words around them but for a few.
    fn needs_a_place(&self, at: usize) -> bool {
        if self.tokens[at].lexeme != Lexeme::Symbol {
            return true;
        }
        let ends = matches!(self.word(at + 1), ")" | "" | ";" | ",");
        match self.word(at) {
            // `LIMIT 10 %`, `a.id = b.id (+)`.
            "%" | "+" => ends,
            // `x[1:]`, and not `{'a': 1}` or `x::int`.
            ":" => self.before(at) != ":" && self.word(at + 1) != ":" && self.is_in_brackets(at),
            "#" => true,
            _ => false,
        }
    }

    /// Whether the nearest open parenthesis of any kind is `[`.
    fn is_in_brackets(&self, at: usize) -> bool {
        let mut depth = 0_usize;
        for before in (0..at).rev() {
            match self.word(before) {
                ")" | "]" | "}" => depth += 1,
                "(" | "{" | "[" if depth > 0 => depth -= 1,
                "[" => return true,
                "(" | "{" => return false,
                _ => {}
            }
        }
        false
    }

    fn is_keyword(&self, at: usize) -> bool {
        if self.tokens[at].lexeme != Lexeme::Word {
            return false;
        }
        let (word, before, after) = (self.word(at), self.before(at), self.word(at + 1));
        match word {
            // `ANY` and `ALL` of a comparison with a query are one in the tree.
            "all" => matches!(before, "union" | "intersect" | "except" | "by"),
            "name" => before == "by",
            "outer" => matches!(before, "left" | "right" | "full"),
            "nulls" => matches!(after, "first" | "last"),
            "first" | "last" => before == "nulls",
            "materialized" => matches!(before, "as" | "not"),
            "array" => after == "[",
            // Of a star; in a window it leaves out rows.
            "exclude" => !matches!(after, "current" | "ties" | "group" | "no"),
            "distinct" | "row" | "to" | "escape" => KEYWORDS.contains(&word),
            "partition" | "order" | "group" => after == "by",
            "rows" | "range" | "groups" => !matches!(after, ")" | "," | "from"),
            _ => KEYWORDS.binary_search(&word).is_ok(),
        }
    }

    /// The words at that place, if the tree does not say all of them.
    pub(super) fn unsaid_at(&self, at: TextRange) -> Option<String> {
        self.unsaid.contains(&at).then(|| self.all_at(at))
    }

    /// All words at a place.
    pub(super) fn all_at(&self, at: TextRange) -> String {
        let first = self.tokens.partition_point(|token| token.at.start < at.start);
        let inside = self.tokens[first..].iter().take_while(|token| token.at.end <= at.end);
        inside.map(|token| token.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    pub(super) fn text(&self) -> &'a str {
        self.text
    }
}

/// The places a tree tells of.
#[derive(Default)]
struct Places {
    nodes: HashSet<TextRange>,
    /// Names, literals and types.
    said: HashSet<TextRange>,
}

/// What is still to be looked into; a list in place of recursion, for deep queries.
enum Todo<'a> {
    Query(&'a Query),
    Body(&'a Body),
    From(&'a FromItem),
    Expr(&'a Expr),
    Star(&'a Star),
    Window(&'a Window),
}

impl Places {
    fn walk(&mut self, query: &Query) {
        let mut todo = vec![Todo::Query(query)];
        while let Some(next) = todo.pop() {
            match next {
                Todo::Query(query) => self.query(query, &mut todo),
                Todo::Body(body) => self.body(body, &mut todo),
                Todo::From(item) => self.from(item, &mut todo),
                Todo::Expr(expr) => self.expr(expr, &mut todo),
                Todo::Star(star) => self.star(star, &mut todo),
                Todo::Window(window) => self.window(window, &mut todo),
            }
        }
    }

    fn name(&mut self, name: &Name) {
        self.said.insert(name.at);
    }

    fn names(&mut self, names: &[Name]) {
        self.said.extend(names.iter().map(|name| name.at));
    }

    fn alias(&mut self, alias: Option<&Alias>) {
        if let Some(alias) = alias {
            self.name(&alias.name);
            self.names(&alias.columns);
        }
    }

    fn keys<'a>(keys: &'a [OrderKey], todo: &mut Vec<Todo<'a>>) {
        todo.extend(keys.iter().map(|key| Todo::Expr(&key.expr)));
    }

    fn query<'a>(&mut self, query: &'a Query, todo: &mut Vec<Todo<'a>>) {
        self.nodes.insert(query.at);
        for cte in &query.ctes {
            self.name(&cte.name);
            self.names(&cte.columns);
            todo.push(Todo::Query(&cte.query));
        }
        todo.push(Todo::Body(&query.body));
        Self::keys(&query.order_by, todo);
        todo.extend(query.limit.iter().map(Todo::Expr));
    }

    fn body<'a>(&mut self, body: &'a Body, todo: &mut Vec<Todo<'a>>) {
        match body {
            Body::Select(select) => self.select(select, todo),
            Body::SetOperation(operation) => {
                self.nodes.insert(operation.at);
                todo.extend([Todo::Body(&operation.left), Todo::Body(&operation.right)]);
            }
            Body::Values(rows) => todo.extend(rows.iter().flatten().map(Todo::Expr)),
            Body::Query(query) => todo.push(Todo::Query(query)),
        }
    }

    fn select<'a>(&mut self, select: &'a Select, todo: &mut Vec<Todo<'a>>) {
        self.nodes.insert(select.at);
        if let Distinct::On(keys) = &select.distinct {
            todo.extend(keys.iter().map(Todo::Expr));
        }
        for item in &select.items {
            self.item(item, todo);
        }
        todo.extend(select.from.iter().map(Todo::From));
        let clauses = [&select.filter, &select.having, &select.qualify];
        todo.extend(clauses.into_iter().flatten().map(Todo::Expr));
        if let GroupBy::Keys(keys) = &select.group_by {
            todo.extend(keys.iter().map(Todo::Expr));
        }
        for (name, window) in &select.windows {
            self.name(name);
            todo.push(Todo::Window(window));
        }
        todo.extend(select.connect_by.iter().map(Todo::Expr));
    }

    fn item<'a>(&mut self, item: &'a SelectItem, todo: &mut Vec<Todo<'a>>) {
        match item {
            SelectItem::Expr { expr, alias } => {
                if let Some(alias) = alias {
                    self.name(alias);
                }
                todo.push(Todo::Expr(expr));
            }
            SelectItem::Star(star) => todo.push(Todo::Star(star)),
        }
    }

    fn star<'a>(&mut self, star: &'a Star, todo: &mut Vec<Todo<'a>>) {
        self.nodes.insert(star.at);
        self.names(&star.qualifier);
        self.names(&star.exclude);
        for (expr, name) in &star.replace {
            todo.push(Todo::Expr(expr));
            self.name(name);
        }
        for (from, to) in &star.rename {
            self.name(from);
            self.name(to);
        }
    }

    fn from<'a>(&mut self, item: &'a FromItem, todo: &mut Vec<Todo<'a>>) {
        self.nodes.insert(item.at());
        match item {
            FromItem::Table { name, alias, .. } => {
                self.names(name);
                self.alias(alias.as_ref());
            }
            FromItem::Subquery { query, alias, .. } => {
                todo.push(Todo::Query(query));
                self.alias(alias.as_ref());
            }
            FromItem::Function(function) => {
                self.names(&function.name);
                self.arguments(&function.arguments, todo);
                self.alias(function.alias.as_ref());
                self.names(function.ordinality.as_slice());
            }
            FromItem::Join(join) => {
                todo.extend([Todo::From(&join.left), Todo::From(&join.right)]);
                match &join.condition {
                    JoinCondition::On(expr) => todo.push(Todo::Expr(expr)),
                    JoinCondition::Using(names) => self.names(names),
                    JoinCondition::None | JoinCondition::Natural => {}
                }
            }
            FromItem::Pivot(pivot) => {
                todo.push(Todo::From(&pivot.input));
                for item in &pivot.aggregates {
                    self.item(item, todo);
                }
                for on in &pivot.on {
                    todo.push(Todo::Expr(&on.expr));
                    for (value, name) in on.values.iter().flatten() {
                        todo.push(Todo::Expr(value));
                        self.names(name.as_slice());
                    }
                }
                todo.extend(pivot.group_by.iter().flatten().map(Todo::Expr));
                self.alias(pivot.alias.as_ref());
            }
            FromItem::Unpivot(unpivot) => {
                todo.push(Todo::From(&unpivot.input));
                self.names(&unpivot.values);
                self.name(&unpivot.name);
                for (columns, name) in &unpivot.columns {
                    todo.extend(columns.iter().map(Todo::Expr));
                    self.names(name.as_slice());
                }
                self.alias(unpivot.alias.as_ref());
            }
            FromItem::Aliased { item, alias, .. } => {
                todo.push(Todo::From(item));
                self.alias(Some(alias));
            }
        }
    }

    fn arguments<'a>(&mut self, arguments: &'a [Argument], todo: &mut Vec<Todo<'a>>) {
        for argument in arguments {
            match argument {
                Argument::Expr(expr) => todo.push(Todo::Expr(expr)),
                Argument::Named(name, expr) => {
                    self.name(name);
                    todo.push(Todo::Expr(expr));
                }
                Argument::Star(star) => todo.push(Todo::Star(star)),
                Argument::Query(query) => todo.push(Todo::Query(query)),
            }
        }
    }

    fn window<'a>(&mut self, window: &'a Window, todo: &mut Vec<Todo<'a>>) {
        match window {
            Window::Named(name) => self.name(name),
            Window::Spec(spec) => {
                let WindowSpec { base, partition_by, order_by, frame } = &**spec;
                self.names(base.as_slice());
                todo.extend(partition_by.iter().map(Todo::Expr));
                Self::keys(order_by, todo);
                for bound in frame.iter().flat_map(|(_, bounds)| bounds) {
                    if let FrameBound::Preceding(Some(expr)) | FrameBound::Following(Some(expr)) = bound {
                        todo.push(Todo::Expr(expr));
                    }
                }
            }
        }
    }

    fn expr<'a>(&mut self, expr: &'a Expr, todo: &mut Vec<Todo<'a>>) {
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Parameter(_) => {
                self.said.insert(expr.at);
                return;
            }
            ExprKind::Column(names) => self.names(names),
            _ => {}
        }
        self.nodes.insert(expr.at);
        match &expr.kind {
            ExprKind::Literal(_) | ExprKind::Parameter(_) | ExprKind::Column(_) => {}
            ExprKind::Call(call) => {
                self.names(&call.name);
                self.arguments(&call.arguments, todo);
                Self::keys(&call.order_by, todo);
                todo.extend(call.filter.iter().map(Todo::Expr));
                todo.extend(call.over.iter().map(Todo::Window));
            }
            ExprKind::Cast { expr, to_at, .. } => {
                self.said.insert(*to_at);
                todo.push(Todo::Expr(expr));
            }
            ExprKind::Unary { expr, .. } | ExprKind::IsNull { expr, .. } => todo.push(Todo::Expr(expr)),
            ExprKind::Binary { left, right, .. } => todo.extend([Todo::Expr(left), Todo::Expr(right)]),
            ExprKind::Between { expr, low, high, .. } => {
                todo.extend([Todo::Expr(expr), Todo::Expr(low), Todo::Expr(high)]);
            }
            ExprKind::InList { expr, list, .. } => {
                todo.push(Todo::Expr(expr));
                todo.extend(list.iter().map(Todo::Expr));
            }
            ExprKind::InSubquery { expr, query, .. } | ExprKind::Quantified { expr, query, .. } => {
                todo.extend([Todo::Expr(expr), Todo::Query(query)]);
            }
            ExprKind::Like { expr, pattern, .. } => todo.extend([Todo::Expr(expr), Todo::Expr(pattern)]),
            ExprKind::Case(case) => {
                todo.extend(case.operand.iter().chain(&case.otherwise).map(Todo::Expr));
                for branch in &case.branches {
                    todo.extend([Todo::Expr(&branch.when), Todo::Expr(&branch.then)]);
                }
            }
            ExprKind::Subquery(query) | ExprKind::Exists { query, .. } => todo.push(Todo::Query(query)),
            ExprKind::Field { expr, field } => {
                self.name(field);
                todo.push(Todo::Expr(expr));
            }
            ExprKind::Index { expr, indices } => {
                todo.push(Todo::Expr(expr));
                todo.extend(indices.iter().map(Todo::Expr));
            }
            ExprKind::List(parts) | ExprKind::Row(parts) | ExprKind::Other { parts, .. } => {
                todo.extend(parts.iter().map(Todo::Expr));
            }
            ExprKind::Struct(fields) => {
                for (name, expr) in fields {
                    self.name(name);
                    todo.push(Todo::Expr(expr));
                }
            }
            ExprKind::Map(entries) => {
                todo.extend(entries.iter().flat_map(|(key, value)| [Todo::Expr(key), Todo::Expr(value)]));
            }
            ExprKind::Lambda(lambda) => {
                self.names(&lambda.parameters);
                todo.push(Todo::Expr(&lambda.body));
            }
            ExprKind::Columns(pattern) => match pattern {
                ColumnsPattern::Star(star) => todo.push(Todo::Star(star)),
                ColumnsPattern::Names(names) => self.names(names),
                ColumnsPattern::Lambda(lambda) => {
                    self.names(&lambda.parameters);
                    todo.push(Todo::Expr(&lambda.body));
                }
                ColumnsPattern::Regex(_) => {}
            },
        }
    }
}
