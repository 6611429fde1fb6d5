'use strict';

// The same work for sigbridge and for its peers, in one run: the time from another process to the
// first line of the listener, and a burst. Samples of all peers take turns.
const { build } = require('hdr-histogram-js');
const { buildPeers, REALTIME, send, SIGUSR2 } = require('../peers/build');
const { report } = require('../support/report');
const { summary } = require('../support/statistics');

const LATENCY_ROUNDS = 8;
const SAMPLES = 2_000;
const BURST_ROUNDS = 9;
const BURST = 50_000;

function latencies(peers) {
  const histograms = new Map(peers.map(({ name }) => [name, build({ bitBucketSize: 64 })]));
  for (let round = 0; round < LATENCY_ROUNDS; round++) {
    for (const peer of peers) {
      const histogram = histograms.get(peer.name);
      for (const ns of send('latency', SIGUSR2, SAMPLES, peer)) histogram.recordValue(ns);
    }
  }
  const us = (histogram, percent) => histogram.getValueAtPercentile(percent) / 1000;
  return peers.map(({ name }) => {
    const histogram = histograms.get(name);
    return { name, p50: us(histogram, 50), p99: us(histogram, 99), p999: us(histogram, 99.9) };
  });
}

function bursts(peers) {
  const rounds = peers.map(() => []);
  for (let round = 0; round < BURST_ROUNDS; round++) {
    for (const [index, peer] of peers.entries()) {
      rounds[index].push(send('burst', peer.burst ?? REALTIME, BURST, peer));
    }
  }
  return peers.map(({ name, burst }, index) => ({
    name,
    signal: burst === undefined ? 'real-time' : 'standard',
    perSecond: summary(rounds[index].map((b) => (b.received / b.totalNs) * 1e9)).value,
    cpuUs: summary(rounds[index].map((b) => b.cpuNs / b.received / 1000)).value,
    lost: Math.max(...rounds[index].map((b) => b.sent - b.received)),
  }));
}

function main() {
  const { present, missing } = buildPeers();
  const latency = latencies(present);
  const burst = bursts(present);
  const p50 = (name) => latency.find((peer) => peer.name === name)?.p50;
  const inBurst = (name) => burst.find((peer) => peer.name === name);
  const ours = p50('sigbridge');
  const against = [
    ['process.on', 0.95],
    ['Python asyncio', 1],
    ['Go signal.Notify', 2],
    ['C handler, eventfd', 1.15],
  ];
  const how = `p50 of ${LATENCY_ROUNDS} times ${SAMPLES} signals`;
  report(
    ...against
      .filter(([name]) => p50(name) !== undefined)
      .map(([name, atMost]) => ({
        what: `one signal from another process, against ${name}`,
        value: ours / p50(name),
        unit: 'times',
        atMost,
        how,
      })),
    {
      what: `${BURST} queued by another process: rate against C sigwaitinfo`,
      value: inBurst('sigbridge').perSecond / inBurst('C sigwaitinfo').perSecond,
      unit: 'times',
      atLeast: 0.7,
      how: `medians of ${BURST_ROUNDS} rounds`,
    },
    {
      // When each was a call of the handler, it was 1.15 of it.
      what: `${BURST} queued by another process: processor time of each against C handler, eventfd`,
      value: inBurst('sigbridge').cpuUs / inBurst('C handler, eventfd').cpuUs,
      unit: 'times',
      atMost: 0.575,
      how: `medians of ${BURST_ROUNDS} rounds`,
    },
    {
      what: `${BURST} queued by another process: lost`,
      value: inBurst('sigbridge').lost,
      unit: 'signals',
      atMost: 0,
      how: `the most of ${BURST_ROUNDS} rounds`,
      beside: { latency, burst },
    },
    ...missing.map(({ name, reason }) => ({
      what: `missing: ${name}`,
      value: 0,
      unit: 'runs',
      how: reason,
    })),
  );
}

main();
