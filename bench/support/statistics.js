'use strict';

/** The value below which `share` (0 to 1) of the values lie. */
function quantile(values, share) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
}

const median = (values) => quantile(values, 0.5);

/** The middle, and the middle half: how far to trust it. */
function summary(values) {
  return { value: median(values), low: quantile(values, 0.25), high: quantile(values, 0.75) };
}

/** Of each round, one side's time in terms of another's. */
function ratios(rounds, side, against) {
  return summary(rounds.map((round) => round[side] / round[against]));
}

module.exports = { median, quantile, ratios, summary };
