import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import type { Readable, Writable } from 'node:stream';

import type * as Sigbridge from 'sigbridge';

import { Bell } from '../../lib/testing/Bell';
import { onTestEnd } from './cleanup';
import type { Fixtures } from './fixtures';
import { guarded } from './guard';
import { kill, killQuietly } from './kill';
import { decode, encode } from './wire.js';

const INSIDE = path.join(__dirname, 'inside.js');
const ROOT = path.join(__dirname, '../..');
const REPORT_FD = 3;

/** What a scenario is given. `sigbridge` is loaded when it is first read. */
export interface Inside<Args> {
  readonly sigbridge: typeof Sigbridge;
  readonly require: NodeJS.Require;
  readonly args: Args;
  /** Sends a value to the test; written before it returns. Knows JSON, bigint and errors. */
  readonly report: (value?: unknown) => void;
  /** The next value that the test tells; keeps the event loop alive only while it is awaited. */
  readonly next: <T>() => Promise<T>;
  /** So many turns of the event loop that all which signals have set going so far is done. */
  readonly settle: () => Promise<void>;
  /** `import()`, which in a scenario's own text would become a helper of the test file. */
  readonly importModule: (specifier: string) => Promise<Record<string, unknown>>;
  /** Loads one of the C addons in test/fixtures. */
  readonly fixture: <Name extends keyof Fixtures>(name: Name) => Fixtures[Name];
}

/**
 * An arrow function that runs in a process of its own, to which it goes as source text: it may use
 * nothing of the test file but what `args` brings, and no syntax that the compiler turns into a
 * helper outside of it (`import()`, `using`).
 */
export type ScenarioBody<Args> = (inside: Inside<Args>) => unknown;

export interface CommandOptions<Args> {
  args?: Args;
  /** Another node binary. */
  node?: string;
  nodeArgs?: readonly string[];
  /** Command words put before node's, see `launchers`. */
  launcher?: readonly string[];
}

export interface ScenarioOptions<Args> extends CommandOptions<Args> {
  /** Added to the test's own environment. */
  env?: NodeJS.ProcessEnv;
  /** Descriptors 0, 1 and 2; default `['ignore', 'pipe', 'pipe']`. */
  stdio?: readonly ['ignore' | 'pipe', 'ignore' | 'pipe', 'ignore' | 'pipe'];
  /** Give the process back as soon as it exists, not when the scenario starts in it. */
  early?: boolean;
}

export interface ScenarioExit {
  code: number | null;
  /** Node knows no names of real-time signals: see `launchers.status`. */
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** Ways to be started that change what a process inherits, or what is known of its end. */
export const launchers = {
  /** By a shell without job control, in the background: `SIGINT` and `SIGQUIT` are ignored. */
  background: ['sh', '-c', '"$0" "$@" & wait $!'],
  /** `exit.code` is 128 + n after a death by signal n: Node shows one by a real-time signal as 0. */
  status: ['sh', '-c', '"$0" "$@"; exit $?'],
} as const;

/** The command that runs `body` with its reports on descriptor `reportFd`, as lines of JSON. */
export function scenarioCommand<Args>(
  body: ScenarioBody<Args>,
  { args, node = process.execPath, nodeArgs = [], launcher = [] }: CommandOptions<Args> = {},
  reportFd = 1,
): [string, ...string[]] {
  const scenario = [INSIDE, String(reportFd), body.toString(), encode(args ?? null)];
  return [...launcher, node, ...nodeArgs, ...scenario] as [string, ...string[]];
}

/** Starts `body` in a process of its own, which does not outlive the test. */
export async function scenario<Args>(
  body: ScenarioBody<Args>,
  options: ScenarioOptions<Args> = {},
): Promise<Scenario> {
  const { env, stdio = ['ignore', 'pipe', 'pipe'], early = false } = options;
  const [command, ...argv] = scenarioCommand(body, options, REPORT_FD);
  const child = spawn(command, argv, {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: [...stdio, 'pipe', 'pipe'],
  });
  const started = new Scenario(child);
  if (!early) await started.start();
  return started;
}

type Message =
  | { type: 'started'; value: { pid: number; namespace: string } }
  | { type: 'report'; value: unknown }
  | { type: 'failed'; value: string };

/** A scenario's process, as its test sees it. */
export class Scenario {
  readonly #child: ReturnType<typeof spawn>;
  readonly #tell: Writable;
  readonly #closed: Promise<ScenarioExit>;
  readonly #reports: unknown[] = [];
  #asked = 0;
  #pid: number;
  /** In another PID namespace its pid is, out here, somebody else's: PID 1, say. */
  #reachable: number | undefined;
  #started = false;
  #failure: string | undefined;
  #ended: ScenarioExit | undefined;
  #stdout = '';
  #stderr = '';
  readonly #bell = new Bell();

  /** @internal */
  constructor(child: ReturnType<typeof spawn>) {
    const [, , , reports, tell] = child.stdio;
    this.#child = child;
    this.#pid = child.pid ?? 0;
    this.#reachable = child.pid;
    this.#tell = tell as Writable;
    // The process may end before it reads what it was told.
    this.#tell.on('error', () => undefined);
    collect(child.stdout, (text) => (this.#stdout += text));
    collect(child.stderr, (text) => (this.#stderr += text));
    this.#readMessages(reports as Readable);
    this.#closed = new Promise((resolve, reject) => {
      child.once('error', (error) => {
        this.#failure = error.message;
        this.#bell.ring();
        reject(error);
      });
      child.once('close', (code, signal) => {
        this.#ended = { code, signal, stdout: this.#stdout, stderr: this.#stderr };
        this.#bell.ring();
        resolve(this.#ended);
      });
    });
    // Who awaits `exit` sees the error; for all others `next` tells it.
    this.#closed.catch(() => undefined);
    onTestEnd(() => {
      if (this.#ended) return;
      killQuietly(child.pid);
      killQuietly(this.#reachable);
    });
  }

  /** The scenario's own process, also where a launcher stands before it. */
  get pid(): number {
    return this.#pid;
  }

  /** The end of the process that was launched, when all it wrote has been read. */
  get exit(): Promise<ScenarioExit> {
    return guarded(this.#closed, () => `the end of the scenario\n${this.#story()}`);
  }

  get stdin(): Writable | null {
    return this.#child.stdin;
  }

  /** All that was written to it so far. */
  get stdout(): string {
    return this.#stdout;
  }

  get stderr(): string {
    return this.#stderr;
  }

  /** Every report so far, those that `next` gave included. */
  reports(): readonly unknown[] {
    return this.#reports;
  }

  /** The next report; rejects with the process's story when it ends or fails without one. */
  async next<T>(): Promise<T> {
    const index = this.#asked++;
    await this.#until(() => index < this.#reports.length, 'a report');
    return this.#reports[index] as T;
  }

  /** @internal Resolves when the scenario is about to run. */
  async start(): Promise<void> {
    await this.#until(() => this.#started, 'the start');
  }

  /** The value that the scenario's own `next` gives. */
  tell(value?: unknown): void {
    this.#tell.write(`${encode(value ?? null)}\n`);
  }

  /** Sends a signal, by name or by number, real-time signals included. */
  kill(signal: NodeJS.Signals | number = 'SIGTERM'): void {
    kill(this.#reachable, signal);
  }

  async #until(done: () => boolean, what: string): Promise<void> {
    const wanted = (async () => {
      while (!done()) {
        if (this.#failure !== undefined) throw new Error(`the scenario failed: ${this.#failure}`);
        if (this.#ended) throw new Error(`the scenario ended before ${what}\n${this.#story()}`);
        await this.#bell.rung();
      }
    })();
    await guarded(wanted, () => `${what} of the scenario\n${this.#story()}`);
  }

  #readMessages(reports: Readable): void {
    let text = '';
    collect(reports, (chunk) => {
      const lines = (text + chunk).split('\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.#take(decode(line) as Message);
      this.#bell.ring();
    });
  }

  #take(message: Message): void {
    if (message.type === 'report') this.#reports.push(message.value);
    if (message.type === 'failed') this.#failure = message.value;
    if (message.type === 'started') {
      this.#started = true;
      const { pid, namespace } = message.value;
      this.#pid = pid;
      this.#reachable = namespace === fs.readlinkSync('/proc/self/ns/pid') ? pid : undefined;
    }
  }

  #story(): string {
    const { code, signal } = this.#ended ?? { code: 'running', signal: null };
    return `exit: ${String(signal ?? code)}\nstdout: ${this.#stdout}\nstderr: ${this.#stderr}`;
  }
}

function collect(stream: Readable | null, take: (text: string) => void): void {
  stream?.setEncoding('utf8').on('data', take);
}
