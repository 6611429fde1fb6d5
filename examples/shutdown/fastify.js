'use strict';

// A Fastify application: its server first, so that no request is lost, then its own onClose hooks.
const fastify = require('fastify');
const { createShutdown, httpServer } = require('sigbridge/shutdown');

const shutdown = createShutdown();
const app = fastify();
app.addHook('onClose', async () => console.log('hooks run'));
app.get('/ready', async (_request, reply) => reply.code(shutdown.ready ? 200 : 503).send());
app.get('/', async () => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return 'hello\n';
});

shutdown.stage('http', httpServer(app.server));
shutdown.stage('fastify', () => app.close(), { after: 'http' });
shutdown.check();

app.listen({ port: Number(process.env.PORT ?? 0) }).then(() => {
  console.log(`listening on ${app.server.address().port}`);
});
