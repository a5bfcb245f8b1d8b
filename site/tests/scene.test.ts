import { expect, test } from "vitest";
import { between, family, grouped, openAtFirst, scene } from "../src/graph/scene";
import { ColumnGraph } from "../src/columns";
import { parseRoute } from "../src/route";
import { entry, project } from "./project";

const at = (name: string, folder: string) => entry("model", name, { path: `models/${folder}/${name}.sql` });
const shop = project(
  [at("a", "staging/x"), at("b", "staging/x"), at("c", "marts"), at("d", "marts"), at("e", "staging/x")],
  { c: ["a", "b"], d: ["c"], e: ["c"] },
);
const ids = [0, 1, 2, 3, 4];

test("folders in folders; one that holds only another is joined with it", () => {
  const root = grouped(shop, ids, "folder");
  expect(root.groups).toHaveLength(1);
  expect(root.groups[0].groups.map((group) => [group.name, group.count])).toEqual([["marts", 2], ["staging/x", 3]]);
  expect(grouped(shop, ids, "none").nodes).toHaveLength(5);
});

test("a folded group stands for its nodes, and its lines are counted", () => {
  const root = grouped(shop, ids, "folder");
  const [models] = root.groups;
  const made = scene(shop, ids, root, new Set([models.path, models.groups[0].path]));
  const folded = made.items.findIndex((item) => item.group?.name === "staging/x");
  expect(made.items[folded].isOpen).toBeUndefined();
  expect([0, 1, 4].map((id) => made.itemOf.get(id))).toEqual([folded, folded, folded]);
  const c = made.itemOf.get(2) as number;
  expect(made.links.map((link) => [link.from, link.to, link.count])).toEqual(expect.arrayContaining([[folded, c, 2], [c, folded, 1]]));
  expect(scene(shop, ids, root, new Set()).links).toEqual([]);
});

test("what is in an open box is inside of it", () => {
  const root = grouped(shop, ids, "folder");
  const made = scene(shop, ids, root, openAtFirst(root, 100));
  const boxes = made.items.filter((item) => item.isOpen);
  expect(boxes).toHaveLength(3);
  for (const id of ids) {
    const item = made.items[made.itemOf.get(id) as number];
    const around = boxes.filter((box) => item.x >= box.x && item.y >= box.y && item.x + item.width <= box.x + box.width && item.y + item.height <= box.y + box.height);
    expect(around).toHaveLength(2);
  }
});

test("not more is opened at first than can be seen", () => {
  const root = grouped(shop, ids, "folder");
  expect(openAtFirst(root, 1).size).toBe(0);
  expect(openAtFirst(root, 4).size).toBe(2);
});

test("the family of a node, and the ways between two", () => {
  const made = scene(shop, ids, grouped(shop, ids, "none"), new Set());
  const names = (items: Set<number>) => [...items].map((item) => made.items[item].label).sort();
  expect(names(family(made, made.itemOf.get(2) as number))).toEqual(["a", "b", "c", "d", "e"]);
  expect(names(family(made, made.itemOf.get(0) as number))).toEqual(["a", "c", "d", "e"]);
  expect(names(between(made, made.itemOf.get(3) as number, made.itemOf.get(0) as number))).toEqual(["a", "c", "d"]);
  expect(between(made, made.itemOf.get(0) as number, made.itemOf.get(1) as number).size).toBe(0);
});

test("column lineage goes both ways, past circles, and through rows only when asked", () => {
  const graph = new ColumnGraph({ columns: [["id", "x"], ["id"], ["sum"], [], ["id"]], edges: [0, 0, 1, 0, 1, 1, 0, 2, 0, 3, 2, 0, 3, -1, 8, 0, 1, 2, -1, 5, 1, 0, 4, 0, 0, 4, 0, 1, 0, 0] });
  const reached = (node: number, column: number, rows = false) => graph.reach({ node, column }, rows).reached.map(({ place, distance }) => [place.node, place.column, distance]);
  expect(reached(1, 0)).toEqual(expect.arrayContaining([[0, 0, -1], [2, 0, 1], [3, -1, 2], [4, 0, -1]]));
  expect(reached(0, 1)).toEqual([[0, 1, 0]]);
  expect(reached(0, 1, true)).toEqual([[0, 1, 0], [2, -1, 1]]);
  expect(reached(2, 0, true)).toEqual(expect.arrayContaining([[0, 1, -1], [1, 0, -1], [0, 0, -2]]));
  expect(graph.column(0, "ID")).toBe(0);
  expect(graph.column(0, "none")).toBe(-1);
  expect(graph.degree({ node: 0, column: 1 })).toEqual([0, 0]);
});

test("addresses of dbt's site are understood", () => {
  expect(parseRoute("#!/model/model.shop.orders").path).toEqual(["model", "model.shop.orders"]);
  expect(parseRoute("#!/model/model.shop.orders#columns")).toMatchObject({ path: ["model", "model.shop.orders"], anchor: "columns" });
  const graph = parseRoute("#!/model/model.shop.orders?g_v=1&g_i=%2Borders%2B&g_e=tag:x");
  expect([graph.path, graph.query.get("select"), graph.query.get("exclude")]).toEqual([["graph"], "+orders+", "tag:x"]);
  expect(parseRoute("#!/model/%E0%A4%A").path).toEqual(["model", "%E0%A4%A"]);
  expect(parseRoute("").path).toEqual([]);
});
