// npm run test:versions [-- --write] [-- NAME…]: the packages of a release, the same ones in every runtime.
// Each scenario runs in a process of its own. What came of it stands as tables in the documentation:
// the run fails where they say something else, and writes them with `--write`.
import { spawnSync } from 'node:child_process';
import { fetchRuntimes, muslRuntime, runtimes } from '../../scripts/fetch-runtimes.mjs';
import { cxxFolder } from '../../scripts/musl/runtime.mjs';
import { makeMuslProject, makeProject } from './project.mjs';
import { settlePermissions } from './permissions.mjs';
import { examplesOfReadme } from './readme.mjs';
import { nameOf, writeTables } from './tables.mjs';

/** What a chapter's file in scenarios/ is about. */
const chapters = {
  core: 'looking, changing, receiving',
  'process-on': 'beside `process.on`',
  workers: 'worker threads',
  hold: '`hold`, `sigbridge/hold`',
  bridge: 'beside a C library, `bridge`',
  watchdog: '`watchdog`',
  shutdown: '`sigbridge/shutdown`',
  manager: '`sigbridge/manager`',
  debug: '`sigbridge/debug`',
  testing: '`sigbridge/testing`',
};

/** Bun for musl, beside glibc: a C library of its own, and so a project of its own. */
const WITH_MUSL = process.platform === 'linux' ? [muslRuntime] : [];
const HERE = { binary: process.execPath, args: [] };
const README = "the README's examples";
const OWN = 'permissions, and what is so in this runtime alone';
const TOUR = 'the tour (`examples/tour.js`)';

const names = process.argv.slice(2).filter((name) => !name.startsWith('-'));
const all = [...runtimes, ...WITH_MUSL];
const unknown = names.filter((name) => !all.some((runtime) => runtime.name === name));
if (unknown.length > 0) {
  const known = all.map(({ name }) => name).join(', ');
  console.error(`There is no runtime ${unknown.join(', ')} here, only ${known}.`);
  process.exit(2);
}
const wanted = all.filter(({ name, older }) =>
  names.length === 0 ? !older : names.includes(name),
);
const ofGlibc = wanted.filter(({ libc }) => libc !== 'musl');
fetchRuntimes(ofGlibc);
const project = makeProject();
const musl = ofGlibc.length < wanted.length ? prepareMusl() : undefined;

function prepareMusl() {
  const env = { LD_LIBRARY_PATH: cxxFolder() };
  fetchRuntimes(WITH_MUSL, { ...process.env, ...env });
  return { project: makeMuslProject(), env };
}

const placeOf = ({ libc }) => (libc === 'musl' ? musl : { project, env: {} });

/** Runs a script in a runtime. A real-time signal is ignored from the start: that no runtime undoes. */
function start(runtime, ...script) {
  const { project: cwd, env } = placeOf(runtime);
  // The C library's SIGRTMIN is that of `env`: musl keeps one more for itself.
  const ignored = runtime.libc === 'musl' ? 'RTMIN+4' : 'RTMIN+3';
  const argv = [`--ignore-signal=${ignored}`, runtime.binary, ...runtime.args, ...script];
  const options = { cwd, encoding: 'utf8', timeout: 120_000, killSignal: 'SIGKILL' };
  return spawnSync('env', argv, { ...options, env: { ...process.env, ...env } });
}

function runScript(runtime, ...script) {
  const { status, signal, stdout, stderr } = start(runtime, ...script);
  if (status !== 0) throw new Error(`${status ?? signal}\n${stdout}${stderr}`);
  return stdout;
}

/** Every test of a runtime, by what it is about. */
function testsOf(runtime) {
  const scenariosOf = (chapter) => {
    const script = 'scenarios/one.cjs';
    return JSON.parse(runScript(HERE, script, chapter)).map((name) => ({
      name,
      run: () => runScript(runtime, script, chapter, name),
    }));
  };
  return {
    ...Object.fromEntries(Object.keys(chapters).map((name) => [chapters[name], scenariosOf(name)])),
    [README]: examplesOfReadme(runtime, placeOf(runtime)),
    [TOUR]: [{ name: 'all of it', run: () => runScript(runtime, 'examples/tour.js') }],
    ...(runtime.kind === 'bun' ? {} : { [OWN]: scenariosOf(runtime.kind) }),
  };
}

/** Which chapters hold, each test of them. */
async function runAll(runtime) {
  console.log(`\n${nameOf(runtime)}`);
  const held = {};
  for (const [about, tests] of Object.entries(testsOf(runtime))) {
    held[about] = true;
    for (const { name, run } of tests) {
      try {
        await run();
        console.log(`  ok: ${name}`);
      } catch (error) {
        held[about] = false;
        console.log(`  FAILED: ${name}: ${error.message}`);
      }
    }
  }
  return held;
}

const results = [];
for (const runtime of wanted) results.push({ ...runtime, held: await runAll(runtime) });
const good = results.filter(({ held }) => Object.values(held).every(Boolean));
const nodes = results.filter(({ kind }) => kind === 'node');
const inStep =
  names.length > 0 || ((await writeTables(results)) && (await settlePermissions(nodes, project)));
console.log(`\n${good.length} of ${results.length} runtimes passed`);
process.exitCode = good.length === results.length && inStep ? 0 : 1;
