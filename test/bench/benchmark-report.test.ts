import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

interface Figure {
  measurement: string;
  what: string;
  how: string;
}
interface Result {
  date: string;
  node: string;
  versions: Record<string, string>;
  machine: { cpu: string; system: string };
  figures: Figure[];
}

const REPORT = path.join(__dirname, '../..', 'bench', 'report.js');
const RECORDED = path.join(__dirname, '../fixtures', 'benchmark-result.json');
const PLOTS = [
  ...['latency', 'rate', 'cpu', 'burst-lost', 'loss', 'growth-time', 'growth-memory', 'targets'],
];
const MISSING = 'missing: ';

const result = JSON.parse(fs.readFileSync(RECORDED, 'utf8')) as Result;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'benchmark-'));

afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

/** Every file of the report, by its path in the folder. */
function make(from: string, name: string): Map<string, string> {
  const to = path.join(folder, name);
  fs.mkdirSync(to);
  execFileSync(process.execPath, [REPORT, '--from', from, '--to', to], { stdio: 'pipe' });
  const names = ['benchmark.md', ...fs.readdirSync(path.join(to, 'benchmark'))];
  return new Map(
    names.map((file) => {
      const place = file === 'benchmark.md' ? file : path.join('benchmark', file);
      return [place, fs.readFileSync(path.join(to, place), 'utf8')];
    }),
  );
}

/** The words of a text, whatever the columns of its table. */
const words = (text: string): string => text.replaceAll(/\s+/g, ' ');

describe('the report of a recorded result', () => {
  let files = new Map<string, string>();
  let page = '';
  beforeAll(() => {
    files = make(RECORDED, 'first');
    page = words(files.get('benchmark.md') ?? '');
  });

  test('says on which machine, when, and with which versions', () => {
    const { date, node, machine, versions } = result;
    for (const fact of [date, node, machine.cpu, machine.system, ...Object.values(versions)]) {
      expect(page).toContain(fact);
    }
  });

  test('has every figure', () => {
    const figures = result.figures.filter(({ what }) => !what.startsWith(MISSING));
    expect(figures.length).toBeGreaterThan(10);
    for (const { what, how } of figures) expect(page).toMatch(rowOf(what, how));
    expect(JSON.parse(files.get('benchmark/result.json') ?? '')).toEqual(result);
  });

  test('has every plot, with a sentence below', () => {
    for (const plot of PLOTS) {
      expect(page).toMatch(
        new RegExp(`!\\[[^\\]]+\\]\\(benchmark/${plot}\\.svg\\) [A-Z][^#!]+\\.`),
      );
      const svg = files.get(`benchmark/${plot}.svg`) ?? '';
      expect(svg).toMatch(/^<svg [\s\S]*<\/svg>\n$/);
      expect(svg).not.toContain('NaN');
    }
    expect([...files.keys()].filter((name) => name.endsWith('.svg'))).toHaveLength(PLOTS.length);
  });

  test('names who is missing, and why', () => {
    const gone = result.figures.filter((figure) => figure.what.startsWith(MISSING));
    expect(gone).toHaveLength(1);
    for (const { what, how } of gone) {
      expect(page).toContain(`${what.slice(MISSING.length)}: ${how}`);
    }
    expect(page).not.toContain('No peer is missing');
  });

  test('says what the figures say', () => {
    expect(page).toContain(
      'At p50 sigbridge has 16.3 µs, place 4 of 6; all lie from 6.01 µs of C sigwaitinfo to 33.5 µs of Python asyncio.',
    );
    expect(page).toContain(
      'sigbridge lost 0 of 100,000 and was killed 0 times; process.on lost 191 of 300 and was killed 56 times',
    );
    expect(page).toContain(
      '7 of 9 are reached; not reached: one signal from another process, against process.on; on + close, against process.on',
    );
  });

  test('is the same for the same result', () => {
    expect(make(RECORDED, 'second')).toEqual(files);
  });
});

test('the report of a run that measured less says what was not measured', () => {
  const from = path.join(folder, 'less.json');
  const figures = result.figures.filter(({ measurement }) => measurement === 'growth');
  fs.writeFileSync(from, JSON.stringify({ ...result, figures }));
  const files = make(from, 'less');
  const page = files.get('benchmark.md') ?? '';
  expect(page).toContain('Not measured in this run; `node bench/run.js peers` does.');
  expect(page).toContain('No peers were measured');
  expect([...files.keys()].filter((name) => name.endsWith('.svg')).sort()).toEqual([
    'benchmark/growth-memory.svg',
    'benchmark/growth-time.svg',
    'benchmark/targets.svg',
  ]);
});

function rowOf(what: string, how: string): RegExp {
  const exact = (text: string) => text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return new RegExp(String.raw`\| ${exact(what)} \|[^#]*?\| ${exact(how)} \|`);
}
