import { once } from 'node:events';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';

import { describe, expect, test } from '@jest/globals';
import { WebSocket } from 'ws';

import { type Scenario, scenario } from '../support/scenario';
import { terminateUnderLoad } from '../support/servers';

type ShutdownModule = typeof import('sigbridge/shutdown');
type Kind = 'http' | 'https' | 'http2' | 'http2 with TLS';

// A server whose answers wait until the test tells; `/stream` sends its headers first.
async function slowServer(
  kind: Kind,
  timeoutMs = 5_000,
): Promise<{ child: Scenario; port: number }> {
  const child = await scenario(
    ({ require, report, next, args }) => {
      const fs = require('node:fs') as typeof import('node:fs');
      const path = require('node:path') as typeof import('node:path');
      const { createShutdown, httpServer } = require('sigbridge/shutdown') as ShutdownModule;
      const tls = path.resolve('test/fixtures/tls');
      const listener = async (
        request: import('node:http').IncomingMessage,
        response: import('node:http').ServerResponse,
      ): Promise<void> => {
        if (request.url === '/quick') {
          response.end('quick');
          return;
        }
        if (request.url === '/stream') response.write('begun ');
        report(request.url);
        await next();
        response.end('done');
      };
      const handle = (
        request: import('node:http').IncomingMessage,
        response: import('node:http').ServerResponse,
      ): void => void listener(request, response);
      const secure = {
        key: fs.readFileSync(`${tls}/key.pem`),
        cert: fs.readFileSync(`${tls}/cert.pem`),
        allowHTTP1: true,
      };
      const http2 = require('node:http2') as typeof import('node:http2');
      const servers = {
        http: () => (require('node:http') as typeof import('node:http')).createServer(handle),
        https: () =>
          (require('node:https') as typeof import('node:https')).createServer(secure, handle),
        http2: () => http2.createServer(handle as never),
        'http2 with TLS': () => http2.createSecureServer(secure, handle as never),
      };
      const server = servers[args.kind]();
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('server', httpServer(server), { timeoutMs: args.timeoutMs });
      shutdown.on('begin', () => {
        report('begin');
      });
      shutdown.on('end', ({ stages }) => {
        report(stages[0]?.outcome);
      });
      server.listen(0, '127.0.0.1', () => {
        report((server.address() as import('node:net').AddressInfo).port);
      });
    },
    { args: { kind, timeoutMs } },
  );
  return { child, port: await child.next<number>() };
}

async function client(port: number, allowHalfOpen = false): Promise<net.Socket & { text: string }> {
  const socket = Object.assign(
    net.connect({ port, host: '127.0.0.1', allowHalfOpen }).setEncoding('utf8'),
    { text: '' },
  );
  socket.on('data', (text: string) => (socket.text += text));
  await once(socket, 'connect');
  return socket;
}

const GET = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: test\r\n\r\n`;

// The server has stopped accepting, and told its connections so.
async function untilRefused(port: number): Promise<void> {
  for (;;) {
    const socket = net.connect(port, '127.0.0.1');
    try {
      await once(socket, 'connect');
    } catch (error) {
      // Reset: one that came just as it stopped.
      if ((error as { code: string }).code === 'ECONNREFUSED') return;
    }
    socket.destroy();
  }
}

async function answered(socket: net.Socket & { text: string }, text: string): Promise<void> {
  while (!socket.text.includes(text)) await once(socket, 'data');
}

describe('an HTTP server', () => {
  test('closes idle connections at once, and lets active ones finish', async () => {
    const { child, port } = await slowServer('http');
    const idle = await client(port);
    idle.write(GET('/quick'));
    await answered(idle, 'quick');
    const active = await client(port);
    active.write(GET('/slow'));
    expect(await child.next()).toBe('/slow');
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    await once(idle, 'close');
    expect(active.readyState).toBe('open');
    await untilRefused(port);
    child.tell();
    await once(active, 'close');
    expect(active.text).toMatch(/^HTTP\/1.1 200 OK\r\n(.*\r\n)*Connection: close\r\n/i);
    expect(active.text).toContain('done');
    expect(await child.next()).toBe('done');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test('finishes an answer that has begun, without the header', async () => {
    const { child, port } = await slowServer('http');
    const active = await client(port);
    active.write(GET('/stream'));
    expect(await child.next()).toBe('/stream');
    await answered(active, 'begun');
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    child.tell();
    await once(active, 'close');
    expect(active.text).toContain('Connection: keep-alive');
    expect(active.text).toMatch(/begun \r\n4\r\ndone\r\n0\r\n\r\n$/);
    expect(await child.next()).toBe('done');
  });

  test('answers all requests of a pipeline before it closes', async () => {
    const { child, port } = await slowServer('http');
    const active = await client(port);
    active.write(GET('/1') + GET('/2') + GET('/3'));
    expect([await child.next(), await child.next(), await child.next()]).toEqual([
      '/1',
      '/2',
      '/3',
    ]);
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    for (let i = 0; i < 3; i++) child.tell();
    await once(active, 'close');
    expect(active.text.match(/done/g)).toHaveLength(3);
    expect(active.text.match(/Connection: close/gi)).toHaveLength(1);
  });

  test('closes in stages: what it does not read any more costs nobody the answer', async () => {
    const { child, port } = await slowServer('http');
    const active = await client(port, true);
    const errors: unknown[] = [];
    active.on('error', (error) => errors.push(error));
    active.write(GET('/slow'));
    expect(await child.next()).toBe('/slow');
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    await untilRefused(port);
    child.tell();
    await once(active, 'end');
    // As one that had this under way already.
    for (let i = 0; i < 3; i++) {
      await new Promise((resolve) => active.write(GET('/more').repeat(1_000), resolve));
    }
    active.end();
    await once(active, 'close');
    expect(errors).toEqual([]);
    expect(active.text).toContain('done');
    expect(await child.next()).toBe('done');
  });

  test('is destroyed when its time is over', async () => {
    const { child, port } = await slowServer('http', 150);
    const active = await client(port);
    active.write(GET('/slow'));
    expect(await child.next()).toBe('/slow');
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    await once(active, 'close');
    expect(active.text).toBe('');
    expect(await child.next()).toBe('timed-out');
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });
});

test('whoever closes it as well, as http-terminator does, is told when it has closed', async () => {
  const child = await scenario(({ require, report, next }) => {
    const { createServer } = require('node:http') as typeof import('node:http');
    const { createHttpTerminator } = require('http-terminator') as typeof import('http-terminator');
    const { createShutdown, httpServer } = require('sigbridge/shutdown') as ShutdownModule;
    const server = createServer((_request, response) => {
      report('asked');
      void next().then(() => response.end('answered'));
    });
    const terminator = createHttpTerminator({ server });
    const close = (): Promise<unknown> => new Promise((resolve) => server.close(resolve));
    const shutdown = createShutdown({ progress: 'none' });
    shutdown.stage('ours', httpServer(server));
    shutdown.stage('beside', async () => {
      const closed = close();
      report('closes');
      return closed;
    });
    shutdown.stage('theirs', () => terminator.terminate(), { after: 'ours' });
    shutdown.stage('late', close, { after: 'theirs' });
    shutdown.on('end', ({ stages }) => {
      report(stages.map(({ name, outcome, error }) => [name, outcome, String(error)]));
    });
    server.listen(0, '127.0.0.1', () => {
      report((server.address() as net.AddressInfo).port);
    });
  });
  const port = await child.next<number>();
  const answer = fetch(`http://127.0.0.1:${port}`).then((response) => response.text());
  expect(await child.next()).toBe('asked');
  child.kill('SIGTERM');
  expect(await child.next()).toBe('closes');
  child.tell();
  expect(await answer).toBe('answered');
  const stages = await child.next<[string, string, string][]>();
  expect(stages.map(([, ...rest]) => rest)).toEqual(
    Array.from({ length: 4 }, () => ['done', 'undefined']),
  );
  expect(stages.map(([name]) => name).slice(-2)).toEqual(['theirs', 'late']);
  expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
});

test('an HTTPS server does the same', async () => {
  const { child, port } = await slowServer('https');
  const https = await import('node:https');
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  const get = async (path: string): Promise<[string | undefined, string]> => {
    const request = https.get({ port, path, agent });
    const [response] = (await once(request, 'response')) as [http.IncomingMessage];
    let text = '';
    for await (const chunk of response) text += String(chunk);
    return [response.headers.connection, text];
  };
  expect(await get('/quick')).toEqual(['keep-alive', 'quick']);
  const slow = get('/slow');
  expect(await child.next()).toBe('/slow');
  child.kill('SIGTERM');
  expect(await child.next()).toBe('begin');
  child.tell();
  expect(await slow).toEqual(['close', 'done']);
  expect(await child.next()).toBe('done');
  expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
});

test('an HTTP/2 server lets streams finish and closes idle sessions', async () => {
  const { child, port } = await slowServer('http2');
  const url = `http://127.0.0.1:${String(port)}`;
  const idle = http2.connect(url);
  const active = http2.connect(url);
  const get = async (session: http2.ClientHttp2Session, path: string): Promise<string> => {
    let text = '';
    for await (const chunk of session.request({ ':path': path })) text += String(chunk);
    return text;
  };
  expect(await get(idle, '/quick')).toBe('quick');
  const slow = get(active, '/slow');
  expect(await child.next()).toBe('/slow');
  const closed = once(active, 'close');
  child.kill('SIGTERM');
  expect(await child.next()).toBe('begin');
  await once(idle, 'close');
  expect(active.destroyed).toBe(false);
  child.tell();
  expect(await slow).toBe('done');
  await closed;
  expect(await child.next()).toBe('done');
  expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
});

test('an HTTP/2 server with TLS does so for clients of HTTP/2 and of HTTP/1.1', async () => {
  const { child, port } = await slowServer('http2 with TLS');
  const connect = () => http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
  const get = async (session: http2.ClientHttp2Session, path: string): Promise<string> => {
    let text = '';
    for await (const chunk of session.request({ ':path': path })) text += String(chunk);
    return text;
  };
  const [idle, active] = [connect(), connect()];
  const https = await import('node:https');
  const agent = new https.Agent({ keepAlive: true, rejectUnauthorized: false });
  expect(await get(idle, '/quick')).toBe('quick');
  const slow = get(active, '/slow');
  expect(await child.next()).toBe('/slow');
  const old = once(https.get({ port, path: '/old', agent }), 'response');
  expect(await child.next()).toBe('/old');
  const closed = once(active, 'close');
  const toldToGo = once(active, 'goaway');
  child.kill('SIGTERM');
  expect(await child.next()).toBe('begin');
  await once(idle, 'close');
  // No new requests, please: what is under way goes on.
  expect((await toldToGo).slice(0, 2)).toEqual([http2.constants.NGHTTP2_NO_ERROR, 1]);
  expect(active.destroyed).toBe(false);
  await untilRefused(port);
  child.tell();
  child.tell();
  expect(await slow).toBe('done');
  const [answer] = (await old) as [http.IncomingMessage];
  expect([answer.httpVersion, answer.headers.connection]).toEqual(['1.1', 'close']);
  answer.resume();
  await closed;
  expect(await child.next()).toBe('done');
  expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
});

describe('a WebSocket', () => {
  // Echoes; says goodbye in a stage of its own, if at all.
  async function echo(saysGoodbye: boolean): Promise<{ child: Scenario; socket: WebSocket }> {
    const child = await scenario(
      ({ require, report, args }) => {
        const { createServer } = require('node:http') as typeof import('node:http');
        const { WebSocketServer } = require('ws') as typeof import('ws');
        const { createShutdown, httpServer } = require('sigbridge/shutdown') as ShutdownModule;
        const server = createServer();
        const sockets = new WebSocketServer({ server });
        sockets.on('connection', (socket) => {
          socket.on('message', (text) => {
            socket.send(text);
          });
        });
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('server', httpServer(server), { timeoutMs: 2_000 });
        if (args) {
          const goodbye = () => {
            for (const socket of sockets.clients) socket.close(1001);
          };
          shutdown.stage('sockets', goodbye, { before: 'server' });
        }
        shutdown.on('end', ({ stages }) => {
          report(stages.map(({ name, outcome }) => `${name} ${outcome}`));
        });
        server.listen(0, '127.0.0.1', () => {
          report((server.address() as net.AddressInfo).port);
        });
      },
      { args: saysGoodbye },
    );
    const socket = new WebSocket(`ws://127.0.0.1:${await child.next<number>()}`);
    await once(socket, 'open');
    socket.send('before');
    await once(socket, 'message');
    return { child, socket };
  }

  test('is ended by a stage of yours, and then the server closes', async () => {
    const { child, socket } = await echo(true);
    const closed = once(socket, 'close');
    child.kill('SIGTERM');
    expect((await closed)[0]).toBe(1001);
    expect(await child.next()).toEqual(['sockets done', 'server done']);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });

  test('that nobody ends stays usable until the time of the server is over', async () => {
    const { child, socket } = await echo(false);
    const closed = once(socket, 'close');
    const errors: unknown[] = [];
    socket.on('error', (error) => errors.push(error));
    child.kill('SIGTERM');
    await untilRefused(Number(new URL(socket.url).port));
    socket.send('meanwhile');
    expect(String((await once(socket, 'message'))[0])).toBe('meanwhile');
    // 1006: without a word.
    expect((await closed)[0]).toBe(1006);
    expect(await child.next()).toEqual(['server timed-out']);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
  });
});

test('a server under constant load loses no request when SIGTERM comes in the middle', async () => {
  for (let run = 0; run < 3; run++) await terminateUnderLoad();
  expect.hasAssertions();
});
