// npm run check:types: what the package declares is compiled as its users do, from what is packed: in ES
// modules and in CommonJS, under every module resolution, by the oldest TypeScript that the declarations
// are for and by the newest.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const folder = path.join(root, '.cache/types');

/** What each is installed as, and which resolutions it knows: 7 has lost node10. */
const compilers = [
  { name: 'oldest', package: 'typescript@5.2', resolutions: ['node10', 'node16', 'bundler'] },
  {
    name: 'last-in-javascript',
    package: 'typescript@6',
    resolutions: ['node10', 'node16', 'nodenext', 'bundler'],
  },
  { name: 'newest', package: 'typescript@7', resolutions: ['node16', 'nodenext', 'bundler'] },
];

const modules = { node10: 'commonjs', node16: 'node16', nodenext: 'nodenext', bundler: 'esnext' };

/** A use of every entry, and of the matchers of each runner. */
const USES = {
  entries: `
    import { isSupported, on, SignalError, type SignalEvent } from 'sigbridge';
    import 'sigbridge/hold';
    import { dump } from 'sigbridge/debug';
    import { createSignalManager } from 'sigbridge/manager';
    import { createShutdown } from 'sigbridge/shutdown';
    import { spawnWith } from 'sigbridge/testing';
    export const subscription = on('SIGTERM', (event: SignalEvent) => event.pid satisfies number | null);
    export const used = [isSupported(), SignalError, dump, createSignalManager, createShutdown, spawnWith];
    // @ts-expect-error -- no signal is a boolean
    on(true, () => {});`,
  vitest: `
    import { expect } from 'vitest';
    import { signalMatchers } from 'sigbridge/testing';
    import 'sigbridge/testing/vitest';
    expect.extend(signalMatchers);
    expect(process).toIgnore('SIGPIPE');
    expect(process).not.toCatch(15);
    // @ts-expect-error -- no signal is a boolean
    expect(process).toBlock(true);`,
  jest: `
    import { expect } from 'expect';
    import { signalMatchers } from 'sigbridge/testing';
    import 'sigbridge/testing/jest';
    expect.extend(signalMatchers);
    expect(process).toIgnore('SIGPIPE');
    // @ts-expect-error -- no signal is a boolean
    expect(process).toBlock(true);`,
};

function install() {
  fs.rmSync(path.join(folder, 'node_modules/sigbridge'), { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "private": true }\n');
  const pack = ['pack', '--json', '--ignore-scripts', '--pack-destination', folder];
  const [{ filename }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' }));
  const aliased = compilers.map((one) => `${one.name}@npm:${one.package}`);
  const others = ['@types/node@20', 'expect@30', 'vitest@4', `./${filename}`];
  const options = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  execFileSync('npm', ['install', ...options, ...aliased, ...others], { cwd: folder });
  for (const kind of ['cts', 'mts', 'ts']) {
    for (const [name, text] of Object.entries(USES)) {
      fs.writeFileSync(path.join(folder, `${name}.${kind}`), text);
    }
  }
}

/** Both kinds of module, where the resolution tells them apart. */
function filesFor(resolution) {
  const kinds = modules[resolution] === resolution ? ['cts', 'mts'] : ['ts'];
  return kinds.flatMap((kind) => Object.keys(USES).map((name) => `${name}.${kind}`));
}

function compile(compiler, resolution) {
  const files = filesFor(resolution);
  const compilerOptions = {
    noEmit: true,
    strict: true,
    skipLibCheck: true,
    target: 'es2022',
    lib: ['es2022', 'esnext.disposable'],
    types: ['node'],
    module: modules[resolution],
    moduleResolution: resolution,
    // 6 wants to be asked for what 7 has lost.
    ...(resolution === 'node10' && compiler.package.endsWith('6') && { ignoreDeprecations: '6.0' }),
  };
  const config = path.join(folder, `tsconfig.${compiler.name}.${resolution}.json`);
  fs.writeFileSync(config, JSON.stringify({ compilerOptions, files }));
  const bin = path.join(folder, 'node_modules', compiler.name, 'bin/tsc');
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, '-p', config], {
    encoding: 'utf8',
  });
  console.log(
    `${status === 0 ? 'ok' : 'FAILED'}: ${compiler.package}, ${resolution}, ${files.join(' ')}`,
  );
  if (status === 0) return;
  console.error(stdout + stderr);
  process.exitCode = 1;
}

install();
for (const compiler of compilers) {
  for (const resolution of compiler.resolutions) compile(compiler, resolution);
}
