import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Kind } from "../data";
import { load } from "../load";
import { kindOrder, kindWords, linkTo, type Project } from "../project";
import { address } from "../route";
import { SearchIndex, type Field, type Found, type Hit, type Piece } from "../search";
import { number, plural } from "../format";
import { describeKind, Glyph, Trouble, useProject, useTitle } from "./parts";

const made = new WeakMap<Project, { index: SearchIndex; whole?: Promise<void> }>();

function searcher(project: Project) {
  let search = made.get(project);
  if (!search) made.set(project, (search = { index: new SearchIndex(project.nodes, project.used) }));
  return search;
}

/** Loads the full texts, once; the search works with names before that. */
function fill(project: Project): Promise<void> {
  const search = searcher(project);
  search.whole ??= (async () => {
    for (let at = 0; at < project.index.searches; at++) search.index.add(await load(`search/${at}`));
    // Once for nothing: the first search of all is slow, until the browser has compiled it.
    for (const text of ["select", "a_b", "zz qq"]) search.index.find(text);
  })();
  search.whole.catch(() => (search.whole = undefined));
  return search.whole;
}

/** The index, and a number that changes when it knows more. */
function useSearch(isWanted: boolean): { index: SearchIndex; edition: number; error?: unknown } {
  const project = useProject();
  const [state, setState] = useState<{ edition: number; error?: unknown }>({ edition: 0 });
  useEffect(() => {
    if (!isWanted) return;
    let isOver = false;
    fill(project).then(
      () => !isOver && setState((before) => ({ edition: before.edition + 1 })),
      (error: unknown) => !isOver && setState((before) => ({ edition: before.edition, error })),
    );
    return () => void (isOver = true);
  }, [project, isWanted]);
  return { index: searcher(project).index, ...state };
}

export function Pieces({ pieces }: { pieces: Piece[] }) {
  return <>{pieces.map(([text, isMarked], at) => (isMarked ? <mark key={at}>{text}</mark> : text))}</>;
}

const fieldWords: Record<Field, string> = { name: "name", columns: "columns", about: "about", description: "description", sql: "code" };

function HitLines({ hit, index, text, all }: { hit: Hit; index: SearchIndex; text: string; all?: boolean }) {
  const entry = index.nodes[hit.id];
  const others = hit.fields.filter((field) => field !== "name");
  const lines = (all ? others : others.slice(0, 1)).map((field) => (
    <span key={field} class="snippet" dir="auto"><span class="field">{fieldWords[field]}</span> <Pieces pieces={index.snippet(hit.id, field, text)} /></span>
  ));
  return (
    <>
      <span class="hit-name"><Glyph kind={entry.kind} /><span class="name" dir="auto"><Pieces pieces={index.snippet(hit.id, "name", text)} /></span>
        <span class="muted hit-kind">{describeKind(entry)}{entry.kind !== "source" && ` · ${entry.path}`}</span></span>
      {lines.length ? lines : entry.summary && <span class="snippet muted" dir="auto">{entry.summary}</span>}
    </>
  );
}

declare global {
  interface Window {
    /** How long the last search took, in milliseconds; for measuring. */
    xformSearchTook?: number;
  }
}

function timed(run: () => Found): Found {
  const start = performance.now();
  const found = run();
  window.xformSearchTook = performance.now() - start;
  return found;
}

/** The box in the head of the page: results while typing, arrow keys, Enter. */
export function SearchBox() {
  const project = useProject();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [isOpen, setOpen] = useState(false);
  const [isTouched, setTouched] = useState(false);
  const [active, setActive] = useState(-1);
  const { index, edition, error } = useSearch(isTouched);
  const found = useMemo(() => (text.trim() ? timed(() => index.find(text, 12)) : undefined), [text, index, edition]);
  const hits = found?.hits ?? [];

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const isField = event.target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName);
      if ((event.key === "/" && !isField && !event.ctrlKey && !event.metaKey) || (event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        input.current?.focus();
        input.current?.select();
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);

  const close = () => {
    setOpen(false);
    setActive(-1);
  };
  const go = (hash: string) => {
    location.hash = hash;
    close();
    input.current?.blur();
  };
  const onKey = (event: KeyboardEvent) => {
    // An input method is still putting a syllable together: its keys are not ours.
    if (event.isComposing || event.keyCode === 229) return;
    switch (event.key) {
      case "ArrowDown":
        setOpen(true);
        setActive(Math.min(hits.length - 1, active + 1));
        break;
      case "ArrowUp":
        setActive(Math.max(-1, active - 1));
        break;
      case "Enter":
        if (hits[active]) go(linkTo(project.nodes[hits[active].id]));
        else if (text.trim()) go(address(["search"], { q: text.trim() }));
        break;
      case "Escape":
        if (isOpen) close();
        else input.current?.blur();
        break;
      default:
        return;
    }
    event.preventDefault();
  };
  const isShown = isOpen && text.trim() !== "";
  return (
    <div class="search" role="search" onFocusOut={(event) => !event.currentTarget.contains(event.relatedTarget as Node | null) && close()}>
      <input
        ref={input} type="text" inputMode="search" role="combobox" aria-label="Search names, columns, descriptions and code" placeholder="Search"
        aria-expanded={isShown && hits.length > 0} aria-controls="search-results" aria-autocomplete="list"
        aria-activedescendant={isShown && hits[active] ? `hit-${active}` : undefined} autocomplete="off" spellcheck={false}
        onFocus={() => {
          setTouched(true);
          setOpen(true);
        }}
        onInput={(event) => {
          setText(event.currentTarget.value);
          setOpen(true);
          setActive(-1);
        }}
        onKeyDown={onKey}
      />
      <kbd aria-hidden="true">/</kbd>
      <div class="results" hidden={!isShown}>
        <div id="search-results" role="listbox" aria-label="Results">
          {isShown && hits.map((hit, at) => (
            <a key={hit.id} id={`hit-${at}`} role="option" aria-selected={at === active} class="hit" tabIndex={-1} href={linkTo(project.nodes[hit.id])} onClick={close} onMouseDown={(event) => event.preventDefault()}>
              <HitLines hit={hit} index={index} text={text} />
            </a>
          ))}
        </div>
        {isShown && (
          <div class="results-foot">
            <span aria-live="polite">{found?.total ? plural(found.total, "result") : `Nothing has “${text.trim()}”.`}</span>
            {(found?.total ?? 0) > hits.length && <a href={address(["search"], { q: text.trim() })} onClick={close} onMouseDown={(event) => event.preventDefault()}>See all <kbd>Enter</kbd></a>}
            {error !== undefined && <span class="bad">Only names and summaries could be searched: {error instanceof Error ? error.message : String(error)}</span>}
          </div>
        )}
      </div>
    </div>
  );
}

export function SearchPage({ query }: { query: URLSearchParams }) {
  const project = useProject();
  const text = query.get("q") ?? "";
  const kind = query.get("kind") as Kind | null;
  const [count, setCount] = useState(50);
  // What is being written is left to the browser: an input method does not like to be written into.
  const isTyping = useRef(false);
  const { index, edition, error } = useSearch(true);
  const found = useMemo(() => index.find(text, count, kind ? (entry) => entry.kind === kind : undefined), [index, edition, text, count, kind]);
  useTitle(`Search: ${text}`);
  useEffect(() => setCount(50), [text, kind]);
  const shown = kind ? found.kinds[kind] ?? 0 : found.total;
  return (
    <article class="page search-page">
      <h1>Search</h1>
      <form onSubmit={(event) => event.preventDefault()}>
        <input
          type="search" aria-label="Search for" defaultValue={text} key={isTyping.current ? "own" : text}
          onInput={(event) => {
            isTyping.current = true;
            history.replaceState(null, "", address(["search"], { q: event.currentTarget.value, kind: kind ?? undefined }));
            dispatchEvent(new HashChangeEvent("hashchange"));
          }}
          onBlur={() => (isTyping.current = false)}
        />
      </form>
      {error !== undefined && <Trouble error={error} />}
      <p class="chips" role="group" aria-label="Kinds">
        <a class="chip" aria-current={!kind ? "true" : undefined} href={address(["search"], { q: text })}>All {number(found.total)}</a>
        {kindOrder.filter((one) => found.kinds[one]).map((one) => (
          <a key={one} class="chip" aria-current={kind === one ? "true" : undefined} href={address(["search"], { q: text, kind: one })}><Glyph kind={one} /> {kindWords[one][1]} {number(found.kinds[one] ?? 0)}</a>
        ))}
      </p>
      <p class="muted" aria-live="polite">{text.trim() ? (shown ? "" : `Nothing has “${text.trim()}” in its name, columns, description or code.`) : "Write what you look for: a name or a part of it, a column, words of a description, a piece of SQL."}</p>
      <ol class="hits">
        {found.hits.map((hit) => (
          <li key={hit.id}><a class="hit" href={linkTo(project.nodes[hit.id])}><HitLines hit={hit} index={index} text={text} all /></a></li>
        ))}
      </ol>
      {shown > found.hits.length && <button type="button" onClick={() => setCount(count + 100)}>Show more ({number(shown - found.hits.length)} left)</button>}
    </article>
  );
}
