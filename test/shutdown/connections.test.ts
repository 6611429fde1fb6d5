import { once } from 'node:events';
import fs from 'node:fs';
import http2 from 'node:http2';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import tls from 'node:tls';

import { describe, expect, test } from '@jest/globals';

import { onTestEnd } from '../support/cleanup';
import { type Scenario, scenario } from '../support/scenario';

type ShutdownModule = typeof import('sigbridge/shutdown');
type Kind = 'http' | 'https' | 'http2' | 'http2 with TLS';

interface Started {
  child: Scenario;
  port: number;
}

// The README's ten lines, with a stream of events, an upgrade, and an answer that comes when told.
async function server(kind: Kind, totalMs = 10_000): Promise<Started> {
  const child = await scenario(
    ({ require, report, next, args }) => {
      const fs = require('node:fs') as typeof import('node:fs');
      const http = require('node:http') as typeof import('node:http');
      const https = require('node:https') as typeof import('node:https');
      const http2 = require('node:http2') as typeof import('node:http2');
      const { createShutdown, httpServer, pool } = require('sigbridge/shutdown') as ShutdownModule;
      const answer = async (
        request: import('node:http').IncomingMessage,
        response: import('node:http').ServerResponse,
      ): Promise<void> => {
        if (request.url === '/events') {
          response.writeHead(200, { 'Content-Type': 'text/event-stream' });
          response.write('data: x\n\n');
          return;
        }
        if (request.method === 'POST') {
          request.resume();
          await new Promise((resolve) => request.once('end', resolve));
        } else if (request.url === '/slow') {
          report('/slow');
          await next();
        }
        response.end('answered');
      };
      const handle = (
        request: import('node:http').IncomingMessage,
        response: import('node:http').ServerResponse,
      ): void => void answer(request, response);
      const secure = {
        key: fs.readFileSync('test/fixtures/tls/key.pem'),
        cert: fs.readFileSync('test/fixtures/tls/cert.pem'),
        allowHTTP1: true,
      };
      const servers = {
        http: () => http.createServer(handle),
        https: () => https.createServer(secure, handle),
        http2: () => http2.createServer(handle as never),
        'http2 with TLS': () => http2.createSecureServer(secure, handle as never),
      };
      const server = servers[args.kind]();
      server.on('upgrade', (_request: unknown, socket: import('node:net').Socket) => {
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
        );
      });
      const shutdown = createShutdown({ progress: 'none', totalMs: args.totalMs });
      shutdown.stage('http', httpServer(server));
      shutdown.stage('database', pool({ end: () => undefined }), { after: 'http' });
      shutdown.on('begin', () => {
        report('begin');
      });
      shutdown.on('end', ({ stages, hurried }) => {
        report([...stages.map(({ name, outcome }) => `${name} ${outcome}`), hurried]);
      });
      server.listen(0, '127.0.0.1', () => {
        report((server.address() as import('node:net').AddressInfo).port);
      });
    },
    { args: { kind, totalMs } },
  );
  return { child, port: await child.next<number>() };
}

async function connected(port: number): Promise<net.Socket> {
  const socket = net.connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  onTestEnd(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

// All that comes, as text.
function reading(socket: NodeJS.ReadableStream): { text: string } {
  const read = { text: '' };
  socket.on('data', (chunk: Buffer) => (read.text += chunk.toString()));
  return read;
}

async function heard(socket: net.Socket, read: { text: string }, wanted: string): Promise<void> {
  while (!read.text.includes(wanted)) await once(socket, 'data');
}

const GET = (url: string): string => `GET ${url} HTTP/1.1\r\nHost: test\r\n\r\n`;
const POST = 'POST / HTTP/1.1\r\nHost: test\r\nContent-Length: 3\r\n\r\n';

describe('a client does not keep the database open:', () => {
  const DONE = ['http done', 'database done', false];
  const BOUND = ['http timed-out', 'database done', false];
  test.each<[string, string, string, unknown[]]>([
    ['connected, nothing sent', '', '', DONE],
    ['one byte', 'G', '', DONE],
    ['half a head', 'GET / HTTP/1.1\r\nHost: test\r\nX-Half: ', '', DONE],
    ['kept alive', GET('/'), 'answered', DONE],
    ['kept alive, and half a head', `${GET('/')}GET / HT`, 'answered', DONE],
    ['an unfinished POST', `${POST}a`, '', BOUND],
    ['events', GET('/events'), 'data: x', BOUND],
    [
      'upgraded',
      'GET / HTTP/1.1\r\nHost: test\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n',
      '101 ',
      BOUND,
    ],
  ])('%s', async (_name, text, answer, outcome) => {
    const { child, port } = await server('http', 4_000);
    const socket = await connected(port);
    const read = reading(socket);
    socket.write(text);
    await heard(socket, read, answer);
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    expect(await child.next()).toEqual(outcome);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test('an empty line behind a request; a head that never ends, in small pieces', async () => {
    const { child, port } = await server('http', 10_000);
    const [empty, dribbling] = [await connected(port), await connected(port)];
    const read = reading(empty);
    empty.write(`${POST}abc`);
    await heard(empty, read, 'answered');
    empty.write('\r\n');
    dribbling.write('GET / HTTP/1.1\r\n');
    const timer = setInterval(() => dribbling.write('X-More: 1\r\n'), 20);
    onTestEnd(() => {
      clearInterval(timer);
    });
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    expect(await child.next()).toEqual(DONE);
  });

  test.each<[Kind, string]>([
    ['http2', ''],
    ['http2', 'PRI * HTTP'],
    ['http2 with TLS', ''],
    ['http2 with TLS', 'PRI * HTTP'],
  ])('%s, of which no more than "%s" has come', async (kind, text) => {
    const { child, port } = await server(kind, 4_000);
    const socket = await connected(port);
    const options = { socket, ALPNProtocols: ['h2'], rejectUnauthorized: false };
    const client = kind === 'http2' ? socket : tls.connect(options);
    client.on('error', () => undefined);
    if (client !== socket) await once(client, 'secureConnect');
    client.write(text);
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    expect(await child.next()).toEqual(DONE);
  });

  test('half a TLS handshake', async () => {
    const { child, port } = await server('https', 4_000);
    const socket = await connected(port);
    socket.write(Buffer.from([22, 3, 1, 2, 0, 1]));
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    expect(await child.next()).toEqual(DONE);
  });
});

describe('no request is lost:', () => {
  test('of those that come without waiting, each is answered, by handlers that answer at once too', async () => {
    for (const urls of [
      ['/', '/', '/', '/'],
      ['/slow', '/', '/', '/slow'],
    ]) {
      const { child, port } = await server('http');
      const socket = await connected(port);
      const read = reading(socket);
      socket.write(GET('/'));
      await heard(socket, read, 'answered');
      child.kill('SIGTERM');
      expect(await child.next()).toBe('begin');
      read.text = '';
      socket.write(urls.map(GET).join(''));
      for (const url of urls) {
        if (url === '/') continue;
        expect(await child.next()).toBe(url);
        child.tell();
      }
      await once(socket, 'end');
      expect(read.text.match(/answered/g)).toHaveLength(4);
      // With the last of them.
      expect(read.text.split('answered').map((head) => head.includes('Connection: close'))).toEqual(
        [false, false, false, true, false],
      );
      socket.end();
      expect(await child.next()).toEqual(['http done', 'database done', false]);
    }
  });

  test('whoever never stops asking is told to, and what comes then is not served', async () => {
    const { child, port } = await server('http');
    const socket = await connected(port);
    const read = reading(socket);
    // Always several ahead.
    const asking = (): boolean => socket.write(GET('/'));
    for (let i = 0; i < 4; i++) asking();
    socket.on('data', asking);
    await heard(socket, read, 'answered');
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    await once(socket, 'end');
    expect(read.text).toMatch(
      /Connection: close\r\n(.*\r\n)*\r\n(8\r\n)?answered(\r\n0\r\n\r\n)?$/i,
    );
    socket.destroy();
    expect(await child.next()).toEqual(['http done', 'database done', false]);
  });

  test.each<Kind>(['http', 'https', 'http2 with TLS'])(
    '%s: one that is connected, and greets and asks only then',
    async (kind) => {
      const { child, port } = await server(kind);
      const socket = await connected(port);
      child.kill('SIGTERM');
      expect(await child.next()).toBe('begin');
      const client = kind === 'http' ? socket : tls.connect({ socket, rejectUnauthorized: false });
      const read = reading(client);
      client.write(GET('/'));
      await once(client, 'end');
      expect(read.text).toMatch(/^HTTP\/1.1 200 OK\r\n(.*\r\n)*\r\n.*answered$/);
      client.end();
      socket.end();
      expect(await child.next()).toEqual(['http done', 'database done', false]);
    },
  );

  test.each<Kind>(['http2', 'http2 with TLS'])(
    '%s: each stream is served, or refused so that it may be sent again',
    async (kind) => {
      const { child, port } = await server(kind);
      const url = `${kind === 'http2' ? 'http' : 'https'}://127.0.0.1:${port}`;
      const session = http2.connect(url, { rejectUnauthorized: false });
      onTestEnd(() => {
        session.destroy();
      });
      const slow = session.request({ ':path': '/slow' });
      expect(await child.next()).toBe('/slow');
      const streams: Promise<string>[] = [];
      const ask = (): void => {
        if (!session.closed && !session.destroyed) streams.push(outcomeOf(session));
      };
      const asking = setInterval(() => {
        for (let i = 0; i < 5; i++) ask();
      }, 1);
      onTestEnd(() => {
        clearInterval(asking);
      });
      ask();
      const told = once(session, 'goaway');
      child.kill('SIGTERM');
      expect(await child.next()).toBe('begin');
      await told;
      child.tell();
      const answer = reading(slow);
      await once(slow, 'end');
      expect([answer.text, slow.rstCode]).toEqual(['answered', 0]);
      expect(await child.next()).toEqual(['http done', 'database done', false]);
      const outcomes = new Set(await Promise.all(streams));
      outcomes.delete('answered');
      outcomes.delete('refused');
      expect([...outcomes]).toEqual([]);
      expect(streams.length).toBeGreaterThan(0);
    },
  );

  test('HTTP/2: GOAWAY names the last stream that is served, whatever is sent meanwhile', async () => {
    const { child, port } = await server('http2');
    const socket = await connected(port);
    const answered = new Set<number>();
    let told: { last: number; code: number } | undefined;
    let next = 1;
    const ask = (): void => {
      // :method GET, :scheme http, :path /, :authority x
      socket.write(frame(1, 5, next, Buffer.from([0x82, 0x86, 0x84, 0x41, 1, 0x78])));
      next += 2;
    };
    // By hand: a client of Node's would send nothing any more.
    framesOf(socket, ({ type, flags, stream, payload }) => {
      if (type === 4 && (flags & 1) === 0) socket.write(frame(4, 1, 0));
      if (type === 7) told ??= { last: payload.readUInt32BE(0), code: payload.readUInt32BE(4) };
      if (type !== 0 || (flags & 1) === 0) return;
      answered.add(stream);
      ask();
    });
    socket.write('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
    socket.write(frame(4, 0, 0));
    for (let i = 0; i < 10; i++) ask();
    while (answered.size < 100) await once(socket, 'data');
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    await once(socket, 'end');
    socket.end();
    expect(told).toMatchObject({ code: 0 });
    // All up to that one, and none beyond it.
    const { last = 0 } = told ?? {};
    expect([...answered].sort((one, other) => one - other)).toEqual(
      Array.from({ length: (last + 1) / 2 }, (_, i) => 2 * i + 1),
    );
    expect(next).toBeGreaterThan(last + 2);
    expect(await child.next()).toEqual(['http done', 'database done', false]);
  });

  test.each<Kind>(['http', 'https'])(
    '%s: connections that wait to be accepted are taken in first',
    async (kind) => {
      const { child, port } = await server(kind);
      // The whole backlog comes in one turn of the server's loop.
      child.kill('SIGSTOP');
      const sockets = await Promise.all(Array.from({ length: 50 }, () => connected(port)));
      const clients = sockets.map((socket) =>
        kind === 'http' ? socket : tls.connect({ socket, rejectUnauthorized: false }),
      );
      const reads = clients.map(reading);
      for (const client of clients) client.write(GET('/'));
      child.kill('SIGTERM');
      child.kill('SIGCONT');
      await Promise.all(clients.map((client) => once(client, 'end')));
      expect(reads.filter(({ text }) => text.includes('answered'))).toHaveLength(50);
      for (const client of [...clients, ...sockets]) client.end();
      expect(await child.next()).toBe('begin');
      expect(await child.next()).toEqual(['http done', 'database done', false]);
    },
  );
});

// How a request of its own comes out.
async function outcomeOf(session: http2.ClientHttp2Session): Promise<string> {
  let stream: http2.ClientHttp2Stream;
  try {
    stream = session.request({ ':path': '/' });
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ERR_HTTP2_GOAWAY_SESSION'
      ? 'refused'
      : String(error);
  }
  const read = reading(stream);
  stream.on('error', () => undefined);
  await new Promise((resolve) => stream.once('close', resolve));
  if (stream.rstCode === http2.constants.NGHTTP2_REFUSED_STREAM) return 'refused';
  return stream.rstCode === 0 ? read.text : `code ${stream.rstCode}`;
}

interface Frame {
  type: number;
  flags: number;
  stream: number;
  payload: Buffer;
}

function frame(type: number, flags: number, stream: number, payload = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head.writeUInt8(type, 3);
  head.writeUInt8(flags, 4);
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function framesOf(socket: net.Socket, take: (frame: Frame) => void): void {
  let buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      const length = buffer.length < 9 ? Infinity : 9 + buffer.readUIntBE(0, 3);
      if (buffer.length < length) return;
      const [type, flags, stream] = [buffer[3] ?? 0, buffer[4] ?? 0, buffer.readUInt32BE(5)];
      take({ type, flags, stream, payload: buffer.subarray(9, length) });
      buffer = buffer.subarray(length);
    }
  });
}

describe('the server', () => {
  test('that begins to listen late is closed all the same, and so is one that has never listened', async () => {
    const child = await scenario(async ({ require, report }) => {
      const { createServer } = require('node:http') as typeof import('node:http');
      const events = require('node:events') as typeof import('node:events');
      const { createShutdown, httpServer } = require('sigbridge/shutdown') as ShutdownModule;
      const [server, never] = [createServer(), createServer()];
      const shutdown = createShutdown({ progress: 'none', exit: false });
      shutdown.stage('http', httpServer([server, never]));
      const { stages } = await shutdown.begin();
      report(stages.map(({ outcome }) => outcome));
      server.listen(0, '127.0.0.1');
      await events.once(server, 'close');
      report(server.listening);
      shutdown.close();
    });
    expect(await child.next()).toEqual(['done']);
    expect(await child.next()).toBe(false);
    // Nothing keeps it alive.
    expect(await child.exit).toMatchObject({ code: 0 });
  });

  test('may be several, on several addresses and a Unix socket, whose file is removed', async () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-'));
    onTestEnd(() => {
      fs.rmSync(folder, { recursive: true, force: true });
    });
    const file = path.join(folder, 'socket');
    const child = await scenario(
      async ({ require, report, next, args }) => {
        const { createServer } = require('node:http') as typeof import('node:http');
        const events = require('node:events') as typeof import('node:events');
        const { createShutdown, httpServer } = require('sigbridge/shutdown') as ShutdownModule;
        const waiting: (() => void)[] = [];
        const servers = [0, 1, 2].map(() =>
          createServer((_request, response) => {
            waiting.push(() => response.end('answered'));
            report('asked');
          }),
        );
        const [first, second, third] = servers as [
          import('node:http').Server,
          import('node:http').Server,
          import('node:http').Server,
        ];
        const shutdown = createShutdown({ progress: 'none' });
        shutdown.stage('http', httpServer(new Set([first, second])).add(third));
        shutdown.on('end', ({ stages }) => {
          report(stages.map(({ outcome }) => outcome));
        });
        first.listen(0, '127.0.0.1');
        second.listen(0, '127.0.0.2');
        third.listen(args);
        await Promise.all(servers.map((server) => events.once(server, 'listening')));
        report(servers.map((server) => server.address()));
        await next();
        for (const answer of waiting) answer();
      },
      { args: file },
    );
    const [one, two] = await child.next<[net.AddressInfo, net.AddressInfo]>();
    const sockets = [
      net.connect(one.port, '127.0.0.1'),
      net.connect(two.port, '127.0.0.2'),
      net.connect(file),
    ];
    const reads = sockets.map(reading);
    for (const socket of sockets) {
      socket.write(GET('/'));
      expect(await child.next()).toBe('asked');
    }
    child.kill('SIGTERM');
    // Closed already, while answers are still to come.
    while (fs.existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 1));
    child.tell();
    await Promise.all(sockets.map((socket) => once(socket, 'close')));
    for (const { text } of reads) expect(text).toContain('answered');
    expect(await child.next()).toEqual(['done']);
    expect(await child.exit).toMatchObject({ signal: 'SIGTERM' });
  });

  test('knows requests that somebody else takes: expectations, and listeners that were replaced', async () => {
    const child = await scenario(({ require, report, next }) => {
      const { createServer } = require('node:http') as typeof import('node:http');
      const { createShutdown, httpServer } = require('sigbridge/shutdown') as ShutdownModule;
      const server = createServer();
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('http', httpServer(server));
      const answer = async (
        _request: unknown,
        response: import('node:http').ServerResponse,
      ): Promise<void> => {
        report('asked');
        await next();
        response.end('answered');
      };
      server.removeAllListeners('request');
      server.on('request', (request, response) => void answer(request, response));
      server.on('checkContinue', (request, response) => void answer(request, response));
      shutdown.on('begin', () => {
        report('begin');
      });
      shutdown.on('end', ({ stages }) => {
        report(stages.map(({ outcome }) => outcome));
      });
      server.listen(0, '127.0.0.1', () => {
        report((server.address() as net.AddressInfo).port);
      });
    });
    const port = await child.next<number>();
    const sockets = [await connected(port), await connected(port)] as const;
    const reads = sockets.map(reading);
    sockets[0].write(GET('/'));
    sockets[1].write(
      `PUT / HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\nContent-Length: 1\r\n\r\n`,
    );
    expect([await child.next(), await child.next()]).toEqual(['asked', 'asked']);
    child.kill('SIGTERM');
    expect(await child.next()).toBe('begin');
    // Longer than a quiet connection is kept.
    await new Promise((resolve) => setTimeout(resolve, 300));
    child.tell();
    child.tell();
    await Promise.all(sockets.map((socket) => once(socket, 'end')));
    for (const { text } of reads) expect(text).toContain('answered');
    for (const socket of sockets) socket.end();
    expect(await child.next()).toEqual(['done']);
  });
});
