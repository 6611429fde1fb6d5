'use strict';

// The main job of sigbridge, on real input: a program is started with signals ignored, finds that
// out, changes it, gets a real Ctrl+C and other signals, says who sent them, and leaves everything
// as it was. Every line printed is read from the system; the exit code is 0 only if all of it held.

const { spawn } = require('node:child_process');
const { readFileSync, readlinkSync } = require('node:fs');
const os = require('node:os');
const path = require('node:path');
const { inspect, readProcess, send } = require('sigbridge');
const { spawnWith } = require('sigbridge/testing');
const { Conversation } = require('./tour/conversation.js');
const { broken, fact, shown, step, verdict } = require('./tour/report.js');
const runtime = require('./tour/runtime.js');

const CTRL_C = '\x03';
const LIBRARY_LINE = /clib: SIGINT seen by the C library/;
/** Longer than anything here takes on a busy machine; it only turns a hang into a message. */
const timeoutMs = 20_000;
const REALTIME = 'SIGRTMIN+3';
// By its number: `env` may be of another C library, whose real-time signals begin elsewhere.
const ENV = `env --ignore-signal=${inspect(REALTIME).number}`;
const WATCHED = ['SIGINT', 'SIGQUIT', REALTIME];

// The background job of a shell without job control, as in any script. Ctrl+C strikes that shell too:
// with a trap it goes on waiting. The shell within is what the program's parent will be.
const SHELL = `
  trap : INT
  ${ENV} sh -c '"$@"; exit $?' job "$@" &
  until wait $!; code=$?; ! kill -0 $! 2>/dev/null; do :; done
  exit $code`;

const program = new Conversation();
let terminal;
let pid;

/** One line of /proc/<pid>/status, as the kernel writes it: the tour's own look, not sigbridge's. */
function status(field) {
  const text = readFileSync(`/proc/${pid}/status`, 'latin1');
  return new RegExp(`^${field}:\\s*(.*)$`, 'm').exec(text)[1];
}

/** Whether the kernel's set of signals, in hexadecimal, holds a signal. */
function holds(set, number) {
  return ((BigInt(`0x${set}`) >> BigInt(number - 1)) & 1n) === 1n;
}

const namesIn = (set) => WATCHED.filter((name) => holds(set, inspect(name).number));
const among = (wanted, names) => wanted.filter((name) => names.includes(name));
const list = (names) => (names.length === 0 ? 'nothing' : names.join(', '));

function stateOf({ signals }, name) {
  return signals.find(({ signal }) => signal === name);
}

async function start() {
  step('A program is started in the background, with a real-time signal ignored');
  shown(`sh -c '${ENV} sh -c "node program.js" & wait'`);
  await program.listen();
  const command = [...runtime.command, path.join(__dirname, 'tour/program.js')];
  terminal = await spawnWith(['sh', '-c', SHELL, 'shell', ...command], {
    pty: true,
    env: { TOUR_SOCKET: program.path },
    timeoutMs,
  });
  void terminal.exit.then(({ code, signal }) => {
    program.fail(`its terminal has ended (code ${code}, signal ${signal}):\n${terminal.output}`);
  });
  pid = await program.started();
  const tty = readlinkSync(`/proc/${pid}/fd/1`);
  fact(`process ${pid} runs, on a terminal of its own: ${tty}`, tty, /^\/dev\/pts\//);
}

async function look() {
  step('It looks at itself and at its parent');
  const { self, parent, inherited } = await program.ask('look');
  const { command } = parent;
  fact(
    `its parent, ${parent.pid} (${command}), ignores ${list(parent.ignored)}`,
    among(WATCHED, parent.ignored),
    WATCHED,
  );
  const left = runtime.resets ? [REALTIME] : namesIn(status('SigIgn'));
  const reset = runtime.resets ? 'of these Node has reset SIGINT and SIGQUIT at its start; ' : '';
  fact(`${reset}it ignores ${list(self.ignored)}`, among(WATCHED, self.ignored), left);
  fact(
    `so it was started ('${inherited.source}') with ${list(inherited.ignored)} ignored`,
    among(WATCHED, inherited.ignored),
    left,
  );
  const child = await program.ask('ignoredByChild');
  fact(
    `and what it hands on: a child of it ignores ${list(child)}`,
    among([REALTIME], child),
    runtime.handsDown ? [REALTIME] : [],
  );
}

async function reset() {
  step('It resets what it was not asked for: resetIgnored()');
  const { number } = stateOf(await program.ask('stand'), REALTIME);
  const before = status('SigIgn');
  const changes = await program.ask('reset');
  const after = status('SigIgn');
  const change = changes.find(({ signal }) => signal === REALTIME);
  fact(`${REALTIME}, which is signal ${number}: ${change?.before} → ${change?.after}`, change, {
    signal: REALTIME,
    before: 'ignore',
    after: 'default',
    changed: true,
  });
  fact(
    `SigIgn in /proc/${pid}/status: ${before} → ${after}`,
    [holds(before, number), holds(after, number)],
    [true, false],
  );
  const child = await program.ask('ignoredByChild');
  fact(`a child of it now ignores ${list(child)}`, among(WATCHED, child), []);
}

async function listen() {
  step('A C library takes SIGINT for itself; then the program listens too: on()');
  await program.ask('installLibrary');
  const before = await program.ask('stand');
  const library = stateOf(before, 'SIGINT');
  fact(`SIGINT runs ${whose(library)}`, library.owner, 'native');
  const term = stateOf(before, 'SIGTERM');
  const ends = runtime.resets || holds(status('SigCgt'), term.number) ? 'runtime' : null;
  fact(`SIGTERM runs ${ends ? whose(term) : 'nothing'}, which ends the process`, term.owner, ends);
  await program.ask('listen');
  const now = await program.ask('stand');
  for (const name of ['SIGINT', 'SIGTERM', REALTIME]) {
    const { owner, chain, number } = stateOf(now, name);
    fact(
      `${name}: ${chain.map(whose).join(', then ')}`,
      { owner, chain: chain.map((entry) => entry.owner), caught: holds(status('SigCgt'), number) },
      { owner: 'sigbridge', chain: EXPECTED_CHAINS[name], caught: true },
    );
  }
  return before;
}

// The runtime's own handler is not called while somebody listens.
const EXPECTED_CHAINS = {
  SIGINT: ['sigbridge', 'native'],
  SIGTERM: ['sigbridge'],
  [REALTIME]: ['sigbridge'],
};

function whose({ owner, handler }) {
  const at = handler.symbol ?? `+0x${handler.offset.toString(16)}`;
  return `${owner} (${at} in ${path.basename(handler.module)})`;
}

async function interrupt() {
  step('Ctrl+C is pressed on its terminal');
  terminal.write(CTRL_C);
  const event = await program.event('SIGINT after Ctrl+C');
  fact(
    `${event.signal} came, ${event.code}: from the terminal, and the kernel names no process`,
    event,
    { signal: 'SIGINT', code: 'SI_KERNEL', pid: null, uid: null, value: null, sender: null },
  );
  await terminal.waitFor(LIBRARY_LINE);
  shown(`the terminal shows: ${terminal.output.replace(/\s+/g, ' ').trim()}`);
  fact("the C library's handler ran as well, once", await program.ask('libraryCalls'), 1);
  const { self, parent } = await program.ask('look');
  fact(
    `its parent, which ignores SIGINT, is still there: ${parent.pid} (${parent.command})`,
    [self.pid, among(['SIGINT'], parent.ignored)],
    [pid, ['SIGINT']],
  );
}

async function others() {
  step('Others send signals; it says who');
  const line = 'kill -TERM "$0" && read line';
  const shell = spawn('sh', ['-c', line, String(pid)], { stdio: ['pipe', 'ignore', 'inherit'] });
  shown(`sh -c '${line}' ${pid}`);
  const term = await program.event('SIGTERM from the shell');
  const commandLine = readFileSync(`/proc/${shell.pid}/cmdline`, 'utf8');
  shell.stdin.end('\n');
  fact(
    `${term.signal} came, ${term.code}, from process ${term.pid}, user ${term.uid}: ${term.sender}`,
    term,
    {
      signal: 'SIGTERM',
      code: 'SI_USER',
      pid: shell.pid,
      uid: process.getuid(),
      value: null,
      sender: commandLine.replaceAll('\0', ' ').trim(),
    },
  );
  const values = [42, -1, 7];
  shown(`send(${pid}, '${REALTIME}', { value })  for ${values.join(', ')}`);
  const own = readProcess().command;
  for (const value of values) {
    send(pid, REALTIME, { value });
    const event = await program.event(`${REALTIME} with value ${value}`);
    fact(
      `${event.signal} came, ${event.code}, value ${event.value}, from ${event.pid}: ${event.sender}`,
      event,
      {
        signal: REALTIME,
        code: 'SI_QUEUE',
        pid: process.pid,
        uid: process.getuid(),
        value,
        sender: own,
      },
    );
  }
}

async function close(before) {
  step('It closes the subscription, and everything stands as before');
  await program.ask('close');
  const after = await program.ask('stand');
  const differing = after.signals.flatMap((now, index) =>
    Object.keys(now)
      .filter((key) => JSON.stringify(now[key]) !== JSON.stringify(before.signals[index]?.[key]))
      .map((key) => `${now.signal}.${key}`),
  );
  fact(
    `${after.signals.length} signals, ${Object.keys(after.signals[0]).join(', ')}: none differs`,
    [after.signals.length, differing],
    [before.signals.length, []],
  );
  const library = stateOf(after, 'SIGINT');
  fact(`SIGINT runs ${whose(library)} again`, library, stateOf(before, 'SIGINT'));
  fact(
    `it ignores ${list(after.process.ignored)}, and catches ${list(after.process.caught)}`,
    [after.process.ignored, after.process.caught],
    [before.process.ignored, before.process.caught],
  );
  const masks = ({ threads }) => new Map(threads.map(({ tid, blocked }) => [tid, blocked]));
  const then = masks(before.process);
  // One that was just being born then has blocked all for that moment.
  const more = [...masks(after.process)].map(([tid, blocked]) =>
    blocked.filter((name) => then.has(tid) && !then.get(tid).includes(name)),
  );
  fact(
    `each of its ${more.length} threads blocks nothing that it did not block before`,
    more.flat(),
    [],
  );
  terminal.write(CTRL_C);
  await terminal.waitFor(LIBRARY_LINE);
  fact(
    'one more Ctrl+C reaches the C library, and the program is told of nothing',
    [await program.ask('libraryCalls'), program.untaken],
    [2, 0],
  );
}

async function end() {
  step('It ends by itself');
  await program.ask('end');
  const { code, signal } = await terminal.exit;
  fact(`exit code ${code}, passed on by its shells`, [code, signal], [0, null]);
}

async function main() {
  console.log(`sigbridge on ${os.type()} ${os.release()}, ${runtime.title}`);
  try {
    await start();
    await look();
    await reset();
    const before = await listen();
    await interrupt();
    await others();
    await close(before);
    await end();
  } catch (error) {
    broken(error);
  } finally {
    await terminal?.[Symbol.asyncDispose]();
    program.close();
  }
  process.exitCode = verdict() ? 0 : 1;
}

void main();
