// Builds the C libraries that the tests and the examples load; a consumer's install never does.
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

for (const folder of ['test/fixtures', 'examples/clib']) {
  const directory = fileURLToPath(new URL(`../${folder}`, import.meta.url));
  if (!existsSync(`${directory}/binding.gyp`)) continue;
  execFileSync('node-gyp', ['configure', 'build', '--loglevel=warn', '-C', directory], {
    stdio: 'inherit',
    env: { ...process.env, MAKEFLAGS: '-s' },
  });
}
