// temp: reads a file of queries separated by lines "-- @@ name"; args: dialect file [dump]
use xform::sql::tree::{Expr, ExprKind, FromItem, Node, TextRange};
use xform::sql::{Dialect, parse_query};
fn at(node: Node<'_>) -> TextRange {
    match node {
        Node::Query(q) => q.at,
        Node::From(i) => i.at(),
        Node::Expr(e) => e.at,
    }
}
fn check(node: Node<'_>, text: &str, bad: &mut Vec<String>, depth: usize, dump: bool) {
    let outer = at(node);
    let label = match node {
        Node::Query(_) => "Q".to_string(),
        Node::From(_) => "F".to_string(),
        Node::Expr(e) => {
            let s = format!("{:?}", e.kind);
            s.split(|c: char| !c.is_alphanumeric()).next().unwrap().to_string()
        }
    };
    match text.get(outer.range()) {
        None => bad.push(format!("NOT IN TEXT {outer:?} {label}")),
        Some("") => bad.push(format!("EMPTY {outer:?} {label}")),
        Some(s) => {
            if s.trim() != s {
                bad.push(format!("SPACE {label} {s}"));
            }
            if dump {
                println!("{}{label} `{}`", "  ".repeat(depth), s.replace('\n', " "));
            }
        }
    }
    if let Node::Expr(Expr { kind: ExprKind::Column(names), .. })
    | Node::From(FromItem::Table { name: names, .. }) = node
    {
        for name in names {
            let w = text[name.at.range()].trim_matches(['"', '`', '\'']);
            if w.replace("\"\"", "\"") != name.text {
                bad.push(format!("NAME `{w}` != `{}`", name.text));
            }
        }
    }
    node.for_each_child(&mut |child| {
        let inner = at(child);
        if !outer.contains(inner) {
            bad.push(format!(
                "OUTSIDE {label} `{:?}` has `{:?}`",
                text.get(outer.range()),
                text.get(inner.range())
            ));
        }
        check(child, text, bad, depth + 1, dump);
    });
}
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let dialect = Dialect::find(&args[1]).unwrap();
    let all = std::fs::read_to_string(&args[2]).unwrap();
    let dump = args.len() > 3;
    let (mut good, mut failed, mut odd) = (0, 0, 0);
    for part in all.split("-- @@ ").skip(1) {
        let (name, text) = part.split_once('\n').unwrap();
        match parse_query(text, dialect) {
            Ok(query) => {
                let mut bad = Vec::new();
                if dump {
                    println!("== {name}");
                }
                check(Node::Query(&query), text, &mut bad, 0, dump);
                if bad.is_empty() {
                    good += 1
                } else {
                    odd += 1;
                    println!(
                        "ODD {name}: {}\n   {}",
                        text.trim().chars().take(300).collect::<String>(),
                        bad.iter().take(6).cloned().collect::<Vec<_>>().join("\n   ")
                    );
                }
            }
            Err(error) => {
                failed += 1;
                println!(
                    "FAIL {name}: {} at {:?} `{}`\n   {}",
                    error.message,
                    error.at,
                    &text[error.at.range()].chars().take(40).collect::<String>(),
                    text.trim().chars().take(200).collect::<String>().replace('\n', " ")
                );
            }
        }
    }
    println!("{} good, {odd} odd, {failed} failed", good);
}
