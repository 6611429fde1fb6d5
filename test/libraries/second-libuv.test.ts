// An addon that brings a libuv of its own along, as Debian has it: its handler is another one, and knows
// nothing of the runtime's.
import { describe, expect, test } from '@jest/globals';

import { besideLateLibuv, ORDERS, WAYS } from '../support/late-libuv';

describe.each(ORDERS)('a uv_signal_t of a second libuv, %s', (order) => {
  test.each(WAYS)('hears each signal once beside %s, and after', async (way) => {
    const heard = way === 'on' ? 3 : 0;
    expect(await besideLateLibuv(order, way, { library: 'libuv.so.1' })).toEqual([
      [3, heard, 'sigbridge'],
      [5, heard, 'native'],
      [5, heard, null],
    ]);
  });
});
