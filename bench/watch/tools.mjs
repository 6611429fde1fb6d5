// Those that are watched with, and what each says of one signal.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const script = fileURLToPath(new URL('signals.bt', import.meta.url));
const sigbridge = fileURLToPath(new URL('../../bin/sigbridge', import.meta.url));
const KERNEL_EVENTS = 'signal:*';

/** Whoever ends by a signal is, for the kernel's own record, ended by 9. */
const isDeadly = ({ kind }) => ['outside', 'timer', 'killed'].includes(kind);
const at = (lines, ...words) => lines.filter((line) => words.every((word) => word.test(line)));
const word = (text) => new RegExp(`\\b${text}\\b`);

// Of generated and delivered signals, as perf and bpftrace tell them.
function byEvents(sent, taken, sender, result, handled) {
  return (text, one) => {
    const lines = text.split('\n');
    const arrived = at(lines, sent(one));
    const ended = isDeadly(one) ? at(lines, taken({ ...one, number: 9 })).length > 0 : false;
    const became = {
      handled: () => at(lines, taken(one), handled).length > 0,
      ignored: () => at(arrived, result(1)).length > 0,
      folded: () => at(arrived, result(2)).length > 0,
    }[one.kind];
    return {
      arrived: arrived.length > 0,
      sender: one.sender > 0 && at(arrived, sender(one)).length > 0,
      name: at(arrived, /culprit/).length > 0,
      ancestors: false,
      became: arrived.length > 0 && (became?.() ?? ended),
    };
  };
}

const perf = byEvents(
  ({ number, target }) => new RegExp(`generate\\(sig: ${number},.* pid: ${target} `),
  ({ number, target }) => new RegExp(`/${target} signal:signal_deliver\\(sig: ${number}\\b`),
  ({ sender }) => new RegExp(`/${sender} `),
  (value) => new RegExp(`result: ${value}\\b`),
  /sa_handler: [1-9]/,
);

/** `words(file, command)`: what is run, and leaves its record in the file; `count`: how many of a signal it has. */
export const tools = [
  { name: 'alone', words: (_file, command) => command },
  {
    name: 'sigbridge watch',
    // What it shows stands beside the command's standard error.
    words: (file, command) => [
      ...['sh', '-c', 'file=$1; shift; exec "$@" 2>"$file"', 'sh', file],
      ...[process.execPath, sigbridge, 'watch', '--json', '--exec', ...command],
    ],
    shown: 'sigbridge watch --exec',
    // One that was pending for a while is told twice.
    count: (text, number) =>
      new Set(
        linesOf(text)
          .filter((one) => one.number === number)
          .map(({ id }) => id),
      ).size,
    read: (text, { kind, number, target, sender }) => {
      const all = linesOf(text).filter(
        (one) => one.number === number && one.target?.pid === target,
      );
      const one = kind === 'folded' ? all.find(({ outcome }) => outcome === 'merged') : all[0];
      const outcomes = { handled: 'handled', ignored: 'ignored', folded: 'merged' };
      return {
        arrived: one !== undefined,
        sender: sender > 0 && one?.sender?.pid === sender,
        name: one?.sender?.command.includes('culprit') ?? false,
        ancestors: (one?.sender?.ancestors.length ?? 0) > 0,
        became: all.some(({ outcome }) => outcome === (outcomes[kind] ?? 'killed')),
      };
    },
  },
  {
    name: 'strace',
    words: (file, command) => [
      ...['strace', '-f', '-q', '-o', file, '-e', 'trace=none', '-e', 'signal=all', ...command],
    ],
    shown: 'strace -f -e trace=none -e signal=all',
    count: (text, _number, signal) => at(text.split('\n'), new RegExp(`--- ${signal} `)).length,
    read: (text, { kind, signal, target, sender }) => {
      const own = at(text.split('\n'), new RegExp(`^${target} `), word(signal));
      const arrivals = at(own, /---/);
      return {
        arrived: (kind === 'folded' ? arrivals.slice(1) : own).length > 0,
        sender: sender > 0 && at(own, word(`si_pid=${sender}`)).length > 0,
        name: at(own, /culprit/).length > 0,
        ancestors: false,
        became: at(own, /killed by/).length > 0,
      };
    },
  },
  {
    name: 'perf trace',
    words: (file, command) => [
      ...['perf', 'trace', '--no-syscalls', '-e', KERNEL_EVENTS, '-o', file, ...command],
    ],
    shown: "perf trace --no-syscalls -e 'signal:*'",
    count: countOfPerf,
    read: perf,
  },
  {
    name: 'perf trace -a',
    words: (file, command) => [
      ...['perf', 'trace', '-a', '--no-syscalls', '-e', KERNEL_EVENTS, '-o', file, ...command],
    ],
    shown: "perf trace -a --no-syscalls -e 'signal:*'",
    count: countOfPerf,
    read: perf,
  },
  {
    name: 'bpftrace',
    words: (file, command) => ['bpftrace', '-q', '-o', file, script, '-c', command.join(' ')],
    shown: 'bpftrace signals.bt -c',
    count: (text, number) => at(text.split('\n'), new RegExp(`^sent ${number} `)).length,
    read: byEvents(
      ({ number, target }) => new RegExp(`^sent ${number} to ${target} `),
      ({ number, target }) => new RegExp(`^taken ${number} by ${target} `),
      ({ sender }) => word(`by ${sender}`),
      (value) => word(`result ${value}`),
      /handler [1-9a-f][0-9a-f]+/,
    ),
  },
];

export const bpftraceScript = () => readFileSync(script, 'utf8').trimEnd();

function countOfPerf(text, number) {
  return at(text.split('\n'), new RegExp(`generate\\(sig: ${number},`)).length;
}

function linesOf(text) {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{"id"'))
    .map((line) => JSON.parse(line));
}
