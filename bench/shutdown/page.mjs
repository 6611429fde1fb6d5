// The page of `npm run bench:shutdown`, and its plots.
import { writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const { toSvg } = createRequire(import.meta.url)('../report/svg.js');

const PLOTS = { failed: 'failed requests', ms: 'milliseconds from SIGTERM to the end' };

/** Writes docs/benchmark-shutdown.md and docs/benchmark/shutdown-*.svg. */
export async function writePage(result, docs) {
  for (const [field, title] of Object.entries(PLOTS)) {
    const svg = await toSvg(plot(result.figures, field, title));
    writeFileSync(new URL(`benchmark/shutdown-${field}.svg`, docs), `${svg}\n`);
  }
  writeFileSync(new URL('benchmark-shutdown.md', docs), page(result));
}

function plot(figures, field, title) {
  return {
    data: { values: figures },
    mark: 'bar',
    width: 720,
    height: 260,
    encoding: {
      x: { field: 'load', type: 'nominal', sort: null, title: null, axis: { labelAngle: -20 } },
      xOffset: { field: 'library', sort: null },
      y: { field, type: 'quantitative', title, scale: { type: 'symlog' } },
      color: { field: 'library', type: 'nominal', sort: null, title: null },
      // Pale: it has let somebody down in that column.
      opacity: { condition: { test: 'datum.failed > 0', value: 0.35 }, value: 1 },
    },
  };
}

function page({ date, node, machine, load, runs, graceMs, patienceMs, figures }) {
  const loads = [...new Set(figures.map((figure) => figure.load))];
  const libraries = [...new Set(figures.map((figure) => figure.library))];
  const table = (cell) => [
    row(['', ...loads]),
    row(['---', ...loads.map(() => '---:')]),
    ...libraries.map((library) =>
      row([
        library,
        ...loads.map((name) =>
          cell(figures.find((figure) => figure.load === name && figure.library === library)),
        ),
      ]),
    ),
  ];
  const failed = (library) =>
    figures.filter((one) => one.library === library && one.failed > 0).length;
  const best = libraries.filter((library) => failed(library) === 0);
  // Of those that let nobody down.
  const leastWithout = (name) =>
    Math.min(...figures.filter((one) => one.load === name && one.failed === 0).map(({ ms }) => ms));
  return [
    '# Benchmark: a server that ends under load',
    '',
    'Made by `npm run bench:shutdown` in [one run](benchmark/shutdown.json); nothing here is written by hand. A server',
    'gets SIGTERM while clients send requests to it. The clients do nothing wrong. A request counts as failed if it was sent',
    'on an open connection and was not answered in full. A request that the server refused does not count. In the tables,',
    `each row is a way to end a server, and each column is a kind of load. Each library is given ${graceMs / 1000} seconds; a server`,
    `that has not ended ${patienceMs / 1000} seconds after SIGTERM is killed by SIGKILL.`,
    '',
    `- Date: ${date}`,
    `- Machine: ${machine}; load before (1, 5, 15 minutes): ${load.join(', ')}`,
    `- Node: ${node}; runs of each: ${runs}`,
    '',
    '## Failed requests, of all runs',
    '',
    `Without a failed request in any column: ${best.join(', ') || 'none'}.`,
    '',
    '![Failed requests](benchmark/shutdown-failed.svg)',
    '',
    ...table(({ failed }) => failed),
    '',
    '## From SIGTERM to the end, in ms (median)',
    '',
    '![Milliseconds](benchmark/shutdown-ms.svg)',
    '',
    'Whoever cuts clients off ends sooner, so the times alone say little: the pale bars are of those that have failed',
    'requests of that column, and bold is the least time of those that have failed none.',
    '',
    ...table(({ failed, ms, load: name }) =>
      failed === 0 && ms === leastWithout(name) ? `**${ms}**` : ms,
    ),
    '',
    '## How the process ended',
    '',
    'A name is the signal that ended the process. A number is the code with which it exited.',
    '',
    ...table(({ exits }) => exits.join(', ')),
    '',
  ].join('\n');
}

const row = (cells) => `| ${cells.join(' | ')} |`;
