import { constants } from 'node:os';
import { inspect } from 'node:util';

import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import * as errors from '../../../lib/base/errors/SignalError';
import { show } from '../../../lib/base/errors/show';
import { systemError } from '../../../lib/base/errors/system';

const { errno: E } = constants;

test('an error is an Error with a code, and shows only the details that are known', () => {
  const error = errors.closed('The subscription');
  expect(error).toBeInstanceOf(Error);
  expect(Object.keys(error)).toEqual(['code']);
  expect(error.toString()).toBe('SignalError: The subscription is closed.');
  expect(error.stack).toMatch(/^SignalError: The subscription is closed\.\n {4}at /);
  expect(inspect(error)).not.toContain('undefined');
});

test.each([
  [errors.uncatchable('SIGKILL', 'ignored'), 'ERR_UNCATCHABLE', 'SIGKILL cannot be ignored'],
  [errors.synchronousSignal('SIGSEGV'), 'ERR_SYNCHRONOUS_SIGNAL', 'SIGSEGV is raised by'],
  [errors.runtimeSignal('SIGCHLD', 'it breaks'), 'ERR_RUNTIME_SIGNAL', ': it breaks. Pass'],
  [errors.reservedSignal('SIG32', 'others'), 'ERR_RESERVED_SIGNAL', 'may use others'],
  [errors.unsupported('Waiting', 'no sigwait'), 'ERR_UNSUPPORTED', 'Waiting is not supported'],
  [errors.invalidArg('pid', 'x', 'a pid'), 'ERR_INVALID_ARG', "Invalid pid: 'x'; expected a pid"],
])('%s', (error, code, text) => {
  expect(error.code).toBe(code);
  expect(error.message).toContain(text);
  if (error.signal !== undefined) expect(error.message).toContain(error.signal);
});

test.each([
  [E.ESRCH, 'ERR_NO_SUCH_PROCESS', 'there is no process 44 (ESRCH)'],
  [E.EPERM, 'ERR_PERMISSION', 'this user may not do that to the process 44 (EPERM)'],
  [E.EACCES, 'ERR_PERMISSION', '(EACCES)'],
  [E.EAGAIN, 'ERR_QUEUE_FULL', 'RLIMIT_SIGPENDING'],
  [E.ENOSYS, 'ERR_UNSUPPORTED', '(ENOSYS)'],
  [E.EINVAL, 'ERR_INVALID_ARG', 'invalid argument (EINVAL)'],
  [9999, 'ERR_INVALID_ARG', '(errno 9999)'],
])('errno %d is %s', (errno, code, text) => {
  // Node negates error numbers, C does not.
  for (const given of [errno, -errno]) {
    const error = systemError(given, 'kill', { signal: 'SIGTERM', pid: 44 });
    expect(error).toMatchObject({ code, errno, syscall: 'kill', signal: 'SIGTERM' });
    expect(error.message).toContain('kill of SIGTERM failed: ');
    expect(error.message).toContain(text);
  }
});

test('a refused call names the group it was for', () => {
  expect(systemError(E.ESRCH, 'kill', { pid: -7 }).message).toContain('no process group 7');
});

test('showing a value never throws, and takes one short line', () => {
  fc.assert(
    fc.property(fc.anything({ withBigInt: true, withNullPrototype: true }), (value) => {
      expect(show(value)).toMatch(/^.{1,80}$/u);
    }),
  );
});

test('showing a value does not run its own way of being shown', () => {
  let ran = 0;
  const own = (): string => `ran ${++ran}`;
  expect(show({ toString: own, toJSON: own, [inspect.custom]: own })).not.toContain('ran 1');
  expect(ran).toBe(0);
});
