// What both end-to-end tests are made of: pages that may not complain nor ask anybody else, checks that say what is
// wrong, a count at the end.

import { mkdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { launch } from "./browser.mjs";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** Where screenshots go, for people to look at. */
export const out = join(import.meta.dirname, "out");
mkdirSync(out, { recursive: true });

/** Light, dark, and a narrow phone. */
export const looks = {
  light: {},
  dark: { colorScheme: "dark" },
  phone: { viewport: { width: 360, height: 780 }, hasTouch: true, isMobile: true },
};

const browser = await launch();
/** Addresses begin with one of these, or the request is a failure. */
const allowed = ["data:"];
let passed = 0;
const failures = [];

/** Lets pages ask for what begins with this. */
export function allow(prefix) {
  allowed.push(prefix);
}

/** A page whose complaints, dialogs and requests to elsewhere are kept in `trouble`. */
export async function open(address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1360, height: 880 }, ...options });
  const page = await context.newPage();
  page.trouble = [];
  page.on("console", (message) => ["error", "warning"].includes(message.type()) && page.trouble.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => page.trouble.push(`error: ${error.stack}`));
  page.on("request", (request) => {
    const url = request.url();
    if (!allowed.some((prefix) => url.startsWith(prefix))) page.trouble.push(`request: ${url}`);
  });
  page.on("dialog", (dialog) => {
    page.trouble.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  await page.goto(address);
  return page;
}

export function check(isTrue, message) {
  if (!isTrue) throw new Error(message);
}

/** Waits until it is so; pages draw what is asked of them a little later. */
export async function until(isTrue, message) {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    if (await isTrue()) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(message);
}

/** Nothing was complained of so far. */
export function quiet(page) {
  check(!page.trouble.length, page.trouble.join("\n"));
}

/** The page complained of nothing; closes it. */
export async function close(page) {
  quiet(page);
  await page.context().close();
}

export const text = (page, selector) => page.locator(selector).first().innerText();

/** Waits until the heading of the page is this. */
export const titled = (page, title) => page.waitForFunction((title) => document.querySelector("main h1")?.textContent === title, title);

/** Waits until the page has a heading and is loading nothing more. */
export async function settled(page) {
  await page.waitForSelector("main h1");
  await page.waitForFunction(() => ![...document.querySelectorAll("main [role=status]")].some((one) => one.textContent === "Loading…"));
  await page.waitForTimeout(250);
}

/** axe finds no serious fault. */
export async function accessible(page, place) {
  // The policy of the page forbids foreign scripts; what the browser itself evaluates is not asked.
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"], preload: false }));
  const serious = violations.filter((one) => ["serious", "critical"].includes(one.impact));
  check(!serious.length, `axe at ${place}: ${serious.map((one) => `${one.id} (${one.nodes.length}): ${one.nodes[0].html.slice(0, 160)} ${one.nodes[0].failureSummary.replace(/\s+/g, " ").slice(0, 300)}`).join("\n    ")}`);
  for (const one of violations) console.log(`    axe, ${one.impact}: ${one.id} at ${place}: ${one.nodes[0].html.slice(0, 120)}`);
}

/** The page in every look: accessible, as wide as the window, quiet, and a picture of it. */
export async function looked(address, name) {
  await Promise.all(Object.entries(looks).map(async ([look, options]) => {
    const page = await open(address, options);
    await settled(page);
    await accessible(page, `${name}, ${look}`);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    check(wide <= 1, `${name}, ${look}: the page is ${wide} pixels too wide`);
    check(!(await page.evaluate(() => window.pwned)), "a text of the project was run");
    await page.screenshot({ path: join(out, `${name.replaceAll(" ", "-")}-${look}.png`), fullPage: true });
    await close(page);
  }));
}

export async function test(name, run) {
  const began = performance.now();
  try {
    await run();
    passed += 1;
    console.log(`ok      ${name} (${((performance.now() - began) / 1000).toFixed(1)} s)`);
  } catch (error) {
    failures.push(name);
    console.log(`FAILED  ${name}\n    ${error.stack ?? error}`);
  }
}

/** Says how it went, and ends with that. */
export async function end() {
  await browser.close();
  console.log(`${passed} passed, ${failures.length} failed`);
  process.exitCode = failures.length ? 1 : 0;
}
