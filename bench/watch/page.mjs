// The page of `npm run bench:watch`.
import { bpftraceScript, tools } from './tools.mjs';

const KINDS = {
  handled: 'SIGUSR1, which a handler takes',
  ignored: 'SIGUSR2, which it ignores',
  folded: 'a second SIGHUP while it blocks the first',
  timer: 'SIGALRM of its own timer, which ends it',
  killed: 'SIGKILL',
  outside: 'SIGTERM from a process that it did not start',
};

export function page({ date, node, kernel, machine, load, versions, runs, count, seen, costs }) {
  const names = Object.keys(seen);
  const about = (load) => [
    row(['', 'it took', 'least–most', 'its processor time', 'signals that were seen']),
    row(['---', '---:', '---:', '---:', '---:']),
    ...costs.filter((one) => one.load === load).map(costRow),
  ];
  return [
    '# Benchmark: sigbridge watch, strace, perf and bpftrace',
    '',
    'Made by `npm run bench:watch` in [one run](benchmark/watch.json); nothing here is written by hand. The same program is',
    'watched by each of these tools, in turns. [What `sigbridge watch` is for](watch.md) has a page of its own.',
    '',
    `- Date: ${date}`,
    `- Machine: ${machine}; Linux ${kernel}; load before (1, 5, 15 minutes): ${load.join(', ')}`,
    `- Node: ${node}; ${Object.entries(versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', ')}`,
    `- Runs of each: ${runs}`,
    '',
    row(['tool', 'how it is run']),
    row(['---', '---']),
    ...tools.filter(({ shown }) => shown).map(({ name, shown }) => row([name, `\`${shown} …\``])),
    '',
    'Without `-a`, perf sees what the program and its children do. With `-a`, and in bpftrace, it is the whole machine. The',
    'script for bpftrace shows all that the kernel’s two events tell:',
    '',
    '```',
    bpftraceScript(),
    '```',
    '',
    '## What each sees',
    '',
    'Each signal but the timer’s is sent by a short process that is gone at once. “Sender” is its pid, “name” its name,',
    '“ancestors” who had started it. “Outcome” is what became of the signal: that a handler took it, that it was ignored,',
    'that it was folded into one that was pending, or that it ended the process. “Arrival” alone means that the tool showed',
    'that the signal was there, and none of these.',
    '',
    row(['', ...names]),
    row(['---', ...names.map(() => '---')]),
    ...Object.entries(KINDS).map(([kind, title]) =>
      row([title, ...names.map((name) => cell(seen[name].find((one) => one.kind === kind)))]),
    ),
    '',
    `## ${count.toLocaleString('en')} signals, one after the other`,
    '',
    'Each signal is sent when the one before has been answered by its handler. The times are in seconds, medians of all runs.',
    'The processor time is that of the watched program, sender and receiver.',
    '',
    ...about('turns'),
    '',
    `## ${count.toLocaleString('en')} real-time signals at once`,
    '',
    'They are sent as fast as possible, with sigqueue(3). It ends when the last one has been handled.',
    '',
    ...about('burst'),
    '',
  ].join('\n');
}

function cell({ arrived, sender, name, ancestors, became, kind }) {
  const marks = [
    [sender, 'sender'],
    [name, 'name'],
    [ancestors && kind !== 'timer', 'ancestors'],
    [became, 'outcome'],
  ];
  const shown = marks.filter(([there]) => there).map(([, text]) => text);
  return shown.length > 0 ? shown.join(', ') : arrived ? 'arrival' : 'nothing';
}

function costRow({ tool, took, least, most, processor, counts }) {
  const seconds = (value) => value.toFixed(2);
  const seen = [...new Set(counts)].sort((one, other) => one - other);
  const text = seen.length > 1 ? `${seen[0]}–${seen.at(-1)}` : `${seen[0] ?? ''}`;
  return row([
    tool,
    `${seconds(took)} s`,
    `${seconds(least)}–${seconds(most)} s`,
    `${seconds(processor)} s`,
    text,
  ]);
}

const row = (cells) => `| ${cells.join(' | ')} |`;
