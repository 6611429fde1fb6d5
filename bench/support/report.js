'use strict';

/**
 * @typedef {object} Figure
 * @property {string} what in the words of the table
 * @property {number} value the middle of all rounds
 * @property {number} [low] a quarter of the rounds lie below
 * @property {number} [high] a quarter of the rounds lie above
 * @property {string} unit `'times'` for a ratio
 * @property {number} [atMost]
 * @property {number} [atLeast]
 * @property {string} how what was done, and how often
 * @property {Record<string, unknown>} [beside] what else came out, for the file
 */

/** A measurement's last word: its figures, for bench/run.js. */
function report(/** @type {Figure[]} */ ...figures) {
  process.stdout.write(`${JSON.stringify(figures.map(judged))}\n`);
}

function judged(figure) {
  const { value, atMost = Infinity, atLeast = -Infinity } = figure;
  const targeted = figure.atMost !== undefined || figure.atLeast !== undefined;
  return targeted ? { ...figure, reached: value <= atMost && value >= atLeast } : figure;
}

module.exports = { report };
