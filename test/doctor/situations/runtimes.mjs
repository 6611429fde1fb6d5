// The same questions to each JavaScript runtime: at rest, at work, blocked.
import { runtimes } from '../../../scripts/fetch-runtimes.mjs';
import { term } from './common.mjs';
import { debianNode } from '../debian-node.mjs';

const SCRIPTS = {
  rest: 'setInterval(() => {}, 1e6)',
  work: '(function work() { setImmediate(work) })()',
  pieces:
    '(function work() { for (const end = performance.now() + 60; performance.now() < end;); setImmediate(work) })()',
  blocked: 'setTimeout(() => { for (;;); })',
  reading: "setTimeout(() => { require('fs').readSync(0, Buffer.alloc(1)) })",
};
const DENO = {
  ...SCRIPTS,
  work: '(function work() { setTimeout(work) })()',
  pieces:
    '(function work() { for (const end = performance.now() + 60; performance.now() < end;); setTimeout(work) })()',
  reading: 'setTimeout(() => { Deno.stdin.readSync(new Uint8Array(1)) })',
};
const listener = (name) =>
  name === 'deno'
    ? "Deno.addSignalListener('SIGTERM', () => console.log('heard')); console.log('ready');"
    : "process.on('SIGTERM', () => require('fs').writeSync(1, 'heard')); require('fs').writeSync(1, 'ready');";

const NAMES = {
  rest: 'at rest',
  work: 'a loop that works without a pause',
  pieces: 'a loop that works in pieces',
  blocked: 'a loop that is blocked',
  reading: 'a synchronous read',
};

/** Of each Node's major version the newest, and the newest Deno and Bun. */
export const tried = runtimes
  .filter(({ older }) => !older)
  .filter(({ kind, version }, index, all) => {
    const line = kind === 'node' ? `${kind} ${parseInt(version)}` : kind;
    return !all.slice(index + 1).some((later) => `${later.kind} ${later.version}`.startsWith(line));
  });

const all = [
  ...tried.map(({ kind, version, binary }) => ({
    name: kind === 'node' ? `node${parseInt(version)}` : kind,
    words: [binary],
  })),
  { name: 'node18 (Debian’s, a libuv of its own)', words: debianNode() },
];

export const everyRuntime = all.flatMap(({ name, words }) => {
  const scripts = name === 'deno' ? DENO : SCRIPTS;
  const start = (script) => [...words, ...(name === 'deno' ? ['eval'] : ['-e']), script];
  const who = [name === 'deno' || name === 'bun' ? name : 'node'];
  return [
    {
      name: `${name}, no listener`,
      start: start(scripts.rest),
      who,
      ...term,
      really: 'ends',
    },
    ...Object.entries(NAMES).map(([key, what]) => ({
      name: `${name}, a listener, ${what}`,
      start: start(`${listener(name)} ${scripts[key]}`),
      who,
      says: 'ready',
      ...term,
      really: key === 'blocked' || key === 'reading' ? 'nothing' : 'runs',
    })),
  ];
});
