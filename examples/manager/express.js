'use strict';

// SIGHUP: reads the configuration again, and only then empties what was made of the old one.
const express = require('express');
const { createSignalManager } = require('sigbridge/manager');

const manager = createSignalManager();
let configuration = { greeting: 'hello' };
const cache = new Map();

manager.handle(
  'SIGHUP',
  async () => {
    configuration = { greeting: 'good evening' };
    console.log('configuration read');
  },
  { name: 'configuration', priority: 10, fallback: () => console.log('the old one stays') },
);
manager.handle('SIGHUP', () => cache.clear(), { name: 'cache' });

const app = express();
app.get('/', (request, response) => {
  if (!cache.has('page')) cache.set('page', `${configuration.greeting}\n`);
  response.send(cache.get('page'));
});
const server = app.listen(0, () => {
  console.log(`http://localhost:${server.address().port} ${process.pid}`);
});
