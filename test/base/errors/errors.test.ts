import { expect, test } from '@jest/globals';
import fc from 'fast-check';

import * as sigbridge from 'sigbridge';

import { scenario } from '../../support/scenario';
import { IS_ROOT } from '../../support/unshare';

const state = (): string => JSON.stringify([sigbridge.inspectAll(), sigbridge.mask.get()]);

const codeOf = (call: () => unknown): string => {
  try {
    call();
    return 'no error';
  } catch (error) {
    if (!(error instanceof sigbridge.SignalError)) throw error;
    return error.code;
  }
};

/* eslint-disable @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-explicit-any -- wrong on purpose */
const none = (): undefined => undefined;
const takers: Record<string, (wrong: any) => unknown> = {
  inspect: (wrong) => sigbridge.inspect(wrong),
  ignored: (wrong) => sigbridge.ignored(wrong),
  reset: (wrong) => sigbridge.reset(wrong),
  ignore: (wrong) => sigbridge.ignore(wrong),
  on: (wrong) => sigbridge.on(wrong, none),
  notify: (wrong) => sigbridge.notify(wrong),
  flag: (wrong) => sigbridge.flag(wrong),
  hold: (wrong) => sigbridge.hold(wrong),
  abortSignal: (wrong) => sigbridge.abortSignal(wrong),
  send: (wrong) => {
    sigbridge.send(process.pid, wrong);
  },
  raise: (wrong) => {
    sigbridge.raise(wrong);
  },
  exitBySignal: (wrong) => sigbridge.exitBySignal(wrong),
  wait: (wrong) => sigbridge.wait(wrong, { timeoutMs: 0 }),
  'mask.block': (wrong) => sigbridge.mask.block(wrong),
  withBlocked: (wrong) => {
    sigbridge.withBlocked(wrong, none);
  },
  resetIgnored: (wrong) => sigbridge.resetIgnored({ except: ['SIGHUP', wrong] }),
};
const throwing = {
  get() {
    throw new Error('not to be read');
  },
};

test.each(Object.keys(takers))('%s refuses what is no signal, and changes nothing', (name) => {
  const before = state();
  for (const wrong of [
    NaN,
    -1,
    65,
    'sigint',
    'INT',
    '',
    null,
    undefined,
    {},
    Object.defineProperty({}, 'toString', throwing),
    Symbol('s'),
  ]) {
    expect(codeOf(() => takers[name]?.(wrong))).toMatch(/^ERR_(UNKNOWN_SIGNAL|INVALID_ARG)$/);
  }
  expect(codeOf(() => takers[name]?.(32))).toBe('ERR_RESERVED_SIGNAL');
  expect(state()).toBe(before);
});

test.each(Object.keys(takers))('%s refuses a list in a list, and one that throws', (name) => {
  const before = state();
  const throws = Object.defineProperty(['SIGHUP'], '0', throwing);
  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  for (const wrong of [[['SIGHUP', 'SIGUSR2']], ['SIGHUP', []], throws, revoked.proxy]) {
    expect(codeOf(() => takers[name]?.(wrong))).toBe('ERR_INVALID_ARG');
  }
  expect(state()).toBe(before);
});

test('whatever junk is given, only these two codes come', () => {
  const before = state();
  const usable = new Set(sigbridge.inspectAll().flatMap(({ signal, number }) => [signal, number]));
  fc.assert(
    fc.property(fc.anything(), (junk) => {
      fc.pre(!usable.has(junk as string) && !Array.isArray(junk));
      expect(codeOf(() => sigbridge.on(junk as string, none))).toMatch(
        /^ERR_(UNKNOWN_SIGNAL|INVALID_ARG|RESERVED_SIGNAL|UNCATCHABLE)$/,
      );
    }),
  );
  expect(state()).toBe(before);
});

test('options that are wrong, or throw when they are read, are refused', () => {
  const before = state();
  const options = Object.defineProperty({}, 'chain', {
    get() {
      throw new Error('mine');
    },
  });
  const revoked = Proxy.revocable({}, {});
  revoked.revoke();
  const wrongSignals = [{ signal: {} }, { signal: revoked.proxy }];
  for (const wrong of [null, 1, { chain: 'no' }, { ref: 1 }, ...wrongSignals, options]) {
    expect(codeOf(() => sigbridge.on('SIGHUP', none, wrong as any))).toBe('ERR_INVALID_ARG');
  }
  expect(codeOf(() => sigbridge.on('SIGHUP', 'no' as any))).toBe('ERR_INVALID_ARG');
  expect(codeOf(() => sigbridge.restore({} as any))).toBe('ERR_INVALID_ARG');
  expect(codeOf(() => sigbridge.wait('SIGHUP', { timeoutMs: 0 }))).toBe('ERR_INVALID_ARG');
  expect(state()).toBe(before);
});

test('each kind of refusal has its code', () => {
  const before = state();
  expect(codeOf(() => sigbridge.on('SIGKILL', none))).toBe('ERR_UNCATCHABLE');
  expect(codeOf(() => sigbridge.ignore('SIGSTOP'))).toBe('ERR_UNCATCHABLE');
  expect(codeOf(() => sigbridge.mask.block('SIGKILL'))).toBe('ERR_UNCATCHABLE');
  expect(codeOf(() => sigbridge.on('SIGSEGV', none))).toBe('ERR_SYNCHRONOUS_SIGNAL');
  expect(codeOf(() => sigbridge.reset('SIGPIPE'))).toBe('ERR_RUNTIME_SIGNAL');
  expect(
    codeOf(() => {
      sigbridge.send(0x7ffffffe, 'SIGTERM');
    }),
  ).toBe('ERR_NO_SUCH_PROCESS');
  for (const pid of [0, -1, 1.5, NaN]) {
    expect(
      codeOf(() => {
        sigbridge.send(pid, 'SIGTERM');
      }),
    ).toBe('ERR_INVALID_ARG');
  }
  expect(
    codeOf(() => {
      sigbridge.sendGroup(1, 'SIGTERM');
    }),
  ).toBe('ERR_INVALID_ARG');
  const registration = sigbridge.prepare();
  registration.abort();
  expect(codeOf(() => registration.commit())).toBe('ERR_CLOSED');
  expect(codeOf(() => sigbridge.exitBySignal('SIGCHLD'))).toBe('ERR_INVALID_ARG');
  expect(state()).toBe(before);
});

test('another user is refused by the system: ERR_PERMISSION', async () => {
  const child = await scenario(
    ({ sigbridge, report, args }) => {
      const before = sigbridge.inspectAll().length;
      if (process.getuid?.() === 0) process.setuid?.(65534);
      try {
        sigbridge.send(args, 'SIGTERM');
      } catch (error) {
        const { code, syscall, signal } = error as sigbridge.SignalError;
        report([code, syscall, signal, sigbridge.inspectAll().length === before]);
      }
    },
    // Root's: whoever is not root may not signal the first process.
    { args: IS_ROOT ? process.pid : 1 },
  );
  expect(await child.next()).toEqual(['ERR_PERMISSION', 'kill', 'SIGTERM', true]);
  await child.exit;
});
