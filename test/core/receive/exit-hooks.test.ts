import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { until } from '../../support/kernel';
import { kill } from '../../support/kill';
import { onTerminal } from '../../support/pty';
import { scenario, scenarioCommand, type ScenarioBody } from '../../support/scenario';

// Each of these asks `process.listeners()`, through signal-exit, whether somebody else listens. If so the
// process goes on, and what they have to do is for its end. The same with process.on says what is right.
const WAYS = ['process.on', 'on'] as const;

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'exit-hooks-'));
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

type Way = (typeof WAYS)[number];
interface Args {
  way: Way;
  file: string;
}

describe.each(WAYS)('while %s listens', (way) => {
  /** Sends SIGTERM once it is ready, and gives all that it reports, the `ready` left out. */
  async function terminate(body: ScenarioBody<Args>, file = '') {
    const child = await scenario(body, { args: { way, file } });
    await child.next();
    child.kill('SIGTERM');
    const { code, signal } = await child.exit;
    return { end: signal ?? code, heard: child.reports().slice(1) };
  }

  test.each(['4', '3'])('signal-exit %s runs its hooks when the process ends', async (version) => {
    const main = version === '4' ? 'signal-exit' : 'proper-lockfile/node_modules/signal-exit';
    const { end, heard } = await terminate(({ sigbridge, require, report, settle, args }) => {
      const loaded = require(args.file) as
        | { onExit: (hook: (code: unknown, signal: unknown) => void) => void }
        | ((hook: (code: unknown, signal: unknown) => void) => void);
      (typeof loaded === 'function' ? loaded : loaded.onExit)((code, signal) => {
        report({ hook: [code, signal] });
      });
      const listener = async () => {
        report('signal');
        await settle();
        report('work is done');
        process.exit(3);
      };
      const heard = () => void listener();
      if (args.way === 'on') sigbridge.on('SIGTERM', heard);
      else process.on('SIGTERM', heard);
      setInterval(() => undefined, 1e6);
      report('ready');
    }, require.resolve(main));
    expect(heard).toEqual(['signal', 'work is done', { hook: [3, null] }]);
    expect(end).toBe(3);
  });

  test('signal-exit ends the process by the signal once nobody listens any more', async () => {
    const { end, heard } = await terminate(({ sigbridge, require, report, settle, args }) => {
      const { onExit } = require(args.file) as typeof import('signal-exit');
      onExit((code, signal) => {
        report({ hook: [code, signal] });
      });
      const listener = async () => {
        report('signal');
        await settle();
        stop();
        process.kill(process.pid, 'SIGTERM');
      };
      const heard = () => void listener();
      const subscription = args.way === 'on' ? sigbridge.on('SIGTERM', heard) : null;
      if (subscription === null) process.on('SIGTERM', heard);
      const stop = () => {
        if (subscription === null) process.off('SIGTERM', heard);
        else subscription.close();
      };
      setInterval(() => undefined, 1e6);
      report('ready');
    }, require.resolve('signal-exit'));
    expect(heard).toEqual(['signal', { hook: [null, 'SIGTERM'] }]);
    expect(end).toBe('SIGTERM');
  });

  test('proper-lockfile keeps its lock until the process ends', async () => {
    const file = path.join(folder, `${way} locked`);
    fs.writeFileSync(file, '');
    const { end, heard } = await terminate(({ sigbridge, require, report, settle, args }) => {
      const { existsSync } = require('node:fs') as typeof import('node:fs');
      const { lockSync } = require('proper-lockfile') as { lockSync: (file: string) => void };
      const listener = async () => {
        report(existsSync(`${args.file}.lock`));
        await settle();
        report(existsSync(`${args.file}.lock`));
        process.exit();
      };
      const heard = () => void listener();
      if (args.way === 'on') sigbridge.on('SIGTERM', heard);
      else process.on('SIGTERM', heard);
      lockSync(args.file);
      setInterval(() => undefined, 1e6);
      report('ready');
    }, file);
    expect(heard).toEqual([true, true]);
    expect(end).toBe(0);
    expect(fs.existsSync(`${file}.lock`)).toBe(false);
  });

  test('write-file-atomic removes what is half written when the process ends', async () => {
    const file = path.join(folder, `${way} written`);
    const { end, heard } = await terminate(async ({ sigbridge, require, report, settle, args }) => {
      const files = require('node:fs') as typeof import('node:fs');
      const write = require('write-file-atomic') as (
        file: string,
        data: string,
        options: { tmpfileCreated: (name: string) => Promise<void> },
      ) => Promise<void>;
      let half = '';
      const listener = async () => {
        report(files.existsSync(half));
        await settle();
        report(files.existsSync(half));
        process.exit();
      };
      const heard = () => void listener();
      if (args.way === 'on') sigbridge.on('SIGTERM', heard);
      else process.on('SIGTERM', heard);
      setInterval(() => undefined, 1e6);
      await write(args.file, 'data', {
        tmpfileCreated: async (name) => {
          half = name;
          report('ready');
          await new Promise(() => undefined); // a disk that does not answer
        },
      });
    }, file);
    expect(heard).toEqual([true, true]);
    expect(end).toBe(0);
    expect(fs.readdirSync(folder).filter((name) => name.startsWith(`${way} written`))).toEqual([]);
  });

  test('restore-cursor shows the cursor again when the process ends', async () => {
    const command = scenarioCommand(
      async ({ sigbridge, importModule, report, settle, args }) => {
        const { default: restore } = await importModule('restore-cursor');
        (restore as () => void)();
        const listener = async () => {
          report('signal');
          await settle();
          report('work is done');
          process.exit();
        };
        const heard = () => void listener();
        if (args === 'on') sigbridge.on('SIGTERM', heard);
        else process.on('SIGTERM', heard);
        setInterval(() => undefined, 1e6);
        report('ready');
      },
      { args: way },
    );
    const terminal = onTerminal(command);
    await terminal.waitFor(/"ready"/);
    kill(terminal.pid, 'SIGTERM');
    expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
    const [before, after] = terminal.output.split('\u001B[?25h');
    expect(before).toMatch(/"signal".*"work is done"/s);
    expect(after).toBe('');
  });

  test('foreground-child hands the signal on, and ends as its child does', async () => {
    const child = await scenario(
      ({ sigbridge, require, report, args }) => {
        const { foregroundChild } = require('foreground-child') as {
          foregroundChild: (command: string, argv: string[]) => unknown;
        };
        const listener = () => {
          report('signal');
        };
        if (args === 'on') sigbridge.on('SIGTERM', listener);
        else process.on('SIGTERM', listener);
        const script = `trap 'echo SIGTERM; exit 4' TERM; trap 'echo SIGHUP' HUP; echo ready
          while :; do sleep 0.01; done`;
        foregroundChild('sh', ['-c', script]);
        report('listening');
      },
      { args: way },
    );
    expect(await child.next()).toBe('listening');
    await until(() => child.stdout === 'ready\n', 'the child to listen');
    child.kill('SIGTERM');
    expect(await child.exit).toMatchObject({ code: 4, stdout: 'ready\nSIGTERM\n' });
    expect(child.reports()).toEqual(['listening', 'signal']);
  });
});
