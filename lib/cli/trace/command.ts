import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { followDeaths, trueExit, type Exit } from '../../core/children/deaths.js';
import { reset } from '../../core/change/change.js';
import { forwardTo } from '../../core/forward/forwardTo.js';
import { ignored } from '../../core/look/inspect.js';
import { allSignals, toName } from '../../base/signal/names.js';
import { traits } from '../../base/signal/traits.js';
import { hold } from '../../core/two-phases/hold.js';

/**
 * Runs a command to its end. Standard input, output and error are this process's own; a signal that
 * is sent to this process reaches the command.
 * @throws the system's error when it cannot be started
 */
export async function runCommand(
  [command = '', ...args]: readonly string[],
  env: NodeJS.ProcessEnv,
  onStart: (pid: number) => void = () => undefined,
): Promise<Exit> {
  // Node's own handler would open the inspector here.
  reset('SIGUSR1', { force: true });
  const signals = forwardable();
  // What comes before there is somebody to send it to.
  const early = hold(signals);
  const unfollow = followDeaths();
  const child = spawn(command, args, { stdio: 'inherit', env });
  await once(child, 'spawn');
  onStart(child.pid ?? 0);
  forwardTo(child, signals);
  early.release();
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  const exit = await trueExit(child.pid ?? 0, { code, signal });
  unfollow();
  return exit;
}

// Ignored ones stay so for the command too, as without us.
function forwardable(): number[] {
  return allSignals().filter((number) => {
    const { catchable, synchronous } = traits(number);
    const isOurs = ['SIGCHLD', 'SIGPIPE', 'SIGXFSZ'].includes(toName(number));
    return catchable && !synchronous && !isOurs && !ignored(number);
  });
}
