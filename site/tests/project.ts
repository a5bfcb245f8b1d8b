import type { Entry, Index, Kind } from "../src/data";
import { Project } from "../src/project";

/** An entry with what a test does not care about filled in. */
export function entry(kind: Kind, name: string, more: Partial<Entry> = {}): Entry {
  const { package: owner = "shop" } = more;
  return { id: `${kind}.${owner}.${name}`, kind, name, package: owner, path: `models/${name}.sql`, fqn: [owner, name], depends: [], ...more };
}

/** A project of these entries; `needs` has names of parents by name. */
export function project(entries: Entry[], needs: Record<string, string[]> = {}): Project {
  const index: Index = {
    format: 1, xform: "0", project: "shop", adapter: "duckdb", target: "dev", generated_at: "2026-01-01T00:00:00Z", has_code: true, is_compiled: true,
    is_live: false, overview: "", packages: [], nodes: entries, chunk: 64, searches: 0, groups: {}, runs: [],
  };
  const at = (name: string) => entries.findIndex((one) => one.name === name);
  for (const [name, parents] of Object.entries(needs)) entries[at(name)].depends = parents.map(at);
  return new Project(index);
}
