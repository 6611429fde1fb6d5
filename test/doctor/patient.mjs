// One situation, made for real: processes on a terminal or pipes of their own, that do not outlive it.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pass } from 'node:timers/promises';
import pty from 'node-pty';

const KEYS = { SIGINT: '\x03', SIGQUIT: '\x1c', SIGTSTP: '\x1a' };
/** Linux, with glibc: signal(7). */
const REAL_TIME = { 'SIGRTMIN+5': 39 };
const LONG_MS = 60_000;
/** A process that has not moved for so long has come to where it stays. */
const REST_MS = 120;

export class Patient {
  #situation;
  #text = '';
  #child;
  #terminal;
  #folder;
  #seen = new Set();

  static async start(situation) {
    const patient = new Patient();
    patient.#situation = situation;
    patient.#folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-corpus-'));
    const { scripts, files = {}, stdin, start, by, types } = situation;
    for (const [name, text] of Object.entries(files)) {
      fs.writeFileSync(path.join(patient.#folder, name), text);
    }
    if (scripts) {
      fs.writeFileSync(path.join(patient.#folder, 'package.json'), JSON.stringify({ scripts }));
    }
    const listener = (chunk) => (patient.#text += String(chunk));
    if (by === 'key' || types !== undefined) patient.#onTerminal(start, stdin, listener);
    else patient.#onPipes(start, listener);
    return patient;
  }

  #onTerminal([command, ...argv], stdin, listener) {
    if (stdin !== undefined) {
      // Who reads its program from its input leaves the terminal to it.
      const file = path.join(this.#folder, 'input');
      fs.writeFileSync(file, stdin);
      argv = ['-c', `exec "$@" < ${file}`, 'sh', command, ...argv];
      command = '/bin/sh';
    }
    const options = { cwd: this.#folder, env: environment() };
    this.#terminal = pty.spawn(command, argv, options);
    this.#terminal.onData(listener);
  }

  #onPipes(start, listener) {
    // In a session of its own, as a service has it; the leading env undoes what we may have inherited.
    const argv = ['--default-signal', ...start];
    const stdio = ['pipe', 'pipe', 'pipe'];
    this.#child = spawn('env', argv, {
      cwd: this.#folder,
      env: environment(),
      stdio,
      detached: true,
    });
    this.#child.stdout.on('data', listener);
    this.#child.stderr.on('data', listener);
  }

  get #root() {
    return this.#terminal?.pid ?? this.#child.pid;
  }

  /** The pid of the process in question, when all has come to where it stays. */
  async ready() {
    const { who = [], below = [], says, thread, start, types } = this.#situation;
    const names = who.length > 0 ? who : [nameOf(start[0])];
    const [first, ...rest] = names;
    let pid = this.#root;
    await until(() => isCalled(pid, first), `${first}`);
    if (types !== undefined) {
      await settled(pid);
      this.#terminal.write(`${types}\r`);
    }
    for (const name of rest) pid = await childOf(pid, name);
    let deepest = pid;
    for (const name of below) deepest = await childOf(deepest, name);
    if (says !== undefined) await until(() => this.#text.includes(says), `${first} to say ${says}`);
    if (thread !== undefined)
      await until(() => threads(pid).some((one) => one.startsWith(thread)), thread);
    for (const one of new Set([this.#root, pid, deepest])) await settled(one);
    this.#note();
    return pid;
  }

  async stop(pid, signal) {
    this.send(pid, signal);
    await until(() => stateOf(pid) === 'T', `${pid} to stop`);
  }

  /** As test/support/kill.ts: what is no process of ours is refused. */
  send(pid, signal) {
    if (!this.#seen.has(pid)) throw new Error(`${pid} is not of this situation`);
    // eslint-disable-next-line no-restricted-syntax
    process.kill(pid, os.constants.signals[signal] ?? REAL_TIME[signal]);
  }

  press(signal) {
    this.#terminal.write(KEYS[signal]);
  }

  forget() {
    this.#text = '';
  }

  #note() {
    for (const pid of [this.#root, ...descendants(this.#root)]) this.#seen.add(pid);
  }

  outcome(pid) {
    if (this.#text.includes('heard')) return 'runs';
    const state = this.state(pid);
    if (state === 'gone') return 'ends';
    return state === 'T' && !this.#situation.before ? 'stops' : 'nothing';
  }

  /** 'gone', or the letter of proc_pid_stat(5). */
  state(pid) {
    const state = stateOf(pid);
    return state === '' || state === 'Z' || state === 'X' ? 'gone' : state;
  }

  #quietly(pid) {
    try {
      this.#seen.add(pid);
      this.send(pid, 'SIGKILL');
    } catch {
      // Gone already.
    }
  }

  /** With all that it has started. */
  end() {
    this.#note();
    // The first leads a session of its own, and who has left that was seen before.
    for (const pid of processes()) {
      if (this.#seen.has(pid) || fields(pid)?.session === this.#root) this.#quietly(pid);
    }
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

function environment() {
  return { ...process.env, PS1: '$ ', SHELL: '/bin/sh' };
}

function nameOf(command) {
  return path.basename(command).slice(0, 15);
}

function read(file) {
  try {
    return fs.readFileSync(file, 'latin1');
  } catch {
    return '';
  }
}

function fields(pid) {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === '') return null;
  const [state, parent, , session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { state, parent: Number(parent), session: Number(session) };
}

function stateOf(pid) {
  return fields(pid)?.state ?? '';
}

function comm(pid) {
  return read(`/proc/${pid}/comm`).trim();
}

// Node 26 calls its first thread otherwise.
function isCalled(pid, name) {
  const [command] = read(`/proc/${pid}/cmdline`).split('\0');
  return comm(pid) === name || nameOf(command) === name;
}

function processes() {
  return fs
    .readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number);
}

function childrenOf(parent) {
  return processes().filter((pid) => fields(pid)?.parent === parent);
}

function descendants(pid) {
  return childrenOf(pid).flatMap((child) => [child, ...descendants(child)]);
}

/** `name:text` is the one whose command line holds that text too. */
async function childOf(parent, wanted) {
  const [name, text = ''] = wanted.split(':');
  const fits = (pid) => isCalled(pid, name) && read(`/proc/${pid}/cmdline`).includes(text);
  return until(() => childrenOf(parent).find(fits), `a ${wanted} below ${parent}`);
}

function threads(pid) {
  const folder = `/proc/${pid}/task`;
  return fs.readdirSync(folder).map((tid) => read(`${folder}/${tid}/comm`).trim());
}

/** Asleep at the same place for a while, or at work. */
async function settled(pid) {
  let before = '';
  let since = Date.now();
  await until(() => {
    const switches = /^voluntary_ctxt_switches:\s*(\d+)$/m.exec(read(`/proc/${pid}/status`))?.[1];
    const now = `${stateOf(pid)} ${switches}`;
    if (now !== before) since = Date.now();
    before = now;
    return now.startsWith('R') || Date.now() - since > REST_MS;
  }, `${pid} to come to rest`);
}

async function until(found, what) {
  const end = Date.now() + LONG_MS;
  for (;;) {
    const value = found();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited in vain for ${what}`);
    await pass(10);
  }
}
