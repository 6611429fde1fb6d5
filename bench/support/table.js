'use strict';

const HEAD = ['what', 'measured', 'middle half', 'target', ''];

/** A result of bench/run.js as aligned text, for people. */
function table({ date, node, machine, figures }) {
  const rows = [HEAD, ...figures.map(row)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((cells) => cells[column].length)));
  const lines = rows.map((cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd(),
  );
  const { cpu, cores, system, load } = machine;
  const place = `Node ${node}, ${cpu}, ${cores} cores, ${system}, load ${load[0]}, ${date}`;
  return [...lines, '', place].join('\n');
}

function row({ what, value, low, high, unit, atMost, atLeast, reached }) {
  return [
    what,
    `${number(value)} ${unit}`,
    low === undefined ? '' : `${number(low)} to ${number(high)}`,
    atMost !== undefined
      ? `at most ${number(atMost)}`
      : atLeast !== undefined
        ? `at least ${number(atLeast)}`
        : '',
    reached === undefined ? '' : reached ? 'reached' : 'NOT REACHED',
  ];
}

function number(value) {
  if (Number.isInteger(value) && Math.abs(value) < 1000) return String(value);
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en') : value.toPrecision(3);
}

module.exports = { HEAD, number, row, table };
