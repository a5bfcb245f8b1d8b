import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Index, Kind, Standing } from "../data";
import { forget, load } from "../load";
import { kindWords, linkTo, Project, title } from "../project";
import { address, parseRoute, type Route } from "../route";
import { SearchIndex } from "../search";
import { GraphPage } from "./graph";
import { HealthPage } from "./health";
import { ColumnPage } from "./lineage";
import { ListPage } from "./list";
import { NodePage } from "./node";
import { Overview } from "./overview";
import { Guard, Glyph, ProjectContext, useProject, useTitle } from "./parts";
import { SearchBox, SearchPage } from "./search";
import { Tree } from "./tree";

type Theme = "auto" | "light" | "dark";
const themes: Theme[] = ["auto", "light", "dark"];

export function App({ index }: { index: Index }) {
  const [data, setData] = useState(index);
  const project = useMemo(() => new Project(data), [data]);
  const [route, setRoute] = useState<Route>(() => parseRoute(location.hash));
  const [isMenu, setMenu] = useState(false);
  const [news, setNews] = useState("");
  const [problem, setProblem] = useState("");
  const [isAlone, setAlone] = useState(false);
  const shown = useRef(index.generated_at);
  const main = useRef<HTMLElement>(null);
  useScroll(route);

  useEffect(() => {
    const onHash = () => setRoute(parseRoute(location.hash));
    addEventListener("hashchange", onHash);
    return () => removeEventListener("hashchange", onHash);
  }, []);

  // `docs serve` says when the project has changed; the place stays.
  useEffect(() => {
    if (!data.is_live || !location.protocol.startsWith("http")) return;
    const events = new EventSource("events");
    events.onmessage = async (event: MessageEvent<string>) => {
      try {
        const standing = JSON.parse(event.data) as Standing;
        setProblem(standing.problem ?? "");
        if (standing.generated_at === shown.current) return;
        shown.current = standing.generated_at;
        forget();
        setData(await load("index"));
        setNews("The project has changed; this page shows it as it is now.");
      } catch (error) {
        setNews(`The project has changed, but it could not be loaded: ${error instanceof Error ? error.message : String(error)}`);
      }
    };
    // A browser tries again by itself; only what lasts is told.
    let lost: ReturnType<typeof setTimeout> | undefined;
    events.onopen = () => {
      clearTimeout(lost);
      lost = undefined;
      setAlone(false);
    };
    events.onerror = () => (lost ??= setTimeout(() => setAlone(true), 2500));
    return () => {
      clearTimeout(lost);
      events.close();
    };
  }, [data.is_live]);
  useEffect(() => {
    if (!news) return;
    const timer = setTimeout(() => setNews(""), 6000);
    return () => clearTimeout(timer);
  }, [news]);

  const [first, second, third] = route.path;
  const current = second !== undefined ? project.find(second) : undefined;
  const isGraph = first === "graph";
  const place = `${route.path.join("/")}`;
  return (
    <ProjectContext.Provider value={project}>
      <a class="skip" href="#main" onClick={(event) => {
        event.preventDefault();
        main.current?.focus();
      }}>Skip to the content</a>
      <header class="top">
        <button type="button" class={`menu-button ${isGraph ? "wide-menu" : ""}`} aria-expanded={isMenu} aria-controls="side" onClick={() => setMenu(!isMenu)}><span aria-hidden="true">☰</span><span class="sr">Nodes</span></button>
        <a class="brand" href="#!/overview" dir="auto"><Logo /><span class="brand-name">{project.index.project}</span></a>
        <SearchBox key="search" />
        <nav class="places" aria-label="Places">
          {[["overview", "Overview"], ["graph", "Graph"], ["health", "Health"]].map(([to, name]) => <a key={to} href={address([to])} aria-current={(first ?? "overview") === to ? "page" : undefined}>{name}</a>)}
        </nav>
        <ThemeSwitch />
      </header>
      <div class={`frame ${isMenu ? "menu-open" : ""} ${isGraph ? "wide" : ""}`}>
        <nav id="side" class="side" aria-label="Nodes" onKeyDown={(event) => event.key === "Escape" && setMenu(false)}>
          <Guard place={String(data.generated_at)}><Tree current={current} onGo={() => setMenu(false)} /></Guard>
        </nav>
        {isMenu && <div class="shade" onClick={() => setMenu(false)} />}
        <main id="main" ref={main} tabIndex={-1} class={isGraph ? "fill" : ""}>
          <p class="news" role="status">{news || (isAlone && "xform docs serve does not answer; this page shows the last state.")}</p>
          {problem && <div class="notice bad problem" role="alert"><p><strong>The project is broken; this is its last good state.</strong></p><pre tabIndex={0} dir="auto">{problem}</pre></div>}
          <Guard place={place}><Page route={route} first={first} second={second} third={third} /></Guard>
        </main>
      </div>
    </ProjectContext.Provider>
  );
}

function Page({ route, first, second, third }: { route: Route; first?: string; second?: string; third?: string }) {
  const project = useProject();
  switch (first) {
    case undefined:
    case "overview":
      // The project itself may have a block as a package, too.
      if (second !== undefined && second !== project.index.project && !project.index.packages.some((one) => one.name === second)) return <NotFound wanted={second} />;
      return <Overview name={second} />;
    case "graph":
      return <GraphPage query={route.query} />;
    case "health":
      return <HealthPage />;
    case "search":
      return <SearchPage query={route.query} />;
    case "list":
      return second !== undefined && second in kindWords ? <ListPage key={second} kind={second as Kind} /> : <NotFound wanted={second ?? ""} />;
    case "lineage": {
      const id = second === undefined ? undefined : project.find(second);
      if (id === undefined || third === undefined) return <NotFound wanted={second ?? ""} />;
      return <ColumnPage key={`${id}.${third}`} id={id} column={route.path.slice(2).join("/")} query={route.query} />;
    }
    default: {
      // dbt's site has the kind before the id; the id alone says enough.
      const id = project.find(second ?? "") ?? project.find(first);
      if (id === undefined) return <NotFound wanted={second ?? first} />;
      return <NodePage key={id} id={id} anchor={route.anchor} column={route.query.get("column") ?? undefined} />;
    }
  }
}

function NotFound({ wanted }: { wanted: string }) {
  const project = useProject();
  useTitle("Not found");
  const name = wanted.split(".").slice(2).join(" ") || wanted;
  const hits = useMemo(() => {
    const index = new SearchIndex(project.nodes, project.used);
    return [name, name.split(" ")[0], name.slice(0, Math.max(3, Math.ceil(name.length / 2)))].map((text) => index.find(text, 8).hits).find((found) => found.length) ?? [];
  }, [project, name]);
  return (
    <article class="page">
      <h1>There is nothing here</h1>
      <p>{wanted ? <>This project has no <code dir="auto">{wanted}</code>. It may have been renamed, removed or disabled since the link was made.</> : "The address names nothing."}</p>
      {hits.length > 0 && <><h2>Was it one of these?</h2><ul class="plain">{hits.map(({ id }) => <li key={id}><a class="node-link" href={linkTo(project.nodes[id])}><Glyph kind={project.nodes[id].kind} /><span class="name" dir="auto">{title(project.nodes[id])}</span></a></li>)}</ul></>}
      <p><a href={address(["search"], { q: name })}>Search for it</a> or <a href="#!/overview">go to the overview</a>.</p>
    </article>
  );
}

function ThemeSwitch() {
  const [theme, setTheme] = useState<Theme>(() => (document.documentElement.dataset.theme as Theme) ?? "auto");
  const next = themes[(themes.indexOf(theme) + 1) % themes.length];
  return (
    <button type="button" class="quiet theme" title={`Colours: ${theme}`} aria-label={`Colours: ${theme}. Change to ${next}`} onClick={() => {
      setTheme(next);
      applyTheme(next);
    }}>
      <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true"><circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" stroke-width="1.5" /><path d={theme === "dark" ? "M8 2a6 6 0 1 1 0 12A6 6 0 0 1 8 2z" : theme === "light" ? "M8 5a3 3 0 1 1 0 6 3 3 0 0 1 0-6z" : "M8 2a6 6 0 0 1 0 12z"} fill="currentColor" /></svg>
    </button>
  );
}

/** Shows the page in these colours, and remembers where the browser lets it. */
export function applyTheme(theme: Theme): void {
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem("xform-docs-theme", theme);
  } catch {
    // A browser that keeps nothing shows it until the page is left.
  }
  dispatchEvent(new Event("themechange"));
}

export function storedTheme(): Theme {
  try {
    const theme = localStorage.getItem("xform-docs-theme");
    return themes.find((one) => one === theme) ?? "auto";
  } catch {
    return "auto";
  }
}

/** A new page begins at its top and with its heading; going back finds the place that was left. */
function useScroll(route: Route): void {
  const places = useRef(new Map<string, number>());
  const isClick = useRef(false);
  const here = useRef(location.hash);
  useEffect(() => {
    history.scrollRestoration = "manual";
    const onClick = () => {
      isClick.current = true;
      setTimeout(() => (isClick.current = false), 300);
    };
    const onScroll = () => places.current.set(here.current, scrollY);
    addEventListener("click", onClick, true);
    addEventListener("keydown", onClick, true);
    addEventListener("scroll", onScroll, { passive: true });
    return () => {
      removeEventListener("click", onClick, true);
      removeEventListener("keydown", onClick, true);
      removeEventListener("scroll", onScroll);
    };
  }, []);
  const path = route.path.join("/");
  const isFirst = useRef(true);
  useEffect(() => {
    here.current = location.hash;
    if (isFirst.current) {
      isFirst.current = false;
      return;
    }
    if (route.anchor) return;
    const before = isClick.current ? 0 : places.current.get(location.hash) ?? 0;
    scrollTo(0, before);
    if (before) {
      // What is loaded later makes the page long enough.
      let tries = 0;
      const timer = setInterval(() => {
        scrollTo(0, before);
        if (Math.abs(scrollY - before) < 2 || ++tries > 10) clearInterval(timer);
      }, 30);
    }
    const { activeElement } = document;
    if (!activeElement || activeElement === document.body || activeElement.closest("main, .search")) {
      document.querySelector<HTMLElement>("main h1")?.focus({ preventScroll: true });
    }
  }, [path]);
}

function Logo() {
  return (
    <svg class="logo" viewBox="0 0 16 16" width="20" height="20" aria-hidden="true">
      <rect width="16" height="16" rx="3.5" fill="var(--brand)" />
      <path d="M3 4h3l4 8h3M13 4h-3L6 12H3" fill="none" stroke="white" stroke-width="1.7" stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
