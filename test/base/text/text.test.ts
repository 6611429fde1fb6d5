import { describe, expect, test } from '@jest/globals';

import { table } from '../../../lib/base/text/table';
import { shortCommand, shortened } from '../../../lib/base/text/shortened';

test('shortened text says so, and is as long as it may be', () => {
  expect([shortened('12345', 5), shortened('123456', 5)]).toEqual(['12345', '1234…']);
});

test('a table may have more rows than a call has arguments', () => {
  const rows = Array<number>(200_000).fill(1).concat(1234);
  const text = table([{ title: 'A', text: String, align: 'right' }], rows, false);
  expect([text.slice(0, 10), text.slice(-10)]).toEqual(['   A\n   1\n', '   1\n1234\n']);
});

describe('a command line', () => {
  const long = `/${'folder/'.repeat(6)}`;

  test('that fits stays whole', () => {
    const command = '/usr/bin/node /srv/app.js';
    expect(shortCommand(command)).toBe(command);
  });

  test('that does not gives up folders first, of every word', () => {
    expect(shortCommand(`${long}node --x ${long}app.js /tmp/`)).toBe('…/node --x …/app.js /tmp/');
  });
});
