use std::collections::BTreeSet;
use std::fmt::Write as _;

use unicode_width::UnicodeWidthStr;

use super::Picture;
use super::layers::Layers;
use crate::manifest::ResourceType;

/// Of a box.
const HEIGHT: f64 = 34.0;

/// Of a letter of half width, and beside the text of a box.
const LETTER: f64 = 7.4;
const MARGIN: f64 = 14.0;

/// The colours of a kind of node, each a hexadecimal number as CSS writes it.
pub(super) struct Colour {
    pub fill: &'static str,
    pub line: &'static str,
    pub text: &'static str,
}

pub(super) fn colour(kind: ResourceType) -> Colour {
    let (fill, line, text) = match kind {
        ResourceType::Source => ("#e3f4e6", "#3f8f52", "#17421f"),
        ResourceType::Seed => ("#f1f0d9", "#8f873a", "#3d3a14"),
        ResourceType::Snapshot => ("#e9e3f8", "#6d51b5", "#2f2059"),
        ResourceType::Exposure => ("#fde9d7", "#c26a1c", "#572c05"),
        ResourceType::Metric | ResourceType::SemanticModel | ResourceType::SavedQuery => {
            ("#fbe3ec", "#b8406f", "#541530")
        }
        ResourceType::Test | ResourceType::UnitTest => ("#eceff2", "#6b7785", "#2b333b"),
        _ => ("#e1edfb", "#2f6fbf", "#12325c"),
    };
    Colour { fill, line, text }
}

impl Picture {
    /// A drawing with no script, no font and no link of its own, readable on light and dark pages.
    #[must_use]
    pub fn svg(&self) -> String {
        let widths: Vec<f64> = self
            .shapes
            .iter()
            .map(|shape| {
                let letters = shape.name.width().max(shape.what.width() * 3 / 4);
                f64::from(u32::try_from(letters).unwrap_or(u32::MAX)) * LETTER + 2.0 * MARGIN
            })
            .collect();
        let layers = Layers::new(self, &widths, HEIGHT);
        let mut text = String::new();
        let _ = writeln!(
            text,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" aria-label=\"{}\" width=\"{:.0}\" \
             height=\"{:.0}\" viewBox=\"0 0 {:.0} {:.0}\">",
            self.summary(),
            layers.width,
            layers.height,
            layers.width,
            layers.height
        );
        self.write_style(&mut text);
        for (edge, bends) in self.edges.iter().zip(&layers.edges) {
            let (from, to) = (layers.shapes[edge.from], layers.shapes[edge.to]);
            let start = (from.0 + widths[edge.from] / 2.0, from.1);
            let end = (to.0 - widths[edge.to] / 2.0, to.1);
            let class = if edge.is_direct { "" } else { " class=\"far\"" };
            let _ = writeln!(text, "<path{class} d=\"{}\"/>", path(start, bends, end));
        }
        for ((shape, place), width) in self.shapes.iter().zip(&layers.shapes).zip(&widths) {
            let (left, top) = (place.0 - width / 2.0, place.1 - HEIGHT / 2.0);
            let _ = writeln!(
                text,
                "<g class=\"{kind}\"><title>{what}</title><rect x=\"{left:.1}\" y=\"{top:.1}\" width=\"{width:.1}\" \
                 height=\"{HEIGHT}\" rx=\"6\"/><text x=\"{x:.1}\" y=\"{y:.1}\">{name}</text></g>",
                kind = shape.kind.name(),
                what = escaped(&format!("{} ({})", shape.name, shape.what)),
                x = place.0,
                y = place.1,
                name = escaped(&shape.name),
            );
        }
        text.push_str("</svg>");
        text
    }

    /// What is drawn, for those who do not see it.
    fn summary(&self) -> String {
        let many = |count: usize, one: &str| format!("{count} {one}{}", if count == 1 { "" } else { "s" });
        format!("Lineage of {} with {}", many(self.shapes.len(), "node"), many(self.edges.len(), "edge"))
    }

    fn write_style(&self, text: &mut String) {
        text.push_str(
            "<style>\ntext { font: 13px system-ui, -apple-system, \"Segoe UI\", \"Noto Sans KR\", \
             \"Apple SD Gothic Neo\", \"Malgun Gothic\", sans-serif; text-anchor: middle; dominant-baseline: \
             central }\nrect { stroke-width: 1.2 }\npath { fill: none; stroke: #8a94a3; stroke-width: 1.4 }\n\
             .far { stroke-dasharray: 5 4 }\n",
        );
        let kinds: BTreeSet<ResourceType> = self.shapes.iter().map(|shape| shape.kind).collect();
        for kind in kinds {
            let Colour { fill, line, text: letters } = colour(kind);
            let kind = kind.name();
            let _ = writeln!(
                text,
                ".{kind} rect {{ fill: {fill}; stroke: {line} }} .{kind} text {{ fill: {letters} }}"
            );
        }
        text.push_str("</style>\n");
    }
}

/// A curve from one point to another through some, level at each of them.
fn path(start: (f64, f64), bends: &[(f64, f64)], end: (f64, f64)) -> String {
    let mut text = format!("M{:.1} {:.1}", start.0, start.1);
    let mut before = start;
    for after in bends.iter().copied().chain([end]) {
        let middle = f64::midpoint(before.0, after.0);
        let _ = write!(
            text,
            " C{middle:.1} {:.1} {middle:.1} {:.1} {:.1} {:.1}",
            before.1, after.1, after.0, after.1
        );
        before = after;
    }
    text
}

/// Text of XML; what no XML may hold is left out.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}
