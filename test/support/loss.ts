import { flood } from './fixtures';
import { NUMBERED_SIGNAL as RT } from './numbered';
import { scenario } from './scenario';

/** How a program registers and unregisters again and again, and yet has a listener at all times. */
export const WAYS = [
  'under a hold',
  'the next one first',
  'by batches',
  'beside a channel',
] as const;

/** So many are sent at once, no more than there is room for; then it is seen what has come of them. */
const PORTION = 10_000;

export interface Loss {
  received: number;
  lost: number;
  /** Out of the order in which they were sent. */
  disordered: number;
  /** How often the program registered anew. */
  cycles: number;
  /** How the process ended, if not as it was told to. */
  killed: string | null;
}

/** Numbers from another process, while this one registers and unregisters all the time. */
export async function loss(way: (typeof WAYS)[number], count: number): Promise<Loss> {
  const child = await scenario(
    async ({ sigbridge, report, args }) => {
      const { on, hold, notify, prepare } = sigbridge;
      const { rt, count, way } = args;
      const seen = new Uint8Array(count);
      let received = 0;
      let last = -1;
      let disordered = 0;
      const listener = ({ value }: { value: number | null }): void => {
        const number = value ?? 0;
        // While two listen, both hear it.
        if (seen[number] === 1) return;
        seen[number] = 1;
        received++;
        if (number < last) disordered++;
        last = number;
      };
      const channel = way === 'beside a channel' ? notify(rt, { capacity: count }) : null;
      let open = on(rt, listener);
      const again = {
        'under a hold': () => {
          const held = hold(rt);
          open.close();
          open = on(rt, listener);
          held.release();
        },
        'the next one first': () => {
          const before = open;
          open = on(rt, listener);
          before.close();
        },
        'by batches': () => {
          const before = open;
          const batch = prepare();
          open = batch.on([rt, 'SIGHUP', 'SIGUSR2'], listener);
          batch.commit();
          before.close();
        },
        'beside a channel': () => {
          open.close();
          open = on(rt, () => undefined);
        },
      };
      report('ready');
      let cycles = 0;
      const found = (): number => (channel === null ? received : channel.pending);
      for (let upTo = args.portion; upTo <= count; upTo += args.portion) {
        for (const end = cycles + 1e6; found() < upTo && cycles < end; cycles++) {
          again[way]();
          if (cycles % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
        }
        report();
      }
      while (channel !== null && channel.pending > 0) listener(await channel.take());
      report({ received, lost: count - received, disordered, cycles });
      process.exit();
    },
    { args: { rt: RT, count, way, portion: PORTION } },
  );
  await child.next();
  const story = async (): Promise<Omit<Loss, 'killed'>> => {
    for (let first = 0; first < count; first += PORTION) {
      await flood(child.pid, RT, PORTION, { first });
      await child.next();
    }
    return child.next();
  };
  // Should it be killed, there is no story, but an end.
  const found = await story().catch(() => ({ received: 0, lost: count, disordered: 0, cycles: 0 }));
  const { code, signal } = await child.exit;
  return { ...found, killed: code === 0 ? null : String(signal ?? code) };
}

/** What a program finds that loses nothing. */
export function nothingLost(count: number): Omit<Loss, 'cycles'> {
  return { received: count, lost: 0, disordered: 0, killed: null };
}
