import { expect, test } from "vitest";
import { coverage, failingFor, flaky, gaps, slowest, tone } from "../src/health";
import { ago, bytes, duration } from "../src/format";
import { entry, project } from "./project";

test("flaky is what failed and recovered more than once; runs without it say nothing", () => {
  const found = flaky({ nodes: [[0, "pppppp"], [1, "fppppp"], [2, "ppfppp"], [3, "pfpfpf"], [4, "f-s-f-"], [5, "p-f-p"], [6, "ffffff"], [7, "pwpwpw"], [8, "oeooo"], [9, ""]] });
  expect(found.map((one) => one.id)).toEqual([3, 5, 8, 2]);
  expect(found.find((one) => one.id === 5)).toMatchObject({ turns: 2, bad: 1, runs: 3 });
});

test.each([["fffp", 3], ["f-fp", 2], ["pfff", 0], ["sfe", 2], ["", 0]])("%s has been failing for %i runs", (letters, count) => expect(failingFor(letters)).toBe(count));

test("words of dbt have a tone", () => {
  expect(["pass", "success", "warn", "fail", "error", "runtime error", "skipped", "no-op", undefined].map((status) => tone(status as never))).toEqual(["good", "good", "warn", "bad", "bad", "bad", "idle", "idle", "idle"]);
});

const shop = project(
  [
    entry("model", "a", { path: "models/x/a.sql", summary: "told", columns: [4, 4, 1], last: ["success", 2, 0] }),
    entry("model", "b", { path: "models/x/b.sql", columns: [3, 1, 0], last: ["success", 5, 0] }),
    entry("model", "c", { path: "models/y/c.sql", summary: "told", columns: [1, 1, 0] }),
    entry("model", "d", { package: "lib", path: "models/d.sql" }),
    entry("test", "t", { attached: 0, test: "unique" }),
  ],
  { b: ["a"], c: ["b"], t: ["a"] },
);

test("coverage sums by folder, of the project's own nodes", () => {
  const [all, ...places] = coverage(shop);
  expect(all).toMatchObject({ models: 3, tested: 1, described: 2, columns: 8, describedColumns: 6 });
  expect(places.map((row) => [row.place, row.models, row.tested])).toEqual([["models/x", 2, 1], ["models/y", 1, 0]]);
});

test("gaps come in order of use", () => {
  expect(gaps(shop).map((gap) => [shop.nodes[gap.id].name, gap.missing, gap.isTested, gap.users])).toEqual([["b", 2, false, 1], ["c", 0, false, 0]]);
});

test("the slowest come first", () => {
  expect(slowest(shop, 5).map((id) => shop.nodes[id].name)).toEqual(["b", "a"]);
});

test("figures are written for people", () => {
  expect([duration(0.0002), duration(0.003), duration(0.9999), duration(1.234), duration(75), duration(7260), duration(200000)]).toEqual(["< 1 ms", "3 ms", "1.00 s", "1.23 s", "1 min 15 s", "2 h 1 min", "2 days 8 h"]);
  expect([bytes(0), bytes(999), bytes(1500), bytes(3_812_000)]).toEqual(["0 B", "999 B", "1.5 kB", "3.8 MB"]);
  expect(ago("2026-01-01T00:00:00Z", Date.parse("2026-01-03T01:00:00Z"))).toBe("2 days ago");
  expect(ago("nonsense", 0)).toBe("nonsense");
});
