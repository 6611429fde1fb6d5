import { byId, element } from './elements.js';
import { duration } from './numbers.js';
import type { Told } from './state.js';

const MOST_SHOWN = 30;
const SVG = 'http://www.w3.org/2000/svg';
/** A bar's width, in its own units. */
const WIDTH = 1000;
/** So that a step of nothing can still be seen. */
const LEAST = 3;

/** The last deliveries, the newest first, each step as long as it took beside the others. */
export function showTimeline(told: readonly Told[]): void {
  const lines = told.slice(-MOST_SHOWN).reverse().map(line);
  const nothing = element('p', 'empty', 'Nothing has been delivered since the trace began.');
  byId('timeline').replaceChildren(...(lines.length > 0 ? lines : [nothing]));
}

function line(delivery: Told): HTMLElement {
  const { signal, code, pid, listeners, wokenAfter, index } = delivery;
  const end = listeners.at(-1)?.endedAfter ?? wokenAfter;
  const made = element(
    'div',
    'delivery',
    element('span', 'signal', signal),
    element('span', 'quiet', code ?? ''),
    bar(delivery, end),
    element('span', 'number', duration(end)),
    element('span', 'quiet', aside(pid, listeners.length)),
  );
  made.title = `${index}: ${steps(delivery)}`;
  return made;
}

function aside(pid: number | null, listeners: number): string {
  const from = pid === null ? '' : `from ${pid}, `;
  return `${from}${listeners} ${listeners === 1 ? 'listener' : 'listeners'}`;
}

function steps({ chain, leftAfter, wokenAfter, listeners }: Told): string {
  const length = (call: { startedAfter: number; endedAfter: number }): string =>
    duration(call.endedAfter - call.startedAfter);
  return [
    ...(leftAfter === null ? [] : [`in the signal handler ${duration(leftAfter)}`]),
    ...(chain ?? []).map((call) => `${call.owner} ${length(call)}`),
    `event loop after ${duration(wokenAfter)}`,
    ...listeners.map(
      (call) => `${call.kind} at ${duration(call.startedAfter)} for ${length(call)}`,
    ),
  ].join(' · ');
}

// Square roots: what takes a µs has to be seen beside what takes a ms.
function bar({ chain, leftAfter, wokenAfter, listeners }: Told, end: number): Element {
  const at = (ns: number): number => Math.sqrt(Math.max(0, ns) / Math.max(1, end)) * WIDTH;
  const svg = document.createElementNS(SVG, 'svg');
  svg.setAttribute('viewBox', `0 0 ${WIDTH} 16`);
  svg.setAttribute('preserveAspectRatio', 'none');
  const part = (className: string, from: number, to: number): void => {
    const made = document.createElementNS(SVG, 'rect');
    made.setAttribute('class', className);
    made.setAttribute('x', String(at(from)));
    made.setAttribute('width', String(Math.max(LEAST, at(to) - at(from))));
    made.setAttribute('height', '16');
    svg.append(made);
  };
  part('wait', leftAfter ?? 0, listeners[0]?.startedAfter ?? wokenAfter);
  if (leftAfter !== null) part('handler', 0, leftAfter);
  for (const call of chain ?? []) part('chain', call.startedAfter, call.endedAfter);
  for (const call of listeners) {
    part(call.failed ? 'failed' : 'listener', call.startedAfter, call.endedAfter);
  }
  return svg;
}
