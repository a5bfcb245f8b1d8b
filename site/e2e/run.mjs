// Opens the teahouse from disk, as one file and over http, and uses it as a person would: `npm run e2e`.
// Screenshots are written to e2e/out/ for people to look at. Prints `N passed, N failed`.

import { createServer } from "node:http";
import { existsSync, mkdtempSync, readFileSync, rmSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parts } from "../fixtures/teahouse.mjs";
import { writeFolder, writeStatic } from "../scripts/write.mjs";
import { accessible, allow, check, close, end, looked, open, out, test, text, titled, until } from "./harness.mjs";

const folder = mkdtempSync(join(tmpdir(), "xform-site-"));
writeFolder(parts(), folder);
writeStatic(parts(), join(folder, "static_index.html"));
writeFolder(parts({ live: true }), join(folder, "live"));

const types = { html: "text/html; charset=utf-8", js: "text/javascript; charset=utf-8", css: "text/css; charset=utf-8" };
const listeners = new Set();
const server = createServer((request, response) => {
  const path = new URL(request.url, "http://x").pathname;
  if (path.endsWith("/events")) {
    response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
    response.write(": here\n\n");
    listeners.add(response);
    return;
  }
  const file = join(folder, path.endsWith("/") ? `${path}index.html` : path);
  if (!existsSync(file)) return void response.writeHead(404).end();
  response.writeHead(200, { "content-type": types[file.split(".").pop()] ?? "application/octet-stream" }).end(readFileSync(file));
});
await new Promise((done) => server.listen(0, "127.0.0.1", done));
const web = `http://127.0.0.1:${server.address().port}`;

allow(`file://${folder}`);
allow(web);

for (const [kind, address] of [["from disk", `file://${folder}/index.html`], ["as one file", `file://${folder}/static_index.html`], ["over http", `${web}/`]]) {
  await test(`${kind}: search, open a model, follow a column to its source`, async () => {
    const page = await open(address);
    await page.waitForSelector(".overview");
    await until(async () => (await text(page, ".overview .prose h2")) === "다담 찻집", "the README is not shown");
    // The key opens the search; Korean is found inside a word of a description.
    await page.keyboard.press("/");
    await page.keyboard.type("부가세");
    await page.waitForSelector('[role="option"] mark');
    await page.getByRole("combobox").fill("orders");
    await page.waitForFunction(() => document.querySelectorAll('[role="option"]').length > 4);
    await until(async () => (await text(page, '[role="option"] .name')).startsWith("orders"), "the exact name is not first");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForSelector(".columns-table");
    await until(async () => (await text(page, "h1")) === "orders", "another page was opened");
    await until(async () => await page.locator(".code a.tok-ref", { hasText: "stg_orders" }).count(), "a ref is no link");
    await page.getByRole("button", { name: "Compiled" }).click();
    await until(async () => (await page.locator(".code").innerText()).includes('"teahouse"."staging"."stg_orders"'), "no compiled SQL");
    if (kind === "from disk") await page.screenshot({ path: join(out, "model.png"), fullPage: true });
    await page.locator(".columns-table").getByRole("link", { name: "amount", exact: true }).click();
    await page.waitForSelector(".column-picture");
    const picture = await page.locator(".column-picture").innerText();
    for (const name of ["till.order_items", "price", "총액", "주간 보고"]) check(picture.includes(name), `the lineage lacks ${name}`);
    if (kind === "from disk") await page.screenshot({ path: join(out, "column.png"), fullPage: true });
    await page.locator(".column-card", { hasText: "till.order_items" }).getByRole("link", { name: "price" }).click();
    await page.waitForFunction(() => document.querySelector("h1")?.textContent?.startsWith("price"));
    await page.getByRole("link", { name: "till.order_items" }).first().click();
    await titled(page, "till.order_items");
    await close(page);
  });
}

const start = `file://${folder}/index.html`;
const pages = {
  overview: "#!/overview", model: "#!/model/model.dadam.orders", source: "#!/source/source.dadam.till.orders", seed: "#!/seed/seed.dadam.tea_kinds", exposure: "#!/exposure/exposure.dadam.weekly_report",
  metric: "#!/metric/metric.dadam.revenue", macro: "#!/macro/macro.dadam.won", test: "#!/test/test.dadam.assert_no_future_orders", "unit test": "#!/unit_test/unit_test.dadam.orders.refund_keeps_amount", snapshot: "#!/snapshot/snapshot.dadam.price_history",
  python: "#!/model/model.dadam.tea_ranking", column: "#!/lineage/model.dadam.orders/amount?rows=1", graph: "#!/graph", selection: "#!/graph?select=%2Borders%2B&focus=model.dadam.orders",
  health: "#!/health", search: "#!/search?q=주문", list: "#!/list/model", "not found": "#!/model/model.dadam.ordrs", hostile: "#!/model/model.dadam.odd_texts",
};
for (const [name, hash] of Object.entries(pages)) {
  await test(`page ${name}: no complaint, accessible in light, dark and on a phone`, async () => {
    await looked(start + hash, name);
  });
}

await test("texts that want to run are text", async () => {
  const page = await open(`${start}#!/model/model.dadam.odd_texts`);
  await page.waitForSelector(".columns-table");
  const shown = await page.locator("main").innerText();
  for (const piece of ["<script>window.pwned = 1</script>", "onerror=", "javascript:window.pwned=3", "</td><script>window.pwned = 5</script>", "never closed", "نص عربي"]) check(shown.includes(piece), `${piece} is not shown as text`);
  check(!(await page.evaluate(() => window.pwned)), "it ran");
  check((await page.locator(".description img").count()) === 0, "a picture of another server");
  await close(page);
});

await test("the tree by keyboard: open, walk, go", async () => {
  const page = await open(start);
  const tree = page.getByRole("tree");
  await tree.focus();
  const active = () => page.evaluate(() => document.getElementById(document.querySelector('[role="tree"]').getAttribute("aria-activedescendant"))?.querySelector(".label")?.textContent);
  await page.keyboard.press("Home");
  await until(async () => (await active()).startsWith("models"), `${await active()} is first`);
  await page.keyboard.type("analyses");
  await until(async () => (await active()).startsWith("analyses"), "letters do not find");
  await page.keyboard.press("ArrowLeft");
  await until(async () => (await page.locator(".tree-row.active").getAttribute("aria-expanded")) === "false", "it did not close");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await until(async () => (await active()).startsWith("rainy_days"), `${await active()} instead of its child`);
  await page.keyboard.press("ArrowLeft");
  await until(async () => (await active()).startsWith("analyses"), "not back at the parent");
  await page.waitForTimeout(900);
  await page.keyboard.type("seeds");
  await until(async () => (await active()).startsWith("seeds"), "letters do not find");
  await page.keyboard.press("End");
  await page.waitForTimeout(900);
  await page.keyboard.type("rainy");
  await page.keyboard.press("Enter");
  await titled(page, "rainy_days");
  for (const mode of ["Packages", "Database", "Tags"]) {
    await page.getByRole("button", { name: mode }).click();
    await page.waitForSelector(".tree-row");
    await accessible(page, mode);
  }
  await close(page);
});

await test("the graph: grammar, what cannot be known, walking by keyboard", async () => {
  const page = await open(`${start}#!/graph`);
  await page.waitForSelector(".graph-list .graph-row");
  const select = page.getByLabel("Select");
  await select.fill("+daily_revenue,tag:nightly");
  await select.press("Enter");
  await page.waitForFunction(() => document.querySelector(".graph-said")?.textContent?.startsWith("4 nodes"));
  await select.fill("state:modified+");
  await select.press("Enter");
  await page.waitForFunction(() => document.querySelector(".graph-said")?.textContent?.includes("cannot know"));
  await until(async () => await page.locator(".graph-row").count(), "the last graph is gone");
  await select.fill("config.meta.owner:홍차");
  await select.press("Enter");
  await page.waitForFunction(() => document.querySelector(".graph-said")?.textContent?.startsWith("1 node"));
  await select.fill("+orders+");
  await select.press("Enter");
  await page.waitForFunction(() => document.querySelectorAll(".graph-row").length > 8);
  await page.getByRole("button", { name: "stg_orders", exact: true }).click();
  await page.locator(".graph canvas").focus();
  await page.keyboard.press("ArrowRight");
  await page.waitForFunction(() => document.querySelector(".graph-focus h2")?.textContent === "orders");
  await page.screenshot({ path: join(out, "graph-walk.png") });
  await page.keyboard.press("Enter");
  await titled(page, "orders");
  await page.goBack();
  await page.waitForSelector(".graph-page");
  await close(page);
});

await test("letters of an input method are left alone, its Enter does not go", async () => {
  const page = await open(start);
  const input = page.getByRole("combobox");
  await input.focus();
  const cdp = await page.context().newCDPSession(page);
  for (const syllable of ["ㅈ", "주", "줌", "주무", "주문"]) await cdp.send("Input.imeSetComposition", { text: syllable, selectionStart: syllable.length, selectionEnd: syllable.length });
  await until(async () => (await input.inputValue()) === "주문", "what is composed was disturbed");
  await page.waitForSelector('[role="option"]');
  await input.dispatchEvent("keydown", { key: "Enter", isComposing: true, keyCode: 229 });
  check(!(await page.evaluate(() => location.hash)).includes("search"), "it left while composing");
  await cdp.send("Input.insertText", { text: "주문" });
  await page.keyboard.press("Enter");
  await page.waitForSelector(".search-page .hit");
  await close(page);
});

await test("served: the page follows the project and keeps its place", async () => {
  const page = await open(`${web}/live/#!/model/model.dadam.daily_revenue`);
  await page.waitForSelector(".columns-table");
  await page.evaluate(() => scrollTo(0, 300));
  const changed = parts({ live: true });
  for (const name of Object.keys(changed).filter((name) => name.startsWith("nodes/"))) {
    for (const detail of changed[name].nodes) if (detail.description === "하루 매출. 환불은 뺍니다.") detail.description = "하루 매출. 환불도 셉니다.";
  }
  await page.waitForTimeout(200);
  const tell = (standing) => {
    for (const listener of listeners) listener.write(`data: ${JSON.stringify(standing)}\n\n`);
  };
  changed.index.generated_at = "2026-11-20T09:00:00Z";
  writeFolder(changed, join(folder, "live"));
  tell({ generated_at: changed.index.generated_at, problem: null });
  await page.waitForFunction(() => document.querySelector(".description")?.textContent?.includes("환불도 셉니다"));
  await until(async () => (await page.evaluate(() => scrollY)) > 200, "the place was lost");
  tell({ generated_at: changed.index.generated_at, problem: "error[unknown-column]: there is no column `amout`" });
  await page.waitForSelector(".problem");
  await until(async () => (await text(page, ".problem")).includes("amout"), "the problem is not told");
  tell({ generated_at: changed.index.generated_at, problem: null });
  await page.waitForSelector(".problem", { state: "detached" });
  await close(page);
});

await test("a part that is missing or broken is told of, the rest works", async () => {
  const broken = join(folder, "broken");
  writeFolder(parts(), broken);
  for (const name of ["nodes/0", "nodes/1", "nodes/2", "lineage", "search/0"]) unlinkSync(join(broken, "xform-docs/data", `${name}.js`));
  writeFileSync(join(broken, "xform-docs/data/nodes/1.js"), "xform.take(\"nodes/1\",{\"nod");
  const page = await open(`file://${broken}/index.html#!/model/model.dadam.orders`);
  await page.waitForSelector('[role="alert"]');
  await until(async () => (await text(page, '[role="alert"]')).includes("data/nodes/"), "it does not say which file");
  await until(async () => (await text(page, "h1")) === "orders", "the head of the page is gone");
  await page.getByRole("combobox").fill("daily");
  await page.waitForSelector('[role="option"]');
  await page.evaluate(() => (location.hash = "#!/health"));
  await page.waitForSelector(".tiles");
  await page.context().close();
  unlinkSync(join(broken, "xform-docs/data/index.js"));
  const blank = await open(`file://${broken}/index.html`);
  await blank.waitForSelector("h1");
  await until(async () => (await text(blank, "main")).includes("xform docs generate"), "a blank page");
  await blank.screenshot({ path: join(out, "no-data.png") });
  await blank.context().close();
});

await test("paper: a page prints without the frame", async () => {
  const page = await open(`${start}#!/model/model.dadam.orders`);
  await page.waitForSelector(".columns-table");
  await page.emulateMedia({ media: "print" });
  check(!(await page.locator(".side").isVisible()) && !(await page.locator(".top").isVisible()), "the frame is printed");
  await page.pdf({ path: join(out, "print.pdf"), format: "A4" });
  await page.context().close();
});

server.closeAllConnections();
server.close();
rmSync(folder, { recursive: true, force: true });
await end();
