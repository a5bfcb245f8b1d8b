import type { Parts } from "./data";

/** A part that could not be loaded; the message is for people. */
export class MissingPart extends Error {}

const parts = new Map<string, Promise<unknown>>();
const waiting = new Map<string, (value: unknown) => void>();
const taken = new Map<string, unknown>();
/** Changes with every reload, so that no browser answers from its cache. */
let edition = 0;

declare global {
  interface Window {
    xform?: { take(name: string, value: unknown): void };
  }
}

/** Makes `xform.take`, which the scripts of the parts call. */
export function listen(): void {
  window.xform = {
    take(name, value) {
      const resolve = waiting.get(name);
      if (resolve) resolve(value);
      else taken.set(name, value);
    },
  };
}

/** The part of that name; asked for once, and again after a failure. */
export function load<Name extends keyof Parts & string>(name: Name): Promise<Parts[Name]> {
  let part = parts.get(name);
  if (!part) {
    part = find(name);
    parts.set(name, part);
    part.catch(() => parts.delete(name));
  }
  return part as Promise<Parts[Name]>;
}

/** Forgets every part, so that all are loaded anew. */
export function forget(): void {
  parts.clear();
  taken.clear();
  edition += 1;
}

async function find(name: string): Promise<unknown> {
  const inline = document.querySelector<HTMLElement>(`script[data-part="${CSS.escape(name)}"]`);
  if (inline) return read(name, inline);
  if (taken.has(name)) {
    const value = taken.get(name);
    taken.delete(name);
    return value;
  }
  if (document.querySelector("script[data-part]")) {
    throw new MissingPart(`This file has no part “${name}”. It was written by another version, or cut off.`);
  }
  return fetchScript(name);
}

async function read(name: string, element: HTMLElement): Promise<unknown> {
  const text = element.textContent ?? "";
  try {
    return JSON.parse(element.hasAttribute("data-gzip") ? await unzip(text) : text);
  } catch (error) {
    throw new MissingPart(`The part “${name}” of this file cannot be read: ${String(error)}`);
  }
}

/** The text of a base64 of a gzip. */
async function unzip(base64: string): Promise<string> {
  if (typeof DecompressionStream === "undefined") {
    throw new Error("this browser is too old to unpack it");
  }
  const letters = atob(base64.trim());
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** A classic script, because pages from disk may not fetch. */
function fetchScript(name: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const file = `xform-docs/data/${name}.js`;
    const script = document.createElement("script");
    const done = () => {
      waiting.delete(name);
      script.remove();
    };
    waiting.set(name, (value) => {
      done();
      resolve(value);
    });
    script.onerror = () => {
      done();
      reject(new MissingPart(`The file ${file} is missing or cannot be read.`));
    };
    script.onload = () => {
      if (!waiting.has(name)) return;
      done();
      reject(new MissingPart(`The file ${file} does not hold what it should. It may have been cut off.`));
    };
    script.src = edition ? `${file}?${edition}` : file;
    document.head.append(script);
  });
}
