import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../support/cleanup';
import { until } from '../support/kernel';
import { scenario } from '../support/scenario';

type ShutdownModule = typeof import('sigbridge/shutdown');

// As systemd's: Node itself has no datagrams of Unix sockets.
const SOCKET = `
import json, socket, sys
name = sys.argv[1]
manager = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
manager.bind('\\0' + name[1:] if name[0] == '@' else name)
print('bound', flush=True)
while True: print(json.dumps(manager.recv(4096).decode()), flush=True)
`;

interface NotifySocket {
  address: string;
  /** What has been sent to it so far. */
  heard: () => string[];
}

async function notifySocket(kind: 'path' | 'abstract'): Promise<NotifySocket> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-notify-'));
  const address = kind === 'path' ? path.join(folder, 'notify') : `@sigbridge${folder}`;
  const server = spawn('python3', ['-c', SOCKET, address], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  onTestEnd(() => {
    server.kill('SIGKILL');
    fs.rmSync(folder, { recursive: true, force: true });
  });
  let text = '';
  server.stdout.on('data', (chunk) => (text += String(chunk)));
  await until(() => text.startsWith('bound\n'), 'the notify socket');
  const heard = (): string[] =>
    text
      .split('\n')
      .slice(1, -1)
      .map((line) => JSON.parse(line) as string);
  return { address, heard };
}

describe('systemd', () => {
  test.each(['path', 'abstract'] as const)(
    'by a socket with a name (%s): ready, status, stopping, and that there is more time',
    async (kind) => {
      const manager = await notifySocket(kind);
      const child = await scenario(
        ({ require, report }) => {
          const { createShutdown, supervisor } = require('sigbridge/shutdown') as ShutdownModule;
          const shutdown = createShutdown({ progress: 'none', totalMs: 120_000 });
          const told = supervisor(shutdown);
          report([told.kind, told.ready(), told.status('one ü two')]);
          try {
            told.status('READY=1\nMAINPID=1');
          } catch (error) {
            report(error);
          }
          setInterval(() => undefined, 60_000);
        },
        { env: { NOTIFY_SOCKET: manager.address } },
      );
      expect(await child.next()).toEqual(['systemd', true, true]);
      expect(await child.next()).toMatchObject({
        message: "Invalid text: 'READY=1\\nMAINPID=1'; expected a string of one line.",
      });
      child.kill('SIGTERM');
      expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
      await until(() => manager.heard().length === 3, 'what was told');
      expect(manager.heard()).toEqual([
        'READY=1',
        'STATUS=one ü two',
        'STOPPING=1\nEXTEND_TIMEOUT_USEC=122000000',
      ]);
    },
  );

  test('its watchdog is told as long as the event loop turns, and keeps nothing alive', async () => {
    const manager = await notifySocket('path');
    const child = await scenario(
      async ({ require, next, report }) => {
        const { createShutdown, supervisor } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ progress: 'none' });
        supervisor(shutdown);
        report('at work');
        await next();
        shutdown.close();
      },
      { env: { NOTIFY_SOCKET: manager.address, WATCHDOG_USEC: '100000' } },
    );
    await child.next();
    await until(() => manager.heard().length >= 5, 'five times');
    child.tell();
    expect(await child.exit).toMatchObject({ code: 0 });
    expect(new Set(manager.heard())).toEqual(new Set(['WATCHDOG=1']));
  });

  test('what is meant for the parent is not taken for ours', async () => {
    const manager = await notifySocket('path');
    const child = await scenario(
      ({ require, report }) => {
        const { createShutdown, supervisor } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ progress: 'none' });
        const told = supervisor(shutdown);
        setTimeout(() => {
          told.ready();
          told.close();
          void shutdown.begin();
          report('ended');
        }, 100);
      },
      { env: { NOTIFY_SOCKET: manager.address, WATCHDOG_USEC: '1000', WATCHDOG_PID: '1' } },
    );
    await child.next();
    await child.exit;
    expect(manager.heard()).toEqual(['READY=1']);
  });

  test.each([
    ['/nonexistent/notify', 'ENOENT'],
    ['vsock:2:1234', 'EAFNOSUPPORT'],
    [`/${'n'.repeat(200)}`, 'EAFNOSUPPORT'],
  ])('%s: ready() says why, and the shutdown goes on', async (address, name) => {
    const child = await scenario(
      ({ require, report }) => {
        const { createShutdown, supervisor } = require('sigbridge/shutdown') as ShutdownModule;
        const shutdown = createShutdown({ progress: 'none', uncaughtException: false });
        const told = supervisor(shutdown);
        try {
          told.ready();
        } catch (error) {
          report([(error as Error).name, (error as { errno: number }).errno]);
        }
        void shutdown.begin();
      },
      { env: { NOTIFY_SOCKET: address } },
    );
    expect(await child.next()).toEqual(['SignalError', os.constants.errno[name as 'ENOENT']]);
    expect(await child.exit).toMatchObject({ code: 0, stderr: '' });
  });

  test('nobody there: nobody is told, and that is no error', async () => {
    const child = await scenario(({ require, report }) => {
      delete process.env['NOTIFY_SOCKET'];
      const { createShutdown, supervisor } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none' });
      const told = supervisor(shutdown);
      report([told.kind, told.ready(), told.status('fine')]);
      told.close();
      shutdown.close();
    });
    expect(await child.next()).toEqual([null, false, false]);
    expect(await child.exit).toMatchObject({ code: 0 });
  });
});
