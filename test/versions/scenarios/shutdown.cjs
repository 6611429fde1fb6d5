// sigbridge/shutdown.
const assert = require('node:assert/strict');
const { program } = require('./support.cjs');

module.exports = {
  'a shutdown answers what is under way, and dies by the signal': () => {
    const { signal, stdout, stderr } = program(`
      const http = require('node:http');
      const { createShutdown, httpServer } = require('sigbridge/shutdown');
      const server = http.createServer((request, response) => {
        process.kill(process.pid, 'SIGTERM');
        shutdown.on('stageBegin', () => setTimeout(() => response.end('answered'), 100));
      });
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('http', httpServer(server));
      let asking;
      shutdown.stage('tell', async ({ event }) => {
        console.log(event.signal, event.code, event.pid === process.pid);
        await asking; // it asks itself, and is to live until it has read the answer
      }, { after: 'http' });
      server.listen(0, () => {
        asking = fetch('http://localhost:' + server.address().port)
          .then((answer) => answer.text())
          .then(console.log);
      });`);
    assert.equal(stderr, '');
    assert.deepEqual(stdout.split('\n').sort(), ['', 'SIGTERM SI_USER true', 'answered']);
    assert.equal(signal, 'SIGTERM');
  },

  'a stage that never ends is ended in time, by the signal': () => {
    const { signal, stdout } = program(`
      const { createShutdown } = require('sigbridge/shutdown');
      const shutdown = createShutdown({ totalMs: 300, progress: 'none' });
      shutdown.stage('stuck', () => new Promise(() => {}));
      setInterval(() => {}, 1000);
      console.log('up');
      process.kill(process.pid, 'SIGTERM');`);
    assert.deepEqual([stdout, signal], ['up\n', 'SIGTERM']);
  },

  'a stage that does not give the loop back is ended in time too': () => {
    const { signal, stdout } = program(`
      const { createShutdown } = require('sigbridge/shutdown');
      const shutdown = createShutdown({ totalMs: 300, progress: 'none' });
      shutdown.stage('busy', () => { for (;;); });
      setInterval(() => {}, 1000);
      console.log('up');
      process.kill(process.pid, 'SIGTERM');`);
    assert.deepEqual([stdout, signal], ['up\n', 'SIGTERM']);
  },

  'an exception is a reason to end, and the exit code says so': () => {
    const { status, stdout } = program(`
      const { createShutdown } = require('sigbridge/shutdown');
      const shutdown = createShutdown({ progress: 'none' });
      shutdown.stage('tell', () => console.log('told'));
      setInterval(() => {}, 1000);
      setTimeout(() => { throw new Error('on purpose'); }, 10);`);
    assert.deepEqual([stdout, status], ['told\n', 1]);
  },
};
