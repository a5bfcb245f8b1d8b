use divan::Bencher;
use divan::counter::ItemsCount;
use xform::manifest::{Graph, NodeId};

/// Each node stands on two of those before it.
fn edges(nodes: usize) -> Vec<(NodeId, Vec<NodeId>)> {
    let id = |number: usize| NodeId::new(&format!("model.shop.m{number}"));
    let parents = |number: usize| match number {
        0 => Vec::new(),
        _ => vec![id(number / 2), id(number / 3)],
    };
    (0..nodes).map(|number| (id(number), parents(number))).collect()
}

fn graph(edges: &[(NodeId, Vec<NodeId>)]) -> Graph {
    Graph::new(edges.iter().map(|(id, parents)| (id, parents.as_slice())))
}

#[divan::bench(args = [1_000, 10_000])]
fn made(bencher: Bencher, nodes: usize) {
    let edges = edges(nodes);
    bencher.counter(ItemsCount::new(nodes)).bench(|| graph(&edges));
}

#[divan::bench(args = [1_000, 10_000])]
fn in_order(bencher: Bencher, nodes: usize) {
    let graph = graph(&edges(nodes));
    bencher.counter(ItemsCount::new(nodes)).bench(|| graph.topological_order());
}

#[divan::bench(args = [1_000, 10_000])]
fn all_below_the_first(bencher: Bencher, nodes: usize) {
    let edges = edges(nodes);
    let graph = graph(&edges);
    bencher.counter(ItemsCount::new(nodes)).bench(|| graph.descendants(&edges[0].0, None));
}
