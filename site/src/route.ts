/** Where the page is, out of the hash. */
export interface Route {
  /** What stands before the first `?` and `#`, decoded: `["model", "model.shop.orders"]`. */
  path: string[];
  query: URLSearchParams;
  /** The section of the page: dbt's addresses have `#!/model/model.shop.orders#columns`. */
  anchor: string;
}

export function parseRoute(hash: string): Route {
  const text = hash.replace(/^#!?\/?/, "");
  const [before, anchor = ""] = split(text, "#");
  const [path, query = ""] = split(before, "?");
  const params = new URLSearchParams(query);
  const route: Route = { path: path.split("/").filter(Boolean).map(decode), query: params, anchor };
  // dbt's site keeps its graph in parameters of any page.
  if (params.get("g_v") && route.path[0] !== "graph") {
    return {
      path: ["graph"], anchor: "",
      query: new URLSearchParams({ ...(params.get("g_i") && { select: params.get("g_i") as string }), ...(params.get("g_e") && { exclude: params.get("g_e") as string }) }),
    };
  }
  return route;
}

/** A place in the app; parameters without a value are left out. */
export function address(path: string[], query: Record<string, string | undefined> = {}): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) if (value) params.set(key, value);
  const text = params.toString();
  return `#!/${path.map(encodeURIComponent).join("/")}${text ? `?${text}` : ""}`;
}

function split(text: string, mark: string): [string, string?] {
  const at = text.indexOf(mark);
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
