import { describe, expect, test } from '@jest/globals';

import { ADDONS, besideLateLibuv, ORDERS, WAYS } from '../../support/late-libuv';

const FINDS = { lateuv: 'by dlsym', nameduv: 'by names that it spells nowhere' };

describe.each(
  ADDONS.flatMap((addon) => ORDERS.map((order) => [addon, FINDS[addon], order] as const)),
)("a uv_signal_t of an addon (%s) that finds the runtime's libuv %s, %s", (addon, _, order) => {
  test.each(WAYS)('hears each signal once beside %s, and after', async (way) => {
    const heard = way === 'on' ? 3 : 0;
    expect(await besideLateLibuv(order, way, { addon })).toEqual([
      [3, heard, 'sigbridge'],
      [5, heard, 'libuv'],
      [5, heard, null],
    ]);
  });
});
