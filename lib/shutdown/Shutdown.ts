import { EventEmitter } from 'node:events';
import { closed } from '../base/errors/SignalError.js';
import { tell } from '../core/events/tell.js';
import { hear } from '../core/anywhere/hear.js';
import type { SignalEvent } from '../core/events/SignalEvent.js';
import type { Subscription } from '../core/receive/Subscription.js';
import { Clock } from './Clock.js';
import { endProcess, leaveCluster } from './end.js';
import { followExceptions } from './exceptions.js';
import { KeyPresses } from './KeyPresses.js';
import {
  readShutdownOptions,
  readStage,
  type CheckedOptions,
  type ShutdownOptions,
} from './options.js';
import { progressOf, type Progress } from './progress.js';
import { StageGraph } from './StageGraph.js';
import type {
  ShutdownReason,
  ShutdownReport,
  Stage,
  StageOptions,
  StageResult,
  StageTask,
} from './stage.js';

/** The events of a shutdown, with what each listener gets. */
export interface ShutdownEvents {
  /** It has begun: `ready` is false, and nothing is closed yet. */
  begin: [reason: ShutdownReason, event: SignalEvent | null];
  stageBegin: [name: string];
  stageEnd: [result: StageResult];
  /** No more waiting. */
  hurry: [why: string];
  /** Something else went wrong meanwhile. */
  problem: [error: unknown];
  /** All is done; the process ends next. */
  end: [report: ShutdownReport];
}

/** The one way in which a program ends. */
export interface Shutdown extends EventEmitter<ShutdownEvents>, Disposable {
  /** `false` as soon as it begins, before anything closes: what a readiness probe asks for. */
  readonly ready: boolean;
  /** Aborted as soon as it begins: for loops that take work; the reason is the {@link ShutdownReason}. */
  readonly signal: AbortSignal;
  /**
   * Adds a stage. Stages form a graph by `after` and `before`, whatever order they are added in.
   * @throws ERR_INVALID_ARG for a name that is taken and for stages that would wait for each other,
   *   ERR_CLOSED when it has begun
   */
  stage(name: string, task: StageTask, options?: StageOptions): this;
  /** Call it when all stages are added. @throws ERR_INVALID_ARG for a name that no stage has */
  check(): void;
  /**
   * Begins, unless it has begun. The process then exits with 0, with 1 if a stage did not do well, or
   * with `exitCode`. The promise never rejects.
   */
  begin(message?: string): Promise<ShutdownReport>;
  /** No more waiting: what runs is aborted, and what is left gets 0 ms. */
  hurry(): void;
  /** Gives up its triggers: nothing begins any more but by `begin()`. */
  close(): void;
}

/**
 * Ends the program in order when it is asked to. One for each process, made in its main thread.
 * @throws as `on`, and ERR_INVALID_ARG
 */
export function createShutdown(options?: ShutdownOptions): Shutdown {
  return new Pipeline(readShutdownOptions(options));
}

class Pipeline extends EventEmitter<ShutdownEvents> implements Shutdown {
  readonly #options: CheckedOptions;
  readonly #graph = new StageGraph();
  readonly #progress: Progress;
  readonly #begun = new AbortController();
  readonly #interrupts = new KeyPresses();
  readonly #problems: unknown[] = [];
  readonly #subscription: Subscription | null;
  readonly #forgetExceptions: () => void;
  #clock: Clock | null = null;
  #report: Promise<ShutdownReport> | null = null;

  constructor(options: CheckedOptions) {
    super();
    this.#options = options;
    this.#progress = progressOf(options.progress);
    const listener = (event: SignalEvent): void => {
      this.#receive(event);
    };
    this.#subscription =
      options.signals.length === 0 ? null : hear(options.signals, listener, { ref: false });
    this.#forgetExceptions = followExceptions(options, (reason) => {
      this.#fail(reason);
    });
  }

  get ready(): boolean {
    return !this.signal.aborted;
  }

  get signal(): AbortSignal {
    return this.#begun.signal;
  }

  stage(name: string, task: StageTask, options?: StageOptions): this {
    if (!this.ready) throw closed('The shutdown has begun, and');
    this.#graph.add(readStage(name, task, options));
    return this;
  }

  check(): void {
    const [error] = this.#graph.unknown();
    if (error !== undefined) throw error;
  }

  async begin(message = 'asked by the program'): Promise<ShutdownReport> {
    return this.#begin({ trigger: 'call', message }, null);
  }

  hurry(): void {
    this.#hurry('hurry() was called');
  }

  close(): void {
    this.#subscription?.close();
    this.#forgetExceptions();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  #receive(event: SignalEvent): void {
    const { signal } = event;
    const second = signal === 'SIGINT' && this.#interrupts.isSecond(event);
    if (second) this.#hurry('a second SIGINT');
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
    this.#progress.begin(reason, event, this.#graph.size);
    this.#begun.abort(reason);
    tell(this, 'begin', reason, event);
    for (const error of this.#graph.unknown()) this.#problem(error);
    await clock.wait(this.#options.preStopMs);

    const stages: StageResult[] = [];
    await this.#graph.run(async (stage) => {
      stages.push(await this.#runStage(stage, { clock, reason, event }));
    });
    await leaveCluster(clock);
    clock.stop();

    const { ms, over } = clock;
    const report = { reason, stages, ms, hurried: over.aborted, problems: this.#problems };
    this.#progress.end(report);
    tell(this, 'end', report);
    if (this.#options.exit) this.#exit(report, event);
    return report;
  }

  async #runStage(stage: Stage, { clock, reason, event }: Running): Promise<StageResult> {
    const { name, timeoutMs, task } = stage;
    const began = performance.now();
    tell(this, 'stageBegin', name);
    let given: AbortSignal | undefined;
    const settled = clock.within(timeoutMs, `The stage ${name}`, (signal) => {
      given = signal;
      return task({ signal, event, reason });
    });
    const result = await settled.then(
      () => ({ outcome: 'done', error: undefined }) as const,
      (error: unknown) =>
        ({ outcome: given?.aborted === true ? 'timed-out' : 'failed', error }) as const,
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

  // In a turn of its own: whoever awaits the report still sees it.
  #exit(report: ShutdownReport, event: SignalEvent | null): void {
    setImmediate(() => endProcess(report, event, this.#options.exitCode));
  }
}

interface Running {
  clock: Clock;
  reason: ShutdownReason;
  event: SignalEvent | null;
}
