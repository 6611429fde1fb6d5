'use strict';

// What closable() ends in closable.system.test.ts: each of these makes one, gives it to `stage`, has something
// under way with it, of which it tells the server's number, and resolves to whether that has ended well.
const LONG_MS = 700;

const closables = {
  async 'pg Pool'({ stage, report, postgres }) {
    const { Pool } = require('pg');
    const pool = stage(new Pool({ host: postgres, user: 'test', database: 'postgres' }));
    const client = await pool.connect();
    const { rows } = await client.query('select pg_backend_pid() as pid');
    report(rows[0].pid);
    const { rowCount } = await client.query(`select pg_sleep(${LONG_MS / 1_000})`);
    client.release();
    return rowCount === 1;
  },

  async ioredis({ stage, report, redis }) {
    const { Redis } = require('ioredis');
    const client = stage(new Redis({ path: redis }));
    report(await client.client('ID'));
    const answers = await Promise.all([
      client.blpop('nothing', LONG_MS / 1_000),
      client.set('answered', 'yes'),
      client.get('answered'),
    ]);
    return answers.join() === ',OK,yes';
  },

  async 'bullmq Worker'({ stage, report, redis }) {
    const { Worker } = require('bullmq');
    return await new Promise((resolve) => {
      const work = async ({ id }) => {
        report(id);
        await new Promise((done) => setTimeout(done, LONG_MS));
        resolve(true);
      };
      stage(new Worker('jobs', work, { connection: { path: redis } }));
    });
  },

  async 'bullmq Queue'({ stage, report, redis }) {
    const { Queue } = require('bullmq');
    const queue = stage(new Queue('others', { connection: { path: redis } }));
    await queue.waitUntilReady();
    report(0);
    const { id } = await queue.add('one', {});
    return id !== undefined;
  },
};

/** Runs one of them in a program that SIGTERM ends. */
async function run(name, { require, report, args }) {
  const { closable, createShutdown } = require('sigbridge/shutdown');
  const shutdown = createShutdown({ progress: 'none' });
  const called = [];
  const stage = (thing) => {
    for (const method of ['quit', 'end', 'close', 'disconnect', 'destroy']) {
      const own = thing[method];
      if (typeof own !== 'function') continue;
      thing[method] = (...given) => {
        called.push(method);
        return own.apply(thing, given);
      };
    }
    shutdown.stage('thing', closable(thing));
    return thing;
  };
  shutdown.on('end', ({ stages }) => {
    report([called[0], stages[0].outcome]);
  });
  report(await closables[name]({ ...args, stage, report }));
}

module.exports = { run };
