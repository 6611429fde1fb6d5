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

\`npm run test:doctor\` makes each of these situations with real processes. It asks \`sigbridge doctor\` what will happen,
sends the signal or presses the key, and looks at what really happens. It fails if a certain answer is wrong, if a
situation ends otherwise than its author wrote down, or if more than a tenth of the answers are "cannot be told". If it
has not failed, it writes this page. The situations are in \`test/doctor/situations/\`.

Of ${results.length} situations, none had a wrong certain answer, and ${open} cannot be told from outside.
The run also asks \`sigbridge tree\`. It was wrong about none of the ${met} processes that the signals reached.

${matrix(results)}

In the second column, "key of SIGINT" means that the key for this signal was pressed on the terminal, and a name alone
means that the signal was sent. The word in the fourth column is the first cause that the doctor named.
[Troubleshooting](troubleshooting.md) explains these words.

| situation | signal | predicted | cause | really |
| --- | --- | --- | --- | --- |
${rows.join('\n')}
`;
  return prettier.format(text, { parser: 'markdown' });
}

function wordsOf(answer) {
  return ANSWERS.find(([one]) => one === answer)[1];
}
