/// <reference lib="dom" />
// What is given to `evaluate` runs in the browser.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, beforeAll, expect, test } from '@jest/globals';

import { openBrowser, SCREENSHOTS, type OpenBrowser } from '../../support/browser';
import { fixturePath } from '../../support/fixtures';
import { folder, MAIN } from '../../support/trace';

const MARKUP = '</title><script>document.title="run"</script><b>bold</b>';

let opened: OpenBrowser;
beforeAll(async () => {
  opened = await openBrowser();
}, 60_000);
afterAll(async () => {
  await opened.close();
});

function trace(...argv: string[]): { status: number | null; stderr: string } {
  const { status, stderr } = spawnSync(process.execPath, [MAIN, 'trace', ...argv], {
    encoding: 'utf8',
  });
  return { status, stderr };
}

test('the timeline is a page that needs nothing else', async () => {
  const file = path.join(folder(), 'out.html');
  const script = '"$0" calls meddle_default exit=3';
  const command = ['sh', '-c', script, fixturePath('changes'), MARKUP];
  expect(trace('--report', file, '--', ...command)).toEqual({ status: 3, stderr: '' });

  const page = await opened.browser.newPage();
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url()));
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  const url = pathToFileURL(file).href;
  await page.goto(url);
  expect(requests).toEqual([url]);
  expect(complaints).toEqual([]);
  expect(await page.locator('h1 code').getAttribute('title')).toContain('<b>bold</b>');
  expect(await page.locator('h1 b').count()).toBe(0);
  expect(await page.title()).not.toBe('run');
  expect(await page.locator('li').allInnerTexts()).toEqual([
    expect.stringMatching(/^default-over-handler .*meddle_default/),
  ]);
  // How a signal's row ends; of changes that are closer than a pixel, the last is drawn.
  const endOf = async (signal: string): Promise<string | null> => {
    const bars = page.locator('svg g', { hasText: new RegExp(` ${signal}: `) }).locator('rect');
    return bars.last().getAttribute('class');
  };
  expect(await Promise.all(['SIGUSR1', 'SIGHUP', 'SIGWINCH'].map(endOf))).toEqual([
    'default',
    'handler',
    'ignore',
  ]);
  expect(
    await page
      .locator('svg g')
      .filter({ hasText: /sigaltstack/ })
      .count(),
  ).toBe(1);
  expect(await page.locator('table').last().innerText()).toMatch(/meddle_default\+0x/);
  fs.mkdirSync(SCREENSHOTS, { recursive: true });
  await page.screenshot({ path: path.join(SCREENSHOTS, 'trace.png'), fullPage: true });
  await page.close();
});

test('of eighty programs each is folded, a signal can be chosen, and a mark leads to who made it', async () => {
  const file = path.join(folder(), 'many.html');
  const traps = `trap : USR1; trap - USR1; trap '' HUP; trap - HUP`;
  const loop = `n=0; while [ $n -lt 16 ]; do ${traps}; n=$((n + 1)); done`;
  const one = `${loop}; [ $1 = 7 ] && trap '' TERM; :`;
  const script = `i=0; while [ $i -lt 80 ]; do bash -c "$1" - $i; i=$((i + 1)); done`;
  expect(trace('--report', file, '--', 'sh', '-c', script, '-', one).status).toBe(0);
  const page = await opened.browser.newPage();
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(pathToFileURL(file).href);
  const programs = page.locator('details.process');
  expect(await programs.count()).toBeGreaterThanOrEqual(80);
  expect(await page.locator('details.process[open]').count()).toBe(0);
  expect((await page.title()).length).toBeLessThan(80);
  const [, changes] = /(\d+) changes/.exec(await page.locator('body').innerText()) ?? [];
  expect(Number(changes)).toBeGreaterThan(5000);
  const seventh = programs.locator('summary[title$=" - 7"]');
  expect(await seventh.innerText()).toMatch(/ \d+ changes, from \d+\.\d ms$/);
  for (const scheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme: scheme });
    for (const width of [390, 1280]) {
      await page.setViewportSize({ width, height: 844 });
      const file = `${SCREENSHOTS}/report-eighty-${scheme}-${String(width)}.png`;
      await page.screenshot({ path: file });
      expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
    }
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.selectOption('#signal', 'SIGTERM');
  const left = page.locator('details.process:visible');
  const before = await left.count();
  expect(before).toBeLessThan(80);
  const own = left.filter({ has: page.locator('rect.ignore') }).first();
  await own.locator('summary').click();
  expect(await own.locator('.lane:visible').count()).toBe(1);
  const link = own.locator('.lane:visible a', { has: page.locator('rect.ignore') });
  const target = await link.first().getAttribute('href');
  await page.goto(`${pathToFileURL(file).href}${String(target)}`);
  expect(await page.locator('tr:target td').last().innerText()).toMatch(/bash/);
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  expect(wide).toBeLessThanOrEqual(390);
  await page.close();
});

test('a page can be made of what was written before', () => {
  const [json, first, second] = ['a.json', 'b.html', 'c.html'].map((name) =>
    path.join(folder(), name),
  ) as [string, string, string];
  const command = ['--', fixturePath('changes'), 'act=10'];
  trace('--json', '--output', json, '--report', first, ...command);
  expect(trace('--input', json, '--report', second)).toEqual({ status: 0, stderr: '' });
  expect(fs.readFileSync(second, 'utf8')).toBe(fs.readFileSync(first, 'utf8'));
  expect(trace('--input', json).stderr).toMatch(/^ +MS +THREAD/);
  expect(trace('--input', first).status).toBe(2);
  expect(trace('--input', json, ...command).status).toBe(2);
});

test.each([
  ['--report', '/nowhere/out.html', 'ENOENT'],
  ['--output', '/', 'it is a directory'],
])('%s %s is refused before the command runs', (option, file, why) => {
  const ran = path.join(folder(), 'ran');
  const { status, stderr } = trace(option, file, '--', 'touch', ran);
  expect(status).toBe(2);
  expect(stderr).toContain(`Invalid ${option.slice(2)}: '${file}'; expected a file to write (`);
  expect(stderr).toContain(why);
  expect(fs.existsSync(ran)).toBe(false);
});
