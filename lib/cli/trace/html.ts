// The page of a report. Longer than most files: a third of it is the page's own text, style and script.
import { createHash } from 'node:crypto';
import { shortCommand, shortened } from '../../base/text/shortened.js';
import { scaleLinear } from './kept.js';
import type { ActionChange, Change, Trace } from './model.js';
import { placeText, processText, stateText, subjectText } from './words.js';

/**
 * A page that needs nothing but itself: nothing to fetch, no text that is not escaped, and no script that runs but
 * its own, which hides what is not chosen.
 */
export function pageOf(trace: Trace): string {
  const groups = groupsOf(trace);
  const command = trace.command.join(' ');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src '${hashOf(SCRIPT)}'">
<title>Signals of ${escaped(shortCommand(command))}</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Signals of <code title="${escaped(command)}">${escaped(shortCommand(command))}</code></h1>
<p>${escaped(summaryOf(trace))}</p>
${listed('Warnings', trace.warnings, ({ rule, message }) => `<b>${escaped(rule)}</b> ${escaped(message)}`)}
${listed('Notes', trace.notes, escaped)}
<h2>Timeline</h2>
<p>Each program, with a row for each signal and for each thread's mask. A mark is a change; a click on it leads to who
made it. <span class="key default"></span> default <span class="key ignore"></span> ignored
<span class="key handler"></span> handler <span class="key mask"></span> mask</p>
<p class="choice"><label>Signal ${list('signal', signalsOf(groups))}</label>
<label>Program ${list(
    'program',
    groups.map(({ index, title }): [string, string] => [String(index), title]),
  )}</label></p>
${groups.map((group) => section(trace, group, groups.length <= OPEN)).join('\n')}
<script>${SCRIPT}</script>
</body>
</html>
`;
}

const LONGEST_TITLE = 40;
/** Of so few programs all is shown at once. */
const OPEN = 3;
/** More changes would make a page that no browser likes; all are in the text and in the JSON. */
const MOST_ROWS = 10_000;
const SCALE = 1000;

const STYLE = `
body{font:14px/1.5 system-ui,sans-serif;margin:1.5em auto;max-width:1240px;padding:0 1em;color:#222;background:#fff}
h1{font-size:1.4em;overflow-wrap:anywhere}h2{font-size:1.15em}.scroll{overflow-x:auto}
details.process{border-top:1px solid #ccc}summary{cursor:pointer;padding:.3em 0;overflow-wrap:anywhere}
summary small{color:#666}.choice label{margin-right:1em}select{font:inherit;max-width:100%}
.lane,.axis{display:grid;grid-template-columns:14em 1fr;align-items:center;gap:.6em}
.lane>span{font-size:12px;overflow:hidden;text-overflow:ellipsis;white-space:nowrap}
[hidden]{display:none!important}
svg{width:100%;height:16px;display:block}.axis div{display:flex;justify-content:space-between;font-size:11px;color:#666}
table{border-collapse:collapse;width:100%;font-size:13px;margin:.6em 0}
td,th{text-align:left;padding:.15em .6em;border-bottom:1px solid #ddd;vertical-align:top}
td:first-child{font-variant-numeric:tabular-nums}pre{margin:0;color:#666}tr:target{background:#fff3c4}
.default{fill:#c8ccd0;background:#c8ccd0}.ignore{fill:#e69f00;background:#e69f00}
.handler{fill:#0072b2;background:#0072b2}.mask{fill:#009e73;background:#009e73}
.key{display:inline-block;width:.8em;height:.8em;margin-left:.8em}
.mark{stroke:#222;stroke-width:2;vector-effect:non-scaling-stroke}
@media (max-width:600px){.lane,.axis{grid-template-columns:1fr;gap:0}}
@media (prefers-color-scheme:dark){body{background:#181818;color:#ddd;color-scheme:dark}
td,th,details.process{border-color:#444}.mark{stroke:#eee}summary small,pre,.axis div{color:#aaa}
tr:target{background:#4a3f10}a{color:#8cf}}`;

interface Lane {
  what: string;
  signal: string;
  marks: Numbered[];
}

interface Numbered {
  change: Change;
  /** Its place in the record, by which links find it. */
  at: number;
}

/** A program, from its start to the next. */
interface Group {
  index: number;
  title: string;
  lanes: Lane[];
  changes: Numbered[];
}

// Programs in the order of their first change, and so the rows of each.
function groupsOf({ changes, processes }: Trace): Group[] {
  const groups = new Map<number, Group>();
  for (const [at, change] of changes.entries()) {
    if (!change.changed) continue;
    const index = change.process;
    const title = processText(processes[index]);
    const group = groups.get(index) ?? { index, title, lanes: [], changes: [] };
    groups.set(index, group);
    const signal = change.kind === 'action' ? change.signal : change.kind;
    const what = change.kind === 'action' ? signal : `${change.kind} of ${change.tid}`;
    let lane = group.lanes.find((one) => one.what === what);
    if (lane === undefined) group.lanes.push((lane = { what, signal, marks: [] }));
    lane.marks.push({ change, at });
    group.changes.push({ change, at });
  }
  return [...groups.values()];
}

function hashOf(script: string): string {
  return `sha256-${createHash('sha256').update(script).digest('base64')}`;
}

function signalsOf(groups: Group[]): [string, string][] {
  const all = new Set(groups.flatMap(({ lanes }) => lanes.map(({ signal }) => signal)));
  return [...all].sort().map((signal) => [keyOf(signal), signal]);
}

// Part of a selector, and one word of a list.
function keyOf(signal: string): string {
  return signal.replaceAll(/[^\w]/g, '_');
}

function list(id: string, options: [string, string][]): string {
  const rest = options.map(
    ([value, text]) =>
      `<option value="${value}">${escaped(shortened(text, LONGEST_TITLE))}</option>`,
  );
  return `<select id="${id}"><option value="">all</option>${rest.join('')}</select>`;
}

// Both lists hold together. A style sheet could do it, with `:has`, and takes a browser minutes.
const SCRIPT = `const lists=['signal','program'].map((id)=>document.getElementById(id));
function choose(){const [signal,program]=lists.map((list)=>list.value);
for(const one of document.querySelectorAll('[data-s]')){
const fits=signal===''||one.dataset.s.split(' ').includes(signal);
one.hidden=!fits||(program!==''&&one.dataset.p!==undefined&&one.dataset.p!==program)}}
for(const list of lists)list.addEventListener('change',choose);
function follow(){const row=document.querySelector(location.hash||'none');const part=row&&row.closest('details');
if(part){part.open=true;row.scrollIntoView()}}
addEventListener('hashchange',follow);follow()`;

function section(trace: Trace, group: Group, open: boolean): string {
  const { index, title, lanes, changes } = group;
  const keys = [...new Set(lanes.map(({ signal }) => keyOf(signal)))].join(' ');
  const [first] = changes;
  const since = first === undefined ? '' : `, from ${first.change.time.toFixed(1)} ms`;
  const count = `${changes.length} ${changes.length === 1 ? 'change' : 'changes'}${since}`;
  // Of many that begin alike, the end tells which it is.
  const whole = trace.processes[index]?.command.join(' ') ?? '';
  return `<details class="process" data-p="${index}" data-s="${keys}"${open ? ' open' : ''}>
<summary title="${escaped(whole)}">${escaped(title)} <small>${count}</small></summary>
${axis(trace)}
${lanes.map((lane) => row(trace, lane)).join('\n')}
${ownersTable(trace, index)}
${changesTable(group)}
</details>`;
}

const scaleOf = ({ duration }: Trace) =>
  scaleLinear()
    .domain([0, Math.max(duration, 0.001)])
    .range([0, SCALE]);

function axis({ duration }: Trace): string {
  const at = [0, duration / 2, duration].map((time) => `<span>${time.toFixed(0)} ms</span>`);
  return `<div class="axis"><span></span><div>${at.join('')}</div></div>`;
}

function row(trace: Trace, { what, signal, marks }: Lane): string {
  const x = scaleOf(trace);
  const bars = marks.map(({ change }, index) => {
    const left = x(change.time);
    const right = index + 1 < marks.length ? x(marks[index + 1]?.change.time ?? 0) : SCALE;
    const size = `x="${left.toFixed(1)}" width="${Math.max(right - left, 0).toFixed(1)}"`;
    return { left, svg: `<rect class="${styleOf(change)}" ${size} y="2" height="12"/>` };
  });
  // Where marks lie on one another, the last one of a pixel can be seen, and no other.
  const drawn = marks.flatMap(({ change, at }, index) => {
    const next = bars[index + 1];
    const { left, svg } = bars[index] ?? { left: 0, svg: '' };
    if (next !== undefined && next.left - left < 0.5) return [];
    const place = left.toFixed(1);
    const mark = `<line class="mark" x1="${place}" x2="${place}" y1="0" y2="16"/>`;
    return [`<a href="#c${at}"><g><title>${escaped(lineOf(change))}</title>${svg}${mark}</g></a>`];
  });
  const box = `viewBox="0 0 ${SCALE} 16" preserveAspectRatio="none" role="img"`;
  const name = `<span title="${escaped(what)}">${escaped(what)}</span>`;
  return `<div class="lane" data-s="${keyOf(signal)}">${name}<svg ${box}>${drawn.join('')}</svg></div>`;
}

function styleOf(change: Change): string {
  return change.kind === 'action' ? change.to.disposition : 'mask';
}

function lineOf(change: Change): string {
  const who = change.who === null ? '?' : placeText(change.who);
  const what = `${change.call} ${subjectText(change)}: ${stateText(change, 'from')} → ${stateText(change, 'to')}`;
  return [`${change.time.toFixed(3)} ms  ${what}`, who, ...(change.script ?? [])].join('\n');
}

function ownersTable({ owners, changes }: Trace, index: number): string {
  const rows = owners
    .filter(({ process }) => process === index)
    .map(({ signal, owner, disposition, change }) => {
      const by = change === null ? undefined : changes[change];
      const setter = by === undefined ? 'was so at its start' : whoText(by);
      const whose = owner === null ? disposition : placeText(owner);
      return cells([signal, whose, setter], `data-s="${keyOf(signal)}"`);
    });
  return rows.length === 0 ? '' : table(['Signal', 'Owner in the end', 'Set by'], rows);
}

function changesTable({ changes }: Group): string {
  const rows = changes.slice(0, MOST_ROWS).map(({ change, at }) => {
    const script = (change.script ?? []).map((frame) => `at ${frame}`).join('\n');
    const who = `<td>${escaped(whoText(change))}${script === '' ? '' : `<pre>${escaped(script)}</pre>`}</td>`;
    const texts = [change.time.toFixed(3), `${change.pid}/${change.tid}`, change.call];
    const states = [stateText(change, 'from'), stateText(change, 'to')];
    const key = keyOf(change.kind === 'action' ? change.signal : change.kind);
    const row = cells([...texts, subjectText(change), ...states], `id="c${at}" data-s="${key}"`);
    return row.replace('</tr>', `${who}</tr>`);
  });
  const rest = changes.length - rows.length;
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

function cells(texts: string[], attributes: string): string {
  return `<tr ${attributes}>${texts.map((text) => `<td>${escaped(text)}</td>`).join('')}</tr>`;
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
