import type { Entry, History, Id, Status } from "./data";
import { folders, isTest, type Project } from "./project";

const bad = new Set<Status>(["fail", "error", "runtime error"]);

export const isBad = (status: Status | undefined): boolean => status !== undefined && bad.has(status);

/** How a status is shown. */
export function tone(status: Status | undefined): "good" | "warn" | "bad" | "idle" {
  if (status === undefined || status === "skipped" || status === "no-op" || status === "reused") return "idle";
  if (isBad(status)) return "bad";
  return status === "warn" || status === "partial success" ? "warn" : "good";
}

export interface Coverage {
  /** Folder, with the package before it where that is not the project's own. */
  place: string;
  models: number;
  tested: number;
  described: number;
  columns: number;
  describedColumns: number;
}

/** Whether tests say something of it. */
const isTested = (project: Project, id: Id): boolean => (project.tests.get(id)?.length ?? 0) > 0;

/** Models, seeds, snapshots and sources, by place; the first is of all. */
export function coverage(project: Project): Coverage[] {
  const blank = (place: string): Coverage => ({ place, models: 0, tested: 0, described: 0, columns: 0, describedColumns: 0 });
  const all = blank("");
  const places = new Map<string, Coverage>();
  project.nodes.forEach((entry, id) => {
    if (!["model", "seed", "snapshot", "source"].includes(entry.kind) || entry.package !== project.index.project) return;
    const place = folders(entry).join("/") || entry.package;
    let row = places.get(place);
    if (!row) places.set(place, (row = blank(place)));
    for (const sum of [all, row]) {
      sum.models += 1;
      sum.tested += Number(isTested(project, id));
      sum.described += Number(Boolean(entry.summary));
      sum.columns += entry.columns?.[0] ?? 0;
      sum.describedColumns += entry.columns?.[1] ?? 0;
    }
  });
  return [all, ...[...places.values()].sort((one, other) => one.place.localeCompare(other.place))];
}

export interface Gap {
  id: Id;
  /** How many nodes other than tests use it: what is used most is worth describing first. */
  users: number;
  hasDescription: boolean;
  missing: number;
  columns: number;
  isTested: boolean;
}

/** What has no description, undescribed columns or no test; the most used first. */
export function gaps(project: Project): Gap[] {
  const found: Gap[] = [];
  project.nodes.forEach((entry, id) => {
    if (!["model", "seed", "snapshot", "source"].includes(entry.kind) || entry.package !== project.index.project) return;
    const [columns, described] = entry.columns ?? [0, 0];
    const gap: Gap = {
      id,
      users: project.used[id].filter((user) => !isTest(project.nodes[user])).length,
      hasDescription: Boolean(entry.summary),
      missing: columns - described,
      columns,
      isTested: isTested(project, id),
    };
    if (!gap.hasDescription || gap.missing || !gap.isTested) found.push(gap);
  });
  return found.sort((one, other) => other.users - one.users || other.missing - one.missing || one.id - other.id);
}

export interface Flaky {
  id: Id;
  /** How often it went from good to bad or back. */
  turns: number;
  bad: number;
  runs: number;
  letters: string;
}

/**
 * Tests and nodes that failed and recovered without staying so: at least two turns. Runs that it was not in, or in
 * which it was skipped, say nothing.
 */
export function flaky(history: History): Flaky[] {
  const found: Flaky[] = [];
  for (const [id, letters] of history.nodes) {
    const told = [...letters].filter((letter) => "powfe".includes(letter)).map((letter) => letter === "f" || letter === "e");
    let turns = 0;
    for (let at = 1; at < told.length; at++) turns += Number(told[at] !== told[at - 1]);
    if (turns < 2) continue;
    found.push({ id, turns, bad: told.filter(Boolean).length, runs: told.length, letters });
  }
  return found.sort((one, other) => other.turns / other.runs - one.turns / one.runs || other.bad - one.bad || one.id - other.id);
}

/** How many runs in a row, the newest first, it has been failing. */
export function failingFor(letters: string): number {
  let count = 0;
  for (const letter of letters) {
    if (letter === "f" || letter === "e") count += 1;
    else if (letter !== "-" && letter !== "s") break;
  }
  return count;
}

/** Nodes by the time of their last run, slowest first. */
export function slowest(project: Project, count: number): Id[] {
  const ids = project.nodes.flatMap((entry, id) => (entry.last && entry.last[1] > 0 && !isTest(entry) ? [id] : []));
  const seconds = (id: Id) => project.nodes[id].last?.[1] ?? 0;
  return ids.sort((one, other) => seconds(other) - seconds(one)).slice(0, count);
}

/** Nodes and tests that did not end well when they last ran, the worst first. */
export function failing(project: Project): Id[] {
  const rank = (entry: Entry) => ({ bad: 0, warn: 1, good: 2, idle: 3 })[tone(entry.last?.[0])];
  const ids = project.nodes.flatMap((entry, id) => (rank(entry) < 2 ? [id] : []));
  return ids.sort((one, other) => rank(project.nodes[one]) - rank(project.nodes[other]) || one - other);
}
