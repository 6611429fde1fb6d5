import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { bits } from '../support/kernel';
import { toEnd } from '../support/run';

const ROOT = path.join(__dirname, '../..');

/** A folder in which the packages are installed, as npm does it. */
let project = '';
let sigbridge = '';
let modules = '';

const PLATFORM = `${process.platform}-${process.arch}-glibc`;
const unpacked = (name: string): string => path.join(modules, name);
const manifestOf = (name: string): Record<string, Record<string, string> | undefined> =>
  JSON.parse(fs.readFileSync(path.join(unpacked(name), 'package.json'), 'utf8')) as never;

beforeAll(() => {
  // A path that needs quoting.
  project = fs.mkdtempSync(path.join(os.tmpdir(), 'a "project" of sigbridge '));
  modules = path.join(project, 'node_modules');
  sigbridge = path.join(modules, '.bin/sigbridge');
  fs.mkdirSync(path.dirname(sigbridge), { recursive: true });
  const tarballs = execFileSync(
    process.execPath,
    [path.join(ROOT, 'scripts/release/pack.mjs'), '--here'],
    {
      cwd: ROOT,
      encoding: 'utf8',
      env: { ...process.env, SIGBRIDGE_RELEASE: path.join(project, 'release') },
    },
  )
    .trim()
    .split('\n');
  const names = [`@sigbridge/${PLATFORM}`, '@sigbridge/source', 'sigbridge'];
  expect(tarballs).toHaveLength(names.length);
  names.forEach((name, index) => {
    fs.mkdirSync(unpacked(name), { recursive: true });
    const tarball = path.join(ROOT, tarballs[index] ?? '');
    execFileSync('tar', ['xf', tarball, '--strip-components=1', '-C', unpacked(name)]);
  });
  fs.symlinkSync('../sigbridge/bin/sigbridge', sigbridge);
});

afterAll(() => {
  fs.rmSync(project, { recursive: true });
});

test('the package brings no script and no sources, and asks for one of the binaries at its own version', () => {
  const { version, scripts, dependencies, optionalDependencies } = manifestOf('sigbridge');
  expect({ scripts, dependencies }).toEqual({});
  const find = fs.readFileSync(path.join(ROOT, 'lib/base/native/find.ts'), 'utf8');
  const named = [...find.matchAll(/require\('(@sigbridge\/[^']+)'\)/g)].map(
    ([, name = '']) => name,
  );
  expect(Object.keys(optionalDependencies ?? {}).sort()).toEqual(
    named.filter((name) => name !== '@sigbridge/source').sort(),
  );
  expect(new Set(Object.values(optionalDependencies ?? {}))).toEqual(new Set([version]));
  expect(fs.readdirSync(unpacked('sigbridge')).sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin',
    'dist',
    'package.json',
  ]);
});

test('the package for this platform brings each binary once', () => {
  expect(
    fs.readdirSync(path.join(unpacked(`@sigbridge/${PLATFORM}`), 'build/Release')).sort(),
  ).toEqual(['sigbridge-preload.so', 'sigbridge-run', 'sigbridge.node']);
});

test('the workflow builds each target, on whose package the installed one depends', () => {
  const workflow = fs.readFileSync(path.join(ROOT, '.github/workflows/release.yml'), 'utf8');
  const built = [...workflow.matchAll(/- target: (\S+)/g)].map(
    ([, name = '']) => `@sigbridge/${name}`,
  );
  const { optionalDependencies } = manifestOf('sigbridge');
  expect(built.sort()).toEqual(Object.keys(optionalDependencies ?? {}).sort());
});

test('what is built at the installation has its sources', () => {
  const source = unpacked('@sigbridge/source');
  const gypi = fs.readFileSync(path.join(source, 'native/sources.gypi'), 'utf8');
  const { variables } = JSON.parse(gypi) as { variables: Record<string, string[]> };
  const missing = Object.values(variables)
    .flat()
    .filter((file) => !fs.existsSync(path.join(source, file)));
  expect(missing).toEqual([]);
  expect(variables['launch_sources']).toContain('native/launch/main.cc');
});

test('what the build at the installation asks of other packages is installed with it', () => {
  const gyp = fs.readFileSync(path.join(unpacked('@sigbridge/source'), 'binding.gyp'), 'utf8');
  const asked = [...gyp.matchAll(/require\('([^']+)'\)/g)].map(([, name = '']) => name);
  const { dependencies } = manifestOf('@sigbridge/source');
  expect(asked).toEqual(['node-addon-api']);
  expect(Object.keys(dependencies ?? {})).toEqual(expect.arrayContaining(asked));
});

test('a relative link of the README leads to the repository', () => {
  const readme = fs.readFileSync(path.join(unpacked('sigbridge'), 'README.md'), 'utf8');
  const links = [...readme.matchAll(/\]\(([^)]+)\)/g)].map(([, link = '']) => link);
  expect(links.filter((link) => !link.startsWith('https://'))).toEqual([]);
  const { version } = manifestOf('sigbridge');
  const docs = `https://github.com/sigbridge/sigbridge/blob/v${version as unknown as string}/docs`;
  expect(links).toContain(`${docs}/looking.md`);
});

/** Node's own ignores are not of interest. */
function runs(): void {
  const read = `require('fs').readFileSync('/proc/self/status', 'utf8')`;
  const code = `console.log(/SigIgn:\\t(.*)/.exec(${read})[1], require('sigbridge').inherited())`;
  const keep = ['nohup', sigbridge, 'run', '--keep', '--', process.execPath, '-e', code];
  const ignored = (bits('SIGHUP') | bits('SIGPIPE', 'SIGXFSZ')).toString(16).padStart(16, '0');
  expect(inProject(keep)).toMatchObject({
    status: 0,
    stdout: `${ignored} { source: 'launcher', ignored: [ 'SIGHUP' ], blocked: [] }\n`,
  });
  const byNode = [process.execPath, sigbridge, 'run', '--ignore', 'SIGINT', '--', 'echo', 'hi'];
  expect(inProject(byNode)).toMatchObject({ status: 0, stdout: 'hi\n', stderr: '' });
  expect(inProject([sigbridge, 'list'])).toMatchObject({ status: 0, stderr: '' });
  const traced = inProject([sigbridge, 'trace', '--', 'bash', '-c', 'trap "" USR1']);
  expect(traced).toMatchObject({ status: 0 });
  expect(traced.stderr).toMatch(/SIGUSR1.* ignore/);
}

function inProject(words: readonly string[]): ReturnType<typeof toEnd> {
  return toEnd(['sh', '-c', 'cd "$0" && exec "$@"', project, ...words]);
}

describe('installed', () => {
  const binaries = (name: string): string => path.join(unpacked(name), 'build/Release');

  test('with the binaries for this platform, in a package beside it', () => {
    runs();
  });

  test('with what was built at the installation, which comes before the binaries shipped', () => {
    fs.cpSync(binaries(`@sigbridge/${PLATFORM}`), binaries('@sigbridge/source'), {
      recursive: true,
    });
    fs.writeFileSync(
      path.join(binaries(`@sigbridge/${PLATFORM}`), 'sigbridge.node'),
      'not to be loaded',
    );
    runs();
  });

  test('with neither says what is missing', () => {
    fs.rmSync(path.join(modules, '@sigbridge'), { recursive: true });
    const { status, stderr } = inProject([sigbridge, 'run', 'true']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^sigbridge: .* is not supported here/);
    expect(inProject([sigbridge, 'list']).status).toBe(0);
  });
});
