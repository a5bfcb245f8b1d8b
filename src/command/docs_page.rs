use std::fmt::Write as _;

use crate::artifact::CatalogJson;
use crate::manifest::{Manifest, Node, ResourceType};

/// The kinds of node that a page shows, with their headings.
const KINDS: [(ResourceType, &str); 9] = [
    (ResourceType::Source, "Sources"),
    (ResourceType::Seed, "Seeds"),
    (ResourceType::Snapshot, "Snapshots"),
    (ResourceType::Model, "Models"),
    (ResourceType::Function, "Functions"),
    (ResourceType::SemanticModel, "Semantic models"),
    (ResourceType::Metric, "Metrics"),
    (ResourceType::SavedQuery, "Saved queries"),
    (ResourceType::Exposure, "Exposures"),
];

const STYLE: &str = "body{font:15px/1.5 system-ui,sans-serif;max-width:60em;margin:2em auto;padding:0 1em;color:#222}\
    h1,h2,h3{line-height:1.2}article{border-top:1px solid #ddd;padding:.5em 0}code,pre{font:13px/1.4 ui-monospace,monospace}\
    table{border-collapse:collapse}td,th{text-align:left;vertical-align:top;padding:.2em 1em .2em 0}\
    .about{color:#666}.text{white-space:pre-wrap}";

/// A page of HTML that lists what is in the project: descriptions, columns, parents. It
/// needs no script and no network.
pub(super) fn page(manifest: &Manifest, catalog: &CatalogJson<'_>) -> String {
    document(manifest, catalog, "")
}

/// The same page with `manifest.json` and `catalog.json` in it, for those who read it with a
/// program: `<script type="application/json" id="manifest">`.
pub(super) fn static_page(
    manifest: &Manifest,
    catalog: &CatalogJson<'_>,
    manifest_json: &[u8],
    catalog_json: &[u8],
) -> String {
    let mut data = String::new();
    for (id, bytes) in [("manifest", manifest_json), ("catalog", catalog_json)] {
        // Inside a script only `<` can end it or begin a comment.
        let json = String::from_utf8_lossy(bytes).replace('<', "\\u003c");
        let _ = writeln!(data, "<script type=\"application/json\" id=\"{id}\">{json}</script>");
    }
    document(manifest, catalog, &data)
}

fn document(manifest: &Manifest, catalog: &CatalogJson<'_>, data: &str) -> String {
    let name = escaped(&manifest.project);
    let mut html = format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>{name}</title>\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<style>{STYLE}</style>\n</head>\n<body>\n<h1>{name}</h1>\n"
    );
    let overview = format!("doc.{}.__overview__", manifest.project);
    if let Some(doc) = manifest.docs.get(&overview) {
        let _ = writeln!(html, "<p class=\"text\">{}</p>", escaped(&doc.contents));
    }
    for (kind, heading) in KINDS {
        let nodes: Vec<&Node> =
            manifest.nodes.values().filter(|node| node.resource_type == kind && is_shown(node)).collect();
        if nodes.is_empty() {
            continue;
        }
        let _ = writeln!(html, "<h2>{heading}</h2>");
        for node in nodes {
            article(&mut html, manifest, catalog, node);
        }
    }
    html.push_str(data);
    html.push_str("</body>\n</html>\n");
    html
}

/// Whether the config `docs: {show: …}` lets it be seen.
fn is_shown(node: &Node) -> bool {
    node.docs.get("show").and_then(serde_json::Value::as_bool).unwrap_or(true)
}

fn article(html: &mut String, manifest: &Manifest, catalog: &CatalogJson<'_>, node: &Node) {
    let _ = writeln!(html, "<article id=\"{}\">", escaped(node.id.as_str()));
    let _ = writeln!(html, "<h3>{}</h3>", escaped(&node.search_name()));
    let relation =
        node.relation.as_ref().map(|relation| format!(" · <code>{}</code>", escaped(&relation.to_string())));
    let _ = writeln!(
        html,
        "<p class=\"about\">{} · {}{}</p>",
        escaped(&node.package),
        escaped(&node.original_file_path),
        relation.unwrap_or_default()
    );
    if !node.description.is_empty() {
        let _ = writeln!(html, "<p class=\"text\">{}</p>", escaped(&node.description));
    }
    columns(html, catalog, node);
    let links = |ids: Vec<crate::manifest::NodeId>| {
        let shown = ids
            .iter()
            .filter_map(|id| manifest.node(id))
            .filter(|node| KINDS.iter().any(|(kind, _)| *kind == node.resource_type));
        shown
            .map(|node| {
                format!("<a href=\"#{}\">{}</a>", escaped(node.id.as_str()), escaped(&node.search_name()))
            })
            .collect::<Vec<_>>()
            .join(", ")
    };
    for (word, text) in [
        ("Depends on", links(manifest.graph.parents(&node.id))),
        ("Used by", links(manifest.graph.children(&node.id))),
    ] {
        if !text.is_empty() {
            let _ = writeln!(html, "<p>{word} {text}</p>");
        }
    }
    html.push_str("</article>\n");
}

/// The columns that the warehouse has, then those that are only described.
fn columns(html: &mut String, catalog: &CatalogJson<'_>, node: &Node) {
    let described = |name: &str| {
        let found = node.columns.values().find(|column| column.name.eq_ignore_ascii_case(name));
        found.map(|column| column.description.as_str()).filter(|text| !text.is_empty())
    };
    let mut rows: Vec<(&str, &str, &str)> = catalog
        .columns(&node.id)
        .map(|(name, data_type, comment)| (name, data_type, described(name).or(comment).unwrap_or_default()))
        .collect();
    for column in node.columns.values() {
        if rows.iter().all(|(name, ..)| !name.eq_ignore_ascii_case(&column.name)) {
            rows.push((&column.name, column.data_type.as_deref().unwrap_or_default(), &column.description));
        }
    }
    if rows.is_empty() {
        return;
    }
    html.push_str("<table>\n<tr><th>Column</th><th>Type</th><th>Description</th></tr>\n");
    for (name, data_type, description) in rows {
        let _ = writeln!(
            html,
            "<tr><td><code>{}</code></td><td>{}</td><td class=\"text\">{}</td></tr>",
            escaped(name),
            escaped(data_type),
            escaped(description)
        );
    }
    html.push_str("</table>\n");
}

/// Text as it can stand in an element or a quoted attribute.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            letter => escaped.push(letter),
        }
    }
    escaped
}
