import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import type { Id, Kind } from "../data";
import { folders, isTest, kindOrder, kindWords, linkTo, title, type Project } from "../project";
import { Glyph, revealRow, useProject } from "./parts";

type Mode = "folder" | "package" | "database" | "tag";

const modes: [Mode, string][] = [["folder", "Folders"], ["package", "Packages"], ["database", "Database"], ["tag", "Tags"]];

interface Branch {
  key: string;
  label: string;
  kind?: Kind;
  id?: Id;
  children: Branch[];
  /** Nodes below. */
  count: number;
  /** The first of `kindOrder` that is below. */
  rank: number;
}

interface Row {
  branch: Branch;
  level: number;
  parent: number;
  position: number;
  siblings: number;
}

const collator = new Intl.Collator(undefined, { numeric: true });

/** The names under which a node stands; several for tags, none where it does not belong. */
function places(project: Project, id: Id, mode: Mode): string[][] {
  const entry = project.nodes[id];
  const isOwn = entry.package === project.index.project;
  // Tests of a column are told of on the page of what they test.
  if (entry.attached !== undefined || (isTest(entry) && mode !== "folder" && mode !== "package")) return [];
  switch (mode) {
    case "folder":
      return [[...(isOwn ? [] : [`package ${entry.package}`]), ...folders(entry)]];
    case "package":
      return [[entry.package, kindWords[entry.kind][1]]];
    case "database":
      return entry.relation ? [[entry.relation[0] || "default", entry.relation[1]]] : [];
    case "tag":
      return (entry.tags ?? []).map((tag) => [tag]);
  }
}

export function grow(project: Project, mode: Mode): Branch[] {
  const root: Branch = { key: "", label: "", children: [], count: 0, rank: 0 };
  const known = new Map<string, Branch>();
  project.nodes.forEach((entry, id) => {
    if (entry.hidden || entry.kind === "group") return;
    const rank = kindOrder.indexOf(entry.kind);
    for (const names of places(project, id, mode)) {
      let at = root;
      let key = mode as string;
      for (const label of names) {
        key += `/${label}`;
        let next = known.get(key);
        if (!next) {
          next = { key, label, children: [], count: 0, rank };
          known.set(key, next);
          at.children.push(next);
        }
        next.count += 1;
        next.rank = Math.min(next.rank, rank);
        at = next;
      }
      const label = mode === "database" ? entry.relation?.[2] ?? entry.name : entry.kind === "source" && mode === "folder" ? entry.name : title(entry);
      at.children.push({ key: `${key}#${id}`, label, kind: entry.kind, id, children: [], count: 0, rank });
    }
  });
  // Models before macros: on top what people look for, in the order of the kinds.
  const isByKind = (branch: Branch) => (mode === "folder" && branch === root) || mode === "package";
  const sort = (branch: Branch) => {
    branch.children.sort((one, other) => {
      if ((one.id === undefined) !== (other.id === undefined)) return one.id === undefined ? -1 : 1;
      const order = one.id === undefined && isByKind(branch) ? one.rank - other.rank : 0;
      return order || collator.compare(one.label, other.label);
    });
    branch.children.forEach(sort);
  };
  sort(root);
  return root.children;
}

const rowHeight = 28;

/** A tree as WAI-ARIA describes it. Only the rows in sight are in the page; the focus stays on the tree itself. */
export function Tree({ current, onGo }: { current: Id | undefined; onGo: () => void }) {
  const project = useProject();
  const [mode, setMode] = useState<Mode>("folder");
  const [open, setOpen] = useState(new Set<string>());
  const [active, setActive] = useState("");
  const [filter, setFilter] = useState("");
  const [top, setTop] = useState(0);
  const [height, setHeight] = useState(700);
  const box = useRef<HTMLDivElement>(null);
  const typed = useRef({ text: "", at: 0 });
  const roots = useMemo(() => grow(project, mode), [project, mode]);

  const shown = useMemo(() => {
    const wanted = filter.normalize("NFC").trim().toLowerCase();
    if (!wanted) return roots;
    const prune = (branch: Branch): Branch | undefined => {
      const isHit = branch.label.toLowerCase().includes(wanted);
      if (branch.id !== undefined) return isHit ? branch : undefined;
      const children = isHit ? branch.children : branch.children.flatMap((child) => prune(child) ?? []);
      return children.length ? { ...branch, children } : undefined;
    };
    return roots.flatMap((branch) => prune(branch) ?? []);
  }, [roots, filter]);

  const rows = useMemo(() => {
    const list: Row[] = [];
    const isAll = filter.trim() !== "";
    const walk = (branches: Branch[], level: number, parent: number) => {
      branches.forEach((branch, at) => {
        const row = list.length;
        list.push({ branch, level, parent, position: at + 1, siblings: branches.length });
        if (branch.id === undefined && (isAll ? list.length < 4000 : open.has(branch.key))) walk(branch.children, level + 1, row);
      });
    };
    walk(shown, 1, -1);
    return list;
  }, [shown, open, filter]);

  // A small tree begins open, a large one at its first folders.
  useEffect(() => {
    const first = new Set<string>();
    let seen = roots.length;
    let level = roots;
    while (level.length && seen < 60) {
      const next: Branch[] = [];
      for (const branch of level) {
        if (branch.id !== undefined || seen + branch.children.length > 60) continue;
        seen += branch.children.length;
        first.add(branch.key);
        next.push(...branch.children);
      }
      level = next;
    }
    setOpen(first);
  }, [mode, project.index.project]);

  // The node of the page is shown in the tree.
  useEffect(() => {
    if (current === undefined) return;
    const path = (branches: Branch[]): Branch[] | undefined => {
      for (const branch of branches) {
        if (branch.id === current) return [branch];
        const rest = branch.id === undefined && path(branch.children);
        if (rest) return [branch, ...rest];
      }
      return undefined;
    };
    const found = path(roots);
    if (!found) return;
    setOpen((before) => new Set([...before, ...found.slice(0, -1).map((branch) => branch.key)]));
    setActive(found[found.length - 1].key);
  }, [current, roots]);

  const activeRow = Math.max(0, rows.findIndex((row) => row.branch.key === active));
  useEffect(() => {
    if (box.current && active) revealRow(box.current, activeRow, rowHeight);
  }, [active, rows.length]);

  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setHeight(element.clientHeight));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  const toggle = (branch: Branch, isOpen?: boolean) => {
    const next = new Set(open);
    if (isOpen ?? !next.has(branch.key)) next.add(branch.key);
    else next.delete(branch.key);
    setOpen(next);
  };
  const go = (row: Row) => {
    setActive(row.branch.key);
    if (row.branch.id === undefined) toggle(row.branch);
    else {
      location.hash = linkTo(project.nodes[row.branch.id]);
      onGo();
    }
  };
  const isOpenRow = (row: Row) => row.branch.id === undefined && (filter.trim() !== "" || open.has(row.branch.key));

  const onKey = (event: KeyboardEvent) => {
    const row = rows[activeRow];
    if (!row || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const move = (to: number) => rows[to] && setActive(rows[to].branch.key);
    switch (event.key) {
      case "ArrowDown":
        move(active ? Math.min(rows.length - 1, activeRow + 1) : 0);
        break;
      case "ArrowUp":
        move(Math.max(0, activeRow - 1));
        break;
      case "Home":
        move(0);
        break;
      case "End":
        move(rows.length - 1);
        break;
      case "ArrowRight":
        if (row.branch.id !== undefined) return;
        if (isOpenRow(row)) move(activeRow + 1);
        else toggle(row.branch, true);
        break;
      case "ArrowLeft":
        if (isOpenRow(row) && !filter.trim()) toggle(row.branch, false);
        else move(row.parent);
        break;
      case "Enter":
      case " ":
        go(row);
        break;
      case "*": {
        const siblings = rows.filter((one) => one.parent === row.parent && one.branch.id === undefined);
        setOpen(new Set([...open, ...siblings.map((one) => one.branch.key)]));
        break;
      }
      default: {
        if ([...event.key].length !== 1 || event.key === "/") return;
        const now = event.timeStamp;
        typed.current = { text: (now - typed.current.at < 800 ? typed.current.text : "") + event.key.toLowerCase(), at: now };
        const { text } = typed.current;
        const start = text.length > 1 ? activeRow : activeRow + 1;
        for (let step = 0; step < rows.length; step++) {
          const at = (start + step) % rows.length;
          if (rows[at].branch.label.toLowerCase().startsWith(text)) {
            move(at);
            break;
          }
        }
      }
    }
    event.preventDefault();
  };

  const first = Math.max(0, Math.floor(top / rowHeight) - 10);
  const last = Math.min(rows.length, Math.ceil((top + height) / rowHeight) + 10);
  return (
    <div class="tree">
      <div class="tree-head">
        <div class="segments" role="group" aria-label="Arrange the tree by">
          {modes.map(([value, label]) => (
            <button key={value} type="button" aria-pressed={mode === value} onClick={() => setMode(value)}>{label}</button>
          ))}
        </div>
        <input type="search" placeholder="Filter the tree" aria-label="Filter the tree" value={filter} onInput={(event) => setFilter(event.currentTarget.value)} />
      </div>
      <div
        ref={box} class="tree-rows" role="tree" aria-label="Nodes of the project" tabIndex={0}
        aria-activedescendant={rows[activeRow] && activeRow >= first && activeRow < last ? `tree-${activeRow}` : undefined}
        onKeyDown={onKey} onScroll={(event) => setTop(event.currentTarget.scrollTop)}
        onFocus={() => !active && rows[0] && setActive(rows[0].branch.key)}
      >
        <div class="sizer" role="presentation" style={{ height: `${rows.length * rowHeight}px` }} />
        {rows.slice(first, last).map((row, step) => {
          const at = first + step;
          const { branch } = row;
          const isBranch = branch.id === undefined;
          return (
            <div
              key={branch.key} id={`tree-${at}`} role="treeitem" class={`tree-row ${at === activeRow && active ? "active" : ""}`}
              aria-level={row.level} aria-posinset={row.position} aria-setsize={row.siblings}
              aria-expanded={isBranch ? isOpenRow(row) : undefined} aria-selected={branch.id !== undefined && branch.id === current}
              style={{ transform: `translateY(${at * rowHeight}px)`, paddingInlineStart: `${8 + (row.level - 1) * 14}px` }}
              onClick={() => go(row)}
            >
              {isBranch ? <span class={`twist ${isOpenRow(row) ? "open" : ""}`} aria-hidden="true" /> : <Glyph kind={branch.kind as Kind} />}
              <span class="label" dir="auto" title={branch.label}>{branch.label}</span>
              {isBranch ? <span class="count">{branch.count}</span> : <span class="sr"> {kindWords[branch.kind as Kind][0]}</span>}
            </div>
          );
        })}
        {!rows.length && <p class="empty">{filter ? "Nothing has that in its name." : mode === "tag" ? "No node has a tag." : "There is nothing here."}</p>}
      </div>
    </div>
  );
}
