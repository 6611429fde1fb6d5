// Looks at each page of the built site in Chromium, as wide as a phone and as a desktop, light and dark: it shows its
// title, fits the width, and loads all that it asks for. The pictures are left in .cache/screenshots/site.
/* global document */
import { mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { serve } from 'vitepress';

const site = dirname(fileURLToPath(import.meta.url));
const root = dirname(site);
const { chromium } = createRequire(join(root, 'package.json'))('playwright-core');
const pictures = join(root, '.cache/screenshots/site');
const SIZES = { phone: { width: 390, height: 844 }, desktop: { width: 1280, height: 900 } };
const PORT = 4199;
const address = `http://localhost:${PORT}/`;

const pages = readdirSync(join(site, '.pages'), { recursive: true })
  .filter((file) => file.endsWith('.md') && !file.startsWith('api/'))
  .map((file) => file.replace(/(index)?\.md$/, ''))
  .concat('api/');

mkdirSync(pictures, { recursive: true });
const server = await serve({ root: site, port: PORT });
const browser = await chromium.launch({
  executablePath: '/usr/bin/chromium',
  args: ['--no-sandbox', '--disable-gpu'],
});
const faults = [];
for (const [size, viewport] of Object.entries(SIZES)) {
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ viewport, colorScheme });
    const page = await context.newPage();
    page.on('response', (response) => {
      if (response.status() >= 400) faults.push(`${response.status()}: ${response.url()}`);
    });
    page.on('pageerror', (error) => faults.push(`${page.url()}: ${error.message}`));
    for (const name of pages) faults.push(...(await look(page, name, `${size}-${colorScheme}`)));
    await context.close();
  }
}
await browser.close();
server.server.close();

async function look(page, name, kind) {
  await page.goto(address + name, { waitUntil: 'networkidle' });
  const { title, width, dark } = await page.evaluate(() => ({
    title: document.querySelector('h1')?.getBoundingClientRect().width ?? 0,
    width: document.documentElement.scrollWidth,
    dark: document.documentElement.classList.contains('dark'),
  }));
  const file = `${name.replaceAll('/', '-') || 'index'}-${kind}.png`;
  await page.screenshot({ path: join(pictures, file) });
  const wide = page.viewportSize().width;
  return [
    ...(title > 0 ? [] : [`${name} (${kind}): no title is seen`]),
    ...(width <= wide ? [] : [`${name} (${kind}): ${width} pixels wide, of ${wide}`]),
    ...(dark === kind.endsWith('dark') ? [] : [`${name} (${kind}): not in that colour`]),
  ];
}

for (const fault of faults) console.error(fault);
console.log(`${pages.length} pages at 2 sizes in 2 colours, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
