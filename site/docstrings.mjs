// Counts the docstrings that leave out what a reader of the API asks for: a function's errors, the threads it may be
// called from, and where it asks the system its source; the unit of a time. Names without any docstring are counted by
// typedoc itself.
import { readFileSync } from 'node:fs';

/** What a function's docstring must say, and by which words it does. */
const ASKED = {
  errors: /@throws|\b[Ee]rrors as\b|\bNo errors\b/,
  threads: /\bthread/i,
  source: /\b[a-z_]+\([1-8]\)|\bSources: as \b/,
};
/** These stand on `on`, and ask the system nothing themselves. */
const SOURCELESS = ['sigbridge/manager', 'sigbridge/shutdown'];
const UNIT = /\bms\b|\b[Mm]illiseconds\b/;

const FUNCTION = 64; // typedoc's ReflectionKind

function textOf({ summary = [], blockTags = [] } = {}) {
  const words = (parts) => parts.map(({ text }) => text).join('');
  return [words(summary), ...blockTags.map(({ tag, content }) => `${tag} ${words(content)}`)].join(
    '\n',
  );
}

const { children: modules } = JSON.parse(readFileSync(new URL('.pages/api.json', import.meta.url)));
const functions = modules.flatMap(({ name: module, children }) =>
  children.filter(({ kind }) => kind === FUNCTION).map((one) => ({ ...one, module })),
);
const silent = functions.flatMap(({ module, name, signatures: [signature] }) =>
  Object.entries(ASKED)
    .filter(([what, words]) => {
      if (what === 'source' && SOURCELESS.includes(module)) return false;
      return !words.test(textOf(signature.comment));
    })
    .map(([what]) => `${name}: its docstring says nothing of ${what}`),
);

/** Every time among an entry's properties and parameters, by its name: `ms`, `totalMs`. */
function timesIn(one, path) {
  const inside = [one.children, one.signatures, one.parameters, one.type?.declaration?.children];
  const own = /^ms$|Ms$/.test(one.name) ? [{ path, comment: one.comment }] : [];
  const within = inside.flatMap((list = []) => list);
  return [...own, ...within.flatMap((part) => timesIn(part, `${path}.${part.name}`))];
}
const times = modules.flatMap(({ children }) => children.flatMap((one) => timesIn(one, one.name)));
const unitless = times
  .filter(({ comment }) => !UNIT.test(textOf(comment)))
  .map(({ path }) => `${path}: its docstring says no unit`);

const faults = [...silent, ...unitless];
for (const fault of faults) console.error(fault);
console.log(
  `${functions.length} functions, ${times.length} times, ${faults.length} docstrings that leave something out`,
);
process.exitCode = faults.length > 0 ? 1 : 0;
