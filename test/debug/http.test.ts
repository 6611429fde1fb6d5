import http from 'node:http';

import { describe, expect, test } from '@jest/globals';

import type { Delivery, Dump } from 'sigbridge/debug';

import { guarded } from '../support/guard';
import { scenario, type Scenario } from '../support/scenario';
import { UNSHARE } from '../support/unshare';

/** netdevice(7): SIOCSIFADDR to the loopback's second name, and SIOCSIFFLAGS to set the first up. */
const SECOND_ADDRESS = `
import fcntl, os, socket, struct, sys
ip = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
fcntl.ioctl(ip, 0x8914, struct.pack('16sH22x', b'lo', 0x1))
address = struct.pack('HH4s8x', socket.AF_INET, 0, socket.inet_aton('192.0.2.1'))
fcntl.ioctl(ip, 0x8916, struct.pack('16s16s8x', b'lo:1', address))
os.execvp(sys.argv[1], sys.argv[1:])`;

type Framework = 'node:http' | 'express' | 'fastify';

interface Served {
  child: Scenario;
  port: number;
}

/** The handler below /debug, in a server of each kind; `options` are debugHandler's. */
async function served(
  framework: Framework,
  options: Record<string, unknown> = {},
  launcher: readonly string[] = [],
): Promise<Served> {
  const child = await scenario(
    async ({ sigbridge, report, next, require, args }) => {
      const { debugHandler } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      const prefix = args.framework === 'node:http' ? { prefix: '/debug' } : {};
      const handler = debugHandler({ ...prefix, ...args.options });
      sigbridge.on('SIGUSR2', () => undefined);
      sigbridge.on(['SIGHUP', 'SIGTERM'], ({ signal }) => {
        report(signal);
      });
      const listening = (server: import('node:http').Server): void => {
        report((server.address() as import('node:net').AddressInfo).port);
      };
      if (args.framework === 'express') {
        const express = require('express') as typeof import('express');
        const server = express()
          .use('/debug', handler)
          .listen(0, () => {
            listening(server);
          });
      } else if (args.framework === 'fastify') {
        const fastify = (require('fastify') as typeof import('fastify')).fastify();
        fastify.all('/debug', handler);
        fastify.all('/debug/*', handler);
        await fastify.listen({ port: 0, host: '0.0.0.0' });
        listening(fastify.server);
      } else {
        const { createServer } = require('node:http') as typeof import('node:http');
        const server = createServer(handler).listen(0, '0.0.0.0', () => {
          listening(server);
        });
      }
      await next();
      handler.close();
      report('closed');
      await next();
    },
    { args: { framework, options }, launcher },
  );
  return { child, port: await child.next<number>() };
}

interface Answer {
  status: number | undefined;
  headers: http.IncomingHttpHeaders;
  text: string;
}

/** Unlike fetch, sends whatever `Host` and `Origin` it is told. */
function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const answered = new Promise<Answer>((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('end', () => {
        resolve({ status: response.statusCode, headers: response.headers, text });
      });
    });
    request.on('error', reject).end();
  });
  return guarded(answered, () => `the answer to ${path}`);
}

/** Reads server-sent events until one of this name has come that `wanted` wants. */
function eventOf<Data>(
  port: number,
  name: string,
  wanted: (data: Data) => boolean,
  opened: () => void = () => undefined,
): Promise<Data> {
  const found = new Promise<Data>((resolve, reject) => {
    const request = http.get({ host: '127.0.0.1', port, path: '/debug/events' }, (response) => {
      let text = '';
      opened();
      response.setEncoding('utf8').on('data', (part: string) => {
        const events = (text + part).split('\n\n');
        text = events.pop() ?? '';
        for (const event of events) {
          const [, its, data = ''] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
          if (its !== name || !wanted(JSON.parse(data) as Data)) continue;
          request.destroy();
          resolve(JSON.parse(data) as Data);
        }
      });
      response.on('end', () => {
        reject(new Error('the stream has ended'));
      });
    });
  });
  return guarded(found, () => `an event ${name}`);
}

const tokenIn = (page: string): string =>
  /name="sigbridge-token" content="([^"]*)"/.exec(page)?.[1] ?? '';

describe.each(['node:http', 'express', 'fastify'] as const)('debugHandler() in %s', (framework) => {
  test('serves the page, its files, JSON, metrics and a stream, wherever it is mounted', async () => {
    const { child, port } = await served(framework);
    const bare = await ask(port, '/debug');
    expect([bare.status, bare.headers.location]).toEqual([308, 'debug/']);
    const page = await ask(port, '/debug/');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toBe('text/html; charset=utf-8');
    const files = [...page.text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, file]) => file ?? '');
    expect(files.sort()).toEqual(['icon.svg', 'page.css', 'page.js']);
    for (const file of files) {
      expect((await ask(port, `/debug/${file}?x=1`)).status).toBe(200);
    }
    expect((await ask(port, '/debug/nothing')).status).toBe(404);

    // While somebody looks: each arrival is news.
    const told = eventOf<Delivery[]>(
      port,
      'deliveries',
      (data) => data.some(({ signal }) => signal === 'SIGUSR2'),
      () => {
        child.kill('SIGUSR2');
      },
    );
    const [delivery] = await told;
    expect(delivery).toMatchObject({ index: 1, code: 'SI_USER', pid: process.pid });
    expect(delivery?.listeners).toHaveLength(1);

    const json = await ask(port, '/debug/json');
    expect(json.headers['content-type']).toBe('application/json');
    const state = JSON.parse(json.text) as Dump & { deliveries: Delivery[] };
    expect(state.pid).toBe(child.pid);
    expect(state.signals.find(({ signal }) => signal === 'SIGUSR2')?.owner).toBe('sigbridge');
    expect(state.deliveries.map(({ signal }) => signal)).toEqual(['SIGUSR2']);

    const metrics = await ask(port, '/debug/metrics');
    expect(metrics.headers['content-type']).toMatch(/^text\/plain; version=0\.0\.4/);
    const lines = metrics.text.split('\n');
    expect(lines).toEqual(
      expect.arrayContaining([
        '# TYPE sigbridge_signals_arrived_total counter',
        'sigbridge_signals_arrived_total{signal="SIGUSR2"} 1',
        'sigbridge_signals_taken_total{signal="SIGUSR2"} 1',
        'sigbridge_signals_folded_total{signal="SIGUSR2"} 0',
        'sigbridge_subscriptions{kind="listener",signal="SIGHUP"} 1',
        '# TYPE sigbridge_delivery_latency_seconds histogram',
        'sigbridge_delivery_latency_seconds_bucket{le="+Inf"} 1',
        'sigbridge_delivery_latency_seconds_count 1',
      ]),
    );
  });

  test('lets nobody run, frame or read what is not its own', async () => {
    const { port } = await served(framework);
    for (const path of ['/debug/', '/debug/json', '/debug/page.js', '/debug/none']) {
      const { headers } = await ask(port, path);
      const policy = String(headers['content-security-policy']);
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self';/);
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['access-control-allow-origin']).toBeUndefined();
      expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    }
    const { text } = await ask(port, '/debug/');
    expect(text).not.toMatch(/<script(?![^>]* src=)|<style|\son\w+=|style=|javascript:/);
    expect(tokenIn(text)).toBe('');
  });

  test('sends no signal unless it was allowed, and the page asks for it', async () => {
    const { child, port } = await served(framework, { send: ['SIGHUP'] });
    const token = tokenIn((await ask(port, '/debug/')).text);
    expect(token.length).toBeGreaterThan(30);
    const send = (signal: string, headers: Record<string, string>, method = 'POST') =>
      ask(port, `/debug/send?signal=${signal}`, { method, headers });
    const good = { 'x-sigbridge-token': token };
    const own = `http://127.0.0.1:${port}`;
    const refused = [
      await send('SIGHUP', {}),
      await send('SIGHUP', { 'x-sigbridge-token': `${token}x` }),
      await send('SIGHUP', { ...good, origin: 'http://evil.example' }),
      await send('SIGHUP', { ...good, origin: 'null' }),
      await send('SIGHUP', { ...good, 'sec-fetch-site': 'cross-site' }),
      await send('SIGTERM', good),
      await send('', good),
    ];
    expect(refused.map(({ status }) => status)).toEqual(Array(refused.length).fill(403));
    expect((await send('SIGHUP', good, 'GET')).status).toBe(405);
    expect((await ask(port, '/debug/json', { method: 'POST' })).headers.allow).toBe('GET, HEAD');
    const sent = await send('SIGHUP', { ...good, origin: own, 'sec-fetch-site': 'same-origin' });
    expect(sent.status).toBe(202);
    expect(await child.next()).toBe('SIGHUP');
    // The one and only: what was refused above was not sent late either.
    child.kill('SIGTERM');
    expect(await child.next()).toBe('SIGTERM');
  });
});

describe('who may ask', () => {
  test('nobody by a name that is not local: it may have been rebound', async () => {
    const { port } = await served('node:http', { hosts: ['Debug.Example'] });
    const statusFor = async (host: string): Promise<number | undefined> =>
      (await ask(port, '/debug/json', { headers: { host } })).status;
    for (const host of ['localhost', 'localhost:80', 'app.localhost', '[::1]:8080', '127.0.0.1']) {
      expect([host, await statusFor(host)]).toEqual([host, 200]);
    }
    expect(await statusFor('debug.example:8080')).toBe(200);
    for (const host of ['evil.example', 'localhost.evil.example', 'evillocalhost']) {
      expect([host, await statusFor(host)]).toEqual([host, 403]);
    }
  });

  test('nobody through a proxy, whose own address says nothing', async () => {
    const { port } = await served('node:http');
    for (const name of ['X-Forwarded-For', 'Forwarded', 'X-Real-IP', 'Via']) {
      const { status, text } = await ask(port, '/debug/', { headers: { [name]: '203.0.113.7' } });
      expect([name, status]).toEqual([name, 403]);
      expect(text).toContain('proxy');
    }
  });

  // In a network of its own, where the machine has an address that is not loopback.
  const apart = [...UNSHARE, '-n', 'python3', '-c', SECOND_ADDRESS];

  test.each([
    ['nobody', {}, 403],
    ['who was allowed to', { allowRemote: true }, 200],
  ] as const)('from another address: %s', async (_, options, status) => {
    const child = await scenario(
      ({ report, require, args }) => {
        const { debugHandler } = require('sigbridge/debug') as typeof import('sigbridge/debug');
        const { createServer, get } = require('node:http') as typeof import('node:http');
        const statusFrom = (host: string, port: number): Promise<number | undefined> =>
          new Promise((resolve, reject) => {
            get({ host, port, path: '/json' }, (response) => {
              response.resume();
              resolve(response.statusCode);
            }).on('error', reject);
          });
        const server = createServer(debugHandler(args)).listen(0, '0.0.0.0', () => {
          const { port } = server.address() as import('node:net').AddressInfo;
          void Promise.all([statusFrom('127.0.0.1', port), statusFrom('192.0.2.1', port)]).then(
            report,
          );
        });
      },
      { args: options, launcher: apart },
    );
    expect(await child.next()).toEqual([200, status]);
  });
});

describe('a debug handler', () => {
  test('that is closed answers 503, ends its streams, and traces no more', async () => {
    const { child, port } = await served('node:http');
    const stream = new Promise<void>((resolve) => {
      http.get({ host: '127.0.0.1', port, path: '/debug/events' }, (response) => {
        response.resume().once('end', resolve);
        child.tell();
      });
    });
    expect(await child.next()).toBe('closed');
    await guarded(stream, () => 'the end of the stream');
    expect((await ask(port, '/debug/')).status).toBe(503);
  });

  test('refuses options that it cannot honour', async () => {
    const child = await scenario(({ report, require }) => {
      const { debugHandler } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      const bad: unknown[] = [
        { prefix: 'debug' },
        { prefix: '/debug/' },
        { hosts: 'localhost' },
        { hosts: [7] },
        { send: 'SIGNOT' },
        { last: 0 },
        { allowRemote: 'yes' },
      ];
      report(
        bad.map((options) => {
          try {
            debugHandler(options as object);
            return null;
          } catch (error) {
            return (error as { code: string }).code;
          }
        }),
      );
    });
    const arg = 'ERR_INVALID_ARG';
    expect(await child.next()).toEqual([arg, arg, arg, arg, 'ERR_UNKNOWN_SIGNAL', arg, arg]);
  });
});
