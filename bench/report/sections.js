'use strict';

// What the page is made of: for each section its plot, and a sentence from the same figures.
const { number } = require('../support/table');
const plots = require('./plots');

/**
 * @typedef {object} Section
 * @property {string} title
 * @property {{ name: string, spec: object }} [plot] none where nothing was measured
 * @property {string} text what the plot shows, or what to run to have it
 */

/** @returns {Section[]} */
function sections({ figures }) {
  const beside = (key) => figures.map((figure) => figure.beside?.[key]).find(Boolean);
  const growth = figures
    .map((figure) => figure.beside)
    .filter((found) => found?.kind !== undefined && found.points !== undefined);
  return [
    section('Latency', 'peers', beside('latency'), latency),
    section('A burst: rate', 'peers', beside('burst'), rate),
    section('A burst: processor time', 'peers', beside('burst'), cpu),
    section('A burst: lost', 'peers', beside('burst'), burstLost),
    section('Lost while registering and unregistering', 'loss', beside('loss'), churnLost),
    section('Growth: time', 'growth', growth, growthTime),
    section('Growth: memory', 'growth', growth, growthMemory),
    section('Targets', '', figures.filter(hasRatio), targets),
  ];
}

function section(title, measurement, rows, make) {
  if (rows === undefined || rows.length === 0) {
    const command = `node bench/run.js ${measurement}`.trim();
    return { title, text: `Not measured in this run; \`${command}\` does.` };
  }
  return { title, ...make(rows) };
}

const PERCENTILES = { p50: 'p50', p99: 'p99', p999: 'p99.9' };

function latency(peers) {
  const rows = Object.entries(PERCENTILES).flatMap(([key, kind]) =>
    peers.map(({ name, [key]: value }) => ({ name, kind, value })),
  );
  const spec = plots.points('One signal from another process to the listener', 'µs', rows);
  const text = Object.entries(PERCENTILES).map(([key, kind]) => {
    const values = peers.map(({ name, [key]: value }) => ({ name, value }));
    return `At ${kind} ${placed(values, 'µs', 'fewest')}`;
  });
  return {
    plot: { name: 'latency', spec },
    text: `This is the time from just before \`sigqueue\` in another process to the first line of the listener. Less is better. "p50" is the time within which half of the signals arrived, "p99" that for 99 of 100, and "p99.9" that for 999 of 1,000. ${text.join(' ')}`,
  };
}

function rate(peers) {
  const rows = peers.map(({ name, perSecond: value }) => ({ name, value }));
  return {
    plot: { name: 'rate', spec: plots.bars('Received in a burst', 'signals a second', rows) },
    text: `Another process sends many signals at once. This is the number of signals that reached the listener, divided by the time from the first sending to the last arrival. More is better. In a second ${placed(rows, '', 'most')} ${standard(peers)}`,
  };
}

function cpu(peers) {
  const rows = peers.map(({ name, cpuUs: value }) => ({ name, value }));
  const spec = plots.points(
    'Processor time for each signal received',
    'µs',
    rows.map((row) => ({ ...row, kind: 'µs for a signal' })),
  );
  return {
    plot: { name: 'cpu', spec },
    text: `This is the processor time that all threads of the receiver used, for each signal that reached its listener. Less is better. ${upper(placed(rows, 'µs', 'fewest'))}`,
  };
}

function burstLost(peers) {
  const rows = peers.map(({ name, lost: value }) => ({ name, value }));
  return {
    plot: { name: 'burst-lost', spec: plots.bars('Lost of a burst', 'signals', rows) },
    text: `This is the number of signals that did not reach the listener, in the worst of all rounds. If several signals arrive as one, those that were folded into it count as lost. ${lostNone(rows)} ${standard(peers)}`,
  };
}

function churnLost(receivers) {
  const share = (part, sent) => (sent === 0 ? 0 : (part / sent) * 100);
  const rows = receivers.flatMap(({ name, sent, lost, killed }) => [
    { name, kind: 'lost', value: share(lost, sent) },
    { name, kind: 'killed by it', value: share(killed, sent) },
  ]);
  const counts = receivers.map(
    ({ name, sent, lost, killed }) =>
      `${name} lost ${number(lost)} of ${number(sent)} and was killed ${times(killed)}`,
  );
  return {
    plot: {
      name: 'loss',
      spec: plots.groupedBars('Of signals sent meanwhile', '% of those sent', rows),
    },
    text: `Another process sends signals while the receiver registers and unregisters its listener in a loop. sigbridge gets real-time signals with numbers, with up to 50,000 of them under way, and a [hold](two-phases.md#keeping-signals) that is renewed keeps what arrives in between. The others get standard signals, and the next one is sent when the last has been answered, or after 20 ms. ${upper(counts.join('; '))}.`,
  };
}

const growthRows = (growth, key) =>
  growth.flatMap(({ kind, points }) =>
    points.map(({ size, [key]: value }) => ({ kind, size, value })),
  );

function growthTime(growth) {
  const spec = plots.curves('Time per unit', 'ns', growthRows(growth, 'nsPerUnit'), {
    type: 'log',
  });
  const ends = growth.map(({ kind, points }) => {
    const [first, last] = [points[0], points.at(-1)];
    const factor = last.nsPerUnit / first.nsPerUnit;
    return `${kind}: ${number(last.nsPerUnit)} ns at ${number(last.size)}, ${number(factor)} times that at ${number(first.size)}`;
  });
  return {
    plot: { name: 'growth-time', spec },
    text: `This is how the time grows with the number of listeners, of managed signals, of workers, or of signals that wait (the backlog). It is the time until all have been heard, divided by that number, so it should fall or stay flat. ${upper(ends.join('; '))}.`,
  };
}

// Of a scale that goes through zero, Vega labels only the far ends by itself.
const POWERS = [-1e7, -1e6, -1e5, -1e4, -1e3, 0, 1e3, 1e4, 1e5, 1e6, 1e7];

function growthMemory(growth) {
  const scale = { type: 'symlog', constant: 1000 };
  const spec = plots.curves(
    'Memory per unit',
    'bytes',
    growthRows(growth, 'bytesPerUnit'),
    scale,
    POWERS,
  );
  const ends = growth.map(({ kind, points }) => {
    const last = points.at(-1);
    return `${kind}: ${number(last.bytesPerUnit)} at ${number(last.size)}`;
  });
  return {
    plot: { name: 'growth-memory', spec },
    text: `This is the resident memory that each listener, signal, worker or waiting signal adds, in bytes. If there are few of them, this shows only the size of a page of memory, or noise, which can be negative. ${upper(ends.join('; '))}.`,
  };
}

const hasRatio = ({ value, atMost, atLeast }) => value > 0 && (atMost > 0 || atLeast > 0);

function targets(figures) {
  const rows = figures.map(({ what, value, atMost, atLeast, reached }) => ({
    name: what,
    value: atMost > 0 ? value / atMost : atLeast / value,
    reached: reached ? 'reached' : 'not reached',
  }));
  const failed = figures.filter(({ reached }) => !reached).map(({ what }) => what);
  const verdict =
    failed.length === 0
      ? `All ${rows.length} are reached.`
      : `${rows.length - failed.length} of ${rows.length} are reached; not reached: ${failed.join('; ')}.`;
  return {
    plot: { name: 'targets', spec: plots.targets('Measured, as a share of the target', rows) },
    text: `A point to the left of the line is within its target. ${verdict} Targets of zero are only in the table.`,
  };
}

/** Where sigbridge stands between the best and the worst. */
function placed(values, unit, best) {
  const sorted = [...values].sort((a, b) =>
    best === 'most' ? b.value - a.value : a.value - b.value,
  );
  const say = ({ value }) => [number(value), unit].filter(Boolean).join(' ');
  const of = (peer) => `${say(peer)} of ${peer.name}`;
  const place = sorted.findIndex(({ name }) => name === 'sigbridge');
  const ours =
    place < 0
      ? 'sigbridge was not measured'
      : `sigbridge has ${say(sorted[place])}, place ${place + 1} of ${sorted.length}`;
  return `${ours}; all lie from ${of(sorted[0])} to ${of(sorted.at(-1))}.`;
}

function lostNone(rows) {
  const none = rows.filter(({ value }) => value === 0).map(({ name }) => name);
  const some = rows.filter(({ value }) => value > 0);
  const counts = some.map(({ name, value }) => `${name} ${number(value)}`).join('; ');
  return [
    `Nothing was lost by: ${none.length > 0 ? none.join('; ') : 'nobody'}.`,
    some.length > 0 ? `Lost: ${counts}.` : '',
  ]
    .join(' ')
    .trim();
}

/** Who was sent what the kernel itself folds. */
function standard(peers) {
  const names = peers.filter(({ signal }) => signal === 'standard').map(({ name }) => name);
  return names.length === 0
    ? 'All got real-time signals.'
    : `These got standard signals, because they take no real-time ones: ${names.join('; ')}.`;
}

const times = (count) => (count === 1 ? 'once' : `${number(count)} times`);

const upper = (text) =>
  text.startsWith('sigbridge') ? text : text[0].toUpperCase() + text.slice(1);

module.exports = { sections };
