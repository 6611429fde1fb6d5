import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { openFolder, readDocument } from '../support/document';
import { type ScenarioBody, scenarioCommand } from '../support/scenario';
import { besideSystemd } from '../support/systemd';

type ShutdownModule = typeof import('sigbridge/shutdown');

const page = fs.readFileSync(path.join(__dirname, '../../docs/shutdown.md'), 'utf8');
const recipe = /^```ini\n([^]*?)^```$/m.exec(page)?.[1] ?? '';
let folder: string;
beforeAll(() => {
  folder = openFolder(readDocument(page), os.tmpdir());
});
afterAll(() => {
  fs.rmSync(folder, { recursive: true });
});

// When it has stopped, systemd forgets how.
const TOLD = `ExecStopPost=/bin/sh -c 'echo $SERVICE_RESULT $EXIT_CODE $EXIT_STATUS >$XDG_RUNTIME_DIR/told'`;
const TELL = 'cat "$XDG_RUNTIME_DIR/told"';

const unitOf = (command: string, ...lines: string[]): string =>
  ['[Service]', 'Type=notify', `ExecStart=${command}`, TOLD, ...lines, ''].join('\n');

const started = (body: ScenarioBody<null>): string =>
  scenarioCommand(body)
    .map((word) => JSON.stringify(word).replaceAll('$', '$$$$').replaceAll('%', '%%'))
    .join(' ');

const SHOW = 'systemctl --user show tried.service -p';

describe('under systemd', () => {
  test('the recipe: started when it listens, and ended in order', async () => {
    const output = path.join(folder, 'output');
    const unit = recipe
      .replace('/usr/bin/node', process.execPath)
      .replace('/srv', folder)
      .concat(`StandardOutput=file:${output}\n${TOLD}\n`);
    const shown = await besideSystemd(
      { 'tried.service': unit },
      `systemctl --user start tried.service && cat ${output}
       systemctl --user stop tried.service && ${TELL}`,
    );
    expect(shown).toMatch(/^\d+ \d+\nsuccess killed TERM\n$/);
    expect(fs.readFileSync(output, 'utf8')).toMatch(/\ndatabase closed\n$/);
  });

  test('the time that it asks for is more than TimeoutStopSec', async () => {
    const command = started(({ require }) => {
      const { createShutdown, supervisor } = require('sigbridge/shutdown') as ShutdownModule;
      const shutdown = createShutdown({ progress: 'none', totalMs: 60_000 });
      const long = (resolve: () => void): unknown => setTimeout(resolve, 3_000);
      shutdown.stage('long', () => new Promise<void>(long));
      setInterval(() => undefined, 60_000);
      const told = supervisor(shutdown);
      told.status('at work');
      told.ready();
    });
    const shown = await besideSystemd(
      { 'tried.service': unitOf(command, 'TimeoutStopSec=1') },
      `systemctl --user start tried.service && ${SHOW} StatusText
       systemctl --user stop tried.service && ${TELL}`,
    );
    expect(shown).toBe('StatusText=at work\nsuccess killed TERM\n');
  });

  test('WatchdogSec: one that turns is left alone, one that hangs is ended', async () => {
    const command = started(({ require }) => {
      const { createShutdown, supervisor } = require('sigbridge/shutdown') as ShutdownModule;
      const { existsSync } = require('node:fs') as typeof import('node:fs');
      const file = `${process.env['XDG_RUNTIME_DIR'] ?? ''}/hang`;
      setInterval(() => {
        if (existsSync(file)) for (;;);
      }, 10);
      supervisor(createShutdown({ progress: 'none' })).ready();
    });
    const shown = await besideSystemd(
      { 'tried.service': unitOf(command, 'WatchdogSec=3') },
      `systemctl --user start tried.service; sleep 7; ${SHOW} ActiveState
       touch "$XDG_RUNTIME_DIR/hang"
       until ${TELL}; do sleep 0.1; done 2>/dev/null`,
    );
    expect(shown).toMatch(/^ActiveState=active\nwatchdog /);
  });
});
