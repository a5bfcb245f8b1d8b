use serde_json::Value;

use super::lower::{Lower, Lowered, is, items, strings, text};
use crate::sql::tree::{BinaryOp, Branch, Case, Expr, ExprKind, Lambda, Literal, Name, TextRange, UnaryOp};
use crate::sql::{DataType, Lexeme};

/// Words that DuckDB reads as columns of no relation and that are functions without brackets.
const FUNCTIONS: &[&str] = &[
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "localtime",
    "localtimestamp",
    "session_user",
    "user",
];

impl Lower<'_> {
    pub fn expr(&self, json: &Value) -> Lowered<Expr> {
        match text(json, "class") {
            "COLUMN_REF" => Ok(self.column(json)),
            "CONSTANT" => Ok(self.constant(json)),
            "FUNCTION" => self.function(json),
            "WINDOW" => self.window(json),
            "CAST" => self.cast(json),
            "COMPARISON" => {
                let op = comparison(text(json, "type"));
                self.binary(&json["left"], op, &json["right"])
            }
            "CONJUNCTION" => {
                let op = if text(json, "type") == "CONJUNCTION_OR" { BinaryOp::Or } else { BinaryOp::And };
                let mut operands = self.exprs(items(json, "children"))?.into_iter();
                let first = operands.next().unwrap_or_else(|| self.null());
                Ok(operands.fold(first, |left, right| joined(left, op.clone(), right)))
            }
            "BETWEEN" => {
                let [expr, low, high] = ["input", "lower", "upper"].map(|part| self.boxed(&json[part]));
                let (expr, low, high) = (expr?, low?, high?);
                let at = expr.at.to(high.at);
                Ok(Expr::new(ExprKind::Between { expr, low, high, is_negated: false }, at))
            }
            "CASE" => self.case(json),
            "OPERATOR" => self.operator(json),
            "SUBQUERY" => self.subquery(json),
            "LAMBDA" => self.lambda(json),
            "STAR" => self.columns(json),
            "PARAMETER" => {
                let at = self
                    .places
                    .words
                    .parameter()
                    .map_or_else(|| self.places.whole(), |index| self.places.words.range(index));
                let written = match self.places.slice(at) {
                    "?" => "?".to_owned(),
                    _ => format!("${}", text(json, "identifier")),
                };
                Ok(Expr::new(ExprKind::Parameter(written), at))
            }
            "COLLATE" => {
                let child = self.expr(&json["child"])?;
                let word = self.places.word_from(child.at.end);
                let at = child.at.to(self.places.words.range(word + 1));
                Ok(Expr::new(ExprKind::Other { what: "collate".to_owned(), parts: vec![child] }, at))
            }
            other => {
                let what = other.to_lowercase();
                let mut parts = Vec::new();
                self.gather(json, &mut parts)?;
                Ok(self.other(&what, parts, self.places.start(json)))
            }
        }
    }

    pub fn boxed(&self, json: &Value) -> Lowered<Box<Expr>> {
        self.expr(json).map(Box::new)
    }

    /// All expressions directly in a part that the tree has no place for.
    fn gather(&self, json: &Value, parts: &mut Vec<Expr>) -> Lowered<()> {
        match json {
            Value::Object(fields) => {
                for value in fields.values() {
                    if value.get("class").is_some() {
                        parts.push(self.expr(value)?);
                    } else {
                        self.gather(value, parts)?;
                    }
                }
            }
            Value::Array(items) => {
                for value in items {
                    if value.get("class").is_some() {
                        parts.push(self.expr(value)?);
                    } else {
                        self.gather(value, parts)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub fn other(&self, what: &str, parts: Vec<Expr>, start: Option<usize>) -> Expr {
        let own = start.map(|index| self.places.words.range(index));
        let at = parts.iter().map(|part| part.at).chain(own).reduce(TextRange::to);
        Expr::new(ExprKind::Other { what: what.to_owned(), parts }, at.unwrap_or_else(|| self.places.whole()))
    }

    fn null(&self) -> Expr {
        Expr::new(ExprKind::Literal(Literal::Null), self.places.whole())
    }

    fn column(&self, json: &Value) -> Expr {
        let names = strings(json, "column_names");
        let Some(first) = self.places.start(json) else {
            let at = self.places.whole();
            let names = names.into_iter().map(|name| self.places.synthetic(name, at)).collect();
            return Expr::new(ExprKind::Column(names), at);
        };
        let path = self.places.path_at(first, &names);
        let at = path.iter().map(|name| name.at).reduce(TextRange::to).unwrap_or_default();
        match path.as_slice() {
            [name] if !name.is_quoted && FUNCTIONS.contains(&name.text.to_lowercase().as_str()) => {
                self.plain_call(name.clone(), Vec::new(), at)
            }
            _ => Expr::new(ExprKind::Column(path), at),
        }
    }

    fn constant(&self, json: &Value) -> Expr {
        let at = match self.places.start(json) {
            Some(index) => self.places.words.range(index),
            None => self.places.whole(),
        };
        let value = &json["value"];
        if is(value, "is_null") {
            return Expr::new(ExprKind::Literal(Literal::Null), at);
        }
        let literal = match &value["value"] {
            Value::String(text) => Literal::String(text.clone()),
            Value::Bool(yes) => Literal::Bool(*yes),
            Value::Null => Literal::Null,
            _ => {
                let number = self.places.start(json).map_or(at, |index| self.places.number_at(index));
                return self.number(number);
            }
        };
        // Elements of a list have the place of the bracket before them.
        let at = match (&literal, self.places.start(json)) {
            (Literal::String(_), Some(index)) if self.places.words.lexeme(index) != Some(Lexeme::String) => {
                let next = self.places.words.range(index + 1);
                if self.places.words.lexeme(index + 1) == Some(Lexeme::String) { next } else { at }
            }
            _ => at,
        };
        Expr::new(ExprKind::Literal(literal), at)
    }

    /// A number as written; one with a sign is the sign of a number.
    fn number(&self, at: TextRange) -> Expr {
        let written = self.places.slice(at);
        let literal = |text: &str, at| Expr::new(ExprKind::Literal(Literal::Number(text.to_owned())), at);
        match written.strip_prefix('-') {
            Some(rest) => {
                let digits = rest.trim_start();
                let inner = literal(digits, TextRange::new(at.end - digits.len(), at.end));
                Expr::new(ExprKind::Unary { op: UnaryOp::Minus, expr: Box::new(inner) }, at)
            }
            None => literal(written, at),
        }
    }

    pub fn binary(&self, left: &Value, op: BinaryOp, right: &Value) -> Lowered<Expr> {
        Ok(joined(self.expr(left)?, op, self.expr(right)?))
    }

    /// `x::int`, `cast(x as int)`, and what DuckDB makes a cast of: `true`, `date '…'`.
    fn cast(&self, json: &Value) -> Lowered<Expr> {
        let words = &self.places.words;
        let child = self.expr(&json["child"])?;
        let own = self.places.start(json);
        let first = self.places.word_from(child.at.start);
        let is_literal = matches!(child.kind, ExprKind::Literal(_));
        match own {
            Some(colon) if words.text(colon) == ":" => {
                let type_first = colon + 2;
                let to_at = words.range(type_first).to(words.range(self.places.type_end(type_first)));
                let at = child.at.to(words.range(colon)).to(to_at);
                let to = DataType::new(self.places.slice(to_at));
                Ok(Expr::new(ExprKind::Cast { expr: Box::new(child), to, to_at, is_try: false }, at))
            }
            Some(word) if words.is(word, "cast") || words.is(word, "try_cast") => {
                let close = self.places.partner(word + 1).unwrap_or(word + 1);
                let as_word = (word + 2..close)
                    .rev()
                    .find(|index| words.is(*index, "as") && self.places.opener(*index) == Some(word + 1));
                let type_first = as_word.map_or(close, |index| index + 1);
                let to_at = words.range(type_first).to(words.range(close.saturating_sub(1).max(type_first)));
                let to = DataType::new(self.places.slice(to_at));
                let at = words.range(word).to(words.range(close));
                let is_try = words.is(word, "try_cast");
                Ok(Expr::new(ExprKind::Cast { expr: Box::new(child), to, to_at, is_try }, at))
            }
            _ if is_literal && (words.is(first, "true") || words.is(first, "false")) => {
                Ok(Expr::new(ExprKind::Literal(Literal::Bool(words.is(first, "true"))), child.at))
            }
            _ if is_literal && words.lexeme(first) == Some(Lexeme::String) && first > 0 => {
                let ExprKind::Literal(Literal::String(value)) = child.kind else { return Ok(child) };
                let mut type_first = first - 1;
                while type_first > 0
                    && ["with", "without", "time", "zone", "precision"]
                        .iter()
                        .any(|word| words.is(type_first, word))
                    && words.lexeme(type_first - 1) == Some(Lexeme::Word)
                {
                    type_first -= 1;
                }
                let mut at = words.range(type_first).to(child.at);
                if words.is(type_first, "interval") {
                    // `interval '1' day` has its unit behind it.
                    let text = self.places.slice(child.at).to_owned();
                    at = at.to(child.at);
                    let literal = Literal::Typed(DataType::new("INTERVAL"), text);
                    return Ok(Expr::new(ExprKind::Literal(literal), at));
                }
                let type_at = words.range(type_first).to(words.range(first - 1));
                let literal = Literal::Typed(DataType::new(self.places.slice(type_at)), value);
                Ok(Expr::new(ExprKind::Literal(literal), at))
            }
            // DuckDB's own: around what `is true` tests, in an interval.
            _ => Ok(child),
        }
    }

    fn case(&self, json: &Value) -> Lowered<Expr> {
        let checks = items(json, "case_checks");
        let own = self.places.start(json);
        // CASE x WHEN 1 compares without a place of its own.
        let compared = |check: &Value| {
            let when = &check["when_expr"];
            text(when, "type") == "COMPARE_EQUAL" && self.places.start(when).is_none()
        };
        let has_operand = own.is_some() && !checks.is_empty() && checks.iter().all(compared);
        let operand = checks.first().filter(|_| has_operand).map(|check| &check["when_expr"]["left"]);
        let mut branches = Vec::new();
        for check in checks {
            let when = if has_operand { &check["when_expr"]["right"] } else { &check["when_expr"] };
            branches.push(Branch { when: self.expr(when)?, then: self.expr(&check["then_expr"])? });
        }
        // ELSE NULL is there also where nothing is written.
        let otherwise = json
            .get("else_expr")
            .filter(|expr| !is(&expr["value"], "is_null") || self.places.start(expr).is_some());
        let otherwise = self.optional(otherwise)?;
        let words = &self.places.words;
        let parts = branches.iter().flat_map(|branch| [branch.when.at, branch.then.at]);
        let inner =
            parts.chain(otherwise.as_ref().map(|expr| expr.at)).reduce(TextRange::to).unwrap_or_default();
        let at = match own {
            Some(case) => {
                let end =
                    (self.places.word_from(inner.end)..words.len()).find(|index| words.is(*index, "end"));
                words.range(case).to(end.map_or(inner, |end| words.range(end)))
            }
            // `if(a, b, c)`.
            None => {
                let (name, at) = self.call_around(inner, inner, "if");
                let mut arguments: Vec<Expr> =
                    branches.into_iter().flat_map(|branch| [branch.when, branch.then]).collect();
                arguments.extend(otherwise);
                return Ok(self.plain_call(name, arguments, at));
            }
        };
        let operand = operand.map(|operand| self.expr(operand)).transpose()?;
        Ok(Expr::new(ExprKind::Case(Box::new(Case { operand, branches, otherwise })), at))
    }

    fn operator(&self, json: &Value) -> Lowered<Expr> {
        let kind = text(json, "type");
        let children = items(json, "children");
        let own = self.places.start(json);
        let words = &self.places.words;
        match (kind, children) {
            ("OPERATOR_NOT", [child]) => self.not(child, own),
            ("OPERATOR_IS_NULL" | "OPERATOR_IS_NOT_NULL", [child]) => {
                let expr = self.boxed(child)?;
                let first = self.places.word_from(expr.at.end);
                let last = (first..words.len().min(first + 4)).find(|index| {
                    ["null", "isnull", "notnull", "unknown"].iter().any(|word| words.is(*index, word))
                });
                let at = expr.at.to(words.range(last.unwrap_or(first)));
                let is_negated = kind == "OPERATOR_IS_NOT_NULL";
                Ok(Expr::new(ExprKind::IsNull { expr, is_negated }, at))
            }
            ("COMPARE_IN" | "COMPARE_NOT_IN", [first, rest @ ..]) => {
                let expr = self.boxed(first)?;
                let list = self.exprs(rest)?;
                let end = list.last().map_or(expr.at, |last| self.places.bracketed(last.at, "("));
                let at = expr.at.to(end);
                let is_negated = kind == "COMPARE_NOT_IN";
                let not =
                    own.map(|own| words.range(own)).filter(|not| is_negated && not.end <= expr.at.start);
                let kind = ExprKind::InList { expr, list, is_negated: is_negated && not.is_none() };
                let listed = Expr::new(kind, at);
                Ok(match not {
                    Some(not) => {
                        Expr::new(ExprKind::Unary { op: UnaryOp::Not, expr: Box::new(listed) }, not.to(at))
                    }
                    None => listed,
                })
            }
            ("OPERATOR_COALESCE" | "GROUPING_FUNCTION" | "OPERATOR_TRY", [first, ..]) => {
                let arguments = self.exprs(children)?;
                let default = match kind {
                    "OPERATOR_COALESCE" => "coalesce",
                    "GROUPING_FUNCTION" => "grouping",
                    _ => "try",
                };
                let inner =
                    self.places.first_in(first).map_or_else(|| arguments[0].at, |index| words.range(index));
                let (name, at) = self.call_around(inner, arguments[0].at, default);
                Ok(self.plain_call(name, arguments, at))
            }
            ("STRUCT_EXTRACT", [base, field]) => {
                let expr = self.boxed(base)?;
                let field = field["value"]["value"].as_str().unwrap_or_default();
                let name = self.places.name_after(self.places.word_from(expr.at.end), field);
                let at = expr.at.to(name.at);
                Ok(Expr::new(ExprKind::Field { expr, field: name }, at))
            }
            ("ARRAY_EXTRACT" | "ARRAY_SLICE", [base, indices @ ..]) => {
                let expr = self.boxed(base)?;
                let opener = self.places.word_from(expr.at.end);
                let close = self.places.partner(opener).map_or(expr.at, |close| words.range(close));
                let at = expr.at.to(close);
                let mut made = Vec::new();
                for index in indices {
                    let is_missing = text(index, "class") == "CONSTANT" && self.places.start(index).is_none();
                    let missing = Expr::new(ExprKind::Literal(Literal::Null), words.range(opener));
                    made.push(if is_missing { missing } else { self.expr(index)? });
                }
                let kind = match made.as_slice() {
                    [Expr { kind: ExprKind::Literal(Literal::String(text)), at }] => {
                        ExprKind::Field { expr, field: Name { text: text.clone(), is_quoted: true, at: *at } }
                    }
                    _ => ExprKind::Index { expr, indices: made },
                };
                Ok(Expr::new(kind, at))
            }
            ("ARRAY_CONSTRUCTOR", _) => {
                let list = self.exprs(children)?;
                let inner = list.first().map_or_else(|| self.places.whole(), |item| item.at);
                let mut at = self.places.bracketed(inner, "[");
                let before = self.places.word_from(at.start).saturating_sub(1);
                if words.is(before, "array") {
                    at = words.range(before).to(at);
                }
                Ok(Expr::new(ExprKind::List(list), at))
            }
            ("OPERATOR_UNPACK", [child]) => self.expr(child),
            _ => {
                let parts = self.exprs(children)?;
                Ok(self.other(&kind.to_lowercase(), parts, own))
            }
        }
    }

    /// The name and place of a call that DuckDB gives no place: that around its first argument.
    fn call_around(&self, inner: TextRange, fallback: TextRange, default: &str) -> (Name, TextRange) {
        match self.places.around(fallback).or_else(|| self.places.around(inner)) {
            // `ifnull` is `coalesce` to DuckDB.
            Some((word, at)) => (self.places.name_at(word, self.places.words.text(word)), at),
            None => (self.places.synthetic(default, fallback), fallback),
        }
    }

    /// NOT, as part of what it negates where it is written so.
    fn not(&self, child: &Value, own: Option<usize>) -> Lowered<Expr> {
        let inner = self.expr(child)?;
        let is_part = self.places.start(child).is_none() || self.places.start(child) == own;
        let at = own.map_or(inner.at, |own| self.places.words.range(own).to(inner.at));
        let kind = match inner.kind {
            // `a > all (…)` is the opposite of `a <= any (…)`.
            ExprKind::Quantified { expr, op, query } if own.is_none() => {
                ExprKind::Quantified { expr, op: opposite(op), query }
            }
            ExprKind::Binary { left, op: BinaryOp::Other(op), right } if is_part && op == "~" => {
                ExprKind::Binary { left, op: BinaryOp::Other("!~".to_owned()), right }
            }
            ExprKind::Exists { query, is_negated: false } => ExprKind::Exists { query, is_negated: true },
            ExprKind::Between { expr, low, high, is_negated: false } if is_part => {
                ExprKind::Between { expr, low, high, is_negated: true }
            }
            ExprKind::InSubquery { expr, query, is_negated: false } if is_part => {
                ExprKind::InSubquery { expr, query, is_negated: true }
            }
            ExprKind::Like { expr, operator, pattern, is_negated: false } if is_part => {
                ExprKind::Like { expr, operator, pattern, is_negated: true }
            }
            kind => {
                let expr = Box::new(Expr::new(kind, inner.at));
                return Ok(Expr::new(ExprKind::Unary { op: UnaryOp::Not, expr }, at));
            }
        };
        Ok(Expr::new(kind, at))
    }

    fn subquery(&self, json: &Value) -> Lowered<Expr> {
        let words = &self.places.words;
        let own = self.places.start(json).unwrap_or_default();
        let node = &json["subquery"]["node"];
        let opener = (own..words.len()).find(|index| words.text(*index) == "(");
        let close = opener.and_then(|opener| self.places.partner(opener));
        let brackets = match (opener, close) {
            (Some(opener), Some(close)) => words.range(opener).to(words.range(close)),
            _ => words.range(own),
        };
        let array = [own, own.saturating_sub(1)].into_iter().find(|index| words.is(*index, "array"));
        if let Some(array) = array.filter(|_| text(json, "subquery_type") == "SCALAR") {
            let inner = &node["from_table"]["subquery"]["node"];
            let query = Box::new(self.query(inner)?);
            let argument = crate::sql::tree::Argument::Query(query);
            let name = self.places.name_at(array, "array");
            let at = name.at.to(brackets);
            return Ok(self.call_of(vec![name], vec![argument], at));
        }
        let query = Box::new(self.query(node)?);
        match text(json, "subquery_type") {
            "EXISTS" => {
                Ok(Expr::new(ExprKind::Exists { query, is_negated: false }, words.range(own).to(brackets)))
            }
            "SCALAR" => Ok(Expr::new(ExprKind::Subquery(query), brackets)),
            _ => {
                let expr = self.boxed(&json["child"])?;
                let at = expr.at.to(brackets);
                let op = comparison(text(json, "comparison_type"));
                let is_in = words.is(own, "in") || words.is(own, "not");
                Ok(Expr::new(
                    if is_in && op == BinaryOp::Equal {
                        ExprKind::InSubquery { expr, query, is_negated: false }
                    } else {
                        ExprKind::Quantified { expr, op, query }
                    },
                    at,
                ))
            }
        }
    }

    /// `x -> body`, and JSON's `x -> 'key'`, which only its place tells apart.
    fn lambda(&self, json: &Value) -> Lowered<Expr> {
        let words = &self.places.words;
        let body = self.expr(&json["expr"])?;
        let lhs = &json["lhs"];
        let own = self.places.start(json);
        let is_arrow = own.is_some_and(|own| words.text(own) == "-");
        let is_key = matches!(body.kind, ExprKind::Literal(Literal::String(_) | Literal::Number(_)));
        if is_arrow && is_key {
            let left = self.expr(lhs)?;
            return Ok(joined(left, BinaryOp::Other("->".to_owned()), body));
        }
        let parameters: Vec<Name> = match (text(lhs, "class"), strings(lhs, "column_names").as_slice()) {
            ("COLUMN_REF", [name]) => vec![self.parameter(lhs, name, own)],
            _ => items(lhs, "children")
                .iter()
                .flat_map(|child| strings(child, "column_names").into_iter().map(move |name| (child, name)))
                .map(|(child, name)| self.parameter(child, name, own))
                .collect(),
        };
        let at = parameters.iter().map(|name| name.at).fold(body.at, TextRange::to);
        Ok(Expr::new(ExprKind::Lambda(Box::new(Lambda { parameters, body })), at))
    }

    fn parameter(&self, json: &Value, name: &str, lambda: Option<usize>) -> Name {
        match self.places.start(json) {
            Some(index) => self.places.name_at(index, name),
            // `lambda x, i: …` has its place behind the parameters.
            None => self.places.name_after(lambda.unwrap_or_default(), name),
        }
    }
}

pub(super) fn joined(left: Expr, op: BinaryOp, right: Expr) -> Expr {
    let at = left.at.to(right.at);
    Expr::new(ExprKind::Binary { left: Box::new(left), op, right: Box::new(right) }, at)
}

fn opposite(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Equal => BinaryOp::NotEqual,
        BinaryOp::NotEqual => BinaryOp::Equal,
        BinaryOp::Less => BinaryOp::GreaterOrEqual,
        BinaryOp::LessOrEqual => BinaryOp::Greater,
        BinaryOp::Greater => BinaryOp::LessOrEqual,
        BinaryOp::GreaterOrEqual => BinaryOp::Less,
        other => other,
    }
}

fn comparison(kind: &str) -> BinaryOp {
    match kind {
        "COMPARE_EQUAL" => BinaryOp::Equal,
        "COMPARE_NOTEQUAL" => BinaryOp::NotEqual,
        "COMPARE_LESSTHAN" => BinaryOp::Less,
        "COMPARE_LESSTHANOREQUALTO" => BinaryOp::LessOrEqual,
        "COMPARE_GREATERTHAN" => BinaryOp::Greater,
        "COMPARE_GREATERTHANOREQUALTO" => BinaryOp::GreaterOrEqual,
        "COMPARE_DISTINCT_FROM" => BinaryOp::Different,
        "COMPARE_NOT_DISTINCT_FROM" => BinaryOp::Same,
        other => BinaryOp::Other(other.to_lowercase()),
    }
}
