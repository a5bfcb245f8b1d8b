use super::{Edge, Picture, Shape};
use crate::manifest::ResourceType;

/// Nodes by name, and who reads whom.
fn picture(names: &[(&str, ResourceType)], edges: &[(usize, usize, bool)]) -> Picture {
    let shape = |(name, kind): &(&str, ResourceType)| Shape {
        name: (*name).to_owned(),
        kind: *kind,
        what: if *kind == ResourceType::Model { "view" } else { kind.name() }.to_owned(),
    };
    let edge =
        |(from, to, is_direct): &(usize, usize, bool)| Edge { from: *from, to: *to, is_direct: *is_direct };
    Picture { shapes: names.iter().map(shape).collect(), edges: edges.iter().map(edge).collect() }
}

fn teahouse() -> Picture {
    use ResourceType::{Exposure, Model, Source};
    picture(
        &[
            ("raw.주문", Source),
            ("stg_orders", Model),
            ("stg_items", Model),
            ("매출", Model),
            ("board", Exposure),
        ],
        &[(0, 1, true), (0, 2, true), (1, 3, true), (1, 4, false), (2, 3, true), (3, 4, true)],
    )
}

#[test]
fn a_tree_shows_what_hangs_on_a_node_once() {
    assert_eq!(
        teahouse().tree(&|text| format!("({text})")),
        [
            "raw.주문  (source)",
            "(├─ )stg_orders  (view)",
            "(│  ├─ )매출  (view)",
            "(│  │  └─ )board  (exposure)",
            "(│  └─ )board  (exposure, through others)",
            "(└─ )stg_items  (view)",
            "(   └─ )매출  (view, see above)",
        ]
    );
}

#[test]
fn names_do_not_end_what_they_stand_in() {
    let odd = picture(&[("a\"b<script>&;#`", ResourceType::Model)], &[]);
    assert!(
        odd.mermaid().contains("n0[\"a#34;b#60;script#62;#38;#59;#35;#96;\"]:::model"),
        "{}",
        odd.mermaid()
    );
    assert!(odd.svg().contains(">a&quot;b&lt;script&gt;&amp;;#`</text>"), "{}", odd.svg());
    assert_eq!(Picture::default().mermaid(), "flowchart LR");
    assert!(Picture::default().tree(&str::to_owned).is_empty());
    assert!(Picture::default().svg().ends_with("</svg>"));
}

#[test]
fn shapes_stand_apart_and_to_the_right_of_what_they_read() {
    let picture = teahouse();
    let widths = [60.0, 80.0, 90.0, 40.0, 50.0];
    let layers = super::layers::Layers::new(&picture, &widths, 30.0);
    for edge in &picture.edges {
        let (from, to) = (layers.shapes[edge.from], layers.shapes[edge.to]);
        assert!(from.0 + widths[edge.from] / 2.0 < to.0 - widths[edge.to] / 2.0, "{edge:?}: {layers:?}");
    }
    for (at, one) in layers.shapes.iter().enumerate() {
        assert!(one.0 >= widths[at] / 2.0 && one.0 + widths[at] / 2.0 <= layers.width, "{layers:?}");
        assert!(one.1 >= 15.0 && one.1 + 15.0 <= layers.height, "{layers:?}");
        for (other_at, other) in layers.shapes.iter().enumerate().skip(at + 1) {
            let is_apart = (one.0 - other.0).abs() >= f64::midpoint(widths[at], widths[other_at])
                || (one.1 - other.1).abs() >= 30.0;
            assert!(is_apart, "{at} and {other_at}: {layers:?}");
        }
    }
    // The edge that passes a layer is level in it.
    assert_eq!(layers.edges.iter().map(Vec::len).collect::<Vec<_>>(), [0, 0, 0, 2, 0, 0]);
    let level = &layers.edges[3];
    assert!(level[0].1.to_bits() == level[1].1.to_bits() && level[1].0 - level[0].0 >= 40.0, "{layers:?}");
}

#[test]
fn any_graph_can_be_drawn() {
    // A linear congruential generator, after Knuth's MMIX.
    let mut state = 7_u64;
    let mut below = |most: usize| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).unwrap() % most
    };
    for _ in 0..200 {
        let count = 1 + below(25);
        let names: Vec<String> = (0..count).map(|at| format!("모델{at}")).collect();
        let shapes: Vec<_> = names.iter().map(|name| (name.as_str(), ResourceType::Model)).collect();
        let mut edges = std::collections::BTreeSet::new();
        for _ in 0..below(count * 3) {
            let (one, other) = (below(count), below(count));
            if one != other {
                edges.insert((one.min(other), one.max(other), true));
            }
        }
        let edges: Vec<_> = edges.into_iter().collect();
        let picture = picture(&shapes, &edges);
        let layers = super::layers::Layers::new(&picture, &vec![60.0; count], 30.0);
        for edge in &picture.edges {
            assert!(layers.shapes[edge.from].0 + 60.0 < layers.shapes[edge.to].0, "{picture:?}");
        }
        assert_eq!(picture.svg().matches("<rect ").count(), count);
        let roots = (0..count).filter(|at| edges.iter().all(|edge| edge.1 != *at)).count();
        // Every edge is a line of the tree, once.
        assert_eq!(picture.tree(&str::to_owned).len(), roots + picture.edges.len());
    }
}
