import { useMemo } from "preact/hooks";
import { load } from "../load";
import { duration, number, percent, plural } from "../format";
import { coverage, failing, failingFor, flaky, gaps, isBad, slowest, tone } from "../health";
import { historyLetters } from "../data";
import { kindWords, testTitle } from "../project";
import { NodeLink, Scroll, Shorten, StatusMark, Time, Trouble, useLoaded, useProject, useTitle } from "./parts";

function Bar({ part, whole, label }: { part: number; whole: number; label: string }) {
  const share = whole ? part / whole : 0;
  return (
    <span class="meter" title={`${label}: ${number(part)} of ${number(whole)}`}>
      <span class="meter-track" aria-hidden="true"><span class={share < 0.5 ? "bad" : share < 0.8 ? "warn" : "good"} style={{ width: `${share * 100}%` }} /></span>
      <span class="num">{percent(part, whole)}</span>
    </span>
  );
}

/** The last runs as a row of marks, the newest at the right. */
function Letters({ letters }: { letters: string }) {
  return (
    <span class="letters" role="img" aria-label={[...letters].map((letter) => historyLetters[letter] ?? "not run").join(", ")}>
      {[...letters].slice(0, 30).reverse().map((letter, at) => <i key={at} class={tone(historyLetters[letter])} />)}
    </span>
  );
}

export function HealthPage() {
  const project = useProject();
  useTitle("Health");
  const rows = useMemo(() => coverage(project), [project]);
  const missing = useMemo(() => gaps(project), [project]);
  const bad = useMemo(() => failing(project), [project]);
  const slow = useMemo(() => slowest(project, 20), [project]);
  const past = useLoaded(() => load("history"), [project]);
  const turning = useMemo(() => (past.value ? flaky(past.value) : []), [past.value]);
  const letters = useMemo(() => new Map(past.value?.nodes ?? []), [past.value]);
  const fresh = project.nodes.flatMap((entry, id) => (entry.freshness ? [id] : []));
  const rank = { "runtime error": 0, error: 0, warn: 1, pass: 2 };
  const freshness = (id: number) => project.nodes[id].freshness as NonNullable<(typeof project.nodes)[number]["freshness"]>;
  fresh.sort((one, other) => rank[freshness(one)[0]] - rank[freshness(other)[0]] || freshness(other)[3] - freshness(one)[3]);
  const [all, ...places] = rows;
  const longest = project.nodes[slow[0]]?.last?.[1] ?? 1;
  const undescribed = missing.filter((gap) => !gap.hasDescription || gap.missing > 0);
  const untested = missing.filter((gap) => !gap.isTested);
  return (
    <article class="page health">
      <h1>Health</h1>
      <ul class="tiles">
        <li><a href="#!/health#failing" onClick={jump}><b class={bad.some((id) => isBad(project.nodes[id].last?.[0])) ? "bad" : "good"}>{number(bad.filter((id) => isBad(project.nodes[id].last?.[0])).length)}</b> failing</a></li>
        <li><a href="#!/health#flaky" onClick={jump}><b>{past.value ? number(turning.length) : "…"}</b> flaky</a></li>
        <li><a href="#!/health#freshness" onClick={jump}><b>{number(fresh.filter((id) => freshness(id)[0] !== "pass").length)}</b> stale {fresh.length === 1 ? "source" : "sources"}</a></li>
        <li><a href="#!/health#coverage" onClick={jump}><b>{percent(all.tested, all.models)}</b> tested</a></li>
        <li><a href="#!/health#undescribed" onClick={jump}><b>{percent(all.describedColumns, all.columns)}</b> columns described</a></li>
      </ul>

      <section class="section" id="failing"><h2>Failing <span class="count">{bad.length}</span></h2>
        {!bad.length ? <p class="muted">{project.index.runs.length ? "Nothing failed or warned when it last ran." : "Nothing has been run yet: xform build runs the models and their tests."}</p> : (
          <Scroll label="Failing"><table>
            <thead><tr><th scope="col">Node</th><th scope="col">Of</th><th scope="col">Result</th><th scope="col">Last runs</th></tr></thead>
            <tbody>{bad.slice(0, 100).map((id) => {
              const entry = project.nodes[id];
              const past = letters.get(id);
              const count = past ? failingFor(past) : 0;
              return <tr key={id}><th scope="row"><NodeLink id={id} text={entry.attached !== undefined ? testTitle(entry) : undefined} /></th>
                <td>{entry.attached !== undefined && <><NodeLink id={entry.attached} plain />{entry.column && <span class="mono muted" dir="auto"> · {entry.column}</span>}</>}</td>
                <td><StatusMark status={entry.last?.[0]} /></td><td>{past && <Letters letters={past} />}{count > 1 && <span class="small muted"> for {count} runs</span>}</td></tr>;
            })}</tbody></table></Scroll>
        )}
        {bad.length > 100 && <p class="muted small">and {number(bad.length - 100)} more</p>}
      </section>

      <section class="section" id="flaky"><h2>Flaky <span class="count">{turning.length}</span></h2>
        {project.index.runs.length > 0 && <p class="small muted">What failed and recovered more than once in the last {plural(project.index.runs.length, "run")}.</p>}
        {past.error !== undefined && <Trouble error={past.error} again={past.again} />}
        {past.value && !turning.length && <p class="muted">{project.index.runs.length ? "Nothing did." : "Nothing has been run yet."}</p>}
        {turning.length > 0 && (
          <Scroll label="Flaky"><table>
            <thead><tr><th scope="col">Node</th><th scope="col">Of</th><th scope="col">Last runs</th><th scope="col">Failed</th></tr></thead>
            <tbody>{turning.slice(0, 50).map((one) => {
              const entry = project.nodes[one.id];
              return <tr key={one.id}><th scope="row"><NodeLink id={one.id} text={entry.attached !== undefined ? testTitle(entry) : undefined} /></th>
                <td>{entry.attached !== undefined && <><NodeLink id={entry.attached} plain />{entry.column && <span class="mono muted" dir="auto"> · {entry.column}</span>}</>}</td>
                <td><Letters letters={one.letters} /></td><td class="num">{one.bad} of {one.runs}</td></tr>;
            })}</tbody></table></Scroll>
        )}
      </section>

      <section class="section" id="freshness"><h2>Freshness of sources <span class="count">{fresh.length}</span></h2>
        {!fresh.length ? <p class="muted">No freshness is known: xform source freshness asks for it.</p> : (
          <Scroll label="Freshness"><table>
            <thead><tr><th scope="col">Source</th><th scope="col">State</th><th scope="col">Age</th><th scope="col">Newest row</th><th scope="col">Asked</th></tr></thead>
            <tbody>{fresh.slice(0, 100).map((id) => <tr key={id}><th scope="row"><NodeLink id={id} /></th><td><StatusMark status={freshness(id)[0]} /></td><td class="num">{duration(freshness(id)[3])}</td><td><Time at={freshness(id)[2]} /></td><td><Time at={freshness(id)[1]} /></td></tr>)}</tbody>
          </table></Scroll>
        )}
      </section>

      <section class="section" id="slow"><h2>Slowest</h2>
        {!slow.length ? <p class="muted">No times are known yet.</p> : (
          <Scroll label="Slowest"><table>
            <thead><tr><th scope="col">Node</th><th scope="col">Time</th><th scope="col"><span class="sr">Share</span></th><th scope="col">Kind</th></tr></thead>
            <tbody>{slow.map((id) => {
              const seconds = project.nodes[id].last?.[1] ?? 0;
              return <tr key={id}><th scope="row"><NodeLink id={id} /></th><td class="num">{duration(seconds)}</td><td class="wide-cell"><span class="meter-track" aria-hidden="true"><span class="plainbar" style={{ width: `${(seconds / longest) * 100}%` }} /></span></td><td class="muted">{project.nodes[id].materialized ?? kindWords[project.nodes[id].kind][0]}</td></tr>;
            })}</tbody></table></Scroll>
        )}
      </section>

      <section class="section" id="coverage"><h2>Coverage by folder</h2>
        <Scroll label="Coverage"><table>
          <thead><tr><th scope="col">Folder</th><th scope="col">Nodes</th><th scope="col">Tested</th><th scope="col">Described</th><th scope="col">Columns described</th></tr></thead>
          <tbody>{[...places.slice(0, 200), all].map((row) => (
            <tr key={row.place} class={row === all ? "total" : undefined}><th scope="row" class="mono" dir="auto">{row.place || "all"}</th><td class="num">{number(row.models)}</td>
              <td><Bar part={row.tested} whole={row.models} label="tested" /></td><td><Bar part={row.described} whole={row.models} label="described" /></td><td><Bar part={row.describedColumns} whole={row.columns} label="columns described" /></td></tr>
          ))}</tbody></table></Scroll>
      </section>

      <section class="section" id="undescribed"><h2>Not described <span class="count">{undescribed.length}</span></h2>
        <p class="small muted">The most used first: a description there helps most, and columns that are only copied inherit it.</p>
        {undescribed.length > 0 && <Shorten items={undescribed} count={15} render={(gap) => (
          <><NodeLink id={gap.id} /> <span class="small muted">{!gap.hasDescription && "no description"}{!gap.hasDescription && gap.missing > 0 && " · "}{gap.missing > 0 && `${gap.missing} of ${plural(gap.columns, "column")} without one`} · {plural(gap.users, "user")}</span></>
        )} />}
      </section>
      <section class="section" id="untested"><h2>Not tested <span class="count">{untested.length}</span></h2>
        {untested.length > 0 && <Shorten items={untested} count={15} render={(gap) => <><NodeLink id={gap.id} /> <span class="small muted">{plural(gap.users, "user")}</span></>} />}
      </section>
    </article>
  );
}

function jump(event: MouseEvent): void {
  event.preventDefault();
  document.getElementById((event.currentTarget as HTMLAnchorElement).hash.split("#")[2])?.scrollIntoView();
}
