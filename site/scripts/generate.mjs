// A project of so many models with two tests each, to measure the app with: `node scripts/generate.mjs 5000 FOLDER`.
// Always the same for the same number. `teahouse` in its place writes the fixture.

import { argv } from "node:process";
import { pathToFileURL } from "node:url";
import { code } from "../fixtures/code.mjs";
import { parts as teahouse } from "../fixtures/teahouse.mjs";
import { writeFolder, writeStatic } from "./write.mjs";

const areas = ["sales", "billing", "web", "app", "support", "logistics", "finance", "people", "marketing", "catalog", "fraud", "주문", "정산", "회원"];
const things = ["orders", "payments", "sessions", "tickets", "shipments", "invoices", "users", "campaigns", "items", "refunds", "events", "매출", "쿠폰", "배송"];
const attributes = ["status", "amount", "created_at", "updated_at", "customer_id", "country", "channel", "is_active", "quantity", "unit_price", "discount", "이름", "등급", "currency"];
const sentences = [
  "One row for each record of the day, corrected for late arrivals.", "금액은 부가세를 포함하고 환불은 뺍니다.", "Test accounts are left out.",
  "The time zone is that of Seoul.", "새벽 세 시에 다시 계산합니다.", "Joined with the latest state of the customer.", "Owned by the finance team; ask before changing the grain.",
];

export function generate(count) {
  let state = 42;
  const random = (limit) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * limit);
  };
  const nodes = [];
  const staging = Math.floor(count * 0.3);
  const intermediate = Math.floor(count * 0.4);
  const add = (node) => nodes.push(node) - 1;
  const columnsOf = (seed) => ["id", ...Array.from({ length: 8 + (seed % 5) }, (_, at) => `${attributes[(seed + at * 3) % attributes.length]}${at > 9 ? `_${at}` : ""}`)];
  const sources = [];
  for (let n = 0; n < staging; n++) {
    const area = areas[n % areas.length];
    sources.push(add({ kind: "source", name: `${things[n % 13]}_${n}`, id: `source.big.${area}.${things[n % 13]}_${n}`, fqn: ["big", "staging", area, `${things[n % 13]}_${n}`], path: `models/staging/${area}/_sources.yml`, parents: [], columns: columnsOf(n) }));
  }
  const layers = { staging: [], intermediate: [], marts: [] };
  for (let n = 0; n < count; n++) {
    const layer = n < staging ? "staging" : n < staging + intermediate ? "intermediate" : "marts";
    const area = areas[n % areas.length];
    const thing = things[random(things.length)];
    const prefix = { staging: "stg", intermediate: "int", marts: "fct" }[layer];
    const name = `${prefix}_${area}_${thing}_${n}`;
    const parents = [];
    if (layer === "staging") parents.push(sources[n]);
    else {
      const near = layer === "intermediate" ? layers.staging : layers.intermediate;
      const own = layers[layer];
      for (let step = 0; step < 1 + random(3); step++) {
        // Mostly of the same area, sometimes of its own layer, seldom of anywhere.
        const pool = own.length > 20 && random(4) === 0 ? own : near;
        const start = random(10) ? Math.floor(random(pool.length) / areas.length) * areas.length + (n % areas.length) : random(pool.length);
        const parent = pool[Math.min(start, pool.length - 1)];
        if (!parents.includes(parent)) parents.push(parent);
      }
    }
    layers[layer].push(add({ kind: "model", name, id: `model.big.${name}`, fqn: ["big", layer, area, name], path: `models/${layer}/${area}/${name}.sql`, parents, columns: columnsOf(n + 7), layer, area }));
  }
  const models = nodes.length;
  for (let at = 0; at < models; at++) {
    if (nodes[at].kind !== "model") continue;
    for (const test of ["unique", "not_null"]) {
      const name = `${test}_${nodes[at].name}_id`;
      add({ kind: "test", name, id: `test.big.${name}.${at.toString(16)}`, fqn: ["big", nodes[at].layer, name], path: `models/${nodes[at].layer}/${nodes[at].area}/schema.yml`, parents: [at], attached: at, column: "id", test });
    }
  }
  for (let n = 0; n < 40; n++) {
    add({ kind: "exposure", name: `board_${n}`, label: `보고 ${n}`, id: `exposure.big.board_${n}`, fqn: ["big", "boards", `board_${n}`], path: "models/boards/exposures.yml", parents: Array.from({ length: 4 }, () => layers.marts[random(layers.marts.length)]).filter((one, at, all) => all.indexOf(one) === at) });
  }

  const order = nodes.map((_, at) => at).sort((one, other) => (nodes[one].id < nodes[other].id ? -1 : 1));
  const idOf = new Int32Array(nodes.length);
  order.forEach((at, id) => (idOf[at] = id));
  const byName = new Map(order.map((at, id) => [nodes[at].name, id]).filter(([, id]) => nodes[order[id]].kind === "model"));
  const sourceIds = new Map(order.map((at, id) => [nodes[at].name, id]).filter(([, id]) => nodes[order[id]].kind === "source"));
  const targets = { ref: (name) => byName.get(name) ?? -1, source: (_, table) => sourceIds.get(table) ?? -1, relation: (_d, _s, name) => byName.get(name) ?? -1, macro: () => -1 };
  const tests = new Map();
  nodes.forEach((node, at) => node.attached !== undefined && (tests.get(node.attached) ?? tests.set(node.attached, []).get(node.attached)).push(idOf[at]));
  const runs = Array.from({ length: 20 }, (_, n) => ({ id: `r${n}`, command: "xform build", at: new Date(Date.UTC(2026, 10, 20 - n, 3)).toISOString(), seconds: 900 + n * 7, counts: { success: count, pass: count * 2 - 12, fail: 12 } }));

  const describe = (at) => (at % 4 === 3 ? undefined : Array.from({ length: 1 + (at % 4) }, (_, step) => sentences[(at * 3 + step * 5) % sentences.length]).join(" "));
  const entries = [];
  const details = [];
  const texts = [];
  const history = [];
  order.forEach((at, id) => {
    const node = nodes[at];
    const columns = node.columns;
    const description = node.kind === "test" ? undefined : describe(at);
    const isFailing = node.kind === "test" && at % 887 === 0;
    const status = node.kind === "test" ? (isFailing ? "fail" : "pass") : "success";
    const seconds = node.kind === "test" ? 0.02 : Math.round(((at * 7919) % 4000) * ((at % 97 === 0) ? 30 : 1)) / 1000;
    const ran = node.kind === "model" || node.kind === "test";
    entries.push({
      id: node.id, kind: node.kind, name: node.name, label: node.label, package: "big", path: node.path, fqn: node.fqn,
      relation: columns && ["big", node.kind === "source" ? node.fqn[2] : node.layer, node.name], materialized: node.kind === "model" ? ["view", "table", "incremental"][at % 3] : undefined,
      tags: node.kind === "model" && at % 3 === 0 ? ["nightly"] : undefined, access: node.kind === "model" ? "protected" : undefined, summary: description?.slice(0, 200),
      depends: node.parents.map((parent) => idOf[parent]), attached: node.attached === undefined ? undefined : idOf[node.attached], column: node.column, test: node.test,
      columns: columns && [columns.length, Math.floor(columns.length / 2), 1], last: ran ? [status, seconds, 0] : undefined,
      freshness: node.kind === "source" && at % 5 === 0 ? [at % 50 === 0 ? "error" : "pass", runs[0].at, runs[1].at, 3600 + at] : undefined,
    });
    let sql;
    let compiled;
    if (node.kind === "model") {
      const from = node.parents.map((parent) => nodes[parent]);
      const write = (place) =>
        `-- ${node.name}\nwith base as (\n    select\n${columns.map((column, n) => `        ${n === 0 ? "a.id" : n % 3 === 0 ? `coalesce(a.${column}, 0) as ${column}` : `a.${column}`}`).join(",\n")}\n    from ${place(from[0])} as a\n${from.slice(1).map((one, n) => `    left join ${place(one)} as b${n} on b${n}.id = a.id\n`).join("")}    where a.status <> 'deleted'\n),\n\nfinal as (\n    select *, row_number() over (partition by id order by updated_at desc) as n\n    from base\n)\n\nselect ${columns.join(", ")}\nfrom final\nwhere n = 1\n`;
      sql = write((one) => (one.kind === "source" ? `{{ source('${one.fqn[2]}', '${one.name}') }}` : `{{ ref('${one.name}') }}`));
      compiled = write((one) => `"big"."${one.layer ?? one.fqn[2]}"."${one.name}"`);
    }
    details.push({
      description,
      columns: columns?.map((name, n) => ({ name, type: ["BIGINT", "VARCHAR", "TIMESTAMP"][n % 3], description: n % 2 ? undefined : sentences[(at + n) % sentences.length], tests: n === 0 && node.kind === "model" ? tests.get(at) : undefined })),
      code: sql && code(sql, targets, "sql"), compiled: compiled && code(compiled, targets, "sql"),
      tests: tests.get(at), config: node.kind === "model" ? { materialized: ["view", "table", "incremental"][at % 3], meta: { tier: at % 3 } } : undefined,
      stats: columns && { rows: (at * 7919) % 9_000_000, bytes: (at * 7919) % 900_000_000 },
      history: ran ? runs.map((_, run) => [run, isFailing && run % 3 !== 1 ? "fail" : status, seconds, node.kind === "test" ? (isFailing ? 3 : 0) : null, null]) : undefined,
    });
    texts.push([id, columns?.join(" ") ?? "", description ?? "", sql ?? ""]);
    if (ran) history.push([id, (isFailing ? "fpf" : node.kind === "test" ? "ppp" : "ooo").repeat(7).slice(0, 20)]);
  });
  const columnNames = order.map((at) => nodes[at].columns ?? []);
  const edges = [];
  order.forEach((at, id) => {
    const node = nodes[at];
    if (node.kind !== "model") {
      if (node.kind === "exposure") for (const parent of node.parents) nodes[parent].columns.forEach((_, column) => edges.push(idOf[parent], column, id, -1, 8));
      return;
    }
    node.parents.forEach((parent, n) => {
      node.columns.forEach((name, column) => {
        const from = nodes[parent].columns.indexOf(name);
        if (from >= 0 && (n === 0 || column % 4 === 0)) edges.push(idOf[parent], from, id, column, column % 3 === 0 && column ? 2 : 0);
      });
      edges.push(idOf[parent], 0, id, -1, 5);
    });
  });

  const chunk = 64;
  const parts = {
    index: {
      format: 1, xform: "0.1.0", project: "big", adapter: "duckdb", target: "prod", generated_at: runs[0].at, has_code: true, is_compiled: true, is_live: false,
      overview: `# big\n\nA generated project of ${count} models.`, packages: [], nodes: entries, chunk, searches: 0, groups: {}, runs,
    },
    lineage: { columns: columnNames, edges },
    history: { nodes: history },
  };
  for (let from = 0; from < details.length; from += chunk) parts[`nodes/${from / chunk}`] = { nodes: details.slice(from, from + chunk) };
  let size = 0;
  let batch = [];
  const flush = () => {
    if (batch.length) parts[`search/${parts.index.searches++}`] = { texts: batch };
    batch = [];
    size = 0;
  };
  for (const text of texts) {
    batch.push(text);
    size += text[1].length + text[2].length + text[3].length + 20;
    if (size > 1_000_000) flush();
  }
  flush();
  return parts;
}

if (argv[1] && import.meta.url === pathToFileURL(argv[1]).href) {
  const [what, folder] = argv.slice(2);
  if (!folder) throw new Error("which folder?");
  const parts = what === "teahouse" ? teahouse() : generate(Number(what));
  writeFolder(parts, folder);
  writeStatic(parts, `${folder}/static_index.html`);
}
