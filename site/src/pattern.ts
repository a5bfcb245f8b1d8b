/** A text with the shell's wildcards: `*`, `?`, `[abc]`, `[a-z]`, `[!a-z]`; `?` is one character. */
export class Pattern {
  readonly #whole: RegExp;
  readonly hasWildcard: boolean;

  constructor(readonly text: string) {
    let source = "";
    let hasWildcard = false;
    const letters = [...text];
    for (let at = 0; at < letters.length; at++) {
      const letter = letters[at];
      if (letter === "*") source += "[\\s\\S]*";
      else if (letter === "?") source += "[\\s\\S]";
      else if (letter === "[") {
        const isNegated = letters[at + 1] === "!";
        const first = at + 1 + Number(isNegated);
        // A `]` that stands first is a letter of the set; a `[` that is never closed is itself.
        const end = letters.indexOf("]", first + 1);
        if (end < 0) {
          source += "\\[";
          continue;
        }
        source += `[${isNegated ? "^" : ""}${set(letters.slice(first, end))}]`;
        at = end;
      } else {
        source += escape(letter);
        continue;
      }
      hasWildcard = true;
    }
    this.hasWildcard = hasWildcard;
    this.#whole = new RegExp(`^${source}$`, "u");
  }

  /** Whether all of `text` is matched. */
  matches(text: string): boolean {
    return this.hasWildcard ? this.#whole.test(text) : this.text === text || this.#whole.test(text);
  }
}

function set(letters: string[]): string {
  let source = "";
  for (let at = 0; at < letters.length; at++) {
    const [from, to] = [letters[at], letters[at + 2]];
    if (letters[at + 1] === "-" && to !== undefined) {
      // A range that runs backwards holds nothing; a regular expression would not have it.
      if (from <= to) source += `${escape(from)}-${escape(to)}`;
      at += 2;
    } else source += escape(from);
  }
  // An empty class matches nothing, which is what a set of nothing does.
  return source;
}

const escape = (letter: string): string => (/[\\^$.*+?()[\]{}|/-]/.test(letter) ? `\\${letter}` : letter);
