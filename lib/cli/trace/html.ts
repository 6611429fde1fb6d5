import { shortened } from '../../base/text/shortened.js';
import { scaleLinear } from './kept.js';
import type { ActionChange, Change, Trace } from './model.js';
import { placeText, processText, stateText, subjectText } from './words.js';

/** A page that needs nothing but itself: no script, nothing to fetch, and no text that is not escaped. */
export function pageOf(trace: Trace): string {
  const lanes = lanesOf(trace);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Signals of ${escaped(trace.command.join(' '))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Signals of <code>${escaped(trace.command.join(' '))}</code></h1>
<p>${escaped(summaryOf(trace))}</p>
${listed('Warnings', trace.warnings, ({ rule, message }) => `<b>${escaped(rule)}</b> ${escaped(message)}`)}
${listed('Notes', trace.notes, escaped)}
<h2>Timeline</h2>
<p>A row for each signal of each process, and for each thread's mask. A mark is a change; point at it.
<span class="key default"></span> default <span class="key ignore"></span> ignored
<span class="key handler"></span> handler <span class="key mask"></span> mask</p>
${timeline(trace, lanes)}
<h2>Who owns each signal in the end</h2>
${ownersTable(trace)}
<h2>Changes</h2>
${changesTable(trace)}
</body>
</html>
`;
}

const WIDTH = 1200;
const LEFT = 260;
const ROW = 22;
const TOP = 30;
const LONGEST_TITLE = 40;
/** More changes would make a page that no browser likes; all are in the text and in the JSON. */
const MOST_ROWS = 5000;

const STYLE = `
body{font:14px/1.5 system-ui,sans-serif;margin:2em auto;max-width:${WIDTH + 40}px;padding:0 1em;color:#222}
.scroll{overflow-x:auto}svg text{font-size:12px;fill:#222}svg .axis{stroke:#ddd}
table{border-collapse:collapse;width:100%;font-size:13px}
td,th{text-align:left;padding:.15em .6em;border-bottom:1px solid #ddd;vertical-align:top}
td:first-child{font-variant-numeric:tabular-nums}pre{margin:0;color:#666}
.default{fill:#c8ccd0;background:#c8ccd0}.ignore{fill:#e69f00;background:#e69f00}
.handler{fill:#0072b2;background:#0072b2}.mask{fill:#009e73;background:#009e73}
.key{display:inline-block;width:.8em;height:.8em;margin-left:.8em}.mark{stroke:#222;stroke-width:1.5}
@media (prefers-color-scheme:dark){body{background:#181818;color:#ddd}svg text{fill:#ddd}
td,th,svg .axis{border-color:#444;stroke:#444}.mark{stroke:#eee}}`;

interface Lane {
  title: string;
  marks: Change[];
}

// In the order of their first change.
function lanesOf({ changes, processes }: Trace): Lane[] {
  const lanes = new Map<string, Lane>();
  for (const change of changes) {
    if (!change.changed) continue;
    const what = change.kind === 'action' ? change.signal : `${change.kind} of ${change.tid}`;
    const key = `${change.process} ${what}`;
    const command = processes[change.process]?.command[0]?.split('/').at(-1) ?? '';
    const lane = lanes.get(key) ?? { title: `${what}, ${change.pid} ${command}`, marks: [] };
    lane.marks.push(change);
    lanes.set(key, lane);
  }
  return [...lanes.values()];
}

function timeline({ duration }: Trace, lanes: Lane[]): string {
  const x = scaleLinear()
    .domain([0, Math.max(duration, 0.001)])
    .range([LEFT, WIDTH]);
  const height = TOP + lanes.length * ROW + 10;
  const format = x.tickFormat(10);
  const axis = x
    .ticks(10)
    .map((at) => {
      const left = x(at).toFixed(1);
      const line = `<line class="axis" x1="${left}" x2="${left}" y1="${TOP - 6}" y2="${height}"/>`;
      return `${line}<text x="${left}" y="16" text-anchor="middle">${format(at)} ms</text>`;
    })
    .join('');
  const rows = lanes.map((lane, index) => row(lane, TOP + index * ROW, x)).join('\n');
  const box = `viewBox="0 0 ${WIDTH + 30} ${height}" width="${WIDTH + 30}" height="${height}"`;
  return `<div class="scroll"><svg ${box} role="img">${axis}\n${rows}\n</svg></div>`;
}

function row({ title, marks }: Lane, top: number, x: (time: number) => number): string {
  const name = `<text x="0" y="${top + 14}">${escaped(shortened(title, LONGEST_TITLE))}</text>`;
  const bars = marks.map((change, index) => {
    const left = x(change.time);
    const right = index + 1 < marks.length ? x(marks[index + 1]?.time ?? 0) : WIDTH;
    const size = `x="${left.toFixed(1)}" width="${Math.max(right - left, 0).toFixed(1)}"`;
    return {
      left,
      svg: `<rect class="${styleOf(change)}" ${size} y="${top + 3}" height="${ROW - 8}"/>`,
    };
  });
  // Where marks lie on one another, the last one of a pixel can be seen, and no other.
  const drawn = marks.flatMap((change, index) => {
    const next = bars[index + 1];
    const { left, svg } = bars[index] ?? { left: 0, svg: '' };
    if (next !== undefined && next.left - left < 0.5) return [];
    const at = left.toFixed(1);
    const mark = `<line class="mark" x1="${at}" x2="${at}" y1="${top + 1}" y2="${top + ROW - 3}"/>`;
    return [`<g><title>${escaped(lineOf(change))}</title>${svg}${mark}</g>`];
  });
  return name + drawn.join('');
}

function styleOf(change: Change): string {
  return change.kind === 'action' ? change.to.disposition : 'mask';
}

function lineOf(change: Change): string {
  const who = change.who === null ? '?' : placeText(change.who);
  const what = `${change.call} ${subjectText(change)}: ${stateText(change, 'from')} → ${stateText(change, 'to')}`;
  return [`${change.time.toFixed(3)} ms  ${what}`, who, ...(change.script ?? [])].join('\n');
}

function ownersTable({ owners, processes, changes }: Trace): string {
  const rows = owners.map(({ process, signal, owner, disposition, change }) => {
    const by = change === null ? undefined : changes[change];
    const setter = by === undefined ? 'was so at its start' : whoText(by);
    const whose = owner === null ? disposition : placeText(owner);
    return cells([processText(processes[process]), signal, whose, setter]);
  });
  return table(['Process', 'Signal', 'Owner', 'Set by'], rows);
}

function changesTable({ changes }: Trace): string {
  const shown = changes.filter(({ changed }) => changed);
  const rows = shown.slice(0, MOST_ROWS).map((change) => {
    const script = (change.script ?? []).map((frame) => `at ${frame}`).join('\n');
    const who = `<td>${escaped(whoText(change))}${script === '' ? '' : `<pre>${escaped(script)}</pre>`}</td>`;
    const texts = [change.time.toFixed(3), `${change.pid}/${change.tid}`, change.call];
    const states = [stateText(change, 'from'), stateText(change, 'to')];
    return cells([...texts, subjectText(change), ...states]).replace('</tr>', `${who}</tr>`);
  });
  const rest = shown.length - rows.length;
  const note = rest === 0 ? '' : `<p>And ${rest} more.</p>`;
  return table(['ms', 'Process/thread', 'Call', 'Signal', 'From', 'To', 'Who'], rows) + note;
}

function whoText({ who }: Change | ActionChange): string {
  return who === null ? '?' : placeText(who);
}

function table(titles: string[], rows: string[]): string {
  const head = titles.map((title) => `<th>${escaped(title)}</th>`).join('');
  return `<div class="scroll"><table><tr>${head}</tr>\n${rows.join('\n')}\n</table></div>`;
}

function cells(texts: string[]): string {
  return `<tr>${texts.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`;
}

function listed<T>(title: string, items: T[], html: (item: T) => string): string {
  if (items.length === 0) return '';
  return `<h2>${title}</h2>\n<ul>${items.map((item) => `<li>${html(item)}</li>`).join('\n')}</ul>`;
}

function summaryOf({ started, duration, exit, changes, processes }: Trace): string {
  const end = exit.signal ?? `exit code ${exit.code}`;
  const count = changes.filter(({ changed }) => changed).length;
  return `${started}, ${duration.toFixed(0)} ms, ${processes.length} programs, ${count} changes; ended with ${end}.`;
}

const ENTITIES: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (letter) => ENTITIES[letter] ?? letter);
}
