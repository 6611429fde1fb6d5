// Builds the documentation site into .cache/site, with what it needs installed first; `--serve` then shows it,
// `--look` looks at each page in Chromium.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const site = path.join(path.dirname(fileURLToPath(import.meta.url)), '../site');

function run(command, ...args) {
  const { status } = spawnSync(command, args, { cwd: site, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

run('npm', 'ci', '--no-audit', '--no-fund');
run(process.execPath, 'pages.mjs');
run(process.execPath, 'node_modules/typedoc/bin/typedoc');
run(process.execPath, 'docstrings.mjs');
run(process.execPath, 'node_modules/vitepress/bin/vitepress.js', 'build');
if (process.argv.includes('--look')) run(process.execPath, 'look.mjs');
if (process.argv.includes('--serve')) {
  run(process.execPath, 'node_modules/vitepress/bin/vitepress.js', 'preview');
}
