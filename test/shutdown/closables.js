'use strict';

// What closable() ends in the tests beside servers: each of these makes one, gives it to `stage`, has something
// under way with it, of which it tells the server's number, and resolves to whether that has ended well. `begun`
// is aborted when the shutdown begins.
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

  async 'amqplib channel'({ stage, report, broker, begun }) {
    const connection = await require('amqplib').connect(broker);
    const channel = stage(await connection.createChannel(), 'channel');
    stage(connection, 'connection', { after: 'channel' });
    await channel.assertQueue('published');
    report(0);
    return await new Promise((resolve) => {
      begun.addEventListener('abort', () => {
        for (let i = 0; i < 5_000; i++) channel.sendToQueue('published', Buffer.alloc(1_000));
        resolve(true);
      });
    });
  },

  async 'amqplib connection'({ stage, report, broker }) {
    const connection = stage(await require('amqplib').connect(broker));
    const channel = await connection.createChannel();
    await channel.assertQueue('taken');
    return await new Promise((resolve) => {
      connection.once('close', () => resolve(true));
      // It is never done with it.
      const work = ({ fields }) => report(fields.deliveryTag);
      void channel.consume('taken', work);
    });
  },

  async 'kafkajs producer'({ stage, report, broker }) {
    const producer = stage(clientOf(broker).producer());
    await producer.connect();
    // From then on it knows where to send: one that still asks is given up by disconnect().
    await producer.send({ topic: 'jobs', messages: [{ value: 'first' }] });
    const sent = producer.send({ topic: 'jobs', messages: [{ value: 'second' }] });
    report(0);
    const [{ errorCode }] = await sent;
    return errorCode === 0;
  },

  async 'kafkajs consumer'({ stage, report, broker }) {
    const consumer = stage(clientOf(broker).consumer({ groupId: 'test' }));
    await consumer.connect();
    await consumer.subscribe({ topic: 'jobs', fromBeginning: true });
    return await new Promise((resolve) => {
      const eachMessage = async ({ message }) => {
        report(message.offset);
        await new Promise((done) => setTimeout(done, LONG_MS));
        resolve(true);
      };
      void consumer.run({ eachMessage });
    });
  },
};

function clientOf(broker) {
  const { Kafka, logLevel } = require('kafkajs');
  return new Kafka({ brokers: [broker], logLevel: logLevel.NOTHING });
}

/** Runs one of them in a program that SIGTERM ends. */
async function run(name, { require, report, args }) {
  const { closable, createShutdown } = require('sigbridge/shutdown');
  const shutdown = createShutdown({ progress: 'none' });
  const called = [];
  const stage = (thing, name = 'thing', options = {}) => {
    for (const method of ['quit', 'end', 'close', 'disconnect', 'destroy']) {
      const own = thing[method];
      if (typeof own !== 'function') continue;
      thing[method] = (...given) => {
        called.push(method);
        return own.apply(thing, given);
      };
    }
    shutdown.stage(name, closable(thing), options);
    return thing;
  };
  shutdown.on('end', ({ stages }) => {
    report([called[0], ...new Set(stages.map(({ outcome }) => outcome))]);
  });
  report(await closables[name]({ ...args, stage, report, begun: shutdown.signal }));
}

module.exports = { run };
