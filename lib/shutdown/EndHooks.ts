import { closed, invalidArg } from '../base/errors/SignalError.js';
import type { Clock } from './Clock.js';
import type { EndHook, ShutdownReport } from './stage.js';

/** The part of all the time that is left to what comes then: output to be drained. */
const DRAIN_RESERVE = 0.05;

/** @internal What is awaited behind the last stage. */
export class EndHooks {
  #hooks: EndHook[] | null = [];

  /** @throws ERR_INVALID_ARG, ERR_CLOSED when they have been called */
  add(hook: EndHook): void {
    if (typeof hook !== 'function') throw invalidArg('hook', hook, 'a function');
    if (this.#hooks === null) throw closed('The shutdown');
    this.#hooks.push(hook);
  }

  /** Calls all of them side by side, as long as there is time. Gives what some of them failed with. */
  async call(report: ShutdownReport, clock: Clock): Promise<unknown[]> {
    const hooks = this.#hooks ?? [];
    this.#hooks = null;
    const ms = clock.leaving(DRAIN_RESERVE);
    const calls = hooks.map((hook) =>
      clock.within(ms, 'What was given to onEnd()', (signal) => hook(report, signal)),
    );
    const results = await Promise.allSettled(calls);
    return results.filter(isRejected).map(({ reason }) => reason as unknown);
  }
}

function isRejected(result: PromiseSettledResult<void>): result is PromiseRejectedResult {
  return result.status === 'rejected';
}
