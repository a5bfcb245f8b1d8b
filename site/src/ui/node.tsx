import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import type { Column, Detail, Entry, Id } from "../data";
import { load } from "../load";
import { bytes, duration, number, plural } from "../format";
import { columnLink, isTest, linkTo, testTitle, title } from "../project";
import { address } from "../route";
import { reach } from "../selection";
import { ColumnGraph } from "../columns";
import { drawable } from "../graph/scene";
import { CodeView } from "./code";
import { GraphView } from "./graphview";
import { History } from "./history";
import { Copy, describeKind, Glyph, Markdown, NodeLink, Scroll, Shorten, StatusMark, Time, Trouble, useLoaded, useProject, useTitle } from "./parts";

function Section({ id, name, count, children }: { id: string; name: string; count?: number; children: ComponentChildren }) {
  return (
    <section id={id} class="section" aria-labelledby={`${id}-h`}>
      <h2 id={`${id}-h`}>{name}{count !== undefined && <span class="count"> {number(count)}</span>}</h2>
      {children}
    </section>
  );
}

export function NodePage({ id, anchor, column }: { id: Id; anchor: string; column?: string }) {
  const project = useProject();
  const entry = project.nodes[id];
  const detail = useLoaded(() => project.detail(id), [id, project]);
  useTitle(title(entry));
  useEffect(() => {
    const target = anchor && document.getElementById({ depends_on: "lineage", referenced_by: "lineage", details: "facts", sql: "code" }[anchor] ?? anchor);
    if (target && detail.value) target.scrollIntoView();
  }, [anchor, detail.value]);
  const about = detail.value;
  const parents = entry.depends;
  const children = project.used[id].filter((user) => !isTest(project.nodes[user]));
  const tests = useMemo(() => [...new Set([...(project.tests.get(id) ?? []), ...project.used[id].filter((user) => isTest(project.nodes[user]))])], [project, id]);
  const sections: [string, string][] = [];
  if (about?.columns?.length) sections.push(["columns", "Columns"]);
  if (about?.arguments?.length) sections.push(["arguments", "Arguments"]);
  if (parents.length || children.length) sections.push(["lineage", "Lineage"]);
  if (about?.code || about?.compiled) sections.push(["code", "Code"]);
  if (tests.length) sections.push(["tests", "Tests"]);
  if (about?.history?.length) sections.push(["runs", "Runs"]);
  if (about) sections.push(["facts", "Details"]);
  return (
    <article class="page node-page">
      <Head entry={entry} id={id} about={about} tests={tests} />
      {sections.length > 1 && (
        <nav class="sections" aria-label="On this page">
          {sections.map(([to, name]) => <a key={to} href={`${linkTo(entry)}#${to}`} onClick={(event) => {
            event.preventDefault();
            history.replaceState(null, "", `${linkTo(entry)}#${to}`);
            document.getElementById(to)?.scrollIntoView();
          }}>{name}</a>)}
        </nav>
      )}
      {detail.error !== undefined && <Trouble error={detail.error} again={detail.again} />}
      {detail.isLoading && !about && <p class="muted" role="status">Loading…</p>}
      {about && (
        <>
          <Exposure about={about} />
          {about.description ? <div class="description"><Markdown text={about.description} /></div> : <p class="muted empty-description">There is no description.</p>}
          {about.columns?.length ? <Columns id={id} columns={about.columns} focus={column} /> : null}
          {about.arguments?.length ? <Arguments about={about} /> : null}
          {about.unit && <Unit unit={about.unit} />}
        </>
      )}
      {(parents.length > 0 || children.length > 0) && <Around id={id} parents={parents} children={children} />}
      {about && <Codes about={about} entry={entry} />}
      {tests.length > 0 && <Tests id={id} tests={tests} />}
      {about?.history?.length ? <Section id="runs" name="Runs"><History rows={about.history} runs={project.index.runs} /></Section> : null}
      {about && <Facts entry={entry} about={about} />}
    </article>
  );
}

function Head({ entry, id, about, tests }: { entry: Entry; id: Id; about?: Detail; tests: Id[] }) {
  const project = useProject();
  const badges = [entry.kind === "model" || entry.kind === "snapshot" ? entry.materialized : undefined, entry.access === "protected" ? undefined : entry.access].filter(Boolean);
  const relation = entry.relation?.filter(Boolean).join(".");
  const group = entry.group === undefined ? undefined : project.index.groups[entry.group];
  const siblings = entry.version === undefined ? [] : project.nodes.flatMap((other, at) => (other.kind === entry.kind && other.package === entry.package && other.name === entry.name && at !== id ? [at] : []));
  const bad = tests.filter((test) => ["fail", "error"].includes(project.nodes[test].last?.[0] ?? ""));
  return (
    <header class="node-head">
      <p class="kind"><Glyph kind={entry.kind} /> {describeKind(entry)}{badges.map((badge) => <span key={badge} class="badge">{badge}</span>)}
        {entry.version !== undefined && <span class="badge">{entry.is_latest ? "latest version" : entry.is_prerelease ? "prerelease" : "old version"}</span>}
        {(entry.tags ?? []).map((tag) => <a key={tag} class="badge tag" href={address(["graph"], { select: `tag:${tag}` })}>{tag}</a>)}
      </p>
      <h1 dir="auto" tabIndex={-1}>{title(entry)}</h1>
      {entry.label && entry.label !== title(entry) && <p class="label" dir="auto">{entry.label}</p>}
      {siblings.length > 0 && <p class="small">Other versions: {siblings.map((other, at) => <span key={other}>{at > 0 && ", "}<NodeLink id={other} plain /></span>)}</p>}
      <dl class="strip">
        {entry.attached !== undefined && <div><dt>Tests</dt><dd><NodeLink id={entry.attached} />{entry.column && <> · <a class="mono" dir="auto" href={columnLink(project.nodes[entry.attached], entry.column)}>{entry.column}</a></>}</dd></div>}
        {relation && <div class="wide"><dt>Relation</dt><dd><span class="mono" dir="auto">{relation}</span> <Copy text={relation} label="Copy the relation’s name" /></dd></div>}
        {about?.stats?.rows !== undefined && <div><dt>Rows</dt><dd>{number(about.stats.rows)}</dd></div>}
        {about?.stats?.bytes !== undefined && <div><dt>Size</dt><dd>{bytes(about.stats.bytes)}</dd></div>}
        {entry.last && <div><dt>Last run</dt><dd><StatusMark status={entry.last[0]} /> {entry.last[1] > 0 && <span class="muted">{duration(entry.last[1])}</span>}{project.index.runs[entry.last[2]] && <span class="muted small run-at"> <Time at={project.index.runs[entry.last[2]].at} /></span>}</dd></div>}
        {entry.freshness && <div><dt>Freshness</dt><dd><StatusMark status={entry.freshness[0]} /> <span class="muted">{duration(entry.freshness[3])} old</span></dd></div>}
        {tests.length > 0 && <div><dt>Tests</dt><dd>{bad.length ? <span class="status bad">{bad.length} of {tests.length} failing</span> : plural(tests.length, "test")}</dd></div>}
        {entry.group !== undefined && <div><dt>Group</dt><dd dir="auto">{entry.group}{group && <span class="muted"> · {group.email ? <a href={`mailto:${group.email}`}>{group.owner}</a> : group.owner}</span>}</dd></div>}
        <div class="wide"><dt>File</dt><dd class="mono" dir="auto">{entry.path}{entry.package !== project.index.project && <span class="muted"> in package {entry.package}</span>}</dd></div>
      </dl>
    </header>
  );
}

function Exposure({ about }: { about: Detail }) {
  const { exposure } = about;
  if (!exposure) return null;
  const isWeb = exposure.url !== undefined && /^https?:\/\//i.test(exposure.url);
  return (
    <dl class="strip">
      <div><dt>Type</dt><dd>{exposure.type}</dd></div>
      {exposure.maturity && <div><dt>Maturity</dt><dd>{exposure.maturity}</dd></div>}
      <div><dt>Owner</dt><dd dir="auto">{exposure.email ? <a href={`mailto:${exposure.email}`}>{exposure.owner || exposure.email}</a> : exposure.owner}</dd></div>
      {exposure.url && <div class="wide"><dt>Address</dt><dd>{isWeb ? <a href={exposure.url} target="_blank" rel="noopener noreferrer">{exposure.url}</a> : exposure.url}</dd></div>}
    </dl>
  );
}

function Columns({ id, columns, focus }: { id: Id; columns: Column[]; focus?: string }) {
  const project = useProject();
  const entry = project.nodes[id];
  const [filter, setFilter] = useState("");
  const wanted = filter.normalize("NFC").toLowerCase();
  const shown = columns.filter((column) => !wanted || `${column.name} ${column.description ?? ""}`.toLowerCase().includes(wanted));
  const lineage = useLoaded(async () => new ColumnGraph(await load("lineage")), [project]);
  return (
    <Section id="columns" name="Columns" count={columns.length}>
      {columns.length > 12 && <input class="filter" type="search" aria-label="Filter columns" placeholder="Filter columns" onInput={(event) => setFilter(event.currentTarget.value)} />}
      <Scroll label="Columns">
        <table class="columns-table">
          <thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Description</th><th scope="col">Tests</th><th scope="col">Lineage</th></tr></thead>
          <tbody>
            {shown.map((column) => {
              const at = lineage.value?.column(id, column.name) ?? -1;
              const [from, to] = at >= 0 ? lineage.value?.degree({ node: id, column: at }) ?? [0, 0] : [0, 0];
              return (
                <tr key={column.name} class={focus === column.name ? "focus" : undefined}>
                  <th scope="row"><a class="mono" dir="auto" href={columnLink(entry, column.name)} title="Where it comes from and what it reaches">{column.name}</a>
                    {column.is_key && <span class="badge">key</span>}
                    {(column.tags ?? []).map((tag) => <span key={tag} class="badge tag">{tag}</span>)}
                  </th>
                  <td class="mono type">{column.type && <TypeName text={column.type} />}</td>
                  <td>
                    {column.description && <Markdown text={column.description} />}
                    {column.inherited && <p class="small muted inherited">from <a class="mono" href={columnLink(project.nodes[column.inherited[0]], column.inherited[1])}>{title(project.nodes[column.inherited[0]])}.{column.inherited[1]}</a></p>}
                    {(column.constraints ?? []).length > 0 && <p class="small muted">{column.constraints?.join(" · ")}</p>}
                    {column.stats && <p class="small muted">{column.stats}</p>}
                    {column.meta !== undefined && <p class="small muted mono">{JSON.stringify(column.meta)}</p>}
                  </td>
                  <td>{(column.tests ?? []).map((test) => {
                    const one = project.nodes[test];
                    return <a key={test} class="test-chip" href={linkTo(one)}><StatusMark status={one.last?.[0]} text={testTitle(one)} /><span class="sr"> {one.last?.[0] ?? "not run"}</span></a>;
                  })}</td>
                  <td class="degree"><a href={columnLink(entry, column.name)} title="How many columns it is made of, and how many are made of it">{from} in · {to} out<span class="sr">: lineage of {column.name}</span></a></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
      {!shown.length && <p class="muted">No column has that in its name or description.</p>}
    </Section>
  );
}

/** A type; a long one, as of nested values, unfolds. */
function TypeName({ text }: { text: string }) {
  if (text.length <= 42) return <>{text}</>;
  return <details><summary title={text}>{text.slice(0, 34)}…</summary>{text}</details>;
}

function Arguments({ about }: { about: Detail }) {
  return (
    <Section id="arguments" name="Arguments" count={about.arguments?.length}>
      <Scroll label="Arguments">
        <table>
          <thead><tr><th scope="col">Name</th><th scope="col">Type</th><th scope="col">Description</th></tr></thead>
          <tbody>{about.arguments?.map((one) => <tr key={one.name}><th scope="row" class="mono">{one.name}</th><td class="mono type">{one.type}</td><td>{one.description && <Markdown text={one.description} />}</td></tr>)}</tbody>
        </table>
      </Scroll>
    </Section>
  );
}

function Unit({ unit }: { unit: NonNullable<Detail["unit"]> }) {
  const rows: [string, string][] = [...unit.given, ["should give", unit.expect]];
  return (
    <Section id="unit" name="Given">
      {rows.map(([input, text]) => <div key={input}><h3 dir="auto">{input}</h3><pre class="json" tabIndex={0} dir="auto">{text || "no rows"}</pre></div>)}
    </Section>
  );
}

function Around({ id, parents, children }: { id: Id; parents: Id[]; children: Id[] }) {
  const project = useProject();
  const entry = project.nodes[id];
  const near = useMemo(() => {
    const take = (depth: number) => drawable(project, new Set([...reach(project, [id], "up", depth), ...reach(project, [id], "down", depth)]), isTest(entry));
    const two = take(2);
    return two.length <= 60 ? two : take(1);
  }, [project, id]);
  const word = `${entry.kind === "source" ? `source:${entry.fqn.slice(-2).join(".")}` : entry.kind === "model" || entry.kind === "seed" || entry.kind === "snapshot" ? entry.fqn.join(".") : `${entry.kind}:${entry.name}`}`;
  return (
    <Section id="lineage" name="Lineage">
      {near.length > 1 && near.length <= 400 && <GraphView ids={near} by="none" focus={id} isSmall label={`Lineage around ${title(entry)}`} />}
      <p class="small graph-more"><a href={address(["graph"], { select: `+${word}+`, focus: entry.id })}>Open all of its lineage in the graph</a></p>
      <div class="two">
        <div><h3>Depends on <span class="count">{parents.length}</span></h3>{parents.length ? <Shorten items={parents} count={14} render={(one) => <NodeLink id={one} />} /> : <p class="muted">Nothing.</p>}</div>
        <div><h3>Used by <span class="count">{children.length}</span></h3>{children.length ? <Shorten items={children} count={14} render={(one) => <NodeLink id={one} />} /> : <p class="muted">Nothing.</p>}</div>
      </div>
    </Section>
  );
}

function Codes({ about, entry }: { about: Detail; entry: Entry }) {
  const project = useProject();
  const [isCompiled, setCompiled] = useState(false);
  const { code, compiled } = about;
  const callees = about.macros ?? [];
  const callers = about.called_by ?? [];
  if (!code && !compiled && !callees.length && !callers.length) return null;
  const shown = (isCompiled || !code ? compiled : code) ?? code;
  const template = entry.language ?? (entry.kind === "macro" ? "Macro" : "Template");
  return (
    <Section id="code" name="Code">
      {code && compiled && (
        <div class="segments" role="group" aria-label="Which code">
          <button type="button" aria-pressed={!isCompiled} onClick={() => setCompiled(false)}>{template}</button>
          <button type="button" aria-pressed={isCompiled} onClick={() => setCompiled(true)}>Compiled</button>
        </div>
      )}
      {shown && <CodeView code={shown} label={shown === compiled ? "compiled code" : "template"} />}
      {code && !compiled && !project.index.is_compiled && entry.kind !== "macro" && <p class="muted small">The site was made without compiling, so there is no compiled SQL.</p>}
      {callees.length > 0 && <div><h3>Calls</h3><Shorten items={callees} count={12} render={(one) => <NodeLink id={one} />} /></div>}
      {callers.length > 0 && <div><h3>Called by <span class="count">{callers.length}</span></h3><Shorten items={callers} count={12} render={(one) => <NodeLink id={one} />} /></div>}
    </Section>
  );
}

function Tests({ id, tests }: { id: Id; tests: Id[] }) {
  const project = useProject();
  return (
    <Section id="tests" name="Tests" count={tests.length}>
      <Scroll label="Tests">
        <table>
          <thead><tr><th scope="col">Test</th><th scope="col">Column</th><th scope="col">Last result</th><th scope="col">Time</th></tr></thead>
          <tbody>
            {tests.map((test) => {
              const one = project.nodes[test];
              const column = one.attached === id ? one.column : undefined;
              return (
                <tr key={test}>
                  <th scope="row"><NodeLink id={test} text={one.attached === id ? testTitle(one) : one.name} /></th>
                  <td>{column && <a class="mono" dir="auto" href={columnLink(project.nodes[id], column)}>{column}</a>}</td>
                  <td><StatusMark status={one.last?.[0]} /></td>
                  <td class="num">{one.last && one.last[1] > 0 && duration(one.last[1])}</td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </Scroll>
    </Section>
  );
}

function Facts({ entry, about }: { entry: Entry; about: Detail }) {
  const rows: [string, ComponentChildren][] = [];
  for (const [label, value] of about.facts ?? []) rows.push([label, <span dir="auto">{value}</span>]);
  if (entry.freshness) {
    rows.push(["Newest row", <Time at={entry.freshness[2]} />]);
    rows.push(["Freshness asked", <Time at={entry.freshness[1]} />]);
  }
  for (const { type, text } of about.constraints ?? []) rows.push([`Constraint: ${type}`, <code>{text}</code>]);
  const { stats } = about;
  if (stats?.kind) rows.push(["In the warehouse", stats.kind]);
  if (stats?.owner) rows.push(["Owner there", stats.owner]);
  if (stats?.comment) rows.push(["Comment there", <span dir="auto">{stats.comment}</span>]);
  if (about.patch) rows.push(["Properties", <span class="mono">{about.patch}</span>]);
  rows.push(["Unique id", <><span class="mono" dir="auto">{entry.id}</span> <Copy text={entry.id} label="Copy the unique id" /></>]);
  rows.push(["Name in full", <span class="mono" dir="auto">{entry.fqn.join(".")}</span>]);
  const config = Object.entries(about.config ?? {});
  const value = (item: unknown) => (typeof item === "string" ? item : JSON.stringify(item));
  return (
    <Section id="facts" name="Details">
      <dl class="facts">{rows.map(([label, content]) => <><dt>{label}</dt><dd>{content}</dd></>)}</dl>
      {config.length > 0 && <><h3>Config</h3><dl class="facts">{config.map(([key, item]) => <><dt class="mono">{key}</dt><dd class="mono" dir="auto">{value(item)}</dd></>)}</dl></>}
      {about.meta !== undefined && <><h3>Meta</h3><pre class="json" tabIndex={0} dir="auto">{JSON.stringify(about.meta, null, 2)}</pre></>}
    </Section>
  );
}
