import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { leaveUnseen, listenUnseen } from '../receive/unseen.js';

/**
 * Resolves when the program's main module has run to its end, its top-level awaits included, whatever
 * is loaded before it. Asked while modules are still being preloaded. Without a main module (`-e`,
 * standard input, REPL) a turn of the event loop is all there is to wait for.
 */
export async function mainModuleHasRun(): Promise<void> {
  await (importsAreTold() ? byImports() : byExitListener());
}

const IMPORT_BEGINS = 'tracing:module.import:start';
const IMPORT_ENDS = 'tracing:module.import:asyncEnd';

// Node has these channels since 22: https://nodejs.org/api/diagnostics_channel.html#modules
function importsAreTold(): boolean {
  let told = false;
  const listener = (): void => {
    told = true;
  };
  subscribe(IMPORT_BEGINS, listener);
  void import('node:process');
  unsubscribe(IMPORT_BEGINS, listener);
  return told;
}

function byImports(): Promise<void> {
  return new Promise((resolve) => {
    let main: unknown;
    const onBegin = (message: unknown): void => {
      // Nobody imports the main module: it alone has no parent.
      if ((message as { parentURL?: string }).parentURL === undefined) main ??= message;
    };
    const onEnd = (message: unknown): void => {
      if (message === main) end();
    };
    const end = (): void => {
      unsubscribe(IMPORT_BEGINS, onBegin);
      unsubscribe(IMPORT_ENDS, onEnd);
      resolve();
    };
    subscribe(IMPORT_BEGINS, onBegin);
    subscribe(IMPORT_ENDS, onEnd);
    setImmediate(() => {
      // What was not imported has been required, and has run; or other preloads take their time.
      if (main === undefined && (requiredMain() || !namesMain())) end();
    });
  });
}

// Deprecated as a way to ask whether one is the main module oneself; there is no other way to ask
// whether anybody is.
function requiredMain(): boolean {
  // eslint-disable-next-line @typescript-eslint/no-deprecated
  return process.mainModule !== undefined;
}

// The first argument is the main module's path, but not beside `-e` and the like.
function namesMain(): boolean {
  const [, first] = process.argv;
  return first !== undefined && first !== '-' && !('_eval' in process);
}

// Node 20: while the ECMAScript module loader is at work on what the command line names, it has a
// listener of this name, which would report a top-level await that never ends.
function byExitListener(): Promise<void> {
  return new Promise((resolve) => {
    const isLoaders = ({ name }: { name: string }): boolean => name === 'handleProcessExit';
    const onRemove = (event: string | symbol, listener: { name: string }): void => {
      if (event === 'exit' && isLoaders(listener)) end();
    };
    const end = (): void => {
      leaveUnseen('removeListener', onRemove);
      resolve();
    };
    listenUnseen('removeListener', onRemove);
    setImmediate(() => {
      if (!process.listeners('exit').some(isLoaders)) end();
    });
  });
}
