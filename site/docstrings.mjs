// Counts the exported functions whose docstring leaves out what a reader of the API asks for: which errors it throws, and
// from which threads it may be called. Names without any docstring are counted by typedoc itself.
import { readFileSync } from 'node:fs';

/** What a docstring must say, and by which words it does. */
const ASKED = {
  errors: /@throws|\b[Ee]rrors as\b|\bNo errors\b/,
  threads: /\bthread/i,
};

const FUNCTION = 64; // typedoc's ReflectionKind

function textOf({ summary = [], blockTags = [] } = {}) {
  const words = (parts) => parts.map(({ text }) => text).join('');
  return [words(summary), ...blockTags.map(({ tag, content }) => `${tag} ${words(content)}`)].join(
    '\n',
  );
}

const { children: modules } = JSON.parse(readFileSync(new URL('.pages/api.json', import.meta.url)));
const functions = modules.flatMap(({ children }) =>
  children.filter(({ kind }) => kind === FUNCTION),
);
const faults = functions.flatMap(({ name, signatures: [signature] }) =>
  Object.entries(ASKED)
    .filter(([, words]) => !words.test(textOf(signature.comment)))
    .map(([what]) => `${name}: its docstring says nothing of ${what}`),
);
for (const fault of faults) console.error(fault);
console.log(`${functions.length} functions, ${faults.length} docstrings that leave something out`);
process.exitCode = faults.length > 0 ? 1 : 0;
