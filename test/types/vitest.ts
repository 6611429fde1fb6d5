// Compiled, never run: what a user of vitest may write.
import type { ChildProcess } from 'node:child_process';
import { signalMatchers, type TestProcess } from 'sigbridge/testing';
import type {} from 'sigbridge/testing/vitest';
import { expect } from 'vitest';

export async function asserts(child: ChildProcess & TestProcess): Promise<void> {
  expect.extend(signalMatchers);
  expect(child).toIgnore('SIGHUP');
  expect(child.pid).not.toCatch(15);
  expect(process).toBlock('SIGRTMIN+3');
  expect(child).toHavePending('SIGRTMAX-1');
  await expect(child).toDieBySignal('SIGTERM', { timeoutMs: 100 });
  // @ts-expect-error -- no signal is a boolean
  expect(child).toIgnore(true);
}
