use std::ops::Range;

use super::expression::{Expression, ExpressionKind, Identifier};

/// A part of a template after parsing. Blocks are not nested: their tags stand one after
/// the other, and the parser has seen to it that they match.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node {
    /// Text: copied as it is.
    Data(Range<usize>),
    Comment(Range<usize>),
    /// A raw block, its tags included.
    Raw {
        whole: Range<usize>,
        body: Range<usize>,
    },
    Output {
        open: Range<usize>,
        value: Expression,
        close: Range<usize>,
    },
    Tag {
        open: Range<usize>,
        tag: Box<Tag>,
        close: Range<usize>,
    },
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Tag {
    For {
        target: Target,
        items: Expression,
        condition: Option<Expression>,
        is_recursive: bool,
    },
    If(Expression),
    ElseIf(Expression),
    Else,
    Set(Target, Expression),
    SetBlock(Target, Option<Expression>),
    Macro(Header),
    /// Parameters of `caller`, and the call.
    Call(Vec<Parameter>, Expression),
    Filter(Expression),
    With(Vec<(Target, Expression)>),
    /// `{% block name %}`: without inheritance, just its body.
    Block,
    AutoEscape(Expression),
    Do(Expression),
    Break,
    Continue,
    /// `endif` and the like, as written.
    End(&'static str),
}

/// What is assigned to.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    Name(Identifier),
    Tuple(Vec<Target>),
    /// `namespace.name`
    Attribute(Identifier, Identifier),
}

/// `name(parameters)` of a macro.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Header {
    pub(super) name: Identifier,
    pub(super) parameters: Vec<Parameter>,
    pub(super) uses: Uses,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Parameter {
    pub(super) name: Identifier,
    pub(super) default: Option<Expression>,
}

/// Which of the names that stand for more than was declared a macro's body uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    pub(super) varargs: bool,
    pub(super) kwargs: bool,
    pub(super) caller: bool,
    /// `caller` inside of a call block: the macro's own, not the block's.
    pub(super) caller_in_block: bool,
}

impl Node {
    /// Calls `visit` with each whole expression of the node, in order.
    pub(super) fn each_expression<'a>(&'a self, mut visit: impl FnMut(&'a Expression)) {
        let tag = match self {
            Node::Data(_) | Node::Comment(_) | Node::Raw { .. } => return,
            Node::Output { value, .. } => return visit(value),
            Node::Tag { tag, .. } => &**tag,
        };
        match tag {
            Tag::For { items, condition, .. } => {
                visit(items);
                condition.iter().for_each(visit);
            }
            Tag::If(value)
            | Tag::ElseIf(value)
            | Tag::Set(_, value)
            | Tag::Filter(value)
            | Tag::AutoEscape(value)
            | Tag::Do(value) => visit(value),
            Tag::SetBlock(_, filter) => filter.iter().for_each(visit),
            Tag::Macro(Header { parameters, .. }) => {
                parameters.iter().filter_map(|parameter| parameter.default.as_ref()).for_each(visit);
            }
            Tag::Call(parameters, call) => {
                parameters.iter().filter_map(|parameter| parameter.default.as_ref()).for_each(&mut visit);
                visit(call);
            }
            Tag::With(assignments) => assignments.iter().for_each(|(_, value)| visit(value)),
            Tag::Else | Tag::Block | Tag::Break | Tag::Continue | Tag::End(_) => {}
        }
    }
}

impl Uses {
    /// What the nodes of a macro's body use.
    pub(super) fn of(body: &[Node]) -> Self {
        let mut uses = Self::default();
        let mut blocks = 0_usize;
        for node in body {
            let before = std::mem::take(&mut uses.caller);
            node.each_expression(|expression| uses.add(expression));
            uses.caller_in_block |= uses.caller && blocks > 0;
            uses.caller |= before;
            if let Node::Tag { tag, .. } = node {
                match &**tag {
                    Tag::Call(..) => blocks += 1,
                    Tag::End("endcall") => blocks = blocks.saturating_sub(1),
                    _ => {}
                }
            }
        }
        uses
    }

    fn add(&mut self, expression: &Expression) {
        if let ExpressionKind::Name(name) = &expression.kind {
            match name.as_str() {
                "varargs" => self.varargs = true,
                "kwargs" => self.kwargs = true,
                "caller" => self.caller = true,
                _ => {}
            }
        }
        expression.each_part(|part| self.add(part));
    }
}
