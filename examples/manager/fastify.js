'use strict';

// SIGUSR2: more in the log, and less again; one signal after the other, however fast they come.
const fastify = require('fastify');
const { createSignalManager } = require('sigbridge/manager');

const app = fastify({ logger: { level: 'warn' } });
const manager = createSignalManager();

manager.handle(
  'SIGUSR2',
  () => {
    app.log.level = app.log.level === 'warn' ? 'debug' : 'warn';
    return app.log.level;
  },
  { name: 'log level', dedupe: false, concurrency: 1 },
);
manager.on('result', ({ name, outcome, value }) => console.log(name, outcome, value));

app.get('/', async () => 'hello\n');
app.listen({ port: 0 }).then((url) => console.log(`${url} ${process.pid}`));
