/**
 * One place for the signal handlers of many parts of a program.
 * @module sigbridge/manager
 */
export { createSignalManager } from './manager/SignalManager.js';
export type {
  HandlerRegistration,
  SignalManager,
  SignalManagerEvents,
} from './manager/SignalManager.js';
export type { HandlerDefaults, HandlerOptions, SignalManagerOptions } from './manager/options.js';
export type { HandlerContext, Outcome, SignalHandler, SignalResult } from './manager/Handler.js';
export type { CircuitName } from './manager/Guard.js';
export type { DedupeKey } from './manager/Window.js';
