'use strict';

const { row, HEAD } = require('../support/table');

/** The page in Markdown. */
function page(result, sections) {
  const measured = result.figures.filter((figure) => !isMissing(figure));
  return [
    '# Benchmark',
    '',
    'Made by `npm run bench:report` from [one run](benchmark/result.json); nothing here is written by hand.',
    '',
    ...facts(result).map(([name, value]) => `- ${name}: ${value}`),
    '',
    'Peers are other ways to receive signals, in Node and in other languages, that are measured beside sigbridge.',
    ...missing(result),
    '',
    ...sections.flatMap(drawn),
    '## All figures',
    '',
    table(measured),
    '',
  ].join('\n');
}

function facts({ date, node, machine, versions = {} }) {
  const { cpu, cores, memoryGiB, system, load } = machine;
  return [
    ['Date', date],
    ['Machine', `${cpu}, ${cores} cores, ${memoryGiB} GiB`],
    ['System', system],
    ['Load before (1, 5, 15 minutes)', load.join(', ')],
    ['Node', node],
    ...Object.entries(versions),
  ];
}

const isMissing = ({ what }) => what.startsWith('missing: ');

function missing({ figures }) {
  const peers = figures.filter(isMissing);
  const measured = figures.some(({ measurement }) => measurement === 'peers');
  if (!measured) return ['No peers were measured in this run.'];
  if (peers.length === 0) return ['No peer is missing.'];
  const lines = peers.map(({ what, how }) => `- ${what.replace('missing: ', '')}: ${how}`);
  return ['These could not be built or started here, and are missing:', '', ...lines];
}

function drawn({ title, plot, text }) {
  const image = plot === undefined ? [] : [`![${title}](benchmark/${plot.name}.svg)`, ''];
  return [`## ${title}`, '', ...image, text, ''];
}

function table(figures) {
  const cells = (values) => `| ${values.map((text) => text.replaceAll('|', '\\|')).join(' | ')} |`;
  const head = [...HEAD.slice(0, -1), 'reached', 'how'];
  const rule = head.map(() => '---');
  return [head, rule, ...figures.map((figure) => [...row(figure), figure.how])]
    .map(cells)
    .join('\n');
}

module.exports = { page };
