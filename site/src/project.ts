import type { Detail, Entry, Id, Index, Kind } from "./data";
import { load } from "./load";

/** The words for a kind, one and many. */
export const kindWords: Record<Kind, [one: string, many: string]> = {
  model: ["model", "models"],
  source: ["source", "sources"],
  seed: ["seed", "seeds"],
  snapshot: ["snapshot", "snapshots"],
  test: ["test", "tests"],
  unit_test: ["unit test", "unit tests"],
  exposure: ["exposure", "exposures"],
  metric: ["metric", "metrics"],
  semantic_model: ["semantic model", "semantic models"],
  saved_query: ["saved query", "saved queries"],
  macro: ["macro", "macros"],
  analysis: ["analysis", "analyses"],
  operation: ["operation", "operations"],
  function: ["function", "functions"],
  group: ["group", "groups"],
};

/** The order in which kinds are listed. */
export const kindOrder = Object.keys(kindWords) as Kind[];

export const isTest = (entry: Entry): boolean => entry.kind === "test" || entry.kind === "unit_test";

/** Kinds that stand in the graph unless tests are asked for. */
export const isInGraph = (entry: Entry): boolean =>
  !isTest(entry) && entry.kind !== "macro" && entry.kind !== "operation" && entry.kind !== "group";

/** Kinds that have a file of their own. */
const madeOfFile = new Set<Kind>(["model", "seed", "analysis"]);

/** The index, and what follows from it. */
export class Project {
  readonly nodes: Entry[];
  readonly #ids = new Map<string, Id>();
  #files?: Map<string, Id>;
  /** By id: who needs it, tests among them. */
  readonly used: Id[][];
  /** By id: tests that are attached to it. */
  readonly tests: Map<Id, Id[]> = new Map();

  constructor(readonly index: Index) {
    this.nodes = index.nodes;
    this.used = this.nodes.map(() => []);
    this.nodes.forEach((entry, id) => {
      this.#ids.set(entry.id, id);
      for (const parent of entry.depends) this.used[parent]?.push(id);
      if (entry.attached !== undefined) {
        const tests = this.tests.get(entry.attached);
        if (tests) tests.push(id);
        else this.tests.set(entry.attached, [id]);
      }
    });
  }

  /** By unique id. */
  find(unique: string): Id | undefined {
    return this.#ids.get(unique);
  }

  /** The node that a file of the project makes, where it makes one. */
  ofFile(path: string): Id | undefined {
    this.#files ??= new Map(this.nodes.flatMap((entry, id) => (madeOfFile.has(entry.kind) && entry.package === this.index.project ? [[entry.path, id]] : [])));
    return this.#files.get(path);
  }

  async detail(id: Id): Promise<Detail> {
    const { chunk } = this.index;
    const part = await load(`nodes/${Math.floor(id / chunk)}`);
    return part.nodes[id % chunk] ?? {};
  }

  /** Details of all, in order. */
  async details(): Promise<Detail[]> {
    const count = Math.ceil(this.nodes.length / this.index.chunk);
    const parts = await Promise.all(Array.from({ length: count }, (_, at) => load(`nodes/${at}`)));
    return parts.flatMap((part) => part.nodes);
  }
}

/** What people call it: a source by its source's name too, a model by its version. */
export function title(entry: Entry): string {
  if (entry.kind === "source") return `${entry.fqn.at(-2)}.${entry.name}`;
  if (entry.version !== undefined) return `${entry.name}.v${entry.version}`;
  return entry.name;
}

/** A short name of a test on the page of what it tests: `unique`, `accepted_values`. */
export function testTitle(entry: Entry): string {
  return entry.test ?? entry.name;
}

/** The folders it is in, from the package's root; sources are in a folder of their source. */
export function folders(entry: Entry): string[] {
  if (entry.kind === "source") return ["sources", entry.fqn.at(-2) ?? ""];
  return entry.path.split("/").slice(0, -1);
}

/** The address of its page, as dbt's site has it. */
export const linkTo = (entry: Entry): string => `#!/${entry.kind}/${encodeURIComponent(entry.id)}`;

export const columnLink = (entry: Entry, column: string): string =>
  `#!/lineage/${encodeURIComponent(entry.id)}/${encodeURIComponent(column)}`;
