'use strict';

// The house: entries re-export; below them stand base, core, and one wing for each further entry.
// An arrow points down. npm run lint holds it.
const wing = (name) => `^lib/(${name})/`;

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circles',
      comment: 'No file imports in a circle, of types neither.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'base-knows-nothing-above',
      severity: 'error',
      from: { path: wing('base') },
      to: { path: '^lib/', pathNot: wing('base') },
    },
    {
      name: 'core-stands-on-base',
      severity: 'error',
      from: { path: wing('core') },
      to: { path: '^lib/', pathNot: wing('base|core') },
    },
    {
      name: 'wings-stand-on-core',
      comment: 'debug shows what a shutdown does: the one arrow between two wings.',
      severity: 'error',
      from: { path: '^lib/(manager|shutdown|testing|cli)/' },
      to: { path: '^lib/', pathNot: wing('base|core|$1') },
    },
    {
      name: 'debug-stands-on-core-and-shutdown',
      severity: 'error',
      from: { path: wing('debug') },
      to: { path: '^lib/', pathNot: wing('base|core|debug|shutdown') },
    },
    {
      name: 'tests-stand-outside',
      severity: 'error',
      from: { path: '^lib/' },
      to: { path: '^(test|bench|examples|scripts)/' },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^lib/debug/page/' },
    enhancedResolveOptions: { extensions: ['.ts', '.js', '.json'] },
    reporterOptions: { archi: { collapsePattern: '^lib/([^/]+/[^/]+|[^/]+)' } },
  },
};
