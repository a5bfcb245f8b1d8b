use super::columns::columns;
use super::contract::{Id, Search};
use super::known::Known;
use super::numbers::Item;
use super::summary::words;

/// About how many bytes a part has.
const PART: usize = 1 << 20;

/// The texts that are searched beside names, in parts that are loaded one by one.
pub(super) fn searches<'a>(known: &Known<'a>) -> Vec<Search<'a>> {
    let mut parts = vec![Search { texts: Vec::new() }];
    let mut size = 0;
    for (id, item) in known.numbers.items.iter().enumerate() {
        let Some(text) = text(known, id, *item) else { continue };
        let length = text.1.len() + text.2.len() + text.3.len();
        if size > 0 && size + length > PART {
            parts.push(Search { texts: Vec::new() });
            size = 0;
        }
        size += length;
        parts.last_mut().into_iter().for_each(|part| part.texts.push(text.clone()));
    }
    parts
}

fn text<'a>(known: &Known<'a>, id: Id, item: Item<'a>) -> Option<(Id, String, String, &'a str)> {
    let (names, mut description, sql): (String, String, &'a str) = match item {
        Item::Node(node) => {
            let is_generic = node.data_test().is_some_and(|test| test.metadata.is_some());
            let sql: &'a str = if is_generic { "" } else { &node.raw_code };
            let columns = columns(known, id, node);
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            let own = columns.iter().filter(|column| column.inherited.is_none());
            let texts = own.map(|column| column.description).filter(|text| !text.is_empty());
            let texts: Vec<String> =
                std::iter::once(node.description.as_str()).chain(texts).map(words).collect();
            (names.join(" "), texts.join("\n"), sql)
        }
        Item::Macro(one) => (String::new(), words(&one.description), &one.source),
        Item::Group(_, group) => (String::new(), words(group.description.as_deref().unwrap_or_default()), ""),
    };
    description.truncate(description.trim_end().len());
    let is_empty = names.is_empty() && description.is_empty() && sql.trim().is_empty();
    (!is_empty).then_some((id, names, description, sql))
}
