'use strict';

// What loading the package, installed as from the registry, adds to an empty program.
const { spawnSync } = require('node:child_process');
const { installed } = require('../support/installed');
const { report } = require('../support/report');
const { median, quantile, summary } = require('../support/statistics');
const { since } = require('../support/turns');

const ROUNDS = 80;
const WARM_UP = 3;
const FOLDER = installed();
const TELL = `
  const { userCPUTime, systemCPUTime } = process.resourceUsage();
  require('node:fs').writeSync(1, String((userCPUTime + systemCPUTime) / 1000));`;

const PROGRAMS = {
  empty: '0;',
  require: `require('sigbridge');`,
  'import()': `import('sigbridge').then(() => {`,
};

/** Milliseconds by the clock, and of processor time as the program itself has counted it. */
function run(program) {
  const code = `${program}${TELL}${program.endsWith('{') ? '})' : ''}`;
  const start = process.hrtime.bigint();
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', code], { cwd: FOLDER });
  const wall = since(start) / 1e6;
  if (status !== 0) throw new Error(`The program ended with ${status}: ${stderr}`);
  return { wall, cpu: Number(stdout) };
}

const rounds = [];
for (let round = -WARM_UP; round < ROUNDS; round++) {
  const times = Object.fromEntries(
    Object.entries(PROGRAMS).map(([name, program]) => [name, run(program)]),
  );
  if (round >= 0) rounds.push(times);
}

/** What a program took beyond the empty one of its round. */
function extra(program, kind) {
  return summary(rounds.map((times) => times[program][kind] - times.empty[kind]));
}

/** The same between the quickest tenths of both: other programs only ever add to a time. */
function undisturbed(program, kind) {
  const quickest = (name) =>
    quantile(
      rounds.map((times) => times[name][kind]),
      0.1,
    );
  return quickest(program) - quickest('empty');
}

const beside = (kind) => ({
  undisturbed: undisturbed('require', kind),
  'import()': extra('import()', kind),
  emptyProgram: median(rounds.map(({ empty }) => empty[kind])),
});

const how = `${ROUNDS} rounds of one program each, empty ones in between`;
report(
  {
    what: "require('sigbridge'), over an empty node -e 0",
    ...extra('require', 'wall'),
    unit: 'ms',
    atMost: 5,
    how: `by the clock, ${how}`,
    beside: beside('wall'),
  },
  {
    what: 'the same, processor time',
    ...extra('require', 'cpu'),
    unit: 'ms',
    atMost: 8,
    how: `user and system, ${how}`,
    beside: beside('cpu'),
  },
);
