import type { Entry, Id, Kind, Search } from "./data";
import { title } from "./project";

export type Field = "name" | "columns" | "about" | "description" | "sql";

export interface Hit {
  id: Id;
  score: number;
  /** Where the words were found, each once, the best first. */
  fields: Field[];
}

export interface Found {
  hits: Hit[];
  /** How many there are of each kind, and in all. */
  kinds: Partial<Record<Kind, number>>;
  total: number;
}

/** A stretch of text, marked or not. */
export type Piece = [text: string, isMarked: boolean];

/**
 * What a hit is worth: by field, and in it whether the word is all of it (or of one of its words),
 * begins it, begins a word of it, or is only inside. The fields are tried in this order and the first
 * that has the word counts, so each is worth less than any before it.
 */
const worth: Record<Field, [exact: number, prefix: number, word: number, part: number]> = {
  name: [100, 80, 62, 44],
  columns: [40, 34, 30, 24],
  about: [22, 20, 19, 17],
  description: [16, 14, 13, 10],
  sql: [8, 7, 6, 4],
};

const fields = Object.keys(worth) as Field[];

/** Added for a kind: people look for models, and tests repeat the names of what they test. */
const kindWorth: Partial<Record<Kind, number>> = { model: 4, source: 3, seed: 3, snapshot: 3, exposure: 3, metric: 3, macro: -4 };

/** As texts are compared: composed, in small letters. */
export const fold = (text: string): string => text.normalize("NFC").toLowerCase();

/** Whether a single character is worth looking for in long texts: a syllable or an ideograph is. */
const isWide = (word: string): boolean => /[\p{Script=Hangul}\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(word);

const isWordLetter = (code: number): boolean =>
  (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || code > 127;

/**
 * A plain scan over folded texts: Korean, Japanese and Chinese have no spaces to make a word index from, and
 * 5,000 models are some ten megabytes, which is scanned in a few milliseconds.
 */
export class SearchIndex {
  readonly #texts: Record<Field, string[]>;
  readonly #originals: { columns: string[]; description: string[]; sql: string[] };
  readonly #boost: Float64Array;
  readonly #scale: Float64Array;
  /** The field of the last answer of `#points`, as a bit. */
  #where = 0;
  #last?: { text: string; isFull: boolean; ids: Id[] };

  constructor(readonly nodes: Entry[], used?: Id[][]) {
    const blank = () => nodes.map(() => "");
    this.#originals = { columns: blank(), description: nodes.map((entry) => entry.summary ?? ""), sql: blank() };
    this.#texts = {
      name: nodes.map((entry) => fold(entry.label ? `${title(entry)} ${entry.label}` : title(entry))),
      columns: blank(),
      about: nodes.map((entry) => fold([...(entry.tags ?? []), entry.group ?? "", entry.path, entry.relation?.join(".") ?? ""].join(" "))),
      description: this.#originals.description.map(fold),
      sql: blank(),
    };
    this.#boost = Float64Array.from(nodes, (entry, id) => (kindWorth[entry.kind] ?? 0) + Math.min(4, Math.log2(1 + (used?.[id]?.length ?? 0)) * 0.7));
    this.#scale = Float64Array.from(nodes, (entry) => (entry.kind === "test" || entry.kind === "unit_test" ? 0.4 : entry.hidden ? 0.5 : 1));
  }

  /** Takes in a part of the full texts. */
  add(part: Search): void {
    this.#last = undefined;
    for (const [id, columns, description, sql] of part.texts) {
      if (!this.nodes[id]) continue;
      this.#originals.columns[id] = columns;
      this.#originals.description[id] = description;
      this.#originals.sql[id] = sql;
      this.#texts.columns[id] = fold(columns);
      this.#texts.description[id] = fold(description);
      this.#texts.sql[id] = fold(sql);
    }
  }

  /** Nodes that have every word of `text` somewhere, best first. */
  find(text: string, limit = 50, only?: (entry: Entry) => boolean): Found {
    const whole = fold(text).trim();
    const words = [...new Set(whole.split(/\s+/).filter(Boolean))];
    const found: Found = { hits: [], kinds: {}, total: 0 };
    if (!words.length) return found;
    const isShort = words.map((word) => word.length < 2 && !isWide(word));
    const isFull = !isShort.includes(true);
    // While somebody types on, only what was found before can be found again.
    const before = this.#last?.isFull && fold(text).startsWith(this.#last.text) ? this.#last.ids : undefined;
    const count = before ? before.length : this.nodes.length;
    const joined = words.join("_");
    const ids: Id[] = [];
    // Numbers rather than objects: a short word is in nearly every node.
    const candidates: Id[] = [];
    const scores: number[] = [];
    const masks: number[] = [];
    for (let at = 0; at < count; at++) {
      const id = before ? before[at] : at;
      let score = 0;
      let mask = 0;
      for (let word = 0; word < words.length; word++) {
        const points = this.#points(id, words[word], isShort[word]);
        if (!points) {
          score = 0;
          break;
        }
        score += points;
        mask |= this.#where;
      }
      if (!score) continue;
      ids.push(id);
      const entry = this.nodes[id];
      if (words.length > 1) {
        const name = this.#texts.name[id];
        if (name === joined || name === whole) score += 60;
        else if (name.includes(joined)) score += 25;
      }
      score = (score / words.length + this.#boost[id]) * this.#scale[id] - Math.min(3, entry.name.length / 40);
      found.kinds[entry.kind] = (found.kinds[entry.kind] ?? 0) + 1;
      if (only && !only(entry)) continue;
      candidates.push(id);
      scores.push(score);
      masks.push(mask);
    }
    this.#last = { text: fold(text), isFull, ids };
    found.total = ids.length;
    const least = scores.length > limit ? Float64Array.from(scores).sort()[scores.length - limit] : -Infinity;
    for (let at = 0; at < scores.length; at++) {
      if (scores[at] < least) continue;
      found.hits.push({ id: candidates[at], score: scores[at], fields: fields.filter((_, field) => masks[at] & (1 << field)) });
    }
    found.hits.sort((one, other) => other.score - one.score || one.id - other.id);
    found.hits.length = Math.min(found.hits.length, limit);
    return found;
  }

  #points(id: Id, word: string, isShort: boolean): number {
    const last = isShort ? 2 : fields.length;
    for (let at = 0; at < last; at++) {
      const field = fields[at];
      const text = this.#texts[field][id];
      let from = text.indexOf(word);
      if (from < 0) continue;
      const [exact, prefix, begins, inside] = worth[field];
      let best = inside;
      // In long texts the first places say enough.
      const most = field === "sql" || field === "description" ? 2 : 6;
      for (let tries = 0; from >= 0 && tries < most; tries++, from = text.indexOf(word, from + 1)) {
        const isStart = from === 0 || !isWordLetter(text.charCodeAt(from - 1));
        if (!isStart) continue;
        const end = from + word.length;
        const isEnd = end === text.length || !isWordLetter(text.charCodeAt(end));
        if (field === "name") best = Math.max(best, from === 0 && end === text.length ? exact : from === 0 ? prefix : isEnd ? begins : begins - 6);
        else {
          // In lists of columns and in texts, a word with its underscores counts as a whole.
          const isWholeStart = from === 0 || text[from - 1] !== "_";
          const isWholeEnd = isEnd && text[end] !== "_";
          best = Math.max(best, isWholeStart && isWholeEnd ? exact : isWholeStart ? prefix : begins);
        }
        if (best === exact) break;
      }
      this.#where = 1 << at;
      return best;
    }
    return 0;
  }

  /** Where the words stand in a field: some text around the first, all of them marked. */
  snippet(id: Id, field: Field, text: string): Piece[] {
    const words = fold(text).split(/\s+/).filter(Boolean);
    const entry = this.nodes[id];
    if (field === "name") return mark(title(entry), words);
    if (field === "about") {
      const all = [...(entry.tags ?? []), entry.group ?? "", entry.path, entry.relation?.join(".") ?? ""];
      return mark(all.filter((one) => words.some((word) => fold(one).includes(word))).join(" · "), words);
    }
    const original = this.#originals[field][id];
    if (field === "columns") {
      const names = original.split(/\s+/).filter((name) => words.some((word) => fold(name).includes(word)));
      return mark(names.slice(0, 8).join(", ") + (names.length > 8 ? ` … and ${names.length - 8} more` : ""), words);
    }
    return mark(around(original, words), words);
  }
}

/** Some 150 characters around the first word that is there, in one line. */
function around(text: string, words: string[]): string {
  const folded = fold(text);
  // Folding may change lengths in a few scripts; then the place is only about right.
  const places = words.map((word) => folded.indexOf(word)).filter((at) => at >= 0);
  const first = places.length ? Math.min(...places) : 0;
  let from = Math.max(0, first - 50);
  if (from > 0) {
    const space = text.indexOf(" ", from);
    if (space > 0 && space < first) from = space + 1;
  }
  const piece = text.slice(from, from + 170).replace(/\s+/g, " ");
  return (from > 0 ? "…" : "") + piece + (from + 170 < text.length ? "…" : "");
}

/** Cuts a text where words (folded) stand in it. */
export function mark(text: string, words: string[]): Piece[] {
  const folded = fold(text);
  if (folded.length !== text.length) return [[text, false]];
  const flags = new Uint8Array(text.length);
  for (const word of words) {
    if (!word) continue;
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + word.length)) flags.fill(1, at, at + word.length);
  }
  const pieces: Piece[] = [];
  for (let at = 0; at < text.length; ) {
    let end = at + 1;
    while (end < text.length && flags[end] === flags[at]) end += 1;
    pieces.push([text.slice(at, end), flags[at] === 1]);
    at = end;
  }
  return pieces;
}
