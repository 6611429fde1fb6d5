import { once } from 'node:events';
import type net from 'node:net';

import { describe, expect, jest, test } from '@jest/globals';

import { closable } from '../../lib/shutdown/stages/closable';
import type { StageContext } from '../../lib/shutdown/stage';
import { startMongo } from '../support/mongo';
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
    expect(() => closable({ close: () => 1 }, { callback: 'yes' as never })).toThrow(
      /^Invalid options\.callback: 'yes'; expected a boolean\.$/,
    );
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

  test('does not wait for an Agent of node:http, which says nothing', async () => {
    const { Agent } = await import('node:https');
    const agent = new Agent({ keepAlive: true });
    const waits = jest.spyOn(agent, 'on');
    await closable(agent)(context);
    expect(waits).not.toHaveBeenCalled();
  });

  test('waits for a callback, where the method takes one', async () => {
    const ended: string[] = [];
    // As a server of gRPC: nothing of it says that it has ended but the callback.
    const rpc = {
      tryShutdown(done: (error?: Error) => void) {
        setTimeout(() => {
          ended.push('rpc');
          done();
        }, 50);
      },
    };
    await closable(rpc, { method: 'tryShutdown', callback: true })(context);
    expect(ended).toEqual(['rpc']);

    const failing = {
      close: (done: (error: Error) => void) => {
        setImmediate(done, new Error('busy'));
      },
    };
    await expect(closable(failing, { callback: true })(context)).rejects.toThrow('busy');
    const refusing = { end: () => Promise.reject(new Error('no')) };
    await expect(closable(refusing, { callback: true })(context)).rejects.toThrow('no');
    const throwing = {
      end: () => {
        throw new Error('at once');
      },
    };
    await expect(closable(throwing, { callback: true })(context)).rejects.toThrow('at once');
  });

  test('waits for what emits events as an EventEmitter does, and is none', async () => {
    const { EventEmitter } = await import('node:events');
    const inner = new EventEmitter();
    let isClosed = false;
    const thing = {
      on: inner.on.bind(inner),
      off: inner.off.bind(inner),
      end() {
        setTimeout(() => {
          isClosed = true;
          inner.emit('close');
        }, 50);
        return this;
      },
    };
    await closable(thing)(context);
    expect(isClosed).toBe(true);
    expect(inner.eventNames()).toEqual([]);
  });

  test('waits for all that a stream has to write, however long, and for nothing then', async () => {
    const { Writable } = await import('node:stream');
    let written = 0;
    const slow = new Writable({
      autoDestroy: false,
      write: (_chunk, _encoding, done) => {
        setTimeout(() => {
          written++;
          done();
        }, 60);
      },
    });
    for (let i = 0; i < 20; i++) slow.write('x');
    await closable(slow)(context);
    expect(written).toBe(20);
    await closable(slow)(context);

    const { createGunzip, createGzip } = await import('node:zlib');
    const zip = createGzip();
    let length = 0;
    const unzip = createGunzip().on('data', (chunk: Buffer) => (length += chunk.length));
    zip.pipe(unzip);
    for (let i = 0; i < 1_000; i++) zip.write('x'.repeat(1_000));
    await closable(zip)(context);
    await closable(unzip)(context);
    expect(length).toBe(1_000_000);

    const broken = new Writable({
      write: (_chunk, _encoding, done) => {
        done(new Error('full'));
      },
    });
    broken.on('error', () => undefined);
    broken.write('x');
    await expect(closable(broken)(context)).rejects.toThrow();
  });

  test.each(['producer of kafkajs', 'consumer of kafkajs'] as const)(
    '%s: disconnect(), which has nothing to wait for without a server',
    async (name) => {
      const child = await scenario(
        ({ require, report, args }) => {
          const { Kafka } = require('kafkajs') as typeof import('kafkajs');
          const { closable, createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
          const kafka = new Kafka({ brokers: ['127.0.0.1:1'] });
          const things = {
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

  test.each([
    ['breaks off what is under way', 'alone', 'Operation interrupted because client was closed'],
    ['behind a stage that awaits it, it is saved', 'awaited', 'saved'],
  ])("mongoose's disconnect() %s", async (_what, how, outcome) => {
    const mongo = await startMongo();
    const child = await scenario(
      async ({ require, report, args: { url, how } }) => {
        const mongoose = require('mongoose') as typeof import('mongoose');
        const { closable, createShutdown } = require('sigbridge/shutdown') as ShutdownModule;
        await mongoose.connect(url);
        const schema = new mongoose.Schema({}, { autoIndex: false, autoCreate: false });
        const Thing = mongoose.model('Thing', schema);
        const saving = new Thing().save().then(
          () => 'saved',
          (error: unknown) => (error as Error).message,
        );
        void saving.then(report);
        const shutdown = createShutdown({ progress: 'none' });
        if (how === 'awaited') shutdown.stage('saved', () => saving, { before: 'mongoose' });
        shutdown.stage('mongoose', closable(mongoose));
        shutdown.on('begin', () => {
          report('begin');
        });
        shutdown.on('end', ({ stages }) => {
          report(stages.at(-1));
        });
      },
      { args: { url: mongo.url, how } },
    );
    const answer = await mongo.inserted();
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    if (how === 'awaited') answer();
    expect(await child.next()).toBe(outcome);
    expect(await child.next()).toMatchObject({ name: 'mongoose', outcome: 'done' });
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });

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
