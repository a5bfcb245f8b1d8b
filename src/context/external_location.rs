use serde_json::Value as Json;

use crate::manifest::{Node, Source};

/// The `external_location` of a source with the names in it filled in, in one of the three
/// ways of Python that `formatter` can name: `newstyle` (`{name}`), `oldstyle` (`%(name)s`) or
/// `template` (`$name`, `${name}`). A name that the source does not have stays as it is.
pub(super) fn filled(node: &Node, source: &Source) -> Option<String> {
    let location = source.external_location.as_deref()?;
    let find = |name: &str| value(node, source, name);
    Some(match said(node, "formatter") {
        Some("oldstyle") => between(location, "%(", ")s", &find),
        Some("template") => dollars(location, &find),
        _ => between(location, "{", "}", &find),
    })
}

/// What a source says under a key of dbt-duckdb: `config` goes before `meta`.
pub(super) fn said<'a>(node: &'a Node, key: &str) -> Option<&'a str> {
    let in_meta = || node.meta.get(key).and_then(Json::as_str);
    node.config.text(key).or_else(in_meta)
}

/// What a name means: `name`, `identifier`, `meta[key]` …
fn value(node: &Node, source: &Source, name: &str) -> Option<String> {
    let text = match name {
        "name" => node.name.clone(),
        "identifier" => source.identifier.clone(),
        "schema" => node.schema.clone(),
        "database" => node.database.clone(),
        "source_name" => source.source_name.clone(),
        "package_name" => node.package.clone(),
        "loader" => source.loader.clone(),
        "unique_id" => node.id.to_string(),
        _ => {
            let found = match name.split_once('[') {
                Some(("meta", key)) => node.meta.get(key.strip_suffix(']')?)?,
                Some(_) => return None,
                // What the configuration says beside.
                None => node.config.get(name).or_else(|| node.meta.get(name))?,
            };
            match found {
                Json::Null | Json::Array(_) | Json::Object(_) => return None,
                Json::String(text) => text.clone(),
                other => other.to_string(),
            }
        }
    };
    Some(text)
}

/// Replaces names between two marks.
fn between(text: &str, open: &str, close: &str, find: &dyn Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(open) {
        filled.push_str(before);
        match after.split_once(close).and_then(|(name, after)| Some((find(name)?, after))) {
            Some((value, after)) => {
                filled.push_str(&value);
                rest = after;
            }
            None => {
                filled.push_str(open);
                rest = after;
            }
        }
    }
    filled + rest
}

/// Replaces `$name` and `${name}`; `$$` is one dollar.
fn dollars(text: &str, find: &dyn Fn(&str) -> Option<String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.push_str(before);
        if let Some(after) = after.strip_prefix('$') {
            filled.push('$');
            rest = after;
            continue;
        }
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(after.len());
        let (name, behind) = match after.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
            Some(braced) => braced,
            None => after.split_at(end),
        };
        match find(name) {
            Some(value) => {
                filled.push_str(&value);
                rest = behind;
            }
            None => {
                filled.push('$');
                rest = after;
            }
        }
    }
    filled + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_filled_in_in_three_ways() {
        let find = |name: &str| (name == "name").then(|| "주문".to_owned());
        for (text, expected) in [
            ("data/{name}.csv", "data/주문.csv"),
            ("{other}/{name}", "{other}/주문"),
            ("read_json('{name}', columns={a: 'int'})", "read_json('주문', columns={a: 'int'})"),
        ] {
            assert_eq!(between(text, "{", "}", &find), expected);
        }
        assert_eq!(between("%(name)s-%(no)s", "%(", ")s", &find), "주문-%(no)s");
        assert_eq!(dollars("$name/${name}x/$no/$$name/$", &find), "주문/주문x/$no/$name/$");
    }
}
