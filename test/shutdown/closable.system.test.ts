import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { Client } from 'pg';

import { type Database, startPostgres, startRedis } from '../support/databases';
import type { Scenario } from '../support/scenario';
import { closing, endsWell, until } from './closing';

const started = (name: string): Promise<Scenario> =>
  closing(name, { postgres: postgres.folder, redis: path.join(redis.folder, 'redis') });

let postgres: Database;
let redis: Database;
let sql: Client;
let client: Redis;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), startRedis()]);
  // No Pool: its end() does not wait for the connection's, which then hears of the server's.
  sql = new Client({ host: postgres.folder, user: 'test', database: 'postgres' });
  await sql.connect();
  client = new Redis({ path: path.join(redis.folder, 'redis') });
});
afterAll(async () => {
  await sql.end();
  await client.quit();
  await Promise.all([postgres.stop(), redis.stop()]);
});

describe('closable() of', () => {
  test("pg's Pool answers the query, and PostgreSQL sees a goodbye", async () => {
    const child = await started('pg Pool');
    const pid = await child.next<number>();
    const query = 'select 1 from pg_stat_activity where pid = $1 and query like $2 and state = $3';
    await until(async () => {
      const { rowCount } = await sql.query(query, [pid, 'select pg_sleep%', 'active']);
      return rowCount === 1;
    });
    await endsWell(child, 'end');
    await until(() => Promise.resolve(postgres.log().includes(`[${pid}] LOG:  disconnection`)));
    expect(postgres.log()).not.toMatch(/unexpected EOF|could not (receive|send)|reset by peer/i);
  });

  test('ioredis waits for the replies by quit', async () => {
    const child = await started('ioredis');
    const id = await child.next<number>();
    await until(async () => (await list(id)).includes('cmd=blpop'));
    await endsWell(child, 'quit');
    expect(await client.info('commandstats')).toContain('cmdstat_quit:calls=1,');
  });

  test("BullMQ's Worker finishes its job, which no other one gets then", async () => {
    const queue = new Queue('jobs', { connection: { path: path.join(redis.folder, 'redis') } });
    const { id = '' } = await queue.add('job', {});
    const child = await started('bullmq Worker');
    expect(await child.next()).toBe(id);
    await endsWell(child, 'close');
    expect(await queue.getJobCounts('active', 'waiting', 'completed')).toEqual({
      active: 0,
      waiting: 0,
      completed: 1,
    });
    await queue.close();
  });

  test("BullMQ's Queue has added what it was to add", async () => {
    const child = await started('bullmq Queue');
    expect(await child.next()).toBe(0);
    await endsWell(child, 'close');
    const queue = new Queue('others', { connection: { path: path.join(redis.folder, 'redis') } });
    expect(await queue.getJobCounts('waiting')).toEqual({ waiting: 1 });
    await queue.close();
  });
});

async function list(id: number): Promise<string> {
  return String(await client.client('LIST', 'ID', id));
}
