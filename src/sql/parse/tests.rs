use super::parse_query;
use crate::sql::Dialect;
use crate::sql::tree::{Expr, ExprKind, FromItem, Node, Query};

/// The query, with the places of everything in it looked at: in the text, none empty, each
/// inside that of what it is a part of, and names where they are written.
fn parsed(text: &str, dialect: Dialect) -> Query {
    let query = parse_query(text, dialect).unwrap_or_else(|error| panic!("{error:?} in {text}"));
    check(Node::Query(&query), text);
    query
}

fn at(node: Node<'_>) -> crate::sql::tree::TextRange {
    match node {
        Node::Query(query) => query.at,
        Node::From(item) => item.at(),
        Node::Expr(expr) => expr.at,
    }
}

fn check(node: Node<'_>, text: &str) {
    let outer = at(node);
    let slice = text.get(outer.range()).unwrap_or_else(|| panic!("{outer:?} of {node:?} is not in {text}"));
    assert!(!slice.is_empty(), "{node:?} is nowhere in {text}");
    assert_eq!(slice.trim(), slice, "{node:?} in {text}");
    if let Node::Expr(Expr { kind: ExprKind::Column(names), .. })
    | Node::From(FromItem::Table { name: names, .. }) = node
    {
        for name in names {
            let written = text[name.at.range()].trim_matches(['"', '`', '\'']);
            assert_eq!(written.replace("\"\"", "\""), name.text, "{node:?} in {text}");
        }
    }
    node.for_each_child(&mut |child| {
        let inner = at(child);
        assert!(
            outer.contains(inner),
            "`{}` of {child:?} is not in `{slice}` of {text}",
            &text[inner.range()]
        );
        check(child, text);
    });
}

/// All expressions of a query, as written, from the outside in.
fn written(text: &str, dialect: Dialect) -> Vec<String> {
    let mut all = Vec::new();
    parsed(text, dialect).for_each_expr(&mut |expr| all.push(text[expr.at.range()].to_owned()));
    all
}

#[test]
fn places_are_those_of_the_text() {
    let text = "select 가격::decimal(10, 2) as 값, \"나 다\".x, cast(가격 as int), count(*) over () from t";
    assert_eq!(
        written(text, Dialect::DuckDb),
        ["가격::decimal(10, 2)", "가격", "\"나 다\".x", "cast(가격 as int)", "가격", "count(*) over ()"]
    );
}
