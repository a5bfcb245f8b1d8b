use super::token::{Kind, Token};
use super::tree::{Block, Node};

/// What a clause is laid out as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ClauseKind {
    With,
    Select,
    From,
    Join,
    /// `where` and its like.
    Condition,
    /// `group by` and its like.
    List,
    Plain,
    /// `union all` and its like.
    SetOperation,
    /// A block that holds clauses.
    Block,
    Semicolon,
    /// What begins with no keyword.
    Loose,
}

/// A part of a query that begins with a keyword.
#[derive(Clone, Copy, Debug)]
pub(super) struct Clause<'n> {
    pub kind: ClauseKind,
    /// Comments that stand above it.
    pub lead: &'n [Node],
    pub head: &'n [Node],
    pub body: &'n [Node],
}

/// Where clauses are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scope {
    Query,
    /// Between the brackets of a call: windows, orders of aggregates.
    Call,
}

/// Reads nodes of one level.
pub(super) struct Reader<'a> {
    pub tokens: &'a [Token<'a>],
}

const JOIN_WORDS: [&str; 15] = [
    "natural",
    "asof",
    "positional",
    "global",
    "any",
    "all",
    "left",
    "right",
    "full",
    "inner",
    "cross",
    "outer",
    "semi",
    "anti",
    "lateral",
];

impl Reader<'_> {
    /// The node's word in small letters, if it is a word that may be a keyword.
    pub(super) fn word<'s>(&'s self, nodes: &[Node], at: usize) -> &'s str {
        match nodes.get(at) {
            Some(Node::Token(at)) => self.tokens[*at].word.as_deref().unwrap_or_default(),
            _ => "",
        }
    }

    pub(super) fn is(&self, node: &Node, kind: Kind) -> bool {
        matches!(node, Node::Token(at) if self.tokens[*at].kind == kind)
    }

    pub(super) fn is_comment(&self, node: &Node) -> bool {
        matches!(node, Node::Token(at) if self.tokens[*at].is_comment())
    }

    pub(super) fn has_line(&self, node: &Node) -> bool {
        matches!(node, Node::Token(at) if self.tokens[*at].has_line)
    }

    /// Whether a token is the first of its line.
    pub(super) fn begins_line(&self, at: usize) -> bool {
        at == 0 || self.tokens[at].newlines > 0
    }

    /// Cuts nodes into clauses.
    pub(super) fn clauses<'n>(&self, nodes: &'n [Node], scope: Scope) -> Vec<Clause<'n>> {
        let mut clauses: Vec<Clause<'n>> = Vec::new();
        let mut kind = ClauseKind::Loose;
        // Where the current clause and its body begin.
        let (mut start, mut body) = (0, 0);
        let mut at = 0;
        while at < nodes.len() {
            let found = match scope {
                Scope::Query => self.begun(nodes, at, kind),
                Scope::Call => self.begun_in_call(nodes, at),
            };
            let Some((next, length)) = found else {
                at += 1;
                continue;
            };
            push(&mut clauses, kind, &nodes[start..body], &nodes[body..at]);
            (kind, start, body) = (next, at, at + length);
            at += length.max(1);
            if matches!(next, ClauseKind::Block | ClauseKind::Semicolon) {
                push(&mut clauses, kind, &nodes[start..body], &[]);
                (kind, start) = (ClauseKind::Loose, body);
            }
        }
        push(&mut clauses, kind, &nodes[start..body], &nodes[body..]);
        self.move_comments(&mut clauses);
        clauses
    }

    /// The clause that begins at a node: its kind, and how many nodes its keywords are.
    fn begun(&self, nodes: &[Node], at: usize, current: ClauseKind) -> Option<(ClauseKind, usize)> {
        let before = at.checked_sub(1).map(|before| &self.tokens[nodes[before].last()]);
        let token = match &nodes[at] {
            Node::Block(block) => {
                let is_loose = current == ClauseKind::Loose;
                return self.holds_clauses(block, is_loose, before).then_some((ClauseKind::Block, 1));
            }
            Node::Group { .. } => return None,
            Node::Token(token) => &self.tokens[*token],
        };
        if token.kind == Kind::Semicolon {
            return Some((ClauseKind::Semicolon, 1));
        }
        if token.is_output
            && token.has_line
            && before.is_none_or(|before| before.ends_operand() || before.has_line)
        {
            return Some((ClauseKind::Loose, 0));
        }
        let word = token.word.as_deref()?;
        let is_fresh = before.is_none_or(|before| {
            before.is_comment() || before.has_line || before.is_tag() || before.kind == Kind::Semicolon
        });
        if before.is_some_and(|before| before.is_word("as") && !matches!(word, "select" | "with" | "from")) {
            return None;
        }
        let next = self.word(nodes, at + 1);
        let ends_operand = is_fresh || before.is_some_and(Token::ends_operand);
        let found = match word {
            "with" => {
                let begins = is_fresh
                    || current == ClauseKind::SetOperation
                    || before.is_some_and(|before| before.is_word("as"));
                if !begins || matches!(next, "offset" | "ordinality" | "ties") || current == ClauseKind::With
                {
                    return None;
                }
                (ClauseKind::With, 1 + usize::from(next == "recursive"))
            }
            "select" => (ClauseKind::Select, 1 + self.select_words(nodes, at + 1)),
            "from" => {
                let is_comparison = at >= 2
                    && self.word(nodes, at - 1) == "distinct"
                    && matches!(self.word(nodes, at - 2), "is" | "not");
                if is_comparison {
                    return None;
                }
                (ClauseKind::From, 1)
            }
            "where" | "having" | "qualify" => (ClauseKind::Condition, 1),
            "group" | "order" | "cluster" | "distribute" | "sort" if next == "by" => (ClauseKind::List, 2),
            "window" if self.word(nodes, at + 2) == "as" => (ClauseKind::List, 1),
            "limit" | "returning" if ends_operand && next != "as" => (ClauseKind::Plain, 1),
            "fetch" if matches!(next, "first" | "next") => (ClauseKind::Plain, 1),
            "offset" => {
                let is_after = matches!(
                    current,
                    ClauseKind::Plain | ClauseKind::List | ClauseKind::Condition | ClauseKind::From
                );
                let has_number = matches!(nodes.get(at + 1), Some(Node::Token(at))
                    if self.tokens[*at].kind == Kind::Word && !self.tokens[*at].is_word("as"));
                if !(is_after && has_number && ends_operand) {
                    return None;
                }
                (ClauseKind::Plain, 1)
            }
            "union" | "intersect" | "except" | "minus" => {
                let is_star = before.is_some_and(|before| before.text == "*");
                let goes_on = matches!(
                    next,
                    "all" | "distinct" | "by" | "select" | "from" | "with" | "values" | "corresponding"
                );
                let is_open = match nodes.get(at + 1) {
                    None | Some(Node::Block(_) | Node::Group { .. }) => word != "minus",
                    Some(Node::Token(next)) => {
                        let next = &self.tokens[*next];
                        next.is_comment() || next.is_tag() || next.is_output
                    }
                };
                if is_star || !(goes_on || is_open) {
                    return None;
                }
                let mut length = 1 + usize::from(matches!(next, "all" | "distinct"));
                if self.word(nodes, at + length) == "by" && self.word(nodes, at + length + 1) == "name" {
                    length += 2;
                }
                (ClauseKind::SetOperation, length)
            }
            "values" if is_fresh && matches!(nodes.get(at + 1), Some(Node::Group { .. })) => {
                (ClauseKind::List, 1)
            }
            _ => (ClauseKind::Join, self.join_words(nodes, at)?),
        };
        Some(found)
    }

    /// How many words after `select` belong to it.
    fn select_words(&self, nodes: &[Node], at: usize) -> usize {
        match self.word(nodes, at) {
            "distinct" => {
                let is_on =
                    self.word(nodes, at + 1) == "on" && matches!(nodes.get(at + 2), Some(Node::Group { .. }));
                if is_on { 3 } else { 1 }
            }
            "all" => 1,
            "as" if matches!(self.word(nodes, at + 1), "struct" | "value") => 2,
            _ => 0,
        }
    }

    /// How many words the join that begins at a node has.
    fn join_words(&self, nodes: &[Node], at: usize) -> Option<usize> {
        if self.word(nodes, at) == "lateral" && self.word(nodes, at + 1) == "view" {
            return Some(2 + usize::from(self.word(nodes, at + 2) == "outer"));
        }
        if self.word(nodes, at + 1) == "apply" && matches!(self.word(nodes, at), "cross" | "outer") {
            return Some(2);
        }
        let length = (0..4).take_while(|by| JOIN_WORDS.contains(&self.word(nodes, at + by))).count();
        if self.word(nodes, at + length) != "join" {
            return None;
        }
        Some(length + 1 + usize::from(self.word(nodes, at + length + 1) == "lateral"))
    }

    fn begun_in_call(&self, nodes: &[Node], at: usize) -> Option<(ClauseKind, usize)> {
        let word = self.word(nodes, at);
        let next = self.word(nodes, at + 1);
        match word {
            "partition" | "order" | "cluster" | "distribute" | "sort" if next == "by" => {
                Some((ClauseKind::List, 2))
            }
            "rows" | "range" | "groups" if matches!(next, "between" | "unbounded" | "current") => {
                Some((ClauseKind::Plain, 1))
            }
            "where" if at == 0 => Some((ClauseKind::Condition, 1)),
            _ => None,
        }
    }

    /// Whether a block stands where clauses do: its first piece of SQL begins one, or it has
    /// none and nothing else is under way.
    fn holds_clauses(&self, block: &Block, is_loose: bool, before: Option<&Token<'_>>) -> bool {
        match self.first_code(block) {
            None => is_loose,
            Some((nodes, at)) => self.begins_clause(nodes, at, before),
        }
    }

    /// The first node of a block that is SQL, among its neighbours.
    pub(super) fn first_code<'n>(&self, block: &'n Block) -> Option<(&'n [Node], usize)> {
        block.branches.iter().find_map(|(_, nodes)| self.first_code_of(nodes))
    }

    fn first_code_of<'n>(&self, nodes: &'n [Node]) -> Option<(&'n [Node], usize)> {
        nodes.iter().enumerate().find_map(|(at, node)| match node {
            Node::Block(block) => self.first_code(block),
            Node::Token(token) if self.tokens[*token].is_comment() || self.tokens[*token].is_tag() => None,
            _ => Some((nodes, at)),
        })
    }

    fn begins_clause(&self, nodes: &[Node], at: usize, before: Option<&Token<'_>>) -> bool {
        let Node::Token(token) = &nodes[at] else { return false };
        let token = &self.tokens[*token];
        if token.is_output {
            return token.has_line && before.is_none_or(|before| before.ends_operand() || before.has_line);
        }
        self.begun(&nodes[at..], 0, ClauseKind::Loose).is_some()
    }

    /// Whether nodes begin with a clause, past comments and tags.
    pub(super) fn is_query(&self, nodes: &[Node]) -> bool {
        let Some((inner, at)) = self.first_code_of(nodes) else { return false };
        match self.begun(&inner[at..], 0, ClauseKind::Loose) {
            Some((ClauseKind::Loose, _)) | None => {
                matches!(self.word(inner, at), "pivot" | "unpivot" | "summarize" | "describe" | "show")
            }
            Some((ClauseKind::From, _)) => inner.len() > 1,
            Some((kind, _)) => {
                matches!(
                    kind,
                    ClauseKind::Select | ClauseKind::With | ClauseKind::List | ClauseKind::SetOperation
                ) && self.word(inner, at + 1) != "by"
            }
        }
    }

    /// Comments and tags at the end of a clause that stand no further in than the next
    /// clause, or than the clause itself, belong to what follows.
    fn move_comments(&self, clauses: &mut Vec<Clause<'_>>) {
        for at in 0..clauses.len() {
            let clause = clauses[at];
            if clause.head.is_empty() || clause.kind == ClauseKind::Block {
                continue;
            }
            let column = |nodes: &[Node]| nodes.first().map(|node| self.tokens[node.first()].column);
            let next = clauses.get(at + 1).and_then(|next| column(next.head).or_else(|| column(next.body)));
            let begins_line =
                |nodes: &[Node]| nodes.first().is_some_and(|node| self.begins_line(node.first()));
            let own = column(clause.head).filter(|_| begins_line(clause.head));
            let limit = next.max(own).unwrap_or_default();
            let is_outer = |node: &Node| {
                (self.is_comment(node) || self.is(node, Kind::Statement))
                    && self.has_line(node)
                    && self.tokens[node.first()].column <= limit
            };
            let moved = clause.body.iter().rev().take_while(|node| is_outer(node)).count();
            if moved == 0 {
                continue;
            }
            let (body, lead) = clause.body.split_at(clause.body.len() - moved);
            clauses[at].body = body;
            match clauses.get_mut(at + 1) {
                Some(next) => next.lead = lead,
                None => clauses.push(Clause { kind: ClauseKind::Loose, lead, head: &[], body: &[] }),
            }
        }
    }
}

fn push<'n>(clauses: &mut Vec<Clause<'n>>, kind: ClauseKind, head: &'n [Node], body: &'n [Node]) {
    if !head.is_empty() || !body.is_empty() {
        clauses.push(Clause { kind, lead: &[], head, body });
    }
}
