import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Id } from "../data";
import { plural } from "../format";
import { hit, paint, readColors, type Colors, type View } from "../graph/paint";
import { allGroups, between, family, grouped, openAtFirst, scene, type Grouping, type Item } from "../graph/scene";
import { kindWords, linkTo, title } from "../project";
import { useProject } from "./parts";

declare global {
  interface Window {
    /** How long layout and the first drawing of the last graph took, in milliseconds; for measuring. */
    xformGraphTook?: { layout: number; paint: number };
  }
}

interface Props {
  ids: Id[];
  by: Grouping;
  /** The node to begin at. */
  focus?: Id;
  label: string;
  /** In the page of a node: the wheel scrolls the page, nothing is folded. */
  isSmall?: boolean;
  /** Text to look for in names. */
  find?: string;
  onFocus?: (id: Id | undefined) => void;
  /** What stands beside the picture. */
  aside?: (view: { items: Item[]; focus: number; go: (item: number) => void }) => ComponentChildren;
}

/** A graph that can be moved, enlarged and walked through by keyboard. */
export function GraphView({ ids, by, focus, label, isSmall, find, onFocus, aside }: Props) {
  const project = useProject();
  const canvas = useRef<HTMLCanvasElement>(null);
  const view = useRef<View>({ x: 0, y: 0, k: 1 });
  const pointers = useRef(new Map<number, { x: number; y: number }>());
  const moved = useRef(false);
  const colors = useRef<Colors | undefined>(undefined);
  const frame = useRef(0);
  const moving = useRef(false);
  const rest = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const seen = useRef<{ width: number; height: number }>({ width: 0, height: 0 });
  const [said, say] = useState("");
  const [hover, setHover] = useState(-1);

  const root = useMemo(() => grouped(project, ids, by), [project, ids, by]);
  const [opened, setOpened] = useState<{ root: typeof root; open: Set<string> }>();
  const open = useMemo(() => (opened?.root === root ? opened.open : openAtFirst(root, ids.length > 400 ? 70 : 110)), [root, opened, ids]);
  const drawn = useMemo(() => {
    const start = performance.now();
    const made = scene(project, ids, root, open);
    window.xformGraphTook = { layout: performance.now() - start, paint: 0 };
    return made;
  }, [project, ids, root, open]);

  const [chosen, setChosen] = useState<{ id?: Id; group?: string; second?: Id }>({ id: focus });
  useEffect(() => setChosen({ id: focus }), [focus]);
  const focused = chosen.id !== undefined ? drawn.itemOf.get(chosen.id) ?? -1 : drawn.items.findIndex((item) => chosen.group !== undefined && item.group?.path === chosen.group);
  const second = chosen.second === undefined ? -1 : drawn.itemOf.get(chosen.second) ?? -1;
  const lit = useMemo(() => {
    if (focused < 0) return undefined;
    if (second >= 0 && second !== focused) return new Set([...between(drawn, focused, second), focused, second]);
    if (isSmall || drawn.items[focused]?.isOpen) return undefined;
    return family(drawn, focused);
  }, [drawn, focused, second, isSmall]);
  const found = useMemo(() => {
    const wanted = find?.normalize("NFC").trim().toLowerCase();
    if (!wanted) return undefined;
    const items = new Set<number>();
    for (const id of ids) if (title(project.nodes[id]).toLowerCase().includes(wanted)) items.add(drawn.itemOf.get(id) ?? -1);
    return items;
  }, [find, drawn, ids, project]);

  const state = { drawn, focused, hover, lit, found };
  const latest = useRef(state);
  latest.current = state;

  const redraw = (isMoving = false) => {
    moving.current = isMoving;
    clearTimeout(rest.current);
    // Once it stands still, all of it.
    if (isMoving) rest.current = setTimeout(redraw, 140);
    if (frame.current) return;
    frame.current = requestAnimationFrame(() => {
      frame.current = 0;
      const element = canvas.current;
      const context = element?.getContext("2d");
      if (!element || !context) return;
      colors.current ??= readColors(element);
      const now = latest.current;
      const start = performance.now();
      paint(context, seen.current.width, seen.current.height, ratio(), now.drawn, view.current, project, colors.current, { focus: now.focused, hover: now.hover, lit: now.lit, found: now.found, isMoving: moving.current });
      if (window.xformGraphTook && !window.xformGraphTook.paint) window.xformGraphTook.paint = performance.now() - start;
    });
  };

  /** Shows all of it, or, where that would be too small to be read, the part around the focus. */
  const fit = (isAll: boolean) => {
    const { width, height } = seen.current;
    const { drawn } = latest.current;
    if (!width || !drawn.items.length) return;
    const k = Math.min(1.15, (width - 48) / Math.max(1, drawn.width), (height - 48) / Math.max(1, drawn.height));
    const item = drawn.items[latest.current.focused];
    if (!isAll && k < 0.45 && item) {
      center(item, 0.85);
      return;
    }
    if (!isAll && k < 0.4 && drawn.items.length <= 250) {
      // Rather the beginning, readable, than all of it too small.
      const near = Math.max(k, 0.42);
      const tall = drawn.height * near < height;
      view.current = { k: near, x: -24 / near, y: tall ? drawn.height / 2 - height / 2 / near : -24 / near };
      redraw();
      return;
    }
    view.current = { k, x: drawn.width / 2 - width / 2 / k, y: drawn.height / 2 - height / 2 / k };
    redraw();
  };
  const center = (item: Item, k = view.current.k) => {
    const { width, height } = seen.current;
    view.current = { k, x: item.x + item.width / 2 - width / 2 / k, y: item.y + item.height / 2 - height / 2 / k };
    redraw();
  };
  /** Moves as little as needed to have the item in sight. */
  const showItem = (item: Item) => {
    const { x, y, k } = view.current;
    const { width, height } = seen.current;
    const margin = 30 / k;
    const next = { ...view.current };
    if (item.x < x + margin) next.x = item.x - margin;
    else if (item.x + item.width > x + width / k - margin) next.x = item.x + item.width - width / k + margin;
    if (item.y < y + margin) next.y = item.y - margin;
    else if (item.y + item.height > y + height / k - margin) next.y = item.y + item.height - height / k + margin;
    view.current = next;
    redraw();
  };
  const zoom = (factor: number, at?: { x: number; y: number }) => {
    const { width, height } = seen.current;
    const point = at ?? { x: width / 2, y: height / 2 };
    const before = view.current;
    const k = Math.min(2.5, Math.max(0.015, before.k * factor));
    view.current = { k, x: before.x + point.x / before.k - point.x / k, y: before.y + point.y / before.k - point.y / k };
    redraw(true);
  };

  useEffect(() => {
    const element = canvas.current;
    if (!element) return;
    let isFirst = true;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = element;
      if (!width) return;
      seen.current = { width, height };
      element.width = Math.round(width * ratio());
      element.height = Math.round(height * ratio());
      if (isFirst) fit(false);
      isFirst = false;
      redraw();
    });
    observer.observe(element);
    // Not by an attribute: it must be allowed to keep the page from scrolling.
    const onWheel = (event: WheelEvent) => {
      if (isSmall && !event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const box = element.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY * (event.deltaMode ? 0.05 : 0.0016)), { x: event.clientX - box.left, y: event.clientY - box.top });
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    const onTheme = () => {
      colors.current = undefined;
      redraw();
    };
    addEventListener("themechange", onTheme);
    const dark = matchMedia("(prefers-color-scheme: dark)");
    dark.addEventListener("change", onTheme);
    return () => {
      observer.disconnect();
      element.removeEventListener("wheel", onWheel);
      removeEventListener("themechange", onTheme);
      dark.removeEventListener("change", onTheme);
      cancelAnimationFrame(frame.current);
      clearTimeout(rest.current);
      frame.current = 0;
    };
  }, []);

  // Another graph is shown from its beginning; folding keeps what was folded where it is.
  const keep = useRef<{ path: string; x: number; y: number } | undefined>(undefined);
  useEffect(() => {
    const held = keep.current && drawn.items.find((item) => item.group?.path === keep.current?.path);
    if (held && keep.current) {
      view.current = { ...view.current, x: held.x - keep.current.x / view.current.k, y: held.y - keep.current.y / view.current.k };
      keep.current = undefined;
    } else fit(false);
    redraw();
  }, [drawn]);
  useEffect(() => redraw(), [focused, hover, lit, found]);
  useEffect(() => {
    const first = found && [...found].find((item) => item >= 0);
    if (first !== undefined) showItem(drawn.items[first]);
  }, [found]);

  const choose = (at: number, isSecond = false) => {
    const item = drawn.items[at];
    if (!item) {
      setChosen({});
      say("");
      onFocus?.(undefined);
      return;
    }
    if (isSecond && item.id !== undefined && chosen.id !== undefined) {
      setChosen({ ...chosen, second: item.id });
      const way = between(drawn, focused, at);
      say(way.size ? `${plural(way.size, "node")} on the way between ${drawn.items[focused].label} and ${item.label}` : `There is no way between ${drawn.items[focused].label} and ${item.label}`);
      return;
    }
    setChosen(item.id !== undefined ? { id: item.id } : { group: item.group?.path });
    onFocus?.(item.id);
    showItem(item);
    if (item.id !== undefined) {
      const entry = project.nodes[item.id];
      const into = drawn.links.filter((link) => link.to === at).length;
      const out = drawn.links.filter((link) => link.from === at).length;
      say(`${kindWords[entry.kind][0]} ${item.label}, ${into} before, ${out} after`);
    } else say(`folder ${item.label}, ${plural(item.group?.count ?? 0, "node")}, ${item.isOpen ? "open" : "folded"}`);
  };
  const toggle = (item: Item) => {
    if (!item.group) return;
    const { k, x, y } = view.current;
    keep.current = { path: item.group.path, x: (item.x - x) * k, y: (item.y - y) * k };
    const next = new Set(open);
    if (item.isOpen) next.delete(item.group.path);
    else next.add(item.group.path);
    setOpened({ root, open: next });
    setChosen({ group: item.group.path });
  };
  const enter = (at: number) => {
    const item = drawn.items[at];
    if (item?.id !== undefined) location.hash = linkTo(project.nodes[item.id]);
    else if (item) toggle(item);
  };

  const near = (from: Item, candidates: number[]): number => {
    let best = -1;
    let least = Infinity;
    for (const at of candidates) {
      const distance = Math.abs(drawn.items[at].y - from.y) + Math.abs(drawn.items[at].x - from.x) / 4;
      if (distance < least) [best, least] = [at, distance];
    }
    return best;
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const item = drawn.items[focused];
    const solid = () => drawn.items.flatMap((one, at) => (at !== focused ? [at] : (void one, [])));
    let to = -1;
    switch (event.key) {
      case "ArrowLeft":
      case "ArrowRight": {
        const isBack = event.key === "ArrowLeft";
        if (item) to = near(item, drawn.links.flatMap((link) => (isBack ? (link.to === focused ? [link.from] : []) : link.from === focused ? [link.to] : [])));
        break;
      }
      case "ArrowUp":
      case "ArrowDown": {
        const sign = event.key === "ArrowUp" ? -1 : 1;
        if (item) {
          const column = solid().filter((at) => Math.abs(drawn.items[at].x - item.x) < 120 && (drawn.items[at].y - item.y) * sign > 0);
          to = near(item, column);
          if (to < 0) to = near(item, solid().filter((at) => (drawn.items[at].y - item.y) * sign > 0));
        }
        break;
      }
      case "Home":
        to = 0;
        break;
      case "Enter":
        if (focused >= 0) enter(focused);
        event.preventDefault();
        return;
      case " ":
        if (item) toggle(item);
        event.preventDefault();
        return;
      case "+":
      case "=":
        zoom(1.3);
        break;
      case "-":
        zoom(1 / 1.3);
        break;
      case "0":
      case "f":
        fit(true);
        break;
      case "Escape":
        choose(-1);
        break;
      default:
        return;
    }
    event.preventDefault();
    if (!item && event.key.startsWith("Arrow") && drawn.items.length) to = Math.max(0, drawn.items.findIndex((one) => !one.isOpen));
    if (to >= 0) choose(to, event.shiftKey && event.key.startsWith("Arrow"));
  };

  const local = (event: PointerEvent) => {
    const box = (event.currentTarget as HTMLElement).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const under = (point: { x: number; y: number }) => hit(drawn, view.current.x + point.x / view.current.k, view.current.y + point.y / view.current.k);
  const groups = useMemo(() => allGroups(root), [root]);

  return (
    <div class={`graph ${isSmall ? "small-graph" : ""}`}>
      <div class="graph-stage" style={isSmall ? { height: `${Math.min(400, Math.max(150, drawn.height + 100))}px` } : undefined}>
        <canvas
          ref={canvas} tabIndex={0} role="application" aria-label={`${label}. ${plural(drawn.items.length, "thing")} drawn. Arrow keys walk along the lines, Enter opens, plus and minus zoom, 0 fits.`}
          onKeyDown={onKey}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId);
            pointers.current.set(event.pointerId, local(event));
            moved.current = false;
          }}
          onPointerMove={(event) => {
            const point = local(event);
            const before = pointers.current.get(event.pointerId);
            if (!before) {
              const at = under(point);
              if (at !== hover) setHover(at);
              return;
            }
            const [dx, dy] = [point.x - before.x, point.y - before.y];
            if (!moved.current && Math.hypot(dx, dy) < 4) return;
            moved.current = true;
            if (pointers.current.size === 2) {
              const other = [...pointers.current].find(([id]) => id !== event.pointerId)?.[1];
              if (other) {
                const middle = { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 };
                zoom(Math.hypot(point.x - other.x, point.y - other.y) / Math.max(1, Math.hypot(before.x - other.x, before.y - other.y)), middle);
                view.current = { ...view.current, x: view.current.x - dx / 2 / view.current.k, y: view.current.y - dy / 2 / view.current.k };
              }
            } else view.current = { ...view.current, x: view.current.x - dx / view.current.k, y: view.current.y - dy / view.current.k };
            pointers.current.set(event.pointerId, point);
            redraw(true);
          }}
          onPointerUp={(event) => {
            pointers.current.delete(event.pointerId);
            if (moved.current || event.button !== 0) return;
            const at = under(local(event));
            const item = drawn.items[at];
            if (item?.group) toggle(item);
            else if (isSmall && item?.id !== undefined && event.detail < 2) enter(at);
            else choose(at, event.shiftKey);
          }}
          onPointerCancel={(event) => pointers.current.delete(event.pointerId)}
          onPointerLeave={() => setHover(-1)}
          onDblClick={(event) => {
            const box = event.currentTarget.getBoundingClientRect();
            const at = under({ x: event.clientX - box.left, y: event.clientY - box.top });
            if (drawn.items[at]?.id !== undefined) enter(at);
          }}
          data-hover={hover >= 0 ? "" : undefined}
        />
        <div class="graph-buttons" role="group" aria-label="View">
          {groups.length > 0 && !isSmall && <button type="button" onClick={() => setOpened({ root, open: new Set() })}>Fold all</button>}
          {groups.length > 0 && !isSmall && <button type="button" onClick={() => setOpened({ root, open: new Set(groups.map((group) => group.path)) })}>Unfold all</button>}
          <button type="button" aria-label="Zoom out" onClick={() => zoom(1 / 1.4)}>−</button>
          <button type="button" aria-label="Zoom in" onClick={() => zoom(1.4)}>+</button>
          <button type="button" onClick={() => fit(true)}>Fit</button>
        </div>
        <p class="sr" aria-live="polite">{said}</p>
      </div>
      {aside?.({ items: drawn.items, focus: focused, go: (at) => choose(at) })}
    </div>
  );
}

const ratio = (): number => Math.min(3, devicePixelRatio || 1);
