// npm run release:check: makes the release as far as this machine can, puts it into a registry of this
// machine's own, installs it from there by each package manager into a fresh project, where there is no
// compiler, and runs a program and the command there; and builds the source package, where there is one.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { build } from './build.mjs';
import { packAll } from './pack.mjs';
import { managers, tools } from './projects.mjs';
import { startRegistry } from './registry.mjs';
import { builtFolder, root, targets, thisTarget } from './targets.mjs';
import { settle } from '../tables.mjs';

const toolsFolder = path.join(root, '.cache/release-tools');
const toolPath = (program) => path.join(toolsFolder, 'node_modules', program);

let failed = false;
function step(what, act) {
  const start = performance.now();
  const seconds = () => `${Math.round((performance.now() - start) / 1000)} s`;
  try {
    const more = act();
    console.log(`ok: ${what} (${seconds()})${more ? `: ${more}` : ''}`);
    return true;
  } catch (error) {
    failed = true;
    console.error(`FAILED: ${what} (${seconds()}): ${error.message}`);
    return false;
  }
}

function installTools() {
  const mark = path.join(toolsFolder, 'installed.json');
  const list = JSON.stringify(tools);
  if (fs.existsSync(mark) && fs.readFileSync(mark, 'utf8') === list) return;
  fs.rmSync(toolsFolder, { recursive: true, force: true });
  fs.mkdirSync(toolsFolder, { recursive: true });
  // Verdaccio asks for it by a tag, which not every mirror of the registry has.
  const manifest = { private: true, overrides: { 'node-fetch': '2' } };
  fs.writeFileSync(path.join(toolsFolder, 'package.json'), JSON.stringify(manifest));
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  execFileSync('npm', ['install', ...options, ...tools], { cwd: toolsFolder, stdio: 'inherit' });
  fs.writeFileSync(mark, list);
}

/** Of a machine without compilers: what the package managers' own scripts need. */
function barePath(folder) {
  fs.mkdirSync(folder);
  for (const name of ['sh', 'env', 'uname', 'readlink', 'dirname', 'basename', 'sed']) {
    const found = execFileSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).trim();
    fs.symlinkSync(found, path.join(folder, name));
  }
  fs.symlinkSync(process.execPath, path.join(folder, 'node'));
  return folder;
}

/** What the project is to say, with the words before its commands. */
function expectations(prefix, sigbridge) {
  const heard = `const { on } = require('sigbridge');
    const s = on('SIGUSR2', ({ pid }) => { s.close(); console.log('heard', pid === process.pid); }, { ref: true });
    process.kill(process.pid, 'SIGUSR2');`;
  const keeping = `console.log('kept', require('sigbridge').ignored('SIGHUP'))`;
  const keeps = ['run', '--keep', '--ignore', 'SIGHUP', '--', 'node', '-e', keeping];
  return [
    { what: 'a program', argv: [...prefix, 'node', '-e', heard], stdout: /^heard true$/m },
    {
      what: 'run',
      argv: [
        ...sigbridge,
        'run',
        '--ignore',
        'SIGUSR1',
        '--',
        'sh',
        '-c',
        'kill -USR1 $$; echo lives',
      ],
      stdout: /^lives$/m,
    },
    // Nothing is kept where Node comes first: docs/installing.md.
    ...(prefix.length > 0
      ? []
      : [{ what: 'run --keep', argv: [...sigbridge, ...keeps], stdout: /^kept true$/m }]),
    {
      what: 'trace',
      argv: [...sigbridge, 'trace', '--', 'sh', '-c', 'trap "" USR1; kill -USR1 $$'],
      stderr: /SIGUSR1.* ignore/,
    },
    { what: 'list', argv: [...sigbridge, 'list'], stdout: /SIGTERM/ },
  ];
}

/** Runs in `cwd`, as a newcomer's shell would. */
function runIn(cwd, argv, env) {
  const [command, ...rest] = argv;
  const { status, stdout, stderr, error } = spawnSync(command, rest, {
    ...{ cwd, env, encoding: 'utf8' },
    timeout: 300_000,
  });
  if (error) throw error;
  return { status, stdout, stderr };
}

function makeProject(manager, url, folder) {
  const project = path.join(folder, manager.name.replace(/\W+/g, '-'));
  const home = `${project}.home`;
  for (const one of [project, home]) fs.mkdirSync(one);
  fs.writeFileSync(path.join(project, 'package.json'), '{ "name": "project", "private": true }\n');
  for (const [name, text] of Object.entries(manager.files)) {
    fs.writeFileSync(path.join(project, name), text.replace('REGISTRY', url));
  }
  return { project, home };
}

function tryManager(manager, url, folder, bin) {
  const { project, home } = makeProject(manager, url, folder);
  const env = { PATH: bin, HOME: home, CI: 'true' };
  const program = [process.execPath, toolPath(manager.program)];
  const added = runIn(project, [...program, ...manager.add, 'sigbridge'], env);
  if (added.status !== 0) throw new Error(`${added.status}\n${added.stdout}${added.stderr}`);
  const words = (list) => (list ? [...program, ...list] : []);
  const sigbridge = manager.command
    ? words(manager.command)
    : [path.join(project, 'node_modules/.bin/sigbridge')];
  for (const { what, argv, stdout, stderr } of expectations(words(manager.before), sigbridge)) {
    const ran = runIn(project, argv, env);
    if (stdout?.test(ran.stdout) === false || stderr?.test(ran.stderr) === false) {
      throw new Error(`${what}: ${ran.status}\n${ran.stdout}${ran.stderr}`);
    }
  }
}

/** Where nothing else is: built at the installation, and used. */
function trySource(url, folder) {
  const files = {
    ...managers[0].files,
    'package.json': '{ "private": true, "allowScripts": { "@sigbridge/source": true } }\n',
  };
  const manager = { ...managers[0], name: 'source', files };
  const { project, home } = makeProject(manager, url, folder);
  // Node's headers, where they lie beside it: without, node-gyp fetches them.
  const nodedir = path.resolve(fs.realpathSync(process.execPath), '../..');
  const headers = fs.existsSync(path.join(nodedir, 'include/node/node.h'));
  const env = {
    ...process.env,
    HOME: home,
    JOBS: 'max',
    ...(headers && { npm_config_nodedir: nodedir }),
  };
  const program = [process.execPath, toolPath(manager.program)];
  const names = ['sigbridge', '@sigbridge/source', '--omit=optional', '--foreground-scripts'];
  const added = runIn(project, [...program, ...manager.add, ...names], env);
  if (added.status !== 0) throw new Error(`${added.status}\n${added.stdout}${added.stderr}`);
  const [{ what, argv, stdout }] = expectations([], []);
  const ran = runIn(project, argv, env);
  if (!stdout.test(ran.stdout)) throw new Error(`${what}: ${ran.stdout}${ran.stderr}`);
  return fs.readdirSync(path.join(project, 'node_modules/@sigbridge')).join(', ');
}

installTools();
for (const target of targets) {
  fs.rmSync(builtFolder(target), { recursive: true, force: true });
  try {
    build(target);
    console.log(`ok: ${target.name} is built`);
  } catch (error) {
    console.log(`not built here: ${target.name}: ${error.message.split('\n')[0]}`);
    // Whatever this machine is, its system's are built on it, if the packages are there.
    if (target.os === thisTarget().os) failed = true;
  }
}

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-release-'));
const registry = await startRegistry(
  toolPath('verdaccio/bin/verdaccio'),
  path.join(folder, 'registry'),
);
try {
  const nodeAddonApi = execFileSync(
    'npm',
    [
      'pack',
      '--json',
      '--pack-destination',
      folder,
      path.join(root, 'node_modules/node-addon-api'),
    ],
    {
      encoding: 'utf8',
    },
  );
  const tarballs = packAll();
  for (const tarball of [...tarballs, path.join(folder, JSON.parse(nodeAddonApi)[0].filename)]) {
    registry.publish(tarball);
  }
  console.log(
    `ok: ${tarballs.length} packages: ${tarballs.map((one) => `${path.basename(one)} ${Math.round(fs.statSync(one).size / 1024)} kB`).join(', ')}`,
  );
  const bin = barePath(path.join(folder, 'bin'));
  const rows = managers.map((manager) => {
    const works = step(manager.name, () => tryManager(manager, registry.url, folder, bin));
    return [manager.name, works ? 'yes' : 'no'];
  });
  const head = ['package manager', 'installed, without a compiler; a program and the command run'];
  if (!(await settle('docs/platforms.md', 'managers', [head, ...rows]))) failed = true;
  step('from source', () => trySource(registry.url, folder));
} finally {
  registry.stop();
  fs.rmSync(folder, { recursive: true });
}
if (failed) process.exitCode = 1;
