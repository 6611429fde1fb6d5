import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Readable, Writable } from 'node:stream';
import type * as Threads from 'node:worker_threads';
import { Worker } from 'node:worker_threads';

import { expect, test } from '@jest/globals';

import { readProcess, type ProcessSignals } from '../../../lib/core/look/process';
import { toNumber } from '../../../lib/base/signal/names';
import { onTestEnd } from '../../support/cleanup';
import { guarded } from '../../support/guard';
import { statusMasks, threads, until, untilState } from '../../support/kernel';
import { kill, killQuietly } from '../../support/kill';
import { scenario } from '../../support/scenario';

const RTMIN = toNumber('SIGRTMIN');

/** Starts a program that answers what is written to it, and waits until it does. */
async function started(command: string, args: string[]): Promise<ChildProcess & { pid: number }> {
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const pid = child.pid ?? 0;
  onTestEnd(() => {
    killQuietly(pid);
  });
  child.stdin.write('x\n');
  await guarded(once(child.stdout, 'data'), () => `${command} to answer`);
  return Object.assign(child, { pid });
}

function refusal(pid: unknown): unknown {
  try {
    return readProcess(pid as number);
  } catch (error) {
    return error;
  }
}

test('a program started with signals ignored and blocked', async () => {
  const { pid } = await started('env', [
    '--ignore-signal=HUP,INT',
    '--ignore-signal=RTMIN+3',
    '--block-signal=TERM,RTMAX',
    'cat',
  ]);
  expect(readProcess(pid)).toEqual({
    pid,
    command: 'cat',
    ignored: ['SIGHUP', 'SIGINT', 'SIGRTMIN+3'],
    caught: [],
    queue: { used: expect.any(Number), limit: expect.any(Number) },
    shared: { pending: [] },
    threads: [{ tid: pid, name: 'cat', blocked: ['SIGTERM', 'SIGRTMAX'], pending: [] }],
  });
});

test('signals sent to a process that blocks them are pending, and queued', async () => {
  const { pid } = await started('env', ['--block-signal=USR1,RTMIN+1', 'cat']);
  const before = readProcess(pid).queue;
  kill(pid, 'SIGUSR1');
  kill(pid, RTMIN + 1);
  kill(pid, RTMIN + 1);
  const { shared, threads, queue } = readProcess(pid);
  expect(shared.pending).toEqual(['SIGUSR1', 'SIGRTMIN+1']);
  expect(threads[0]?.pending).toEqual([]);
  // Others of the same user may queue signals meanwhile, but not take these away.
  expect(queue.used).toBeGreaterThanOrEqual(3);
  expect(queue.limit).toBe(before.limit);
});

test('the command line is that of /proc, arguments and all', async () => {
  const { pid } = await started('grep', ['--line-buffered', '-e', 'x', '-e', 'two words']);
  expect(readProcess(pid).command).toBe('grep --line-buffered -e x -e two words');
});

test('every thread of a Node process, each with its own', async () => {
  const child = await scenario(async (inside) => {
    const raw = inside.fixture('raw');
    const tid = raw.startThread({ block: [10, 12] });
    raw.sendThread(tid, 12);
    inside.report(tid);
    await inside.next();
    raw.endThread(tid);
  });
  const tid = await child.next<number>();
  const found = readProcess(child.pid);
  const main = found.threads[0];
  const other = found.threads.find((thread) => thread.tid === tid);
  expect(found.threads.map((thread) => thread.tid)).toEqual(
    threads(child.pid).map((thread) => thread.tid),
  );
  expect(found.threads.length).toBeGreaterThan(2);
  expect(main).toMatchObject({ tid: child.pid, blocked: [], pending: [] });
  expect(other?.pending).toEqual(['SIGUSR2']);
  expect(other?.blocked).toEqual(expect.arrayContaining(['SIGUSR1', 'SIGUSR2']));
  expect(found.shared.pending).toEqual([]);
  // What the runtime sets for itself.
  expect(found.ignored).toContain('SIGPIPE');
  expect(found.caught).toEqual(expect.arrayContaining(['SIGINT', 'SIGTERM', 'SIGUSR1']));
  expect(statusMasks(child.pid).caught & (1n << 1n)).not.toBe(0n);
  child.tell();
  expect(await child.exit).toMatchObject({ code: 0 });
});

test('threads that end while they are read are left out', async () => {
  const child = await scenario((inside) => {
    const { Worker } = inside.require('node:worker_threads') as typeof Threads;
    let told = false;
    void inside.next().then(() => (told = true));
    const again = (): void => {
      if (!told) new Worker('', { eval: true }).once('exit', again);
    };
    again();
    inside.report();
  });
  await child.next();
  const counts = new Set<number>();
  // Until it has been seen with and without the worker: in between, threads come and go.
  for (let reads = 0; reads < 500 || (counts.size < 2 && reads < 50_000); reads++) {
    const found = readProcess(child.pid);
    expect(found.threads[0]?.tid).toBe(child.pid);
    counts.add(found.threads.length);
  }
  expect(counts.size).toBeGreaterThan(1);
  child.tell();
  expect(await child.exit).toMatchObject({ code: 0 });
});

test('a zombie has its name for a command', async () => {
  // The second cat never waits for the first, which ends when descriptor 3 does.
  const shell = spawn('sh', ['-c', 'cat <&3 & echo $!; exec cat 3<&-'], {
    stdio: ['pipe', 'pipe', 'inherit', 'pipe'],
  });
  const [input, output, , end] = shell.stdio as unknown as [Writable, Readable, null, Writable];
  onTestEnd(() => {
    killQuietly(shell.pid);
  });
  const [line] = (await guarded(once(output, 'data'), () => 'the pid')) as [Buffer];
  input.write('x');
  await guarded(once(output, 'data'), () => 'the second cat to answer');
  const pid = Number(line.toString());
  await until(() => readProcess(pid).command === 'cat', 'the first cat to be one');
  end.end();
  await untilState(pid, 'Z');
  expect(readProcess(pid)).toMatchObject({ pid, command: '[cat]', shared: { pending: [] } });
});

test('a process that has ended', async () => {
  const child = spawn('true');
  await once(child, 'close');
  const error = refusal(child.pid);
  expect(error).toMatchObject({
    name: 'SignalError',
    code: 'ERR_NO_SUCH_PROCESS',
    errno: 3,
    syscall: 'open',
  });
  expect((error as Error).message).toContain(`no process ${child.pid ?? 0} `);
});

test.each([0, -1, 1.5, NaN, 2 ** 31, Infinity, '1', null, {}, 1n])('%p is no pid', (value) => {
  const error = refusal(value) as Error;
  expect(error).toMatchObject({ name: 'SignalError', code: 'ERR_INVALID_ARG' });
  expect(error.message).toMatch(/^Invalid pid: .+; expected a process id/);
});

test('oneself, by default, from the main thread and from a worker', async () => {
  const source = `
    const { parentPort, threadId } = require('node:worker_threads');
    const { readProcess } = require(${JSON.stringify(require.resolve('sigbridge'))});
    process.on('SIGUSR2', () => {});
    parentPort.postMessage(readProcess());`;
  const worker = new Worker(source, { eval: true });
  const [seen] = (await once(worker, 'message')) as [ProcessSignals];
  await worker.terminate();
  const own = readProcess();
  for (const found of [seen, own]) {
    expect(found.pid).toBe(process.pid);
    expect(found.threads[0]?.tid).toBe(process.pid);
    expect(found.command).toContain('node');
  }
  expect(seen.threads.length).toBeGreaterThan(own.threads.length - 1);
});
