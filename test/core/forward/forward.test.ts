import { describe, expect, test } from '@jest/globals';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { onTestEnd } from '../../support/cleanup';
import { fixturePath } from '../../support/fixtures';
import { until, untilState } from '../../support/kernel';
import { kill, killQuietly } from '../../support/kill';
import { CTRL_C, CTRL_Z, onTerminal, type Terminal } from '../../support/pty';
import { scenario, scenarioCommand } from '../../support/scenario';

/**
 * Prints the signals that it gets, one a line, and ends by SIGQUIT. It looks up often: what comes just
 * before Perl's call of select() is told behind it.
 */
const LISTENER = `
  use POSIX;
  $| = 1;
  for my $s (qw(INT TERM HUP USR2 WINCH CONT)) { $SIG{$s} = sub { print "$s\\n" } }
  print "ready\\n";
  select(undef, undef, undef, 0.1) while getppid() != 1;`;

/** How an older kernel is: what it lacks, and the command that takes it away. */
const KERNELS: [what: string, launcher: string[]][] = [
  ['this kernel', []],
  ['before Linux 6.9', [fixturePath('without'), 'group-pidfds']],
  ['without pidfds', [fixturePath('without'), 'pidfds']],
];

/** Another pid space, where a pid can be given out again: see ns_last_pid in proc(5). */
const OWN_PIDS = ['unshare', '--kill-child', '--map-root-user', '--pid', '--fork', '--mount-proc'];

describe('forwardTo', () => {
  test('a child, whose end ends it; several at once', async () => {
    const child = await scenario(
      async ({ sigbridge, require, report, args }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const start = () => spawn('perl', ['-e', args.program], { detached: true });
        const children = [start(), start()];
        const said = ['', ''];
        const saying = (index: number, text: string) =>
          new Promise<void>((resolve) => {
            const look = (): void => {
              if (said[index]?.includes(text)) resolve();
            };
            children[index]?.stdout.on('data', look);
            look();
          });
        children.forEach((one, index) =>
          one.stdout.on('data', (text: Buffer) => {
            said[index] = (said[index] ?? '') + text.toString();
          }),
        );
        await Promise.all([saying(0, 'ready'), saying(1, 'ready')]);
        const forwarding = sigbridge.forwardTo(children, ['SIGTERM', 'SIGUSR2']);
        report([forwarding.signals, forwarding.targets, sigbridge.inspect('SIGTERM').owner]);
        process.kill(process.pid, 'SIGTERM');
        await Promise.all([saying(0, 'TERM'), saying(1, 'TERM')]);
        report([forwarding.forwarded, forwarding.skipped]);
        const ended = new Promise((resolve) => children[0]?.once('exit', resolve));
        children[0]?.kill('SIGKILL');
        await ended;
        report([forwarding.targets, forwarding.closed]);
        process.kill(process.pid, 'SIGUSR2');
        await saying(1, 'USR2');
        const second = new Promise((resolve) => children[1]?.once('exit', resolve));
        children[1]?.kill('SIGKILL');
        await second;
        report([forwarding.forwarded, forwarding.targets, forwarding.closed, said]);
        report(sigbridge.inspect('SIGTERM').owner);
        forwarding.close();
        try {
          sigbridge.forwardTo(children[0] as never, 'SIGTERM');
        } catch (error) {
          report(error);
        }
      },
      { args: { program: LISTENER } },
    );
    const none = { terminal: 0, own: 0, gone: 0, refused: 0 };
    expect(await child.next()).toEqual([['SIGTERM', 'SIGUSR2'], 2, 'sigbridge']);
    expect(await child.next()).toEqual([2, none]);
    expect(await child.next()).toEqual([1, false]);
    expect(await child.next()).toEqual([3, 0, true, ['ready\nTERM\n', 'ready\nTERM\nUSR2\n']]);
    expect(await child.next()).toBe('runtime');
    expect(await child.next()).toMatchObject({ code: 'ERR_NO_SUCH_PROCESS' });
  });

  test('a process by its pid, over an exec, each value kept and in order', async () => {
    const target = await scenario(
      async ({ fixture, next, report, args }) => {
        await next();
        fixture('raw').execTo(args.receiver, ['receiver', '37']);
        report();
      },
      { args: { receiver: fixturePath('receiver') } },
    );
    const child = await scenario(
      async ({ sigbridge, report, next, args }) => {
        const forwarding = sigbridge.forwardTo(args.pid, 37);
        report();
        await next();
        for (let value = 0; value < 20; value++) sigbridge.send(process.pid, 37, { value });
        while (forwarding.forwarded < 20) await new Promise((resolve) => setImmediate(resolve));
        report([forwarding.forwarded, forwarding.skipped.refused]);
      },
      { args: { pid: target.pid } },
    );
    await child.next();
    target.tell();
    await until(() => target.stdout.includes('ready'), 'the receiver');
    child.tell();
    expect(await child.next()).toEqual([20, 0]);
    target.kill('SIGTERM');
    const { stdout } = await target.exit;
    expect(JSON.parse(stdout.replace('ready\n', ''))).toMatchObject({
      received: 20,
      inversions: 0,
      first: 0,
      last: 19,
    });
  });

  test.each(KERNELS)('never a process that was given the pid of another: %s', async (_, kernel) => {
    const child = await scenario(
      async ({ sigbridge, require, report }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const { writeFileSync } = require('node:fs') as typeof import('node:fs');
        const first = spawn('sleep', ['100']);
        const pid = first.pid ?? 0;
        const forwarding = sigbridge.forwardTo(pid, 'SIGTERM');
        process.kill(process.pid, 'SIGUSR2');
        const gone = new Promise((resolve) => first.once('exit', resolve));
        first.kill('SIGKILL');
        await gone;
        writeFileSync('/proc/sys/kernel/ns_last_pid', String(pid - 1));
        const second = spawn('sleep', ['100']);
        const ended: unknown[] = [];
        second.once('exit', (...how) => ended.push(how));
        report(second.pid === pid);
        process.kill(process.pid, 'SIGTERM');
        while (!forwarding.closed) await new Promise((resolve) => setImmediate(resolve));
        await new Promise((resolve) => setTimeout(resolve, 50));
        report([forwarding.forwarded, forwarding.skipped.gone, ended]);
        second.kill('SIGKILL');
      },
      { launcher: [...OWN_PIDS, ...kernel] },
    );
    expect(await child.next()).toBe(true);
    expect(await child.next()).toEqual([0, 1, []]);
  });

  test.each(KERNELS)('nor a group that was given the id of another: %s', async (_, kernel) => {
    const child = await scenario(
      async ({ sigbridge, require, settle, report }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const { writeFileSync } = require('node:fs') as typeof import('node:fs');
        const first = spawn('sleep', ['100'], { detached: true });
        const group = first.pid ?? 0;
        const forwarding = sigbridge.forwardTo({ group }, 'SIGTERM');
        const gone = new Promise((resolve) => first.once('exit', resolve));
        first.kill('SIGKILL');
        await gone;
        writeFileSync('/proc/sys/kernel/ns_last_pid', String(group - 1));
        const second = spawn('sleep', ['100'], { detached: true });
        const ended: unknown[] = [];
        second.once('exit', (...how) => ended.push(how));
        report(second.pid === group);
        process.kill(process.pid, 'SIGTERM');
        await settle();
        report([forwarding.forwarded, forwarding.skipped.gone, forwarding.closed]);
        // Had it been sent the SIGTERM, that would have come first.
        second.once('exit', () => {
          report(ended);
        });
        sigbridge.sendGroup(group, 'SIGKILL');
      },
      { launcher: [...OWN_PIDS, ...kernel] },
    );
    expect(await child.next()).toBe(true);
    expect(await child.next()).toEqual([0, 1, true]);
    expect(await child.next()).toEqual([[null, 'SIGKILL']]);
  });

  test.each(KERNELS.slice(0, 2))('a group, also without its leader: %s', async (_, kernel) => {
    const child = await scenario(
      async ({ sigbridge, require, report, args }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const leader = spawn('sh', ['-c', 'perl -e "$0" & perl -e "$0" & wait', args.program], {
          detached: true,
        });
        let said = '';
        leader.stdout.on('data', (text: Buffer) => (said += text.toString()));
        const until = async (done: () => boolean): Promise<void> => {
          while (!done()) await new Promise((resolve) => setImmediate(resolve));
        };
        await until(() => said.split('ready').length === 3);
        const group = leader.pid ?? 0;
        const forwarding = sigbridge.forwardTo({ group }, ['SIGUSR2', 'SIGHUP']);
        // The leader goes; the group lives on.
        const gone = new Promise((resolve) => leader.once('exit', resolve));
        leader.kill('SIGKILL');
        await gone;
        process.kill(process.pid, 'SIGHUP');
        await until(() => said.split('HUP').length === 3);
        report([forwarding.forwarded, forwarding.targets]);
        sigbridge.sendGroup(group, 'SIGKILL');
        await until(() => {
          try {
            sigbridge.sendGroup(group, 'SIGKILL');
            return false;
          } catch {
            return true;
          }
        });
        process.kill(process.pid, 'SIGHUP');
        await until(() => forwarding.closed);
        report(forwarding.skipped.gone);
        process.exit();
      },
      { args: { program: LISTENER }, launcher: kernel },
    );
    expect(await child.next()).toEqual([1, 1]);
    expect(await child.next()).toBe(1);
  });

  test('a group which this process is in itself, without an echo', async () => {
    const child = await scenario(
      async ({ sigbridge, require, report, settle, args }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const other = spawn('perl', ['-e', args.program]);
        let said = '';
        other.stdout.on('data', (text: Buffer) => (said += text.toString()));
        const saying = async (text: string): Promise<void> => {
          while (!said.includes(text)) await new Promise((resolve) => setImmediate(resolve));
        };
        await saying('ready');
        const heard: unknown[] = [];
        const forwarding = sigbridge.forwardTo({ group: process.pid }, 'SIGHUP');
        sigbridge.on('SIGHUP', ({ pid }) => heard.push(pid === process.pid));
        const told = saying('HUP');
        report();
        await told;
        await settle();
        report([said, heard, forwarding.forwarded, forwarding.skipped.own]);
        other.kill('SIGKILL');
        process.exit();
      },
      // A session, and so a group, of its own: this one is the tests'.
      { args: { program: LISTENER }, launcher: ['setsid'] },
    );
    await child.next();
    child.kill('SIGHUP');
    expect(await child.next()).toEqual(['ready\nHUP\n', [false, true], 1, 1]);
  });

  test('not what the system refuses, and goes on', async () => {
    const child = await scenario(
      async ({ sigbridge, require, report, settle, args }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        // Nothing may be queued for it.
        const target = spawn('prlimit', ['--sigpending=0', 'perl', '-e', args.program]);
        const saying = () => new Promise((resolve) => target.stdout.once('data', resolve));
        await saying();
        const forwarding = sigbridge.forwardTo(target, [37, 'SIGHUP']);
        sigbridge.send(process.pid, 37, { value: 1 });
        await settle();
        report([forwarding.forwarded, forwarding.skipped, forwarding.closed]);
        const told = saying();
        process.kill(process.pid, 'SIGHUP');
        await told;
        report(forwarding.forwarded);
        target.kill('SIGKILL');
      },
      { args: { program: LISTENER } },
    );
    const skipped = { terminal: 0, own: 0, gone: 0, refused: 1 };
    expect(await child.next()).toEqual([0, skipped, false]);
    expect(await child.next()).toBe(1);
  });

  test('refuses what is no process', async () => {
    const child = await scenario(({ sigbridge, report }) => {
      const throwing = {
        get(): never {
          throw new Error('not to be read');
        },
      };
      const revoked = Proxy.revocable({}, {});
      revoked.revoke();
      const bad: unknown[] = [
        0,
        -1,
        1.5,
        null,
        'init',
        {},
        { group: 1 },
        { group: -2 },
        [],
        process.pid,
        Object.defineProperty([1], '0', throwing),
        Object.defineProperty({}, 'group', throwing),
        Object.defineProperty({ exitCode: null, once: null }, 'pid', throwing),
        revoked.proxy,
      ];
      for (const target of bad) {
        try {
          sigbridge.forwardTo(target as number, 'SIGTERM');
          report('accepted');
        } catch (error) {
          report((error as { code: string }).code);
        }
      }
      const calls = [
        () => sigbridge.forwardTo(0x7ffffffe, 'SIGTERM'),
        () => sigbridge.forwardTo({ group: 0x7ffffffe }, 'SIGTERM'),
        () => sigbridge.forwardTo(process.ppid, 'SIGKILL'),
      ];
      for (const call of calls) {
        try {
          call();
        } catch (error) {
          report((error as { code: string }).code);
        }
      }
      report(sigbridge.inspect('SIGTERM').owner);
    });
    for (let i = 0; i < 14; i++) expect(await child.next()).toBe('ERR_INVALID_ARG');
    expect(await child.next()).toBe('ERR_NO_SUCH_PROCESS');
    expect(await child.next()).toBe('ERR_NO_SUCH_PROCESS');
    expect(await child.next()).toBe('ERR_UNCATCHABLE');
    expect(await child.next()).toBe('runtime');
  });
});

describe('on a terminal', () => {
  test('what it sends to the foreground group is not sent twice', async () => {
    const command = scenarioCommand(
      async ({ sigbridge, require, report, args }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const said = { near: '', far: '' };
        const start = (name: 'near' | 'far') => {
          const started = spawn('perl', ['-e', args.program], { detached: name === 'far' });
          started.stdout.on('data', (text: Buffer) => (said[name] += text.toString()));
          return started;
        };
        const children = [start('near'), start('far')];
        const until = async (done: () => boolean): Promise<void> => {
          while (!done()) await new Promise((resolve) => setImmediate(resolve));
        };
        await until(() => said.near.includes('ready') && said.far.includes('ready'));
        const forwarding = sigbridge.forwardTo(children, ['SIGINT', 'SIGWINCH']);
        report('press');
        await until(() => said.near.includes('INT') && said.far.includes('INT'));
        report([forwarding.forwarded, forwarding.skipped.terminal]);
        // Not by the terminal: now both need it.
        process.kill(process.pid, 'SIGINT');
        await until(() => said.near.includes('INT\nINT') && said.far.includes('INT\nINT'));
        report([forwarding.forwarded, forwarding.skipped.terminal, said]);
        await until(() => said.near.includes('WINCH') && said.far.includes('WINCH'));
        report([forwarding.forwarded, forwarding.skipped.terminal]);
        process.exit();
      },
      { args: { program: LISTENER } },
    );
    const terminal = onTerminal(command);
    await terminal.waitFor(/press/);
    terminal.write(CTRL_C);
    await terminal.waitFor(/"value":\[1,1\]/);
    await terminal.waitFor(
      /"value":\[3,1,\{"near":"ready\\nINT\\nINT\\n","far":"ready\\nINT\\nINT\\n"\}\]/,
    );
    terminal.resize(100, 40);
    await terminal.waitFor(/"value":\[4,2\]/);
  });

  test('a hangup, which reaches the session leader alone, is sent on', async () => {
    const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'hangup-')), 'told');
    const command = scenarioCommand(
      ({ sigbridge, require, report, args }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const { writeFileSync } = require('node:fs') as typeof import('node:fs');
        const program = '$| = 1; $SIG{HUP} = sub { exit 7 }; print "ready"; sleep 100';
        const near = spawn('perl', ['-e', program]);
        near.stdout.once('data', () => {
          const forwarding = sigbridge.forwardTo(near, 'SIGHUP');
          near.on('exit', (code) => {
            writeFileSync(args.file, `${String(code)} ${String(forwarding.forwarded)}.`);
            process.exit();
          });
          report('hang up');
        });
      },
      { args: { file } },
    );
    const terminal = onTerminal(command);
    await terminal.waitFor(/hang up/);
    terminal.hangUp();
    const told = (): string => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '');
    await until(() => told().endsWith('.'), 'the child to be told');
    expect(told()).toBe('7 1.');
    fs.rmSync(path.dirname(file), { recursive: true });
  });

  test.each([
    ['SIGTSTP', 148],
    ['SIGTTIN', 149],
    ['SIGTTOU', 150],
  ] as const)(
    '%s stops the children and this process, as a shell would',
    async (signal, status) => {
      const job = await startJob(async ({ sigbridge, require, report, settle }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        // Groups of their own in this session, as a shell's jobs have.
        const program = '$| = 1; setpgrp(0, 0); print "$$\\n"; exec "sleep", "100"';
        const start = async (): Promise<number> => {
          const started = spawn('perl', ['-e', program]);
          return new Promise((resolve) => {
            started.stdout.once('data', (text) => {
              resolve(Number(text));
            });
          });
        };
        const pids = [await start(), await start()];
        // Each by a forwarding of its own: they stop this process once.
        for (const pid of pids) sigbridge.forwardTo(pid, ['SIGTSTP', 'SIGTTIN', 'SIGTTOU']);
        const continued = async (): Promise<void> => {
          await settle();
          report('continued');
        };
        sigbridge.on('SIGCONT', () => void continued(), { ref: true });
        report([process.pid, ...pids]);
      });
      for (let i = 0; i < 2; i++) {
        if (signal === 'SIGTSTP') job.terminal.write(CTRL_Z);
        else kill(job.own, signal);
        await job.untilStopped(status);
        await job.goOn();
      }
    },
  );

  test('a child that the terminal has stopped goes on with this process', async () => {
    const job = await startJob(async ({ sigbridge, require, report, settle, args }) => {
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      const near = spawn('perl', ['-e', args.program]);
      await new Promise((resolve) => near.stdout.once('data', resolve));
      const forwarding = sigbridge.forwardTo(near, 'SIGTSTP');
      const continued = async (): Promise<void> => {
        await settle();
        report(['continued', forwarding.skipped.terminal]);
      };
      sigbridge.on('SIGCONT', () => void continued(), { ref: true });
      report([process.pid, near.pid]);
    });
    job.terminal.write(CTRL_Z);
    await job.untilStopped(148);
    await job.goOn('alone');
    expect(job.terminal.output).toContain('["continued",1]');
  });

  test('SIGTSTP to a group that this process is in stops it once', async () => {
    const job = await startJob(async ({ sigbridge, require, report, settle, args }) => {
      const { spawn } = require('node:child_process') as typeof import('node:child_process');
      const near = spawn('perl', ['-e', args.program]);
      await new Promise((resolve) => near.stdout.once('data', resolve));
      const forwarding = sigbridge.forwardTo({ group: process.pid }, 'SIGTSTP');
      const continued = async (): Promise<void> => {
        await settle();
        report(['continued', forwarding.skipped.own]);
      };
      sigbridge.on('SIGCONT', () => void continued(), { ref: true });
      report([process.pid, near.pid]);
    });
    kill(job.own, 'SIGTSTP');
    await job.untilStopped(148);
    await job.goOn();
    expect(job.terminal.output).toContain('["continued",1]');
    expect(job.terminal.output.match(/Stopped/g)).toHaveLength(1);
  });
});

/** A scenario as a job of a shell on a terminal; it reports its pid and those of its children. */
async function startJob(run: Parameters<typeof scenarioCommand<{ program: string }>>[0]): Promise<{
  terminal: Terminal;
  own: number;
  /** By a signal, which the shell gives as its status. */
  untilStopped: (status: number) => Promise<void>;
  /** Until it says that it has been continued: by the shell, with all of its group, or alone. */
  goOn: (how?: 'alone') => Promise<void>;
}> {
  const [node, ...argv] = scenarioCommand(run, { args: { program: LISTENER } });
  const terminal = onTerminal(['bash', '--norc', '--noprofile', '-i']);
  const quoted = [node, ...argv].map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
  terminal.write(`${quoted}\r`);
  const [, all = ''] = await terminal.waitFor(/"value":\[(\d+(?:,\d+)+)\]/);
  const [own = 0, ...children] = all.split(',').map(Number);
  // The terminal's end reaches its foreground group alone.
  onTestEnd(() => {
    killQuietly(own);
  });
  return {
    terminal,
    own,
    untilStopped: async (status) => {
      await terminal.waitFor(/Stopped/);
      await Promise.all([own, ...children].map((pid) => untilState(pid, 'T')));
      terminal.write('echo "[$?]"\r');
      await terminal.waitFor(new RegExp(`\\[${String(status)}\\]`));
    },
    goOn: async (how) => {
      if (how === 'alone') kill(own, 'SIGCONT');
      else terminal.write('fg\r');
      await terminal.waitFor(/"continued"/);
      await Promise.all([
        untilState(own, 'S', 'R'),
        ...children.map((pid) => untilState(pid, 'S')),
      ]);
    },
  };
}

describe('the examples', () => {
  const program = (name: string): string => path.join(__dirname, '../../../examples', name);

  test('a supervisor, in thirty lines, starts a worker again, and ends with all of them', async () => {
    expect(fs.readFileSync(program('supervisor.js'), 'utf8').split('\n').length - 1).toBeLessThan(
      31,
    );
    const terminal = onTerminal([process.execPath, program('supervisor.js')]);
    const [, first] = await terminal.waitFor(/worker 1 is (\d+)/);
    await terminal.waitFor(/worker 3 is/);
    kill(Number(first), 'SIGKILL');
    await terminal.waitFor(/worker 1 ended: SIGKILL/);
    await terminal.waitFor(/worker 1 is \d+/);
    kill(terminal.pid, 'SIGTERM');
    await terminal.waitFor(/all have ended/);
    expect(terminal.output.match(/ended: SIGTERM/g)).toHaveLength(3);
    expect(await terminal.exit).toEqual({ code: 0, signal: 0 });
  });

  test("a cluster's primary tells its workers", async () => {
    const terminal = onTerminal([process.execPath, program('cluster.js')]);
    await terminal.waitFor(/listens[^]*listens/);
    kill(terminal.pid, 'SIGHUP');
    await terminal.waitFor(/reads its settings[^]*reads its settings/);
    kill(terminal.pid, 'SIGTERM');
    await terminal.waitFor(/has ended[^]*has ended/);
    await terminal.exit;
    expect(terminal.output.match(/reads its settings/g)).toHaveLength(2);
  });
});
