// @vitest-environment happy-dom
import { expect, test } from "vitest";
import { toHtml } from "../src/markdown";

function made(markdown: string): HTMLElement {
  const element = document.createElement("div");
  element.innerHTML = toHtml(markdown);
  return element;
}

test.each([
  "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "text <b onclick=alert(1)>x</b>", "<svg/onload=alert(1)>", "<iframe src=javascript:alert(1)>",
  "<style>*{display:none}</style>", "<a href='javascript:alert(1)'>x</a>", "`<script>`", "    <script>\n", "```\n</code></pre><script>alert(1)</script>\n```", "<!-- --><script>",
  "| <script>alert(1)</script> | b |\n|---|---|\n| <img src=x onerror=alert(1)> | d |", "# <script>alert(1)</script>",
])("%s is text", (markdown) => {
  const element = made(markdown);
  expect(element.querySelector("script, img, svg, iframe, style, b, a")).toBeNull();
  for (const inner of element.querySelectorAll("*")) for (const name of inner.getAttributeNames()) expect(name).not.toMatch(/^on|^style$/);
});

test.each([
  "[x](javascript:alert(1))", "[x](JaVaScRiPt:alert(1))", "[x](java\tscript:alert(1))", "[x](<java\nscript:alert(1)>)", "[x](&#106;avascript:alert(1))", "[x](vbscript:x)",
  "[x](data:text/html,<script>alert(1)</script>)", "[x](data:image/png;base64,AAAA)", "<javascript:alert(1)>", "![x](javascript:alert(1))", "[x]: javascript:alert(1)\n\n[x]", "[x](file:///etc/passwd)", "[x](//elsewhere.example)", "[x](\\\\elsewhere)", "[x](blob:x)",
])("%s is no link to run", (markdown) => {
  for (const link of made(markdown).querySelectorAll("a, img")) {
    const target = link.getAttribute("href") ?? link.getAttribute("src") ?? "";
    expect(target).not.toMatch(/^\s*(javascript|vbscript|data|file|blob):|^[\\/]{2}/i);
  }
});

test("pictures of other servers are links, those in the text are pictures", () => {
  expect(made("![logo](https://elsewhere.example/x.png)").querySelector("img")).toBeNull();
  expect(made("![logo](https://elsewhere.example/x.png)").querySelector("a")?.getAttribute("rel")).toContain("noopener");
  expect(made("![logo](data:image/png;base64,AAAA)").querySelector("img")?.alt).toBe("logo");
  expect(made("![logo](assets/x.png)").querySelector("img")?.getAttribute("src")).toBe("assets/x.png");
  expect(made('![" onerror="alert(1)](a.png)').querySelector("img")?.hasAttribute("onerror")).toBe(false);
});

test("links within the site stay in the window, others open their own", () => {
  expect(made("[x](#!/model/model.a.b)").querySelector("a")?.hasAttribute("target")).toBe(false);
  expect(made("[x](https://a.example)").querySelector("a")?.getAttribute("target")).toBe("_blank");
  expect(made("mail me: [x](mailto:a@b.example)").querySelector("a")?.getAttribute("href")).toBe("mailto:a@b.example");
});

test("links to files of the repository lead to their pages, or nowhere", () => {
  const page = (path: string) => (path === "models/일별 매출.sql" ? "#!/model/m" : undefined);
  const href = (markdown: string) => {
    const element = document.createElement("div");
    element.innerHTML = toHtml(markdown, page);
    return element.querySelector("a")?.getAttribute("href") ?? null;
  };
  expect(href("[x](models/%EC%9D%BC%EB%B3%84%20%EB%A7%A4%EC%B6%9C.sql#top)")).toBe("#!/model/m");
  expect([href("[x](docs/guide.md)"), href("[x](./LICENSE)"), href("[x](%zz.md)")]).toEqual([null, null, null]);
  expect([href("[x](assets/plan.pdf)"), href("[x](#!/health)")]).toEqual(["assets/plan.pdf", "#!/health"]);
});

test("names with dots are not made into addresses", () => {
  expect(made("see orders.id and www.example and a@b.example").querySelector("a")).toBeNull();
  expect(made("see https://a.example/x").querySelector("a")).not.toBeNull();
});

test.each(["**never `closed [broken](", "```\nnever closed", "| a |\n|--", "[[[[[[", "*".repeat(500), "> ".repeat(200) + "deep", "\u0000\ufffd", "![](", "<"])("broken Markdown %# is shown as well as can be", (markdown) => {
  expect(() => toHtml(markdown)).not.toThrow();
});

test("right-to-left and Korean texts keep their direction and letters", () => {
  const element = made("هذا نص عربي\n\n한국어 **굵게** 씁니다.\n\n# עברית");
  expect(element.querySelectorAll('p[dir="auto"]')).toHaveLength(2);
  expect(element.querySelector("h2")?.getAttribute("dir")).toBe("auto");
  expect(element.querySelector("strong")?.textContent).toBe("굵게");
});

test("alignment of tables is a class, for the page allows no style", () => {
  const element = made("| a | b |\n|:-:|--:|\n| 1 | 2 |");
  expect(element.querySelector("td")?.className).toBe("align-center");
  expect(element.innerHTML).not.toContain("style");
});
