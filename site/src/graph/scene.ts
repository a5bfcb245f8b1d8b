import type { Entry, Id } from "../data";
import { folders, isInGraph, isTest, title, type Project } from "../project";
import { layered, type Size } from "./layers";

export type Grouping = "folder" | "package" | "schema" | "none";

export interface Group {
  /** Unique in its tree; "" is the root. */
  path: string;
  name: string;
  groups: Group[];
  nodes: Id[];
  /** Nodes in it and in the groups in it. */
  count: number;
}

/** Something that is drawn: a node, a folded group, or the box around an open one. */
export interface Item extends Size {
  x: number;
  y: number;
  depth: number;
  id?: Id;
  group?: Group;
  isOpen?: boolean;
  label: string;
}

export interface Link {
  /** Indexes into `items`. */
  from: number;
  to: number;
  /** How many edges of the project it stands for. */
  count: number;
  /** Points on the way, x and y in turn. */
  route?: number[];
}

export interface Scene extends Size {
  /** Boxes before what is in them. */
  items: Item[];
  links: Link[];
  /** Of each node that is asked for: the item that stands for it. */
  itemOf: Map<Id, number>;
}

const foldedCard: Size = { width: 184, height: 42 };

/** Cards as wide as nine names of ten need; the names are drawn with 13 pixels, somewhat more when all is small. */
function cardOf(labels: string[]): Size {
  const widths = labels.map((label) => {
    let width = 48;
    for (const letter of label) width += (letter.codePointAt(0) as number) < 0x1100 ? 8 : 15;
    return width;
  });
  widths.sort((one, other) => one - other);
  const width = widths[Math.floor((widths.length - 1) * 0.9)] ?? 0;
  return { width: Math.round(Math.min(260, Math.max(150, width))), height: 30 };
}
const padding = 16;
const header = 30;

const collator = new Intl.Collator(undefined, { numeric: true });

/** The ids that can be drawn, of those chosen. */
export function drawable(project: Project, chosen: Iterable<Id>, withTests: boolean): Id[] {
  return [...chosen].filter((id) => isInGraph(project.nodes[id]) || (withTests && isTest(project.nodes[id])));
}

function placeOf(project: Project, entry: Entry, by: Grouping): string[] {
  const owner = entry.package === project.index.project ? [] : [`package ${entry.package}`];
  switch (by) {
    case "folder":
      return [...owner, ...folders(entry)];
    case "package":
      return [entry.package];
    case "schema":
      return entry.relation ? [entry.relation.slice(0, 2).join(".")] : ["no relation"];
    case "none":
      return [];
  }
}

/** Groups in groups; a group that has nothing but one group in it is joined with it. */
export function grouped(project: Project, ids: Id[], by: Grouping): Group {
  const root: Group = { path: "", name: "", groups: [], nodes: [], count: 0 };
  const known = new Map<string, Group>([["", root]]);
  for (const id of ids) {
    let at = root;
    let path = "";
    at.count += 1;
    for (const name of placeOf(project, project.nodes[id], by)) {
      path += `/${name}`;
      let next = known.get(path);
      if (!next) {
        next = { path, name, groups: [], nodes: [], count: 0 };
        known.set(path, next);
        at.groups.push(next);
      }
      next.count += 1;
      at = next;
    }
    at.nodes.push(id);
  }
  const tidy = (group: Group): Group => {
    group.groups = group.groups.map(tidy).sort((one, other) => collator.compare(one.name, other.name));
    group.nodes.sort((one, other) => collator.compare(project.nodes[one].name, project.nodes[other].name));
    const [only] = group.groups;
    if (group.path && group.groups.length === 1 && !group.nodes.length) return { ...only, name: `${group.name}/${only.name}` };
    return group;
  };
  return tidy(root);
}

/** Groups to open at first: from the outside in, small ones first, while not more than `limit` things are seen. */
export function openAtFirst(root: Group, limit: number): Set<string> {
  const open = new Set<string>();
  let seen = root.groups.length + root.nodes.length;
  const inside = (group: Group) => group.groups.length + group.nodes.length;
  let level = root.groups;
  while (level.length) {
    const next: Group[] = [];
    for (const group of [...level].sort((one, other) => inside(one) - inside(other))) {
      if (seen + inside(group) - 1 > limit) continue;
      seen += inside(group) - 1;
      open.add(group.path);
      next.push(...group.groups);
    }
    level = next;
  }
  return open;
}

export function allGroups(root: Group): Group[] {
  return root.groups.flatMap((group) => [group, ...allGroups(group)]);
}

/** Where everything is. `open` has the paths of groups that are unfolded. */
export function scene(project: Project, ids: Id[], root: Group, open: Set<string>): Scene {
  interface Level {
    group: Group;
    parent?: Level;
    depth: number;
    /** Its place among the children of its parent. */
    index: number;
    children: (Level | Id | Group)[];
    edges: Map<string, [from: number, to: number, project: number]>;
  }
  // What stands for a node: the level it is in, and its place there.
  const where = new Map<Id, [level: Level, index: number]>();
  const levels: Level[] = [];
  const fill = (group: Group, level: Level, index: number) => {
    for (const id of group.nodes) where.set(id, [level, index]);
    for (const inner of group.groups) fill(inner, level, index);
  };
  const make = (group: Group, depth: number, parent: Level | undefined, index: number): Level => {
    const level: Level = { group, parent, depth, index, children: [], edges: new Map() };
    levels.push(level);
    for (const inner of group.groups) {
      const at = level.children.length;
      if (open.has(inner.path)) level.children.push(make(inner, depth + 1, level, at));
      else {
        level.children.push(inner);
        fill(inner, level, at);
      }
    }
    for (const id of group.nodes) {
      where.set(id, [level, level.children.length]);
      level.children.push(id);
    }
    return level;
  };
  const top = make(root, 0, undefined, 0);

  // Each edge belongs to the level where its ends part.
  const wanted = new Set(ids);
  const standIn = new Map<Level, number[]>();
  let serial = 0;
  for (const level of levels) standIn.set(level, level.children.map(() => serial++));
  const drawn: { from: [Level, number]; to: [Level, number]; count: number; level: Level; key: string }[] = [];
  const byPair = new Map<number, number>();
  const connect = (from: Id, to: Id) => {
    const [a, b] = [where.get(from), where.get(to)];
    if (!a || !b) return;
    const one = (standIn.get(a[0]) as number[])[a[1]];
    const other = (standIn.get(b[0]) as number[])[b[1]];
    if (one === other) return;
    const pair = one * (serial + 1) + other;
    const known = byPair.get(pair);
    if (known !== undefined) {
      drawn[known].count += 1;
      return;
    }
    let [left, leftAt]: [Level, number] = a;
    let [right, rightAt]: [Level, number] = b;
    while (left !== right) {
      if (left.depth >= right.depth) [left, leftAt] = [left.parent as Level, left.index];
      else [right, rightAt] = [right.parent as Level, right.index];
    }
    const key = `${leftAt}>${rightAt}`;
    byPair.set(pair, drawn.length);
    if (!left.edges.has(key)) left.edges.set(key, [leftAt, rightAt, drawn.length]);
    drawn.push({ from: a, to: b, count: 1, level: left, key });
  };
  for (const id of ids) {
    for (const parent of project.nodes[id].depends) if (wanted.has(parent)) connect(parent, id);
  }

  // From the inside out: the size of a box is that of what is in it.
  const card = cardOf(ids.map((id) => nodeTitle(project.nodes[id])));
  const layouts = new Map<Level, ReturnType<typeof layered> & { sizes: Size[]; number: Map<string, number> }>();
  const measure = (level: Level): Size => {
    const sizes = level.children.map((child): Size => {
      if (typeof child === "number") return card;
      if (!("children" in child)) return foldedCard;
      const inner = measure(child);
      return { width: Math.max(inner.width + padding * 2, 180), height: inner.height + padding + header };
    });
    const order = [...level.edges.keys()];
    const layout = layered(sizes, order.map((key) => (level.edges.get(key) as [number, number, number]).slice(0, 2) as [number, number]), {
      gapX: level.depth ? 44 : 52,
      gapY: level.depth ? 10 : 16,
    });
    layouts.set(level, { ...layout, sizes, number: new Map(order.map((key, at) => [key, at])) });
    return layout;
  };
  const whole = measure(top);

  const items: Item[] = [];
  const itemOf = new Map<Id, number>();
  const itemAt = new Map<Level, number[]>();
  const origin = new Map<Level, [number, number]>();
  const put = (level: Level, x: number, y: number) => {
    const layout = layouts.get(level) as ReturnType<typeof layered> & { sizes: Size[] };
    origin.set(level, [x, y]);
    const places: number[] = [];
    itemAt.set(level, places);
    // From left to right, as they are listed beside the picture.
    const order = level.children.map((_, at) => at).sort((one, other) => layout.x[one] - layout.x[other] || layout.y[one] - layout.y[other]);
    for (const at of order) {
      const child = level.children[at];
      const box = { ...layout.sizes[at], x: x + layout.x[at], y: y + layout.y[at], depth: level.depth };
      places[at] = items.length;
      if (typeof child === "number") items.push({ ...box, id: child, label: nodeTitle(project.nodes[child]) });
      else if ("children" in child) {
        items.push({ ...box, group: child.group, isOpen: true, label: child.group.name });
        put(child, box.x + padding, box.y + header);
      } else items.push({ ...box, group: child, label: child.name });
    }
  };
  put(top, 0, 0);
  for (const [id, [level, at]] of where) itemOf.set(id, (itemAt.get(level) as number[])[at]);

  const links = drawn.map(({ from, to, count, level, key }): Link => {
    const link: Link = { from: (itemAt.get(from[0]) as number[])[from[1]], to: (itemAt.get(to[0]) as number[])[to[1]], count };
    const layout = layouts.get(level) as ReturnType<typeof layered> & { number: Map<string, number> };
    if (layout.routes.size) {
      const route = layout.routes.get(layout.number.get(key) ?? -1);
      const [x, y] = origin.get(level) as [number, number];
      if (route) link.route = route.map((value, at) => value + (at % 2 ? y : x));
    }
    return link;
  });
  return { items, links, itemOf, width: whole.width, height: whole.height };
}

const nodeTitle = (entry: Entry): string => (entry.kind === "exposure" || entry.kind === "metric" ? entry.label ?? entry.name : title(entry));

/** Items that are before and after an item, along the links. */
export function family(scene: Scene, item: number): Set<number> {
  const found = new Set([item]);
  for (const way of [0, 1]) {
    const next = new Map<number, number[]>();
    for (const { from, to } of scene.links) {
      const [a, b] = way ? [from, to] : [to, from];
      const list = next.get(a);
      if (list) list.push(b);
      else next.set(a, [b]);
    }
    const seen = new Set([item]);
    const stack = [item];
    while (stack.length) {
      for (const other of next.get(stack.pop() as number) ?? []) {
        if (seen.has(other)) continue;
        seen.add(other);
        stack.push(other);
      }
    }
    for (const one of seen) found.add(one);
  }
  return found;
}

/** Items on ways from one item to another, in either direction; empty where there is none. */
export function between(scene: Scene, one: number, other: number): Set<number> {
  const after = (start: number, isForward: boolean): Set<number> => {
    const next = new Map<number, number[]>();
    for (const { from, to } of scene.links) {
      const [a, b] = isForward ? [from, to] : [to, from];
      (next.get(a) ?? next.set(a, []).get(a))?.push(b);
    }
    const seen = new Set([start]);
    const stack = [start];
    while (stack.length) {
      for (const step of next.get(stack.pop() as number) ?? []) {
        if (!seen.has(step)) {
          seen.add(step);
          stack.push(step);
        }
      }
    }
    return seen;
  };
  for (const [start, end] of [[one, other], [other, one]]) {
    const down = after(start, true);
    if (!down.has(end)) continue;
    const up = after(end, false);
    return new Set([...down].filter((item) => up.has(item)));
  }
  return new Set();
}
