/**
 * @internal Calls `tell` where the process exits before what this gives is called: libraries with a
 * signal handler of their own do that, and nobody would see why the last stages have not run.
 * @param left the names of the stages that have not ended
 */
export function followExit(left: () => string[], tell: (error: Error) => void): () => void {
  const listener = (code: number): void => {
    const names = left();
    const stages = names.length === 0 ? '' : `; not ended: ${names.join(', ')}`;
    tell(
      new Error(
        `The process exits with ${code}, before the shutdown has ended${placeOf()}${stages}`,
      ),
    );
  };
  process.on('exit', listener);
  return () => {
    process.off('exit', listener);
  };
}

// Who has called process.exit(), as in a stack, where the runtime's stacks say it.
function placeOf(): string {
  const trace: { stack?: unknown } = {};
  Error.captureStackTrace(trace, placeOf);
  const lines = typeof trace.stack === 'string' ? trace.stack.split('\n') : [];
  const call = lines.findIndex((line) => line.includes('at process.exit '));
  const place = call < 0 ? undefined : lines[call + 1];
  return place === undefined ? '' : `, called ${place.trim()}`;
}
