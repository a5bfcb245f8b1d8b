use std::ops::Range;

use super::expression::{Arguments, Expression, ExpressionKind as Kind};
use super::lower::Lowering;
use super::lowered::LoweredWriter;

impl Lowering<'_> {
    /// An expression as an operand: in parentheses where it needs them.
    pub(super) fn expression(&mut self, expression: &Expression) {
        if is_single(&expression.kind) {
            return self.bare(expression);
        }
        self.out.write("(", &expression.at);
        self.bare(expression);
        self.out.write(")", &expression.at);
    }

    /// An expression between delimiters. Few parentheses are written, for minijinja
    /// counts them when it limits how deep things nest.
    pub(super) fn bare(&mut self, expression: &Expression) {
        let start = self.out.length();
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.written(expression));
        self.out.lowered(start, &expression.at);
    }

    fn written(&mut self, expression: &Expression) {
        let at = &expression.at;
        match &expression.kind {
            Kind::Name(name) => self.out.write(self.name(name), at),
            Kind::None => self.out.write("none", at),
            Kind::Bool(value) => self.out.write(if *value { "true" } else { "false" }, at),
            Kind::Integer(digits) => self.out.write(digits, at),
            Kind::Float(digits) => self.out.write(&float_literal(digits), at),
            Kind::Text(text) => self.out.write(&text_literal(text), at),
            Kind::List(items) => {
                self.out.write("[", at);
                self.separated(items, at);
                self.out.write("]|xform_list", at);
            }
            Kind::Tuple(items) => {
                self.out.write("(", at);
                for item in items {
                    self.bare(item);
                    self.out.write(", ", at);
                }
                self.out.write(")", at);
            }
            Kind::Dict(pairs) => self.dict(pairs, at),
            Kind::Attribute(base, name) => {
                self.expression(base);
                self.out.write(".", &name.at);
                self.out.write(&name.name, &name.at);
            }
            Kind::Item(base, index) => {
                self.expression(base);
                self.out.write("[", at);
                self.bare(index);
                self.out.write("]", at);
            }
            Kind::Slice(base, bounds) => self.slice(base, bounds, at),
            Kind::Call(function, arguments) => {
                self.expression(function);
                self.arguments(arguments, at);
            }
            Kind::Filter(base, name, arguments) => {
                if let Some(base) = base {
                    self.filtered(base);
                }
                self.out.write("|", &name.at);
                self.out.write(&name.name, &name.at);
                self.filter_arguments(arguments, at);
            }
            Kind::Test(base, name, arguments) => {
                self.expression(base);
                self.out.write(" is ", &name.at);
                self.out.write(&name.name, &name.at);
                self.filter_arguments(arguments, at);
            }
            Kind::Not(operand) => self.keyword("not ", operand, at),
            Kind::Sign('-', operand) if matches!(operand.kind, Kind::Integer(_)) => {
                self.keyword("-", operand, at);
            }
            Kind::Sign(sign, operand) => {
                self.filtered(operand);
                self.out.write(if *sign == '-' { "|xform_minus" } else { "|xform_plus" }, at);
            }
            Kind::Arithmetic(left, operator, right) => {
                self.filtered(left);
                self.out.write(&format!("|{}(", arithmetic_filter(operator)), at);
                self.bare(right);
                self.out.write(")", at);
            }
            Kind::Concatenate(items) => {
                let (first, rest) =
                    items.split_first().map_or((expression, &[][..]), |(first, rest)| (first, rest));
                self.filtered(first);
                self.out.write("|xform_concat(", at);
                self.separated(rest, at);
                self.out.write(")", at);
            }
            Kind::Compare(first, rest) => self.compare(first, rest, at),
            Kind::And(left, right) => {
                self.joined(left, matches!(left.kind, Kind::And(..)));
                self.keyword(" and ", right, at);
            }
            Kind::Or(left, right) => {
                self.joined(left, matches!(left.kind, Kind::Or(..)));
                self.keyword(" or ", right, at);
            }
            Kind::Conditional { then, test, otherwise } => {
                self.expression(then);
                self.keyword(" if ", test, at);
                if let Some(otherwise) = otherwise {
                    self.keyword(" else ", otherwise, at);
                }
            }
        }
    }

    /// What a filter is put behind: filters in a row need no parentheses.
    pub(super) fn filtered(&mut self, base: &Expression) {
        self.joined(base, is_filtered(&base.kind));
    }

    fn joined(&mut self, operand: &Expression, is_bare: bool) {
        if is_bare { self.bare(operand) } else { self.expression(operand) }
    }

    fn separated(&mut self, items: &[Expression], at: &Range<usize>) {
        for (index, item) in items.iter().enumerate() {
            self.out.write(if index == 0 { "" } else { ", " }, at);
            self.bare(item);
        }
    }

    fn slice(&mut self, base: &Expression, bounds: &[Option<Box<Expression>>; 3], at: &Range<usize>) {
        self.filtered(base);
        self.out.write("|xform_slice(", at);
        for (index, bound) in bounds.iter().enumerate() {
            self.out.write(if index == 0 { "" } else { ", " }, at);
            match bound {
                Some(bound) => self.bare(bound),
                None => self.out.write("none", at),
            }
        }
        self.out.write(")", at);
    }

    fn compare(&mut self, first: &Expression, rest: &[(&'static str, Expression)], at: &Range<usize>) {
        if let [(operator @ ("==" | "!="), operand)] = rest {
            self.expression(first);
            self.keyword(&format!(" {operator} "), operand, at);
            return;
        }
        self.filtered(first);
        self.out.write("|xform_compare(", at);
        for (index, (operator, operand)) in rest.iter().enumerate() {
            let comma = if index == 0 { "" } else { ", " };
            self.out.write(&format!("{comma}'{operator}', "), at);
            self.bare(operand);
        }
        self.out.write(")", at);
    }

    fn dict(&mut self, pairs: &[(Expression, Expression)], at: &Range<usize>) {
        self.out.write("{", at);
        for (index, (key, value)) in pairs.iter().enumerate() {
            self.out.write(if index == 0 { "" } else { ", " }, at);
            self.bare(key);
            self.out.write(": ", at);
            self.bare(value);
        }
        self.out.write("}|xform_dict", at);
    }

    fn filter_arguments(&mut self, arguments: &Arguments, at: &Range<usize>) {
        if *arguments != Arguments::default() {
            self.arguments(arguments, at);
        }
    }

    fn arguments(&mut self, arguments: &Arguments, at: &Range<usize>) {
        self.out.write("(", at);
        let mut is_first = true;
        let mut comma = |out: &mut LoweredWriter<'_>| {
            out.write(if is_first { "" } else { ", " }, at);
            is_first = false;
        };
        for value in &arguments.positional {
            comma(&mut self.out);
            self.bare(value);
        }
        if let Some(star) = &arguments.star {
            comma(&mut self.out);
            self.out.write("*", &star.at);
            self.expression(star);
        }
        for (name, value) in &arguments.keywords {
            comma(&mut self.out);
            self.out.write(&name.name, &name.at);
            self.out.write("=", at);
            self.bare(value);
        }
        if let Some(double_star) = &arguments.double_star {
            comma(&mut self.out);
            self.out.write("**", &double_star.at);
            self.expression(double_star);
        }
        self.out.write(")", at);
    }

    pub(super) fn filter_chain(&mut self, chain: &Expression) {
        let Kind::Filter(base, name, arguments) = &chain.kind else { return };
        let start = self.out.length();
        if let Some(base) = base {
            self.filter_chain(base);
            self.out.write("|", &name.at);
        }
        self.out.write(&name.name, &name.at);
        self.filter_arguments(arguments, &chain.at);
        self.out.lowered(start, &chain.at);
    }
}

/// Whether an expression stands for itself next to anything.
fn is_single(kind: &Kind) -> bool {
    match kind {
        Kind::Name(_)
        | Kind::None
        | Kind::Bool(_)
        | Kind::Integer(_)
        | Kind::Text(_)
        | Kind::Tuple(_)
        | Kind::Attribute(..)
        | Kind::Item(..)
        | Kind::Call(..) => true,
        Kind::Float(digits) => !float_literal(digits).contains('|'),
        _ => false,
    }
}

/// Whether an expression is written as a value with filters behind it.
fn is_filtered(kind: &Kind) -> bool {
    match kind {
        Kind::List(_)
        | Kind::Dict(_)
        | Kind::Slice(..)
        | Kind::Filter(..)
        | Kind::Arithmetic(..)
        | Kind::Concatenate(_)
        | Kind::Float(_) => true,
        Kind::Sign(sign, operand) => *sign == '+' || !matches!(operand.kind, Kind::Integer(_)),
        Kind::Compare(_, rest) => !matches!(rest.as_slice(), [("==" | "!=", _)]),
        _ => false,
    }
}

fn arithmetic_filter(operator: &str) -> &'static str {
    match operator {
        "+" => "xform_add",
        "-" => "xform_subtract",
        "*" => "xform_multiply",
        "/" => "xform_divide",
        "//" => "xform_floor_divide",
        "%" => "xform_modulo",
        _ => "xform_power",
    }
}

/// A string literal of minijinja on one line.
fn text_literal(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('\'');
    for c in text.chars() {
        match c {
            '\\' => literal.push_str("\\\\"),
            '\'' => literal.push_str("\\'"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            c => literal.push(c),
        }
    }
    literal.push('\'');
    literal
}

/// minijinja wants a digit on both sides of the point.
fn float_literal(digits: &str) -> String {
    match digits.parse::<f64>() {
        Ok(value) if value.is_finite() && (1e-4..1e15).contains(&value.abs()) => format!("{value:?}"),
        _ => format!("'{digits}'|float"),
    }
}
