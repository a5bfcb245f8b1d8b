// Measures the app in Chromium: `npm run measure [-- COUNT | FOLDER]`, over so many generated models, or over a site that
// xform wrote, by the folder of its index.html (and static_index.html, where that is there). Figures are the middle of
// several tries; it fails above the limits of `limits`, times `MEASURE_SLACK` (1 when nothing is said).

import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { generate } from "../scripts/generate.mjs";
import { writeFolder, writeStatic } from "../scripts/write.mjs";
import { launch } from "./browser.mjs";

const what = process.argv[2] ?? "5000";
const slack = Number(process.env.MEASURE_SLACK ?? 1);
const limits = { open: 1000, "open one file": 1000, search: 50, "graph, folded": 1000, "graph, unfolded": 1000 };
const middle = (values) => [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
const figures = {};
const view = { viewport: { width: 1360, height: 860 } };
const isGenerated = /^\d+$/.test(what);
const folder = isGenerated ? mkdtempSync(join(tmpdir(), "xform-site-")) : resolve(what);
const browser = await launch();

/** What people look for: a name, its pieces, columns, what is nowhere, what is everywhere, Korean, and a name letter by letter. */
function questions(nodes) {
  const models = nodes.filter((node) => node.kind === "model").map((node) => node.name);
  const name = models[Math.floor(models.length / 2)];
  const pieces = name.split("_");
  const typed = Array.from({ length: Math.min(20, name.length) }, (_, at) => name.slice(0, at + 1));
  return [name, pieces.join(" "), `${pieces[0]}_`, pieces.at(-1), "id", "amount", "status deleted", "select", "row_number", "partition by id", "매출", "환불은", "zzzz", "a", "un", `not_null_${pieces[0]}`, "", ...typed];
}

try {
  if (isGenerated) {
    const parts = generate(Number(what));
    writeFolder(parts, folder);
    writeStatic(parts, join(folder, "static_index.html"));
  }
  const script = readFileSync(join(folder, "xform-docs/data/index.js"), "utf8");
  const index = JSON.parse(script.slice(script.indexOf("{"), script.lastIndexOf(")")));
  const size = (name) => (existsSync(join(folder, name)) ? `${(statSync(join(folder, name)).size / 1e6).toFixed(1)} MB` : "none");
  console.log(`${index.nodes.filter((node) => node.kind === "model").length} models, ${index.nodes.length} nodes; index.js ${size("xform-docs/data/index.js")}, lineage.js ${size("xform-docs/data/lineage.js")}, static_index.html ${size("static_index.html")}, ${index.searches} search parts`);
  const first = index.nodes.find((node) => node.kind === "model").id;

  for (const [name, file] of [["open", "index.html"], ["open one file", "static_index.html"]]) {
    if (!existsSync(join(folder, file))) continue;
    const times = [];
    for (let attempt = 0; attempt < 5; attempt++) {
      const page = await browser.newPage(view);
      await page.goto(`file://${folder}/${file}#!/model/${first}`, { waitUntil: "commit" });
      await page.waitForSelector(".node-page h1");
      // The moment the heading is painted, counted from the beginning of the navigation.
      times.push(await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))))));
      await page.close();
    }
    figures[name] = middle(times);
  }

  const page = await browser.newPage(view);
  await page.goto(`file://${folder}/index.html`);
  const input = page.getByRole("combobox");
  await input.fill("warm");
  await page.waitForTimeout(2500);
  const searches = [];
  for (const text of questions(index.nodes)) {
    await input.fill(text);
    await page.waitForTimeout(30);
    if (text) searches.push([text, await page.evaluate(() => window.xformSearchTook)]);
  }
  console.log(searches.map(([text, time]) => `  ${text}: ${time.toFixed(1)} ms`).join("\n"));
  figures.search = Math.max(...searches.map(([, time]) => time));
  await page.close();

  for (const [name, hash] of [["graph, folded", "#!/graph"], ["graph, unfolded", "#!/graph?by=none"]]) {
    const times = [];
    const parts = [];
    for (let attempt = 0; attempt < 3; attempt++) {
      const page = await browser.newPage(view);
      await page.goto(`file://${folder}/index.html#!/health`);
      await page.waitForSelector(".tiles");
      await page.waitForTimeout(500);
      times.push(await page.evaluate((hash) => new Promise((done) => {
        const start = performance.now();
        location.hash = hash;
        const look = () => (window.xformGraphTook?.paint ? done(performance.now() - start) : requestAnimationFrame(look));
        look();
      }), hash));
      parts.push(await page.evaluate(() => window.xformGraphTook));
      if (attempt === 0 && process.env.SHOTS) await page.screenshot({ path: `${process.env.SHOTS}/big-${name.replace(/\W+/g, "-")}.png` });
      if (attempt === 0) {
        // Moving: how long the drawing of one picture takes.
        const frames = await page.evaluate(async () => {
          const canvas = document.querySelector(".graph canvas");
          const times = [];
          for (let step = 0; step < 20; step++) {
            const start = performance.now();
            canvas.dispatchEvent(new WheelEvent("wheel", { deltaY: step % 2 ? 30 : -30, clientX: 600, clientY: 500, bubbles: true, cancelable: true }));
            await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
            times.push(performance.now() - start);
          }
          return times.sort((one, other) => one - other)[10];
        });
        console.log(`  ${name}: a frame while zooming takes ${frames.toFixed(1)} ms`);
      }
      await page.close();
    }
    figures[name] = middle(times);
    console.log(`  ${name}: layout ${middle(parts.map((one) => one.layout)).toFixed(0)} ms, first painting ${middle(parts.map((one) => one.paint)).toFixed(0)} ms`);
  }
} finally {
  await browser.close();
  if (isGenerated) rmSync(folder, { recursive: true, force: true });
}
let isGood = true;
for (const [name, value] of Object.entries(figures)) {
  const isOver = value > limits[name] * slack;
  if (isOver) isGood = false;
  console.log(`${name.padEnd(18)} ${value.toFixed(1).padStart(8)} ms (limit ${limits[name]})${isOver ? "  TOO SLOW" : ""}`);
}
process.exitCode = isGood ? 0 : 1;
