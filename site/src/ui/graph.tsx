import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Detail, Id, Kind } from "../data";
import { number, plural } from "../format";
import { drawable, type Grouping, type Item } from "../graph/scene";
import { isTest, kindOrder, kindWords, linkTo } from "../project";
import { address } from "../route";
import { NeedsDetails, select } from "../selection";
import { GraphView } from "./graphview";
import { describeKind, Glyph, NodeLink, Shorten, StatusMark, useLoaded, useProject, useTitle, VirtualList } from "./parts";

const groupings: [Grouping, string][] = [["folder", "folder"], ["schema", "schema"], ["package", "package"], ["none", "nothing"]];

export function GraphPage({ query }: { query: URLSearchParams }) {
  const project = useProject();
  useTitle("Graph");
  const include = query.get("select") ?? "";
  const exclude = query.get("exclude") ?? "";
  const by = (groupings.find(([value]) => value === query.get("by"))?.[0] ?? (include ? "none" : "folder")) as Grouping;
  const withTests = query.get("tests") === "1";
  const [find, setFind] = useState("");
  const [isHelp, setHelp] = useState(false);
  const selectInput = useRef<HTMLInputElement>(null);
  const excludeInput = useRef<HTMLInputElement>(null);
  const start = query.get("focus") ? project.find(query.get("focus") as string) : undefined;
  const [focus, setFocus] = useState<Id | undefined>(start);
  useEffect(() => setFocus(start), [start]);

  const answer = useLoaded(async () => {
    try {
      return select(project, include, exclude);
    } catch (error) {
      if (!(error instanceof NeedsDetails)) throw error;
      const details: Detail[] = await project.details();
      return select(project, include, exclude, details);
    }
  }, [project, include, exclude]);
  // While a new selection is not understood, the last one stays.
  const last = useRef<Set<Id> | undefined>(undefined);
  if (answer.value) last.current = answer.value;
  const chosen = answer.value ?? last.current;
  const ids = useMemo(() => drawable(project, chosen ?? [], withTests), [project, chosen, withTests]);
  const tests = useMemo(() => [...(chosen ?? [])].filter((id) => isTest(project.nodes[id])).length, [project, chosen]);
  const kinds = useMemo(() => {
    const counts = new Map<Kind, number>();
    for (const id of ids) counts.set(project.nodes[id].kind, (counts.get(project.nodes[id].kind) ?? 0) + 1);
    return kindOrder.filter((kind) => counts.has(kind)).map((kind) => [kind, counts.get(kind) ?? 0] as const);
  }, [project, ids]);

  const go = (changes: Record<string, string | undefined>) => {
    location.hash = address(["graph"], {
      select: selectInput.current?.value.trim() ?? include, exclude: excludeInput.current?.value.trim() ?? exclude,
      by: query.get("by") ?? undefined, tests: withTests ? "1" : undefined, ...changes,
    });
  };
  return (
    <article class="graph-page">
      <h1 class="sr">Lineage graph</h1>
      <form class="graph-bar" onSubmit={(event) => {
        event.preventDefault();
        go({});
      }}>
        <label class="grow"><span>Select</span><input ref={selectInput} class="mono" name="select" key={`s${include}`} defaultValue={include} placeholder="+orders  tag:nightly,config.materialized:table" spellcheck={false} autocomplete="off" aria-describedby="graph-said" /></label>
        <label class="grow less"><span>Exclude</span><input ref={excludeInput} class="mono" name="exclude" key={`e${exclude}`} defaultValue={exclude} spellcheck={false} autocomplete="off" /></label>
        <button type="submit" class="primary">Show</button>
        <label><span>Group by</span><select value={by} onChange={(event) => go({ by: event.currentTarget.value })}>{groupings.map(([value, word]) => <option key={value} value={value}>{word}</option>)}</select></label>
        <label class="check"><input type="checkbox" checked={withTests} onChange={(event) => go({ tests: event.currentTarget.checked ? "1" : undefined })} /> Tests</label>
        <label><span>Find</span><input type="search" value={find} onInput={(event) => setFind(event.currentTarget.value)} /></label>
        <button type="button" class="quiet" aria-expanded={isHelp} onClick={() => setHelp(!isHelp)}>Grammar</button>
      </form>
      {isHelp && <Grammar />}
      <div id="graph-said" class="graph-said" role="status">
        {answer.error !== undefined ? <span class="status bad">{answer.error instanceof Error ? answer.error.message : String(answer.error)}</span>
          : answer.isLoading && !answer.value ? "Looking…"
          : <span class="muted">{plural(ids.length, "node")}{tests > 0 && !withTests ? ` and ${plural(tests, "test")} that are not drawn` : ""}{!ids.length && chosen ? ". The selection means nothing that can be drawn." : ""}</span>}
        <ul class="legend" aria-label="Kinds">{kinds.map(([kind, count]) => <li key={kind}><Glyph kind={kind} /> {kindWords[kind][count === 1 ? 0 : 1]} <span class="muted">{number(count)}</span></li>)}</ul>
      </div>
      {ids.length > 0 && (
        <GraphView ids={ids} by={by} focus={focus} find={find} label="Lineage graph" onFocus={setFocus}
          aside={({ items, focus: at, go: choose }) => <Aside items={items} at={at} choose={choose} ids={ids} narrow={(select) => go({ select, focus: undefined })} />} />
      )}
    </article>
  );
}

/** What is drawn as a list, and what has the focus in words. */
function Aside({ items, at, choose, ids, narrow }: { items: Item[]; at: number; choose: (item: number) => void; ids: Id[]; narrow: (select: string) => void }) {
  const project = useProject();
  const item = items[at];
  const entry = item?.id === undefined ? undefined : project.nodes[item.id];
  const wanted = useMemo(() => new Set(ids), [ids]);
  const after = item?.id === undefined ? [] : project.used[item.id].filter((id) => wanted.has(id));
  return (
    <aside class="graph-aside" aria-label="What is drawn, as a list">
      {entry && item?.id !== undefined && (
        <section class="graph-focus">
          <p class="kind"><Glyph kind={entry.kind} /> {describeKind(entry)}{entry.materialized && <span class="badge">{entry.materialized}</span>}{entry.last && <StatusMark status={entry.last[0]} />}</p>
          <h2 dir="auto"><a href={linkTo(entry)}>{item.label}</a></h2>
          {entry.summary && <p class="small" dir="auto">{entry.summary}</p>}
          <p class="small muted mono path">{entry.path}</p>
          <p class="row-buttons">
            {[["+", ""], ["", "+"], ["+", "+"]].map(([before, behind]) => {
              const word = entry.kind === "source" ? `source:${entry.fqn.slice(-2).join(".")}` : ["exposure", "metric", "saved_query", "semantic_model", "function"].includes(entry.kind) ? `${entry.kind}:${entry.name}` : entry.fqn.join(".");
              return <button key={before + behind} type="button" onClick={() => narrow(`${before}${word}${behind}`)}>{before && behind ? "Both ways" : before ? "Only before" : "Only after"}</button>;
            })}
          </p>
          <h3>Depends on</h3>
          {entry.depends.length ? <Shorten items={entry.depends} count={6} render={(id) => <NodeLink id={id} />} /> : <p class="muted small">Nothing.</p>}
          <h3>Used by</h3>
          {after.length ? <Shorten items={after} count={6} render={(id) => <NodeLink id={id} />} /> : <p class="muted small">Nothing that is drawn.</p>}
        </section>
      )}
      <VirtualList
        className="graph-list" label="Drawn, from left to right" count={items.length} rowHeight={28} reveal={at}
        render={(row) => {
          const one = items[row];
          return (
            <button type="button" class="graph-row" aria-pressed={row === at} style={{ paddingInlineStart: `${14 + one.depth * 14}px` }} onClick={() => choose(row)}>
              {one.id === undefined ? <span class={`twist ${one.isOpen ? "open" : ""}`} aria-hidden="true" /> : <Glyph kind={project.nodes[one.id].kind} />}
              <span class="name" dir="auto">{one.label}</span>{one.group && <span class="count">{one.group.count}</span>}
            </button>
          );
        }}
      />
    </aside>
  );
}

function Grammar() {
  const rows: [string, string][] = [
    ["orders", "the node of that name; marts.* all below a folder"],
    ["+orders", "and all that it needs; 2+orders two steps"],
    ["orders+", "and all that needs it; orders+1 one step"],
    ["@orders", "all that needs it, and all that those need"],
    ["tag:nightly", "also group:, access:, package:, path:, file:, source:, exposure:, metric:, config.key:, resource_type:, test_type:, test_name:, version:, result:"],
    ["a b", "either"],
    ["a,b", "both"],
  ];
  return <dl class="grammar facts">{rows.map(([word, meaning]) => <><dt class="mono">{word}</dt><dd>{meaning}</dd></>)}</dl>;
}
