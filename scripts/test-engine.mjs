// Builds and runs the engine's own tests twice: under AddressSanitizer with
// UndefinedBehaviorSanitizer, and under ThreadSanitizer. The results of each run are left as JSON
// in .cache/engine-<name>/result.json.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

const builds = [
  { name: 'address', sanitize: 'address,undefined' },
  { name: 'thread', sanitize: 'thread' },
];

const run = (command, args, env) => {
  const { status, signal, error } = spawnSync(command, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...env },
  });
  if (error) throw error;
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ended with ${status ?? signal}`);
};

let failed = false;
for (const { name, sanitize } of builds) {
  const folder = path.join('.cache', `engine-${name}`);
  const result = path.join(root, folder, 'result.json');
  console.log(`\n# engine_test, -fsanitize=${sanitize}`);
  rmSync(result, { force: true });
  try {
    run('cmake', ['-S', '.', '-B', folder, `-DSIGBRIDGE_SANITIZE=${sanitize}`]);
    run('cmake', ['--build', folder, '--target', 'engine_test']);
    run('ctest', ['--test-dir', folder, '--output-on-failure', '--no-tests=error'], {
      GTEST_OUTPUT: `json:${result}`,
      ASAN_OPTIONS: 'detect_leaks=1:detect_stack_use_after_return=1',
      UBSAN_OPTIONS: 'print_stacktrace=1',
      TSAN_OPTIONS: 'halt_on_error=0:second_deadlock_stack=1',
    });
  } catch (error) {
    console.error(error.message);
    failed = true;
  }
}
process.exitCode = failed ? 1 : 0;
