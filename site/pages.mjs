// Lays out in `.pages` what the site is made of: the README and docs/ as they stand in the repository, with links
// that fit. The API reference is typedoc's.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = dirname(fileURLToPath(import.meta.url));
const root = dirname(site);
const pages = join(site, '.pages');

/** Files beside docs/ that are pages, and where they are to be found. */
const OUTSIDE = {
  'README.md': 'index.md',
  'README.zh-CN.md': 'zh/index.md',
  'CHANGELOG.md': 'changelog.md',
  'CONTRIBUTING.md': 'contributing.md',
};

/** Links as the repository has them, for the same page of the site. */
function links(text) {
  return text
    .replace(/\]\((?:\.\.\/)?([A-Z][\w.-]*\.md)(#[^)]*)?\)/g, (link, file, part = '') =>
      file in OUTSIDE ? `](/${OUTSIDE[file]}${part})` : link,
    )
    .replaceAll('](LICENSE)', '](/LICENSE.txt){target="_self"}')
    .replaceAll(/(\]\(|src=")docs\//g, '$1/')
    .replaceAll(/\]\(\.\.\/(examples\/[^)]+)\)/g, '](/$1){target="_self"}')
    .replaceAll(/\]\((benchmark\/\w+\.json)\)/g, '](/$1){target="_self"}');
}

rmSync(pages, { recursive: true, force: true });
mkdirSync(join(pages, 'zh'), { recursive: true });
mkdirSync(join(pages, 'public'));
for (const [file, page] of Object.entries(OUTSIDE)) {
  writeFileSync(join(pages, page), links(readFileSync(join(root, file), 'utf8')));
}
const sidebar = readFileSync(join(site, '.vitepress/config.mts'), 'utf8');
for (const entry of readdirSync(join(root, 'docs'), { withFileTypes: true })) {
  const from = join(root, 'docs', entry.name);
  if (entry.name.endsWith('.md')) {
    const link = `'/${entry.name.slice(0, -'.md'.length)}'`;
    if (!sidebar.includes(link)) throw new Error(`site/.vitepress/config.mts has no page ${link}`);
    writeFileSync(join(pages, entry.name), links(readFileSync(from, 'utf8')));
  } else {
    cpSync(from, join(pages, entry.name), { recursive: true });
    cpSync(from, join(pages, 'public', entry.name), { recursive: true });
  }
}
cpSync(join(root, 'examples'), join(pages, 'public/examples'), {
  recursive: true,
  filter: (path) => !path.endsWith('/build'),
});
cpSync(join(root, 'LICENSE'), join(pages, 'public/LICENSE.txt'));
