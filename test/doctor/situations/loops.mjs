// Node: event loops at rest, at work, and stuck.
import { node, HEARD, READY, listens, FOREVER, byKey, term } from './common.mjs';

export const loops = [
  {
    name: 'Node without a listener',
    start: node(`${FOREVER} ${READY}`),
    says: 'ready',
    ...term,
    really: 'ends',
  },
  {
    name: 'Node with a listener',
    start: node(`${listens('SIGTERM')} ${FOREVER} ${READY}`),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Node, a loop that works without a pause',
    start: node(`${listens('SIGTERM')} ${READY} (function work() { setImmediate(work) })()`),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Node, a loop that works in pieces',
    start: node(
      `${listens('SIGTERM')} ${READY} (function work() { for (const end = performance.now() + 60; performance.now() < end;); setImmediate(work) })()`,
    ),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Node, a loop that is blocked',
    start: node(`${listens('SIGTERM')} setTimeout(() => { ${READY} for (;;); })`),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node, a loop that is blocked and sets timers',
    start: node(
      `${listens('SIGTERM')} setTimeout(() => { ${READY} for (;;) clearTimeout(setTimeout(() => {}, 1e6)); })`,
    ),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node, a loop that promises block',
    start: node(`${listens('SIGTERM')} setTimeout(async () => { ${READY} for (;;) await null; })`),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node, a blocked loop without a listener',
    start: node(`setTimeout(() => { ${READY} for (;;); })`),
    says: 'ready',
    ...term,
    really: 'ends',
  },
  {
    name: 'Node in execSync',
    start: node(
      `${listens('SIGTERM')} setTimeout(() => { ${READY} child_process.execSync('sleep 600'); })`,
    ),
    says: 'ready',
    below: ['sh'],
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node in a synchronous read',
    start: node(
      `${listens('SIGTERM')} setTimeout(() => { ${READY} fs.readSync(0, Buffer.alloc(1)); })`,
    ),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node in Atomics.wait',
    start: node(
      `${listens('SIGTERM')} setTimeout(() => { ${READY} Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); })`,
    ),
    says: 'ready',
    ...term,
    really: 'nothing',
  },
  {
    name: 'Node, a worker that works without a pause',
    start: node(
      `${listens('SIGTERM')} new worker_threads.Worker('for (;;);', { eval: true }).on('online', () => { ${READY} })`,
    ),
    says: 'ready',
    ...term,
    really: 'runs',
  },
  {
    name: 'Node that reads single keys',
    start: node(`process.stdin.setRawMode(true).on('data', () => { ${HEARD} }); ${READY}`),
    says: 'ready',
    ...byKey,
    really: 'runs',
  },
  {
    name: 'Node, and a broken pipe',
    start: node(`${FOREVER} ${READY}`),
    says: 'ready',
    signal: 'SIGPIPE',
    by: 'kill',
    really: 'nothing',
  },
];
