import type { Detail, Run } from "../data";
import { duration, plural, when } from "../format";
import { tone } from "../health";
import { Scroll, StatusMark } from "./parts";

type Rows = NonNullable<Detail["history"]>;

/** The last runs as bars, the newest at the right, and as a table. */
export function History({ rows, runs }: { rows: Rows; runs: Run[] }) {
  const bars = [...rows].reverse().slice(-40);
  const longest = Math.max(...bars.map((row) => row[2]), 0.001);
  const [width, height, gap] = [14, 64, 4];
  const bad = rows.filter((row) => tone(row[1]) === "bad").length;
  const middle = [...rows].map((row) => row[2]).sort((one, other) => one - other)[Math.floor(rows.length / 2)];
  return (
    <div class="history">
      <div class="history-chart">
        <svg viewBox={`0 0 ${bars.length * (width + gap)} ${height}`} width={bars.length * (width + gap)} height={height} role="img" aria-label={`${plural(rows.length, "run")}, ${bad} of them bad; the table below has them all`}>
          {bars.map(([run, status, seconds, failures], at) => {
            const tall = Math.max(3, (seconds / longest) * (height - 4));
            return (
              <g key={at}>
                <title>{`${runs[run] ? when(runs[run].at) : ""} ${status}, ${duration(seconds)}${failures ? `, ${failures} failures` : ""}`}</title>
                <rect class={`bar ${tone(status)}`} x={at * (width + gap)} y={height - tall} width={width} height={tall} rx="2" />
                {tone(status) === "bad" && <path class="bar-mark" d={`M${at * (width + gap) + 4} ${height - 10}l6 6m0-6l-6 6`} />}
              </g>
            );
          })}
        </svg>
        <p class="small muted">{plural(rows.length, "run")}, usually {duration(middle)}{bad ? `, ${bad} bad` : ""}</p>
      </div>
      <details>
        <summary>As a table</summary>
        <Scroll label="Runs">
          <table>
            <thead><tr><th scope="col">When</th><th scope="col">Result</th><th scope="col">Time</th><th scope="col">Failures</th><th scope="col">Message</th></tr></thead>
            <tbody>{rows.map(([run, status, seconds, failures, message], at) => (
              <tr key={at}><td>{runs[run] ? when(runs[run].at) : ""}</td><td><StatusMark status={status} /></td><td class="num">{duration(seconds)}</td><td class="num">{failures ?? ""}</td><td class="message" dir="auto">{message}</td></tr>
            ))}</tbody>
          </table>
        </Scroll>
      </details>
    </div>
  );
}
