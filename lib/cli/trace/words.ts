import path from 'node:path';
import { shortCommand } from '../../base/text/shortened.js';
import type {
  ActionState,
  AlternateStack,
  Change,
  MaskChange,
  Place,
  TracedProcess,
} from './model.js';

/** `libc.so.6 raise+0x1f`, `app+0x1234`, `0x7f00`: short, for people. */
export function placeText({ address, module, symbol, offset }: Place): string {
  if (module === null) return address;
  const behind = offset === 0 && symbol !== null ? '' : `+0x${offset.toString(16)}`;
  const file = path.basename(module);
  return symbol === null ? `${file}${behind}` : `${plainName(symbol)}${behind} (${file})`;
}

/** `node::SignalExit` for `_ZN4node10SignalExitEiP9siginfo_tPv`; other names as they are. */
export function plainName(symbol: string): string {
  let rest = /^_Z(?:L|N[rVK]*)(?=\d|St|L\d)(.*)$/.exec(symbol)?.[1];
  const names: string[] = [];
  for (let match; rest !== undefined; rest = rest.slice(match)) {
    const length = /^L?(\d+)/.exec(rest);
    if (length === null) break;
    match = length[0].length + Number(length[1]);
    const name = rest.slice(length[0].length, match);
    if (!name.startsWith('_GLOBAL_')) names.push(name);
  }
  return names.length === 0 ? symbol : names.join('::');
}

/** `42 (sleep 60)`. */
export function processText(process: TracedProcess | undefined): string {
  if (process === undefined) return 'an unknown process';
  const command = process.command.join(' ') || process.executable;
  return command === null ? String(process.pid) : `${process.pid} (${shortCommand(command)})`;
}

/** What a change is about: the signal, or those that are now blocked (+) or no more (-). */
export function subjectText(change: Change): string {
  if (change.kind === 'action') return change.signal;
  if (change.kind === 'alternate stack') return '';
  const { from, to } = change;
  const added = to.filter((signal) => from?.includes(signal) !== true);
  const removed = from?.filter((signal) => !to.includes(signal)) ?? [];
  return [setText('+', added), setText('-', removed)].filter((text) => text !== '').join(' ');
}

export function stateText(change: Change, which: 'from' | 'to'): string {
  const state = change[which];
  if (state === null) return '?';
  if (change.kind === 'action') return actionText(state as ActionState);
  if (change.kind === 'mask') return maskText(state as MaskChange['to']);
  const { enabled, size } = state as AlternateStack;
  return enabled ? `stack of ${size} bytes` : 'no stack';
}

function actionText({ disposition, handler, flags }: ActionState): string {
  if (handler === null) return disposition;
  return [placeText(handler), ...flags].join(' ');
}

const MANY = 3;

function maskText(mask: string[]): string {
  if (mask.length === 0) return 'none blocked';
  return mask.length > MANY ? `${mask.length} blocked` : `${mask.join(' ')} blocked`;
}

function setText(sign: string, signals: string[]): string {
  if (signals.length > MANY) return `${sign}${signals.length} signals`;
  return signals.map((signal) => `${sign}${signal}`).join(' ');
}
