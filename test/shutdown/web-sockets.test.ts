import { once } from 'node:events';
import type net from 'node:net';

import { describe, expect, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

import { webSockets } from '../../lib/shutdown/stages/webSockets';
import { onTestEnd } from '../support/cleanup';
import { scenario } from '../support/scenario';

type ShutdownModule = typeof import('sigbridge/shutdown');

describe('webSockets()', () => {
  test('ws: a close frame, and the end for one that does not answer it', async () => {
    const child = await scenario(({ require, report }) => {
      const { createServer } = require('node:http') as typeof import('node:http');
      const { WebSocketServer } = require('ws') as typeof import('ws');
      const { createShutdown, httpServer, webSockets } =
        require('sigbridge/shutdown') as ShutdownModule;
      const server = createServer();
      const sockets = new WebSocketServer({ server });
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('http', httpServer(server));
      shutdown.stage('sockets', webSockets(sockets, { timeoutMs: 200, reason: 'restart' }));
      shutdown.on('end', ({ stages }) => {
        report(stages.map(({ name, outcome }) => `${name} ${outcome}`).sort());
      });
      server.listen(0, '127.0.0.1', () => {
        report((server.address() as net.AddressInfo).port);
      });
    });
    const url = `ws://127.0.0.1:${await child.next<number>()}`;
    const [good, deaf] = [new WebSocket(url), new WebSocket(url)];
    await Promise.all([once(good, 'open'), once(deaf, 'open')]);
    deaf.pause();
    const closed = once(good, 'close');
    child.kill('SIGTERM');
    const [code, reason] = (await closed) as [number, Buffer];
    expect([code, reason.toString()]).toEqual([1001, 'restart']);
    expect(await child.next()).toEqual(['http done', 'sockets done']);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
    deaf.terminate();
  });

  test('ws: answers arrive that a stage has awaited before; what comes before the frame is seen is heard', async () => {
    const child = await scenario(({ require, report, next }) => {
      const { createServer } = require('node:http') as typeof import('node:http');
      const { WebSocketServer } = require('ws') as typeof import('ws');
      const { createShutdown, httpServer, webSockets } =
        require('sigbridge/shutdown') as ShutdownModule;
      const server = createServer();
      const sockets = new WebSocketServer({ server });
      const work = new Set<Promise<void>>();
      sockets.on('connection', (socket) => {
        socket.on('message', (message: Buffer) => {
          report(message.toString());
          const answer = async (): Promise<void> => {
            await next();
            socket.send('answer');
          };
          work.add(answer());
        });
      });
      const shutdown = createShutdown({ progress: 'none', totalMs: 60_000 });
      shutdown.stage('http', httpServer(server));
      shutdown.stage('messages', () => Promise.all(work));
      shutdown.stage('sockets', webSockets(sockets, { timeoutMs: 30_000 }), { after: 'messages' });
      shutdown.on('begin', () => {
        report('begin');
      });
      server.listen(0, '127.0.0.1', () => {
        report((server.address() as net.AddressInfo).port);
      });
    });
    const url = `ws://127.0.0.1:${await child.next<number>()}`;
    const [good, late] = [new WebSocket(url), new WebSocket(url)];
    await Promise.all([once(good, 'open'), once(late, 'open')]);
    late.pause();
    good.send('early');
    expect(await child.next()).toBe('early');
    const seen: string[] = [];
    good.on('message', (message: Buffer) => seen.push(message.toString()));
    const closed = once(good, 'close');
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    child.tell();
    expect((await closed)[0]).toBe(1001);
    expect(seen).toEqual(['answer']);
    late.send('late');
    expect(await child.next()).toBe('late');
    late.resume();
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });

  test.each(['websocket', 'polling'])(
    'socket.io by %s: its clients try again, elsewhere',
    async (transport) => {
      const child = await scenario(({ require, report }) => {
        const { createServer } = require('node:http') as typeof import('node:http');
        const { Server } = require('socket.io') as typeof import('socket.io');
        const { createShutdown, httpServer, webSockets } =
          require('sigbridge/shutdown') as ShutdownModule;
        const server = createServer();
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('http', httpServer(server));
        const sockets = new Server(server);
        shutdown.stage('sockets', webSockets(sockets));
        shutdown.on('end', ({ stages }) => {
          report(stages.map(({ name, outcome }) => `${name} ${outcome}`).sort());
        });
        server.listen(0, '127.0.0.1', () => {
          report((server.address() as net.AddressInfo).port);
        });
      });
      const client = io(`http://127.0.0.1:${await child.next<number>()}`, {
        transports: [transport],
      });
      onTestEnd(() => {
        client.close();
      });
      await new Promise<void>((resolve) => client.on('connect', resolve));
      const reason = new Promise((resolve) => client.on('disconnect', resolve));
      child.kill('SIGTERM');
      // 'io server disconnect' would tell it to stay away.
      expect(await reason).toMatch(/^transport (close|error)$/);
      expect(client.active).toBe(true);
      expect(await child.next()).toEqual(['http done', 'sockets done']);
      expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
    },
  );

  test('refuses what has no clients', () => {
    expect(() => webSockets({ on: () => undefined })).toThrow(
      /expected a server of ws \(with clientTracking\) or of socket\.io\.$/,
    );
  });
});
