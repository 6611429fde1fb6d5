'use strict';

// A command that runs another one: Ctrl+C ends both, a second one at once, and the shell sees why.
const { spawn } = require('node:child_process');
const { rmSync, writeFileSync } = require('node:fs');
const { tmpdir } = require('node:os');
const path = require('node:path');
const { childProcesses, createShutdown } = require('sigbridge/shutdown');

const lock = path.join(tmpdir(), `sigbridge-example-${process.pid}.lock`);
writeFileSync(lock, '');

const shutdown = createShutdown({ totalMs: 5_000 });
const child = spawn('sleep', [process.argv[2] ?? '60'], { stdio: 'inherit' });
shutdown.stage('child', childProcesses(child), { timeoutMs: 3_000 });
shutdown.stage('lock', () => rmSync(lock), { after: 'child' });

child.once('spawn', () => console.log(`running; lock file ${lock}`));
child.once('exit', () => void shutdown.begin('the child has ended'));
