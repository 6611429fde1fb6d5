import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';

const ROOT = path.join(__dirname, '../..');

describe('the arrows of the house', () => {
  let folder = '';

  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'sigbridge-house-'));
  });
  afterEach(() => {
    fs.rmSync(folder, { recursive: true });
  });

  function write(name: string, text: string): void {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), text);
  }

  function lintImports(): string {
    fs.copyFileSync(path.join(ROOT, 'tsconfig.json'), path.join(folder, 'tsconfig.json'));
    fs.symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
    const depcruise = path.join(ROOT, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
    const rules = path.join(ROOT, '.dependency-cruiser.cjs');
    const { status, stdout } = spawnSync(
      process.execPath,
      [depcruise, 'lib', '--config', rules, '--output-type', 'err'],
      { cwd: folder, encoding: 'utf8' },
    );
    expect(status).not.toBe(0);
    return stdout;
  }

  test.each([
    ['base', 'core', 'base-knows-nothing-above'],
    ['core', 'cli', 'core-stands-on-base'],
    ['manager', 'shutdown', 'wings-stand-on-core'],
    ['cli', 'debug', 'wings-stand-on-core'],
    ['debug', 'cli', 'debug-stands-on-core-and-shutdown'],
  ])('lib: from %s to %s there is none', (from, to, rule) => {
    write(`lib/${to}/a/b.ts`, 'export const b = 1;\n');
    write(`lib/${from}/a/a.ts`, `import { b } from '../../${to}/a/b.js';\nexport const a = b;\n`);
    expect(lintImports()).toContain(rule);
  });

  test('lib: types do not import in a circle', () => {
    write('lib/core/a/a.ts', "import type { B } from './b.js';\nexport type A = B | 1;\n");
    write('lib/core/a/b.ts', "import type { A } from './a.js';\nexport type B = A | 2;\n");
    expect(lintImports()).toContain('no-circles');
  });

  test.each([
    ['engine/handler', 'engine/control'],
    ['engine/signal', 'engine/handler'],
    ['engine/control', 'binding'],
    ['engine/control', 'loop'],
    ['launch', 'binding'],
  ])('native: from %s to %s there is none', (from, to) => {
    fs.mkdirSync(path.join(folder, 'scripts'));
    const script = path.join(folder, 'scripts/check-includes.mjs');
    fs.copyFileSync(path.join(ROOT, 'scripts/check-includes.mjs'), script);
    write(`native/${from}/a.cc`, `#include "${to}/b.h"\n`);
    const { status, stderr } = spawnSync(process.execPath, [script], { encoding: 'utf8' });
    expect(stderr).toContain(`native/${from}/a.cc includes ${to}/b.h`);
    expect(status).toBe(1);
  });
});
