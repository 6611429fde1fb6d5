import { inspectAll, type SignalState } from '../core/look/inspect.js';
import { countOthers } from '../core/receive/standIns.js';
import { countListeners } from '../core/receive/listeners.js';
import { followsDeaths } from '../core/children/deaths.js';

/** Something about a signal in this process that is not as it was. */
export interface SignalChange {
  /** The signal's name. */
  signal: string;
  /** `'disposition'` covers the handler, its flags and its mask; `'blocked'` is the calling thread's. */
  what: 'disposition' | 'blocked' | 'listeners';
  /** For people. */
  before: string;
  /** What it is now, in words. */
  after: string;
}

/** How this process stood to all signals, to be compared with how it stands later. */
export interface SignalSnapshot {
  /** Empty where all is as it was. */
  changes(): SignalChange[];
  /** @throws Error that names every change */
  assertUnchanged(): void;
}

type Row = Record<SignalChange['what'], string>;

/**
 * Takes down every signal's disposition and handler, the calling thread's mask, and how many listeners
 * `process.on` and `on` have. Of `SIGCHLD` an ignore and a native handler count: the runtime's own comes
 * and goes with child processes. May be called from any thread.
 * Sources: as inspect.
 * @throws ERR_UNSUPPORTED (no native part)
 */
export function signalSnapshot(): SignalSnapshot {
  const before = look();
  const changes = (): SignalChange[] => compare(before, look());
  return {
    changes,
    assertUnchanged() {
      const found = changes();
      if (found.length > 0) throw leaked(found);
    },
  };
}

function leaked(changes: readonly SignalChange[]): Error {
  const lines = changes.map(
    ({ signal, what, before, after }) => `  ${signal} ${what}: ${before} before, ${after} now`,
  );
  return new Error(`Signals of this process are not as they were:\n${lines.join('\n')}`);
}

function look(): Map<string, Row> {
  return new Map(inspectAll().map((state) => [state.signal, rowOf(state)]));
}

function rowOf(state: SignalState): Row {
  const { signal, number, blocked } = state;
  // What spawnWith itself listens to is nobody's leak.
  const own = countListeners(number) - (signal === 'SIGCHLD' && followsDeaths() ? 1 : 0);
  const nodes = countOthers(signal);
  return {
    disposition: isForChildren(state) ? 'as child_process needs it' : dispositionOf(state),
    blocked: blocked ? 'blocked' : 'not blocked',
    listeners: `${own} of sigbridge and ${nodes} of process.on`,
  };
}

// The runtime's handler or none; sigbridge's, which passes on to it, shows in its listeners.
function isForChildren({ signal, disposition, owner }: SignalState): boolean {
  return signal === 'SIGCHLD' && disposition !== 'ignore' && owner !== 'native';
}

function dispositionOf({ disposition, owner, handler, flags, mask }: SignalState): string {
  if (handler === null) return disposition;
  const { symbol, module, address } = handler;
  const place = `${symbol ?? address} in ${module ?? 'no module'}`;
  // Every bit counts, but a mask of 60 names is nothing to read.
  const how = [...flags, ...(mask.length > 0 ? [`${mask.length} masked`] : [])].join(' ');
  return `a handler of ${String(owner)} (${place}${how === '' ? '' : `; ${how}`})`;
}

function compare(before: Map<string, Row>, after: Map<string, Row>): SignalChange[] {
  const found: SignalChange[] = [];
  for (const [signal, row] of after) {
    const old = before.get(signal) ?? row;
    for (const what of ['disposition', 'blocked', 'listeners'] as const) {
      if (old[what] !== row[what])
        found.push({ signal, what, before: old[what], after: row[what] });
    }
  }
  return found;
}
