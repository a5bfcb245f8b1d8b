import type { Kind } from "../data";
import { plural } from "../format";
import { kindWords, linkTo, title } from "../project";
import { Glyph, useProject, useTitle, VirtualList } from "./parts";

/** All nodes of a kind. */
export function ListPage({ kind }: { kind: Kind }) {
  const project = useProject();
  const ids = project.nodes.flatMap((entry, id) => (entry.kind === kind ? [id] : []));
  const [one, many] = kindWords[kind];
  useTitle(many);
  return (
    <article class="page">
      <h1><span class="cap">{many}</span></h1>
      <p class="muted">{plural(ids.length, one, many)}</p>
      <VirtualList
        className="node-list" label={many} count={ids.length} rowHeight={46}
        render={(at) => {
          const entry = project.nodes[ids[at]];
          return (
            <a class="list-row" href={linkTo(entry)}>
              <span class="hit-name"><Glyph kind={kind} /><span class="name" dir="auto">{title(entry)}</span><span class="muted small path">{entry.path}</span></span>
              <span class="snippet muted" dir="auto">{entry.summary}</span>
            </a>
          );
        }}
      />
    </article>
  );
}
