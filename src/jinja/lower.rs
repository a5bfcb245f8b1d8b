use std::ops::Range;
use std::sync::Arc;

use super::expression::Expression;
use super::lowered::{Lowered, LoweredWriter, Place};
use super::mark::Mark;
use super::template_tree::{Header, Node, Parameter, Tag, Target};

/// The name of the macro in the template of a macro: our callables are what bare names
/// mean, so the macro itself must not have the user's name.
pub(super) const MACRO: &str = "xform_macro";

/// Takes a macro's template into the render that needs it: its first argument is the
/// template's name. Macros live only as long as the state that imported them.
///
/// It has a scope of its own: what the template sets must not be seen by macros.
const PRELUDE: &str = "{% with %}{% macro xform_import(xform_template) %}\
    {% import xform_template as xform_module %}{{ xform_keep(xform_module) }}{% endmacro %}\
    {{ xform_begin(xform_import) }}{% endwith %}";

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
    pub(super) out: LoweredWriter<'a>,
    marks: Marks,
    /// Headers of the macros that are open in the template itself.
    open: Vec<Header>,
    /// How many call blocks are open, in each macro that is open.
    blocks: Vec<usize>,
}

/// A template that is rendered: a model, a hook, a value of YAML.
pub(super) fn lower_template(
    name: Arc<str>,
    source: &Arc<str>,
    place: Place,
    nodes: &[Node],
    marks: Marks,
) -> Lowered {
    let mut lowering =
        Lowering { out: LoweredWriter::new(source), marks, open: Vec::new(), blocks: Vec::new() };
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
    let mut lowering = Lowering {
        out: LoweredWriter::new(source),
        marks: Marks::None,
        open: Vec::new(),
        blocks: Vec::new(),
    };
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
    let mut lowering =
        Lowering { out: LoweredWriter::new(source), marks, open: Vec::new(), blocks: Vec::new() };
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
            Tag::End("endcall") => self.leave_block(),
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
                if let Some(blocks) = self.blocks.last_mut() {
                    *blocks += 1;
                }
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

    pub(super) fn keyword(&mut self, keyword: &str, value: &Expression, at: &Range<usize>) {
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
        if uses.caller_in_block {
            self.out.write("%}{% set xform_caller = caller ", &at);
        }
        self.blocks.push(0);
        self.out.copy(close);
    }

    fn leave_block(&mut self) {
        if let Some(blocks) = self.blocks.last_mut() {
            *blocks = blocks.saturating_sub(1);
        }
    }

    /// The name to write for a name. A `caller` inside of a call block is that of the
    /// macro around it; minijinja would take it for the block's own.
    pub(super) fn name<'n>(&self, name: &'n str) -> &'n str {
        let is_in_block = self.blocks.last().is_some_and(|blocks| *blocks > 0);
        if name == "caller" && is_in_block { "xform_caller" } else { name }
    }

    /// The end of a macro that the template has for itself.
    fn macro_end(&mut self, open: &Range<usize>, close: &Range<usize>) {
        let at = open.end..close.start;
        self.blocks.pop();
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
                let start = self.out.length();
                let reach = reach(target).unwrap_or_else(|| at.clone());
                self.out.write("(", at);
                for (index, target) in targets.iter().enumerate() {
                    self.out.write(if index == 0 { "" } else { ", " }, at);
                    self.target(target, at);
                }
                self.out.lowered(start, &reach);
                self.out.write(if targets.len() == 1 { ",)" } else { ")" }, at);
                self.out.lowered(start, &reach);
            }
        }
    }
}

/// From the first name of a target to the last.
fn reach(target: &Target) -> Option<Range<usize>> {
    match target {
        Target::Name(name) => Some(name.at.clone()),
        Target::Attribute(space, name) => Some(space.at.start..name.at.end),
        Target::Tuple(targets) => Some(reach(targets.first()?)?.start..reach(targets.last()?)?.end),
    }
}
