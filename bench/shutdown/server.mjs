// A server that ends by one of the ways that are compared; `node server.mjs LIBRARY KIND MS`, of
// which the last is the time that it has for that.
import fs from 'node:fs';
import http from 'node:http';
import http2 from 'node:http2';
import https from 'node:https';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const [library, kind, given] = process.argv.slice(2);
const timeout = Number(given);
const tls = new URL('../../test/fixtures/tls/', import.meta.url);
const secure = {
  key: fs.readFileSync(new URL('key.pem', tls)),
  cert: fs.readFileSync(new URL('cert.pem', tls)),
};
const BIG = Buffer.alloc(2_000_000, 'z');
const SMALL = Buffer.from('hello\n');

function answer(request, response) {
  request.resume();
  request.on('end', () => {
    setTimeout(() => {
      const body = request.url === '/big' ? BIG : SMALL;
      response.setHeader('Content-Length', body.length);
      response.end(body);
    }, 10);
  });
}

const makers = {
  http: () => http.createServer(answer),
  https: () => https.createServer(secure, answer),
  http2: () => http2.createSecureServer(secure, answer),
};
const server = makers[kind]();
const exit = () => process.exit(0);
const onTerm = (end) => process.on('SIGTERM', end);

const ways = {
  'server.close': () => onTerm(() => server.close(exit)),
  sigbridge() {
    const { createShutdown, httpServer } = require('../../dist/shutdown.js');
    createShutdown({ totalMs: timeout, progress: 'none' }).stage('http', httpServer(server));
  },
  'http-terminator'() {
    const { createHttpTerminator } = require('http-terminator');
    const terminator = createHttpTerminator({ server, gracefulTerminationTimeout: timeout });
    onTerm(() => terminator.terminate().then(exit));
  },
  stoppable() {
    require('stoppable')(server, timeout);
    onTerm(() => server.stop(exit));
  },
  '@godaddy/terminus'() {
    const { createTerminus } = require('@godaddy/terminus');
    createTerminus(server, { signals: ['SIGTERM'], timeout, logger: () => undefined });
  },
  'http-graceful-shutdown'() {
    require('http-graceful-shutdown')(server, { timeout, signals: 'SIGTERM' });
  },
  'close-with-grace'() {
    require('close-with-grace')(
      { delay: timeout },
      () => new Promise((done) => server.close(done)),
    );
  },
};
ways[library]();
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
