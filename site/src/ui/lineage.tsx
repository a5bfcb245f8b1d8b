import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ColumnGraph, type Edge, type Place } from "../columns";
import { firstRowHow, hows, type Id } from "../data";
import { plural } from "../format";
import { layered } from "../graph/layers";
import { load } from "../load";
import { columnLink, linkTo, title } from "../project";
import { address } from "../route";
import { Glyph, Markdown, NodeLink, Scroll, Trouble, useLoaded, useProject, useTitle } from "./parts";

const headHeight = 34;
const lineHeight = 25;
const cardWidth = 200;
/** Around the picture. */
const margin = 24;
/** How small a picture may be drawn. */
const smallest = 0.72;

/** Where a column comes from and what it reaches. */
export function ColumnPage({ id, column, query }: { id: Id; column: string; query: URLSearchParams }) {
  const project = useProject();
  const entry = project.nodes[id];
  const rows = query.get("rows") === "1";
  useTitle(`${title(entry)}.${column}`);
  const lineage = useLoaded(async () => new ColumnGraph(await load("lineage")), [project]);
  const detail = useLoaded(() => project.detail(id), [project, id]);
  const about = detail.value?.columns?.find((one) => one.name === column);
  const graph = lineage.value;
  const at = graph?.column(id, column) ?? -1;
  const answer = useMemo(() => (graph && at >= 0 ? graph.reach({ node: id, column: at }, rows) : undefined), [graph, id, at, rows]);
  const self: (string | undefined)[] = [entry.id, column];
  return (
    <article class="page lineage-page">
      <p class="kind"><Glyph kind={entry.kind} /> column of <a href={linkTo(entry)}>{title(entry)}</a></p>
      <h1 class="mono" dir="auto" tabIndex={-1}>{column} {about?.type && <span class="muted type">{about.type}</span>}</h1>
      {about?.description && <Markdown text={about.description} />}
      {about?.inherited && <p class="small muted">The description is from <a class="mono" href={columnLink(project.nodes[about.inherited[0]], about.inherited[1])}>{title(project.nodes[about.inherited[0]])}.{about.inherited[1]}</a>.</p>}
      <p><label class="check"><input type="checkbox" checked={rows} onChange={(event) => (location.hash = address(["lineage", ...(self as string[])], { rows: event.currentTarget.checked ? "1" : undefined }))} /> Also what rows are filtered, joined, grouped and sorted by</label></p>
      {lineage.error !== undefined && <Trouble error={lineage.error} again={lineage.again} />}
      {lineage.isLoading && !graph && <p role="status" class="muted">Loading…</p>}
      {graph && at < 0 && <p class="notice">The lineage knows no column of this name: it may be new, or the SQL of {title(entry)} could not be read.</p>}
      {answer && graph && answer.reached.length === 1 && <p class="muted">Nothing that is known makes it, and it makes nothing that is known.</p>}
      {answer && graph && answer.reached.length > 1 && (
        <>
          <ColumnPicture graph={graph} start={{ node: id, column: at }} reached={answer.reached.map((one) => one.place)} edges={answer.edges} />
          <ColumnLists graph={graph} answer={answer} start={{ node: id, column: at }} />
        </>
      )}
    </article>
  );
}

/** Cards of nodes with the columns that take part, and lines from column to column. */
function ColumnPicture({ graph, start, reached, edges }: { graph: ColumnGraph; start: Place; reached: Place[]; edges: Edge[] }) {
  const project = useProject();
  const limit = 300;
  const box = useRef<HTMLDivElement>(null);
  const [room, setRoom] = useState(Infinity);
  const [hover, setHover] = useState<string>();
  const picture = useMemo(() => {
    const cards = new Map<Id, number[]>();
    for (const { node, column } of reached) {
      if (cards.size >= limit && !cards.has(node)) continue;
      const list = cards.get(node);
      if (list) list.push(column);
      else cards.set(node, [column]);
    }
    const nodes = [...cards.keys()];
    const number = new Map(nodes.map((node, at) => [node, at]));
    for (const list of cards.values()) list.sort((one, other) => one - other);
    const sizes = nodes.map((node) => {
      const lines = (cards.get(node) as number[]).filter((column) => column >= 0).length;
      return { width: cardWidth, height: headHeight + (lines ? lines * lineHeight + 6 : 0) };
    });
    const pairs = new Map<string, [number, number]>();
    const shown = edges.filter((edge) => number.has(edge.from.node) && number.has(edge.to.node));
    for (const edge of shown) {
      const pair: [number, number] = [number.get(edge.from.node) as number, number.get(edge.to.node) as number];
      pairs.set(pair.join(), pair);
    }
    const layout = layered(sizes, [...pairs.values()], { gapX: 60, gapY: 18 });
    const point = (place: Place, side: 0 | 1): [number, number] => {
      const at = number.get(place.node) as number;
      const row = (cards.get(place.node) as number[]).filter((column) => column >= 0).indexOf(place.column);
      return [layout.x[at] + side * cardWidth, layout.y[at] + (row < 0 ? headHeight / 2 : headHeight + (row + 0.5) * lineHeight)];
    };
    const order = new Map([...pairs.keys()].map((pair, at) => [pair, at]));
    const lines = shown.map((edge) => {
      let [x, y] = point(edge.from, 1);
      let d = `M${x} ${y}`;
      const curve = (toX: number, toY: number) => {
        const reach = toX > x ? Math.max(24, (toX - x) / 2) : 90;
        d += `C${x + reach} ${y} ${toX - reach} ${toY} ${toX} ${toY}`;
        [x, y] = [toX, toY];
      };
      // A long line passes between the cards, not behind them.
      const route = layout.routes.get(order.get([number.get(edge.from.node), number.get(edge.to.node)].join()) ?? -1) ?? [];
      for (let at = 0; at < route.length; at += 4) {
        curve(route[at], route[at + 1]);
        [x, y] = [route[at + 2], route[at + 3]];
        d += `H${x}`;
      }
      curve(...point(edge.to, 0));
      return { edge, d };
    });
    return { nodes, cards, layout, lines };
  }, [graph, reached, edges]);

  const near = useMemo(() => {
    if (hover === undefined) return undefined;
    const walk = (way: "from" | "to") => {
      const seen = new Set([hover]);
      for (let isGrowing = true; isGrowing; ) {
        isGrowing = false;
        for (const edge of edges) {
          const [near, far] = way === "from" ? [key(edge.to), key(edge.from)] : [key(edge.from), key(edge.to)];
          if (seen.has(near) && !seen.has(far)) {
            seen.add(far);
            isGrowing = true;
          }
        }
      }
      return seen;
    };
    return new Set([...walk("from"), ...walk("to")]);
  }, [hover, edges]);

  // Smaller, if that shows all of it and can still be read.
  const scale = Math.min(1, Math.max(smallest, (room - margin * 2) / picture.layout.width));
  useEffect(() => {
    const element = box.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setRoom(element.clientWidth));
    observer.observe(element);
    return () => observer.disconnect();
  }, []);
  useEffect(() => {
    // The column itself is in the middle of what is seen.
    const element = box.current;
    const at = picture.nodes.indexOf(start.node);
    if (element) {
      element.scrollLeft = picture.layout.x[at] * scale - (element.clientWidth - cardWidth * scale) / 2;
      element.scrollTop = picture.layout.y[at] * scale - element.clientHeight / 2 + 60;
    }
  }, [picture, scale]);

  const { layout, nodes, cards, lines } = picture;
  return (
    <div class="column-picture" ref={box} tabIndex={0} role="group" aria-label="Column lineage as a picture; the lists below say the same">
      <div class="column-room" style={{ width: `${layout.width * scale}px`, height: `${layout.height * scale}px`, margin: `${margin}px` }}>
      <div class="column-stage" style={{ width: `${layout.width}px`, height: `${layout.height}px`, transform: `scale(${scale})` }}>
        <svg width={layout.width} height={layout.height} aria-hidden="true">
          {lines.map(({ edge, d }, at) => {
            const isLit = near?.has(key(edge.from)) && near.has(key(edge.to));
            return <path key={at} d={d} class={`how-${hows[edge.how]} ${near ? (isLit ? "lit" : "back") : ""}`}><title>{hows[edge.how]}</title></path>;
          })}
        </svg>
        {nodes.map((node, at) => {
          const entry = project.nodes[node];
          return (
            <section key={node} class={`column-card ${node === start.node ? "self" : ""} ${(cards.get(node) as number[]).some((column) => column >= 0) ? "" : "bare"}`} style={{ left: `${layout.x[at]}px`, top: `${layout.y[at]}px`, width: `${cardWidth}px` }} aria-label={title(entry)}>
              <h2><NodeLink id={node} text={entry.kind === "exposure" ? entry.label ?? entry.name : undefined} /></h2>
              <ul class="plain">
                {(cards.get(node) as number[]).filter((column) => column >= 0).map((column) => {
                  const place = { node, column };
                  const isSelf = node === start.node && column === start.column;
                  return (
                    <li key={column} onMouseEnter={() => setHover(key(place))} onMouseLeave={() => setHover(undefined)}>
                      <a class={`mono ${isSelf ? "self" : ""} ${near && !near.has(key(place)) ? "back" : ""}`} dir="auto" aria-current={isSelf ? "true" : undefined} href={columnLink(entry, graph.name(place))} onFocus={() => setHover(key(place))} onBlur={() => setHover(undefined)}>{graph.name(place)}</a>
                    </li>
                  );
                })}
              </ul>
            </section>
          );
        })}
      </div>
      </div>
      {reached.length > 0 && new Set(reached.map((place) => place.node)).size > nodes.length && <p class="notice small">Only the nearest {limit} nodes are drawn; the lists have all.</p>}
    </div>
  );
}

/** How something is used, or made: `computed into orders.amount`, `filter of orders`. */
function phrase(how: number, sign: -1 | 1, other: string): string {
  if (hows[how] === "whole") return sign < 0 ? `read by ${other}` : `reads ${other}`;
  if (how >= firstRowHow) return sign < 0 ? `${hows[how]} of ${other}` : `its ${hows[how]} uses ${other}`;
  return `${hows[how]}${sign < 0 ? " into " : " from "}${other}`;
}

const key = (place: Place): string => `${place.node}:${place.column}`;

function ColumnLists({ graph, answer, start }: { graph: ColumnGraph; answer: ReturnType<ColumnGraph["reach"]>; start: Place }) {
  const project = useProject();
  const side = (sign: -1 | 1) => answer.reached.filter((one) => Math.sign(one.distance) === sign).sort((one, other) => Math.abs(one.distance) - Math.abs(other.distance) || one.place.node - other.place.node);
  const words = (place: Place, sign: -1 | 1) => {
    const used = answer.edges.filter((edge) => key(sign < 0 ? edge.from : edge.to) === key(place));
    return [...new Set(used.map((edge) => phrase(edge.how, sign, name(sign < 0 ? edge.to : edge.from))))];
  };
  const name = (place: Place) => (place.column < 0 ? title(project.nodes[place.node]) : `${title(project.nodes[place.node])}.${graph.name(place)}`);
  return (
    <div class="two lineage-lists">
      {([[-1, "Made of"], [1, "Reaches"]] as const).map(([sign, heading]) => {
        const list = side(sign);
        return (
          <section key={sign} class="section">
            <h2>{heading} <span class="count">{list.length}</span></h2>
            {!list.length ? <p class="muted">{sign < 0 ? "Nothing: it begins here." : "Nothing: it ends here."}</p> : (
              <Scroll label={heading}>
                <table>
                  <thead><tr><th scope="col">Column</th><th scope="col">Steps</th><th scope="col">How</th></tr></thead>
                  <tbody>{list.slice(0, 500).map(({ place, distance }) => (
                    <tr key={key(place)}>
                      <th scope="row"><NodeLink id={place.node} />{place.column >= 0 ? <> <span aria-hidden="true">·</span> <a class="mono" dir="auto" href={columnLink(project.nodes[place.node], graph.name(place))}>{graph.name(place)}</a></> : <span class="muted small"> as a whole</span>}</th>
                      <td class="num">{Math.abs(distance)}</td>
                      <td class="small">{words(place, sign).slice(0, 4).map((word) => <div key={word} dir="auto">{word}</div>)}</td>
                    </tr>
                  ))}</tbody>
                </table>
              </Scroll>
            )}
            {list.length > 500 && <p class="muted small">and {plural(list.length - 500, "more column", "more columns")}</p>}
          </section>
        );
      })}
      <p class="sr">{name(start)}</p>
    </div>
  );
}
