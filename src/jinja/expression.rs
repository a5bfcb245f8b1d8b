use std::ops::Range;

/// An expression and where it stands, its own parentheses included.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Expression {
    pub(super) kind: ExpressionKind,
    pub(super) at: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum ExpressionKind {
    Name(String),
    None,
    Bool(bool),
    /// Decimal digits.
    Integer(String),
    Float(String),
    Text(String),
    List(Vec<Expression>),
    Tuple(Vec<Expression>),
    Dict(Vec<(Expression, Expression)>),
    Attribute(Box<Expression>, Identifier),
    Item(Box<Expression>, Box<Expression>),
    /// `x[a:b:c]`
    Slice(Box<Expression>, [Option<Box<Expression>>; 3]),
    Call(Box<Expression>, Arguments),
    /// No value inside of `{% filter … %}`, where the block's text is the value.
    Filter(Option<Box<Expression>>, Identifier, Arguments),
    /// `x is name(…)`
    Test(Box<Expression>, Identifier, Arguments),
    Not(Box<Expression>),
    /// `-` or `+`
    Sign(char, Box<Expression>),
    /// `+ - * / // % **`
    Arithmetic(Box<Expression>, &'static str, Box<Expression>),
    /// `a ~ b ~ c`
    Concatenate(Vec<Expression>),
    /// `a < b <= c`; also `in` and `not in`.
    Compare(Box<Expression>, Vec<(&'static str, Expression)>),
    And(Box<Expression>, Box<Expression>),
    Or(Box<Expression>, Box<Expression>),
    Conditional {
        then: Box<Expression>,
        test: Box<Expression>,
        otherwise: Option<Box<Expression>>,
    },
}

/// A name and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Identifier {
    pub(super) name: String,
    pub(super) at: Range<usize>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Arguments {
    pub(super) positional: Vec<Expression>,
    pub(super) keywords: Vec<(Identifier, Expression)>,
    /// `*rest`
    pub(super) star: Option<Box<Expression>>,
    /// `**named`
    pub(super) double_star: Option<Box<Expression>>,
}

impl Arguments {
    fn each<'a>(&'a self, visit: &mut impl FnMut(&'a Expression)) {
        self.positional.iter().for_each(&mut *visit);
        self.keywords.iter().for_each(|(_, value)| visit(value));
        self.star.iter().chain(&self.double_star).for_each(|value| visit(value));
    }
}

impl Expression {
    pub(super) fn new(kind: ExpressionKind, at: Range<usize>) -> Self {
        Self { kind, at }
    }

    /// Calls `visit` with each direct part of the expression, left to right.
    pub(super) fn each_part<'a>(&'a self, mut visit: impl FnMut(&'a Expression)) {
        use ExpressionKind as K;
        match &self.kind {
            K::Name(_) | K::None | K::Bool(_) | K::Integer(_) | K::Float(_) | K::Text(_) => {}
            K::List(items) | K::Tuple(items) | K::Concatenate(items) => items.iter().for_each(visit),
            K::Dict(pairs) => pairs.iter().for_each(|(key, value)| {
                visit(key);
                visit(value);
            }),
            K::Attribute(base, _) | K::Not(base) | K::Sign(_, base) => visit(base),
            K::Item(base, index) => {
                visit(base);
                visit(index);
            }
            K::Slice(base, bounds) => {
                visit(base);
                bounds.iter().flatten().for_each(|bound| visit(bound));
            }
            K::Call(base, arguments) | K::Test(base, _, arguments) => {
                visit(base);
                arguments.each(&mut visit);
            }
            K::Filter(base, _, arguments) => {
                if let Some(base) = base {
                    visit(base);
                }
                arguments.each(&mut visit);
            }
            K::Arithmetic(left, _, right) | K::And(left, right) | K::Or(left, right) => {
                visit(left);
                visit(right);
            }
            K::Compare(first, rest) => {
                visit(first);
                for (_, operand) in rest {
                    visit(operand);
                }
            }
            K::Conditional { then, test, otherwise } => {
                visit(then);
                visit(test);
                if let Some(otherwise) = otherwise {
                    visit(otherwise);
                }
            }
        }
    }

    /// `a.b.c` for names joined by dots.
    pub(super) fn dotted_name(&self) -> Option<String> {
        match &self.kind {
            ExpressionKind::Name(name) => Some(name.clone()),
            ExpressionKind::Attribute(base, attribute) => {
                Some(format!("{}.{}", base.dotted_name()?, attribute.name))
            }
            _ => None,
        }
    }
}
