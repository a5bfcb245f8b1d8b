import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { defineConfig, type Plugin } from "vite";

const here = import.meta.dirname;

/** Licences that may be bundled. */
const permissive = new Set(["MIT", "ISC", "BSD-2-Clause", "BSD-3-Clause", "Apache-2.0", "0BSD"]);

/** The notices of every npm package of which a module is in the bundle, in order of name. */
function notices(modules: Iterable<string>): string {
  const folders = new Set<string>();
  for (const module of modules) {
    const match = /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(module.replaceAll("\\", "/").replace(/^\0/, ""));
    if (match) folders.add(match[1]);
  }
  const texts = [...folders].map((folder) => {
    const about = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    if (!permissive.has(about.license)) throw new Error(`${about.name} has the licence ${about.license}`);
    const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
    if (!file) throw new Error(`${about.name} has no licence file`);
    return `${about.name} ${about.version} (${about.license})\n\n${readFileSync(join(folder, file), "utf8").trim()}\n`;
  });
  return texts.sort().join(`\n${"-".repeat(72)}\n\n`);
}

/**
 * Writes the pages around the script: `index.html`, which takes script and style from the folder `xform-docs` beside
 * it, and `static.html`, which has comments where both and the parts of the data go, and allows the very two.
 */
function pages(): Plugin {
  return {
    name: "pages",
    enforce: "post",
    generateBundle(_options, bundle) {
      const app = bundle["app.js"];
      if (app?.type !== "chunk") throw new Error("there is no app.js");
      const legal = notices(Object.keys(app.modules));
      // A comment that names the licences travels with the script wherever it is copied.
      const banner = `/*! The documentation site of xform. It contains:\n\n${legal.replaceAll("*/", "* /")}*/\n`;
      // As it is, the script may stand inside a page, too.
      app.code = (banner + app.code).replace(/<\/script/gi, "<\\/script").replaceAll("<!--", "<\\!--");
      const style = bundle["app.css"];
      if (style?.type !== "asset") throw new Error("there is no app.css");
      style.source = String(style.source).trim();
      const hash = (text: string) => `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
      const template = readFileSync(join(here, "src/page.html"), "utf8");
      const fill = (values: Record<string, string>) =>
        template.replace(/\{\{ (\w+) \}\}\n?/g, (_, name: string) => values[name] ?? "");
      const emit = (fileName: string, source: string) => this.emitFile({ type: "asset", fileName, source });
      emit("LICENSES.txt", legal);
      // `file:` beside 'self': browsers differ on whether pages from disk have a self.
      emit("index.html", fill({
        scripts: "'self' file:",
        styles: "'self' file:",
        head: '<link rel="stylesheet" href="xform-docs/app.css">\n<script defer src="xform-docs/app.js"></script>\n<script defer src="xform-docs/data/index.js"></script>\n',
      }));
      emit("static.html", fill({
        scripts: hash(app.code),
        styles: hash(style.source),
        head: "<style><!-- xform:style --></style>\n",
        tail: "<!-- xform:parts -->\n<script><!-- xform:app --></script>\n",
      }));
    },
  };
}

export default defineConfig({
  root: here,
  base: "./",
  plugins: [pages()],
  publicDir: false,
  build: {
    outDir: process.env.XFORM_SITE_OUT ?? resolve(here, "../src/docs/site"),
    emptyOutDir: true,
    target: ["chrome100", "firefox100", "safari15.4"],
    cssCodeSplit: false,
    modulePreload: false,
    reportCompressedSize: false,
    rolldownOptions: {
      input: join(here, "src/main.tsx"),
      output: { format: "iife", entryFileNames: "app.js", assetFileNames: "app[extname]", name: "xformDocs" },
    },
  },
  test: { include: ["tests/**/*.test.{ts,tsx}"], environment: "node" },
} as Parameters<typeof defineConfig>[0]);

