import { firstRowHow, type Id, type Lineage } from "./data";

/** A column, or with column -1 a node as a whole. */
export interface Place {
  node: Id;
  column: number;
}

export interface Edge {
  from: Place;
  to: Place;
  how: number;
}

export interface Reached {
  place: Place;
  /** Steps away: negative is where it comes from, positive what it reaches. */
  distance: number;
}

const key = (node: Id, column: number): string => `${node}:${column}`;

/** Column lineage, both ways, ready to be asked. */
export class ColumnGraph {
  readonly #into = new Map<string, number[]>();
  readonly #outOf = new Map<string, number[]>();

  constructor(readonly lineage: Lineage) {
    const { edges } = lineage;
    for (let at = 0; at + 4 < edges.length; at += 5) {
      push(this.#outOf, key(edges[at], edges[at + 1]), at);
      push(this.#into, key(edges[at + 2], edges[at + 3]), at);
    }
  }

  /** Without regard to case where there is no column of that very name. */
  column(node: Id, name: string): number {
    const names = this.lineage.columns[node] ?? [];
    const exact = names.indexOf(name);
    return exact >= 0 ? exact : names.findIndex((one) => one.toLowerCase() === name.toLowerCase());
  }

  name(place: Place): string {
    return this.lineage.columns[place.node]?.[place.column] ?? "";
  }

  edge(at: number): Edge {
    const [from, fromColumn, to, toColumn, how] = this.lineage.edges.slice(at, at + 5);
    return { from: { node: from, column: fromColumn }, to: { node: to, column: toColumn }, how };
  }

  /** How many columns a column is made of, and how many things are made of it, at one step. */
  degree(place: Place): [into: number, outOf: number] {
    const id = key(place.node, place.column);
    const values = (list: number[] | undefined) => (list ?? []).filter((at) => !isRows(this.lineage.edges[at + 4])).length;
    return [values(this.#into.get(id)), values(this.#outOf.get(id))];
  }

  /**
   * What a column comes from and what it reaches. With `rows`, also columns that decide which rows its node, and each
   * on the way to it, has; and nodes whose rows it decides. From these it does not go on.
   */
  reach(start: Place, rows: boolean): { reached: Reached[]; edges: Edge[] } {
    const found = new Map<string, Reached>([[key(start.node, start.column), { place: start, distance: 0 }]]);
    const used = new Set<number>();
    for (const way of [-1, 1] as const) {
      let front: Place[] = [start];
      const later: Reached[] = [];
      for (let distance = way; front.length; distance += way) {
        const next: Place[] = [];
        for (const place of front) {
          const edges = (way < 0 ? this.#into : this.#outOf).get(key(place.node, place.column)) ?? [];
          const deciding = rows && way < 0 ? (this.#into.get(key(place.node, -1)) ?? []).filter((at) => isRows(this.lineage.edges[at + 4])) : [];
          for (const at of deciding) {
            const { from } = this.edge(at);
            used.add(at);
            if (!found.has(key(from.node, from.column))) later.push({ place: from, distance });
          }
          for (const at of edges) {
            const edge = this.edge(at);
            if (isRows(edge.how) && !rows) continue;
            used.add(at);
            const other = way < 0 ? edge.from : edge.to;
            const id = key(other.node, other.column);
            if (found.has(id)) continue;
            found.set(id, { place: other, distance });
            if (other.column >= 0) next.push(other);
          }
        }
        front = next;
      }
      for (const one of later) if (!found.has(key(one.place.node, one.place.column))) found.set(key(one.place.node, one.place.column), one);
    }
    return { reached: [...found.values()], edges: [...used].sort((one, other) => one - other).map((at) => this.edge(at)) };
  }
}

const isRows = (how: number): boolean => how >= firstRowHow && how < 8;

function push(map: Map<string, number[]>, key: string, value: number): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
