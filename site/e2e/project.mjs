// Builds the example project at the root of the repository with xform itself, and uses its site as a person would, from
// disk, as one file and from `xform docs serve`: `XFORM=path/to/xform npm run e2e`. Then a project whose texts want to
// run. Screenshots are written to e2e/out/ for people to look at. Prints `N passed, N failed`.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { accessible, allow, check, close, end, looked, open, out, settled, test, text, titled, until } from "./harness.mjs";

const repository = resolve(import.meta.dirname, "../..");
const xform = process.env.XFORM;
if (!xform) throw new Error("XFORM has to name the program: XFORM=path/to/xform npm run e2e");
const work = mkdtempSync(join(tmpdir(), "xform-site-"));
allow(`file://${work}`);

/** What a command prints; it has to end well. */
function run(folder, ...words) {
  const { status, stdout, stderr } = spawnSync(xform, words, { cwd: folder, encoding: "utf8" });
  check(status === 0, `xform ${words.join(" ")} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** `xform docs serve` of a project: its address, and `end`, which gives what it printed. */
async function serve(folder) {
  const child = spawn(xform, ["docs", "serve", "--no-browser", "--port", "0"], { cwd: folder });
  const ended = new Promise((done) => child.once("exit", (code) => done(code)));
  let said = "";
  const address = await new Promise((found, failed) => {
    const hear = (piece) => {
      said += piece;
      const match = /http:\/\/\S+/.exec(said);
      if (match) found(match[0]);
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.once("exit", () => failed(new Error(`docs serve has ended: ${said}`)));
  });
  allow(address);
  return {
    address,
    async end() {
      child.kill("SIGINT");
      return { code: await ended, said };
    },
  };
}

// The example, in a place of its own, run twice, so that there is a history.
const shop = join(work, "shop");
/** In tests/ are the tests of xform, too. */
const isOfProject = (from) => !from.startsWith(join(repository, "tests/")) || /\/tests\/(generic(\/.*)?|[^/]*\.sql)$/.test(from);
mkdirSync(shop);
for (const name of ["models", "macros", "seeds", "data", "tests", "project.yml", "README.md"]) {
  cpSync(join(repository, name), join(shop, name), { recursive: true, filter: isOfProject });
}
run(shop, "build");
run(shop, "build");
run(shop, "source", "freshness");
run(shop, "docs", "generate", "--static");
// What was generated stays as it is, `serve` writes to the project's own folder.
const generated = join(work, "generated");
cpSync(join(shop, "target"), generated, { recursive: true, filter: (from) => !from.includes(".duckdb") });
const served = await serve(shop);

const places = {
  "from disk": `file://${generated}/index.html`,
  "as one file": `file://${generated}/static_index.html`,
  served: `${served.address}/`,
};
for (const [kind, address] of Object.entries(places)) {
  await test(`example ${kind}: search, open a model, follow a column to its source, health, graph`, async () => {
    const page = await open(address);
    await page.waitForSelector(".overview");
    await until(async () => (await page.title()) === "jangteo · xform docs", `the title is ${await page.title()}`);
    // Korean, inside a word of a column's description.
    await page.keyboard.press("/");
    await page.keyboard.type("로그인하지");
    await page.waitForSelector('[role="option"] mark');
    await page.getByRole("combobox").fill("user_events");
    await page.waitForFunction(() => document.querySelector('[role="option"] .name')?.textContent === "user_events");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await titled(page, "user_events");
    await page.waitForSelector(".columns-table");
    await until(async () => await page.locator(".code a.tok-ref", { hasText: "int_events" }).count(), "a ref is no link");
    await page.getByRole("button", { name: "Compiled" }).click();
    await until(async () => (await page.locator(".code").innerText()).includes("__dbt__cte__int_events"), "no compiled SQL");
    await until(async () => (await text(page, ".history")).includes("2 runs"), "the last runs are not there");
    await until(async () => (await text(page, ".strip")).match(/Rows\s+[1-9]/), "no row count");

    await page.locator(".columns-table").getByRole("link", { name: "occurred_at", exact: true }).click();
    await page.waitForSelector(".column-picture");
    const picture = await page.locator(".column-picture").innerText();
    for (const name of ["firebase.events", "event_timestamp", "amplitude.events_parquet", "int_events", "stg_amplitude_events", "아침 지표 대시보드"]) check(picture.includes(name), `the lineage lacks ${name}`);
    await page.locator(".column-card", { hasText: "firebase.events" }).getByRole("link", { name: "event_timestamp" }).click();
    await page.waitForFunction(() => document.querySelector("main h1")?.textContent?.startsWith("event_timestamp"));
    await until(async () => (await text(page, ".lineage-lists section:nth-child(1)")).includes("it begins here"), "a source is made of something");
    await until(async () => (await text(page, ".lineage-lists section:nth-child(2)")).includes("kpi_dashboard"), "it does not reach the exposure");
    await page.locator(".kind").getByRole("link", { name: "firebase.events" }).click();
    await titled(page, "firebase.events");

    await page.getByRole("link", { name: "Health" }).first().click();
    await titled(page, "Health");
    await until(async () => /\d\d%/.test(await text(page, ".tiles")) && (await text(page, "#slow")).includes("user_events"), "nothing of tests and times");
    await page.getByRole("link", { name: "Graph", exact: true }).click();
    await page.waitForSelector(".graph-list .graph-row");
    await page.getByLabel("Select").fill("+일별_지표");
    await page.getByLabel("Select").press("Enter");
    const listed = run(shop, "--quiet", "ls", "--select", "+일별_지표", "--exclude", "resource_type:test").trim().split("\n").length;
    await until(async () => (await text(page, ".graph-said")).startsWith(`${listed} nodes`), `the graph has not the ${listed} nodes of ls`);
    await close(page);
  });
}

const looks = {
  overview: "#!/overview", model: "#!/model/model.jangteo.daily_kpis", source: "#!/source/source.jangteo.firebase.events", seed: "#!/seed/seed.jangteo.raw_orders", exposure: "#!/exposure/exposure.jangteo.kpi_dashboard",
  macro: "#!/macro/macro.jangteo.event_param", korean: "#!/model/model.jangteo.일별_지표", column: "#!/lineage/model.jangteo.일별_지표/매출", graph: "#!/graph", health: "#!/health", search: "#!/search?q=가입자", list: "#!/list/test",
};
for (const [name, hash] of Object.entries(looks)) {
  await test(`example, page ${name}: no complaint, accessible in light, dark and on a phone`, () => looked(places["from disk"] + hash, `example ${name}`));
}

await test("served: the page follows the project, tells what is broken, and that it is mended", async () => {
  const page = await open(`${served.address}/#!/model/model.jangteo.daily_kpis`);
  await page.waitForSelector(".columns-table");
  const yaml = join(shop, "models/marts/marts.yml");
  const before = readFileSync(yaml, "utf8");
  writeFileSync(yaml, before.replace("제품 팀이 아침마다 보는 숫자", "제품 팀이 저녁마다 보는 숫자"));
  await page.waitForFunction(() => document.querySelector(".description")?.textContent?.includes("저녁마다"));
  await page.screenshot({ path: join(out, "served-changed.png") });
  const model = join(shop, "models/marts/daily_kpis.sql");
  const sql = readFileSync(model, "utf8");
  writeFileSync(model, `${sql}\n-- {{ ref('없는_모델') }}\n`);
  await page.waitForSelector(".problem");
  await until(async () => (await text(page, ".problem")).includes("error[unresolved-ref]"), "the problem is not told");
  await until(async () => (await text(page, ".description")).includes("저녁마다"), "the last good state is gone");
  await accessible(page, "a broken project");
  await page.screenshot({ path: join(out, "served-broken.png") });
  writeFileSync(model, sql);
  await page.waitForSelector(".problem", { state: "detached" });
  await close(page);
});

await test("served: Ctrl-C ends it, and the page says so", async () => {
  const page = await open(`${served.address}/#!/model/model.jangteo.daily_kpis`);
  await page.waitForSelector(".columns-table");
  const { code, said } = await served.end();
  check(code === 0 && said.includes("The server has ended"), `it ended with ${code}: ${said}`);
  await page.waitForFunction(() => document.querySelector(".news")?.textContent?.includes("does not answer"));
  await until(async () => (await text(page, "h1")) === "daily_kpis", "the page is gone");
  await page.context().close();
});

// A project whose texts want to run, be tags, or turn the page around.
const odd = join(work, "odd");
const files = {
  "dbt_project.yml": "name: odd\nversion: '1'\n",
  "README.md": "# <script>window.pwned = 'readme'</script>\n\n[닫히지 않은 링크](javascript:window.pwned=1\n\n| 부서진 | 표\n|--\n\n```sql\nselect '<!--'\n",
  "models/odd.sql": "-- </script><script>window.pwned = 'sql'</script>\nselect 1 as id, '<img src=x onerror=window.pwned=2>' as \"<b>굵게</b>\", 'x' as \"a'b</script>\"\n",
  "models/next.sql": "select * from {{ ref('odd') }}\n",
  "models/docs.md": "{% docs broken %}\n**굵게 **닫히지 않음 [링크](javascript:window.pwned=3) ![그림](https://example.com/x.png) <script>window.pwned = 'block'</script>\n\n<!-- 주석 -->\n\n[두 번][없음] `코드\n{% enddocs %}\n\n{% docs __odd__ %}<iframe src=\"javascript:window.pwned=4\"></iframe>{% enddocs %}\n",
  "models/schema.yml": `
models:
  - name: odd
    description: "{{ doc('broken') }}"
    columns:
      - {name: id, description: "هذا نص عربي <b onclick='window.pwned=5'>غامق</b> שלום"}
      - {name: "<b>굵게</b>", description: "</td><script>window.pwned = 'column'</script>", meta: {"</script>": "<script>window.pwned=6</script>"}, quote: true}
    config: {tags: ["<i>기울임</i>"], meta: {owner: "</script><script>window.pwned=7</script>"}}
  - name: next
    description: "\\u202Eright to left\\u202C, \\u0007 bell, 가각힣 𠮷 👩‍👩‍👧"
exposures:
  - name: board
    type: dashboard
    label: "<script>window.pwned=8</script>"
    url: "javascript:window.pwned=9"
    owner: {name: "<b>누구</b>", email: "x@example.com?body=<script>"}
    depends_on: [ref('odd')]
`,
};
for (const [name, content] of Object.entries(files)) {
  mkdirSync(dirname(join(odd, name)), { recursive: true });
  writeFileSync(join(odd, name), content);
}
run(odd, "build");
run(odd, "docs", "generate", "--static");
for (const [kind, page] of [["from disk", "index.html"], ["as one file", "static_index.html"]]) {
  await test(`texts that want to run are text, ${kind}`, async () => {
    const address = `file://${odd}/target/${page}`;
    const expected = {
      "#!/overview": ["<script>window.pwned = 'readme'</script>", "닫히지 않은 링크", "select '<!--'"],
      "#!/overview/odd": ["<iframe src="],
      "#!/model/model.odd.odd": ["**굵게 **닫히지 않음", "javascript:window.pwned=3", "<script>window.pwned = 'block'</script>", "<!-- 주석 -->", "هذا نص عربي <b onclick='window.pwned=5'>", "</td><script>window.pwned = 'column'</script>", "<b>굵게</b>", "<img src=x onerror=window.pwned=2>", "<i>기울임</i>"],
      "#!/model/model.odd.next": ["right to left", "가각힣 𠮷 👩‍👩‍👧"],
      "#!/exposure/exposure.odd.board": ["<script>window.pwned=8</script>", "javascript:window.pwned=9", "<b>누구</b>"],
      [`#!/lineage/model.odd.odd/${encodeURIComponent("<b>굵게</b>")}`]: ["<b>굵게</b>", "next"],
      "#!/search?q=pwned": ["odd"],
      "#!/graph": ["odd"],
      "#!/health": [],
    };
    for (const [hash, pieces] of Object.entries(expected)) {
      const opened = await open(address + hash);
      await settled(opened);
      const shown = await opened.locator("main").innerText();
      for (const piece of pieces) check(shown.includes(piece), `${hash}: ${piece} is not shown as text in\n${shown}`);
      check(!(await opened.evaluate(() => window.pwned)), `${hash}: a text was run`);
      check((await opened.locator("main a[href^='javascript']").count()) === 0, `${hash}: a link runs`);
      check((await opened.locator("main .prose img, main iframe, main script").count()) === 0, `${hash}: a text became an element`);
      await accessible(opened, `odd ${hash}`);
      if (kind === "from disk") await opened.screenshot({ path: join(out, `odd${hash.replace(/\W+/g, "-")}.png`), fullPage: true });
      await close(opened);
    }
  });
}

rmSync(work, { recursive: true, force: true });
await end();
