'use strict';

const base = require('./jest.config.js');

/** What a test of minutes shows: rare races, hundreds of runs, millions of cycles. One at a time. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/stress'],
  testPathIgnorePatterns: [],
  testTimeout: 300_000,
  globals: { guardMs: 60_000 },
  maxWorkers: 1,
};
