import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:os';

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { SignalError } from '../../../lib/base/errors/SignalError';
import { show } from '../../../lib/base/errors/show';
import { loadAddon } from '../../../lib/base/native/load';
import { signalNumbers } from '../../../lib/base/signal/numbers';
import {
  allSignals,
  namesOf,
  reservedSignals,
  toName,
  toNumber,
  toNumbers,
} from '../../../lib/base/signal/names';
import { defaultAction, traits } from '../../../lib/base/signal/traits';
import { onTestEnd } from '../../support/cleanup';
import { guarded } from '../../support/guard';
import { untilState } from '../../support/kernel';
import { kill, killQuietly } from '../../support/kill';

const RTMIN = toNumber('SIGRTMIN');
const RTMAX = toNumber('SIGRTMAX');

/** Nothing that the types allow: what plain JavaScript may pass. */
function failure(call: (value: never) => unknown, value: unknown): SignalError {
  try {
    call(value as never);
  } catch (error) {
    expect(error).toBeInstanceOf(SignalError);
    return error as SignalError;
  }
  throw new Error(`${show(value)} was accepted`);
}

describe('names and numbers', () => {
  test('are those that the runtime knows, in the native part too', () => {
    const addon = loadAddon();
    if (addon instanceof SignalError) throw addon;
    expect({ ...addon.constants.signals }).toEqual({ ...constants.signals });
    expect(signalNumbers()).toBe(addon.constants.signals);
  });

  test('agree with the shell for every signal', () => {
    const numbers = allSignals();
    const script = 'for n in "$@"; do kill -l "$n"; done';
    const shell = execFileSync('bash', ['-c', script, 'bash', ...numbers.map(String)], {
      encoding: 'utf8',
    });
    const names = shell
      .trim()
      .split('\n')
      .map((name) => `SIG${name}`);
    // The shell counts the upper half down from SIGRTMAX: that is taken as input too.
    expect(names.map((name) => toNumber(name))).toEqual(numbers);
    expect(numbers).toHaveLength(31 + RTMAX - RTMIN + 1);
  });

  test('lead back to each other', () => {
    for (const number of allSignals()) {
      expect(toNumber(toName(number))).toBe(number);
      expect(toNumber(number)).toBe(number);
      expect(toName(number)).toMatch(
        number < RTMIN ? /^SIG[A-Z]+[12]?$/ : /^SIGRTM(IN(\+[1-9]\d?)?|AX)$/,
      );
    }
  });

  test('of real-time signals count from SIGRTMIN, whatever the input', () => {
    expect(toName(RTMIN)).toBe('SIGRTMIN');
    expect(toName(RTMIN + 3)).toBe('SIGRTMIN+3');
    expect(toName(toNumber('SIGRTMAX-1'))).toBe(`SIGRTMIN+${RTMAX - RTMIN - 1}`);
    expect(toName(RTMAX)).toBe('SIGRTMAX');
    expect(toNumber(`SIGRTMAX-${RTMAX - RTMIN}`)).toBe(RTMIN);
  });

  test('have old second names, which are never given back', () => {
    expect(['SIGIOT', 'SIGPOLL', 'SIGCLD'].map((name) => toName(toNumber(name)))).toEqual([
      'SIGABRT',
      'SIGIO',
      'SIGCHLD',
    ]);
  });

  test('of the C library are shown and refused', () => {
    expect(reservedSignals()).toEqual(Array.from({ length: RTMIN - 32 }, (_, at) => 32 + at));
    for (const number of reservedSignals()) {
      expect(toName(number)).toBe(`SIG${number}`);
      for (const value of [number, `SIG${number}`]) {
        const error = failure(toNumber, value);
        expect(error).toMatchObject({ code: 'ERR_RESERVED_SIGNAL', signal: `SIG${number}` });
        expect(error.message).toContain("'SIGRTMIN' to 'SIGRTMAX'");
      }
    }
  });

  test('fill a mask bit by bit, with nothing hidden', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 64n) - 1n }), (mask) => {
        const byName = new Map(
          [...allSignals(), ...reservedSignals()].map((number) => [toName(number), number]),
        );
        const bits = namesOf(mask).map((name) => 1n << BigInt((byName.get(name) ?? 0) - 1));
        expect(bits.reduce((sum, bit) => sum + bit, 0n)).toBe(mask);
      }),
    );
  });
});

describe('what is no signal', () => {
  test.each([NaN, -1, 0, -0, 65, 1.5, Infinity, 'sigint', 'INT', '', ' ', '2', 'SIGRTMIN+99'])(
    '%p is unknown',
    (value) => {
      const error = failure(toNumber, value);
      expect(error.code).toBe('ERR_UNKNOWN_SIGNAL');
      expect(error.message).toContain(`Unknown signal ${show(value)}: expected`);
      expect(error.message).toContain("such as 'SIGTERM'");
      expect(failure(toNumbers, value)).toEqual(error);
    },
  );

  const revoked = Proxy.revocable([], {});
  revoked.revoke();
  const throws = (): never => {
    throw new Error('ran');
  };

  test.each([
    ['null', null],
    ['undefined', undefined],
    ['true', true],
    ['2n', 2n],
    ['Symbol(SIGINT)', Symbol('SIGINT')],
    ['{}', {}],
    ["[String: 'SIGINT']", Object('SIGINT')],
    ['{ toString: [Function: throws] }', { toString: throws }],
    ['{ name: [Getter] }', Object.defineProperty({}, 'name', { get: throws, enumerable: true })],
    ['[Object]', Object.defineProperty({}, Symbol.toStringTag, { get: throws })],
    ['{}', new Proxy({}, { get: throws, has: throws, ownKeys: throws })],
    ['<Revoked Proxy>', revoked.proxy],
  ])('%s is of the wrong type', (shown, value) => {
    for (const call of [toNumber, toNumbers]) {
      const error = failure(call, value);
      expect(error.code).toBe('ERR_INVALID_ARG');
      expect(error.message).toContain(`Invalid signal: ${shown}; expected a signal name`);
    }
  });

  test('is cut short in the message when it is long', () => {
    expect(failure(toNumber, 'x'.repeat(1_000_000)).message).toMatch(/'x{40}'\.\.\./);
    expect(failure(toNumber, Symbol('x'.repeat(1_000_000))).message.length).toBeLessThan(300);
  });

  test('cannot steer a terminal from within the message', () => {
    expect(failure(toNumber, '\x1b[2J').message).not.toContain('\x1b');
  });

  test('never gives anything but an error that repeats it', () => {
    const known = new Set<unknown>([
      ...allSignals().flatMap((number) => [number, toName(number)]),
      ...reservedSignals(),
    ]);
    const junk = fc
      .oneof(
        fc.anything({ withBigInt: true, withDate: true, withNullPrototype: true, withSet: true }),
        fc.integer({ min: -100, max: 200 }),
        fc.string().map((tail) => `SIG${tail}`),
        fc.integer({ min: 31, max: 99 }).map((step) => `SIGRTMIN+${step}`),
      )
      .filter((value) => !known.has(value));
    fc.assert(
      fc.property(junk, (value) => {
        const error = failure(toNumber, value);
        const isName = typeof value === 'string' || typeof value === 'number';
        expect(error.code).toBe(isName ? 'ERR_UNKNOWN_SIGNAL' : 'ERR_INVALID_ARG');
        expect(error.message).toContain(show(value));
      }),
      { numRuns: 500 },
    );
  });

  test.each([
    ['sigint', "'SIGINT'"],
    ['INT', "'SIGINT'"],
    [' SIGHUP', "'SIGHUP'"],
    ['SIGTREM', "'SIGTERM'"],
    ['SIGTER', "'SIGTERM'"],
    ['SIGKILLL', "'SIGKILL'"],
    ['sigtarm', "'SIGTERM'"],
    ['rtmin+3', "'SIGRTMIN+3'"],
    ['15', '15'],
  ])('%p: did you mean %s?', (value, meant) => {
    expect(failure(toNumber, value).message).toMatch(
      new RegExp(`Did you mean ${escape(meant)}\\?$`),
    );
  });

  // The last is one letter away from SIGTTIN and from SIGTTOU's neighbour alike: no guess.
  test.each(['', 'hello', '65', 'SIGRTMIN+31', 'SIGTT'])('%p: no guess', (value) => {
    expect(failure(toNumber, value).message).not.toContain('Did you mean');
  });
});

describe('a list of signals', () => {
  test('may be one signal, and holds each once in the order given', () => {
    expect(toNumbers('SIGTERM')).toEqual([15]);
    expect(toNumbers(RTMIN)).toEqual([RTMIN]);
    expect(toNumbers(['SIGTERM', 2, 'SIGINT', 'SIGRTMIN', 15])).toEqual([15, 2, RTMIN]);
  });

  test.each([
    [[], 'ERR_INVALID_ARG', 'at least one signal'],
    [['SIGINT', 'sigterm'], 'ERR_UNKNOWN_SIGNAL', "'sigterm'"],
    [['SIGINT', undefined], 'ERR_INVALID_ARG', 'undefined'],
    [[['SIGINT']], 'ERR_INVALID_ARG', "'SIGINT'"],
    [new Array(2), 'ERR_INVALID_ARG', 'undefined'],
    [['SIGINT', 32], 'ERR_RESERVED_SIGNAL', 'SIG32'],
    [new Set(['SIGINT']), 'ERR_INVALID_ARG', 'Set(1)'],
  ])('%p is refused', (value, code, text) => {
    const error = failure(toNumbers, value);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });

  test('whose elements cannot be read is refused', () => {
    const list = new Proxy(['SIGINT'], {
      get() {
        throw new Error('ran');
      },
    });
    expect(failure(toNumbers, list).code).toBe('ERR_INVALID_ARG');
  });
});

describe('traits', () => {
  test('say which signals are unlike the others', () => {
    const having = (is: (number: number) => boolean): string[] =>
      [...allSignals(), ...reservedSignals()].filter(is).map(toName);
    expect(having((number) => !traits(number).catchable)).toEqual([
      'SIGKILL',
      'SIGSTOP',
      ...reservedSignals().map(toName),
    ]);
    expect(having((number) => traits(number).synchronous)).toEqual([
      ...['SIGILL', 'SIGTRAP', 'SIGBUS', 'SIGFPE', 'SIGSEGV'],
    ]);
    expect(having((number) => traits(number).realtime)).toEqual(allSignals().slice(31).map(toName));
    expect(having((number) => traits(number).reservedFor !== null)).toEqual([
      ...['SIGUSR1', 'SIGSEGV', 'SIGPIPE', 'SIGCHLD', 'SIGXFSZ', 'SIGPROF'],
      ...reservedSignals().map(toName),
    ]);
  });

  test('are one frozen object for each signal', () => {
    expect(traits(2)).toBe(traits(2));
    expect(Object.isFrozen(traits(2))).toBe(true);
    expect(failure(traits, 99).code).toBe('ERR_UNKNOWN_SIGNAL');
    expect(failure(defaultAction, 0).code).toBe('ERR_UNKNOWN_SIGNAL');
  });

  test('core dumps as signal(7) lists them', () => {
    const dumping = allSignals().filter((number) => defaultAction(number) === 'core');
    expect(dumping.map(toName)).toEqual([
      ...['SIGQUIT', 'SIGILL', 'SIGTRAP', 'SIGABRT', 'SIGBUS', 'SIGFPE', 'SIGSEGV'],
      ...['SIGXCPU', 'SIGXFSZ', 'SIGSYS'],
    ]);
    expect(defaultAction(toNumber('SIGCONT'))).toBe('continue');
  });

  const stopping = allSignals().filter((number) => defaultAction(number) === 'stop');
  const others = [...allSignals().slice(0, 31), RTMIN].filter((one) => !stopping.includes(one));

  // Nobody stops an orphaned process group (setpgid(2)), and where a daemon runs these tests theirs is one.
  // A shell with job control (dash needs a terminal for that) makes one whose leader's parent is the shell.
  test.each(stopping.map((number) => [toName(number), number] as const))(
    'of %s: its default action is to stop, as the kernel does',
    async (_name, number) => {
      const shell = spawn('bash', ['-c', 'set -m; sleep 1000 & echo $!; read -r']);
      const [line] = (await guarded(once(shell.stdout, 'data'), () => 'a job to start')) as [
        Buffer,
      ];
      const pid = Number(line.toString());
      onTestEnd(() => {
        killQuietly(pid);
        killQuietly(shell.pid);
      });
      kill(pid, number);
      await untilState(pid, 'T');
    },
  );

  test.each(others.map((number) => [toName(number), number] as const))(
    'of %s: its default action is what the kernel does',
    async (_name, number) => {
      const cat = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
      const pid = cat.pid ?? 0;
      onTestEnd(() => {
        killQuietly(pid);
      });
      const echo = async (): Promise<unknown> => {
        cat.stdin.write('x');
        return guarded(once(cat.stdout, 'data'), () => 'cat to answer');
      };
      await echo();
      const closed = once(cat, 'close');
      kill(pid, number);
      switch (defaultAction(number)) {
        case 'terminate':
        case 'core':
          await guarded(closed, () => 'cat to die');
          // Node has no names for real-time signals, and none is what it then gives.
          expect(cat.signalCode === null ? RTMIN : constants.signals[cat.signalCode]).toBe(
            Math.min(number, RTMIN),
          );
          break;
        default:
          expect(await echo()).toHaveLength(1);
      }
    },
  );
});

function escape(text: string): string {
  return text.replace(/[+]/g, '\\$&');
}
