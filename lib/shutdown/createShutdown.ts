// Runs the stages when it is asked to, and then ends the process. Longer than most files: the steps of an end are
// read in their order, in one class.
import { EventEmitter } from 'node:events';
import { SignalError } from '../base/errors/SignalError.js';
import { hear } from '../core/anywhere/hear.js';
import { tell } from '../core/events/tell.js';
import { isHandled } from '../core/receive/handling.js';
import type { SignalEvent } from '../core/events/SignalEvent.js';
import { Clock } from './Clock.js';
import { followExit } from './cutShort.js';
import { Deadline } from './Deadline.js';
import { endProcess, leaveCluster } from './end.js';
import { EndHooks } from './EndHooks.js';
import { followExceptions } from './exceptions.js';
import { codeOrDefault } from './exitCode.js';
import { KeyPresses } from './KeyPresses.js';
import {
  readShutdownOptions,
  readStage,
  type CheckedOptions,
  type ShutdownOptions,
} from './options.js';
import { claimProcess } from './only.js';
import { drainOutput } from './output.js';
import { progressOf, warn, type Progress } from './progress.js';
import type { Shutdown, ShutdownEvents } from './Shutdown.js';
import { StageGraph } from './StageGraph.js';
import { Requests } from './Requests.js';
import type {
  EndHook,
  ShutdownReason,
  ShutdownReport,
  Stage,
  StageOptions,
  StageResult,
  StageTask,
} from './stage.js';

/**
 * Ends the program in order when it is asked to. One for each process, made in its main thread.
 * @throws as `on`, ERR_INVALID_ARG, and ERR_IN_USE where there is one that has neither ended nor been
 *   closed
 */
export function createShutdown(options?: ShutdownOptions): Shutdown {
  return new Pipeline(readShutdownOptions(options));
}

/** The part of all the time that stages leave to the end itself: hooks, and output to be drained. */
const END_RESERVE = 0.1;

class Pipeline extends EventEmitter<ShutdownEvents> implements Shutdown {
  readonly #options: CheckedOptions;
  readonly #graph = new StageGraph();
  readonly #progress: Progress;
  readonly #begun = new AbortController();
  readonly #interrupts = new KeyPresses();
  readonly #problems: unknown[] = [];
  readonly #hooks = new EndHooks();
  readonly #deadline = new Deadline();
  readonly #requests = new Requests();
  readonly #giveUp: readonly (() => void)[];
  readonly #free: () => void;
  #clock: Clock | null = null;
  #report: Promise<ShutdownReport> | null = null;

  constructor(options: CheckedOptions) {
    super();
    this.#options = options;
    this.#progress = progressOf(options.progress);
    this.#free = claimProcess(createShutdown);
    try {
      const listener = (event: SignalEvent): void => {
        this.#receive(event);
      };
      const { signals } = options;
      const heard = signals.length === 0 ? null : hear(signals, listener, { ref: false });
      const fail = (reason: ShutdownReason): void => {
        this.#fail(reason);
      };
      this.#giveUp = [() => heard?.close(), followExceptions(options, fail), this.#free];
    } catch (error) {
      this.#free();
      throw error;
    }
  }

  get ready(): boolean {
    return !this.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#begun.signal;
  }

  get totalMs(): number {
    return this.#options.totalMs;
  }

  stage(name: string, task: StageTask, options?: StageOptions): this {
    this.#graph.add(readStage(name, task, options, this.#options.totalMs));
    return this;
  }

  check(): void {
    const [error] = this.#graph.unknown();
    if (error !== undefined) throw error;
  }

  onEnd(hook: EndHook): this {
    this.#hooks.add(hook);
    return this;
  }

  async begin(message = 'asked by the program'): Promise<ShutdownReport> {
    return this.#begin({ trigger: 'call', message }, null);
  }

  hurry(): void {
    this.#hurry('hurry() was called');
  }

  close(): void {
    for (const step of this.#giveUp) step();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #receive(event: SignalEvent): void {
    const { signal, number } = event;
    // Where it is what reloads the program, it does not end it as well.
    if (this.#options.yields.includes(number) && isHandled(number)) return;
    const press = signal === 'SIGINT' ? this.#interrupts.take(event) : 'none';
    if (press === 'second') this.#hurry('a second SIGINT');
    else if (press === 'first' && this.#clock?.stopped === false) this.#progress.interrupt(event);
    else void this.#begin({ trigger: 'signal', message: signal }, event);
  }

  #fail(reason: ShutdownReason): void {
    if (this.ready) void this.#begin(reason, null);
    else this.#problem(reason.error);
  }

  #begin(reason: ShutdownReason, event: SignalEvent | null): Promise<ShutdownReport> {
    this.#report ??= this.#run(reason, event);
    return this.#report;
  }

  async #run(reason: ShutdownReason, event: SignalEvent | null): Promise<ShutdownReport> {
    const clock = (this.#clock = new Clock(this.#options.totalMs));
    clock.over.addEventListener('abort', () => {
      const why = (clock.over.reason as Error).message;
      this.#progress.hurry(why);
      tell(this, 'hurry', why);
    });
    this.#requests.look();
    this.#startDeadline(event);
    const stop = followExit(
      () => this.#graph.left,
      (error) => {
        this.#problem(error);
        if (this.#options.progress === 'none') warn(error);
      },
    );
    this.#progress.begin(reason, event, this.#graph.size);
    this.#begun.abort(reason);
    tell(this, 'begin', reason, event);
    for (const error of this.#graph.unknown()) this.#problem(error);
    await clock.wait(this.#preStopMs(event));

    const stages: StageResult[] = [];
    await this.#graph.run(async (stage) => {
      this.#deadline.begin(`the stage ${stage.name}`);
      stages.push(await this.#runStage(stage, { clock, reason, event }));
      this.#deadline.end(`the stage ${stage.name}`);
    });
    await leaveCluster(clock);
    await this.#graph.settled();

    const { ms, over } = clock;
    const report = { reason, stages, ms, hurried: over.aborted, problems: this.#problems };
    this.#progress.end(report);
    tell(this, 'end', report);
    const end = 'what was given to onEnd()';
    this.#deadline.begin(end);
    for (const error of await this.#hooks.call(report, clock)) this.#problem(error);
    this.#deadline.end(end);
    stop();
    if (this.#options.exit) {
      this.#deadline.begin('the end of the process');
      this.#exitNext(report, event, clock);
    } else {
      clock.stop();
      this.#free();
    }
    return report;
  }

  #startDeadline(event: SignalEvent | null): void {
    const { exit, totalMs } = this.#options;
    try {
      if (exit) this.#deadline.start(totalMs, event?.number ?? 0);
    } catch (error) {
      this.#problem(error);
    }
  }

  #preStopMs(event: SignalEvent | null): number {
    const { preStopMs, preStopSignals } = this.#options;
    return event !== null && preStopSignals.includes(event.number) ? preStopMs : 0;
  }

  async #runStage(stage: Stage, { clock, reason, event }: Running): Promise<StageResult> {
    const { name, task } = stage;
    const timeoutMs = stage.timeoutMs === Infinity ? undefined : stage.timeoutMs;
    const began = performance.now();
    tell(this, 'stageBegin', name);
    // One that is added when all is over and the process goes on has what would have been kept for it.
    const leftMs = clock.stopped ? stage.reserveMs : clock.leftMs;
    const forStages = clock.stopped ? leftMs : clock.leaving(END_RESERVE);
    const allowance = this.#graph.allowance(stage, forStages);
    let given: AbortSignal | undefined;
    const settled = clock.within(allowance, `The stage ${name}`, (signal) => {
      given = signal;
      return task({ signal, event, reason, timeoutMs, leftMs });
    });
    const result = await settled.then(
      () => ({ outcome: 'done', error: undefined }) as const,
      (error: unknown) => ({ outcome: outcomeOf(error, given), error }) as const,
    );
    const whole = { name, ...result, ms: performance.now() - began };
    this.#progress.stage(whole);
    tell(this, 'stageEnd', whole);
    return whole;
  }

  #hurry(why: string): void {
    this.#clock?.hurry(why);
  }

  #problem(error: unknown): void {
    this.#problems.push(error);
    this.#progress.problem(error);
    tell(this, 'problem', error);
  }

  // In a turn of its own: whoever awaits the report still sees it, and what they write is written.
  #exitNext(report: ShutdownReport, event: SignalEvent | null, clock: Clock): void {
    setImmediate(() => {
      void this.#exit(report, event, clock);
    });
  }

  async #exit(report: ShutdownReport, event: SignalEvent | null, clock: Clock): Promise<void> {
    const code = codeOrDefault(report, this.#options.exitCode, (error) => {
      this.#problem(error);
    });
    await this.#requests.settled(clock, END_RESERVE * this.#options.totalMs);
    await drainOutput(clock);
    clock.stop();
    if (code === null && event !== null) endProcess(event.number, 128 + event.number);
    endProcess(0, code ?? 1);
  }
}

interface Running {
  clock: Clock;
  reason: ShutdownReason;
  event: SignalEvent | null;
}

// A stage may have a time of its own within the one that it is given.
function outcomeOf(error: unknown, given: AbortSignal | undefined): 'timed-out' | 'failed' {
  return given?.aborted === true || isTimeout(error) ? 'timed-out' : 'failed';
}

function isTimeout(error: unknown): boolean {
  try {
    return error instanceof SignalError && error.code === 'ERR_TIMEOUT';
  } catch {
    // A Proxy, say: it was thrown by the stage, and does as it likes.
    return false;
  }
}
