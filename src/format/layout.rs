use super::doc::Doc;
use super::query::{Clause, ClauseKind, Reader, Scope};
use super::style::{Commas, Style};
use super::token::{Kind, Token};
use super::tree::{Block, Node};

/// Makes documents of nodes.
pub(super) struct Layout<'a> {
    pub tokens: &'a [Token<'a>],
    pub style: &'a Style,
    pub reader: Reader<'a>,
}

/// What the nodes of a block are parts of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Context {
    Query,
    With,
    Items,
    Conditions,
    Whens,
}

/// Operators at which a long expression is broken.
const ARITHMETIC: [&str; 6] = ["+", "-", "*", "/", "%", "||"];

impl Layout<'_> {
    /// Clauses, one below the other. `is_nested` within brackets, where a short query may
    /// stand in one line.
    pub(super) fn query(&self, nodes: &[Node], is_nested: bool) -> Vec<Doc> {
        let clauses = self.reader.clauses(nodes, Scope::Query);
        let operands = operands(&clauses);
        let short: Vec<bool> = operands.iter().map(|part| self.is_short(part, is_nested)).collect();
        let mut docs = Vec::new();
        let mut last: Option<ClauseKind> = None;
        for (place, operand) in operands.iter().enumerate() {
            let kind = operand[0].kind;
            // A set operation and its sides, or what stands between two of them.
            let is_short =
                |place: Option<usize>| place.is_none_or(|place| short.get(place).is_none_or(|short| *short));
            match (last, kind) {
                (None, _) | (_, ClauseKind::Semicolon) => {}
                (Some(ClauseKind::With), _) => docs.push(Doc::Blank),
                (Some(_), ClauseKind::SetOperation) => {
                    let is_tight = is_short(place.checked_sub(1)) && is_short(Some(place + 1));
                    docs.push(if is_tight { Doc::Hard } else { Doc::Blank });
                }
                (Some(ClauseKind::SetOperation), _) => {
                    let is_tight = is_short(Some(place)) && is_short(place.checked_sub(2));
                    docs.push(if is_tight { Doc::Hard } else { Doc::Blank });
                }
                _ => docs.push(Doc::Hard),
            }
            let separator = || if short[place] { Doc::Soft } else { Doc::Hard };
            let mut parts = Vec::new();
            for (at, clause) in operand.iter().enumerate() {
                if at > 0 {
                    parts.push(separator());
                }
                parts.extend(self.clause(clause));
            }
            docs.push(if short[place] { Doc::group(parts) } else { Doc::broken(parts) });
            last = operand.last().map(|clause| clause.kind);
        }
        docs
    }

    /// Whether a query without set operations may stand in one line.
    fn is_short(&self, clauses: &[Clause<'_>], is_nested: bool) -> bool {
        let is_plain = |clause: &Clause<'_>| {
            let nodes = || clause.lead.iter().chain(clause.head).chain(clause.body);
            nodes().all(|node| {
                self.tokens[node.first()..=node.last()]
                    .iter()
                    .all(|token| !token.is_comment() && !token.has_newline && !token.has_line)
            }) && !nodes().any(|node| matches!(node, Node::Block(block) if block.needs_line()))
        };
        let has_commas =
            |clause: &Clause<'_>| clause.body.iter().any(|node| self.reader.is(node, Kind::Comma));
        let first = clauses[0].kind;
        if matches!(first, ClauseKind::SetOperation | ClauseKind::Semicolon) {
            return true;
        }
        matches!(first, ClauseKind::Select | ClauseKind::From | ClauseKind::List)
            && clauses.iter().all(|clause| {
                is_plain(clause)
                    && match clause.kind {
                        ClauseKind::Select | ClauseKind::From => !has_commas(clause),
                        ClauseKind::Plain => true,
                        ClauseKind::List => is_nested || first == ClauseKind::List,
                        ClauseKind::Condition => is_nested && self.conjunctions(clause.body).is_empty(),
                        _ => false,
                    }
            })
    }

    fn clause(&self, clause: &Clause<'_>) -> Vec<Doc> {
        let Clause { kind, lead, head, body } = *clause;
        let mut docs: Vec<Doc> = self.sequence(lead, Context::Query);
        match kind {
            ClauseKind::Block => docs.extend(self.sequence(head, Context::Query)),
            ClauseKind::Loose => docs.push(Doc::group(self.items(body, Context::Items, || Doc::Soft))),
            ClauseKind::With => {
                docs.extend(texts(head));
                docs.extend(self.with_items(body));
            }
            ClauseKind::Select => docs.extend(self.select(head, body)),
            ClauseKind::Join => docs.push(self.join(head, body)),
            ClauseKind::Condition => {
                docs.extend(texts(head));
                if self.conjunctions(body).is_empty() && !self.is_tall(body) {
                    docs.extend(self.expression(body));
                } else {
                    let mut inner = vec![Doc::Hard];
                    inner.extend(self.chain(body, || Doc::Hard));
                    docs.push(Doc::Indent(inner));
                }
            }
            ClauseKind::SetOperation => {
                docs.extend(texts(head));
                if !body.is_empty() {
                    docs.push(Doc::Hard);
                    docs.extend(self.expression(body));
                }
            }
            _ => docs.push(self.list(head, body)),
        }
        docs
    }

    fn select(&self, head: &[Node], body: &[Node]) -> Vec<Doc> {
        let mut docs = self.sequence(head, Context::Items);
        let is_one = !body.iter().any(|node| self.reader.is(node, Kind::Comma)) && !self.is_tall(body);
        if is_one {
            docs.extend(self.expression(body));
            return docs;
        }
        let mut inner = vec![Doc::Hard];
        inner.extend(self.items(body, Context::Items, || Doc::Hard));
        docs.push(Doc::Indent(inner));
        docs
    }

    /// Whether there is something among the nodes that needs lines of its own.
    fn is_tall(&self, nodes: &[Node]) -> bool {
        nodes.iter().any(|node| match node {
            Node::Block(block) => block.needs_line(),
            node => self.reader.has_line(node),
        })
    }

    /// Keywords, and what is listed after them: in one line, or one a line.
    fn list(&self, head: &[Node], body: &[Node]) -> Doc {
        let mut docs = self.sequence(head, Context::Items);
        let is_one = !body.iter().any(|node| self.reader.is(node, Kind::Comma)) && !self.is_tall(body);
        if is_one {
            docs.extend(self.expression(body));
        } else {
            let mut inner = vec![Doc::Soft];
            inner.extend(self.items(body, Context::Items, || Doc::Soft));
            docs.push(Doc::Indent(inner));
        }
        Doc::group(docs)
    }

    fn join(&self, head: &[Node], body: &[Node]) -> Doc {
        let mut docs = texts(head);
        let on = (0..body.len()).find(|at| matches!(self.reader.word(body, *at), "on" | "using"));
        let (joined, on) = body.split_at(on.unwrap_or(body.len()));
        docs.extend(self.expression(joined));
        let Some((word, conditions)) = on.split_first() else { return Doc::group(docs) };
        let conjunctions = self.conjunctions(conditions);
        let mut inner = vec![Doc::Soft, Doc::Text(word.first())];
        inner.extend(self.chain(conditions, || Doc::Soft));
        docs.push(Doc::Indent(inner));
        if conjunctions.is_empty() { Doc::group(docs) } else { Doc::broken(docs) }
    }

    /// Common table expressions, an empty line between them.
    fn with_items(&self, nodes: &[Node]) -> Vec<Doc> {
        let mut docs = Vec::new();
        let items = self.split(nodes);
        let count = items.len();
        for (place, item) in items.into_iter().enumerate() {
            for (at, node) in item.nodes.iter().enumerate() {
                let is_query =
                    matches!(self.reader.word(item.nodes, at.wrapping_sub(1)), "as" | "materialized");
                match node {
                    Node::Group { open, items, close, is_case: false } if is_query => {
                        let mut inner = vec![Doc::Hard];
                        inner.extend(self.query(items, false));
                        docs.push(Doc::Text(*open));
                        docs.push(Doc::Indent(inner));
                        docs.extend([Doc::Hard, Doc::Text(*close)]);
                    }
                    node => {
                        let is_next = at > 0 && matches!(item.nodes[at - 1], Node::Block(_));
                        docs.extend(is_next.then_some(Doc::Blank));
                        docs.extend(self.node(node, Context::With));
                    }
                }
            }
            self.comma(&mut docs, item.comma, item.tail, || Doc::Blank, place + 1 == count);
        }
        docs
    }

    /// Nodes with commas between, each followed by `separator`.
    fn items(&self, nodes: &[Node], context: Context, separator: impl Fn() -> Doc + Copy) -> Vec<Doc> {
        let mut docs = Vec::new();
        let items = self.split(nodes);
        let count = items.len();
        for (place, item) in items.into_iter().enumerate() {
            if !item.nodes.is_empty() {
                docs.push(Doc::group(self.expression_in(item.nodes, context)));
            }
            let is_last = place + 1 == count;
            if item.nodes.is_empty() && place == 0 {
                // A block may begin with the comma: `, amount`.
                docs.extend(item.comma.map(Doc::Text));
                docs.extend(item.tail.into_iter().map(Doc::Text));
                continue;
            }
            self.comma(&mut docs, item.comma, item.tail, separator, is_last);
        }
        docs
    }

    /// Adds a comma and the comments beside it, in the order of the style.
    fn comma(
        &self,
        docs: &mut Vec<Doc>,
        comma: Option<usize>,
        tail: Vec<usize>,
        separator: impl Fn() -> Doc,
        is_last: bool,
    ) {
        let tail = tail.into_iter().map(Doc::Text);
        match (comma, self.style.commas) {
            (Some(comma), Commas::Trailing) => {
                docs.push(Doc::Text(comma));
                docs.extend(tail);
                docs.extend((!is_last).then(separator));
            }
            (Some(comma), Commas::Leading) => {
                docs.extend(tail);
                docs.push(separator());
                docs.push(Doc::Text(comma));
            }
            (None, _) => docs.extend(tail),
        }
    }

    /// Cuts nodes at their commas.
    fn split<'n>(&self, nodes: &'n [Node]) -> Vec<Item<'n>> {
        let mut items = Vec::new();
        let (mut start, mut at) = (0, 0);
        while at < nodes.len() {
            if !self.reader.is(&nodes[at], Kind::Comma) {
                at += 1;
                continue;
            }
            let before =
                nodes[start..at].iter().rev().take_while(|node| self.reader.is_comment(node)).count();
            let before = if before == at - start { 0 } else { before };
            let mut tail: Vec<usize> = nodes[at - before..at].iter().map(Node::first).collect();
            let mut next = at + 1;
            while nodes.get(next).is_some_and(|node| self.is_beside(node)) {
                tail.push(nodes[next].first());
                next += 1;
            }
            items.push(Item { nodes: &nodes[start..at - before], comma: Some(nodes[at].first()), tail });
            (start, at) = (next, next);
        }
        if start < nodes.len() || items.is_empty() {
            items.push(Item { nodes: &nodes[start..], comma: None, tail: Vec::new() });
        }
        items
    }

    /// Whether a node is a comment that ends the line of what stands before it.
    fn is_beside(&self, node: &Node) -> bool {
        let at = node.first();
        self.reader.is_comment(node)
            && self.tokens[at].newlines == 0
            && self.tokens.get(at + 1).is_none_or(|next| next.newlines > 0)
    }

    /// An expression that goes on further in where it is broken.
    fn expression(&self, nodes: &[Node]) -> Vec<Doc> {
        vec![Doc::group(self.expression_in(nodes, Context::Items))]
    }

    fn expression_in(&self, nodes: &[Node], context: Context) -> Vec<Doc> {
        let cuts = self.conjunctions(nodes);
        let cuts = if cuts.is_empty() { self.arithmetic(nodes) } else { cuts };
        let Some(first) = cuts.first() else { return self.sequence(nodes, context) };
        let mut docs = self.sequence(&nodes[..*first], context);
        let mut inner = Vec::new();
        for (place, cut) in cuts.iter().enumerate() {
            let end = cuts.get(place + 1).copied().unwrap_or(nodes.len());
            if *cut > 0 {
                inner.push(Doc::Soft);
            }
            inner.extend(self.sequence(&nodes[*cut..end], context));
        }
        docs.push(Doc::Indent(inner));
        docs
    }

    /// Conditions with `and` and `or` between, each after a `separator`.
    fn chain(&self, nodes: &[Node], separator: impl Fn() -> Doc) -> Vec<Doc> {
        let cuts = self.conjunctions(nodes);
        let mut docs = Vec::new();
        let mut start = 0;
        for end in cuts.into_iter().chain([nodes.len()]) {
            if start > 0 {
                docs.push(separator());
            }
            let part = &nodes[start..end];
            let word = usize::from(start > 0 || matches!(self.reader.word(part, 0), "and" | "or"));
            docs.extend(texts(&part[..word.min(part.len())]));
            let rest = &part[word.min(part.len())..];
            if !rest.is_empty() {
                docs.push(Doc::group(self.expression_in(rest, Context::Conditions)));
            }
            start = end;
        }
        docs
    }

    /// Where `and` and `or` stand among nodes, but not at their beginning, nor in `between`.
    fn conjunctions(&self, nodes: &[Node]) -> Vec<usize> {
        let mut found = Vec::new();
        let mut betweens = 0_usize;
        for at in 0..nodes.len() {
            match self.reader.word(nodes, at) {
                "between" => betweens += 1,
                "and" if betweens > 0 => betweens -= 1,
                "and" | "or" if at > 0 => found.push(at),
                _ => {}
            }
        }
        found
    }

    /// Where the operators stand at which a long expression is broken.
    fn arithmetic(&self, nodes: &[Node]) -> Vec<usize> {
        let is_operator = |at: usize| match &nodes[at] {
            Node::Token(token) => {
                let token = &self.tokens[*token];
                token.kind == Kind::Operator && ARITHMETIC.contains(&&*token.text)
            }
            _ => false,
        };
        (1..nodes.len())
            .filter(|at| is_operator(*at) && self.tokens[nodes[at - 1].last()].ends_operand())
            .filter(|at| at + 1 < nodes.len())
            .collect()
    }

    fn sequence(&self, nodes: &[Node], context: Context) -> Vec<Doc> {
        nodes.iter().flat_map(|node| self.node(node, context)).collect()
    }

    fn node(&self, node: &Node, context: Context) -> Vec<Doc> {
        match node {
            Node::Token(at) => vec![Doc::Text(*at)],
            Node::Group { open, items, close, is_case: true } => vec![self.case(*open, items, *close)],
            Node::Group { open, items, close, .. } => vec![self.bracket(*open, items, *close)],
            Node::Block(block) => self.block(block, context),
        }
    }

    fn bracket(&self, open: usize, nodes: &[Node], close: usize) -> Doc {
        let mut docs = vec![Doc::Text(open)];
        if nodes.is_empty() {
            docs.push(Doc::Text(close));
            return Doc::group(docs);
        }
        let mut inner = vec![Doc::Soft];
        let clauses = self.reader.clauses(nodes, Scope::Call);
        if self.reader.is_query(nodes) {
            inner.extend(self.query(nodes, true));
        } else if clauses.len() > 1 || clauses.iter().any(|clause| !clause.head.is_empty()) {
            for (at, clause) in clauses.iter().enumerate() {
                if at > 0 {
                    inner.push(Doc::Soft);
                }
                inner.extend(self.clause(clause));
            }
        } else if nodes.iter().any(|node| self.reader.is(node, Kind::Comma)) {
            inner.extend(self.items(nodes, Context::Items, || Doc::Soft));
        } else {
            inner.extend(self.chain(nodes, || Doc::Soft));
        }
        docs.extend([Doc::Indent(inner), Doc::Soft, Doc::Text(close)]);
        Doc::group(docs)
    }

    fn case(&self, open: usize, nodes: &[Node], close: usize) -> Doc {
        let whens = (0..nodes.len()).filter(|at| self.reader.word(nodes, *at) == "when").count();
        let mut docs = vec![Doc::Text(open)];
        docs.extend(self.whens(nodes));
        docs.extend([Doc::Soft, Doc::Text(close)]);
        if whens > 1 || self.is_tall(nodes) { Doc::broken(docs) } else { Doc::group(docs) }
    }

    /// The inside of a `case`: each `when` and `else` on a line of its own.
    fn whens(&self, nodes: &[Node]) -> Vec<Doc> {
        let begins = |at: usize| match &nodes[at] {
            Node::Block(block) => self
                .reader
                .first_code(block)
                .is_some_and(|(nodes, at)| matches!(self.reader.word(nodes, at), "when" | "else")),
            _ => matches!(self.reader.word(nodes, at), "when" | "else"),
        };
        let starts: Vec<usize> = (0..nodes.len()).filter(|at| begins(*at)).collect();
        let first = starts.first().copied().unwrap_or(nodes.len());
        let mut docs = Vec::new();
        let (operand, mut comments) = self.without_comments(&nodes[..first]);
        if !operand.is_empty() {
            docs.extend(self.expression(operand));
        }
        let mut inner = Vec::new();
        for (place, start) in starts.iter().enumerate() {
            let end = starts.get(place + 1).copied().unwrap_or(nodes.len());
            let (part, after) = self.without_comments(&nodes[*start..end]);
            inner.push(Doc::Soft);
            inner.extend(texts(comments));
            inner.extend(self.when(part));
            comments = after;
        }
        inner.extend(texts(comments));
        docs.push(Doc::Indent(inner));
        docs
    }

    /// Nodes without the comments at their end that have lines of their own, and these.
    fn without_comments<'n>(&self, nodes: &'n [Node]) -> (&'n [Node], &'n [Node]) {
        let is_own = |node: &&Node| self.reader.is_comment(node) && self.reader.has_line(node);
        let count = nodes.iter().rev().take_while(is_own).count();
        nodes.split_at(nodes.len() - count)
    }

    fn when(&self, nodes: &[Node]) -> Vec<Doc> {
        let Some((first, rest)) = nodes.split_first() else { return Vec::new() };
        if matches!(first, Node::Block(_)) {
            return self.sequence(nodes, Context::Whens);
        }
        let mut docs = vec![Doc::Text(first.first())];
        if self.reader.word(nodes, 0) == "else" {
            docs.extend(self.expression(rest));
            return docs;
        }
        let then = (0..rest.len()).find(|at| self.reader.word(rest, *at) == "then").unwrap_or(rest.len());
        let mut inner = self.chain(&rest[..then], || Doc::Soft);
        if let Some((word, value)) = rest[then..].split_first() {
            inner.extend([Doc::Soft, Doc::Text(word.first())]);
            inner.extend(self.expression(value));
        }
        docs.push(Doc::Indent(inner));
        vec![Doc::group(docs)]
    }

    fn block(&self, block: &Block, context: Context) -> Vec<Doc> {
        if !block.is_tall {
            let first = block.branches.first().map_or(block.close, |(tag, _)| *tag);
            let mut docs: Vec<Doc> = (first..=block.close).map(Doc::Text).collect();
            if block.has_line {
                docs.insert(0, Doc::Hard);
                docs.push(Doc::Hard);
            }
            return docs;
        }
        let mut docs = Vec::new();
        for (tag, nodes) in &block.branches {
            docs.extend([Doc::Hard, Doc::Text(*tag)]);
            if nodes.is_empty() {
                continue;
            }
            let mut inner = vec![Doc::Hard];
            inner.extend(self.content(nodes, context));
            if self.tokens[*tag].text[2..].trim_start_matches(['-', '+', ' ']).starts_with("snapshot") {
                docs.extend(inner);
            } else {
                docs.push(Doc::Indent(inner));
            }
        }
        docs.extend([Doc::Hard, Doc::Text(block.close), Doc::Hard]);
        docs
    }

    /// What stands between two tags.
    fn content(&self, nodes: &[Node], context: Context) -> Vec<Doc> {
        let is_query = context == Context::Query
            || (context != Context::Whens && context != Context::With && self.reader.is_query(nodes));
        match context {
            _ if is_query => self.query(nodes, false),
            Context::With if self.reader.is_query(nodes) => self.query(nodes, false),
            Context::With => self.with_items(nodes),
            Context::Conditions => self.chain(nodes, || Doc::Hard),
            Context::Whens => self.whens_in_block(nodes),
            _ => self.items(nodes, Context::Items, || Doc::Hard),
        }
    }

    /// Branches of a `case` in a block: they stand as far in as the block puts them.
    fn whens_in_block(&self, nodes: &[Node]) -> Vec<Doc> {
        self.whens(nodes)
            .into_iter()
            .flat_map(|doc| match doc {
                Doc::Indent(docs) => docs,
                doc => vec![doc],
            })
            .map(|doc| if matches!(doc, Doc::Soft) { Doc::Hard } else { doc })
            .collect()
    }
}

/// A part of a list.
struct Item<'n> {
    nodes: &'n [Node],
    comma: Option<usize>,
    /// Comments beside the comma.
    tail: Vec<usize>,
}

fn texts(nodes: &[Node]) -> Vec<Doc> {
    nodes.iter().flat_map(|node| (node.first()..=node.last()).map(Doc::Text)).collect()
}

/// Clauses put together to queries without set operations; what is none stands alone.
fn operands<'c, 'n>(clauses: &'c [Clause<'n>]) -> Vec<&'c [Clause<'n>]> {
    let is_part = |kind: ClauseKind| {
        matches!(
            kind,
            ClauseKind::Select
                | ClauseKind::From
                | ClauseKind::Join
                | ClauseKind::Condition
                | ClauseKind::List
                | ClauseKind::Plain
        )
    };
    clauses.chunk_by(|one, two| is_part(one.kind) && is_part(two.kind)).collect()
}
