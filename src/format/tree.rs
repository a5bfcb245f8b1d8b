use super::spacing::is_source_spaced;
use super::token::{Gap, Kind, Token};

/// How deep brackets may nest; those further in are words like others.
const DEPTH: usize = 100;

/// Tokens by number, nested.
#[derive(Clone, Debug)]
pub(super) enum Node {
    Token(usize),
    /// A bracket, or a `case` up to its `end`.
    Group {
        open: usize,
        items: Vec<Node>,
        close: usize,
        is_case: bool,
    },
    Block(Block),
}

/// A block of Jinja.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// Each begins with a tag.
    pub branches: Vec<(usize, Vec<Node>)>,
    pub close: usize,
    /// Its tags have lines of their own.
    pub is_tall: bool,
    /// It is written in one line, which it has to itself.
    pub has_line: bool,
}

impl Block {
    /// Whether nothing else may stand in its lines.
    pub(super) fn needs_line(&self) -> bool {
        self.is_tall || self.has_line
    }
}

impl Node {
    pub(super) fn first(&self) -> usize {
        match self {
            Node::Token(at) => *at,
            Node::Group { open, .. } => *open,
            Node::Block(block) => block.branches.first().map_or(block.close, |(tag, _)| *tag),
        }
    }

    pub(super) fn last(&self) -> usize {
        match self {
            Node::Token(at) => *at,
            Node::Group { close, .. } => *close,
            Node::Block(block) => block.close,
        }
    }
}

struct Frame {
    /// The token that opened it; of the outermost none.
    open: Option<usize>,
    branches: Vec<(usize, Vec<Node>)>,
    items: Vec<Node>,
}

/// Nests tokens. Brackets that match none within their branch of a block are tokens like others.
pub(super) fn tree(tokens: &[Token<'_>], line_length: usize) -> Vec<Node> {
    let mut frames = vec![Frame { open: None, branches: Vec::new(), items: Vec::new() }];
    for (at, token) in tokens.iter().enumerate() {
        let begins_case = token.is_word("case") && token.kind == Kind::Word;
        match token.kind {
            Kind::Open if frames.len() < DEPTH => frames.push(Frame::new(at)),
            Kind::Word if begins_case && frames.len() < DEPTH => frames.push(Frame::new(at)),
            Kind::BlockOpen => frames.push(Frame::new(at)),
            Kind::Close => {
                // A `case` that was never ended is a word.
                let bracket = frames.iter().rposition(|frame| frame.kind(tokens) != Some(Kind::Word));
                let is_match = bracket.is_some_and(|bracket| {
                    frames[bracket].open.is_some_and(|open| partner(&tokens[open].text) == Some(&token.text))
                });
                if let (true, Some(bracket)) = (is_match, bracket) {
                    dissolve(&mut frames, bracket + 1);
                    close(&mut frames, at, false);
                } else {
                    add(&mut frames, Node::Token(at));
                }
            }
            Kind::Word
                if token.is_word("end")
                    && frames.last().is_some_and(|frame| frame.kind(tokens) == Some(Kind::Word)) =>
            {
                close(&mut frames, at, true);
            }
            Kind::BlockMiddle | Kind::BlockClose => {
                let block = frames.iter().rposition(|frame| frame.kind(tokens) == Some(Kind::BlockOpen));
                let Some(block) = block else { continue };
                dissolve(&mut frames, block + 1);
                let Some(frame) = frames.last_mut() else { continue };
                let tag = frame.branches.last().map_or(frame.open, |(_, _)| None);
                let items = std::mem::take(&mut frame.items);
                match tag {
                    Some(tag) => frame.branches.push((tag, items)),
                    None => {
                        if let Some(branch) = frame.branches.last_mut() {
                            branch.1 = items;
                        }
                    }
                }
                if token.kind == Kind::BlockMiddle {
                    frame.branches.push((at, Vec::new()));
                } else if let Some(frame) = frames.pop() {
                    let mut block =
                        Block { branches: frame.branches, close: at, is_tall: false, has_line: false };
                    block.is_tall = is_tall(&block, tokens, line_length);
                    block.has_line = !block.is_tall && has_line(&block, tokens);
                    add(&mut frames, Node::Block(block));
                }
            }
            _ => add(&mut frames, Node::Token(at)),
        }
    }
    dissolve(&mut frames, 1);
    frames.pop().map_or_else(Vec::new, |frame| frame.items)
}

impl Frame {
    fn new(open: usize) -> Self {
        Self { open: Some(open), branches: Vec::new(), items: Vec::new() }
    }

    fn kind(&self, tokens: &[Token<'_>]) -> Option<Kind> {
        self.open.map(|open| tokens[open].kind)
    }
}

fn partner(open: &str) -> Option<&'static str> {
    match open {
        "(" => Some(")"),
        "[" => Some("]"),
        "{" => Some("}"),
        _ => None,
    }
}

fn add(frames: &mut [Frame], node: Node) {
    if let Some(frame) = frames.last_mut() {
        frame.items.push(node);
    }
}

fn close(frames: &mut Vec<Frame>, close: usize, is_case: bool) {
    if let Some(Frame { open: Some(open), items, .. }) = frames.pop() {
        add(frames, Node::Group { open, items, close, is_case });
    }
}

/// Makes what was opened from frame `from` on, and never closed, tokens like others.
fn dissolve(frames: &mut Vec<Frame>, from: usize) {
    while frames.len() > from {
        let Some(frame) = frames.pop() else { return };
        let Some(outer) = frames.last_mut() else { return };
        outer.items.extend(frame.open.map(Node::Token));
        outer.items.extend(frame.items);
    }
}

/// Whether the tags of a block are to have lines of their own: they have, or the block is too
/// long for a line; and white space beside its tags may change.
fn is_tall(block: &Block, tokens: &[Token<'_>], line_length: usize) -> bool {
    let first = block.branches.first().map_or(block.close, |(tag, _)| *tag);
    if is_rigid(block, tokens) {
        return false;
    }
    let inside = &tokens[first + 1..=block.close];
    let width: usize = inside.iter().map(|token| token.width + usize::from(is_source_spaced(token))).sum();
    inside.iter().any(|token| token.newlines > 0 || (token.has_newline && token.is_comment()))
        || tokens[first].width + width > line_length
}

/// Whether a block in one line keeps that line to itself.
fn has_line(block: &Block, tokens: &[Token<'_>]) -> bool {
    let first = block.branches.first().map_or(block.close, |(tag, _)| *tag);
    (first == 0 || tokens[first].newlines > 0)
        && tokens.get(block.close + 1).is_none_or(|next| next.newlines > 0)
        && !is_rigid(block, tokens)
}

/// Whether there is a tag of the block that must stay where it is, without white space.
fn is_rigid(block: &Block, tokens: &[Token<'_>]) -> bool {
    let tags = block.branches.iter().map(|(tag, _)| *tag).chain([block.close]);
    tags.into_iter().any(|tag| {
        tokens[tag].gap == Gap::Glued || tokens.get(tag + 1).is_some_and(|next| next.gap == Gap::Glued)
    })
}
