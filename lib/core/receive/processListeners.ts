import { dispositionNow } from '../look/disposition.js';
import { addon } from '../../base/native/addon.js';
import { usesLibuv } from '../../base/native/load.js';
import { allSignals } from '../../base/signal/names.js';
import { signalNumbers } from '../../base/signal/numbers.js';
import { namesThere } from './pastOn.js';
import { countOthers, isOurs, isStandIn, standAnew, wasPutBack } from './standIns.js';
import { leaveUnseen, listenUnseen, makeRoom, wasTaken } from './unseen.js';

const numbers = new Map<unknown, number>();
// A signal may have two: SIGABRT and SIGIOT are the same.
const namesByNumber = new Map<number, string[]>();

// At the first listener: loading the package should cost little.
function fill(): void {
  for (const [name, number] of Object.entries(signalNumbers())) {
    numbers.set(name, number);
    namesByNumber.set(number, [...(namesByNumber.get(number) ?? []), name]);
  }
}

/**
 * Tells the native part which signals `process.on` listens to, until {@link leaveProcessListeners}: the
 * runtime's handler is called for these beside ours. Only the main thread's `process` hears signals:
 * the native part knows, and leaves aside what a worker tells. For this turn they are announced as well.
 */
export function followProcessListeners(): void {
  if (numbers.size === 0) fill();
  // In one word: who comes and goes pays for it at each turn.
  let watched = 0;
  for (const name of namesThere()) {
    const number = numbers.get(name);
    if (number !== undefined && hasOthers(number)) watched |= 1 << number;
  }
  addon.followScript(watched);
  // Before Node's own, which has libuv watch. Deno's must have come first: ours goes on top of its handler.
  listenUnseen('newListener', onNewListener, usesLibuv);
  listenUnseen('removeListener', onRemoveListener);
}

/** Nothing of ours is left on `process`. True where some thread has still to unblock what it was told to. */
export function leaveProcessListeners(): boolean {
  const isOwed = addon.leaveScript();
  leaveUnseen('removeListener', onRemoveListener);
  leaveUnseen('newListener', onNewListener);
  return isOwed;
}

function onNewListener(event: string | symbol, listener: unknown): void {
  makeRoom(event);
  const name = String(event);
  const number = numbers.get(name);
  if (number === undefined) return;
  if (isOurs(listener)) {
    wasPutBack(name);
    putRightSoon(name);
  } else if (!isStandIn(listener)) {
    tell(number, true);
  }
  if (usesLibuv) standOver(number);
  else queueMicrotask(standOverRuntime);
  if (name === 'SIGINT') queueMicrotask(standOverTracer);
}

function onRemoveListener(event: string | symbol, listener: unknown): void {
  wasTaken(listener);
  const name = String(event);
  const number = numbers.get(name);
  if (number === undefined || puttingRight) return;
  tell(number, hasOthers(number));
  if (isOurs(listener)) {
    putRightSoon(name);
  } else if (countOthers(name) === 0) {
    // Node sees a listener still, and would have libuv watch for it.
    putRight(name);
  }
  if (usesLibuv) standOver(number);
  if (name === 'SIGINT') queueMicrotask(standOverTracer);
}

const toPutRight = new Set<string>();
let puttingRight = false;

// Whoever takes all listeners away, as `vm` does, puts them back before he is done.
function putRightSoon(name: string): void {
  if (puttingRight) return;
  if (toPutRight.size === 0) queueMicrotask(putAllRight);
  toPutRight.add(name);
}

function putAllRight(): void {
  for (const name of toPutRight) {
    putRight(name);
    // The REPL puts Node's own handler back only after its script has done so.
    standOver(numbers.get(name) ?? 0);
  }
  toPutRight.clear();
}

function putRight(name: string): void {
  puttingRight = true;
  try {
    standAnew(name);
  } finally {
    puttingRight = false;
  }
}

// Deno sets its handlers over ours: for what is listened to, and at the first time for all signals by
// which it ends itself.
function standOverRuntime(): void {
  for (const number of allSignals()) standOver(number);
}

// With --trace-sigint Node listens behind us for who comes and goes, and puts its ender over ours, or what
// breaks off a script. No script that may be broken off is running any more.
function standOverTracer(): void {
  const number = numbers.get('SIGINT') ?? 0;
  const { managed, owner } = dispositionNow(number);
  if (managed && owner === 'runtime') addon.reclaim(number);
}

// Node does so where `breakOnSigint` interrupts a script: it takes all listeners away, and when it puts
// them back its own handler stands, which ends the process. It is for one signal only. The one that
// interrupts the script stands there by right as long as that runs, and is for any number of them.
function standOver(number: number): void {
  const { managed, owner, once } = dispositionNow(number);
  if (managed && owner === 'runtime' && (once || !usesLibuv)) addon.reclaim(number);
}

function hasOthers(number: number): boolean {
  return namesByNumber.get(number)?.some((name) => countOthers(name) > 0) === true;
}

function tell(number: number, watches: boolean): void {
  addon.setScriptWatches(number, watches);
}
