import { SignalError } from '../../base/errors/SignalError.js';
import { addon } from '../../base/native/addon.js';
import { toName } from '../../base/signal/names.js';
import { handlersOf } from '../bridge/handlers.js';
import type { HandlerPlace } from '../look/handler.js';

const warned = new Set<number>();

const NOT_BESIDE_A_HANDLER = 1;
const NOT_BY_THIS_THREAD = 2;

/** Somebody listens to a real-time signal and has not said that the order does not matter. */
export function warnOfOrder(number: number): void {
  const kept = addon.orderOf(number);
  if (kept === NOT_BESIDE_A_HANDLER) {
    warn(
      number,
      `${nameOf(handlersOf(number)[0])} is called for it, which may be aimed at threads of its ` +
        'own: to keep the order, they would have to leave the signal to the main thread, and wait ' +
        'for it for ever. Pass { ordered: false } where the order does not matter.',
    );
  } else if (kept === NOT_BY_THIS_THREAD) {
    warn(number, 'the main thread, to which the others would have to leave it, blocks it.');
  }
}

/** There are more threads than room to write down what each has been told. */
export function warnOfLostOrder(number: number): void {
  warn(number, 'this process has more threads than sigbridge can tell to leave it to one.');
}

/** A thread has taken one that nobody had told to leave it to the main thread. */
export function warnOfLateThread(number: number): void {
  warn(
    number,
    'a thread that native code has started since somebody listens took one, perhaps out of turn. Such threads ' +
      'leave it to the main thread from now on. Pass { ordered: false } where the order does not matter.',
  );
}

function warn(number: number, why: string): void {
  if (warned.has(number)) return;
  warned.add(number);
  process.emitWarning(
    `${toName(number)} may arrive out of order: ${why} This is said once for as long as somebody listens.`,
    'SignalOrderWarning',
  );
}

/** Nobody listens to the signal any more. */
export function forgetOrder(number: number): void {
  warned.delete(number);
}

/** Somebody insists on the order. */
export function orderRefused(signal: string, handler: HandlerPlace | undefined): SignalError {
  return new SignalError(
    'ERR_RESERVED_SIGNAL',
    `${signal} cannot be kept in order: ${nameOf(handler)} is called for it, which may be aimed at ` +
      'threads of its own, and they would wait for it for ever. Pass { ordered: false } to do ' +
      "without the order, or { chain: 'none' } to leave that handler out.",
    { signal },
  );
}

function nameOf(handler: HandlerPlace | undefined): string {
  if (handler === undefined) return 'a C handler';
  const { symbol, module } = handler;
  return `the C handler ${symbol === null ? '' : `${symbol} `}of ${module ?? 'an unknown library'}`;
}
