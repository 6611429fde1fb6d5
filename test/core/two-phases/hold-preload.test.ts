import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../../support/cleanup';
import { bits, statusMasks, until, untilCaught } from '../../support/kernel';
import { kill } from '../../support/kill';
import { type Program, node, programPath } from '../../support/program';

const IMPORT = ['--import', 'sigbridge/hold'];
const REQUIRE = ['--require', 'sigbridge/hold'];
const STEPS = 50;

/** A file of the test's own. */
function file(name: string, text: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'preload-'));
  onTestEnd(() => {
    fs.rmSync(folder, { recursive: true });
  });
  const written = path.join(folder, name);
  fs.writeFileSync(written, text);
  return written;
}

function slow(
  program: string,
  { flags, listens = 'nobody', ms = 4 }: { flags: string[]; listens?: string; ms?: number },
): Program {
  // Held one after the other: once SIGUSR2 is caught, SIGTERM is held. (Node itself catches SIGTERM.)
  const env = { SIGBRIDGE_HOLD: 'SIGTERM,SIGUSR2' };
  return node([programPath(program), String(STEPS), String(ms), listens], { flags, env });
}

/** Sends SIGTERM, and waits until it is taken: the kernel makes one of two that wait. */
async function hit(program: Program): Promise<void> {
  program.kill('SIGTERM');
  const waits = (): boolean => (statusMasks(program.pid).shared & bits('SIGTERM')) !== 0n;
  await until(() => !waits(), 'SIGTERM to be taken');
}

describe('a program that takes its time to start', () => {
  describe.each([
    ['--import', IMPORT],
    ['--require', REQUIRE],
  ])('with node %s', (_flag, flags) => {
    test.each([
      ['slow.cjs', 'on'],
      ['slow.cjs', 'process.on'],
      ['slow.mjs', 'on'],
      ['slow.mjs', 'process.on'],
    ])('%s hears by %s, at its end, of SIGTERM at each moment before', async (name, listens) => {
      const program = slow(name, { flags, listens });
      await untilCaught(program.pid, 'SIGUSR2');
      await hit(program);
      for (let step = 1; step <= STEPS; step++) {
        await program.line(String(step));
        await hit(program);
      }
      await program.line('ready');
      await program.line('heard', STEPS + 1);
      program.kill('SIGTERM');
      await program.line('heard', STEPS + 2);
      expect(program.lines.indexOf('heard')).toBeGreaterThan(program.lines.indexOf(String(STEPS)));
      program.kill('SIGKILL');
      expect(await program.exit).toMatchObject({ signal: 'SIGKILL', stderr: '' });
    });

    test.each(['slow.cjs', 'slow.mjs'])('%s ends by SIGTERM if nobody listens', async (name) => {
      const program = slow(name, { flags });
      await program.line('3');
      program.kill('SIGTERM');
      expect(await program.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
      expect(program.count('ready')).toBe(1);
    });

    test.each(['slow.cjs', 'slow.mjs'])('%s holds nothing once it has started', async (name) => {
      const program = slow(name, { flags, ms: 1 });
      await program.line('ready');
      await untilCaught(program.pid, 'SIGTERM');
      program.kill('SIGUSR2');
      expect(await program.exit).toMatchObject({ signal: 'SIGUSR2' });
    });
  });

  test('is still the main module, behind another preload that takes its time', async () => {
    const preload = file(
      'preload.mjs',
      `import { setTimeout } from 'node:timers/promises';
      for (let turn = 0; turn < 20; turn++) await setTimeout(1);
      console.log('preloaded');`,
    );
    const program = slow('slow.cjs', { flags: [...IMPORT, '--import', preload], listens: 'on' });
    await untilCaught(program.pid, 'SIGUSR2');
    await hit(program);
    await program.line('preloaded');
    await hit(program);
    await program.line('heard', 2);
    expect(program.lines.slice(0, 3)).toEqual(['preloaded', 'main true', '1']);
  });

  test('hears as soon as it listens, also when its start never ends', async () => {
    const main = file(
      'main.mjs',
      `setInterval(() => undefined, 1e6);
      console.log('starts');
      await new Promise((resolve) => process.stdin.once('data', resolve));
      process.on('SIGTERM', () => console.log('heard'));
      await new Promise(() => undefined);`,
    );
    const env = { SIGBRIDGE_HOLD: 'SIGTERM,SIGHUP' };
    const program = node([main], { flags: IMPORT, env });
    await program.line('starts');
    program.kill('SIGTERM');
    program.kill('SIGHUP');
    program.stdin.write('listen');
    await program.line('heard');
    // That of a signal to which nobody listens yet goes on being kept.
    program.kill('SIGHUP');
    program.kill('SIGTERM');
    await program.line('heard', 2);
  });

  describe.each([
    ['loop.cjs', `console.log('starts'); for (;;);`],
    ['await.mjs', `console.log('starts'); setInterval(() => 0, 1e6); await new Promise(() => 0);`],
  ])('that never ends, as %s', (name, text) => {
    test('ends by the second SIGINT', async () => {
      const program = node([file(name, text)], { flags: REQUIRE });
      await program.line('starts');
      await hit(program);
      program.kill('SIGINT');
      const waits = (): boolean => (statusMasks(program.pid).shared & bits('SIGINT')) !== 0n;
      await until(() => !waits(), 'SIGINT to be taken');
      program.kill('SIGINT');
      expect(await program.exit).toMatchObject({ code: null, signal: 'SIGINT' });
    });

    test('ends by what comes after its time', async () => {
      const program = node([file(name, text)], { flags: REQUIRE, env: { SIGBRIDGE_HOLD_MS: '1' } });
      await program.line('starts');
      program.kill('SIGTERM');
      expect(await program.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
    });
  });

  test('ends by what was kept when its time is over', async () => {
    const text = `console.log('starts'); setInterval(() => 0, 1e6); await new Promise(() => 0);`;
    const env = { SIGBRIDGE_HOLD_MS: '1000' };
    const program = node([file('await.mjs', text)], { flags: IMPORT, env });
    await program.line('starts');
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  test.each(['', '-1', '1.5', 'soon', '2147483648'])(
    'does not start with SIGBRIDGE_HOLD_MS=%j',
    async (ms) => {
      const env = { SIGBRIDGE_HOLD_MS: ms };
      const program = node(['-e', '0'], { flags: REQUIRE, env });
      expect((await program.exit).code).not.toBe(0);
      expect(program.stderr).toContain(`SIGBRIDGE_HOLD_MS`);
    },
  );
});

describe('without a main module', () => {
  test.each([
    ['--import', IMPORT],
    ['--require', REQUIRE],
  ])('node %s -e runs only that, and then holds nothing', async (_flag, flags) => {
    const other = file('other.mjs', `console.log('not to be run');`);
    const code = `setInterval(() => undefined, 1e6); console.log('runs');
      setImmediate(() => setImmediate(() => setImmediate(() => console.log('ran'))))`;
    const program = node(['-e', code, other], { flags });
    await program.line('ran');
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ signal: 'SIGTERM' });
    expect(program.lines).toEqual(['runs', 'ran']);
  });

  test('a program from standard input is ended by SIGTERM afterwards', async () => {
    const program = node(['-'], { flags: IMPORT });
    program.stdin.end(
      `setInterval(() => undefined, 1e6);
      setImmediate(() => setImmediate(() => setImmediate(() => console.log('ran'))));`,
    );
    await program.line('ran');
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ signal: 'SIGTERM' });
  });
});

describe('SIGBRIDGE_HOLD', () => {
  const waits = `console.log('starts'); await new Promise((resolve) =>
    process.stdin.once('data', resolve)); setInterval(() => undefined, 1e6);
    process.on('SIGHUP', () => console.log('heard')); console.log('ready');`;

  async function starts(list: string | undefined): Promise<Program> {
    const env = { SIGBRIDGE_HOLD: list };
    const program = node([file('main.mjs', waits)], { flags: IMPORT, env });
    await program.line('starts');
    return program;
  }

  test('unset means SIGTERM and SIGINT', async () => {
    const program = await starts(undefined);
    program.kill('SIGTERM');
    program.kill('SIGINT');
    program.stdin.write('go on');
    await program.line('ready');
    const { signal } = await program.exit;
    expect(['SIGTERM', 'SIGINT']).toContain(signal);
    const other = await starts(undefined);
    other.kill('SIGHUP');
    expect(await other.exit).toMatchObject({ signal: 'SIGHUP' });
  });

  test('takes names and numbers, with spaces', async () => {
    const program = await starts(' SIGUSR2,1 , SIGRTMIN+3,');
    const { caught } = statusMasks(program.pid);
    expect(caught & bits('SIGHUP', 'SIGUSR2', 37)).toBe(bits('SIGHUP', 'SIGUSR2', 37));
    program.kill('SIGHUP');
    program.stdin.write('go on');
    await program.line('heard');
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test.each(['', ' , '])('of %j holds nothing', async (list) => {
    const program = await starts(list);
    program.kill('SIGTERM');
    expect(await program.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test.each([
    ['SIGTERM,SIGTREM', 'ERR_UNKNOWN_SIGNAL', "Did you mean 'SIGTERM'?"],
    ['TERM', 'ERR_UNKNOWN_SIGNAL', "'TERM'"],
    ['99', 'ERR_UNKNOWN_SIGNAL', '99'],
    ['SIGKILL', 'ERR_UNCATCHABLE', 'SIGKILL cannot be'],
    ['SIGSEGV', 'ERR_SYNCHRONOUS_SIGNAL', 'SIGSEGV is raised by'],
    ['33', 'ERR_RESERVED_SIGNAL', 'SIGRTMIN'],
  ])('of %j does not start the program, and says why', async (list, code, text) => {
    const env = { SIGBRIDGE_HOLD: list };
    const program = node(['-e', 'console.log(1)'], { flags: REQUIRE, env });
    const { code: status, stderr } = await program.exit;
    expect([status, program.lines]).toEqual([1, []]);
    expect(stderr).toContain('SIGBRIDGE_HOLD: ');
    expect(stderr).toContain(code);
    expect(stderr).toContain(text);
  });
});

describe('beside the program', () => {
  test('a child process holds for itself', async () => {
    const main = file(
      'main.mjs',
      `import { fork } from 'node:child_process';
      process.on('SIGTERM', () => console.log('parent heard'));
      fork(process.argv[2], ['30', '4', 'on']);`,
    );
    const program = node([main, programPath('slow.cjs')], { flags: IMPORT });
    await program.line('3');
    const [child = 0] = childrenOf(program.pid);
    kill(child, 'SIGTERM');
    await program.line('heard');
    expect(program.lines.indexOf('heard')).toBeGreaterThan(program.lines.indexOf('30'));
    program.kill('SIGTERM');
    await program.line('parent heard');
    expect([program.count('heard'), program.count('parent heard')]).toEqual([1, 1]);
    kill(child, 'SIGKILL');
  });

  test('a worker that listens hears of what came before', async () => {
    const main = file(
      'main.mjs',
      `import { createRequire } from 'node:module';
      import { Worker } from 'node:worker_threads';
      const require = createRequire(process.cwd() + '/');
      const worker = new Worker(\`
        const { on } = require(\${JSON.stringify(require.resolve('sigbridge'))});
        on('SIGTERM', () => require('node:fs').writeSync(1, 'worker heard\\\\n'), { ref: true });
        require('node:worker_threads').parentPort.postMessage('listens');
      \`, { eval: true });
      await new Promise((resolve) => worker.once('message', resolve));
      console.log('worker listens');
      await new Promise((resolve) => process.stdin.once('data', resolve));`,
    );
    const program = node([main], { flags: IMPORT });
    await program.line('worker listens');
    program.kill('SIGTERM');
    program.stdin.write('go on');
    await program.line('worker heard');
    program.kill('SIGTERM');
    await program.line('worker heard', 2);
  });

  test('a program that is done ends as ever', async () => {
    for (const flags of [IMPORT, REQUIRE]) {
      const program = node([file('main.cjs', `console.log('done')`)], { flags });
      expect(await program.exit).toEqual({ code: 0, signal: null, stderr: '' });
      expect(program.lines).toEqual(['done']);
    }
  });
});

function childrenOf(pid: number): number[] {
  const list = `/proc/${String(pid)}/task/${String(pid)}/children`;
  return fs.readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number);
}
