import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setImmediate as turn } from 'node:timers/promises';
import { reset } from '../change/change.js';
import { forwardTo } from '../forward/forwardTo.js';
import { ignored } from '../look/inspect.js';
import { on } from '../receive/on.js';
import { allSignals, toName } from '../signal/names.js';
import { traits } from '../signal/traits.js';
import { hold } from '../two-phases/hold.js';

/** How a command ended. */
export interface End {
  code: number | null;
  /** Real-time signals too. */
  signal: string | null;
}

/**
 * Runs a command to its end. Standard input, output and error are this process's own; a signal that
 * is sent to this process reaches the command.
 * @throws the system's error when it cannot be started
 */
export async function runCommand(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  onStart: (pid: number) => void = () => undefined,
): Promise<End> {
  // Node's own handler would open the inspector here.
  reset('SIGUSR1', { force: true });
  const signals = forwardable();
  // What comes before there is somebody to send it to.
  const early = hold(signals);
  const deaths = new Deaths();
  const child = spawn(command, args, { stdio: 'inherit', env });
  await once(child, 'spawn');
  onStart(child.pid ?? 0);
  forwardTo(child, signals);
  early.release();
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  return signal === null && code === 0 ? deaths.endOf(child) : { code, signal };
}

// Ignored ones stay so for the command too, as without us.
function forwardable(): number[] {
  return allSignals().filter((number) => {
    const { catchable, synchronous } = traits(number);
    const isOurs = ['SIGCHLD', 'SIGPIPE', 'SIGXFSZ'].includes(toName(number));
    return catchable && !synchronous && !isOurs && !ignored(number);
  });
}

/** Node knows no real-time signals: a death by one looks to it like an exit with 0. */
class Deaths {
  readonly #signals = new Map<number, number>();
  readonly #subscription = on('SIGCHLD', ({ code, pid, status }) => {
    const died = code === 'CLD_KILLED' || code === 'CLD_DUMPED';
    if (died && pid !== null && status !== null) this.#signals.set(pid, status);
  });

  async endOf({ pid = 0 }: ChildProcess): Promise<End> {
    // The signal and Node's own news of it may come in either order.
    for (let turns = 0; turns < 3 && !this.#signals.has(pid); turns++) await turn();
    this.#subscription.close();
    const number = this.#signals.get(pid);
    return number === undefined
      ? { code: 0, signal: null }
      : { code: null, signal: toName(number) };
  }
}
