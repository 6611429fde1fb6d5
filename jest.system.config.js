'use strict';

const base = require('./jest.config.js');

/** What needs packages of Debian's: scripts/test-system.mjs has the list. One at a time. */
module.exports = {
  ...base,
  testMatch: ['**/*.system.test.ts', '<rootDir>/test/libraries/*.test.ts'],
  testPathIgnorePatterns: [],
  testTimeout: 120_000,
  globals: { guardMs: 60_000 },
  maxWorkers: 1,
};
