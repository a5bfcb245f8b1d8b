/**
 * The data of the site: what `xform docs generate` writes and this app reads. This file is the
 * contract between the two; `src/docs/` of xform writes to it.
 *
 * The data come in parts, each a value of a type below, under a name:
 *
 * | part | type | when it is loaded |
 * |---|---|---|
 * | `index` | `Index` | at once |
 * | `nodes/0`, `nodes/1`, … | `Nodes` | when a node of the chunk is opened |
 * | `search/0`, … (`Index.searches` of them) | `Search` | when somebody begins to search |
 * | `lineage` | `Lineage` | when a column is asked for |
 * | `history` | `History` | by the health page |
 *
 * In a folder, the part `nodes/3` is the classic script `xform-docs/data/nodes/3.js`, which is
 * `xform.take("nodes/3",` the value as JSON `);`. In one file it is an element
 * `<script type="application/json" data-part="nodes/3">`, the value as JSON with `<` written as
 * `\u003c`; with the attribute `data-gzip`, the base64 of the gzip of the JSON. The elements stand
 * where `static.html` has `<!-- xform:parts -->`; app.css and app.js where it says so, for its policy
 * allows these very two. The title of both pages may be changed, nothing else.
 *
 * `docs serve` sends messages on `events`, the data of which is a `Standing`: at once, and
 * whenever it changes.
 *
 * Texts are as the project has them. A key whose value is undefined here is left out there.
 */

/** An index into `Index.nodes`. */
export type Id = number;

export type Kind =
  | "model" | "source" | "seed" | "snapshot" | "test" | "unit_test" | "exposure" | "metric"
  | "semantic_model" | "saved_query" | "macro" | "analysis" | "operation" | "function" | "group";

/** dbt's words. */
export type Status =
  | "pass" | "warn" | "fail" | "error" | "skipped" | "success" | "partial success" | "runtime error" | "no-op" | "reused";

export interface Index {
  format: 1;
  /** The version of xform. */
  xform: string;
  project: string;
  adapter: string;
  target: string;
  /** RFC 3339; so are all times. */
  generated_at: string;
  /** Whether templates are there; without, nothing is said of missing code. */
  has_code: boolean;
  is_compiled: boolean;
  /** Given by `docs serve`, which sends an event on `events` when the data have changed. */
  is_live: boolean;
  /** Markdown: the doc block `__overview__`, or the project's README, or ours. */
  overview: string;
  /** The blocks `__package__`. */
  packages: { name: string; overview: string }[];
  /** Sorted by unique id. Details of them are in the part `nodes/<floor(id / chunk)>`. */
  nodes: Entry[];
  chunk: number;
  /** How many parts `search/…` there are. */
  searches: number;
  groups: Record<string, { owner: string; email?: string }>;
  /** Invocations that ran nodes, newest first. */
  runs: Run[];
  /** What could not be found out, in words: no catalog, no warehouse. Shown on the overview. */
  notices?: string[];
}

export interface Entry {
  /** The unique id. */
  id: string;
  kind: Kind;
  /** As in SQL; of a source the table's name. */
  name: string;
  label?: string;
  package: string;
  /** The file, from the root of its package, with `/`. */
  path: string;
  /** From the package on; of a source the last two are the source's name and the table's. */
  fqn: string[];
  relation?: [database: string, schema: string, identifier: string];
  materialized?: string;
  tags?: string[];
  group?: string;
  access?: string;
  version?: string;
  /** Of a model with versions. */
  is_latest?: boolean;
  /** Of a model with versions that is newer than the latest. */
  is_prerelease?: true;
  language?: "python";
  /** The first paragraph of the description as plain text, up to 200 characters. */
  summary?: string;
  /** Nodes that it needs; of a macro nothing, what it calls is in its details. */
  depends: Id[];
  /** Of a test: the node that it tests, and the column if it tests one. */
  attached?: Id;
  column?: string;
  /** Of a generic test: what it calls, with the package where it has one (`dbt_utils.at_least_one`). */
  test?: string;
  columns?: [known: number, described: number, tested: number];
  /** Of the last run that it was in; `run` is an index into `Index.runs`, -1 for one that is no longer told of. */
  last?: [status: Status, seconds: number, run: number];
  freshness?: [
    status: "pass" | "warn" | "error" | "runtime error",
    snapshotted_at: string,
    max_loaded_at: string,
    age_seconds: number,
  ];
  /** `docs: {show: false}` */
  hidden?: true;
  /** `docs: {node_color: …}` */
  color?: string;
}

export interface Run {
  id: string;
  command: string;
  at: string;
  seconds: number;
  /** By status. */
  counts: Record<string, number>;
}

/** In order of `Index.nodes`, `Index.chunk` of them, fewer in the last. */
export interface Nodes {
  nodes: Detail[];
}

export interface Detail {
  /** Markdown */
  description?: string;
  columns?: Column[];
  code?: Code;
  compiled?: Code;
  meta?: unknown;
  /** The effective config, empty values left out. */
  config?: Record<string, unknown>;
  /** Where its properties are: `models/schema.yml:12`. */
  patch?: string;
  tests?: Id[];
  /** Macros that it calls. */
  macros?: Id[];
  /** Of a macro: who calls it. */
  called_by?: Id[];
  arguments?: { name: string; type?: string; description?: string }[];
  /** Out of the catalog. */
  stats?: { rows?: number; bytes?: number; owner?: string; comment?: string; kind?: string };
  /** Newest first. `run` is an index into `Index.runs`. */
  history?: [run: number, status: Status, seconds: number, failures: number | null, message: string | null][];
  constraints?: { type: string; text: string }[];
  exposure?: { type: string; url?: string; maturity?: string; owner: string; email?: string };
  /** Of a unit test: what each input holds and what should come out, a line a row. */
  unit?: { given: [input: string, rows: string][]; expect: string };
  /** What else a kind has to tell: a metric's type and expression, a source's loader, a snapshot's strategy. */
  facts?: [label: string, value: string][];
}

export interface Column {
  name: string;
  type?: string;
  /** Markdown */
  description?: string;
  /** Where the description is copied from. */
  inherited?: [node: Id, column: string];
  tests?: Id[];
  tags?: string[];
  meta?: unknown;
  constraints?: string[];
  is_key?: true;
  stats?: string;
}

/**
 * `marks` are flat fours: start, length (in UTF-16 units), kind, target; sorted, without overlap.
 * A kind is an index into `markKinds`; a target is an `Id`, -1 where there is none.
 */
export interface Code {
  text: string;
  marks: number[];
}

export const markKinds = ["", "keyword", "string", "number", "comment", "function", "jinja", "ref", "macro"] as const;

/** Column lineage of the whole project. */
export interface Lineage {
  /** By `Id`: the names of its columns; empty for what has none. */
  columns: string[][];
  /**
   * Flat fives: from node, from column, to node, to column, how. A column is an index into
   * `columns[node]`; -1 is the node as a whole: its rows where `how` is a filter, group or order,
   * and what reads without columns that are known (an exposure, a Python model). `how` is an index
   * into `hows`.
   */
  edges: number[];
}

/** The words of `xform lineage`, and `whole` for what reads a node as a whole. */
export const hows = ["copied", "renamed", "computed", "aggregated", "condition", "filter", "group", "order", "whole"] as const;

/** The first of `hows` that says what rows there are, not what a value is made of. */
export const firstRowHow = 5;

/** The names of columns, the description as plain text and the code, to be searched. About 1 MB a part. */
export interface Search {
  texts: [id: Id, columns: string, description: string, sql: string][];
}

/**
 * Of nodes that ran: a letter for each of `Index.runs`, newest first; see `historyLetters`.
 * Nodes of which nothing is known are left out.
 */
export interface History {
  nodes: [id: Id, letters: string][];
}

/** `-`: was not in that run. */
export const historyLetters: Record<string, Status | undefined> = {
  p: "pass", o: "success", w: "warn", f: "fail", e: "error", s: "skipped", "-": undefined,
};

export interface Parts {
  index: Index;
  lineage: Lineage;
  history: History;
  [nodes: `nodes/${number}`]: Nodes;
  [search: `search/${number}`]: Search;
}

/** What `docs serve` tells: when the site was made, and what is wrong with the project since. */
export interface Standing {
  generated_at: string;
  problem: string | null;
}
