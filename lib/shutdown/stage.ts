import type { SignalEvent } from '../core/events/SignalEvent.js';

/** Why the program ends. */
export interface ShutdownReason {
  /** What has asked for it: a signal, a crash, or a call of `begin()`. */
  readonly trigger: 'signal' | 'uncaughtException' | 'unhandledRejection' | 'call';
  /** For people: `'SIGTERM'`, the error's message, what the caller said. */
  readonly message: string;
  /** What was thrown, or what a promise was rejected with. */
  readonly error?: unknown;
}

/** What a stage is called with. */
export interface StageContext {
  /** Aborted when the stage has run out of time; the reason says of which. */
  readonly signal: AbortSignal;
  /** The signal that asked for it, or `null`. */
  readonly event: SignalEvent | null;
  /** Why the shutdown began. */
  readonly reason: ShutdownReason;
  /** The stage's own `timeoutMs`, in ms, if it was given one. */
  readonly timeoutMs: number | undefined;
  /** What is left of `totalMs` when the stage begins, in ms; those behind it are to share in that. */
  readonly leftMs: number;
}

/** What is done in a stage; it lasts until what this gives has settled. */
export type StageTask = (context: StageContext) => unknown;

/** When a stage runs, and for how long at most. */
export interface StageOptions {
  /** How long it may take, in ms; by default as long as there is time that nobody behind it needs. */
  timeoutMs?: number;
  /**
   * How much time, in ms, those before it have to leave to it; by default a tenth of `totalMs`, or its
   * own `timeoutMs` where that is less. Where there is not enough for all, all get their share.
   */
  reserveMs?: number;
  /** It begins when these have settled. They may be added later. */
  after?: string | readonly string[];
  /** It has settled before these begin. */
  before?: string | readonly string[];
}

/** How a stage has ended. */
export interface StageResult {
  /** The stage's name. */
  name: string;
  /** How it went. */
  outcome: 'done' | 'failed' | 'timed-out';
  /** How long it ran, in milliseconds. */
  ms: number;
  /** Why it was not done, where it was not. */
  error: unknown;
}

/** How it all went. */
export interface ShutdownReport {
  /** Why it began. */
  reason: ShutdownReason;
  /** In the order in which they settled. */
  stages: StageResult[];
  /** How long all of it took, in milliseconds. */
  ms: number;
  /** No more waiting, from some time on: a second SIGINT, `hurry()`, or `totalMs` were over. */
  hurried: boolean;
  /** What else went wrong meanwhile: names of stages that do not exist, exceptions. It may grow yet. */
  problems: unknown[];
}

/**
 * What `onEnd` takes. It is told how all went, and gets an AbortSignal that is aborted when the time is
 * over; it lasts until what this gives has settled.
 */
export type EndHook = (report: ShutdownReport, signal: AbortSignal) => unknown;

/** @internal */
export interface Stage {
  readonly name: string;
  readonly task: StageTask;
  /** `Infinity`: no limit of its own. */
  readonly timeoutMs: number;
  readonly reserveMs: number;
  readonly after: readonly string[];
  readonly before: readonly string[];
}
