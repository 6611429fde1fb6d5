import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Readable } from 'node:stream';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../support/cleanup';
import { kill } from '../support/kill';
import { type ScenarioBody, scenario, scenarioCommand } from '../support/scenario';
import { startUnread } from '../support/unread';

type ShutdownModule = typeof import('sigbridge/shutdown');

function folder(): string {
  const made = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-end-'));
  onTestEnd(() => {
    fs.rmSync(made, { recursive: true, force: true });
  });
  return made;
}

const ENDS = [
  ['SIGTERM', 'by the signal', { signal: 'SIGTERM', code: null }],
  ['SIGTERM', 'by exit code', { signal: null, code: 0 }],
  ['call', 'by the signal', { signal: null, code: 0 }],
] as const;

/** A program whose last words are told at each place where a program may have some. */
const talkative: ScenarioBody<{ how: string; trigger: string }> = ({ require, report, args }) => {
  const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
  const options = args.how === 'by exit code' ? { exitCode: 0 } : {};
  const shutdown = createShutdown({ progress: 'none', ...options });
  shutdown.stage('work', () => {
    console.log('stage');
  });
  shutdown.onEnd(() => {
    console.log('onEnd');
  });
  process.on('exit', (code) => {
    console.log(`exit ${code}`);
  });
  setInterval(() => undefined, 60_000);
  report('ready');
  if (args.trigger !== 'call') return;
  void shutdown.begin().then(() => {
    console.log('begin() has resolved');
  });
};

describe('before the process ends', () => {
  test.each(ENDS)('%s %s: exit listeners run', async (trigger, how, ending) => {
    const child = await scenario(talkative, { args: { how, trigger } });
    await child.next();
    if (trigger !== 'call') child.kill(trigger);
    const { stdout, ...exit } = await child.exit;
    expect(exit).toMatchObject(ending);
    const code = ending.signal === null ? 0 : 143;
    const call = trigger === 'call' ? ['begin() has resolved'] : [];
    expect(stdout.trim().split('\n')).toEqual(['stage', 'onEnd', ...call, `exit ${code}`]);
  });

  test.each(ENDS)(
    '%s %s: a slow reader gets all that was written',
    async (trigger, how, ending) => {
      const body: typeof talkative = ({ require, report, args }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const options = args.how === 'by exit code' ? { exitCode: 0 } : {};
        const shutdown = createShutdown({ progress: 'json', totalMs: 60_000, ...options });
        shutdown.stage('work', () => {
          for (let i = 0; i < 1024; i++) console.log('y'.repeat(1023));
          for (let i = 0; i < 1024; i++) console.error('e'.repeat(1023));
        });
        process.on('exit', () => {
          console.log('z'.repeat(1023));
          console.log('THE END');
          console.error('THE END');
        });
        shutdown.onEnd(() => {
          report('the pipes are full');
        });
        setInterval(() => undefined, 60_000);
        report('ready');
        if (args.trigger === 'call') void shutdown.begin();
      };
      const { child, told, stdout, stderr } = startUnread(
        scenarioCommand(body, { args: { how, trigger } }, 3),
      );
      const exited = once(child, 'exit');
      await told('ready');
      if (trigger !== 'call') kill(child.pid, trigger);
      await told('full');
      const [out, err] = await Promise.all([readSlowly(stdout), readSlowly(stderr)]);
      const [code, signal] = (await exited) as unknown[];
      expect({ code, signal }).toEqual(ending);
      expect(out.length).toBe(1025 * 1024 + 'THE END\n'.length);
      expect(out.endsWith('z\nTHE END\n')).toBe(true);
      // The lines of progress, which the full pipe did not take at once, are among the others.
      expect(err.match(/e{1023}\n/g)).toHaveLength(1024);
      expect(err).toMatch(
        /\{"shutdown":"stage","name":"work"[^\n]*\}\n\{"shutdown":"end"[^\n]*\}\n/,
      );
      expect(err.endsWith('THE END\n')).toBe(true);
    },
  );

  test('nobody reads: it ends within its time all the same', async () => {
    const { child, told } = startUnread(
      scenarioCommand(
        ({ require, report }) => {
          const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
          const shutdown = createShutdown({ progress: 'json', totalMs: 500 });
          shutdown.stage('work', () => {
            for (let i = 0; i < 1024; i++) console.log('y'.repeat(1023));
            for (let i = 0; i < 1024; i++) console.error('y'.repeat(1023));
          });
          process.on('exit', () => {
            console.log('last words');
          });
          setInterval(() => undefined, 60_000);
          report('ready');
        },
        {},
        3,
      ),
    );
    await told('ready');
    const exited = once(child, 'exit');
    kill(child.pid, 'SIGTERM');
    expect(await exited).toEqual([null, 'SIGTERM']);
  });

  test.each(ENDS)('%s %s: a log in a worker is whole', async (trigger, how, ending) => {
    const file = path.join(folder(), 'log');
    const child = await scenario(
      ({ require, report, args }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const { pino } = require('pino') as typeof import('pino');
        const destination = args.file;
        const transport = pino.transport({ target: 'pino/file', options: { destination } }) as {
          once(name: 'ready', listener: () => void): void;
        };
        const log = pino(transport as never);
        const options = args.how === 'by exit code' ? { exitCode: 0 } : {};
        const shutdown = createShutdown({ progress: 'none', ...options });
        shutdown.stage('work', () => {
          for (let i = 0; i < 500; i++) log.info({ i }, 'last words');
        });
        setInterval(() => undefined, 60_000);
        transport.once('ready', () => {
          report('ready');
          if (args.trigger === 'call') void shutdown.begin();
        });
      },
      { args: { how, trigger, file } },
    );
    await child.next();
    if (trigger !== 'call') child.kill(trigger);
    expect(await child.exit).toMatchObject(ending);
    expect(fs.readFileSync(file, 'utf8').trim().split('\n')).toHaveLength(500);
  });

  test('what waits for the end by signal-exit is told then, and not when the signal comes', async () => {
    const child = await scenario(({ require, report }) => {
      const { onExit } = require('signal-exit') as typeof import('signal-exit');
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      onExit((code) => {
        console.log(`signal-exit ${String(code)}`);
      });
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('work', async () => {
        console.log('stage');
        await new Promise((resolve) => setTimeout(resolve, 100));
        console.log('stage done');
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    await child.next();
    child.kill('SIGTERM');
    const { stdout, signal } = await child.exit;
    expect(stdout.trim().split('\n')).toEqual(['stage', 'stage done', 'signal-exit 143']);
    expect(signal).toBe('SIGTERM');
  });

  test('files are written behind streams that nobody ends, as a logger may have them', async () => {
    const file = path.join(folder(), 'log');
    const child = await scenario(
      ({ require, report, args }) => {
        const { createWriteStream, promises } = require('node:fs') as typeof import('node:fs');
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('work', () => {
          const log = createWriteStream(args);
          for (let i = 0; i < 2_000; i++) log.write(`line ${i}\n`);
          const again = async (left: number): Promise<void> => {
            await promises.appendFile(`${args}.again`, 'line\n');
            if (left > 1) await again(left - 1);
          };
          void again(20);
        });
        setInterval(() => undefined, 60_000);
        report('ready');
      },
      { args: file },
    );
    await child.next();
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
    const lines = (name: string): number => fs.readFileSync(name, 'utf8').split('\n').length - 1;
    expect([lines(file), lines(`${file}.again`)]).toEqual([2_000, 20]);
  });

  test('names are looked up, and datagrams sent to them', async () => {
    const receiver = createSocket('udp4').bind(0, '127.0.0.1');
    onTestEnd(() => {
      receiver.close();
    });
    await once(receiver, 'listening');
    const all = new Promise<void>((resolve) => {
      let left = 100;
      receiver.on('message', () => {
        if (--left === 0) resolve();
      });
    });
    const child = await scenario(
      ({ require, report, args }) => {
        const { createSocket } = require('node:dgram') as typeof import('node:dgram');
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const socket = createSocket('udp4');
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('work', () => {
          for (let i = 0; i < 100; i++) socket.send('one', args, 'localhost');
        });
        setInterval(() => undefined, 60_000);
        report('ready');
      },
      { args: receiver.address().port },
    );
    await child.next();
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
    await all;
  });

  test.each(['a read that never ends', 'one who writes without an end'])(
    '%s takes a part of the time, and not all of it',
    async (what) => {
      const child = await scenario(
        ({ require, report, args }) => {
          const { open, promises } = require('node:fs') as typeof import('node:fs');
          const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
          createShutdown({ progress: 'none', totalMs: 30_000 });
          const writeOn = async (): Promise<void> => {
            for (;;) await promises.writeFile(`${args.folder}/file`, 'x');
          };
          if (args.what === 'one who writes without an end') {
            void writeOn();
          } else {
            const { execFileSync } =
              require('node:child_process') as typeof import('child_process');
            execFileSync('mkfifo', [`${args.folder}/fifo`]);
            open(`${args.folder}/fifo`, 'r', () => undefined);
          }
          setInterval(() => undefined, 60_000);
          report('ready');
        },
        { args: { what, folder: folder() } },
      );
      await child.next();
      const began = performance.now();
      child.kill('SIGTERM');
      expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
      expect(performance.now() - began).toBeLessThan(20_000);
    },
  );

  test('profile and coverage are written', async () => {
    const into = folder();
    const child = await scenario(talkative, {
      args: { how: 'by the signal', trigger: 'SIGTERM' },
      nodeArgs: ['--cpu-prof', `--cpu-prof-dir=${into}`, '--cpu-prof-name=profile'],
      env: { NODE_V8_COVERAGE: path.join(into, 'coverage') },
    });
    await child.next();
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
    const json = (...name: string[]): unknown =>
      JSON.parse(fs.readFileSync(path.join(into, ...name), 'utf8'));
    expect(json('profile')).toHaveProperty('nodes');
    const coverage = fs.readdirSync(path.join(into, 'coverage'));
    expect(coverage).toHaveLength(1);
    expect(json('coverage', coverage[0] ?? '')).toHaveProperty('result');
  });

  test('an exit listener that fails is told of, and keeps nobody', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      createShutdown({ progress: 'none' });
      process.on('exit', () => {
        throw new Error('no luck');
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    await child.next();
    child.kill('SIGTERM');
    const { signal, stderr } = await child.exit;
    expect(signal).toBe('SIGTERM');
    expect(stderr).toContain('Error: no luck\n    at ');
  });

  test.each([
    ['by the signal', {}, { signal: 'SIGTERM', code: null }],
    ['by exit code', { exitCode: 7 }, { signal: null, code: 7 }],
  ])(
    'a thread of the pool that is stuck in a system call keeps nobody long, %s',
    async (...row) => {
      const [, options, ending] = row;
      const fifo = path.join(folder(), 'fifo');
      const child = await scenario(
        ({ require, report, args }) => {
          const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
          const { execFileSync } =
            require('node:child_process') as typeof import('node:child_process');
          const { readFile } = require('node:fs') as typeof import('node:fs');
          execFileSync('mkfifo', [args.fifo]);
          readFile(args.fifo, () => undefined);
          createShutdown({ progress: 'json', totalMs: 3_600_000, ...args.options });
          setInterval(() => undefined, 60_000);
          report('ready');
        },
        { args: { fifo, options } },
      );
      await child.next();
      child.kill('SIGTERM');
      const { stderr, ...exit } = await child.exit;
      expect(exit).toMatchObject(ending);
      expect(stderr).toMatch(/"shutdown":"end"[^\n]*\n$/);
    },
  );
});

async function readSlowly(stream: Readable | undefined): Promise<string> {
  let all = '';
  for await (const chunk of stream ?? []) {
    all += String(chunk);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return all;
}

describe('the exit code', () => {
  const crash = 'setImmediate(() => { throw new Error("kaputt") })';
  const rejection = 'void Promise.reject(new Error("kaputt"))';
  const call = 'void shutdown.begin()';
  const signal = 'process.kill(process.pid, "SIGTERM")';
  test.each([
    ['a number', '7', signal, 7],
    ['a number', '7', call, 7],
    ['a number', '0', call, 0],
    ['a number', '7', crash, 1],
    ['a number', '0', crash, 1],
    ['a number', '0', rejection, 1],
    ['a function', '() => 0', crash, 1],
    ['a function', '() => 0', rejection, 1],
    ['a function', '() => 9', crash, 9],
    ['a function', '() => undefined', crash, 1],
    ['a function', '() => undefined', signal, 'SIGTERM'],
    ['a function', '({ stages }) => stages.length', signal, 1],
    ['a function', '({ reason }) => reason.trigger === "signal" ? 0 : 9', signal, 0],
    ['a function that throws', '() => { throw new Error("no luck") }', signal, 'SIGTERM'],
    ['a function that gives none', '() => 256', call, 0],
    ['a function that gives none', '() => "3"', crash, 1],
    ['process.exitCode', 'undefined; process.exitCode = 3', call, 3],
    ['process.exitCode', 'undefined; process.exitCode = 3', signal, 'SIGTERM'],
    ['process.exitCode', '5; process.exitCode = 3', call, 5],
    ['process.exitCode', 'undefined; process.exitCode = 0', crash, 1],
  ])('%s, %s: %s ends with %s', async (_kind, exitCode, trigger, ending) => {
    const source = `const shutdown = createShutdown({ progress: 'none', exitCode: wanted });
      shutdown.stage('only', () => undefined);
      ${trigger};`;
    const child = await scenario(
      ({ require, args }) => {
        const program = (0, eval)(
          `(createShutdown) => { let wanted = ${args.exitCode}; ${args.source} }`,
        ) as (create: unknown) => void;
        program((require('sigbridge/shutdown') as ShutdownModule).createShutdown);
        setInterval(() => undefined, 60_000);
      },
      { args: { exitCode, source } },
    );
    const { code, signal: by } = await child.exit;
    expect(by ?? code).toBe(ending);
  });
});

describe('onEnd()', () => {
  test('is awaited behind the last stage, told how it went, and its failure is a problem', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none' });
      const seen: unknown[] = [];
      shutdown.stage('only', () => seen.push('stage'));
      shutdown.on('end', () => seen.push('end'));
      shutdown
        .onEnd(async ({ stages }, signal) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          seen.push([stages[0]?.name, signal.aborted]);
        })
        .onEnd(() => {
          throw new Error('no luck');
        });
      shutdown.on('problem', (error) => {
        report(error);
        report(seen);
        try {
          shutdown.onEnd(() => undefined);
        } catch (refusal) {
          report(refusal);
        }
        try {
          shutdown.onEnd(5 as never);
        } catch (refusal) {
          report(refusal);
        }
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    await child.next();
    child.kill('SIGTERM');
    expect(await child.next()).toMatchObject({ message: 'no luck' });
    expect(await child.next()).toEqual(['stage', 'end', ['only', false]]);
    expect(await child.next()).toMatchObject({ code: 'ERR_CLOSED' });
    expect(await child.next()).toMatchObject({ message: 'Invalid hook: 5; expected a function.' });
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test('has time left where the last stage has taken all of its own', async () => {
    const child = await scenario(({ require, report }) => {
      const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', totalMs: 3_000 });
      shutdown.stage('hangs', () => new Promise(() => undefined));
      shutdown.onEnd(async ({ stages, hurried }, signal) => {
        await new Promise((resolve) => setTimeout(resolve, 20));
        report([stages[0]?.outcome, hurried, signal.aborted]);
      });
      setInterval(() => undefined, 60_000);
      report('ready');
    });
    await child.next();
    child.kill('SIGTERM');
    expect(await child.next()).toEqual(['timed-out', false, false]);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test.each([
    ['a signal', 'process.kill(process.pid, "SIGTERM")', 'SIGTERM'],
    ['a crash', 'setImmediate(() => { throw new Error("kaputt") })', 1],
  ])('that never settles does not keep %s, nor hide it', async (_what, source, ending) => {
    const child = await scenario(
      ({ require, report, args }) => {
        const { createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ progress: 'none', totalMs: 300 });
        shutdown.onEnd((_report, signal) => {
          signal.addEventListener('abort', () => {
            report((signal.reason as Error).message);
          });
          return new Promise(() => undefined);
        });
        setInterval(() => undefined, 60_000);
        (0, eval)(args);
      },
      { args: source },
    );
    const late = /^What was given to onEnd\(\) did not settle within \d+ ms\.$/;
    expect(await child.next()).toMatch(late);
    const { code, signal } = await child.exit;
    expect(signal ?? code).toBe(ending);
  });
});
