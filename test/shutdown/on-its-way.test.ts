import { once } from 'node:events';
import net from 'node:net';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../support/cleanup';
import { type Scenario, scenario } from '../support/scenario';

type ShutdownModule = typeof import('sigbridge/shutdown');

const SIZE = 1_000_000;
const GET = (url: string): string => `GET ${url} HTTP/1.1\r\nHost: test\r\n\r\n`;

// Tells when the system has taken an answer, which is long before a slow client has.
async function server(): Promise<{ child: Scenario; socket: net.Socket }> {
  const child = await scenario(
    ({ require, report, args }) => {
      const { createServer } = require('node:http') as typeof import('node:http');
      const { createShutdown, httpServer } = require('sigbridge/shutdown') as ShutdownModule;
      const server = createServer((request, response) => {
        response.once('finish', () => {
          report(request.url);
        });
        response.end(request.url === '/big' ? Buffer.alloc(args, 'z') : 'answered');
      });
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('http', httpServer(server));
      shutdown.on('begin', () => {
        report('begin');
      });
      shutdown.on('end', ({ stages }) => {
        report(stages[0]?.outcome);
      });
      server.listen(0, '127.0.0.1', () => {
        report((server.address() as net.AddressInfo).port);
      });
    },
    { args: SIZE },
  );
  const socket = net.connect(await child.next<number>(), '127.0.0.1');
  onTestEnd(() => socket.destroy());
  await once(socket, 'connect');
  return { child, socket };
}

// So slowly that no part of it takes half a second, and all of it more than one.
async function slowly(
  socket: net.Socket,
  meanwhile: () => void = () => undefined,
): Promise<number> {
  let length = 0;
  const began = performance.now();
  while (!socket.readableEnded && length < SIZE) {
    const piece = socket.read() as Buffer | null;
    if (piece === null) {
      await once(socket, 'readable');
      continue;
    }
    length += piece.length;
    if (length >= SIZE / 2) meanwhile();
    await new Promise((resolve) => setTimeout(resolve, 80));
  }
  expect(performance.now() - began).toBeGreaterThan(1_000);
  return length;
}

describe('an answer that the client has yet to read is under way:', () => {
  test('its next request is waited for when it has read it', async () => {
    const { child, socket } = await server();
    socket.write(GET('/big'));
    expect(await child.next()).toBe('/big');
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    expect(await slowly(socket)).toBeGreaterThanOrEqual(SIZE);
    let text = '';
    socket.on('data', (chunk) => (text += String(chunk)));
    socket.resume();
    socket.write(GET('/'));
    await once(socket, 'end');
    expect(text).toMatch(/Connection: close\r\n(.*\r\n)*\r\n(8\r\n)?answered/i);
    expect(await child.next()).toBe('/');
    expect(await child.next()).toBe('done');
  });

  test('what it sends meanwhile, and nobody reads, costs it nothing of the last one', async () => {
    const { child, socket } = await server();
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    socket.write(GET('/big'));
    expect(await child.next()).toBe('/big');
    expect(await slowly(socket, () => socket.write(GET('/')))).toBeGreaterThanOrEqual(SIZE);
    socket.destroy();
    expect(await child.next()).toBe('done');
  });
});
