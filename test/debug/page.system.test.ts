/// <reference lib="dom" />
// What is given to `evaluate` runs in the browser.
import http from 'node:http';
import path from 'node:path';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import type { BrowserContext, Page } from 'playwright-core';

import { openBrowser, SCREENSHOTS, type OpenBrowser } from '../support/browser';
import { scenario, type Scenario } from '../support/scenario';

// In the command line, and so on the page: it must stay text.
const MARKUP = '<img src=x onerror="document.title=\'run\'"><b>bold</b>';

let browser: BrowserContext;
let opened: OpenBrowser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  opened = await openBrowser();
  browser = opened.browser;
}, 60_000);
afterAll(async () => {
  await opened.close();
});
beforeEach(async () => {
  page = await browser.newPage();
  complaints = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
});

afterEach(async () => {
  await page.close();
});

/** A program that knows every kind of subscription, and shows itself below /debug/. */
async function shown(send: string[]): Promise<{ child: Scenario; url: string }> {
  const child = await scenario(
    async ({ sigbridge, report, next, require, args, fixture, settle }) => {
      const { debugHandler } = require('sigbridge/debug') as typeof import('sigbridge/debug');
      process.argv.push(args.markup);
      fixture('foreign_a').install(12, { siginfo: true });
      const handler = debugHandler({ prefix: '/debug', send: args.send });
      const workFor = (ns: bigint): void => {
        const end = process.hrtime.bigint() + ns;
        while (process.hrtime.bigint() < end);
      };
      sigbridge.on(['SIGUSR2', 'SIGHUP'], () => undefined);
      sigbridge.on('SIGUSR2', () => {
        workFor(200_000n);
      });
      process.on('SIGUSR2', () => undefined);
      sigbridge.on('SIGIO', () => {
        report('SIGIO');
      });
      sigbridge.notify('SIGRTMIN+3', { capacity: 5 });
      sigbridge.hold('SIGWINCH');
      const { createServer } = require('node:http') as typeof import('node:http');
      const server = createServer(handler).listen(0, '127.0.0.1', () => {
        report((server.address() as import('node:net').AddressInfo).port);
      });
      for (let count = await next<number>(); ; count = await next<number>()) {
        for (let value = 0; value < count; value++) {
          process.kill(process.pid, value % 3 === 0 ? 'SIGUSR2' : 'SIGHUP');
          if (value % 4 === 0) sigbridge.send(process.pid, 'SIGRTMIN+3', { value });
          if (value % 5 === 0) process.kill(process.pid, 'SIGWINCH');
          workFor(BigInt(20_000 * (value % 7)));
          await settle();
        }
      }
    },
    // Behind what inside.js reads of its own command line.
    {
      args: { send, markup: MARKUP },
      launcher: ['sh', '-c', `exec "$0" "$@" '${MARKUP.replaceAll("'", "'\\''")}'`],
    },
  );
  return { child, url: `http://127.0.0.1:${await child.next<number>()}/debug/` };
}

const text = (selector: string): Promise<string> => page.locator(selector).first().innerText();
const rows = (table: string): Promise<string[]> =>
  page.locator(`#${table} tbody tr`).allInnerTexts();

describe('the page', () => {
  test('is live: signals, chains, subscriptions, threads, deliveries and plots', async () => {
    const { child, url } = await shown([]);
    await page.goto(url);
    await page.waitForSelector('#connection[data-state="live"]');
    await page.waitForSelector('#timeline .empty');
    expect(await text('#process')).toBe(`process ${child.pid}`);

    child.tell(60);
    // 60 by turns, and every fourth time one more.
    await page.waitForFunction(() => document.querySelector('.tile b')?.textContent === '75');
    await page.waitForSelector('.delivery');
    expect(await page.locator('.delivery').count()).toBe(30);
    expect(await page.locator('.delivery svg rect.chain').count()).toBeGreaterThan(0);

    const signals = await rows('signals');
    const of = (name: string): string =>
      signals.find((row) => row.startsWith(`${name}\t`))?.replaceAll(/\s+/g, ' ') ?? '';
    expect(of('SIGUSR2')).toMatch(
      /sigbridge\s*libuv\s*native foreign_a\.node foreign_a_handler 20 20 0/,
    );
    expect(of('SIGPIPE')).toContain('ignore');
    expect(of('SIGWINCH')).toContain('held: 12 kept');
    expect(of('SIGTSTP')).toBe('');
    await page.check('#all');
    expect((await rows('signals')).length).toBeGreaterThan(60);
    await page.uncheck('#all');

    const subscriptions = await rows('subscriptions');
    expect(subscriptions.map((row) => row.split('\t')[0])).toEqual([
      ...Array<string>(3).fill('listener'),
      'channel',
      'hold',
    ]);
    expect(subscriptions.join()).toContain('5 of 5 wait, 10 dropped');
    expect((await rows('threads')).length).toBeGreaterThan(5);
    expect((await rows('threads'))[0]).toContain('nothing');

    // Something is painted in both plots.
    const painted = (id: string): Promise<number> =>
      page.locator(`#${id} canvas`).evaluate((canvas) => {
        const { width, height } = canvas as HTMLCanvasElement;
        const context = (canvas as HTMLCanvasElement).getContext('2d');
        const { data } = context?.getImageData(0, 0, width, height) ?? { data: [] };
        let blue = 0;
        for (let at = 0; at < data.length; at += 4) {
          const [red = 0, , more = 0, alpha = 0] = data.slice(at, at + 4);
          if (alpha > 200 && more > red + 80) blue++;
        }
        return blue;
      });
    expect(await painted('latency')).toBeGreaterThan(200);
    expect(await painted('percentiles')).toBeGreaterThan(200);
    expect(await page.locator('button').count()).toBe(0);
    expect(complaints).toEqual([]);

    child.kill('SIGKILL');
    await page.waitForSelector('#connection[data-state="lost"]');
  });

  test('shows what the process says as text, and runs nothing but its own files', async () => {
    const { url } = await shown([]);
    await page.goto(url);
    await page.waitForSelector('#signals tbody tr');
    expect(await text('#command')).toContain(MARKUP);
    expect(await page.locator('img, #command b').count()).toBe(0);
    expect(await page.title()).toMatch(/^Signals of process \d+$/);
    expect(complaints).toEqual([]);
    // The policy holds, also if something got in.
    const ran = await page.evaluate(async () => {
      const broken = new Promise((resolve) => {
        document.addEventListener('securitypolicyviolation', ({ effectiveDirective }) => {
          resolve(effectiveDirective);
        });
      });
      const script = document.createElement('script');
      script.textContent = 'window.hasRun = true';
      document.body.append(script);
      return [await broken, 'hasRun' in window];
    });
    expect(ran).toEqual(['script-src-elem', false]);
  });

  test('has buttons for the signals that may be sent, and they are sent', async () => {
    const { child, url } = await shown(['SIGIO', 'SIGHUP']);
    await page.goto(url);
    await page.waitForSelector('button');
    expect(await page.locator('button').count()).toBe(2);
    await page.click('button[aria-label="send SIGIO"]');
    expect(await child.next()).toBe('SIGIO');
    await page.waitForFunction(
      () => document.getElementById('sent')?.textContent === 'SIGIO is being sent.\n',
    );
    await page.waitForSelector('.delivery');
    expect(await text('.delivery .signal')).toBe('SIGIO');
    expect(complaints).toEqual([]);
  });

  test('gives nothing to a page of another origin, and takes nothing from it', async () => {
    const { child, url } = await shown(['SIGIO']);
    const other = http.createServer((_, response) => {
      response.setHeader('Content-Type', 'text/html').end('<title>other</title>');
    });
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as import('node:net').AddressInfo;
    try {
      await page.goto(`http://localhost:${port}/`);
      const tried = await page.evaluate(async (base) => {
        const attempt = async (call: () => Promise<Response>): Promise<string> => {
          try {
            const answer = await call();
            return `${answer.type} ${answer.status}`;
          } catch {
            return 'refused';
          }
        };
        const send = `${base}send?signal=SIGIO`;
        return [
          await attempt(() => fetch(`${base}json`)),
          await attempt(() => fetch(`${base}json`, { mode: 'no-cors' })),
          await attempt(() => fetch(send, { method: 'POST', mode: 'no-cors' })),
          await attempt(() =>
            fetch(send, { method: 'POST', headers: { 'X-Sigbridge-Token': 'x' } }),
          ),
        ];
      }, url);
      expect(tried).toEqual(['refused', 'refused', 'refused', 'refused']);
      // What is sent now is the first that comes.
      const frame = page.frames().length;
      await page.evaluate((src) => {
        const made = document.createElement('iframe');
        made.src = src;
        document.body.append(made);
        return new Promise((resolve) => {
          made.addEventListener('load', resolve);
        });
      }, url);
      expect(page.frames().length).toBe(frame + 1);
      expect(await page.frames().at(-1)?.locator('#signals').count()).toBe(0);
    } finally {
      other.close();
    }
    expect(child.reports()).toHaveLength(1);
  });

  test.each(['light', 'dark'] as const)('looks as it should in %s', async (colorScheme) => {
    const { child, url } = await shown(['SIGHUP', 'SIGUSR2']);
    await page.emulateMedia({ colorScheme });
    await page.goto(url);
    await page.waitForSelector('#connection[data-state="live"]');
    child.tell(120);
    await page.waitForFunction(() => document.querySelector('.tile b')?.textContent === '150');
    const luminance = await page.evaluate(() => {
      const [red = 0, green = 0, blue = 0] = (
        getComputedStyle(document.body).backgroundColor.match(/\d+/g) ?? []
      ).map(Number);
      return (red + green + blue) / 3 / 255;
    });
    expect(luminance > 0.5).toBe(colorScheme === 'light');
    // No table or plot sticks out.
    const width = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(width).toBeLessThanOrEqual(0);
    await page.screenshot({
      path: path.join(SCREENSHOTS, `debug-${colorScheme}.png`),
      fullPage: true,
    });
    await page.setViewportSize({ width: 420, height: 800 });
    const narrow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(narrow).toBeLessThanOrEqual(0);
    await page.screenshot({ path: path.join(SCREENSHOTS, `debug-${colorScheme}-narrow.png`) });
    expect(complaints).toEqual([]);
  });
});
