import { channel } from 'node:diagnostics_channel';
import type { Disposition } from '../look/disposition.js';
import type { SignalEvent } from './SignalEvent.js';
import type { Taker } from './book.js';
import type { Displacement } from './Displacement.js';

/** `sigbridge:arrival`: this thread's event loop has taken an event; before any listener is called. */
export interface ArrivalMessage {
  /** The event that was taken. */
  readonly event: SignalEvent;
  /** When, in ns, as `process.hrtime.bigint()`. */
  readonly takenAt: bigint;
}

/** `sigbridge:delivery`: one listener or channel of this thread has had the event. */
export interface DeliveryMessage {
  /** The event that was delivered. */
  readonly event: SignalEvent;
  /** Who has had it. */
  readonly to: Taker;
  /** In ns, as `process.hrtime.bigint()`. */
  readonly startedAt: bigint;
  /** When the listener had returned, in ns as `process.hrtime.bigint()`. */
  readonly endedAt: bigint;
  /** What the listener has thrown. */
  readonly error?: unknown;
}

/** `sigbridge:overflow`: arrivals that could not be kept one by one. */
export interface OverflowMessage {
  /** `'inbox'`: folded into this event; `'channel'`: dropped by a full channel, this one included. */
  readonly where: 'inbox' | 'channel';
  /** The event that arrivals were folded into, or that was dropped. */
  readonly event: SignalEvent;
  /** How many arrivals. */
  readonly count: number;
}

/** `sigbridge:displacement`: somebody has installed over sigbridge, as `onDisplaced` notices it. */
export type DisplacementMessage = Displacement;

/** `sigbridge:change`: a disposition has been changed by a call of this thread. */
export interface ChangeMessage {
  /** The signal's name. */
  readonly signal: string;
  /** The disposition before. */
  readonly before: Disposition;
  /** The disposition since. */
  readonly after: Disposition;
  /** `'set'`: reset, ignore, restore and the like; else somebody began to listen, or the last one left. */
  readonly cause: 'set' | 'first-listener' | 'last-close';
}

// Where nobody has subscribed, a channel costs the look at `hasSubscribers`.
export const arrivals = channel('sigbridge:arrival');
export const deliveries = channel('sigbridge:delivery');
export const overflows = channel('sigbridge:overflow');
export const displacements = channel('sigbridge:displacement');
export const changes = channel('sigbridge:change');

export function tellArrival(message: ArrivalMessage): void {
  arrivals.publish(message);
}

export function tellDelivery(message: DeliveryMessage): void {
  deliveries.publish(message);
}

export function tellOverflow(message: OverflowMessage): void {
  overflows.publish(message);
}

export function tellDisplacement(message: DisplacementMessage): void {
  displacements.publish(message);
}

export function tellChange(message: ChangeMessage): void {
  changes.publish(message);
}
