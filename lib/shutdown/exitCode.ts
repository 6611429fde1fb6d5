import { invalidArg } from '../base/errors/SignalError.js';
import type { ShutdownReport } from './stage.js';

/** @internal What the program asks for. */
export type ExitCode = number | ((report: ShutdownReport) => number | undefined) | undefined;

/** @internal */
export function isExitCode(code: unknown): code is number {
  return Number.isInteger(code) && (code as number) >= 0 && (code as number) <= 255;
}

/**
 * @internal The code to exit with; `null`: by the signal that asked. A crash never ends with 0. Where
 * the program's own function fails, that is told, and it counts as if there were none.
 */
export function codeOrDefault(
  report: ShutdownReport,
  wanted: ExitCode,
  tell: (error: unknown) => void,
): number | null {
  try {
    return codeFor(report, wanted);
  } catch (error) {
    tell(error);
    return codeFor(report, undefined);
  }
}

/** @throws what a function throws that is asked for it, ERR_INVALID_ARG for what it gives */
function codeFor(report: ShutdownReport, wanted: ExitCode): number | null {
  const asked = askedFor(report, wanted);
  if (isCrash(report)) return asked === undefined || asked === 0 ? 1 : asked;
  return asked ?? defaultCode(report);
}

// Where nobody asks for another one.
function defaultCode(report: ShutdownReport): number | null {
  if (report.reason.trigger === 'signal') return null;
  // What the program has set says more than 1.
  const own = Number(process.exitCode ?? 0);
  if (own !== 0) return own;
  return report.stages.every(({ outcome }) => outcome === 'done') ? 0 : 1;
}

function askedFor(report: ShutdownReport, wanted: ExitCode): number | undefined {
  // A number was chosen for an end that goes well.
  if (typeof wanted !== 'function') return isCrash(report) ? undefined : wanted;
  const code: unknown = wanted(report);
  if (code === undefined || isExitCode(code)) return code;
  throw invalidArg('result of options.exitCode', code, 'an integer from 0 to 255, or undefined');
}

function isCrash({ reason: { trigger } }: ShutdownReport): boolean {
  return trigger === 'uncaughtException' || trigger === 'unhandledRejection';
}
