// Makes docs/picture.png, which the README shows: the debug page of a program that has just been sent signals, and
// the timeline of `sigbridge trace` for a shell that starts it. Wants Debian's Chromium, and a checkout that is built.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'sigbridge-picture-'));
const VIEW = { width: 1100, height: 620 };

const FILES = {
  'server.js': `
    const http = require('node:http');
    const { on, notify } = require('sigbridge');
    const { debugHandler } = require('sigbridge/debug');
    http.createServer(debugHandler()).listen(0, 'localhost', function () {
      console.log('http://localhost:' + this.address().port);
    });
    on(['SIGHUP', 'SIGUSR2', 'SIGRTMIN+1'], () => {});
    process.on('SIGTERM', () => process.exit());
    notify('SIGWINCH', { capacity: 4 });`,
  'job.js': "require('sigbridge').on('SIGHUP', () => {}).close();",
  'start.sh': "trap 'echo bye' TERM\nnode job.js &\nwait\n",
};

function lay() {
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(root, join(folder, 'node_modules/sigbridge'));
  for (const [name, text] of Object.entries(FILES)) writeFileSync(join(folder, name), text);
}

async function debugPage(page) {
  const stdio = ['ignore', 'pipe', 'inherit'];
  const program = spawn('node', ['server.js'], { cwd: folder, stdio });
  const [url] = await once(createInterface({ input: program.stdout }), 'line');
  await page.goto(url);
  for (let turn = 0; turn < 12; turn++) {
    for (const signal of ['SIGHUP', 'SIGUSR2', 'SIGWINCH']) program.kill(signal);
    await page.waitForTimeout(60);
  }
  await page.waitForTimeout(1_000);
  const picture = await page.screenshot();
  program.kill('SIGTERM');
  return picture;
}

async function timeline(page) {
  const argv = [join(root, 'bin/sigbridge'), 'trace', '--report', 'timeline.html', '--'];
  const options = { cwd: folder, encoding: 'utf8' };
  const { status, stderr } = spawnSync('node', [...argv, 'sh', 'start.sh'], options);
  if (status !== 0) throw new Error(`trace ended with ${status}: ${stderr}`);
  await page.goto(pathToFileURL(join(folder, 'timeline.html')).href);
  return page.screenshot();
}

lay();
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const page = await browser.newPage({ viewport: VIEW, deviceScaleFactor: 0.8 });
  const pictures = [await debugPage(page), await timeline(page)];
  const images = pictures.map(
    (bytes) =>
      `<img src="data:image/png;base64,${bytes.toString('base64')}" width="${VIEW.width}">`,
  );
  const both = await browser.newPage({ viewport: VIEW, deviceScaleFactor: 0.8 });
  await both.setContent(
    `<body style="margin:0;display:grid;gap:8px;background:#ccc">${images.join('')}</body>`,
  );
  await both.screenshot({ path: join(root, 'docs/picture.png'), fullPage: true });
  const bytes = readFileSync(join(root, 'docs/picture.png')).length;
  console.log(`docs/picture.png: ${Math.round(bytes / 1024)} KiB`);
} finally {
  await browser.close();
  rmSync(folder, { recursive: true });
}
