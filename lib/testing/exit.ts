import type { ChildProcess } from 'node:child_process';
import type { Exit } from '../core/children/deaths.js';
import { invalidArg, SignalError } from '../base/errors/SignalError.js';
import { describe } from './describe.js';
import { isEnded, letterOf, readState } from './target.js';

/** What can tell how a process ended: of `spawnWith`, of `node:child_process`, or a result of `spawnSync`. */
export type Mortal =
  | { readonly pid?: number | undefined; readonly exit: PromiseLike<Exit> }
  | Pick<ChildProcess, 'pid' | 'exitCode' | 'signalCode' | 'once'>
  | { readonly pid?: number; readonly status: number | null; readonly signal: string | null };

/** @throws ERR_TIMEOUT with its whole state while it lives, ERR_INVALID_ARG */
export async function exitOf(mortal: Mortal, timeoutMs: number): Promise<Exit> {
  let timer: NodeJS.Timeout | undefined;
  const expiry = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(
        new SignalError('ERR_TIMEOUT', `${timeoutMs} ms later it still lives:\n${lives(mortal)}`),
      );
    }, timeoutMs);
  });
  try {
    return await Promise.race([ask(mortal), expiry]);
  } finally {
    clearTimeout(timer);
  }
}

function ask(mortal: Mortal): PromiseLike<Exit> {
  if (typeof mortal === 'object' && (mortal as object | null) !== null) {
    if ('exit' in mortal) return mortal.exit;
    if ('status' in mortal) return Promise.resolve({ code: mortal.status, signal: mortal.signal });
    if ('signalCode' in mortal) return exitOfChild(mortal);
  }
  throw invalidArg('process', mortal, 'a child process');
}

async function exitOfChild(
  child: Pick<ChildProcess, 'exitCode' | 'signalCode' | 'once'>,
): Promise<Exit> {
  const { exitCode, signalCode } = child;
  if (exitCode !== null || signalCode !== null) return { code: exitCode, signal: signalCode };
  return new Promise((resolve) => {
    child.once('exit', (code, signal) => {
      resolve({ code, signal });
    });
  });
}

function lives({ pid }: Mortal): string {
  if (pid === undefined || isEnded(letterOf(pid))) return `process ${pid ?? 'without an id'}`;
  return describe(readState(pid));
}
