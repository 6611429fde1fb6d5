import { readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import type { Dump } from 'sigbridge/debug';

import { node, programPath, type Program } from '../support/program';
import { threads, until } from '../support/kernel';
import { scenario } from '../support/scenario';

const PROGRAM = programPath('subscribed.cjs');
const SOURCE = readFileSync(PROGRAM, 'utf8').split('\n');

/** The line of the program that has this text. */
const lineOf = (text: string): number => SOURCE.findIndex((line) => line.includes(text)) + 1;
const at = (text: string): string => `at ${PROGRAM}:${lineOf(text)}:`;

type Written = Omit<Dump, 'toString'> & { text: string };

async function started(...argv: string[]): Promise<{ program: Program; state: Written }> {
  const program = node([PROGRAM, ...argv]);
  await until(() => program.lines.length > 0, 'the dump');
  return { program, state: JSON.parse(program.lines[0] ?? '') as Written };
}

/** The lines of one part of a dump, by their first word. */
function part(text: string, heading: string): string[] {
  const lines = text.split('\n');
  const from = lines.findIndex((line) => line.startsWith(heading)) + 1;
  const to = lines.findIndex((line, index) => index >= from && !line.startsWith('  '));
  return lines.slice(from, to).map((line) => line.trim());
}

const dumpsIn = (text: string): string[] => text.match(/^sigbridge dump[^]*?^end of dump$/gm) ?? [];

describe('dump()', () => {
  test('has every subscription of the thread, with the line that made it', async () => {
    const { state } = await started();
    const made = state.subscriptions.map(({ kind, signals, madeAt }) => [
      kind,
      signals.join(' '),
      madeAt?.file,
      madeAt?.line,
    ]);
    expect(new Set(made)).toEqual(
      new Set([
        ['listener', 'SIGQUIT', PROGRAM, lineOf("dumpOn('SIGQUIT')")],
        ['listener', 'SIGTERM SIGRTMIN+5', PROGRAM, lineOf('const listener')],
        ['channel', 'SIGUSR2', PROGRAM, lineOf('const channel')],
        ['flag', 'SIGHUP', PROGRAM, lineOf('const flag')],
        ['hold', 'SIGWINCH', PROGRAM, lineOf('const hold')],
        ['bridge', 'SIGIO', PROGRAM, lineOf('const bridge')],
        ['listener', 'SIGALRM', PROGRAM, lineOf('prepared.on')],
      ]),
    );
  });

  test('has channels with backlog and losses, holds with counts, and counters', async () => {
    const { state } = await started();
    expect(state.counters).toContainEqual({ signal: 'SIGUSR2', arrived: 5, taken: 5, folded: 0 });
    expect(state.channels).toMatchObject([
      { signals: ['SIGUSR2'], capacity: 2, backlog: 2, dropped: 3 },
    ]);
    expect(state.holds).toMatchObject([{ signals: ['SIGWINCH'], counts: { SIGWINCH: 3 } }]);
    expect(state.counters).toContainEqual({ signal: 'SIGTERM', arrived: 1, taken: 1, folded: 0 });
    expect(state.counters).toContainEqual({ signal: 'SIGWINCH', arrived: 3, taken: 0, folded: 0 });
  });

  test('has dispositions, owners and chains, and the masks of all threads, as the kernel has them', async () => {
    const { program, state } = await started();
    const of = (name: string) => state.signals.find(({ signal }) => signal === name);
    expect(of('SIGTERM')).toMatchObject({ disposition: 'handler', owner: 'sigbridge' });
    expect(of('SIGINT')).toMatchObject({ disposition: 'handler', owner: 'libuv' });
    expect(of('SIGPIPE')).toMatchObject({ disposition: 'ignore', owner: null });
    expect(of('SIGTSTP')).toMatchObject({ disposition: 'default', owner: null });
    expect(of('SIGTERM')?.chain.map(({ owner }) => owner)).toEqual(['sigbridge']);
    const real = threads(program.pid);
    expect(state.threads.map(({ tid }) => tid)).toEqual(real.map(({ tid }) => tid));
    const blocking = (name: string) => state.threads.filter((one) => one.blocked.includes(name));
    const bit = 1n << 9n; // SIGUSR1
    const really = real.filter(({ masks }) => (masks.blocked & bit) !== 0n);
    expect(blocking('SIGUSR1').map(({ tid }) => tid)).toEqual(really.map(({ tid }) => tid));
  });

  test('is text for people as well', async () => {
    const { program, state } = await started();
    expect(state.text).toMatch(
      new RegExp(`^sigbridge dump of process ${program.pid}: .*subscribed\\.cjs\\n`),
    );
    expect(part(state.text, 'signals')).toEqual(
      expect.arrayContaining([
        'SIGTERM: sigbridge; 1 arrived, 1 taken, 0 folded',
        'SIGPIPE: ignored',
        'SIGWINCH: sigbridge; 3 arrived, 0 taken, 0 folded; held, 3 kept',
      ]),
    );
    expect(part(state.text, 'threads')[0]).toBe(`${program.pid} node: blocks nothing`);
    expect(part(state.text, 'subscriptions')).toContainEqual(
      expect.stringMatching(/^channel of SIGUSR2 at .*; 2 of 2 wait, 3 dropped$/),
    );
  });

  test('does not know where that was made which was there before the entry was loaded', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      sigbridge.on('SIGTERM', () => undefined);
      const { dump } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      report(dump().subscriptions);
    });
    expect(await child.next()).toEqual([{ kind: 'listener', signals: ['SIGTERM'], madeAt: null }]);
  });

  test('changes nothing: what stands, and Error.prepareStackTrace', async () => {
    const child = await scenario(({ sigbridge, report, require }) => {
      const own = Object.getOwnPropertyNames(Error);
      const before = JSON.stringify(sigbridge.inspectAll());
      const { dump } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      dump();
      const after = JSON.stringify(sigbridge.inspectAll());
      sigbridge.on('SIGTERM', () => undefined).close();
      report([before === after, String(own) === String(Object.getOwnPropertyNames(Error))]);
    });
    expect(await child.next()).toEqual([true, true]);
  });
});

describe('dumpOn', () => {
  test('writes it all while the event loop is blocked', async () => {
    const { program } = await started('block');
    // In the endless loop by now: what it was told on its input it never reads.
    program.stdin.end();
    program.kill('SIGQUIT');
    await until(() => dumpsIn(program.stderr).length === 1, 'a dump');
    const [text = ''] = dumpsIn(program.stderr);
    expect(text).toContain(`\n  for SIGQUIT, from process ${process.pid} of user`);
    expect(part(text, 'signals')).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^SIGINT: libuv .*node\+0x[0-9a-f]+( \(uv__signal_handler\+0x0\))?$/),
        'SIGTERM: sigbridge; 1 arrived, 1 taken, 0 folded',
        'SIGUSR2: sigbridge; 5 arrived, 5 taken, 0 folded',
        'SIGWINCH: sigbridge; 3 arrived, 0 taken, 0 folded; held, 3 kept',
        'SIGPIPE: ignored',
      ]),
    );
    expect(part(text, 'threads')[0]).toBe(`${program.pid} node: blocks nothing`);
    expect(part(text, 'threads').length).toBe(threads(program.pid).length);
    const made = part(text, 'subscriptions');
    expect(made).toHaveLength(7);
    for (const [line, source] of [
      ['listener of SIGTERM SIGRTMIN+5', 'const listener'],
      ['listener of SIGALRM', 'prepared.on'],
      ['flag of SIGHUP', 'const flag'],
      ['hold of SIGWINCH', 'const hold'],
      ['bridge of SIGIO', 'const bridge'],
    ] as const) {
      expect(made).toContainEqual(expect.stringContaining(`${line} ${at(source)}`));
    }
    expect(made).toContainEqual(
      expect.stringMatching(/^channel of SIGUSR2 at .*; 2 of 2 wait, 3 dropped$/),
    );
    // And again: the process goes on.
    program.kill('SIGQUIT');
    await until(() => dumpsIn(program.stderr).length === 2, 'a second dump');
    program.kill('SIGKILL');
    await program.exit;
  });

  test('writes it to a file, for every signal of a list, until it is closed', async () => {
    const file = path.join(os.tmpdir(), `sigbridge-dump-${process.pid}-${Date.now()}`);
    const child = await scenario(
      async ({ sigbridge, report, next, require, args }) => {
        const { dumpOn } = require('sigbridge/debug') as typeof import('sigbridge/debug');
        const before = sigbridge.inspect('SIGUSR2').disposition;
        const dumping = dumpOn(['SIGQUIT', 'SIGUSR2'], { file: args });
        report(dumping.signals);
        await next();
        dumping.close();
        dumping.close();
        report([dumping.closed, before === sigbridge.inspect('SIGUSR2').disposition]);
        await next();
      },
      { args: file },
    );
    expect(await child.next()).toEqual(['SIGQUIT', 'SIGUSR2']);
    const read = (): string => readFileSync(file, 'utf8');
    child.kill('SIGUSR2');
    await until(() => dumpsIn(read()).length === 1, 'a dump');
    child.kill('SIGQUIT');
    await until(() => dumpsIn(read()).length === 2, 'another one');
    expect(dumpsIn(read()).map((text) => /for (\w+)/.exec(text)?.[1])).toEqual([
      'SIGUSR2',
      'SIGQUIT',
    ]);
    const running = threads(child.pid).length;
    child.tell();
    expect(await child.next()).toEqual([true, true]);
    expect(threads(child.pid).length).toBe(running - 2);
    child.kill('SIGQUIT');
    expect((await child.exit).signal).toBe('SIGQUIT');
    expect(dumpsIn(read())).toHaveLength(2);
    rmSync(file);
  });

  test('stands beside listeners, and keeps up with what comes and goes', async () => {
    const child = await scenario(async ({ sigbridge, report, next, require }) => {
      const { dumpOn } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      dumpOn('SIGQUIT');
      sigbridge.on('SIGQUIT', () => {
        report('heard');
      });
      const many = Array.from({ length: 150 }, () => sigbridge.on('SIGTERM', () => undefined));
      for (const one of many.slice(0, 149)) one.close();
      report('ready');
      await next();
      for (let count = 0; count < 100; count++) many.push(sigbridge.on('SIGHUP', () => undefined));
      report('ready');
      await next();
    });
    await child.next();
    child.kill('SIGQUIT');
    expect(await child.next()).toBe('heard');
    await until(() => dumpsIn(child.stderr).length === 1, 'a dump');
    expect(part(child.stderr, 'subscriptions').length).toBe(3);
    child.tell();
    await child.next();
    child.kill('SIGQUIT');
    await until(() => dumpsIn(child.stderr).length === 2, 'a second dump');
    const lines = part(dumpsIn(child.stderr)[1] ?? '', 'subscriptions');
    expect(lines.filter((line) => line.startsWith('listener of SIGHUP'))).toHaveLength(100);
    expect(lines).toHaveLength(103);
  });

  test('refuses what it cannot do, and nothing has changed then', async () => {
    const child = await scenario(async ({ sigbridge, report, require }) => {
      const { dumpOn } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      const { Worker } = require('node:worker_threads') as typeof import('node:worker_threads');
      const codeOf = (call: () => unknown): unknown => {
        try {
          call();
          return null;
        } catch (error) {
          return (error as { code: string }).code;
        }
      };
      const codes = [
        codeOf(() => dumpOn('SIGKILL')),
        codeOf(() => dumpOn('SIGSEGV')),
        codeOf(() => dumpOn('SIGNOT')),
        codeOf(() => dumpOn('SIGQUIT', { file: 7 as unknown as string })),
        codeOf(() => dumpOn('SIGQUIT', { file: '/nowhere/at/all' })),
      ];
      const worker = new Worker(
        `const { parentPort } = require('node:worker_threads');
         try { require('sigbridge/debug').dumpOn('SIGQUIT'); parentPort.postMessage(null); }
         catch ({ code }) { parentPort.postMessage(code); }`,
        { eval: true },
      );
      codes.push(await new Promise((resolve) => worker.once('message', resolve)));
      report({ codes, disposition: sigbridge.inspect('SIGQUIT').disposition });
    });
    expect(await child.next()).toEqual({
      codes: [
        'ERR_UNCATCHABLE',
        'ERR_SYNCHRONOUS_SIGNAL',
        'ERR_UNKNOWN_SIGNAL',
        'ERR_INVALID_ARG',
        'ENOENT',
        'ERR_UNSUPPORTED',
      ],
      disposition: 'default',
    });
  });
});
