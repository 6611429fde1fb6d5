'use strict';

// A cluster's primary hands what it is told to its workers: SIGTERM ends their servers, SIGHUP makes
// them read their settings again.
const cluster = require('node:cluster');
const http = require('node:http');
const { forwardTo, on } = require('sigbridge');

if (cluster.isPrimary) {
  const workers = [cluster.fork(), cluster.fork()];
  forwardTo(
    workers.map((worker) => worker.process),
    ['SIGTERM', 'SIGHUP'],
  );
  cluster.on('exit', (worker) => console.log(`worker ${worker.id} has ended`));
} else {
  const server = http.createServer((request, response) => response.end(`${cluster.worker.id}\n`));
  server.listen(0, () => console.log(`worker ${cluster.worker.id} listens`));
  on('SIGHUP', () => console.log(`worker ${cluster.worker.id} reads its settings`));
  on('SIGTERM', () => {
    server.close();
    cluster.worker.disconnect();
  });
}
