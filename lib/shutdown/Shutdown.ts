// What a program has in hand of its shutdown.
import type { EventEmitter } from 'node:events';
import type { SignalEvent } from '../core/events/SignalEvent.js';
import type {
  EndHook,
  ShutdownReason,
  ShutdownReport,
  StageOptions,
  StageResult,
  StageTask,
} from './stage.js';

/** The events of a shutdown, with what each listener gets. */
export interface ShutdownEvents {
  /** It has begun: `ready` is false, and nothing is closed yet. */
  begin: [reason: ShutdownReason, event: SignalEvent | null];
  /** A stage begins; its name. */
  stageBegin: [name: string];
  /** A stage has settled or has run out of time. */
  stageEnd: [result: StageResult];
  /** No more waiting. */
  hurry: [why: string];
  /** Something else went wrong meanwhile. */
  problem: [error: unknown];
  /** All stages are done; what was given to `onEnd` is next, and then the process ends. */
  end: [report: ShutdownReport];
}

/** The one way in which a program ends. */
export interface Shutdown extends EventEmitter<ShutdownEvents>, Disposable {
  /** `false` as soon as it begins, before anything closes: what a readiness probe asks for. */
  readonly ready: boolean;
  /** Aborted as soon as it begins: for loops that take work; the reason is the {@link ShutdownReason}. */
  readonly signal: AbortSignal;
  /** How long all of it may take, in ms: the option. */
  readonly totalMs: number;
  /**
   * Adds a stage. Stages form a graph by `after` and `before`, whatever order they are added in. One that
   * is added when the shutdown has begun runs at once, or when those of its `after` have settled: what
   * start-up has just opened is closed.
   * @throws ERR_INVALID_ARG for a name that is taken and for stages that would wait for each other
   */
  stage(name: string, task: StageTask, options?: StageOptions): this;
  /** Call it when all stages are added. @throws ERR_INVALID_ARG for a name that no stage has */
  check(): void;
  /**
   * Calls `hook` when the last stage has settled and the `end` listeners have been told, and waits for
   * it as long as there is time: for what sends off what the stages still had to tell. Several run side
   * by side; one that fails is a problem, and changes nothing. @throws ERR_INVALID_ARG, and ERR_CLOSED
   * when the hooks have been called
   */
  onEnd(hook: EndHook): this;
  /**
   * Begins, unless it has begun. The process then exits with `exitCode`, or with `process.exitCode` if
   * that has been set, or with 0, or with 1 if a stage did not do well. The promise never rejects.
   */
  begin(message?: string): Promise<ShutdownReport>;
  /** No more waiting: what runs is aborted, and what is left gets 0 ms. */
  hurry(): void;
  /** Gives up its triggers: nothing begins any more but by `begin()`, and another one may be made. */
  close(): void;
}
