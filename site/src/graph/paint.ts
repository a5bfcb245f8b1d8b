import type { Kind } from "../data";
import { glyphs } from "../glyphs";
import { tone } from "../health";
import type { Project } from "../project";
import type { Item, Scene } from "./scene";

/** What part of the scene is seen: its point (x, y) is at the left top, enlarged k times. */
export interface View {
  x: number;
  y: number;
  k: number;
}

export interface Colors {
  ink: string;
  muted: string;
  ground: string;
  card: string;
  box: string;
  line: string;
  edge: string;
  accent: string;
  bad: string;
  warn: string;
  kinds: Record<string, string>;
}

export function readColors(element: HTMLElement): Colors {
  const style = getComputedStyle(element);
  const color = (name: string) => style.getPropertyValue(`--${name}`).trim() || "#888";
  const kinds: Record<string, string> = {};
  for (const kind of Object.keys(glyphs)) kinds[kind] = color(`kind-${kind.replace("_", "-")}`);
  return {
    ink: color("ink"), muted: color("muted"), ground: color("ground"), card: color("card"), box: color("box"), line: color("line"),
    edge: color("edge"), accent: color("accent"), bad: color("bad"), warn: color("warn"), kinds,
  };
}

export interface Marked {
  /** The item that has the focus, or -1. */
  focus: number;
  hover: number;
  /** Items to stand out, the others stepping back; undefined where all are alike. */
  lit?: Set<number>;
  /** Items that were searched for. */
  found?: Set<number>;
  /** While it is moved, of very many lines only some are drawn. */
  isMoving?: boolean;
}

let shapes: Record<string, Path2D> | undefined;

/** Cut to fit, kept by text and width: measuring is what costs. */
const cuts = new Map<string, string>();

function fit(context: CanvasRenderingContext2D, text: string, width: number, font: string): string {
  const key = `${font}|${Math.round(width)}|${text}`;
  const known = cuts.get(key);
  if (known !== undefined) return known;
  let cut = text;
  if (context.measureText(text).width > width) {
    const letters = [...text];
    let low = 0;
    let high = letters.length;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (context.measureText(`${letters.slice(0, middle).join("")}…`).width <= width) low = middle;
      else high = middle - 1;
    }
    cut = low ? `${letters.slice(0, low).join("")}…` : "";
  }
  if (cuts.size > 40_000) cuts.clear();
  cuts.set(key, cut);
  return cut;
}

/** Draws what is in sight. Text and shapes are left out where they would be too small to be read. */
export function paint(context: CanvasRenderingContext2D, width: number, height: number, ratio: number, scene: Scene, view: View, project: Project, colors: Colors, marked: Marked): void {
  shapes ??= Object.fromEntries(Object.entries(glyphs).map(([kind, path]) => [kind, new Path2D(path)]));
  const { k } = view;
  const fonts = getFont();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.fillStyle = colors.ground;
  context.fillRect(0, 0, width, height);
  context.setTransform(ratio * k, 0, 0, ratio * k, -view.x * k * ratio, -view.y * k * ratio);
  const [left, top, right, bottom] = [view.x, view.y, view.x + width / k, view.y + height / k];
  const isSeen = (item: Item) => item.x < right && item.x + item.width > left && item.y < bottom && item.y + item.height > top;
  const { lit } = marked;

  for (const item of scene.items) {
    if (!item.isOpen || !isSeen(item)) continue;
    context.fillStyle = colors.box;
    context.strokeStyle = colors.line;
    context.lineWidth = 1 / Math.max(k, 0.3);
    round(context, item.x, item.y, item.width, item.height, 10);
    context.globalAlpha = 0.75;
    context.fill();
    context.globalAlpha = 1;
    context.stroke();
  }

  const draw = (isLit: boolean) => {
    context.beginPath();
    const stride = marked.isMoving && !isLit ? Math.ceil(scene.links.length / 2000) : 1;
    for (let index = 0; index < scene.links.length; index += stride) {
      const link = scene.links[index];
      const both = lit !== undefined && lit.has(link.from) && lit.has(link.to);
      if (both !== isLit) continue;
      const [from, to] = [scene.items[link.from], scene.items[link.to]];
      const [x1, y1, y2] = [from.x + from.width, from.y + from.height / 2, to.y + to.height / 2];
      // Between boxes of one column, which need each other, a line bends out at their side.
      const isBeside = Math.abs(from.x - to.x) < 1;
      const x2 = isBeside ? to.x + to.width : to.x;
      if (Math.max(x1, x2) + 200 < left || Math.min(x1, x2) - 200 > right || Math.max(y1, y2) < top - 300 || Math.min(y1, y2) > bottom + 300) continue;
      context.moveTo(x1, y1);
      if (k < 0.12) {
        context.lineTo(x2, y2);
        continue;
      }
      if (isBeside) {
        const out = Math.max(x1, x2) + 14 + Math.min(26, Math.abs(y2 - y1) / 16);
        context.bezierCurveTo(out, y1, out, y2, x2, y2);
        continue;
      }
      let [x, y] = [x1, y1];
      const curve = (toX: number, toY: number) => {
        const reach = toX >= x ? Math.max(16, (toX - x) / 2) : Math.min(260, 60 + (x - toX) / 4);
        context.bezierCurveTo(x + reach, y, toX - reach, toY, toX, toY);
        [x, y] = [toX, toY];
      };
      const route = link.route ?? [];
      for (let at = 0; at < route.length; at += 4) {
        curve(route[at], route[at + 1]);
        context.lineTo(route[at + 2], route[at + 3]);
        [x, y] = [route[at + 2], route[at + 3]];
      }
      curve(x2, y2);
    }
    context.strokeStyle = isLit ? colors.accent : colors.edge;
    context.lineWidth = (isLit ? 2 : 1.2) / Math.min(1, Math.max(k, 0.35));
    context.globalAlpha = lit && !isLit ? 0.22 : scene.links.length > 150 && !isLit ? 0.4 : 1;
    context.stroke();
    context.globalAlpha = 1;
  };
  draw(false);
  if (lit) draw(true);

  const isDetailed = k >= 0.36;
  // A little larger than the cards are when all is small.
  const textSize = Math.min(15.5, Math.max(13, 8 / k));
  context.textBaseline = "middle";
  const heads: Item[] = [];
  scene.items.forEach((item, at) => {
    if (!isSeen(item)) return;
    const isBack = lit !== undefined && !lit.has(at) && !item.isOpen;
    context.globalAlpha = isBack ? 0.3 : 1;
    if (item.isOpen) heads.push(item);
    else if (item.group) folded(item);
    else node(item, at);
    context.globalAlpha = 1;
    if (at === marked.focus || at === marked.hover || marked.found?.has(at)) {
      context.strokeStyle = at === marked.focus || at === marked.hover ? colors.accent : colors.warn;
      context.lineWidth = (at === marked.focus ? 2.5 : 1.5) / Math.min(1, k);
      round(context, item.x - 2, item.y - 2, item.width + 4, item.height + 4, 8);
      context.stroke();
    }
  });

  // From the inside out, so that the outer name is on top.
  for (const item of heads.reverse()) box(item);

  /** The name of an open folder: in its head, or, where that is too small to be read, over its corner. */
  function box(item: Item): void {
    const size = Math.min(20, Math.max(13, 10.5 / k));
    if (size * k >= 8) {
      const font = `600 ${size}px ${fonts}`;
      context.font = font;
      context.fillStyle = colors.muted;
      context.fillText(fit(context, `▾ ${item.label}`, item.width - 22, font), item.x + 11, item.y + 15);
      return;
    }
    if (item.width * k < 70 || item.height * k < 26) return;
    const large = 11.5 / k;
    const font = `600 ${large.toFixed(1)}px ${fonts}`;
    context.font = font;
    const text = fit(context, item.label, item.width - 12 / k, font);
    if (text.length < 3) return;
    context.globalAlpha = 0.86;
    context.fillStyle = colors.ground;
    round(context, item.x + 3 / k, item.y + 3 / k, context.measureText(text).width + 8 / k, 17 / k, 4 / k);
    context.fill();
    context.globalAlpha = 1;
    context.fillStyle = colors.ink;
    context.fillText(text, item.x + 7 / k, item.y + 12 / k);
  }

  function folded(item: Item): void {
    context.strokeStyle = colors.line;
    context.lineWidth = 1.2;
    for (const shift of [5, 0]) {
      context.fillStyle = colors.box;
      round(context, item.x + shift, item.y + shift, item.width - 5, item.height - 5, 7);
      context.fill();
      context.stroke();
    }
    const size = isDetailed ? 13 : Math.min(24, 10.5 / k);
    const font = `600 ${size}px ${fonts}`;
    context.font = font;
    if (size * k < 6) return;
    context.fillStyle = colors.ink;
    const count = String(item.group?.count ?? "");
    const room = isDetailed ? context.measureText(count).width + 10 : 0;
    context.fillText(fit(context, `▸ ${item.label}`, item.width - 28 - room, font), item.x + 11, item.y + (item.height - 5) / 2);
    if (isDetailed) {
      context.fillStyle = colors.muted;
      context.textAlign = "right";
      context.fillText(count, item.x + item.width - 15, item.y + (item.height - 5) / 2);
      context.textAlign = "left";
    }
  }

  function node(item: Item, at: number): void {
    const entry = project.nodes[item.id as number];
    const color = entry.color && CSS.supports("color", entry.color) ? entry.color : colors.kinds[entry.kind as Kind];
    if (!isDetailed) {
      context.fillStyle = color;
      context.globalAlpha *= lit && lit.has(at) ? 1 : 0.72;
      context.fillRect(item.x, item.y + 3, item.width, item.height - 6);
      if (tone(entry.last?.[0]) === "bad") {
        context.fillStyle = colors.bad;
        context.fillRect(item.x + item.width - 24, item.y + 3, 24, item.height - 6);
      }
      return;
    }
    context.fillStyle = colors.card;
    context.strokeStyle = at === marked.focus ? colors.accent : colors.line;
    context.lineWidth = 1;
    round(context, item.x, item.y, item.width, item.height, 6);
    context.fill();
    context.stroke();
    context.save();
    context.translate(item.x + 9, item.y + item.height / 2 - 7);
    context.scale(0.875, 0.875);
    context.fillStyle = color;
    context.fill((shapes as Record<string, Path2D>)[entry.kind], "evenodd");
    context.restore();
    const state = tone(entry.last?.[0]);
    const font = `${at === marked.focus ? "600 " : ""}${textSize}px ${fonts}`;
    context.font = font;
    context.fillStyle = colors.ink;
    const room = item.width - 40 - (state === "bad" || state === "warn" ? 14 : 0);
    context.fillText(fit(context, item.label, room, font), item.x + 30, item.y + item.height / 2 + 0.5);
    if (state === "bad" || state === "warn") {
      context.fillStyle = state === "bad" ? colors.bad : colors.warn;
      context.font = `700 13px ${fonts}`;
      context.fillText(state === "bad" ? "×" : "!", item.x + item.width - 17, item.y + item.height / 2);
    }
  }
}

let font = "";
const getFont = (): string => (font ||= getComputedStyle(document.body).fontFamily || "sans-serif");

function round(context: CanvasRenderingContext2D, x: number, y: number, width: number, height: number, radius: number): void {
  context.beginPath();
  context.roundRect?.(x, y, width, height, radius) ?? (context.roundRect === undefined && context.rect(x, y, width, height));
}

/** The item at a point of the scene: the innermost. */
export function hit(scene: Scene, x: number, y: number): number {
  for (let at = scene.items.length - 1; at >= 0; at--) {
    const item = scene.items[at];
    if (x >= item.x && x <= item.x + item.width && y >= item.y && y <= item.y + item.height) {
      // Of an open box only its head is meant, the rest is ground.
      if (item.isOpen && y > item.y + 30) continue;
      return at;
    }
  }
  return -1;
}
