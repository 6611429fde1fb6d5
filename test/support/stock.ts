// Programs as they come, and what doctor says of them.
import { constants } from 'node:os';

import { describe, expect, test } from '@jest/globals';

import { threads, until, untilBlocked, untilIgnored, untilPending } from './kernel';
import { kill } from './kill';
import { childOf, diagnosed, start, untilNamed, untilWaitsIn, type Patient } from './patients';

export type Argv = readonly [string, ...string[]];

/** Programs as they come, that stay until they are told to end. */
export const STOCK: Record<string, Argv> = {
  sleep: ['sleep', '600'],
  // Its input is a socket here, for which it may take itself for a remote shell and read its files.
  bash: ['bash', '--norc', '-c', 'read line'],
  python3: ['/usr/bin/python3', '-c', 'import signal; signal.pause()'],
  node: [process.execPath, '-e', 'setInterval(() => {}, 1e6)'],
  java: [
    'java',
    '-Xshare:auto',
    '-XX:TieredStopAtLevel=1',
    '-m',
    'java.rmi/sun.rmi.registry.RegistryImpl',
    '0',
  ],
};

/** Until the program has set the handlers that it comes with, and waits. */
export async function untilReady(name: string, pid: number): Promise<void> {
  if (name === 'sleep') {
    await untilNamed(pid, name);
  } else if (name === 'bash') {
    await untilWaitsIn(pid, /read/);
  } else if (name === 'java') {
    const listens = (): boolean =>
      threads(pid).some((one) => one.name.startsWith('RMI TCP Accept'));
    await until(listens, 'the registry to listen');
  } else if (name === 'node') {
    await untilWaitsIn(pid, /epoll|ep_poll/);
  } else {
    await untilWaitsIn(pid, /pause/);
  }
}

async function stock(name: string, ...options: string[]): Promise<Patient> {
  const argv = STOCK[name] ?? ['false'];
  const patient = await start(['env', '--default-signal', ...options, ...argv] as unknown as Argv);
  await untilNamed(patient.pid, name === 'python3' ? 'python3' : name);
  await untilReady(name, patient.pid);
  return patient;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** What doctor foretells of such a program is what happens. */
export function describeStock(name: string): void {
  describe(`a stock ${name}`, () => {
    test.each(signals)('ends at %s, as is foretold', async (signal) => {
      const { pid, end } = await stock(name);
      expect(await diagnosed(pid, signal, { by: 'kill' })).toMatchObject({ acts: true });
      kill(pid, signal);
      // Java ends by itself, after its shutdown hooks.
      const code = name === 'java' ? 128 + constants.signals[signal] : null;
      expect(await end).toEqual({ code, signal: name === 'java' ? null : signal });
    });

    test('blocked: it does not, as is foretold', async () => {
      const { pid, end } = await stock(name, '--block-signal=ALRM');
      if (name !== 'node') {
        await untilBlocked(pid, 'SIGALRM');
        expect((await diagnosed(pid, 'SIGALRM')).rules).toContain('blocked');
        kill(pid, 'SIGALRM');
        await untilPending(pid, 'SIGALRM');
      }
      // Node unblocks all at its start.
      expect((await diagnosed(pid, 'SIGALRM')).acts).toBe(name === 'node');
      kill(pid, 'SIGKILL');
      expect(await end).toEqual({ code: null, signal: 'SIGKILL' });
    });

    test('in the background of a shell without job control', async () => {
      const argv = STOCK[name] ?? [];
      const shell = await start([
        ...['env', '--default-signal', 'sh', '-c', 'exec 3<&0; "$0" "$@" <&3 & wait $!; exit $?'],
        ...argv,
      ] as unknown as Argv);
      const pid = await childOf(shell.pid, name);
      await untilReady(name, pid);
      // Node sets all back to the default at its start, and then has its handler.
      const acts = name === 'node';
      if (!acts) await untilIgnored(pid, 'SIGINT');
      const found = await diagnosed(pid, 'SIGINT', { by: 'kill' });
      expect(found.acts).toBe(acts);
      if (!acts)
        expect(found.cause('ignored').conclusions.join()).toContain('shell without job control');
      kill(pid, 'SIGINT');
      if (!acts) kill(pid, 'SIGKILL');
      expect(await shell.end).toEqual({ code: 128 + (acts ? 2 : 9), signal: null });
    });
  });
}
