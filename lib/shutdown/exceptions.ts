import { briefly, wholly } from './describe.js';
import type { ShutdownReason } from './stage.js';

/**
 * @internal Calls `fail` for what nobody caught. Where only one of the two kinds is followed, the
 * other does what it does without us. Gives the way to stop.
 */
export function followExceptions(
  wanted: { uncaughtException: boolean; unhandledRejection: boolean },
  fail: (reason: ShutdownReason) => void,
): () => void {
  const onException = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void => {
    // By default the runtime makes an unhandled rejection an exception, and that ends the process.
    if (!wanted[origin]) endAsRuntime(error);
    else fail({ trigger: origin, message: messageOf(error), error });
  };
  const onRejection = (error: unknown): void => {
    fail({ trigger: 'unhandledRejection', message: messageOf(error), error });
  };
  if (wanted.uncaughtException) process.on('uncaughtException', onException);
  if (wanted.unhandledRejection) process.on('unhandledRejection', onRejection);
  return () => {
    process.off('uncaughtException', onException);
    process.off('unhandledRejection', onRejection);
  };
}

function endAsRuntime(error: unknown): never {
  console.error(`Unhandled rejection: ${wholly(error)}`);
  process.exit(1);
}

function messageOf(error: unknown): string {
  try {
    if (error instanceof Error) return `${error.name}: ${error.message}`;
  } catch {
    // It fails where it is asked for its name.
  }
  return briefly(error);
}
