import { once } from 'node:events';
import type net from 'node:net';

import { describe, expect, jest, test } from '@jest/globals';
import { io } from 'socket.io-client';
import { WebSocket } from 'ws';

import { closable } from '../../lib/shutdown/stages/closable';
import { webSockets } from '../../lib/shutdown/stages/webSockets';
import type { StageContext } from '../../lib/shutdown/stage';
import { onTestEnd } from '../support/cleanup';
import { untilGone } from '../support/kernel';
import { scenario } from '../support/scenario';

type ShutdownModule = typeof import('sigbridge/shutdown');

const context = {} as StageContext;

describe('closable()', () => {
  test('calls what waits for answers, where there are several, and awaits it', async () => {
    const methods = ['destroy', 'disconnect', 'close', 'end', 'quit'];
    for (let i = 1; i <= methods.length; i++) {
      const called: string[] = [];
      const thing = Object.fromEntries(
        methods.slice(0, i).map((name) => [
          name,
          async (...args: unknown[]) => {
            await new Promise((resolve) => setImmediate(resolve));
            called.push(name, ...args.map(String));
          },
        ]),
      );
      await closable(thing)(context);
      expect(called).toEqual([methods[i - 1]]);
    }
    const server = { end: () => 'one answer', listen: () => 'begun', close: () => 'closed' };
    const closed = jest.spyOn(server, 'close');
    const ended = jest.spyOn(server, 'end');
    await closable(server)(context);
    expect([closed.mock.calls.length, ended.mock.calls.length]).toEqual([1, 0]);
    const prisma = { $disconnect: () => Promise.reject(new Error('gone')), close: () => undefined };
    await expect(closable(prisma, { method: '$disconnect' })(context)).rejects.toThrow('gone');
  });

  test('refuses what has none of them', () => {
    expect(() => closable({})).toThrow(
      /^Invalid thing: {}; expected an object with a method quit\(\), end\(\), close\(\), disconnect\(\), destroy\(\)\.$/,
    );
    expect(() => closable({ close: 1 }, { method: 'close' })).toThrow(/ a method close\(\)\.$/);
  });

  test('waits for what gives no promise, but says when it has closed, or for a second', async () => {
    const { createServer, connect } = await import('node:net');
    const server = createServer((socket) => socket.resume()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const client = connect((server.address() as net.AddressInfo).port, '127.0.0.1');
    await once(client, 'connect');
    const closing = closable(server)(context) as Promise<void>;
    await closable(client)(context);
    await closing;
    expect(server.listening).toBe(false);

    const { EventEmitter } = await import('node:events');
    const silent = Object.assign(new EventEmitter(), { destroy: () => undefined });
    await closable(silent)(context);
    expect(silent.eventNames()).toEqual([]);
  });

  test.each(['mongoose', 'producer of kafkajs', 'consumer of kafkajs'] as const)(
    '%s: disconnect(), which has nothing to wait for without a server',
    async (name) => {
      const child = await scenario(
        ({ require, report, args }) => {
          const { Kafka } = require('kafkajs') as typeof import('kafkajs');
          const { closable, createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
          const kafka = new Kafka({ brokers: ['127.0.0.1:1'] });
          const things = {
            mongoose: () => require('mongoose') as typeof import('mongoose'),
            'producer of kafkajs': () => kafka.producer(),
            'consumer of kafkajs': () => kafka.consumer({ groupId: 'test' }),
          };
          const thing: { disconnect: () => Promise<void> } = things[args]();
          const disconnect = thing.disconnect.bind(thing);
          thing.disconnect = async () => {
            report('disconnect');
            await disconnect();
          };
          const shutdown = createShutdown({ progress: 'none' });
          shutdown.stage('thing', closable(thing));
          shutdown.on('end', ({ stages }) => {
            report(stages[0]?.outcome);
          });
          process.kill(process.pid, 'SIGTERM');
          setInterval(() => undefined, 60_000);
        },
        { args: name },
      );
      expect(await child.next()).toBe('disconnect');
      expect(await child.next()).toBe('done');
      expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
    },
  );

  test('Fastify, on each address of localhost: no request is lost, and its hooks run', async () => {
    const child = await scenario(async ({ require, report, next }) => {
      const { createServer } = require('node:http') as typeof import('node:http');
      const fastify = require('fastify') as typeof import('fastify').default;
      const { closable, createShutdown, httpServer } =
        require('sigbridge/shutdown') as ShutdownModule;
      const http = httpServer([]);
      const app = fastify({
        serverFactory: (handler) => {
          const server = createServer(handler as never);
          http.add(server);
          return server;
        },
      });
      app.addHook('onClose', () => {
        report('hooks');
        return Promise.resolve();
      });
      app.get('/', async () => {
        report('asked');
        await next();
        return 'answered';
      });
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('http', http);
      shutdown.stage('fastify', closable(app), { after: 'http' });
      shutdown.on('begin', () => {
        report('begin');
      });
      shutdown.on('end', ({ stages }) => {
        report(stages.map(({ outcome }) => outcome));
      });
      await app.listen({ port: 0, host: 'localhost' });
      report(app.addresses());
    });
    const addresses = await child.next<net.AddressInfo[]>();
    const answers: Promise<string>[] = [];
    for (const { address, port, family } of addresses) {
      const host = family === 'IPv6' ? `[${address}]` : address;
      answers.push(fetch(`http://${host}:${port}`).then((answer) => answer.text()));
      expect(await child.next()).toBe('asked');
    }
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    addresses.forEach(() => {
      child.tell();
    });
    expect(new Set(await Promise.all(answers))).toEqual(new Set(['answered']));
    expect(await child.next()).toBe('hooks');
    expect(await child.next()).toEqual(['done', 'done']);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });
});

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

describe('childProcesses()', () => {
  test.each([
    ['', { timeoutMs: undefined, outcome: 'done' }],
    ["process.on('SIGTERM', () => {});", { timeoutMs: 500, outcome: 'timed-out' }],
  ])('ends what a shell has started as well: %s', async (source, { timeoutMs, outcome }) => {
    const child = await scenario(
      ({ require, report, args }) => {
        const { spawn } = require('node:child_process') as typeof import('node:child_process');
        const { childProcesses, createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        const program = `${args.source} setInterval(() => {}, 6e4); console.log(process.pid)`;
        const shell = spawn('"$NODE" -e "$PROGRAM"; true', {
          shell: true,
          stdio: ['ignore', 'pipe', 'inherit'],
          env: { NODE: process.execPath, PROGRAM: program },
        });
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('children', childProcesses(shell), { timeoutMs: args.timeoutMs ?? 60_000 });
        shutdown.on('end', ({ stages }) => {
          report(stages[0]?.outcome);
        });
        shell.stdout.once('data', (pid) => {
          report(Number(pid));
        });
      },
      { args: { source, timeoutMs } },
    );
    const pid = await child.next<number>();
    child.kill('SIGTERM');
    expect(await child.next()).toBe(outcome);
    await untilGone(pid);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });
});
