'use strict';

/** @type {import('jest').Config} */
module.exports = {
  roots: ['<rootDir>/test'],
  testMatch: ['**/*.test.ts'],
  // Minutes long: jest.stress.config.js. Beside what others make: jest.system.config.js, and
  // scripts/test-bundlers.mjs for what is fetched from the registry.
  testPathIgnorePatterns: [
    '<rootDir>/test/stress/',
    '<rootDir>/test/libraries/',
    '\\.system\\.test\\.ts$',
    '\\.registry\\.test\\.ts$',
  ],
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/test/support/colorless.js'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
        module: { type: 'commonjs' },
      },
    ],
  },
  // What is inside has its tests too, from lib/, where imports name the files that are yet to be made.
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': ['$1.js', '$1'] },
  // Each scenario is a child process of its own: a loaded machine needs more than jest's 5 s.
  testTimeout: 30_000,
  // The tests wait for other processes most of the time: a core need not be left for jest itself.
  maxWorkers: '100%',
  watchman: false,
};
