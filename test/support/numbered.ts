import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { onTestEnd } from './cleanup';
import { fixturePath, type FloodResult } from './fixtures';
import { guarded } from './guard';
import { scenario, type ScenarioBody } from './scenario';
import type { Tally } from './tally';

export const NUMBERED_SIGNAL = 40;

/** What the process that receives is doing meanwhile. */
export type Meanwhile =
  | 'waits'
  /** Computes, without a turn of its event loop, until the last number was sent. */
  | 'computes'
  /** Computes for one second. */
  | 'computes for a second'
  | 'uses the thread pool'
  | 'has workers from before'
  | 'has workers from later'
  | 'receives in a worker alone'
  | 'receives in a worker'
  | 'receives in two threads';

interface Arguments {
  meanwhile: Meanwhile;
  signal: number;
  count: number;
  /** A file that exists once all was sent. */
  sent: string;
}

const receive: ScenarioBody<Arguments> = async ({ args, report, next, require, ...inside }) => {
  const { tally } = require('./tally.js') as typeof import('./tally');
  const { startThread } = require('./threads.js') as typeof import('./threads');
  const { meanwhile, signal, count } = args;
  const does = (what: string) => meanwhile === what;

  const receiveInWorker = async () => {
    const thread = startThread(
      async ({ args, report, next, sigbridge, require }) => {
        const { tally } = require('./tally.js') as typeof import('./tally');
        const { settled } = tally(sigbridge.on, args.signal, args.count);
        report('ready');
        await next();
        report(await settled());
      },
      { signal, count },
    );
    await thread.next();
    return {
      settled: () => {
        thread.tell();
        return thread.next<Tally>();
      },
    };
  };
  // One that computes and knows nothing of sigbridge, one that sleeps, one that listens to another signal.
  const haveWorkers = async () => {
    const threads = [
      startThread(({ report }) => {
        report();
        for (;;);
      }),
      startThread(async ({ report, next }) => {
        report();
        await next();
      }),
      startThread(
        async ({ args, report, next, sigbridge }) => {
          sigbridge.on(args.signal + 1, () => undefined);
          report();
          await next();
        },
        { signal },
      ),
    ];
    await Promise.all(threads.map(({ next }) => next()));
  };

  if (does('has workers from before')) await haveWorkers();
  if (does('receives in a worker')) inside.sigbridge.on(signal + 1, () => undefined);
  const receivers: { settled: () => Promise<Tally> }[] = [];
  if (meanwhile.startsWith('receives')) receivers.push(await receiveInWorker());
  if (!meanwhile.startsWith('receives') || does('receives in two threads')) {
    receivers.push(tally(inside.sigbridge.on, signal, count));
  }
  if (does('has workers from later')) await haveWorkers();

  if (does('uses the thread pool')) {
    const { pbkdf2 } = require('node:crypto') as typeof import('node:crypto');
    const { stat } = require('node:fs') as typeof import('node:fs');
    const hash = () => {
      pbkdf2('a', 'b', 1000, 64, 'sha512', hash);
    };
    const look = () => {
      stat('/', look);
    };
    for (let i = 0; i < 3; i++) hash();
    look();
  }
  report('ready');
  if (meanwhile.startsWith('computes')) {
    const { existsSync } = require('node:fs') as typeof import('node:fs');
    const until = performance.now() + (does('computes') ? 0 : 1000);
    while (performance.now() < until || !existsSync(args.sent));
  }
  await next();
  report(await Promise.all(receivers.map(({ settled }) => settled())));
  process.exit();
};

/** Numbers from one process to another that is busy in this way; what each receiver found. */
export async function sendNumbers(
  meanwhile: Meanwhile,
  count: number,
): Promise<{ tallies: Tally[]; sender: number }> {
  const sent = mark();
  const args = { meanwhile, signal: NUMBERED_SIGNAL, count, sent: sent.path };
  const child = await scenario(receive, { args });
  await child.next();
  const { pid, result } = startFlood(child.pid, NUMBERED_SIGNAL, count);
  await result;
  sent.set();
  child.tell();
  const tallies = await child.next<Tally[]>();
  await child.exit;
  return { tallies, sender: pid };
}

/** A file that is there once it is set: a thread that computes can ask for it. */
export function mark(): { path: string; set(): void } {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mark-'));
  const file = path.join(folder, 'set');
  onTestEnd(() => {
    fs.rmSync(folder, { recursive: true });
  });
  return {
    path: file,
    set: () => {
      fs.writeFileSync(file, '');
    },
  };
}

/** What a receiver finds that got every number once, whole and in order. */
export function allOf(count: number, ...senders: number[]): Tally {
  return {
    received: count,
    coalesced: 0,
    lost: 0,
    twice: 0,
    torn: 0,
    inversions: 0,
    senders,
  };
}

/** As `flood`, but its pid is known. */
export function startFlood(
  pid: number,
  signal: number,
  count: number,
  ...more: string[]
): { pid: number; result: Promise<FloodResult> } {
  const argv = [pid, signal, count].map(String);
  const child = spawn(fixturePath('flood'), [...argv, ...more], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestEnd(() => child.kill('SIGKILL'));
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  const result = guarded(once(child, 'close'), () => 'the end of the flood').then(
    () => JSON.parse(text) as FloodResult,
  );
  return { pid: child.pid ?? 0, result };
}
