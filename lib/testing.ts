/**
 * For tests of what programs do with signals. Linux: it reads /proc.
 * @module sigbridge/testing
 */
export { spawnWith, killSpawned } from './testing/spawnWith.js';
export type { SpawnOptions } from './testing/spawnWith.js';
export type { Dispositions } from './testing/launch.js';
export type { TerminalProcess, TestProcess } from './testing/TestProcess.js';
export type { TerminalSize } from './testing/terminal.js';
export { deliver } from './testing/deliver.js';
export type { DeliverOptions } from './testing/deliver.js';
export {
  until,
  untilBlocked,
  untilCaught,
  untilEnded,
  untilIgnored,
  untilPending,
  untilState,
} from './testing/until.js';
export type { WaitOptions } from './testing/until.js';
export type { Target } from './testing/target.js';
export { signalMatchers } from './testing/matchers.js';
export type { SignalMatchers } from './testing/matchers.js';
export type { Exit } from './core/children/deaths.js';
export type { Mortal } from './testing/exit.js';
export { signalSnapshot } from './testing/snapshot.js';
export type { SignalChange, SignalSnapshot } from './testing/snapshot.js';
export { failOnLeak } from './testing/failOnLeak.js';
export type { TestHooks } from './testing/failOnLeak.js';
