// Draws the house into docs/design.md: the arrows that the imports of lib/ make between its rooms, and
// those that native/ may have. `--check` fails where the page shows another house.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { MAY_INCLUDE } from './check-includes.mjs';

const PAGE = 'docs/design.md';
const PICTURE = /(<!-- house -->\n)[^]*?(<!-- \/house -->)/;

/** By room of lib/: the rooms that it imports from. */
function libArrows() {
  const depcruise = ['depcruise', 'lib', '--collapse', '^lib/[^/]+', '--output-type', 'json'];
  const { modules } = JSON.parse(execFileSync('npx', depcruise, { encoding: 'utf8' }));
  const rooms = modules.map(({ source, dependencies }) => [
    source,
    dependencies.map(({ resolved }) => resolved),
  ]);
  const isRoom = (name) => /^lib\/[^/.]+$/.test(name);
  return rooms
    .filter(([name]) => isRoom(name))
    .map(([name, to]) => [name, to.filter((one) => isRoom(one) && one !== name)]);
}

const nativeArrows = () =>
  Object.entries(MAY_INCLUDE).map(([name, to]) => [
    `native/${name}`,
    to.flatMap((one) => (one in MAY_INCLUDE ? `native/${one}` : 'native/engine/control')),
  ]);

/** Without the arrows that others imply. */
function reduced(arrows) {
  const below = new Map(arrows);
  const reaches = (from, to) =>
    (below.get(from) ?? []).some((next) => next === to || reaches(next, to));
  return arrows.flatMap(([from, targets]) =>
    targets
      .filter((to) => !targets.some((other) => other !== to && reaches(other, to)))
      .map((to) => `  ${from} --> ${to}`),
  );
}

function picture() {
  const arrows = [...libArrows(), ...nativeArrows(), ['lib/base', ['native/binding']]];
  const merged = new Map();
  for (const [from, to] of arrows) merged.set(from, [...(merged.get(from) ?? []), ...to]);
  return ['```mermaid', 'flowchart TD', ...reduced([...merged]).sort(), '```'].join('\n');
}

const before = readFileSync(PAGE, 'utf8');
const after = before.replace(PICTURE, (_, open, close) => `${open}\n${picture()}\n\n${close}`);
if (process.argv.includes('--check')) {
  if (after !== before) console.error(`${PAGE} shows another house: npm run docs:house`);
  process.exitCode = after === before ? 0 : 1;
} else {
  writeFileSync(PAGE, after);
}
