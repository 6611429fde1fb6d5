'use strict';

// Builds the driver and every receiver that can be built here. A peer that cannot be is named with
// the reason, never left out in silence.
const { execFileSync } = require('node:child_process');
const { existsSync, mkdirSync } = require('node:fs');
const path = require('node:path');

const BUILD = path.join(__dirname, 'build');
const inBuild = (name) => path.join(BUILD, name);

/** Where Debian's packages of Rust libraries lie. */
const CRATES = '/usr/share/cargo/registry';

const SIGUSR2 = 12;
const REALTIME = 40; // SIGRTMIN+6

const c = (name) => () =>
  run('cc', ['-O2', '-Wall', '-pthread', '-o', inBuild(name), path.join(__dirname, `${name}.c`)]);

/**
 * `burst`: the signal that it is sent by the ten thousand; where it knows none that queues, SIGUSR2.
 * `churn`: what registers and unregisters all the time.
 */
const PEERS = [
  {
    name: 'sigbridge',
    argv: [process.execPath, script('receiver.js')],
    rest: ['sigbridge'],
    churn: { name: 'sigbridge', argv: [process.execPath, script('churn.js'), 'sigbridge'] },
  },
  {
    name: 'process.on',
    argv: [process.execPath, script('receiver.js')],
    rest: ['process'],
    burst: SIGUSR2,
    churn: { name: 'process.on', argv: [process.execPath, script('churn.js'), 'process'] },
  },
  {
    name: 'Python asyncio',
    build: () => run('python3', ['--version']),
    argv: ['python3', script('receiver.py')],
    churn: { name: 'Python signal.signal', argv: ['python3', script('churn.py')] },
  },
  {
    name: 'Go signal.Notify',
    build: buildGo,
    argv: [inBuild('receiver-go')],
    churn: { name: 'Go signal.Notify, Stop', argv: [inBuild('churn-go')] },
  },
  { name: 'Rust signal-hook', build: buildRust, argv: [inBuild('rust/release/receiver')] },
  {
    name: 'C handler, eventfd',
    build: c('receiver_eventfd'),
    argv: [inBuild('receiver_eventfd')],
  },
  {
    name: 'C sigwaitinfo',
    build: c('receiver_sigwaitinfo'),
    argv: [inBuild('receiver_sigwaitinfo')],
  },
];

function script(name) {
  return path.join(__dirname, name);
}

function run(command, args, options) {
  execFileSync(command, args, { stdio: ['ignore', 'ignore', 'pipe'], ...options });
}

function buildGo() {
  const options = {
    cwd: path.join(__dirname, 'go'),
    env: { ...process.env, GOFLAGS: '-mod=mod', GOPROXY: 'off', GOCACHE: inBuild('go-cache') },
  };
  run('go', ['build', '-o', inBuild('receiver-go'), '.'], options);
  run('go', ['build', '-o', inBuild('churn-go'), './churn'], options);
}

function buildRust() {
  if (!existsSync(CRATES)) throw new Error(`${CRATES} is missing (librust-signal-hook-dev)`);
  const source = (key, value) => ['--config', `source.${key}=${value}`];
  // Debian's compiler fits Debian's libraries; another one on the path may be of any age.
  const cargo = existsSync('/usr/bin/cargo') ? '/usr/bin/cargo' : 'cargo';
  const rustc = existsSync('/usr/bin/rustc') ? '/usr/bin/rustc' : 'rustc';
  run(
    cargo,
    [
      ...['build', '--release', '--offline', '--quiet', '--target-dir', inBuild('rust')],
      ...source('crates-io.replace-with', '"debian"'),
      ...source('debian.directory', `"${CRATES}"`),
    ],
    { cwd: path.join(__dirname, 'rust'), env: { ...process.env, RUSTC: rustc } },
  );
}

/** The peers that can run here, and for those that cannot: why. */
function buildPeers() {
  mkdirSync(BUILD, { recursive: true });
  c('driver')();
  const missing = [];
  const present = PEERS.filter((peer) => {
    try {
      peer.build?.();
      return true;
    } catch (error) {
      const reason = error.stderr?.toString().trim().split('\n').at(-1) || error.message;
      missing.push({ name: peer.name, reason });
      return false;
    }
  });
  return { present, missing };
}

/** What the driver says of `count` signals to a receiver. */
function drive(mode, signal, count, receiver) {
  const args = [mode, String(signal), String(count), '--', ...receiver];
  // What a peer says on its standard error while it loses signals is part of its way; the count tells.
  const output = execFileSync(inBuild('driver'), args, { stdio: ['ignore', 'pipe', 'ignore'] });
  return JSON.parse(output);
}

/** `latency` or `burst`. */
function send(mode, signal, count, { argv, rest = [] }) {
  return drive(mode, signal, count, [...argv, mode, String(signal), ...rest]);
}

/** To a receiver that comes and goes: `flood` or `ask`. */
function sendToChurn(mode, signal, count, { argv }) {
  return drive(mode, signal, count, [...argv, String(signal)]);
}

module.exports = { buildPeers, REALTIME, send, sendToChurn, SIGUSR2 };
