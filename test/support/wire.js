'use strict';

// How values travel between a test and its scenario: JSON that also knows bigint and errors.
// Plain JavaScript, since the scenario's process runs it as it is.

/** @param {unknown} value */
function encode(value) {
  return JSON.stringify(value, replace);
}

/** @param {string} text */
function decode(text) {
  return JSON.parse(text, revive);
}

/** @param {string} _key @param {unknown} value */
function replace(_key, value) {
  if (typeof value === 'bigint') return { $bigint: String(value) };
  // An error's name and message are not enumerable: JSON would leave them out.
  if (value instanceof Error) return { name: value.name, message: value.message, ...value };
  return value;
}

/** @param {string} _key @param {any} value */
function revive(_key, value) {
  return typeof value?.$bigint === 'string' ? BigInt(value.$bigint) : value;
}

module.exports = { encode, decode };
