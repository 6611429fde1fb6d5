// What a run of the corpus has shown, as a matrix and as a page of the documentation.
import prettier from 'prettier';

const ANSWERS = [
  [true, 'will act'],
  [false, 'will not act'],
  [null, 'cannot be told'],
];

const REALLY = {
  ends: 'it ends',
  stops: 'it stops',
  runs: 'its handler runs',
  nothing: 'nothing happens',
};

/** Predicted against real. */
export function matrix(results) {
  const count = (answer, seen) =>
    results.filter((one) => one.found.acts === answer && one.seen === seen).length;
  const kinds = Object.keys(REALLY);
  const head = ['predicted', ...kinds.map((kind) => REALLY[kind])];
  const rows = ANSWERS.map(([answer, words]) => [
    words,
    ...kinds.map((kind) => count(answer, kind)),
  ]);
  return [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`).join('\n');
}

export async function page(results) {
  const open = results.filter(({ found }) => found.acts === null).length;
  const met = results.reduce((sum, { tree }) => sum + tree.met, 0);
  const rows = results.map(({ name, signal, by, found, seen }) => {
    const how = by === 'key' ? `key of ${signal}` : signal;
    const rule =
      found.causes[0] && found.causes[0].importance !== 'note' ? `\`${found.causes[0].rule}\`` : '';
    return `| ${name} | ${how} | ${wordsOf(found.acts)} | ${rule} | ${REALLY[seen]} |`;
  });
  const text = `# What the doctor foretells, tried

\`npm run test:doctor\` makes each of these situations with real processes, asks \`sigbridge doctor\`, sends the
signal or presses the key, and sees what happens. It writes this page, and fails where a certain answer is wrong, or more than
a tenth cannot be told. The situations are data: \`test/doctor/situations.mjs\`.

${results.length} situations, 0 wrong certain answers, ${open} that cannot be told from outside.
\`sigbridge tree\` is asked too: of the ${met} processes that were met it was wrong of none.

${matrix(results)}

The word in the fourth column is the first cause, as [Troubleshooting](troubleshooting.md) has it.

| situation | signal | predicted | cause | really |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
  return prettier.format(text, { parser: 'markdown' });
}

function wordsOf(answer) {
  return ANSWERS.find(([one]) => one === answer)[1];
}
