import { Component, createContext, type ComponentChildren } from "preact";
import { useContext, useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Entry, Id, Kind, Status } from "../data";
import { ago, when } from "../format";
import { glyphs } from "../glyphs";
import { tone } from "../health";
import { toHtml } from "../markdown";
import { kindWords, linkTo, title, type Project } from "../project";

export const ProjectContext = createContext<Project>(null as unknown as Project);
export const useProject = (): Project => useContext(ProjectContext);

export function Glyph({ kind }: { kind: Kind }) {
  return (
    <svg class={`glyph kind-${kind}`} viewBox="0 0 16 16" width="13" height="13" aria-hidden="true">
      <path d={glyphs[kind]} fill-rule="evenodd" />
    </svg>
  );
}

/** A link to a node's page; tells its kind to who cannot see the shape. */
export function NodeLink({ id, text, plain }: { id: Id; text?: string; plain?: boolean }) {
  const entry = useProject().nodes[id];
  if (!entry) return <span class="muted">a node that is not here</span>;
  return (
    <a class="node-link" href={linkTo(entry)} title={entry.id}>
      {!plain && <Glyph kind={entry.kind} />}
      <span class="sr">{kindWords[entry.kind][0]} </span>
      <span class="name" dir="auto">{text ?? title(entry)}</span>
    </a>
  );
}

export function StatusMark({ status, text }: { status: Status | undefined; text?: string }) {
  return <span class={`status ${tone(status)}`}>{text ?? status ?? "not run"}</span>;
}

export function Markdown({ text }: { text: string }) {
  const project = useProject();
  const html = useMemo(() => toHtml(text, (path) => {
    const id = project.ofFile(path);
    return id === undefined ? undefined : linkTo(project.nodes[id]);
  }), [text, project]);
  return <div class="prose" dangerouslySetInnerHTML={{ __html: html }} />;
}

export function Time({ at }: { at: string }) {
  return <time dateTime={at} title={at}>{when(at)} <span class="muted">({ago(at, Date.now())})</span></time>;
}

/** Copies a text; says so, and says when the browser refuses. */
export function Copy({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState("");
  useEffect(() => {
    if (!done) return;
    const timer = setTimeout(() => setDone(""), 1600);
    return () => clearTimeout(timer);
  }, [done]);
  return (
    <button type="button" class="quiet copy" aria-label={label} onClick={async () => setDone((await copy(text)) ? "Copied" : "Not allowed here")}>
      <span aria-live="polite">{done || "Copy"}</span>
    </button>
  );
}

async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Pages from disk may not have a clipboard; the old way still works there.
    const area = document.createElement("textarea");
    area.value = text;
    area.className = "sr";
    document.body.append(area);
    area.select();
    const isDone = document.execCommand("copy");
    area.remove();
    return isDone;
  }
}

export type Loaded<T> = { value?: T; error?: unknown; isLoading: boolean };

/** What a promise gives, and how it stands with it. Keeps the last value while a new one of the same key is loaded. */
export function useLoaded<T>(start: () => Promise<T>, key: unknown[]): Loaded<T> & { again: () => void } {
  const [state, setState] = useState<Loaded<T> & { key?: string }>({ isLoading: true });
  const [tries, setTries] = useState(0);
  const name = JSON.stringify(key.filter((part) => typeof part !== "object"));
  useEffect(() => {
    let isOver = false;
    setState((before) => ({ value: before.key === name ? before.value : undefined, key: name, isLoading: true }));
    start().then(
      (value) => !isOver && setState({ value, key: name, isLoading: false }),
      (error: unknown) => !isOver && setState({ error, key: name, isLoading: false }),
    );
    return () => void (isOver = true);
  }, [...key, tries]);
  // What belongs to another key is not shown for a moment either.
  const isCurrent = state.key === name;
  return { value: isCurrent ? state.value : undefined, error: isCurrent ? state.error : undefined, isLoading: !isCurrent || state.isLoading, again: () => setTries(tries + 1) };
}

export function Trouble({ error, again }: { error: unknown; again?: () => void }) {
  return (
    <div class="notice bad" role="alert">
      <p><strong>This part could not be loaded.</strong> {error instanceof Error ? error.message : String(error)}</p>
      <p>The rest of the site works. Run <code>xform docs generate</code> again, and copy the whole folder if you moved it.</p>
      {again && <button type="button" onClick={again}>Try again</button>}
    </div>
  );
}

/** Shows trouble in words instead of a blank page. */
export class Guard extends Component<{ place: string; children: ComponentChildren }, { error?: unknown; place?: string }> {
  state: { error?: unknown; place?: string } = {};

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  componentDidUpdate(before: { place: string }) {
    if (before.place !== this.props.place && this.state.error) this.setState({ error: undefined });
  }

  render() {
    if (!this.state.error) return this.props.children;
    return (
      <div class="notice bad" role="alert">
        <h1>This page could not be shown</h1>
        <p>{String(this.state.error)}</p>
        <p>It is a fault of this site, not of your project. Other pages work: <a href="#!/overview">go to the overview</a>.</p>
      </div>
    );
  }
}

/** Rows of one height, of which only those in sight are in the page. */
export function VirtualList({ count, rowHeight, render, label, className, reveal }: {
  count: number;
  rowHeight: number;
  render: (at: number) => ComponentChildren;
  label: string;
  className?: string;
  /** Scrolls so that this row is seen. */
  reveal?: number;
}) {
  const box = useRef<HTMLUListElement>(null);
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(600);
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight || 600));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    if (reveal !== undefined && reveal >= 0 && box.current) revealRow(box.current, reveal, rowHeight);
  }, [reveal]);
  const first = Math.max(0, Math.floor(top / rowHeight) - 8);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + 8);
  const rows = [];
  for (let at = first; at < last; at++) {
    rows.push(<li key={at} class="row" aria-setsize={count} aria-posinset={at + 1} style={{ transform: `translateY(${at * rowHeight}px)`, height: `${rowHeight}px` }}>{render(at)}</li>);
  }
  return (
    <ul ref={box} class={`virtual ${className ?? ""}`} aria-label={label} tabIndex={0} onScroll={(event) => setTop(event.currentTarget.scrollTop)}>
      <li aria-hidden="true" class="sizer" style={{ height: `${count * rowHeight}px` }} />
      {rows}
    </ul>
  );
}

export function revealRow(box: HTMLElement, row: number, rowHeight: number): void {
  const top = row * rowHeight;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + rowHeight > box.scrollTop + box.clientHeight) box.scrollTop = top + rowHeight - box.clientHeight;
}

/** A table that scrolls sideways by itself on narrow screens. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }) {
  return <div class="scroll" tabIndex={0} role="group" aria-label={label}>{children}</div>;
}

/** A list that begins short. */
export function Shorten<T>({ items, count, render }: { items: T[]; count: number; render: (item: T, at: number) => ComponentChildren }) {
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? items : items.slice(0, count);
  return (
    <>
      <ul class="plain">{shown.map((item, at) => <li key={at}>{render(item, at)}</li>)}</ul>
      {items.length > count && (
        <button type="button" class="quiet" aria-expanded={isWhole} onClick={() => setWhole(!isWhole)}>
          {isWhole ? "Show fewer" : `Show all ${items.length}`}
        </button>
      )}
    </>
  );
}

export const describeKind = (entry: Entry): string =>
  entry.kind === "test" ? (entry.test === undefined ? "singular test" : "generic test") : entry.language ? `${entry.language} ${kindWords[entry.kind][0]}` : kindWords[entry.kind][0];

export function useTitle(text: string): void {
  const { index } = useProject();
  useEffect(() => {
    document.title = `${text ? `${text} · ` : ""}${index.project} · xform docs`;
  }, [text, index.project]);
}
