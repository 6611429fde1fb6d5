import type { ChainEntry, SignalState } from '../../core/look/inspect.js';
import { byId, cell, element, fillTable } from './elements.js';
import { count, sum } from './numbers.js';
import type { State } from './state.js';

/** The table of signals; `send` is called for a press of a signal's button. */
export function showSignals(state: State, send: (signal: string) => void): void {
  const all = (byId('all') as HTMLInputElement).checked;
  const shown = state.signals.filter((signal) => all || isInteresting(state, signal));
  fillTable(
    'signals',
    shown.map((signal) => row(state, signal, send)),
  );
}

function isInteresting(
  { counters, send }: State,
  { signal, disposition, pending }: SignalState,
): boolean {
  const came = counters.some((one) => one.signal === signal);
  return disposition !== 'default' || pending || came || send.includes(signal);
}

function row(state: State, signal: SignalState, send: (signal: string) => void): HTMLElement[] {
  const { signal: name, disposition } = signal;
  const counted = state.counters.find((one) => one.signal === name);
  const numbers = [counted?.arrived, counted?.taken, counted?.folded];
  return [
    cell('signal', name),
    cell('', element('span', `badge ${disposition}`, disposition)),
    cell('', ...chainOf(signal).map(step)),
    ...numbers.map((value) => cell('number', value === undefined ? '' : count(value))),
    cell('note', notes(state, signal).join(', ')),
    cell('action', ...(state.send.includes(name) ? [button(name, send)] : [])),
  ];
}

function chainOf({ chain, owner, handler }: SignalState): readonly ChainEntry[] {
  if (chain.length > 0) return chain;
  return handler === null ? [] : [{ owner, handler }];
}

function step({ owner, handler }: ChainEntry): HTMLElement {
  const { module, symbol, offset, address } = handler;
  const made = element('span', 'step', owner ?? '?');
  if (owner === 'sigbridge' || owner === 'libuv') return made;
  const file = module?.split('/').at(-1) ?? address;
  made.append(' ', element('small', '', `${file} ${symbol ?? `+0x${offset.toString(16)}`}`));
  made.title = module ?? '';
  return made;
}

function notes(state: State, { signal, blocked, pending }: SignalState): string[] {
  const held = state.holds.filter(({ counts }) => signal in counts);
  const kept = sum(held.map(({ counts }) => counts[signal] ?? 0));
  return [
    ...(state.displaced.some((one) => one.signal === signal) ? ['stands over sigbridge'] : []),
    ...(held.length > 0 ? [`held: ${count(kept)} kept`] : []),
    ...(pending ? ['pending'] : []),
    ...(blocked ? ['blocked in this thread'] : []),
  ];
}

function button(signal: string, send: (signal: string) => void): HTMLElement {
  const made = element('button', '', 'send');
  made.setAttribute('type', 'button');
  made.setAttribute('aria-label', `send ${signal}`);
  made.addEventListener('click', () => {
    send(signal);
  });
  return made;
}
