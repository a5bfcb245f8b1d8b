use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use rayon::prelude::*;

use super::site::{APP, Part, STYLE};
use crate::install::gzip;

/// The pages as the web app builds them; what is put in stands in them word for word.
const PAGE: &str = include_str!("site/index.html");
const STATIC_PAGE: &str = include_str!("site/static.html");
const TITLE: &str = "<title>xform docs</title>";
const PARTS: &str = "<!-- xform:parts -->";
const STYLE_HERE: &str = "<!-- xform:style -->";
const APP_HERE: &str = "<!-- xform:app -->";

/// Parts that are longer are compressed.
const LONGEST_PLAIN: usize = 64 << 10;

/// `index.html`: the page with the project's name.
pub(super) fn page(title: &str) -> String {
    titled(PAGE, title)
}

fn titled(page: &str, title: &str) -> String {
    page.replacen(TITLE, &format!("<title>{} · xform docs</title>", escaped(title)), 1)
}

/// The page with app, style and all parts in it.
pub(super) fn static_page(title: &str, parts: &[Part]) -> Vec<u8> {
    let page = titled(STATIC_PAGE, title).replacen(STYLE_HERE, STYLE, 1).replacen(APP_HERE, APP, 1);
    let (before, after) = page.split_once(PARTS).unwrap_or((&page, ""));
    let scripts: Vec<Vec<u8>> = parts.par_iter().map(script).collect();
    let size: usize = scripts.iter().map(Vec::len).sum();
    let mut bytes = Vec::with_capacity(page.len() + size);
    bytes.extend_from_slice(before.as_bytes());
    for script in scripts {
        bytes.extend_from_slice(&script);
    }
    bytes.extend_from_slice(after.as_bytes());
    bytes
}

/// A part in an element of its own.
fn script(part: &Part) -> Vec<u8> {
    let name = &part.name;
    if part.json.len() > LONGEST_PLAIN {
        let text = BASE64.encode(gzip(&part.json));
        return format!("<script type=\"application/json\" data-part=\"{name}\" data-gzip>{text}</script>\n")
            .into_bytes();
    }
    let mut script = format!("<script type=\"application/json\" data-part=\"{name}\">").into_bytes();
    script.extend_from_slice(&part.json);
    script.extend_from_slice(b"</script>\n");
    script
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_of_the_app_have_what_is_put_into() {
        assert_eq!([PAGE.matches(TITLE).count(), STATIC_PAGE.matches(TITLE).count()], [1, 1]);
        for place in [PARTS, STYLE_HERE, APP_HERE] {
            assert_eq!(STATIC_PAGE.matches(place).count(), 1, "{place}");
        }
        assert!(![APP, STYLE].iter().any(|text| text.contains("<!--") || text.contains("</script")));
        let whole = String::from_utf8(static_page("찻집", &[])).unwrap();
        assert!(whole.contains(APP) && whole.contains(STYLE) && !whole.contains("<!-- xform"));
        for reference in ["\"xform-docs/app.css\"", "\"xform-docs/app.js\""] {
            assert!(PAGE.contains(reference), "{reference}");
        }
        assert!(page("찻집 <b>&").contains("<title>찻집 &lt;b&gt;&amp; · xform docs</title>"));
    }

    #[test]
    fn a_long_part_is_compressed() {
        let part = |json: String| Part { name: "nodes/3".to_owned(), json: json.into_bytes() };
        let short = String::from_utf8(script(&part("{}".to_owned()))).unwrap();
        assert_eq!(short, "<script type=\"application/json\" data-part=\"nodes/3\">{}</script>\n");
        let long = String::from_utf8(script(&part("주문 ".repeat(20_000)))).unwrap();
        assert!(long.len() < 10_000 && long.contains(" data-gzip>H4sI"), "{}", long.len());
    }
}
