/** Layered layout, left to right, of boxes of any size. */

export interface Size {
  width: number;
  height: number;
}

export interface Layout extends Size {
  /** Left and top of each box. */
  x: Float64Array;
  y: Float64Array;
  /** Points that a long edge passes between its ends, by index of the edge; most have none. */
  routes: Map<number, number[]>;
}

export interface Options {
  gapX: number;
  gapY: number;
  /** Above so many boxes, long edges are not routed and tall layers are wrapped into several columns. */
  dense: number;
}

const defaults: Options = { gapX: 64, gapY: 12, dense: 1500 };

/** Edges may run in circles, and from a box to itself. Takes time nearly in proportion to boxes and edges. */
export function layered(sizes: Size[], edges: [from: number, to: number][], options: Partial<Options> = {}): Layout {
  const { gapX, gapY, dense } = { ...defaults, ...options };
  const count = sizes.length;
  const x = new Float64Array(count);
  const y = new Float64Array(count);
  const routes = new Map<number, number[]>();
  const degree = new Int32Array(count);
  for (const [from, to] of edges) {
    if (from === to) continue;
    degree[from] += 1;
    degree[to] += 1;
  }
  const linked: number[] = [];
  const single: number[] = [];
  for (let at = 0; at < count; at++) (degree[at] ? linked : single).push(at);

  let width = 0;
  let height = 0;
  if (linked.length) {
    const ranks = rank(count, edges, linked);
    const size = place(sizes, edges, linked, ranks, { gapX, gapY, dense }, x, y, routes);
    width = size.width;
    height = size.height;
  }
  if (single.length) {
    const top = height ? height + gapY * 2 : 0;
    const size = shelves(sizes, single, Math.max(width, 0), gapY, top, x, y);
    width = Math.max(width, size.width);
    height = size.height;
  }
  return { x, y, width, height, routes };
}

/**
 * The layer of each box: after all that it needs, and, where nothing comes before, next to what needs it. Boxes that
 * need each other in a circle share a layer: none of them is first.
 */
function rank(count: number, edges: [number, number][], linked: number[]): Int32Array {
  const out: number[][] = Array.from({ length: count }, () => []);
  for (const [from, to] of edges) if (from !== to) out[from].push(to);
  const { circle, order } = circles(count, out, linked);
  // `order` has circles after all that they lead to: from its end on, what comes first.
  const layer = new Int32Array(order.length);
  const hasParent = new Uint8Array(order.length);
  for (let at = order.length - 1; at >= 0; at--) {
    for (const box of order[at]) {
      for (const to of out[box]) {
        if (circle[to] === at) continue;
        layer[circle[to]] = Math.max(layer[circle[to]], layer[at] + 1);
        hasParent[circle[to]] = 1;
      }
    }
  }
  for (let at = 0; at < order.length; at++) {
    const next = order[at].flatMap((box) => out[box]).filter((to) => circle[to] !== at);
    if (!hasParent[at] && next.length) layer[at] = Math.min(...next.map((to) => layer[circle[to]])) - 1;
  }
  return Int32Array.from({ length: count }, (_, box) => layer[circle[box]] ?? 0);
}

/** Strongly connected components (Tarjan), without recursion; a box that is in no circle is one by itself. */
function circles(count: number, out: number[][], boxes: number[]): { circle: Int32Array; order: number[][] } {
  const circle = new Int32Array(count).fill(-1);
  const order: number[][] = [];
  const seen = new Int32Array(count).fill(-1);
  const low = new Int32Array(count);
  const next = new Int32Array(count);
  const path: number[] = [];
  let clock = 0;
  for (const start of boxes) {
    if (seen[start] >= 0) continue;
    const stack = [start];
    while (stack.length) {
      const at = stack[stack.length - 1];
      if (seen[at] < 0) {
        seen[at] = low[at] = clock++;
        path.push(at);
      }
      let isDone = true;
      while (next[at] < out[at].length) {
        const to = out[at][next[at]];
        if (seen[to] < 0) {
          stack.push(to);
          isDone = false;
          break;
        }
        next[at] += 1;
        if (circle[to] < 0) low[at] = Math.min(low[at], low[to]);
      }
      if (!isDone) continue;
      stack.pop();
      if (low[at] !== seen[at]) continue;
      const members: number[] = [];
      let member;
      do {
        member = path.pop() as number;
        circle[member] = order.length;
        members.push(member);
      } while (member !== at);
      order.push(members);
    }
  }
  return { circle, order };
}

function place(
  sizes: Size[],
  edges: [number, number][],
  linked: number[],
  ranks: Int32Array,
  { gapX, gapY, dense }: Options,
  x: Float64Array,
  y: Float64Array,
  routes: Map<number, number[]>,
): Size {
  const isDense = linked.length > dense;
  const last = Math.max(...linked.map((at) => ranks[at]));
  // Boxes, and after them bends: one for each layer that the edges of a box pass, shared by them.
  const layers: number[][] = Array.from({ length: last + 1 }, () => []);
  const heights: number[] = sizes.map((size) => size.height);
  const up: number[][] = Array.from({ length: sizes.length }, () => []);
  const down: number[][] = Array.from({ length: sizes.length }, () => []);
  const bends = new Map<number, number[]>();
  for (const at of linked) layers[ranks[at]].push(at);
  const join = (from: number, to: number) => {
    down[from].push(to);
    up[to].push(from);
  };
  const chains: [edge: number, chain: number[], count: number, isBack: boolean][] = [];
  edges.forEach(([from, to], edge) => {
    if (from === to) return;
    const isBack = ranks[from] > ranks[to];
    const [left, right] = isBack ? [to, from] : [from, to];
    const steps = ranks[right] - ranks[left];
    if (steps <= 1 || isDense) {
      if (steps) join(left, right);
      return;
    }
    let chain = bends.get(left);
    if (!chain) bends.set(left, (chain = []));
    while (chain.length < steps - 1) {
      const bend = heights.length;
      heights.push(2);
      up.push([]);
      down.push([]);
      layers[ranks[left] + chain.length + 1].push(bend);
      join(chain.length ? chain[chain.length - 1] : left, bend);
      chain.push(bend);
    }
    join(chain[steps - 2], right);
    chains.push([edge, chain, steps - 1, isBack]);
  });

  sortLayers(layers, up, down, isDense ? 6 : 14);

  const center = new Float64Array(heights.length);
  const lefts: number[] = [];
  let width = 0;
  if (isDense) {
    // So many rows that the picture is about as wide as it is high.
    const widest = Math.max(...linked.map((at) => sizes[at].width));
    const area = linked.reduce((sum, at) => sum + (sizes[at].width + 16) * (sizes[at].height + gapY), 0);
    const rows = Math.max(40, Math.round(Math.sqrt(area / 1.5) / (heights[linked[0]] + gapY)));
    for (const layer of layers) {
      const columns = Math.max(1, Math.ceil(layer.length / rows));
      layer.forEach((at, index) => {
        x[at] = width + (index % columns) * (widest + 16);
        center[at] = Math.floor(index / columns) * (heights[at] + gapY);
      });
      const tall = Math.ceil(layer.length / columns) * (heights[layer[0] ?? 0] + gapY);
      const shift = (rows * (heights[linked[0]] + gapY) - tall) / 2;
      for (const at of layer) center[at] += shift;
      width += columns * (widest + 16) - 16 + gapX * 2;
    }
    width -= gapX * 2;
  } else {
    setCenters(layers, up, down, heights, gapY, center);
    for (const layer of layers) {
      const boxes = layer.filter((at) => at < sizes.length);
      const wide = Math.max(0, ...boxes.map((at) => sizes[at].width));
      lefts.push(width);
      for (const at of boxes) x[at] = width;
      width += wide + gapX;
    }
    width -= gapX;
  }
  let top = Infinity;
  let bottom = -Infinity;
  for (const layer of layers) {
    for (const at of layer) {
      top = Math.min(top, center[at] - heights[at] / 2);
      bottom = Math.max(bottom, center[at] + heights[at] / 2);
    }
  }
  for (const at of linked) y[at] = center[at] - heights[at] / 2 - top;
  for (const [edge, chain, count, isBack] of chains) {
    const start = ranks[edges[edge][isBack ? 1 : 0]];
    const points: number[] = [];
    for (let at = 0; at < count; at++) {
      const layer = start + at + 1;
      const wide = (lefts[layer + 1] ?? width + gapX) - gapX - lefts[layer];
      // Through the layer, not only to its middle: it must not touch the boxes above and below.
      points.push(lefts[layer], center[chain[at]] - top, lefts[layer] + wide, center[chain[at]] - top);
    }
    if (isBack) {
      const turned: number[] = [];
      for (let at = points.length - 2; at >= 0; at -= 2) turned.push(points[at], points[at + 1]);
      routes.set(edge, turned);
    } else routes.set(edge, points);
  }
  return { width, height: bottom - top };
}

/** Orders each layer by the middle of its neighbours, to and fro, and keeps the order with the fewest crossings. */
function sortLayers(layers: number[][], up: number[][], down: number[][], sweeps: number): void {
  const at = new Float64Array(up.length);
  const number = (layer: number[]) => layer.forEach((item, index) => (at[item] = index));
  layers.forEach(number);
  const weight = new Float64Array(up.length);
  const sort = (layer: number[], side: number[][]) => {
    for (const item of layer) {
      const near = side[item];
      if (!near.length) weight[item] = at[item];
      else {
        let sum = 0;
        for (const other of near) sum += at[other];
        weight[item] = sum / near.length;
      }
    }
    layer.sort((one, other) => weight[one] - weight[other] || at[one] - at[other]);
    number(layer);
  };
  let best = layers.map((layer) => [...layer]);
  let fewest = Infinity;
  for (let sweep = 0; sweep < sweeps; sweep++) {
    if (sweep % 2) for (let index = layers.length - 2; index >= 0; index--) sort(layers[index], down);
    else for (let index = 1; index < layers.length; index++) sort(layers[index], up);
    const crossed = crossings(layers, down, at);
    if (crossed < fewest) {
      fewest = crossed;
      best = layers.map((layer) => [...layer]);
    }
    if (!fewest) break;
  }
  best.forEach((layer, index) => (layers[index] = layer));
}

/** How many edges between neighbouring layers cross: inversions, counted with a Fenwick tree. */
export function crossings(layers: number[][], down: number[][], at: Float64Array): number {
  let total = 0;
  for (let index = 0; index + 1 < layers.length; index++) {
    const size = layers[index + 1].length;
    const tree = new Int32Array(size + 1);
    let seen = 0;
    for (const item of layers[index]) {
      const ends = down[item].map((other) => at[other]).sort((one, other) => one - other);
      for (const end of ends) {
        let before = 0;
        for (let node = end + 1; node > 0; node -= node & -node) before += tree[node];
        total += seen - before;
      }
      for (const end of ends) {
        for (let node = end + 1; node <= size; node += node & -node) tree[node] += 1;
        seen += 1;
      }
    }
  }
  return total;
}

/** Each box as near as possible to the middle of its neighbours, in the order of the layer, without overlap. */
function setCenters(layers: number[][], up: number[][], down: number[][], heights: number[], gap: number, center: Float64Array): void {
  for (const layer of layers) {
    let top = 0;
    for (const at of layer) {
      center[at] = top + heights[at] / 2;
      top += heights[at] + gap;
    }
    for (const at of layer) center[at] -= top / 2;
  }
  const isBend = (at: number) => heights[at] <= 2;
  const wanted: number[] = [];
  const weights: number[] = [];
  const settle = (layer: number[], sides: number[][][]) => {
    layer.forEach((at, index) => {
      let sum = 0;
      let count = 0;
      for (const side of sides) {
        for (const other of side[at]) {
          // Bends that follow each other want to be in one line.
          const pull = isBend(at) && isBend(other) ? 8 : 1;
          sum += center[other] * pull;
          count += pull;
        }
      }
      wanted[index] = count ? sum / count : center[at];
      weights[index] = count || 0.1;
    });
    isotonic(layer, heights, gap, wanted, weights, center);
  };
  for (let sweep = 0; sweep < 8; sweep++) {
    const sides = sweep < 6 ? undefined : [up, down];
    if (sweep % 2) for (let index = layers.length - 1; index >= 0; index--) settle(layers[index], sides ?? [down]);
    else for (let index = 0; index < layers.length; index++) settle(layers[index], sides ?? [up]);
  }
}

/** Least squares under the order: neighbours that would overlap are merged into blocks (pool adjacent violators). */
function isotonic(layer: number[], heights: number[], gap: number, wanted: number[], weights: number[], center: Float64Array): void {
  const offset: number[] = [];
  let run = 0;
  layer.forEach((at, index) => {
    if (index) run += (heights[layer[index - 1]] + heights[at]) / 2 + gap;
    offset.push(run);
  });
  const mean: number[] = [];
  const weight: number[] = [];
  const length: number[] = [];
  for (let index = 0; index < layer.length; index++) {
    let value = wanted[index] - offset[index];
    let sum = weights[index];
    let size = 1;
    while (mean.length && mean[mean.length - 1] > value) {
      const [before, beforeWeight, beforeSize] = [mean.pop() as number, weight.pop() as number, length.pop() as number];
      value = (value * sum + before * beforeWeight) / (sum + beforeWeight);
      sum += beforeWeight;
      size += beforeSize;
    }
    mean.push(value);
    weight.push(sum);
    length.push(size);
  }
  let index = 0;
  mean.forEach((value, block) => {
    for (let step = 0; step < length[block]; step++, index++) center[layer[index]] = value + offset[index];
  });
}

/** Boxes without edges, in rows. */
function shelves(sizes: Size[], boxes: number[], wide: number, gap: number, top: number, x: Float64Array, y: Float64Array): Size {
  const area = boxes.reduce((sum, at) => sum + (sizes[at].width + gap) * (sizes[at].height + gap), 0);
  const widest = Math.max(...boxes.map((at) => sizes[at].width));
  const limit = Math.max(widest, Math.min(wide || Infinity, Math.sqrt(area * 2.2)), Math.sqrt(area * 1.2));
  const isUniform = boxes.every((at) => sizes[at].height === sizes[boxes[0]].height);
  const order = isUniform ? boxes : [...boxes].sort((one, other) => sizes[other].height - sizes[one].height || one - other);
  let left = 0;
  let row = 0;
  let right = 0;
  for (const at of order) {
    if (left > 0 && left + sizes[at].width > limit + 1) {
      left = 0;
      top += row + gap;
      row = 0;
    }
    x[at] = left;
    y[at] = top;
    left += sizes[at].width + gap;
    right = Math.max(right, left - gap);
    row = Math.max(row, sizes[at].height);
  }
  return { width: right, height: top + row };
}
