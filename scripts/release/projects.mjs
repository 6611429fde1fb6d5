// A fresh project by each package manager: how it installs, how it runs node and the command.

/**
 * @typedef {object} Manager
 * @property {string} name
 * @property {string} program in the node_modules that `tools` are installed into
 * @property {Record<string, string>} files of the project, `REGISTRY` replaced
 * @property {string[]} add
 * @property {string[]} [before] the words before node
 * @property {string[]} [command] the words for the command; else its path in node_modules
 */

/** What npm installs. The registry's own and the package managers. */
export const tools = [
  'verdaccio@6',
  ...['npm11@npm:npm@11', 'pnpm10@npm:pnpm@10', 'pnpm12@npm:pnpm@12', 'yarn1@npm:yarn@1'],
  'yarn4@npm:@yarnpkg/cli-dist@4',
];

const NPMRC = { '.npmrc': 'registry=REGISTRY\n' };

/** @type {Manager[]} */
export const managers = [
  {
    name: 'npm',
    program: 'npm11/bin/npm-cli.js',
    files: NPMRC,
    add: ['install', '--no-audit', '--no-fund'],
  },
  {
    name: 'npm, without scripts',
    program: 'npm11/bin/npm-cli.js',
    files: NPMRC,
    add: ['install', '--no-audit', '--no-fund', '--ignore-scripts'],
  },
  { name: 'pnpm 10', program: 'pnpm10/bin/pnpm.cjs', files: NPMRC, add: ['add'] },
  { name: 'pnpm 12', program: 'pnpm12/bin/pnpm.mjs', files: NPMRC, add: ['add'] },
  { name: 'yarn 1', program: 'yarn1/bin/yarn.js', files: NPMRC, add: ['add', '--non-interactive'] },
  {
    name: "yarn 4, Plug'n'Play",
    program: 'yarn4/bin/yarn.js',
    files: {
      '.yarnrc.yml': [
        'nodeLinker: pnp',
        'npmRegistryServer: "REGISTRY"',
        'unsafeHttpWhitelist: ["127.0.0.1"]',
        'enableTelemetry: false',
        'enableGlobalCache: false',
        // What is as new as this is held back.
        'npmMinimalAgeGate: 0',
        '',
      ].join('\n'),
      'yarn.lock': '',
    },
    add: ['add'],
    before: [],
    command: ['sigbridge'],
  },
];
