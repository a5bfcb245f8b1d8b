import type { ComponentChildren } from "preact";
import { markKinds, type Code } from "../data";
import { linkTo, title } from "../project";
import { Copy, useProject } from "./parts";

/** Code with its marks; references and macros are links. */
export function CodeView({ code, label }: { code: Code; label: string }) {
  const project = useProject();
  const { text, marks } = code;
  const pieces: ComponentChildren[] = [];
  let at = 0;
  for (let mark = 0; mark + 3 < marks.length; mark += 4) {
    const [start, length, kind, target] = [marks[mark], marks[mark + 1], marks[mark + 2], marks[mark + 3]];
    // What does not fit the text is left out, not shown wrong.
    if (start < at || length <= 0 || start + length > text.length) continue;
    if (start > at) pieces.push(text.slice(at, start));
    const piece = text.slice(start, start + length);
    const name = markKinds[kind] ?? "";
    const entry = target >= 0 ? project.nodes[target] : undefined;
    if (entry) pieces.push(<a class={`tok-${name}`} href={linkTo(entry)} title={`${entry.kind} ${title(entry)}`}>{piece}</a>);
    else pieces.push(<span class={`tok-${name}`}>{piece}</span>);
    at = start + length;
  }
  pieces.push(text.slice(at));
  const lines = text.replace(/\n$/, "").split("\n").length;
  return (
    <div class="code">
      <div class="code-tools"><Copy text={text} label={`Copy ${label}`} /></div>
      <div class="code-body" tabIndex={0} role="group" aria-label={label}>
        <pre class="lines" aria-hidden="true">{Array.from({ length: lines }, (_, line) => line + 1).join("\n")}</pre>
        <pre translate={false} dir="ltr"><code>{pieces}</code></pre>
      </div>
    </div>
  );
}
