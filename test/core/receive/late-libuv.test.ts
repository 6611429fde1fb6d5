import { describe, expect, test } from '@jest/globals';

import { besideLateLibuv, ORDERS, WAYS } from '../../support/late-libuv';

describe.each(ORDERS)(
  "a uv_signal_t of an addon that finds the runtime's libuv by dlsym, %s",
  (order) => {
    test.each(WAYS)('hears each signal once beside %s, and after', async (way) => {
      const heard = way === 'on' ? 3 : 0;
      expect(await besideLateLibuv(order, way)).toEqual([
        [3, heard, 'sigbridge'],
        [5, heard, 'libuv'],
        [5, heard, null],
      ]);
    });
  },
);
