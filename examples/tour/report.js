'use strict';

// What the tour prints: titled steps, and a mark for each fact, which is compared, not claimed.

const { inspect, isDeepStrictEqual } = require('node:util');

const color = process.stdout.isTTY && process.stdout.hasColors();
const paint = (code, text) => (color ? `\x1b[${code}m${text}\x1b[0m` : text);

let steps = 0;
let facts = 0;
let failures = 0;

function print(text) {
  process.stdout.write(`${text}\n`);
}

/** Starts the next step. */
function step(title) {
  print(`\n${paint(1, `${++steps}. ${title}`)}`);
}

/** A command that is run, or a line that somebody else wrote. */
function shown(text) {
  print(`   ${paint(2, text)}`);
}

/** Holds if what was seen equals what was expected (or matches it, if that is a pattern). */
function fact(text, seen, expected) {
  facts++;
  const holds =
    expected instanceof RegExp ? expected.test(String(seen)) : isDeepStrictEqual(seen, expected);
  if (holds) {
    print(`   ${paint(32, '✓')} ${text}`);
    return;
  }
  fail(text);
  print(`       expected: ${oneLine(expected)}`);
  print(`       seen:     ${oneLine(seen)}`);
}

/** A step that could not be taken to its end. */
function broken(error) {
  fail(`step ${steps} could go no further`);
  print(String(error instanceof Error ? error.stack : error).replace(/^/gm, '       '));
}

/** The last line. Whether every fact held. */
function verdict() {
  const good = failures === 0 && facts > 0;
  const text = good
    ? `All ${facts} facts in ${steps} steps were seen to hold.`
    : `${failures} failed, of ${facts} facts that were looked at in ${steps} steps.`;
  print(`\n${paint(good ? 32 : 31, text)}`);
  return good;
}

function fail(text) {
  failures++;
  print(`   ${paint(31, '✗')} ${text}`);
}

function oneLine(value) {
  const text = inspect(value, { breakLength: Infinity, depth: 4, maxArrayLength: 8 });
  return text.length > 500 ? `${text.slice(0, 500)}…` : text;
}

module.exports = { step, shown, fact, broken, verdict };
