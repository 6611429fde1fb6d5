// Looks at each page of the built site in Chromium, as wide as a phone and as a desktop, light and dark: it shows its
// title, fits the width with its tables of words, and loads all that it asks for, pictures too. Then it searches in each
// language. Screenshots are left in .cache/screenshots/site.
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
faults.push(...(await search('', 'watchdog', 'Watchdog')));
faults.push(...(await search('zh/', '处理函数', '处理函数')));
await browser.close();
server.server.close();

async function look(page, name, kind) {
  await page.goto(address + name, { waitUntil: 'networkidle' });
  const { title, width, dark, cut, broken } = await page.evaluate(() => ({
    title: document.querySelector('h1')?.getBoundingClientRect().width ?? 0,
    width: document.documentElement.scrollWidth,
    dark: document.documentElement.classList.contains('dark'),
    // One with many columns of figures may be moved sideways.
    cut: [...document.querySelectorAll('.vp-doc table')].filter(
      (table) => table.scrollWidth > table.clientWidth + 1 && table.rows[0].cells.length < 5,
    ).length,
    broken: [...document.images].filter((image) => image.naturalWidth === 0).length,
  }));
  const file = `${name.replaceAll('/', '-') || 'index'}-${kind}.png`;
  await page.screenshot({ path: join(pictures, file) });
  const wide = page.viewportSize().width;
  return [
    ...(title > 0 ? [] : [`${name} (${kind}): no title is seen`]),
    ...(width <= wide ? [] : [`${name} (${kind}): ${width} pixels wide, of ${wide}`]),
    ...(cut === 0 ? [] : [`${name} (${kind}): ${cut} tables are cut off`]),
    ...(broken === 0 ? [] : [`${name} (${kind}): ${broken} pictures are not there`]),
    ...(dark === kind.endsWith('dark') ? [] : [`${name} (${kind}): not in that colour`]),
  ];
}

/** Types a word into the search of a page: something whose text has `wanted` is found. */
async function search(name, word, wanted) {
  const page = await browser.newPage({ viewport: SIZES.desktop });
  await page.goto(address + name, { waitUntil: 'networkidle' });
  await page.click('.DocSearch-Button');
  await page.fill('.search-input', word);
  const found = page.locator('.results .result', { hasText: wanted }).first();
  const seen = await found.waitFor({ timeout: 30_000 }).then(
    () => true,
    () => false,
  );
  await page.screenshot({ path: join(pictures, `search-${name === '' ? 'en' : 'zh'}.png`) });
  await page.close();
  return seen ? [] : [`${name}: a search for ${word} finds nothing of ${wanted}`];
}

for (const fault of faults) console.error(fault);
console.log(`${pages.length} pages at 2 sizes in 2 colours, ${faults.length} faults`);
process.exitCode = faults.length > 0 ? 1 : 0;
