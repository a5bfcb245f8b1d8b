import type { Kind, Run } from "../data";
import { duration, number, percent, plural } from "../format";
import { coverage, failing, isBad, tone } from "../health";
import { isTest, kindOrder, kindWords } from "../project";
import { address } from "../route";
import { Glyph, Markdown, NodeLink, Shorten, Time, useProject, useTitle } from "./parts";

/** What ended how, in words and as a bar. */
export function Counts({ run }: { run: Run }) {
  const entries = Object.entries(run.counts).filter(([, count]) => count > 0);
  const total = entries.reduce((sum, [, count]) => sum + count, 0);
  return (
    <>
      <div class="stack" aria-hidden="true">
        {entries.map(([status, count]) => <span key={status} class={tone(status as never)} style={{ width: `${(count / total) * 100}%` }} />)}
      </div>
      <p class="counts">{entries.map(([status, count]) => <span key={status} class={`status ${tone(status as never)}`}>{number(count)} {status}</span>)}</p>
    </>
  );
}

export function Overview({ name }: { name?: string }) {
  const project = useProject();
  const { index } = project;
  const part = name === undefined ? undefined : index.packages.find((one) => one.name === name);
  useTitle(part ? part.name : "");
  const kinds = new Map<Kind, number>();
  for (const entry of project.nodes) if (entry.kind !== "group" && (!part || entry.package === part.name)) kinds.set(entry.kind, (kinds.get(entry.kind) ?? 0) + 1);
  const [all] = coverage(project);
  const bad = failing(project).filter((id) => isBad(project.nodes[id].last?.[0]));
  const [run] = index.runs;
  // Where people begin: what faces outwards, and what most others are built on.
  const outward = project.nodes.flatMap((entry, id) => (entry.kind === "exposure" || (entry.kind === "model" && entry.access === "public") ? [id] : []));
  const users = (id: number) => project.used[id].filter((user) => !isTest(project.nodes[user])).length;
  const central = project.nodes.flatMap((entry, id) => (entry.kind === "model" && users(id) > 0 ? [id] : [])).sort((one, other) => users(other) - users(one)).slice(0, 8);
  return (
    <article class="page overview">
      <h1 class="sr">{part ? part.name : index.project}</h1>
      <div class="columns">
        <div class="main">
          {(index.notices ?? []).map((notice) => <div key={notice} class="notice"><p>{notice}</p></div>)}
          <Markdown text={part ? part.overview : index.overview} />
        </div>
        <aside aria-label="The project in figures">
          <section>
            <h2>Contents</h2>
            <ul class="plain figures">
              {kindOrder.filter((kind) => kinds.get(kind)).map((kind) => (
                <li key={kind}><Glyph kind={kind} /> <a href={address(["list", kind])}>{kindWords[kind][(kinds.get(kind) ?? 0) === 1 ? 0 : 1]}</a> <b>{number(kinds.get(kind) ?? 0)}</b></li>
              ))}
            </ul>
            {index.packages.length > 0 && (
              <p class="small">Packages: {index.packages.map((one, at) => <span key={one.name}>{at > 0 && ", "}<a href={address(["overview", one.name])}>{one.name}</a></span>)}</p>
            )}
          </section>
          {run && (
            <section>
              <h2>Last run</h2>
              <Counts run={run} />
              <p class="small"><code>{run.command}</code><br /><Time at={run.at} /><br />{duration(run.seconds)}</p>
              {bad.length > 0 && <Shorten items={bad} count={5} render={(id) => <NodeLink id={id} />} />}
            </section>
          )}
          {all.models > 0 && (
            <section>
              <h2><a href="#!/health">Health</a></h2>
              <dl class="facts">
                <dt>Tested</dt><dd>{percent(all.tested, all.models)}</dd>
                <dt>Described</dt><dd>{percent(all.described, all.models)}</dd>
                <dt>Columns described</dt><dd>{percent(all.describedColumns, all.columns)}</dd>
              </dl>
            </section>
          )}
          {outward.length > 0 && <section><h2>Public</h2><Shorten items={outward} count={8} render={(id) => <NodeLink id={id} />} /></section>}
          {central.length > 0 && (
            <section><h2>Most used</h2>
              <ul class="plain">{central.map((id) => <li key={id}><NodeLink id={id} /> <span class="muted small">{plural(users(id), "user")}</span></li>)}</ul>
            </section>
          )}
          <p class="small muted">{index.adapter} · target {index.target}<br />xform {index.xform} · <Time at={index.generated_at} /></p>
        </aside>
      </div>
    </article>
  );
}
