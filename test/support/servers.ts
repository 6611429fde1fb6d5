import { expect } from '@jest/globals';

import { startLoad } from './load';
import { type Scenario, scenario } from './scenario';

/** An HTTP server of a process of its own, with the stage for it; reports its port, and at the end its count. */
export async function httpServerUnderTest(): Promise<{ child: Scenario; port: number }> {
  const child = await scenario(({ require, report }) => {
    const http = require('node:http') as typeof import('node:http');
    const { createShutdown, httpServer } =
      require('sigbridge/shutdown') as typeof import('sigbridge/shutdown');
    let finished = 0;
    let asked = 0;
    const server = http.createServer((_request, response) => {
      const number = asked++;
      response.on('finish', () => finished++);
      // Some at once, some under way for a while.
      if (number % 3 === 0) response.end('now');
      else setTimeout(() => response.end('later'), number % 7);
    });
    const shutdown = createShutdown({ progress: 'none' });
    shutdown.stage('http', httpServer(server));
    shutdown.on('end', ({ stages }) => {
      report({ asked, finished, outcome: stages[0]?.outcome });
    });
    server.listen(0, '127.0.0.1', () => {
      report((server.address() as import('node:net').AddressInfo).port);
    });
  });
  return { child, port: await child.next<number>() };
}

/** One run: load, SIGTERM in the middle, and nothing may fail. */
export async function terminateUnderLoad(): Promise<void> {
  const { child, port } = await httpServerUnderTest();
  const generator = startLoad(port, 10);
  await generator.answered(100);
  child.kill('SIGTERM');
  const end = await child.next<{ asked: number; finished: number; outcome: string }>();
  const exit = await child.exit;
  const load = generator.stop();
  expect({ ...load, refused: 0 }).toEqual({
    good: end.asked,
    bad: 0,
    refused: 0,
    failures: [],
    lost: 0,
  });
  expect(end).toEqual({ asked: load.good, finished: load.good, outcome: 'done' });
  expect(exit).toMatchObject({ signal: 'SIGTERM', stderr: '' });
}
