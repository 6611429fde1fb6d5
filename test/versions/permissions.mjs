// What each of Node's permissions is good for: everything is tried with all of them, and with each one left
// out. Makes a table of docs/platforms.md; what is there is the same in every Node that has addons allowed.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { settle } from '../../scripts/tables.mjs';

/** What scenarios/permission-probe.cjs tries. */
const CALLS = {
  core: 'the core: `on`, `send` and the like',
  readProcess: '`readProcess`',
  sender: '`event.sender()`',
  dump: 'the threads of `dump()`',
  dumpOn: '`dumpOn` with `file`',
  watchdog: '`watchdog` with `file`',
  worker: 'the core in a worker thread',
  spawnWith: '`spawnWith` of `sigbridge/testing`',
};

/** @returns {Record<string, string>} flags by how the table names them */
function permissionsIn(project) {
  const real = fs.realpathSync(project);
  return {
    '`--allow-addons`': '--allow-addons',
    '`--allow-fs-read` of `sigbridge`': `--allow-fs-read=${real}/node_modules/sigbridge/`,
    '`--allow-fs-read` of `@sigbridge`': `--allow-fs-read=${real}/node_modules/@sigbridge/`,
    '`--allow-fs-read=/proc`': '--allow-fs-read=/proc',
    '`--allow-fs-write` of that file': `--allow-fs-write=${real}/scenarios/permission-probe.txt`,
    '`--allow-worker`': '--allow-worker',
    '`--allow-child-process`': '--allow-child-process',
  };
}

const helpOf = ({ binary }) => spawnSync(binary, ['--help'], { encoding: 'utf8' }).stdout;

/** @returns {string[][]} rows: a call, the permission without which it fails, and what it does then */
function permissionsOf(runtime, project) {
  const permissions = permissionsIn(project);
  const own = `--allow-fs-read=${path.join(fs.realpathSync(project), 'scenarios')}/`;
  const stable = / --permission\b/.test(helpOf(runtime));
  const model = stable ? '--permission' : '--experimental-permission';
  const outcome = (call, without) => {
    const given = Object.keys(permissions).filter((name) => name !== without);
    const flags = [model, '--no-warnings', own, ...given.map((name) => permissions[name])];
    const script = ['scenarios/permission-probe.cjs', call];
    const options = { cwd: project, encoding: 'utf8', timeout: 120_000, killSignal: 'SIGKILL' };
    const { stdout, stderr } = spawnSync(runtime.binary, [...flags, ...script], options);
    return stdout.trim() || stderr.trim();
  };
  const rows = [];
  const needed = new Set();
  for (const [call, name] of Object.entries(CALLS)) {
    const whole = outcome(call);
    if (whole !== 'works') rows.push([name, 'with all of them', whole]);
    // What the core needs, the others need: said once.
    for (const without of Object.keys(permissions).filter((one) => !needed.has(one))) {
      const came = outcome(call, without);
      if (came !== 'works') rows.push([name, without, came]);
    }
    if (call === 'core') for (const [, without] of rows) needed.add(without);
  }
  return rows;
}

/** Whether all saw the same, and it stands in the documentation. */
export async function settlePermissions(runtimes, project) {
  const able = runtimes.filter((one) => helpOf(one).includes('--allow-addons'));
  const [first, ...others] = able.map((runtime) => ({
    runtime,
    rows: permissionsOf(runtime, project),
  }));
  const differs = others.filter(({ rows }) => JSON.stringify(rows) !== JSON.stringify(first.rows));
  for (const { runtime, rows } of differs) {
    console.log(`  FAILED: permissions in ${runtime.name}: ${JSON.stringify(rows, null, 1)}`);
  }
  const head = ['', 'permission', 'without it'];
  return (
    (await settle('docs/platforms.md', 'permissions', [head, ...first.rows])) &&
    differs.length === 0
  );
}
