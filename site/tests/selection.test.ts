import { describe, expect, test } from "vitest";
import type { Detail } from "../src/data";
import { Pattern } from "../src/pattern";
import { BadSelection, NeedsDetails, select } from "../src/selection";
import { entry, project } from "./project";

const shop = project(
  [
    entry("source", "orders_raw", { fqn: ["shop", "staging", "raw", "orders_raw"], path: "models/staging/sources.yml" }),
    entry("model", "stg_orders", { fqn: ["shop", "staging", "stg_orders"], path: "models/staging/stg_orders.sql", materialized: "view", tags: ["nightly"] }),
    entry("model", "stg_users", { fqn: ["shop", "staging", "stg_users"], path: "models/staging/stg_users.sql", materialized: "view" }),
    entry("model", "orders", { fqn: ["shop", "marts", "orders"], path: "models/marts/orders.sql", materialized: "table", tags: ["nightly", "주간"], access: "public", group: "finance", last: ["error", 1, 0] }),
    entry("model", "users", { id: "model.shop.users.v1", fqn: ["shop", "marts", "users", "v1"], path: "models/marts/users_v1.sql", version: "1", materialized: "table" }),
    entry("model", "users2", { id: "model.shop.users.v2", name: "users2", fqn: ["shop", "marts", "users2", "v2"], path: "models/marts/users_v2.sql", version: "2", is_latest: true }),
    entry("exposure", "board", { path: "models/marts/exposures.yml", fqn: ["shop", "marts", "board"] }),
    entry("model", "elsewhere", { package: "lib", fqn: ["lib", "elsewhere"], path: "models/elsewhere.sql" }),
    entry("test", "unique_orders_id", { attached: 3, column: "id", test: "unique", path: "models/marts/schema.yml" }),
    entry("test", "assert_sums", { path: "tests/assert_sums.sql", fqn: ["shop", "assert_sums"] }),
    entry("macro", "cents", { path: "macros/cents.sql" }),
  ],
  { stg_orders: ["orders_raw"], orders: ["stg_orders", "stg_users"], users: ["stg_users"], users2: ["stg_users", "orders"], board: ["orders"], unique_orders_id: ["orders"], assert_sums: ["orders"] },
);

const names = (include: string, exclude = "", details?: Detail[]) => [...select(shop, include, exclude, details)].map((id) => shop.nodes[id].name).sort();

test.each([
  ["orders", ["orders"]],
  ["+orders", ["orders", "orders_raw", "stg_orders", "stg_users"]],
  ["1+orders", ["orders", "stg_orders", "stg_users"]],
  ["stg_orders+1", ["orders", "stg_orders"]],
  ["orders+", ["assert_sums", "board", "orders", "unique_orders_id", "users2"]],
  ["@stg_orders", ["assert_sums", "board", "orders", "orders_raw", "stg_orders", "stg_users", "unique_orders_id", "users2"]],
  ["tag:nightly", ["orders", "stg_orders"]],
  ["tag:주*", ["orders"]],
  ["staging", ["stg_orders", "stg_users"]],
  ["staging.*", ["stg_orders", "stg_users"]],
  ["shop.marts.orders", ["orders"]],
  ["stg_*", ["stg_orders", "stg_users"]],
  ["users", ["users"]],
  ["users.v1", ["users"]],
  ["users_v1", ["users"]],
  ["path:models/marts/orders.sql", ["orders"]],
  ["models/staging", ["orders_raw", "stg_orders", "stg_users"]],
  ["models/**/stg_*.sql", ["stg_orders", "stg_users"]],
  ["orders.sql", ["orders"]],
  ["config.materialized:table", ["orders", "users"]],
  ["tag:nightly,config.materialized:table", ["orders"]],
  ["stg_users source:raw", ["orders_raw", "stg_users"]],
  ["source:raw.orders_*", ["orders_raw"]],
  ["+exposure:board,resource_type:model", ["orders", "stg_orders", "stg_users"]],
  ["package:lib", ["elsewhere"]],
  ["access:public", ["orders"]],
  ["group:fin*", ["orders"]],
  ["test_name:unique", ["unique_orders_id"]],
  ["test_type:singular", ["assert_sums"]],
  ["version:latest", ["users2"]],
  ["version:old", ["users"]],
  ["result:error", ["orders"]],
  ["nothing_like_it", []],
])("%s", (words, expected) => expect(names(words)).toEqual(expected));

test("nothing written is everything that is a node, and exclude takes away", () => {
  expect(names("")).toHaveLength(10);
  expect(names("", "tag:nightly resource_type:test")).not.toContain("orders");
  expect(names("+orders", "stg_*")).toEqual(["orders", "orders_raw"]);
});

test.each([
  ["state:modified", /cannot know “state:”/],
  ["selector:daily", /selectors\.yml/],
  ["source_status:fresher+", /cannot know/],
  ["wrong:x", /not a selection method/],
  ["tag.x:y", /nothing after a dot/],
  ["config.:y", /which config/],
  ["@orders+", /both @ before and \+ after/],
  ["tag:", /names nothing/],
  ["version:newest", /not a kind of version/],
])("%s is told of in words", (words, message) => {
  expect(() => select(shop, words)).toThrow(BadSelection);
  expect(() => select(shop, words)).toThrow(message);
});

describe("what only details tell", () => {
  const details: Detail[] = shop.nodes.map((one) => ({ config: { meta: { owner: one.name }, enabled: true }, patch: one.name === "orders" ? "models/marts/schema.yml:4" : undefined }));

  test("is asked for, then found", () => {
    expect(() => select(shop, "config.meta.owner:orders")).toThrow(NeedsDetails);
    expect(names("config.meta.owner:orders", "", details)).toEqual(["orders"]);
    expect(names("config.enabled:TRUE,stg_orders", "", details)).toEqual(["stg_orders"]);
    expect(names("path:models/marts/schema.yml,resource_type:model", "", details)).toEqual(["orders"]);
  });
});

test.each([
  ["stg_*", "stg_orders", true], ["*a*b", "xaxbxb", true], ["*a*b", "xaxbxc", false], ["stg_?", "stg_", false], ["주문_?", "주문_표", true],
  ["[a-c]x", "bx", true], ["[!a-c]x", "bx", false], ["[]]", "]", true], ["a[b", "a[b", true], ["", "", true], ["a.b", "axb", false], ["(", "(", true], ["[z-a]", "b", false],
])("%s on %s", (pattern, text, isMatch) => expect(new Pattern(pattern).matches(text)).toBe(isMatch));
