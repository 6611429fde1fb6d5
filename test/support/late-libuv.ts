import { scenario } from './scenario';

const SIGUSR2 = 12;

export const ORDERS = ['watched before', 'watched after', 'watched a turn after'] as const;
export const ADDONS = ['lateuv', 'nameduv'] as const;
export const WAYS = ['on', 'notify', 'flag', 'bridge'] as const;

/** How often each has heard what was sent so far, and whose handler stands. */
type Seen = [watcher: number, heard: number, owner: string | null];

/**
 * What an addon hears that finds libuv's functions at run time, `library`'s or the runtime's own, of three
 * signals beside sigbridge and of two after its last close; and who is left when it has gone too.
 */
export async function besideLateLibuv(
  order: (typeof ORDERS)[number],
  way: (typeof WAYS)[number],
  { addon = 'lateuv', library }: { addon?: (typeof ADDONS)[number]; library?: string } = {},
): Promise<Seen[]> {
  const child = await scenario(
    async ({ sigbridge, fixture, report, settle, args }) => {
      const { SIGUSR2, order, way, library, addon } = args;
      const uv = fixture(addon);
      const watch = (): void => {
        uv.start(SIGUSR2, library ?? undefined);
        // Where a second libuv stands over ours, that is for the program to change.
        sigbridge.reclaim();
      };
      let heard = 0;
      if (order === 'watched before') watch();
      const taken = {
        on: () => sigbridge.on('SIGUSR2', () => heard++),
        notify: () => sigbridge.notify('SIGUSR2'),
        flag: () => sigbridge.flag('SIGUSR2'),
        bridge: () => sigbridge.bridge('SIGUSR2'),
      }[way]();
      if (order === 'watched a turn after') await settle();
      if (order !== 'watched before') watch();
      const send = async (times: number): Promise<void> => {
        for (let sent = 0; sent < times; sent++) {
          const before = uv.count();
          process.kill(process.pid, 'SIGUSR2');
          while (uv.count() === before) await settle();
          await settle();
        }
        report([uv.count(), heard, sigbridge.inspect('SIGUSR2').owner]);
      };
      await send(3);
      taken.close();
      await settle();
      await send(2);
      uv.stop();
      report([uv.count(), heard, sigbridge.inspect('SIGUSR2').owner]);
    },
    { args: { SIGUSR2, order, way, addon, library: library ?? null } },
  );
  const seen = [await child.next<Seen>(), await child.next<Seen>(), await child.next<Seen>()];
  await child.exit;
  return seen;
}
