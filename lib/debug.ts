/**
 * How all signals stand in this process, and what became of the last ones.
 * @module sigbridge/debug
 */
import { keepBooks } from './debug/books.js';

export { dump } from './debug/dump.js';
export type {
  Dump,
  DumpedChannel,
  DumpedCounters,
  DumpedHold,
  DumpedTaker,
} from './debug/dumpModel.js';
export { dumpOn } from './debug/dumpOn.js';
export type { DumpOn, DumpOnOptions } from './debug/dumpOn.js';
export { debugHandler } from './debug/debugHandler.js';
export type { DebugHandler, DebugHandlerOptions } from './debug/debugHandler.js';
export type { AnyRequest, AnyResponse } from './debug/http/framework.js';
export { instrument } from './debug/instrument.js';
export type { InstrumentOptions, Instruments } from './debug/instrument.js';
export { trace } from './debug/trace.js';
export type { ChainCall, Delivery, ListenerCall, Trace, TraceOptions } from './debug/trace.js';
export type { Site } from './debug/callSite.js';

// Who subscribes from now on is known by file and line.
keepBooks();
