import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Channel, connect } from 'amqplib';
import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs';

import { type Broker, startKafka, startRabbit } from '../support/brokers';
import type { Scenario } from '../support/scenario';
import { closing, endsWell, until } from './closing';

let rabbit: Broker;
let kafka: Broker;
let slowKafka: Broker;

beforeAll(async () => {
  [rabbit, kafka, slowKafka] = await Promise.all([startRabbit(), startKafka(0), startKafka(500)]);
});
afterAll(async () => {
  await Promise.all([rabbit.stop(), kafka.stop(), slowKafka.stop()]);
});

const started = (name: string, broker: Broker): Promise<Scenario> =>
  closing(name, { broker: broker.address });

async function withChannel(task: (channel: Channel) => Promise<void>): Promise<void> {
  const connection = await connect(rabbit.address);
  await task(await connection.createChannel());
  await connection.close();
}

describe('closable() of', () => {
  test("amqplib's channel, then its connection: RabbitMQ has all that was published", async () => {
    const child = await started('amqplib channel', rabbit);
    expect(await child.next()).toBe(0);
    await endsWell(child, 'close');
    await withChannel(async (channel) => {
      expect(await channel.checkQueue('published')).toMatchObject({ messageCount: 5_000 });
    });
    expect(rabbit.log()).not.toMatch(/client unexpectedly closed|abruptly/);
  });

  test("amqplib's connection: what a consumer has taken, and not acknowledged, goes to another one", async () => {
    const child = await started('amqplib connection', rabbit);
    await withChannel(async (channel) => {
      await channel.assertQueue('taken');
      channel.sendToQueue('taken', Buffer.from('job'));
      expect(await child.next()).toBe(1);
      await endsWell(child, 'close');
      await until(async () => (await channel.checkQueue('taken')).messageCount === 1);
      const message = await channel.get('taken', { noAck: true });
      expect(message).toMatchObject({ fields: { redelivered: true } });
    });
    expect(rabbit.log()).not.toMatch(/client unexpectedly closed|abruptly/);
  });

  test("kafkajs's producer has the answer for what it has sent", async () => {
    const child = await started('kafkajs producer', slowKafka);
    expect(await child.next()).toBe(0);
    await endsWell(child, 'disconnect');
    const { admin, end } = await adminOf(slowKafka);
    expect(await admin.fetchTopicOffsets('jobs')).toMatchObject([{ high: '2' }]);
    await end();
  });

  test("kafkajs's consumer finishes its message, and no other one gets that", async () => {
    const { admin, producer, end } = await adminOf(kafka);
    await producer.connect();
    await producer.send({ topic: 'jobs', messages: [{ value: 'first' }, { value: 'second' }] });
    const child = await started('kafkajs consumer', kafka);
    expect(await child.next()).toBe('0');
    await endsWell(child, 'disconnect');
    const offsets = await admin.fetchOffsets({ groupId: 'test', topics: ['jobs'] });
    expect(offsets).toMatchObject([{ partitions: [{ partition: 0, offset: '1' }] }]);
    await end();
  });
});

interface Asking {
  admin: Admin;
  producer: Producer;
  end: () => Promise<void>;
}

async function adminOf({ address }: Broker): Promise<Asking> {
  const client = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  const admin = client.admin();
  const producer = client.producer();
  await admin.connect();
  const end = async (): Promise<void> => {
    await Promise.all([admin.disconnect(), producer.disconnect()]);
  };
  return { admin, producer, end };
}
