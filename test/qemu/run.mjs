// npm run test:qemu: the core on processors that this machine has not, arm64 and s390x, whose bytes run the
// other way. Cross-compiled by Debian's compilers, run by qemu-user with a Node of that processor from npm.
// What is killed, and by what, is seen by a parent of this machine's own.
import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { compile } from '../../scripts/release/build.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const work = path.join(root, '.cache/qemu');

/** `node` is what npm names it by; each the newest that there is. */
const processors = [
  { cpu: 'arm64', triple: 'aarch64-linux-gnu', qemu: 'qemu-aarch64-static', node: '22' },
  { cpu: 's390x', triple: 's390x-linux-gnu', qemu: 'qemu-s390x-static', node: '20' },
];

/**
 * Of test/versions, those that start no further program of their processor: no kernel here would run it. A
 * real-time signal is ignored from the start; for what runs in qemu-user it is SIGRTMIN+3, as its 32 and 33,
 * which its C library uses, are two of the host's free ones.
 */
const CHAPTERS = ['core', 'process-on', 'workers'];

function fetchNodes() {
  const binary = ({ cpu }) => path.join(work, `node_modules/node-${cpu}/bin/node`);
  if (!processors.every((one) => fs.existsSync(binary(one)))) {
    fs.mkdirSync(work, { recursive: true });
    fs.writeFileSync(path.join(work, 'package.json'), '{ "private": true }\n');
    const packages = processors.map(({ cpu, node }) => `node-${cpu}@npm:node-linux-${cpu}@${node}`);
    // By force: they are not for this processor.
    const options = ['--force', '--ignore-scripts', '--no-audit', '--no-fund'];
    execFileSync('npm', ['install', '--prefix', work, ...options, ...packages], {
      stdio: 'inherit',
    });
  }
  return binary;
}

/** The package as it is installed: what `require('sigbridge')` finds from the scenarios in it. */
function install({ cpu, triple }) {
  const folder = path.join(work, cpu);
  compile(path.join(folder, 'build-here'), cpu, { CC: `${triple}-gcc`, CXX: `${triple}-g++` });
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

function check(one, node) {
  const copy = install(one);
  const run = (argv, prefix = []) => {
    const [command, ...args] = [...prefix, one.qemu, '-L', `/usr/${one.triple}`, ...argv];
    const options = { cwd: copy, encoding: 'utf8', timeout: 120_000, killSignal: 'SIGKILL' };
    const ended = spawnSync(command, args, options);
    if (ended.error) throw ended.error;
    return ended;
  };
  const says = (what, ended, expected) => {
    const { status, signal, stderr } = ended;
    assert.equal(signal ?? status, expected, `${what}: ${stderr}`);
    console.log(`  ok: ${what}: ${expected}`);
  };

  assert.equal(run([node, '-p', 'process.arch']).stdout.trim(), one.cpu);
  for (const chapter of CHAPTERS) {
    const scenario = (...name) =>
      run([node, 'scenarios/one.cjs', chapter, ...name], ['env', '--ignore-signal=RTMIN+5']);
    for (const name of JSON.parse(scenario().stdout)) says(name, scenario(name), 0);
  }
  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGKILL']) {
    const code = `require('sigbridge').exitBySignal('${signal}')`;
    says('exitBySignal, as its parent sees it', run([node, '-e', code]), signal);
  }
  const launcher = path.join(copy, 'build/Release/sigbridge-run');
  const ignored = ['env', '--ignore-signal=TERM'];
  const kill = ['sh', '-c', 'kill -TERM $$; exit 5'];
  says('the ignore is inherited without the launcher', run([launcher, '--', ...kill], ignored), 5);
  const reset = ['--default', 'SIGTERM', '--', ...kill];
  says('the launcher resets it', run([launcher, ...reset], ignored), 'SIGTERM');
  says(
    'as an init, it exits as its command',
    run([launcher, '--init', '--', 'sh', '-c', 'exit 7']),
    7,
  );
}

const binary = fetchNodes();
for (const one of processors) {
  console.log(`\n${one.cpu}`);
  check(one, binary(one));
}
