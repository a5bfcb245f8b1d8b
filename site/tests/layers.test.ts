import { expect, test } from "vitest";
import { layered, type Size } from "../src/graph/layers";

const boxes = (count: number): Size[] => Array.from({ length: count }, () => ({ width: 100, height: 30 }));

function overlaps(sizes: Size[], layout: ReturnType<typeof layered>): boolean {
  for (let one = 0; one < sizes.length; one++) {
    for (let other = one + 1; other < sizes.length; other++) {
      const apart =
        layout.x[one] + sizes[one].width <= layout.x[other] + 1e-6 || layout.x[other] + sizes[other].width <= layout.x[one] + 1e-6
        || layout.y[one] + sizes[one].height <= layout.y[other] + 1e-6 || layout.y[other] + sizes[other].height <= layout.y[one] + 1e-6;
      if (!apart) return true;
    }
  }
  return false;
}

/** A fixed sequence that looks random. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648;
}

test("what depends on a box is to the right of it", () => {
  const edges: [number, number][] = [[0, 1], [1, 2], [0, 2], [3, 2]];
  const layout = layered(boxes(4), edges);
  for (const [from, to] of edges) expect(layout.x[from]).toBeLessThan(layout.x[to]);
  // A start stands next to what needs it, not at the far left.
  expect(layout.x[3]).toBe(layout.x[1]);
});

test("a long edge passes between the boxes of the layers it crosses", () => {
  const layout = layered(boxes(5), [[0, 1], [1, 2], [2, 3], [0, 3], [4, 1]]);
  const route = layout.routes.get(3) ?? [];
  expect(route).toHaveLength(8);
  for (let at = 0; at < route.length; at += 2) {
    for (const box of [1, 2]) {
      const isInside = route[at] > layout.x[box] && route[at] < layout.x[box] + 100 && route[at + 1] > layout.y[box] && route[at + 1] < layout.y[box] + 30;
      expect(isInside).toBe(false);
    }
  }
});

test("boxes that need each other stand in one column, what follows is to the right", () => {
  const layout = layered(boxes(5), [[0, 1], [1, 2], [2, 1], [2, 3], [4, 2]]);
  expect(layout.x[1]).toBe(layout.x[2]);
  expect(layout.x[0]).toBeLessThan(layout.x[1]);
  expect(layout.x[2]).toBeLessThan(layout.x[3]);
});

test("circles, loops and boxes without edges are laid out too", () => {
  const sizes = boxes(7);
  const layout = layered(sizes, [[0, 1], [1, 2], [2, 0], [3, 3]]);
  expect(overlaps(sizes, layout)).toBe(false);
  expect([...layout.x, ...layout.y].every(Number.isFinite)).toBe(true);
  expect(layered([], []).width).toBe(0);
});

test.each([[40, 1500], [300, 1500], [300, 100]])("no boxes overlap: %i boxes, dense above %i", (count, dense) => {
  const random = numbers(count);
  const sizes = Array.from({ length: count }, () => ({ width: 100, height: dense < count ? 30 : 20 + Math.floor(random() * 60) }));
  const edges: [number, number][] = [];
  for (let to = 1; to < count; to++) for (let n = 0; n < 2; n++) edges.push([Math.floor(random() * to), to]);
  const layout = layered(sizes, edges, { dense });
  expect(overlaps(sizes, layout)).toBe(false);
  for (let at = 0; at < count; at++) {
    expect(layout.x[at]).toBeGreaterThanOrEqual(0);
    expect(layout.y[at]).toBeGreaterThanOrEqual(-1e-6);
    expect(layout.x[at] + 100).toBeLessThanOrEqual(layout.width + 1e-6);
  }
});

test("two parallel chains do not cross", () => {
  const layout = layered(boxes(6), [[0, 2], [1, 3], [2, 4], [3, 5]]);
  const isAbove = layout.y[0] < layout.y[1];
  expect(layout.y[2] < layout.y[3]).toBe(isAbove);
  expect(layout.y[4] < layout.y[5]).toBe(isAbove);
});
