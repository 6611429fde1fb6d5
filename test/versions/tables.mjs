// What the run makes of its results: docs/platforms.md and both READMEs.
import { settle } from '../../scripts/tables.mjs';

const WORDS = { true: 'yes', false: 'no' };

export const nameOf = ({ title, version, libc }) =>
  `${title} ${version}${libc === undefined ? '' : `, ${libc}`}`;

export async function writeTables(results) {
  const [first] = results;
  const chapters = Object.keys(first.held);
  const all = [
    ['', ...results.map(nameOf)],
    ...chapters.map((about) => [about, ...results.map(({ held }) => WORDS[held[about]] ?? '')]),
  ];
  const kinds = [...new Set(results.map(({ title }) => title))].map((title) => {
    const tried = results.filter((one) => one.title === title);
    return [title, tried[0].version, tried.at(-1).version];
  });
  const settled = [
    await settle('docs/platforms.md', 'runtimes', all),
    await settle('README.md', 'runtimes', [['', 'from', 'tried up to'], ...kinds]),
    await settle('README.zh-CN.md', 'runtimes', [['', '最低版本', '测试到'], ...kinds]),
  ];
  return settled.every(Boolean);
}
