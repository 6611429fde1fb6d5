// npm run bench:watch [-- --install] [-- --check] [-- RUNS]: a program that is watched by each of those that can, in
// turns: what each sees of one signal of each kind, and what 10,000 signals cost the program. Writes
// docs/benchmark/watch.json, and from that docs/benchmark-watch.md. Needs root; `--install` gets Debian's packages;
// `--check` writes nothing, and fails where sigbridge misses anything.
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { linkSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, tmpdir } from 'node:os';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { page } from './page.mjs';
import { tools } from './tools.mjs';

const PACKAGES = ['strace', 'linux-perf', 'bpftrace'];
const COUNT = 10_000;
const LOADS = [
  { name: 'turns', number: 10, signal: 'SIGUSR1' },
  { name: 'burst', number: 34, signal: 'SIGRT_2' },
];
const NAMES = {
  1: 'SIGHUP',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  12: 'SIGUSR2',
  14: 'SIGALRM',
  15: 'SIGTERM',
};

const words = process.argv.slice(2);
const runs = Number(
  words.find((word) => /^\d+$/.test(word)) ?? (words.includes('--check') ? 1 : 7),
);

function versionOf(name) {
  const { status, stdout } = spawnSync('dpkg-query', ['-W', '-f', '${Version}', name]);
  return status === 0 ? String(stdout) : '';
}

if (words.includes('--install')) {
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  execFileSync('apt-get', ['update', '-qq'], options);
  execFileSync(
    'apt-get',
    ['install', '-qq', '-y', '--no-install-recommends', ...PACKAGES],
    options,
  );
}
const missing = PACKAGES.filter((name) => versionOf(name) === '');
if (missing.length > 0 || process.getuid?.() !== 0) {
  console.error(
    `This needs root and Debian's ${PACKAGES.join(', ')}: npm run bench:watch -- --install`,
  );
  process.exit(1);
}

const folder = mkdtempSync(`${tmpdir()}/sigbridge-watch-`);
process.on('exit', () => rmSync(folder, { recursive: true }));
const [subject, culprit, record] = ['subject', 'culprit', 'record'].map(
  (name) => `${folder}/${name}`,
);
const source = fileURLToPath(new URL('subject.c', import.meta.url));
execFileSync(process.env.CC ?? 'cc', ['-O2', '-Wall', '-Wextra', '-Werror', '-o', subject, source]);
linkSync(subject, culprit);

/** Runs the subject under a tool; `onLine` gets what it says. */
async function under(tool, options, onLine) {
  // In a mount namespace of its own: perf and bpftrace need it, and perf would leave it mounted.
  const script = 'mount -t tracefs tracefs /sys/kernel/tracing; exec "$@"';
  const command = tool.words(record, [subject, ...options]);
  const child = spawn('unshare', ['-m', 'sh', '-c', script, 'sh', ...command], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('{')) onLine(JSON.parse(line));
  }
  const [code] = await ended;
  if (code !== 0) throw new Error(`${tool.name}: it ended with ${code}`);
  return tool.name === 'alone' ? '' : readFileSync(record, 'latin1');
}

/** From a process that the subject did not start. */
function blame({ target, number }) {
  const script = 'echo $$; exec "$@"';
  const argv = ['-c', script, 'sh', culprit, String(target), String(number)];
  return Number(execFileSync('sh', argv));
}

async function kindsOf(tool) {
  const kinds = [];
  const text = await under(tool, ['kinds', culprit], (one) => {
    if (one.kind === 'outside') one.sender = blame(one);
    kinds.push({ ...one, signal: NAMES[one.number] });
  });
  return kinds.map((one) => ({ kind: one.kind, signal: one.signal, ...tool.read(text, one) }));
}

const median = (values) => [...values].sort((one, other) => one - other)[values.length >> 1];
const load = loadavg().map((value) => value.toFixed(1));
const watching = tools.filter(({ read }) => read !== undefined);
const seen = {};
for (const tool of watching) {
  seen[tool.name] = await kindsOf(tool);
  console.log(tool.name, JSON.stringify(seen[tool.name]));
}
const costs = [];
for (const { name, number, signal } of LOADS) {
  const all = Object.fromEntries(tools.map((tool) => [tool.name, []]));
  for (let i = 0; i < runs; i++) {
    for (const tool of tools) {
      let figures;
      const text = await under(tool, [name, String(COUNT)], (one) => (figures = one));
      all[tool.name].push({ ...figures, count: tool.count?.(text, number, signal) ?? null });
    }
  }
  for (const tool of tools) {
    const took = all[tool.name].map((one) => one.took);
    costs.push({
      load: name,
      tool: tool.name,
      took: median(took),
      least: Math.min(...took),
      most: Math.max(...took),
      processor: median(all[tool.name].map((one) => one.processor)),
      counts: all[tool.name].map(({ count }) => count),
    });
    console.log(JSON.stringify(costs.at(-1)));
  }
}
if (words.includes('--check')) {
  const own = 'sigbridge watch';
  const isBlind = ({ kind, arrived, sender, name, ancestors, became }) =>
    !arrived || !became || (kind !== 'timer' && !(sender && name && ancestors));
  const misses = [
    ...seen[own].filter(isBlind),
    ...costs.filter(({ tool, counts }) => tool === own && counts.some((count) => count !== COUNT)),
  ];
  for (const miss of misses) console.error(`missed: ${JSON.stringify(miss)}`);
  process.exit(misses.length > 0 ? 1 : 0);
}
const result = {
  date: new Date().toISOString(),
  node: process.version,
  kernel: release(),
  machine: `${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores`,
  load,
  versions: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  runs,
  count: COUNT,
  seen,
  costs,
};
const docs = new URL('../../docs/', import.meta.url);
const files = ['benchmark/watch.json', 'benchmark-watch.md'].map((name) => new URL(name, docs));
writeFileSync(files[0], `${JSON.stringify(result, null, 2)}\n`);
writeFileSync(files[1], page(result));
execFileSync('npx', ['prettier', '--write', ...files.map(fileURLToPath)], { stdio: 'inherit' });
