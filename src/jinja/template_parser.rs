use std::ops::Range;

use super::expression::{ExpressionKind, Identifier};
use super::expression_parser::ExpressionParser;
use super::pieces::{Piece, Pieces};
use super::syntax_error::SyntaxError;
use super::template_tree::{Header, Node, Parameter, Tag, Target, Uses};
use super::token::Token;
use crate::diagnostic::suggest;

/// Blocks and the tags that end them.
const BLOCKS: [(&str, &str); 9] = [
    ("for", "endfor"),
    ("if", "endif"),
    ("set", "endset"),
    ("macro", "endmacro"),
    ("call", "endcall"),
    ("filter", "endfilter"),
    ("block", "endblock"),
    ("with", "endwith"),
    ("autoescape", "endautoescape"),
];

/// How deep blocks may nest, and how many branches an `if` may have.
const DEPTH: usize = 60;
const BRANCHES: usize = 500;

/// Tags of Jinja that dbt's loader-less environment has no use for.
const WITHOUT_LOADER: [&str; 4] = ["include", "import", "from", "extends"];

/// Blocks that stand on their own in a file.
const TOP_LEVEL: [&str; 5] = ["test", "data_test", "materialization", "snapshot", "docs"];

/// An open block.
struct Open {
    keyword: &'static str,
    /// Its whole tag.
    at: Range<usize>,
    /// Index of its node.
    node: usize,
    saw_else: bool,
    /// Number of `elif`.
    branches: usize,
}

/// Parses `text[part]`.
pub(super) fn parse(text: &str, part: Range<usize>) -> Result<Vec<Node>, SyntaxError> {
    let mut parser = TemplateParser { text, nodes: Vec::new(), open: Vec::new() };
    for piece in Pieces::new(text, part) {
        parser.piece(piece?)?;
    }
    match parser.open.last() {
        None => Ok(parser.nodes),
        Some(open) if open.keyword == "set" => Err(unclosed(open.keyword, open.at.clone())
            .help("end it with `{% endset %}`, or give the value here: `{% set name = … %}`")),
        Some(open) => Err(unclosed(open.keyword, open.at.clone())),
    }
}

/// The complaint about a block that is never closed.
pub(super) fn unclosed(keyword: &str, at: Range<usize>) -> SyntaxError {
    let end = if keyword == "data_test" { "enddata_test".to_owned() } else { format!("end{keyword}") };
    SyntaxError::new(at, format!("`{{% {keyword} %}}` is never closed"))
        .help(format!("end it with `{{% {end} %}}`"))
}

struct TemplateParser<'a> {
    text: &'a str,
    nodes: Vec<Node>,
    open: Vec<Open>,
}

impl TemplateParser<'_> {
    fn piece(&mut self, piece: Piece) -> Result<(), SyntaxError> {
        let node = match piece {
            Piece::Data(at) => Node::Data(at),
            Piece::Comment(at) => Node::Comment(at),
            Piece::Raw { whole, body } => Node::Raw { whole, body },
            Piece::Output { open, tokens, close } => {
                let mut parser = ExpressionParser::new(self.text, &tokens, close.clone());
                if parser.is_done() {
                    return Err(SyntaxError::new(
                        open.start..close.end,
                        "there is nothing in this expression",
                    ));
                }
                let value = parser.tuple()?;
                parser.finish()?;
                Node::Output { open, value, close }
            }
            Piece::Tag { open, tokens, close } => {
                let tag = self.tag(&tokens, open.start..close.end, &close)?;
                Node::Tag { open, tag: Box::new(tag), close }
            }
        };
        self.nodes.push(node);
        Ok(())
    }

    fn tag(&mut self, tokens: &[Token], at: Range<usize>, close: &Range<usize>) -> Result<Tag, SyntaxError> {
        let mut parser = ExpressionParser::new(self.text, tokens, close.clone());
        let Some(keyword) = parser.word() else {
            return Err(if parser.is_done() {
                SyntaxError::new(at, "there is nothing in this tag")
            } else {
                parser.unexpected("the name of a tag")
            });
        };
        let name = parser.identifier("the name of a tag")?;
        let tag = match keyword {
            "for" => for_tag(&mut parser)?,
            "if" => Tag::If(parser.tuple()?),
            "elif" => Tag::ElseIf(parser.tuple()?),
            "else" => Tag::Else,
            "set" => set_tag(&mut parser)?,
            "macro" => Tag::Macro(header(&mut parser)?),
            "call" => call_tag(&mut parser)?,
            "filter" => Tag::Filter(parser.filter_chain()?),
            "with" => with_tag(&mut parser)?,
            "autoescape" => Tag::AutoEscape(parser.expression()?),
            "block" => {
                parser.identifier("the name of the block")?;
                parser.skip_word("scoped");
                Tag::Block
            }
            "do" => Tag::Do(parser.tuple()?),
            "break" => Tag::Break,
            "continue" => Tag::Continue,
            end => match BLOCKS.iter().find(|(_, known)| *known == end) {
                Some((_, end)) => {
                    // `{% endmacro name %}` is common, and harmless.
                    if matches!(*end, "endmacro" | "endblock") && parser.word().is_some() {
                        parser.identifier("")?;
                    }
                    Tag::End(end)
                }
                None => return Err(self.unknown(&name)),
            },
        };
        parser.skip_symbol(":");
        parser.finish()?;
        self.nest(&tag, at)?;
        Ok(tag)
    }

    fn unknown(&self, name: &Identifier) -> SyntaxError {
        let keyword = name.name.as_str();
        if keyword == "elseif" || keyword == "elsif" {
            return SyntaxError::new(name.at.clone(), format!("there is no tag `{keyword}`"))
                .help("write `elif`");
        }
        if keyword == "end" {
            let end = self.open.last().map_or("endif".to_owned(), |open| format!("end{}", open.keyword));
            return SyntaxError::new(name.at.clone(), "there is no tag `end`").help(format!("write `{end}`"));
        }
        if WITHOUT_LOADER.contains(&keyword) {
            return SyntaxError::new(
                name.at.clone(),
                format!("`{keyword}` cannot be used: templates do not load others"),
            )
            .help("macros of all files and packages can be called by their names");
        }
        let plain = keyword.strip_prefix("end").unwrap_or(keyword);
        if TOP_LEVEL.contains(&plain) {
            let error = SyntaxError::new(name.at.clone(), format!("`{keyword}` cannot stand here"));
            return error
                .help(format!("a `{plain}` block stands on its own in a file, not inside of another block"));
        }
        let known = BLOCKS.iter().flat_map(|(begin, end)| [*begin, *end]);
        let others = ["elif", "else", "do", "break", "continue", "raw", "endraw"];
        let error = SyntaxError::new(name.at.clone(), format!("there is no tag `{keyword}`"));
        match suggest::similar("tag", keyword, known.chain(others)) {
            Some(help) => error.help(help),
            None => error.help("to show a value, write `{{ … }}` instead of `{% … %}`"),
        }
    }

    /// Keeps track of the blocks that are open.
    fn nest(&mut self, tag: &Tag, at: Range<usize>) -> Result<(), SyntaxError> {
        let keyword = match tag {
            Tag::For { .. } => "for",
            Tag::If(_) => "if",
            Tag::SetBlock(..) => "set",
            Tag::Macro(_) => "macro",
            Tag::Call(..) => "call",
            Tag::Filter(_) => "filter",
            Tag::With(_) => "with",
            Tag::Block => "block",
            Tag::AutoEscape(_) => "autoescape",
            Tag::Else | Tag::ElseIf(_) => return self.branch(matches!(tag, Tag::Else), at),
            Tag::Break | Tag::Continue => {
                let inside =
                    self.open.iter().rev().take_while(|open| !matches!(open.keyword, "macro" | "call"));
                return if inside.into_iter().any(|open| open.keyword == "for") {
                    Ok(())
                } else {
                    Err(SyntaxError::new(at, "this tag is not inside of a loop"))
                };
            }
            Tag::End(end) => return self.close(end, at),
            Tag::Set(..) | Tag::Do(_) => return Ok(()),
        };
        if self.open.len() >= DEPTH {
            return Err(SyntaxError::new(at, format!("blocks are nested more than {DEPTH} deep"))
                .help("move inner blocks into a macro"));
        }
        self.open.push(Open { keyword, at, node: self.nodes.len(), saw_else: false, branches: 0 });
        Ok(())
    }

    fn branch(&mut self, is_else: bool, at: Range<usize>) -> Result<(), SyntaxError> {
        let word = if is_else { "else" } else { "elif" };
        let Some(open) = self.open.last_mut() else {
            return Err(SyntaxError::new(at, format!("`{word}` without an `if` before it")));
        };
        let fits = open.keyword == "if" || (is_else && open.keyword == "for");
        if !fits {
            return Err(SyntaxError::new(
                at,
                format!("`{word}` inside of `{}`, which has none", open.keyword),
            )
            .also(open.at.clone(), "this block is still open")
            .help(format!("is an `{{% end{} %}}` missing before it?", open.keyword)));
        }
        if open.saw_else {
            return Err(
                SyntaxError::new(at, format!("`{word}` after `else`")).also(open.at.clone(), "of this block")
            );
        }
        open.saw_else = is_else;
        open.branches += 1;
        if open.branches > BRANCHES {
            return Err(SyntaxError::new(at, format!("this `if` has more than {BRANCHES} branches"))
                .help("look the value up in a mapping instead"));
        }
        Ok(())
    }

    fn close(&mut self, end: &str, at: Range<usize>) -> Result<(), SyntaxError> {
        let wanted = BLOCKS.iter().find(|(_, known)| *known == end).map_or("", |(begin, _)| begin);
        match self.open.pop() {
            Some(open) if open.keyword == wanted => {
                self.note_uses(&open);
                Ok(())
            }
            Some(open) => Err(SyntaxError::new(at, format!("`{end}` does not close `{}`", open.keyword))
                .also(open.at, "this block is still open")
                .help(format!("put `{{% end{} %}}` before it", open.keyword))),
            None if wanted == "set" => Err(SyntaxError::new(at, "`endset` closes nothing")
                .help("`{% set x = … %}` needs no end; only `{% set x %} … {% endset %}` does")),
            None => Err(SyntaxError::new(at, format!("`{end}` closes nothing"))
                .help(format!("there is no open `{wanted}` block here"))),
        }
    }

    /// Tells a macro's header what its body uses.
    fn note_uses(&mut self, open: &Open) {
        if open.keyword != "macro" {
            return;
        }
        let uses = Uses::of(&self.nodes[open.node + 1..]);
        if let Some(Node::Tag { tag, .. }) = self.nodes.get_mut(open.node)
            && let Tag::Macro(header) = &mut **tag
        {
            header.uses = uses;
        }
    }
}

fn for_tag(parser: &mut ExpressionParser<'_>) -> Result<Tag, SyntaxError> {
    let target = targets(parser)?;
    if !parser.skip_word("in") {
        return Err(parser.unexpected("`in`").help("write `{% for item in items %}`"));
    }
    let items = parser.tuple_until(&["recursive", "if"])?;
    let condition = if parser.skip_word("if") { Some(parser.expression()?) } else { None };
    let is_recursive = parser.skip_word("recursive");
    Ok(Tag::For { target, items, condition, is_recursive })
}

fn set_tag(parser: &mut ExpressionParser<'_>) -> Result<Tag, SyntaxError> {
    let target = targets(parser)?;
    if parser.skip_symbol("=") {
        return Ok(Tag::Set(target, parser.tuple()?));
    }
    if parser.is_symbol("==") {
        return Err(parser.unexpected("`=`"));
    }
    let filter = if parser.skip_symbol("|") { Some(parser.filter_chain()?) } else { None };
    Ok(Tag::SetBlock(target, filter))
}

fn call_tag(parser: &mut ExpressionParser<'_>) -> Result<Tag, SyntaxError> {
    let parameters = if parser.is_symbol("(") { parameters(parser)? } else { Vec::new() };
    let call = parser.expression()?;
    if !matches!(call.kind, ExpressionKind::Call(..)) {
        return Err(SyntaxError::new(call.at, "`call` needs a call of a macro")
            .help("write `{% call name(…) %}`, with parentheses"));
    }
    Ok(Tag::Call(parameters, call))
}

fn with_tag(parser: &mut ExpressionParser<'_>) -> Result<Tag, SyntaxError> {
    let mut assignments = Vec::new();
    while !parser.is_done() {
        if !assignments.is_empty() {
            parser.expect_symbol(",")?;
        }
        let target = target(parser)?;
        parser.expect_symbol("=")?;
        assignments.push((target, parser.expression()?));
    }
    Ok(Tag::With(assignments))
}

/// `a`, `a, b`, `(a, b)`, `space.name`.
fn targets(parser: &mut ExpressionParser<'_>) -> Result<Target, SyntaxError> {
    let first = target(parser)?;
    if !parser.is_symbol(",") {
        return Ok(first);
    }
    let mut all = vec![first];
    while parser.skip_symbol(",") {
        if parser.word().is_none_or(|word| word == "in") && !parser.is_symbol("(") {
            break;
        }
        all.push(target(parser)?);
    }
    Ok(Target::Tuple(all))
}

fn target(parser: &mut ExpressionParser<'_>) -> Result<Target, SyntaxError> {
    if parser.skip_symbol("(") {
        let inner = targets(parser)?;
        parser.expect_symbol(")")?;
        return Ok(inner);
    }
    let name = parser.identifier("a name to set")?;
    if matches!(name.name.as_str(), "true" | "True" | "false" | "False" | "none" | "None") {
        return Err(SyntaxError::new(name.at, format!("`{}` cannot be set", name.name)));
    }
    if parser.skip_symbol(".") {
        return Ok(Target::Attribute(name, parser.identifier("a name after `.`")?));
    }
    if parser.is_symbol("[") || parser.is_symbol("(") {
        return Err(SyntaxError::new(parser.place(), "only names can be set").help(
            "to change a mapping, write `{% do mapping.update({key: value}) %}`; for a list, `{% do list.append(value) %}`",
        ));
    }
    Ok(Target::Name(name))
}

/// `name(a, b=1)`.
pub(super) fn header(parser: &mut ExpressionParser<'_>) -> Result<Header, SyntaxError> {
    let name = parser.identifier("the name of the macro")?;
    if !parser.is_symbol("(") {
        return Err(parser
            .unexpected("`(`")
            .help(format!("write `{}()` if it takes no arguments", name.name)));
    }
    Ok(Header { name, parameters: parameters(parser)?, uses: Uses::default() })
}

fn parameters(parser: &mut ExpressionParser<'_>) -> Result<Vec<Parameter>, SyntaxError> {
    parser.expect_symbol("(")?;
    let mut parameters: Vec<Parameter> = Vec::new();
    while !parser.skip_symbol(")") {
        if !parameters.is_empty() {
            parser.expect_symbol(",")?;
            if parser.skip_symbol(")") {
                break;
            }
        }
        if parser.is_symbol("*") || parser.is_symbol("**") {
            return Err(parser
                .unexpected("the name of a parameter")
                .help("further arguments are in `varargs` and `kwargs` without being declared"));
        }
        let name = parser.identifier("the name of a parameter")?;
        if parameters.iter().any(|other| other.name.name == name.name) {
            return Err(SyntaxError::new(
                name.at,
                format!("the parameter `{}` is declared twice", name.name),
            ));
        }
        let default = if parser.skip_symbol("=") { Some(parser.expression()?) } else { None };
        if default.is_none() && parameters.iter().any(|other| other.default.is_some()) {
            return Err(SyntaxError::new(
                name.at,
                format!("`{}` has no default, but stands after one that has", name.name),
            )
            .help("give it a default, or put it first"));
        }
        parameters.push(Parameter { name, default });
    }
    Ok(parameters)
}
