import { describe, expect, test } from '@jest/globals';

import { scenario } from '../support/scenario';

/** What users rely on: a name that goes, or comes, does so here too. */
const NAMES = {
  sigbridge:
    'SignalAbortError SignalError SignalEvent abortSignal bridge displaced exitBySignal flag forwardTo handlersOf hold ignore ignored inherited inspect inspectAll mask notify on onDisplaced once pending prepare raise readProcess reclaim reset resetIgnored restore send sendGroup wait watchdog withBlocked',
  'sigbridge/debug': 'debugHandler dump dumpOn instrument trace',
  'sigbridge/manager': 'createSignalManager',
  'sigbridge/shutdown': 'childProcesses clusterWorkers createShutdown httpServer pool',
  'sigbridge/testing':
    'deliver failOnLeak killSpawned signalMatchers signalSnapshot spawnWith until untilBlocked untilCaught untilEnded untilIgnored untilPending untilState',
};

describe.each(Object.entries(NAMES))('%s', (entry, names) => {
  test('exports these names', async () => {
    const running = await scenario(
      ({ report, require, args }) => {
        report(
          Object.keys(require(args) as object)
            .sort()
            .join(' '),
        );
      },
      { args: entry },
    );
    expect(await running.next<string>()).toBe(names);
  });
});
