import type { SignalEvent } from '../core/events/SignalEvent.js';
import type { Shutdown } from '../shutdown/Shutdown.js';
import type { ShutdownReason, ShutdownReport, StageResult } from '../shutdown/stage.js';

type Api = typeof import('@opentelemetry/api');
type Span = ReturnType<ReturnType<Api['trace']['getTracer']>['startSpan']>;

/** @internal A span for the shutdown, and in it one for each stage. */
export class ShutdownSpans {
  readonly #api: Api;
  readonly #shutdown: Shutdown;
  readonly #stages = new Map<string, Span>();
  #whole: Span | undefined;

  constructor(api: Api, shutdown: Shutdown) {
    this.#api = api;
    this.#shutdown = shutdown;
    shutdown.on('begin', this.#begin);
    shutdown.on('stageBegin', this.#stageBegin);
    shutdown.on('stageEnd', this.#stageEnd);
    shutdown.on('hurry', this.#hurry);
    shutdown.on('end', this.#end);
  }

  close(): void {
    this.#shutdown.off('begin', this.#begin);
    this.#shutdown.off('stageBegin', this.#stageBegin);
    this.#shutdown.off('stageEnd', this.#stageEnd);
    this.#shutdown.off('hurry', this.#hurry);
    this.#shutdown.off('end', this.#end);
  }

  get #tracer(): ReturnType<Api['trace']['getTracer']> {
    return this.#api.trace.getTracer('sigbridge');
  }

  readonly #begin = (reason: ShutdownReason, event: SignalEvent | null): void => {
    const { trigger, message, error } = reason;
    const sender = event?.pid == null ? {} : { 'shutdown.sender': event.pid };
    const attributes = { 'shutdown.trigger': trigger, 'shutdown.reason': message, ...sender };
    this.#whole = this.#tracer.startSpan('shutdown', { attributes });
    if (error !== undefined) this.#fail(this.#whole, error);
  };

  readonly #stageBegin = (name: string): void => {
    const { context, trace } = this.#api;
    const around = context.active();
    const within = this.#whole === undefined ? around : trace.setSpan(around, this.#whole);
    const attributes = { 'shutdown.stage': name };
    this.#stages.set(name, this.#tracer.startSpan(`shutdown ${name}`, { attributes }, within));
  };

  readonly #stageEnd = ({ name, outcome, error }: StageResult): void => {
    const span = this.#stages.get(name);
    this.#stages.delete(name);
    span?.setAttribute('shutdown.outcome', outcome);
    if (span !== undefined && outcome !== 'done') this.#fail(span, error);
    span?.end();
  };

  readonly #hurry = (why: string): void => {
    this.#whole?.addEvent('hurry', { why });
  };

  readonly #end = ({ hurried }: ShutdownReport): void => {
    this.#whole?.setAttribute('shutdown.hurried', hurried);
    this.#whole?.end();
  };

  #fail(span: Span, error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    span.setStatus({ code: this.#api.SpanStatusCode.ERROR, message });
    if (error instanceof Error) span.recordException(error);
  }
}
