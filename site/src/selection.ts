import type { Detail, Entry, Id } from "./data";
import { isTest, type Project } from "./project";
import { Pattern } from "./pattern";

/** A selection that cannot be understood, or asks for what this page does not know; for people. */
export class BadSelection extends Error {}

/** Details are needed to answer: load them and ask again. */
export class NeedsDetails extends Error {}

type Test = (entry: Entry, id: Id) => boolean;

const unknown: Record<string, string> = {
  state: "compares with an earlier state of the project, which only the command line has",
  source_status: "compares with earlier freshness, which only the command line has",
  selector: "is written in selectors.yml, which this page does not have",
};

const methods = [
  "access", "config", "exposure", "file", "fqn", "function", "group", "metric", "package", "path", "resource_type",
  "result", "saved_query", "selector", "semantic_model", "source", "source_status", "state", "tag", "test_name",
  "test_type", "unit_test", "version",
];

const kinds: Record<string, string> = { sql_operation: "operation", data_test: "test" };

/**
 * The nodes that `--select` and `--exclude` mean, tests of them not among them unless they are named.
 * Nothing written selects all.
 *
 * @throws BadSelection, NeedsDetails
 */
export function select(project: Project, include: string, exclude = "", details?: Detail[]): Set<Id> {
  const all = () => new Set(project.nodes.flatMap((entry, id) => (entry.kind === "macro" || entry.kind === "group" ? [] : [id])));
  const chosen = include.trim() ? union(project, include, details) : all();
  if (exclude.trim()) for (const id of union(project, exclude, details)) chosen.delete(id);
  return chosen;
}

function union(project: Project, text: string, details?: Detail[]): Set<Id> {
  const chosen = new Set<Id>();
  for (const word of text.trim().split(/\s+/)) {
    let both: Set<Id> | undefined;
    for (const part of word.split(",")) {
      const found = criterion(project, part, details);
      both = both ? new Set([...both].filter((id) => found.has(id))) : found;
    }
    for (const id of both ?? []) chosen.add(id);
  }
  return chosen;
}

/** One word without space and comma: `2+tag:nightly+`. */
function criterion(project: Project, raw: string, details?: Detail[]): Set<Id> {
  let rest = raw;
  const isFamily = rest.startsWith("@");
  if (isFamily) rest = rest.slice(1);
  let up: number | undefined;
  let down: number | undefined;
  const before = /^(\d*)\+([\s\S]*)$/.exec(rest);
  if (before) {
    up = before[1] ? Number(before[1]) : Infinity;
    rest = before[2];
  }
  const after = /^([\s\S]*)\+(\d*)$/.exec(rest);
  if (after) {
    if (isFamily) {
      throw new BadSelection(`“${raw}” has both @ before and + after the name. @ already takes all that depends on it: leave out the +.`);
    }
    down = after[2] ? Number(after[2]) : Infinity;
    rest = after[1];
  }
  const split = /^([\p{L}\p{N}_.]+):([\s\S]*)$/u.exec(rest);
  const value = split ? split[2] : rest;
  if (!value) throw new BadSelection(`“${raw}” names nothing. Write a node’s name, or a method and a value: tag:nightly.`);
  const test = method(project, raw, split ? split[1] : guess(value), value, details);
  const named = new Set<Id>();
  project.nodes.forEach((entry, id) => {
    if (entry.kind !== "macro" && entry.kind !== "group" && test(entry, id)) named.add(id);
  });
  const chosen = new Set(named);
  const add = (ids: Iterable<Id>) => {
    for (const id of ids) chosen.add(id);
  };
  if (isFamily) {
    add(reach(project, named, "down"));
    add(reach(project, chosen, "up"));
  }
  if (up !== undefined) add(reach(project, named, "up", up));
  if (down !== undefined) add(reach(project, named, "down", down));
  return chosen;
}

/** What `start` needs (`up`) or what needs it (`down`), so many steps away, and `start` itself. */
export function reach(project: Project, start: Iterable<Id>, way: "up" | "down", depth = Infinity): Set<Id> {
  const found = new Set(start);
  let edge = [...found];
  for (let step = 0; step < depth && edge.length; step++) {
    const next: Id[] = [];
    for (const id of edge) {
      for (const other of way === "up" ? project.nodes[id].depends : project.used[id]) {
        if (found.has(other)) continue;
        found.add(other);
        next.push(other);
      }
    }
    edge = next;
  }
  return found;
}

/** The method of a value that stands alone, as dbt guesses it. */
function guess(value: string): string {
  if (/[/\\]/.test(value)) return "path";
  return /\.(sql|csv|py)$/i.test(value) ? "file" : "fqn";
}

function method(project: Project, raw: string, written: string, value: string, details?: Detail[]): Test {
  const dot = written.indexOf(".");
  const name = dot < 0 ? written : written.slice(0, dot);
  const keys = dot < 0 ? [] : written.slice(dot + 1).split(".");
  if (!methods.includes(name)) {
    throw new BadSelection(`“${name}” in “${raw}” is not a selection method. The methods are ${methods.join(", ")}.`);
  }
  if (name in unknown) throw new BadSelection(`This page cannot know “${name}:”: it ${unknown[name]}.`);
  if (name === "config") {
    if (!keys.length || keys.some((key) => !key)) {
      throw new BadSelection(`“${raw}” does not say which config it means. Write the key after a dot: config.materialized:table.`);
    }
    return config(keys, value, details);
  }
  if (keys.length) throw new BadSelection(`The method “${name}” in “${raw}” takes nothing after a dot; only config has keys.`);
  const pattern = new Pattern(value);
  switch (name) {
    case "access":
      return (entry) => entry.kind === "model" && (entry.access ?? "protected") === value;
    case "file":
      return (entry) => {
        const file = entry.path.slice(entry.path.lastIndexOf("/") + 1);
        return pattern.matches(file) || pattern.matches(file.replace(/\.[^.]*$/, ""));
      };
    case "fqn":
      return fqn(value);
    case "group":
      return (entry) => entry.group !== undefined && pattern.matches(entry.group);
    case "package":
      return (entry) => (value === "this" ? entry.package === project.index.project : pattern.matches(entry.package));
    case "path":
      return path(value, details);
    case "resource_type":
      return (entry) => entry.kind === (kinds[value] ?? value);
    case "result":
      return (entry) => entry.last?.[0] === value;
    case "source":
      return source(raw, value);
    case "tag":
      return (entry) => (entry.tags ?? []).some((tag) => pattern.matches(tag));
    case "test_name":
      return (entry) =>
        entry.kind === "unit_test" ? pattern.matches(entry.name)
        : entry.test !== undefined && (pattern.matches(entry.test) || pattern.matches(entry.test.replace(/^.*\./, "")));
    case "test_type":
      return testType(raw, value);
    case "version":
      return version(raw, value);
    default:
      return named(raw, name, value);
  }
}

function named(raw: string, kind: string, value: string): Test {
  const parts = value.split(".").map((part) => new Pattern(part));
  if (parts.length > 2) throw new BadSelection(`“${value}” in “${raw}” has more than two parts. Write ${kind}:name or ${kind}:package.name.`);
  const name = parts[parts.length - 1];
  return (entry) => entry.kind === kind && name.matches(entry.name) && (parts.length < 2 || parts[0].matches(entry.package));
}

function source(raw: string, value: string): Test {
  const parts = value.split(".").map((part) => new Pattern(part));
  if (parts.length > 3) {
    throw new BadSelection(`“${value}” in “${raw}” has more than three parts. Write source:name, source:name.table or source:package.name.table.`);
  }
  const [name, table, owner] = parts.length === 3 ? [parts[1], parts[2], parts[0]] : parts;
  return (entry) =>
    entry.kind === "source" && name.matches(entry.fqn.at(-2) ?? "")
    && (!table || table.matches(entry.name)) && (!owner || owner.matches(entry.package));
}

function testType(raw: string, value: string): Test {
  switch (value) {
    case "generic":
    case "schema":
      return (entry) => entry.kind === "test" && entry.test !== undefined;
    case "singular":
      return (entry) => entry.kind === "test" && entry.test === undefined;
    case "data":
      return (entry) => entry.kind === "test";
    case "unit":
      return (entry) => entry.kind === "unit_test";
    default:
      throw new BadSelection(`“${value}” in “${raw}” is not a kind of test. Write generic, singular, data or unit.`);
  }
}

function version(raw: string, value: string): Test {
  const isModel = (entry: Entry) => entry.kind === "model";
  switch (value) {
    case "latest":
      return (entry) => isModel(entry) && entry.is_latest === true;
    case "prerelease":
      return (entry) => isModel(entry) && entry.is_prerelease === true;
    case "old":
      return (entry) => isModel(entry) && entry.version !== undefined && !entry.is_latest && !entry.is_prerelease;
    case "none":
      return (entry) => isModel(entry) && entry.version === undefined;
    default:
      throw new BadSelection(`“${value}” in “${raw}” is not a kind of version. Write latest, prerelease, old or none.`);
  }
}

/** The end of a fully qualified name, or its beginning, with or without the package. */
function fqn(value: string): Test {
  const whole = new Pattern(value);
  const parts = value.split(".").map((part) => new Pattern(part));
  const begins = (names: string[]): boolean => {
    const segments = names.flatMap((name) => name.split("."));
    if (segments.length < parts.length) return false;
    for (let at = 0; at < parts.length; at++) {
      if (parts[at].hasWildcard) {
        const rest = parts.slice(at).map((part) => part.text).join(".");
        return new Pattern(rest).matches(segments.slice(at).join("."));
      }
      if (parts[at].text !== segments[at]) return false;
    }
    return true;
  };
  return (entry) => {
    if (entry.kind === "source") return false;
    if (entry.version !== undefined) {
      const { name } = entry;
      if ([name, `${name}.v${entry.version}`, `${name}_v${entry.version}`].includes(value)) return true;
    }
    return whole.matches(entry.fqn.at(-1) ?? entry.name) || begins(entry.fqn) || begins(entry.fqn.slice(1));
  };
}

/** Files, and all files of a folder; a wildcard stays within one folder, `**` is any number of them. */
function path(value: string, details?: Detail[]): Test {
  const segments = value.replaceAll("\\", "/").split("/").filter((segment) => segment && segment !== ".").map((segment) => new Pattern(segment));
  const fits = (pattern: Pattern[], rest: string[]): boolean => {
    if (!pattern.length) return !rest.length;
    const [first, ...others] = pattern;
    if (first.text === "**") return fits(others, rest) || (rest.length > 0 && fits(pattern, rest.slice(1)));
    return rest.length > 0 && first.matches(rest[0]) && fits(others, rest.slice(1));
  };
  // A properties file names what it describes, which only the details tell.
  if (/\.ya?ml$/i.test(value) && !details) throw new NeedsDetails();
  return (entry, id) => {
    const own = entry.path.split("/");
    for (let length = 1; length <= own.length; length++) if (fits(segments, own.slice(0, length))) return true;
    const patch = details?.[id]?.patch?.replace(/:\d+$/, "");
    return patch !== undefined && fits(segments, patch.split("/"));
  };
}

const hasConfig = new Set(["model", "seed", "snapshot", "analysis", "test", "source", "function"]);

function config(keys: string[], value: string, details?: Detail[]): Test {
  const is = (found: unknown): boolean => {
    if (typeof found === "string") return found === value || (keys[0] === "severity" && found.toLowerCase() === value.toLowerCase());
    if (typeof found === "boolean") return String(found) === value.toLowerCase();
    return typeof found === "number" && String(found) === value;
  };
  const known: Record<string, (entry: Entry) => unknown> = {
    materialized: (entry) => entry.materialized,
    tags: (entry) => entry.tags,
    group: (entry) => entry.group,
    access: (entry) => entry.access,
  };
  const quick = keys.length === 1 ? known[keys[0]] : undefined;
  if (!quick && !details) throw new NeedsDetails();
  return (entry, id) => {
    if (!hasConfig.has(entry.kind)) return false;
    let found: unknown = quick ? quick(entry) : details?.[id]?.config;
    if (!quick) for (const key of keys) found = (found as Record<string, unknown> | undefined | null)?.[key];
    return Array.isArray(found) ? found.some(is) : is(found);
  };
}

/** How many nodes, in words, and how many of them are tests. */
export function counted(project: Project, chosen: Set<Id>): { nodes: number; tests: number } {
  let tests = 0;
  for (const id of chosen) if (isTest(project.nodes[id])) tests += 1;
  return { nodes: chosen.size - tests, tests };
}
