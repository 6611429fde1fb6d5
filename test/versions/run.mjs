// One addon binary in every runtime: the core scenarios, each runtime in a process of its own.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { fetchRuntimes, runtimes } from '../../scripts/fetch-runtimes.mjs';

const scenarios = fileURLToPath(new URL('scenarios.cjs', import.meta.url));

fetchRuntimes();
const failed = runtimes.filter(({ name, binary, args }) => {
  // A real-time signal is ignored from the start: what no runtime can undo from JavaScript.
  const argv = ['--ignore-signal=RTMIN+3', binary, ...args, scenarios, name.replace(/\d+$/, '')];
  const { status, signal, stdout, stderr } = spawnSync('env', argv, {
    encoding: 'utf8',
    timeout: 60_000,
  });
  console.log(`\n${name}\n${stdout}${stderr}`.trimEnd());
  if (status !== 0) console.log(`  failed: exit status ${status ?? signal}`);
  return status !== 0;
});
console.log(`\n${runtimes.length - failed.length} of ${runtimes.length} runtimes passed`);
process.exitCode = failed.length === 0 ? 0 : 1;
