import { describe, expect, test } from '@jest/globals';
import path from 'node:path';
import ts from 'typescript';

import packageJson from '../../package.json';
import { toEnd } from '../support/run';
import { scenario } from '../support/scenario';

const root = path.resolve(__dirname, '../..');

/** What users rely on: a name that goes, or comes, does so here too. */
const NAMES = {
  sigbridge:
    'SignalAbortError SignalError SignalEvent abortSignal bridge displaced exitBySignal flag forwardTo handlersOf hold ignore ignored inherited inspect inspectAll isSupported mask notify on onDisplaced once pending prepare raise readProcess reclaim reset resetIgnored restore send sendGroup wait watchdog withBlocked',
  'sigbridge/debug': 'debugHandler dump dumpOn instrument trace',
  'sigbridge/manager': 'createSignalManager',
  'sigbridge/shutdown':
    'childProcesses closable clusterWorkers createShutdown httpServer pool supervisor webSockets',
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

describe('what most programs never call', () => {
  // In a program of its own, which has loaded nothing yet.
  const told = (code: string): unknown => {
    const run = toEnd([process.execPath, '--input-type=commonjs', '-e', code]);
    expect(run).toMatchObject({ status: 0, stderr: '' });
    return JSON.parse(run.stdout);
  };
  const FILES = `Object.keys(require.cache).map((file) => require('node:path').basename(file))`;

  test('is in a file that the first call loads', () => {
    const files = told(
      `const sigbridge = require('sigbridge');
      const files = () => ${FILES}.filter((name) => name !== 'index.js' && name.endsWith('.js'));
      const before = files();
      sigbridge.on('SIGUSR2', () => {}).close();
      sigbridge.send(process.pid, 'SIGURG');
      const afterwards = files();
      sigbridge.flag('SIGUSR2').close();
      console.log(JSON.stringify([before, afterwards, files()]));`,
    );
    const usual = ['core.js'];
    expect(files).toEqual([usual, usual, [...usual, 'more.js']]);
  });

  test('is the same by require and by import, and a function by its name', () => {
    const [named, others] = told(
      `const required = require('sigbridge');
      import('sigbridge').then((imported) => {
        const names = Object.keys(required).filter((name) => name !== 'mask');
        const isGood = (name) => required[name] === imported[name] && required[name].name === name;
        console.log(JSON.stringify([names.length, names.filter((name) => !isGood(name))]));
      });`,
    ) as [number, string[]];
    expect(named).toBe(NAMES.sigbridge.split(' ').length - 1);
    expect(others).toEqual([]);
  });
});

/** What users of the types rely on: the names that exist for the compiler alone. */
const TYPES = {
  sigbridge:
    'AbortSignalOptions ArrivalMessage Bridge BridgeOptions ChainEntry Change ChangeMessage ChangeOptions DefaultAction DeliveryMessage Displacement DisplacementMessage DisplacementWatch Disposition ForwardTarget Forwarding HandlerPlace Hold Inherited NotifyOptions OnDisplacedOptions OnOptions OnceOptions OverflowMessage Owner ProcessSignals Registration ResetIgnoredOptions SendOptions SignalChannel SignalErrorCode SignalFlag SignalListener SignalName SignalState SignalTraits Subscription Taker ThreadSignals WaitOptions Watchdog WatchdogOptions',
  'sigbridge/hold': '',
  'sigbridge/debug':
    'AnyRequest AnyResponse ChainCall DebugHandler DebugHandlerOptions Delivery Dump DumpOn DumpOnOptions DumpedChannel DumpedCounters DumpedHold DumpedTaker InstrumentOptions Instruments ListenerCall Site Trace TraceOptions',
  'sigbridge/manager':
    'CircuitName DedupeKey HandlerContext HandlerDefaults HandlerOptions HandlerRegistration Outcome SignalHandler SignalManager SignalManagerEvents SignalManagerOptions SignalResult',
  'sigbridge/shutdown':
    'AnyHttpServer ClosableOptions EndHook Endable HttpServerOptions HttpServerStage Shutdown ShutdownEvents ShutdownOptions ShutdownReason ShutdownReport StageContext StageOptions StageResult StageTask Supervisor WebSocketServerLike WebSocketsOptions',
  'sigbridge/testing':
    'DeliverOptions Dispositions Exit Mortal SignalChange SignalMatchers SignalSnapshot SpawnOptions Target TerminalSize TestHooks WaitOptions',
  'sigbridge/testing/jest': '',
  'sigbridge/testing/vitest': '',
};

/** Those for CommonJS, where there are two: they are the same. */
function declarationOf(target: { types: string } | { require: { types: string } }): string {
  return 'require' in target ? target.require.types : target.types;
}

test('each entry exports these types', () => {
  const entries = Object.entries(packageJson.exports).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [
          {
            name: path.posix.join('sigbridge', entry),
            file: path.join(root, declarationOf(target)),
          },
        ],
  );
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      module: ts.ModuleKind.Node16,
      moduleResolution: ts.ModuleResolutionKind.Node16,
      noEmit: true,
      // The matchers of sigbridge/testing/jest and vitest add to those packages' types.
      skipLibCheck: true,
    },
  );
  const checker = program.getTypeChecker();
  const isValue = (symbol: ts.Symbol) => {
    const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
    const flags = (isAlias ? checker.getAliasedSymbol(symbol) : symbol).flags;
    return (flags & ts.SymbolFlags.Value) !== 0;
  };
  const typesOf = (file: string) => {
    const source = program.getSourceFile(file);
    if (!source) throw new Error(`${file} is not there: npm run build:ts`);
    // One without exports is no module.
    const module = checker.getSymbolAtLocation(source);
    const exported = module ? checker.getExportsOfModule(module) : [];
    return exported
      .filter((symbol) => !isValue(symbol))
      .map(({ name }) => name)
      .sort()
      .join(' ');
  };
  expect(Object.fromEntries(entries.map(({ name, file }) => [name, typesOf(file)]))).toEqual(TYPES);
});
