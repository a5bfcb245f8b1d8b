use std::ops::Range;
use std::sync::Arc;

use super::expression::{Arguments, Expression, ExpressionKind as Kind};
use super::lowered::{Lowered, LoweredWriter, Place};
use super::mark::Mark;
use super::template_tree::{Header, Node, Parameter, Tag, Target};

/// The name of the macro in the template of a macro: our callables are what bare names
/// mean, so the macro itself must not have the user's name.
pub(super) const MACRO: &str = "xform_macro";

/// Takes a macro's template into the render that needs it: its first argument is the
/// template's name. Macros live only as long as the state that imported them.
const PRELUDE: &str = "{% macro xform_import(xform_template) %}{% import xform_template as xform_module %}\
    {{ xform_keep(xform_module) }}{% endmacro %}{{ xform_begin(xform_import) }}";

/// Whether output carries marks that tell where it comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Marks {
    None,
    /// Marks name this template by number.
    Template(usize),
}

/// Writes nodes in the dialect of minijinja. Everything between the marks of a tag is
/// written on one line: minijinja forgets the place of an instruction that is on
/// another line than the expression it belongs to.
pub(super) struct Lowering<'a> {
    out: LoweredWriter<'a>,
    marks: Marks,
    /// Headers of the macros that are open in the template itself.
    open: Vec<Header>,
}

/// A template that is rendered: a model, a hook, a value of YAML.
pub(super) fn lower_template(
    name: Arc<str>,
    source: &Arc<str>,
    place: Place,
    nodes: &[Node],
    marks: Marks,
) -> Lowered {
    let mut lowering = Lowering { out: LoweredWriter::new(source), marks, open: Vec::new() };
    let start = nodes.first().map_or(0, start_of);
    lowering.out.write(PRELUDE, &(start..start));
    lowering.nodes(nodes);
    lowering.out.finish(name, Arc::clone(source), place)
}

/// A template that is one expression, whose value the session keeps.
pub(super) fn lower_expression(
    name: Arc<str>,
    source: &Arc<str>,
    place: Place,
    expression: &Expression,
) -> Lowered {
    let mut lowering = Lowering { out: LoweredWriter::new(source), marks: Marks::None, open: Vec::new() };
    lowering.out.write(PRELUDE, &expression.at);
    lowering.out.write("{{ xform_result(", &expression.at);
    lowering.expression(expression);
    lowering.out.write(") }}", &expression.at);
    lowering.out.finish(name, Arc::clone(source), place)
}

/// A template without text that calls what the context has as `xform_entry`.
pub(super) fn lower_entry(name: Arc<str>) -> Lowered {
    let mut writer = LoweredWriter::new("");
    writer.write(PRELUDE, &(0..0));
    writer.write("{{ xform_result(xform_entry()) }}", &(0..0));
    writer.finish(name, Arc::from(""), Place::Nowhere)
}

/// The tags around a macro's body.
#[derive(Clone, Debug)]
pub(super) struct MacroTags {
    /// `{%-`, `-%}` of the header.
    pub(super) head: (Range<usize>, Range<usize>),
    pub(super) end: (Range<usize>, Range<usize>),
}

/// The template of one macro.
pub(super) fn lower_macro(
    name: Arc<str>,
    source: &Arc<str>,
    place: Place,
    header: &Header,
    tags: &MacroTags,
    body: &[Node],
    marks: Marks,
) -> Lowered {
    let mut lowering = Lowering { out: LoweredWriter::new(source), marks, open: Vec::new() };
    lowering.macro_head(&tags.head.0, MACRO, header, &tags.head.1);
    lowering.nodes(body);
    let (open, close) = &tags.end;
    lowering.out.copy(open);
    lowering.out.write(" endmacro ", &(open.end..close.start));
    lowering.out.copy(close);
    lowering.out.finish(name, Arc::clone(source), place)
}

fn start_of(node: &Node) -> usize {
    match node {
        Node::Data(at) | Node::Comment(at) | Node::Raw { whole: at, .. } => at.start,
        Node::Output { open, .. } | Node::Tag { open, .. } => open.start,
    }
}

impl Lowering<'_> {
    fn nodes(&mut self, nodes: &[Node]) {
        for node in nodes {
            match node {
                Node::Data(at) => self.data(at),
                Node::Comment(at) => self.out.copy(at),
                Node::Raw { whole, body } => {
                    self.out.copy(&(whole.start..body.start));
                    self.data(body);
                    self.out.copy(&(body.end..whole.end));
                }
                Node::Output { open, value, close } => self.output(open, value, close),
                Node::Tag { open, tag, close } => self.tag(open, tag, close),
            }
        }
    }

    /// Text. Its mark stands inside of the spaces around it, which tags may trim.
    fn data(&mut self, at: &Range<usize>) {
        let Marks::Template(template) = self.marks else { return self.out.copy(at) };
        let text = &self.out.source()[at.clone()];
        let start = at.start + (text.len() - text.trim_start().len());
        let end = (at.start + text.trim_end().len()).max(start);
        if start == end {
            return self.out.copy(at);
        }
        self.out.copy(&(at.start..start));
        let mark = Mark::Text { template, range: start..end };
        self.out.write(&mark.open(), &(start..start));
        self.out.copy(&(start..end));
        self.out.write(Mark::CLOSE, &(end..end));
        self.out.copy(&(end..at.end));
    }

    fn output(&mut self, open: &Range<usize>, value: &Expression, close: &Range<usize>) {
        self.out.copy(open);
        self.out.write(" ", &value.at);
        if let Marks::Template(template) = self.marks {
            // The mark tells the expression; what is inside may carry further marks.
            let Range { start, end } = value.at;
            self.filtered(value);
            self.out.write(&format!("|xform_mark({template}, {start}, {end})"), &value.at);
        } else {
            self.bare(value);
        }
        self.out.write(" ", &value.at);
        self.out.copy(close);
    }

    fn tag(&mut self, open: &Range<usize>, tag: &Tag, close: &Range<usize>) {
        let inner = &self.out.source()[open.end..close.start];
        let start = open.end + (inner.len() - inner.trim_start().len());
        let at = start..(start + inner.trim().len());
        match tag {
            Tag::Macro(header) => {
                self.open.push(header.clone());
                return self.macro_head(open, &header.name.name, header, close);
            }
            Tag::End("endmacro") => return self.macro_end(open, close),
            _ => {}
        }
        self.out.copy(open);
        self.out.write(" ", &at);
        match tag {
            Tag::For { target, items, condition, is_recursive } => {
                self.out.write("for ", &at);
                self.target(target, &at);
                self.out.write(" in ", &at);
                self.iterated(items);
                if let Some(condition) = condition {
                    self.out.write(" if ", &at);
                    self.expression(condition);
                }
                if *is_recursive {
                    self.out.write(" recursive", &at);
                }
            }
            Tag::If(condition) => self.keyword("if ", condition, &at),
            Tag::ElseIf(condition) => self.keyword("elif ", condition, &at),
            Tag::Else => self.out.write("else", &at),
            Tag::Set(target, value) => {
                self.out.write("set ", &at);
                self.target(target, &at);
                self.out.write(" = ", &at);
                self.bare(value);
            }
            Tag::SetBlock(target, filter) => {
                self.out.write("set ", &at);
                self.target(target, &at);
                if let Some(filter) = filter {
                    self.out.write(" | ", &at);
                    self.filter_chain(filter);
                }
            }
            Tag::Call(parameters, call) => {
                self.out.write("call", &at);
                self.parameters(parameters, &at);
                self.out.write(" ", &at);
                self.expression(call);
            }
            Tag::Filter(filter) => {
                self.out.write("filter ", &at);
                self.filter_chain(filter);
            }
            Tag::With(assignments) => {
                self.out.write("with", &at);
                for (index, (target, value)) in assignments.iter().enumerate() {
                    self.out.write(if index == 0 { " " } else { ", " }, &at);
                    self.target(target, &at);
                    self.keyword(" = ", value, &at);
                }
            }
            Tag::Block => self.out.write("if true", &at),
            Tag::AutoEscape(value) => self.keyword("autoescape ", value, &at),
            Tag::Do(value) => self.keyword("set xform_ignored = ", value, &at),
            Tag::Break => self.out.write("break", &at),
            Tag::Continue => self.out.write("continue", &at),
            Tag::End("endblock") => self.out.write("endif", &at),
            Tag::End(end) => self.out.write(end, &at),
            Tag::Macro(_) => {}
        }
        self.out.write(" ", &at);
        self.out.copy(close);
    }

    /// What a loop goes over; its error is about the whole expression.
    fn iterated(&mut self, items: &Expression) {
        let start = self.out.length();
        self.filtered(items);
        self.out.write("|xform_iterate", &items.at);
        self.out.lowered(start, &items.at);
    }

    fn keyword(&mut self, keyword: &str, value: &Expression, at: &Range<usize>) {
        self.out.write(keyword, at);
        self.expression(value);
    }

    /// The header tag of a macro. Defaults are set in its body, where earlier parameters
    /// can be seen, as in Jinja2.
    fn macro_head(&mut self, open: &Range<usize>, name: &str, header: &Header, close: &Range<usize>) {
        let at = open.end..close.start;
        self.out.copy(open);
        self.out.write(" macro ", &at);
        self.out.write(name, &at);
        self.out.write("(", &at);
        let own = header.parameters.iter().map(|parameter| parameter.name.name.as_str());
        let uses = header.uses;
        let extra = [(uses.varargs, "varargs"), (uses.kwargs, "kwargs")];
        let extra = extra.into_iter().filter_map(|(is_used, name)| is_used.then_some(name));
        let extra =
            extra.filter(|name| header.parameters.iter().all(|parameter| parameter.name.name != *name));
        let names: Vec<&str> = own.chain(extra).collect();
        self.out.write(&names.join(", "), &at);
        self.out.write(") ", &at);
        for parameter in &header.parameters {
            if let Some(default) = &parameter.default {
                let name = &parameter.name.name;
                self.out.write(&format!("%}}{{% if {name} is undefined %}}{{% set {name} = "), &at);
                self.expression(default);
                self.out.write(" %}{% endif ", &at);
            }
        }
        self.out.copy(close);
    }

    /// The end of a macro that the template has for itself.
    fn macro_end(&mut self, open: &Range<usize>, close: &Range<usize>) {
        let at = open.end..close.start;
        self.out.copy(open);
        self.out.write(" endmacro ", &at);
        if let Some(header) = self.open.pop() {
            let name = &header.name.name;
            let parameter = |own: &Parameter| {
                let optional = if own.default.is_some() { "=" } else { "" };
                format!("{}{optional}", own.name.name)
            };
            let parameters: Vec<String> = header.parameters.iter().map(parameter).collect();
            let uses = [(header.uses.varargs, 'v'), (header.uses.kwargs, 'k'), (header.uses.caller, 'c')];
            let uses: String =
                uses.into_iter().filter_map(|(is_used, letter)| is_used.then_some(letter)).collect();
            let parameters = parameters.join(",");
            let set = format!("%}}{{% set {name} = xform_local({name}, '{name}', '{parameters}', '{uses}') ");
            self.out.write(&set, &at);
        }
        self.out.copy(close);
    }

    fn parameters(&mut self, parameters: &[Parameter], at: &Range<usize>) {
        if parameters.is_empty() {
            return;
        }
        self.out.write("(", at);
        for (index, parameter) in parameters.iter().enumerate() {
            self.out.write(if index == 0 { "" } else { ", " }, at);
            self.out.copy(&parameter.name.at);
            if let Some(default) = &parameter.default {
                self.keyword("=", default, at);
            }
        }
        self.out.write(")", at);
    }

    fn target(&mut self, target: &Target, at: &Range<usize>) {
        match target {
            Target::Name(name) => self.out.copy(&name.at),
            Target::Attribute(space, name) => {
                self.out.copy(&space.at);
                self.out.write(".", &name.at);
                self.out.copy(&name.at);
            }
            Target::Tuple(targets) => {
                self.out.write("(", at);
                for target in targets {
                    self.target(target, at);
                    self.out.write(", ", at);
                }
                self.out.write(")", at);
            }
        }
    }

    /// An expression as an operand: in parentheses where it needs them.
    fn expression(&mut self, expression: &Expression) {
        if is_single(&expression.kind) {
            return self.bare(expression);
        }
        self.out.write("(", &expression.at);
        self.bare(expression);
        self.out.write(")", &expression.at);
    }

    /// An expression between delimiters. Few parentheses are written, for minijinja
    /// counts them when it limits how deep things nest.
    fn bare(&mut self, expression: &Expression) {
        let start = self.out.length();
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.written(expression));
        self.out.lowered(start, &expression.at);
    }

    fn written(&mut self, expression: &Expression) {
        let at = &expression.at;
        match &expression.kind {
            Kind::Name(name) => self.out.write(name, at),
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
                self.keyword("-", operand, at)
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
    fn filtered(&mut self, base: &Expression) {
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

    fn filter_chain(&mut self, chain: &Expression) {
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
        Kind::Name(_) | Kind::None | Kind::Bool(_) | Kind::Integer(_) | Kind::Text(_) => true,
        Kind::Tuple(_) | Kind::Attribute(..) | Kind::Item(..) | Kind::Call(..) => true,
        Kind::Float(digits) => !float_literal(digits).contains('|'),
        _ => false,
    }
}

/// Whether an expression is written as a value with filters behind it.
fn is_filtered(kind: &Kind) -> bool {
    match kind {
        Kind::List(_) | Kind::Dict(_) | Kind::Slice(..) | Kind::Filter(..) | Kind::Arithmetic(..) => true,
        Kind::Concatenate(_) | Kind::Float(_) => true,
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
