import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';

import { type Database, newFolder, startServer } from './databases';

/** A broker of Debian's on a port of 127.0.0.1. */
export interface Broker extends Database {
  address: string;
}

/** RabbitMQ, with all that it writes in a folder of its own. */
export async function startRabbit(): Promise<Broker> {
  const folder = newFolder();
  const [port, between, mapper] = await freePorts();
  const inside = (name: string): string => path.join(folder, name);
  const lines = [
    `listeners.tcp.1 = 127.0.0.1:${port}`,
    'log.console = true',
    'log.console.level = info',
    'log.file = false',
  ];
  fs.writeFileSync(inside('rabbitmq.conf'), lines.join('\n'));
  const env = {
    ...process.env,
    HOME: folder,
    ERL_EPMD_PORT: String(mapper),
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: `test${port}@localhost`,
    RABBITMQ_DIST_PORT: String(between),
    RABBITMQ_CONF_ENV_FILE: '/dev/null',
    RABBITMQ_CONFIG_FILE: inside('rabbitmq.conf'),
    RABBITMQ_MNESIA_BASE: inside('data'),
    RABBITMQ_LOG_BASE: folder,
    RABBITMQ_ENABLED_PLUGINS_FILE: inside('plugins'),
    RABBITMQ_PID_FILE: inside('pid'),
  };
  // Debian's own command would become the user that its package has made.
  const rabbit = await startServer('/usr/lib/rabbitmq/bin/rabbitmq-server', [], {
    folder,
    user: null,
    env,
    ready: 'Server startup complete',
    end: 'SIGTERM',
  });
  return {
    ...rabbit,
    address: `amqp://127.0.0.1:${port}`,
    async stop() {
      await rabbit.stop();
      // It has started that one by itself, and leaves it.
      execFileSync('epmd', ['-kill'], { env, stdio: 'ignore' });
    },
  };
}

/**
 * The broker that librdkafka has for tests, Kafka's protocol by others than kafkajs, with one topic:
 * `jobs`. It answers after `answersAfterMs`.
 */
export async function startKafka(answersAfterMs: number): Promise<Broker> {
  const script = path.join(__dirname, 'kafka.py');
  const kafka = await startServer('python3', [script, 'jobs', String(answersAfterMs)], {
    folder: newFolder(),
    user: null,
    ready: '\n',
    end: 'SIGTERM',
  });
  return { ...kafka, address: /^127.*$/m.exec(kafka.log())?.[0] ?? '' };
}

async function freePorts(): Promise<number[]> {
  const servers = [1, 2, 3].map(() => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
