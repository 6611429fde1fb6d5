// Clients that do nothing wrong, and count what they see: `good` answers, and `failed` ones, which had been
// asked for on a connection that stood. One that is refused goes elsewhere, and so does one that is told to
// (`Connection: close`, GOAWAY, a stream that was refused).
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import net from 'node:net';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// One request; resolves to 'good', 'failed' or 'refused'.
function ask(port, { path = '/', agent = false, secure = false, body, size = 6 }) {
  return new Promise((resolve) => {
    const method = body ? 'POST' : 'GET';
    const options = { port, host: '127.0.0.1', path, agent, method, rejectUnauthorized: false };
    const request = (secure ? https : http).request(options, (response) => {
      let length = 0;
      response.on('data', (chunk) => (length += chunk.length));
      response.on('error', () => resolve('failed'));
      response.on('close', () => resolve(length === size ? 'good' : 'failed'));
    });
    request.on('error', ({ code }) => resolve(code === 'ECONNREFUSED' ? 'refused' : 'failed'));
    if (body) body(request);
    else request.end();
  });
}

// Again and again, until there is nobody any more.
async function repeat(count, once, rest = () => undefined) {
  for (;;) {
    const seen = await once();
    if (seen === 'refused') return;
    count[seen]++;
    await rest();
  }
}

const agentOf = () => new http.Agent({ keepAlive: true, maxSockets: 1 });

async function slowBody(request) {
  for (let i = 0; i < 5; i++) {
    request.write('x'.repeat(100));
    await pause(20);
  }
  request.end();
}

// Four at once on one connection, and four more when all are answered.
async function pipelined(port, count) {
  for (let refused = false; !refused;) {
    await new Promise((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      let text = '';
      let open = 0;
      const send = () => {
        text = '';
        open = 4;
        socket.write('GET / HTTP/1.1\r\nHost: test\r\n\r\n'.repeat(4));
      };
      socket.on('connect', send);
      socket.on('data', (chunk) => {
        text += chunk;
        const answers = text.split('hello\n').length - 1;
        count.good += answers - (4 - open);
        open = 4 - answers;
        if (open > 0) return;
        if (/connection: close/i.test(text)) socket.end();
        else send();
      });
      socket.on('error', ({ code }) => (refused ||= code === 'ECONNREFUSED'));
      socket.on('close', () => {
        count.failed += open;
        resolve();
      });
    });
  }
}

// Ten streams at once in each session.
async function streams(port, count) {
  for (let refused = false; !refused;) {
    const session = http2.connect(`https://127.0.0.1:${port}`, { rejectUnauthorized: false });
    session.on('error', ({ code }) => (refused ||= code === 'ECONNREFUSED'));
    let stood = false;
    session.on('connect', () => (stood = true));
    const one = async () => {
      while (!session.closed && !session.destroyed) {
        const stream = session.request({ ':path': '/' });
        let length = 0;
        stream.on('data', (chunk) => (length += chunk.length));
        stream.on('error', () => undefined);
        await new Promise((resolve) => stream.on('close', resolve));
        if (length === 6) count.good++;
        else if (stood && stream.rstCode !== http2.constants.NGHTTP2_REFUSED_STREAM) count.failed++;
      }
    };
    const closed = new Promise((resolve) => session.on('close', resolve));
    await Promise.all([...Array.from({ length: 10 }, one), closed]);
  }
}

/** What is asked for, of which kind of server, by how many clients. */
export const loads = {
  'busy, kept alive': {
    kind: 'http',
    run: (port, count, agent = agentOf()) => repeat(count, () => ask(port, { agent })),
  },
  'with pauses': {
    kind: 'http',
    run: (port, count, agent = agentOf()) =>
      repeat(
        count,
        () => ask(port, { agent }),
        () => pause(Math.random() * 80),
      ),
  },
  'slow POST': {
    kind: 'http',
    run: (port, count, agent = agentOf()) =>
      repeat(count, () => ask(port, { agent, body: slowBody })),
  },
  pipelined: { kind: 'http', run: pipelined },
  'fresh connections': {
    kind: 'http',
    run: (port, count) => repeat(count, () => ask(port, {})),
  },
  TLS: { kind: 'https', run: (port, count) => repeat(count, () => ask(port, { secure: true })) },
  'HTTP/2': { kind: 'http2', run: streams, clients: 4 },
  '2 MB answers': {
    kind: 'http',
    run: (port, count, agent = agentOf()) =>
      repeat(count, () => ask(port, { agent, path: '/big', size: 2_000_000 })),
  },
};
