import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';

import { mongo } from 'mongoose';

import { onTestEnd } from './cleanup';

/**
 * As much of a MongoDB server as its driver needs, over TCP: it greets, agrees to all, and answers an
 * `insert` when it is told to. No such server can be had from npm or Debian.
 */
export interface Mongo {
  url: string;
  /** Resolves when an `insert` has come; what that gives answers it. */
  inserted(): Promise<() => void>;
}

const OP_QUERY = 2004;
const OP_REPLY = 1;
const OP_MSG = 2013;
const HELLO = {
  ok: 1,
  isWritablePrimary: true,
  minWireVersion: 0,
  maxWireVersion: 21,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
};

/** Until the end of the test. */
export async function startMongo(): Promise<Mongo> {
  const sockets = new Set<Socket>();
  let insert: (answer: () => void) => void;
  const inserted = new Promise<() => void>((resolve) => (insert = resolve));
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    let bytes = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      while (bytes.length >= 4 && bytes.length >= bytes.readInt32LE(0)) {
        const message = bytes.subarray(0, bytes.readInt32LE(0));
        bytes = bytes.subarray(message.length);
        const command = commandOf(message);
        const answer = (): void => void socket.write(replyTo(message, command));
        if (command === 'insert') insert(answer);
        else answer();
      }
    });
  }).listen(0, '127.0.0.1');
  onTestEnd(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `mongodb://127.0.0.1:${port}/test`, inserted: () => inserted };
}

// Of an OP_QUERY, which only greets, the document is behind a name and two numbers; of an OP_MSG in its
// first section.
function commandOf(message: Buffer): string | undefined {
  const first = message.readInt32LE(12) === OP_QUERY ? message.indexOf(0, 20) + 1 + 8 : 21;
  const document = message.subarray(first, first + message.readInt32LE(first));
  return Object.keys(mongo.BSON.deserialize(document))[0];
}

function replyTo(message: Buffer, command: string | undefined): Buffer {
  const greeting = command?.toLowerCase() === 'ismaster' || command === 'hello';
  const document = mongo.BSON.serialize(greeting ? HELLO : { ok: 1, n: 1 });
  const asked = message.readInt32LE(12) === OP_QUERY;
  const head = Buffer.alloc(asked ? 36 : 21);
  head.writeInt32LE(head.length + document.length, 0);
  head.writeInt32LE(message.readInt32LE(4), 8);
  head.writeInt32LE(asked ? OP_REPLY : OP_MSG, 12);
  if (asked) head.writeInt32LE(1, 32); // one document
  return Buffer.concat([head, document]);
}
