'use strict';

const base = require('./jest.config.js');

/** Real libraries, which have to be installed: the list is in .ci/run. One at a time. */
module.exports = {
  ...base,
  roots: ['<rootDir>/test/libraries'],
  testPathIgnorePatterns: [],
  testTimeout: 120_000,
  maxWorkers: 1,
};
