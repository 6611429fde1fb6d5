'use strict';

// An Express application: readiness for the load balancer, then the server, then what it used.
const express = require('express');
const { createShutdown, httpServer, pool } = require('sigbridge/shutdown');

const database = { end: async () => console.log('database closed') };

const shutdown = createShutdown({ preStopMs: Number(process.env.PRE_STOP_MS ?? 0) });
const app = express();
app.get('/ready', (_request, response) => response.sendStatus(shutdown.ready ? 200 : 503));
app.get('/', (_request, response) => setTimeout(() => response.send('hello\n'), 100));

const server = app.listen(Number(process.env.PORT ?? 0), () => {
  console.log(`listening on ${server.address().port}`);
});

shutdown.stage('http', httpServer(server));
shutdown.stage('database', pool(database), { after: 'http' });
shutdown.check();
