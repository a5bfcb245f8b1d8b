import { expect, test } from "vitest";
import { mark, SearchIndex } from "../src/search";
import { entry } from "./project";

const nodes = [
  entry("model", "orders"),
  entry("model", "orders_daily"),
  entry("model", "stg_orders"),
  entry("model", "reorders"),
  entry("model", "customers"),
  entry("model", "payments"),
  entry("model", "일별_매출"),
  entry("test", "not_null_orders_id"),
  entry("model", "刷卡记录"),
];

function index(): SearchIndex {
  const search = new SearchIndex(nodes);
  search.add({
    texts: [
      [4, "customer_id last_order_at 이름", "One row for each person. 손님의 주문을 모은 표입니다.", "select id from raw"],
      [5, "order_id amount", "Money that came in.", "select *\nfrom orders\nwhere amount > 0 -- orders"],
      [6, "날짜 금액", "하루 매출", "select 1"],
    ],
  });
  return search;
}

const names = (text: string) => index().find(text).hits.map((hit) => nodes[hit.id].name);

test("exact, then prefix, then word, then part of a name, then columns, then code; tests stand back", () => {
  expect(names("orders").slice(0, 4)).toEqual(["orders", "orders_daily", "stg_orders", "reorders"]);
  expect(names("orders")).toContain("payments");
  expect(names("orders").indexOf("payments")).toBeGreaterThan(3);
});

test("a column outranks a description, a description outranks code", () => {
  expect(names("amount")[0]).toBe("payments");
  expect(index().find("amount").hits[0].fields).toEqual(["columns"]);
  expect(names("person")).toEqual(["customers"]);
});

test("all words must be there, wherever", () => {
  expect(names("orders daily")[0]).toBe("orders_daily");
  expect(names("customer 주문")).toEqual(["customers"]);
  expect(names("customer nowhere")).toEqual([]);
});

test("Korean, Japanese and Chinese are found inside words, a single syllable too", () => {
  expect(names("매출")).toEqual(["일별_매출"]);
  expect(names("주문을")).toEqual(["customers"]);
  expect(names("름")).toEqual(["customers"]);
  expect(names("记录")).toEqual(["刷卡记录"]);
  // As some keyboards and file systems write it: in letters, not in syllables.
  expect(names("매출".normalize("NFD"))).toEqual(["일별_매출"]);
});

test("typing on gives what a fresh search gives", () => {
  const search = index();
  for (const text of ["o", "or", "ord", "orde", "orders", "orders ", "orders d", "orders da", "ord", "매", "매출"]) {
    expect(search.find(text)).toEqual(index().find(text));
  }
});

test("texts that come later are found", () => {
  const search = new SearchIndex(nodes);
  expect(search.find("손님").total).toBe(0);
  search.add({ texts: [[4, "", "손님", ""]] });
  expect(search.find("손님").total).toBe(1);
});

test("counts kinds, and only what is asked for is listed", () => {
  const found = index().find("orders", 50, (one) => one.kind === "test");
  expect(found.hits).toHaveLength(1);
  expect(found.kinds.model).toBeGreaterThan(3);
});

test("snippets mark every word where it stands", () => {
  const search = index();
  expect(search.snippet(0, "name", "ORD")).toEqual([["ord", true], ["ers", false]]);
  expect(search.snippet(5, "sql", "orders").filter(([, isMarked]) => isMarked)).toHaveLength(2);
  expect(search.snippet(4, "columns", "order id").map(([text]) => text).join("")).toBe("customer_id, last_order_at");
  expect(mark("a<b>", ["<b>"])).toEqual([["a", false], ["<b>", true]]);
  expect(search.find("   ").total).toBe(0);
});
