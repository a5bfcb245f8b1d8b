import { render } from "preact";
import { listen, load } from "./load";
import { App, applyTheme, storedTheme } from "./ui/app";
import "./style/app.css";

applyTheme(storedTheme());
listen();

/** The index stands in a script after this one; where it does not, it is asked for. */
function ready(): Promise<void> {
  return new Promise((resolve) => {
    if (document.readyState === "complete" || document.readyState === "interactive" && document.querySelector("script[data-part]")) resolve();
    else document.addEventListener("DOMContentLoaded", () => resolve(), { once: true });
  });
}

async function start(): Promise<void> {
  const app = document.getElementById("app");
  if (!app) return;
  try {
    if (!document.querySelector('script[data-part="index"]')) await ready();
    const index = await load("index");
    if (index.format !== 1) throw new Error(`The data are of format ${String(index.format)}, this page reads format 1.`);
    app.textContent = "";
    render(<App index={index} />, app);
  } catch (error) {
    app.textContent = "";
    render(
      <main class="page notice bad">
        <h1>The documentation could not be opened</h1>
        <p>{error instanceof Error ? error.message : String(error)}</p>
        <p>The page needs the folder <code>xform-docs</code> beside <code>index.html</code>. Run <code>xform docs generate</code> again, and copy the whole folder if you moved it; <code>xform docs generate --static</code> writes one file that needs nothing beside it.</p>
      </main>,
      app,
    );
  }
}

void start();
