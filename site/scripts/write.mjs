// Writes a site out of the built app and the parts of its data, as xform does: a folder, or one file.

import { cpSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { gzipSync } from "node:zlib";

export const built = join(import.meta.dirname, "../../src/docs/site");

/** index.html, and xform-docs/ with app.js, app.css and data/. */
export function writeFolder(parts, folder, app = built) {
  mkdirSync(join(folder, "xform-docs"), { recursive: true });
  cpSync(join(app, "index.html"), join(folder, "index.html"));
  for (const name of ["app.js", "app.css"]) cpSync(join(app, name), join(folder, "xform-docs", name));
  for (const [name, value] of Object.entries(parts)) {
    const file = join(folder, "xform-docs/data", `${name}.js`);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, `xform.take(${JSON.stringify(name)},${JSON.stringify(value)});\n`);
  }
}

/** One file; parts larger than `limit` are packed. */
export function writeStatic(parts, file, app = built, limit = 20_000) {
  const elements = Object.entries(parts).map(([name, value]) => {
    const json = JSON.stringify(value);
    return json.length > limit
      ? `<script type="application/json" data-part="${name}" data-gzip>${gzipSync(json).toString("base64")}</script>`
      : `<script type="application/json" data-part="${name}">${json.replaceAll("<", "\\u003c")}</script>`;
  });
  mkdirSync(dirname(file), { recursive: true });
  const read = (name) => readFileSync(join(app, name), "utf8");
  const filled = { parts: elements.join("\n"), style: read("app.css"), app: read("app.js") };
  writeFileSync(file, read("static.html").replace(/<!-- xform:(parts|style|app) -->/g, (_, name) => filled[name]));
}
