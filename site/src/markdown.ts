import MarkdownIt from "markdown-it";

const schemes = /^(https?:|mailto:)/i;

/** Pictures that are in the text itself, or beside the page. */
const pictures = /^data:image\/(png|gif|jpeg|webp|svg\+xml)[;,]/i;

/** What a browser would take for the scheme: it ignores white space and control characters in it. */
const bare = (url: string): string => url.replace(/[\u0000-\u0020\u007f-\u00a0\u2028\u2029]/g, "");

const hasScheme = (url: string): boolean => /^([a-z][a-z0-9+.-]*:|[\\/]{2})/i.test(bare(url));

/** Files of a repository, which are not beside the page. */
const sources = /(^|\/)[^/.]*$|\.(md|markdown|sql|py|ya?ml|toml|csv|json|sh)$/i;

/** Finds the address of the page of a file of the project. */
export type Resolve = (path: string) => string | undefined;

const parser = new MarkdownIt({ html: false, linkify: true });
// `orders.id` is a column, not an address in Indonesia.
parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
parser.validateLink = (url) => !hasScheme(url) || schemes.test(bare(url)) || pictures.test(bare(url));

const rules = parser.renderer.rules;

rules.link_open = (tokens, at, options, env, self) => {
  const token = tokens[at];
  const href = String(token.attrGet("href") ?? "");
  if (pictures.test(bare(href))) token.attrs = [];
  else if (hasScheme(href)) {
    token.attrSet("target", "_blank");
    token.attrSet("rel", "noopener noreferrer");
  } else if (!/^[#?]/.test(href)) {
    // What a README links to: the page of a model, if it is one, else a file that is not here.
    const path = decoded(href.replace(/[?#].*$/, "").replace(/^\.?\//, ""));
    const page = (env as { resolve?: Resolve } | undefined)?.resolve?.(path);
    if (page !== undefined) token.attrSet("href", page);
    else if (sources.test(path)) token.attrs = [["title", `${path} is a file of the project`]];
  }
  return self.renderToken(tokens, at, options);
};

function decoded(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

rules.image = (tokens, at) => {
  const token = tokens[at];
  const { escapeHtml } = parser.utils;
  const source = String(token.attrGet("src") ?? "");
  const text = escapeHtml(token.content || source);
  if (pictures.test(bare(source)) || !hasScheme(source)) {
    return `<img src="${escapeHtml(source)}" alt="${text}" loading="lazy">`;
  }
  // Nothing is asked of other servers unless somebody clicks.
  return `<a href="${escapeHtml(source)}" target="_blank" rel="noopener noreferrer">${text}</a>`;
};

// Alignment comes as a style attribute, which the policy of the page forbids.
for (const tag of ["th_open", "td_open"]) {
  rules[tag] = (tokens, at, options, _env, self) => {
    const token = tokens[at];
    const align = /text-align:(\w+)/.exec(String(token.attrGet("style") ?? ""));
    token.attrs = align ? [["class", `align-${align[1]}`]] : [];
    return self.renderToken(tokens, at, options);
  };
}
rules.table_open = () => '<div class="scroll" tabindex="0" role="group" aria-label="Table"><table>\n';
rules.table_close = () => "</table></div>\n";
rules.fence = rules.code_block = (tokens, at) =>
  `<pre tabindex="0"><code>${parser.utils.escapeHtml(tokens[at].content)}</code></pre>\n`;

// The page has headings above these.
rules.heading_open = (tokens, at) => `<h${level(tokens[at].tag)} dir="auto">`;
rules.heading_close = (tokens, at) => `</h${level(tokens[at].tag)}>\n`;
const level = (tag: string): number => Math.min(6, Number(tag.slice(1)) + 1);
rules.paragraph_open = (tokens, at) => (tokens[at].hidden ? "" : '<p dir="auto">');

/** HTML that runs nothing and asks nothing of other servers, whatever the text. */
export const toHtml = (markdown: string, resolve?: Resolve): string => parser.render(markdown, { resolve });
