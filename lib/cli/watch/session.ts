// One run of `sigbridge watch`: until it is told to end, its time is over, or its command has ended.
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { toName } from '../../base/signal/names.js';
import { shortCommand } from '../../base/text/shortened.js';
import { printable } from '../../base/text/table.js';
import { EXIT, type Io } from '../Command.js';
import type { Arrival } from './Arrival.js';
import { jsonOf } from './json.js';
import { Summary } from './Summary.js';
import { lineOf } from './text.js';
import { watch, type Wanted, type Watch } from './watch.js';

interface Options {
  json: boolean;
  seconds: number | null;
}

/** @internal @param words a command to start; `null` for none */
export async function session(
  wanted: Wanted,
  words: string[] | null,
  { json, seconds }: Options,
  io: Io,
): Promise<number> {
  const summary = new Summary();
  const since = Date.now() - Number(process.hrtime.bigint() / 1_000_000n);
  const wall = (time: number): Date => new Date(since + time / 1000);
  const tell = (arrival: Arrival): void => {
    summary.add(arrival);
    const when = wall(arrival.time);
    io.out(json ? jsonOf(arrival, when) : lineOf(arrival, clockOf(when, arrival.time), io.color));
  };
  const child = words === null ? null : await startHeld(words);
  const pids = child === null ? wanted.pids : [child.pid ?? 0];
  const watching = await watch({ ...wanted, pids }, tell).catch((error: unknown) => {
    child?.kill('SIGKILL');
    throw error;
  });
  const output = words === null ? process.stdout : process.stderr;
  const slow = setInterval(() => {
    watching.pause(output.writableLength > MOST_UNWRITTEN);
  }, SLOW_MS);
  // Before it is said: who has read it may press Ctrl+C at once.
  const ended = child === null ? [watching.gone, asked(output)] : [endOf(child)];
  // Beside lines of JSON, not among them.
  if (!json || words === null) io.err(`Watching ${whatOf(wanted, pids, words)}. Ctrl+C ends it.\n`);
  if (child !== null) letGo(child);
  const last = await Promise.race([...ended, ...(seconds === null ? [] : [passed(seconds)])]);
  clearInterval(slow);
  await watching.close();
  io.out(endText(summary, watching.losses(), json, io.color));
  // Its time was over before the command's.
  if (last === undefined) return EXIT.ok;
  if (last.signal === null) return last.code ?? EXIT.ok;
  const { exitBySignal } = await import('../../core/lowlevel/exit.js');
  return exitBySignal(last.signal);
}

interface End {
  code: number | null;
  signal: NodeJS.Signals | null;
}

/** More than that is not kept for a reader who is slow: the kernel keeps it, and counts what it cannot. */
const MOST_UNWRITTEN = 4 << 20;
const SLOW_MS = 50;

// It waits for a line, so that nothing of it happens before it is watched.
const HELD = 'read -r line <&3; exec 3<&-; exec "$0" "$@"';

async function startHeld(words: string[]): Promise<ChildProcess> {
  const stdio = ['inherit', 'inherit', 'inherit', 'pipe'] as const;
  const child = spawn('/bin/sh', ['-c', HELD, ...words], { stdio: [...stdio] });
  await once(child, 'spawn');
  return child;
}

function letGo(child: ChildProcess): void {
  (child.stdio[3] as Writable | null)?.end('\n');
}

/** Passes on what is sent to us, and tells how it ended. */
async function endOf(child: ChildProcess): Promise<End> {
  const ended = once(child, 'exit');
  for (const signal of ['SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal));
  // The terminal has sent it to the command, too.
  for (const signal of ['SIGINT', 'SIGQUIT'] as const) process.on(signal, () => undefined);
  const [code, signal] = (await ended) as [number | null, NodeJS.Signals | null];
  return { code, signal };
}

/** Resolves when somebody ends the watch, or nobody reads it any more. */
async function asked(output: NodeJS.WriteStream): Promise<undefined> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      process.once(signal, () => {
        resolve(undefined);
      });
    }
    output.once('error', () => {
      resolve(undefined);
    });
  });
}

async function passed(seconds: number): Promise<undefined> {
  return new Promise((resolve) => {
    const step = (left: number): void => {
      // Longer ones would be over at once: setTimeout().
      const next = Math.min(left, 1e6);
      setTimeout(() => {
        if (left > next) step(left - next);
        else resolve(undefined);
      }, next * 1000);
    };
    step(seconds);
  });
}

function clockOf(when: Date, micros: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  const fraction = String(Math.floor(micros) % 1000).padStart(3, '0');
  const millis = String(when.getMilliseconds()).padStart(3, '0');
  const time = [when.getHours(), when.getMinutes(), when.getSeconds()].map(two).join(':');
  return `${time}.${millis}${fraction}`;
}

function whatOf(
  { signals, command }: Wanted,
  pids: Wanted['pids'],
  words: string[] | null,
): string {
  const which = signals.length === 0 ? 'every signal' : signals.map(toName).join(', ');
  const whose =
    words !== null
      ? `${shortCommand(words.join(' '))} and all that it starts`
      : command !== null
        ? `what is called ${command}`
        : pids === null
          ? 'all processes'
          : `process ${pids.join(', ')}`;
  return `${which} from and to ${printable(whose)}`;
}

function endText(
  summary: Summary,
  { lost, unreadable }: ReturnType<Watch['losses']>,
  json: boolean,
  color: boolean,
): string {
  if (json) {
    const rows = { seen: summary.count, lost, unreadable, summary: summary.rows };
    return `${JSON.stringify(rows)}\n`;
  }
  const losses =
    lost + unreadable === 0
      ? []
      : [`The kernel had no room for ${lost} events; ${unreadable} lines could not be read.\n`];
  return `\n${[...losses, summary.text(color)].join('')}`;
}
