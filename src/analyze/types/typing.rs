use super::arithmetic::{arithmetic, concatenation, is_never, negated};
use super::common_type::common_kind;
use super::comparison::never_compare;
use super::family::{Group, group, never};
use super::operand::{Constant, Operand, constant, number_kind};
use super::{Environment, access};
use crate::analyze::Problem;
use crate::analyze::functions::{Family, bare_word};
use crate::diagnostic::Code;
use crate::sql::tree::{
    BinaryOp, Case, Expr, ExprKind, FrameBound, Literal, Name, OrderKey, Query, TextRange, UnaryOp, Window,
};
use crate::sql::{DataType, Dialect, TypeKind};

/// One walk through an expression.
pub(super) struct Typing<'a> {
    pub environment: &'a dyn Environment,
    pub dialect: Dialect,
    pub problems: &'a mut Vec<Problem>,
    /// The parameters of the lambdas around, by folded name, the innermost last.
    pub parameters: Vec<(String, TypeKind)>,
}

impl Typing<'_> {
    pub fn operand(&mut self, expr: &Expr) -> Operand {
        let kind = self.kind(expr);
        Operand { kind, constant: constant(expr) }
    }

    pub fn kind(&mut self, expr: &Expr) -> TypeKind {
        match &expr.kind {
            ExprKind::Column(path) => self.column(path),
            ExprKind::Literal(literal) => self.literal(literal),
            ExprKind::Call(call) => self.call(call, expr.at),
            ExprKind::Cast { expr, to, .. } => {
                self.kind(expr);
                to.kind(self.dialect)
            }
            ExprKind::Unary { op, expr: inner } => self.unary(*op, inner, expr.at),
            ExprKind::Binary { .. } => self.binary(expr).kind,
            ExprKind::Between { expr, low, high, .. } => {
                let value = self.operand(expr);
                for bound in [low, high] {
                    let other = self.operand(bound);
                    self.compare((expr, &value), &BinaryOp::Less, (bound, &other));
                }
                TypeKind::Boolean
            }
            ExprKind::InList { expr, list, .. } => {
                let value = self.operand(expr);
                for item in list {
                    let other = self.operand(item);
                    self.compare((expr, &value), &BinaryOp::Equal, (item, &other));
                }
                TypeKind::Boolean
            }
            ExprKind::InSubquery { expr, query, .. } => {
                let value = self.operand(expr);
                self.compare_with_query((expr, &value), query);
                TypeKind::Boolean
            }
            ExprKind::Quantified { expr, query, .. } => {
                let value = self.operand(expr);
                self.compare_with_query((expr, &value), query);
                TypeKind::Boolean
            }
            ExprKind::IsNull { expr, .. } => {
                self.kind(expr);
                TypeKind::Boolean
            }
            ExprKind::Like { expr, operator, pattern, .. } => {
                for side in [expr, pattern] {
                    let operand = self.operand(side);
                    self.expect_text(side, &operand, operator);
                }
                TypeKind::Boolean
            }
            ExprKind::Case(case) => self.case(case),
            ExprKind::Subquery(query) => self.subquery(query),
            ExprKind::Exists { query, .. } => {
                self.environment.subquery(query);
                TypeKind::Boolean
            }
            ExprKind::Field { expr, field } => {
                let inner = self.kind(expr);
                access::field(&inner, field, self.dialect)
            }
            ExprKind::Index { expr, indices } => {
                let inner = self.kind(expr);
                let indices: Vec<TypeKind> = indices.iter().map(|index| self.kind(index)).collect();
                access::index(&inner, indices.len(), self.dialect)
            }
            ExprKind::List(items) => {
                if items.is_empty() {
                    return TypeKind::list(TypeKind::Null);
                }
                let item = self.common(items, "the items of a list");
                if item == TypeKind::Unknown && self.dialect != Dialect::Snowflake {
                    return TypeKind::Unknown;
                }
                TypeKind::list(item)
            }
            ExprKind::Struct(fields) => TypeKind::Struct(
                fields.iter().map(|(name, value)| (name.text.clone(), self.kind(value))).collect(),
            ),
            ExprKind::Map(entries) => {
                let (keys, values): (Vec<&Expr>, Vec<&Expr>) =
                    entries.iter().map(|(key, value)| (key, value)).unzip();
                let key = self.common(keys, "the keys of a map");
                TypeKind::map(key, self.common(values, "the values of a map"))
            }
            ExprKind::Row(items) => {
                let fields = items.iter().map(|item| (String::new(), self.kind(item))).collect();
                match self.dialect {
                    Dialect::DuckDb | Dialect::BigQuery => TypeKind::Struct(fields),
                    _ => TypeKind::Unknown,
                }
            }
            // Outside of a call that takes one, it is the arrow of JSON: `j -> 'a'`.
            ExprKind::Lambda(lambda) => {
                self.lambda(lambda, &[]);
                match self.dialect {
                    Dialect::DuckDb | Dialect::Postgres => TypeKind::Json,
                    _ => TypeKind::Unknown,
                }
            }
            ExprKind::Columns(_) | ExprKind::Parameter(_) => TypeKind::Unknown,
            ExprKind::Other { what, parts } => {
                let kinds: Vec<TypeKind> = parts.iter().map(|part| self.kind(part)).collect();
                match (what.as_str(), kinds.as_slice()) {
                    ("interval", _) => TypeKind::Interval,
                    ("collate", [kind]) => kind.clone(),
                    ("in" | "in unnest" | "is json" | "is normalized" | "member of" | "any" | "all", _) => {
                        TypeKind::Boolean
                    }
                    _ => TypeKind::Unknown,
                }
            }
        }
    }

    fn column(&mut self, path: &[Name]) -> TypeKind {
        if let [first, fields @ ..] = path {
            let folded = first.folded(self.dialect);
            if let Some((_, kind)) = self.parameters.iter().rev().find(|(name, _)| *name == folded) {
                let kind = kind.clone();
                return fields.iter().fold(kind, |kind, field| access::field(&kind, field, self.dialect));
            }
        }
        match (self.environment.column(path), path) {
            (Some(kind), _) => kind.kind(self.dialect),
            (None, [name]) if !name.is_quoted => {
                bare_word(self.dialect, &name.text).map_or(TypeKind::Unknown, |kind| kind.kind(self.dialect))
            }
            _ => TypeKind::Unknown,
        }
    }

    fn literal(&self, literal: &Literal) -> TypeKind {
        match literal {
            Literal::Null => TypeKind::Null,
            Literal::Bool(_) => TypeKind::Boolean,
            Literal::Number(number) => number_kind(number, self.dialect),
            Literal::String(_) => TypeKind::text(),
            Literal::Typed(kind, _) => match kind.kind(self.dialect) {
                // `0x1F` is a number there, and not told from bytes when it is read.
                TypeKind::Blob if self.dialect == Dialect::DuckDb => TypeKind::Unknown,
                kind => kind,
            },
        }
    }

    fn unary(&mut self, op: UnaryOp, inner: &Expr, at: TextRange) -> TypeKind {
        let operand = self.operand(inner);
        match op {
            UnaryOp::Not => {
                self.expect_condition(inner, &operand, "NOT");
                TypeKind::Boolean
            }
            UnaryOp::Minus | UnaryOp::Plus => {
                let is_strict =
                    matches!(self.dialect, Dialect::DuckDb | Dialect::Postgres | Dialect::BigQuery);
                let is_wrong = !operand.is_text_constant()
                    && matches!(
                        group(&operand.kind),
                        Some(
                            Group::Text
                                | Group::Boolean
                                | Group::Day
                                | Group::Time
                                | Group::List
                                | Group::Fields
                        )
                    );
                if is_strict && is_wrong {
                    let what = self.words(&operand.kind);
                    self.problem(
                        Code::TypeMismatch,
                        format!("there is no negative of {what}"),
                        at,
                        format!("this is {what}"),
                    );
                }
                negated(&operand)
            }
            UnaryOp::BitNot => negated(&operand),
        }
    }

    /// Chains of operators are as deep as they are long: they are walked in a loop.
    fn binary(&mut self, expr: &Expr) -> Operand {
        let mut chain = Vec::new();
        let mut leftmost = expr;
        while let ExprKind::Binary { left, op, right } = &leftmost.kind {
            chain.push((leftmost, left, op, right));
            leftmost = left;
        }
        let mut value = self.operand(leftmost);
        while let Some((whole, left, op, right)) = chain.pop() {
            let other = self.operand(right);
            value = Operand::new(self.operator(whole.at, (left, &value), op, (right, &other)));
        }
        value
    }

    fn operator(
        &mut self,
        at: TextRange,
        left: (&Expr, &Operand),
        op: &BinaryOp,
        right: (&Expr, &Operand),
    ) -> TypeKind {
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let word = if op == &BinaryOp::And { "AND" } else { "OR" };
                self.expect_condition(left.0, left.1, word);
                self.expect_condition(right.0, right.1, word);
                TypeKind::Boolean
            }
            op if op.is_comparison() => {
                self.compare(left, op, right);
                TypeKind::Boolean
            }
            BinaryOp::Concat => concatenation(self.dialect, left.1, right.1),
            BinaryOp::Other(sign) => other_operator(self.dialect, sign, left.1, right.1),
            op => {
                if is_never(self.dialect, left.1, op, right.1) {
                    let (one, other) = (self.words(&left.1.kind), self.words(&right.1.kind));
                    let sign = sign(op);
                    self.problem(
                        Code::TypeMismatch,
                        format!("`{sign}` does not take {one} and {other}"),
                        at,
                        format!("{one} {sign} {other}"),
                    );
                }
                arithmetic(self.dialect, left.1, op, right.1)
            }
        }
    }

    fn case(&mut self, case: &Case) -> TypeKind {
        let operand = case.operand.as_ref().map(|expr| (expr, self.operand(expr)));
        for branch in &case.branches {
            let when = self.operand(&branch.when);
            match &operand {
                Some((expr, operand)) => {
                    self.compare((expr, operand), &BinaryOp::Equal, (&branch.when, &when));
                }
                None => self.expect_condition(&branch.when, &when, "WHEN"),
            }
        }
        let results = case.branches.iter().map(|branch| &branch.then).chain(case.otherwise.as_ref());
        self.common(results, "the branches of CASE")
    }

    /// The common type of expressions, of which `what` is said when there is none.
    pub fn common<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>, what: &str) -> TypeKind {
        let (exprs, operands): (Vec<&Expr>, Vec<Operand>) =
            exprs.into_iter().map(|expr| (expr, self.operand(expr))).unzip();
        self.common_of(&exprs, &operands, what)
    }

    pub fn common_of(&mut self, exprs: &[&Expr], operands: &[Operand], what: &str) -> TypeKind {
        match common_kind(self.dialect, operands) {
            Ok(kind) => kind,
            Err(clash) => {
                let (first, second) =
                    (self.words(&operands[clash.first].kind), self.words(&operands[clash.second].kind));
                let mut problem = problem(
                    Code::TypeMismatch,
                    format!("{what} are {first} and {second}, which have no type in common"),
                    exprs[clash.second].at,
                    format!("this is {second}"),
                );
                problem.also.push((exprs[clash.first].at, format!("this is {first}")));
                problem.help = Some(format!("convert one of them: `cast(… as {})`", first.trim_matches('`')));
                self.problems.push(problem);
                TypeKind::Unknown
            }
        }
    }

    fn subquery(&mut self, query: &Query) -> TypeKind {
        match self.environment.subquery(query).as_deref() {
            Some([kind]) => kind.as_ref().map_or(TypeKind::Unknown, |kind| kind.kind(self.dialect)),
            _ => TypeKind::Unknown,
        }
    }

    fn compare_with_query(&mut self, value: (&Expr, &Operand), query: &Query) {
        let columns = self.environment.subquery(query);
        if matches!(value.0.kind, ExprKind::Row(_)) {
            return;
        }
        if let Some([Some(kind)]) = columns.as_deref() {
            let other = Operand::new(kind.kind(self.dialect));
            // Of queries DuckDB brings both sides to one type, unlike of single values.
            if !value.1.is_text_constant()
                && super::family::never_meet(self.dialect, &value.1.kind, &other.kind)
            {
                self.cannot_compare(value, (query.at, &other.kind));
            }
        }
    }

    fn compare(&mut self, left: (&Expr, &Operand), op: &BinaryOp, right: (&Expr, &Operand)) {
        if never_compare(self.dialect, left.1, op, right.1) {
            self.cannot_compare(left, (right.0.at, &right.1.kind));
        }
    }

    fn cannot_compare(&mut self, left: (&Expr, &Operand), right: (TextRange, &TypeKind)) {
        let (one, other) = (self.words(&left.1.kind), self.words(right.1));
        let mut problem = problem(
            Code::TypeMismatch,
            format!("{one} and {other} cannot be compared"),
            left.0.at.to(right.0),
            format!("this compares {one} with {other}"),
        );
        problem.help = Some(format!("convert one side: `cast(… as {})`", one.trim_matches('`')));
        self.problems.push(problem);
    }

    /// Complains of what has to be true or false and cannot be.
    pub fn expect_condition(&mut self, expr: &Expr, operand: &Operand, clause: &str) {
        let is_strict = !matches!(self.dialect, Dialect::DuckDb | Dialect::Snowflake);
        if !is_strict || operand.is_null() || operand.is_text_constant() {
            return;
        }
        if group(&operand.kind).is_some_and(|group| group != Group::Boolean) {
            let what = self.words(&operand.kind);
            self.problem(
                Code::TypeMismatch,
                format!("{clause} wants true or false, and this is {what}"),
                expr.at,
                format!("this is {what}"),
            );
        }
    }

    fn expect_text(&mut self, expr: &Expr, operand: &Operand, operator: &str) {
        let is_bytes = operand.kind == TypeKind::Blob;
        if !is_bytes && never(self.dialect, operand, &Family::Kind(TypeKind::text())) {
            let what = self.words(&operand.kind);
            self.problem(
                Code::TypeMismatch,
                format!("`{operator}` looks at text, and this is {what}"),
                expr.at,
                format!("this is {what}"),
            );
        }
    }

    /// What stands in OVER.
    pub fn window(&mut self, window: &Window) {
        let Window::Spec(spec) = window else { return };
        for expr in &spec.partition_by {
            self.kind(expr);
        }
        self.order(&spec.order_by);
        for bound in spec.frame.iter().flat_map(|(_, bounds)| bounds) {
            if let FrameBound::Preceding(Some(expr)) | FrameBound::Following(Some(expr)) = bound {
                self.kind(expr);
            }
        }
    }

    /// The types of what is ordered by.
    pub fn order(&mut self, keys: &[OrderKey]) -> Vec<TypeKind> {
        keys.iter().map(|key| self.kind(&key.expr)).collect()
    }

    /// A type for a message: its name in backticks.
    pub fn words(&self, kind: &TypeKind) -> String {
        words(kind, self.dialect)
    }

    pub fn problem(&mut self, code: Code, message: String, at: TextRange, label: String) {
        self.problems.push(problem(code, message, at, label));
    }
}

pub(super) fn problem(code: Code, message: String, at: TextRange, label: String) -> Problem {
    Problem { code, message, at, label, also: Vec::new(), help: None }
}

/// A type for a message: its name in backticks.
pub(super) fn words(kind: &TypeKind, dialect: Dialect) -> String {
    match (kind.data_type(dialect), kind) {
        (Some(name), _) => format!("`{name}`"),
        (None, TypeKind::List(_) | TypeKind::Array(..)) => "a list".to_owned(),
        (None, TypeKind::Struct(_)) => "a struct".to_owned(),
        (None, TypeKind::Map(_)) => "a map".to_owned(),
        (None, _) => "something else".to_owned(),
    }
}

pub(super) fn name_of(kind: &TypeKind, dialect: Dialect) -> Option<DataType> {
    match (kind, dialect) {
        // What DuckDB takes for it when a table is made of the query.
        (TypeKind::Null, Dialect::DuckDb) => TypeKind::integer(32).data_type(dialect),
        (TypeKind::List(item), Dialect::DuckDb) if item.as_ref() == &TypeKind::Null => {
            TypeKind::list(TypeKind::integer(32)).data_type(dialect)
        }
        // The name without sizes means other sizes there.
        (TypeKind::Null, _) | (TypeKind::Decimal(None), Dialect::DuckDb) => None,
        _ => kind.data_type(dialect),
    }
}

fn sign(op: &BinaryOp) -> &'static str {
    match op {
        BinaryOp::Add => "+",
        BinaryOp::Subtract => "-",
        BinaryOp::Multiply => "*",
        BinaryOp::Divide => "/",
        BinaryOp::IntegerDivide => "//",
        BinaryOp::Modulo => "%",
        _ => "**",
    }
}

/// Operators that are written with other signs.
fn other_operator(dialect: Dialect, sign: &str, left: &Operand, right: &Operand) -> TypeKind {
    match sign.to_lowercase().as_str() {
        "->>" | "#>>" => TypeKind::text(),
        "->" | "#>" | "#-" => match dialect {
            Dialect::DuckDb | Dialect::Postgres => TypeKind::Json,
            _ => TypeKind::Unknown,
        },
        "~" | "~*" | "!~" | "!~*" | "~~" | "~~*" | "!~~" | "!~~*" | "@>" | "<@" | "@@" | "^@" | "&&"
        | "?" | "?|" | "?&" | "overlaps" | "regexp" | "rlike" | "&<" | "&>" | "-|-" | "xor" => {
            TypeKind::Boolean
        }
        "&" | "|" | "#" | "^" if left.kind.is_whole() && right.kind.is_whole() => {
            common_kind(dialect, &[left.clone(), right.clone()]).unwrap_or_default()
        }
        "<<" | ">>" if left.kind.is_whole() && left.constant != Some(Constant::Null) => left.kind.clone(),
        _ => TypeKind::Unknown,
    }
}
