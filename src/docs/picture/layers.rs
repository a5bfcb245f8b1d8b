use std::collections::BTreeMap;

use rust_sugiyama::configure::{Config, RankingType};
use rust_sugiyama::from_vertices_and_edges;

use super::Picture;

/// Where a picture's shapes stand, from left to right: their middles, in pixels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layers {
    pub shapes: Vec<(f64, f64)>,
    /// The points that each edge goes through between its ends.
    pub edges: Vec<Vec<(f64, f64)>>,
    pub width: f64,
    pub height: f64,
}

/// Between neighbours of a layer, and around the picture.
const GAP: f64 = 16.0;

/// Between layers, on top of that of neighbours.
const AISLE: f64 = 48.0;

impl Layers {
    /// Puts boxes of widths and one height into layers, so that edges go to the right and cross
    /// little.
    #[must_use]
    pub fn new(picture: &Picture, widths: &[f64], height: f64) -> Self {
        let ranks = ranks(picture);
        // The library lays out from above to below: sizes go in, and places come out, turned.
        let mut vertices: Vec<(u32, (f64, f64))> = Vec::with_capacity(widths.len());
        let mut add = |width: f64, height: f64| {
            let id = u32::try_from(vertices.len()).unwrap_or(u32::MAX);
            vertices.push((id, (height, width + AISLE)));
            id
        };
        let shapes: Vec<u32> = widths.iter().map(|width| add(*width, height)).collect();
        let mut bends: Vec<Vec<u32>> = Vec::with_capacity(picture.edges.len());
        let mut edges = Vec::new();
        for edge in &picture.edges {
            // A place of its own in every layer that an edge passes, so that no shape stands there.
            let passed: Vec<u32> = (ranks[edge.from] + 1..ranks[edge.to]).map(|_| add(0.0, 1.0)).collect();
            let mut before = shapes[edge.from];
            for after in passed.iter().copied().chain([shapes[edge.to]]) {
                edges.push((before, after));
                before = after;
            }
            bends.push(passed);
        }
        let config = Config {
            vertex_spacing: GAP,
            ranking_type: RankingType::MinimizeEdgeLength,
            transpose: vertices.len() < 1_000,
            ..Config::default()
        };
        let mut places = vec![(0.0, 0.0); vertices.len()];
        // Of the widest shape of a vertex's layer.
        let mut breadths = vec![0.0; vertices.len()];
        let (mut right, mut below) = (0.0_f64, GAP);
        for (part, _, _) in from_vertices_and_edges(&vertices, &edges, &config) {
            let size = |vertex: usize| vertices.get(vertex).map_or((0.0, 0.0), |(_, size)| *size);
            let top = part.iter().map(|(vertex, (x, _))| x - size(*vertex).0 / 2.0).fold(f64::MAX, f64::min);
            let left = part.iter().map(|(vertex, (_, y))| y - size(*vertex).1 / 2.0).fold(f64::MAX, f64::min);
            let mut bottom = below;
            let mut broadest: BTreeMap<u64, f64> = BTreeMap::new();
            for (vertex, (_, y)) in &part {
                let broadest = broadest.entry(y.to_bits()).or_default();
                *broadest = broadest.max(size(*vertex).1 - AISLE);
            }
            for (vertex, (x, y)) in part {
                if let Some(breadth) = breadths.get_mut(vertex) {
                    *breadth = broadest.get(&y.to_bits()).copied().unwrap_or_default();
                }
                let place = (y - left - AISLE / 2.0 + GAP, x - top + below);
                bottom = bottom.max(place.1 + size(vertex).0 / 2.0);
                right = right.max(place.0 + size(vertex).1 / 2.0 - AISLE / 2.0);
                if let Some(known) = places.get_mut(vertex) {
                    *known = place;
                }
            }
            below = bottom + GAP;
        }
        let place = |vertex: &u32| places.get(*vertex as usize).copied().unwrap_or_default();
        // Level as long as there are shapes above or below.
        let through = |vertex: &u32| {
            let ((x, y), breadth) =
                (place(vertex), breadths.get(*vertex as usize).copied().unwrap_or_default());
            [(x - breadth / 2.0, y), (x + breadth / 2.0, y)]
        };
        Self {
            shapes: shapes.iter().map(place).collect(),
            edges: bends.iter().map(|bends| bends.iter().flat_map(through).collect()).collect(),
            width: right + GAP,
            height: below,
        }
    }
}

/// The layer of each shape: behind all it reads, and what reads nothing beside what reads it first.
fn ranks(picture: &Picture) -> Vec<usize> {
    let mut ranks = vec![0_usize; picture.shapes.len()];
    let mut has_parent = vec![false; picture.shapes.len()];
    // Parents stand before children, and edges in the order of where they begin.
    for edge in &picture.edges {
        ranks[edge.to] = ranks[edge.to].max(ranks[edge.from] + 1);
        has_parent[edge.to] = true;
    }
    let mut nearest = vec![usize::MAX; picture.shapes.len()];
    for edge in &picture.edges {
        nearest[edge.from] = nearest[edge.from].min(ranks[edge.to]);
    }
    for (at, rank) in ranks.iter_mut().enumerate() {
        if !has_parent[at] && nearest[at] != usize::MAX {
            *rank = nearest[at] - 1;
        }
    }
    ranks
}
