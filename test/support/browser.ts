import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { chromium, type BrowserContext } from 'playwright-core';

/** Where tests leave what a browser has shown, for people to look at. */
export const SCREENSHOTS = path.join(__dirname, '../../.cache/screenshots');

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

export interface OpenBrowser {
  browser: BrowserContext;
  close(): Promise<void>;
}

/** Debian's Chromium, without a window, and with nothing that another run has left. */
export async function openBrowser(): Promise<OpenBrowser> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'sigbridge-browser-'));
  const browser = await chromium.launchPersistentContext(folder, {
    executablePath: '/usr/bin/chromium',
    headless: true,
    args: FLAGS,
    viewport: { width: 1280, height: 1000 },
  });
  const close = async (): Promise<void> => {
    await browser.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { browser, close };
}
