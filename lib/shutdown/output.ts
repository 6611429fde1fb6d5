import type { Clock } from './Clock.js';

/** What Node's streams of a pipe have beside what is documented. */
interface Inner {
  _handle?: { setBlocking?: (blocking: boolean) => void } | null;
}

/**
 * @internal Waits until standard output and error have taken what was written to them, as long as there
 * is time: a pipe's reader may be slow. What `exit` listeners write afterwards is written before the
 * call returns.
 */
export async function drainOutput(clock: Clock): Promise<void> {
  const streams = [() => process.stdout, () => process.stderr].flatMap(existing);
  const drain = async (): Promise<void> => {
    await Promise.all(streams.map(drained));
    streams.forEach(writeAtOnce);
  };
  await clock.within(Infinity, 'Standard output', drain).catch(() => undefined);
}

// The runtime makes them when they are asked for first, and may have nothing to make them of.
function existing(get: () => NodeJS.WriteStream): NodeJS.WriteStream[] {
  try {
    return [get()];
  } catch {
    return [];
  }
}

// Each write asks anew: whoever waits for one may write the next.
async function drained(stream: NodeJS.WriteStream): Promise<void> {
  while (stream.writable && stream.writableLength > 0) {
    await new Promise((resolve) => stream.write('', resolve));
  }
}

function writeAtOnce(stream: NodeJS.WriteStream): void {
  if (stream.writable) (stream as unknown as Inner)._handle?.setBlocking?.(true);
}
