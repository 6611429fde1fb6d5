import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { bits } from '../support/kernel';
import { toEnd } from '../support/run';

const ROOT = path.join(__dirname, '../..');

/** A folder in which the package is installed, as npm does it. */
let project = '';
let sigbridge = '';
let installed = '';

beforeAll(() => {
  // A path that needs quoting.
  project = fs.mkdtempSync(path.join(os.tmpdir(), 'a "project" of sigbridge '));
  installed = path.join(project, 'node_modules/sigbridge');
  sigbridge = path.join(project, 'node_modules/.bin/sigbridge');
  fs.mkdirSync(installed, { recursive: true });
  fs.mkdirSync(path.dirname(sigbridge));
  const pack = ['pack', '--ignore-scripts', '--silent', '--pack-destination', project];
  execFileSync('npm', pack, { cwd: ROOT });
  const [tarball = ''] = fs.readdirSync(project).filter((name) => name.endsWith('.tgz'));
  const extract = ['xf', path.join(project, tarball), '--strip-components=1', '-C', installed];
  execFileSync('tar', extract);
  fs.symlinkSync('../sigbridge/bin/sigbridge', sigbridge);
  fs.symlinkSync(
    path.join(ROOT, 'node_modules/node-gyp-build'),
    path.join(project, 'node_modules/node-gyp-build'),
  );
});

afterAll(() => {
  fs.rmSync(project, { recursive: true });
});

test('what is built at the installation has its sources', () => {
  const gypi = fs.readFileSync(path.join(installed, 'native/sources.gypi'), 'utf8');
  const { variables } = JSON.parse(gypi) as { variables: Record<string, string[]> };
  const missing = Object.values(variables)
    .flat()
    .filter((source) => !fs.existsSync(path.join(installed, source)));
  expect(missing).toEqual([]);
  expect(variables['launch_sources']).toContain('native/launch/main.cc');
});

test('what the build at the installation asks of other packages is installed with it', () => {
  const gyp = fs.readFileSync(path.join(installed, 'binding.gyp'), 'utf8');
  const asked = [...gyp.matchAll(/require\('([^']+)'\)/g)].map(([, name = '']) => name);
  const { dependencies } = JSON.parse(
    fs.readFileSync(path.join(installed, 'package.json'), 'utf8'),
  ) as { dependencies: Record<string, string> };
  expect(asked).toEqual(['node-addon-api']);
  expect(Object.keys(dependencies)).toEqual(expect.arrayContaining(asked));
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

describe('sigbridge run, installed', () => {
  test('with what was built at the installation', () => {
    const built = path.join(installed, 'build/Release');
    fs.mkdirSync(built, { recursive: true });
    for (const name of ['sigbridge.node', 'sigbridge-run', 'sigbridge-preload.so']) {
      fs.copyFileSync(path.join(ROOT, 'build/Release', name), path.join(built, name));
    }
    runs();
  });

  test('with the binaries that a release ships', () => {
    const built = path.join(installed, 'build/Release');
    const folder = path.join(installed, `prebuilds/${process.platform}-${process.arch}`);
    execFileSync(process.execPath, [path.join(ROOT, 'scripts/ship-beside-addon.mjs')], {
      cwd: installed,
      env: {
        ...process.env,
        PREBUILD_PLATFORM: process.platform,
        PREBUILD_ARCH: process.arch,
        PREBUILD_LIBC: 'glibc',
        PREBUILD_STRIP_BIN: 'strip',
      },
    });
    fs.renameSync(path.join(built, 'sigbridge.node'), path.join(folder, 'sigbridge.glibc.node'));
    fs.rmSync(path.join(installed, 'build'), { recursive: true });
    expect(fs.readdirSync(folder)).toEqual([
      'sigbridge-preload.so.glibc',
      'sigbridge-run.glibc',
      'sigbridge.glibc.node',
    ]);
    runs();
  });

  test('with neither says what is missing', () => {
    fs.rmSync(path.join(installed, 'prebuilds'), { recursive: true });
    const { status, stderr } = inProject([sigbridge, 'run', 'true']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^sigbridge: .* is not supported here/);
    expect(inProject([sigbridge, 'list']).status).toBe(0);
  });
});
